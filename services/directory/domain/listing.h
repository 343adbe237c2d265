// A service listing (HSDS 3.1 service and what hangs on it), cut to what a search needs.
#ifndef SERVICES_DIRECTORY_DOMAIN_LISTING_H_
#define SERVICES_DIRECTORY_DOMAIN_LISTING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/directory/domain/eligibility.h"

namespace fairlead::directory {

inline constexpr int kAdultAge = 18;  // in years

struct Organization {
  std::string id;  // UUID
  std::string name;
  std::string description;
  std::string email;
  std::string website;
  bool operator==(const Organization&) const = default;
};

// Lists are sorted, each item once.
struct Listing {
  std::string id;  // UUID
  std::string organization_id;
  std::string name;
  std::string description;
  std::string status;  // active, inactive, defunct, temporarily closed
  std::vector<std::string> need_codes;
  std::vector<std::string> languages;  // BCP 47
  std::vector<std::string> counties;   // FIPS; empty: not stated
  std::vector<std::string> phones;     // E.164 when it could be normalised, else as listed
  std::string email;
  std::string url;
  int minimum_age = 0;
  int maximum_age = 0;  // 0: no upper limit
  // Nothing of a confidential location below its county is ever kept: `cities` is empty then.
  bool confidential_location = false;
  std::vector<std::string> cities;
  std::vector<std::string> schedules;  // calendar::ToText of each, and of each single day
  // Set by the agency itself and not imported (commands/override_hours.h): an import leaves them,
  // and they are no part of the content hash.
  std::vector<std::string> special_days = {};  // calendar::ToText of each
  std::vector<std::string> holiday_sets = {};  // codes (domain/holiday_sets.h)
  Eligibility eligibility;
  bool operator==(const Listing&) const = default;
};

// 32 bytes that change when anything in it does.
std::string ContentHash(const Organization& organization);
std::string ContentHash(const Listing& listing);

// Every folded word a text search finds the listing by.
std::vector<std::string> SearchTokens(const Listing& listing);
std::vector<std::string> SearchTokens(const Organization& organization);
// What listings are ordered by.
std::string SortKey(std::string_view name);

// "+44 1234 234567" → "+441234234567"; "(555) 010-1234" → "+15550101234" (ten digits without a
// country are taken as of the United States); "988" stays; anything else comes back trimmed.
std::string NormalisePhone(std::string_view number);

// A BCP 47 tag in its canonical form ("ES" → "es", "eng" → "en"); nullopt when it is none.
std::optional<std::string> NormaliseLanguage(std::string_view tag);

// The counties (five-digit FIPS codes) and whole states (two digits) that a service area names,
// when it names nothing else: "12086" or "12086, 12011" or "12". Both empty: not readable.
struct Areas {
  std::vector<std::string> counties;
  std::vector<std::string> states;
};
Areas ReadAreas(std::string_view text);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_LISTING_H_
