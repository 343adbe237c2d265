#include <algorithm>
#include <array>

#include "services/common/base/text.h"
#include "services/common/storage/answers.h"
#include "services/directory/domain/verification.h"
#include "services/directory/store/directory_store.h"
#include "services/directory/store/hours_store.h"
#include "services/directory/store/listing_changes.h"

namespace fairlead::directory {
namespace {

using storage::Blob;
using storage::Done;
using storage::Row;
using storage::Value;

constexpr std::string_view kAgencyColumns =
    "SELECT id, name, kind, membership, create_ms, version, contact_phone FROM agency ";

// Of listing l. Names come by subquery: a join would let PostgreSQL begin with the agencies.
constexpr std::string_view kListingColumns =
    "SELECT l.id, l.organization_id, l.name, l.description, l.status, l.need_codes, l.languages, "
    "l.counties, l.phones, l.email, l.url, l.minimum_age, l.maximum_age, l.confidential, "
    "l.cities, l.schedules, l.eligibility, l.update_ms, l.agency_id, l.special_days, "
    "l.holiday_sets, "
    "(SELECT a.name FROM agency a WHERE a.id = l.agency_id), "
    "(SELECT o.name FROM organization o WHERE o.id = l.organization_id), l.assured_ms ";

constexpr size_t kIdsAtOnce = 16;

// g++ 12 warns falsely where `+` is inlined here.
std::string Sql(std::string_view columns, std::string_view rest) {
  std::string sql(columns);
  sql.append(rest);
  return sql;
}

Agency ToAgency(const Row& row) {
  return Agency{.id = row.Text(0),
                .name = row.Text(1),
                .kind = static_cast<AgencyKind>(row.Int(2)),
                .membership = static_cast<Membership>(row.Int(3)),
                .create_ms = row.Int(4),
                .version = row.Int(5),
                .contact_phone = row.Text(6)};
}

StoredListing ToListing(const Row& row) {
  StoredListing stored;
  Listing& listing = stored.listing;
  listing.id = row.Text(0);
  listing.organization_id = row.Text(1);
  listing.name = row.Text(2);
  listing.description = row.Text(3);
  listing.status = row.Text(4);
  listing.need_codes = Split(row.Text(5), '\n');
  listing.languages = Split(row.Text(6), '\n');
  listing.counties = Split(row.Text(7), '\n');
  listing.phones = Split(row.Text(8), '\n');
  listing.email = row.Text(9);
  listing.url = row.Text(10);
  listing.minimum_age = static_cast<int>(row.Int(11));
  listing.maximum_age = static_cast<int>(row.Int(12));
  listing.confidential_location = row.Bool(13);
  // The table forbids it too; a confidential place is worth two locks.
  if (!listing.confidential_location) listing.cities = Split(row.Text(14), '\n');
  listing.schedules = Split(row.Text(15), '\n');
  listing.eligibility = EligibilityFromText(row.Text(16));
  stored.update_ms = row.Int(17);
  stored.agency_id = row.Text(18);
  listing.special_days = Split(row.Text(19), '\n');
  listing.holiday_sets = Split(row.Text(20), '\n');
  stored.agency_name = row.Text(21);
  stored.organization_name = row.Text(22);
  stored.assured_ms = row.Int(23);
  return stored;
}

// Of those that keep holidays.
Result<void> AddHolidays(storage::ReadTransaction& tx, std::vector<StoredListing>& listings) {
  const bool any = std::ranges::any_of(listings, [](const StoredListing& one) {
    return !one.listing.holiday_sets.empty();
  });
  if (!any) return {};
  FAIRLEAD_ASSIGN(const HolidaySets sets, ReadHolidaySets(tx));
  for (StoredListing& one : listings) one.holidays = sets.Of(one.listing.holiday_sets);
  return {};
}

// Items of a list may hold anything but the separator.
std::string JoinLines(std::vector<std::string> items) {
  for (std::string& item : items) std::ranges::replace(item, '\n', ' ');
  return Join(items, '\n');
}

// INSERT INTO `table` (`columns`) with `fixed` first and one item last, several rows a statement:
// of few sizes, so that there are few statements to prepare.
Result<void> InsertItems(storage::Transaction& tx, std::string_view table, std::string_view columns,
                         const std::vector<Value>& fixed, const std::vector<std::string>& items) {
  size_t at = 0;
  for (const size_t chunk : {size_t{32}, size_t{8}, size_t{1}}) {
    std::string values;
    for (size_t row = 0; row < chunk; ++row) {
      values += row == 0 ? "(" : ", (";
      for (size_t i = 0; i < fixed.size(); ++i) values += "$" + std::to_string(i + 1) + ", ";
      values += "$" + std::to_string(fixed.size() + row + 1) + ")";
    }
    const std::string sql =
        "INSERT INTO " + std::string(table) + " (" + std::string(columns) + ") VALUES " + values;
    for (; items.size() - at >= chunk; at += chunk) {
      std::vector<Value> params = fixed;
      for (size_t i = 0; i < chunk; ++i) params.emplace_back(items[at + i]);
      FAIRLEAD_RETURN_IF_ERROR(tx.Execute(sql, storage::Params(params)));
    }
  }
  return {};
}

class SqlDirectoryStore final : public DirectoryStore {
 public:
  Result<std::optional<Agency>> FindAgency(Read& tx, std::string_view id) const override {
    FAIRLEAD_ASSIGN(const auto rows, tx.Query(Sql(kAgencyColumns, "WHERE id = $1"), {id}));
    if (rows.empty()) return std::optional<Agency>();
    return std::optional<Agency>(ToAgency(rows.front()));
  }

