#include "services/common/base/passphrase.h"

#include <gtest/gtest.h>

#include <string>

namespace fairlead {
namespace {

std::string Reason(std::string_view passphrase) {
  const Result<void> result = CheckPassphrase(passphrase, "rosa.alvarez", "Rosa Alvarez");
  return result ? "" : result.error().reason;
}

TEST(PassphraseTest, LongAndUnlikelyOnesAreGood) {
  EXPECT_EQ(Reason("violet ladder under ninety kites"), "");
  EXPECT_EQ(Reason("Kj8#vP2!mQz9&tLw"), "");
  EXPECT_EQ(Reason("lluvia azul sobre el tejado"), "");
  EXPECT_EQ(Reason("песня о ветре и море"), "");
}

TEST(PassphraseTest, LengthCountsCharactersNotBytes) {
  EXPECT_EQ(Reason("vx7 kettle mug"), "PASSPHRASE_TOO_SHORT");  // 14
  EXPECT_EQ(Reason("vx7 kettle mugs"), "");                     // 15
  EXPECT_EQ(Reason("песнямореветер"), "PASSPHRASE_TOO_SHORT");  // 14 characters, 28 bytes
  EXPECT_EQ(Reason(""), "PASSPHRASE_TOO_SHORT");
}

TEST(PassphraseTest, CommonOnesAreRefused) {
  for (const char* common :
       {"passwordpassword", "Password-Welcome-2024!", "correct horse battery staple",
        "CorrectHorseBatteryStaple!1", "P@ssw0rd P@ssw0rd", "letmeinletmeinletmein",
        "welcome123456789", "this is my password", "administrator1234567", "iloveyouiloveyou",
        "to be or not to be, that is the question"}) {
    EXPECT_EQ(Reason(common), "PASSPHRASE_TOO_COMMON") << common;
  }
}

TEST(PassphraseTest, RepetitionsAndSequencesAreRefused) {
  for (const char* weak : {"aaaaaaaaaaaaaaaa", "abcabcabcabcabcabc", "xk7Qxk7Qxk7Qxk7Q",
                           "123456789012345678", "abcdefghijklmnopq", "qwertyuiopasdfgh",
                           "zyxwvutsrqponmlk", "1111222233334444", "qwerty qwerty qwe"}) {
    EXPECT_EQ(Reason(weak), "PASSPHRASE_TOO_COMMON") << weak;
  }
}

TEST(PassphraseTest, OnesOwnNameIsNoSecret) {
  EXPECT_EQ(Reason("rosa.alvarez 2024 2025"), "PASSPHRASE_TOO_COMMON");
  EXPECT_EQ(Reason("Alvarez-Rosa-Alvarez"), "PASSPHRASE_TOO_COMMON");
  EXPECT_EQ(Reason("rosa grows tall in the gravel"), "");
}

}  // namespace
}  // namespace fairlead
