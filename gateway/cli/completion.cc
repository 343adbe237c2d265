#include "gateway/cli/completion.h"

#include "gateway/cli/output.h"

namespace fairlead::cli {
namespace {

struct Place {
  std::string path;  // "", "release", "release sign"
  const VerbTree* verb;
};

void Collect(const VerbTree& tree, const std::string& path, std::vector<Place>* places) {
  places->push_back({path, &tree});
  for (const VerbTree& verb : tree.verbs) {
    Collect(verb, path.empty() ? verb.name : path + " " + verb.name, places);
  }
}

std::string VerbWords(const VerbTree& root, const VerbTree& verb) {
  std::string words;
  for (const VerbTree& sub : verb.verbs) words += sub.name + " ";
  for (const std::string& flag : verb.flags) words += flag + " ";
  if (&verb != &root) {
    for (const std::string& flag : root.flags) {
      if (flag != "--help" && flag != "--version") words += flag + " ";
    }
  }
  if (!words.empty()) words.pop_back();
  return words;
}

// For bash and zsh: which words may follow which verbs.
std::string VerbTable(const VerbTree& root, const std::vector<Place>& places) {
  std::string table = "  case \"$path\" in\n";
  for (const Place& place : places) {
    table += "    '" + place.path + "') words='" + VerbWords(root, *place.verb) + "' ;;\n";
  }
  return table + "    *) words='' ;;\n  esac\n";
}

std::string Groups(const std::vector<Place>& places) {
  std::string groups;
  for (const Place& place : places) {
    if (!place.path.empty()) groups += "'" + place.path + "'|";
  }
  if (!groups.empty()) groups.pop_back();
  return groups;
}

std::string Bash(const VerbTree& root, const std::vector<Place>& places) {
  return R"(# fairlead completion for bash: source <(fairlead completion bash)
_fairlead() {
  local path='' word words current="${COMP_WORDS[COMP_CWORD]}" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="${COMP_WORDS[i]}"
    case "${path:+$path }$word" in
      )" +
         Groups(places) +
         R"() path="${path:+$path }$word" ;;
    esac
  done
)" + VerbTable(root, places) +
         R"(  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _fairlead fairlead
)";
}

std::string Zsh(const VerbTree& root, const std::vector<Place>& places) {
  return R"(#compdef fairlead
# fairlead completion for zsh: source <(fairlead completion zsh)
_fairlead() {
  local path_='' word words_ i
  for ((i = 2; i < CURRENT; i++)); do
    word="${words[i]}"
    case "${path_:+$path_ }$word" in
      )" +
         Groups(places) +
         R"() path_="${path_:+$path_ }$word" ;;
    esac
  done
  local path="$path_" words=''
)" + VerbTable(root, places) +
         R"(  words_="$words"
  compadd -- ${=words_} || _files
}
compdef _fairlead fairlead
)";
}

std::string FishQuoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

std::string Fish(const VerbTree& root, const std::vector<Place>& places) {
  std::string script = R"(# fairlead completion for fish: fairlead completion fish | source
function __fairlead_at
  set -l path
  for word in (commandline -opc)[2..-1]
    string match -q -- '-*' $word; and continue
    set -a path $word
  end
  test "$path" = "$argv[1]"
end
)";
  for (const std::string& flag : root.flags) {
    script += "complete -c fairlead -l " + flag.substr(2) + "\n";
  }
  for (const Place& place : places) {
    const std::string condition = " -n " + FishQuoted("__fairlead_at " + FishQuoted(place.path));
    for (const VerbTree& sub : place.verb->verbs) {
      script += "complete -c fairlead -f" + condition + " -a " + sub.name + " -d " +
                FishQuoted(sub.help) + "\n";
    }
    if (place.path.empty()) continue;
    for (const std::string& flag : place.verb->flags) {
      script += "complete -c fairlead" + condition + " -l " + flag.substr(2) + "\n";
    }
  }
  return script;
}

}  // namespace

Result<std::string> CompletionScript(const VerbTree& tree, std::string_view shell) {
  std::vector<Place> places;
  Collect(tree, "", &places);
  if (shell == "bash") return Bash(tree, places);
  if (shell == "zsh") return Zsh(tree, places);
  if (shell == "fish") return Fish(tree, places);
  return Usage("There is completion for bash, zsh and fish.");
}

}  // namespace fairlead::cli
