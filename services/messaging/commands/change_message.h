// A message that its writer puts right or takes back, within 15 minutes.
#ifndef SERVICES_MESSAGING_COMMANDS_CHANGE_MESSAGE_H_
#define SERVICES_MESSAGING_COMMANDS_CHANGE_MESSAGE_H_

#include <string>

#include "services/common/seal/seal.h"
#include "services/messaging/commands/unit.h"

namespace fairlead::messaging {

struct MessageEditing {
  std::string message_id = {};
  std::string etag = {};
  Result<seal::Envelope> envelope;  // as in MessageSending
};

// As the message would be. Errors: MESSAGE_NOT_FOUND, NOT_YOUR_MESSAGE, MESSAGE_DELETED,
// EDIT_WINDOW_OVER, TOO_MANY_EDITS, ETAG_MISMATCH, AGENCY_NOT_ACTIVE, INVALID_PACKET, those of
// TakeSealed.
Result<Placed> CheckEditing(storage::ReadTransaction& tx, const rpc::CallContext& context,
                            const MessageEditing& editing, int64_t now_ms);
// It keeps its place and its time to expire; what stood there is erased.
Result<Placed> EditMessage(Unit& unit, const MessageEditing& editing);

// Erased for both; its place stays. What is deleted already is no change. Errors:
// MESSAGE_NOT_FOUND, NOT_YOUR_MESSAGE, EDIT_WINDOW_OVER.
Result<Placed> DeleteMessage(Unit& unit, const std::string& message_id);

// Blanks what is sealed in it: for what must not come back (after_restore.h), too.
Result<void> EraseMessage(storage::Transaction& tx, Placed& placed);

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_COMMANDS_CHANGE_MESSAGE_H_
