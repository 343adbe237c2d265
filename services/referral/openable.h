// Whether a packet may be opened by its caller now, before consent is asked: of the packet itself,
// and of what belongs to it.
#ifndef SERVICES_REFERRAL_OPENABLE_H_
#define SERVICES_REFERRAL_OPENABLE_H_

#include <string>

#include "services/common/rpc/call_context.h"
#include "services/common/rpc/proto_time.h"
#include "services/referral/commands/mark_opened.h"
#include "services/referral/store/referral_store.h"

namespace fairlead::referral {

// What consent has to know to decide about a share.
template <class Request>
Request AskAbout(const Referral& referral, const std::string& agency_id) {
  Request ask;
  ask.set_release_id(referral.release_id);
  ask.set_referral_id(referral.id);
  ask.set_packet_id(referral.packet_id);
  ask.set_agency_id(agency_id);
  ask.set_purpose(referral.purpose);
  rpc::SetRepeated(referral.categories, ask.mutable_categories());
  ask.set_release_hash(referral.release_hash);
  return ask;
}

// What opening needs to know: the referral and its packet, when this agency may open it now.
struct Openable {
  Referral referral;
  StoredPacket packet;
  bool ended = false;  // only a break-glass opens it
};

// Errors: REFERRAL_NOT_FOUND, OFFER_NOT_OPEN, PACKET_NOT_SENT, PACKET_GONE, and of a release that
// has ended the referral its own.
Result<Openable> FindOpenable(ReferralReader& reader, const rpc::CallContext& context,
                              const std::string& referral_id);

// The same of an agency whose offer has ended, if a break-glass may open it: whether one does is
// consent's to say. What it says no to is answered as without one. Of the packet alone: what is
// attached to it stays closed (decision 35).
Result<Openable> FindBehindGlass(ReferralReader& reader, const std::string& agency_id,
                                 const std::string& referral_id);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_OPENABLE_H_
