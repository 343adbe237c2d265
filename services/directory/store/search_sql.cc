#include "services/directory/store/search_sql.h"

#include "services/directory/domain/need_codes.h"

namespace fairlead::directory {
namespace {

constexpr size_t kMaxCodesPerWord = 16;
// Default and largest page, and one more to know whether there is another.
constexpr int kSmallPage = 26;
constexpr int kLargePage = 101;

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
std::string WordFilter(Builder& builder, const SearchWord& word) {
  const std::string range = "t.token >= " + builder.Param(word.token) + " AND t.token < " +
                            builder.Param(PrefixEnd(word.token));
  std::string codes;
  for (const std::string& code : NeedCodesOfWord(word.token, kMaxCodesPerWord)) {
    codes += (codes.empty() ? "" : ", ") + builder.Param(code);
  }
  if (word.rare && codes.empty()) {
    const std::string owners = "SELECT t.owner_id FROM search_token t WHERE " + range;
    return "l.id IN (" + owners + " UNION SELECT m.id FROM listing m WHERE m.organization_id IN (" +
           owners + "))";
  }
  std::string filter;
  for (const char* owner : {"l.id", "l.organization_id"}) {
    filter += std::string(filter.empty() ? "(" : " OR ") +
              "EXISTS (SELECT 1 FROM search_token t WHERE t.owner_id = " + owner + " AND " + range +
              ")";
  }
  if (!codes.empty()) {
    filter +=
        " OR EXISTS (SELECT 1 FROM listing_need w WHERE w.service_id = l.id AND "
        "w.need_code IN (" +
        codes + "))";
  }
  return filter + ")";
}

// A filter with a table of its own, whose index has the listings of a value in order.
struct Facet {
  const std::string& value;
  std::string table;
  std::string column;
};

}  // namespace

const std::string_view kListingColumns =
    "SELECT l.id, l.organization_id, l.name, l.description, l.status, l.need_codes, l.languages, "
    "l.counties, l.phones, l.email, l.url, l.minimum_age, l.maximum_age, l.confidential, "
    "l.cities, l.schedules, l.eligibility, l.update_ms, l.agency_id, "
    "(SELECT a.name FROM agency a WHERE a.id = l.agency_id), "
    "(SELECT o.name FROM organization o WHERE o.id = l.organization_id) ";

std::string PrefixEnd(std::string prefix) {
  // UTF-8 has no byte above 0xF4: "\x7F" after ASCII is not enough, a code point beyond all is.
  return std::move(prefix) + "\xF4\x8F\xBF\xBF";
}

SearchStatement BuildSearch(const SearchQuery& query, const std::vector<SearchWord>& words,
                            const Position& after, int limit) {
  Builder builder;
  // The first facet that is given leads; the others are checked on each of its listings.
  const Facet facets[] = {{query.need_code, "listing_need", "need_code"},
                          {query.county, "listing_county", "county"},
                          {query.language, "listing_language", "language"}};
  const Facet* lead = nullptr;
  for (const Facet& facet : facets) {
    if (lead == nullptr && !facet.value.empty()) lead = &facet;
  }
  const std::string key = lead == nullptr ? "l.sort_key" : "f.sort_key";
  const std::string id = lead == nullptr ? "l.id" : "f.service_id";
  std::string sql(kListingColumns);
  sql += lead == nullptr ? std::string("FROM listing l ")
                         : "FROM " + lead->table + " f JOIN listing l ON l.id = f.service_id ";
  sql += "WHERE (" + key + ", " + id + ") > (" + builder.Param(after.sort_key) + ", " +
         builder.Param(after.id) + ") ";
  sql += "AND l.offered = 1 ";
  for (const Facet& facet : facets) {
    if (facet.value.empty()) continue;
    const std::string value = builder.Param(facet.value);
    sql += &facet == lead
               ? "AND f." + facet.column + " = " + value + " "
               : "AND EXISTS (SELECT 1 FROM " + facet.table +
                     " x WHERE x.service_id = l.id AND x." + facet.column + " = " + value + ") ";
  }
  for (const SearchWord& word : words) sql += "AND " + WordFilter(builder, word) + " ";
  // A number, not a parameter: PostgreSQL must know that few are wanted to take them in order from
  // the index. Two sizes only: every text is prepared once.
  sql += "ORDER BY " + key + ", " + id + " LIMIT " +
         std::to_string(limit <= kSmallPage ? kSmallPage : kLargePage);
  builder.statement.sql = std::move(sql);
  return std::move(builder.statement);
}

}  // namespace fairlead::directory
