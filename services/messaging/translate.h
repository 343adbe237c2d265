// Between the contract's messages and the domain's structs, as the viewer may see them.
#ifndef SERVICES_MESSAGING_TRANSLATE_H_
#define SERVICES_MESSAGING_TRANSLATE_H_

#include <string>

#include "fairlead/messaging/v1/alert.pb.h"
#include "fairlead/messaging/v1/bed_call.pb.h"
#include "fairlead/messaging/v1/channel.pb.h"
#include "fairlead/messaging/v1/thread.pb.h"
#include "services/common/auth/actor.h"
#include "services/messaging/commands/alerts.h"
#include "services/messaging/domain/bed_call.h"
#include "services/messaging/domain/channel.h"
#include "services/messaging/domain/thread.h"

namespace fairlead::messaging {

namespace v1 = fairlead::messaging::v1;

v1::Thread ToProto(Thread thread, const std::string& viewer_agency_id);
// With the share of the viewer's agency, where it has been read. Staff ids only of its own people.
v1::Message ToProto(const Message& message, Thread thread, const std::string& viewer_agency_id);

v1::Channel ToProto(const Channel& channel, const auth::Actor& viewer);
v1::Post ToProto(const Post& post);
// Without title and text: for answers that are kept for a repeat.
v1::Post WithoutText(Post post);

BedNeed FromProto(const v1::BedNeed& need);
// The agency that asks sees all answers; any other its own, and not who was taken unless itself.
v1::BedCall ToProto(const BedCall& call, const std::string& viewer_agency_id, int64_t now_ms);

v1::Alert ToProto(const Alerted& alerted, const auth::Actor& viewer);
v1::Alert WithoutText(Alerted alerted, const auth::Actor& viewer);
v1::AlertAgency ToProto(const AlertAgency& agency);

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_TRANSLATE_H_
