#include "services/consent/store/sql_release_store.h"

#include <utility>

#include "services/common/base/text.h"
#include "services/common/storage/answers.h"
#include "services/consent/store/release_rows.h"

namespace fairlead::consent {
namespace {

using storage::Done;
using storage::Row;
using storage::Value;

constexpr std::string_view kReleaseColumns =
    "id, form_version, form_hash, jurisdiction, case_handle, discloser_agency_id, "
    "recipient_agency_ids, hub_named_as_intermediary, categories, excluded_categories, purposes, "
    "action, two_way, effective_ms, expire_ms, signature, statements, state, create_ms, sign_ms, "
    "revoke_ms, release_hash, version, state_ms, state_staff_id, sign_staff_id, signed_hash, "
    "supersedes_id, superseded_by_id, withdrawal";
constexpr std::string_view kNoticeColumns =
    "id, release_id, discloser_agency_id, recipient_agency_id, referral_ids, cause, create_ms, "
    "outcome, acknowledge_ms, acknowledge_staff_id";
constexpr size_t kReferralsInNotice = 100;

// Largest possible id: pages go from the newest down.
constexpr const char* kAfterEveryId = "g";

std::vector<Release> ToReleases(const std::vector<Row>& rows) {
  std::vector<Release> releases;
  releases.reserve(rows.size());
  for (const Row& row : rows) releases.push_back(ToRelease(row));
  return releases;
}

// The reading half, over any transaction.
template <class Base, class Tx>
class Reader : public Base {
 public:
  explicit Reader(Tx& tx) : tx_(tx) {}

  Result<std::optional<Release>> Find(const std::string& id) override {
    static const std::string kSql =
        "SELECT " + std::string(kReleaseColumns) + " FROM release WHERE id = $1";
    FAIRLEAD_ASSIGN(const std::vector<Row> rows, tx_.Query(kSql, {id}));
    if (rows.empty()) return std::optional<Release>();
    return std::optional<Release>(ToRelease(rows[0]));
  }

  Result<std::vector<std::string>> CategoriesSentTo(const std::string& release_id,
                                                    const std::string& agency_id) override {
    FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                    tx_.Query("SELECT DISTINCT categories FROM disclosure WHERE release_id = $1 "
                              "AND recipient_agency_id = $2 AND kind = 'sent' LIMIT 100",
                              {release_id, agency_id}));
    std::vector<std::string> categories;
    for (const Row& row : rows) {
      for (std::string& one : Split(row.Text(0), ' ')) categories.push_back(std::move(one));
    }
    return SortedUnique(std::move(categories));
  }

  Result<std::vector<Release>> List(const std::string& discloser_agency_id,
                                    const std::string& case_handle, const Page& page) override {
    static const std::string kSql =
        "SELECT " + std::string(kReleaseColumns) +
        " FROM release WHERE discloser_agency_id = $1 AND id < $2 AND ($3 = '' OR case_handle = "
        "$3) ORDER BY id DESC LIMIT $4";
    FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                    tx_.Query(kSql, {discloser_agency_id, Before(page), case_handle, page.limit}));
    return ToReleases(rows);
  }

  Result<std::vector<Disclosure>> ListDisclosures(const DisclosureFilter& filter,
                                                  const Page& page) override {
    FAIRLEAD_ASSIGN(
        const std::vector<Row> rows,
        tx_.Query("SELECT id, release_id, case_handle, discloser_agency_id, referral_id, "
                  "recipient_agency_id, staff_id, categories, purpose, kind, time_ms, "
                  "break_glass_id FROM disclosure WHERE discloser_agency_id = $1 AND id < $2 "
                  "AND ($3 = '' OR release_id = $3) AND ($4 = '' OR case_handle = $4) "
                  "AND time_ms >= $5 ORDER BY id DESC LIMIT $6",
                  {filter.discloser_agency_id, Before(page), filter.release_id,
                   filter.case_handle, filter.since_ms, page.limit}));
    std::vector<Disclosure> disclosures;
    for (const Row& row : rows) disclosures.push_back(ToDisclosure(row));
    return disclosures;
  }

