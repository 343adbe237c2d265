#include "tests/authority/attack.h"

#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <cstdlib>

#include "fairlead/api/v1/options.pb.h"
#include "services/common/base/encoding.h"

namespace fairlead::authority {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

constexpr size_t kDeepest = 3;
// Reading a row that is there takes some microseconds more than finding none. The way through the
// gateway and a network varies by many times that; what is nearer than this is not told apart.
constexpr int64_t kFloorNs = 20'000;

const api::v1::FieldRule& RuleOf(const FieldDescriptor& field) {
  return field.options().GetExtension(api::v1::field);
}

bool HoldsAnId(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_STRING &&
         RuleOf(field).format() == api::v1::FORMAT_UUID && field.name() != "request_id";
}

// Codes that the commands know, so that a call gets as far as the record.
std::string KnownCode(const FieldDescriptor& field) {
  if (field.containing_type()->name() == "RecordFollowUpRequest") return "not_reached";
  if (field.containing_type()->name().ends_with("AppointmentRequest")) return "other";
  if (field.containing_type()->name() == "RequestBreakGlassRequest") return "medical_emergency";
  if (field.name() == "outcome_code") return "enrolled";
  if (field.name() == "need_code") return "shelter_bed";
  if (field.name() == "membership") return "suspended";
  const bool cancels = field.containing_type()->name() == "CancelReferralRequest";
  return cancels ? "client_withdrew" : "no_capacity";
}

std::string PlausibleText(const FieldDescriptor& field, IdGenerator& ids) {
  switch (RuleOf(field).format()) {
    case api::v1::FORMAT_UUID:
      return ids.New();
    case api::v1::FORMAT_E164:
      return "+15125550100";
    case api::v1::FORMAT_CODE:
      return KnownCode(field);
    case api::v1::FORMAT_COUNTY_FIPS:
      return "48201";
    case api::v1::FORMAT_LANGUAGE:
      return "es";
    case api::v1::FORMAT_SHA256_BASE64URL:
      return Base64UrlEncode(Sha256(ids.New()));
    case api::v1::FORMAT_SIGN_IN_NAME:
      return "someone." + ids.New().substr(24);
    default:
      return "x";
  }
}

void Fill(Message& message, IdGenerator& ids, size_t depth);

void FillField(Message& message, const FieldDescriptor& field, IdGenerator& ids, size_t depth) {
  const auto* reflection = message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      Fill(field.is_repeated() ? *reflection->AddMessage(&message, &field)
                               : *reflection->MutableMessage(&message, &field),
           ids, depth + 1);
      return;
    case FieldDescriptor::CPPTYPE_STRING:
      if (field.is_repeated()) {
        reflection->AddString(&message, &field, PlausibleText(field, ids));
      } else {
        reflection->SetString(&message, &field, PlausibleText(field, ids));
      }
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      if (field.is_repeated()) {
        reflection->AddEnumValue(&message, &field, 1);
      } else {
        reflection->SetEnumValue(&message, &field, 1);
      }
      return;
    default:
      return;  // numbers and switches: nought will do
  }
}

void Fill(Message& message, IdGenerator& ids, size_t depth) {
  if (depth > kDeepest) return;
  const Descriptor& descriptor = *message.GetDescriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    if (RuleOf(field).required()) FillField(message, field, ids, depth);
    const bool least = RuleOf(field).min() > 0 && !field.is_repeated();
    if (least && field.cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
      message.GetReflection()->SetInt64(&message, &field, RuleOf(field).min());
    }
  }
}

void Collect(const Descriptor& descriptor, FieldPath& path, std::vector<FieldPath>& found) {
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    path.push_back(&field);
    if (HoldsAnId(field)) found.push_back(path);
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && path.size() < kDeepest) {
      Collect(*field.message_type(), path, found);
    }
    path.pop_back();
  }
}

int64_t Apart(int64_t one, int64_t other) { return one > other ? one - other : other - one; }

