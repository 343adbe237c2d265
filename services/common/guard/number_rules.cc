// Numbers of papers and of cars.
#include <algorithm>

#include "services/common/guard/text.h"
#include "services/common/guard/words.h"

namespace fairlead::guard {
namespace {

constexpr size_t kMaxNumberTokens = 12;
constexpr size_t kCueReach = 7;  // tokens between what a number is of and the number

bool IsAsciiWord(const Text& text, size_t i) { return text.IsWord(i) && text[i].text.size() <= 18; }

// Letters and digits as one number: with nothing between, or one mark, or a space before further
// digits. Counts both.
struct Coded {
  Span span;
  size_t digits = 0;
  size_t letters = 0;
};
Coded CodedAt(const Text& text, size_t begin) {
  Coded coded{.span = {begin, begin}};
  size_t i = begin;
  while (i - begin < kMaxNumberTokens) {
    const bool goes_on = i == begin || !text[i].gap || (text.IsNumber(i) && coded.digits > 0);
    if (!goes_on) break;
    if (text.IsNumber(i)) {
      coded.digits += text[i].text.size();
    } else if (IsAsciiWord(text, i)) {
      coded.letters += text[i].text.size();
    } else {
      const bool joins = text.IsOneOf(i, {"-", "/", ":", ".", "#"}) && i > begin;
      if (!joins || text[i + 1].gap) break;
      ++i;
      continue;
    }
    coded.span.end = ++i;
  }
  return coded;
}

bool IsOfGroups(const Text& text, size_t i, std::initializer_list<size_t> groups) {
  for (const size_t digits : groups) {
    if (!text.IsNumber(i, digits, digits)) return false;
    i += text.Is(i + 1, "-") ? 2 : 1;
  }
  return true;
}

size_t GroupsEnd(const Text& text, size_t i, size_t groups) {
  for (size_t group = 0; group < groups; ++group) i += text.Is(i + 1, "-") ? 2 : 1;
  return text.IsNumber(i - 1) ? i : i - 1;
}

bool AreSeparated(const Text& text, size_t i) { return text.Is(i + 1, "-") || text[i + 1].gap; }

// 987-65-4321: nothing else is written so.
std::optional<size_t> SocialSecurityEnd(const Text& text, size_t i) {
  if (!IsOfGroups(text, i, {3, 2, 4}) || !AreSeparated(text, i)) return std::nullopt;
  return GroupsEnd(text, i, 3);
}

// A012 345 678, A# 098-765-432, A123456789.
std::optional<size_t> AlienNumberEnd(const Text& text, size_t i) {
  if (!text.Is(i, "a") || (!text[i].gap && i > 0 && !text.IsOneOf(i - 1, {"(", ":", "#"}))) {
    return std::nullopt;
  }
  size_t first = i + 1;
  const bool marked = text.IsOneOf(first, {"#", "-"});
  if (marked) ++first;
  // "a 12345678" is an article.
  if (!marked && text[first].gap) return std::nullopt;
  if (text.IsNumber(first, 8, 9)) return first + 1;
  if (IsOfGroups(text, first, {3, 3, 3}) || IsOfGroups(text, first, {2, 3, 3})) {
    return GroupsEnd(text, first, 3);
  }
  return std::nullopt;
}

// EAC2690123456: three letters and ten digits.
std::optional<size_t> ReceiptEnd(const Text& text, size_t i) {
  if (!text.IsWord(i) || text[i].text.size() != 3 || !text.IsNumber(i + 1, 10, 10)) {
    return std::nullopt;
  }
  if (text[i + 1].gap) return std::nullopt;
  return i + 2;
}

// LOPM980314MDFPRR05: four letters, the birth date, six letters, two more.
std::optional<size_t> CurpEnd(const Text& text, size_t i) {
  const Coded coded = CodedAt(text, i);
  if (!text.IsWord(i) || text[i].text.size() != 4 || text[i + 1].gap) return std::nullopt;
  if (!text.IsNumber(i + 1, 6, 6) || coded.letters + coded.digits != 18) return std::nullopt;
  return coded.span.end;
}

// "Passport", "case number"; not the id of a meeting.
bool IsOfPapers(const Text& text, size_t i) {
  if (text.Is(i, "security")) return text.Is(i - 1, "social");
  if (text.Is(i, "94")) return text.Is(i - 1, "-") && text.Is(i - 2, "i");
  if (!text.Has(i, kDocumentWord)) return false;
  return !text.Is(i, "id") ||
         !text.IsOneOf(i - 1, {"meeting", "webinar", "zoom", "event", "grant", "reunion", "form"});
}

// What is said to be a number of papers: with five digits or more, and no date.
std::optional<Span> AfterCue(const Text& text, size_t cue) {
  for (size_t i = cue + 1; i <= cue + kCueReach && i < text.size(); ++i) {
    if (text.SentenceBegin(i) > cue) return std::nullopt;
    if (DateAt(text, i) || text.Is(i - 1, "$")) return std::nullopt;
    const Coded coded = CodedAt(text, i);
    if (coded.digits >= 5 && (text[i].gap || !text.IsWord(i - 1))) return coded.span;
  }
  return std::nullopt;
}

// With letters and digits, 5 to 8 in all, in two groups at most: 7ABC123, KLM-4821, GHT 2093.
std::optional<size_t> PlateEnd(const Text& text, size_t begin) {
  size_t digits = 0;
  size_t letters = 0;
  size_t gaps = 0;
  size_t end = begin;
  for (size_t i = begin; i - begin < kMaxNumberTokens; ++i) {
    if (i > begin && text[i].gap && (++gaps > 1 || !(text.IsNumber(i) || text.IsCapital(i)))) break;
    if (text.IsNumber(i)) {
      digits += text[i].text.size();
    } else if (text.IsWord(i) && text[i].text.size() <= 4 && text.IsCapital(i)) {
      letters += text[i].text.size();
    } else if (text.Is(i, "-") && !text[i].gap) {
      continue;
    } else {
      break;
    }
    end = i + 1;
  }
  if (digits < 2 || letters < 1 || digits + letters < 5 || digits + letters > 8) {
    return std::nullopt;
  }
  return end;
}

}  // namespace

void FindDocuments(const Text& text, Findings& findings) {
  for (size_t i = 0; i < text.size(); ++i) {
    std::optional<size_t> end = SocialSecurityEnd(text, i);
    if (!end) end = AlienNumberEnd(text, i);
    if (!end) end = ReceiptEnd(text, i);
    if (!end) end = CurpEnd(text, i);
    std::optional<Span> span;
    if (end) {
      span = Span{i, *end};
    } else if (IsOfPapers(text, i)) {
      span = AfterCue(text, i);
    }
    if (!span) continue;
    findings.push_back(text.Found(Reason::kDocument, *span));
    i = span->end - 1;
  }
}

void FindPlates(const Text& text, Findings& findings) {
  for (size_t cue = 0; cue < text.size(); ++cue) {
    if (!text.Has(cue, kPlateWord)) continue;
    for (size_t i = cue + 1; i <= cue + kCueReach && i < text.size(); ++i) {
      const auto end = PlateEnd(text, i);
      if (!end || DateAt(text, i)) continue;
      findings.push_back(text.Found(Reason::kPlate, {i, *end}));
      break;
    }
  }
}

}  // namespace fairlead::guard
