// The statement of a search, put together from the filters that are given.
#ifndef SERVICES_DIRECTORY_STORE_SEARCH_SQL_H_
#define SERVICES_DIRECTORY_STORE_SEARCH_SQL_H_

#include <string>
#include <string_view>
#include <vector>

#include "services/common/storage/database.h"
#include "services/directory/store/directory_store.h"

namespace fairlead::directory {

// What is selected of listing l, agency a and organization o.
extern const std::string_view kListingColumns;

struct SearchStatement {
  std::string sql;
  std::vector<storage::Value> params;
};

SearchStatement BuildSearch(const SearchQuery& query, const Position& after, int limit);

// The least string above every string that begins with `prefix`, by bytes.
std::string PrefixEnd(std::string prefix);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_STORE_SEARCH_SQL_H_
