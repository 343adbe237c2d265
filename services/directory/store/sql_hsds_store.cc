#include <algorithm>

#include "services/directory/domain/agency.h"
#include "services/directory/store/hsds_store.h"

namespace fairlead::directory {
namespace {

using storage::ReadTransaction;
using storage::Row;
using storage::Transaction;
using storage::Value;

constexpr std::string_view kColumns =
    "r.kind, r.id, r.agency_id, r.organization_id, r.parent_id, r.taxonomy_id, r.tier, "
    "r.sort_key, r.update_ms, r.body, "
    "(SELECT l.assured_ms FROM listing l WHERE l.id = r.id AND r.kind = 'services')";
constexpr std::string_view kColumnsWithoutBody =
    "r.kind, r.id, r.agency_id, r.organization_id, r.parent_id, r.taxonomy_id, r.tier, "
    "r.sort_key, r.update_ms, '', 0";

// Words for all: they stay when the agency that brought them is no member any more.
bool IsShared(std::string_view kind) { return kind == "taxonomies" || kind == "taxonomy_terms"; }

// The least string above every string that begins with `prefix`, by bytes.
std::string PrefixEnd(std::string prefix) {
  // UTF-8 has no byte above 0xF4: "\x7F" after ASCII is not enough, a code point beyond all is.
  return std::move(prefix) + "\xF4\x8F\xBF\xBF";
}

HsdsRecord ToRecord(const Row& row) {
  return {.kind = row.Text(0),
          .id = row.Text(1),
          .agency_id = row.Text(2),
          .organization_id = row.Text(3),
          .parent_id = row.Text(4),
          .taxonomy_id = row.Text(5),
          .tier = row.Int(6),
          .sort_key = row.Text(7),
          .update_ms = row.Int(8),
          .body = row.Text(9),
          .assured_ms = row.Int(10)};
}

Result<void> Done(Result<int64_t> changed) {
  if (!changed) return Fail(std::move(changed.error()));
  return {};
}

Result<std::optional<HsdsRecord>> First(Result<std::vector<Row>> rows) {
  if (!rows) return Fail(std::move(rows.error()));
  if (rows->empty()) return std::optional<HsdsRecord>();
  return std::optional<HsdsRecord>(ToRecord(rows->front()));
}

// The part of a statement after SELECT, without order and limit.
class Statement {
 public:
  explicit Statement(const HsdsQuery& query) : query_(query) {
    const bool places = query.kind == "service_at_location";
    sql_ = places ? " FROM service_place s JOIN hsds_record r ON r.kind = 'services' AND "
                    "r.id = s.service_id WHERE "
                  : " FROM hsds_record r WHERE r.kind = " + Param(query.kind) + " AND ";
    sql_ += IsShared(query.kind)
                ? "1 = 1"
                : "(SELECT a.membership FROM agency a WHERE a.id = r.agency_id) = " +
                      Param(static_cast<int>(Membership::kActive));
    Visible();
    Equal("r.agency_id", query.agency_id);
    Equal("r.organization_id", query.organization_id);
    Equal("r.parent_id", query.parent_id);
    if (query.top_only) sql_ += " AND r.parent_id = ''";
    if (query.modified_after_ms > 0) {
      sql_ += " AND r.update_ms > " + Param(query.modified_after_ms);
    }
    Terms();
    for (const std::string& token : query.tokens) Word(token);
  }

  // Those of a place within the distance of a point; `middle_*` in millionths of a degree.
  void Near(int64_t latitude_e6, int64_t longitude_e6, int64_t longitude_per_mille) {
    // A millionth of a degree of latitude is 0.11132 m.
    const int64_t reach_e6 = query_.proximity_m * 1'000'000 / 111'320;
    const std::string north = "(s.latitude_e6 - " + Param(latitude_e6) + ")";
    const std::string east = "((s.longitude_e6 - " + Param(longitude_e6) + ") * " +
                             Param(longitude_per_mille) + " / 1000)";
    sql_ += " AND s.latitude_e6 BETWEEN " + Param(latitude_e6 - reach_e6) + " AND " +
            Param(latitude_e6 + reach_e6) + " AND (s.latitude_e6 <> 0 OR s.longitude_e6 <> 0)";
    sql_ += " AND " + north + " * " + north + " + " + east + " * " + east +
            " <= " + Param(reach_e6 * reach_e6);
  }
  void In(const std::string& postal_code) { Equal("s.postal_code", postal_code); }

