#include "services/common/config/config.h"

#include <unistd.h>

#include <charconv>

#include "services/common/base/text.h"
#include "services/common/config/keys.h"
#include "services/common/config/secret_file.h"
#include "services/common/config/suggest.h"
#include "services/common/config/toml_file.h"

namespace fairlead::config {
namespace {

constexpr std::string_view kPrefix = "FAIRLEAD_";

std::string DidYouMean(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string nearest = Nearest(word, candidates);
  return nearest.empty() ? "" : "; did you mean " + nearest + "?";
}

std::vector<std::string> AllNames(std::string (*name)(const Key&)) {
  std::vector<std::string> names;
  for (const Key& key : Keys()) names.push_back(name(key));
  return names;
}

std::string PathOf(const Key& key) { return key.path; }

// The flags, taken apart but not yet applied: files and variables are weaker and come first.
struct Arguments {
  std::string config_file;
  std::vector<std::pair<const Key*, Given>> values;
};

class ArgumentParser {
 public:
  ArgumentParser(const Sources& sources, Loaded& loaded) : sources_(sources), loaded_(loaded) {}

  Result<Arguments> Parse() {
    const std::vector<std::string>& words = sources_.arguments;
    for (next_ = 0; next_ < words.size();) {
      const std::string& word = words[next_++];
      if (word == "--") {
        loaded_.positional.insert(loaded_.positional.end(), words.begin() + Offset(), words.end());
        break;
      }
      if (!word.starts_with("-") || word == "-") {
        loaded_.positional.push_back(word);
      } else {
        FAIRLEAD_RETURN_IF_ERROR(TakeFlag(word));
      }
    }
    return std::move(arguments_);
  }

 private:
  std::ptrdiff_t Offset() const { return static_cast<std::ptrdiff_t>(next_); }

  Result<void> TakeFlag(const std::string& word) {
    const size_t equals = word.find('=');
    std::string name = word.substr(0, equals);
    if (equals == std::string::npos && sources_.switches.contains(name)) {
      loaded_.given.insert(name);
      return {};
    }
    if (name == "--data") name = "--data-dir";
    const Key* found = nullptr;
    for (const Key& key : Keys()) {
      if (FlagName(key) == name) found = &key;
    }
    if (found == nullptr && name != "--config") return Unknown(name);
    std::string value;
    if (equals != std::string::npos) {
      value = word.substr(equals + 1);
    } else if (next_ < sources_.arguments.size()) {
      value = sources_.arguments[next_++];
    } else {
      return Fail(Code::kInvalidArgument, "CONFIG_WRONG_TYPE", name + " needs a value",
                  {{"key", name}});
    }
    if (found == nullptr) {
      arguments_.config_file = value;
    } else {
      arguments_.values.emplace_back(found, Given{value, true, Origin{name, "", 0}});
    }
    return {};
  }

  tl::unexpected<Error> Unknown(const std::string& name) const {
    std::vector<std::string> known = AllNames(FlagName);
    known.insert(known.end(), {"--config", "--data"});
    known.insert(known.end(), sources_.switches.begin(), sources_.switches.end());
    return Fail(Code::kInvalidArgument, "CONFIG_UNKNOWN_FLAG",
                "There is no flag " + name + DidYouMean(name, known), {{"key", name}});
  }

