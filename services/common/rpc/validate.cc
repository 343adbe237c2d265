#include "services/common/rpc/validate.h"

#include <cmath>
#include <limits>

#include "services/common/base/encoding.h"
#include "services/common/rpc/format.h"
#include "services/common/rpc/validate_plan.h"

namespace fairlead::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// google/protobuf/timestamp.proto: 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z.
constexpr int64_t kLeastTimestampS = -62'135'596'800;
constexpr int64_t kMostTimestampS = 253'402'300'799;
constexpr int64_t kMostNanos = 999'999'999;

// What is wrong, and where; the place is put together on the way out, only when there is a fault.
struct Fault {
  std::string_view reason;  // empty: nothing is wrong
  std::string path;
  explicit operator bool() const { return !reason.empty(); }
};

// "files" and "[2].name" make "files[2].name", "facets" and "county" make "facets.county".
std::string Join(const std::string& head, const std::string& rest) {
  return head + (rest.empty() || rest[0] == '[' ? "" : ".") + rest;
}

Fault Found(std::string_view reason) { return {reason, {}}; }
const Fault kNone;

// Eight bytes at a time: nearly all we see is ASCII (sealed packets are JSON of base64url).
bool IsAscii(std::string_view text) {
  const char* at = text.data();
  size_t left = text.size();
  uint64_t seen = 0;
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    seen |= word;
  }
  for (; left > 0; ++at, --left) seen |= static_cast<unsigned char>(*at);
  return (seen & 0x8080808080808080ULL) == 0;
}

std::string_view TextFault(const FieldPlan& plan, const std::string& text) {
  if (text.size() > plan.max_length) return "FIELD_TOO_LONG";
  if (plan.is_bytes) return {};
  if (!IsAscii(text) && !IsUtf8(text)) return "INVALID_UTF8";
  if (std::memchr(text.data(), '\0', text.size()) != nullptr) return "INVALID_CHARACTER";
  if (!text.empty() && !HasFormat(text, plan.format)) return FormatReason(plan.format);
  return {};
}

std::string_view IntFault(const FieldPlan& plan, int64_t value) {
  if (plan.required && value == 0) return "FIELD_REQUIRED";
  if (plan.has_bounds && (value < plan.min || value > plan.max)) return "OUT_OF_RANGE";
  return {};
}

std::string_view UintFault(const FieldPlan& plan, uint64_t value) {
  constexpr uint64_t kMost = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (value > kMost) return plan.has_bounds ? "OUT_OF_RANGE" : std::string_view();
  return IntFault(plan, static_cast<int64_t>(value));
}

std::string_view DoubleFault(const FieldPlan& plan, double value) {
  if (!std::isfinite(value)) return "OUT_OF_RANGE";
  if (plan.required && value == 0) return "FIELD_REQUIRED";
  const bool outside = value < static_cast<double>(plan.min) ||
                       value > static_cast<double>(plan.max);
  return plan.has_bounds && outside ? "OUT_OF_RANGE" : std::string_view();
}

std::string_view EnumFault(const FieldPlan& plan, int value) {
  if (plan.required && value == 0) return "FIELD_REQUIRED";
  if (plan.field->enum_type()->FindValueByNumber(value) == nullptr) return "UNKNOWN_ENUM_VALUE";
  return {};
}

Fault CheckMessage(const Message& message, const MessagePlan& plan, int depth);

Fault CheckOne(const Message& message, const Reflection& reflection, const FieldPlan& plan,
               int depth) {
  switch (plan.type) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      const std::string& text = reflection.GetStringReference(message, plan.field, &scratch);
      if (plan.required && text.empty()) return Found("FIELD_REQUIRED");
      return Found(TextFault(plan, text));
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return CheckMessage(reflection.GetMessage(message, plan.field), *plan.message, depth + 1);
    case FieldDescriptor::CPPTYPE_ENUM:
      return Found(EnumFault(plan, reflection.GetEnumValue(message, plan.field)));
    case FieldDescriptor::CPPTYPE_INT32:
      return Found(IntFault(plan, reflection.GetInt32(message, plan.field)));
    case FieldDescriptor::CPPTYPE_INT64:
      return Found(IntFault(plan, reflection.GetInt64(message, plan.field)));
    case FieldDescriptor::CPPTYPE_UINT32:
      return Found(UintFault(plan, reflection.GetUInt32(message, plan.field)));
    case FieldDescriptor::CPPTYPE_UINT64:
      return Found(UintFault(plan, reflection.GetUInt64(message, plan.field)));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Found(DoubleFault(plan, reflection.GetDouble(message, plan.field)));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Found(
          DoubleFault(plan, static_cast<double>(reflection.GetFloat(message, plan.field))));
    case FieldDescriptor::CPPTYPE_BOOL:
      if (!plan.required || reflection.GetBool(message, plan.field)) return kNone;
      return Found("FIELD_REQUIRED");
  }
  return kNone;
}

