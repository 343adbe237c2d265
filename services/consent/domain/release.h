// A release of information: what a client has allowed one agency to disclose, to whom, for what,
// until when. The elements are those that VAWA/FVPSA/VOCA, 42 CFR 2.31 and 45 CFR 164.508(c) ask
// for together. Codes, ids and times only.
#ifndef SERVICES_CONSENT_DOMAIN_RELEASE_H_
#define SERVICES_CONSENT_DOMAIN_RELEASE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"

namespace fairlead::consent {

// Numeric values are those of fairlead.consent.v1 on the wire and in the database.
enum class State {
  kDraft = 1,
  kActive = 2,
  kRevoked = 3,
  kExpired = 4,
  kSuperseded = 5,
  kEnteredInError = 6,
};
enum class Capacity { kUnspecified = 0, kSelf = 1, kGuardian = 2, kMinorAlone = 3 };
enum class Method { kUnspecified = 0, kWritten = 1, kEsigned = 2, kOral = 3 };
enum class Action { kUnspecified = 0, kOnce = 1, kOngoing = 2 };

std::string_view StateName(State state);  // "active"

// How, when and by whom it was signed (elements 9 to 11).
struct Signature {
  Capacity capacity = Capacity::kUnspecified;
  Method method = Method::kUnspecified;
  int64_t sign_ms = 0;
  std::string artefact_id;
  bool attests_not_the_abuser = false;
  bool minor_cosigned = false;
  std::string language;
  bool interpreter_used = false;
  bool witnessed = false;
  bool plain_language_confirmed = false;
  bool risks_and_alternatives_explained = false;
  bool operator==(const Signature&) const = default;
};

struct Release {
  std::string id;
  std::string form_version;  // 1
  std::string form_hash;
  std::string jurisdiction;
  std::string case_handle;                        // 2
  std::string discloser_agency_id;                // 3
  std::vector<std::string> recipient_agency_ids;  // 4
  bool hub_named_as_intermediary = false;
  std::vector<std::string> categories;  // 5
  std::vector<std::string> excluded_categories;
  std::vector<std::string> purposes;     // 6
  Action action = Action::kUnspecified;  // 7
  bool two_way = false;
  int64_t effective_ms = 0;  // 8
  int64_t expire_ms = 0;
  Signature signature;                      // 9, 10, 11
  bool not_a_condition_of_service = false;  // 12
  bool consequences_of_refusing_explained = false;
  bool right_to_revoke_explained = false;  // 13
  bool redisclosure_explained = false;
  bool safe_contact_instruction_present = false;  // 14
  bool contact_prohibited = false;
  bool copy_offered = false;    // 15
  State state = State::kDraft;  // 16
  int64_t create_ms = 0;
  int64_t sign_ms = 0;
  int64_t revoke_ms = 0;
  std::string release_hash;  // of elements 1 to 8; see ReleaseHash
  int64_t version = 1;       // the etag
};

inline constexpr int64_t kDayMs = 24LL * 3600 * 1000;
inline constexpr int64_t kDefaultLifeMs = 30 * kDayMs;
inline constexpr int64_t kLongestLifeMs = 365 * kDayMs;

bool IsCategory(std::string_view code);
bool IsPurpose(std::string_view code);

// The hash of elements 1 to 8 (base/release_hash.h): what a packet is sealed under, so that neither
// can be altered without the other.
std::string ReleaseHash(const Release& release);

// The elements that are not there, by name: empty for a complete release. Decided again at every
// use, so that a release that lost an element releases nothing.
std::vector<std::string> MissingElements(const Release& release);

// Who may sign: the client, a minor alone, or a guardian who attests not to be the abuser. Oral
// consent is for withdrawal only. Error: SIGNER_INELIGIBLE with metadata `why`.
Result<void> CheckSigner(const Signature& signature);

// Checks a new draft's codes and times and fills in the defaults (effective now, 30 days).
// Errors: UNKNOWN_CATEGORY, UNKNOWN_PURPOSE, CATEGORY_BOTH_WAYS, RECIPIENT_IS_DISCLOSER,
// EXPIRY_IN_THE_PAST, EXPIRY_BEFORE_EFFECTIVE, EXPIRY_TOO_FAR, INVALID_JURISDICTION.
Result<void> CompleteDraft(Release& release, int64_t now_ms);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_DOMAIN_RELEASE_H_