  const Sources& sources_;
  Loaded& loaded_;
  Arguments arguments_;
  size_t next_ = 0;
};

Result<void> Set(const Key& key, const Given& given, Loaded& loaded) {
  FAIRLEAD_RETURN_IF_ERROR(Apply(key, given, loaded.config));
  loaded.origin[key.path] = given.origin.text;
  return {};
}

Result<void> ApplyFile(const std::string& path, Loaded& loaded) {
  FAIRLEAD_ASSIGN(const std::vector<TomlEntry> entries, ReadTomlFile(path));
  for (const TomlEntry& entry : entries) {
    const Key* key = FindKey(entry.path);
    if (key == nullptr) {
      return KeyError("CONFIG_UNKNOWN_KEY", entry.path, entry.given.origin,
                      "is not a key" + DidYouMean(entry.path, AllNames(PathOf)));
    }
    FAIRLEAD_RETURN_IF_ERROR(Set(*key, entry.given, loaded));
  }
  return {};
}

// Other parts of Fairlead have variables of their own, so a strange name is an error only when it
// looks like a slip in one of ours.
Result<void> ApplyEnvironment(const std::map<std::string, std::string>& environment,
                              Loaded& loaded) {
  const std::vector<std::string> names = AllNames(EnvironmentName);
  for (const auto& [name, value] : environment) {
    if (!name.starts_with(kPrefix) || name == "FAIRLEAD_CONFIG") continue;
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) {
      const Key& key = Keys()[static_cast<size_t>(found - names.begin())];
      FAIRLEAD_RETURN_IF_ERROR(Set(key, Given{value, true, Origin{name, "", 0}}, loaded));
      continue;
    }
    for (const std::string& candidate : names) {
      if (EditDistance(name, candidate) <= 2) {
        return Fail(Code::kInvalidArgument, "CONFIG_UNKNOWN_KEY",
                    name + " is not a variable; did you mean " + candidate + "?", {{"key", name}});
      }
    }
  }
  return {};
}

Result<void> RequireTogether(const Loaded& loaded, bool missing, const std::string& key,
                             const std::string& because) {
  if (!missing) return {};
  const auto origin = loaded.origin.find(because);
  const std::string place = origin == loaded.origin.end() ? "default" : origin->second;
  return Fail(Code::kInvalidArgument, "CONFIG_INCOMPLETE",
              place + ": " + because + " is set so, and then " + key + " is needed",
              {{"key", key}});
}

// Mutual TLS needs its three files as soon as one of them is set, or an address that is no Unix
// socket.
Result<void> CheckRpcTls(const Loaded& loaded) {
  const HubConfig& config = loaded.config;
  const std::map<std::string, const std::string&> files = {
      {"rpc_authorities_file", config.rpc_authorities_file},
      {"rpc_certificate_file", config.rpc_certificate_file},
      {"rpc_key_file", config.rpc_key_file}};
  std::string because;
  for (const auto& [key, file] : files)
    if (!file.empty()) because = key;
  if (!config.rpc_listen.empty() && !IsUnixAddress(config.rpc_listen)) because = "rpc_listen";
  for (const auto& [name, service] : config.services) {
    if (!service.address.empty() && !IsUnixAddress(service.address))
      because = "services." + name + ".address";
  }
  for (const auto& [key, file] : files) {
    FAIRLEAD_RETURN_IF_ERROR(
        RequireTogether(loaded, !because.empty() && file.empty(), key, because));
  }
  return {};
}

Result<void> CheckWhole(const Loaded& loaded) {
  const HubConfig& config = loaded.config;
  const bool needs_socket = config.redis.mode == RedisMode::kSocket;
  FAIRLEAD_RETURN_IF_ERROR(
      RequireTogether(loaded, config.data_dir.empty(), "data_dir", "data_dir"));
  FAIRLEAD_RETURN_IF_ERROR(RequireTogether(loaded, config.listen.empty(), "listen", "listen"));
  FAIRLEAD_RETURN_IF_ERROR(RequireTogether(loaded, needs_socket && config.redis.socket.empty(),
                                           "redis.socket", "redis.mode"));
  FAIRLEAD_RETURN_IF_ERROR(
      RequireTogether(loaded, !config.tls_certificate_file.empty() && config.tls_key_file.empty(),
                      "tls_key_file", "tls_certificate_file"));
  FAIRLEAD_RETURN_IF_ERROR(
      RequireTogether(loaded, config.tls_certificate_file.empty() && !config.tls_key_file.empty(),
                      "tls_certificate_file", "tls_key_file"));
  FAIRLEAD_RETURN_IF_ERROR(CheckRpcTls(loaded));
  FAIRLEAD_RETURN_IF_ERROR(RequireTogether(
      loaded, !config.tls_client_ca_file.empty() && config.tls_certificate_file.empty(),
      "tls_certificate_file", "tls_client_ca_file"));
  for (const auto& [name, service] : config.services) {
    const bool missing = service.engine == Engine::kPostgres && service.database_url_file.empty();
    const std::string table = "services." + name + ".";
    FAIRLEAD_RETURN_IF_ERROR(
        RequireTogether(loaded, missing, table + "database_url_file", table + "engine"));
  }
  return {};
}

}  // namespace

HubConfig::HubConfig() {
  for (const char* name : {"identity", "directory", "consent", "referral", "messaging", "audit"}) {
    services[name] = {};
  }
}

