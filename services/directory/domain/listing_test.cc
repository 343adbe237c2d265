// Listings, folded text and need codes.
#include "services/directory/domain/listing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "services/common/base/text.h"
#include "services/directory/domain/csv.h"
#include "services/directory/domain/fold.h"
#include "services/directory/domain/misspelt.h"
#include "services/directory/domain/need_codes.h"

namespace fairlead::directory {
namespace {

using Strings = std::vector<std::string>;

TEST(FoldTest, CaseAndAccentsDoNotMatter) {
  EXPECT_EQ(Fold("Clínica DENTAL"), "clinica dental");
  EXPECT_EQ(Fold("Straße ＡＢＣ"), "strasse abc");
  EXPECT_EQ(Tokens("Bed & bath, bed; a Ñandú", 10), (Strings{"bath", "bed", "nandu"}));
  EXPECT_EQ(Tokens("one two three", 2).size(), 2U);
  EXPECT_TRUE(Tokens(std::string(60, 'x'), 2).empty());
}

TEST(FoldTest, ShortenKeepsCharactersWhole) {
  EXPECT_EQ(Shorten("añb", 2), "a");
  EXPECT_EQ(Shorten("añb", 3), "añ");
  EXPECT_EQ(Shorten("ab", 5), "ab");
}

TEST(ListingTest, PhonesBecomeE164WhereThatIsCertain) {
  EXPECT_EQ(NormalisePhone("\"+44 1234 234567\""), "+441234234567");
  EXPECT_EQ(NormalisePhone("(555) 010-1234"), "+15550101234");
  EXPECT_EQ(NormalisePhone("1-555-010-1234"), "+15550101234");
  EXPECT_EQ(NormalisePhone(" 988 "), "988");
  EXPECT_EQ(NormalisePhone("555-0101 ext 4"), "555-0101 ext 4");
  EXPECT_EQ(NormalisePhone("+0123"), "+0123");
}

TEST(ListingTest, LanguagesBecomeCanonicalTags) {
  EXPECT_EQ(NormaliseLanguage("ES"), "es");
  EXPECT_EQ(NormaliseLanguage("eng"), "en");
  EXPECT_EQ(NormaliseLanguage("zh-hant"), "zh-Hant");
  EXPECT_EQ(NormaliseLanguage("es-mx"), "es-MX");
  for (const char* bad : {"", "e", "not a tag", "es_", "und", "12", "español"}) {
    EXPECT_FALSE(NormaliseLanguage(bad)) << bad;
  }
}

TEST(ListingTest, CountiesAreReadOnlyWhenNothingElseIsThere) {
  EXPECT_EQ(ReadAreas("12086; 12011,12086").counties, (Strings{"12011", "12086"}));
  EXPECT_EQ(ReadAreas("12, 06").states, (Strings{"06", "12"}));
  EXPECT_EQ(ReadAreas("12, 13001").counties, (Strings{"13001"}));
  for (const char* other : {"", "extent", "County 12086", "1208", "120866", "geo:12086"}) {
    EXPECT_TRUE(ReadAreas(other).counties.empty()) << other;
    EXPECT_TRUE(ReadAreas(other).states.empty()) << other;
  }
}

TEST(ListingTest, TheHashSeesEveryField) {
  Listing base;
  base.id = "1";
  base.name = "n";
  std::set<std::string> hashes = {ContentHash(base)};
  const auto add = [&](auto change) {
    Listing other = base;
    change(other);
    EXPECT_TRUE(hashes.insert(ContentHash(other)).second);
  };
  add([](Listing& l) { l.name = "m"; });
  add([](Listing& l) { l.description = "d"; });
  add([](Listing& l) { l.organization_id = "3"; });
  add([](Listing& l) { l.status = "active"; });
  add([](Listing& l) { l.need_codes = {"food"}; });
  add([](Listing& l) { l.languages = {"food"}; });
  add([](Listing& l) { l.counties = {"food"}; });
  add([](Listing& l) { l.phones = {"food"}; });
  add([](Listing& l) { l.cities = {"food"}; });
  add([](Listing& l) { l.cities = {"fo", "od"}; });
  add([](Listing& l) { l.email = "e"; });
  add([](Listing& l) { l.url = "e"; });
  add([](Listing& l) { l.minimum_age = 1; });
  add([](Listing& l) { l.maximum_age = 1; });
  add([](Listing& l) { l.confidential_location = true; });
}

TEST(NeedCodesTest, TwoLevelsEachLabelledInBothLanguages) {
  const auto& codes = NeedCodes();
  EXPECT_GE(codes.size(), 60U);
  EXPECT_LE(codes.size(), 90U);
  std::set<std::string> seen;
  for (const NeedCode& need : codes) {
    EXPECT_TRUE(seen.insert(need.code).second) << need.code;
    EXPECT_FALSE(need.label_en.empty() || need.label_es.empty()) << need.code;
    EXPECT_GE(need.words.size(), 4U) << need.code;
    EXPECT_TRUE(std::ranges::all_of(need.code, [](char c) {
      return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9');
    })) << need.code;
    if (need.parent.empty()) continue;
    // The parent stands before it, and is at the top.
    ASSERT_TRUE(seen.contains(need.parent)) << need.code;
    EXPECT_TRUE(FindNeedCode(need.parent)->parent.empty()) << need.code;
  }
}

TEST(MisspeltTest, OneSlipFromFiveLettersTwoFromNine) {
  EXPECT_EQ(SlipsAllowed("beds"), 0);
  EXPECT_EQ(SlipsAllowed("house"), 1);
  EXPECT_EQ(SlipsAllowed("abogados"), 1);
  EXPECT_EQ(SlipsAllowed("counseling"), 2);
  EXPECT_EQ(SlipsAllowed("service24"), 0) << "numbers are not misspelt into others";
  EXPECT_EQ(SlipsAllowed("приют"), 1) << "letters, not bytes";
  EXPECT_TRUE(IsMisspelt("refujio", "refugio", 1));   // mistaken
  EXPECT_TRUE(IsMisspelt("refgio", "refugio", 1));    // left out
  EXPECT_TRUE(IsMisspelt("refuugio", "refugio", 1));  // put in
  EXPECT_TRUE(IsMisspelt("refuigo", "refugio", 1));   // changed over
  EXPECT_TRUE(IsMisspelt("приот", "приют", 1));
  EXPECT_FALSE(IsMisspelt("refuijo", "refugio", 1));
  EXPECT_TRUE(IsMisspelt("refuijo", "refugio", 2));
  EXPECT_FALSE(IsMisspelt("ref", "refugio", 2));
  EXPECT_TRUE(IsMisspelt("house", "house", 0));
  // Changed over and then something between: that is three slips here, not two.
  EXPECT_FALSE(IsMisspelt("ca", "abc", 2));
}

// The letters that are looked at first must let through whatever a slip can make of a word.
TEST(MisspeltTest, ASlipChangesFewLetters) {
  const std::string word = "refugio";
  for (size_t i = 0; i < word.size(); ++i) {
    for (const char* letter : {"a", "z", "0", "ñ", "ж", ""}) {
      for (const size_t taken : {size_t{0}, size_t{1}}) {
        std::string other = word;
        other.replace(i, taken, letter);
        EXPECT_TRUE(IsMisspelt(word, other, 1)) << other;
        EXPECT_LE(std::popcount(LettersIn(word) ^ LettersIn(other)), kLettersOfSlip) << other;
      }
    }
  }
}

TEST(NeedCodesTest, WordsOfEitherLanguageFindCodes) {
  EXPECT_TRUE(Contains(NeedCodesOfWord("refujio", 1), "emergency_housing"));
  EXPECT_TRUE(NeedCodesOfWord("refujio", 0).empty());
  EXPECT_TRUE(Contains(NeedCodesOfWord("dentis", 0), "dental"));
  EXPECT_TRUE(Contains(NeedCodesOfWord(Fold("niñera"), 0), "child_care"));
  EXPECT_TRUE(NeedCodesOfWord("de", 0).empty());
  EXPECT_EQ(WithParents({"detox", "food"}), (Strings{"detox", "food", "substance_use"}));
}

TEST(NeedCodesConformanceTest, EveryOpenEligibilityIdExists) {
  const char* folder = std::getenv("FAIRLEAD_CONFORMANCE_DATA");
  const std::filesystem::path path =
      std::filesystem::path(folder != nullptr ? folder : "../shared/data") /
      "openeligibility/openeligibility-2.0.csv";
  std::ifstream in(path);
  if (!in) GTEST_SKIP() << "no " << path;
  std::stringstream text;
  text << in.rdbuf();
  const auto file = ParseCsv(text.str(), 1000);
  ASSERT_TRUE(file) << file.error().row << " " << file.error().reason;
  ASSERT_EQ(file->header[0], "id");
  ASSERT_EQ(file->header[3], "kind");
  std::map<std::string, std::string> kinds;
  for (const auto& record : file->records) kinds[record[0]] = record[3];
  EXPECT_GT(kinds.size(), 300U);
  for (const NeedCode& need : NeedCodes()) {
    EXPECT_EQ(kinds[need.open_eligibility_id], "services") << need.code;
    EXPECT_FALSE(NeedCodeOfOpenEligibility(need.open_eligibility_id).empty());
  }
}

}  // namespace
}  // namespace fairlead::directory
