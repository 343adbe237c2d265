#include "tests/contract/compatibility.h"

#include <google/protobuf/descriptor.h>

#include "fairlead/api/v1/options.pb.h"
#include "tests/contract/pool.h"

namespace fairlead::contract {
namespace {

namespace pb = google::protobuf;

std::string TypeText(const pb::FieldDescriptor& field) {
  std::string text = field.is_map() ? "map" : field.is_repeated() ? "repeated" : "single";
  text += std::string(" ") + field.type_name();
  if (field.message_type() && !field.is_map()) text += " " + field.message_type()->full_name();
  if (field.enum_type()) text += " " + field.enum_type()->full_name();
  return text;
}

class Comparison {
 public:
  Comparison(const pb::DescriptorPool& before, const pb::DescriptorPool& after)
      : before_(before), after_(after) {}

  std::vector<std::string> Run(const pb::FileDescriptorSet& before) {
    for (const pb::FileDescriptorProto& proto : before.file()) {
      if (!IsOurs(proto.package())) continue;
      const pb::FileDescriptor& file = *before_.FindFileByName(proto.name());
      for (int i = 0; i < file.message_type_count(); ++i) Message(*file.message_type(i));
      for (int i = 0; i < file.enum_type_count(); ++i) Enum(*file.enum_type(i));
      for (int i = 0; i < file.service_count(); ++i) Service(*file.service(i));
      for (int i = 0; i < file.extension_count(); ++i) Extension(*file.extension(i));
    }
    return std::move(changes_);
  }

 private:
  void Say(const std::string& what) { changes_.push_back(what); }

  void Message(const pb::Descriptor& old) {
    if (old.options().map_entry()) return;
    const pb::Descriptor* now = after_.FindMessageTypeByName(old.full_name());
    if (now == nullptr) return Say("message " + old.full_name() + " was removed");
    for (int i = 0; i < old.field_count(); ++i) Field(*old.field(i), *now);
    for (int i = 0; i < old.nested_type_count(); ++i) Message(*old.nested_type(i));
    for (int i = 0; i < old.enum_type_count(); ++i) Enum(*old.enum_type(i));
  }

  void Field(const pb::FieldDescriptor& old, const pb::Descriptor& message) {
    const std::string name = old.full_name() + " = " + std::to_string(old.number());
    const pb::FieldDescriptor* now = message.FindFieldByNumber(old.number());
    if (now == nullptr) {
      if (const pb::FieldDescriptor* moved = message.FindFieldByName(old.name())) {
        return Say("field " + name + " was renumbered to " + std::to_string(moved->number()));
      }
      if (!message.IsReservedNumber(old.number()) || !message.IsReservedName(old.name())) {
        Say("field " + name + " was removed, and its number and name are not reserved");
      }
      return;
    }
    if (now->name() != old.name()) {
      return Say("field " + name + " is now named " + now->name() + " (JSON clients use names)");
    }
    if (now->json_name() != old.json_name()) Say("field " + name + " has another JSON name");
    if (TypeText(*now) != TypeText(old)) {
      Say("field " + name + " changed from " + TypeText(old) + " to " + TypeText(*now));
    }
    const std::string old_oneof = OneofName(old);
    if (OneofName(*now) != old_oneof) Say("field " + name + " moved into or out of a oneof");
  }

  static std::string OneofName(const pb::FieldDescriptor& field) {
    const pb::OneofDescriptor* oneof = field.real_containing_oneof();
    return oneof == nullptr ? "" : oneof->name();
  }

  void Enum(const pb::EnumDescriptor& old) {
    const pb::EnumDescriptor* now = after_.FindEnumTypeByName(old.full_name());
    if (now == nullptr) return Say("enum " + old.full_name() + " was removed");
    for (int i = 0; i < old.value_count(); ++i) {
      const pb::EnumValueDescriptor& value = *old.value(i);
      const std::string name =
          old.full_name() + "." + value.name() + " = " + std::to_string(value.number());
      const pb::EnumValueDescriptor* same = now->FindValueByName(value.name());
      const pb::EnumValueDescriptor* there = now->FindValueByNumber(value.number());
      if (same != nullptr && same->number() != value.number()) {
        Say("enum value " + name + " was renumbered to " + std::to_string(same->number()));
      } else if (same == nullptr && there != nullptr) {
        Say("enum value " + name + " is now named " + there->name());
      } else if (same == nullptr && !(now->IsReservedNumber(value.number()) &&
                                      now->IsReservedName(value.name()))) {
        Say("enum value " + name + " was removed, and its number and name are not reserved");
      }
    }
  }

  void Service(const pb::ServiceDescriptor& old) {
    const pb::ServiceDescriptor* now = after_.FindServiceByName(old.full_name());
    if (now == nullptr) return Say("service " + old.full_name() + " was removed");
    for (int i = 0; i < old.method_count(); ++i) Method(*old.method(i), *now);
  }

  void Method(const pb::MethodDescriptor& old, const pb::ServiceDescriptor& service) {
    const std::string& name = old.full_name();
    const pb::MethodDescriptor* now = service.FindMethodByName(old.name());
    if (now == nullptr) return Say("RPC " + name + " was removed");
    if (now->input_type()->full_name() != old.input_type()->full_name()) {
      Say("RPC " + name + " has another request");
    }
    if (now->output_type()->full_name() != old.output_type()->full_name()) {
      Say("RPC " + name + " has another response");
    }
    if (now->client_streaming() != old.client_streaming() ||
        now->server_streaming() != old.server_streaming()) {
      Say("RPC " + name + " changed its streaming");
    }
    // Connect's GET works for calls without side effects only.
    if (old.options().idempotency_level() == pb::MethodOptions::NO_SIDE_EFFECTS &&
        now->options().idempotency_level() != pb::MethodOptions::NO_SIDE_EFFECTS) {
      Say("RPC " + name + " had no side effects and now may");
    }
    const api::v1::MethodRule& was = old.options().GetExtension(api::v1::method);
    const api::v1::MethodRule& is = now->options().GetExtension(api::v1::method);
    if (was.public_() && !is.public_()) Say("RPC " + name + " is no longer public");
    if (was.unauthenticated() && !is.unauthenticated()) {
      Say("RPC " + name + " now needs a sign-in");
    }
  }

  void Extension(const pb::FieldDescriptor& old) {
    const pb::FieldDescriptor* now = after_.FindExtensionByName(old.full_name());
    if (now == nullptr || now->number() != old.number() || TypeText(*now) != TypeText(old)) {
      Say("extension " + old.full_name() + " was removed or changed");
    }
  }

  const pb::DescriptorPool& before_;
  const pb::DescriptorPool& after_;
  std::vector<std::string> changes_;
};

}  // namespace

std::vector<std::string> BreakingChanges(const pb::FileDescriptorSet& before,
                                         const pb::FileDescriptorSet& after) {
  const auto before_pool = MakePool(before);
  const auto after_pool = MakePool(after);
  if (!before_pool || !after_pool) return {"a descriptor set is incomplete"};
  return Comparison(*before_pool, *after_pool).Run(before);
}

}  // namespace fairlead::contract
