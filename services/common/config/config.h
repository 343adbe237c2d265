// The configuration of a Fairlead process, typed. Where a value comes from, strongest first:
//
//   flags (--listen 127.0.0.1:0) > environment (FAIRLEAD_LISTEN) > TOML file > default
//
// Every key has one name in three spellings: `log.level` in the file (a table [log] with the key
// level), FAIRLEAD_LOG_LEVEL in the environment, --log-level as a flag. A key that does not exist
// is an error that names the nearest one. Secrets are never values: a key ending in `_file` names
// a file that holds one (secret_file.h).
//
//   config::Sources sources;
//   sources.environment = config::ProcessEnvironment();
//   sources.arguments = {"--data", "/var/lib/fairlead", "--demo"};
//   sources.switches = {"--demo"};
//   FAIRLEAD_ASSIGN(config::Loaded loaded, config::Load(sources));
//   Serve(loaded.config.listen, loaded.given.contains("--demo"));
#ifndef SERVICES_COMMON_CONFIG_CONFIG_H_
#define SERVICES_COMMON_CONFIG_CONFIG_H_

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/calendar/business_time.h"

namespace fairlead::config {

enum class Engine { kSqlite, kPostgres };
enum class RedisMode {
  kPrivate,  // a redis-server of our own, as a child, on a Unix socket in the data folder
  kSocket,   // an existing one, on the Unix socket redis.socket
};
enum class LogLevel { kDebug, kInfo, kWarn, kError };
enum class LogFormat { kLogfmt, kJson };

struct LogConfig {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kLogfmt;
};

struct RedisConfig {
  RedisMode mode = RedisMode::kPrivate;
  // Mode "socket": an absolute path. Who may use Redis is who may open the socket.
  std::string socket;
};

// One service's own database and address. Empty strings mean the default beside them.
struct ServiceConfig {
  Engine engine = Engine::kSqlite;
  std::string database_url_file;  // engine "postgres": holds a libpq connection string
  std::string address;            // where others reach it; default "unix:DATA/run/hub.sock"
};

// An upper bound on everything that comes in.
struct LimitsConfig {
  int64_t connections = 1024;
  int64_t connections_per_client = 256;  // by address
  // Sustained, and at once. An address may be a whole office: one that opens its day together.
  int64_t requests_per_s = 100;
  int64_t request_burst = 1000;
  int64_t sign_in_calls_per_s = 2;  // by address, calls without a session
  int64_t sign_in_call_burst = 120;
  int64_t agency_requests_per_s = 50;  // by agency, hotline operators apart
  int64_t agency_request_burst = 500;
  int64_t staff_requests_per_s = 5;
  int64_t staff_request_burst = 60;  // a screen opens with a dozen calls
  int64_t calls_in_flight = 1024;
  int64_t event_streams = 2000;  // server-sent event streams at once
  int64_t record_opens_per_day = 300;  // packets that one staff member opens in 24 h
  int64_t audit_exports_per_day = 3;   // of one staff member, in 24 h
};

// How long an offer waits, by urgency: until the receiving agency is reminded, its administrators
// are told, the coalition's coordinators are told, and the offer ends. As ReadSteps reads them.
struct ClocksConfig {
  std::string emergency_min = "15 30 60 240";     // minutes, round the clock
  std::string urgent_min = "240 720 1440 2880";   // the same
  std::string standard_days = "1 2 3 7";          // days of work
  calendar::BusinessTimeText business = {};       // which those are
};

// From which age a minor may sign a release alone, by what is released under it, and from which age
// a minor must sign beside a guardian. As ReadStateAges reads them; a state that is not named keeps
// the strict rule: never alone, always beside.
struct MinorsConfig {
  std::string alone_victim_services;
  std::string alone_health;
  std::string alone_mental_health;
  std::string alone_substance_use;
  std::string alone_legal;
  std::string alone_benefits;
  std::string cosign;
};

struct HubConfig {
  std::string data_dir = "data";           // made on first use, mode 0700
  std::string listen = "127.0.0.1:7420";   // the gateway; port 0: any free one
  std::string admin_listen;                // Prometheus metrics; empty: none. Keep it private
  std::string rpc_listen;                  // gRPC; empty: "unix:DATA/run/hub.sock". Never public
  std::string rpc_authorities_file;        // PEM; with the next two: mutual TLS between machines
  std::string rpc_certificate_file;        // PEM
  std::string rpc_key_file;                // PEM
  std::string public_url;                  // as browsers see it; empty: see PublicUrl
  std::string trusted_proxy;               // front proxies' addresses and networks; empty: none
  std::string tls_certificate_file;        // PEM; with the key: the gateway speaks TLS itself
  std::string tls_key_file;                // PEM
  std::string tls_client_ca_file;          // PEM; empty: no client certificates
  int64_t drain_s = 10;                    // grace for calls in flight at a stop
  int64_t hold_s = 5400;                   // until a held bed lapses, unless its holder says
  LogConfig log;
  RedisConfig redis;
  LimitsConfig limits;
  ClocksConfig clocks;
  MinorsConfig minors;
  // Keys: identity, directory, consent, referral, messaging, audit. Always all of them.
  std::map<std::string, ServiceConfig, std::less<>> services;

