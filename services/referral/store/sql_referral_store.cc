#include "services/referral/store/sql_referral_store.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "services/common/base/text.h"
#include "services/referral/store/assignment_store.h"
#include "services/referral/store/attachment_store.h"
#include "services/referral/store/forward_store.h"
#include "services/referral/store/note_store.h"
#include "services/referral/store/routing_store.h"
#include "services/referral/store/rows.h"

namespace fairlead::referral {
namespace {

using storage::Blob;
using storage::Row;

// 100 offers, with ten lines each. Questions may add to them: then the oldest are not shown, and of
// a recipient the oldest of its own.
constexpr int kMostTimelineRows = 1000;
// Of attachments, at once: some 50 MiB, and one packet's 25 MiB at most beyond.
constexpr int64_t kMostChunksShredded = 800;
constexpr int64_t kRememberRevocationsMs = int64_t{400} * 24 * 3600 * 1000;

template <class Base, class Tx>
class Reader : public Base {
 public:
  explicit Reader(Tx& tx) : tx_(tx) {}

  Result<std::optional<Referral>> Find(const std::string& id) override {
    static const std::string kSql =
        "SELECT " + std::string(kReferralColumns) + " FROM referral WHERE id = $1";
    FAIRLEAD_ASSIGN(const std::vector<Row> rows, tx_.Query(kSql, {id}));
    Referral referral;
    if (rows.empty()) {
      referral.id = id;
    } else {
      referral = ToReferral(rows[0]);
    }
    // Of one that is not there too: else the time would tell it from one that is somebody else's.
    FAIRLEAD_RETURN_IF_ERROR(LoadOffers(referral));
    if (rows.empty()) return std::optional<Referral>();
    return std::optional<Referral>(std::move(referral));
  }

  Result<std::vector<Referral>> List(const ListQuery& query) override {
    const bool sent = query.box == Box::kSent;
    static const std::string kSent =
        "SELECT " + std::string(kReferralColumns) +
        " FROM referral r WHERE sender_agency_id = $1 AND id < $2";
    static const std::string kSentStates =
        " AND ($3 = '' OR $3 LIKE '%,' || CAST(state AS TEXT) || ',%') ORDER BY id DESC LIMIT $4";
    // The states of the inbox are those that the agency is shown (SeenBy).
    static const std::string kInbox =
        "SELECT " + std::string(kReferralColumns) +
        " FROM referral WHERE id IN (SELECT o.referral_id FROM offer o JOIN referral r ON r.id = "
        "o.referral_id WHERE o.recipient_agency_id = $1 AND o.referral_id < $2";
    static const std::string kInboxStates =
        " GROUP BY o.referral_id, r.state HAVING $3 = '' OR $3 LIKE '%,' || CAST(CASE "
        "WHEN MAX(CASE WHEN o.state = 4 THEN 1 ELSE 0 END) = 1 THEN r.state "
        "WHEN MIN(o.state) <= 3 THEN 2 "
        "WHEN (SELECT n.state FROM offer n WHERE n.referral_id = o.referral_id AND "
        "n.recipient_agency_id = $1 ORDER BY n.id DESC LIMIT 1) = 7 THEN 6 ELSE 7 END AS TEXT) || "
        "',%' ORDER BY o.referral_id DESC LIMIT $4) ORDER BY id DESC";
    std::string states;
    for (const ReferralState state : query.states) {
      states += (states.empty() ? "," : "") + std::to_string(static_cast<int>(state)) + ",";
    }
    const std::string before = query.before_id.empty() ? kAfterEveryId : query.before_id;
    std::vector<storage::Value> params = {query.agency_id, before, states, query.limit};
    if (query.assigned == Assigned::kMine) params.emplace_back(query.staff_id);
    std::string sql = sent ? kSent : kInbox;
    sql += WhereAssigned(query.assigned, sent ? "r.id" : "o.referral_id");
    sql += sent ? kSentStates : kInboxStates;
    FAIRLEAD_ASSIGN(const std::vector<Row> rows, tx_.Query(sql, storage::Params(params)));
    std::vector<Referral> referrals;
    referrals.reserve(rows.size());
    for (const Row& row : rows) {
      referrals.push_back(ToReferral(row));
      Referral& read = referrals.back();
      FAIRLEAD_RETURN_IF_ERROR(LoadOffers(read));
      FAIRLEAD_ASSIGN(read.assignment, FindAssignment(tx_, read.id, query.agency_id));
    }
    return referrals;
  }