  Result<std::vector<DestroyNotice>> ListNotices(const NoticeFilter& filter,
                                                 const Page& page) override {
    const std::string sql =
        "SELECT " + std::string(kNoticeColumns) + " FROM destroy_notice WHERE " +
        (filter.sent ? "discloser_agency_id" : "recipient_agency_id") +
        " = $1 AND id < $2 AND ($3 = '' OR release_id = $3) AND ($4 = 0 OR outcome IN (0, 3)) "
        "ORDER BY id DESC LIMIT $5";
    FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                    tx_.Query(sql, {filter.agency_id, Before(page), filter.release_id,
                                    filter.open_only, page.limit}));
    std::vector<DestroyNotice> notices;
    for (const Row& row : rows) notices.push_back(ToNotice(row));
    return notices;
  }

  Result<std::vector<Release>> DueToExpire(int64_t now_ms, int limit) override {
    static const std::string kSql = "SELECT " + std::string(kReleaseColumns) +
                                    " FROM release WHERE state = 2 AND expire_ms <= $1 "
                                    "ORDER BY expire_ms LIMIT $2";
    FAIRLEAD_ASSIGN(const std::vector<Row> rows, tx_.Query(kSql, {now_ms, limit}));
    return ToReleases(rows);
  }

 protected:
  static std::string Before(const Page& page) {
    return page.before_id.empty() ? kAfterEveryId : page.before_id;
  }
  Tx& tx_;
};

class Store final : public Reader<ReleaseStore, storage::Transaction> {
 public:
  using Reader::Reader;

  Result<void> Insert(const Release& r) override {
    static const std::string kSql =
        "INSERT INTO release (" + std::string(kReleaseColumns) +
        ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, "
        "$18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)";
    return Done(tx_.Execute(kSql, {r.id,
                                   r.form_version,
                                   r.form_hash,
                                   r.jurisdiction,
                                   r.case_handle,
                                   r.discloser_agency_id,
                                   Join(r.recipient_agency_ids, ' '),
                                   r.hub_named_as_intermediary,
                                   Join(r.categories, ' '),
                                   Join(r.excluded_categories, ' '),
                                   Join(r.purposes, ' '),
                                   static_cast<int64_t>(r.action),
                                   r.two_way,
                                   r.effective_ms,
                                   r.expire_ms,
                                   EncodeSignature(r.signature),
                                   EncodeStatements(r),
                                   static_cast<int64_t>(r.state),
                                   r.create_ms,
                                   r.sign_ms,
                                   r.revoke_ms,
                                   r.release_hash,
                                   r.version,
                                   r.state_ms,
                                   r.state_staff_id,
                                   r.sign_staff_id,
                                   r.signed_hash,
                                   r.supersedes_id,
                                   r.superseded_by_id,
                                   EncodeWithdrawal(r.withdrawal)}));
  }

  Result<void> Update(Release& r) override {
    r.version += 1;
    FAIRLEAD_RETURN_IF_ERROR(
        tx_.Execute("UPDATE release SET signature = $2, statements = $3, state = $4, sign_ms = $5, "
                    "revoke_ms = $6, version = $7, state_ms = $8, state_staff_id = $9, "
                    "sign_staff_id = $10, signed_hash = $11, superseded_by_id = $12, "
                    "withdrawal = $13 WHERE id = $1",
                    {r.id, EncodeSignature(r.signature), EncodeStatements(r),
                     static_cast<int64_t>(r.state), r.sign_ms, r.revoke_ms, r.version, r.state_ms,
                     r.state_staff_id, r.sign_staff_id, r.signed_hash, r.superseded_by_id,
                     EncodeWithdrawal(r.withdrawal)}));
    if (r.state == State::kDraft || r.state == State::kActive) return {};
    return Done(tx_.Execute(
        "INSERT INTO custody.ended_release (release_id, state, state_ms, withdrawal) VALUES ($1, "
        "$2, $3, $4) ON CONFLICT (release_id) DO UPDATE SET state = excluded.state, state_ms = "
        "excluded.state_ms, withdrawal = excluded.withdrawal",
        {r.id, static_cast<int64_t>(r.state), r.state_ms, EncodeWithdrawal(r.withdrawal)}));
  }

