// The referral service, for whoever hosts it.
#ifndef SERVICES_REFERRAL_SERVICE_H_
#define SERVICES_REFERRAL_SERVICE_H_

#include <memory>

#include "services/common/base/result.h"
#include "services/common/host/service.h"

namespace fairlead::referral {

Result<std::unique_ptr<host::Service>> StartReferralService(const host::Environment& env);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_SERVICE_H_
