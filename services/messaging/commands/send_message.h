// One more message at the end of a thread.
#ifndef SERVICES_MESSAGING_COMMANDS_SEND_MESSAGE_H_
#define SERVICES_MESSAGING_COMMANDS_SEND_MESSAGE_H_

#include <string>

#include "services/common/seal/seal.h"
#include "services/messaging/commands/unit.h"

namespace fairlead::messaging {

struct MessageSending {
  std::string thread_id = {};
  std::string message_id = {};
  // Of one that cannot be taken apart, the error: told to whose thread it is alone.
  Result<seal::Envelope> envelope;
};

// All but the day's limit; the thread, and the message as it would be. Errors: THREAD_NOT_FOUND,
// INVALID_ID, MESSAGE_ID_TAKEN, AGENCY_NOT_ACTIVE, TOO_MANY_UNREAD, INVALID_PACKET, those of
// TakeSealed.
Result<Placed> CheckSending(storage::ReadTransaction& tx, const rpc::CallContext& context,
                            const MessageSending& sending, int64_t now_ms);
// Error also: TOO_MANY_MESSAGES.
Result<Placed> SendMessage(Unit& unit, const MessageSending& sending);

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_COMMANDS_SEND_MESSAGE_H_
