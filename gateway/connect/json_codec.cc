#include "gateway/connect/json_codec.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "services/common/base/clock.h"
#include "services/common/base/encoding.h"
#include "services/common/base/strict_json.h"

namespace fairlead::gateway {
namespace {

namespace json = boost::json;
namespace pb = google::protobuf;
using pb::FieldDescriptor;

// 0001-01-01T00:00:00Z: a Timestamp begins there.
constexpr int64_t kFirstTimeMs = -62'135'596'800'000;
constexpr const char* kTimestamp = "google.protobuf.Timestamp";

tl::unexpected<Error> Invalid(const char* reason, const char* message, std::string field) {
  return Fail(Code::kInvalidArgument, reason, message, {{"field", std::move(field)}});
}
tl::unexpected<Error> InvalidValue(std::string field) {
  return Invalid("INVALID_VALUE", "A field has a value that does not fit it.", std::move(field));
}

// What a client calls a field is repeated to it only when it could be a field's name.
std::string Printable(json::string_view name) {
  const bool is_name =
      !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
      });
  return is_name ? std::string(name.data(), name.size()) : std::string("?");
}

std::string Join(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

// proto3 JSON: a number, or the same in a string; 1.0 and 1e3 are integers too.
template <class Integer>
std::optional<Integer> ToInteger(const json::value& value) {
  if (const int64_t* number = value.if_int64()) {
    if (std::in_range<Integer>(*number)) return static_cast<Integer>(*number);
    return std::nullopt;
  }
  if (const uint64_t* number = value.if_uint64()) {
    if (std::in_range<Integer>(*number)) return static_cast<Integer>(*number);
    return std::nullopt;
  }
  if (const double* number = value.if_double()) {
    // Beyond 2^53 a double no longer says which integer was meant.
    if (std::trunc(*number) != *number || std::abs(*number) > 9007199254740992.0) {
      return std::nullopt;
    }
    const auto whole = static_cast<int64_t>(*number);
    return std::in_range<Integer>(whole) ? std::optional(static_cast<Integer>(whole))
                                         : std::nullopt;
  }
  if (const json::string* text = value.if_string()) {
    const std::string_view digits(text->data(), text->size());
    const size_t first = digits.starts_with('-') ? 1 : 0;
    if (digits.size() <= first || digits.size() > 20) return std::nullopt;
    if (digits.find_first_not_of("0123456789", first) != std::string_view::npos) {
      return std::nullopt;
    }
    Integer number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return number;
  }
  return std::nullopt;
}

std::optional<double> ToDouble(const json::value& value) {
  if (value.is_number()) return value.to_number<double>();
  return std::nullopt;
}

// Base64 of either alphabet, as proto3 JSON asks of readers.
std::optional<std::string> ToBytes(std::string_view text) {
  if (std::optional<std::string> bytes = Base64Decode(text)) return bytes;
  while (text.ends_with('=')) text.remove_suffix(1);
  return Base64UrlDecode(text);
}

class Reader {
 public:
  Result<void> ReadMessage(const json::value& value, pb::Message& message,
                           const std::string& path) {
    if (message.GetDescriptor()->full_name() == kTimestamp) return ReadTime(value, message, path);
    const json::object* object = value.if_object();
    if (object == nullptr && path.empty()) {
      return Fail(Code::kInvalidArgument, "MALFORMED_JSON", "The request is not a JSON object.",
                  {{"detail", "not_an_object"}});
    }
    if (object == nullptr) return InvalidValue(path);
    std::set<int> seen;
    for (const auto& member : *object) {
      const FieldDescriptor* field = FindField(*message.GetDescriptor(), member.key());
      const std::string where = Join(path, Printable(member.key()));
      if (field == nullptr) {
        return Invalid("UNKNOWN_FIELD", "The request has a field that does not exist.", where);
      }
      // One field under both of its names.
      if (!seen.insert(field->number()).second) {
        return Fail(Code::kInvalidArgument, "MALFORMED_JSON", "The JSON names a field twice.",
                    {{"detail", "duplicate_member"}, {"field", where}});
      }
      if (member.value().is_null()) continue;  // proto3 JSON: null is the default
      FAIRLEAD_RETURN_IF_ERROR(ReadField(member.value(), message, *field, where));
    }
    return {};
  }

 private:
  static const FieldDescriptor* FindField(const pb::Descriptor& descriptor, json::string_view key) {
    const std::string name(key.data(), key.size());
    for (int i = 0; i < descriptor.field_count(); ++i) {
      const FieldDescriptor* field = descriptor.field(i);
      if (field->json_name() == name || field->name() == name) return field;
    }
    return nullptr;
  }

  Result<void> ReadField(const json::value& value, pb::Message& message,
                         const FieldDescriptor& field, const std::string& path) {
    if (!field.is_repeated()) return ReadOne(value, message, field, path);
    const json::array* items = value.if_array();
    if (items == nullptr) return InvalidValue(path);
    for (const json::value& item : *items) {
      if (item.is_null()) return InvalidValue(path);
      FAIRLEAD_RETURN_IF_ERROR(ReadOne(item, message, field, path));
    }
    return {};
  }

  Result<void> ReadOne(const json::value& value, pb::Message& message, const FieldDescriptor& field,
                       const std::string& path) {
    const pb::Reflection& reflection = *message.GetReflection();
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      pb::Message* inner = field.is_repeated() ? reflection.AddMessage(&message, &field)
                                               : reflection.MutableMessage(&message, &field);
      return ReadMessage(value, *inner, path);
    }
    if (SetScalar(value, message, field)) return {};
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM && value.is_string()) {
      return Invalid("UNKNOWN_ENUM_VALUE", "A field has a value that its type lacks.", path);
    }
    return InvalidValue(path);
  }

  // Sets or adds; false when the value does not fit.
  static bool SetScalar(const json::value& value, pb::Message& message,
                        const FieldDescriptor& field) {
    const pb::Reflection& reflection = *message.GetReflection();
    const auto put = [&](auto set, auto add, auto parsed) {
      if (!parsed) return false;
      if (field.is_repeated()) {
        (reflection.*add)(&message, &field, *parsed);
      } else {
        (reflection.*set)(&message, &field, *parsed);
      }
      return true;
    };
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return put(&pb::Reflection::SetInt32, &pb::Reflection::AddInt32, ToInteger<int32_t>(value));
      case FieldDescriptor::CPPTYPE_INT64:
        return put(&pb::Reflection::SetInt64, &pb::Reflection::AddInt64, ToInteger<int64_t>(value));
      case FieldDescriptor::CPPTYPE_UINT32:
        return put(&pb::Reflection::SetUInt32, &pb::Reflection::AddUInt32,
                   ToInteger<uint32_t>(value));
      case FieldDescriptor::CPPTYPE_UINT64:
        return put(&pb::Reflection::SetUInt64, &pb::Reflection::AddUInt64,
                   ToInteger<uint64_t>(value));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return put(&pb::Reflection::SetDouble, &pb::Reflection::AddDouble, ToDouble(value));
      case FieldDescriptor::CPPTYPE_BOOL:
        return put(&pb::Reflection::SetBool, &pb::Reflection::AddBool,
                   value.is_bool() ? std::optional(value.get_bool()) : std::nullopt);
      case FieldDescriptor::CPPTYPE_ENUM:
        return put(&pb::Reflection::SetEnumValue, &pb::Reflection::AddEnumValue,
                   ToEnum(value, *field.enum_type()));
      case FieldDescriptor::CPPTYPE_STRING:
        return put(&pb::Reflection::SetString, &pb::Reflection::AddString, ToText(value, field));
      default:
        return false;
    }
  }

  // A name, or a number: an unknown number is the validator's to refuse (UNKNOWN_ENUM_VALUE).
  static std::optional<int> ToEnum(const json::value& value, const pb::EnumDescriptor& type) {
    if (const json::string* name = value.if_string()) {
      const pb::EnumValueDescriptor* known =
          type.FindValueByName(std::string(name->data(), name->size()));
      return known == nullptr ? std::nullopt : std::optional(known->number());
    }
    return ToInteger<int32_t>(value);
  }

  static std::optional<std::string> ToText(const json::value& value, const FieldDescriptor& field) {
    const json::string* text = value.if_string();
    if (text == nullptr) return std::nullopt;
    const std::string_view view(text->data(), text->size());
    if (field.type() == FieldDescriptor::TYPE_BYTES) return ToBytes(view);
    return std::string(view);
  }

  static Result<void> ReadTime(const json::value& value, pb::Message& message,
                               const std::string& path) {
    const json::string* text = value.if_string();
    if (text == nullptr) return InvalidValue(path);
    const std::string_view view(text->data(), text->size());
    const Result<int64_t> time_ms = ParseTime(view);
    if (!time_ms || *time_ms < kFirstTimeMs) {
      return Invalid("INVALID_TIME", "A time must look like 2026-01-31T09:05:00Z (RFC 3339).",
                     path);
    }
    const int64_t ms = (*time_ms % 1000 + 1000) % 1000;
    const pb::Descriptor& type = *message.GetDescriptor();
    const pb::Reflection& reflection = *message.GetReflection();
    reflection.SetInt64(&message, type.FindFieldByNumber(1), (*time_ms - ms) / 1000);
    reflection.SetInt32(&message, type.FindFieldByNumber(2), static_cast<int32_t>(ms * 1'000'000));
    return {};
  }
};

