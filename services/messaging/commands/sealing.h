// What a sealed message must be, as far as the hub can see.
#ifndef SERVICES_MESSAGING_COMMANDS_SEALING_H_
#define SERVICES_MESSAGING_COMMANDS_SEALING_H_

#include <string>

#include "services/common/seal/seal.h"
#include "services/messaging/domain/thread.h"
#include "services/messaging/store/agency_store.h"

namespace fairlead::messaging {

// The agency's current keys. Error: AGENCY_HAS_NO_KEYS (metadata agency_id).
Result<AgencyKeyRecord> KeysOf(storage::ReadTransaction& tx, const std::string& agency_id);

// Sealed for this thread, to the current keys of its two agencies and to nobody else, signed by the
// writer's; as it is kept. Errors: MESSAGE_THREAD_MISMATCH, PACKET_SENDER_AGENCY_MISMATCH,
// PACKET_EXPIRED, AGENCY_HAS_NO_KEYS, MESSAGE_KEY_NOT_CURRENT, PACKET_RECIPIENT_MISMATCH,
// PACKET_SENDER_MISMATCH.
Result<Sealed> TakeSealed(storage::ReadTransaction& tx, const Thread& thread,
                          const std::string& writer_agency_id, const seal::Envelope& envelope,
                          int64_t now_ms);

// The message for that agency: its own share alone (seal::Form::kDelivered).
std::string SealedFor(const Sealed& sealed, const std::string& agency_id);

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_COMMANDS_SEALING_H_
