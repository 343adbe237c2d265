#include "services/referral/store/attachment_store.h"

#include <set>
#include <utility>

#include "services/referral/store/rows.h"

namespace fairlead::referral {
namespace {

using AttachmentRows = std::vector<storage::Row>;

Result<void> DropOneAttachment(storage::Transaction& tx, const std::string& referral_id,
                               const std::string& id) {
  for (const char* sql :
       {"DELETE FROM attachment_chunk WHERE referral_id = $1 AND attachment_id = $2",
        "DELETE FROM attachment_reader WHERE referral_id = $1 AND attachment_id = $2",
        "DELETE FROM attachment WHERE referral_id = $1 AND id = $2"}) {
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute(sql, {referral_id, id}));
  }
  return {};
}

}  // namespace

Result<std::optional<StoredAttachment>> FindAttachment(storage::ReadTransaction& tx,
                                                       const std::string& referral_id,
                                                       const std::string& id) {
  FAIRLEAD_ASSIGN(const AttachmentRows rows,
                  tx.Query("SELECT agency_id, chunk_count, have_count, start_ms FROM attachment "
                           "WHERE referral_id = $1 AND id = $2",
                           {referral_id, id}));
  if (rows.empty()) return std::optional<StoredAttachment>();
  return std::optional<StoredAttachment>(StoredAttachment{.referral_id = referral_id,
                                                          .id = id,
                                                          .agency_id = rows[0].Text(0),
                                                          .chunk_count = rows[0].Int(1),
                                                          .have_count = rows[0].Int(2),
                                                          .start_ms = rows[0].Int(3)});
}

Result<AttachmentRoom> AttachmentRoomTaken(storage::ReadTransaction& tx,
                                           const std::string& referral_id) {
  FAIRLEAD_ASSIGN(
      const AttachmentRows rows,
      tx.Query("SELECT chunk_count FROM attachment WHERE referral_id = $1", {referral_id}));
  AttachmentRoom room;
  for (const storage::Row& row : rows) {
    room.attachments += 1;
    room.chunks += row.Int(0);
  }
  return room;
}

Result<int64_t> AttachmentChunksOfAgency(storage::ReadTransaction& tx,
                                         const std::string& agency_id) {
  FAIRLEAD_ASSIGN(const AttachmentRows rows,
                  tx.Query("SELECT CAST(COALESCE(SUM(have_count), 0) AS BIGINT) FROM attachment "
                           "WHERE agency_id = $1",
                           {agency_id}));
  return rows.empty() ? 0 : rows[0].Int(0);
}

Result<void> InsertAttachment(storage::Transaction& tx, const StoredAttachment& a) {
  return Done(
      tx.Execute("INSERT INTO attachment (referral_id, id, agency_id, chunk_count, have_count, "
                 "start_ms) VALUES ($1, $2, $3, $4, $5, $6)",
                 {a.referral_id, a.id, a.agency_id, a.chunk_count, a.have_count, a.start_ms}));
}

Result<std::optional<std::string>> FindAttachmentChunk(storage::ReadTransaction& tx,
                                                       const StoredAttachment& attachment,
                                                       int64_t number) {
  FAIRLEAD_ASSIGN(const AttachmentRows rows,
                  tx.Query("SELECT bytes FROM attachment_chunk WHERE referral_id = $1 AND "
                           "attachment_id = $2 AND number = $3",
                           {attachment.referral_id, attachment.id, number}));
  if (rows.empty()) return std::optional<std::string>();
  return std::optional<std::string>(rows[0].Bytes(0));
}

Result<std::vector<int64_t>> MissingAttachmentChunks(storage::ReadTransaction& tx,
                                                     const StoredAttachment& attachment) {
  std::vector<int64_t> missing;
  if (attachment.have_count == attachment.chunk_count) return missing;
  FAIRLEAD_ASSIGN(const AttachmentRows rows,
                  tx.Query("SELECT number FROM attachment_chunk WHERE referral_id = $1 AND "
                           "attachment_id = $2",
                           {attachment.referral_id, attachment.id}));
  std::set<int64_t> here;
  for (const storage::Row& row : rows) here.insert(row.Int(0));
  for (int64_t number = 0; number < attachment.chunk_count; ++number) {
    if (!here.contains(number)) missing.push_back(number);
  }
  return missing;
}

Result<void> InsertAttachmentChunk(storage::Transaction& tx, StoredAttachment& attachment,
                                   int64_t number, const std::string& bytes) {
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("INSERT INTO attachment_chunk (referral_id, attachment_id, number, bytes) VALUES "
                 "($1, $2, $3, $4)",
                 {attachment.referral_id, attachment.id, number, storage::Blob{bytes}}));
  attachment.have_count += 1;
  return Done(
      tx.Execute("UPDATE attachment SET have_count = $3 WHERE referral_id = $1 AND id = $2",
                 {attachment.referral_id, attachment.id, attachment.have_count}));
}

Result<bool> HasReadAttachment(storage::ReadTransaction& tx, const StoredAttachment& attachment,
                               const std::string& staff_id) {
  FAIRLEAD_ASSIGN(const AttachmentRows rows,
                  tx.Query("SELECT 1 FROM attachment_reader WHERE referral_id = $1 AND "
                           "attachment_id = $2 AND staff_id = $3",
                           {attachment.referral_id, attachment.id, staff_id}));
  return !rows.empty();
}

Result<void> PutAttachmentReader(storage::Transaction& tx, const StoredAttachment& attachment,
                                 const std::string& staff_id) {
  return Done(tx.Execute("INSERT INTO attachment_reader (referral_id, attachment_id, staff_id) "
                         "VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                         {attachment.referral_id, attachment.id, staff_id}));
}

Result<void> DropAttachmentsOf(storage::Transaction& tx, const std::string& referral_id) {
  for (const char* sql : {"DELETE FROM attachment_chunk WHERE referral_id = $1",
                          "DELETE FROM attachment_reader WHERE referral_id = $1",
                          "DELETE FROM attachment WHERE referral_id = $1"}) {
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute(sql, {referral_id}));
  }
  return {};
}

Result<int64_t> DropUnfinishedAttachments(storage::Transaction& tx, int64_t before_ms, int limit) {
  FAIRLEAD_ASSIGN(const AttachmentRows rows,
                  tx.Query("SELECT referral_id, id FROM attachment WHERE "
                           "have_count < chunk_count AND start_ms <= $1 ORDER BY start_ms LIMIT $2",
                           {before_ms, limit}));
  for (const storage::Row& row : rows) {
    FAIRLEAD_RETURN_IF_ERROR(DropOneAttachment(tx, row.Text(0), row.Text(1)));
  }
  return static_cast<int64_t>(rows.size());
}

}  // namespace fairlead::referral
