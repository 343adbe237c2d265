// The serving half: gRPC's callback API and the storage layer's writer, and nothing between them.
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/codegen/service_type.h>
#include <unistd.h>

#include <cstdio>

#include "services/common/base/clock.h"
#include "services/common/base/ids.h"
#include "services/common/base/random.h"
#include "services/common/outbox/outbox.h"
#include "services/common/storage/database.h"
#include "tests/bench/ceiling.h"
#include "tests/bench/ceiling_methods.h"

namespace fairlead::bench {
namespace {

constexpr char kSchema[] = R"(
CREATE TABLE item (
  id TEXT PRIMARY KEY,
  agency_id TEXT NOT NULL,
  due_ms INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX item_by_agency ON item (agency_id, id);
CREATE INDEX item_due ON item (due_ms);
)";

const storage::Migrations& CeilingMigrations() {
  static const storage::Migrations migrations{
      .service = "ceiling", .sqlite = {{1, "001_item.sql", kSchema}}, .postgres = {}};
  return migrations;
}

using Bytes = grpc::ByteBuffer;
using Serve = std::function<grpc::ServerUnaryReactor*(grpc::CallbackServerContext*, const Bytes*,
                                                      Bytes*)>;

class CeilingService final : public grpc::Service {
 public:
  explicit CeilingService(storage::Database& database)
      : database_(database), ids_(SystemClock(), SystemRandom()), agency_id_(ids_.New()) {
    Add(kEchoMethod, [](grpc::CallbackServerContext* context, const Bytes* in, Bytes* out) {
      *out = *in;
      grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
      reactor->Finish(grpc::Status::OK);
      return reactor;
    });
    Add(kDurableMethod, [this](grpc::CallbackServerContext* context, const Bytes* in, Bytes* out) {
      return Insert(context, *in, out);
    });
  }

 private:
  void Add(const char* name, Serve serve) {
    AddMethod(new grpc::internal::RpcServiceMethod(name, grpc::internal::RpcMethod::NORMAL_RPC,
                                                   nullptr));
    MarkMethodRawCallback(
        count_++, new grpc::internal::CallbackUnaryHandler<Bytes, Bytes>(std::move(serve)));
  }

  grpc::ServerUnaryReactor* Insert(grpc::CallbackServerContext* context, const Bytes& in,
                                   Bytes* out) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    grpc::Slice whole;
    if (!in.DumpToSingleSlice(&whole).ok()) {
      reactor->Finish(grpc::Status(grpc::StatusCode::INTERNAL, "unreadable"));
      return reactor;
    }
    std::string id = ids_.New();
    const int64_t now_ms = SystemClock().NowMs();
    std::string body(reinterpret_cast<const char*>(whole.begin()), whole.size());
    std::string envelope = body.substr(0, kEnvelopeBytes);
    const grpc::Slice answer(id);
    *out = Bytes(&answer, 1);
    database_.Write(
        [this, id = std::move(id), now_ms, body = storage::Blob{std::move(body)},
         envelope = storage::Blob{std::move(envelope)}](storage::Transaction& tx) -> Result<void> {
          FAIRLEAD_RETURN_IF_ERROR(
              tx.Execute("INSERT INTO item (id, agency_id, due_ms, body) VALUES ($1, $2, $3, $4)",
                         {id, agency_id_, now_ms, body}));
          FAIRLEAD_RETURN_IF_ERROR(tx.Execute(
              "INSERT INTO outbox (time_ms, envelope) VALUES ($1, $2)", {now_ms, envelope}));
          return {};
        },
        [reactor](Result<void> written) {
          reactor->Finish(written ? grpc::Status::OK
                                  : grpc::Status(grpc::StatusCode::INTERNAL,
                                                 written.error().reason));
        });
    return reactor;
  }

  storage::Database& database_;
  IdGenerator ids_;
  const std::string agency_id_;
  int count_ = 0;
};

}  // namespace

int ServeCeiling(const std::string& socket, const std::string& folder) {
  auto database = storage::OpenDatabase({.url = "sqlite:" + folder + "/ceiling.db"},
                                        {outbox::OutboxMigrations(), CeilingMigrations()});
  if (!database) {
    std::fprintf(stderr, "bench: %s\n", database.error().message.c_str());
    return 1;
  }
  CeilingService service(**database);
  grpc::ServerBuilder builder;
  builder.AddListeningPort("unix:" + socket, grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!server) return 1;
  std::puts("ready");
  std::fflush(stdout);
  char unused[64];
  while (read(STDIN_FILENO, unused, sizeof unused) > 0) continue;
  server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
  (*database)->Close();
  return 0;
}

}  // namespace fairlead::bench
