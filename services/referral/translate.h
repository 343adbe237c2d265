// Between the contract's messages (and the sealed packet) and the domain's structs.
#ifndef SERVICES_REFERRAL_TRANSLATE_H_
#define SERVICES_REFERRAL_TRANSLATE_H_

#include <string>

#include "fairlead/consent/v1/consent.pb.h"
#include "fairlead/referral/v1/assignment.pb.h"
#include "fairlead/referral/v1/forward.pb.h"
#include "fairlead/referral/v1/hand_off.pb.h"
#include "fairlead/referral/v1/packet_version.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "services/common/seal/seal.h"
#include "services/referral/commands/amend_packet.h"
#include "services/referral/commands/offer_referral.h"
#include "services/referral/commands/send_packet.h"
#include "services/referral/commands/send_referral.h"
#include "services/referral/domain/referral.h"
#include "services/referral/domain/routing.h"

namespace fairlead::referral {

Facets FromProto(const v1::Facets& facets);

// As `viewer_agency_id` may see it: the sender all of it; a recipient its own offers, without the
// case handle.
v1::Referral ToProto(const Referral& referral, const std::string& viewer_agency_id);
v1::Assignment ToProto(const Assignment& assignment);
// For its sender alone.
void SetSuggestions(const std::vector<Suggestion>& suggestions, v1::Referral& out);
// Of its one offer, for coordinators.
v1::HandOff ToHandOff(const Referral& referral);
// Staff ids only of the viewer's own agency.
v1::TimelineEntry ToProto(const TimelineEntry& entry, const std::string& viewer_agency_id);

// Take the request and its packet apart. The packet's header must name this referral and
// this sender and not be expired. Errors: INVALID_PACKET, PACKET_REFERRAL_MISMATCH,
// PACKET_SENDER_AGENCY_MISMATCH, PACKET_EXPIRED; RECIPIENT_IS_SENDER.
Result<Sending> ToSending(const v1::SendReferralRequest& request,
                          const std::string& sender_agency_id, int64_t now_ms);
Result<Sending> ToSending(const v1::ForwardReferralRequest& request,
                          const std::string& sender_agency_id, int64_t now_ms);
Result<PacketSending> ToPacketSending(const v1::SendPacketRequest& request,
                                      const std::string& sender_agency_id, int64_t now_ms);
// What is kept of a packet, or a note, and what it says of itself.
SealedPacket ToSealedPacket(seal::Envelope envelope, const std::string& release_id);
Result<Amending> ToAmending(const v1::AmendPacketRequest& request,
                            const std::string& sender_agency_id, int64_t now_ms);
// `referral`: as far as it is known before its packet.
fairlead::consent::v1::IssueCustodyKeysRequest ToIssueRequest(
    const SealedPacket& sealed, const Referral& referral, const std::string& packet_id,
    const std::string& recipient_agency_id);

Offering ToOffering(const v1::OfferReferralRequest& request);

// The packet as it was sent, for `agency_id`: its own encrypted_key in clear of custody, the
// others' empty (seal::Form::kDelivered: their places and kids stay, for `recips` binds them).
// Errors: CUSTODY_KEY_MISMATCH.
Result<std::string> ToPacketJson(const StoredPacket& packet, const std::string& agency_id,
                                 const std::string& custody_key);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_TRANSLATE_H_
