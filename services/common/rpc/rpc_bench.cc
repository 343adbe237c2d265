// What the pipeline costs on top of gRPC: the same echo, over the same kind of Unix socket, by a
// handler as generated code would have it and through authenticate → authorise → validate →
// admit → method. One closed loop for each call in flight; client and server share the machine.
//   build/release/bin/rpc_bench [seconds per measurement, default 2] [rounds, default 3]
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <latch>

#include "fairlead/directory/v1/directory.pb.h"
#include "services/common/rpc/grpc_bytes.h"
#include "services/common/rpc/server.h"
#include "services/common/rpc/toy_service.h"
#include "services/common/testing/temp_dir.h"

namespace fairlead::rpc {
namespace {

using SteadyClock = std::chrono::steady_clock;

// What protoc would have generated, with a handler that copies the request to the answer.
class PlainService final : public grpc::Service {
 public:
  PlainService() {
    AddMethod(new grpc::internal::RpcServiceMethod(
        "/toy.v1.Toy/Echo", grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
    MarkMethodCallback(
        0, new grpc::internal::CallbackUnaryHandler<Echo, Echo>(
               [](grpc::CallbackServerContext* context, const Echo* request, Echo* answer) {
                 *answer = *request;
                 grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
                 reactor->Finish(grpc::Status::OK);
                 return reactor;
               }));
  }
};

struct Figures {
  double rate_per_s = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double cpu_us = 0;  // of client and server together, per call
};

double CpuSeconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// One loop: the next call begins when the last has ended.
class Loop {
 public:
  Loop(grpc::GenericStub& stub, const std::string& request, std::string assertion,
       SteadyClock::time_point until, std::latch& ended)
      : stub_(stub), assertion_(std::move(assertion)), until_(until), ended_(ended) {
    grpc::Slice slice(request);
    request_ = grpc::ByteBuffer(&slice, 1);
  }

  void Next() {
    if (SteadyClock::now() >= until_) {
      ended_.count_down();
      return;
    }
    context_ = std::make_unique<grpc::ClientContext>();
    context_->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    context_->AddMetadata(std::string(auth::kActorMetadataKey), assertion_);
    context_->AddMetadata("traceparent",
                          "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    begun_ = SteadyClock::now();
    stub_.UnaryCall(context_.get(), "/toy.v1.Toy/Echo", grpc::StubOptions(), &request_, &answer_,
                    [this](grpc::Status status) {
                      if (!status.ok()) {
                        std::fprintf(stderr, "%s\n", status.error_message().c_str());
                        std::abort();
                      }
                      const std::chrono::duration<double, std::milli> took =
                          SteadyClock::now() - begun_;
                      took_ms_.push_back(took.count());
                      Next();
                    });
  }
  const std::vector<double>& took_ms() const { return took_ms_; }

 private:
  grpc::GenericStub& stub_;
  const std::string assertion_;
  const SteadyClock::time_point until_;
  std::latch& ended_;
  grpc::ByteBuffer request_, answer_;
  std::unique_ptr<grpc::ClientContext> context_;
  SteadyClock::time_point begun_;
  std::vector<double> took_ms_;
};

Figures Measure(const std::string& target, const std::string& assertion, int in_flight,
                double seconds) {
  grpc::GenericStub stub(grpc::CreateChannel(target, grpc::InsecureChannelCredentials()));
  Echo request;
  request.set_name("echo");
  request.set_content(std::string(1'024, 'x'));
  const double cpu_before_s = CpuSeconds();
  const SteadyClock::time_point begin = SteadyClock::now();
  const auto length = std::chrono::duration_cast<SteadyClock::duration>(
      std::chrono::duration<double>(seconds));
  std::latch ended(in_flight);
  std::vector<std::unique_ptr<Loop>> loops;
  for (int i = 0; i < in_flight; ++i) {
    loops.push_back(std::make_unique<Loop>(stub, request.SerializeAsString(), assertion,
                                           begin + length, ended));
  }
  for (auto& loop : loops) loop->Next();
  ended.wait();
  const std::chrono::duration<double> took = SteadyClock::now() - begin;
  const double cpu_s = CpuSeconds() - cpu_before_s;
  std::vector<double> all;
  for (auto& loop : loops) all.insert(all.end(), loop->took_ms().begin(), loop->took_ms().end());
  std::sort(all.begin(), all.end());
  const auto at = [&](double share) {
    return all[static_cast<size_t>(share * static_cast<double>(all.size() - 1))];
  };
  const auto calls = static_cast<double>(all.size());
  return {calls / took.count(), at(0.5), at(0.99), 1e6 * cpu_s / calls};
}

// Of neighbouring rounds, which share the machine's mood: steadier than that of two medians.
double MedianRatio(const std::vector<Figures>& a, const std::vector<Figures>& b,
                   double Figures::*figure) {
  std::vector<double> ratios;
  for (size_t i = 0; i < a.size(); ++i) ratios.push_back(b[i].*figure / (a[i].*figure));
  std::sort(ratios.begin(), ratios.end());
  return ratios[ratios.size() / 2];
}

Figures Median(std::vector<Figures> rounds) {
  std::sort(rounds.begin(), rounds.end(),
            [](const Figures& a, const Figures& b) { return a.rate_per_s < b.rate_per_s; });
  return rounds[rounds.size() / 2];
}

// The dispatcher alone: what a call between two services of one process costs.
void MeasureLocal(Dispatcher& dispatcher) {
  const std::unique_ptr<Channel> channel = MakeLocalChannel(dispatcher);
  Echo request;
  request.set_name("echo");
  request.set_content(std::string(1'024, 'x'));
  CallOptions options;
  options.actor = auth::ServiceActor("referral");
  options.deadline_steady_ms = SystemClock().SteadyMs() + 60'000;
  options.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  constexpr int kCalls = 100'000;
  const double cpu_before_s = CpuSeconds();
  for (int i = 0; i < kCalls; ++i) {
    Start(Call<Echo>(*channel, "/toy.v1.Toy/Echo", request, options), [](Result<Echo> answer) {
      if (!answer) std::abort();
    });
  }
  std::printf("local channel: %.2f us a call\n", 1e6 * (CpuSeconds() - cpu_before_s) / kCalls);
}

int Main(double seconds, int rounds) {
  const testing::TempDir folder;
  const std::string plain_at = "unix:" + folder.File("plain.sock");
  const std::string full_at = "unix:" + folder.File("full.sock");

  PlainService plain;
  grpc::ServerBuilder builder;
  builder.RegisterService(&plain);
  builder.AddListeningPort(plain_at, grpc::InsecureServerCredentials());
  const std::unique_ptr<grpc::Server> plain_server = builder.BuildAndStart();

  Registry registry;
  ToyService toy(registry);
  Dispatcher dispatcher(registry, SystemClock(), ToyOptions());
  const auto signer = *auth::OpenAssertionSigner(folder.File("key.jwk"), SystemClock());
  const auto verifier = *auth::MakeAssertionVerifier(signer->PublicJwk(), SystemClock());
  const auto full_server =
      *StartServer({.listen = full_at}, dispatcher, *verifier, SystemClock());

  const char* heads = "/s      p50 ms  p99 ms  cpu us";
  MeasureLocal(dispatcher);
  std::printf("in flight | plain %s |  full %s | cost: rate  cpu\n", heads, heads);
  for (const int in_flight : {1, 16, 64}) {
    std::vector<Figures> plains, fulls;
    // Turn by turn, so that a slow moment of the machine hits both.
    for (int round = 0; round < rounds; ++round) {
      const std::string assertion = signer->Sign(auth::ServiceActor("referral"));
      plains.push_back(Measure(plain_at, assertion, in_flight, seconds));
      fulls.push_back(Measure(full_at, assertion, in_flight, seconds));
    }
    const Figures a = Median(plains);
    const Figures b = Median(fulls);
    std::printf("%9d |", in_flight);
    for (const Figures& f : {a, b}) {
      std::printf(" %11.0f  %6.2f  %6.2f  %6.1f |", f.rate_per_s, f.p50_ms, f.p99_ms, f.cpu_us);
    }
    std::printf(" %9.1f%% %4.1f%%\n",
                100.0 * (1.0 - MedianRatio(plains, fulls, &Figures::rate_per_s)),
                100.0 * (MedianRatio(plains, fulls, &Figures::cpu_us) - 1.0));
  }
  plain_server->Shutdown();
  full_server->Shutdown(1'000);
  return 0;
}

}  // namespace
}  // namespace fairlead::rpc

int main(int argc, char** argv) {
  return fairlead::rpc::Main(argc > 1 ? std::atof(argv[1]) : 2, argc > 2 ? std::atoi(argv[2]) : 3);
}
