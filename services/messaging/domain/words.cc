#include "services/messaging/domain/words.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <set>

#include "services/common/base/text.h"
#include "services/messaging/domain/limits.h"

namespace fairlead::messaging {
namespace {

constexpr int32_t kMostLetters = 32;
constexpr int32_t kFewestLetters = 2;

// Without case, accents and width. Empty when ICU has no data: nothing is found then.
icu::UnicodeString FoldWords(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* form = icu::Normalizer2::getNFKDInstance(error);
  if (U_FAILURE(error)) return {};
  const icu::UnicodeString plain = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  icu::UnicodeString folded = form->normalize(plain, error);
  if (U_FAILURE(error)) return {};
  return folded.foldCase();
}

bool IsMark(UChar32 c) { return u_charType(c) == U_NON_SPACING_MARK; }

// In their order, each as often as it is there; whether the text ends within the last one.
struct WordList {
  std::vector<std::string> words;
  bool open = false;
};
WordList ListWords(std::string_view text) {
  WordList list;
  const icu::UnicodeString folded = FoldWords(text);
  icu::UnicodeString word;
  int32_t letters = 0;
  const auto end_word = [&] {
    if (letters >= kFewestLetters) word.toUTF8String(list.words.emplace_back());
    word.remove();
    letters = 0;
  };
  for (int32_t at = 0; at < folded.length();) {
    const UChar32 c = folded.char32At(at);
    at += U16_LENGTH(c);
    if (IsMark(c)) continue;
    if (!u_isalnum(c)) {
      end_word();
    } else if (letters < kMostLetters) {
      word.append(c);
      ++letters;
    }
  }
  list.open = letters >= kFewestLetters;
  end_word();
  return list;
}

}  // namespace

std::vector<std::string> Words(std::string_view text, size_t most) {
  std::set<std::string> words;
  for (std::string& word : ListWords(text).words) {
    if (words.size() >= most) break;
    words.insert(std::move(word));
  }
  return {words.begin(), words.end()};
}

Result<WordQuery> ParseQuery(std::string_view query) {
  WordList list = ListWords(query);
  if (list.words.empty()) {
    return Fail(Code::kInvalidArgument, "QUERY_TOO_SHORT",
                "Look for at least one word of two letters.", {{"field", "query"}});
  }
  if (list.words.size() > kMostQueryWords) {
    return Fail(Code::kInvalidArgument, "TOO_MANY_WORDS", "Look for fewer words.",
                {{"field", "query"}, {"limit", std::to_string(kMostQueryWords)}});
  }
  WordQuery parsed;
  if (list.open) {
    parsed.beginning = std::move(list.words.back());
    list.words.pop_back();
  }
  parsed.whole = SortedUnique(std::move(list.words));
  return parsed;
}

}  // namespace fairlead::messaging
