// Where a case may not go, and where it might go next. docs/decisions/0032-do-not-route.md says why
// it is as it is.
#ifndef SERVICES_REFERRAL_DOMAIN_ROUTING_H_
#define SERVICES_REFERRAL_DOMAIN_ROUTING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "services/common/base/result.h"
#include "services/referral/domain/referral.h"

namespace fairlead::referral {

inline constexpr size_t kMostSuggestions = 5;  // of one referral, that the sender has not followed

struct NotToBeAsked {
  std::string agency_id;
  std::string reason_code;  // never leaves the agency that keeps the list
};

// The agencies that a case must never be put to, at most 50; kept by one agency for a case of its
// own.
struct DoNotRoute {
  std::string agency_id;
  std::string case_handle;
  std::vector<NotToBeAsked> entries;
  int64_t version = 0;  // 0: there is no list

  bool Has(const std::string& listed_agency_id) const;
};

// Empty where there is no list.
std::string Etag(const DoNotRoute& list);

// Errors: DUPLICATE_AGENCY, OWN_AGENCY_LISTED (metadata agency_id), UNKNOWN_REASON_CODE.
Result<void> CheckEntries(const std::vector<NotToBeAsked>& entries,
                          const std::string& own_agency_id);

// By a coordinator: an agency that the sender might ask.
struct Suggestion {
  std::string referral_id;
  std::string agency_id;
  int64_t suggest_ms = 0;
};

// Whether the need waits for somebody to meet it: it is open. What is closed is not offered again.
bool IsStuck(const Referral& referral);

// The referral has an offer to that agency, whatever became of it.
bool HasAsked(const Referral& referral, const std::string& agency_id);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_DOMAIN_ROUTING_H_
