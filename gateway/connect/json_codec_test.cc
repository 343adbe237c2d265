// The oracle is protobuf's own JSON code: what we read must be what it reads.
#include "gateway/connect/json_codec.h"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "fairlead/consent/v1/consent.pb.h"
#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/identity/v1/identity.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "gateway/connect/method_table.h"
#include "gateway/connect/openapi.h"
#include "services/common/base/strict_json.h"

namespace fairlead::gateway {
namespace {

namespace pb = google::protobuf;
using consent::v1::Release;
using referral::v1::SendReferralRequest;

template <class Message>
Error ErrorOf(std::string_view text) {
  Message message;
  const Result<void> read = ReadJson(text, message);
  if (read) ADD_FAILURE() << "accepted: " << text;
  return read ? Error() : read.error();
}

TEST(ReadJson, ReadsBothNamesNullsAndNestedMessages) {
  SendReferralRequest request;
  const Result<void> read = ReadJson(
      R"({"requestId":"r","referral_id":"x",
          "facets":{"needCode":"shelter","urgency":"URGENCY_URGENT",
                    "householdSize":3,"languages":["es","zh-Hant"]},
          "allowDuplicateService":true,"etag":null})",
      request);
  ASSERT_TRUE(read) << ToString(read.error());
  EXPECT_EQ(request.request_id(), "r");
  EXPECT_EQ(request.referral_id(), "x");
  EXPECT_EQ(request.facets().urgency(), referral::v1::URGENCY_URGENT);
  EXPECT_EQ(request.facets().household_size(), 3);
  EXPECT_EQ(request.facets().languages_size(), 2);
  EXPECT_TRUE(request.allow_duplicate_service());
}

TEST(ReadJson, NamesWhatIsWrong) {
  struct Case {
    const char* text;
    const char* reason;
    const char* field;  // or the detail
  };
  const Case cases[] = {
      {R"({"requestId":"r","colour":"red"})", "UNKNOWN_FIELD", "colour"},
      {R"({"facets":{"needCode":"a","needCode2":"b"}})", "UNKNOWN_FIELD", "facets.needCode2"},
      {R"({"<script>":1})", "UNKNOWN_FIELD", "?"},
      {R"({"facets":{"urgency":"URGENCY_WHENEVER"}})", "UNKNOWN_ENUM_VALUE", "facets.urgency"},
      {R"({"facets":{"urgency":true}})", "INVALID_VALUE", "facets.urgency"},
      {R"({"facets":{"householdSize":"three"}})", "INVALID_VALUE", "facets.householdSize"},
      {R"({"facets":{"householdSize":2.5}})", "INVALID_VALUE", "facets.householdSize"},
      {R"({"facets":{"householdSize":2147483648}})", "INVALID_VALUE", "facets.householdSize"},
      {R"({"facets":{"householdSize":1e30}})", "INVALID_VALUE", "facets.householdSize"},
      {R"({"facets":{"languages":"es"}})", "INVALID_VALUE", "facets.languages"},
      {R"({"facets":{"languages":["es",null]}})", "INVALID_VALUE", "facets.languages"},
      {R"({"facets":[]})", "INVALID_VALUE", "facets"},
      {R"({"requestId":7})", "INVALID_VALUE", "requestId"},
      {R"({"allowDuplicateService":"true"})", "INVALID_VALUE", "allowDuplicateService"},
  };
  for (const Case& c : cases) {
    const Error error = ErrorOf<SendReferralRequest>(c.text);
    EXPECT_EQ(error.code, Code::kInvalidArgument);
    EXPECT_EQ(error.reason, c.reason) << c.text;
    EXPECT_EQ(error.metadata.at("field"), c.field) << c.text;
  }
}

TEST(ReadJson, RefusesWhatIsNotStrictJson) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "syntax"},
      {"{", "syntax"},
      {"{}{}", "syntax"},
      {"[]", "not_an_object"},
      {"null", "not_an_object"},
      {R"({"requestId":"a","requestId":"b"})", "duplicate_member"},
      {R"({"requestId":"a","request_id":"b"})", "duplicate_member"},
      {R"({"requestId":"a",})", "syntax"},
      {R"({"a":)" + std::string(40, '[') + std::string(40, ']') + "}", "too_deep"},
      {"{\"requestId\":\"" + std::string(7 * 1024 * 1024, 'a') + "\"}", "too_large"},
  };
  for (const auto& [text, detail] : cases) {
    const Error error = ErrorOf<SendReferralRequest>(text);
    EXPECT_EQ(error.reason, "MALFORMED_JSON") << detail;
    EXPECT_EQ(error.metadata.at("detail"), detail);
  }
  EXPECT_EQ(ErrorOf<SendReferralRequest>("{\"requestId\":\"\xff\"}").reason, "INVALID_UTF8");
}

