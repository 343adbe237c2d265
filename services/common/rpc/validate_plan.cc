#include "services/common/rpc/validate_plan.h"

#include <mutex>
#include <shared_mutex>
#include <unordered_map>

namespace fairlead::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// Where no rule says so (options.proto says these numbers to callers).
constexpr size_t kDefaultStringBytes = 256;
constexpr size_t kDefaultBytes = 65'536;
constexpr int kDefaultItems = 100;

class Plans {
 public:
  const MessagePlan& For(const Descriptor& descriptor) {
    {
      const std::shared_lock lock(mutex_);
      const auto found = plans_.find(&descriptor);
      if (found != plans_.end()) return *found->second;
    }
    const std::unique_lock lock(mutex_);
    const MessagePlan& plan = *Make(descriptor);
    // Types may contain each other: what lies inside is known only once all are made.
    for (bool changed = true; changed;) changed = SpreadSecrets();
    return plan;
  }

 private:
  const MessagePlan* Make(const Descriptor& descriptor) {
    const auto [at, fresh] = plans_.try_emplace(&descriptor);
    if (!fresh) return at->second.get();
    at->second = std::make_unique<MessagePlan>();
    MessagePlan* plan = at->second.get();
    plan->descriptor = &descriptor;
    plan->is_timestamp = descriptor.full_name() == "google.protobuf.Timestamp";
    for (int i = 0; i < descriptor.field_count(); ++i) {
      plan->fields.push_back(MakeField(*descriptor.field(i)));
      if (plan->fields.back().secret) plan->has_secret = true;
    }
    return plan;
  }

  FieldPlan MakeField(const FieldDescriptor& field) {
    const api::v1::FieldRule& rule = field.options().GetExtension(api::v1::field);
    FieldPlan plan;
    plan.field = &field;
    plan.type = field.cpp_type();
    plan.repeated = field.is_repeated();
    plan.has_presence = field.has_presence();
    plan.required = rule.required();
    plan.secret = rule.secret();
    plan.is_bytes = field.type() == FieldDescriptor::TYPE_BYTES;
    plan.format = rule.format();
    const size_t otherwise = plan.is_bytes ? kDefaultBytes : kDefaultStringBytes;
    plan.max_length = rule.max_length() != 0 ? rule.max_length() : otherwise;
    plan.max_items = rule.max_items() != 0 ? static_cast<int>(rule.max_items()) : kDefaultItems;
    plan.has_bounds = rule.min() != 0 || rule.max() != 0;
    plan.min = rule.min();
    plan.max = rule.max();
    if (plan.type == FieldDescriptor::CPPTYPE_MESSAGE) plan.message = Make(*field.message_type());
    return plan;
  }

  bool SpreadSecrets() {
    bool changed = false;
    for (auto& [descriptor, plan] : plans_) {
      if (plan->has_secret) continue;
      plan->has_secret = std::ranges::any_of(plan->fields, [](const FieldPlan& field) {
        return field.message != nullptr && field.message->has_secret;
      });
      changed = changed || plan->has_secret;
    }
    return changed;
  }

  std::shared_mutex mutex_;
  std::unordered_map<const Descriptor*, std::unique_ptr<MessagePlan>> plans_;
};

}  // namespace

const MessagePlan& PlanFor(const Descriptor& descriptor) {
  static Plans& plans = *new Plans;  // never destroyed: used until the last thread has ended
  return plans.For(descriptor);
}

}  // namespace fairlead::rpc
