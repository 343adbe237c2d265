#include "services/common/rpc/validate.h"

#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/timestamp.pb.h>
#include <gtest/gtest.h>

#include <chrono>

#include "fairlead/api/v1/options.pb.h"
#include "fairlead/identity/v1/identity.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "services/common/rpc/format.h"

namespace fairlead::rpc {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::DynamicMessageFactory;
using google::protobuf::Message;

// A contract with one of everything.
constexpr char kToyProto[] = R"(
  syntax = "proto3";
  package toy;
  import "fairlead/api/v1/options.proto";
  import "google/protobuf/timestamp.proto";
  enum Colour { COLOUR_UNSPECIFIED = 0; COLOUR_RED = 1; }
  message Toy {
    string id = 1 [(fairlead.api.v1.field) = {format: FORMAT_UUID}];
    string plain = 2;
    string eight = 3 [(fairlead.api.v1.field) = {max_length: 8}];
    bytes raw = 4;
    bytes four = 5 [(fairlead.api.v1.field) = {max_length: 4}];
    int32 number = 6 [(fairlead.api.v1.field) = {min: -2, max: 7}];
    uint64 big = 7 [(fairlead.api.v1.field) = {max: 9}];
    double real = 8 [(fairlead.api.v1.field) = {max: 1}];
    Colour colour = 9;
    repeated string codes = 10 [(fairlead.api.v1.field) = {format: FORMAT_CODE, max_items: 2}];
    repeated int64 numbers = 11 [(fairlead.api.v1.field) = {min: 1, max: 3}];
    repeated Colour colours = 12;
    google.protobuf.Timestamp time = 13;
    repeated Toy children = 14;
    Toy child = 15;
    map<string, string> labels = 16 [(fairlead.api.v1.field) = {max_items: 1}];
    oneof choice { string left = 17; Toy right = 18; }
    optional string maybe = 19 [(fairlead.api.v1.field) = {format: FORMAT_COUNTY_FIPS}];
    uint64 unbounded = 20;
    string password = 21 [(fairlead.api.v1.field) = {secret: true}];
  }
  message Needy {
    string text = 1 [(fairlead.api.v1.field) = {required: true}];
    int32 number = 2 [(fairlead.api.v1.field) = {required: true}];
    Colour colour = 3 [(fairlead.api.v1.field) = {required: true}];
    bool agreed = 4 [(fairlead.api.v1.field) = {required: true}];
    repeated string items = 5 [(fairlead.api.v1.field) = {required: true}];
    Toy toy = 6 [(fairlead.api.v1.field) = {required: true}];
    bytes raw = 7 [(fairlead.api.v1.field) = {required: true}];
  }
  message Plain { string text = 1; Plain inner = 2; }
)";

class ValidateTest : public ::testing::Test {
 protected:
  ValidateTest() : pool_(DescriptorPool::generated_pool()), factory_(&pool_) {
    // The imports must be linked in before their names are looked up.
    api::v1::FieldRule::descriptor();
    google::protobuf::Timestamp::descriptor();
    google::protobuf::io::ArrayInputStream stream(kToyProto, sizeof(kToyProto) - 1);
    google::protobuf::io::Tokenizer tokenizer(&stream, nullptr);
    google::protobuf::compiler::Parser parser;
    google::protobuf::FileDescriptorProto file;
    EXPECT_TRUE(parser.Parse(&tokenizer, &file));
    file.set_name("toy.proto");
    EXPECT_NE(pool_.BuildFile(file), nullptr);
  }
  std::unique_ptr<Message> Make(const std::string& text, const std::string& type = "toy.Toy") {
    std::unique_ptr<Message> message(
        factory_.GetPrototype(pool_.FindMessageTypeByName(type))->New());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, message.get())) << text;
    return message;
  }
  // "OK" or "REASON field".
  std::string Outcome(const Message& message) {
    const Result<void> valid = Validate(message);
    if (valid) return "OK";
    EXPECT_EQ(valid.error().code, Code::kInvalidArgument);
    const auto& metadata = valid.error().metadata;
    return valid.error().reason +
           (metadata.contains("field") ? " " + metadata.at("field") : std::string());
  }
  std::string Outcome(const std::string& text, const std::string& type = "toy.Toy") {
    return Outcome(*Make(text, type));
  }

  DescriptorPool pool_;
  DynamicMessageFactory factory_;
};

TEST_F(ValidateTest, EmptyIsFineWhereNothingIsRequired) { EXPECT_EQ(Outcome(""), "OK"); }

