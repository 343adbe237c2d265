#include "gateway/cli/text_source.h"

#include <istream>
#include <optional>

namespace fairlead::cli {
namespace {

Result<std::string> AllOfInput(Context& context, size_t max_bytes) {
  std::string text(max_bytes + 1, '\0');
  context.terminal().in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(context.terminal().in.gcount()));
  if (text.size() <= max_bytes) return text;
  return Usage("That is longer than it may be (" + std::to_string(max_bytes) + " bytes).");
}

Result<std::string> AskForLines(Context& context, const std::vector<std::string>& prompts) {
  if (!context.terminal().in_is_terminal) {
    return Usage("There is no terminal to ask on: give --file FILE or --stdin.");
  }
  std::string text;
  for (const std::string& prompt : prompts) {
    context.err() << prompt << ": " << std::flush;
    const std::optional<std::string> line = ReadLine(context);
    if (!line || line->empty()) return Usage("Nothing was written, and nothing was sent.");
    text += *line;
    text += '\n';
  }
  return text;
}

}  // namespace

void AddTextOptions(Args verb, TextSource* source, const std::string& what) {
  verb.Option("--file", &source->file, "Read " + what + " from a file");
  verb.Flag("--stdin", &source->from_stdin, "Read " + what + " from standard input");
}

Result<std::string> ReadText(Context& context, const TextSource& source,
                             const std::vector<std::string>& prompts, size_t max_bytes) {
  Result<std::string> text = !source.file.empty() ? ReadFile(source.file, max_bytes)
                             : source.from_stdin  ? AllOfInput(context, max_bytes)
                                                  : AskForLines(context, prompts);
  if (!text) return text;
  while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
  if (text->empty()) return Usage("Nothing was written, and nothing was sent.");
  return text;
}

}  // namespace fairlead::cli
