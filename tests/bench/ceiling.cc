#include "tests/bench/ceiling.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <filesystem>

#include "services/common/base/random.h"
#include "tests/bench/ceiling_methods.h"

namespace fairlead::bench {
namespace {

constexpr int64_t kReadyMs = 10'000;
constexpr int kCallS = 20;

// What one call needs until it has ended.
struct Call {
  grpc::ClientContext context;
  grpc::ByteBuffer answer;
  Done done;
};

class RunningCeiling final : public Ceiling {
 public:
  RunningCeiling(testing::ChildProcess child, const std::string& socket)
      : child_(std::move(child)),
        stub_(grpc::CreateChannel("unix:" + socket, grpc::InsecureChannelCredentials())) {
    const grpc::Slice slice(SystemRandom().Bytes(kPayloadBytes));
    payload_ = grpc::ByteBuffer(&slice, 1);
  }

  Operation Echo() override { return CallOf(kEchoMethod); }
  Operation Durable() override { return CallOf(kDurableMethod); }
  int pid() const override { return child_.pid(); }

 private:
  Operation CallOf(const char* method) {
    return [this, method = std::string(method)](Done done) {
      auto call = std::make_shared<Call>();
      call->done = std::move(done);
      call->context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(kCallS));
      stub_.UnaryCall(&call->context, method, grpc::StubOptions(), &payload_, &call->answer,
                      [call](grpc::Status status) {
                        if (status.ok()) {
                          call->done({});
                        } else {
                          call->done(Fail(static_cast<Code>(status.error_code()), "CALL_FAILED",
                                          status.error_message()));
                        }
                      });
      return true;
    };
  }

  testing::ChildProcess child_;
  grpc::GenericStub stub_;
  grpc::ByteBuffer payload_;
};

}  // namespace

Result<std::unique_ptr<Ceiling>> Ceiling::Start(const std::string& folder) {
  const std::string socket = folder + "/ceiling.sock";
  testing::ChildOptions options;
  options.argv = {std::filesystem::read_symlink("/proc/self/exe").string(), "bench",
                  "--serve-ceiling", socket, folder};
  options.pipe_stdout = true;
  options.pipe_stdin = true;
  options.log_path = folder + "/ceiling.log";
  Result<testing::ChildProcess> child = testing::ChildProcess::Spawn(options);
  if (!child) return Fail(std::move(child.error()));
  if (child->ReadLine(kReadyMs) != "ready") {
    return Fail(Code::kUnavailable, "CEILING_NOT_READY",
                "The ceiling's server did not start; see " + options.log_path);
  }
  return std::make_unique<RunningCeiling>(std::move(*child), socket);
}

}  // namespace fairlead::bench