  Result<std::optional<StoredPacket>> FindPacket(const std::string& referral_id) override {
    FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                    tx_.Query("SELECT " + std::string(kPacketColumns) +
                                  " FROM packet WHERE referral_id = $1",
                              {referral_id}));
    if (rows.empty()) return std::optional<StoredPacket>();
    return std::optional<StoredPacket>(ToStoredPacket(rows[0], referral_id));
  }

  Result<std::vector<PacketRecipient>> PacketRecipients(const std::string& referral_id) override {
    FAIRLEAD_ASSIGN(
        const std::vector<Row> rows,
        tx_.Query("SELECT recipients FROM packet WHERE referral_id = $1", {referral_id}));
    if (rows.empty()) return std::vector<PacketRecipient>();
    return DecodeRecipients(rows[0].Text(0));
  }

  Result<std::vector<TimelineEntry>> Timeline(const std::string& referral_id,
                                              const std::string& recipient_agency_id) override {
    FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                    tx_.Query("SELECT id, time_ms, event, agency_id, staff_id, reason_code, "
                              "offer_id FROM timeline WHERE referral_id = $1 AND "
                              "($3 = '' OR agency_id = $3 OR offer_id IN (SELECT id FROM offer "
                              "WHERE referral_id = $1 AND recipient_agency_id = $3)) "
                              "ORDER BY id DESC LIMIT $2",
                              {referral_id, kMostTimelineRows, recipient_agency_id}));
    std::vector<TimelineEntry> entries;
    entries.reserve(rows.size());
    for (const Row& row : rows) {
      entries.push_back({.id = row.Text(0),
                         .referral_id = referral_id,
                         .time_ms = row.Int(1),
                         .event = row.Text(2),
                         .agency_id = row.Text(3),
                         .staff_id = row.Text(4),
                         .reason_code = row.Text(5),
                         .offer_id = row.Text(6)});
    }
    std::reverse(entries.begin(), entries.end());
    return entries;
  }

  Result<std::optional<std::string>> FindLive(const std::string& sender_agency_id,
                                              const std::string& case_handle,
                                              const std::string& need_code,
                                              const std::string& except_id) override {
    return FirstText(tx_.Query(
        "SELECT id FROM referral WHERE case_handle = $1 AND need_code = $2 "
        "AND state BETWEEN 2 AND 4 AND sender_agency_id = $3 AND id <> $4 ORDER BY id LIMIT 1",
        {case_handle, need_code, sender_agency_id, except_id}));
  }