int64_t Quantile(std::vector<int64_t> values, size_t quarters) {
  if (values.empty()) return 0;
  const size_t at = (values.size() - 1) * quarters / 4;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}

}  // namespace

std::string NameOf(const FieldPath& path) {
  std::string name;
  for (const auto* field : path) name += (name.empty() ? "" : ".") + field->name();
  return name;
}

std::vector<FieldPath> IdFields(const Descriptor& request) {
  FieldPath path;
  std::vector<FieldPath> found;
  Collect(request, path, found);
  return found;
}

std::unique_ptr<Message> Plausible(const Descriptor& request, IdGenerator& ids) {
  const Message* prototype = MessageFactory::generated_factory()->GetPrototype(&request);
  std::unique_ptr<Message> message(prototype->New());
  Fill(*message, ids, 0);
  return message;
}

void Place(Message& request, const FieldPath& path, const std::string& id, IdGenerator& ids) {
  Message* at = &request;
  for (const FieldDescriptor* field : path) {
    const auto* reflection = at->GetReflection();
    if (field != path.back()) {
      const bool there = field->is_repeated() ? reflection->FieldSize(*at, field) > 0
                                              : reflection->HasField(*at, field);
      if (!there) FillField(*at, *field, ids, 0);
      at = field->is_repeated() ? reflection->MutableRepeatedMessage(at, field, 0)
                                : reflection->MutableMessage(at, field);
    } else if (field->is_repeated()) {
      reflection->ClearField(at, field);
      reflection->AddString(at, field, id);
    } else {
      reflection->SetString(at, field, id);
    }
  }
}

// A time takes fewer bytes on a full second: that says when it was asked, not about what.
void OffTheFullSecond(Message& message) {
  constexpr int32_t kNanos = 999'000'000;
  if (auto* time = dynamic_cast<google::protobuf::Timestamp*>(&message)) {
    time->set_nanos(kNanos);
    return;
  }
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      OffTheFullSecond(*reflection->MutableMessage(&message, field));
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      OffTheFullSecond(*reflection->MutableRepeatedMessage(&message, field, i));
    }
  }
}

Answer AnswerOf(const Result<std::unique_ptr<Message>>& reply) {
  Answer answer;
  if (reply) {
    OffTheFullSecond(**reply);
    answer.size = static_cast<int64_t>((*reply)->ByteSizeLong());
    return answer;
  }
  answer.code = reply.error().code;
  answer.reason = reply.error().reason;
  answer.size = static_cast<int64_t>(reply.error().message.size());
  for (const auto& [key, value] : reply.error().metadata) {
    answer.metadata_keys += key + " ";
    answer.size += static_cast<int64_t>(key.size() + value.size());
  }
  return answer;
}

std::string ToString(const Answer& answer) {
  return std::string(CodeName(answer.code)) + " " + answer.reason + " [" + answer.metadata_keys +
         "] " + std::to_string(answer.size) + " bytes";
}

bool Alike(const Answer& one, const Answer& other) {
  return one.code == other.code && one.reason == other.reason &&
         one.metadata_keys == other.metadata_keys && Apart(one.size, other.size) <= 16;
}

std::string Telling(const Times& times) {
  const int64_t theirs = Quantile(times.theirs_ns, 2);
  const int64_t nobodys = Quantile(times.nobodys_ns, 2);
  const int64_t again = Quantile(times.nobodys_again_ns, 2);
  const int64_t spread = Quantile(times.nobodys_ns, 3) - Quantile(times.nobodys_ns, 1);
  const int64_t noise = std::max({spread, 3 * Apart(nobodys, again), kFloorNs});
  const int64_t apart = std::min(Apart(theirs, nobodys), Apart(theirs, again));
  if (apart <= noise) return "";
  return "theirs " + std::to_string(theirs / 1000) + " us, nobody's " +
         std::to_string(nobodys / 1000) + " and " + std::to_string(again / 1000) + " us, noise " +
         std::to_string(noise / 1000) + " us";
}

}  // namespace fairlead::authority
