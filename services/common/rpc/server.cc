#include "services/common/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/resource_quota.h>
#include <unistd.h>

#include "services/common/rpc/grpc_bytes.h"
#include "services/common/rpc/grpc_tuning.h"
#include "services/common/rpc/peer_acceptor.h"
#include "services/common/rpc/tls_credentials.h"
#include "services/common/rpc/unix_listener.h"

namespace fairlead::rpc {
namespace {

constexpr std::string_view kUnixScheme = "unix:";
constexpr int64_t kCloseMs = 100;  // for the last answers to leave, once all methods have ended

std::string_view View(grpc::string_ref text) { return {text.data(), text.size()}; }

// Gives one call to the dispatcher and its outcome back to gRPC.
class CallHandler {
 public:
  CallHandler(Dispatcher& dispatcher, auth::AssertionVerifier& verifier, const Clock& clock)
      : dispatcher_(dispatcher), verifier_(verifier), clock_(clock) {}

  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext* context, const Method& method,
                                  const grpc::ByteBuffer& bytes, grpc::ByteBuffer* answer) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    Result<IncomingCall> call = Authenticate(*context);
    if (!call) {
      reactor->Finish(ToGrpcStatus(call.error()));
      return reactor;
    }
    call->method = method.name;
    std::unique_ptr<Message> request(method.request_prototype->New());
    if (Result<void> parsed = FromBytes(bytes, *request); !parsed) {
      reactor->Finish(ToGrpcStatus(parsed.error()));
      return reactor;
    }
    Task<Reply> task = dispatcher_.Dispatch(std::move(*call), *request);
    // The request lives in the callback, which outlives the task.
    auto done = [kept = std::move(request), reactor, answer](Reply reply) {
      if (!reply) {
        reactor->Finish(ToGrpcStatus(reply.error()));
        return;
      }
      *answer = ToBytes(**reply);
      reactor->Finish(grpc::Status::OK);
    };
    Start(std::move(task), std::move(done));
    return reactor;
  }

 private:
  Result<IncomingCall> Authenticate(const grpc::CallbackServerContext& context) {
    IncomingCall call;
    const auto& metadata = context.client_metadata();
    static const grpc::string_ref actor_key(auth::kActorMetadataKey.data(),
                                            auth::kActorMetadataKey.size());
    const auto [first, last] = metadata.equal_range(actor_key);
    if (first != last) {
      if (std::next(first) != last) {
        return Fail(Code::kUnauthenticated, "ACTOR_ASSERTION_INVALID",
                    "More than one actor assertion.");
      }
      FAIRLEAD_ASSIGN(auth::VerifiedCaller caller, verifier_.Verify(View(first->second)));
      call.actor = std::move(caller.actor);
      call.calling_service = std::move(caller.calling_service);
      if (!call.calling_service.empty() &&
          !MaySpeakAs(context.auth_context().get(), call.calling_service)) {
        return Fail(Code::kUnauthenticated, "PEER_MISMATCH",
                    "The certificate does not name the service that is calling.");
      }
    }
    const auto trace = metadata.find("traceparent");
    if (trace != metadata.end()) call.traceparent = View(trace->second);
    call.deadline_steady_ms = Deadline(context);
    return call;
  }

  // On our steady clock; 0: the caller gave none.
  int64_t Deadline(const grpc::CallbackServerContext& context) const {
    const auto deadline = context.deadline();
    if (deadline == std::chrono::system_clock::time_point::max()) return 0;
    const auto left = deadline - std::chrono::system_clock::now();
    const int64_t left_ms = std::chrono::duration_cast<std::chrono::milliseconds>(left).count();
    // Never 0, which would mean none: a clock that has just started may read as little as the
    // deadline is past.
    const int64_t steady_ms = clock_.SteadyMs() + left_ms;
    return steady_ms == 0 ? -1 : steady_ms;
  }

  Dispatcher& dispatcher_;
  auth::AssertionVerifier& verifier_;
  const Clock& clock_;
};

// The methods of one service, as generated code would register them, but with raw bytes.
class MethodService final : public grpc::Service {
 public:
  explicit MethodService(CallHandler& handler) : handler_(handler) {}

  // gRPC keeps pointers to the name: `method` outlives the server.
  void Add(const Method& method) {
    AddMethod(new grpc::internal::RpcServiceMethod(
        method.name.c_str(), grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
    auto serve = [this, &method](grpc::CallbackServerContext* context,
                                 const grpc::ByteBuffer* bytes, grpc::ByteBuffer* answer) {
      return handler_.Serve(context, method, *bytes, answer);
    };
    MarkMethodRawCallback(
        count_++,
        new grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>(serve));
  }

 private:
  CallHandler& handler_;
  int count_ = 0;
};

// Whatever is not registered: refused with our own reason.
class UnknownMethods final : public grpc::CallbackGenericService {
 private:
  class Refusal final : public grpc::ServerGenericBidiReactor {
   public:
    Refusal() {
      Finish(ToGrpcStatus({Code::kUnimplemented, "UNKNOWN_METHOD",
                           "There is no such method here.", {}}));
    }
    void OnDone() override { delete this; }
  };
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    return new Refusal;
  }
};

// "/fairlead.referral.v1.ReferralService/GetReferral" → "fairlead.referral.v1.ReferralService".
std::string ServiceOf(const std::string& method) {
  return method.substr(1, method.find('/', 1) - 1);
}

bool IsLoopback(std::string_view listen) {
  return listen.starts_with("127.0.0.1:") || listen.starts_with("[::1]:") ||
         listen.starts_with("localhost:");
}

void SetLimits(grpc::ServerBuilder& builder, const ServerOptions& options) {
  builder.SetMaxReceiveMessageSize(options.max_receive_bytes);
  builder.SetMaxSendMessageSize(options.max_send_bytes);
  // Messages arrive as they are: a compressed one could unfold to more than the limit.
  for (const auto algorithm : {GRPC_COMPRESS_DEFLATE, GRPC_COMPRESS_GZIP}) {
    builder.SetCompressionAlgorithmSupportStatus(algorithm, false);
  }
  const auto argument = [&builder](const char* name, int64_t value) {
    builder.AddChannelArgument(name, static_cast<int>(value));
  };
  argument(GRPC_ARG_MAX_METADATA_SIZE, options.max_metadata_bytes);
  argument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_concurrent_streams);
  argument(GRPC_ARG_KEEPALIVE_TIME_MS, options.keepalive_ms);
  argument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, options.keepalive_timeout_ms);
  // Our own channels ping as often as we do; half of that is still no flood.
  argument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, options.keepalive_ms / 2);
  argument(GRPC_ARG_MAX_CONNECTION_AGE_MS, options.max_connection_age_ms);
  argument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, options.max_connection_age_grace_ms);
  // Two servers on one port would share its calls by chance.
  argument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  grpc::ResourceQuota quota("fairlead");
  quota.Resize(static_cast<size_t>(options.max_buffer_bytes));
  builder.SetResourceQuota(quota);
}

