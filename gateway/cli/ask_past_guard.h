// Before words go to a channel, which the whole coalition reads: what in them seems to name a
// person is shown, and asked about once.
#ifndef GATEWAY_CLI_ASK_PAST_GUARD_H_
#define GATEWAY_CLI_ASK_PAST_GUARD_H_

#include <string>

#include "gateway/cli/args.h"
#include "gateway/cli/context.h"
#include "gateway/cli/text_source.h"

namespace fairlead::cli {

// Declares --names-nobody: a flag of its own, because --yes is given by habit.
void AddNamesNobody(Args verb, bool* names_nobody);

// Whether the writer was shown something and sends it all the same. Errors: CANCELLED
// NOT_CONFIRMED; where nobody can be asked, INVALID_ARGUMENT POST_SEEMS_TO_IDENTIFY with metadata
// findings (codes, never the words); those of guard::Look.
Result<bool> AskPastGuard(Context& context, const std::string& text, bool names_nobody);

// What is posted: a first line that an empty one follows is the title.
struct PostWords {
  std::string title;
  std::string text;
};
inline constexpr size_t kMaxTitleBytes = 200;
// Asks for `prompts` on a terminal: one, or a title and a text. Errors: USAGE, those of ReadText.
Result<PostWords> ReadPostWords(Context& context, const TextSource& source, bool titled,
                                size_t max_bytes);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_ASK_PAST_GUARD_H_
