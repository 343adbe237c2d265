// Sixty-four who want ten beds at once, through a real gRPC server in a process of its own: ten get
// one, round after round, on both engines, and also when the process is killed (SIGKILL) between
// rounds and in the middle of one.
//
// FAIRLEAD_CAPACITY_ROUNDS: the number of rounds on each engine; without it, as many as there is
// time for. One in ten has a kill in its middle, one begins with one, and one has one before
// everything is given back. `./fairlead test --long` runs 1,000.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <set>

#include "fairlead/directory/v1/capacity.pb.h"
#include "fairlead/directory/v1/directory.pb.h"
#include "services/common/auth/policy.h"
#include "services/common/base/random.h"
#include "services/common/testing/calls.h"
#include "services/common/testing/postgres_server.h"
#include "services/common/testing/service_process.h"
#include "services/common/testing/temp_dir.h"
#include "services/directory/service.h"

namespace fairlead::directory {
namespace {

using Engine = storage::Transaction::Engine;

constexpr int kBeds = 10;
constexpr size_t kCallers = 64;
constexpr int kAgencies = 4;
constexpr int kKillOneIn = 10;
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

template <class Response>
using Calls = testing::Calls<Result<Response>>;

class CapacityRaceTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    url_ = "sqlite:" + folder_.File("directory.db");
    if (GetParam() == Engine::kPostgres) {
      const auto server = testing::PostgresServer::Shared();
      ASSERT_TRUE(server) << ToString(server.error());
      url_ = *(*server)->NewDatabase();
    }
    process_.emplace(url_, folder_);
    ASSERT_TRUE(process_->Launch());
    for (int i = 0; i < kAgencies; ++i) AddAgency(i == 0 ? "Shelter" : "Agency");
    ImportService();
  }
  void TearDown() override {
    if (process_) {
      EXPECT_EQ(process_->Stop(), 0) << "it did not stop by itself";
    }
  }

  void Restart() {
    process_->Kill();
    ASSERT_TRUE(process_->Launch());
  }

  template <class Response, class Request>
  Result<Response> Call(const auth::Actor& actor, const std::string& method,
                        const Request& request) {
    return process_->Call<Response>(actor, method, request);
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
        tasks.push_back(rpc::Call<v1::PlaceHoldResponse>(
            process_->channel(), kCapacity + "PlaceHold", wishes[i], process_->Options(Caller(i))));
      }
      Calls<v1::PlaceHoldResponse> calls(std::move(tasks));
      if (kill_after && attempt == 0) {
        calls.WaitFor(*kill_after);
        process_->Kill();
        if (calls.ended() < kCallers) ++struck_;
        EXPECT_TRUE(process_->Launch());
      }
      std::vector<size_t> still;
      const auto results = calls.Wait();
      for (size_t k = 0; k < results.size(); ++k) {
        const Result<v1::PlaceHoldResponse>& result = results[k];
        if (result) {
          holds.insert(result->hold().id());
        } else if (testing::IsOpen(result.error())) {
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
      tasks.push_back(rpc::Call<v1::ReleaseHoldResponse>(
          process_->channel(), kCapacity + "ReleaseHold", request,
          process_->Options(people_[0])));
    }
    size_t released = 0;
    for (const auto& result : Calls<v1::ReleaseHoldResponse>(std::move(tasks)).Wait()) {
      if (result) ++released;
      else EXPECT_EQ(result.error().reason, "HOLD_ENDED") << ToString(result.error());
    }
    EXPECT_EQ(released, holds.size());
  }

  const testing::TempDir folder_;
  IdGenerator ids_{SystemClock(), SystemRandom()};
  std::string url_;
  std::optional<testing::ServiceProcess> process_;
  std::vector<auth::Actor> people_;  // the first is the shelter's
  int struck_ = 0;  // kills with calls under way
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
      Restart();
    }
    SetBeds();
    std::optional<size_t> kill_after;
    if (round % kKillOneIn == 3) kill_after = random.Below(kCallers);
    const std::set<std::string> holds = WantBeds(kill_after);
    EXPECT_EQ(holds.size(), static_cast<size_t>(kBeds));
    Agrees(0, holds);
    if (round % kKillOneIn == 5) {
      Restart();
      Agrees(0, holds);
    }
    ReleaseAll(holds);
    Agrees(kBeds, {});
  }
  std::cout << round << " rounds, " << process_->kills() << " kills, " << struck_
            << " of them under calls\n";
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
  if (const auto code =
          fairlead::testing::ServeIfChild(argc, argv, fairlead::directory::StartDirectoryService)) {
    return *code;
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