  Result<void> InsertAgency(Write& tx, const Agency& agency) const override {
    FAIRLEAD_ASSIGN(const auto there, FindAgency(tx, agency.id));
    if (there) {
      return Fail(Code::kAlreadyExists, "AGENCY_EXISTS", "There is an agency with this id.",
                  {{"field", "agency_id"}});
    }
    return Done(
        tx.Execute("INSERT INTO agency (id, name, sort_key, kind, membership, create_ms, version, "
                   "contact_phone) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                   {agency.id, agency.name, SortKey(agency.name), static_cast<int>(agency.kind),
                    static_cast<int>(agency.membership), agency.create_ms, agency.version,
                    agency.contact_phone}));
  }

  Result<std::vector<Agency>> ListAgencies(Read& tx, uint32_t states, const Position& after,
                                           int limit) const override {
    FAIRLEAD_ASSIGN(
        const auto rows,
        tx.Query(Sql(kAgencyColumns,
                     "WHERE (sort_key, id) > ($1, $2) "
                     "AND ((CAST($4 AS BIGINT) >> CAST(membership AS INTEGER)) & 1) = 1 "
                     "ORDER BY sort_key, id LIMIT $3"),
                 {after.sort_key, after.id, limit, static_cast<int64_t>(states)}));
    std::vector<Agency> agencies;
    agencies.reserve(rows.size());
    for (const Row& row : rows) agencies.push_back(ToAgency(row));
    return agencies;
  }

  Result<std::optional<RecordState>> OrganizationState(Read& tx,
                                                       std::string_view id) const override {
    return State(tx, "SELECT agency_id, content_hash FROM organization WHERE id = $1", id);
  }

  Result<std::optional<RecordState>> ListingState(Read& tx, std::string_view id) const override {
    return State(tx, "SELECT agency_id, content_hash FROM listing WHERE id = $1", id);
  }

  Result<void> PutOrganization(Write& tx, std::string_view agency_id,
                               const Organization& organization, const std::string& content_hash,
                               bool is_new, int64_t now_ms, int64_t change_number) const override {
    const std::vector<std::string> words = SearchTokens(organization);
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute(
        "INSERT INTO organization (id, agency_id, name, description, email, website, "
        "content_hash, update_ms, words) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
        "ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
        "description = excluded.description, email = excluded.email, website = excluded.website, "
        "content_hash = excluded.content_hash, update_ms = excluded.update_ms, "
        "words = excluded.words",
        {organization.id, agency_id, organization.name, organization.description,
         organization.email, organization.website, Blob{content_hash}, now_ms, Join(words, ' ')}));
    if (!is_new) {
      FAIRLEAD_RETURN_IF_ERROR(
          tx.Execute("UPDATE listing SET change_number = $2 WHERE organization_id = $1",
                     {organization.id, change_number}));
    }
    return PutTokens(tx, organization.id, words, is_new);
  }

