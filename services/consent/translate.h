// Between the contract's messages and the domain's structs.
#ifndef SERVICES_CONSENT_TRANSLATE_H_
#define SERVICES_CONSENT_TRANSLATE_H_

#include "fairlead/consent/v1/consent.pb.h"
#include "services/consent/commands/sign_release.h"
#include "services/consent/domain/release.h"
#include "services/consent/store/release_store.h"

namespace fairlead::consent {

Release FromProto(const v1::CreateReleaseRequest& request);
Signing FromProto(const v1::SignReleaseRequest& request);
// `for_discloser`: recipients do not see the case handle, which is the sender's own.
v1::Release ToProto(const Release& release, bool for_discloser);
v1::Disclosure ToProto(const Disclosure& disclosure);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_TRANSLATE_H_
