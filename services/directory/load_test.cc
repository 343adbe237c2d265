// How much agencies are asked for: read from the referrals by days that are over, told in levels.
#include <gtest/gtest.h>

#include "fairlead/referral/v1/agency_load.pb.h"
#include "services/common/base/text.h"
#include "services/directory/load_reader.h"
#include "services/directory/testing/fixture.h"

namespace fairlead::directory {
namespace {

constexpr int64_t kMinutesMs = 60'000;
constexpr int64_t kDaysMs = 24 * 60 * kMinutesMs;

class LoadTest : public DirectoryFixture {
 protected:
  void SetUp() override {
    DirectoryFixture::SetUp();
    asker_ = Person(MakeAgency("Hotline"), {auth::Role::kHotlineOperator});
    first_ = agency_;
    ASSERT_EQ(Counts(ImportJson(ServiceJson(1, "First"))), "2 0 0");
    agency_ = second_ = MakeAgency("Second House");
    admin_ = Person(second_, {auth::Role::kAgencyAdmin});
    ASSERT_EQ(Counts(ImportJson(ServiceJson(2, "Second"))), "2 0 0");
    reader_ = std::make_unique<LoadReader>(*deps_, services_);
  }

  // The referrals' part: what was done, by day and agency, one agency to a page.
  void AddOtherServices(rpc::Registry& registry) override {
    rpc::Add<referral::v1::GetAgencyLoadsRequest, referral::v1::GetAgencyLoadsResponse>(
        registry, "/fairlead.referral.v1.AgencyLoadService/GetAgencyLoads",
        [this](rpc::CallContext, const referral::v1::GetAgencyLoadsRequest& request)
            -> Task<Result<referral::v1::GetAgencyLoadsResponse>> {
          ++calls_;
          if (is_down_) co_return Fail(Code::kUnavailable, "SERVICE_UNAVAILABLE", "Down.");
          EXPECT_LT(request.day(), Today()) << "a day that is not over";
          referral::v1::GetAgencyLoadsResponse response;
          for (const auto& [agency_id, done] : done_[request.day()]) {
            if (agency_id <= request.after_agency_id()) continue;
            referral::v1::AgencyLoad& load = *response.add_loads();
            load.set_agency_id(agency_id);
            load.set_ended_count(done.first);
            load.set_accepted_count(done.second);
            break;
          }
          co_return response;
        });
  }

  int64_t Today() const { return clock_.NowMs() / kDaysMs; }
  void Did(const std::string& agency_id, int64_t ended, int64_t accepted) {
    done_[Today()][agency_id] = {ended, accepted};
  }
  // As the sweep does: until nothing is left to read. How many days.
  int ReadAll() {
    for (int days = 0; days < 100; ++days) {
      const Result<int64_t> read = reader_->ReadDay();
      EXPECT_TRUE(read) << ToString(read.error());
      if (!read || *read == 0) return days;
    }
    return -1;
  }

  static std::string Told(const Result<v1::MatchServicesResponse>& response) {
    if (!response) return response.error().reason;
    std::vector<std::string> words;
    for (const v1::Match& match : response->matches()) {
      words.push_back(match.service().name());
      for (const v1::MatchReason& reason : match.reasons()) {
        if (reason.code() == "asked_often") words.back() += ":" + reason.value();
      }
    }
    return Join(words, ' ');
  }
  // "Second First:2": who matches, and how often asked.
  std::string Match() {
    v1::MatchServicesRequest request;
    request.set_request_id(ids_.New());
    request.set_need_code("shelter_bed");
    request.set_county("12086");
    request.set_urgency(v1::MATCH_URGENCY_STANDARD);
    return Told(Call<v1::MatchServicesResponse>(asker_, "MatchServices", request));
  }
  // To the next midnight (UTC), and so far behind it.
  void PassMidnight(int64_t behind_ms) {
    clock_.Advance(kDaysMs - clock_.NowMs() % kDaysMs + behind_ms);
  }

