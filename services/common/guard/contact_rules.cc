// E-mail addresses, accounts and telephone numbers.
#include <algorithm>

#include "services/common/guard/text.h"
#include "services/common/guard/words.h"

namespace fairlead::guard {
namespace {

constexpr size_t kMaxAddressTokens = 24;  // of one e-mail address
constexpr size_t kMinDigits = 7;
constexpr size_t kMaxDigits = 15;  // E.164

bool IsOfAddress(const Text& text, size_t i) {
  return text.IsWord(i) || text.IsNumber(i) || text.IsOneOf(i, {".", "_", "-", "+"});
}

// From the token before an @, backwards while nothing is between.
size_t LocalPartBegin(const Text& text, size_t end) {
  size_t begin = end - 1;
  while (begin > 0 && end - begin < kMaxAddressTokens && !text[begin].gap &&
         IsOfAddress(text, begin - 1)) {
    --begin;
  }
  return begin;
}

// "example.com", also "example dot com": its end.
std::optional<size_t> DomainEnd(const Text& text, size_t begin, bool spelt_only) {
  size_t end = begin;
  bool dotted = false;
  while (end - begin < kMaxAddressTokens && (text.IsWord(end) || text.IsNumber(end))) {
    ++end;
    while (text.Is(end, "-") && !text[end].gap && !text[end + 1].gap &&
           (text.IsWord(end + 1) || text.IsNumber(end + 1))) {
      end += 2;
    }
    const bool dot = text.Is(end, ".") && !text[end].gap && !text[end + 1].gap && !spelt_only;
    if (!dot && !text.IsOneOf(end, {"dot", "punto"})) break;
    if (!text.IsWord(end + 1)) break;
    dotted = true;
    ++end;
  }
  if (!dotted) return std::nullopt;
  return end;
}

// "@", "(at)", "arroba" at i: where what follows it begins.
struct AtSign {
  size_t begin = 0;
  size_t end = 0;
  bool word = false;  // a bare "at", which is said of places too
};
std::optional<AtSign> AtSignAt(const Text& text, size_t i) {
  if (text.Is(i, "@") && !text[i].gap && !text[i + 1].gap) return AtSign{i, i + 1};
  if (text.IsOneOf(i, {"(", "["}) && text.IsOneOf(i + 1, {"at", "arroba", "@"})) {
    return AtSign{i, i + 3};
  }
  if (text.Is(i, "arroba")) return AtSign{i, i + 1};
  if (text.Is(i, "at")) return AtSign{i, i + 1, true};
  return std::nullopt;
}

// Letters with a digit or a mark among them, as accounts have and words have not: its end.
std::optional<size_t> AccountEnd(const Text& text, size_t begin) {
  size_t end = begin;
  bool odd = false;
  while (end - begin < kMaxAddressTokens && (end == begin || !text[end].gap)) {
    const bool mark = text.IsOneOf(end, {"_", ".", "-"});
    if (mark && (end == begin || text[end + 1].gap || end + 1 >= text.size())) break;
    if (!mark && !text.IsWord(end) && !text.IsNumber(end)) break;
    odd = odd || mark || text.IsNumber(end);
    ++end;
  }
  const bool worded = text.IsWord(begin) || text.IsWord(begin + 1);
  if (end == begin || !odd || !worded) return std::nullopt;
  return end;
}

// "instagram.com/…".
std::optional<size_t> ProfilePageEnd(const Text& text, size_t i) {
  if (!text.Has(i, kPlatform) || !text.Is(i + 1, ".") || !text.IsWord(i + 2) ||
      !text.Is(i + 3, "/") || text[i + 4].gap) {
    return std::nullopt;
  }
  size_t end = i + 4;
  while (end - i < kMaxAddressTokens && end < text.size() && !text[end].gap) ++end;
  if (end == i + 4) return std::nullopt;
  return end;
}

// "snapchat is lilmari_xo", "IG: rosita.dlgd", "user name bella21".
std::optional<Span> NamedAccount(const Text& text, size_t i) {
  const bool said = text.Has(i, kPlatform | kUserWord) ||
                    (text.Is(i, "name") && text.IsOneOf(i - 1, {"user", "screen"}));
  if (!said) return std::nullopt;
  for (size_t next = i + 1; next <= i + 6; ++next) {
    if (const auto end = AccountEnd(text, next); end && (text[next].gap || next == i + 2)) {
      if (DateAt(text, next)) return std::nullopt;
      return Span{next, *end};
    }
    if (text.IsOneOf(next, {".", ";"})) return std::nullopt;
  }
  return std::nullopt;
}

struct Digits {
  Span span;
  std::string digits = {};
  std::vector<size_t> groups = {};  // how many digits each
  bool plus = false;
  bool marked = false;  // something other than spaces between
};

// Groups of digits with one mark or space between, and what may stand before and among them.
Digits DigitsAt(const Text& text, size_t i) {
  Digits found{.span = {i, i}};
  if (text.Is(i, "+") && !text[i + 1].gap) {
    found.plus = true;
    ++i;
  }
  bool bracket = false;
  while (i < text.size() && found.digits.size() <= kMaxDigits) {
    if (text.Is(i, "(") && !bracket && text.IsNumber(i + 1, 1, 4)) {
      bracket = true;
      ++i;
    }
    if (!text.IsNumber(i)) break;
    found.digits += text[i].text;
    found.groups.push_back(text[i].text.size());
    ++i;
    if (bracket && text.Is(i, ")")) {
      bracket = false;
      found.marked = true;
      ++i;
    }
    found.span.end = i;
    if (text.IsOneOf(i, {"-", ".", "/"}) && (text.IsNumber(i + 1) || text.Is(i + 1, "("))) {
      if (text[i].gap != text[i + 1].gap) break;
      found.marked = true;
      ++i;
    }
  }
  return found;
}

bool IsExchange(std::string_view three) { return three[0] >= '2'; }

// North American: area code and exchange begin with 2 to 9.
bool IsNorthAmerican(std::string_view digits) {
  return digits.size() == 10 && IsExchange(digits.substr(0, 3)) && IsExchange(digits.substr(3, 3));
}

// 800 and its like are nobody's own.
bool IsTollFree(std::string_view digits) {
  constexpr std::string_view kCodes[] = {"800", "833", "844", "855", "866", "877", "888"};
  return std::find(std::begin(kCodes), std::end(kCodes), digits.substr(0, 3)) != std::end(kCodes);
}

using Groups = std::vector<size_t>;

bool IsShapedAsPhone(const Text& text, const Digits& found) {
  std::string_view digits = found.digits;
  Groups groups = found.groups;
  if (found.plus) return digits.size() >= 8 && digits.size() <= kMaxDigits;
  if (digits.size() == 11 && digits[0] == '1' && (groups[0] == 1 || groups.size() == 1)) {
    digits.remove_prefix(1);
    if (groups[0] == 1) groups.erase(groups.begin());
  }
  const bool said = text.Near(found.span, kPhoneWord);
  if (digits.size() == 10 && (groups == Groups{3, 3, 4} || groups == Groups{10} ||
                              groups == Groups{11} || groups == Groups{3, 7})) {
    return IsNorthAmerican(digits);
  }
  if (!said) return false;
  if (groups == Groups{3, 4}) return found.marked && IsExchange(digits);
  // As other countries write theirs.
  return digits.size() >= 8 && digits.size() <= kMaxDigits && groups.size() >= 2 &&
         *std::min_element(groups.begin(), groups.end()) >= 2;
}

bool IsNobodysOwn(const Digits& found) {
  std::string_view digits = found.digits;
  if (digits.size() == 11 && digits[0] == '1') digits.remove_prefix(1);
  return digits.size() == 10 && IsTollFree(digits);
}

}  // namespace

void FindEmails(const Text& text, Findings& findings) {
  for (size_t i = 1; i < text.size(); ++i) {
    const auto at = AtSignAt(text, i);
    if (!at || !IsOfAddress(text, i - 1)) continue;
    const auto end = DomainEnd(text, at->end, at->word);
    if (!end) continue;
    const size_t begin = LocalPartBegin(text, i);
    const bool mailbox = begin + 1 == at->begin && text.Has(begin, kMailbox);
    if (mailbox && !text.Near({begin, *end}, kPerson)) continue;
    findings.push_back(text.Found(Reason::kEmail, {begin, *end}));
  }
}

void FindHandles(const Text& text, Findings& findings) {
  for (size_t i = 0; i < text.size(); ++i) {
    std::optional<Span> span;
    if (text.Is(i, "@") && (text[i].gap || text.IsOneOf(i - 1, {"/", "(", ":"})) &&
        text.IsWord(i + 1) && !text[i + 1].gap &&
        !text.IsOneOf(i + 1, {"all", "here", "everyone", "channel", "todos", "todas"})) {
      span = Span{i, AccountEnd(text, i + 1).value_or(i + 2)};
    } else if (const auto end = ProfilePageEnd(text, i)) {
      span = Span{i, *end};
    } else {
      span = NamedAccount(text, i);
    }
    if (!span || text.IsOfAgency(*span)) continue;
    findings.push_back(text.Found(Reason::kHandle, *span));
    i = span->end - 1;
  }
}

void FindPhones(const Text& text, Findings& findings) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (!text.IsNumber(i) && !text.IsOneOf(i, {"+", "("})) continue;
    // Part of something longer, or money.
    if (i > 0 && !text[i].gap &&
        (text.IsWord(i - 1) || text.IsOneOf(i - 1, {"$", "€", ",", "_"}))) {
      continue;
    }
    const Digits found = DigitsAt(text, i);
    if (found.digits.size() < kMinDigits) {
      if (!found.groups.empty()) i = std::max(i, found.span.end - 1);
      continue;
    }
    const bool agency = IsNobodysOwn(found) || text.IsOfAgency(found.span);
    if (!agency && IsShapedAsPhone(text, found)) {
      findings.push_back(text.Found(Reason::kPhone, found.span));
    }
    i = found.span.end - 1;
  }
}

}  // namespace fairlead::guard
