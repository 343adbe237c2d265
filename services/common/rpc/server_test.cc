// The server over real sockets: through our own channel, and through a bare gRPC client that does
// what ours would not.
#include "services/common/rpc/server.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <future>

#include "services/common/rpc/grpc_bytes.h"
#include "services/common/rpc/toy_service.h"
#include "services/common/telemetry/trace.h"
#include "services/common/testing/temp_dir.h"

namespace fairlead::rpc {
namespace {

constexpr char kTrace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

grpc::ByteBuffer Raw(const std::string& bytes) {
  grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string Text(const grpc::ByteBuffer& bytes) {
  grpc::Slice slice;
  if (!bytes.DumpToSingleSlice(&slice).ok()) return "";
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

class ServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    signer_ = *auth::OpenAssertionSigner(folder_.File("key.jwk"), SystemClock());
    verifier_ = *auth::MakeAssertionVerifier(signer_->PublicJwk(), SystemClock());
    StartWith({.listen = "unix:" + socket_});
  }
  void TearDown() override {
    toy_.Release();
    if (server_) server_->Shutdown(10'000);
  }
  void StartWith(const ServerOptions& options) {
    server_.reset();
    dispatcher_ = std::make_unique<Dispatcher>(registry_, SystemClock(), ToyOptions());
    auto server = StartServer(options, *dispatcher_, *verifier_, SystemClock());
    ASSERT_TRUE(server) << ToString(server.error());
    server_ = std::move(*server);
    channel_ = MakeGrpcChannel("unix:" + socket_, *signer_, SystemClock());
    grpc::ChannelArguments arguments;
    arguments.SetMaxSendMessageSize(-1);
    raw_ = grpc::CreateCustomChannel("unix:" + socket_, grpc::InsecureChannelCredentials(),
                                     arguments);
  }
  CallOptions Options(int64_t ms = 10'000) {
    CallOptions options;
    options.deadline_steady_ms = SystemClock().SteadyMs() + ms;
    return options;
  }
  template <class Response = Answer>
  Result<Response> Do(const std::string& method, const Message& request, CallOptions options) {
    return SyncWait(Call<Response>(*channel_, method, request, std::move(options)));
  }
  // One bare call; `prepare` may change its context. "OK" or "<code> <reason>".
  std::string RawCall(const std::string& method, const std::string& bytes,
                      const std::function<void(grpc::ClientContext&)>& prepare = {},
                      std::string* answer = nullptr) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    if (prepare) prepare(context);
    const grpc::internal::RpcMethod rpc(method.c_str(), grpc::internal::RpcMethod::NORMAL_RPC);
    grpc::ByteBuffer got;
    const grpc::Status status =
        grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
            raw_.get(), rpc, &context, Raw(bytes), &got);
    if (answer) *answer = Text(got);
    if (status.ok()) return "OK";
    const Error error = FromGrpcStatus(status);
    return std::string(CodeName(error.code)) + " " + error.reason;
  }

  const testing::TempDir folder_;
  const std::string socket_ = folder_.File("hub.sock");
  Registry registry_;
  ToyService toy_{registry_};
  std::unique_ptr<auth::AssertionSigner> signer_;
  std::unique_ptr<auth::AssertionVerifier> verifier_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Channel> channel_;
  std::shared_ptr<grpc::Channel> raw_;
};

TEST_F(ServerTest, Echoes) {
  for (const size_t size : {0UL, 1UL, 1'000UL, 100'000UL, 4'194'304UL}) {
    Echo request;
    request.set_name("n");
    request.set_content(std::string(size, '\xff'));
    const Result<Echo> answer = Do<Echo>("/toy.v1.Toy/Echo", request, Options());
    ASSERT_TRUE(answer) << ToString(answer.error());
    EXPECT_EQ(answer->content(), request.content());
  }
}

TEST_F(ServerTest, ErrorsArriveWhole) {
  const Result<Answer> answer = Do("/toy.v1.Toy/Fail", Empty(), Options());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error(),
            (Error{Code::kAborted, "ETAG_MISMATCH", "It has changed — look again.",
                   {{"etag", "7"}, {"field", "etag"}}}));
}

