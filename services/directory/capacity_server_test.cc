// Free beds: who says, who sees and who hears of them, on both engines.
#include "services/directory/capacity_server.h"

#include <gtest/gtest.h>

#include "services/directory/testing/capacity_fixture.h"

namespace fairlead::directory {
namespace {

constexpr int64_t kHourMs = 60LL * 60 * 1000;

class CapacityServerTest : public CapacityFixture {};

TEST_P(CapacityServerTest, AnAgencyCountsItsBeds) {
  EXPECT_EQ(Numbers(), "CAPACITY_NOT_FOUND");
  EXPECT_EQ(Reason(Say([](auto& request) { request.set_available_delta(1); })),
            "CAPACITY_NOT_FOUND");
  const auto request = Saying([](auto& say) {
    say.set_available(3);
    say.set_maximum(8);
    say.set_waitlist(2);
  });
  const auto first = Ask<v1::UpdateCapacityResponse>(worker_, "UpdateCapacity", request);
  ASSERT_TRUE(first) << ToString(first.error());
  EXPECT_EQ(first->capacity().service_name(), "Night beds");
  EXPECT_EQ(first->capacity().agency_id(), agency_);
  EXPECT_EQ(first->capacity().etag(), "1");
  EXPECT_EQ(first->capacity().waitlist(), 2);
  EXPECT_TRUE(first->capacity().accepting());
  // The same call again is the same act.
  const auto repeat = Ask<v1::UpdateCapacityResponse>(worker_, "UpdateCapacity", request);
  ASSERT_TRUE(repeat);
  EXPECT_EQ(repeat->SerializeAsString(), first->SerializeAsString());

  ASSERT_EQ(Reason(Say([](auto& say) { say.set_available_delta(-1); })), "");
  ASSERT_EQ(Reason(Say([](auto& say) { say.set_available_delta(2); })), "");
  EXPECT_EQ(Numbers(), "4 free, 0 held");
  EXPECT_EQ(Reason(Say([](auto& say) { say.set_available_delta(-5); })), "CAPACITY_BELOW_ZERO");
  EXPECT_EQ(Reason(Say([](auto& say) { say.set_available(9); })), "CAPACITY_OVER_MAXIMUM");
  EXPECT_EQ(Reason(Say([](auto& say) { say.set_available(10'001); })), "OUT_OF_RANGE");
  EXPECT_EQ(Reason(Say([](auto& say) {
              say.set_available(1);
              say.set_etag("1");
            })),
            "ETAG_MISMATCH");
  EXPECT_EQ(Reason(Say([](auto& say) { say.clear_unit(); })), "FIELD_REQUIRED");
  EXPECT_EQ(Numbers(), "4 free, 0 held");
  // Several units of one service are apart.
  ASSERT_EQ(Reason(Say([](auto& say) {
              say.set_unit(v1::CAPACITY_UNIT_FAMILY_ROOM);
              say.set_available(1);
            })),
            "");
  EXPECT_EQ(Numbers(), "4 free, 0 held");
  EXPECT_EQ(Get(worker_, v1::CAPACITY_UNIT_FAMILY_ROOM)->capacity().available(), 1);
}

TEST_P(CapacityServerTest, ItsAgeIsToldAndTrustGoesByIt) {
  ASSERT_EQ(Set(3), "");
  const auto said_ms = clock_.NowMs();
  const auto freshness = [this] { return Get(clinic_worker_)->capacity().freshness(); };
  EXPECT_EQ(freshness(), v1::FRESHNESS_FRESH);
  clock_.Advance(kHourMs);
  EXPECT_EQ(freshness(), v1::FRESHNESS_AGEING);
  Hold();
  EXPECT_EQ(freshness(), v1::FRESHNESS_AGEING) << "a hold is nobody's look at the beds";
  clock_.Advance(23 * kHourMs);
  EXPECT_EQ(freshness(), v1::FRESHNESS_STALE);
  EXPECT_EQ(Get(worker_)->capacity().update_time().seconds(), said_ms / 1000);
  // "It is still so" makes it fresh.
  ASSERT_EQ(Reason(Say([](auto&) {})), "");
  EXPECT_EQ(freshness(), v1::FRESHNESS_FRESH);
}

TEST_P(CapacityServerTest, WhoMaySayAndWhoMaySee) {
  ASSERT_EQ(Set(3), "");
  ASSERT_NE(Hold(), "");
  const auto say = Saying([](auto& request) { request.set_available(9); });
  const auto reason = [&](const auth::Actor& by) {
    v1::UpdateCapacityRequest request = say;
    request.set_request_id(ids_.New());
    return Reason(Ask<v1::UpdateCapacityResponse>(by, "UpdateCapacity", request));
  };
  EXPECT_EQ(reason(clinic_worker_), "SERVICE_NOT_FOUND");
  EXPECT_EQ(reason(Person(clinic_, {auth::Role::kAgencyAdmin})), "SERVICE_NOT_FOUND");
  EXPECT_EQ(reason(Person(agency_, {auth::Role::kHotlineOperator})), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(reason(Person(ids_.New(), {auth::Role::kCoordinator})), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(reason(admin_), "");
  auth::Actor bed_system = Person(agency_, {auth::Role::kIntegration});
  bed_system.kind = auth::ActorKind::kMachine;
  EXPECT_EQ(reason(bed_system), "");
  bed_system.agency_id = clinic_;
  EXPECT_EQ(reason(bed_system), "SERVICE_NOT_FOUND");

  // Others see what is free, not what is held: else a hold could be watched becoming a person.
  const auto others = Get(clinic_worker_);
  ASSERT_TRUE(others);
  EXPECT_EQ(others->capacity().available(), 9);
  EXPECT_EQ(others->capacity().held(), 0);
  EXPECT_EQ(Get(worker_)->capacity().held(), 1);

  // The wall.
  auth::Actor officer = Person(ids_.New(), {auth::Role::kCaseworker});
  officer.agency_kind = auth::AgencyKind::kLawEnforcement;
  EXPECT_EQ(Reason(Get(officer)), "AGENCY_KIND_NOT_ALLOWED");
  EXPECT_EQ(Reason(Place(officer, Holding())), "AGENCY_KIND_NOT_ALLOWED");
  EXPECT_EQ(Reason(Ask<v1::ListCapacitiesResponse>(officer, "ListCapacities",
                                                   v1::ListCapacitiesRequest())),
            "AGENCY_KIND_NOT_ALLOWED");
  v1::ListCapacitySnapshotsRequest story;
  story.set_service_id(beds_);
  story.set_unit(v1::CAPACITY_UNIT_BED);
  for (const auth::Actor& by : {officer, clinic_worker_}) {
    EXPECT_EQ(Reason(Ask<v1::ListCapacitySnapshotsResponse>(by, "ListCapacitySnapshots", story)),
              "SERVICE_NOT_FOUND");
  }
}

TEST_P(CapacityServerTest, ListsGoByServiceOrAgency) {
  ASSERT_EQ(Set(1), "");
  for (const int service : {1, 2, 3}) {
    for (const auto unit : {v1::CAPACITY_UNIT_ROOM, v1::CAPACITY_UNIT_APPOINTMENT}) {
      ASSERT_EQ(Reason(Say([&](auto& say) {
                  say.set_service_id(Uuid(service, '1'));
                  say.set_unit(unit);
                  say.set_available(service);
                })),
                "");
    }
  }
  const auto count = [this](const auth::Actor& by, const std::string& agency,
                            const std::string& service) {
    v1::ListCapacitiesRequest request;
    request.set_agency_id(agency);
    request.set_service_id(service);
    request.set_page_size(2);
    std::set<std::string> ids;
    for (int page = 0; page < 10; ++page) {
      const auto listed = Ask<v1::ListCapacitiesResponse>(by, "ListCapacities", request);
      if (!listed) return listed.error().reason;
      for (const v1::Capacity& one : listed->capacities()) ids.insert(one.id());
      if (listed->next_page_token().empty()) break;
      request.set_page_token(listed->next_page_token());
    }
    return std::to_string(ids.size());
  };
  EXPECT_EQ(count(worker_, "", ""), "7");
  EXPECT_EQ(count(clinic_worker_, "", ""), "0") << "the own agency's";
  EXPECT_EQ(count(clinic_worker_, agency_, ""), "7");
  EXPECT_EQ(count(clinic_worker_, "", beds_), "3");
  EXPECT_EQ(count(clinic_worker_, agency_, Uuid(2, '1')), "2");
  EXPECT_EQ(count(clinic_worker_, clinic_, beds_), "SERVICE_NOT_FOUND");
  EXPECT_EQ(count(clinic_worker_, "", ids_.New()), "SERVICE_NOT_FOUND");
  EXPECT_EQ(count(clinic_worker_, ids_.New(), ""), "AGENCY_NOT_FOUND");
  // Search and match ask for many services at once.
  std::function<Result<std::vector<Capacity>>(storage::ReadTransaction&)> read =
      [&](storage::ReadTransaction& tx) {
        std::vector<std::string> ids = {beds_, Uuid(3, '1')};
        while (ids.size() < 120) ids.push_back(ids_.New());
        return capacities_->OfServices(tx, ids);
      };
  const auto of_services = SyncWait(database_->Read<std::vector<Capacity>>(read));
  ASSERT_TRUE(of_services) << ToString(of_services.error());
  EXPECT_EQ(of_services->size(), 5U);
}

TEST_P(CapacityServerTest, TheStoryIsKeptAndShowsEachTheirOwn) {
  ASSERT_EQ(Set(2), "");
  const std::string hold = Hold();
  ASSERT_EQ(Reason(Consume(worker_, hold)), "");
  Hold();
  clock_.Advance(kHoldS * 1000);
  ASSERT_EQ(capacity_server_->Sweep(), 1);
  const auto story = [this](const auth::Actor& by, int page_size) {
    v1::ListCapacitySnapshotsRequest request;
    request.set_service_id(beds_);
    request.set_unit(v1::CAPACITY_UNIT_BED);
    request.set_page_size(page_size);
    std::vector<v1::CapacitySnapshot> all;
    for (int page = 0; page < 10; ++page) {
      const auto listed =
          Ask<v1::ListCapacitySnapshotsResponse>(by, "ListCapacitySnapshots", request);
      EXPECT_TRUE(listed) << ToString(listed.error());
      if (!listed) break;
      all.insert(all.end(), listed->snapshots().begin(), listed->snapshots().end());
      if (listed->next_page_token().empty()) break;
      request.set_page_token(listed->next_page_token());
    }
    return all;
  };
  const auto all = story(worker_, 2);
  std::string causes;
  for (const auto& one : all) {
    causes += v1::SnapshotCause_Name(one.cause()).substr(15) + " " +
              std::to_string(one.available()) + "/" + std::to_string(one.held()) + " ";
  }
  EXPECT_EQ(causes,
            "HOLD_LAPSED 1/0 HOLD_PLACED 0/1 HOLD_CONSUMED 1/0 HOLD_PLACED 1/1 UPDATED 2/0 ");
  EXPECT_EQ(all[4].actor_staff_id(), worker_.staff_id);
  EXPECT_EQ(all[3].actor_agency_id(), clinic_);
  EXPECT_EQ(all[3].actor_staff_id(), "") << "another agency's people are its own";
  EXPECT_EQ(all[0].actor_agency_id(), "") << "the hub itself";
  const auth::Actor coordinator = Person(ids_.New(), {auth::Role::kCoordinator});
  const auto seen = story(coordinator, 0);
  ASSERT_EQ(seen.size(), 5U);
  EXPECT_EQ(seen[4].actor_staff_id(), "");
  EXPECT_FALSE(Run("UPDATE capacity_snapshot SET available = 9")) << "append-only";
}

TEST_P(CapacityServerTest, MembersHearOfNumbersAndTheTwoOfTheHold) {
  ASSERT_EQ(Set(2), "");
  const std::string hold = Hold();
  ASSERT_EQ(Reason(Consume(worker_, hold)), "");
  ASSERT_EQ(Release(clinic_worker_, Hold()), "");
  const auto numbers = Told("fairlead.directory.capacity_changed.v1");
  std::string free;
  int64_t version = 0;
  for (const auto& event : numbers) {
    EXPECT_TRUE(event.for_members());
    EXPECT_EQ(event.subject(), beds_);
    events::v1::CapacityChanged changed;
    ASSERT_TRUE(changed.ParseFromString(event.data()));
    EXPECT_EQ(changed.unit(), "bed");
    EXPECT_EQ(changed.version(), version + 1) << "without a gap that would tell of an arrival";
    version = changed.version();
    free += std::to_string(changed.available()) + " ";
  }
  EXPECT_EQ(free, "2 1 0 1 ") << "nothing of the one who came";
  std::string story;
  for (const auto& event : Told("fairlead.directory.hold_changed.v1")) {
    EXPECT_FALSE(event.for_members());
    const std::set<std::string> audience(event.audience_agency_ids().begin(),
                                         event.audience_agency_ids().end());
    EXPECT_EQ(audience, (std::set<std::string>{agency_, clinic_}));
    events::v1::HoldChanged changed;
    ASSERT_TRUE(changed.ParseFromString(event.data()));
    story += changed.change() + " ";
  }
  EXPECT_EQ(story, "placed consumed placed released ");
  std::function<Result<std::string>(storage::ReadTransaction&)> read =
      [&](storage::ReadTransaction& tx) -> Result<std::string> {
    FAIRLEAD_ASSIGN(const auto rows, tx.Query("SELECT action FROM audit_record WHERE "
                                              "record_id <> '' AND subject_agency_id = $1 "
                                              "ORDER BY position",
                                              {agency_}));
    std::string actions;
    for (const storage::Row& row : rows) actions += row.Text(0) + " ";
    return actions;
  };
  EXPECT_EQ(SyncWait(database_->Read<std::string>(read)).value_or("?"),
            "capacity_updated hold_placed hold_consumed hold_placed hold_released ");
}

TEST_P(CapacityServerTest, OldThingsGo) {
  ASSERT_EQ(Set(2), "");
  ASSERT_EQ(Release(clinic_worker_, Hold()), "");
  clock_.Advance(kKeepEndedHoldsMs);
  EXPECT_EQ(capacity_server_->Sweep(), 0);
  clock_.Advance(1);
  EXPECT_EQ(capacity_server_->Sweep(), 1);
  EXPECT_EQ(CountRows("capacity_hold"), 0);
  EXPECT_EQ(CountRows("capacity_snapshot"), 3);
  clock_.Advance(kKeepSnapshotsMs - kKeepEndedHoldsMs);
  EXPECT_EQ(capacity_server_->Sweep(), 3);
  EXPECT_EQ(CountRows("capacity_snapshot"), 0);
  EXPECT_EQ(Numbers(), "2 free, 0 held");
}

INSTANTIATE_TEST_SUITE_P(Engines, CapacityServerTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& instance) {
                           return instance.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::directory