  Result<std::vector<Referral>> ListHandOffs(const HandOffQuery& query) override {
    static const std::string kWaiting =
        "SELECT id, referral_id, next_due_ms FROM offer WHERE state BETWEEN 1 AND 3 AND "
        "(next_due_ms, id) > ($1, $2) ORDER BY next_due_ms, id LIMIT $3";
    static const std::string kMatched =
        "SELECT '', id, update_ms FROM referral WHERE state = 3 AND (update_ms, id) > ($1, $2) "
        "ORDER BY update_ms, id LIMIT $3";
    static const std::string kUnasked =
        "SELECT '', id, update_ms FROM referral WHERE state = 2 AND reason_code <> '' AND "
        "(update_ms, id) > ($1, $2) ORDER BY update_ms, id LIMIT $3";
    FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                    tx_.Query(query.stage == HandOffStage::kWaiting   ? kWaiting
                              : query.stage == HandOffStage::kMatched ? kMatched
                                                                      : kUnasked,
                              {query.after_ms, query.after_id, query.limit}));
    std::vector<Referral> hand_offs;
    for (const Row& row : rows) {
      FAIRLEAD_ASSIGN(std::optional<Referral> referral, Find(row.Text(1)));
      if (!referral) continue;
      KeepOne(referral->offers, row.Text(0));
      if (!referral->offers.empty()) hand_offs.push_back(std::move(*referral));
    }
    return hand_offs;
  }

  Result<std::optional<AgencyRecord>> FindAgency(const std::string& id) override {
    FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                    tx_.Query("SELECT id, membership, kind, version, closed_version, "
                              "offers_closed FROM agency WHERE id = $1",
                              {id}));
    if (rows.empty()) return std::optional<AgencyRecord>();
    const Row& row = rows[0];
    return std::optional<AgencyRecord>(
        AgencyRecord{row.Text(0), row.Text(1), row.Text(2), row.Int(3), row.Int(4), row.Int(5)});
  }

  Result<std::optional<AgencyKeyRecord>> CurrentKey(const std::string& agency_id) override {
    FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                    tx_.Query("SELECT agency_id, epoch, epoch_kid, signing_kid FROM agency_key "
                              "WHERE agency_id = $1 ORDER BY epoch DESC LIMIT 1",
                              {agency_id}));
    if (rows.empty()) return std::optional<AgencyKeyRecord>();
    const Row& row = rows[0];
    return std::optional<AgencyKeyRecord>(
        AgencyKeyRecord{row.Text(0), row.Int(1), row.Text(2), row.Text(3)});
  }

  Result<std::optional<std::string>> ReferralOfOffer(const std::string& offer_id) override {
    return FirstText(tx_.Query("SELECT referral_id FROM offer WHERE id = $1", {offer_id}));
  }

  Result<int64_t> CountAskedBy(const std::string& sender_agency_id, int limit) override {
    FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                    tx_.Query("SELECT 1 FROM referral r JOIN offer o ON o.referral_id = r.id WHERE "
                              "r.sender_agency_id = $1 AND r.state = 2 AND r.mode BETWEEN 2 AND 3 "
                              "AND o.state BETWEEN 1 AND 3 LIMIT $2",
                              {sender_agency_id, limit + 1}));
    return static_cast<int64_t>(rows.size());
  }

  Result<std::vector<std::string>> CustodyToDestroy(int limit) override {
    return Texts(
        tx_.Query("SELECT packet_id FROM custody_to_destroy ORDER BY packet_id LIMIT $1", {limit}));
  }

  Result<DoNotRoute> FindDoNotRoute(const std::string& agency_id,
                                    const std::string& case_handle) override {
    return referral::FindDoNotRoute(tx_, agency_id, case_handle);
  }
  Result<std::optional<SealedNote>> FindNote(const std::string& id,
                                             const std::string& agency_id) override {
    return referral::FindNote(tx_, id, agency_id);
  }
  Result<bool> HasNote(const std::string& id) override { return referral::HasNote(tx_, id); }
  Result<std::vector<SealedNote>> NotesOf(const std::string& referral_id) override {
    return referral::NotesOf(tx_, referral_id);
  }

  Result<std::optional<Forward>> FindForward(const std::string& referral_id) override {
    return referral::FindForward(tx_, referral_id);
  }

  Result<std::vector<HandedOn>> FindHandedOn(const std::string& from_referral_id,
                                             const std::string& by_agency_id) override {
    return referral::FindHandedOn(tx_, from_referral_id, by_agency_id);
  }

  Result<bool> IsReleaseRevoked(const std::string& release_id) override {
    FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                    tx_.Query("SELECT 1 FROM revoked_release WHERE id = $1", {release_id}));
    return !rows.empty();
  }

  Result<bool> IsClockDue(int64_t now_ms) override {
    FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                    tx_.Query("SELECT 1 FROM offer WHERE state BETWEEN 1 AND 3 AND "
                              "next_due_ms <= $1 LIMIT 1",
                              {now_ms}));
    return !rows.empty();
  }

 protected:
  Result<void> LoadOffers(Referral& referral) {
    static const std::string kSql =
        "SELECT " + std::string(kOfferColumns) + " FROM offer WHERE referral_id = $1 ORDER BY id";
    FAIRLEAD_ASSIGN(const std::vector<Row> rows, tx_.Query(kSql, {referral.id}));
    for (const Row& row : rows) referral.offers.push_back(ToOffer(row));
    return {};
  }

  Result<std::optional<std::string>> FirstText(Result<std::vector<Row>> rows) {
    if (!rows) return Fail(std::move(rows.error()));
    if (rows->empty()) return std::optional<std::string>();
    return std::optional<std::string>(rows->front().Text(0));
  }

  Result<std::vector<std::string>> Texts(Result<std::vector<Row>> rows) {
    if (!rows) return Fail(std::move(rows.error()));
    std::vector<std::string> texts;
    for (const Row& row : *rows) texts.push_back(row.Text(0));
    return texts;
  }

  Tx& tx_;
};

