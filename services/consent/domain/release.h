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
#include "services/consent/domain/states.h"

namespace fairlead::consent {

// Numeric values are those of fairlead.consent.v1 on the wire and in the database.
enum class Capacity {
  kUnspecified = 0,
  kSelf = 1,
  kGuardian = 2,       // a minor's parent or guardian
  kMinorAlone = 3,
  kCourtGuardian = 4,  // of an adult, by a court
};
enum class Method { kUnspecified = 0, kWritten = 1, kEsigned = 2, kOral = 3 };
enum class Action { kUnspecified = 0, kOnce = 1, kOngoing = 2 };

// How, when and by whom it was signed (elements 9 to 11).
struct Signature {
  Capacity capacity = Capacity::kUnspecified;
  Method method = Method::kUnspecified;
  int64_t sign_ms = 0;
  std::string artefact_id;
  bool attests_not_the_abuser = false;
  bool minor_cosigned = false;
  int minor_age = 0;  // in years, when it was signed; 0: not said
  std::string language;
  bool interpreter_used = false;
  bool witnessed = false;
  bool plain_language_confirmed = false;
  bool risks_and_alternatives_explained = false;
  bool operator==(const Signature&) const = default;
};

// How the client took it back, and who confirmed that later.
struct Withdrawal {
  Method method = Method::kUnspecified;
  std::string staff_id = {};
  Method confirm_method = Method::kUnspecified;  // unspecified: not confirmed
  std::string confirm_artefact_id = {};          // of a written or e-signed confirmation
  std::string confirm_staff_id = {};
  int64_t confirm_ms = 0;
  bool operator==(const Withdrawal&) const = default;
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
  bool copy_offered = false;                      // 15
  State state = State::kDraft;                    // 16
  int64_t state_ms = 0;                           // since when
  std::string state_staff_id;                     // by whom; empty: the hub
  int64_t create_ms = 0;
  int64_t sign_ms = 0;
  std::string sign_staff_id;                      // who recorded the signature
  int64_t revoke_ms = 0;
  Withdrawal withdrawal;
  std::string supersedes_id;                      // whose place it takes when signed
  std::string superseded_by_id;
  std::string release_hash;                       // of elements 1 to 8; see ReleaseHash
  std::string signed_hash;                        // of elements 1 to 15 as signed; see SignedHash
  int64_t version = 1;                            // the etag
};

inline constexpr int64_t kDayMs = 24LL * 3600 * 1000;
inline constexpr int64_t kDefaultLifeMs = 30 * kDayMs;
inline constexpr int64_t kLongestLifeMs = 365 * kDayMs;

bool IsCategory(std::string_view code);
bool IsPurpose(std::string_view code);

// The hash of elements 1 to 8 (base/release_hash.h): what a packet is sealed under, so that neither
// can be altered without the other.
std::string ReleaseHash(const Release& release);

// The hash of elements 1 to 15 as they were when it was signed, with who recorded that and when:
// what was said, read and attested then must not become anything else. Not a seal against whoever
// may write to the database (who could hash anew), but against every change that is not one of the
// commands'.
std::string SignedHash(const Release& release);
// In place of a hash, in releases that were signed before there was one: they last a year at most.
inline constexpr std::string_view kSignedBeforeHashes = "before";

// Brings it into that state. Error: those of CheckMove.
Result<void> Move(Release& release, State to, int64_t now_ms, const std::string& staff_id);

// The elements that are not there, by name: empty for a complete release. Decided again at every
// use, so that a release that lost an element releases nothing.
std::vector<std::string> MissingElements(const Release& release);

// Checks a new draft's codes and times and fills in the defaults (effective now, 30 days).
// Errors: UNKNOWN_CATEGORY, UNKNOWN_PURPOSE, CATEGORY_BOTH_WAYS, RECIPIENT_IS_DISCLOSER,
// EXPIRY_IN_THE_PAST, EXPIRY_BEFORE_EFFECTIVE, EXPIRY_TOO_FAR, INVALID_JURISDICTION.
Result<void> CompleteDraft(Release& release, int64_t now_ms);

// May `draft`, complete, take the place of `old` when it is signed? Errors: RELEASE_NOT_ACTIVE,
// SUPERSEDES_ANOTHER_CASE, SUCCESSOR_TAKES_EFFECT_LATER (there would be a time without either).
Result<void> CheckSuccession(const Release& draft, const Release& old, int64_t now_ms);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_DOMAIN_RELEASE_H_
