#include "services/referral/store/note_store.h"

#include <string_view>
#include <utility>

#include "services/common/base/text.h"
#include "services/referral/store/rows.h"

namespace fairlead::referral {
namespace {

using storage::Blob;
using storage::Row;

constexpr std::string_view kNoteColumns =
    "id, referral_id, offer_id, kind, from_agency_id, to_agency_id, create_ms, about_note_id, "
    "state, reason_code, decide_ms, decide_agency_id, version, release_id, release_hash, purpose, "
    "categories, recipients";
constexpr size_t kSealedFrom = 18;  // the columns after those

SealedNote ToNote(const Row& row) {
  SealedNote note{.id = row.Text(0),
                  .referral_id = row.Text(1),
                  .offer_id = row.Text(2),
                  .kind = static_cast<NoteKind>(row.Int(3)),
                  .from_agency_id = row.Text(4),
                  .to_agency_id = row.Text(5),
                  .create_ms = row.Int(6),
                  .about_note_id = row.Text(7),
                  .state = static_cast<AppointmentState>(row.Int(8)),
                  .reason_code = row.Text(9),
                  .decide_ms = row.Int(10),
                  .decide_agency_id = row.Text(11),
                  .version = row.Int(12),
                  .release_id = row.Text(13),
                  .release_hash = row.Text(14),
                  .purpose = row.Text(15),
                  .categories = Split(row.Text(16), ' ')};
  note.content.referral_id = note.referral_id;
  note.content.recipients = DecodeRecipients(row.Text(17));
  if (row.size() <= kSealedFrom) return note;
  note.content.protected_b64 = row.Text(18);
  note.content.iv = row.Bytes(19);
  note.content.ciphertext = row.Bytes(20);
  note.content.tag = row.Bytes(21);
  return note;
}

std::vector<SealedNote> ToNotes(const std::vector<Row>& rows) {
  std::vector<SealedNote> notes;
  notes.reserve(rows.size());
  for (const Row& row : rows) notes.push_back(ToNote(row));
  return notes;
}

// Its keys follow by the same queue as those of packets.
Result<void> DestroyNoteKeys(storage::Transaction& tx, const std::string& where_column,
                             const std::string& id) {
  return Done(
      tx.Execute("INSERT INTO custody_to_destroy (packet_id) SELECT id FROM sealed_note "
                 "WHERE " +
                     where_column +
                     " = $1 AND recipients <> '' "
                     "ON CONFLICT DO NOTHING",
                 {id}));
}

}  // namespace

Result<std::optional<SealedNote>> FindNote(storage::ReadTransaction& tx, const std::string& id,
                                           const std::string& agency_id) {
  static const std::string kSql =
      "SELECT " + std::string(kNoteColumns) +
      ", protected, iv, ciphertext, tag FROM sealed_note "
      "WHERE id = $1 AND (from_agency_id = $2 OR to_agency_id = $2)";
  FAIRLEAD_ASSIGN(const std::vector<Row> rows, tx.Query(kSql, {id, agency_id}));
  if (rows.empty()) return std::optional<SealedNote>();
  return std::optional<SealedNote>(ToNote(rows[0]));
}

Result<bool> HasNote(storage::ReadTransaction& tx, const std::string& id) {
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query("SELECT 1 FROM sealed_note WHERE id = $1", {id}));
  return !rows.empty();
}

Result<std::vector<SealedNote>> NotesOf(storage::ReadTransaction& tx,
                                        const std::string& referral_id) {
  static const std::string kSql = "SELECT " + std::string(kNoteColumns) +
                                  " FROM sealed_note WHERE referral_id = $1 ORDER BY create_ms, id";
  FAIRLEAD_ASSIGN(const std::vector<Row> rows, tx.Query(kSql, {referral_id}));
  return ToNotes(rows);
}

Result<std::vector<SealedNote>> NotesBetween(storage::ReadTransaction& tx,
                                             const std::string& referral_id,
                                             const std::string& agency_id) {
  static const std::string kSql = "SELECT " + std::string(kNoteColumns) +
                                  " FROM sealed_note WHERE referral_id = $1 AND "
                                  "(from_agency_id = $2 OR to_agency_id = $2) "
                                  "ORDER BY create_ms, id";
  FAIRLEAD_ASSIGN(const std::vector<Row> rows, tx.Query(kSql, {referral_id, agency_id}));
  return ToNotes(rows);
}

Result<void> PutNote(storage::Transaction& tx, const SealedNote& n) {
  static const std::string kSql =
      "INSERT INTO sealed_note (" + std::string(kNoteColumns) +
      ", protected, iv, ciphertext, tag) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
      "$12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)";
  const StoredPacket& c = n.content;
  return Done(tx.Execute(kSql, {n.id,
                                n.referral_id,
                                n.offer_id,
                                static_cast<int64_t>(n.kind),
                                n.from_agency_id,
                                n.to_agency_id,
                                n.create_ms,
                                n.about_note_id,
                                static_cast<int64_t>(n.state),
                                n.reason_code,
                                n.decide_ms,
                                n.decide_agency_id,
                                n.version,
                                n.release_id,
                                n.release_hash,
                                n.purpose,
                                Join(n.categories, ' '),
                                EncodeRecipients(c.recipients),
                                c.protected_b64,
                                Blob{c.iv},
                                Blob{c.ciphertext},
                                Blob{c.tag}}));
}

Result<void> UpdateAppointment(storage::Transaction& tx, SealedNote& note) {
  note.version += 1;
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("UPDATE sealed_note SET state = $2, reason_code = $3, decide_ms = $4, "
                 "decide_agency_id = $5, version = $6 WHERE id = $1",
                 {note.id, static_cast<int64_t>(note.state), note.reason_code, note.decide_ms,
                  note.decide_agency_id, note.version}));
  if (Stands(note.state)) return {};
  FAIRLEAD_RETURN_IF_ERROR(DestroyNoteKeys(tx, "id", note.id));
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("UPDATE sealed_note SET protected = '', iv = $2, ciphertext = $2, tag = $2, "
                 "recipients = '' WHERE id = $1",
                 {note.id, Blob{}}));
  note.content = {};
  return {};
}

Result<void> EndAppointments(storage::Transaction& tx, const std::string& referral_id,
                             int64_t now_ms) {
  FAIRLEAD_ASSIGN(std::vector<SealedNote> notes, NotesOf(tx, referral_id));
  for (SealedNote& note : notes) {
    if (!note.stands()) continue;
    FAIRLEAD_RETURN_IF_ERROR(Move(note.state, AppointmentState::kEnded, Mover::kHub));
    note.decide_ms = now_ms;
    FAIRLEAD_RETURN_IF_ERROR(UpdateAppointment(tx, note));
  }
  return {};
}

Result<void> DestroyNotes(storage::Transaction& tx, const std::string& referral_id) {
  FAIRLEAD_RETURN_IF_ERROR(DestroyNoteKeys(tx, "referral_id", referral_id));
  return Done(tx.Execute("DELETE FROM sealed_note WHERE referral_id = $1", {referral_id}));
}

}  // namespace fairlead::referral
