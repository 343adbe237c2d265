// Searching the index: by words and by what a client needs, in the order of names, page by page.
//
//   FAIRLEAD_ASSIGN(const SearchPage page, Search(*snapshot, query, {}, 25, capacities));
#ifndef SERVICES_DIRECTORY_INDEX_SEARCH_H_
#define SERVICES_DIRECTORY_INDEX_SEARCH_H_

#include <optional>
#include <string>
#include <vector>

#include "services/directory/index/match_index.h"

namespace fairlead::directory {

// Behind whom a page begins. Empty: the beginning.
struct SearchPosition {
  bool misspelt = false;  // what SearchPage has
  std::string sort_key;
  IdNumber id;
};

struct SearchPage {
  std::vector<IdNumber> ids;  // in order of (sort key, id)
  std::vector<std::optional<size_t>> distances;  // of each (DistanceBand)
  // Nobody has all words as they are written: these have words that they may have been meant to be
  // (domain/misspelt.h).
  bool misspelt = false;
  std::optional<SearchPosition> next;  // nullopt: this was the last page
};

// At most `size`. `capacities` is asked only for filters.with_capacity_only, about at most
// kMostAskedOfPage: a page may then hold fewer than `size`, or none, and yet not be the last. Its
// errors are those of Search.
inline constexpr size_t kMostAskedOfPage = 5000;
Result<SearchPage> Search(const Snapshot& snapshot, const SearchQuery& query,
                          const SearchPosition& after, size_t size, const CapacitiesOf& capacities);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_INDEX_SEARCH_H_
