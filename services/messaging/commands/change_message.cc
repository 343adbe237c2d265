#include "services/messaging/commands/change_message.h"

#include <algorithm>

#include "services/messaging/commands/sealing.h"
#include "services/messaging/store/agency_store.h"
#include "services/messaging/store/thread_store.h"

namespace fairlead::messaging {

Result<Placed> CheckEditing(storage::ReadTransaction& tx, const rpc::CallContext& context,
                            const MessageEditing& editing, int64_t now_ms) {
  FAIRLEAD_ASSIGN(Placed placed, MessageOf(tx, context, editing.message_id, /*own=*/true));
  Message& message = placed.message;
  if (message.deleted) {
    return Fail(Code::kFailedPrecondition, "MESSAGE_DELETED", "The message was taken back.");
  }
  FAIRLEAD_RETURN_IF_ERROR(CheckEditWindow(message, now_ms));
  if (message.revision >= kMostEdits) {
    return Fail(Code::kFailedPrecondition, "TOO_MANY_EDITS",
                "The message has been changed as often as one may.",
                {{"limit", std::to_string(kMostEdits)}});
  }
  FAIRLEAD_RETURN_IF_ERROR(CheckEtag(editing.etag, Etag(message)));
  if (!editing.envelope) return Fail(editing.envelope.error());
  const std::string& agency_id = context.actor.agency_id;
  FAIRLEAD_RETURN_IF_ERROR(CheckActive(tx, placed.thread.OtherThan(agency_id).agency_id));
  FAIRLEAD_ASSIGN(message.sealed,
                  TakeSealed(tx, placed.thread, agency_id, *editing.envelope, now_ms));
  message.edit_ms = now_ms;
  message.revision += 1;
  message.expire_ms = editing.envelope->header.expires_s * 1000;
  return placed;
}

Result<Placed> EditMessage(Unit& unit, const MessageEditing& editing) {
  FAIRLEAD_ASSIGN(Placed placed, CheckEditing(unit.tx, unit.context, editing, unit.now_ms));
  const Message& message = placed.message;
  FAIRLEAD_RETURN_IF_ERROR(UpdateMessage(unit.tx, message));
  FAIRLEAD_RETURN_IF_ERROR(PutErased(unit.tx, {message.id, message.revision}, unit.now_ms));
  FAIRLEAD_RETURN_IF_ERROR(Record(unit, audit::Action::kMessageEdited, message.id,
                                  placed.thread.OtherThan(unit.agency_id).agency_id));
  FAIRLEAD_RETURN_IF_ERROR(TellThread(unit, placed.thread, "edited", message.id, message.sequence,
                                      BothOf(placed.thread)));
  return placed;
}

Result<void> EraseMessage(storage::Transaction& tx, Placed& placed) {
  Message& message = placed.message;
  Party& other = placed.thread.OtherThan(message.from_agency_id);
  if (IsUnreadBy(other, message)) {
    other.unread = std::max<int64_t>(0, other.unread - 1);
    FAIRLEAD_RETURN_IF_ERROR(UpdateThread(tx, placed.thread));
  }
  message.deleted = true;
  message.sealed = {};
  return UpdateMessage(tx, message);
}

Result<Placed> DeleteMessage(Unit& unit, const std::string& message_id) {
  FAIRLEAD_ASSIGN(Placed placed, MessageOf(unit.tx, unit.context, message_id, /*own=*/true));
  if (placed.message.deleted) return placed;
  FAIRLEAD_RETURN_IF_ERROR(CheckEditWindow(placed.message, unit.now_ms));
  FAIRLEAD_RETURN_IF_ERROR(EraseMessage(unit.tx, placed));
  const Message& message = placed.message;
  FAIRLEAD_RETURN_IF_ERROR(PutErased(unit.tx, {message.id, kWhole}, unit.now_ms));
  FAIRLEAD_RETURN_IF_ERROR(Record(unit, audit::Action::kMessageDeleted, message.id,
                                  placed.thread.OtherThan(unit.agency_id).agency_id));
  FAIRLEAD_RETURN_IF_ERROR(TellThread(unit, placed.thread, "deleted", message.id, message.sequence,
                                      BothOf(placed.thread)));
  return placed;
}

}  // namespace fairlead::messaging
