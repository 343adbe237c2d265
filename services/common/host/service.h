// What a service is to the program that hosts it: something that opens its database, registers
// its methods, follows its events and stops in order. services/<name>/main.cc wires one up:
//
//   Result<std::unique_ptr<host::Service>> StartReferralService(const host::Environment& env);
//
// The hub starts all of them in one process; `fairlead serve referral` starts one alone.
#ifndef SERVICES_COMMON_HOST_SERVICE_H_
#define SERVICES_COMMON_HOST_SERVICE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "services/common/audit/denials.h"
#include "services/common/base/clock.h"
#include "services/common/base/ids.h"
#include "services/common/base/random.h"
#include "services/common/base/result.h"
#include "services/common/config/config.h"
#include "services/common/rpc/channel.h"
#include "services/common/rpc/method.h"
#include "services/common/storage/database.h"

namespace fairlead::host {

// What a service is given. References outlive the service.
struct Environment {
  const Clock& clock;
  Random& random;
  IdGenerator& ids;
  rpc::Registry& registry;   // the service adds its methods here, before serving starts
  rpc::Channel& services;    // reaches every service's methods, wherever they run
  std::string database_url;  // "sqlite:DIR/referral.db" or "postgres:…"
  std::string data_dir;      // for the few files a service keeps beside its database
  std::string redis_socket;
  std::string event_key;  // 32 bytes: tells our events in Redis from anybody else's
  // Where the policy's denials of the service's methods go; nullptr: nobody asks.
  audit::Denials* denials = nullptr;
  int exports_per_day = 3;         // of the audit trail, a person
  int record_opens_per_day = 300;  // packets, a person
  int64_t hold_s = 5400;           // a held bed lapses after so long, unless its holder says
  config::ClocksConfig clocks = {};  // how long an offer waits
  config::MinorsConfig minors = {};  // from which age a minor signs
  std::string public_url = {};  // the hub's address as browsers see it, "https://hub.example.org"
  // The databases were put back from a backup and have not been served since: what must not come
  // back with them ends now. May be said again after a crash.
  bool after_restore = false;
  // The folder with the databases that those took the place of; empty: there were none.
  std::string replaced_dir = {};
};

class Service {
 public:
  virtual ~Service() = default;
  virtual std::string_view name() const = 0;
  // Called after the servers have drained: stop consumers, let the relay publish, close the
  // database. Blocks. Once.
  virtual void Stop() = 0;
  // How far events have got, for health and `fairlead status`: {"outbox_last": 41, …}.
  virtual std::map<std::string, int64_t> Gauges() const { return {}; }
  // For the backup.
  virtual storage::Database& database() = 0;
};

}  // namespace fairlead::host

#endif  // SERVICES_COMMON_HOST_SERVICE_H_
