// Wiring only.
#include <filesystem>
#include <string>
#include <utility>

#include "services/common/audit/audit.h"
#include "services/common/audit/denials.h"
#include "services/common/base/periodic.h"
#include "services/common/events/consumer.h"
#include "services/common/outbox/outbox.h"
#include "services/common/rpc/mutate.h"
#include "services/common/storage/database.h"
#include "services/messaging/commands/after_restore.h"
#include "services/messaging/consumers/apply_events.h"
#include "services/messaging/messaging_server.h"
#include "services/messaging/migrations.h"
#include "services/messaging/service.h"

namespace fairlead::messaging {
namespace {

using fairlead::events::v1::EventEnvelope;

// As the clocks of offers: due at a wall time, and the wall clock may be set, so it is looked at.
// Four looks into two indexes a second, for a promise of one second.
constexpr int64_t kLookEveryMs = 250;
constexpr int64_t kEraseEveryMs = 15'000;
constexpr int kRoundsAtOnce = 50;

// Until nothing is left to do. What fails is tried again the next time: what is over is over for
// every command anyway.
template <class Round>
void DoRounds(const Round& round) {
  for (int i = 0; i < kRoundsAtOnce; ++i) {
    const auto handled = round();
    if (!handled || *handled == 0) return;
  }
}

class MessagingService final : public host::Service {
 public:
  MessagingService(const host::Environment& env, std::unique_ptr<storage::Database> database)
      : database_(std::move(database)),
        denials_(*database_, env.ids, env.clock),
        server_(*database_, env.services, env.clock, env.random, env.ids),
        relay_(outbox::StartRelay(
            *database_,
            {.service = kServiceName, .redis_socket = env.redis_socket, .event_key = env.event_key},
            env.clock)),
        clocks_(kLookEveryMs, [this] { DoRounds([this] { return server_.RunClocks(); }); }),
        erasing_(kEraseEveryMs, [this] { DoRounds([this] { return server_.EraseExpired(); }); }) {
    server_.Register(env.registry);
    if (env.denials != nullptr) env.denials->Route("/fairlead.messaging.v1.", denials_);
    Follow(env, "directory", &ApplyDirectoryEvent);
    Follow(env, "identity", &ApplyIdentityEvent);
  }

  Result<void> AfterRestore(const std::vector<ErasedRecord>& erased) {
    return server_.AfterRestore(erased);
  }

  std::string_view name() const override { return kServiceName; }
  storage::Database& database() override { return *database_; }

  void Stop() override {
    clocks_.Stop();
    erasing_.Stop();
    for (const auto& consumer : consumers_) consumer->Stop();
    denials_.Stop();
    relay_->Stop();
    database_->Close();
  }

  std::map<std::string, int64_t> Gauges() const override {
    const outbox::RelayStatus status = relay_->status();
    std::map<std::string, int64_t> gauges = {{"outbox_last", status.last_sequence},
                                             {"outbox_published", status.published_sequence}};
    int64_t dead = 0;
    for (const auto& consumer : consumers_) dead += consumer->status().dead_letters;
    gauges["dead_letters"] = dead;
    return gauges;
  }

 private:
  void Follow(const host::Environment& env, const std::string& stream, events::Apply apply) {
    consumers_.push_back(events::StartConsumer(*database_,
                                               {.name = kServiceName,
                                                .stream = stream,
                                                .redis_socket = env.redis_socket,
                                                .event_key = env.event_key},
                                               std::move(apply), env.clock));
  }

  const std::unique_ptr<storage::Database> database_;
  audit::DenialWriter denials_;
  MessagingServer server_;
  const std::unique_ptr<outbox::Relay> relay_;
  std::vector<std::unique_ptr<events::Consumer>> consumers_;
  Periodic clocks_;
  Periodic erasing_;
};

Result<std::unique_ptr<storage::Database>> OpenMessaging(const std::string& url) {
  return storage::OpenDatabase(
      {.url = url}, {outbox::OutboxMigrations(), audit::AuditMigrations(),
                     events::InboxMigrations(), rpc::IdempotencyMigrations(), Migrations()});
}

// Of the database that a restore has moved aside; nothing, on a machine that had none.
Result<std::vector<ErasedRecord>> ReadMovedAside(const host::Environment& env) {
  const std::string path = env.replaced_dir + "/messaging.db";
  if (env.replaced_dir.empty() || !std::filesystem::exists(path)) {
    return std::vector<ErasedRecord>();
  }
  FAIRLEAD_ASSIGN(const std::unique_ptr<storage::Database> replaced,
                  OpenMessaging("sqlite:" + path));
  std::function<Result<std::vector<ErasedRecord>>(storage::ReadTransaction&)> read = &ReadErased;
  Result<std::vector<ErasedRecord>> erased =
      SyncWait(replaced->Read<std::vector<ErasedRecord>>(read));
  replaced->Close();
  return erased;
}

}  // namespace

Result<std::unique_ptr<host::Service>> StartMessagingService(const host::Environment& env) {
  FAIRLEAD_ASSIGN(const std::vector<ErasedRecord> erased, ReadMovedAside(env));
  FAIRLEAD_ASSIGN(std::unique_ptr<storage::Database> database, OpenMessaging(env.database_url));
  auto service = std::make_unique<MessagingService>(env, std::move(database));
  if (env.after_restore) FAIRLEAD_RETURN_IF_ERROR(service->AfterRestore(erased));
  return service;
}

}  // namespace fairlead::messaging