class Store final : public Reader<ReferralStore, storage::Transaction> {
 public:
  using Reader::Reader;

  Result<void> Insert(const Referral& r) override {
    static const std::string kSql = "INSERT INTO referral (" + std::string(kReferralColumns) +
                                    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "
                                    "$13, $14, $15, $16, $17, $18, $19)";
    return Done(
        tx_.Execute(kSql, {r.id, r.sender_agency_id, r.case_handle, r.facets.need_code,
                           static_cast<int64_t>(r.facets.urgency), EncodeFacets(r.facets),
                           static_cast<int64_t>(r.state), r.release_id, r.release_hash, r.purpose,
                           Join(r.categories, ' '), r.create_ms, r.update_ms, r.reason_code,
                           r.outcome_code, r.version, static_cast<int64_t>(r.mode), r.packet_id,
                           r.packet_version}));
  }

  Result<void> Update(Referral& r) override {
    r.version += 1;
    return Done(tx_.Execute(
        "UPDATE referral SET state = $2, release_id = $3, release_hash = $4, purpose = $5, "
        "categories = $6, update_ms = $7, reason_code = $8, outcome_code = $9, version = $10, "
        "case_handle = $11, mode = $12, packet_id = $13, packet_version = $14 WHERE id = $1",
        {r.id, static_cast<int64_t>(r.state), r.release_id, r.release_hash, r.purpose,
         Join(r.categories, ' '), r.update_ms, r.reason_code, r.outcome_code, r.version,
         r.case_handle, static_cast<int64_t>(r.mode), r.packet_id, r.packet_version}));
  }

  Result<void> InsertOffer(const Offer& o) override {
    static const std::string kSql =
        "INSERT INTO offer (" + std::string(kOfferColumns) +
        ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, "
        "$18, $19, $20)";
    return Done(tx_.Execute(
        kSql, {o.id, o.referral_id, o.recipient_agency_id, o.service_id,
               static_cast<int64_t>(o.state), o.reason_code, o.send_ms, o.deliver_ms, o.open_ms,
               o.decide_ms, o.ladder.remind_ms, o.ladder.escalate_admin_ms,
               o.ladder.escalate_coordinator_ms, o.ladder.expire_ms,
               static_cast<int64_t>(o.next_step), DueMs(o.ladder, o.next_step),
               static_cast<int64_t>(o.answer), o.nudge_ms, EncodeQuestions(o.questions),
               o.opened_version}));
  }

  Result<void> UpdateOffer(const Offer& o) override {
    return Done(tx_.Execute("UPDATE offer SET state = $2, reason_code = $3, deliver_ms = $4, "
                            "open_ms = $5, decide_ms = $6, next_step = $7, next_due_ms = $8, "
                            "answer = $9, nudge_ms = $10, questions = $11, opened_version = $12 "
                            "WHERE id = $1",
                            {o.id, static_cast<int64_t>(o.state), o.reason_code, o.deliver_ms,
                             o.open_ms, o.decide_ms, static_cast<int64_t>(o.next_step),
                             DueMs(o.ladder, o.next_step), static_cast<int64_t>(o.answer),
                             o.nudge_ms, EncodeQuestions(o.questions), o.opened_version}));
  }

  Result<void> InsertPacket(const StoredPacket& p) override {
    return Done(tx_.Execute(
        "INSERT INTO packet (referral_id, protected, iv, ciphertext, tag, recipients) VALUES ($1, "
        "$2, $3, $4, $5, $6)",
        {p.referral_id, p.protected_b64, Blob{p.iv}, Blob{p.ciphertext}, Blob{p.tag},
         EncodeRecipients(p.recipients)}));
  }

  Result<void> DropPacket(Referral& r) override {
    FAIRLEAD_RETURN_IF_ERROR(DropAttachmentsOf(tx_, r.id));
    if (r.packet_id.empty()) return {};
    FAIRLEAD_RETURN_IF_ERROR(tx_.Execute("DELETE FROM packet WHERE referral_id = $1", {r.id}));
    FAIRLEAD_RETURN_IF_ERROR(
        tx_.Execute("INSERT INTO custody_to_destroy (packet_id) VALUES ($1) ON CONFLICT DO NOTHING",
                    {r.packet_id}));
    r.packet_id.clear();
    r.packet_version = 0;
    return {};
  }

