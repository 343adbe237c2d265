#include "services/directory/store/search_sql.h"

#include "services/directory/domain/need_codes.h"

namespace fairlead::directory {
namespace {

constexpr size_t kMaxCodesPerWord = 16;

class Builder {
 public:
  // Adds a parameter; its name in the statement.
  std::string Param(storage::Value value) {
    statement.params.push_back(std::move(value));
    return "$" + std::to_string(statement.params.size());
  }
  SearchStatement statement;
};

// A word of the listing, of its organization, or of one of its needs (in either language).
std::string WordFilter(Builder& builder, const std::string& token) {
  const std::string low = builder.Param(token);
  const std::string high = builder.Param(PrefixEnd(token));
  const std::string owners = "(SELECT t.owner_id FROM search_token t WHERE t.token >= " + low +
                             " AND t.token < " + high + ")";
  std::string filter = "(l.id IN " + owners + " OR l.organization_id IN " + owners;
  std::string codes;
  for (const std::string& code : NeedCodesOfWord(token, kMaxCodesPerWord)) {
    codes += (codes.empty() ? "" : ", ") + builder.Param(code);
  }
  if (!codes.empty()) {
    filter +=
        " OR EXISTS (SELECT 1 FROM listing_need w WHERE w.service_id = l.id AND "
        "w.need_code IN (" +
        codes + "))";
  }
  return filter + ")";
}

}  // namespace

const std::string_view kListingColumns =
    "SELECT l.id, l.organization_id, l.name, l.description, l.status, l.need_codes, l.languages, "
    "l.counties, l.phones, l.email, l.url, l.minimum_age, l.maximum_age, l.confidential, "
    "l.cities, l.update_ms, l.agency_id, a.name, o.name ";

std::string PrefixEnd(std::string prefix) {
  // UTF-8 has no byte above 0xF4: "\x7F" after ASCII is not enough, a code point beyond all is.
  return std::move(prefix) + "\xF4\x8F\xBF\xBF";
}

SearchStatement BuildSearch(const SearchQuery& query, const Position& after, int limit) {
  Builder builder;
  // With a need its index gives the rows in order; without one the listings' own does.
  const bool by_need = !query.need_code.empty();
  const std::string key = by_need ? "n.sort_key" : "l.sort_key";
  const std::string id = by_need ? "n.service_id" : "l.id";
  std::string sql(kListingColumns);
  sql += by_need ? "FROM listing_need n JOIN listing l ON l.id = n.service_id " : "FROM listing l ";
  sql += "JOIN agency a ON a.id = l.agency_id JOIN organization o ON o.id = l.organization_id ";
  sql += "WHERE (" + key + ", " + id + ") > (" + builder.Param(after.sort_key) + ", " +
         builder.Param(after.id) + ") ";
  if (by_need) sql += "AND n.need_code = " + builder.Param(query.need_code) + " ";
  sql += "AND l.status = 'active' AND a.membership = " +
         builder.Param(static_cast<int>(Membership::kActive)) + " ";
  if (!query.county.empty()) {
    sql += "AND EXISTS (SELECT 1 FROM listing_county c WHERE c.service_id = l.id AND c.county = " +
           builder.Param(query.county) + ") ";
  }
  if (!query.language.empty()) {
    sql +=
        "AND EXISTS (SELECT 1 FROM listing_language g WHERE g.service_id = l.id AND "
        "g.language = " +
        builder.Param(query.language) + ") ";
  }
  for (const std::string& token : query.tokens) sql += "AND " + WordFilter(builder, token) + " ";
  sql += "ORDER BY " + key + ", " + id + " LIMIT " + builder.Param(limit);
  builder.statement.sql = std::move(sql);
  return std::move(builder.statement);
}

}  // namespace fairlead::directory
