#include "gateway/connect/openapi.h"

#include <google/protobuf/descriptor.pb.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <map>

#include "fairlead/api/v1/options.pb.h"
#include "services/common/base/result.h"

namespace fairlead::gateway {
namespace {

namespace json = boost::json;
namespace pb = google::protobuf;
using pb::FieldDescriptor;

constexpr uint32_t kUsualStringBytes = 256;
constexpr uint32_t kUsualBytes = 65'536;
constexpr uint32_t kUsualItems = 100;

// The comment above a declaration, its lines joined; empty without source info.
template <class Descriptor>
std::string Comment(const Descriptor& descriptor) {
  pb::SourceLocation location;
  if (!descriptor.GetSourceLocation(&location)) return {};
  std::string text;
  for (const char c : location.leading_comments) {
    if (c == '\n') {
      if (!text.empty() && text.back() != ' ') text.push_back(' ');
    } else if (c != ' ' || (!text.empty() && text.back() != ' ')) {
      text.push_back(c);
    }
  }
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

json::object Reference(const std::string& name) {
  json::object reference;
  reference["$ref"] = "#/components/schemas/" + name;
  return reference;
}

const char* FormatPattern(api::v1::Format format) {
  switch (format) {
    case api::v1::FORMAT_UUID:
      return "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";
    case api::v1::FORMAT_E164:
      return "^\\+[1-9][0-9]{6,14}$";
    case api::v1::FORMAT_CODE:
      return "^[a-z][a-z0-9_]{0,63}$";
    case api::v1::FORMAT_COUNTY_FIPS:
      return "^[0-9]{5}$";
    case api::v1::FORMAT_SHA256_BASE64URL:
      return "^[A-Za-z0-9_-]{43}$";
    case api::v1::FORMAT_SIGN_IN_NAME:
      return "^[a-z0-9][a-z0-9._@-]{2,63}$";
    default:
      return nullptr;
  }
}

class Writer {
 public:
  void AddMethod(const pb::MethodDescriptor& rpc);
  json::object Take(std::string_view version);
  void AddTag(const pb::ServiceDescriptor& service) {
    json::object tag;
    tag["name"] = service.name();
    const std::string text = Comment(service);
    if (!text.empty()) tag["description"] = text;
    tags_.emplace_back(std::move(tag));
  }

 private:
  enum class Direction { kRequest, kResponse };

  std::string AddMessage(const pb::Descriptor& message, Direction direction);
  json::object FieldSchema(const FieldDescriptor& field, Direction direction);
  json::object ItemSchema(const FieldDescriptor& field, Direction direction);
  json::object StringSchema(const FieldDescriptor& field, const api::v1::FieldRule& rule);
  std::string AddEnum(const pb::EnumDescriptor& type);
  static json::object IntegerSchema(const FieldDescriptor& field, const api::v1::FieldRule& rule);
  static json::object ErrorSchema();

  json::object paths_;
  json::object schemas_;
  json::array tags_;
};

std::string Writer::AddEnum(const pb::EnumDescriptor& type) {
  if (schemas_.contains(type.full_name())) return type.full_name();
  json::array values;
  for (int i = 0; i < type.value_count(); ++i) values.emplace_back(type.value(i)->name());
  json::object schema;
  schema["type"] = "string";
  const std::string text = Comment(type);
  if (!text.empty()) schema["description"] = text;
  schema["enum"] = std::move(values);
  schemas_[type.full_name()] = std::move(schema);
  return type.full_name();
}

json::object Writer::StringSchema(const FieldDescriptor& field, const api::v1::FieldRule& rule) {
  json::object schema;
  schema["type"] = "string";
  if (field.type() == FieldDescriptor::TYPE_BYTES) {
    const uint64_t bytes = rule.max_length() > 0 ? rule.max_length() : kUsualBytes;
    schema["contentEncoding"] = "base64";
    schema["maxLength"] = (bytes + 2) / 3 * 4;
    return schema;
  }
  // The rule counts bytes, JSON Schema counts characters, of which there are no more than bytes.
  schema["maxLength"] = rule.max_length() > 0 ? rule.max_length() : kUsualStringBytes;
  // Where empty is allowed, the pattern is not said: an empty string stands for "not given".
  const char* pattern = FormatPattern(rule.format());
  if (pattern != nullptr && rule.required()) schema["pattern"] = pattern;
  if (rule.format() == api::v1::FORMAT_UUID && rule.required()) schema["format"] = "uuid";
  if (rule.required() && pattern == nullptr) schema["minLength"] = 1;
  if (rule.secret()) schema["format"] = "password";
  return schema;
}

json::object Writer::IntegerSchema(const FieldDescriptor& field, const api::v1::FieldRule& rule) {
  json::object schema;
  const bool is_wide = field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 ||
                       field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64;
  if (is_wide) {
    // As a string, because JavaScript's numbers end at 2^53 (proto3 JSON).
    schema["type"] = "string";
    schema["pattern"] = "^-?[0-9]{1,19}$";
    return schema;
  }
  schema["type"] = "integer";
  schema["format"] = "int32";
  if (rule.min() != 0 || rule.max() != 0) {
    schema["minimum"] = rule.min();
    schema["maximum"] = rule.max();
  }
  return schema;
}

json::object Writer::ItemSchema(const FieldDescriptor& field, Direction direction) {
  const api::v1::FieldRule& rule = field.options().GetExtension(api::v1::field);
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (field.message_type()->full_name() == "google.protobuf.Timestamp") {
        json::object schema;
        schema["type"] = "string";
        schema["format"] = "date-time";
        return schema;
      }
      return Reference(AddMessage(*field.message_type(), direction));
    case FieldDescriptor::CPPTYPE_ENUM:
      return Reference(AddEnum(*field.enum_type()));
    case FieldDescriptor::CPPTYPE_STRING:
      return StringSchema(field, rule);
    case FieldDescriptor::CPPTYPE_BOOL: {
      json::object schema;
      schema["type"] = "boolean";
      return schema;
    }
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT: {
      json::object schema;
      schema["type"] = "number";
      return schema;
    }
    default:
      return IntegerSchema(field, rule);
  }
}

json::object Writer::FieldSchema(const FieldDescriptor& field, Direction direction) {
  json::object schema = ItemSchema(field, direction);
  if (field.is_repeated()) {
    const api::v1::FieldRule& rule = field.options().GetExtension(api::v1::field);
    json::object list;
    list["type"] = "array";
    list["items"] = std::move(schema);
    if (direction == Direction::kRequest) {
      list["maxItems"] = rule.max_items() > 0 ? rule.max_items() : kUsualItems;
      if (rule.required()) list["minItems"] = 1;
    }
    schema = std::move(list);
  }
  const std::string text = Comment(field);
  if (!text.empty()) schema["description"] = text;
  return schema;
}

std::string Writer::AddMessage(const pb::Descriptor& message, Direction direction) {
  const std::string& name = message.full_name();
  if (schemas_.contains(name)) return name;
  schemas_[name] = json::object();  // so that a message may hold itself
  json::object properties;
  json::array required;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    properties[field.json_name()] = FieldSchema(field, direction);
    if (field.options().GetExtension(api::v1::field).required()) {
      required.emplace_back(field.json_name());
    }
  }
  json::object schema;
  schema["type"] = "object";
  const std::string text = Comment(message);
  if (!text.empty()) schema["description"] = text;
  schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = std::move(required);
  // Requests are read strictly; answers may gain fields.
  if (direction == Direction::kRequest) schema["additionalProperties"] = false;
  schemas_[name] = std::move(schema);
  return name;
}

json::object JsonContent(json::object schema) {
  json::object media;
  media["schema"] = std::move(schema);
  json::object content;
  content["application/json"] = std::move(media);
  return content;
}

void Writer::AddMethod(const pb::MethodDescriptor& rpc) {
  const api::v1::MethodRule& rule = rpc.options().GetExtension(api::v1::method);
  json::object operation;
  operation["operationId"] = rpc.service()->name() + "_" + rpc.name();
  operation["tags"] = json::array{json::string(rpc.service()->name())};
  operation["summary"] = rpc.name();
  const std::string text = Comment(rpc);
  if (!text.empty()) operation["description"] = text;
  if (rule.unauthenticated()) operation["security"] = json::array();
  json::object body;
  body["required"] = true;
  body["content"] = JsonContent(Reference(AddMessage(*rpc.input_type(), Direction::kRequest)));
  operation["requestBody"] = std::move(body);
  json::object good;
  good["description"] = "The answer.";
  good["content"] = JsonContent(Reference(AddMessage(*rpc.output_type(), Direction::kResponse)));
  json::object bad;
  bad["description"] = "An error: its reason stands in the detail.";
  bad["content"] = JsonContent(Reference("Error"));
  json::object responses;
  responses["200"] = std::move(good);
  responses["default"] = std::move(bad);
  operation["responses"] = std::move(responses);
  json::object path;
  path["post"] = std::move(operation);
  paths_["/" + rpc.service()->full_name() + "/" + rpc.name()] = std::move(path);
}

json::object Writer::ErrorSchema() {
  json::array codes;
  for (int i = 1; i <= static_cast<int>(Code::kUnauthenticated); ++i) {
    const std::string_view name = CodeName(static_cast<Code>(i));
    codes.emplace_back(json::string(name.data(), name.size()));
  }
  return {{"type", "object"},
          {"description", "An error of the Connect protocol with one google.rpc.ErrorInfo."},
          {"required", {"code"}},
          {"properties",
           {{"code", {{"type", "string"}, {"enum", std::move(codes)}}},
            {"message", {{"type", "string"}, {"description", "For people; may change."}}},
            {"details",
             {{"type", "array"},
              {"items",
               {{"type", "object"},
                {"properties",
                 {{"type", {{"type", "string"}}},
                  {"value", {{"type", "string"}, {"description", "Unpadded base64."}}},
                  {"debug",
                   {{"type", "object"},
                    {"description", "reason: stable, for machines; domain; metadata."}}}}}}}}}}}};
}

json::object Writer::Take(std::string_view version) {
  schemas_["Error"] = ErrorSchema();
  json::object document;
  document["openapi"] = "3.1.0";
  document["info"] = {
      {"title", "Fairlead"},
      {"version", json::string(version.data(), version.size())},
      {"description",
       "Every call is a POST with JSON (the Connect protocol; application/proto works too). Sign "
       "in with IdentityService/SignIn and send the token as Authorization: Bearer. GET /events "
       "is the stream of server-sent events."},
      {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}};
  document["servers"] = json::array{json::object{{"url", "/"}}};
  // Any one of them: people have sessions, machine clients the other two.
  json::array security;
  for (const char* way : {"session", "signature", "certificate"}) {
    security.push_back(json::object{{way, json::array()}});
  }
  document["security"] = std::move(security);
  document["tags"] = std::move(tags_);
  document["paths"] = std::move(paths_);
  document["components"] = {
      {"schemas", std::move(schemas_)},
      {"securitySchemes",
       {{"session", {{"type", "http"}, {"scheme", "bearer"}}},
        {"signature",
         {{"type", "apiKey"},
          {"in", "header"},
          {"name", "Signature"},
          {"description", "HTTP Message Signatures (RFC 9421), ecdsa-p256-sha256."}}},
        {"certificate", {{"type", "mutualTLS"}}}}}};
  return document;
}

}  // namespace