Result<Loaded> Load(const Sources& sources) {
  Loaded loaded;
  FAIRLEAD_ASSIGN(const Arguments arguments, ArgumentParser(sources, loaded).Parse());
  std::string file = sources.file;
  if (file.empty()) file = arguments.config_file;
  if (const auto found = sources.environment.find("FAIRLEAD_CONFIG");
      file.empty() && found != sources.environment.end()) {
    file = found->second;
  }
  if (!file.empty()) FAIRLEAD_RETURN_IF_ERROR(ApplyFile(file, loaded));
  FAIRLEAD_RETURN_IF_ERROR(ApplyEnvironment(sources.environment, loaded));
  for (const auto& [key, given] : arguments.values) {
    FAIRLEAD_RETURN_IF_ERROR(Set(*key, given, loaded));
  }
  FAIRLEAD_RETURN_IF_ERROR(CheckWhole(loaded));
  return loaded;
}

std::map<std::string, std::string> ProcessEnvironment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const size_t equals = text.find('=');
    if (!text.starts_with(kPrefix) || equals == std::string_view::npos) continue;
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

Result<std::string> DatabaseUrl(const HubConfig& config, std::string_view service) {
  const auto found = config.services.find(service);
  if (found == config.services.end()) {
    return Fail(Code::kInvalidArgument, "CONFIG_UNKNOWN_KEY",
                "There is no service " + std::string(service));
  }
  if (found->second.engine == Engine::kSqlite) {
    return "sqlite:" + config.data_dir + "/" + std::string(service) + ".db";
  }
  FAIRLEAD_ASSIGN(const std::string url, ReadSecret(found->second.database_url_file));
  return "postgres:" + url;
}

bool IsUnixAddress(std::string_view address) { return address.starts_with("unix:"); }

std::string PublicUrl(const HubConfig& config) {
  if (!config.public_url.empty()) return config.public_url;
  const std::string scheme = config.tls_certificate_file.empty() ? "http://" : "https://";
  const Result<HostPort> listen = ParseHostPort(config.listen);
  const bool loopback = listen && (listen->host.starts_with("127.") || listen->host == "::1");
  return scheme + (loopback ? "localhost:" + std::to_string(listen->port) : config.listen);
}

std::string ServiceAddress(const HubConfig& config, std::string_view service) {
  const auto found = config.services.find(service);
  if (found != config.services.end() && !found->second.address.empty()) {
    return found->second.address;
  }
  return "unix:" + config.data_dir + "/run/hub.sock";
}

std::string ExampleToml() {
  std::string text = "# Fairlead configuration. Every key is shown with its default.\n";
  std::string table;
  const HubConfig defaults;
  for (const Key& key : Keys()) {
    const size_t dot = key.path.rfind('.');
    const std::string own_table = dot == std::string::npos ? "" : key.path.substr(0, dot);
    if (own_table != table) {
      table = own_table;
      text += "\n[" + table + "]\n";
    }
    std::string note = key.meaning;
    if (key.kind == Kind::kInteger) {
      note += " (" + std::to_string(key.min) + " to " + std::to_string(key.max) + ")";
    }
    text += "# " + note + "\n";
    text += key.path.substr(dot == std::string::npos ? 0 : dot + 1) + " = " +
            TomlValue(key, defaults) + "\n";
  }
  return text;
}

std::optional<std::array<int64_t, 4>> ReadSteps(std::string_view text, int64_t max) {
  const std::vector<std::string> words = Split(text, ' ');
  std::array<int64_t, 4> steps{};
  if (words.size() != steps.size()) return std::nullopt;
  int64_t before = 0;
  for (size_t i = 0; i < steps.size(); ++i) {
    const std::string& word = words[i];
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), steps[i]);
    if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
    if (steps[i] <= before || steps[i] > max) return std::nullopt;
    before = steps[i];
  }
  return steps;
}

Result<HostPort> ParseHostPort(std::string_view text) {
  const auto refuse = [] {
    return Fail(Code::kInvalidArgument, "INVALID_ADDRESS", "An address is HOST:PORT");
  };
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || text.size() > 300) return refuse();
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.starts_with('[') != host.ends_with(']')) return refuse();
  if (host.starts_with('[')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return refuse();
  }
  HostPort result;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), result.port);
  if (host.empty() || port.empty() || error != std::errc() || end != port.data() + port.size()) {
    return refuse();
  }
  result.host = host;
  return result;
}

}  // namespace fairlead::config
