// Verbs, options and help, over CLI11. Only args.cc includes CLI11: it is large.
//
//   Args verb = release.Verb("revoke", "Take a release back");
//   verb.Positional("release", &options->id, "Its id, or @last");
//   verb.Flag("--yes", &options->yes, "Do not ask");
//   verb.Do([&context, options] { return Revoke(context, *options); });
#ifndef GATEWAY_CLI_ARGS_H_
#define GATEWAY_CLI_ARGS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "services/common/base/result.h"

namespace CLI {
class App;
}  // namespace CLI

namespace fairlead::cli {

using Action = std::function<Result<void>()>;

enum class Need { kOptional, kRequired };

// One verb or group of verbs. A view: copies are the same verb.
class Args {
 public:
  Args(CLI::App* app, Action* chosen) : app_(app), chosen_(chosen) {}

  // A verb of its own under it is needed, unless the group itself does something (Do).
  Args Group(const std::string& name, const std::string& help, Need verb = Need::kRequired);
  Args Verb(const std::string& name, const std::string& help);
  void Option(const std::string& name, std::string* value, const std::string& help,
              Need need = Need::kOptional);
  // Comma-separated, and may be repeated.
  void Option(const std::string& name, std::vector<std::string>* values, const std::string& help,
              Need need = Need::kOptional);
  // May be repeated, a value each: a comma is part of it.
  void Each(const std::string& name, std::vector<std::string>* values, const std::string& help);
  void Option(const std::string& name, int64_t* value, int64_t min, int64_t max,
              const std::string& help);
  // Works, but is not shown in help: for tests.
  void HiddenFlag(const std::string& name, bool* value);
  void HiddenOption(const std::string& name, std::string* value);
  void Flag(const std::string& name, bool* value, const std::string& help);
  void Positional(const std::string& name, std::string* value, const std::string& help,
                  Need need = Need::kRequired);
  void Positional(const std::string& name, std::vector<std::string>* values,
                  const std::string& help, Need need = Need::kRequired);
  // Under this heading in the help of what it belongs to, instead of among the other verbs.
  void Under(const std::string& heading);
  // Text after the list of options in `--help`.
  void Footer(const std::string& text);
  void Do(Action action);

 private:
  CLI::App* app_;
  Action* chosen_;
};

// What completion scripts and "did you mean" need to know.
struct VerbTree {
  std::string name;
  std::string help;
  std::vector<std::string> flags;             // "--json"
  std::vector<std::string> flags_with_value;  // those of `flags` that take one
  bool takes_words = false;  // a word that is none of `verbs` is its own
  std::vector<VerbTree> verbs;
};

class Parser {
 public:
  Parser(const std::string& description, const std::string& version);
  ~Parser();
  Args root();
  VerbTree Tree() const;
  // A word of the arguments' verbs that does not exist, as an error with the nearest that does.
  Result<void> CheckVerbs(const std::vector<std::string>& arguments) const;
  // The chosen verb's action, or nullptr when help or version was asked for: that text is then in
  // `text`. Error: INVALID_ARGUMENT USAGE.
  Result<Action> Parse(const std::vector<std::string>& arguments, std::string* text);

 private:
  std::unique_ptr<CLI::App> app_;
  Action chosen_;
  std::string version_;
};

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_ARGS_H_
