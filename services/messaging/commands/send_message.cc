#include "services/messaging/commands/send_message.h"

#include "services/messaging/commands/sealing.h"
#include "services/messaging/store/agency_store.h"
#include "services/messaging/store/thread_store.h"

namespace fairlead::messaging {
namespace {

tl::unexpected<Error> MessageIdTaken() {
  return Fail(Code::kAlreadyExists, "MESSAGE_ID_TAKEN", "There is a message of that id already.");
}

}  // namespace

Result<Placed> CheckSending(storage::ReadTransaction& tx, const rpc::CallContext& context,
                            const MessageSending& sending, int64_t now_ms) {
  const std::string& agency_id = context.actor.agency_id;
  FAIRLEAD_ASSIGN(Thread thread, ThreadOf(tx, context, sending.thread_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckChosenId(sending.message_id, "message_id"));
  FAIRLEAD_ASSIGN(const std::optional<Message> taken, FindMessage(tx, sending.message_id));
  if (taken) return MessageIdTaken();
  if (!sending.envelope) return Fail(sending.envelope.error());
  const Party& other = thread.OtherThan(agency_id);
  FAIRLEAD_RETURN_IF_ERROR(CheckActive(tx, other.agency_id));
  if (other.unread >= kMostUnread) {
    return Fail(Code::kResourceExhausted, "TOO_MANY_UNREAD",
                "The other agency has not read what was written before.",
                {{"limit", std::to_string(kMostUnread)}});
  }
  Message message{.id = sending.message_id,
                  .thread_id = thread.id,
                  .sequence = thread.last_sequence + 1,
                  .from_agency_id = agency_id,
                  .staff_id = context.actor.staff_id,
                  .create_ms = now_ms};
  FAIRLEAD_ASSIGN(message.sealed, TakeSealed(tx, thread, agency_id, *sending.envelope, now_ms));
  message.expire_ms = sending.envelope->header.expires_s * 1000;
  return Placed{std::move(message), std::move(thread)};
}

Result<Placed> SendMessage(Unit& unit, const MessageSending& sending) {
  FAIRLEAD_ASSIGN(Placed placed, CheckSending(unit.tx, unit.context, sending, unit.now_ms));
  FAIRLEAD_RETURN_IF_ERROR(Spend(unit.tx, unit.agency_id, "messages", kMostMessagesADay,
                                 unit.now_ms, "TOO_MANY_MESSAGES"));
  Thread& thread = placed.thread;
  const Message& message = placed.message;
  FAIRLEAD_ASSIGN(const bool inserted, InsertMessage(unit.tx, message));
  if (!inserted) return MessageIdTaken();
  thread.last_sequence = message.sequence;
  thread.last_ms = unit.now_ms;
  Party& other = thread.OtherThan(unit.agency_id);
  other.unread += 1;
  FAIRLEAD_RETURN_IF_ERROR(UpdateThread(unit.tx, thread));
  FAIRLEAD_RETURN_IF_ERROR(Record(unit, audit::Action::kMessageSent, message.id, other.agency_id));
  FAIRLEAD_RETURN_IF_ERROR(
      TellThread(unit, thread, "sent", message.id, message.sequence, BothOf(thread)));
  return placed;
}

}  // namespace fairlead::messaging