TEST_F(ServerTest, CarriesActorTraceAndDeadline) {
  CallOptions options = Options(5'000);
  options.actor = auth::ServiceActor("referral");
  options.traceparent = kTrace;
  const int64_t began_ms = SystemClock().SteadyMs();
  Result<Answer> answer = Do("/toy.v1.Toy/Who", Empty(), options);
  const int64_t took_ms = SystemClock().SteadyMs() - began_ms;
  ASSERT_TRUE(answer) << ToString(answer.error());
  EXPECT_EQ(answer->code(), "referral");
  EXPECT_EQ(answer->label_en(), kTrace);
  const int64_t deadline_ms = std::stoll(answer->label_es());
  // On the wire it is what was left (grpc-timeout): the way there moves it by at most the call.
  EXPECT_LE(deadline_ms, options.deadline_steady_ms + took_ms + 1);
  EXPECT_GE(deadline_ms, options.deadline_steady_ms - 100);

  options.traceparent.clear();
  answer = Do("/toy.v1.Toy/Who", Empty(), options);
  EXPECT_TRUE(telemetry::ParseTraceparent(answer->label_en()));
}

TEST_F(ServerTest, CarriesWhereAnAnonymousCallComesFrom) {
  CallOptions options = Options();
  options.actor.network = "192.0.2.7";
  const Result<Answer> answer = Do("/toy.v1.Toy/Who", Empty(), options);
  ASSERT_TRUE(answer) << ToString(answer.error());
  EXPECT_EQ(answer->open_eligibility_id(), "192.0.2.7");
  EXPECT_EQ(answer->code(), "");
  EXPECT_EQ(Do("/toy.v1.Toy/Staff", Empty(), options).error().reason, "SIGN_IN_REQUIRED")
      << "a place is not a person";
}

TEST_F(ServerTest, RefusesBadCalls) {
  const std::string echo = "/toy.v1.Toy/Echo";
  const std::string named("\x0a\x01n");
  EXPECT_EQ(RawCall(echo, named), "OK");
  EXPECT_EQ(RawCall(echo, named,
                    [](grpc::ClientContext& context) {
                      context.set_deadline(gpr_inf_future(GPR_CLOCK_REALTIME));
                    }),
            "invalid_argument DEADLINE_REQUIRED");
  EXPECT_EQ(RawCall("/toy.v1.Toy/Nothing", named), "unimplemented UNKNOWN_METHOD");
  EXPECT_EQ(RawCall("/no.such.Service/Method", named), "unimplemented UNKNOWN_METHOD");
  EXPECT_EQ(RawCall(echo, ""), "invalid_argument FIELD_REQUIRED");
  EXPECT_EQ(RawCall(echo, "\x0a\x05n"), "invalid_argument INVALID_MESSAGE");
  EXPECT_EQ(RawCall(echo, "\x0a\x01\xff"), "invalid_argument INVALID_UTF8");
  EXPECT_EQ(RawCall(echo, named + "\x78\x01"), "invalid_argument UNKNOWN_FIELD");
  EXPECT_EQ(RawCall(echo, std::string(7 * 1024 * 1024, '\0')),
            "resource_exhausted RESOURCE_EXHAUSTED");
  EXPECT_EQ(RawCall(echo, named), "OK");  // the connection is none the worse
}

TEST_F(ServerTest, BelievesNoBareHeader) {
  const auto with = [&](const std::string& method, const std::string& key,
                        const std::vector<std::string>& values) {
    return RawCall(method, "", [&](grpc::ClientContext& context) {
      for (const std::string& value : values) context.AddMetadata(key, value);
    });
  };
  const std::string who = "/toy.v1.Toy/Who";
  const std::string secret = "/other.v1.Private/Service";
  const std::string actor = "fairlead-actor";
  const std::string good = signer_->Sign(auth::ServiceActor("referral"));
  EXPECT_EQ(with(secret, actor, {good}), "OK");
  EXPECT_EQ(with(secret, actor, {signer_->Sign(auth::Actor(), "referral")}), "OK");
  EXPECT_EQ(with(secret, "fairlead-service", {"referral"}), "permission_denied SERVICES_ONLY");
  EXPECT_EQ(with(secret, actor, {signer_->Sign(auth::ServiceActor("gateway"))}),
            "permission_denied SERVICES_ONLY");
  EXPECT_EQ(with(secret, actor, {"referral"}), "unauthenticated ACTOR_ASSERTION_INVALID");
  EXPECT_EQ(with(who, actor, {good, good}), "unauthenticated ACTOR_ASSERTION_INVALID");
  EXPECT_EQ(with(who, actor, {""}), "unauthenticated ACTOR_ASSERTION_MISSING");
  std::string forged = good;
  forged[forged.size() / 2] = forged[forged.size() / 2] == 'A' ? 'B' : 'A';
  EXPECT_EQ(with(who, actor, {forged}), "unauthenticated ACTOR_ASSERTION_INVALID");
  EXPECT_EQ(with(who, actor, {}), "OK");  // nobody, for what is open to nobody
  EXPECT_EQ(with("/toy.v1.Toy/Staff", actor, {}), "unauthenticated SIGN_IN_REQUIRED");
  EXPECT_TRUE(with(who, "x-large", {std::string(20'000, 'x')}).starts_with("resource_exhausted"));
}

TEST_F(ServerTest, ManyAtOnce) {
  constexpr int kInFlight = 64;
  constexpr int kCalls = 4'000;
  std::atomic<int> next = 0;
  std::atomic<int> wrong = 0;
  std::atomic<int> running = kInFlight;
  std::promise<void> done;
  std::function<void()> one = [&] {
    const int number = next++;
    if (number >= kCalls) {
      if (--running == 0) done.set_value();
      return;
    }
    auto request = std::make_shared<Echo>();
    request->set_name(std::to_string(number));
    request->set_content(std::string(static_cast<size_t>(number % 3'000), 'x'));
    CallOptions options = Options(60'000);
    options.actor = auth::ServiceActor("caller-" + std::to_string(number % 7));
    Start(Call<Echo>(*channel_, "/toy.v1.Toy/Echo", *request, options),
          [&, request](Result<Echo> answer) {
            if (!answer || answer->SerializeAsString() != request->SerializeAsString()) ++wrong;
            one();
          });
  };
  for (int i = 0; i < kInFlight; ++i) one();
  done.get_future().wait();
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(dispatcher_->WaitIdle(5'000));
}

TEST_F(ServerTest, ACancelledCallEndsForBoth) {
  grpc::ClientContext context;
  std::promise<grpc::StatusCode> ended;
  grpc::GenericStub stub(raw_);
  const grpc::ByteBuffer request = Raw("");
  grpc::ByteBuffer answer;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  stub.UnaryCall(&context, "/toy.v1.Toy/Hold", grpc::StubOptions(), &request, &answer,
                 [&](grpc::Status status) { ended.set_value(status.error_code()); });
  toy_.WaitHeld(1);
  context.TryCancel();
  EXPECT_EQ(ended.get_future().get(), grpc::StatusCode::CANCELLED);
  EXPECT_FALSE(dispatcher_->Idle());  // the method goes on to its end
  toy_.Release();
  EXPECT_TRUE(dispatcher_->WaitIdle(5'000));
  EXPECT_EQ(RawCall("/toy.v1.Toy/Who", ""), "OK");
}

TEST_F(ServerTest, ADeadlineEndsTheWait) {
  const Result<Answer> answer = Do("/toy.v1.Toy/Hold", Empty(), Options(50));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kDeadlineExceeded);
  EXPECT_EQ(answer.error().reason, "DEADLINE_EXCEEDED");
  EXPECT_EQ(Do("/toy.v1.Toy/Who", Empty(), Options(0)).error().reason, "DEADLINE_EXCEEDED");
  EXPECT_EQ(Do("/toy.v1.Toy/Who", Empty(), CallOptions()).error().reason, "DEADLINE_REQUIRED");
}

// HealthCheckRequest {service = 1} → HealthCheckResponse {status = 1}: 1 SERVING, 2 NOT_SERVING.
TEST_F(ServerTest, DrainsWhatIsInFlight) {
  const auto health = [&](const std::string& service) {
    std::string answer;
    const std::string request =
        service.empty() ? "" : "\x0a" + std::string(1, static_cast<char>(service.size())) + service;
    const std::string outcome = RawCall("/grpc.health.v1.Health/Check", request, {}, &answer);
    return outcome == "OK" ? answer : outcome;
  };
  EXPECT_EQ(health(""), "\x08\x01");
  EXPECT_EQ(health("toy.v1.Toy"), "\x08\x01");
  EXPECT_EQ(health("other.v1.Private"), "\x08\x01");
  EXPECT_EQ(health("no.such.Service").substr(0, 9), "not_found");

  std::promise<Result<Answer>> held;
  const Empty request;
  Start(Call<Answer>(*channel_, "/toy.v1.Toy/Hold", request, Options()),
        [&](Result<Answer> answer) { held.set_value(std::move(answer)); });
  toy_.WaitHeld(1);
  std::future<void> shutdown =
      std::async(std::launch::async, [&] { server_->Shutdown(10'000); });
  while (RawCall("/toy.v1.Toy/Who", "") == "OK") std::this_thread::yield();
  EXPECT_EQ(RawCall("/toy.v1.Toy/Who", ""), "unavailable SHUTTING_DOWN");
  EXPECT_EQ(health(""), "\x08\x02");
  EXPECT_EQ(health("toy.v1.Toy"), "\x08\x02");
  toy_.Release();
  EXPECT_TRUE(held.get_future().get());
  shutdown.get();
  EXPECT_FALSE(std::filesystem::exists(socket_));
  EXPECT_EQ(Do("/toy.v1.Toy/Who", Empty(), Options()).error().reason, "SERVICE_UNAVAILABLE");
}

TEST_F(ServerTest, TheGraceEnds) {
  std::promise<Result<Answer>> held;
  const Empty request;
  Start(Call<Answer>(*channel_, "/toy.v1.Toy/Hold", request, Options()),
        [&](Result<Answer> answer) { held.set_value(std::move(answer)); });
  toy_.WaitHeld(1);
  std::future<void> shutdown = std::async(std::launch::async, [&] { server_->Shutdown(20); });
  const Result<Answer> answer = held.get_future().get();  // for the caller it is over
  ASSERT_FALSE(answer);
  toy_.Release();
  shutdown.get();
  EXPECT_TRUE(dispatcher_->Idle());
}

TEST_F(ServerTest, RetriesUnavailableOnly) {
  toy_.flaky_failures = 3;
  EXPECT_TRUE(Do("/toy.v1.Toy/Flaky", Empty(), Options()));
  EXPECT_EQ(toy_.flaky_calls, 4);

  toy_.flaky_calls = 0;
  toy_.flaky_failures = 100;
  EXPECT_EQ(Do("/toy.v1.Toy/Flaky", Empty(), Options()).error().reason, "STORAGE_UNAVAILABLE");
  EXPECT_EQ(toy_.flaky_calls, 4);

  toy_.flaky_calls = 0;
  toy_.flaky_code = Code::kAborted;
  EXPECT_EQ(Do("/toy.v1.Toy/Flaky", Empty(), Options()).error().code, Code::kAborted);
  EXPECT_EQ(toy_.flaky_calls, 1);
}

TEST_F(ServerTest, TheSocketIsOursAlone) {
  struct stat info{};
  ASSERT_EQ(::stat(socket_.c_str(), &info), 0);
  EXPECT_TRUE(S_ISSOCK(info.st_mode));
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  // Nothing else was left beside it.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()),
                          std::filesystem::directory_iterator()),
            2);
}

TEST_F(ServerTest, ReplacesADeadSocketAndNoLivingOne) {
  Dispatcher second(registry_, SystemClock(), ToyOptions());
  const auto start = [&](const std::string& listen) {
    auto server = StartServer({.listen = listen}, second, *verifier_, SystemClock());
    return server ? "OK" : server.error().reason;
  };
  EXPECT_EQ(start("unix:" + socket_), "LISTEN_FAILED");
  EXPECT_EQ(RawCall("/toy.v1.Toy/Who", ""), "OK");
  // What a killed server leaves: a socket file without anyone behind it.
  const std::string stale = folder_.File("stale.sock");
  std::filesystem::create_hard_link(socket_, stale);
  server_->Shutdown(1'000);
  ASSERT_TRUE(std::filesystem::exists(stale));
  EXPECT_EQ(start("unix:" + stale), "OK");
  EXPECT_FALSE(std::filesystem::exists(stale));

  { std::ofstream(folder_.File("file")) << "precious"; }
  EXPECT_EQ(start("unix:" + folder_.File("file")), "LISTEN_FAILED");
  EXPECT_TRUE(std::filesystem::exists(folder_.File("file")));
  EXPECT_EQ(start("unix:" + folder_.File(std::string(120, 'x'))), "LISTEN_FAILED");
  EXPECT_EQ(start("unix:" + folder_.File("no/such/folder.sock")), "LISTEN_FAILED");
  EXPECT_EQ(start("0.0.0.0:0"), "LISTEN_FAILED");
}

TEST_F(ServerTest, ListensOnLoopback) {
  Dispatcher second(registry_, SystemClock(), ToyOptions());
  auto server = StartServer({.listen = "127.0.0.1:0"}, second, *verifier_, SystemClock());
  ASSERT_TRUE(server) << ToString(server.error());
  EXPECT_GT((*server)->port(), 0);
  const auto channel = MakeGrpcChannel("127.0.0.1:" + std::to_string((*server)->port()), *signer_,
                                       SystemClock());
  const Empty request;
  EXPECT_TRUE(SyncWait(Call<Answer>(*channel, "/toy.v1.Toy/Who", request, Options())));
}

// ServerReflectionRequest {list_services = 7}; the answer holds the names in clear.
TEST_F(ServerTest, ReflectionByConfiguration) {
  StartWith({.listen = "unix:" + socket_, .reflection = true});
  grpc::GenericStub stub(raw_);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  grpc::CompletionQueue queue;
  auto call = stub.PrepareCall(
      &context, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue);
  void* tag = nullptr;
  bool ok = false;
  call->StartCall(nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  call->Write(Raw(std::string("\x3a\x01*")), nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  grpc::ByteBuffer answer;
  call->Read(&answer, nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  EXPECT_NE(Text(answer).find("toy.v1.Toy"), std::string::npos);
  EXPECT_NE(Text(answer).find("other.v1.Private"), std::string::npos);
  context.TryCancel();
  grpc::Status status;
  call->Finish(&status, nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok));
}

}  // namespace
}  // namespace fairlead::rpc
