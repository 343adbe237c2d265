#include "services/common/config/keys.h"

#include <charconv>
#include <optional>

#include "services/common/config/state_ages.h"

namespace fairlead::config {
namespace {

template <class Access>
Key Text(std::string path, Kind kind, Access access, std::string meaning) {
  Key key;
  key.path = std::move(path);
  key.kind = kind;
  key.meaning = std::move(meaning);
  key.text = access;
  return key;
}

template <class Access>
Key Integer(std::string path, int64_t min, int64_t max, Access access, std::string meaning) {
  Key key;
  key.path = std::move(path);
  key.kind = Kind::kInteger;
  key.min = min;
  key.max = max;
  key.meaning = std::move(meaning);
  key.integer = access;
  return key;
}

// `access` gives a reference to an enum whose values are 0, 1, … in the order of `choices`.
template <class Access>
Key Choice(std::string path, std::vector<std::string> choices, Access access,
           std::string meaning) {
  Key key;
  key.path = std::move(path);
  key.kind = Kind::kChoice;
  key.choices = std::move(choices);
  key.meaning = std::move(meaning);
  key.choose = [access](HubConfig& config, size_t index) {
    auto& place = access(config);
    place = static_cast<std::remove_reference_t<decltype(place)>>(index);
  };
  key.chosen = [access](const HubConfig& config) {
    HubConfig copy = config;
    return static_cast<size_t>(access(copy));
  };
  return key;
}

void AddProcessKeys(std::vector<Key>& keys) {
  using C = HubConfig;
  keys.push_back(Text("data_dir", Kind::kText, [](C& c) -> auto& { return c.data_dir; },
                      "Databases, keys and sockets. Made on first use, mode 0700."));
  keys.push_back(Text("listen", Kind::kAddress, [](C& c) -> auto& { return c.listen; },
                      "The gateway, HOST:PORT. Port 0 takes any free one."));
  keys.push_back(Text("admin_listen", Kind::kAddress,
                      [](C& c) -> auto& { return c.admin_listen; },
                      "Prometheus metrics, HOST:PORT. Empty: none. Keep it on a private network."));
  keys.push_back(Text("rpc_listen", Kind::kText, [](C& c) -> auto& { return c.rpc_listen; },
                      "gRPC. Empty: unix:DATA/run/hub.sock. Never on a public network."));
  keys.push_back(Text("rpc_authorities_file", Kind::kText,
                      [](C& c) -> auto& { return c.rpc_authorities_file; },
                      "PEM. With the next two: mutual TLS between the hub's machines; see "
                      "`fairlead pki`. All three are read again every minute."));
  keys.push_back(Text("rpc_certificate_file", Kind::kText,
                      [](C& c) -> auto& { return c.rpc_certificate_file; }, "PEM."));
  keys.push_back(Text("rpc_key_file", Kind::kText,
                      [](C& c) -> auto& { return c.rpc_key_file; }, "PEM."));
  keys.push_back(Text("public_url", Kind::kUrl, [](C& c) -> auto& { return c.public_url; },
                      "The hub's address as browsers see it. Empty: LISTEN, with localhost for a "
                      "loopback address. Passkeys belong to its host name."));
  keys.push_back(Text("trusted_proxy", Kind::kText,
                      [](C& c) -> auto& { return c.trusted_proxy; },
                      "Front proxies whose X-Forwarded-For is believed: addresses and networks, "
                      "with commas. Empty: none, and all behind one proxy count as one address."));
  keys.push_back(Text("tls_certificate_file", Kind::kText,
                      [](C& c) -> auto& { return c.tls_certificate_file; },
                      "PEM, with its chain. Empty: plain HTTP, for a front proxy that ends TLS."));
  keys.push_back(Text("tls_key_file", Kind::kText, [](C& c) -> auto& { return c.tls_key_file; },
                      "PEM."));
  keys.push_back(Text("tls_client_ca_file", Kind::kText,
                      [](C& c) -> auto& { return c.tls_client_ca_file; },
                      "PEM: who signs machine clients' certificates. Empty: none are asked for."));
  keys.push_back(Integer("drain_s", 0, 600, [](C& c) -> auto& { return c.drain_s; },
                         "Seconds that calls in flight get to finish at a stop."));
  keys.push_back(Integer("hold_s", 60, 86'400, [](C& c) -> auto& { return c.hold_s; },
                         "Seconds until a held bed lapses, unless its holder says otherwise."));
  keys.push_back(Choice("log.level", {"debug", "info", "warn", "error"},
                        [](C& c) -> auto& { return c.log.level; }, "The least that is logged."));
  keys.push_back(Choice("log.format", {"logfmt", "json"},
                        [](C& c) -> auto& { return c.log.format; }, "One line an event."));
  keys.push_back(Choice("redis.mode", {"private", "socket"},
                        [](C& c) -> auto& { return c.redis.mode; },
                        "private: a redis-server of our own. socket: the one at redis.socket."));
  keys.push_back(Text("redis.socket", Kind::kText, [](C& c) -> auto& { return c.redis.socket; },
                      "Unix socket of an existing Redis 7."));
}

void AddLimitKeys(std::vector<Key>& keys) {
  const auto limit = [&keys](const char* path, int64_t max, int64_t LimitsConfig::*member,
                             const char* meaning) {
    keys.push_back(Integer(path, 1, max,
                           [member](HubConfig& c) -> int64_t& { return c.limits.*member; },
                           meaning));
  };
  limit("limits.connections", 100'000, &LimitsConfig::connections, "Open connections.");
  limit("limits.connections_per_client", 100'000, &LimitsConfig::connections_per_client,
        "Open connections of one address; twice as many of an IPv6 /48.");
  limit("limits.requests_per_s", 1'000'000, &LimitsConfig::requests_per_s,
        "Sustained requests of one address.");
  limit("limits.request_burst", 1'000'000, &LimitsConfig::request_burst,
        "Requests of one address at once.");
  limit("limits.sign_in_calls_per_s", 1'000'000, &LimitsConfig::sign_in_calls_per_s,
        "Sustained calls without a session of one address.");
  limit("limits.sign_in_call_burst", 1'000'000, &LimitsConfig::sign_in_call_burst,
        "Calls without a session of one address at once.");
  limit("limits.agency_requests_per_s", 1'000'000, &LimitsConfig::agency_requests_per_s,
        "Sustained calls of one agency's people; hotline operators do not count.");
  limit("limits.agency_request_burst", 1'000'000, &LimitsConfig::agency_request_burst,
        "Calls of one agency's people at once.");
  limit("limits.staff_requests_per_s", 1'000'000, &LimitsConfig::staff_requests_per_s,
        "Sustained calls of one person.");
  limit("limits.staff_request_burst", 1'000'000, &LimitsConfig::staff_request_burst,
        "Calls of one person at once.");
  limit("limits.calls_in_flight", 65'536, &LimitsConfig::calls_in_flight,
        "Calls being answered at once.");
  limit("limits.event_streams", 100'000, &LimitsConfig::event_streams,
        "Live event streams at once; half of the connections at most.");
  limit("limits.record_opens_per_day", 1'000'000, &LimitsConfig::record_opens_per_day,
        "Packets that one staff member opens in 24 hours.");
  limit("limits.audit_exports_per_day", 1'000, &LimitsConfig::audit_exports_per_day,
        "Exports of the audit trail by one person in 24 hours.");
}

void AddClockKeys(std::vector<Key>& keys) {
  const auto steps = [&keys](const char* path, int64_t max, std::string ClocksConfig::*member,
                             const char* meaning) {
    Key key = Text(path, Kind::kText,
                   [member](HubConfig& c) -> auto& { return c.clocks.*member; }, meaning);
    key.must_be = [max](const std::string& text) -> std::string {
      if (ReadSteps(text, max)) return "";
      return "must be four whole numbers, each larger than the one before, up to " +
             std::to_string(max) + ", such as \"1 2 3 7\"";
    };
    keys.push_back(std::move(key));
  };
  steps("clocks.emergency_min", kMaxStepMinutes, &ClocksConfig::emergency_min,
        "Minutes until an offer's recipient is reminded, its administrators are told, the "
        "coordinators are told, and it ends.");
  steps("clocks.urgent_min", kMaxStepMinutes, &ClocksConfig::urgent_min, "The same.");
  steps("clocks.standard_days", calendar::kMaxBusinessDays, &ClocksConfig::standard_days,
        "The same in days of work, which the next four keys say.");
  using Business = calendar::BusinessTimeText;
  const auto business = [&keys](const char* path, std::string Business::*member, std::string form,
                                const char* meaning) {
    Key key = Text(path, Kind::kText,
                   [member](HubConfig& c) -> auto& { return c.clocks.business.*member; }, meaning);
    key.must_be = [member, form = std::move(form)](const std::string& text) {
      Business one;  // the other three are right
      one.*member = text;
      return calendar::BusinessTime::Read(one) ? "" : "must be " + form;
    };
    keys.push_back(std::move(key));
  };
  business("clocks.zone", &Business::zone, "a time zone such as America/Chicago",
           "The coalition's, by its IANA name.");
  business("clocks.business_days", &Business::days, "days with commas, such as MO,TU,WE,TH,FR",
           "MO TU WE TH FR SA SU, with commas.");
  business("clocks.business_hours", &Business::hours, "HH:MM-HH:MM within one day",
           "An offer that is sent outside of them counts from the next opening.");
  business("clocks.holidays", &Business::holidays,
           "at most 100 dates with commas, such as 2026-11-26,2026-12-25",
           "Dates that are no days of work, with commas.");
}

void AddMinorsKeys(std::vector<Key>& keys) {
  const auto ages = [&keys](const char* name, std::string MinorsConfig::*member,
                            const char* meaning) {
    Key key = Text(std::string("consent.minors.") + name, Kind::kText,
                   [member](HubConfig& c) -> auto& { return c.minors.*member; }, meaning);
    key.must_be = [](const std::string& text) -> std::string {
      const auto read = ReadStateAges(text);
      return read ? "" : read.error().message;
    };
    keys.push_back(std::move(key));
  };
  ages("alone_victim_services", &MinorsConfig::alone_victim_services,
       "For counsel to fill in. From which age a minor may sign a release alone, by state, such as "
       "\"CA=12 TX=16\". A state that is not named: never.");
  ages("alone_health", &MinorsConfig::alone_health, "The same where health data is released.");
  ages("alone_mental_health", &MinorsConfig::alone_mental_health,
       "The same: whoever releases health data alone needs both.");
  ages("alone_substance_use", &MinorsConfig::alone_substance_use,
       "The same for records of substance use treatment (42 CFR Part 2).");
  ages("alone_legal", &MinorsConfig::alone_legal, "The same for legal and immigration matters.");
  ages("alone_benefits", &MinorsConfig::alone_benefits, "The same for benefits.");
  ages("cosign", &MinorsConfig::cosign,
       "From which age a minor must sign beside the guardian, by state; 18: never. A state that is "
       "not named: always.");
}

void AddServiceKeys(std::vector<Key>& keys) {
  for (const auto& [name, unused] : HubConfig().services) {
    const std::string table = "services." + name + ".";
    const std::string service = name;
    const auto at = [service](HubConfig& c) -> ServiceConfig& { return c.services[service]; };
    keys.push_back(Choice(table + "engine", {"sqlite", "postgres"},
                          [at](HubConfig& c) -> auto& { return at(c).engine; },
                          "sqlite: DATA/" + name + ".db."));
    keys.push_back(Text(table + "database_url_file", Kind::kText,
                        [at](HubConfig& c) -> auto& { return at(c).database_url_file; },
                        "For postgres: a file with a libpq connection string."));
    keys.push_back(Text(table + "address", Kind::kText,
                        [at](HubConfig& c) -> auto& { return at(c).address; },
                        "Where it is reached. Empty: unix:DATA/run/hub.sock."));
  }
}

std::optional<int64_t> ToInteger(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string Joined(const std::vector<std::string>& words) {
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : ", ") + word;
  return joined;
}

Result<void> ApplyInteger(const Key& key, const Given& given, HubConfig& config) {
  std::optional<int64_t> value;
  if (const auto* integer = std::get_if<int64_t>(&given.value)) {
    value = *integer;
  } else if (const auto* text = std::get_if<std::string>(&given.value); text && given.untyped) {
    value = ToInteger(*text);
  }
  if (!value) {
    return KeyError("CONFIG_WRONG_TYPE", key.path, given.origin, "must be an integer");
  }
  if (*value < key.min || *value > key.max) {
    return KeyError("CONFIG_OUT_OF_RANGE", key.path, given.origin,
                    "must be from " + std::to_string(key.min) + " to " + std::to_string(key.max) +
                        ", not " + std::to_string(*value));
  }
  key.integer(config) = *value;
  return {};
}

Result<void> CheckText(const Key& key, const std::string& text, const Origin& origin) {
  constexpr size_t kMaxTextBytes = 4096;
  if (text.size() > kMaxTextBytes || text.find('\0') != std::string::npos) {
    return KeyError("CONFIG_OUT_OF_RANGE", key.path, origin, "must be at most 4096 bytes");
  }
  if (key.kind == Kind::kAddress && !text.empty() && !ParseHostPort(text)) {
    return KeyError("CONFIG_OUT_OF_RANGE", key.path, origin,
                    "must be HOST:PORT with a port from 0 to 65535");
  }
  if (key.kind == Kind::kUrl && !text.empty() && !text.starts_with("https://") &&
      !text.starts_with("http://")) {
    return KeyError("CONFIG_OUT_OF_RANGE", key.path, origin,
                    "must begin with https:// (or http://)");
  }
  const std::string must = key.must_be ? key.must_be(text) : "";
  if (!must.empty()) return KeyError("CONFIG_OUT_OF_RANGE", key.path, origin, must);
  return {};
}

}  // namespace

const std::vector<Key>& Keys() {
  static const std::vector<Key>* const kKeys = [] {
    auto* keys = new std::vector<Key>();
    AddProcessKeys(*keys);
    AddLimitKeys(*keys);
    AddClockKeys(*keys);
    AddMinorsKeys(*keys);
    AddServiceKeys(*keys);
    return keys;
  }();
  return *kKeys;
}

const Key* FindKey(std::string_view path) {
  for (const Key& key : Keys()) {
    if (key.path == path) return &key;
  }
  return nullptr;
}

std::string EnvironmentName(const Key& key) {
  std::string name = "FAIRLEAD_";
  for (const char c : key.path) {
    name += c == '.' ? '_' : (c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return name;
}

std::string FlagName(const Key& key) {
  std::string name = "--";
  for (const char c : key.path) name += (c == '.' || c == '_') ? '-' : c;
  return name;
}

std::string TomlValue(const Key& key, const HubConfig& config) {
  HubConfig copy = config;
  if (key.kind == Kind::kInteger) return std::to_string(key.integer(copy));
  if (key.kind == Kind::kChoice) return '"' + key.choices.at(key.chosen(config)) + '"';
  return '"' + key.text(copy) + '"';
}

tl::unexpected<Error> KeyError(std::string reason, const std::string& key, const Origin& origin,
                               const std::string& message) {
  std::map<std::string, std::string> metadata{{"key", key}};
  if (!origin.file.empty()) {
    metadata["file"] = origin.file;
    metadata["line"] = std::to_string(origin.line);
  }
  return Fail(Code::kInvalidArgument, std::move(reason), origin.text + ": " + key + " " + message,
              std::move(metadata));
}

Result<void> Apply(const Key& key, const Given& given, HubConfig& config) {
  if (key.kind == Kind::kInteger) return ApplyInteger(key, given, config);
  const auto* text = std::get_if<std::string>(&given.value);
  if (!text) return KeyError("CONFIG_WRONG_TYPE", key.path, given.origin, "must be a string");
  if (key.kind == Kind::kChoice) {
    const auto found = std::find(key.choices.begin(), key.choices.end(), *text);
    if (found == key.choices.end()) {
      return KeyError("CONFIG_OUT_OF_RANGE", key.path, given.origin,
                      "must be one of: " + Joined(key.choices));
    }
    key.choose(config, static_cast<size_t>(found - key.choices.begin()));
    return {};
  }
  FAIRLEAD_RETURN_IF_ERROR(CheckText(key, *text, given.origin));
  key.text(config) = *text;
  return {};
}

}  // namespace fairlead::config
