// Secrets and confirmations. A secret is never a flag's value and never in the environment: other
// programs of this machine could read it there.
#include <termios.h>
#include <unistd.h>

#include <istream>

#include "gateway/cli/context.h"
#include "services/common/config/secret_file.h"

namespace fairlead::cli {
namespace {

constexpr size_t kMaxLineBytes = 4 * 1024;

// No echo while it lives.
class QuietTerminal {
 public:
  QuietTerminal() {
    active_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!active_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    quiet.c_lflag |= static_cast<tcflag_t>(ECHONL);
    active_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
  }
  ~QuietTerminal() {
    if (active_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;

 private:
  termios before_ = {};
  bool active_ = false;
};

}  // namespace

std::optional<std::string> ReadLine(Context& context) {
  std::string line;
  char next = 0;
  bool any = false;
  while (line.size() < kMaxLineBytes && context.terminal().in.get(next)) {
    any = true;
    if (next == '\n') break;
    line += next;
  }
  if (line.ends_with('\r')) line.pop_back();
  return any ? std::optional<std::string>(std::move(line)) : std::nullopt;
}

Result<std::string> ReadSecretFrom(Context& context, const SecretSource& source,
                                   const std::string& what, const std::string& flag) {
  if (!source.file.empty()) return config::ReadSecret(source.file);
  std::optional<std::string> line;
  if (source.from_stdin) {
    line = ReadLine(context);
  } else if (context.terminal().in_is_terminal) {
    context.err() << what << ": " << std::flush;
    const QuietTerminal quiet;
    line = ReadLine(context);
  } else {
    return Usage("There is no terminal to ask on: give " + flag + "-file FILE or " + flag +
                 "-stdin.");
  }
  if (!line || line->empty()) return Usage("The " + what + " is empty.");
  return *line;
}

Result<void> Confirm(Context& context, bool yes, const std::string& question) {
  if (yes) return {};
  if (!context.terminal().in_is_terminal) {
    return Usage(question + " There is no terminal to ask on: if the answer is yes, add --yes.");
  }
  context.err() << Printable(question, true) << " [y/N] " << std::flush;
  const std::optional<std::string> answer = ReadLine(context);
  if (answer && (*answer == "y" || *answer == "Y" || *answer == "yes")) return {};
  return Fail(Code::kCancelled, "NOT_CONFIRMED", "Nothing was changed.");
}

}  // namespace fairlead::cli