  auth::Actor asker_;
  std::string first_;
  std::string second_;
  std::unique_ptr<LoadReader> reader_;
  std::map<int64_t, std::map<std::string, std::pair<int64_t, int64_t>>> done_;
  int calls_ = 0;
  bool is_down_ = false;
};

TEST_P(LoadTest, WhoWasAskedOftenSinksWhenTheDayIsOverAndRisesAWeekLater) {
  EXPECT_EQ(Match(), "First Second");
  Did(first_, 20, 0);
  EXPECT_EQ(ReadAll(), 7) << "of today nothing";
  EXPECT_EQ(Match(), "First Second");
  PassMidnight(9 * kMinutesMs);
  EXPECT_EQ(ReadAll(), 0) << "what was done last may not be committed yet";
  EXPECT_EQ(Match(), "First Second");
  clock_.Advance(kMinutesMs);
  EXPECT_EQ(ReadAll(), 1);
  EXPECT_EQ(Match(), "Second First:2");
  for (int day = 2; day <= 7; ++day) {
    clock_.Advance(kDaysMs);
    EXPECT_EQ(ReadAll(), 1);
    EXPECT_EQ(Match(), "Second First:2") << day;
  }
  clock_.Advance(kDaysMs);
  EXPECT_EQ(ReadAll(), 1);
  EXPECT_EQ(Match(), "First Second");
  EXPECT_EQ(CountRows("agency_load"), 0) << "what counts no more is gone";
}

TEST_P(LoadTest, AMatchCountsMoreThanAnOfferAndDaysAddUp) {
  Did(first_, 3, 2);   // 7
  Did(second_, 4, 2);  // 8
  PassMidnight(kMinutesMs);
  Did(first_, 2, 0);   // 9 in all: too little to be told
  Did(second_, 2, 0);  // 10
  PassMidnight(10 * kMinutesMs);
  EXPECT_EQ(ReadAll(), 7);
  EXPECT_EQ(Match(), "First Second:1");
  Did(first_, 1'000'000, 1'000'000);
  PassMidnight(10 * kMinutesMs);
  EXPECT_EQ(ReadAll(), 1);
  EXPECT_EQ(Match(), "Second:1 First:3") << "as much as it can be";
}

TEST_P(LoadTest, WhileTheReferralsAreAwayWhatIsKnownHoldsAndIsReadLater) {
  Did(first_, 40, 0);
  PassMidnight(10 * kMinutesMs);
  is_down_ = true;
  EXPECT_EQ(Reason(reader_->ReadDay()), "SERVICE_UNAVAILABLE");
  EXPECT_EQ(Match(), "First Second");
  EXPECT_EQ(CountRows("load_day WHERE last_day = 0"), 1) << "nothing half read";
  is_down_ = false;
  EXPECT_EQ(ReadAll(), 7);
  EXPECT_EQ(Match(), "Second First:3");
  const int calls = calls_;
  EXPECT_EQ(ReadAll(), 0);
  EXPECT_EQ(calls_, calls) << "once a day is enough";
  clock_.Advance(40 * kDaysMs);  // the hub was off
  EXPECT_EQ(ReadAll(), 7) << "and no more than count";
  EXPECT_EQ(Match(), "First Second");
}

// A day is put once, whoever reads it, and everybody answers by what has been put.
TEST_P(LoadTest, AnotherProcessReadsTheSameAndAnswersTheSame) {
  Did(first_, 25, 0);
  PassMidnight(10 * kMinutesMs);
  EXPECT_EQ(ReadAll(), 7);
  done_.clear();
  LoadReader other(*deps_, services_);
  EXPECT_EQ(other.ReadDay().value_or(-1), 0);
  FollowedLoads followed;
  std::function<Result<int>(storage::ReadTransaction&)> read =
      [&](storage::ReadTransaction& tx) -> Result<int> {
    FAIRLEAD_ASSIGN(const auto loads, followed.At(tx));
    EXPECT_EQ(loads->LevelOf(ToIdNumber(second_)), 0);
    return loads->LevelOf(ToIdNumber(first_));
  };
  EXPECT_EQ(SyncWait(database_->Read<int>(read)).value_or(-1), 2);
  std::function<Result<bool>(storage::Transaction&)> again =
      [&](storage::Transaction& tx) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(PutLoads(tx, LastLoadDayAt(clock_.NowMs()), {{second_, 100}}));
    return true;
  };
  ASSERT_TRUE(SyncWait(database_->Write<bool>(again)));
  EXPECT_EQ(CountRows("agency_load"), 1) << "a day that is there changes no more";
  EXPECT_EQ(Match(), "Second First:2");
}

INSTANTIATE_TEST_SUITE_P(Engines, LoadTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& instance) {
                           return instance.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

TEST(LoadLevelTest, GrowsInStepsAndHasAnEnd) {
  const std::vector<std::pair<int64_t, int>> levels = {
      {0, 0}, {9, 0}, {10, 1}, {19, 1}, {20, 2}, {39, 2}, {40, 3}, {1'000'000'000'000, 3}};
  for (const auto& [points, level] : levels) EXPECT_EQ(LoadLevelOf(points), level) << points;
}

}  // namespace
}  // namespace fairlead::directory