TEST_F(ValidateTest, Required) {
  const std::string all = "text: 'a' number: 1 colour: COLOUR_RED agreed: true items: 'x' toy {} "
                          "raw: 'x'";
  EXPECT_EQ(Outcome(all, "toy.Needy"), "OK");
  for (const auto& [field, assignment] : std::map<std::string, std::string>{
           {"text", "text: 'a'"},
           {"number", "number: 1"},
           {"colour", "colour: COLOUR_RED"},
           {"agreed", "agreed: true"},
           {"items", "items: 'x'"},
           {"toy", "toy {}"},
           {"raw", "raw: 'x'"}}) {
    std::string without = all;
    without.erase(without.find(assignment), assignment.size());
    EXPECT_EQ(Outcome(without, "toy.Needy"), "FIELD_REQUIRED " + field);
  }
}

TEST_F(ValidateTest, Lengths) {
  const auto of = [](const std::string& field, size_t size) {
    return field + ": '" + std::string(size, 'x') + "'";
  };
  EXPECT_EQ(Outcome(of("eight", 8)), "OK");
  EXPECT_EQ(Outcome(of("eight", 9)), "FIELD_TOO_LONG eight");
  EXPECT_EQ(Outcome(of("plain", 256)), "OK");
  EXPECT_EQ(Outcome(of("plain", 257)), "FIELD_TOO_LONG plain");
  EXPECT_EQ(Outcome(of("four", 4)), "OK");
  EXPECT_EQ(Outcome(of("four", 5)), "FIELD_TOO_LONG four");
  EXPECT_EQ(Outcome(of("raw", 65'536)), "OK");
  EXPECT_EQ(Outcome(of("raw", 65'537)), "FIELD_TOO_LONG raw");
  // Bytes, not characters.
  EXPECT_EQ(Outcome("eight: '\\303\\251\\303\\251\\303\\251\\303\\251'"), "OK");
  EXPECT_EQ(Outcome("eight: '\\303\\251\\303\\251\\303\\251\\303\\251x'"), "FIELD_TOO_LONG eight");
}

TEST_F(ValidateTest, TextIsUtf8WithoutNul) {
  auto toy = Make("");
  const auto* field = toy->GetDescriptor()->FindFieldByName("plain");
  const auto with = [&](std::string text) {
    toy->GetReflection()->SetString(toy.get(), field, std::move(text));
    return Outcome(*toy);
  };
  EXPECT_EQ(with("Gr\xc3\xbc\xc3\x9f Gott, 123456789"), "OK");
  EXPECT_EQ(with("\xff"), "INVALID_UTF8 plain");
  EXPECT_EQ(with("12345678\xc3"), "INVALID_UTF8 plain");
  EXPECT_EQ(with("\xc0\xaf"), "INVALID_UTF8 plain");      // overlong
  EXPECT_EQ(with("\xed\xa0\x80"), "INVALID_UTF8 plain");  // a surrogate
  EXPECT_EQ(with(std::string("a\0b", 3)), "INVALID_CHARACTER plain");
  EXPECT_EQ(Outcome("raw: '\\377\\000'"), "OK");  // bytes may be anything
}

TEST_F(ValidateTest, Numbers) {
  EXPECT_EQ(Outcome("number: -2"), "OK");
  EXPECT_EQ(Outcome("number: 7"), "OK");
  EXPECT_EQ(Outcome("number: -3"), "OUT_OF_RANGE number");
  EXPECT_EQ(Outcome("number: 8"), "OUT_OF_RANGE number");
  EXPECT_EQ(Outcome("big: 9"), "OK");
  EXPECT_EQ(Outcome("big: 10"), "OUT_OF_RANGE big");
  EXPECT_EQ(Outcome("big: 18446744073709551615"), "OUT_OF_RANGE big");
  EXPECT_EQ(Outcome("unbounded: 18446744073709551615"), "OK");
  EXPECT_EQ(Outcome("real: 1"), "OK");
  EXPECT_EQ(Outcome("real: 1.01"), "OUT_OF_RANGE real");
  EXPECT_EQ(Outcome("real: nan"), "OUT_OF_RANGE real");
  EXPECT_EQ(Outcome("real: -inf"), "OUT_OF_RANGE real");
  EXPECT_EQ(Outcome("numbers: 1 numbers: 3"), "OK");
  EXPECT_EQ(Outcome("numbers: 1 numbers: 4"), "OUT_OF_RANGE numbers[1]");
}

TEST_F(ValidateTest, Enums) {
  auto toy = Make("colour: COLOUR_RED colours: [COLOUR_RED, COLOUR_UNSPECIFIED]");
  EXPECT_EQ(Outcome(*toy), "OK");
  const auto* reflection = toy->GetReflection();
  reflection->AddEnumValue(toy.get(), toy->GetDescriptor()->FindFieldByName("colours"), 77);
  EXPECT_EQ(Outcome(*toy), "UNKNOWN_ENUM_VALUE colours[2]");
  reflection->SetEnumValue(toy.get(), toy->GetDescriptor()->FindFieldByName("colour"), 2);
  EXPECT_EQ(Outcome(*toy), "UNKNOWN_ENUM_VALUE colour");
}

TEST_F(ValidateTest, Lists) {
  EXPECT_EQ(Outcome("codes: 'a' codes: 'b_2'"), "OK");
  EXPECT_EQ(Outcome("codes: 'a' codes: 'b' codes: 'c'"), "TOO_MANY_ITEMS codes");
  EXPECT_EQ(Outcome("codes: 'a' codes: 'B'"), "INVALID_CODE codes[1]");
  EXPECT_EQ(Outcome("codes: ''"), "INVALID_CODE codes[0]");
  std::string many;
  for (int i = 0; i < 100; ++i) many += "colours: COLOUR_RED ";
  EXPECT_EQ(Outcome(many), "OK");
  EXPECT_EQ(Outcome(many + "colours: COLOUR_RED"), "TOO_MANY_ITEMS colours");
  EXPECT_EQ(Outcome("labels { key: 'a' value: 'b' }"), "OK");
  EXPECT_EQ(Outcome("labels { key: 'a' } labels { key: 'b' }"), "TOO_MANY_ITEMS labels");
  EXPECT_EQ(Outcome("labels { key: 'a' value: '" + std::string(257, 'x') + "' }"),
            "FIELD_TOO_LONG labels[0].value");
}

TEST_F(ValidateTest, Times) {
  EXPECT_EQ(Outcome("time { seconds: 1700000000 nanos: 999999999 }"), "OK");
  EXPECT_EQ(Outcome("time { seconds: -62135596800 }"), "OK");
  EXPECT_EQ(Outcome("time { seconds: -62135596801 }"), "INVALID_TIME time");
  EXPECT_EQ(Outcome("time { seconds: 253402300799 }"), "OK");
  EXPECT_EQ(Outcome("time { seconds: 253402300800 }"), "INVALID_TIME time");
  EXPECT_EQ(Outcome("time { nanos: -1 }"), "INVALID_TIME time");
  EXPECT_EQ(Outcome("time { nanos: 1000000000 }"), "INVALID_TIME time");
}

TEST_F(ValidateTest, GoesInside) {
  EXPECT_EQ(Outcome("child { children {} children { id: 'x' } }"),
            "INVALID_ID child.children[1].id");
  EXPECT_EQ(Outcome("left: 'x'"), "OK");
  EXPECT_EQ(Outcome("right { number: 8 }"), "OUT_OF_RANGE right.number");
  EXPECT_EQ(Outcome("maybe: '12345'"), "OK");
  EXPECT_EQ(Outcome("maybe: '1234'"), "INVALID_COUNTY maybe");
}

TEST_F(ValidateTest, UnknownFields) {
  auto toy = Make("child {}");
  auto* child = toy->GetReflection()->MutableMessage(
      toy.get(), toy->GetDescriptor()->FindFieldByName("child"));
  child->GetReflection()->MutableUnknownFields(child)->AddVarint(99, 1);
  EXPECT_EQ(Outcome(*toy), "UNKNOWN_FIELD child");
  toy->GetReflection()->MutableUnknownFields(toy.get())->AddVarint(99, 1);
  EXPECT_EQ(Outcome(*toy), "UNKNOWN_FIELD");
}

TEST_F(ValidateTest, Depth) {
  const auto nested = [](int messages) {
    std::string text;
    for (int i = 1; i < messages; ++i) text += "inner { ";
    return text + std::string(static_cast<size_t>(messages - 1), '}');
  };
  EXPECT_EQ(Outcome(nested(kMaxMessageDepth), "toy.Plain"), "OK");
  EXPECT_TRUE(Outcome(nested(kMaxMessageDepth + 1), "toy.Plain").starts_with("TOO_DEEP inner."));
}

TEST_F(ValidateTest, Secrets) {
  EXPECT_TRUE(HasSecretField(*pool_.FindMessageTypeByName("toy.Toy")));
  EXPECT_TRUE(HasSecretField(*pool_.FindMessageTypeByName("toy.Needy")));  // inside
  EXPECT_FALSE(HasSecretField(*pool_.FindMessageTypeByName("toy.Plain")));
  auto toy = Make("plain: 'a' password: 'p' child { password: 'p' plain: 'b' } "
                  "children { password: 'p' } right { password: 'p' }");
  ClearSecrets(*toy);
  EXPECT_EQ(toy->ShortDebugString(), "plain: \"a\" children { } child { plain: \"b\" } right { }");
}

TEST(FormatTest, EveryFormat) {
  struct Case {
    api::v1::Format format;
    std::vector<std::string> good, bad;
  };
  const std::vector<Case> cases = {
      {api::v1::FORMAT_UUID,
       {"0190a5c0-0000-7000-8000-000000000001"},
       {"0190A5C0-0000-7000-8000-000000000001", "0190a5c0", "0190a5c0-0000-7000-8000-00000000000g",
        "{0190a5c0-0000-7000-8000-00000000001}"}},
      {api::v1::FORMAT_E164,
       {"+12025550123", "+1202555", "+123456789012345"},
       {"12025550123", "+02025550123", "+120255", "+1234567890123456", "+1 202 555 0123",
        "+1202555012a"}},
      {api::v1::FORMAT_CODE,
       {"a", "emergency_housing", "a" + std::string(63, '1')},
       {"A", "1a", "_a", "a-b", "a b", "a" + std::string(64, '1')}},
      {api::v1::FORMAT_COUNTY_FIPS, {"06037", "00000"}, {"6037", "060370", "0603a", " 6037"}},
      {api::v1::FORMAT_LANGUAGE,
       {"es", "zh-Hant", "pt-BR", "zh-Hant-TW", "es-419", "yue"},
       {"e", "español", "ES", "en-us", "zh-hant", "zh_Hant", "en-", "en-USA", "zh-Hant-",
        "zh-Hantx", "en-US-x", "engl"}},
      {api::v1::FORMAT_SHA256_BASE64URL,
       {std::string(42, 'a') + "A", std::string(42, '_') + "8"},
       {std::string(43, 'a') + "=", std::string(42, 'a'), std::string(43, '+'),
        std::string(42, 'a') + "B"}},
      {api::v1::FORMAT_SIGN_IN_NAME,
       {"ana", "ana.b@x-y_z.org", "0ab", std::string(64, 'a')},
       {"an", "Ana", ".ana", "ana b", "ana\n", std::string(65, 'a')}},
      {api::v1::FORMAT_UNSPECIFIED, {"", "anything at all"}, {}}};
  for (const Case& c : cases) {
    for (const std::string& text : c.good) EXPECT_TRUE(HasFormat(text, c.format)) << text;
    for (const std::string& text : c.bad) {
      EXPECT_FALSE(HasFormat(text, c.format)) << text;
      const auto checked = CheckFormat(text, c.format, "there");
      ASSERT_FALSE(checked) << text;
      EXPECT_EQ(checked.error().reason, FormatReason(c.format));
      // Whoever is refused is told the rule, by an example that keeps it.
      const std::string& message = checked.error().message;
      EXPECT_TRUE(message.starts_with("there must be ")) << message;
      EXPECT_NE(message.find(FormatRule(FormatReason(c.format))), std::string::npos);
    }
  }
}

// Every rule of the real contract compiles to a plan, and a whole request passes.
TEST(ContractTest, SendReferral) {
  referral::v1::SendReferralRequest request;
  const std::string id = "0190a5c0-0000-7000-8000-000000000001";
  request.set_request_id(id);
  request.set_referral_id(id);
  request.set_case_handle(id);
  request.set_recipient_agency_id(id);
  request.set_release_id(id);
  request.set_packet(std::string(2'048, 'x'));
  auto& facets = *request.mutable_facets();
  facets.set_need_code("emergency_housing");
  facets.set_urgency(referral::v1::URGENCY_EMERGENCY);
  facets.add_languages("es");
  facets.set_county("06037");
  ASSERT_TRUE(Validate(request)) << ToString(Validate(request).error());
  constexpr int kRounds = 20'000;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kRounds; ++i) ASSERT_TRUE(Validate(request));
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
  RecordProperty("microseconds", std::to_string(took.count() / kRounds));
  std::printf("validate SendReferral with a 2 KiB packet: %.2f us\n", took.count() / kRounds);

  facets.set_county("6037");
  EXPECT_EQ(Validate(request).error().metadata.at("field"), "facets.county");
  facets.clear_county();
  request.set_packet(std::string(196'609, 'x'));
  EXPECT_EQ(Validate(request).error().reason, "FIELD_TOO_LONG");
}

}  // namespace
}  // namespace fairlead::rpc
