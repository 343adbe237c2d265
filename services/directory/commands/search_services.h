// Who can help: listings by need, county, language and words.
#ifndef SERVICES_DIRECTORY_COMMANDS_SEARCH_SERVICES_H_
#define SERVICES_DIRECTORY_COMMANDS_SEARCH_SERVICES_H_

#include <string>

#include "services/directory/commands/deps.h"

namespace fairlead::directory {

struct SearchInput {
  std::string need_code;  // a top-level code finds its children too
  std::string county;
  std::string language;
  std::string text;  // every word must begin some word of the listing
};

// Errors: UNKNOWN_NEED_CODE, INVALID_LANGUAGE, TOO_MANY_WORDS.
Result<SearchQuery> MakeQuery(const SearchInput& input);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_SEARCH_SERVICES_H_
