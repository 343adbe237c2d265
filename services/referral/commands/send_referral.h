// draft → open: one offer to one agency, with its sealed packet.
#ifndef SERVICES_REFERRAL_COMMANDS_SEND_REFERRAL_H_
#define SERVICES_REFERRAL_COMMANDS_SEND_REFERRAL_H_

#include <map>
#include <string>
#include <vector>

#include "services/common/seal/seal.h"
#include "services/referral/commands/unit.h"

namespace fairlead::referral {

struct Sending {
  std::string referral_id;
  std::string etag;
  std::string case_handle;  // without a draft: this and the facets make one
  Facets facets;
  bool has_facets = false;
  std::string recipient_agency_id;
  std::string service_id;
  bool allow_duplicate_service = false;
  // From the packet, checked by CheckPacket, under the release that consent has approved.
  std::string release_id;
  std::string release_hash;
  std::string purpose;
  std::vector<std::string> categories;
  std::string sender_kid;
  StoredPacket packet;  // its recipients: filled in by the command
  std::vector<seal::Recipient> sealed_to;            // as they stand in the packet
  std::map<std::string, std::string> custody_keys;   // by agency
};

// The referral as it would be sent, when nothing on our side stands against it: all of
// SendReferral's errors but those of writing. Asked before consent is, so that no disclosure is
// logged (and no one-time release used up) for what will not be sent; and again inside the
// transaction.
struct Sendable {
  Referral referral;
  bool is_new = false;
};
Result<Sendable> CheckSending(ReferralReader& store, const std::string& agency_id,
                              const Sending& sending, int64_t now_ms);

// Writes referral, offer, packet, story and event in the one transaction. Errors:
// REFERRAL_ALREADY_EXISTS, FACETS_REQUIRED, ETAG_MISMATCH, ILLEGAL_TRANSITION, UNKNOWN_AGE_BAND,
// AGENCY_NOT_ACTIVE, AGENCY_HAS_NO_KEYS, PACKET_RECIPIENT_MISMATCH (sealed to the current keys of
// recipient and sender and to nobody else), PACKET_SENDER_MISMATCH, DUPLICATE_SERVICE (metadata
// `referral_id`: of the own agency), RELEASE_REVOKED when consent has ended the release since it
// was asked.
Result<Referral> SendReferral(Unit& unit, const Sending& sending);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_COMMANDS_SEND_REFERRAL_H_
