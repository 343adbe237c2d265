// How far services are: of public places, in bands, as the listings are now; of no other place.
#include <gtest/gtest.h>

#include "services/common/base/text.h"
#include "services/directory/testing/fixture.h"

namespace fairlead::directory {
namespace {

constexpr const char* kMiami = R"(, "latitude": 25.7617, "longitude": -80.1918)";
constexpr const char* kHialeah = R"(, "latitude": 25.8576, "longitude": -80.2781)";
constexpr const char* kOrlando = R"(, "latitude": 28.5384, "longitude": -81.3789)";
constexpr const char* kInMiami = "88d9b7";
constexpr const char* kInOrlando = "88e77b";

// An attribute with that term, on whatever has it.
std::string Marked(const std::string& code) {
  const int number = static_cast<int>(code.size());  // another for each
  return R"(, "attributes": [{"id": ")" + Uuid(number, '9') + R"(", "taxonomy_term": {"id": ")" +
         Uuid(number, 'f') + R"(", "code": ")" + code + R"(", "name": "N", "description": "D"}}])";
}

class DistanceTest : public DirectoryFixture {
 protected:
  void SetUp() override {
    DirectoryFixture::SetUp();
    asker_ = Person(MakeAgency("Hotline"), {auth::Role::kHotlineOperator});
  }

  v1::MatchServicesRequest Ask(const std::string& cell, int within_miles = 0) {
    v1::MatchServicesRequest request;
    request.set_request_id(ids_.New());
    request.set_need_code("shelter_bed");
    request.set_county("12086");
    request.set_urgency(v1::MATCH_URGENCY_STANDARD);
    request.set_near_cell(cell);
    request.set_within_miles(within_miles);
    return request;
  }
  // "Near:10=10" of those that match (its distance, and what the reason says), then
  // "-Far:too_far=100+" of those that do not.
  static std::string Told(const Result<v1::MatchServicesResponse>& response) {
    if (!response) return response.error().reason;
    std::vector<std::string> words;
    for (const v1::Match& match : response->matches()) {
      std::string word = match.service().name() + ":" + match.service().distance_miles();
      for (const v1::MatchReason& reason : match.reasons()) {
        if (reason.code() == "distance") word += "=" + reason.value();
        if (reason.code() == "distance_not_stated") word += "?";
      }
      words.push_back(word);
    }
    for (const v1::Miss& miss : response->misses()) {
      words.push_back("-" + miss.service_name() + ":" + miss.reason().code() + "=" +
                      miss.reason().value());
    }
    return Join(words, ' ');
  }
  std::string Match(const std::string& cell, int within_miles = 0) {
    return Told(
        Call<v1::MatchServicesResponse>(asker_, "MatchServices", Ask(cell, within_miles)));
  }
  // As another process answers it, which reads all listings anew.
  std::string MatchElsewhere(const std::string& cell) {
    MatchServer other(*deps_, std::string(32, 'o'));
    rpc::Registry registry;
    other.Register(registry);
    rpc::Dispatcher dispatcher(registry, clock_);
    const auto channel = rpc::MakeLocalChannel(dispatcher);
    rpc::CallOptions options;
    options.actor = asker_;
    options.deadline_steady_ms = clock_.SteadyMs() + 30'000;
    return Told(SyncWait(rpc::Call<v1::MatchServicesResponse>(
        *channel, "/fairlead.directory.v1.DirectoryService/MatchServices", Ask(cell), options)));
  }
  std::string Found(const std::string& cell, int within_miles = 0) {
    v1::SearchServicesRequest request;
    request.set_near_cell(cell);
    request.set_within_miles(within_miles);
    const auto found = Call<v1::SearchServicesResponse>(asker_, "SearchServices", request);
    if (!found) return found.error().reason;
    std::vector<std::string> words;
    for (const v1::Service& service : found->services()) {
      words.push_back(service.name() + ":" + service.distance_miles());
    }
    return Join(words, ' ');
  }

  auth::Actor asker_;
};

TEST_P(DistanceTest, WhoIsNearIsFirstAndWhoMovesIsFollowed) {
  ASSERT_EQ(Counts(ImportJson(ServiceJson(1, "North", kOrlando))), "2 0 0");
  ASSERT_EQ(Counts(ImportJson(ServiceJson(2, "South", kMiami))), "2 0 0");
  EXPECT_EQ(Match(""), "North: South:") << "nobody has said from where";
  EXPECT_EQ(Match(kInMiami), "South:10=10 North:100+=100+");
  EXPECT_EQ(Match(kInOrlando), "North:10=10 South:100+=100+");
  EXPECT_EQ(Match(kInMiami, 100), "South:10=10 -North:too_far=100+");
  EXPECT_EQ(Found(""), "North: South:");
  EXPECT_EQ(Found(kInMiami), "North:100+ South:10") << "in the order of names";
  EXPECT_EQ(Found(kInMiami, 10), "South:10");
  EXPECT_EQ(MatchElsewhere(kInMiami), "South:10=10 North:100+=100+");
  ASSERT_EQ(Counts(ImportJson(ServiceJson(1, "North", kHialeah))), "0 1 1");
  EXPECT_EQ(Match(kInMiami), "North:10=10 South:10=10");
  EXPECT_EQ(MatchElsewhere(kInMiami), "North:10=10 South:10=10");
  ASSERT_EQ(Counts(ImportJson(ServiceJson(1, "North"))), "0 1 1");
  EXPECT_EQ(Match(kInMiami), "South:10=10 North:?");
  EXPECT_EQ(Found(kInMiami, 10), "North: South:10") << "whose place is not known is not left out";
}

