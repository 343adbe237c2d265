// The client signs: from here on the release is in force.
#ifndef SERVICES_CONSENT_COMMANDS_SIGN_RELEASE_H_
#define SERVICES_CONSENT_COMMANDS_SIGN_RELEASE_H_

#include <string>

#include "services/consent/commands/unit.h"

namespace fairlead::consent {

// What was said and read when it was signed (elements 9 to 13 and 15).
struct Signing {
  std::string release_id;
  std::string etag;
  Signature signature;
  bool not_a_condition_of_service = false;
  bool consequences_of_refusing_explained = false;
  bool right_to_revoke_explained = false;
  bool redisclosure_explained = false;
  bool copy_offered = false;
};

// A release whose place it takes is superseded in the same transaction (one that has ended
// meanwhile stays as it is). Errors: RELEASE_NOT_FOUND, ETAG_MISMATCH, RELEASE_NOT_DRAFT,
// RELEASE_EXPIRED, those of CheckSigner, RELEASE_INCOMPLETE (metadata `missing`),
// SIGNED_IN_THE_FUTURE.
Result<Release> SignRelease(Unit& unit, const Signing& signing);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_COMMANDS_SIGN_RELEASE_H_
