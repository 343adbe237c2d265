// MatchServices on both engines: what it follows, whom it answers, what it counts.
#include "services/directory/match_server.h"

#include <gtest/gtest.h>

#include <thread>

#include "services/common/base/text.h"
#include "services/directory/testing/fixture.h"

namespace fairlead::directory {
namespace {

class MatchServerTest : public DirectoryFixture {
 protected:
  void SetUp() override {
    DirectoryFixture::SetUp();
    operator_ = Person(MakeAgency("Hotline"), {auth::Role::kHotlineOperator});
  }

  v1::MatchServicesRequest Ask(const std::string& need, const std::string& county = "") {
    v1::MatchServicesRequest request;
    request.set_request_id(ids_.New());
    request.set_need_code(need);
    request.set_county(county);
    request.set_urgency(v1::MATCH_URGENCY_URGENT);
    return request;
  }
  Result<v1::MatchServicesResponse> Match(const v1::MatchServicesRequest& request) {
    return Call<v1::MatchServicesResponse>(operator_, "MatchServices", request);
  }
  // Names that match, then "-name:reason" of those that do not.
  std::string Told(const Result<v1::MatchServicesResponse>& response) {
    if (!response) return response.error().reason;
    std::vector<std::string> words;
    for (const v1::Match& match : response->matches()) words.push_back(match.service().name());
    for (const v1::Miss& miss : response->misses()) {
      words.push_back("-" + miss.service_name() + ":" + miss.reason().code());
    }
    return Join(words, ' ');
  }
  std::string Match(const std::string& need, const std::string& county = "") {
    return Told(Match(Ask(need, county)));
  }

  static std::vector<Row> TwoBeds() {
    return {{.id = Uuid(1, '1'), .name = "Night", .need = "shelter_bed", .county = "12086"},
            {.id = Uuid(2, '1'),
             .name = "Hidden",
             .need = "safe_house",
             .county = "12086",
             .city = "Secret City",
             .confidential = true}};
  }

