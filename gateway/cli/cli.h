// The command line: every verb of `fairlead` but those that run the hub.
//
//   int main(int argc, char** argv) { return fairlead::cli::Run(argc, argv); }
//
// It talks to a hub's gateway only (Connect protocol over HTTP). Packets are sealed and unsealed
// here; the hub never sees what is in them, and private keys never leave this machine.
#ifndef GATEWAY_CLI_CLI_H_
#define GATEWAY_CLI_CLI_H_

#include <functional>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace fairlead::cli {

// Exit codes, stable: scripts rely on them.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;  // what was given is wrong; nothing was changed
inline constexpr int kExitNotFound = 3;
inline constexpr int kExitNotAllowed = 4;   // sign-in or permission
inline constexpr int kExitConflict = 5;     // the record's state, or a repeat with other contents
inline constexpr int kExitUnavailable = 6;  // not reachable, too slow, too busy

// A verb of the program that lives elsewhere (up, serve, bench). It is listed in help and
// completion; `run` gets the words after the verb and returns the exit code.
struct ExtraVerb {
  std::string help;
  std::function<int(const std::vector<std::string>& arguments)> run;
};

// What a command works with. Tests give streams, variables and a folder of their own.
struct Terminal {
  std::ostream& out;
  std::ostream& err;
  std::istream& in;
  bool out_is_terminal = false;
  bool in_is_terminal = false;
};

struct Options {
  std::map<std::string, ExtraVerb> extra_verbs = {};
  std::string program = "fairlead";  // as it was called: commands that are shown begin so
  std::string version = "0.1.0";
};

// The program's name as a word that can be copied: argv[0], "./fairlead".
std::string ProgramName(const char* argv0);

// argv[0] is the program. Never throws. Returns one of the exit codes.
int Run(int argc, char** argv, const Options& options = {});

// The same, for tests: `arguments` without the program's name.
int RunWith(const std::vector<std::string>& arguments,
            const std::map<std::string, std::string>& environment, const Terminal& terminal,
            const Options& options = {});

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_CLI_H_