  std::string Param(Value value) {
    params_.push_back(std::move(value));
    return "$" + std::to_string(params_.size());
  }
  void Append(const std::string& text) { sql_ += text; }
  Result<std::vector<Row>> Run(ReadTransaction& tx, std::string select) const {
    select += sql_;
    return tx.Query(select, storage::Params(params_));
  }

 private:
  void Equal(std::string_view column, const std::string& value) {
    if (!value.empty()) sql_ += " AND " + std::string(column) + " = " + Param(value);
  }

  void Visible() {
    if (IsShared(query_.kind)) return;
    const std::string tier = Param(query_.tier);
    if (query_.kind == "service_at_location") {
      sql_ += " AND (s.tier <= " + tier;
      if (!query_.own_agency_id.empty()) sql_ += " OR r.agency_id = " + Param(query_.own_agency_id);
      sql_ += ")";
    }
    sql_ += " AND (r.tier <= " + tier;
    if (!query_.own_agency_id.empty()) sql_ += " OR r.agency_id = " + Param(query_.own_agency_id);
    if (query_.kind == "organizations") {
      // Whoever may see one of its services may know whose it is.
      sql_ +=
          " OR EXISTS (SELECT 1 FROM hsds_record p WHERE p.organization_id = r.id AND "
          "p.kind = 'services' AND p.organization_id <> '' AND p.tier <= " +
          tier + ")";
    }
    sql_ += ")";
  }

  void Terms() {
    if (IsShared(query_.kind)) {
      Equal("r.taxonomy_id", query_.taxonomy_id);
      return;
    }
    Term("taxonomy_term_id", query_.taxonomy_term_id);
    Term("taxonomy_id", query_.taxonomy_id);
  }

  void Term(std::string_view column, const std::string& value) {
    if (value.empty()) return;
    const std::string equal = "t." + std::string(column) + " = " + Param(value);
    sql_ += query_.kind == "organizations"
                ? " AND EXISTS (SELECT 1 FROM hsds_record p JOIN service_term t ON t.service_id "
                  "= p.id WHERE p.organization_id = r.id AND p.organization_id <> '' AND "
                  "p.tier <= " +
                      Param(query_.tier) + " AND " + equal + ")"
                : " AND EXISTS (SELECT 1 FROM service_term t WHERE t.service_id = r.id AND " +
                      equal + ")";
  }

  void Word(const std::string& token) {
    if (IsShared(query_.kind)) {
      sql_ += " AND (' ' || r.sort_key) LIKE '% ' || " + Param(token) + " || '%'";
      return;
    }
    // Everybody searches what everybody may read.
    const char* owners = query_.tier == 0 ? "('public:' || r.id)" : "(r.id, r.organization_id)";
    sql_ += " AND EXISTS (SELECT 1 FROM search_token w WHERE w.owner_id IN " + std::string(owners) +
            " AND w.token >= " + Param(token) + " AND w.token < " + Param(PrefixEnd(token)) + ")";
  }