class GrpcServer final : public Server {
 public:
  GrpcServer(Dispatcher& dispatcher, auth::AssertionVerifier& verifier, const Clock& clock)
      : dispatcher_(dispatcher), handler_(dispatcher, verifier, clock), clock_(clock) {}
  ~GrpcServer() override { Shutdown(0); }

  Result<void> Start(const ServerOptions& options) {
    const bool unix = options.listen.starts_with(kUnixScheme);
    if (!unix && !IsLoopback(options.listen) && options.tls.empty()) {
      return Fail(Code::kUnavailable, "LISTEN_FAILED",
                  "Beyond this machine gRPC listens with mutual TLS only: set rpc_tls.");
    }
    if (!options.tls.empty()) FAIRLEAD_RETURN_IF_ERROR(CheckTls(options.tls, clock_));
    grpc::EnableDefaultHealthCheckService(true);
    if (options.reflection) grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::ServerBuilder builder;
    SetLimits(builder, options);
    AddServices(builder);
    FAIRLEAD_RETURN_IF_ERROR(unix ? StartOnUnixSocket(builder, options)
                                  : StartOnPort(builder, options));
    for (const auto& [name, service] : services_) {
      server_->GetHealthCheckService()->SetServingStatus(name, true);
    }
    return {};
  }

  int port() const override { return port_; }

  void Shutdown(int64_t grace_ms) override {
    if (!server_) return;
    server_->GetHealthCheckService()->Shutdown();
    dispatcher_.BeginDrain();
    const bool idle = dispatcher_.WaitIdle(grace_ms);
    const int64_t close_ms = idle ? kCloseMs : 0;
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(close_ms));
    acceptor_.reset();
    server_.reset();
  }

 private:
  Result<void> StartOnUnixSocket(grpc::ServerBuilder& builder, const ServerOptions& options) {
    Result<UnixListener> listener =
        UnixListener::Listen(options.listen.substr(kUnixScheme.size()));
    if (!listener) return Fail(std::move(listener.error()));
    using Experimental = grpc::ServerBuilder::experimental_type;
    auto connections = builder.experimental().AddExternalConnectionAcceptor(
        Experimental::ExternalConnectionType::FROM_FD, grpc::InsecureServerCredentials());
    server_ = builder.BuildAndStart();
    if (!server_) return CannotListen(options);
    acceptor_ = std::make_unique<PeerAcceptor>(std::move(*listener), std::move(connections),
                                               ::geteuid());
    return {};
  }

  Result<void> StartOnPort(grpc::ServerBuilder& builder, const ServerOptions& options) {
    const auto credentials =
        options.tls.empty() ? grpc::InsecureServerCredentials() : ServerTls(options.tls);
    builder.AddListeningPort(options.listen, credentials, &port_);
    server_ = builder.BuildAndStart();
    if (!server_ || port_ == 0) return CannotListen(options);
    return {};
  }

  static tl::unexpected<Error> CannotListen(const ServerOptions& options) {
    return Fail(Code::kUnavailable, "LISTEN_FAILED", "Cannot listen at " + options.listen + ".");
  }

  // One grpc::Service for each of ours: health and reflection go by their names.
  void AddServices(grpc::ServerBuilder& builder) {
    for (const auto& [name, method] : dispatcher_.registry().methods()) {
      std::unique_ptr<MethodService>& service = services_[ServiceOf(name)];
      if (!service) service = std::make_unique<MethodService>(handler_);
      service->Add(method);
    }
    for (const auto& [name, service] : services_) builder.RegisterService(service.get());
    builder.RegisterCallbackGenericService(&unknown_);
  }

  Dispatcher& dispatcher_;
  CallHandler handler_;
  const Clock& clock_;
  UnknownMethods unknown_;
  std::map<std::string, std::unique_ptr<MethodService>> services_;
  int port_ = 0;
  // Last, so that they go first.
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<PeerAcceptor> acceptor_;  // of a Unix socket
};

}  // namespace

Result<std::unique_ptr<Server>> StartServer(const ServerOptions& options, Dispatcher& dispatcher,
                                            auth::AssertionVerifier& verifier,
                                            const Clock& clock) {
  TuneGrpc();
  auto server = std::make_unique<GrpcServer>(dispatcher, verifier, clock);
  FAIRLEAD_RETURN_IF_ERROR(server->Start(options));
  return server;
}

}  // namespace fairlead::rpc