  HubConfig();
};

struct Sources {
  std::string file;  // empty: --config, else FAIRLEAD_CONFIG, else no file
  std::map<std::string, std::string> environment;  // variables not starting FAIRLEAD_ are ignored
  std::vector<std::string> arguments;              // without the program's name and verb
  std::set<std::string> switches;  // flags without a value that are the caller's own
};

struct Loaded {
  HubConfig config;
  std::set<std::string> given;                // those of `switches` that were given
  std::vector<std::string> positional;        // arguments that are not flags
  std::map<std::string, std::string> origin;  // key → "fairlead.toml:3", "--listen", …
};

// Reads, checks and merges everything. The first error names key, place (file and line, variable
// or flag) and what is allowed. Reasons (all INVALID_ARGUMENT): CONFIG_FILE_UNREADABLE,
// CONFIG_SYNTAX, CONFIG_UNKNOWN_KEY, CONFIG_UNKNOWN_FLAG, CONFIG_WRONG_TYPE,
// CONFIG_OUT_OF_RANGE, CONFIG_INCOMPLETE (two keys that do not fit together). Metadata: key, and
// for a file: file, line.
Result<Loaded> Load(const Sources& sources);

// This process's variables, for Sources::environment.
std::map<std::string, std::string> ProcessEnvironment();

// "sqlite:DATA/referral.db", or "postgres:" and the contents of the service's database_url_file.
// Errors: CONFIG_UNKNOWN_KEY (no such service) and ReadSecret's.
Result<std::string> DatabaseUrl(const HubConfig& config, std::string_view service);

// The service's address, or the hub's own socket: "unix:DATA/run/hub.sock".
std::string ServiceAddress(const HubConfig& config, std::string_view service);

// Whether the kernel says who is at the other end: a Unix socket. Any user of the machine can
// listen at a loopback port while a service restarts.
bool IsUnixAddress(std::string_view address);

// public_url, or what follows from `listen`: "http://localhost:7420" for a loopback address
// (browsers offer passkeys to names, not to numbers), else "http://LISTEN", https with a
// certificate.
std::string PublicUrl(const HubConfig& config);

// Every key with its default and meaning, as a commented TOML file that loads as it is.
std::string ExampleToml();

// "15 30 60 240": four whole numbers from 1 to `max`, each larger than the one before; nullopt:
// something else.
std::optional<std::array<int64_t, 4>> ReadSteps(std::string_view text, int64_t max);
inline constexpr int64_t kMaxStepMinutes = 30 * 24 * 60;

struct HostPort {
  std::string host;  // without brackets for IPv6
  uint16_t port = 0;
};
// "127.0.0.1:7420", "[::1]:0". Error: INVALID_ADDRESS.
Result<HostPort> ParseHostPort(std::string_view text);

}  // namespace fairlead::config

#endif  // SERVICES_COMMON_CONFIG_CONFIG_H_
