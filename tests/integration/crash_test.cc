// Promise 1 and 10 of the product: an acknowledged write is never lost, an effect happens exactly
// once, whatever is killed. Real processes, real SIGKILLs, at random moments, under load.
//
// The number of kills: FAIRLEAD_CRASH_KILLS (hub; default 12) and FAIRLEAD_CRASH_REDIS_KILLS
// (default 4), FAIRLEAD_CRASH_POSTGRES_KILLS (default 3). `./fairlead test --long` runs 200, 20 and
// 20. The seed is printed and can be given again in FAIRLEAD_CRASH_SEED.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "fairlead/audit/v1/audit.pb.h"
#include "services/common/base/random.h"
#include "services/common/testing/postgres_server.h"
#include "services/common/testing/temp_dir.h"
#include "services/common/testing/wait_until.h"
#include "tests/support/coalition.h"
#include "tests/support/hub_process.h"

namespace fairlead::testing {
namespace {

namespace consent_v1 = fairlead::consent::v1;
namespace referral_v1 = fairlead::referral::v1;

constexpr int kWorkers = 8;
constexpr int64_t kCallMs = 4'000;

int64_t FromEnvironment(const char* name, int64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoll(text);
}

// What a client was promised.
struct Acknowledged {
  std::string offer_id;
  bool accepted = false;
  bool revoked = false;
};

// Clients that never give up: each request is repeated, with the same request_id, until it has an
// answer. What was answered is remembered, and must be found afterwards.
class Load {
 public:
  Load(Coalition& coalition, Agency from, Agency to)
      : coalition_(coalition), from_(std::move(from)), to_(std::move(to)) {}

  void Start() {
    for (int i = 0; i < kWorkers; ++i) threads_.emplace_back([this, i] { Work(i); });
  }
  void Stop() {
    stopping_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  std::map<std::string, Acknowledged> acknowledged() {
    const std::lock_guard lock(mutex_);
    return acknowledged_;
  }
  std::vector<std::string> refusals() {
    const std::lock_guard lock(mutex_);
    return refusals_;
  }
  std::atomic<int64_t> retries = 0;

 private:
  // Repeats `call` until it is answered; nullopt when it was refused for another reason than that
  // the hub was away (which is then a fault of the test, and reported).
  template <class Response, class Request>
  std::optional<Response> Insist(const Agency& as, const std::string& method,
                                 const Request& request) {
    while (true) {
      Result<Response> reply = coalition_.Call<Response>(as.caseworker, method, request, kCallMs);
      if (reply) return std::move(*reply);
      const Code code = reply.error().code;
      if (code != Code::kUnavailable && code != Code::kDeadlineExceeded &&
          code != Code::kCancelled && code != Code::kResourceExhausted) {
        const std::lock_guard lock(mutex_);
        refusals_.push_back(method + ": " + ToString(reply.error()));
        return std::nullopt;
      }
      ++retries;
      if (stopping_) return std::nullopt;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));  // a client's back-off
    }
  }

  void Work(int worker) {
    for (int round = 0; !stopping_; ++round) HandOff(worker * 1'000'000 + round);
  }

  void HandOff(int number) {
    Result<consent_v1::Release> release = Release();
    if (!release) return;
    Result<referral_v1::SendReferralRequest> request =
        coalition_.Packet(from_, to_, *release, R"({"needs":{"summary":"x"}})");
    ASSERT_TRUE(request) << ToString(request.error());
    auto sent = Insist<referral_v1::SendReferralResponse>(
        from_, "/fairlead.referral.v1.ReferralService/SendReferral", *request);
    if (!sent) return;
    const std::string id = sent->referral().id();
    const std::string offer_id = sent->referral().offers(0).id();
    Remember(id, [&](Acknowledged& a) { a.offer_id = offer_id; });
    if (number % 4 == 3) {
      consent_v1::RevokeReleaseRequest revoke;
      revoke.set_request_id(coalition_.ids().New());
      revoke.set_release_id(release->id());
      revoke.set_method(consent_v1::SIGNATURE_METHOD_ORAL);
      if (Insist<consent_v1::RevokeReleaseResponse>(
              from_, "/fairlead.consent.v1.ConsentService/RevokeRelease", revoke)) {
        Remember(id, [](Acknowledged& a) { a.revoked = true; });
      }
      return;
    }
    referral_v1::AcceptOfferRequest accept;
    accept.set_request_id(coalition_.ids().New());
    accept.set_offer_id(offer_id);
    if (Insist<referral_v1::AcceptOfferResponse>(
            to_, "/fairlead.referral.v1.ReferralService/AcceptOffer", accept)) {
      Remember(id, [](Acknowledged& a) { a.accepted = true; });
    }
  }

  // Creating and signing are not repeated: a failure there only means another round.
  Result<consent_v1::Release> Release() { return coalition_.SignedRelease(from_, to_); }

