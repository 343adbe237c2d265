// Between rows and the domain's structs.
#ifndef SERVICES_REFERRAL_STORE_ROWS_H_
#define SERVICES_REFERRAL_STORE_ROWS_H_

#include <string>
#include <string_view>
#include <vector>

#include "services/common/storage/answers.h"
#include "services/common/storage/database.h"
#include "services/referral/domain/referral.h"

namespace fairlead::referral {

inline constexpr std::string_view kReferralColumns =
    "id, sender_agency_id, case_handle, need_code, urgency, facets, state, release_id, "
    "release_hash, purpose, categories, create_ms, update_ms, reason_code, outcome_code, version, "
    "mode, packet_id, packet_version";
inline constexpr std::string_view kOfferColumns =
    "id, referral_id, recipient_agency_id, service_id, state, reason_code, send_ms, deliver_ms, "
    "open_ms, decide_ms, remind_ms, escalate_admin_ms, escalate_coordinator_ms, expire_ms, "
    "next_step, next_due_ms, answer, nudge_ms, questions, opened_version";
inline constexpr std::string_view kPacketColumns = "protected, iv, ciphertext, tag, recipients";

// Larger than every id: where pages that go from the newest down begin.
inline constexpr const char* kAfterEveryId = "g";

Referral ToReferral(const storage::Row& row);
Offer ToOffer(const storage::Row& row);
// Keeps the named offer; or without a name the accepted one, or else the newest.
void KeepOne(std::vector<Offer>& offers, const std::string& id);
StoredPacket ToStoredPacket(const storage::Row& row, const std::string& referral_id);

// The facets that are never searched by, in one column: fields in a fixed order between '|'.
std::string EncodeFacets(const Facets& facets);
void DecodeFacets(std::string_view text, Facets& facets);

// What was asked about an offer: one to a line.
std::string EncodeQuestions(const std::vector<AskedQuestion>& questions);
std::vector<AskedQuestion> DecodeQuestions(std::string_view text);

// Recipients of a packet: one to a line.
std::string EncodeRecipients(const std::vector<PacketRecipient>& recipients);
std::vector<PacketRecipient> DecodeRecipients(std::string_view text);

using storage::Done;

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_STORE_ROWS_H_