Fault CheckItem(const Message& message, const Reflection& reflection, const FieldPlan& plan,
                int index, int depth) {
  switch (plan.type) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      const std::string& text =
          reflection.GetRepeatedStringReference(message, plan.field, index, &scratch);
      // An item of a list of codes or ids is one: an empty item is not.
      if (text.empty() && plan.format != api::v1::FORMAT_UNSPECIFIED) {
        return Found(FormatReason(plan.format));
      }
      return Found(TextFault(plan, text));
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return CheckMessage(reflection.GetRepeatedMessage(message, plan.field, index),
                          *plan.message, depth + 1);
    case FieldDescriptor::CPPTYPE_ENUM:
      return Found(EnumFault(plan, reflection.GetRepeatedEnumValue(message, plan.field, index)));
    case FieldDescriptor::CPPTYPE_INT32:
      return Found(IntFault(plan, reflection.GetRepeatedInt32(message, plan.field, index)));
    case FieldDescriptor::CPPTYPE_INT64:
      return Found(IntFault(plan, reflection.GetRepeatedInt64(message, plan.field, index)));
    case FieldDescriptor::CPPTYPE_UINT32:
      return Found(UintFault(plan, reflection.GetRepeatedUInt32(message, plan.field, index)));
    case FieldDescriptor::CPPTYPE_UINT64:
      return Found(UintFault(plan, reflection.GetRepeatedUInt64(message, plan.field, index)));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Found(DoubleFault(plan, reflection.GetRepeatedDouble(message, plan.field, index)));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Found(DoubleFault(
          plan, static_cast<double>(reflection.GetRepeatedFloat(message, plan.field, index))));
    case FieldDescriptor::CPPTYPE_BOOL:
      return kNone;
  }
  return kNone;
}

Fault CheckField(const Message& message, const Reflection& reflection, const FieldPlan& plan,
                 int depth) {
  if (plan.repeated) {
    const int size = reflection.FieldSize(message, plan.field);
    if (size == 0) return plan.required ? Found("FIELD_REQUIRED") : kNone;
    if (size > plan.max_items) return Found("TOO_MANY_ITEMS");
    for (int i = 0; i < size; ++i) {
      Fault fault = CheckItem(message, reflection, plan, i, depth);
      if (!fault) continue;
      fault.path = Join("[" + std::to_string(i) + "]", fault.path);
      return fault;
    }
    return kNone;
  }
  if (plan.has_presence && !reflection.HasField(message, plan.field)) {
    return plan.required ? Found("FIELD_REQUIRED") : kNone;
  }
  return CheckOne(message, reflection, plan, depth);
}

Fault CheckMessage(const Message& message, const MessagePlan& plan, int depth) {
  if (depth > kMaxMessageDepth) return Found("TOO_DEEP");
  const Reflection& reflection = *message.GetReflection();
  if (!reflection.GetUnknownFields(message).empty()) return Found("UNKNOWN_FIELD");
  if (plan.is_timestamp) {
    const int64_t seconds = reflection.GetInt64(message, plan.fields[0].field);
    const int64_t nanos = reflection.GetInt32(message, plan.fields[1].field);
    const bool valid = seconds >= kLeastTimestampS && seconds <= kMostTimestampS && nanos >= 0 &&
                       nanos <= kMostNanos;
    return valid ? kNone : Found("INVALID_TIME");
  }
  for (const FieldPlan& field : plan.fields) {
    Fault fault = CheckField(message, reflection, field, depth);
    if (!fault) continue;
    fault.path = Join(field.field->name(), fault.path);
    return fault;
  }
  return kNone;
}

std::string Sentence(std::string_view reason) {
  if (const std::string_view rule = FormatRule(reason); !rule.empty()) {
    return "must be " + std::string(rule);
  }
  if (reason == "FIELD_REQUIRED") return "is required";
  if (reason == "FIELD_TOO_LONG") return "is too long";
  if (reason == "TOO_MANY_ITEMS") return "has too many items";
  if (reason == "OUT_OF_RANGE") return "is out of range";
  if (reason == "UNKNOWN_ENUM_VALUE") return "has an unknown value";
  if (reason == "UNKNOWN_FIELD") return "has a field that is not in the contract";
  if (reason == "TOO_DEEP") return "is nested too deeply";
  if (reason == "INVALID_UTF8") return "must be UTF-8";
  if (reason == "INVALID_CHARACTER") return "must be without the character U+0000";
  if (reason == "INVALID_TIME") return "must be a time of the years 1 to 9999";
  return "does not have the right form";
}

}  // namespace

Result<void> Validate(const Message& request) {
  Fault fault = CheckMessage(request, PlanFor(*request.GetDescriptor()), 1);
  if (!fault) return {};
  // The field's name, never its value: that could be about a client.
  std::string message = fault.path.empty() ? "The request" : fault.path;
  message += " ";
  message += Sentence(fault.reason);
  message += ".";
  std::map<std::string, std::string> metadata;
  if (!fault.path.empty()) metadata["field"] = std::move(fault.path);
  return Fail(Code::kInvalidArgument, std::string(fault.reason), std::move(message),
              std::move(metadata));
}

bool HasSecretField(const google::protobuf::Descriptor& descriptor) {
  return PlanFor(descriptor).has_secret;
}

void ClearSecrets(Message& message) {
  const Reflection& reflection = *message.GetReflection();
  for (const FieldPlan& plan : PlanFor(*message.GetDescriptor()).fields) {
    if (plan.secret) {
      reflection.ClearField(&message, plan.field);
    } else if (plan.message == nullptr || !plan.message->has_secret) {
      continue;
    } else if (plan.repeated) {
      for (int i = 0; i < reflection.FieldSize(message, plan.field); ++i) {
        ClearSecrets(*reflection.MutableRepeatedMessage(&message, plan.field, i));
      }
    } else if (reflection.HasField(message, plan.field)) {
      ClearSecrets(*reflection.MutableMessage(&message, plan.field));
    }
  }
}

}  // namespace fairlead::rpc