  void Remember(const std::string& id, const std::function<void(Acknowledged&)>& change) {
    const std::lock_guard lock(mutex_);
    change(acknowledged_[id]);
  }

  Coalition& coalition_;
  const Agency from_;
  const Agency to_;
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::map<std::string, Acknowledged> acknowledged_;
  std::vector<std::string> refusals_;
};

// A channel that stays the same object while the hub behind it is killed and started again.
class SteadyChannel final : public rpc::Channel {
 public:
  void Point(HubProcess* hub) { hub_ = hub; }
  Task<rpc::Reply> Call(std::string method, const rpc::Message& request,
                        const rpc::Message& response_prototype, rpc::CallOptions options) override {
    std::shared_ptr<rpc::Channel> channel = hub_->shared_channel();
    if (!channel) {
      co_return Fail(Code::kUnavailable, "SERVICE_UNAVAILABLE", "The hub is being restarted.");
    }
    Task<rpc::Reply> call =
        channel->Call(std::move(method), request, response_prototype, std::move(options));
    co_return co_await std::move(call);
  }

 private:
  HubProcess* hub_ = nullptr;
};

// The redis-server that the hub runs as its child.
std::vector<pid_t> RedisChildren(pid_t hub) {
  std::vector<pid_t> children;
  std::error_code error;
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/" + std::to_string(hub) + "/task", error)) {
    std::ifstream list(task.path() / "children");
    for (pid_t pid = 0; list >> pid;) children.push_back(pid);
  }
  return children;
}

class CrashTest : public ::testing::Test {
 protected:
  void SetUp() override {
    RecordProperty("seed", std::to_string(seed_));
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed_));
  }

  void StartHub(std::vector<std::string> arguments = {}) {
    auto hub =
        HubProcess::Start({.data_dir = folder_.File("data"), .arguments = std::move(arguments)});
    ASSERT_TRUE(hub) << ToString(hub.error());
    hub_ = std::move(*hub);
    channel_.Point(hub_.get());
    coalition_ = std::make_unique<Coalition>(channel_);
    auto from = coalition_->AddAgency("Harbor", auth::AgencyKind::kVictimServiceProvider);
    auto to = coalition_->AddAgency("Clinic", auth::AgencyKind::kHealthProvider);
    ASSERT_TRUE(from) << ToString(from.error());
    ASSERT_TRUE(to) << ToString(to.error());
    from_ = *from;
    to_ = *to;
    load_ = std::make_unique<Load>(*coalition_, from_, to_);
  }

  void PauseUpTo(uint64_t ms) {
    std::this_thread::sleep_for(std::chrono::milliseconds(random_.Below(ms)));
  }

  // Ends the load when it has done enough to be worth looking at, however slow the machine is.
  void StopLoad() {
    const int64_t until_ms = SystemClock().SteadyMs() + 60'000;
    while (load_->acknowledged().size() <= 20U && SystemClock().SteadyMs() < until_ms) {
      PauseUpTo(50);
    }
    load_->Stop();
  }

  // What every client was promised is there, once.
  void CheckEverything() {
    const auto acknowledged = load_->acknowledged();
    EXPECT_GT(acknowledged.size(), 20U) << "the load did next to nothing";
    EXPECT_THAT(load_->refusals(), ::testing::IsEmpty());
    int64_t lost = 0;
    int64_t doubled = 0;
    int64_t not_converged = 0;
    for (const auto& [id, promise] : acknowledged) {
      if (promise.revoked) WaitForCancellation(id, not_converged);
      const std::map<std::string, int> story = Story(id);
      if (!story.contains("sent")) ++lost;
      if (promise.accepted && !story.contains("accepted")) ++lost;
      for (const char* once : {"sent", "accepted", "cancelled"}) {
        const auto found = story.find(once);
        if (found != story.end() && found->second > 1) ++doubled;
      }
    }
    EXPECT_EQ(lost, 0);
    EXPECT_EQ(doubled, 0);
    EXPECT_EQ(NotInTheTrail(acknowledged), 0);
    EXPECT_EQ(not_converged, 0);
    std::printf("%zu hand-offs acknowledged, %lld calls repeated, %lld lost, %lld doubled\n",
                acknowledged.size(), static_cast<long long>(load_->retries.load()),
                static_cast<long long>(lost), static_cast<long long>(doubled));
  }

  // Acts that were acknowledged and are not once in the audit trail.
  int NotInTheTrail(const std::map<std::string, Acknowledged>& acknowledged) {
    const auth::Actor auditor = coalition_->MakeActor(
        coalition_->ids().New(), auth::AgencyKind::kCoalitionOffice, {auth::Role::kAuditor});
    // By action, and not too often: every look is an act that the trail has to take in, and without
    // a filter it would soon show nothing else.
    constexpr int64_t kLookEveryMs = 250;
    const auto count = [&](const std::string& id, const char* action) {
      fairlead::audit::v1::ListAuditRecordsRequest request;
      request.mutable_filter()->set_referral_id(id);
      request.mutable_filter()->set_action(action);
      request.set_page_size(100);
      const auto found = coalition_->Call<fairlead::audit::v1::ListAuditRecordsResponse>(
          auditor, "/fairlead.audit.v1.AuditService/ListAuditRecords", request);
      return found ? found->records_size() : 0;
    };
    int missing = 0;
    for (const auto& [id, promise] : acknowledged) {
      const auto is_whole = [&] {
        return count(id, "referral_sent") == 1 && count(id, "custody_issued") == 1 &&
               (!promise.accepted || count(id, "referral_accepted") == 1);
      };
      if (testing::WaitUntil(is_whole, testing::kWaitMs, kLookEveryMs)) continue;
      ++missing;
      std::printf("the trail of %s: sent %d, custody %d, accepted %d\n", id.c_str(),
                  count(id, "referral_sent"), count(id, "custody_issued"),
                  count(id, "referral_accepted"));
    }
    return missing;
  }

  // The consumer of consent's events has to get there; how long is not the point, that it does is.
  void WaitForCancellation(const std::string& id, int64_t& not_converged) {
    const auto is_cancelled = [&] {
      const auto referral = coalition_->Get(from_, id);
      return referral && referral->state() == referral_v1::REFERRAL_STATE_CANCELLED;
    };
    if (!testing::WaitUntil(is_cancelled)) ++not_converged;
  }

  std::map<std::string, int> Story(const std::string& id) {
    referral_v1::GetTimelineRequest request;
    request.set_referral_id(id);
    auto timeline = coalition_->Call<referral_v1::GetTimelineResponse>(
        from_.caseworker, "/fairlead.referral.v1.ReferralService/GetTimeline", request);
    std::map<std::string, int> story;
    if (!timeline) return story;
    for (const auto& entry : timeline->entries()) ++story[entry.event()];
    return story;
  }

  const uint64_t seed_ =
      static_cast<uint64_t>(FromEnvironment("FAIRLEAD_CRASH_SEED", SystemClock().NowMs()));
  SeededRandom random_{seed_};
  TempDir folder_;
  std::unique_ptr<HubProcess> hub_;
  SteadyChannel channel_;
  std::unique_ptr<Coalition> coalition_;
  Agency from_;
  Agency to_;
  std::unique_ptr<Load> load_;
};