TEST(ReadJson, ReadsTimesBytesAndWideIntegers) {
  consent::v1::CreateReleaseRequest release;
  ASSERT_TRUE(ReadJson(R"({"expireTime":"2026-01-31T10:05:00.25+01:00"})", release));
  EXPECT_EQ(release.expire_time().seconds(), 1'769'850'300);
  EXPECT_EQ(release.expire_time().nanos(), 250'000'000);
  release.Clear();
  ASSERT_TRUE(ReadJson(R"({"expireTime":"1969-12-31T23:59:59.9Z"})", release));
  EXPECT_EQ(release.expire_time().seconds(), -1);
  EXPECT_EQ(ErrorOf<consent::v1::CreateReleaseRequest>(R"({"expireTime":"tomorrow"})").reason,
            "INVALID_TIME");
  EXPECT_EQ(ErrorOf<consent::v1::CreateReleaseRequest>(R"({"expireTime":5})").reason,
            "INVALID_VALUE");

  directory::v1::ImportFile file;
  ASSERT_TRUE(ReadJson(R"({"content":"-_-_"})", file));
  EXPECT_EQ(file.content(), "\xfb\xff\xbf");
  file.Clear();
  ASSERT_TRUE(ReadJson(R"({"content":"+/+/AA=="})", file));
  EXPECT_EQ(file.content(), std::string("\xfb\xff\xbf\0", 4));
  EXPECT_EQ(ErrorOf<directory::v1::ImportFile>(R"({"content":"!!"})").reason, "INVALID_VALUE");

  identity::v1::GetAgencyKeysRequest keys;
  ASSERT_TRUE(ReadJson(R"({"epoch":"9007199254740993"})", keys));
  EXPECT_EQ(keys.epoch(), 9'007'199'254'740'993);
  ASSERT_TRUE(ReadJson(R"({"epoch":12})", keys));
  EXPECT_EQ(keys.epoch(), 12);
}

// Fills every field with something, from a seed.
void Fill(pb::Message& message, int depth) {
  const pb::Reflection& reflection = *message.GetReflection();
  if (message.GetDescriptor()->full_name() == "google.protobuf.Timestamp") {
    reflection.SetInt64(&message, message.GetDescriptor()->field(0),
                        *rc::gen::inRange<int64_t>(-62'135'596'800, 253'402'300'799));
    reflection.SetInt32(&message, message.GetDescriptor()->field(1),
                        *rc::gen::inRange(0, 1000) * 1'000'000);
    return;
  }
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const pb::FieldDescriptor* field = message.GetDescriptor()->field(i);
    const int count = field->is_repeated() ? *rc::gen::inRange(0, 3) : *rc::gen::inRange(0, 2);
    const auto put = [&](auto set, auto add, auto value) {
      if (field->is_repeated()) {
        (reflection.*add)(&message, field, value);
      } else {
        (reflection.*set)(&message, field, value);
      }
    };
    for (int n = 0; n < count; ++n) {
      switch (field->cpp_type()) {
        case pb::FieldDescriptor::CPPTYPE_INT32:
          put(&pb::Reflection::SetInt32, &pb::Reflection::AddInt32, *rc::gen::arbitrary<int32_t>());
          break;
        case pb::FieldDescriptor::CPPTYPE_INT64:
          put(&pb::Reflection::SetInt64, &pb::Reflection::AddInt64, *rc::gen::arbitrary<int64_t>());
          break;
        case pb::FieldDescriptor::CPPTYPE_BOOL:
          put(&pb::Reflection::SetBool, &pb::Reflection::AddBool, *rc::gen::arbitrary<bool>());
          break;
        case pb::FieldDescriptor::CPPTYPE_ENUM: {
          const int value = *rc::gen::inRange(0, field->enum_type()->value_count());
          put(&pb::Reflection::SetEnumValue, &pb::Reflection::AddEnumValue,
              field->enum_type()->value(value)->number());
          break;
        }
        case pb::FieldDescriptor::CPPTYPE_STRING: {
          const auto bytes = *rc::gen::arbitrary<std::vector<uint8_t>>();
          std::string text;
          for (const uint8_t byte : bytes) {
            const bool as_is = field->type() == pb::FieldDescriptor::TYPE_BYTES || byte < 0x80;
            if (as_is) {
              text.push_back(static_cast<char>(byte));
            } else {
              text += "\xf0\x9f\x98\x80";
            }
          }
          put(&pb::Reflection::SetString, &pb::Reflection::AddString, text);
          break;
        }
        case pb::FieldDescriptor::CPPTYPE_MESSAGE:
          if (depth > 0) {
            Fill(field->is_repeated() ? *reflection.AddMessage(&message, field)
                                      : *reflection.MutableMessage(&message, field),
                 depth - 1);
          }
          break;
        default:
          FAIL() << "a type that this test does not make: " << field->full_name();
      }
    }
  }
}

// For every request of the contract: what protobuf writes, both readers read the same.
RC_GTEST_PROP(ReadJson, ReadsWhatProtobufWrites, ()) {
  static const MethodTable table(ContractFiles());
  auto method = table.methods().begin();
  std::advance(method, *rc::gen::inRange<size_t>(0, table.methods().size()));
  const std::unique_ptr<pb::Message> message(method->second.request_prototype->New());
  Fill(*message, 3);
  pb::util::JsonPrintOptions options;
  options.preserve_proto_field_names = *rc::gen::arbitrary<bool>();
  options.always_print_enums_as_ints = *rc::gen::arbitrary<bool>();
  std::string text;
  RC_ASSERT(pb::util::MessageToJsonString(*message, &text, options).ok());

  const std::unique_ptr<pb::Message> ours(message->New());
  const Result<void> read = ReadJson(text, *ours);
  RC_ASSERT(read.has_value());
  const std::unique_ptr<pb::Message> theirs(message->New());
  RC_ASSERT(pb::util::JsonStringToMessage(text, theirs.get()).ok());
  RC_ASSERT(pb::util::MessageDifferencer::Equals(*ours, *theirs));
}

TEST(MethodTable, HasThePublicMethodsOnly) {
  const MethodTable table(ContractFiles());
  const PublicMethod* send = table.Find("/fairlead.referral.v1.ReferralService/SendReferral");
  ASSERT_NE(send, nullptr);
  EXPECT_FALSE(send->no_side_effects);
  EXPECT_FALSE(send->unauthenticated);
  EXPECT_EQ(send->max_body_bytes, 1024u * 1024);
  const PublicMethod* sign_in = table.Find("/fairlead.identity.v1.IdentityService/SignIn");
  ASSERT_NE(sign_in, nullptr);
  EXPECT_TRUE(sign_in->unauthenticated);
  const PublicMethod* import = table.Find("/fairlead.directory.v1.DirectoryService/ImportListings");
  ASSERT_NE(import, nullptr);
  EXPECT_EQ(import->max_body_bytes, 6u * 1024 * 1024);
  EXPECT_TRUE(table.Find("/fairlead.directory.v1.DirectoryService/GetAgency")->no_side_effects);

  EXPECT_EQ(table.Find("/fairlead.identity.v1.IdentityService/CheckSession"), nullptr);
  EXPECT_EQ(table.Find("/fairlead.consent.v1.ConsentService/IssueCustodyKeys"), nullptr);
  EXPECT_EQ(table.Find("/fairlead.consent.v1.ConsentService/ReleaseCustodyKey"), nullptr);
  EXPECT_EQ(table.Find("fairlead.identity.v1.IdentityService/SignIn"), nullptr);
}

TEST(OpenApi, HasEveryPublicMethodWithItsRules) {
  const std::string text = MakeOpenApi(ContractFiles(), "1.2.3");
  const auto document = ParseStrictJson(text, text.size(), 32);
  ASSERT_TRUE(document);
  const auto& root = document->as_object();
  const auto& paths = root.at("paths").as_object();
  const MethodTable table(ContractFiles());
  EXPECT_EQ(paths.size(), table.methods().size());
  for (const auto& [path, method] : table.methods()) EXPECT_TRUE(paths.contains(path)) << path;
  const auto& schemas = root.at("components").at("schemas").as_object();
  const auto& request = schemas.at("fairlead.referral.v1.SendReferralRequest");
  EXPECT_EQ(request.at("additionalProperties"), boost::json::value(false));
  EXPECT_EQ(request.at("properties").at("packet").at("maxLength").to_number<int>(), 196'608);
  EXPECT_EQ(request.at("properties").at("requestId").at("format"), "uuid");
  EXPECT_FALSE(schemas.contains("fairlead.identity.v1.CheckSessionResponse"));
  // Every reference stays inside the document and points at something.
  for (size_t at = text.find("\"$ref\":\""); at != std::string::npos;
       at = text.find("\"$ref\":\"", at + 1)) {
    const size_t begin = at + 8;
    const std::string target = text.substr(begin, text.find('"', begin) - begin);
    constexpr std::string_view kPrefix = "#/components/schemas/";
    ASSERT_TRUE(target.starts_with(kPrefix)) << target;
    EXPECT_TRUE(schemas.contains(target.substr(kPrefix.size()))) << target;
  }
}

}  // namespace
}  // namespace fairlead::gateway
