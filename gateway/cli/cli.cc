#include "gateway/cli/cli.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "gateway/cli/completion.h"
#include "gateway/cli/verbs.h"

extern char** environ;

namespace fairlead::cli {
namespace {

constexpr char kDescription[] =
    "Fairlead: hand a case from one agency to another, sealed, under the client's release.";

void AddGlobals(Args root, Globals* globals) {
  constexpr int64_t kMostSeconds = 600;
  root.Option("--url", &globals->url,
              "The hub; default: FAIRLEAD_URL, the last signed in to, http://localhost:7420");
  root.Option("--profile", &globals->profile,
              "Whose session and keys; default: FAIRLEAD_PROFILE, or default");
  root.Flag("--json", &globals->json, "One JSON document (watch: one a line) instead of tables");
  root.Option("--timeout", &globals->timeout_s, 1, kMostSeconds, "Seconds for a call; default 10");
  root.Option("--ca-file", &globals->ca_file, "Trust these authorities instead of the system's");
  root.Option("--machine", &globals->machine,
              "Call as a machine client: sign each request with the key in this file");
  root.Option("--request-id", &globals->request_id,
              "A UUID of your choice: repeating a change with it never does it twice");
  root.Flag("--allow-plain-http", &globals->allow_plain_http,
            "Allow http:// to another machine, on a private network of your own");
}

// The first word that is no option and no option's value: the verb.
size_t FirstVerb(const std::vector<std::string>& arguments, const VerbTree& root) {
  size_t at = 0;
  while (at < arguments.size() && arguments[at].starts_with("--")) {
    const bool takes_next = std::ranges::find(root.flags_with_value, arguments[at]) !=
                            root.flags_with_value.end();
    at += takes_next ? 2 : 1;
  }
  return at;
}

// "help release sign" is "release sign --help", whatever options stand before it.
std::vector<std::string> WithoutHelpVerb(std::vector<std::string> arguments, const VerbTree& root) {
  if (arguments.empty()) return {"--help"};
  const size_t verb = FirstVerb(arguments, root);
  if (verb >= arguments.size() || arguments[verb] != "help") return arguments;
  arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(verb));
  arguments.emplace_back("--help");
  return arguments;
}

// A verb of another part of the program gets its words, and the question what it does.
const ExtraVerb* FindExtra(const Options& options, const std::string& name) {
  const auto found = options.extra_verbs.find(name);
  return found == options.extra_verbs.end() || !found->second.run ? nullptr : &found->second;
}

void AddHelpVerbs(Args root, Context& context, const Parser& parser) {
  root.Verb("help", "Explain a command: help release sign").Do([]() -> Result<void> {
    return Usage("Write it first: fairlead help release sign");
  });
  auto shell = std::make_shared<std::string>();
  Args completion = root.Verb("completion", "Print a completion script: bash, zsh or fish");
  completion.Positional("shell", shell.get(), "bash, zsh or fish");
  completion.Do([&context, &parser, shell]() -> Result<void> {
    FAIRLEAD_ASSIGN(const std::string script, CompletionScript(parser.Tree(), *shell));
    context.out() << script;
    return {};
  });
}

// In the order of help: every day's first, then what is rarer, then what runs the hub.
void AddVerbs(Args root, Context& context, const Parser& parser) {
  AddReferralVerbs(root, context);
  AddQuestionVerbs(root, context);
  AddFollowUpVerbs(root, context);
  AddCaseVerbs(root, context);
  AddHandOffVerbs(root, context);
  AddThreadVerbs(root, context);
  AddBedCallVerbs(root, context);
  AddAlertVerbs(root, context);
  AddChannelVerbs(root, context);
  AddReleaseVerbs(root, context);
  AddBreakGlassVerbs(root, context);
  AddDirectoryVerbs(root, context);
  AddHoursVerbs(root, context);
  AddCapacityVerbs(root, context);
  AddStatusVerb(root, context);
  AddSessionVerbs(root, context);
  AddKeyVerbs(root, context);
  AddUserVerbs(root, context);
  AddPasskeyVerbs(root, context);
  AddMachineVerbs(root, context);
  AddAgencyVerbs(root, context);
  AddAuditVerbs(root, context);
  AddDoctorVerb(root, context);
  AddDemoVerbs(root, context);
  AddHelpVerbs(root, context, parser);
  AddSetUpVerb(root, context);
  for (const auto& [name, extra] : context.options().extra_verbs) {
    Args verb = root.Verb(name, extra.help);
    verb.Under("To run a hub");
    verb.Do([&context, word = name]() -> Result<void> {
      return Usage("Write the command first: " + context.CommandOfAnother(word) + " …");
    });
  }
}

Result<void> Execute(const std::vector<std::string>& arguments, Context& context) {
  Parser parser(kDescription, context.options().version);
  Args root = parser.root();
  AddGlobals(root, &context.globals());
  AddVerbs(root, context, parser);
  root.Footer(
      "Data goes to standard output, words to standard error. Exit codes: 0 ok, 1 failed, "
      "2 usage,\n3 not found, 4 sign-in or permission, 5 conflict, 6 unavailable.\n"
      "In a clone of Fairlead, `./fairlead test` runs its tests.");
  std::string text;
  FAIRLEAD_ASSIGN(const Action action,
                  parser.Parse(WithoutHelpVerb(arguments, parser.Tree()), &text));
  if (!action) {
    context.out() << text;
    return {};
  }
  FAIRLEAD_RETURN_IF_ERROR(context.Prepare());
  return action();
}

// "release create … @last" of a line that was pasted must not mean an older one when this one has
// failed. Who replaces the last one names it again.
void ForgetWhatWasNotMade(const std::vector<std::string>& arguments, Context& context) {
  struct Making {
    std::string_view group;
    std::string_view verb;
    const char* kind;
  };
  constexpr Making kMakings[] = {{"release", "create", "release"},
                                 {"release", "new", "release"},
                                 {"referral", "send", "referral"},
                                 {"referral", "offer", "referral"}};
  if (std::find(arguments.begin(), arguments.end(), "--supersedes") != arguments.end()) return;
  for (const Making& making : kMakings) {
    const auto group = std::find(arguments.begin(), arguments.end(), making.group);
    if (group == arguments.end() || group + 1 == arguments.end()) continue;
    if (*(group + 1) == making.verb) context.ForgetLast(making.kind);
  }
}

}  // namespace

