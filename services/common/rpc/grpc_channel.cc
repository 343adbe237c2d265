#include <grpcpp/alarm.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include "services/common/base/random.h"
#include "services/common/pki/certificates.h"
#include "services/common/rpc/grpc_bytes.h"
#include "services/common/rpc/grpc_tuning.h"
#include "services/common/rpc/server.h"
#include "services/common/rpc/tls_credentials.h"

namespace fairlead::rpc {
namespace {

constexpr int kMaxMessageBytes = 6 * 1024 * 1024;
constexpr int kMaxRetries = 3;
constexpr int64_t kFirstBackoffMs = 20;
constexpr int kKeepaliveMs = 30'000;
constexpr int kKeepaliveTimeoutMs = 10'000;
// A server that restarts is back within a second: look often.
constexpr int kLeastReconnectMs = 20;
constexpr int kMostReconnectMs = 500;

std::shared_ptr<grpc::Channel> Connect(const std::string& target, const TlsFiles& tls,
                                       const std::string& service) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kLeastReconnectMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kLeastReconnectMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMostReconnectMs);
  // Retries are ours: gRPC's would not know the error's reason.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // No proxy from the environment between our own processes.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  if (tls.empty()) {
    return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
  }
  arguments.SetSslTargetNameOverride(pki::DnsName(service));
  return grpc::CreateCustomChannel(target, ChannelTls(tls), arguments);
}

std::chrono::system_clock::time_point After(int64_t ms) {
  return std::chrono::system_clock::now() + std::chrono::milliseconds(ms);
}

// 20, 40, 80 ms, each give or take half: callers that failed together do not return together.
int64_t BackoffMs(int retry) {
  const int64_t middle_ms = kFirstBackoffMs << retry;
  const auto draw = static_cast<unsigned char>(SystemRandom().Bytes(1)[0]);
  return middle_ms / 2 + middle_ms * draw / 255;
}

class GrpcChannel final : public Channel {
 public:
  GrpcChannel(std::shared_ptr<grpc::Channel> channel, const auth::AssertionSigner& signer,
              const Clock& clock)
      : stub_(std::move(channel)), signer_(signer), clock_(clock) {}

  Task<Reply> Call(std::string method, const Message& request, const Message& response_prototype,
                   CallOptions options) override {
    if (options.deadline_steady_ms == 0) {
      co_return Fail(Code::kInvalidArgument, "DEADLINE_REQUIRED", "Every call needs a deadline.");
    }
    const grpc::ByteBuffer bytes = ToBytes(request);
    std::unique_ptr<Message> answer(response_prototype.New());
    for (int retry = 0;; ++retry) {
      const int64_t left_ms = options.deadline_steady_ms - clock_.SteadyMs();
      if (left_ms <= 0) co_return TooLate();
      grpc::ClientContext context;
      AddContext(context, options, left_ms);
      grpc::ByteBuffer answer_bytes;
      std::function<void(std::function<void(grpc::Status)>)> begin =
          [&](std::function<void(grpc::Status)> done) {
            stub_.UnaryCall(&context, method, grpc::StubOptions(), &bytes, &answer_bytes,
                            std::move(done));
          };
      Async<grpc::Status> pending(std::move(begin));
      const grpc::Status status = co_await pending;
      if (status.ok()) {
        if (FromBytes(answer_bytes, *answer)) co_return answer;
        co_return Fail(Code::kInternal, "INVALID_ANSWER", "The answer cannot be read.");
      }
      if (status.error_code() != grpc::StatusCode::UNAVAILABLE || retry == kMaxRetries) {
        co_return Fail(FromGrpcStatus(status));
      }
      const int64_t wait_ms = BackoffMs(retry);
      if (clock_.SteadyMs() + wait_ms >= options.deadline_steady_ms) {
        co_return Fail(FromGrpcStatus(status));
      }
      grpc::Alarm alarm;
      std::function<void(std::function<void(bool)>)> set = [&](std::function<void(bool)> done) {
        alarm.Set(After(wait_ms), std::move(done));
      };
      Async<bool> slept(std::move(set));
      co_await slept;
    }
  }

 private:
  static tl::unexpected<Error> TooLate() {
    return Fail(Code::kDeadlineExceeded, "DEADLINE_EXCEEDED", "The deadline has passed.");
  }

  void AddContext(grpc::ClientContext& context, const CallOptions& options,
                  int64_t left_ms) const {
    context.set_deadline(After(left_ms));
    const bool nothing_to_say = options.actor.kind == auth::ActorKind::kAnonymous &&
                                options.actor.network.empty() &&
                                options.on_behalf_of_service.empty();
    if (!nothing_to_say) {
      context.AddMetadata(std::string(auth::kActorMetadataKey),
                          signer_.Sign(options.actor, options.on_behalf_of_service));
    }
    if (!options.traceparent.empty()) context.AddMetadata("traceparent", options.traceparent);
  }

  grpc::GenericStub stub_;
  const auth::AssertionSigner& signer_;
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<Channel> MakeGrpcChannel(const std::string& target,
                                         const auth::AssertionSigner& signer, const Clock& clock,
                                         const TlsFiles& tls, const std::string& service) {
  TuneGrpc();
  return std::make_unique<GrpcChannel>(Connect(target, tls, service), signer, clock);
}

}  // namespace fairlead::rpc
