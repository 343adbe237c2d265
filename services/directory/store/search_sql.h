// The statement of a search, put together from the filters that are given.
#ifndef SERVICES_DIRECTORY_STORE_SEARCH_SQL_H_
#define SERVICES_DIRECTORY_STORE_SEARCH_SQL_H_

#include <string>
#include <string_view>
#include <vector>

#include "services/common/storage/database.h"
#include "services/directory/store/directory_store.h"

namespace fairlead::directory {

// What is selected of listing l. Names come by subquery: a join would let PostgreSQL begin with
// the agencies, and then sort.
extern const std::string_view kListingColumns;

struct SearchStatement {
  std::string sql;
  std::vector<storage::Value> params;
};

// A word of a query. A rare one is looked up first and its listings are sorted; a common one is
// checked on each listing in order, until a page is full.
struct SearchWord {
  std::string token;
  bool rare = false;
};
inline constexpr int kRareOwners = 500;

// May give more rows than `limit` (at most 101 is asked for).
SearchStatement BuildSearch(const SearchQuery& query, const std::vector<SearchWord>& words,
                            const Position& after, int limit);

// The least string above every string that begins with `prefix`, by bytes.
std::string PrefixEnd(std::string prefix);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_STORE_SEARCH_SQL_H_
