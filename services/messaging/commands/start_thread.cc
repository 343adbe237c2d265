#include "services/messaging/commands/start_thread.h"

#include "services/messaging/commands/sealing.h"
#include "services/messaging/store/agency_store.h"
#include "services/messaging/store/thread_store.h"

namespace fairlead::messaging {
namespace {

tl::unexpected<Error> ThreadIdTaken() {
  return Fail(Code::kAlreadyExists, "THREAD_ID_TAKEN", "There is a thread of that id already.");
}

}  // namespace

Result<void> CheckStarting(storage::ReadTransaction& tx, const std::string& agency_id,
                           const Starting& starting) {
  FAIRLEAD_RETURN_IF_ERROR(CheckChosenId(starting.thread_id, "thread_id"));
  if (starting.to_agency_id == agency_id) {
    return Fail(Code::kInvalidArgument, "RECIPIENT_IS_SENDER", "A thread is with another agency.",
                {{"field", "to_agency_id"}});
  }
  FAIRLEAD_ASSIGN(const std::optional<Thread> taken, FindThread(tx, starting.thread_id));
  if (taken) return ThreadIdTaken();
  FAIRLEAD_RETURN_IF_ERROR(CheckActive(tx, starting.to_agency_id));
  FAIRLEAD_RETURN_IF_ERROR(KeysOf(tx, starting.to_agency_id));
  FAIRLEAD_RETURN_IF_ERROR(KeysOf(tx, agency_id));
  return {};
}

Result<Thread> StartThread(Unit& unit, const Starting& starting) {
  FAIRLEAD_RETURN_IF_ERROR(CheckStarting(unit.tx, unit.agency_id, starting));
  FAIRLEAD_RETURN_IF_ERROR(
      Spend(unit.tx, unit.agency_id, "threads", kMostThreadsADay, unit.now_ms, "TOO_MANY_THREADS"));
  Thread thread{.id = starting.thread_id, .create_ms = unit.now_ms, .last_ms = unit.now_ms};
  thread.parties[0].agency_id = unit.agency_id;
  thread.parties[1].agency_id = starting.to_agency_id;
  FAIRLEAD_ASSIGN(const bool inserted, InsertThread(unit.tx, thread));
  if (!inserted) return ThreadIdTaken();
  FAIRLEAD_RETURN_IF_ERROR(
      Record(unit, audit::Action::kThreadStarted, thread.id, starting.to_agency_id));
  FAIRLEAD_RETURN_IF_ERROR(TellThread(unit, thread, "started", "", 0, BothOf(thread)));
  return thread;
}

}  // namespace fairlead::messaging
