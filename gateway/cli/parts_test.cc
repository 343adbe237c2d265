// The parts by themselves: durations, text, server-sent events, the home folder, packets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "gateway/cli/client.h"
#include "gateway/cli/home.h"
#include "gateway/cli/output.h"
#include "gateway/cli/packet.h"
#include "gateway/cli/sse.h"
#include "services/common/testing/temp_dir.h"

namespace fairlead::cli {
namespace {

using ::testing::ElementsAre;

TEST(DurationTest, TakesUnitsAndRefusesTheRest) {
  EXPECT_EQ(ParseDurationS("90s", "--x"), 90);
  EXPECT_EQ(ParseDurationS("30min", "--x"), 1'800);
  EXPECT_EQ(ParseDurationS("30d", "--x"), 2'592'000);
  EXPECT_EQ(ParseDurationS("8w", "--x"), 4'838'400);
  for (const char* wrong : {"", "d", "30", "0d", "-1d", "1.5h", "30 d", "30m", "367d", "99999999w",
                            "123456789s", "1dd"}) {
    EXPECT_FALSE(ParseDurationS(wrong, "--x")) << wrong;
  }
}

TEST(PrintableTest, TakesControlCharactersAway) {
  EXPECT_EQ(Printable("a\x1b[2Jb\x07"), "a?[2Jb?");
  EXPECT_EQ(Printable("two\nlines\t."), "two lines .");
  EXPECT_EQ(Printable("two\nlines\t.", true), "two\nlines\t.");
  EXPECT_EQ(Printable("\xC2\x9B"
                      "31m"),
            "?31m")
      << "C1 control sequence introducer";
  EXPECT_EQ(Printable("niñez ✓"), "niñez ✓");
  EXPECT_EQ(Printable("a\x9B"
                      "31mb"),
            "a?31mb")
      << "the same as a lone byte";
  EXPECT_EQ(Printable("Safe\u202Efasn\u202C \u2066x\u2069"), "Safe?fasn? ?x?")
      << "direction overrides and isolates";
  EXPECT_EQ(Printable("\u2028\u2029"), "??");
  EXPECT_EQ(Printable("\xC0\xAF\xED\xA0\x80\xF4\x90\x80\x80 \xE2\x80"), "????????? ??")
      << "overlong, surrogate, beyond Unicode, cut off";
  EXPECT_EQ(Printable("\u2027\u202F\u2065\u206A 日本 😀", true),
            "\u2027\u202F\u2065\u206A 日本 😀");
  EXPECT_EQ(Width("niñez ✓"), 7U);
}

std::vector<std::string> Events(const std::string& stream, size_t piece) {
  SseParser parser;
  std::vector<std::string> seen;
  for (size_t at = 0; at < stream.size(); at += piece) {
    EXPECT_TRUE(parser.Feed(std::string_view(stream).substr(at, piece), [&](const SseEvent& event) {
      seen.push_back(event.name + "|" + event.data + "|" + event.id);
    }));
  }
  return seen;
}

TEST(SseTest, IsTheSameHoweverItIsCut) {
  const std::string stream =
      ": hello\r\nid: 1\r\ndata: a\r\ndata: b\r\n\r\nevent: x\ndata:c\n\nid: 2\n\ndata\n\nda";
  for (size_t piece = 1; piece < stream.size(); ++piece) {
    EXPECT_THAT(Events(stream, piece), ElementsAre("message|a\nb|1", "x|c|1", "message||2"));
  }
}

TEST(SseTest, AnEndlessEventIsDropped) {
  SseParser parser;
  const auto ignore = [](const SseEvent&) {};
  EXPECT_TRUE(parser.Feed("id: 7\ndata: x\n\n", ignore));
  EXPECT_FALSE(parser.Feed(std::string(SseParser::kMaxEventBytes + 1, 'x'), ignore));
  EXPECT_EQ(parser.last_id(), "7");
}

TEST(UrlTest, KeepsTheSessionOffTheNetwork) {
  EXPECT_EQ(CheckUrl("http://127.0.0.1:7420/", false), "http://127.0.0.1:7420");
  EXPECT_EQ(CheckUrl("https://hub.example.org", false), "https://hub.example.org");
  EXPECT_TRUE(CheckUrl("http://[::1]:80", false));
  EXPECT_TRUE(CheckUrl("http://hub.example.org", true));
  for (const char* wrong :
       {"", "hub", "ftp://x", "http://", "http://u@127.0.0.1", "http://a/b",
        "http://hub.example.org", "http://127.evil.example", "http://127.0.0.1.evil.example"}) {
    EXPECT_FALSE(CheckUrl(wrong, false)) << wrong;
  }
}

TEST(UrlTest, BrowsersGetANameForThisMachine) {
  EXPECT_EQ(BrowserUrl("http://127.0.0.1:7420"), "http://localhost:7420");
  EXPECT_EQ(BrowserUrl("http://[::1]:7420"), "http://localhost:7420");
  EXPECT_EQ(BrowserUrl("http://127.0.0.1"), "http://localhost");
  for (const char* same : {"http://localhost:7420", "https://hub.example.org",
                           "http://127.0.0.10:7420", "https://127.0.0.1:7420", "", "http://"}) {
    EXPECT_EQ(BrowserUrl(same), same);
  }
}

TEST(HomeTest, KeysAndPinsComeBackAsTheyWere) {
  const std::string kAgency = "01890a5d-ac96-774b-bcce-b302099a8001";
  const std::string kOther = "01890a5d-ac96-774b-bcce-b302099a8002";
  const testing::TempDir folder;
  Home home(folder.File("home"), "default");
  EXPECT_EQ(home.LoadKeys(kAgency).error().reason, "KEY_MISSING");
  const auto epoch = seal::GenerateKey(seal::KeyUse::kEpoch);
  const auto signing = seal::GenerateKey(seal::KeyUse::kSigning);
  ASSERT_TRUE(epoch && signing);
  ASSERT_TRUE(home.SaveKey(kAgency, *epoch));
  ASSERT_TRUE(home.SaveKey(kAgency, *signing));
  ASSERT_TRUE(home.MakeCurrent(kAgency, epoch->public_key.kid, signing->public_key.kid, 3));
  const auto keys = home.LoadKeys(kAgency);
  ASSERT_TRUE(keys) << ToString(keys.error());
  EXPECT_EQ(keys->epoch.public_key, epoch->public_key);
  EXPECT_EQ(keys->epoch_number, 3);
  EXPECT_FALSE(home.LoadKey(kAgency, "../../pins"));
  EXPECT_TRUE(home.OpenFiles().empty());

  const Pin pin{.name = "Clínica",
                .sealed_to = true,
                .keys = {.name = "Clínica",
                         .agency_kid = "a",
                         .certified_s = 5,
                         .version = 4,
                         .list_hash = "h",
                         .epoch = 2,
                         .epoch_kid = "e",
                         .signing_kid = "s"}};
  ASSERT_TRUE(home.SavePin(kOther, pin));
  EXPECT_EQ(home.LoadPins()->at(kOther), pin);
  home.SetLast("referral", "01890a5d-ac96-774b-bcce-b302099a8001");
  home.SetLast("release", "not an id");
  EXPECT_EQ(home.Last("referral"), "01890a5d-ac96-774b-bcce-b302099a8001");
  EXPECT_EQ(home.Last("release"), "");

  const std::string file = home.KeyFolder(kAgency) + "/" + epoch->public_key.kid + ".jwk";
  ASSERT_EQ(::chmod(file.c_str(), 0640), 0);
  EXPECT_EQ(home.LoadKeys(kAgency).error().reason, "FILE_OPEN_TO_OTHERS");
  EXPECT_THAT(home.OpenFiles(), ElementsAre(file));
}

TEST(HomeTest, WhatIsNoIdNamesNoFile) {
  const testing::TempDir folder;
  Home home(folder.File("home"), "default");
  const auto key = seal::GenerateKey(seal::KeyUse::kEpoch);
  ASSERT_TRUE(key);
  for (const std::string id : {"", "..", "../../../outside", "/tmp/x", "agency",
                               "01890A5D-AC96-774B-BCCE-B302099A8001"}) {
    EXPECT_EQ(home.SaveKey(id, *key).error().reason, "INVALID_ID") << id;
    EXPECT_EQ(home.LoadKey(id, key->public_key.kid).error().reason, "INVALID_ID") << id;
    EXPECT_EQ(home.LoadKeys(id).error().reason, "INVALID_ID") << id;
    EXPECT_EQ(home.MakeCurrent(id, "a", "b", 1).error().reason, "INVALID_ID") << id;
    EXPECT_EQ(home.SavePin(id, Pin{}).error().reason, "INVALID_ID") << id;
    EXPECT_EQ(home.RememberReleaseHash(id, "h").error().reason, "INVALID_ID") << id;
  }
  EXPECT_FALSE(std::filesystem::exists(folder.File("home")));
  EXPECT_FALSE(std::filesystem::exists(folder.File("outside")));
}

TEST(HomeTest, AnOutputFileIsNeverReplacedUnasked) {
  const testing::TempDir folder;
  const std::string path = folder.File("packet.json");
  ASSERT_TRUE(WriteNewFile(path, "one", false));
  EXPECT_EQ(WriteNewFile(path, "two", false).error().reason, "OUTPUT_EXISTS");
  EXPECT_EQ(*ReadFile(path, 10), "one");
  ASSERT_TRUE(WriteNewFile(path, "two", true));
  EXPECT_EQ(*ReadFile(path, 10), "two");
  EXPECT_EQ(ReadFile(path, 2).error().reason, "FILE_TOO_LARGE");
}

consent::v1::Release Release() {
  consent::v1::Release release;
  release.set_state(consent::v1::RELEASE_STATE_ACTIVE);
  release.add_recipient_agency_ids("clinic");
  release.add_categories("needs");
  release.add_categories("identity");
  release.add_purposes("referral");
  release.set_release_hash(std::string(43, 'A'));
  release.mutable_expire_time()->set_seconds(2'000'000'000);
  return release;
}

TEST(PacketTest, ItsMembersAreItsCategories) {
  const auto packet = ParsePacket(R"({"needs":{"beds":2}, "identity":{"name":"x"}})");
  ASSERT_TRUE(packet) << ToString(packet.error());
  EXPECT_THAT(packet->categories, ElementsAre("identity", "needs"));
  EXPECT_EQ(packet->bytes, R"({"needs":{"beds":2}, "identity":{"name":"x"}})");
}

TEST(PacketTest, RefusesWhatIsNoPacket) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"", "syntax"},
      {"[]", "no_categories"},
      {"{}", "no_categories"},
      {R"({"needs":1,"needs":2})", "duplicate_member"},
      {R"({"helth":1})", "unknown_category"},
      {"{\"needs\":\"\xff\"}", "not_utf8"},
      {"{\"needs\":\"" + std::string(seal::kMaxPlaintextBytes, 'x') + "\"}", "too_large"}};
  for (const auto& [text, detail] : wrong) {
    const auto packet = ParsePacket(text);
    ASSERT_FALSE(packet) << detail;
    EXPECT_EQ(packet.error().reason, "INVALID_PACKET_FILE");
    EXPECT_EQ(packet.error().metadata.at("detail"), detail);
  }
}

std::string ReasonFor(const consent::v1::Release& release, const std::string& packet,
                      const std::string& to = "clinic", const std::string& purpose = "referral") {
  const auto checked =
      CheckAgainstRelease(*ParsePacket(packet), release, to, purpose, 1'900'000'000);
  return checked ? "" : checked.error().reason;
}

TEST(PacketTest, NothingIsSealedOutsideTheRelease) {
  EXPECT_EQ(ReasonFor(Release(), R"({"needs":1})"), "");
  EXPECT_EQ(ReasonFor(Release(), R"({"needs":1,"health":2})"), "PACKET_CATEGORY_OUTSIDE_RELEASE");
  EXPECT_EQ(ReasonFor(Release(), R"({"needs":1})", "other"), "RELEASE_RECIPIENT_MISMATCH");
  EXPECT_EQ(ReasonFor(Release(), R"({"needs":1})", "clinic", "benefits"),
            "RELEASE_PURPOSE_MISMATCH");
  consent::v1::Release expired = Release();
  expired.mutable_expire_time()->set_seconds(1'900'000'000);
  EXPECT_EQ(ReasonFor(expired, R"({"needs":1})"), "RELEASE_EXPIRED");
  consent::v1::Release excluded = Release();
  excluded.add_excluded_categories("identity");
  EXPECT_EQ(ReasonFor(excluded, R"({"identity":1})"), "PACKET_CATEGORY_OUTSIDE_RELEASE");
  consent::v1::Release draft = Release();
  draft.set_state(consent::v1::RELEASE_STATE_DRAFT);
  EXPECT_EQ(ReasonFor(draft, R"({"needs":1})"), "RELEASE_NOT_SIGNED");
  draft.set_state(consent::v1::RELEASE_STATE_REVOKED);
  EXPECT_EQ(ReasonFor(draft, R"({"needs":1})"), "RELEASE_REVOKED");
}

TEST(PacketTest, ComesBackByteForByte) {
  const auto theirs = seal::GenerateKey(seal::KeyUse::kEpoch);
  const auto ours = seal::GenerateKey(seal::KeyUse::kEpoch);
  const auto signing = seal::GenerateKey(seal::KeyUse::kSigning);
  ASSERT_TRUE(theirs && ours && signing);
  const std::string bytes = "{ \"needs\" : {\"tonight\":true} ,\r\n\"identity\":{\"n\":\"Ñ\"}}\n\n";
  const std::string id = "01890a5d-ac96-774b-bcce-b302099a8057";
  const std::string kSender = "01890a5d-ac96-774b-bcce-b302099a8058";
  const auto sealed = SealPacket(*ParsePacket(bytes), Release(),
                                 {.referral_id = id,
                                  .own_agency_id = kSender,
                                  .purpose = "referral",
                                  .recipient_epoch_key = theirs->public_key,
                                  .own_epoch_key = ours->public_key},
                                 *signing, SystemRandom());
  ASSERT_TRUE(sealed) << ToString(sealed.error());
  EXPECT_EQ(sealed->find("tonight"), std::string::npos);
  for (const seal::PrivateKey* reader : {&*theirs, &*ours}) {
    const auto opened = seal::Open(*sealed, *reader,
                                   {.referral_id = id,
                                    .release_hash = Release().release_hash(),
                                    .sender_agency_id = kSender,
                                    .sender_signing_key = signing->public_key,
                                    .now_s = 1'900'000'000});
    ASSERT_TRUE(opened) << ToString(opened.error());
    EXPECT_EQ(opened->plaintext, bytes);
    EXPECT_THAT(opened->header.categories, ElementsAre("identity", "needs"));
  }
}

}  // namespace
}  // namespace fairlead::cli