bool CanRead(const pb::Descriptor& descriptor, std::set<const pb::Descriptor*>& seen) {
  if (descriptor.full_name() == kTimestamp || !seen.insert(&descriptor).second) return true;
  if (descriptor.full_name().starts_with("google.protobuf.")) return false;
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    if (field.is_map() || field.type() == FieldDescriptor::TYPE_GROUP ||
        field.type() == FieldDescriptor::TYPE_FLOAT || field.real_containing_oneof() != nullptr) {
      return false;
    }
    if (field.message_type() != nullptr && !CanRead(*field.message_type(), seen)) return false;
  }
  return true;
}

}  // namespace

Result<void> ReadJson(std::string_view text, pb::Message& message) {
  Result<json::value> value = ParseStrictJson(text, kMaxJsonBytes, kMaxJsonDepth);
  if (!value) {
    const std::string detail = value.error().metadata["detail"];
    if (detail == "not_utf8") {
      return Fail(Code::kInvalidArgument, "INVALID_UTF8", "The request is not valid UTF-8.");
    }
    return Fail(Code::kInvalidArgument, "MALFORMED_JSON", "The request is not acceptable JSON.",
                {{"detail", detail}});
  }
  return Reader().ReadMessage(*value, message, "");
}

Result<std::string> WriteJson(const pb::Message& message) {
  std::string text;
  const auto status = pb::util::MessageToJsonString(message, &text);
  if (!status.ok()) {
    return Fail(Code::kInternal, "ANSWER_NOT_WRITABLE", "The answer cannot be written as JSON.");
  }
  return text;
}

bool CanReadJson(const pb::Descriptor& descriptor) {
  std::set<const pb::Descriptor*> seen;
  return CanRead(descriptor, seen);
}

}  // namespace fairlead::gateway