  const HsdsQuery& query_;
  std::string sql_;
  std::vector<Value> params_;
};

// The query's statement; with `found` false nothing can match.
struct Prepared {
  Statement statement;
  bool found = true;
};

Result<Prepared> Prepare(ReadTransaction& tx, const HsdsQuery& query) {
  Prepared prepared{.statement = Statement(query)};
  if (query.postal_code.empty() || query.kind != "service_at_location") return prepared;
  if (query.proximity_m == 0) {
    prepared.statement.In(query.postal_code);
    return prepared;
  }
  FAIRLEAD_ASSIGN(const auto rows,
                  // Of what the viewer may see: else the middle would tell of the rest.
                  tx.Query("SELECT CAST(AVG(s.latitude_e6) AS BIGINT), "
                           "CAST(AVG(s.longitude_e6) AS BIGINT), COUNT(*) FROM service_place s "
                           "JOIN hsds_record r ON r.kind = 'services' AND r.id = s.service_id "
                           "WHERE s.postal_code = $1 AND s.postal_code <> '' AND s.tier <= $2 AND "
                           "r.tier <= $2 AND (s.latitude_e6 <> 0 OR s.longitude_e6 <> 0) AND "
                           "(SELECT a.membership FROM agency a WHERE a.id = r.agency_id) = $3",
                           {query.postal_code, query.tier, static_cast<int>(Membership::kActive)}));
  prepared.found = rows.at(0).Int(2) > 0;
  if (!prepared.found) return prepared;
  const int64_t latitude_e6 = rows.at(0).Int(0);
  const double radians = static_cast<double>(latitude_e6) / 1e6 * 3.14159265358979 / 180;
  prepared.statement.Near(latitude_e6, rows.at(0).Int(1),
                          static_cast<int64_t>(__builtin_cos(radians) * 1000));
  return prepared;
}

}  // namespace

Result<int64_t> CountHsds(ReadTransaction& tx, const HsdsQuery& query) {
  FAIRLEAD_ASSIGN(const Prepared prepared, Prepare(tx, query));
  if (!prepared.found) return 0;
  FAIRLEAD_ASSIGN(const auto rows, prepared.statement.Run(tx, "SELECT COUNT(*)"));
  return rows.at(0).Int(0);
}

Result<std::vector<HsdsRow>> ListHsds(ReadTransaction& tx, const HsdsQuery& query) {
  FAIRLEAD_ASSIGN(Prepared prepared, Prepare(tx, query));
  if (!prepared.found) return std::vector<HsdsRow>();
  Statement& statement = prepared.statement;
  const bool places = query.kind == "service_at_location";
  const std::string id = places ? "s.id" : "r.id";
  if (!query.after_id.empty()) {
    statement.Append(" AND " + id + " > " + statement.Param(query.after_id));
  }
  statement.Append(" ORDER BY " + id + (places ? ", s.service_id" : ""));
  statement.Append(" LIMIT " + statement.Param(query.limit));
  if (query.offset > 0) statement.Append(" OFFSET " + statement.Param(query.offset));
  FAIRLEAD_ASSIGN(
      const auto rows,
      statement.Run(tx, "SELECT " +
                            std::string(query.without_body ? kColumnsWithoutBody : kColumns) +
                            (places ? ", s.id" : "")));
  std::vector<HsdsRow> found;
  found.reserve(rows.size());
  for (const Row& row : rows) {
    found.push_back({.record = ToRecord(row), .place_id = places ? row.Text(11) : ""});
  }
  return found;
}

Result<std::optional<HsdsRecord>> FindHsds(ReadTransaction& tx, std::string_view kind,
                                           std::string_view id) {
  static const std::string kAny =
      "SELECT " + std::string(kColumns) + " FROM hsds_record r WHERE r.kind = $1 AND r.id = $2";
  static const std::string kOfMembers =
      kAny + " AND (SELECT a.membership FROM agency a WHERE a.id = r.agency_id) = $3";
  if (IsShared(kind)) return First(tx.Query(kAny, {kind, id}));
  return First(tx.Query(kOfMembers, {kind, id, static_cast<int>(Membership::kActive)}));
}

Result<std::optional<HsdsRecord>> FindHsdsByPlace(ReadTransaction& tx, std::string_view place_id) {
  static const std::string kSql =
      "SELECT " + std::string(kColumns) +
      " FROM service_place s JOIN hsds_record r ON r.kind = 'services' AND r.id = s.service_id "
      "WHERE s.id = $1 AND (SELECT a.membership FROM agency a WHERE a.id = r.agency_id) = $2 "
      "ORDER BY s.service_id LIMIT 1";
  return First(tx.Query(kSql, {place_id, static_cast<int>(Membership::kActive)}));
}

Result<std::vector<HsdsRecord>> ServicesOfOrganization(ReadTransaction& tx,
                                                       std::string_view organization_id, Tier tier,
                                                       std::string_view after_id, int limit) {
  static const std::string kSql =
      "SELECT " + std::string(kColumns) +
      " FROM hsds_record r WHERE r.organization_id = $1 AND r.organization_id <> '' AND "
      "r.kind = 'services' AND r.tier <= $2 AND r.id > $3 ORDER BY r.id LIMIT $4";
  FAIRLEAD_ASSIGN(const auto rows,
                  tx.Query(kSql, {organization_id, static_cast<int>(tier), after_id, limit}));
  std::vector<HsdsRecord> records;
  for (const Row& row : rows) records.push_back(ToRecord(row));
  return records;
}

Result<void> PutHsds(Transaction& tx, const HsdsRecord& r) {
  return Done(tx.Execute(
      "INSERT INTO hsds_record (kind, id, agency_id, organization_id, parent_id, taxonomy_id, "
      "tier, sort_key, update_ms, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
      "ON CONFLICT (kind, id) DO UPDATE SET organization_id = excluded.organization_id, "
      "parent_id = excluded.parent_id, taxonomy_id = excluded.taxonomy_id, "
      "tier = excluded.tier, sort_key = excluded.sort_key, "
      "update_ms = excluded.update_ms, body = excluded.body "
      // A taxonomy that several agencies name is of the one that named it first.
      "WHERE hsds_record.agency_id = excluded.agency_id AND hsds_record.body <> excluded.body",
      {r.kind, r.id, r.agency_id, r.organization_id, r.parent_id, r.taxonomy_id, r.tier, r.sort_key,
       r.update_ms, r.body}));
}

Result<void> PutServiceLinks(Transaction& tx, const std::string& service_id,
                             const ServiceLinks& links) {
  const std::string public_owner = "public:" + service_id;
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("DELETE FROM service_place WHERE service_id = $1", {service_id}));
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("DELETE FROM service_term WHERE service_id = $1", {service_id}));
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("DELETE FROM search_token WHERE owner_id = $1", {public_owner}));
  for (const ServicePlace& place : links.places) {
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute(
        "INSERT INTO service_place (id, service_id, location_id, tier, postal_code, latitude_e6, "
        "longitude_e6) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        {place.id, service_id, place.location_id, place.tier, place.postal_code, place.latitude_e6,
         place.longitude_e6}));
  }
  for (const auto& [term, taxonomy] : links.terms) {
    FAIRLEAD_RETURN_IF_ERROR(
        tx.Execute("INSERT INTO service_term (service_id, taxonomy_term_id, taxonomy_id) VALUES "
                   "($1, $2, $3) ON CONFLICT DO NOTHING",
                   {service_id, term, taxonomy}));
  }
  for (const std::string& word : links.public_words) {
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute(
        "INSERT INTO search_token (owner_id, token) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        {public_owner, word}));
  }
  return {};
}

