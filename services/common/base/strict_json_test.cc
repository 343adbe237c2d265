#include "services/common/base/strict_json.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <boost/json/serialize.hpp>

namespace fairlead {
namespace {

std::string Detail(std::string_view text, size_t max_bytes = 1000, size_t max_depth = 4) {
  const Result<boost::json::value> value = ParseStrictJson(text, max_bytes, max_depth);
  if (value) return "ok";
  EXPECT_EQ(value.error().reason, "INVALID_JSON");
  EXPECT_EQ(value.error().code, Code::kInvalidArgument);
  return value.error().metadata.at("detail");
}

TEST(StrictJsonTest, AcceptsJson) {
  for (const char* good : {"{}", " [1, 2.5e3, null, true, \"\\u00e9\"] ", "\"x\"", "0",
                           R"({"a":{"a":1},"b":[{"a":1},{"a":2}]})"}) {
    EXPECT_EQ(Detail(good), "ok") << good;
  }
  const auto value = ParseStrictJson(R"({"n":9007199254740993,"e":""})", 100, 1);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->at("n").as_int64(), 9007199254740993);
}

TEST(StrictJsonTest, RefusesRepeatedMembers) {
  EXPECT_EQ(Detail(R"({"a":1,"a":1})"), "duplicate_member");
  EXPECT_EQ(Detail(R"({"a":1,"\u0061":2})"), "duplicate_member");
  EXPECT_EQ(Detail(R"([{"x":{"b":1,"c":2,"b":3}}])"), "duplicate_member");
  EXPECT_EQ(Detail(R"({"":1,"":2})"), "duplicate_member");
  const std::string key(300, 'k');  // longer than the parser's own buffer
  EXPECT_EQ(Detail("{\"" + key + "\\n\":1,\"" + key + "\\u000a\":1}"), "duplicate_member");
}

TEST(StrictJsonTest, RefusesSyntaxThatOthersMayRead) {
  for (const char* bad : {"",           " ",           "{",
                          "{}x",        "{} {}",       "[1,]",
                          "{\"a\":1,}", "01",          "+1",
                          "NaN",        "'a'",         "// c\n1",
                          "/* c */1",   "\"\\ud800\"", "\"\\udc00\\ud800\"",
                          "\"\\x41\"",  "\"a\nb\"",    "\xef\xbb\xbf{}",
                          "1.",         ".5",          "tru"}) {
    EXPECT_EQ(Detail(bad), "syntax") << bad;
  }
  EXPECT_EQ(Detail(std::string("\"a\0b\"", 5)), "syntax");
  EXPECT_EQ(Detail(std::string("{}\0", 3)), "syntax");
}

TEST(StrictJsonTest, RefusesBadUtf8) {
  EXPECT_EQ(Detail("\"\xc0\x80\""), "not_utf8");
  EXPECT_EQ(Detail("\"\xed\xa0\x80\""), "not_utf8");
  EXPECT_EQ(Detail("\"\xff\""), "not_utf8");
}

TEST(StrictJsonTest, KeepsItsLimits) {
  EXPECT_EQ(Detail("[[[[]]]]"), "ok");
  EXPECT_EQ(Detail("[[[[[]]]]]"), "too_deep");
  EXPECT_EQ(Detail(R"({"a":[{"b":{"c":[]}}]})"), "too_deep");
  EXPECT_EQ(Detail("12345", 5), "ok");
  EXPECT_EQ(Detail("12345", 4), "too_large");
}

RC_GTEST_PROP(StrictJsonTest, ReadsWhatIsWritten, (const std::map<uint16_t, int64_t>& members)) {
  boost::json::object object;
  for (const auto& [key, number] : members) object[std::to_string(key)] = number;
  const auto back = ParseStrictJson(boost::json::serialize(object), 1 << 20, 1);
  RC_ASSERT(back.has_value());
  RC_ASSERT(back->as_object() == object);
}

RC_GTEST_PROP(StrictJsonTest, NoBytesBreakIt, (const std::string& bytes)) {
  ParseStrictJson(bytes, 1 << 20, 8);
}

}  // namespace
}  // namespace fairlead
