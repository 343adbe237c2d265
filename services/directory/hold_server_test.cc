// Holds: beds kept for somebody, and their ends, on both engines.
#include <gtest/gtest.h>

#include <map>

#include "services/common/rpc/proto_time.h"
#include "services/directory/testing/capacity_fixture.h"

namespace fairlead::directory {
namespace {

class HoldServerTest : public CapacityFixture {};

TEST_P(HoldServerTest, AHoldTakesABedAndItsEndGivesItBackOnce) {
  ASSERT_EQ(Set(3), "");
  const auto placed = Place(clinic_worker_, Holding());
  ASSERT_TRUE(placed) << ToString(placed.error());
  const v1::Hold& hold = placed->hold();
  EXPECT_EQ(hold.state(), v1::HOLD_STATE_PLACED);
  EXPECT_EQ(hold.quantity(), 1);
  EXPECT_EQ(hold.holder_agency_id(), clinic_);
  EXPECT_EQ(hold.agency_id(), agency_);
  EXPECT_EQ(hold.expire_time().seconds() - hold.place_time().seconds(), kHoldS);
  EXPECT_EQ(placed->capacity().available(), 2);
  EXPECT_EQ(placed->capacity().held(), 0) << "not the holder's to see";
  EXPECT_EQ(Numbers(), "2 free, 1 held");

  EXPECT_EQ(Release(clinic_worker_, hold.id()), "");
  EXPECT_EQ(Numbers(), "3 free, 0 held");
  EXPECT_EQ(Release(clinic_worker_, hold.id()), "HOLD_ENDED");
  EXPECT_EQ(Reason(Consume(worker_, hold.id())), "HOLD_ENDED");
  EXPECT_EQ(Numbers(), "3 free, 0 held");

  // The person came: the bed stays taken.
  const std::string came = Hold();
  const auto consumed = Consume(worker_, came);
  ASSERT_TRUE(consumed) << ToString(consumed.error());
  EXPECT_EQ(consumed->hold().state(), v1::HOLD_STATE_CONSUMED);
  EXPECT_TRUE(consumed->hold().has_end_time());
  EXPECT_EQ(Numbers(), "2 free, 0 held");
  EXPECT_EQ(Release(worker_, came), "HOLD_ENDED");
  EXPECT_EQ(Consume(worker_, came).error().metadata.at("state"), "consumed");

  // The shelter may turn a hold away, too.
  EXPECT_EQ(Release(worker_, Hold()), "");
  EXPECT_EQ(Numbers(), "2 free, 0 held");
  EXPECT_EQ(States(clinic_worker_, v1::HOLD_BOX_PLACED), "RELEASED CONSUMED RELEASED");
  EXPECT_EQ(States(worker_, v1::HOLD_BOX_RECEIVED, true, 1), "RELEASED CONSUMED RELEASED");
  EXPECT_EQ(States(worker_, v1::HOLD_BOX_RECEIVED, false), "");
  EXPECT_EQ(States(worker_, v1::HOLD_BOX_PLACED), "");
}

TEST_P(HoldServerTest, AnothersHoldIsNotThere) {
  ASSERT_EQ(Set(3), "");
  const std::string hold = Hold();
  const auth::Actor stranger =
      Person(MakeAgency("Legal Aid"), {auth::Role::kCaseworker, auth::Role::kAgencyAdmin});
  EXPECT_EQ(Release(stranger, hold), "HOLD_NOT_FOUND");
  EXPECT_EQ(Reason(Consume(stranger, hold)), "HOLD_NOT_FOUND");
  EXPECT_EQ(Release(stranger, ids_.New()), "HOLD_NOT_FOUND");
  EXPECT_EQ(Reason(Consume(clinic_worker_, hold)), "HOLD_NOT_FOUND")
      << "who came is for the shelter to say";
  EXPECT_EQ(States(stranger, v1::HOLD_BOX_RECEIVED), "");
  EXPECT_EQ(Numbers(), "2 free, 1 held");
}

TEST_P(HoldServerTest, WhatAHoldIsRefusedFor) {
  EXPECT_EQ(Reason(Place(clinic_worker_, Holding())), "CAPACITY_NOT_FOUND");
  ASSERT_EQ(Set(2), "");
  v1::PlaceHoldRequest request = Holding();
  request.set_service_id(ids_.New());
  EXPECT_EQ(Reason(Place(clinic_worker_, request)), "SERVICE_NOT_FOUND");
  request = Holding();
  request.set_quantity(3);
  const auto exhausted = Place(clinic_worker_, request);
  EXPECT_EQ(Reason(exhausted), "CAPACITY_EXHAUSTED");
  EXPECT_EQ(exhausted.error().metadata.at("available"), "2");
  request.set_quantity(21);
  EXPECT_EQ(Reason(Place(clinic_worker_, request)), "OUT_OF_RANGE");
  for (const int lapse_s : {59, 86'401, -1}) {
    request = Holding();
    request.set_lapse_s(lapse_s);
    EXPECT_EQ(Reason(Place(clinic_worker_, request)), "OUT_OF_RANGE") << lapse_s;
  }
  // One for one reference: two colleagues hold one bed for one person, not two.
  request = Holding();
  const auto first = Place(clinic_worker_, request);
  ASSERT_TRUE(first);
  const auto repeat = Place(clinic_worker_, request);
  ASSERT_TRUE(repeat) << ToString(repeat.error());
  EXPECT_EQ(repeat->hold().id(), first->hold().id());
  request.set_request_id(ids_.New());
  const auto twice = Place(Person(clinic_, {auth::Role::kHotlineOperator}), request);
  EXPECT_EQ(Reason(twice), "HOLD_EXISTS");
  EXPECT_EQ(twice.error().metadata.at("hold_id"), first->hold().id());
  EXPECT_EQ(Numbers(), "1 free, 1 held");
  // Another agency's reference of that number is another's.
  request.set_request_id(ids_.New());
  EXPECT_EQ(Reason(Place(worker_, request)), "");

  ASSERT_EQ(Reason(Say([](auto& say) {
              say.set_available(5);
              say.set_accepting(false);
            })),
            "");
  EXPECT_EQ(Reason(Place(clinic_worker_, Holding())), "CAPACITY_NOT_ACCEPTING");
  EXPECT_EQ(Release(clinic_worker_, first->hold().id()), "") << "what is out comes back";
  EXPECT_EQ(Numbers(), "6 free, 1 held");
}

TEST_P(HoldServerTest, NobodyHoldsACoalitionEmpty) {
  ASSERT_EQ(Set(kMaxUnitsHeldByAgency + 10), "");
  for (int i = 0; i < kMaxUnitsHeldByAgency; ++i) ASSERT_NE(Hold(), "");
  EXPECT_EQ(Reason(Place(clinic_worker_, Holding())), "TOO_MANY_HOLDS");
  EXPECT_EQ(Reason(Place(worker_, Holding())), "") << "another agency's are its own";
  EXPECT_EQ(Numbers(), "9 free, 101 held");
}

TEST_P(HoldServerTest, OverflowIsApartAndAskedFor) {
  ASSERT_EQ(Reason(Say([](auto& say) {
              say.set_available(1);
              say.set_maximum(1);
              say.set_overflow_available(2);
            })),
            "");
  v1::PlaceHoldRequest request = Holding();
  request.set_overflow(true);
  const auto regular = Place(clinic_worker_, request);
  ASSERT_TRUE(regular);
  EXPECT_FALSE(regular->hold().overflow()) << "a bed, while there is one";
  EXPECT_EQ(Reason(Place(clinic_worker_, Holding())), "CAPACITY_EXHAUSTED");
  request = Holding();
  request.set_overflow(true);
  const auto over = Place(clinic_worker_, request);
  ASSERT_TRUE(over);
  EXPECT_TRUE(over->hold().overflow());
  EXPECT_EQ(Numbers(), "0 free, 1 held, +1 over, 1 held");
  // It comes back where it came from.
  EXPECT_EQ(Release(clinic_worker_, over->hold().id()), "");
  EXPECT_EQ(Numbers(), "0 free, 1 held, +2 over, 0 held");
  EXPECT_EQ(Release(clinic_worker_, regular->hold().id()), "");
  EXPECT_EQ(Numbers(), "1 free, 0 held, +2 over, 0 held");
}

TEST_P(HoldServerTest, ANumberThatIsSetIsBesideTheHolds) {
  ASSERT_EQ(Reason(Say([](auto& say) {
              say.set_available(4);
              say.set_maximum(6);
            })),
            "");
  const std::string one = Hold();
  const std::string two = Hold();
  EXPECT_EQ(Numbers(), "2 free, 2 held");
  EXPECT_EQ(Set(5), "CAPACITY_OVER_MAXIMUM") << "two are promised";
  ASSERT_EQ(Set(4), "");
  EXPECT_EQ(Numbers(), "4 free, 2 held");
  EXPECT_EQ(Release(worker_, one), "");
  EXPECT_EQ(Reason(Consume(worker_, two)), "");
  EXPECT_EQ(Numbers(), "5 free, 0 held");
}

TEST_P(HoldServerTest, AHoldLapsesOnce) {
  ASSERT_EQ(Set(1), "");
  v1::PlaceHoldRequest request = Holding();
  request.set_lapse_s(60);
  const auto placed = Place(clinic_worker_, request);
  ASSERT_TRUE(placed);
  clock_.Advance(59'999);
  EXPECT_EQ(capacity_server_->Sweep(), 0);
  EXPECT_EQ(Reason(Place(worker_, Holding())), "CAPACITY_EXHAUSTED");
  clock_.Advance(1);
  // Its time has passed, sweep or no sweep.
  EXPECT_EQ(Reason(Consume(worker_, placed->hold().id())), "HOLD_ENDED");
  EXPECT_EQ(Consume(worker_, placed->hold().id()).error().metadata.at("state"), "lapsed");
  EXPECT_EQ(Numbers(), "0 free, 1 held");
  // A server that was not there when it was placed gives it back.
  CapacityServer restarted(*deps_, std::string(32, 'r'), kHoldS);
  EXPECT_EQ(restarted.Sweep(), 1);
  EXPECT_EQ(Numbers(), "1 free, 0 held");
  EXPECT_EQ(capacity_server_->Sweep(), 0);
  EXPECT_EQ(Numbers(), "1 free, 0 held");
  EXPECT_EQ(States(worker_, v1::HOLD_BOX_RECEIVED), "LAPSED");

  // Whoever wants the bed need not wait for the sweep, also under the same reference.
  const auto again = Place(clinic_worker_, Holding());
  ASSERT_TRUE(again);
  clock_.Advance(kHoldS * 1000);
  request = Holding();
  request.set_reference_id(again->hold().reference_id());
  EXPECT_EQ(Reason(Place(clinic_worker_, request)), "");
  EXPECT_EQ(Numbers(), "0 free, 1 held");
  EXPECT_EQ(States(worker_, v1::HOLD_BOX_RECEIVED), "PLACED LAPSED LAPSED");
}

// Numbers that contradict each other, which nothing of ours writes: that hold cannot be ended, and
// all others are.
TEST_P(HoldServerTest, OneHoldThatCannotEndStopsNoOther) {
  ASSERT_EQ(Set(3), "");
  const std::string bad = Hold();
  ASSERT_EQ(Reason(Say([](auto& say) {
              say.set_unit(v1::CAPACITY_UNIT_FAMILY_ROOM);
              say.set_available(2);
            })),
            "");
  v1::PlaceHoldRequest room = Holding();
  room.set_unit(v1::CAPACITY_UNIT_FAMILY_ROOM);
  ASSERT_EQ(Reason(Place(clinic_worker_, room)), "");
  ASSERT_TRUE(Run("UPDATE capacity SET held = 0 WHERE service_id = $1 AND unit = $2",
                  {beds_, static_cast<int>(v1::CAPACITY_UNIT_BED)}));
  clock_.Advance(kHoldS * 1000);
  EXPECT_EQ(capacity_server_->Sweep(), 1);
  EXPECT_EQ(States(worker_, v1::HOLD_BOX_RECEIVED), "LAPSED PLACED");
  EXPECT_EQ(Reason(capacity_server_->Sweep()), "CHECK_VIOLATION") << "what is left is said";
  ASSERT_TRUE(Run("UPDATE capacity SET held = 1 WHERE service_id = $1 AND unit = $2",
                  {beds_, static_cast<int>(v1::CAPACITY_UNIT_BED)}));
  EXPECT_EQ(capacity_server_->Sweep(), 1);
  EXPECT_EQ(Consume(worker_, bad).error().metadata.at("state"), "lapsed");
}

TEST_P(HoldServerTest, AServiceThatDisappearsEndsItsHolds) {
  ASSERT_EQ(Set(2), "");
  const std::string hold = Hold();
  std::vector<Row> rows = ThreeServices();
  rows[0].status = "inactive";
  ASSERT_EQ(Counts(Import(rows)), "0 1 3");
  EXPECT_EQ(Reason(Place(clinic_worker_, Holding())), "SERVICE_NOT_OFFERED");
  EXPECT_EQ(capacity_server_->Sweep(), 1);
  EXPECT_EQ(Numbers(), "2 free, 0 held");
  EXPECT_EQ(Consume(worker_, hold).error().metadata.at("state"), "closed");
  rows[0].status = "active";
  ASSERT_EQ(Counts(Import(rows)), "0 1 3");

  // A member that is none any more, on either side.
  const auto become = [this](const std::string& agency_id, Membership membership) {
    std::function<Result<int64_t>(storage::Transaction&)> job =
        [&](storage::Transaction& tx) -> Result<int64_t> {
      FAIRLEAD_ASSIGN(std::optional<Agency> agency, store_->FindAgency(tx, agency_id));
      agency->membership = membership;
      FAIRLEAD_RETURN_IF_ERROR(memberships_->UpdateMembership(tx, *agency));
      return 1;
    };
    EXPECT_TRUE(SyncWait(database_->Write<int64_t>(job)).has_value());
  };
  Hold();
  become(clinic_, Membership::kSuspended);
  EXPECT_EQ(capacity_server_->Sweep(), 1);
  EXPECT_EQ(Numbers(), "2 free, 0 held");
  become(clinic_, Membership::kActive);
  Hold();
  become(agency_, Membership::kDeparted);
  EXPECT_EQ(Reason(Get(clinic_worker_)), "SERVICE_NOT_FOUND");
  EXPECT_EQ(Reason(Place(clinic_worker_, Holding())), "SERVICE_NOT_FOUND");
  EXPECT_EQ(capacity_server_->Sweep(), 1);
  EXPECT_EQ(Numbers(), "2 free, 0 held");
  EXPECT_EQ(capacity_server_->Sweep(), 0);
  EXPECT_EQ(States(clinic_worker_, v1::HOLD_BOX_PLACED), "CLOSED CLOSED CLOSED");
  become(agency_, Membership::kActive);
  // Gone from the tables: the hold ends all the same.
  Hold();
  ASSERT_TRUE(Run("DELETE FROM listing WHERE id = $1", {beds_}));
  EXPECT_EQ(capacity_server_->Sweep(), 1);
  EXPECT_EQ(capacity_server_->Sweep(), 0);
  EXPECT_EQ(States(worker_, v1::HOLD_BOX_RECEIVED), "CLOSED CLOSED CLOSED CLOSED");
}

// Whatever happens in whatever order: what is free and what is held are what the holds say.
TEST_P(HoldServerTest, CountsAgreeWithHoldsWhateverHappens) {
  SeededRandom random(20'261'127);
  ASSERT_EQ(Reason(Say([](auto& say) {
              say.set_available(6);
              say.set_overflow_available(2);
            })),
            "");
  int sum = 6;  // free and held together
  int over = 2;
  std::map<std::string, v1::Hold> out;
  for (int step = 0; step < 200; ++step) {
    const auto pick = [&] {
      return std::next(out.begin(), static_cast<std::ptrdiff_t>(random.Below(out.size())));
    };
    const uint64_t what = random.Below(6);
    if (what <= 1) {
      v1::PlaceHoldRequest request = Holding();
      request.set_quantity(1 + static_cast<int>(random.Below(3)));
      request.set_overflow(random.Below(2) == 0);
      request.set_lapse_s(60 + static_cast<int>(random.Below(600)));
      const auto placed = Place(clinic_worker_, request);
      if (placed) out[placed->hold().id()] = placed->hold();
    } else if (what == 2 && !out.empty()) {
      const auto at = pick();
      EXPECT_EQ(Release(clinic_worker_, at->first), "");
      out.erase(at);
    } else if (what == 3 && !out.empty()) {
      const auto at = pick();
      EXPECT_EQ(Reason(Consume(worker_, at->first)), "");
      (at->second.overflow() ? over : sum) -= at->second.quantity();
      out.erase(at);
    } else if (what == 4) {
      clock_.Advance(static_cast<int64_t>(random.Below(120'000)));
      ASSERT_TRUE(capacity_server_->Sweep());
      std::erase_if(out, [&](const auto& one) {
        return rpc::ToMs(one.second.expire_time()) <= clock_.NowMs();
      });
    } else if (Reason(Say([](auto& say) { say.set_available_delta(1); })).empty()) {
      ++sum;
    }
    int held = 0;
    int over_held = 0;
    for (const auto& [id, hold] : out) {
      (hold.overflow() ? over_held : held) += hold.quantity();
    }
    const auto now = Get(worker_);
    ASSERT_TRUE(now);
    ASSERT_EQ(now->capacity().held(), held) << "step " << step;
    ASSERT_EQ(now->capacity().overflow_held(), over_held) << "step " << step;
    ASSERT_EQ(now->capacity().available(), sum - held) << "step " << step;
    ASSERT_EQ(now->capacity().overflow_available(), over - over_held) << "step " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, HoldServerTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& instance) {
                           return instance.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::directory
