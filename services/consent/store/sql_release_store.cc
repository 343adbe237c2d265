#include "services/consent/store/sql_release_store.h"

#include <utility>

#include "services/common/base/text.h"

namespace fairlead::consent {
namespace {

using storage::Row;
using storage::Value;

constexpr std::string_view kReleaseColumns =
    "id, form_version, form_hash, jurisdiction, case_handle, discloser_agency_id, "
    "recipient_agency_ids, hub_named_as_intermediary, categories, excluded_categories, purposes, "
    "action, two_way, effective_ms, expire_ms, signature, statements, state, create_ms, sign_ms, "
    "revoke_ms, release_hash, version";

// Largest possible id: pages go from the newest down.
constexpr const char* kAfterEveryId = "g";

// The signature in one column: ten short fields, never searched by.
std::string EncodeSignature(const Signature& s) {
  const auto flag = [](bool value) { return std::string(value ? "1" : "0"); };
  return Join({std::to_string(static_cast<int>(s.capacity)),
               std::to_string(static_cast<int>(s.method)), std::to_string(s.sign_ms),
               s.artefact_id.empty() ? "-" : s.artefact_id, s.language.empty() ? "-" : s.language,
               flag(s.attests_not_the_abuser) + flag(s.minor_cosigned) + flag(s.interpreter_used) +
                   flag(s.witnessed) + flag(s.plain_language_confirmed) +
                   flag(s.risks_and_alternatives_explained)},
              ' ');
}

Signature DecodeSignature(std::string_view text) {
  const std::vector<std::string> parts = Split(text, ' ');
  Signature s;
  if (parts.size() != 6 || parts[5].size() != 6) return s;  // incomplete: releases nothing
  s.capacity = static_cast<Capacity>(std::atoi(parts[0].c_str()));
  s.method = static_cast<Method>(std::atoi(parts[1].c_str()));
  s.sign_ms = std::atoll(parts[2].c_str());
  if (parts[3] != "-") s.artefact_id = parts[3];
  if (parts[4] != "-") s.language = parts[4];
  const std::string& flags = parts[5];
  s.attests_not_the_abuser = flags[0] == '1';
  s.minor_cosigned = flags[1] == '1';
  s.interpreter_used = flags[2] == '1';
  s.witnessed = flags[3] == '1';
  s.plain_language_confirmed = flags[4] == '1';
  s.risks_and_alternatives_explained = flags[5] == '1';
  return s;
}

// Elements 12 to 15 as bits.
int64_t EncodeStatements(const Release& r) {
  int64_t bits = 0;
  int position = 0;
  for (const bool value :
       {r.not_a_condition_of_service, r.consequences_of_refusing_explained,
        r.right_to_revoke_explained, r.redisclosure_explained, r.safe_contact_instruction_present,
        r.contact_prohibited, r.copy_offered}) {
    if (value) bits |= 1LL << position;
    ++position;
  }
  return bits;
}

void DecodeStatements(int64_t bits, Release& r) {
  int position = 0;
  for (bool* value :
       {&r.not_a_condition_of_service, &r.consequences_of_refusing_explained,
        &r.right_to_revoke_explained, &r.redisclosure_explained,
        &r.safe_contact_instruction_present, &r.contact_prohibited, &r.copy_offered}) {
    *value = ((bits >> position) & 1) != 0;
    ++position;
  }
}

Release ToRelease(const Row& row) {
  Release r;
  r.id = row.Text(0);
  r.form_version = row.Text(1);
  r.form_hash = row.Text(2);
  r.jurisdiction = row.Text(3);
  r.case_handle = row.Text(4);
  r.discloser_agency_id = row.Text(5);
  r.recipient_agency_ids = Split(row.Text(6), ' ');
  r.hub_named_as_intermediary = row.Bool(7);
  r.categories = Split(row.Text(8), ' ');
  r.excluded_categories = Split(row.Text(9), ' ');
  r.purposes = Split(row.Text(10), ' ');
  r.action = static_cast<Action>(row.Int(11));
  r.two_way = row.Bool(12);
  r.effective_ms = row.Int(13);
  r.expire_ms = row.Int(14);
  r.signature = DecodeSignature(row.Text(15));
  DecodeStatements(row.Int(16), r);
  r.state = static_cast<State>(row.Int(17));
  r.create_ms = row.Int(18);
  r.sign_ms = row.Int(19);
  r.revoke_ms = row.Int(20);
  r.release_hash = row.Text(21);
  r.version = row.Int(22);
  return r;
}

std::vector<Release> ToReleases(const std::vector<Row>& rows) {
  std::vector<Release> releases;
  releases.reserve(rows.size());
  for (const Row& row : rows) releases.push_back(ToRelease(row));
  return releases;
}

Disclosure ToDisclosure(const Row& row) {
  return {.id = row.Text(0),
          .release_id = row.Text(1),
          .case_handle = row.Text(2),
          .discloser_agency_id = row.Text(3),
          .referral_id = row.Text(4),
          .recipient_agency_id = row.Text(5),
          .staff_id = row.Text(6),
          .categories = Split(row.Text(7), ' '),
          .purpose = row.Text(8),
          .kind = row.Text(9),
          .time_ms = row.Int(10)};
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

  Result<std::vector<Disclosure>> ListDisclosures(const std::string& discloser_agency_id,
                                                  const std::string& release_id,
                                                  const std::string& case_handle,
                                                  const Page& page) override {
    FAIRLEAD_ASSIGN(
        const std::vector<Row> rows,
        tx_.Query("SELECT id, release_id, case_handle, discloser_agency_id, referral_id, "
                  "recipient_agency_id, staff_id, categories, purpose, kind, time_ms "
                  "FROM disclosure WHERE discloser_agency_id = $1 AND id < $2 "
                  "AND ($3 = '' OR release_id = $3) AND ($4 = '' OR case_handle = $4) "
                  "ORDER BY id DESC LIMIT $5",
                  {discloser_agency_id, Before(page), release_id, case_handle, page.limit}));
    std::vector<Disclosure> disclosures;
    for (const Row& row : rows) disclosures.push_back(ToDisclosure(row));
    return disclosures;
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
        "$18, $19, $20, $21, $22, $23)";
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
                                   r.version}));
  }

  Result<void> Update(Release& r) override {
    r.version += 1;
    return Done(
        tx_.Execute("UPDATE release SET signature = $2, statements = $3, state = $4, sign_ms = $5, "
                    "revoke_ms = $6, version = $7 WHERE id = $1",
                    {r.id, EncodeSignature(r.signature), EncodeStatements(r),
                     static_cast<int64_t>(r.state), r.sign_ms, r.revoke_ms, r.version}));
  }

  Result<void> AddDisclosure(const Disclosure& d) override {
    return Done(tx_.Execute(
        "INSERT INTO disclosure (id, release_id, case_handle, discloser_agency_id, referral_id, "
        "recipient_agency_id, staff_id, categories, purpose, kind, time_ms) VALUES ($1, $2, $3, "
        "$4, $5, $6, $7, $8, $9, $10, $11)",
        {d.id, d.release_id, d.case_handle, d.discloser_agency_id, d.referral_id,
         d.recipient_agency_id, d.staff_id, Join(d.categories, ' '), d.purpose, d.kind,
         d.time_ms}));
  }

  Result<std::vector<std::string>> Openers(const Release& release) override {
    FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                    tx_.Query("SELECT DISTINCT recipient_agency_id FROM disclosure WHERE "
                              "release_id = $1 AND kind = 'opened' AND recipient_agency_id <> $2 "
                              "ORDER BY recipient_agency_id LIMIT 100",
                              {release.id, release.discloser_agency_id}));
    std::vector<std::string> agencies;
    for (const Row& row : rows) agencies.push_back(row.Text(0));
    return agencies;
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
                              "LIMIT 1",
                              {release_id}));
    return !rows.empty();
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

  Result<std::vector<Release>> DueToExpire(int64_t now_ms, int limit) override {
    static const std::string kSql = "SELECT " + std::string(kReleaseColumns) +
                                    " FROM release WHERE state = 2 AND expire_ms <= $1 "
                                    "ORDER BY expire_ms LIMIT $2";
    FAIRLEAD_ASSIGN(const std::vector<Row> rows, tx_.Query(kSql, {now_ms, limit}));
    return ToReleases(rows);
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

  static Result<void> Done(Result<int64_t> changed) {
    if (!changed) return Fail(std::move(changed.error()));
    return {};
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
