#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <thread>

#include "services/common/base/clock.h"
#include "services/common/base/encoding.h"
#include "services/common/base/hmac.h"
#include "services/common/base/ids.h"
#include "services/common/base/random.h"
#include "services/common/base/result.h"
#include "services/common/base/task.h"

namespace fairlead {
namespace {

TEST(ResultTest, CodeNamesRoundTrip) {
  for (int i = 0; i <= 16; ++i) {
    const auto code = static_cast<Code>(i);
    EXPECT_EQ(CodeFromName(CodeName(code)), code);
  }
  EXPECT_EQ(CodeFromName("no such"), Code::kUnknown);
}

TEST(HmacTest, AgreesWithRfc4231) {
  HmacSha256 first(std::string(20, '\x0b'));  // section 4.2
  const std::string expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
  EXPECT_EQ(HexEncode(first.Of({"Hi There"})), expected);
  EXPECT_NE(HexEncode(first.Of({"Hi there"})), expected);
  EXPECT_EQ(HexEncode(first.Of({"Hi", " ", "There"})), expected) << "keyed once, used again";
  EXPECT_EQ(HexEncode(HmacSha256("Jefe").Of({"what do ya want ", "for nothing?"})),  // 4.3
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(HexEncode(HmacSha256(std::string(131, '\xaa'))
                          .Of({"Test Using Larger Than Block-Size Key - Hash Key First"})),  // 4.7
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacTest, DerivesKeysAsRfc5869) {
  EXPECT_EQ(HexEncode(DeriveKey(std::string(22, '\x0b'), "")),  // appendix A.3
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
  EXPECT_NE(DeriveKey("secret", "one use"), DeriveKey("secret", "another"));
  EXPECT_NE(DeriveKey("secret", "one use"), DeriveKey("Secret", "one use"));
}

TEST(ClockTest, FormatsAndParsesRfc3339) {
  EXPECT_EQ(FormatTime(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(FormatTime(1'769'850'300'250), "2026-01-31T09:05:00.250Z");
  EXPECT_EQ(ParseTime("2026-01-31T10:05:00.25+01:00"), 1'769'850'300'250);
  EXPECT_EQ(ParseTime("2024-02-29T00:00:00Z"), 1'709'164'800'000);
  for (const char* bad :
       {"", "2026-01-31", "2026-02-29T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T09:05:00",
        "2026-01-31T09:05:00.Z", "2026-01-31T09:05:00Zx", "2026-13-01T00:00:00Z"}) {
    ASSERT_FALSE(ParseTime(bad)) << bad;
    EXPECT_EQ(ParseTime(bad).error().reason, "INVALID_TIME");
  }
}

RC_GTEST_PROP(ClockTest, TimeRoundTrips, ()) {
  const auto ms = *rc::gen::inRange<int64_t>(0, 4'000'000'000'000);
  const Result<int64_t> back = ParseTime(FormatTime(ms));
  RC_ASSERT(back.has_value());
  RC_ASSERT(*back == ms);
}

TEST(IdsTest, AreUniqueAndInOrderAcrossThreadsAndAClockThatStandsStill) {
  FakeClock clock;
  IdGenerator ids(clock, SystemRandom());
  std::string last;
  std::set<std::string> seen;
  for (int i = 0; i < 20'000; ++i) {
    const std::string id = ids.New();
    EXPECT_TRUE(IsUuid(id)) << id;
    EXPECT_EQ(id[14], '7');
    EXPECT_GT(id, last);
    last = id;
    seen.insert(id);
  }
  EXPECT_EQ(seen.size(), 20'000U);
}

TEST(IdsTest, RefusesWhatIsNotAUuid) {
  EXPECT_FALSE(IsUuid(""));
  EXPECT_FALSE(IsUuid("0190163d-8694-739b-aea5-966c26f8ad9"));
  EXPECT_FALSE(IsUuid("0190163D-8694-739b-aea5-966c26f8ad90"));
  EXPECT_FALSE(IsUuid("0190163d_8694-739b-aea5-966c26f8ad90"));
}

TEST(IdsTest, ANameGivesTheSameIdEverywhere) {
  const std::string dns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
  EXPECT_EQ(NamedId(dns, "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2")
      << "RFC 9562, appendix A.4";
  EXPECT_NE(NamedId(dns, "www.example.org"), NamedId(dns, "www.example.com"));
  EXPECT_NE(NamedId(NamedId(dns, "a"), "www.example.com"), NamedId(dns, "www.example.com"));
}

RC_GTEST_PROP(EncodingTest, RoundTrips, (const std::string& bytes)) {
  RC_ASSERT(HexDecode(HexEncode(bytes)) == bytes);
  RC_ASSERT(Base64UrlDecode(Base64UrlEncode(bytes)) == bytes);
  RC_ASSERT(Base64Decode(Base64Encode(bytes)) == bytes);
  RC_ASSERT(Base64Decode(Base64EncodeUnpadded(bytes)) == bytes);
}

TEST(EncodingTest, IsStrict) {
  EXPECT_EQ(Base64UrlEncode("\xfb\xff"), "-_8");
  EXPECT_FALSE(Base64UrlDecode("-_8="));   // padding has no place here
  EXPECT_FALSE(Base64UrlDecode("-_9"));    // stray bits
  EXPECT_FALSE(Base64UrlDecode("a"));
  EXPECT_FALSE(Base64UrlDecode("a b="));
  EXPECT_FALSE(HexDecode("0"));
  EXPECT_FALSE(HexDecode("0g"));
  EXPECT_EQ(HexEncode(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(EncodingTest, FindsAForeignCharacterAnywhere) {
  for (size_t bytes = 0; bytes < 20; ++bytes) {
    const std::string text = Base64UrlEncode(std::string(bytes, 'x'));
    EXPECT_TRUE(Base64UrlDecode(text));
    for (size_t at = 0; at < text.size(); ++at) {
      for (const char foreign : {'+', '=', ' ', '\0', '\x80', '\xff'}) {
        std::string changed = text;
        changed[at] = foreign;
        EXPECT_FALSE(Base64UrlDecode(changed)) << text << " at " << at;
      }
    }
  }
  EXPECT_EQ(Base64Encode("ab"), "YWI=");
  EXPECT_EQ(Base64Encode("a"), "YQ==");
  EXPECT_FALSE(Base64UrlDecode("YR"));  // stray bits in the last of two
}

TEST(EncodingTest, KnowsUtf8AtEveryPlace) {
  for (size_t before = 0; before < 20; ++before) {
    const std::string ascii(before, 'a');
    EXPECT_TRUE(IsUtf8(ascii + "€" + ascii));
    EXPECT_FALSE(IsUtf8(ascii + "\xff" + ascii));
    EXPECT_FALSE(IsUtf8(ascii + "\xe2\x82"));
  }
}

TEST(EncodingTest, KnowsUtf8) {
  EXPECT_TRUE(IsUtf8("añb€😀"));
  EXPECT_FALSE(IsUtf8("\xc0\x80"));
  EXPECT_FALSE(IsUtf8("\xed\xa0\x80"));
  EXPECT_FALSE(IsUtf8("\xf4\x90\x80\x80"));
  EXPECT_FALSE(IsUtf8("a\xe2\x82"));
}

Task<int> Later(int value) {
  Async<int> pending([value](std::function<void(int)> done) {
    std::thread([value, done] { done(value); }).detach();
  });
  co_return co_await pending;
}

Task<int> Sum(int n) {
  int sum = 0;
  for (int i = 0; i < n; ++i) sum += co_await Later(i);
  co_return sum;
}

TEST(TaskTest, AwaitsAcrossThreads) { EXPECT_EQ(SyncWait(Sum(100)), 4950); }

TEST(TaskTest, ACallbackThatIsCalledAtOnceIsFine) {
  const auto task = []() -> Task<int> {
    int sum = 0;
    for (int i = 0; i < 1000; ++i) {
      Async<int> pending([i](std::function<void(int)> done) { done(i); });
      sum += co_await pending;
    }
    co_return sum;
  };
  EXPECT_EQ(SyncWait(task()), 499'500);
}

}  // namespace
}  // namespace fairlead