TEST_P(DistanceTest, OfWhatNotEveryMemberMayReadThereIsNoDistance) {
  ASSERT_EQ(Counts(ImportJson(ServiceJson(1, "Open", kMiami))), "2 0 0");
  EXPECT_EQ(Match(kInMiami), "Open:10=10");
  for (const char* mark : {"visibility_role", "visibility_sealed", "confidential_location"}) {
    SCOPED_TRACE(mark);
    const std::string place = kMiami + Marked(mark);
    const auto done = ImportJson(ServiceJson(1, "Open", place));
    ASSERT_TRUE(done) << ToString(done.error());
    EXPECT_EQ(Match(kInMiami), "Open:?");
    EXPECT_EQ(Match(kInOrlando), "Open:?");
    EXPECT_EQ(Match(kInOrlando, 10), "Open:?");
    EXPECT_EQ(Found(kInMiami), "Open:");
    EXPECT_EQ(MatchElsewhere(kInMiami), "Open:?");
  }
  // Once confidential, a place stays so.
  const auto again = ImportJson(ServiceJson(1, "Open", kMiami));
  ASSERT_TRUE(again) << ToString(again.error());
  EXPECT_EQ(Match(kInMiami), "Open:?");
}

TEST_P(DistanceTest, AConfidentialServiceHasNoneWhereverItIs) {
  const std::string quiet = R"(, "confidential_location": true)";
  ASSERT_EQ(Counts(ImportJson(ServiceJson(1, "A", kMiami, quiet))), "2 0 0");
  ASSERT_EQ(Counts(ImportJson(ServiceJson(2, "B", kOrlando, quiet))), "2 0 0");
  for (const char* cell : {kInMiami, kInOrlando, "8644b5"}) {
    for (const int within : {0, 10, 100}) {
      EXPECT_EQ(Match(cell, within), "A:? B:?") << cell << " " << within;
      EXPECT_EQ(Found(cell, within), "A: B:") << cell << " " << within;
    }
    EXPECT_EQ(MatchElsewhere(cell), "A:? B:?");
  }
  // The second lock: had its coordinates been kept, they would not be looked at.
  ASSERT_EQ(
      Run("UPDATE service_place SET latitude_e6 = 25761700, longitude_e6 = -80191800").value_or(0),
      2);
  EXPECT_EQ(MatchElsewhere(kInMiami), "A:? B:?");
  ASSERT_TRUE(Run("UPDATE listing SET confidential = 0 WHERE name = 'A'"));
  ASSERT_TRUE(Run("DELETE FROM confidential_place"));
  EXPECT_EQ(MatchElsewhere(kInMiami), "A:10=10 B:?") << "which is what a lock less would tell";
}

TEST_P(DistanceTest, WhatCannotBeAskedIsNamed) {
  const auto refused = [&](const std::string& cell, int within_miles) {
    const auto response =
        Call<v1::MatchServicesResponse>(asker_, "MatchServices", Ask(cell, within_miles));
    if (response) return std::string("answered");
    const auto field = response.error().metadata.find("field");
    const std::string reason = response.error().reason;
    EXPECT_EQ(Found(cell, within_miles), reason);
    return reason + " " + (field == response.error().metadata.end() ? "" : field->second);
  };
  EXPECT_EQ(refused("88d9b681", 0), "INVALID_CELL near_cell") << "that is too fine";
  EXPECT_EQ(refused("88d9b", 0), "INVALID_CELL near_cell");
  EXPECT_EQ(refused("Miami", 0), "INVALID_CELL near_cell");
  EXPECT_EQ(refused(std::string(17, '1'), 0), "FIELD_TOO_LONG near_cell");
  EXPECT_EQ(refused("", 25), "CELL_REQUIRED near_cell");
  EXPECT_EQ(refused(kInMiami, 30), "UNKNOWN_DISTANCE within_miles");
  EXPECT_EQ(refused(kInMiami, 101), "OUT_OF_RANGE within_miles");
  EXPECT_EQ(refused(kInMiami, 25), "answered");
}

INSTANTIATE_TEST_SUITE_P(Engines, DistanceTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& instance) {
                           return instance.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::directory
