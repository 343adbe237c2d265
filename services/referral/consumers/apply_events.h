// What the referral service does when other services report a change.
#ifndef SERVICES_REFERRAL_CONSUMERS_APPLY_EVENTS_H_
#define SERVICES_REFERRAL_CONSUMERS_APPLY_EVENTS_H_

#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/events/v1/events.pb.h"
#include "services/common/base/ids.h"
#include "services/common/base/result.h"
#include "services/common/storage/database.h"
#include "services/referral/store/referral_store.h"

namespace fairlead::referral {

// directory: AgencyChanged keeps our copy of memberships current; of an agency that is suspended or
// has departed it closes the offers (close_agency_offers.h).
Result<void> ApplyDirectoryEvent(storage::Transaction& tx,
                                 const fairlead::events::v1::EventEnvelope& event, IdGenerator& ids,
                                 int64_t now_ms);
// identity: AgencyKeysPublished keeps our copy of key thumbprints current; what somebody who has
// left had in hand goes back to the agency's queue.
Result<void> ApplyIdentityEvent(storage::Transaction& tx,
                                const fairlead::events::v1::EventEnvelope& event, IdGenerator& ids,
                                int64_t now_ms);
// consent: a release that has ended, however it did, ends what is open under it.
Result<void> ApplyConsentEvent(storage::Transaction& tx,
                               const fairlead::events::v1::EventEnvelope& event, IdGenerator& ids,
                               int64_t now_ms);

// The names as events spell them: "active", "health_provider".
AgencyRecord ToRecord(const fairlead::directory::v1::Agency& agency);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_CONSUMERS_APPLY_EVENTS_H_
