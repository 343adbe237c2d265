// Where the words come from that a person writes for others: a file, standard input, or a prompt.
// Never a flag, which other programs of this machine could read and the shell remembers.
#ifndef GATEWAY_CLI_TEXT_SOURCE_H_
#define GATEWAY_CLI_TEXT_SOURCE_H_

#include <string>
#include <vector>

#include "gateway/cli/args.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

struct TextSource {
  std::string file;
  bool from_stdin = false;
};
// Declares --file and --stdin. `what`: "the question".
void AddTextOptions(Args verb, TextSource* source, const std::string& what);

// As many lines as there are prompts, where it is asked; else all of the file or of the input.
// Errors: USAGE (empty, longer than `max_bytes`, or nobody to ask), those of ReadFile.
Result<std::string> ReadText(Context& context, const TextSource& source,
                             const std::vector<std::string>& prompts, size_t max_bytes);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_TEXT_SOURCE_H_
