// Changes of a membership that meet, on both engines: one correct outcome each.
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "services/directory/testing/membership_fixture.h"

namespace fairlead::directory {
namespace {

class MembershipRaceTest : public MembershipFixture {};

// Runs calls at once and gives the reasons, sorted; "" is success.
template <class Response>
std::vector<std::string> AtOnce(std::vector<Task<Result<Response>>> tasks) {
  std::mutex mutex;
  std::condition_variable done;
  std::vector<std::string> reasons;
  const size_t count = tasks.size();
  for (auto& task : tasks) {
    Start(std::move(task), [&](Result<Response> result) {
      const std::lock_guard lock(mutex);
      reasons.push_back(result ? "" : result.error().reason);
      done.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  done.wait(lock, [&] { return reasons.size() == count; });
  std::ranges::sort(reasons);
  return reasons;
}

TEST_P(MembershipRaceTest, TwoSponsorsAtOnce) {
  for (int round = 0; round < 10; ++round) {
    const std::string id = Apply("Race " + std::to_string(round));
    const auto both = For<v1::SponsorAgencyRequest>(id);
    auto other = both;
    other.set_request_id(ids_.New());
    std::vector<Task<Result<v1::SponsorAgencyResponse>>> tasks;
    tasks.push_back(
        Begin<v1::SponsorAgencyResponse>(harbor_admin_, "MembershipService/SponsorAgency", both));
    tasks.push_back(
        Begin<v1::SponsorAgencyResponse>(clinic_admin_, "MembershipService/SponsorAgency", other));
    EXPECT_EQ(AtOnce(std::move(tasks)), (std::vector<std::string>{"", ""}));
    EXPECT_EQ(State(id), "SPONSORED");
    EXPECT_EQ(Story(id), "APPLIED>APPLIED, APPLIED>APPLIED vouched, APPLIED>SPONSORED vouched");

    // Of the same agency: one word.
    const std::string one = Apply("One " + std::to_string(round));
    auto mine = For<v1::SponsorAgencyRequest>(one);
    auto colleague = mine;
    colleague.set_request_id(ids_.New());
    tasks.clear();
    tasks.push_back(
        Begin<v1::SponsorAgencyResponse>(harbor_admin_, "MembershipService/SponsorAgency", mine));
    const auth::Actor second_admin = Proven(agency_);
    tasks.push_back(Begin<v1::SponsorAgencyResponse>(second_admin,
                                                     "MembershipService/SponsorAgency", colleague));
    EXPECT_EQ(AtOnce(std::move(tasks)), (std::vector<std::string>{"", "ALREADY_SPONSORED"}));
    EXPECT_EQ(State(one), "APPLIED");
  }
}

TEST_P(MembershipRaceTest, SponsorAndDepartAtOnce) {
  for (int round = 0; round < 10; ++round) {
    const std::string id = Apply("Race " + std::to_string(round));
    ASSERT_EQ(Reason(Sponsor(harbor_admin_, id)), "");
    const auto sponsor = For<v1::SponsorAgencyRequest>(id);
    auto depart = For<v1::DepartAgencyRequest>(id);
    depart.set_reason(v1::MEMBERSHIP_REASON_NOT_VETTED);
    std::string sponsored = "?";
    std::vector<Task<Result<v1::DepartAgencyResponse>>> tasks;
    tasks.push_back(
        Begin<v1::DepartAgencyResponse>(coordinator_, "MembershipService/DepartAgency", depart));
    std::mutex mutex;
    std::condition_variable done;
    Start(
        Begin<v1::SponsorAgencyResponse>(clinic_admin_, "MembershipService/SponsorAgency", sponsor),
        [&](Result<v1::SponsorAgencyResponse> result) {
          const std::lock_guard lock(mutex);
          sponsored = result ? "" : result.error().reason;
          done.notify_one();
        });
    EXPECT_EQ(AtOnce(std::move(tasks)), (std::vector<std::string>{""}));
    std::unique_lock lock(mutex);
    done.wait(lock, [&] { return sponsored != "?"; });
    EXPECT_EQ(State(id), "DEPARTED") << "whatever came first";
    const std::string story = Story(id);
    if (sponsored.empty()) {
      EXPECT_TRUE(story.ends_with("APPLIED>SPONSORED vouched, SPONSORED>DEPARTED")) << story;
    } else {
      EXPECT_EQ(sponsored, "MEMBERSHIP_STATE_CONFLICT");
      EXPECT_TRUE(story.ends_with("vouched, APPLIED>DEPARTED")) << story;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, MembershipRaceTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& instance) {
                           return instance.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::directory