Result<std::string> OwnerOfPlace(ReadTransaction& tx, const std::string& place_id) {
  FAIRLEAD_ASSIGN(const auto rows,
                  tx.Query("SELECT r.agency_id FROM service_place s JOIN hsds_record r ON r.kind = "
                           "'services' AND r.id = s.service_id WHERE s.id = $1 LIMIT 1",
                           {place_id}));
  return rows.empty() ? std::string() : rows[0].Text(0);
}

Result<std::set<std::string>> ConfidentialPlaces(ReadTransaction& tx,
                                                 const std::string& agency_id) {
  FAIRLEAD_ASSIGN(
      const auto rows,
      tx.Query("SELECT location_id FROM confidential_place WHERE agency_id = $1", {agency_id}));
  std::set<std::string> places;
  for (const Row& row : rows) places.insert(row.Text(0));
  return places;
}

Result<void> PutConfidentialPlace(Transaction& tx, const std::string& agency_id,
                                  const std::string& location_id) {
  return Done(
      tx.Execute("INSERT INTO confidential_place (agency_id, location_id) VALUES ($1, $2) "
                 "ON CONFLICT DO NOTHING",
                 {agency_id, location_id}));
}

Result<std::vector<std::string>> ServicesAtPlace(ReadTransaction& tx, const std::string& agency_id,
                                                 const std::string& location_id) {
  FAIRLEAD_ASSIGN(const auto rows,
                  tx.Query("SELECT DISTINCT s.service_id FROM service_place s JOIN hsds_record r "
                           "ON r.kind = 'services' AND r.id = s.service_id WHERE "
                           "s.location_id = $1 AND r.agency_id = $2 ORDER BY s.service_id",
                           {location_id, agency_id}));
  std::vector<std::string> ids;
  for (const Row& row : rows) ids.push_back(row.Text(0));
  return ids;
}

Result<void> DeleteLooseRecords(Transaction& tx, const std::string& agency_id) {
  return Done(
      tx.Execute("DELETE FROM hsds_record WHERE agency_id = $1 AND kind NOT IN "
                 "('services', 'organizations', 'taxonomies', 'taxonomy_terms', 'units', "
                 "'meta_table_descriptions')",
                 {agency_id}));
}

}  // namespace fairlead::directory
