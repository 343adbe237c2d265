#include "services/messaging/store/thread_store.h"

#include <limits>
#include <string_view>

#include "services/common/base/encoding.h"
#include "services/common/base/text.h"
#include "services/common/storage/answers.h"

namespace fairlead::messaging {
namespace {

using storage::Blob;
using storage::Done;
using storage::Row;

constexpr std::string_view kThreadColumns =
    "t.id, t.create_ms, t.last_ms, t.last_sequence, a.agency_id, a.delivered_sequence, "
    "a.read_sequence, a.unread, b.agency_id, b.delivered_sequence, b.read_sequence, b.unread";
constexpr std::string_view kThreadJoins =
    " JOIN thread_party a ON a.thread_id = t.id AND a.agency_id = t.starter_agency_id "
    "JOIN thread_party b ON b.thread_id = t.id AND b.agency_id = t.other_agency_id ";
constexpr std::string_view kMessageColumns =
    "id, thread_id, sequence, from_agency_id, staff_id, create_ms, edit_ms, revision, deleted, "
    "expire_ms";
constexpr size_t kMessageSealedFrom = 10;  // the columns after those

Party ToParty(const Row& row, size_t at) {
  return {row.Text(at), row.Int(at + 1), row.Int(at + 2), row.Int(at + 3)};
}

Thread ToThread(const Row& row) {
  return {.id = row.Text(0),
          .create_ms = row.Int(1),
          .last_ms = row.Int(2),
          .last_sequence = row.Int(3),
          .parties = {ToParty(row, 4), ToParty(row, 8)}};
}

// One to a line.
std::string EncodeShares(const std::vector<Share>& shares) {
  std::string text;
  for (const Share& s : shares) {
    if (!text.empty()) text += '\n';
    text += Join({s.agency_id, s.kid, Base64UrlEncode(s.epk_x), Base64UrlEncode(s.epk_y),
                  Base64UrlEncode(s.encrypted_key)},
                 ' ');
  }
  return text;
}

std::vector<Share> DecodeShares(std::string_view text) {
  std::vector<Share> shares;
  for (const std::string& line : Split(text, '\n')) {
    std::vector<std::string> parts = Split(line, ' ');
    parts.resize(5);
    shares.push_back({.agency_id = parts[0],
                      .kid = parts[1],
                      .epk_x = Base64UrlDecode(parts[2]).value_or(""),
                      .epk_y = Base64UrlDecode(parts[3]).value_or(""),
                      .encrypted_key = Base64UrlDecode(parts[4]).value_or("")});
  }
  return shares;
}

Message ToMessage(const Row& row) {
  Message message{.id = row.Text(0),
                  .thread_id = row.Text(1),
                  .sequence = row.Int(2),
                  .from_agency_id = row.Text(3),
                  .staff_id = row.Text(4),
                  .create_ms = row.Int(5),
                  .edit_ms = row.Int(6),
                  .revision = row.Int(7),
                  .deleted = row.Bool(8),
                  .expire_ms = row.Int(9)};
  if (row.size() <= kMessageSealedFrom) return message;
  message.sealed = {.protected_b64 = row.Text(10),
                    .iv = row.Bytes(11),
                    .ciphertext = row.Bytes(12),
                    .tag = row.Bytes(13),
                    .shares = DecodeShares(row.Text(14))};
  return message;
}

const std::string& MessageSelect() {
  static const std::string kSql = "SELECT " + std::string(kMessageColumns) +
                                  ", protected, iv, ciphertext, tag, shares FROM message ";
  return kSql;
}

}  // namespace

Result<std::optional<Thread>> FindThread(storage::ReadTransaction& tx, const std::string& id) {
  static const std::string kSql = "SELECT " + std::string(kThreadColumns) + " FROM thread t" +
                                  std::string(kThreadJoins) + "WHERE t.id = $1";
  return storage::First<Thread>(tx.Query(kSql, {id}), ToThread);
}

Result<std::vector<Thread>> ListThreads(storage::ReadTransaction& tx, const ThreadQuery& query) {
  static const std::string kSql =
      "SELECT " + std::string(kThreadColumns) +
      " FROM thread_party p JOIN thread t ON t.id = p.thread_id" + std::string(kThreadJoins) +
      "WHERE p.agency_id = $1 AND (p.last_ms < $2 OR (p.last_ms = $2 AND p.thread_id < $3)) AND "
      "p.unread >= $4 ORDER BY p.last_ms DESC, p.thread_id DESC LIMIT $5";
  const int64_t before_ms =
      query.before_id.empty() ? std::numeric_limits<int64_t>::max() : query.before_ms;
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query(kSql, {query.agency_id, before_ms, query.before_id,
                                  query.unread_only ? 1 : 0, query.limit}));
  std::vector<Thread> threads;
  for (const Row& row : rows) threads.push_back(ToThread(row));
  return threads;
}