  Result<void> DestroyPacket(Referral& r) override {
    FAIRLEAD_RETURN_IF_ERROR(DestroyNotes(tx_, r.id));
    return DropPacket(r);
  }

  Result<void> PutCustodyDestroyed(const std::vector<std::string>& packet_ids) override {
    for (const std::string& id : packet_ids) {
      FAIRLEAD_RETURN_IF_ERROR(
          tx_.Execute("DELETE FROM custody_to_destroy WHERE packet_id = $1", {id}));
    }
    return {};
  }

  Result<void> UpdatePacketRecipients(const std::string& referral_id,
                                      const std::vector<PacketRecipient>& recipients) override {
    return Done(tx_.Execute("UPDATE packet SET recipients = $2 WHERE referral_id = $1",
                            {referral_id, EncodeRecipients(recipients)}));
  }

  Result<void> AddTimeline(const TimelineEntry& e) override {
    return Done(tx_.Execute(
        "INSERT INTO timeline (id, referral_id, time_ms, event, agency_id, staff_id, reason_code, "
        "offer_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        {e.id, e.referral_id, e.time_ms, e.event, e.agency_id, e.staff_id, e.reason_code,
         e.offer_id}));
  }

  Result<std::vector<std::string>> DueOffers(int64_t now_ms, int limit) override {
    return Texts(tx_.Query("SELECT id FROM offer WHERE state BETWEEN 1 AND 3 AND "
                           "next_due_ms <= $1 ORDER BY next_due_ms LIMIT $2",
                           {now_ms, limit}));
  }

  Result<std::vector<std::string>> LiveUnderRelease(const std::string& release_id,
                                                    const std::string& after_id) override {
    return Texts(
        tx_.Query("SELECT id FROM referral WHERE release_id = $1 AND id > $2 "
                  "AND state BETWEEN 2 AND 4 ORDER BY id LIMIT 200",
                  {release_id, after_id}));
  }

  Result<std::vector<std::string>> PendingOffersTo(const std::string& agency_id,
                                                   const std::string& after_id) override {
    return Texts(
        tx_.Query("SELECT id FROM offer WHERE recipient_agency_id = $1 AND state BETWEEN 1 AND 3 "
                  "AND id > $2 ORDER BY id LIMIT 200",
                  {agency_id, after_id}));
  }

  Result<std::vector<std::string>> AcceptedOffersOf(const std::string& agency_id,
                                                    const std::string& after_id) override {
    return Texts(
        tx_.Query("SELECT o.id FROM offer o JOIN referral r ON r.id = o.referral_id WHERE "
                  "o.recipient_agency_id = $1 AND o.state = 4 AND r.state BETWEEN 3 AND 4 "
                  "AND o.id > $2 ORDER BY o.id LIMIT 200",
                  {agency_id, after_id}));
  }

  Result<std::vector<std::string>> UnmatchedFrom(const std::string& agency_id,
                                                 const std::string& after_id) override {
    return Texts(
        tx_.Query("SELECT id FROM referral WHERE sender_agency_id = $1 AND id > $2 AND "
                  "state BETWEEN 1 AND 2 ORDER BY id LIMIT 200",
                  {agency_id, after_id}));
  }

  Result<void> PutRevokedRelease(const std::string& release_id, int64_t now_ms) override {
    return Done(
        tx_.Execute("INSERT INTO revoked_release (id, revoke_ms) VALUES ($1, $2) ON "
                    "CONFLICT DO NOTHING",
                    {release_id, now_ms}));
  }

  Result<int64_t> ShredPackets(int64_t before_ms, int limit) override {
    // The case handle goes with the packet, and so does what was asked and answered: all of it
    // together says more of somebody than the facets do. Those and codes are left, for reporting.
    static const std::string kDue =
        "SELECT " + std::string(kReferralColumns) +
        " FROM referral WHERE state BETWEEN 5 AND 8 AND update_ms <= $1 "
        "AND case_handle <> '' ORDER BY update_ms LIMIT $2";
    FAIRLEAD_ASSIGN(const std::vector<Row> due, tx_.Query(kDue, {before_ms, limit}));
    int64_t shredded = 0;
    int64_t chunks = 0;
    for (const Row& row : due) {
      if (chunks > kMostChunksShredded) break;
      Referral referral = ToReferral(row);
      FAIRLEAD_ASSIGN(const AttachmentRoom room, AttachmentRoomTaken(tx_, referral.id));
      chunks += room.chunks;
      shredded += 1;
      FAIRLEAD_RETURN_IF_ERROR(DestroyPacket(referral));
      FAIRLEAD_RETURN_IF_ERROR(LetGoOfCase(tx_, referral));
      FAIRLEAD_RETURN_IF_ERROR(DropAssignments(tx_, referral.id));
      FAIRLEAD_RETURN_IF_ERROR(DropForward(tx_, referral.id));
      FAIRLEAD_RETURN_IF_ERROR(tx_.Execute(
          "UPDATE offer SET questions = '' WHERE referral_id = $1 AND questions <> ''",
          {referral.id}));
      FAIRLEAD_RETURN_IF_ERROR(tx_.Execute(
          "UPDATE referral SET case_handle = '', packet_id = '', packet_version = 0 WHERE id = $1",
          {referral.id}));
    }
    // No release lasts longer than 365 days: an older revocation can meet no send any more.
    const int64_t long_ago_ms = before_ms - kRememberRevocationsMs;
    FAIRLEAD_RETURN_IF_ERROR(
        tx_.Execute("DELETE FROM revoked_release WHERE revoke_ms < $1", {long_ago_ms}));
    return shredded;
  }

  Result<void> PutAgency(const AgencyRecord& a) override {
    return Done(tx_.Execute(
        "INSERT INTO agency (id, membership, kind, version) VALUES ($1, $2, $3, $4) ON CONFLICT "
        "(id) DO UPDATE SET membership = excluded.membership, kind = CASE WHEN excluded.kind = '' "
        "THEN agency.kind ELSE excluded.kind END, version = excluded.version "
        "WHERE agency.version <= excluded.version",
        {a.id, a.membership, a.kind, a.version}));
  }

  Result<void> PutOffersClosed(const std::string& agency_id, int64_t version,
                               int64_t offers_closed) override {
    return Done(
        tx_.Execute("UPDATE agency SET closed_version = $2, offers_closed = $3 WHERE id = $1",
                    {agency_id, version, offers_closed}));
  }

  Result<void> PutAgencyKey(const AgencyKeyRecord& k) override {
    return Done(
        tx_.Execute("INSERT INTO agency_key (agency_id, epoch, epoch_kid, signing_kid) "
                    "VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                    {k.agency_id, k.epoch, k.epoch_kid, k.signing_kid}));
  }

  // Two rows, as an audit record is two: its own and its event's.
  Result<void> PutInventedOpening(const InventedOpening& o) override {
    constexpr int64_t kSlots = 64;
    constexpr size_t kFiller = 320;  // what an event has beside its ids
    const auto slot = static_cast<int64_t>(std::hash<std::string>{}(o.referral_id) % kSlots);
    for (const int64_t at : {slot, kSlots + slot}) {
      FAIRLEAD_RETURN_IF_ERROR(tx_.Execute(
          "INSERT INTO invented_opening (slot, time_ms, staff_id, agency_id, referral_id, filler) "
          "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (slot) DO UPDATE SET "
          "time_ms = excluded.time_ms, staff_id = excluded.staff_id, "
          "agency_id = excluded.agency_id, referral_id = excluded.referral_id, "
          "filler = excluded.filler",
          {at, o.time_ms, o.staff_id, o.agency_id, o.referral_id, std::string(kFiller, '-')}));
    }
    return {};
  }
};

}  // namespace

std::unique_ptr<ReferralReader> MakeSqlReferralReader(storage::ReadTransaction& tx) {
  return std::make_unique<Reader<ReferralReader, storage::ReadTransaction>>(tx);
}

std::unique_ptr<ReferralStore> MakeSqlReferralStore(storage::Transaction& tx) {
  return std::make_unique<Store>(tx);
}

}  // namespace fairlead::referral
