// What every command works with: its transaction, the moment, the caller; and the few steps that
// every change takes.
#ifndef SERVICES_MESSAGING_COMMANDS_UNIT_H_
#define SERVICES_MESSAGING_COMMANDS_UNIT_H_

#include <string>
#include <string_view>
#include <vector>

#include "services/common/audit/audit.h"
#include "services/common/auth/policy.h"
#include "services/common/base/ids.h"
#include "services/common/base/result.h"
#include "services/common/rpc/call_context.h"
#include "services/common/storage/database.h"
#include "services/messaging/domain/channel.h"
#include "services/messaging/domain/thread.h"

namespace fairlead::messaging {

struct Unit {
  storage::Transaction& tx;
  IdGenerator& ids;
  int64_t now_ms = 0;
  std::string agency_id = {};  // of the caller; empty when the hub itself acts
  std::string staff_id = {};
  std::string traceparent = {};
  audit::By by = {};              // for the audit trail; empty: the hub itself
  rpc::CallContext context = {};  // the call; nobody's when the hub itself acts
};

// What the policy table says of this call on a record to which the caller stands so.
auth::Verdict Ask(const rpc::CallContext& context, const auth::Standing& standing);

// Whether the caller's agency is one of its members.
bool IsMemberOf(const Channel& channel, const auth::Actor& actor);

// One answer each for "not there" and "not yours".
tl::unexpected<Error> ThreadNotFound();
tl::unexpected<Error> MessageNotFound();
tl::unexpected<Error> ChannelNotFound();
tl::unexpected<Error> PostNotFound();

// Of the caller's agency. Error: THREAD_NOT_FOUND.
Result<Thread> ThreadOf(storage::ReadTransaction& tx, const rpc::CallContext& context,
                        const std::string& thread_id);
// With its thread, and without what is sealed. `own`: only one that the caller has written. Errors:
// MESSAGE_NOT_FOUND, NOT_YOUR_MESSAGE.
struct Placed {
  Message message = {};
  Thread thread = {};
};
Result<Placed> MessageOf(storage::ReadTransaction& tx, const rpc::CallContext& context,
                         const std::string& message_id, bool own = false);

// Whose members the caller's agency is one of, or any for who may see all. Error:
// CHANNEL_NOT_FOUND.
Result<Channel> ChannelOf(storage::ReadTransaction& tx, const rpc::CallContext& context,
                          const std::string& channel_id);
// All that `method` would open to the caller, by name.
Result<std::vector<Channel>> ChannelsOf(storage::ReadTransaction& tx,
                                        const rpc::CallContext& context, std::string_view method);
// With its channel. `own`: only for who has written it, or may do so to any. Errors:
// POST_NOT_FOUND, NOT_YOUR_POST.
struct Posted {
  Post post = {};
  Channel channel = {};
};
Result<Posted> PostOf(storage::ReadTransaction& tx, const rpc::CallContext& context,
                      const std::string& post_id, int64_t now_ms, bool own = false);

// FAILED_PRECONDITION AGENCY_NOT_ACTIVE (metadata agency_id) unless it is.
Result<void> CheckActive(storage::ReadTransaction& tx, const std::string& agency_id);
// INVALID_ARGUMENT INVALID_ID (metadata field) unless `id`, a UUID, is of version 7.
Result<void> CheckChosenId(const std::string& id, const std::string& field);
// ABORTED ETAG_MISMATCH unless `etag` is empty or `current`.
Result<void> CheckEtag(const std::string& etag, const std::string& current);

// A line in the audit trail: what was done to which record, of which agency.
Result<void> Record(Unit& unit, audit::Action action, const std::string& record_id,
                    const std::string& subject_agency_id);

// An event about a thread, for these agencies. `change` and `sequence` as in ThreadChanged.
Result<void> TellThread(Unit& unit, const Thread& thread, std::string_view change,
                        const std::string& message_id, int64_t sequence,
                        const std::vector<std::string>& audience);
// Both agencies.
std::vector<std::string> BothOf(const Thread& thread);

// As in ChannelChanged.
struct ChannelNews {
  std::string_view change;
  std::string record_id = {};
  std::string_view urgency = {};
  std::string taken_agency_id = {};
};
// An event about a channel: for all of its members, and for coordinators.
Result<void> TellMembers(Unit& unit, const Channel& channel, const ChannelNews& news);
// The same for these agencies alone, and, where it says so, for the coordinators.
Result<void> TellAgencies(Unit& unit, const Channel& channel, const ChannelNews& news,
                          const std::vector<std::string>& agency_ids,
                          bool for_coordinators = false);

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_COMMANDS_UNIT_H_
