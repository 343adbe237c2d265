#include "services/directory/commands/search_services.h"

#include <optional>

#include "services/directory/domain/fold.h"
#include "services/directory/domain/need_codes.h"

namespace fairlead::directory {

Result<SearchQuery> MakeQuery(const SearchInput& input) {
  SearchQuery query;
  query.need_code = input.need_code;
  query.county = input.county;
  if (!input.need_code.empty() && FindNeedCode(input.need_code) == nullptr) {
    return Fail(Code::kInvalidArgument, "UNKNOWN_NEED_CODE", "There is no such need code.",
                {{"field", "need_code"}});
  }
  if (!input.language.empty()) {
    const std::optional<std::string> tag = NormaliseLanguage(input.language);
    if (!tag) {
      return Fail(Code::kInvalidArgument, "INVALID_LANGUAGE", "This is not a language tag.",
                  {{"field", "language"}});
    }
    query.language = *tag;
  }
  query.tokens = Tokens(input.text, kMaxQueryTokens + 1);
  if (query.tokens.size() > kMaxQueryTokens) {
    return Fail(Code::kInvalidArgument, "TOO_MANY_WORDS", "Search for at most 8 words at once.",
                {{"field", "text"}});
  }
  return query;
}

}  // namespace fairlead::directory
