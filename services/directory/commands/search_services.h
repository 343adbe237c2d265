// What the directory holds, by words and by what a client needs: a question as a caller puts it.
#ifndef SERVICES_DIRECTORY_COMMANDS_SEARCH_SERVICES_H_
#define SERVICES_DIRECTORY_COMMANDS_SEARCH_SERVICES_H_

#include <string>

#include "services/directory/commands/match_services.h"

namespace fairlead::directory {

inline constexpr size_t kMaxQueryWords = 8;

struct SearchInput {
  FilterInput filters;
  std::string text;
};

// Errors: those of MakeFilters; TOO_MANY_WORDS.
Result<SearchQuery> MakeSearchQuery(const SearchInput& input, int64_t now_ms);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_SEARCH_SERVICES_H_