std::string MakeOpenApi(const std::vector<const pb::FileDescriptor*>& files,
                        std::string_view version) {
  Writer writer;
  for (const pb::FileDescriptor* file : files) {
    for (int s = 0; s < file->service_count(); ++s) {
      const pb::ServiceDescriptor& service = *file->service(s);
      writer.AddTag(service);
      for (int m = 0; m < service.method_count(); ++m) {
        const pb::MethodDescriptor& rpc = *service.method(m);
        if (rpc.options().GetExtension(api::v1::method).public_()) writer.AddMethod(rpc);
      }
    }
  }
  return json::serialize(writer.Take(version));
}

std::string MakeOpenApiFromSet(std::string_view descriptor_set,
                               const std::vector<const pb::FileDescriptor*>& files,
                               std::string_view version) {
  pb::FileDescriptorSet set;
  pb::DescriptorPool pool;
  bool is_read = !descriptor_set.empty() &&
                 set.ParseFromArray(descriptor_set.data(), static_cast<int>(descriptor_set.size()));
  for (int i = 0; is_read && i < set.file_size(); ++i) {
    is_read = pool.BuildFile(set.file(i)) != nullptr;
  }
  std::vector<const pb::FileDescriptor*> commented;
  for (const pb::FileDescriptor* file : files) {
    const pb::FileDescriptor* found = is_read ? pool.FindFileByName(file->name()) : nullptr;
    commented.push_back(found == nullptr ? file : found);
  }
  return MakeOpenApi(commented, version);
}

}  // namespace fairlead::gateway