int RunWith(const std::vector<std::string>& arguments,
            const std::map<std::string, std::string>& environment, const Terminal& terminal,
            const Options& options) {
  if (!arguments.empty()) {
    const bool help = arguments[0] == "help" && arguments.size() == 2;
    const ExtraVerb* extra = FindExtra(options, arguments[help ? 1 : 0]);
    if (extra != nullptr && help) return extra->run({"--help"});
    if (extra != nullptr) return extra->run({arguments.begin() + 1, arguments.end()});
  }
  Context context(terminal, environment, options);
  const auto done = Execute(arguments, context);
  terminal.out.flush();
  if (!done) {
    ForgetWhatWasNotMade(arguments, context);
    const bool json = context.json() ||
                      std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
    PrintError(terminal.err, done.error(), json, context.called());
    terminal.err.flush();
    return ExitCode(done.error());
  }
  // What could not be written was not delivered (a full disk, a closed pipe).
  return terminal.out.good() ? kExitOk : kExitFailed;
}

std::string ProgramName(const char* argv0) {
  const std::string name = argv0 == nullptr ? "" : argv0;
  return name.empty() || Printable(name) != name ? "fairlead" : ShellWord(name);
}

int Run(int argc, char** argv, const Options& options) {
  std::map<std::string, std::string> environment;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  Options called = options;
  called.program = ProgramName(argc > 0 ? argv[0] : nullptr);
  return RunWith(arguments, environment,
                 {.out = std::cout,
                  .err = std::cerr,
                  .in = std::cin,
                  .out_is_terminal = ::isatty(STDOUT_FILENO) == 1,
                  .in_is_terminal = ::isatty(STDIN_FILENO) == 1},
                 called);
}

}  // namespace fairlead::cli
