#include "services/common/guard/guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace fairlead::guard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// "phone:312-555-0143", as found.
std::vector<std::string> Found(std::string_view text) {
  const auto findings = Look(text);
  EXPECT_TRUE(findings) << ToString(findings.error());
  std::vector<std::string> found;
  for (const Finding& finding : *findings) {
    found.push_back(std::string(ReasonCode(finding.reason)) + ":" +
                    std::string(text.substr(finding.begin, finding.end - finding.begin)));
  }
  return found;
}

TEST(GuardTest, SaysWhereAndWhy) {
  EXPECT_THAT(Found("Maria Lopez, born 3/14/1998, cell 312-555-0143."),
              ElementsAre("name_and_date:Maria Lopez, born 3/14/1998", "phone:312-555-0143"));
  EXPECT_THAT(Found("se llama Mónica y su correo es m.a@example.com"),
              ElementsAre("name:Mónica", "email:m.a@example.com"));
}

TEST(GuardTest, DatesOfBirthNeedNoName) {
  EXPECT_THAT(Found("dob 06/05/2010"), ElementsAre("name_and_date:dob 06/05/2010"));
  EXPECT_THAT(Found("dob june 2010"), ElementsAre("name_and_date:dob june 2010"));
  EXPECT_THAT(Found("nació el 7 marzo 2003"), ElementsAre("name_and_date:nació el 7 marzo 2003"));
  EXPECT_THAT(Found("(b. 1999-05-30)"), ElementsAre("name_and_date:b. 1999-05-30"));
  EXPECT_THAT(Found("Our agency was born in 1999."), IsEmpty());
  EXPECT_THAT(Found("Dates of birth do not belong here."), IsEmpty());
}

TEST(GuardTest, WhoIsAtWorkIsNobodysClient) {
  EXPECT_THAT(Found("Our new director is Maria Lopez, she starts on January 4."), IsEmpty());
  EXPECT_THAT(Found("Taller de la Lic. Rosa Meza para clientes nuevos, 9 de enero."), IsEmpty());
  EXPECT_THAT(Found("The Rosa Parks Shelter opens on December 1 and she may come."), IsEmpty());
  EXPECT_THAT(Found("Our client Rosa Parks came on December 1."), testing::SizeIs(1));
}

TEST(GuardTest, PhonesOfAllShapesButThoseOfAgencies) {
  for (const char* phone : {"(312)555-0143", "312.555.0143", "312 555 0143", "3125550143",
                            "1-312-555-0143", "+1 312 555 0143", "+525555550123"}) {
    EXPECT_THAT(Found(std::string("she has ") + phone + " now"),
                ElementsAre(std::string("phone:") + phone));
  }
  EXPECT_THAT(Found("call her sister, 555-0134"), ElementsAre("phone:555-0134"));
  EXPECT_THAT(Found("Our intake line: 312-555-0100"), IsEmpty());
  EXPECT_THAT(Found("Our intake line gave her 312-555-0100"), testing::SizeIs(1));
  EXPECT_THAT(Found("1-888-373-7888 and 988, 741741"), IsEmpty());
  EXPECT_THAT(Found("$3,125,550,143 or 1,312,555"), IsEmpty());
  EXPECT_THAT(Found("beds 15-18, 2200-0600, 12/10/2026 18:45"), IsEmpty());
}

TEST(GuardTest, MailboxesOfAgenciesAreTheirs) {
  EXPECT_THAT(Found("intake@harbor.example.org"), IsEmpty());
  EXPECT_THAT(Found("rosa@harbor.example.org"), testing::SizeIs(1));
  EXPECT_THAT(Found("rosa at example dot com"), ElementsAre("email:rosa at example dot com"));
  EXPECT_THAT(Found("rosa (arroba) example.com"), ElementsAre("email:rosa (arroba) example.com"));
  EXPECT_THAT(Found("Meet us at example.com."), IsEmpty());
}

TEST(GuardTest, AddressesNeedANumber) {
  EXPECT_THAT(Found("at 88 W 14th St now"), ElementsAre("address:88 W 14th St"));
  EXPECT_THAT(Found("calle Maple 1425"), ElementsAre("address:calle Maple 1425"));
  EXPECT_THAT(Found("5a calle 22"), testing::SizeIs(1));
  EXPECT_THAT(Found("PO Box 4417"), ElementsAre("address:PO Box 4417"));
  EXPECT_THAT(Found("the clinic on 5th Avenue, la avenida 5, Maple Street"), IsEmpty());
  EXPECT_THAT(Found("Our new address is 400 Main Street."), IsEmpty());
}