  auth::Actor operator_;
};

TEST_P(MatchServerTest, AnswersAsTheLastAcknowledgedChangeLeftIt) {
  EXPECT_EQ(Match("shelter_bed", "12086"), "");
  std::vector<Row> rows = TwoBeds();
  ASSERT_EQ(Counts(Import(rows)), "3 0 0");
  EXPECT_EQ(Match("emergency_housing", "12086"), "Night Hidden");
  EXPECT_EQ(Match("shelter_bed", "12086"), "Night");
  EXPECT_EQ(Match("shelter_bed", "12011"), "-Night:out_of_area");
  MatchServer other(*deps_,
                    std::string(32, 'o'));  // as in another process: it has heard of nothing
  rpc::Registry registry;
  other.Register(registry);
  rpc::Dispatcher dispatcher(registry, clock_);
  const auto channel = rpc::MakeLocalChannel(dispatcher);
  const auto ask_other = [&] {
    rpc::CallOptions options;
    options.actor = operator_;
    options.deadline_steady_ms = clock_.SteadyMs() + 30'000;
    return Told(SyncWait(rpc::Call<v1::MatchServicesResponse>(
        *channel, "/fairlead.directory.v1.DirectoryService/MatchServices",
        Ask("emergency_housing", "12086"), options)));
  };
  EXPECT_EQ(ask_other(), "Night Hidden");
  rows[0].need = "food_pantry";
  ASSERT_EQ(Counts(Import(rows)), "0 1 2");
  EXPECT_EQ(Match("food", "12086"), "Night");
  EXPECT_EQ(ask_other(), "Hidden");
  rows[0].status = "inactive";
  ASSERT_EQ(Counts(Import(rows)), "0 1 2");
  EXPECT_EQ(Match("food", "12086"), "");
  rows[0].status = "active";
  ASSERT_EQ(Counts(Import(rows)), "0 1 2");
  EXPECT_EQ(Match("food", "12086"), "Night");
}

TEST_P(MatchServerTest, AnAgencyThatIsSuspendedIsOutAtOnce) {
  ASSERT_EQ(Counts(Import(TwoBeds())), "3 0 0");
  EXPECT_EQ(Match("shelter_bed", "12086"), "Night");
  const auto become = [&](Membership state) {
    std::function<Result<bool>(storage::Transaction&)> change =
        [&](storage::Transaction& tx) -> Result<bool> {
      FAIRLEAD_ASSIGN(std::optional<Agency> agency, store_->FindAgency(tx, agency_));
      agency->membership = state;
      FAIRLEAD_RETURN_IF_ERROR(memberships_->UpdateMembership(tx, *agency));
      return true;
    };
    ASSERT_TRUE(SyncWait(database_->Write<bool>(change)).has_value());
  };
  become(Membership::kSuspended);
  EXPECT_EQ(Match("shelter_bed", "12086"), "");
  become(Membership::kActive);
  EXPECT_EQ(Match("shelter_bed", "12086"), "Night");
}

TEST_P(MatchServerTest, SaysWhyAndNothingBelowTheCounty) {
  ASSERT_EQ(Counts(Import(TwoBeds())), "3 0 0");
  auto request = Ask("safe_house", "12086");
  const auto found = Match(request);
  ASSERT_TRUE(found.has_value()) << ToString(found.error());
  ASSERT_EQ(found->matches_size(), 1);
  const v1::Match& match = found->matches(0);
  EXPECT_TRUE(match.service().confidential_location());
  EXPECT_EQ(match.service().cities_size(), 0);
  EXPECT_EQ(found->DebugString().find("Secret"), std::string::npos);
  ASSERT_EQ(match.reasons_size(), 4);
  EXPECT_EQ(match.reasons(0).code(), "hours_not_stated");
  EXPECT_EQ(match.reasons(1).code(), "capacity_not_stated");
  EXPECT_EQ(match.reasons(2).code(), "serves_county");
  EXPECT_EQ(match.reasons(3).code(), "not_verified");
  request.set_request_id(ids_.New());
  request.add_household_codes("pets");
  const auto missed = Match(request);
  ASSERT_EQ(missed->misses_size(), 1);
  EXPECT_EQ(missed->misses(0).reason().code(), "household_not_served");
  EXPECT_EQ(missed->misses(0).reason().value(), "pets");
  EXPECT_EQ(missed->misses(0).agency_name(), "Harbor House");
  EXPECT_EQ(missed->DebugString().find("Secret"), std::string::npos);
}

TEST_P(MatchServerTest, WhatAnAgencySaysOfItsRoomCountsAtOnce) {
  std::vector<Row> rows = TwoBeds();
  rows[1].need = "shelter_bed";
  ASSERT_EQ(Counts(Import(rows)), "3 0 0");
  EXPECT_EQ(Match("shelter_bed", "12086"), "Night Hidden");
  Capacity beds{.id = ids_.New(), .service_id = rows[1].id, .agency_id = agency_};
  const auto say = [&](int available, bool accepting) {
    beds.available = available;
    beds.accepting = accepting;
    beds.update_ms = clock_.NowMs();
    ++beds.version;
    std::function<Result<bool>(storage::Transaction&)> put =
        [&](storage::Transaction& tx) -> Result<bool> {
      FAIRLEAD_RETURN_IF_ERROR(deps_->capacities.Put(tx, beds));
      return true;
    };
    ASSERT_TRUE(SyncWait(database_->Write<bool>(put)).has_value());
  };
  say(2, true);
  const auto found = Match(Ask("shelter_bed", "12086"));
  EXPECT_EQ(Told(found), "Hidden Night");
  EXPECT_EQ(found->matches(0).reasons(1).code(), "capacity_fresh");
  EXPECT_EQ(found->matches(0).reasons(1).value(), "2");
  EXPECT_EQ(found->matches(0).reasons(1).time().seconds(), clock_.NowMs() / 1000);
  say(0, true);
  EXPECT_EQ(Match("shelter_bed", "12086"), "Night Hidden");
  auto only = Ask("shelter_bed", "12086");
  only.set_with_capacity_only(true);
  EXPECT_EQ(Told(Match(only)), "-Night:no_capacity -Hidden:no_capacity");
  say(3, false);
  EXPECT_EQ(Match("shelter_bed", "12086"), "Night -Hidden:not_accepting");
}

TEST_P(MatchServerTest, OwnListingsAndThoseNotToBeOfferedAreOut) {
  ASSERT_EQ(Counts(Import(TwoBeds())), "3 0 0");
  auto request = Ask("shelter_bed", "12086");
  EXPECT_EQ(Told(Call<v1::MatchServicesResponse>(admin_, "MatchServices", request)),
            "-Night:own_agency");
  request.set_request_id(ids_.New());
  request.add_do_not_route_agency_ids(agency_);
  EXPECT_EQ(Told(Match(request)), "-Night:do_not_route");
  request.set_request_id(ids_.New());
  request.add_do_not_route_agency_ids(Uuid(7, '7'));
  EXPECT_EQ(Told(Match(request)), "UNKNOWN_AGENCY") << "a misspelt one must not be let in";
}

TEST_P(MatchServerTest, LawEnforcementAsksNothingAndIsInNoBlindSearch) {
  agency_ = MakeAgency("Sheriff", v1::AGENCY_KIND_LAW_ENFORCEMENT);
  admin_ = Person(agency_, {auth::Role::kAgencyAdmin});
  ASSERT_EQ(Counts(Import(TwoBeds())), "3 0 0");
  EXPECT_EQ(Match("shelter_bed", "12086"), "-Night:behind_wall");
  auto direct = Ask("shelter_bed", "12086");
  direct.set_mode(v1::MATCH_MODE_DIRECT);
  direct.set_agency_id(agency_);
  EXPECT_EQ(Told(Match(direct)), "Night");
  auth::Actor officer = Person(agency_, {auth::Role::kCaseworker});
  officer.agency_kind = auth::AgencyKind::kLawEnforcement;
  EXPECT_EQ(Reason(Call<v1::MatchServicesResponse>(officer, "MatchServices", direct)),
            "AGENCY_KIND_NOT_ALLOWED");
}

TEST_P(MatchServerTest, ADirectQuestionIsForOneAgencyAndCountsNoUnmetNeed) {
  ASSERT_EQ(Counts(Import(TwoBeds())), "3 0 0");
  const std::string other = MakeAgency("Elsewhere");
  auto direct = Ask("shelter_bed", "12086");
  direct.set_mode(v1::MATCH_MODE_DIRECT);
  direct.set_agency_id(agency_);
  EXPECT_EQ(Told(Match(direct)), "Night");
  direct.set_agency_id(other);
  const auto nothing = Match(direct);
  EXPECT_EQ(Told(nothing), "") << "of those who were not asked nothing is said";
  EXPECT_EQ(nothing->unmet_reason(), "");
  direct.set_agency_id(agency_);
  direct.set_county("12011");
  EXPECT_EQ(Told(Match(direct)), "-Night:out_of_area");
  EXPECT_EQ(CountRows("unmet_need"), 0) << "others may be able to help";
}

TEST_P(MatchServerTest, NoAgencyHasMoreThanTwoPlaces) {
  std::vector<Row> rows;
  for (int i = 1; i <= 12; ++i) {
    rows.push_back({.id = Uuid(i, '1'),
                    .name = "Bed" + std::to_string(i),
                    .need = "shelter_bed",
                    .county = "12086"});
  }
  ASSERT_EQ(Counts(Import(rows)), "13 0 0");
  EXPECT_EQ(Match("shelter_bed", "12086"), "Bed1 Bed2");
  auto direct = Ask("shelter_bed", "12086");
  direct.set_mode(v1::MATCH_MODE_DIRECT);
  direct.set_agency_id(agency_);
  EXPECT_EQ(Match(direct)->matches_size(), 9) << "asked alone it may have them all";
}

TEST_P(MatchServerTest, SoftwareIsNotToldWhoIsLeftOut) {
  ASSERT_EQ(Counts(Import(TwoBeds())), "3 0 0");
  auth::Actor software = Person(operator_.agency_id, {auth::Role::kIntegration});
  software.kind = auth::ActorKind::kMachine;
  const auto response =
      Call<v1::MatchServicesResponse>(software, "MatchServices", Ask("shelter_bed", "12011"));
  EXPECT_EQ(Told(response), "");
  EXPECT_EQ(response->unmet_reason(), "out_of_area");
}

TEST_P(MatchServerTest, AnUnmetNeedIsCountedOnceAndNothingElseOfIt) {
  ASSERT_EQ(Counts(Import(TwoBeds())), "3 0 0");
  const auto request = Ask("shelter_bed", "12011");
  EXPECT_EQ(Match(request)->unmet_reason(), "out_of_area");
  EXPECT_EQ(Match(request)->unmet_reason(), "out_of_area") << "the same call again";
  EXPECT_EQ(CountRows("unmet_need WHERE month = '2023-11' AND need_code = 'shelter_bed' AND "
                      "county = '12011' AND reason = 'out_of_area' AND unmet_count = 1"),
            1);
  EXPECT_EQ(Match(Ask("shelter_bed", "12011"))->unmet_reason(), "out_of_area");
  EXPECT_EQ(CountRows("unmet_need WHERE unmet_count = 2"), 1);
  EXPECT_EQ(Match(Ask("t_visa", "12011"))->unmet_reason(), "service_not_provided");
  auto nearly = Ask("shelter_bed", "12086");
  nearly.add_languages("vi");
  EXPECT_EQ(Match(nearly)->unmet_reason(), "language_not_available") << "the nearest's";
  EXPECT_EQ(CountRows("unmet_need"), 3);
  EXPECT_EQ(Match(Ask("shelter_bed", "12086"))->unmet_reason(), "");
  EXPECT_EQ(CountRows("unmet_need"), 3) << "who was found is not counted";
  EXPECT_EQ(CountRows("audit_record WHERE action LIKE '%match%'"), 0);
}

TEST_P(MatchServerTest, WhatCannotBeAskedIsNamed) {
  const auto refused = [&](const std::function<void(v1::MatchServicesRequest&)>& change) {
    auto request = Ask("shelter_bed", "12086");
    change(request);
    const auto response = Match(request);
    if (response) return std::string("answered");
    const auto field = response.error().metadata.find("field");
    return response.error().reason + " " +
           (field == response.error().metadata.end() ? "" : field->second);
  };
  using Request = v1::MatchServicesRequest;
  EXPECT_EQ(refused([](Request& r) { r.set_need_code("no_such"); }), "UNKNOWN_NEED_CODE need_code");
  EXPECT_EQ(refused([](Request& r) { r.clear_county(); }), "AREA_REQUIRED county");
  EXPECT_EQ(refused([](Request& r) { r.set_state("12"); }), "COUNTY_OR_STATE state");
  EXPECT_EQ(refused([](Request& r) { r.set_county("99001"); }), "UNKNOWN_COUNTY county");
  EXPECT_EQ(refused([](Request& r) {
              r.clear_county();
              r.set_state("FL");
            }),
            "UNKNOWN_STATE state");
  EXPECT_EQ(refused([](Request& r) { r.set_mode(v1::MATCH_MODE_DIRECT); }),
            "AGENCY_REQUIRED agency_id");
  EXPECT_EQ(refused([&](Request& r) { r.set_agency_id(agency_); }),
            "AGENCY_NOT_ASKED_FOR agency_id");
  EXPECT_EQ(refused([](Request& r) {
              r.set_mode(v1::MATCH_MODE_DIRECT);
              r.set_agency_id(Uuid(7, '7'));
            }),
            "UNKNOWN_AGENCY agency_id");
  EXPECT_EQ(refused([](Request& r) { r.set_age_band("10-20"); }), "UNKNOWN_AGE_BAND age_band");
  EXPECT_EQ(refused([](Request& r) { r.add_genders("pets"); }), "UNKNOWN_CODE genders");
  EXPECT_EQ(refused([](Request& r) { r.add_household_codes("dog"); }),
            "UNKNOWN_CODE household_codes");
  EXPECT_EQ(refused([](Request& r) { r.set_cost("cheap"); }), "UNKNOWN_COST cost");
  EXPECT_EQ(refused([](Request& r) { r.clear_urgency(); }), "FIELD_REQUIRED urgency");
  EXPECT_EQ(refused([](Request& r) { r.clear_request_id(); }), "FIELD_REQUIRED request_id");
}

TEST_P(MatchServerTest, WhileAllListingsAreBeingReadOthersAreToldSo) {
  ASSERT_EQ(Counts(Import(TwoBeds())), "3 0 0");
  // A transaction in the middle of the first reading, in which somebody else asks.
  class Asking final : public storage::ReadTransaction {
   public:
    Asking(storage::ReadTransaction& inner, std::function<void()> then)
        : inner_(inner), then_(std::move(then)) {}
    Result<std::vector<storage::Row>> Query(std::string_view sql, storage::Params params) override {
      if (sql.find("FROM listing l") != std::string_view::npos) then_();
      return inner_.Query(sql, params);
    }

   private:
    storage::ReadTransaction& inner_;
    std::function<void()> then_;
  };
  FollowedIndex index;
  std::string reason;
  std::function<Result<size_t>(storage::ReadTransaction&)> read =
      [&](storage::ReadTransaction& tx) -> Result<size_t> {
    Asking asking(tx, [&] {
      std::thread([&] {
        Asking nothing(tx, [] {});
        const auto told = index.At(nothing);
        reason = told ? "answered" : told.error().reason;
      }).join();
    });
    FAIRLEAD_ASSIGN(const auto snapshot, index.At(asking));
    return snapshot->LiveCount();
  };
  const auto count = SyncWait(database_->Read<size_t>(read));
  ASSERT_TRUE(count.has_value()) << ToString(count.error());
  EXPECT_EQ(*count, 2U);
  EXPECT_EQ(reason, "DIRECTORY_STARTING");
}

INSTANTIATE_TEST_SUITE_P(Engines, MatchServerTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& instance) {
                           return instance.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::directory