  Result<void> PutListing(Write& tx, std::string_view agency_id, const Listing& listing,
                          const std::string& content_hash, bool is_new,
                          int64_t now_ms, int64_t change_number) const override {
    const std::vector<std::string> words = SearchTokens(listing);
    FAIRLEAD_ASSIGN(const auto agency, FindAgency(tx, agency_id));
    const bool offered = listing.status == "active" && agency.has_value() &&
                         agency->membership == Membership::kActive;
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute(
        "INSERT INTO listing (id, agency_id, organization_id, name, sort_key, description, "
        "status, offered, need_codes, languages, counties, phones, email, url, minimum_age, "
        "maximum_age, confidential, cities, content_hash, update_ms, schedules, eligibility, "
        "change_number, words, remind_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
        "$12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25) "
        "ON CONFLICT (id) DO UPDATE SET "
        "organization_id = excluded.organization_id, name = excluded.name, "
        "sort_key = excluded.sort_key, description = excluded.description, "
        "status = excluded.status, offered = excluded.offered, need_codes = excluded.need_codes, "
        "languages = excluded.languages, counties = excluded.counties, "
        "phones = excluded.phones, email = excluded.email, url = excluded.url, "
        "minimum_age = excluded.minimum_age, maximum_age = excluded.maximum_age, "
        "confidential = excluded.confidential, cities = excluded.cities, "
        "content_hash = excluded.content_hash, update_ms = excluded.update_ms, "
        "schedules = excluded.schedules, eligibility = excluded.eligibility, "
        "change_number = excluded.change_number, words = excluded.words, "
        // Days of one's own have the zone and times of the hours they differ from: where these are
        // gone, or the place has become confidential, they are too.
        "special_days = CASE WHEN excluded.schedules = '' OR "
        "excluded.confidential > listing.confidential THEN '' ELSE listing.special_days END",
        {listing.id,
         agency_id,
         listing.organization_id,
         listing.name,
         SortKey(listing.name),
         listing.description,
         listing.status,
         offered,
         JoinLines(listing.need_codes),
         JoinLines(listing.languages),
         JoinLines(listing.counties),
         JoinLines(listing.phones),
         listing.email,
         listing.url,
         listing.minimum_age,
         listing.maximum_age,
         listing.confidential_location,
         JoinLines(listing.cities),
         Blob{content_hash},
         now_ms,
         JoinLines(listing.schedules),
         ToText(listing.eligibility),
         change_number,
         Join(words, ' '),
         now_ms + kRemindNewAfterMs}));
    return PutTokens(tx, listing.id, words, is_new);
  }

  Result<int64_t> NextListingChange(Write& tx) const override {
    return directory::NextListingChange(tx);
  }

  Result<std::vector<StoredListing>> FindListings(
      Read& tx, const std::vector<std::string>& ids) const override {
    std::vector<StoredListing> listings;
    for (size_t from = 0; from < ids.size(); from += kIdsAtOnce) {
      // Always so many parameters: one text, prepared once. "" is the id of none.
      std::string list;
      std::vector<Value> params;
      for (size_t i = 0; i < kIdsAtOnce; ++i) {
        list += (i == 0 ? "$" : ", $") + std::to_string(i + 1);
        params.emplace_back(from + i < ids.size() ? ids[from + i] : std::string());
      }
      FAIRLEAD_ASSIGN(const auto rows,
                      tx.Query(Sql(kListingColumns,
                                   "FROM listing l WHERE l.offered = 1 AND l.id IN (" + list + ")"),
                               storage::Params(params)));
      for (const Row& row : rows) listings.push_back(ToListing(row));
    }
    FAIRLEAD_RETURN_IF_ERROR(AddHolidays(tx, listings));
    return listings;
  }

  Result<void> CountUnmet(Write& tx, const UnmetNeed& unmet) const override {
    return Done(
        tx.Execute("INSERT INTO unmet_need (month, need_code, county, reason, unmet_count) "
                   "VALUES ($1, $2, $3, $4, 1) ON CONFLICT (month, need_code, county, reason) "
                   "DO UPDATE SET unmet_count = unmet_need.unmet_count + 1",
                   {unmet.month, unmet.need_code, unmet.county, unmet.reason}));
  }

  Result<void> AfterManyChanges(Write& tx) const override {
    // PostgreSQL plans by its statistics, and has none of what was just imported. SQLite's plans
    // are fixed by the shape of our statements.
    if (tx.engine() != Write::Engine::kPostgres) return {};
    for (const char* table : {"organization", "listing", "search_token", "hsds_record",
                              "service_place", "service_term"}) {
      FAIRLEAD_RETURN_IF_ERROR(tx.Execute(Sql("ANALYZE ", table)));
    }
    return {};
  }

  Result<std::optional<StoredListing>> FindListing(Read& tx, std::string_view id) const override {
    FAIRLEAD_ASSIGN(const auto rows, tx.Query(Sql(kListingColumns,
                                                  "FROM listing l WHERE l.id = $1 AND "
                                                  "(SELECT a.membership FROM agency a "
                                                  "WHERE a.id = l.agency_id) = $2"),
                                              {id, static_cast<int>(Membership::kActive)}));
    if (rows.empty()) return std::optional<StoredListing>();
    std::vector<StoredListing> found = {ToListing(rows.front())};
    FAIRLEAD_RETURN_IF_ERROR(AddHolidays(tx, found));
    return std::optional<StoredListing>(std::move(found.front()));
  }

 private:
  static Result<std::optional<RecordState>> State(Read& tx, std::string_view sql,
                                                  std::string_view id) {
    FAIRLEAD_ASSIGN(const auto rows, tx.Query(sql, {id}));
    if (rows.empty()) return std::optional<RecordState>();
    return std::optional<RecordState>(RecordState{rows.front().Text(0), rows.front().Bytes(1)});
  }

  static Result<void> PutTokens(Write& tx, const std::string& owner_id,
                                const std::vector<std::string>& tokens, bool is_new) {
    if (!is_new) {
      FAIRLEAD_RETURN_IF_ERROR(
          tx.Execute("DELETE FROM search_token WHERE owner_id = $1", {owner_id}));
    }
    return InsertItems(tx, "search_token", "owner_id, token", {owner_id}, tokens);
  }
};

}  // namespace

std::unique_ptr<DirectoryStore> MakeSqlDirectoryStore() {
  return std::make_unique<SqlDirectoryStore>();
}

}  // namespace fairlead::directory