TEST_F(CrashTest, NothingAcknowledgedIsLostWhenTheHubAndRedisAreKilled) {
  StartHub();
  load_->Start();
  const int64_t kills = FromEnvironment("FAIRLEAD_CRASH_KILLS", 12);
  const int64_t redis_kills = FromEnvironment("FAIRLEAD_CRASH_REDIS_KILLS", 4);
  for (int64_t kill_number = 0; kill_number < kills; ++kill_number) {
    PauseUpTo(400);
    if (kill_number * redis_kills / kills != (kill_number + 1) * redis_kills / kills) {
      for (const pid_t redis : RedisChildren(hub_->pid())) kill(redis, SIGKILL);
      PauseUpTo(400);
    }
    hub_->Kill9();
    const Result<void> restarted = hub_->Restart();
    ASSERT_TRUE(restarted) << ToString(restarted.error());
  }
  PauseUpTo(300);
  StopLoad();
  CheckEverything();
}

TEST_F(CrashTest, NothingAcknowledgedIsLostWhenPostgresIsKilled) {
  auto postgres = PostgresServer::Start();
  ASSERT_TRUE(postgres) << ToString(postgres.error());
  std::ofstream config(folder_.File("fairlead.toml"));
  for (const char* service : {"directory", "identity", "consent", "referral", "audit"}) {
    const Result<std::string> url = (*postgres)->NewDatabase();
    ASSERT_TRUE(url) << ToString(url.error());
    const std::string secret = folder_.File(std::string(service) + ".url");
    std::ofstream(secret) << url->substr(std::string("postgres:").size()) << "\n";
    chmod(secret.c_str(), 0600);
    config << "[services." << service << "]\nengine = \"postgres\"\ndatabase_url_file = \""
           << secret << "\"\n";
  }
  config.close();
  StartHub({"--config", folder_.File("fairlead.toml")});
  load_->Start();
  const int64_t kills = FromEnvironment("FAIRLEAD_CRASH_POSTGRES_KILLS", 3);
  for (int64_t kill_number = 0; kill_number < kills; ++kill_number) {
    PauseUpTo(1'000);
    (*postgres)->Kill9();
    PauseUpTo(200);
    const Result<void> restarted = (*postgres)->Restart();
    ASSERT_TRUE(restarted) << ToString(restarted.error());
  }
  PauseUpTo(500);
  StopLoad();
  CheckEverything();
}

}  // namespace
}  // namespace fairlead::testing