  Result<void> AddDisclosure(const Disclosure& d) override {
    return Done(tx_.Execute(
        "INSERT INTO disclosure (id, release_id, case_handle, discloser_agency_id, referral_id, "
        "recipient_agency_id, staff_id, categories, purpose, kind, time_ms, break_glass_id, "
        "packet_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        {d.id, d.release_id, d.case_handle, d.discloser_agency_id, d.referral_id,
         d.recipient_agency_id, d.staff_id, Join(d.categories, ' '), d.purpose, d.kind,
         d.time_ms, d.break_glass_id, d.packet_id}));
  }

  Result<std::vector<Opened>> OpenedByOthers(const Release& release) override {
    FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                    tx_.Query("SELECT DISTINCT recipient_agency_id, referral_id, categories FROM "
                              "disclosure WHERE release_id = $1 AND kind = 'opened' AND "
                              "recipient_agency_id <> $2 ORDER BY recipient_agency_id, referral_id "
                              "LIMIT 10000",
                              {release.id, release.discloser_agency_id}));
    std::vector<Opened> all;
    for (const Row& row : rows) {
      if (all.empty() || all.back().agency_id != row.Text(0)) {
        all.push_back({.agency_id = row.Text(0), .referral_ids = {}, .categories = {}});
      }
      Opened& opened = all.back();
      const bool listed = !opened.referral_ids.empty() && opened.referral_ids.back() == row.Text(1);
      if (!listed && opened.referral_ids.size() < kReferralsInNotice) {
        opened.referral_ids.push_back(row.Text(1));
      }
      for (std::string& one : Split(row.Text(2), ' ')) opened.categories.push_back(std::move(one));
      opened.categories = SortedUnique(std::move(opened.categories));
    }
    return all;
  }

  Result<bool> IsLoggedAsSent(const std::string& release_id, const std::string& referral_id,
                              const std::string& agency_id) override {
    FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                    tx_.Query("SELECT 1 FROM disclosure WHERE release_id = $1 AND referral_id = $2 "
                              "AND recipient_agency_id = $3 AND kind = 'sent' LIMIT 1",
                              {release_id, referral_id, agency_id}));
    return !rows.empty();
  }

  Result<bool> AddNotice(const DestroyNotice& n) override {
    FAIRLEAD_ASSIGN(
        const int64_t added,
        tx_.Execute("INSERT INTO destroy_notice (" + std::string(kNoticeColumns) +
                        ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
                    {n.id, n.release_id, n.discloser_agency_id, n.recipient_agency_id,
                     Join(n.referral_ids, ' '), n.cause, n.create_ms,
                     static_cast<int64_t>(n.outcome), n.acknowledge_ms, n.acknowledge_staff_id}));
    return added == 1;
  }

  Result<std::optional<DestroyNotice>> FindNotice(const std::string& id) override {
    FAIRLEAD_ASSIGN(
        const std::vector<Row> rows,
        tx_.Query("SELECT " + std::string(kNoticeColumns) + " FROM destroy_notice WHERE id = $1",
                  {id}));
    if (rows.empty()) return std::optional<DestroyNotice>();
    return std::optional<DestroyNotice>(ToNotice(rows[0]));
  }

  Result<void> UpdateNotice(const DestroyNotice& n) override {
    return Done(tx_.Execute("UPDATE destroy_notice SET outcome = $2, acknowledge_ms = $3, "
                            "acknowledge_staff_id = $4 WHERE id = $1",
                            {n.id, static_cast<int64_t>(n.outcome), n.acknowledge_ms,
                             n.acknowledge_staff_id}));
  }

  Result<std::vector<std::string>> SentTo(const std::string& release_id) override {
    FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                    tx_.Query("SELECT DISTINCT recipient_agency_id FROM disclosure WHERE "
                              "release_id = $1 AND kind = 'sent' LIMIT 100",
                              {release_id}));
    std::vector<std::string> agencies;
    for (const Row& row : rows) agencies.push_back(row.Text(0));
    return agencies;
  }

  Result<CustodyKey> PutKey(const CustodyKey& k) override {
    FAIRLEAD_ASSIGN(const int64_t added, Add(k));
    if (added == 1) return k;
    FAIRLEAD_ASSIGN(std::optional<CustodyKey> standing,
                    FindKey(k.packet_id, k.agency_id, k.generation));
    if (!standing) return Fail(Code::kInternal, "STORAGE_ERROR", "A custody key vanished.");
    return std::move(*standing);
  }

  Result<bool> HasOpened(const std::string& staff_id, const std::string& packet_id,
                         int64_t since_ms) override {
    FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                    tx_.Query("SELECT 1 FROM disclosure WHERE staff_id = $1 AND staff_id <> '' AND "
                              "time_ms > $2 AND packet_id = $3 AND kind = 'opened' LIMIT 1",
                              {staff_id, since_ms, packet_id}));
    return !rows.empty();
  }

  Result<std::optional<int64_t>> OpenedBefore(const std::string& staff_id, int64_t since_ms,
                                              int limit) override {
    FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                    tx_.Query("SELECT time_ms FROM disclosure WHERE staff_id = $1 AND "
                              "staff_id <> '' AND time_ms > $2 ORDER BY time_ms DESC "
                              "LIMIT 1 OFFSET $3",
                              {staff_id, since_ms, limit - 1}));
    if (rows.empty()) return std::optional<int64_t>();
    return std::optional<int64_t>(rows[0].Int(0));
  }

  Result<std::optional<CustodyKey>> FindKey(const std::string& packet_id,
                                            const std::string& agency_id,
                                            int64_t generation) override {
    FAIRLEAD_ASSIGN(
        const std::vector<Row> rows,
        tx_.Query("SELECT referral_id, agency_id, release_id, key, create_ms FROM "
                  "custody.custody_key WHERE referral_id = $1 AND agency_id = $2 AND $3 = 0 "
                  "UNION ALL SELECT referral_id, agency_id, release_id, key, create_ms FROM "
                  "custody.renewed_key WHERE referral_id = $1 AND agency_id = $2 AND "
                  "generation = $3",
                  {packet_id, agency_id, generation}));
    if (rows.empty()) return std::optional<CustodyKey>();
    const Row& row = rows[0];
    return std::optional<CustodyKey>(CustodyKey{.packet_id = row.Text(0),
                                                .agency_id = row.Text(1),
                                                .release_id = row.Text(2),
                                                .key = row.Bytes(3),
                                                .create_ms = row.Int(4),
                                                .generation = generation});
  }

  Result<void> ShredKeysBefore(const std::string& packet_id, const std::string& agency_id,
                               int64_t generation) override {
    if (generation > 0) {
      FAIRLEAD_RETURN_IF_ERROR(
          tx_.Execute("DELETE FROM custody.custody_key WHERE referral_id = $1 AND agency_id = $2",
                      {packet_id, agency_id}));
    }
    FAIRLEAD_RETURN_IF_ERROR(
        tx_.Execute("DELETE FROM custody.renewed_key WHERE referral_id = $1 AND agency_id = $2 AND "
                    "generation < $3",
                    {packet_id, agency_id, generation}));
    // Also when none was left: an earlier attempt may have died between commit and scrub.
    tx_.ScrubAfterCommit("custody");
    return {};
  }

  Result<int64_t> ShredKeysOf(const std::vector<std::string>& packet_ids) override {
    int64_t deleted = 0;
    for (const std::string& id : packet_ids) {
      for (const char* sql : {"DELETE FROM custody.custody_key WHERE referral_id = $1",
                              "DELETE FROM custody.renewed_key WHERE referral_id = $1"}) {
        FAIRLEAD_ASSIGN(const int64_t gone, tx_.Execute(sql, {id}));
        deleted += gone;
      }
    }
    // Also when none was left: an earlier attempt may have died between commit and scrub.
    tx_.ScrubAfterCommit("custody");
    return deleted;
  }

  Result<bool> WasSentUnder(const std::string& release_id) override {
    FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                    tx_.Query("SELECT 1 FROM disclosure WHERE release_id = $1 AND kind = 'sent' "
                              "UNION ALL SELECT 1 FROM custody.used_release WHERE release_id = $1 "
                              "LIMIT 1",
                              {release_id}));
    return !rows.empty();
  }

  Result<void> RememberUsed(const std::string& release_id) override {
    return Done(tx_.Execute(
        "INSERT INTO custody.used_release (release_id) VALUES ($1) ON CONFLICT DO NOTHING",
        {release_id}));
  }

  Result<int64_t> ShredKeys(const std::string& release_id) override {
    FAIRLEAD_ASSIGN(
        int64_t deleted,
        tx_.Execute("DELETE FROM custody.custody_key WHERE release_id = $1", {release_id}));
    FAIRLEAD_ASSIGN(
        const int64_t renewed,
        tx_.Execute("DELETE FROM custody.renewed_key WHERE release_id = $1", {release_id}));
    deleted += renewed;
    // Also when none was left: an earlier attempt may have died between commit and scrub.
    tx_.ScrubAfterCommit("custody");
    return deleted;
  }

  Result<int64_t> ShredOrphanKeys() override {
    // Found first and deleted one release at a time: a statement that writes the attached schema
    // reads only that schema, so that a crash between two files can be repaired (storage/sqlite).
    FAIRLEAD_ASSIGN(const std::vector<Row> orphans,
                    tx_.Query("SELECT DISTINCT k.release_id FROM (SELECT release_id FROM "
                              "custody.custody_key UNION ALL SELECT release_id FROM "
                              "custody.renewed_key) k LEFT JOIN "
                              "release r ON r.id = k.release_id AND r.state = 2 "
                              "WHERE r.id IS NULL LIMIT 200"));
    int64_t deleted = 0;
    for (const Row& row : orphans) {
      FAIRLEAD_ASSIGN(const int64_t gone, ShredKeys(row.Text(0)));
      deleted += gone;
    }
    return deleted;
  }

  Result<std::vector<RememberedEnding>> ForgottenEndings(int limit) override {
    FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                    tx_.Query("SELECT e.release_id, e.state, e.state_ms, e.withdrawal FROM "
                              "release r JOIN custody.ended_release e ON e.release_id = r.id "
                              "WHERE r.state IN (1, 2) ORDER BY r.id LIMIT $1",
                              {limit}));
    std::vector<RememberedEnding> endings;
    for (const Row& row : rows) {
      endings.push_back({.release_id = row.Text(0),
                         .state = static_cast<State>(row.Int(1)),
                         .state_ms = row.Int(2),
                         .withdrawal = DecodeWithdrawal(row.Text(3))});
    }
    return endings;
  }

  Result<std::vector<Release>> Active(int limit) override {
    FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                    tx_.Query("SELECT " + std::string(kReleaseColumns) +
                                  " FROM release WHERE state = 2 ORDER BY expire_ms LIMIT $1",
                              {limit}));
    return ToReleases(rows);
  }

  Result<Marks> ReadMarks() override {
    FAIRLEAD_ASSIGN(const std::vector<Row> main, tx_.Query("SELECT mark FROM custody_mark"));
    FAIRLEAD_ASSIGN(const std::vector<Row> custody,
                    tx_.Query("SELECT mark FROM custody.custody_mark"));
    return Marks{.main = main.empty() ? "" : main[0].Text(0),
                 .custody = custody.empty() ? "" : custody[0].Text(0)};
  }

  Result<void> WriteMark(const std::string& mark) override {
    for (const std::string table : {"custody_mark", "custody.custody_mark"}) {
      FAIRLEAD_RETURN_IF_ERROR(tx_.Execute("DELETE FROM " + table));
      FAIRLEAD_RETURN_IF_ERROR(
          tx_.Execute("INSERT INTO " + table + " (mark) VALUES ($1)", {mark}));
    }
    return {};
  }

 private:
  Result<int64_t> Add(const CustodyKey& k) {
    if (k.generation > 0) {
      return tx_.Execute(
          "INSERT INTO custody.renewed_key (referral_id, agency_id, release_id, "
          "key, create_ms, generation) VALUES ($1, $2, $3, $4, $5, $6) "
          "ON CONFLICT DO NOTHING",
          {k.packet_id, k.agency_id, k.release_id, storage::Blob{k.key}, k.create_ms,
           k.generation});
    }
    return tx_.Execute(
        "INSERT INTO custody.custody_key (referral_id, agency_id, release_id, key, "
        "create_ms) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        {k.packet_id, k.agency_id, k.release_id, storage::Blob{k.key}, k.create_ms});
  }
};

}  // namespace

std::unique_ptr<ReleaseReader> MakeSqlReleaseReader(storage::ReadTransaction& tx) {
  return std::make_unique<Reader<ReleaseReader, storage::ReadTransaction>>(tx);
}

std::unique_ptr<ReleaseStore> MakeSqlReleaseStore(storage::Transaction& tx) {
  return std::make_unique<Store>(tx);
}

}  // namespace fairlead::consent
