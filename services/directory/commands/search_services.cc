#include "services/directory/commands/search_services.h"

#include "services/directory/domain/fold.h"

namespace fairlead::directory {

Result<SearchQuery> MakeSearchQuery(const SearchInput& input, int64_t now_ms) {
  SearchQuery query;
  FAIRLEAD_ASSIGN(query.filters, MakeFilters(input.filters, now_ms));
  query.words = Tokens(input.text, kMaxQueryWords + 1);
  if (query.words.size() > kMaxQueryWords) {
    return Fail(Code::kInvalidArgument, "TOO_MANY_WORDS", "Search for at most 8 words at once.",
                {{"field", "text"}});
  }
  return query;
}

}  // namespace fairlead::directory
