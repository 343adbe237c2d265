// Addresses: of streets, roads and post office boxes.
#include <algorithm>

#include "services/common/guard/text.h"
#include "services/common/guard/words.h"

namespace fairlead::guard {
namespace {

constexpr size_t kMaxStreetTokens = 6;  // of a street's name

bool IsHouseNumber(const Text& text, size_t i) {
  if (!text.IsNumber(i, 1, 6)) return false;
  if (text[i].gap || i == 0) return true;
  return text.IsOneOf(i - 1, {"#", "(", ":"});
}

// Of a street's name: a word that is none of those between words, an ordinal, "N.", a hyphen.
bool IsOfStreetName(const Text& text, size_t i) {
  if (text.IsOneOf(i, {".", "-", "#"})) return !text[i].gap;
  if (text.IsNumber(i, 1, 4)) return true;
  return text.IsWord(i) && !text.Has(i, kSmall | kPerson | kAgency | kBirth | kMonth);
}

// "1425 Maple Street", "88 W 14th St", "73-20 Queens Road".
std::optional<size_t> NumberFirst(const Text& text, size_t i) {
  if (!IsHouseNumber(text, i)) return std::nullopt;
  bool named = false;
  for (size_t next = i + 1; next <= i + kMaxStreetTokens; ++next) {
    const bool after_name = named && !text.Is(next - 1, "-") && text.IsWord(next);
    if (after_name && text.Has(next, kStreet)) return next + 1;
    if (after_name && text.Has(next, kStreetShort) && text.IsCapital(next) &&
        text.IsCapital(next - 1)) {
      return next + 1;
    }
    if (!IsOfStreetName(text, next)) return std::nullopt;
    named = named || text.IsWord(next);
  }
  return std::nullopt;
}

// "940 Route 9", "4510 County Road 22".
std::optional<size_t> OnRoute(const Text& text, size_t i) {
  if (!IsHouseNumber(text, i)) return std::nullopt;
  const bool two_words = text.IsOneOf(i + 1, {"county", "state", "us"});
  const size_t road = two_words ? i + 2 : i + 1;
  const bool is_road = text.Has(road, kRoute) || (two_words && text.Is(road, "road"));
  if (!is_road || !text.IsNumber(road + 1, 1, 4)) return std::nullopt;
  return road + 2;
}

// "PO Box 4417", "apartado postal 4417".
std::optional<size_t> PostBox(const Text& text, size_t i) {
  size_t number = i;
  if (text.Is(i, "box") && text.IsOneOf(i - 1, {"po", "."})) number = i + 1;
  if (text.Is(i, "postal") && text.Is(i - 1, "apartado")) number = i + 1;
  while (number > i && text.IsOneOf(number, {"#", "no", "num", "."})) ++number;
  if (number == i || !text.IsNumber(number, 2, 6)) return std::nullopt;
  return number + 1;
}

// "calle Maple 1425", "Av. de los Cedros 12", "Calle 73 #20-15", "Privada del Sol núm. 7".
std::optional<size_t> StreetFirst(const Text& text, size_t i) {
  if (!text.Has(i, kCalle)) return std::nullopt;
  size_t next = text.Is(i + 1, ".") ? i + 2 : i + 1;
  // "5a calle 22": the street has its number before it.
  bool named = text.IsOneOf(i - 1, {"a", "ª"}) && text.IsNumber(i - 2, 1, 2);
  if (named && text.IsNumber(next, 1, 6)) return next + 1;
  for (; next <= i + kMaxStreetTokens + 1; ++next) {
    const bool marked = text.IsOneOf(next - 1, {"#", "no", "num", "numero", ".", ","});
    const bool after = named && (text.IsWord(next - 1) || marked);
    if (text.IsNumber(next, 1, 6) && text[next].gap && after) return next + 1;
    if (text.IsNumber(next, 1, 6) && text.Is(next - 1, "#")) return next + 1;
    const bool within = text.IsOneOf(next, {"de", "del", "la", "las", "los", "el", "y"});
    const bool before_number = text.IsOneOf(next, {"#", "no", "num", "numero", ".", ","});
    if (!within && !before_number && !text.IsNumber(next, 1, 3) && !text.IsCapital(next)) {
      return std::nullopt;
    }
    named = named || (text.IsWord(next) && !within && !before_number);
  }
  return std::nullopt;
}

// "Birch Street 118", as those say who put the number last.
std::optional<size_t> EnglishNameFirst(const Text& text, size_t i) {
  if (!text.IsWord(i) || !text.IsCapital(i) || !text.Has(i + 1, kStreet)) return std::nullopt;
  const size_t number = text.IsOneOf(i + 2, {",", "#"}) ? i + 3 : i + 2;
  if (!text.IsCapital(i + 1) || !IsHouseNumber(text, number)) return std::nullopt;
  return number + 1;
}

}  // namespace

void FindAddresses(const Text& text, Findings& findings) {
  for (size_t i = 0; i < text.size(); ++i) {
    std::optional<size_t> end = NumberFirst(text, i);
    if (!end) end = OnRoute(text, i);
    if (!end) end = PostBox(text, i);
    if (!end) end = StreetFirst(text, i);
    if (!end) end = EnglishNameFirst(text, i);
    if (!end) continue;
    // The box's first word stands before i.
    const Span span{text.IsOneOf(i, {"box", "postal"}) ? i - 1 : i, *end};
    if (!text.IsOfAgency(span)) findings.push_back(text.Found(Reason::kAddress, span));
    i = *end - 1;
  }
}

}  // namespace fairlead::guard
