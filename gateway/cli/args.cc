#include "gateway/cli/args.h"

#include <CLI/CLI.hpp>

#include "services/common/config/suggest.h"

namespace fairlead::cli {
namespace {

CLI::App* AddSub(CLI::App* app, const std::string& name, const std::string& help) {
  CLI::App* sub = app->add_subcommand(name, help);
  sub->fallthrough();  // --json and its like may stand anywhere
  return sub;
}

void Describe(const CLI::App& app, VerbTree* tree) {
  for (const CLI::Option* option : app.get_options()) {
    tree->takes_words = tree->takes_words || option->get_positional();
    if (option->get_positional() || option->get_group().empty()) continue;
    for (const std::string& name : option->get_lnames()) {
      tree->flags.push_back("--" + name);
      if (option->get_expected_max() > 0 && option->get_items_expected_max() > 0 &&
          option->get_type_size_max() > 0) {
        tree->flags_with_value.push_back("--" + name);
      }
    }
  }
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (sub->get_group().empty()) continue;
    VerbTree child;
    child.name = sub->get_name();
    child.help = sub->get_description();
    Describe(*sub, &child);
    tree->verbs.push_back(std::move(child));
  }
}

std::vector<std::string> VerbNames(const std::vector<VerbTree>& verbs) {
  std::vector<std::string> names;
  for (const VerbTree& verb : verbs) names.push_back(verb.name);
  return names;
}

// "unknown option --jsno; did you mean --json?" when CLI11 complains of an argument it cannot
// place.
std::string Suggest(const VerbTree& root, const std::vector<std::string>& arguments,
                    const std::string& message) {
  std::vector<std::string> known = root.flags;
  const VerbTree* at = &root;
  for (const std::string& word : arguments) {
    if (word.starts_with("-")) continue;
    for (const VerbTree& verb : at->verbs) {
      if (verb.name != word) continue;
      at = &verb;
      known.insert(known.end(), verb.flags.begin(), verb.flags.end());
      break;
    }
  }
  for (const std::string& word : arguments) {
    if (!word.starts_with("--") || word == "--") continue;
    const std::string name = word.substr(0, word.find('='));
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string near = config::Nearest(name, known);
    if (!near.empty()) return message + " Did you mean " + near + "?";
  }
  return message;
}

}  // namespace

Args Args::Group(const std::string& name, const std::string& help, Need verb) {
  CLI::App* sub = AddSub(app_, name, help);
  if (verb == Need::kRequired) sub->require_subcommand(1);
  return Args(sub, chosen_);
}

Args Args::Verb(const std::string& name, const std::string& help) {
  return Args(AddSub(app_, name, help), chosen_);
}

void Args::Option(const std::string& name, std::string* value, const std::string& help, Need need) {
  app_->add_option(name, *value, help)->required(need == Need::kRequired);
}

void Args::Option(const std::string& name, std::vector<std::string>* values,
                  const std::string& help, Need need) {
  app_->add_option(name, *values, help)
      ->delimiter(',')
      ->allow_extra_args(false)
      ->required(need == Need::kRequired);
}

void Args::Each(const std::string& name, std::vector<std::string>* values,
                const std::string& help) {
  app_->add_option(name, *values, help)->allow_extra_args(false);
}

void Args::Option(const std::string& name, int64_t* value, int64_t min, int64_t max,
                  const std::string& help) {
  const std::string range = std::to_string(min) + " to " + std::to_string(max);
  app_->add_option(name, *value, help + " (" + range + ")")
      ->check(CLI::Range(min, max).description(""));
}

void Args::HiddenFlag(const std::string& name, bool* value) {
  app_->add_flag(name, *value)->group("");
}

void Args::HiddenOption(const std::string& name, std::string* value) {
  app_->add_option(name, *value)->group("");
}

void Args::Flag(const std::string& name, bool* value, const std::string& help) {
  app_->add_flag(name, *value, help);
}

void Args::Positional(const std::string& name, std::string* value, const std::string& help,
                      Need need) {
  app_->add_option(name, *value, help)->required(need == Need::kRequired);
}

void Args::Positional(const std::string& name, std::vector<std::string>* values,
                      const std::string& help, Need need) {
  app_->add_option(name, *values, help)->required(need == Need::kRequired);
}

void Args::Under(const std::string& heading) { app_->group(heading); }

void Args::Footer(const std::string& text) { app_->footer(text); }

void Args::Do(Action action) {
  Action* chosen = chosen_;
  // CLI11 calls the innermost verb first: a group with an action of its own does not override it.
  app_->callback([chosen, action = std::move(action)] {
    if (!*chosen) *chosen = action;
  });
}

Parser::Parser(const std::string& description, const std::string& version)
    : app_(std::make_unique<CLI::App>(description, "fairlead")), version_(version) {
  app_->require_subcommand(1);
  app_->set_version_flag("--version", "fairlead " + version_, "Print the version");
  app_->set_help_flag("-h,--help", "Explain this command");
  app_->get_formatter()->column_width(34);
}

Parser::~Parser() = default;

Args Parser::root() { return Args(app_.get(), &chosen_); }

VerbTree Parser::Tree() const {
  VerbTree tree;
  tree.name = "fairlead";
  Describe(*app_, &tree);
  return tree;
}

Result<void> Parser::CheckVerbs(const std::vector<std::string>& arguments) const {
  const VerbTree tree = Tree();
  const VerbTree* at = &tree;
  std::string path = "fairlead";
  bool skip = false;
  for (const std::string& word : arguments) {
    if (skip) {
      skip = false;
      continue;
    }
    if (word.starts_with("-")) {
      const auto takes_next = [&word](const VerbTree& verb) {
        const auto& valued = verb.flags_with_value;
        return std::find(valued.begin(), valued.end(), word) != valued.end();
      };
      skip = takes_next(tree) || takes_next(*at);
      continue;
    }
    if (at->verbs.empty()) return {};  // what follows is the verb's own
    const auto found = std::find_if(at->verbs.begin(), at->verbs.end(),
                                    [&](const VerbTree& verb) { return verb.name == word; });
    if (found == at->verbs.end() && at->takes_words) return {};
    if (found == at->verbs.end()) {
      const std::string near = config::Nearest(word, VerbNames(at->verbs));
      std::string message = "'" + word + "' is not a command of " + path + ".";
      if (!near.empty()) message += " Did you mean '" + near + "'?";
      return Fail(Code::kInvalidArgument, "USAGE", message, {{"help", path + " --help"}});
    }
    at = &*found;
    path += " " + word;
  }
  return {};
}

Result<Action> Parser::Parse(const std::vector<std::string>& arguments, std::string* text) {
  FAIRLEAD_RETURN_IF_ERROR(CheckVerbs(arguments));
  chosen_ = nullptr;
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants it
  try {
    app_->parse(std::move(reversed));
  } catch (const CLI::CallForVersion&) {
    *text = "fairlead " + version_ + "\n";
    return Action();
  } catch (const CLI::Success&) {  // --help, of whichever verb it stood behind
    *text = app_->help();
    return Action();
  } catch (const CLI::ParseError& error) {
    std::string path = "fairlead";
    const CLI::App* at = app_.get();
    while (!at->get_subcommands().empty()) {
      at = at->get_subcommands().front();
      path += " " + at->get_name();
    }
    std::string message = error.what();
    if (!message.ends_with(".")) message += ".";
    return Fail(Code::kInvalidArgument, "USAGE", Suggest(Tree(), arguments, message),
                {{"help", path + " --help"}});
  }
  return chosen_;
}

}  // namespace fairlead::cli
