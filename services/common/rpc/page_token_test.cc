#include "services/common/rpc/page_token.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace fairlead::rpc {
namespace {

const PageTokens kTokens(std::string(32, 'k'));

RC_GTEST_PROP(PageTokenTest, ComesBack, ()) {
  const auto query = *rc::gen::arbitrary<std::string>();
  auto position = *rc::gen::resize(4, rc::gen::arbitrary<std::vector<std::string>>());
  for (std::string& part : position) part.resize(std::min<size_t>(part.size(), 60));
  const std::string token = kTokens.Encode(query, position);
  const Result<std::vector<std::string>> decoded = kTokens.Decode(query, token);
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(*decoded == position);
  RC_ASSERT(token.size() <= 512U);
}

RC_GTEST_PROP(PageTokenTest, NoOtherTokenOrQueryWorks, ()) {
  const auto query = *rc::gen::arbitrary<std::string>();
  const std::string token = kTokens.Encode(query, {"1700000000000", "0190a5c0"});
  RC_ASSERT(!kTokens.Decode(query + "x", token).has_value());
  std::string changed = token;
  const auto at = *rc::gen::inRange<size_t>(0, token.size());
  changed[at] = changed[at] == 'A' ? 'B' : 'A';
  const Result<std::vector<std::string>> decoded = kTokens.Decode(query, changed);
  RC_ASSERT(!decoded.has_value());
  RC_ASSERT(decoded.error().reason == "INVALID_PAGE_TOKEN");
}

TEST(PageTokenTest, RefusesWhatIsNotAToken) {
  for (const std::string& text : {std::string(), std::string("A"), std::string("not base64 !"),
                                  std::string(37, 'A'), std::string(600, 'A')}) {
    EXPECT_EQ(kTokens.Decode("q", text).error().reason, "INVALID_PAGE_TOKEN") << text;
  }
  const PageTokens other(std::string(32, 'o'));
  EXPECT_FALSE(other.Decode("q", kTokens.Encode("q", {"1"})).has_value());
}

TEST(PageTokenTest, HidesThePosition) {
  const std::string token = kTokens.Encode("q", {std::string(60, 'x')});
  EXPECT_EQ(token, kTokens.Encode("q", {std::string(60, 'x')}));  // deterministic
  EXPECT_NE(token, kTokens.Encode("q", {std::string(59, 'x') + "y"}));
  EXPECT_EQ(token.find("eHh4"), std::string::npos);  // base64 of "xxx"
}

TEST(PageTokenTest, PageSize) {
  EXPECT_EQ(PageSize(0), 25);
  EXPECT_EQ(PageSize(1), 1);
  EXPECT_EQ(PageSize(100), 100);
}

}  // namespace
}  // namespace fairlead::rpc
