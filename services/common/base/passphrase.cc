#include "services/common/base/passphrase.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

namespace fairlead {
namespace {

// Compared after lower-casing and dropping all but letters and digits. Short words also count when
// a passphrase is only these, one after another, with digits between ("Password-Welcome-2024!").
constexpr std::array kCommonWords = {
    "password",      "passwort",   "passphrase", "contrasena",
    "welcome",       "bienvenido", "letmein",    "admin",
    "administrator", "changeme",   "secret",     "secreto",
    "qwerty",        "qwertz",     "asdfgh",     "zxcvbn",
    "iloveyou",      "teamo",      "monkey",     "dragon",
    "sunshine",      "princess",   "football",   "baseball",
    "superman",      "batman",     "master",     "login",
    "default",       "temporary",  "temp",       "test",
    "testing",       "example",    "sample",     "please",
    "this",          "is",         "my",         "a",
    "the",           "not",        "mypassword", "hello",
    "hola",          "world",      "mundo",      "user",
    "guest",         "root",       "hotline",    "shelter",
    "fairlead",      "coalition",  "agency",     "referral",
    "summer",        "winter",     "spring",     "autumn",
    "fall",          "january",    "february",   "march",
    "april",         "may",        "june",       "july",
    "august",        "september",  "october",    "november",
    "december",      "monday",     "tuesday",    "wednesday",
    "thursday",      "friday",     "saturday",   "sunday",
    "freedom",       "survivor",   "jesus",      "god",
    "love",          "trustno1",   "abc",        "xyz",
    "new",           "old",        "very",
};

// Well-known whole phrases.
constexpr std::array kCommonPhrases = {
    "correcthorsebatterystaple",
    "tobeornottobethatisthequestion",
    "maytheforcebewithyou",
    "thequickbrownfoxjumpsoverthelazydog",
    "thequickbrownfox",
    "quickbrownfoxjumps",
    "onceuponatime",
    "onceuponatimethere",
    "allyourbasearebelongtous",
    "letmeinplease",
    "imtheoneandonly",
    "nevergonnagiveyouup",
    "itwasthebestoftimes",
    "ihaveadreamthatoneday",
    "inthebeginningwastheword",
    "theanswerisfortytwo",
    "openthepodbaydoors",
    "givemelibertyorgivemedeath",
    "whatisthepassword",
    "idontknowthepassword",
    "iforgotmypassword",
    "incorrectpassword",
    "yourpasswordisincorrect",
    "mipalabrasecreta",
    "micontrasenasecreta",
    "noolvideslacontrasena",
    "supercalifragilisticexpialidocious",
    "onetwothreefourfive",
    "unodostrescuatrocinco",
    "readysteadygo",
    "iloveyousomuch",
    "iloveyouforever",
    "teamomuchomiamor",
    "thereisnoplacelikehome",
};

constexpr std::array kKeyboardRows = {"1234567890",
                                      "qwertyuiop",
                                      "qwertzuiop",
                                      "asdfghjkl",
                                      "zxcvbnm",
                                      "yxcvbnm",
                                      "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p"};

std::string Simplify(std::string_view text) {
  std::string simple;
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z')
      simple += static_cast<char>(c - 'A' + 'a');
    else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      simple += c;
    else if (static_cast<unsigned char>(c) >= 0x80)
      simple += c;
  }
  return simple;
}

std::string Unleet(std::string text) {
  for (char& c : text) {
    switch (c) {
      case '0':
        c = 'o';
        break;
      case '1':
        c = 'i';
        break;
      case '3':
        c = 'e';
        break;
      case '4':
        c = 'a';
        break;
      case '5':
        c = 's';
        break;
      case '7':
        c = 't';
        break;
      case '$':
        c = 's';
        break;
      case '@':
        c = 'a';
        break;
      default:
        break;
    }
  }
  return text;
}

size_t CountCharacters(std::string_view utf8) {
  return static_cast<size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

bool IsRepetition(std::string_view text) {
  // "abcabcabcabcabc": a unit of at most half of the whole, over and over.
  for (size_t unit = 1; unit <= text.size() / 2; ++unit) {
    bool repeats = true;
    for (size_t i = unit; i < text.size() && repeats; ++i) repeats = text[i] == text[i - unit];
    if (repeats) return true;
  }
  return false;
}

// How many neighbours are a step apart: in the alphabet, in counting, or on a keyboard.
bool IsSequence(std::string_view text) {
  if (text.size() < 2) return false;
  const auto neighbours = [](char a, char b) {
    if (a == b || std::abs(a - b) == 1) return true;
    for (const std::string_view row : kKeyboardRows) {
      const size_t at = row.find(a);
      if (at == std::string_view::npos) continue;
      if (at + 1 < row.size() && row[at + 1] == b) return true;
      if (at > 0 && row[at - 1] == b) return true;
    }
    return (a == '9' && b == '0') || (a == '0' && b == '9');
  };
  size_t steps = 0;
  for (size_t i = 1; i < text.size(); ++i) steps += neighbours(text[i - 1], text[i]) ? 1U : 0U;
  return steps * 10 >= (text.size() - 1) * 8;
}

// Whether `text` is nothing but words of the lists, digits and the person's own names.
bool IsMadeOfCommonWords(std::string_view text, const std::vector<std::string>& own_names) {
  std::vector<bool> reachable(text.size() + 1, false);
  reachable[0] = true;
  for (size_t at = 0; at < text.size(); ++at) {
    if (!reachable[at]) continue;
    const std::string_view rest = text.substr(at);
    if (rest[0] >= '0' && rest[0] <= '9') reachable[at + 1] = true;
    const auto take = [&](std::string_view word) {
      if (!word.empty() && rest.starts_with(word)) reachable[at + word.size()] = true;
    };
    for (const std::string_view word : kCommonWords) take(word);
    for (const std::string& word : own_names) take(word);
  }
  return reachable[text.size()];
}

std::vector<std::string> OwnNames(std::string_view sign_in_name, std::string_view display_name) {
  std::vector<std::string> names = {Simplify(sign_in_name), Simplify(display_name)};
  for (const std::string_view source : {sign_in_name, display_name}) {
    std::string word;
    for (const char c : std::string(source) + " ") {
      const std::string simple = Simplify(std::string_view(&c, 1));
      if (!simple.empty()) {
        word += simple;
        continue;
      }
      if (word.size() >= 3) names.push_back(word);
      word.clear();
    }
  }
  return names;
}

bool IsCommon(std::string_view simple, const std::vector<std::string>& own_names) {
  if (std::set<char>(simple.begin(), simple.end()).size() < 5) return true;
  if (IsRepetition(simple) || IsSequence(simple)) return true;
  for (const std::string_view phrase : kCommonPhrases) {
    // The phrase with a few characters before or after it is the phrase.
    const size_t at = simple.find(phrase);
    if (at != std::string_view::npos && simple.size() - phrase.size() <= 4) return true;
  }
  return IsMadeOfCommonWords(simple, own_names);
}

}  // namespace

Result<void> CheckPassphrase(std::string_view passphrase, std::string_view sign_in_name,
                             std::string_view display_name) {
  if (CountCharacters(passphrase) < kMinPassphraseCharacters) {
    return Fail(Code::kInvalidArgument, "PASSPHRASE_TOO_SHORT",
                "A passphrase needs at least 15 characters: several words are easy to remember.",
                {{"field", "passphrase"}});
  }
  const std::string simple = Simplify(passphrase);
  const std::vector<std::string> own_names = OwnNames(sign_in_name, display_name);
  if (IsCommon(simple, own_names) ||
      IsCommon(Unleet(Simplify(Unleet(std::string(passphrase)))), own_names)) {
    return Fail(Code::kInvalidArgument, "PASSPHRASE_TOO_COMMON",
                "This passphrase is among the first that anyone would try.",
                {{"field", "passphrase"}});
  }
  return {};
}

}  // namespace fairlead
