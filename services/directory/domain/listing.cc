#include "services/directory/domain/listing.h"

#include <unicode/uloc.h>

#include <algorithm>
#include <array>

#include "services/common/base/encoding.h"
#include "services/common/base/text.h"
#include "services/directory/domain/fold.h"

namespace fairlead::directory {
namespace {

constexpr size_t kMaxTokens = 400;
constexpr size_t kMaxSortKeyBytes = 120;

// Length before content, so that no two different records read the same.
void Put(std::string& out, std::string_view value) {
  out.append(std::to_string(value.size())).append(":").append(value);
}

void Put(std::string& out, const std::vector<std::string>& values) {
  out.append(std::to_string(values.size())).append("[");
  for (const std::string& value : values) Put(out, std::string_view(value));
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string_view Trim(std::string_view text) {
  const auto drop = [](char c) {
    return c == ' ' || c == '\t' || c == '"' || c == '\'' || c == '\r' || c == '\n';
  };
  while (!text.empty() && drop(text.front())) text.remove_prefix(1);
  while (!text.empty() && drop(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string ContentHash(const Organization& organization) {
  std::string all = "organization/1 ";
  Put(all, organization.id);
  Put(all, organization.name);
  Put(all, organization.description);
  Put(all, organization.email);
  Put(all, organization.website);
  return Sha256(all);
}

std::string ContentHash(const Listing& listing) {
  std::string all = "listing/1 ";
  for (const std::string* value :
       {&listing.id, &listing.organization_id, &listing.name, &listing.description, &listing.status,
        &listing.email, &listing.url}) {
    Put(all, *value);
  }
  for (const std::vector<std::string>* list :
       {&listing.need_codes, &listing.languages, &listing.counties, &listing.phones,
        &listing.cities}) {
    Put(all, *list);
  }
  Put(all, std::to_string(listing.minimum_age));
  Put(all, std::to_string(listing.maximum_age));
  Put(all, listing.confidential_location ? "1" : "0");
  // Not of every listing: those without hours (or, below, without eligibility) keep the hash that
  // they had before there were any.
  if (!listing.schedules.empty()) Put(all, listing.schedules);
  const std::string eligibility = ToText(listing.eligibility);
  if (!eligibility.empty()) Put(all, "eligibility " + eligibility);
  return Sha256(all);
}

std::vector<std::string> SearchTokens(const Listing& listing) {
  // The name first: a long description does not push it out.
  std::string text = listing.name + " ";
  for (const std::string& city : listing.cities) text += city + " ";
  std::vector<std::string> tokens = Tokens(text, kMaxTokens);
  const std::vector<std::string> more = Tokens(listing.description, kMaxTokens - tokens.size());
  tokens.insert(tokens.end(), more.begin(), more.end());
  return SortedUnique(std::move(tokens));
}

std::vector<std::string> SearchTokens(const Organization& organization) {
  return Tokens(organization.name, kMaxTokens);
}

std::string SortKey(std::string_view name) { return Shorten(Fold(name), kMaxSortKeyBytes); }

std::string NormalisePhone(std::string_view number) {
  const std::string_view listed = Trim(number);
  std::string digits;
  const bool plus = listed.starts_with("+");
  for (const char c : plus ? listed.substr(1) : listed) {
    if (IsDigit(c)) {
      digits += c;
    } else if (c != ' ' && c != '-' && c != '.' && c != '(' && c != ')') {
      return std::string(listed);
    }
  }
  if (plus) {
    const bool e164 = digits.size() >= 7 && digits.size() <= 15 && digits[0] != '0';
    return e164 ? "+" + digits : std::string(listed);
  }
  if (digits.size() == 10 && digits[0] >= '2') return "+1" + digits;
  if (digits.size() == 11 && digits[0] == '1' && digits[1] >= '2') return "+" + digits;
  return std::string(listed);
}

std::optional<std::string> NormaliseLanguage(std::string_view tag) {
  const std::string text(Trim(tag));
  if (text.size() < 2 || text.size() > 35) return std::nullopt;
  std::array<char, ULOC_FULLNAME_CAPACITY> locale{};
  std::array<char, ULOC_FULLNAME_CAPACITY> canonical{};
  UErrorCode status = U_ZERO_ERROR;
  int32_t read = 0;
  uloc_forLanguageTag(text.c_str(), locale.data(), static_cast<int32_t>(locale.size()), &read,
                      &status);
  if (U_FAILURE(status) != 0 || read != static_cast<int32_t>(text.size())) return std::nullopt;
  const int32_t length = uloc_toLanguageTag(locale.data(), canonical.data(),
                                            static_cast<int32_t>(canonical.size()), true, &status);
  if (U_FAILURE(status) != 0 || length < 2) return std::nullopt;
  std::string result(canonical.data(), static_cast<size_t>(length));
  if (result == "und" || result.starts_with("und-")) return std::nullopt;
  return result;
}

Areas ReadAreas(std::string_view text) {
  Areas areas;
  std::string code;
  for (const char c : std::string(Trim(text)) + ",") {
    if (IsDigit(c)) {
      code += c;
    } else if (c == ',' || c == ';' || c == ' ' || c == '|') {
      if (code.empty()) continue;
      if (code.size() == 5) {
        areas.counties.push_back(std::move(code));
      } else if (IsState(code)) {
        areas.states.push_back(std::move(code));
      } else {
        return {};
      }
      code.clear();
    } else {
      return {};
    }
  }
  return {SortedUnique(std::move(areas.counties)), SortedUnique(std::move(areas.states))};
}

}  // namespace fairlead::directory
