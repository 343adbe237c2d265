// The tokens of a text with what their words say, and the questions that the rules ask of them.
// Private to this folder.
#ifndef SERVICES_COMMON_GUARD_TEXT_H_
#define SERVICES_COMMON_GUARD_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/guard/guard.h"
#include "services/common/guard/tokens.h"

namespace fairlead::guard {

// So many tokens to each side, within the sentence, say what a place is about. The bound keeps
// every rule linear.
inline constexpr size_t kReach = 24;

// Of tokens, the end excluded.
struct Span {
  size_t begin = 0;
  size_t end = 0;
};

class Text {
 public:
  explicit Text(std::vector<Token> tokens);

  size_t size() const { return tokens_.size(); }
  // Beyond either end: an empty token. An index below 0 is one beyond the end.
  const Token& operator[](size_t i) const { return i < tokens_.size() ? tokens_[i] : nothing_; }
  // What the word at i is; 0 for numbers, marks and words that the lists have not.
  uint32_t Cues(size_t i) const { return i < cues_.size() ? cues_[i] : 0; }
  bool Has(size_t i, uint32_t cues) const { return (Cues(i) & cues) != 0; }
  bool IsNumber(size_t i, size_t min_digits = 1, size_t max_digits = 64) const;
  bool IsWord(size_t i) const { return i < size() && tokens_[i].kind == Kind::kWord; }
  bool Is(size_t i, std::string_view text) const { return i < size() && tokens_[i].text == text; }
  bool IsOneOf(size_t i, std::initializer_list<std::string_view> texts) const;
  // A word that begins with a capital, in a text that has small letters too.
  bool IsCapital(size_t i) const { return i < size() && tokens_[i].capital; }
  // Where the sentence of i begins.
  size_t SentenceBegin(size_t i) const { return i < size() ? sentence_[i] : size(); }
  // Whether a word with one of these cues is in reach of the span, in its sentence; the words of
  // the span itself do not count.
  bool Near(Span span, uint32_t cues) const;
  // The nearest such word at most `back` tokens before i, in its sentence.
  std::optional<size_t> Before(size_t i, uint32_t cues, size_t back) const;
  // An agency's, by the words round it, and nobody's in particular.
  bool IsOfAgency(Span span) const { return Near(span, agency_) && !Near(span, person_); }

  Finding Found(Reason reason, Span span) const {
    return {reason, tokens_[span.begin].begin, tokens_[span.end - 1].end};
  }

 private:
  const uint32_t agency_;
  const uint32_t person_;
  const Token nothing_;
  std::vector<Token> tokens_;
  std::vector<uint32_t> cues_;
  std::vector<size_t> sentence_;
};

// A day of a month, with or without a year, from i on: its end. "3/14/1998", "1998-03-14",
// "March 14, 1998", "the 3rd of May", "14 de marzo de 1998".
std::optional<size_t> DateAt(const Text& text, size_t i);

// Each adds what it finds.
using Findings = std::vector<Finding>;
void FindEmails(const Text& text, Findings& findings);
void FindHandles(const Text& text, Findings& findings);
void FindPhones(const Text& text, Findings& findings);
void FindNames(const Text& text, Findings& findings);  // and birth dates
void FindAddresses(const Text& text, Findings& findings);
void FindDocuments(const Text& text, Findings& findings);
void FindPlates(const Text& text, Findings& findings);

}  // namespace fairlead::guard

#endif  // SERVICES_COMMON_GUARD_TEXT_H_