Result<bool> InsertThread(storage::Transaction& tx, const Thread& thread) {
  FAIRLEAD_ASSIGN(
      const int64_t inserted,
      tx.Execute("INSERT INTO thread (id, starter_agency_id, other_agency_id, create_ms, last_ms, "
                 "last_sequence) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
                 {thread.id, thread.parties[0].agency_id, thread.parties[1].agency_id,
                  thread.create_ms, thread.last_ms, thread.last_sequence}));
  if (inserted == 0) return false;
  for (const Party& party : thread.parties) {
    FAIRLEAD_RETURN_IF_ERROR(
        tx.Execute("INSERT INTO thread_party (thread_id, agency_id, last_ms, delivered_sequence, "
                   "read_sequence, unread) VALUES ($1, $2, $3, 0, 0, 0)",
                   {thread.id, party.agency_id, thread.last_ms}));
  }
  return true;
}

Result<void> UpdateThread(storage::Transaction& tx, const Thread& thread) {
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("UPDATE thread SET last_ms = $2, last_sequence = $3 WHERE id = $1",
                 {thread.id, thread.last_ms, thread.last_sequence}));
  for (const Party& party : thread.parties) {
    FAIRLEAD_RETURN_IF_ERROR(
        tx.Execute("UPDATE thread_party SET last_ms = $3, delivered_sequence = $4, "
                   "read_sequence = $5, unread = $6 WHERE thread_id = $1 AND agency_id = $2",
                   {thread.id, party.agency_id, thread.last_ms, party.delivered_sequence,
                    party.read_sequence, party.unread}));
  }
  return {};
}

Result<std::optional<Message>> FindMessage(storage::ReadTransaction& tx, const std::string& id) {
  static const std::string kSql =
      "SELECT " + std::string(kMessageColumns) + " FROM message WHERE id = $1";
  return storage::First<Message>(tx.Query(kSql, {id}), ToMessage);
}

Result<void> ReadSealed(storage::ReadTransaction& tx, Message& message) {
  static const std::string kSql = MessageSelect() + "WHERE id = $1";
  FAIRLEAD_ASSIGN(std::optional<Message> whole,
                  storage::First<Message>(tx.Query(kSql, {message.id}), ToMessage));
  if (whole) message.sealed = std::move(whole->sealed);
  return {};
}

Result<MessagePage> ListMessages(storage::ReadTransaction& tx, const MessageQuery& query) {
  static const std::string kUp = MessageSelect() +
                                 "WHERE thread_id = $1 AND sequence > $2 AND sequence < $3 "
                                 "ORDER BY sequence LIMIT $4";
  static const std::string kDown = MessageSelect() +
                                   "WHERE thread_id = $1 AND sequence > $2 AND sequence < $3 "
                                   "ORDER BY sequence DESC LIMIT $4";
  int64_t above = query.after;
  int64_t below = std::numeric_limits<int64_t>::max();
  if (query.from > 0) (query.newest_first ? below : above) = query.from;
  MessagePage page;
  size_t bytes = 0;
  // A row may hold 64 KiB: few at a time, so that a page of them is not read to be thrown away.
  constexpr int kRowsAtOnce = 20;
  while (static_cast<int>(page.messages.size()) <= query.limit) {
    FAIRLEAD_ASSIGN(
        const std::vector<Row> rows,
        tx.Query(query.newest_first ? kDown : kUp, {query.thread_id, above, below, kRowsAtOnce}));
    for (const Row& row : rows) {
      Message message = ToMessage(row);
      bytes += message.sealed.ciphertext.size();
      const bool full = static_cast<int>(page.messages.size()) == query.limit ||
                        (bytes > kMostPageBytes && !page.messages.empty());
      if (full) {
        page.more = true;
        return page;
      }
      (query.newest_first ? below : above) = message.sequence;
      page.messages.push_back(std::move(message));
    }
    if (rows.size() < kRowsAtOnce) break;
  }
  return page;
}

