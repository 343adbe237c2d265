// The words that a post is found by: the same on both engines, because they are made here.
#ifndef SERVICES_MESSAGING_DOMAIN_WORDS_H_
#define SERVICES_MESSAGING_DOMAIN_WORDS_H_

#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"

namespace fairlead::messaging {

// Of letters and digits, at least two of them (the first 32 count), without case, accents and width
// (NFKD, marks dropped, case folded): "Sí, habló con MARÍA" is con, hablo, maria, si.
// Sorted, without repeats, at most `most`. `text` is UTF-8.
std::vector<std::string> Words(std::string_view text, size_t most);

// What is looked for: every whole word, and `beginning` that one word must begin with (the query's
// last; empty when the query ends otherwise than in a word).
struct WordQuery {
  std::vector<std::string> whole = {};
  std::string beginning = {};
};
// Errors: QUERY_TOO_SHORT (no word), TOO_MANY_WORDS.
Result<WordQuery> ParseQuery(std::string_view query);

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_DOMAIN_WORDS_H_
