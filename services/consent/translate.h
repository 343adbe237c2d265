// Between the contract's messages and the domain's structs.
#ifndef SERVICES_CONSENT_TRANSLATE_H_
#define SERVICES_CONSENT_TRANSLATE_H_

#include <string>
#include <vector>

#include "fairlead/consent/v1/consent.pb.h"
#include "services/consent/commands/sign_release.h"
#include "services/consent/domain/release.h"
#include "services/consent/store/release_store.h"

namespace fairlead::consent {

Release FromProto(const v1::CreateReleaseRequest& request);
Signing FromProto(const v1::SignReleaseRequest& request);
// All of it: for the discloser.
v1::Release ToProto(const Release& release);
// What an agency may see of a release under which `categories` were sent to it: itself as the only
// recipient, the terms, the state; not the case handle, not who signed how, not whom else it names.
v1::Release ToRecipientProto(const Release& release, const std::string& agency_id,
                             const std::vector<std::string>& categories);
v1::Disclosure ToProto(const Disclosure& disclosure);
// For an agency of the two: who of the recipient's staff answered is for the recipient alone.
v1::DestroyNotice ToProto(const DestroyNotice& notice, const std::string& for_agency_id);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_TRANSLATE_H_