Result<bool> InsertMessage(storage::Transaction& tx, const Message& m) {
  static const std::string kSql =
      "INSERT INTO message (" + std::string(kMessageColumns) +
      ", protected, iv, ciphertext, tag, shares) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
      "$11, $12, $13, $14, $15) ON CONFLICT (id) DO NOTHING";
  FAIRLEAD_ASSIGN(
      const int64_t inserted,
      tx.Execute(kSql, {m.id, m.thread_id, m.sequence, m.from_agency_id, m.staff_id, m.create_ms,
                        m.edit_ms, m.revision, m.deleted, m.expire_ms, m.sealed.protected_b64,
                        Blob{m.sealed.iv}, Blob{m.sealed.ciphertext}, Blob{m.sealed.tag},
                        EncodeShares(m.sealed.shares)}));
  return inserted != 0;
}

Result<void> UpdateMessage(storage::Transaction& tx, const Message& m) {
  return Done(
      tx.Execute("UPDATE message SET edit_ms = $2, revision = $3, deleted = $4, expire_ms = $5, "
                 "protected = $6, iv = $7, ciphertext = $8, tag = $9, shares = $10 WHERE id = $1",
                 {m.id, m.edit_ms, m.revision, m.deleted, m.expire_ms, m.sealed.protected_b64,
                  Blob{m.sealed.iv}, Blob{m.sealed.ciphertext}, Blob{m.sealed.tag},
                  EncodeShares(m.sealed.shares)}));
}

Result<int64_t> CountUnread(storage::ReadTransaction& tx, const std::string& thread_id,
                            const std::string& reader_agency_id, int64_t read) {
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query("SELECT COUNT(*) FROM message WHERE thread_id = $1 AND sequence > $3 "
                           "AND from_agency_id <> $2 AND deleted = 0",
                           {thread_id, reader_agency_id, read}));
  return rows.at(0).Int(0);
}

Result<std::vector<Message>> ExpiredMessages(storage::ReadTransaction& tx, int64_t now_ms,
                                             int limit) {
  static const std::string kSql = "SELECT " + std::string(kMessageColumns) +
                                  " FROM message WHERE expire_ms <= $1 ORDER BY expire_ms LIMIT $2";
  FAIRLEAD_ASSIGN(const std::vector<Row> rows, tx.Query(kSql, {now_ms, limit}));
  std::vector<Message> messages;
  for (const Row& row : rows) messages.push_back(ToMessage(row));
  return messages;
}

Result<void> DropMessage(storage::Transaction& tx, const std::string& id) {
  return Done(tx.Execute("DELETE FROM message WHERE id = $1", {id}));
}

Result<int64_t> DropOldThreads(storage::Transaction& tx, int64_t before_ms, int limit) {
  FAIRLEAD_ASSIGN(
      const std::vector<Row> rows,
      tx.Query("SELECT id FROM thread WHERE last_ms <= $1 AND NOT EXISTS (SELECT 1 FROM message "
               "WHERE thread_id = thread.id) ORDER BY last_ms LIMIT $2",
               {before_ms, limit}));
  for (const Row& row : rows) {
    FAIRLEAD_RETURN_IF_ERROR(
        tx.Execute("DELETE FROM thread_party WHERE thread_id = $1", {row.Text(0)}));
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute("DELETE FROM thread WHERE id = $1", {row.Text(0)}));
  }
  return static_cast<int64_t>(rows.size());
}

}  // namespace fairlead::messaging
