// Sixty-four who want ten beds at once, through a real gRPC server in a process of its own: ten get
// one, round after round, on both engines, and also when the process is killed (SIGKILL) between
// rounds and in the middle of one.
//
// FAIRLEAD_CAPACITY_ROUNDS: the number of rounds on each engine; without it, as many as there is
// time for. One in ten has a kill in its middle, one begins with one, and one has one before
// everything is given back. `./fairlead test --long` runs 1,000.
//
// The process is this program itself, started with --child DATABASE_URL SOCKET KEY_FILE.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <set>

#include "fairlead/directory/v1/capacity.pb.h"
#include "fairlead/directory/v1/directory.pb.h"
#include "services/common/auth/assertion.h"
#include "services/common/base/random.h"
#include "services/common/rpc/dispatcher.h"
#include "services/common/rpc/server.h"
#include "services/common/testing/child_process.h"
#include "services/common/testing/postgres_server.h"
#include "services/common/testing/temp_dir.h"
#include "services/common/testing/wait_until.h"
#include "services/directory/service.h"

namespace fairlead::directory {
namespace {

using Engine = storage::Transaction::Engine;

constexpr int kBeds = 10;
constexpr size_t kCallers = 64;
constexpr int kAgencies = 4;
constexpr int kKillOneIn = 10;
constexpr int64_t kCallMs = 20'000;
constexpr const char* kService = "22222222-2222-4222-8222-222222222222";
constexpr const char* kOrganization = "11111111-1111-4111-8111-111111111111";
const std::string kCapacity = "/fairlead.directory.v1.CapacityService/";

constexpr int kFewestRounds = 20;
constexpr int64_t kRoundsMs = 10'000;  // no new round after so long, unless a number is given

// 0: as many as there is time for.
int RoundsAsked() {
  const char* text = std::getenv("FAIRLEAD_CAPACITY_ROUNDS");
  return text == nullptr ? 0 : std::atoi(text);
}

// Serves the directory, and nothing else, until its standard input ends.
int RunChild(const std::string& url, const std::string& socket, const std::string& key_file) {
  IdGenerator ids(SystemClock(), SystemRandom());
  rpc::Registry registry;
  rpc::Dispatcher dispatcher(registry, SystemClock());
  const auto channel = rpc::MakeLocalChannel(dispatcher);
  const host::Environment env{.clock = SystemClock(),
                              .random = SystemRandom(),
                              .ids = ids,
                              .registry = registry,
                              .services = *channel,
                              .database_url = url,
                              .data_dir = "",
                              .redis_socket = socket + ".none",  // nobody listens to its events
                              .event_key = std::string(32, 'k')};
  std::unique_ptr<host::Service> service;
  // The lock of the process killed just before may live a moment longer.
  testing::WaitUntil([&] {
    auto started = StartDirectoryService(env);
    if (started) service = std::move(*started);
    return service != nullptr;
  });
  const auto signer = auth::OpenAssertionSigner(key_file, SystemClock());
  if (!service || !signer) return 1;
  const auto verifier = auth::MakeAssertionVerifier((*signer)->PublicJwk(), SystemClock());
  if (!verifier) return 1;
  auto server =
      rpc::StartServer({.listen = "unix:" + socket}, dispatcher, **verifier, SystemClock());
  if (!server) return 1;
  std::cout << "ready" << std::endl;
  for (char byte = 0; ::read(STDIN_FILENO, &byte, 1) > 0;) {
  }
  (*server)->Shutdown(1'000);
  service->Stop();
  return 0;
}

// What came of each of several calls made at once.
template <class Response>
class Calls {
 public:
  explicit Calls(std::vector<Task<Result<Response>>> tasks) : results_(tasks.size()) {
    for (size_t i = 0; i < tasks.size(); ++i) {
      Start(std::move(tasks[i]), [this, i](Result<Response> result) {
        const std::lock_guard lock(mutex_);
        results_[i].emplace(std::move(result));
        ++ended_;
        done_.notify_one();
      });
    }
  }
  // Until so many have ended.
  void WaitFor(size_t count) {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [&] { return ended_ >= count; });
  }
  size_t ended() {
    const std::lock_guard lock(mutex_);
    return ended_;
  }
  std::vector<std::optional<Result<Response>>> Wait() {
    WaitFor(results_.size());
    return std::move(results_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  std::vector<std::optional<Result<Response>>> results_;
  size_t ended_ = 0;
};

// Whether the call may or may not have happened: to be made again.
bool IsOpen(const Error& error) {
  return error.code == Code::kUnavailable || error.code == Code::kDeadlineExceeded ||
         error.code == Code::kCancelled;
}

class CapacityRaceTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    url_ = "sqlite:" + folder_.File("directory.db");
    if (GetParam() == Engine::kPostgres) {
      const auto server = testing::PostgresServer::Shared();
      ASSERT_TRUE(server) << ToString(server.error());
      url_ = *(*server)->NewDatabase();
    }
    signer_ = *auth::OpenAssertionSigner(key_file_, SystemClock());
    Launch();
    for (int i = 0; i < kAgencies; ++i) AddAgency(i == 0 ? "Shelter" : "Agency");
    ImportService();
  }
  void TearDown() override {
    if (!child_) return;
    child_->CloseInput();
    const auto code = child_->Wait(20'000);
    EXPECT_TRUE(code && *code == 0) << "it did not stop by itself";
  }

  void Launch() {
    auto child = testing::ChildProcess::Spawn(
        {.argv = {"/proc/self/exe", "--child", url_, socket_, key_file_},
         .log_path = folder_.File("child.log"),
         .pipe_stdout = true,
         .pipe_stdin = true});
    ASSERT_TRUE(child);
    child_.emplace(std::move(*child));
    std::optional<std::string> line;
    do {
      line = child_->ReadLine(60'000);
      ASSERT_TRUE(line) << "it did not get ready: " << folder_.File("child.log");
    } while (*line != "ready");
    if (channel_) retired_.push_back(std::move(channel_));
    channel_ = rpc::MakeGrpcChannel("unix:" + socket_, *signer_, SystemClock());
  }
  void Kill() {
    child_->Kill9();
    ++kills_;
  }

  rpc::CallOptions Options(const auth::Actor& actor) {
    rpc::CallOptions options;
    options.actor = actor;
    if (actor.kind == auth::ActorKind::kService) options.on_behalf_of_service = actor.staff_id;
    options.deadline_steady_ms = SystemClock().SteadyMs() + kCallMs;
    return options;
  }
  template <class Response, class Request>
  Result<Response> Call(const auth::Actor& actor, const std::string& method,
                        const Request& request) {
    return SyncWait(rpc::Call<Response>(*channel_, method, request, Options(actor)));
  }

  void AddAgency(const std::string& name) {
    v1::CreateAgencyRequest request;
    request.set_request_id(ids_.New());
    request.set_name(name);
    request.set_kind(v1::AGENCY_KIND_VICTIM_SERVICE_PROVIDER);
    const auto made = Call<v1::CreateAgencyResponse>(
        auth::ServiceActor("hub"), "/fairlead.directory.v1.DirectoryService/CreateAgency", request);
    ASSERT_TRUE(made) << ToString(made.error());
    auth::Actor actor;
    actor.kind = auth::ActorKind::kStaff;
    actor.staff_id = ids_.New();
    actor.agency_id = made->agency().id();
    actor.agency_kind = auth::AgencyKind::kVictimServiceProvider;
    actor.membership = auth::Membership::kActive;
    actor.roles = {auth::Role::kAgencyAdmin};
    actor.session_id = ids_.New();
    actor.assurance = auth::kSignedIn;
    people_.push_back(actor);
  }
  void ImportService() {
    v1::ImportListingsRequest request;
    request.set_request_id(ids_.New());
    request.set_agency_id(people_[0].agency_id);
    request.set_format(v1::IMPORT_FORMAT_HSDS_CSV);
    request.add_default_need_codes("shelter_bed");
    request.add_default_counties("12086");
    const auto add = [&](const char* name, const std::string& content) {
      v1::ImportFile* file = request.add_files();
      file->set_name(name);
      file->set_content(content);
    };
    add("organizations.csv",
        std::string("id,name,description\n") + kOrganization + ",Shelter,Helps\n");
    add("services.csv", std::string("id,organization_id,name,description,status\n") + kService +
                            "," + kOrganization + ",Night beds,Beds,active\n");
    const auto imported = Call<v1::ImportListingsResponse>(
        people_[0], "/fairlead.directory.v1.DirectoryService/ImportListings", request);
    ASSERT_TRUE(imported) << ToString(imported.error());
  }

  void SetBeds() {
    v1::UpdateCapacityRequest request;
    request.set_request_id(ids_.New());
    request.set_service_id(kService);
    request.set_unit(v1::CAPACITY_UNIT_BED);
    request.set_available(kBeds);
    request.set_maximum(kBeds);
    const auto set =
        Call<v1::UpdateCapacityResponse>(people_[0], kCapacity + "UpdateCapacity", request);
    ASSERT_TRUE(set) << ToString(set.error());
    ASSERT_EQ(set->capacity().held(), 0);
  }

  std::vector<v1::PlaceHoldRequest> Wishes() {
    std::vector<v1::PlaceHoldRequest> wishes(kCallers);
    for (v1::PlaceHoldRequest& wish : wishes) {
      wish.set_request_id(ids_.New());
      wish.set_service_id(kService);
      wish.set_unit(v1::CAPACITY_UNIT_BED);
      wish.set_reference_id(ids_.New());
    }
    return wishes;
  }
  const auth::Actor& Caller(size_t number) const { return people_[number % people_.size()]; }

  // Makes all calls at once; with `kill_after` the process dies under them when so many have been
  // answered. What is open then is asked again, with the same request_id, until it has its answer.
  // Gives the holds; counts the refusals.
  std::set<std::string> WantBeds(std::optional<size_t> kill_after) {
    const std::vector<v1::PlaceHoldRequest> wishes = Wishes();
    std::set<std::string> holds;
    size_t refused = 0;
    std::vector<size_t> open(kCallers);
    for (size_t i = 0; i < kCallers; ++i) open[i] = i;
    for (int attempt = 0; attempt < 10 && !open.empty(); ++attempt) {
      std::vector<Task<Result<v1::PlaceHoldResponse>>> tasks;
      for (const size_t i : open) {
        tasks.push_back(rpc::Call<v1::PlaceHoldResponse>(*channel_, kCapacity + "PlaceHold",
                                                         wishes[i], Options(Caller(i))));
      }
      Calls<v1::PlaceHoldResponse> calls(std::move(tasks));
      if (kill_after && attempt == 0) {
        calls.WaitFor(*kill_after);
        Kill();
        if (calls.ended() < kCallers) ++struck_;
        Launch();
      }
      std::vector<size_t> still;
      const auto results = calls.Wait();
      for (size_t k = 0; k < results.size(); ++k) {
        const Result<v1::PlaceHoldResponse>& result = *results[k];
        if (result) {
          holds.insert(result->hold().id());
        } else if (IsOpen(result.error())) {
          still.push_back(open[k]);
        } else {
          EXPECT_EQ(result.error().reason, "CAPACITY_EXHAUSTED") << ToString(result.error());
          ++refused;
        }
      }
      open = std::move(still);
    }
    EXPECT_TRUE(open.empty()) << "calls without an answer";
    EXPECT_EQ(holds.size() + refused, kCallers);
    return holds;
  }

  // What the server says of the unit, and of the holds on it, agrees with these.
  void Agrees(int available, const std::set<std::string>& holds) {
    v1::GetCapacityRequest get;
    get.set_service_id(kService);
    get.set_unit(v1::CAPACITY_UNIT_BED);
    const auto got = Call<v1::GetCapacityResponse>(people_[0], kCapacity + "GetCapacity", get);
    ASSERT_TRUE(got) << ToString(got.error());
    EXPECT_EQ(got->capacity().available(), available);
    EXPECT_EQ(got->capacity().held(), static_cast<int>(holds.size()));
    v1::ListHoldsRequest list;
    list.set_box(v1::HOLD_BOX_RECEIVED);
    list.set_page_size(100);
    const auto listed = Call<v1::ListHoldsResponse>(people_[0], kCapacity + "ListHolds", list);
    ASSERT_TRUE(listed) << ToString(listed.error());
    std::set<std::string> standing;
    for (const v1::Hold& hold : listed->holds()) standing.insert(hold.id());
    EXPECT_EQ(standing, holds);
  }

  // Everything is given back, each hold by two at once: one of them does it.
  void ReleaseAll(const std::set<std::string>& holds) {
    std::vector<v1::ReleaseHoldRequest> requests;
    for (const std::string& id : holds) {
      for (int twice = 0; twice < 2; ++twice) {
        v1::ReleaseHoldRequest& request = requests.emplace_back();
        request.set_request_id(ids_.New());
        request.set_hold_id(id);
      }
    }
    std::vector<Task<Result<v1::ReleaseHoldResponse>>> tasks;
    for (const v1::ReleaseHoldRequest& request : requests) {
      tasks.push_back(rpc::Call<v1::ReleaseHoldResponse>(*channel_, kCapacity + "ReleaseHold",
                                                         request, Options(people_[0])));
    }
    size_t released = 0;
    for (const auto& result : Calls<v1::ReleaseHoldResponse>(std::move(tasks)).Wait()) {
      if (*result) ++released;
      else EXPECT_EQ(result->error().reason, "HOLD_ENDED") << ToString(result->error());
    }
    EXPECT_EQ(released, holds.size());
  }

  const testing::TempDir folder_;
  const std::string socket_ = folder_.File("directory.sock");
  const std::string key_file_ = folder_.File("key.jwk");
  IdGenerator ids_{SystemClock(), SystemRandom()};
  std::string url_;
  std::unique_ptr<auth::AssertionSigner> signer_;
  std::optional<testing::ChildProcess> child_;
  std::unique_ptr<rpc::Channel> channel_;
  // A channel must not end on a thread of its own, where the last caller may be: kept to the end.
  std::vector<std::unique_ptr<rpc::Channel>> retired_;
  std::vector<auth::Actor> people_;  // the first is the shelter's
  int kills_ = 0;
  int struck_ = 0;  // of these, with calls under way
};

TEST_P(CapacityRaceTest, SixtyFourForTenBeds) {
  SeededRandom random(20'261'127);
  const int asked = RoundsAsked();
  const int64_t end_ms = SystemClock().SteadyMs() + kRoundsMs;
  const auto goes_on = [&](int round) {
    if (asked > 0) return round < asked;
    return round < kFewestRounds || SystemClock().SteadyMs() < end_ms;
  };
  int round = 0;
  for (; goes_on(round) && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    if (round % kKillOneIn == 7) {
      Kill();
      Launch();
    }
    SetBeds();
    std::optional<size_t> kill_after;
    if (round % kKillOneIn == 3) kill_after = random.Below(kCallers);
    const std::set<std::string> holds = WantBeds(kill_after);
    EXPECT_EQ(holds.size(), static_cast<size_t>(kBeds));
    Agrees(0, holds);
    if (round % kKillOneIn == 5) {
      Kill();
      Launch();
      Agrees(0, holds);
    }
    ReleaseAll(holds);
    Agrees(kBeds, {});
  }
  std::cout << round << " rounds, " << kills_ << " kills, " << struck_ << " of them under calls\n";
  EXPECT_GT(struck_, 0) << "no kill struck a round";
}

INSTANTIATE_TEST_SUITE_P(Engines, CapacityRaceTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& instance) {
                           return instance.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::directory

int main(int argc, char** argv) {
  if (argc == 5 && std::string_view(argv[1]) == "--child") {
    return fairlead::directory::RunChild(argv[2], argv[3], argv[4]);
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
