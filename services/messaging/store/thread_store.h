// Threads and their messages, in the caller's transaction.
#ifndef SERVICES_MESSAGING_STORE_THREAD_STORE_H_
#define SERVICES_MESSAGING_STORE_THREAD_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "services/common/storage/database.h"
#include "services/messaging/domain/thread.h"

namespace fairlead::messaging {

Result<std::optional<Thread>> FindThread(storage::ReadTransaction& tx, const std::string& id);
// Of one agency, the last written to first.
struct ThreadQuery {
  std::string agency_id = {};
  bool unread_only = false;
  int64_t before_ms = 0;  // with before_id: the last of the page before; 0: from the newest
  std::string before_id = {};
  int limit = 25;
};
Result<std::vector<Thread>> ListThreads(storage::ReadTransaction& tx, const ThreadQuery& query);
// false: the id is taken.
Result<bool> InsertThread(storage::Transaction& tx, const Thread& thread);
// With both parties.
Result<void> UpdateThread(storage::Transaction& tx, const Thread& thread);

// Without what is sealed, which takes time that tells.
Result<std::optional<Message>> FindMessage(storage::ReadTransaction& tx, const std::string& id);
// That, into `message`.
Result<void> ReadSealed(storage::ReadTransaction& tx, Message& message);
// Of one thread: above `after`, and (where it is set) beyond `from`, in the order asked for; at
// most `limit`, and (but for the first) no more than kMostPageBytes of what is sealed.
struct MessageQuery {
  std::string thread_id = {};
  int64_t after = 0;
  bool newest_first = false;
  int64_t from = 0;  // the sequence that the page before ended with; 0: none
  int limit = 25;
};
struct MessagePage {
  std::vector<Message> messages = {};
  bool more = false;
};
Result<MessagePage> ListMessages(storage::ReadTransaction& tx, const MessageQuery& query);
// false: the id is taken.
Result<bool> InsertMessage(storage::Transaction& tx, const Message& message);
// What is sealed, its revision and times, and whether it is deleted.
Result<void> UpdateMessage(storage::Transaction& tx, const Message& message);
// Of what the other agency wrote, after `read`: as it counts for Party::unread.
Result<int64_t> CountUnread(storage::ReadTransaction& tx, const std::string& thread_id,
                            const std::string& reader_agency_id, int64_t read);

// Messages that have expired at `now_ms`, the first first, without what is sealed.
Result<std::vector<Message>> ExpiredMessages(storage::ReadTransaction& tx, int64_t now_ms,
                                             int limit);
Result<void> DropMessage(storage::Transaction& tx, const std::string& id);
// Threads that nobody has written to since `before_ms`, so that nothing is left of them. How many.
Result<int64_t> DropOldThreads(storage::Transaction& tx, int64_t before_ms, int limit);

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_STORE_THREAD_STORE_H_
