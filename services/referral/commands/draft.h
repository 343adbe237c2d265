// What both ways of sending begin with: the caller's draft, or a new referral where there is none.
#ifndef SERVICES_REFERRAL_COMMANDS_DRAFT_H_
#define SERVICES_REFERRAL_COMMANDS_DRAFT_H_

#include <string>

#include "services/referral/commands/unit.h"

namespace fairlead::referral {

struct Draft {
  std::string referral_id;
  std::string etag = {};
  std::string case_handle = {};  // without a draft: this and the facets make one
  Facets facets = {};
  bool has_facets = false;
  bool allow_duplicate_service = false;
};

// A referral on its way out, not written yet.
struct Sendable {
  Referral referral;
  bool is_new = false;
  // Handed on to an agency that must not get it: FORWARD_LOOP, but only to whom consent would have
  // given keys for it.
  bool is_barred = false;
};

// REFERRAL_ALREADY_EXISTS when an offer has that id: packets, and their keys, go by either.
Result<void> CheckFree(ReferralReader& store, const std::string& referral_id);

// Errors: FACETS_REQUIRED, REFERRAL_ALREADY_EXISTS, ETAG_MISMATCH, UNKNOWN_AGE_BAND.
Result<Sendable> FindDraft(ReferralReader& store, const std::string& agency_id, const Draft& draft,
                           int64_t now_ms);

// Errors: AGENCY_NOT_ACTIVE, of either; our copy of the receiving one's record.
Result<AgencyRecord> CheckMembers(ReferralReader& store, const std::string& sender_agency_id,
                                  const std::string& recipient_agency_id);

// Errors: DUPLICATE_SERVICE (metadata `referral_id`: of the own agency) unless that is allowed.
Result<void> CheckDuplicate(ReferralReader& store, const Referral& referral, const Draft& draft);

// Errors: REFERRAL_ALREADY_EXISTS, when somebody else has taken the id meanwhile.
Result<void> Write(Unit& unit, Sendable& sendable);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_DRAFT_H_
