// A release's codes in words for the person whose release it is, in English and Spanish.
#ifndef GATEWAY_CLI_RELEASE_WORDS_H_
#define GATEWAY_CLI_RELEASE_WORDS_H_

#include <span>
#include <string_view>

namespace fairlead::cli {

struct Words {
  std::string_view code;
  std::string_view en;
  std::string_view es;
  std::string_view In(std::string_view language) const { return language == "es" ? es : en; }
};

std::span<const Words> CategoryWords();
std::span<const Words> PurposeWords();

// The words of one code; the code itself when it is of a newer hub.
std::string_view InWords(std::span<const Words> words, std::string_view code,
                         std::string_view language);

// "es" for Spanish of wherever ("es-MX"), else "en": the languages that there are forms in.
std::string_view FormLanguage(std::string_view language);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_RELEASE_WORDS_H_
