// A withdrawal by word of mouth has been in force since it was said; that it was said is confirmed
// afterwards, on paper or by a second person.
#ifndef SERVICES_CONSENT_COMMANDS_CONFIRM_WITHDRAWAL_H_
#define SERVICES_CONSENT_COMMANDS_CONFIRM_WITHDRAWAL_H_

#include <string>

#include "services/consent/commands/unit.h"

namespace fairlead::consent {

// `method` written or e-signed: the client has signed, and `artefact_id` says where that is kept.
// Oral: the caller heard it too. Errors: RELEASE_NOT_FOUND, ETAG_MISMATCH, NOT_WITHDRAWN_ORALLY,
// WITHDRAWAL_ALREADY_CONFIRMED, ARTEFACT_NEEDED, SECOND_PERSON_NEEDED.
Result<Release> ConfirmWithdrawal(Unit& unit, const std::string& release_id,
                                  const std::string& etag, Method method,
                                  const std::string& artefact_id);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_COMMANDS_CONFIRM_WITHDRAWAL_H_