TEST(GuardTest, NumbersOfPapersAndCars) {
  EXPECT_THAT(Found("987-65-4321"), ElementsAre("document:987-65-4321"));
  EXPECT_THAT(Found("A012 345 678"), ElementsAre("document:A012 345 678"));
  EXPECT_THAT(Found("case no. 26-CR-00417"), ElementsAre("document:26-CR-00417"));
  EXPECT_THAT(Found("plate KLM-4821"), ElementsAre("plate:KLM-4821"));
  EXPECT_THAT(Found("Form I-914, 22 U.S.C. 7102(11), meeting ID 812 5555 0100"), IsEmpty());
  EXPECT_THAT(Found("El pasaporte cuesta 130 dólares desde el 12/10/2026"), IsEmpty());
}

TEST(GuardTest, Accounts) {
  EXPECT_THAT(Found("find her: @sunny_98"), ElementsAre("handle:@sunny_98"));
  EXPECT_THAT(Found("IG: rosita.dlgd"), ElementsAre("handle:rosita.dlgd"));
  EXPECT_THAT(Found("facebook.com/keisha.772"), ElementsAre("handle:facebook.com/keisha.772"));
  EXPECT_THAT(Found("Follow our page facebook.com/harbor, @everyone"), IsEmpty());
}

// What is typed to look the same is the same.
TEST(GuardTest, FoldsWidthAccentsDashesAndWhatIsInvisible) {
  EXPECT_THAT(Found("she: ３１２‑５５５‑０１４３"), testing::SizeIs(1));
  EXPECT_THAT(Found("she: 312\u00AD-555\u200B-0143"), testing::SizeIs(1));
  EXPECT_THAT(Found("NACIÓ EL 4/4/92"), testing::SizeIs(1));
  EXPECT_THAT(Found("nacio\u0301 el 4/4/92"), testing::SizeIs(1));
  EXPECT_THAT(Found("rosa\uFF20example.com"), testing::SizeIs(1));
}

TEST(GuardTest, FindingsAreWholeCharactersInOrderAndApart) {
  const std::string text =
      "Mónica Álvarez nació el 4/4/92 en calle Ñandú 12, correo é@example.com é, ella 312-555-0143";
  const auto findings = Look(text);
  ASSERT_TRUE(findings);
  ASSERT_GE(findings->size(), 3u);
  size_t last = 0;
  for (const Finding& finding : *findings) {
    EXPECT_LE(last, finding.begin);
    EXPECT_LT(finding.begin, finding.end);
    EXPECT_LE(finding.end, text.size());
    for (const size_t edge : {finding.begin, finding.end}) {
      if (edge == text.size()) continue;
      EXPECT_NE(static_cast<unsigned char>(text[edge]) & 0xC0, 0x80);
    }
    last = finding.end;
  }
}

TEST(GuardTest, RefusesWhatIsTooLargeOrNoUtf8) {
  EXPECT_EQ(Look(std::string(kMaxTextBytes + 1, 'a')).error().reason, "TEXT_TOO_LARGE");
  EXPECT_EQ(Look("\xC3(").error().reason, "TEXT_NOT_UTF8");
  EXPECT_THAT(Found(""), IsEmpty());
  EXPECT_THAT(Found(std::string(kMaxTextBytes, 'a')), IsEmpty());
}

// Twice the text is looked at with at most twice the tokens: whatever repeats, nothing is found
// that reaches further than the bounds of the rules, and what is found is the same at its end.
TEST(GuardTest, WhatComesBeforeDoesNotHideWhatFollows) {
  for (const char* filler :
       {"1 ", "a ", "A ", "@", "calle ", "passport ", "plate ", "born ", "(", "12/", "name ", "1.",
        "Maria de la ", "+", "-", "\n", "a@", "\xC3\xB1"}) {
    std::string text;
    while (text.size() + 64 < kMaxTextBytes) text += filler;
    text += ".\nReach her on her cell, 312-555-0143";
    const auto findings = Look(text);
    ASSERT_TRUE(findings) << filler;
    ASSERT_FALSE(findings->empty()) << filler;
    EXPECT_EQ(findings->back().end, text.size()) << filler;
  }
}

}  // namespace
}  // namespace fairlead::guard
