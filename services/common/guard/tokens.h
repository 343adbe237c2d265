// A text as words, numbers and marks, folded so that case, accents, width and invisible characters
// make no difference. Private to this folder.
#ifndef SERVICES_COMMON_GUARD_TOKENS_H_
#define SERVICES_COMMON_GUARD_TOKENS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::guard {

enum class Kind {
  kWord,    // letters; an apostrophe within belongs to it and is left out of `text`
  kNumber,  // digits of any script, as ASCII
  kMark,    // one other character
};

struct Token {
  Kind kind = Kind::kMark;
  std::string text = {};  // folded; at most kMaxWordBytes, the rest of a longer word is left out
  size_t begin = 0;       // bytes of the original
  size_t end = 0;
  bool gap = false;      // white space before it, or the text's begin
  bool starts = false;   // the first of a sentence
  bool capital = false;  // begins with a capital letter
  bool upper = false;    // two letters or more, all of them capital

  bool Is(std::string_view what) const { return text == what; }
};

inline constexpr size_t kMaxWordBytes = 64;

// Of well-formed UTF-8.
std::vector<Token> Tokenise(std::string_view text);

}  // namespace fairlead::guard

#endif  // SERVICES_COMMON_GUARD_TOKENS_H_
