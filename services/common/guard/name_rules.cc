// Names of people, and dates of birth.
#include <algorithm>

#include "services/common/guard/text.h"
#include "services/common/guard/words.h"

namespace fairlead::guard {
namespace {

constexpr size_t kMaxNameTokens = 6;
constexpr size_t kBirthReach = 8;  // tokens between "born" and the date
constexpr size_t kDateReach = 16;  // between a name and a date that goes with it

bool IsNameWord(const Text& text, size_t i) {
  if (!text.IsWord(i) || !text.IsCapital(i)) return false;
  // An initial: "Tasha W."
  if (text[i].text.size() == 1) return i > 0 && text.IsWord(i - 1) && text.IsCapital(i - 1);
  if (text.Has(i, kGiven)) return true;
  return !text.Has(i, kNotName | kOrganisation | kMonth | kStreet | kPublic | kPlatform |
                          kDocumentWord | kTitle);
}

struct Name {
  Span span;
  size_t words = 0;
  bool given = false;  // the first of them is a known given name
};

// Capitalised words in a row, "de la" and the like within them. No name: words == 0.
Name NameAt(const Text& text, size_t begin) {
  Name name{.span = {begin, begin}};
  size_t i = begin;
  while (i < begin + kMaxNameTokens && text.SentenceBegin(i) <= begin) {
    if (IsNameWord(text, i) && (name.words == 0 || text[i].gap)) {
      ++name.words;
      name.span.end = i + 1;
    } else if (name.words == 0 || !text.IsOneOf(i, {"de", "del", "la", "las", "los", "y", "van"})) {
      break;
    }
    ++i;
  }
  name.given = name.words > 0 && text.Has(begin, kGiven);
  return name;
}

// Part of the name of a house or an office, which are often called after people.
bool IsOfOrganisation(const Text& text, const Name& name) {
  const size_t after = name.span.end;
  const size_t before = name.span.begin - 1;
  if (text.Has(after, kOrganisation) && (text.IsCapital(after) || text.IsCapital(after - 1))) {
    return text[after].gap;
  }
  if (text.IsOneOf(after, {"'", "&"})) return true;
  if (text.Has(before, kOrganisation)) return true;
  const bool saint =
      text.Has(before, kSaint) || (text.Is(before, ".") && text.Has(before - 1, kSaint));
  return saint && !text.Has(before, kTitle);
}

// A date within reach after or before, in the same sentence or the one after it.
std::optional<Span> DateNear(const Text& text, Span span) {
  for (size_t i = span.end; i < std::min(text.size(), span.end + kDateReach); ++i) {
    if (const auto end = DateAt(text, i)) return Span{i, *end};
    if (text.SentenceBegin(i) > span.begin) break;
  }
  const size_t sentence = text.SentenceBegin(span.begin);
  for (size_t i = span.begin; i > sentence && span.begin - i < kDateReach; --i) {
    if (const auto end = DateAt(text, i - 1); end && *end <= span.begin) return Span{i - 1, *end};
  }
  return std::nullopt;
}

bool IsAfterTitleOfWork(const Text& text, size_t i) {
  const size_t before = text.Is(i - 1, ".") ? i - 2 : i - 1;
  return text.IsOneOf(before,
                      {"dr", "dra", "prof", "det", "lic", "officer", "detective", "attorney"});
}

// What says that the name of a person comes next: where it begins. "named X", "her name is X",
// "nombre de la clienta es X", "goes by X", "le dicen X", "Name: X".
std::optional<size_t> AfterNamed(const Text& text, size_t i) {
  size_t next = i + 1;
  if (text.Has(i, kNamed)) {
    if (text.Is(i, "llama") && !text.Is(i - 1, "se")) return std::nullopt;
  } else if (text.IsOneOf(i, {"name", "nombre", "names"})) {
    if (text.IsOneOf(i - 1, {"user", "screen"})) return std::nullopt;
    for (size_t skipped = 0; skipped < 5 && !text.IsOneOf(next, {"is", "es", ":"}); ++skipped) {
      ++next;
    }
    if (!text.IsOneOf(next, {"is", "es", ":"}) || text.SentenceBegin(next) > i) {
      return std::nullopt;
    }
    ++next;
  } else if (text.Has(i, kPlatform) && text.IsOneOf(next, {"is", "es", ":"})) {
    ++next;
  } else if (text.Is(i, "goes") && text.Is(i + 1, "by")) {
    next = i + 2;
  } else if (text.IsOneOf(i, {"dicen", "apodan"}) && text.IsOneOf(i - 1, {"le", "la", "lo"})) {
    next = i + 1;
  } else {
    return std::nullopt;
  }
  while (text.IsOneOf(next, {":", "\"", "“", "«", "-"})) ++next;
  return next;
}

// "Ms. Ruiz".
bool IsAfterTitle(const Text& text, const Name& name) {
  const size_t before = name.span.begin - 1;
  return text.Has(text.Is(before, ".") ? before - 1 : before, kTitle);
}

// "client Ana Ruiz", "our resident is Ana Ruiz", "is Ana Ruiz with you".
bool IsSaidOfPerson(const Text& text, const Name& name) {
  size_t before = name.span.begin - 1;
  if (text.IsOneOf(before, {".", ",", ":"})) --before;
  if (text.IsOneOf(before, {"is", "es", "a"}) && text.Has(before - 1, kPerson)) return true;
  if (text.Has(before, kPerson)) return true;
  const size_t opening = text.IsOneOf(before - 1, {"¿", "¡", "("}) ? before - 1 : before;
  return name.given && text.IsOneOf(before, {"is", "esta"}) &&
         text.SentenceBegin(before) == opening;
}

// Somebody at work, by what stands right before the name or by all of the sentence.
bool HasPublicRole(const Text& text, const Name& name) {
  if (IsAfterTitleOfWork(text, name.span.begin)) return true;
  if (text.Before(name.span.begin, kPublic, 3) && !text.Near(name.span, kBirth)) return true;
  return text.Near(name.span, kPublic) && !text.Near(name.span, kPerson | kBirth);
}

std::optional<Finding> NameHere(const Text& text, const Name& name) {
  if (IsOfOrganisation(text, name) || HasPublicRole(text, name)) return std::nullopt;
  const bool person = text.Near(name.span, kPerson);
  const bool full = name.words >= 2;
  const auto date = DateNear(text, name.span);
  const bool dated = date && (name.given || (full && person));
  if (full && dated) {
    return text.Found(Reason::kNameAndDate,
                      {std::min(name.span.begin, date->begin), std::max(name.span.end, date->end)});
  }
  if (IsSaidOfPerson(text, name) && (full || name.given)) {
    return text.Found(Reason::kName, name.span);
  }
  if (person && (full || IsAfterTitle(text, name))) return text.Found(Reason::kName, name.span);
  return std::nullopt;
}

// "June 2010", "junio de 2010", "2010", after "born".
std::optional<size_t> BirthYearEnd(const Text& text, size_t i) {
  size_t year = i;
  if (text.Has(i, kMonth)) year = text.IsOneOf(i + 1, {"de", "del", ","}) ? i + 2 : i + 1;
  if (!text.IsNumber(year, 4, 4)) return std::nullopt;
  const std::string& digits = text[year].text;
  if (!digits.starts_with("19") && !digits.starts_with("20")) return std::nullopt;
  return year + 1;
}

// "born 3/14/1998", "dob: 11-02-95", "(b. 1999-05-30)", "cumple años el 5 de junio".
std::optional<Span> BirthDate(const Text& text, size_t i) {
  const bool initials = (text.Is(i, "d") && text.Is(i + 2, "o") && text.Is(i + 4, "b")) ||
                        (text.Is(i, "b") && text.Is(i + 1, ".") && text.Is(i - 1, "("));
  const bool birthday = text.Is(i, "cumple") && text.IsOneOf(i + 1, {"anos", "el"}) &&
                        !text.Near({i, i + 1}, kAgency);
  if (!text.Has(i, kBirth) && !initials && !birthday) return std::nullopt;
  for (size_t next = i + 1; next <= i + kBirthReach && next < text.size(); ++next) {
    if (text.SentenceBegin(next) > i) return std::nullopt;
    if (const auto end = DateAt(text, next)) return Span{i, *end};
    const auto year = BirthYearEnd(text, next);
    if (year && !text.IsOfAgency({i, *year})) return Span{i, *year};
  }
  return std::nullopt;
}

}  // namespace

void FindNames(const Text& text, Findings& findings) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (const auto birth = BirthDate(text, i)) {
      findings.push_back(text.Found(Reason::kNameAndDate, *birth));
    }
    if (const auto named = AfterNamed(text, i)) {
      Name name = NameAt(text, *named);
      if (name.words == 0 && text.Has(*named, kGiven)) name.span.end = *named + 1;
      if (name.span.end > *named && !IsOfOrganisation(text, name)) {
        findings.push_back(text.Found(Reason::kName, name.span));
      }
    }
    // The first of the capitalised words only: what follows it is the same name.
    if (i > 0 && IsNameWord(text, i - 1) && text.SentenceBegin(i) <= i - 1) continue;
    const Name name = NameAt(text, i);
    if (name.words == 0) continue;
    if (const auto found = NameHere(text, name)) findings.push_back(*found);
  }
}

}  // namespace fairlead::guard
