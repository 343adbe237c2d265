#include "services/common/guard/text.h"

#include <algorithm>

#include "services/common/guard/words.h"

namespace fairlead::guard {
namespace {

int NumberOf(const Text& text, size_t i) {
  if (!text.IsNumber(i, 1, 4)) return -1;
  int value = 0;
  for (const char digit : text[i].text) value = value * 10 + (digit - '0');
  return value;
}

bool IsDay(int value) { return value >= 1 && value <= 31; }
bool IsYear(const Text& text, size_t i) {
  const int value = NumberOf(text, i);
  return text.IsNumber(i, 4, 4) && value >= 1900 && value <= 2100;
}

// With nothing between: "3/14", not "3 / 14".
bool Joins(const Text& text, size_t i) {
  return text.IsOneOf(i, {"/", "-", "."}) && !text[i].gap && !text[i + 1].gap;
}

// "3/14/1998", "14-03-98", "1998.03.14", "3/14".
std::optional<size_t> InNumbers(const Text& text, size_t i) {
  if (!text.IsNumber(i, 1, 4) || !Joins(text, i + 1) || !text.IsNumber(i + 2, 1, 2)) {
    return std::nullopt;
  }
  const int first = NumberOf(text, i);
  const int second = NumberOf(text, i + 2);
  const bool three = Joins(text, i + 3) && text[i + 1].text == text[i + 3].text;
  if (three && IsYear(text, i) && IsDay(second) && IsDay(NumberOf(text, i + 4))) return i + 5;
  if (!IsDay(first) || !IsDay(second) || (first > 12 && second > 12)) return std::nullopt;
  if (three && (IsYear(text, i + 4) || text.IsNumber(i + 4, 2, 2))) return i + 5;
  // Two numbers alone are a day only with a slash.
  if (text.Is(i + 1, "/") && !Joins(text, i + 3)) return i + 3;
  return std::nullopt;
}

// A comma, "de", "del", "of" between the parts of a date.
size_t SkipSmall(const Text& text, size_t i) {
  while (text.IsOneOf(i, {",", "de", "del", "of", "the", "-", "."})) ++i;
  return i;
}

bool IsOrdinalEnd(const Text& text, size_t i) {
  return text.IsOneOf(i, {"st", "nd", "rd", "th", "o"}) && !text[i].gap;
}

size_t SkipYear(const Text& text, size_t end) {
  const size_t year = SkipSmall(text, end);
  const bool there = IsYear(text, year) || (text[year - 1].Is("-") && text.IsNumber(year, 2, 2));
  return there ? year + 1 : end;
}

// "March 14, 1998".
std::optional<size_t> MonthFirst(const Text& text, size_t i) {
  if (MonthOf(text[i].text) == 0) return std::nullopt;
  const size_t day = text.Is(i + 1, ".") ? i + 2 : i + 1;
  if (!IsDay(NumberOf(text, day)) || !text.IsNumber(day, 1, 2)) return std::nullopt;
  return SkipYear(text, IsOrdinalEnd(text, day + 1) ? day + 2 : day + 1);
}

// "14 de marzo de 1998", "3rd of May".
std::optional<size_t> DayFirst(const Text& text, size_t i) {
  if (!text.IsNumber(i, 1, 2) || !IsDay(NumberOf(text, i))) return std::nullopt;
  const size_t month = SkipSmall(text, IsOrdinalEnd(text, i + 1) ? i + 2 : i + 1);
  if (MonthOf(text[month].text) == 0) return std::nullopt;
  return SkipYear(text, month + 1);
}

// Whether the full stop at i belongs to the word before it: "St.", "no.", "D.".
bool IsOfAbbreviation(const Text& text, size_t i) {
  if (!text.Is(i, ".") || text[i].gap || i == 0) return false;
  return text[i - 1].text.size() == 1 ||
         text.Has(i - 1, kTitle | kSaint | kStreet | kStreetShort | kCalle | kPart | kBirth) ||
         text.IsOneOf(i - 1,
                      {"no", "num", "nac", "col", "pub", "dra", "prof", "tel", "cel", "ext"});
}

}  // namespace

Text::Text(std::vector<Token> tokens)
    : agency_(kAgency), person_(kPerson), tokens_(std::move(tokens)) {
  cues_.reserve(tokens_.size());
  sentence_.reserve(tokens_.size());
  for (size_t i = 0; i < tokens_.size(); ++i) {
    const Token& token = tokens_[i];
    cues_.push_back(token.kind == Kind::kWord ? CuesOf(token.text) : 0);
    const bool starts = i == 0 || (token.starts && !IsOfAbbreviation(*this, i - 1));
    sentence_.push_back(starts ? i : sentence_.back());
  }
}

bool Text::IsNumber(size_t i, size_t min_digits, size_t max_digits) const {
  return i < size() && tokens_[i].kind == Kind::kNumber && tokens_[i].text.size() >= min_digits &&
         tokens_[i].text.size() <= max_digits;
}

bool Text::IsOneOf(size_t i, std::initializer_list<std::string_view> texts) const {
  return i < size() && std::find(texts.begin(), texts.end(), tokens_[i].text) != texts.end();
}

bool Text::Near(Span span, uint32_t cues) const {
  const size_t sentence = SentenceBegin(span.begin);
  const size_t first = std::max(sentence, span.begin > kReach ? span.begin - kReach : 0);
  const size_t last = std::min(size(), span.end + kReach);
  for (size_t i = first; i < last; ++i) {
    if (i >= span.begin && i < span.end) continue;
    if (i >= span.end && sentence_[i] > span.begin) return false;  // the next sentence
    if (Has(i, cues)) return true;
  }
  return false;
}

std::optional<size_t> Text::Before(size_t i, uint32_t cues, size_t back) const {
  const size_t sentence = SentenceBegin(i);
  for (size_t step = 1; step <= back && step <= i && i - step >= sentence; ++step) {
    if (Has(i - step, cues)) return i - step;
  }
  return std::nullopt;
}

std::optional<size_t> DateAt(const Text& text, size_t i) {
  if (text[i - 1].kind == Kind::kNumber && !text[i].gap && i > 0) return std::nullopt;
  if (const auto end = InNumbers(text, i)) return end;
  if (const auto end = MonthFirst(text, i)) return end;
  return DayFirst(text, i);
}

}  // namespace fairlead::guard
