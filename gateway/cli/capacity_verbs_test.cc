// capacity get … watch, against a hub that answers what the test says.
#include <gmock/gmock.h>

#include <boost/json/parse.hpp>

#include "fairlead/directory/v1/capacity.pb.h"
#include "fairlead/directory/v1/directory.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/testing/cli_fixture.h"
#include "services/common/base/clock.h"

namespace fairlead::cli {
namespace {

using ::testing::HasSubstr;
namespace v1 = directory::v1;

constexpr const char* kService = "0190f000-0000-7000-8000-0000000000c1";
constexpr const char* kHold = "0190f000-0000-7000-8000-0000000000d1";

v1::Capacity Beds(int available, int64_t age_s) {
  v1::Capacity capacity;
  capacity.set_service_id(kService);
  capacity.set_service_name("Night beds");
  capacity.set_agency_id(kOwnAgency);
  capacity.set_unit(v1::CAPACITY_UNIT_BED);
  capacity.set_available(available);
  capacity.set_maximum(8);
  capacity.set_accepting(true);
  capacity.mutable_update_time()->set_seconds(SystemClock().NowMs() / 1000 - age_s);
  capacity.set_freshness(v1::FRESHNESS_FRESH);
  return capacity;
}

class CapacityVerbsTest : public CliTest {
 protected:
  void SetUp() override {
    SignIn();
    v1::UpdateCapacityResponse updated;
    *updated.mutable_capacity() = Beds(3, 0);
    hub_.Answer(kUpdateCapacity, updated);
  }
};

TEST_F(CapacityVerbsTest, ACountIsOneShortCommand) {
  ASSERT_EQ(Cli({"capacity", "set", kService, "beds", "3"}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("Night beds: 3 of 8 beds free"));
  auto sent = Sent<v1::UpdateCapacityRequest>(kUpdateCapacity);
  EXPECT_EQ(sent.unit(), v1::CAPACITY_UNIT_BED);
  EXPECT_EQ(sent.available(), 3);
  EXPECT_FALSE(sent.has_maximum());
  EXPECT_FALSE(sent.has_accepting());

  ASSERT_EQ(Cli({"capacity", "set", "@last", "bed", "-1"}), kExitOk) << err;
  sent = Sent<v1::UpdateCapacityRequest>(kUpdateCapacity);
  EXPECT_EQ(sent.service_id(), kService);
  EXPECT_FALSE(sent.has_available());
  EXPECT_EQ(sent.available_delta(), -1);
  ASSERT_EQ(Cli({"capacity", "set", "@last", "family-rooms", "+1", "--maximum", "0", "--accepting",
                 "no", "--waitlist", "4", "--overflow", "2"}),
            kExitOk)
      << err;
  sent = Sent<v1::UpdateCapacityRequest>(kUpdateCapacity);
  EXPECT_EQ(sent.unit(), v1::CAPACITY_UNIT_FAMILY_ROOM);
  EXPECT_EQ(sent.available_delta(), 1);
  EXPECT_TRUE(sent.has_maximum());
  EXPECT_TRUE(sent.has_accepting());
  EXPECT_FALSE(sent.accepting());
  EXPECT_EQ(sent.waitlist(), 4);
  EXPECT_EQ(sent.overflow_available(), 2);
  // "It is still so."
  ASSERT_EQ(Cli({"capacity", "set", "@last", "beds"}), kExitOk) << err;
  sent = Sent<v1::UpdateCapacityRequest>(kUpdateCapacity);
  EXPECT_FALSE(sent.has_available());
  EXPECT_FALSE(sent.has_available_delta());

  const size_t before = hub_.requests().size();
  for (const char* number : {"three", "3.5", "+", "-", "+-1", "1x", "99999999999"}) {
    EXPECT_EQ(Cli({"capacity", "set", kService, "beds", number}), kExitUsage) << number;
  }
  EXPECT_EQ(Cli({"capacity", "set", kService, "sofas", "3"}), kExitUsage);
  EXPECT_EQ(Cli({"capacity", "set", kService, "beds", "3", "--accepting", "maybe"}), kExitUsage);
  EXPECT_EQ(hub_.requests().size(), before) << "nothing was sent";
}

TEST_F(CapacityVerbsTest, AServiceGoesByItsNameTheOwnOnesFirst) {
  v1::SearchServicesResponse found;
  const auto add = [&](const char* id, const char* name, const char* agency) {
    v1::Service* service = found.add_services();
    service->set_id(id);
    service->set_name(name);
    service->set_agency_id(agency);
  };
  add("0190f000-0000-7000-8000-0000000000c2", "Night beds", kOtherAgency);
  add(kService, "Night beds", kOwnAgency);
  add("0190f000-0000-7000-8000-0000000000c3", "Night beds for men", kOwnAgency);
  hub_.Answer(kSearchServices, found);
  ASSERT_EQ(Cli({"capacity", "set", "Night beds", "beds", "2"}), kExitOk) << err;
  EXPECT_EQ(Sent<v1::UpdateCapacityRequest>(kUpdateCapacity).service_id(), kService);
  EXPECT_EQ(Cli({"capacity", "set", "Day beds", "beds", "2"}), kExitNotFound);
  add("0190f000-0000-7000-8000-0000000000c4", "Night beds", kOwnAgency);
  hub_.Answer(kSearchServices, found);
  EXPECT_EQ(Cli({"capacity", "set", "Night beds", "beds", "2"}), kExitUsage) << "which one?";
  EXPECT_THAT(err, HasSubstr("0000000000c4"));
}

TEST_F(CapacityVerbsTest, GetSaysHowOldANumberIs) {
  v1::ListCapacitiesResponse all;
  *all.add_capacities() = Beds(3, 12 * 60);
  *all.add_capacities() = Beds(0, 30 * 3600);
  all.mutable_capacities(0)->set_held(2);
  all.mutable_capacities(1)->set_freshness(v1::FRESHNESS_STALE);
  all.mutable_capacities(1)->set_accepting(false);
  hub_.Answer(kListCapacities, all);
  ASSERT_EQ(Cli({"capacity", "get"}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("3 of 8 beds free, 2 held"));
  EXPECT_THAT(out, HasSubstr("12 min ago, fresh"));
  EXPECT_THAT(out, HasSubstr("30 h ago, stale"));
  EXPECT_THAT(out, HasSubstr("takes no holds"));
  ASSERT_EQ(Cli({"capacity", "get", kService, "--json"}), kExitOk) << err;
  EXPECT_EQ(Sent<v1::ListCapacitiesRequest>(kListCapacities).service_id(), kService);
  const auto json = boost::json::parse(out);
  EXPECT_EQ(json.at("capacities").as_array().size(), 2U);
  EXPECT_EQ(json.at("capacities").at(0).at("freshness").as_string(), "FRESHNESS_FRESH");
}

TEST_F(CapacityVerbsTest, AHoldIsPlacedAndEnds) {
  v1::PlaceHoldResponse placed;
  v1::Hold& hold = *placed.mutable_hold();
  hold.set_id(kHold);
  hold.set_service_name("Night beds");
  hold.set_unit(v1::CAPACITY_UNIT_BED);
  hold.set_quantity(2);
  hold.set_state(v1::HOLD_STATE_PLACED);
  hold.mutable_expire_time()->set_seconds(SystemClock().NowMs() / 1000 + 30 * 60);
  *placed.mutable_capacity() = Beds(1, 60);
  hub_.Answer(kPlaceHold, placed);
  ASSERT_EQ(Cli({"capacity", "hold", kService, "beds", "--for", "30min", "--quantity", "2",
                 "--overflow"}),
            kExitOk)
      << err;
  EXPECT_THAT(out, HasSubstr("2 beds"));
  EXPECT_THAT(out, HasSubstr("in 30 min"));
  EXPECT_THAT(err, HasSubstr(std::string("Not needed after all: "))) << "no next step";
  EXPECT_THAT(err, HasSubstr(std::string("capacity release ") + kHold));
  EXPECT_THAT(err, HasSubstr("release create --to"));
  const auto sent = Sent<v1::PlaceHoldRequest>(kPlaceHold);
  EXPECT_EQ(sent.lapse_s(), 1800);
  EXPECT_EQ(sent.quantity(), 2);
  EXPECT_TRUE(sent.overflow());
  EXPECT_EQ(sent.reference_id(), sent.request_id());
  EXPECT_EQ(Cli({"capacity", "hold", kService, "beds", "--for", "2d"}), kExitUsage);

  v1::ConsumeHoldResponse came;
  *came.mutable_hold() = hold;
  came.mutable_hold()->set_state(v1::HOLD_STATE_CONSUMED);
  hub_.Answer(kConsumeHold, came);
  ASSERT_EQ(Cli({"capacity", "arrived", "@last"}), kExitOk) << err;
  EXPECT_EQ(Sent<v1::ConsumeHoldRequest>(kConsumeHold).hold_id(), kHold);
  EXPECT_THAT(out, HasSubstr("consumed"));
  hub_.OnCall(kReleaseHold, [](const FakeRequest&) {
    return Refusal(400, {Code::kFailedPrecondition, "HOLD_ENDED", "Ended.", {{"state", "lapsed"}}});
  });
  EXPECT_EQ(Cli({"capacity", "release", kHold}), kExitConflict);
  EXPECT_THAT(err, HasSubstr("capacity hold"));
}

TEST_F(CapacityVerbsTest, AHistoryIsOfTheOnlyUnitThatThereIs) {
  v1::ListCapacitiesResponse all;
  hub_.Answer(kListCapacities, all);
  hub_.Answer(kListCapacitySnapshots, v1::ListCapacitySnapshotsResponse());
  EXPECT_EQ(Cli({"capacity", "history", kService}), kExitUsage) << "there is none";
  *all.add_capacities() = Beds(1, 60);
  all.mutable_capacities(0)->set_unit(v1::CAPACITY_UNIT_VOUCHER);
  hub_.Answer(kListCapacities, all);
  ASSERT_EQ(Cli({"capacity", "history", kService}), kExitOk) << err;
  EXPECT_EQ(Sent<v1::ListCapacitySnapshotsRequest>(kListCapacitySnapshots).unit(),
            v1::CAPACITY_UNIT_VOUCHER);
  *all.add_capacities() = Beds(1, 60);
  hub_.Answer(kListCapacities, all);
  EXPECT_EQ(Cli({"capacity", "history", kService}), kExitUsage) << "which one?";
}

TEST_F(CapacityVerbsTest, WatchPrintsNumbersAndHolds) {
  const std::string of_service = std::string(R"("serviceId":")") + kService + "\"";
  const std::string stream =
      "event: ready\nid: e-1\ndata: {}\n\n"
      "id: e-2\ndata: {\"type\":\"fairlead.referral.sent.v1\",\"data\":{}}\n\n"
      "id: e-3\ndata: {\"type\":\"fairlead.directory.capacity_changed.v1\",\"time\":"
      "\"2026-01-31T09:05:00.250Z\",\"data\":{\"serviceId\":\"another\"}}\n\n"
      "id: e-4\ndata: {\"type\":\"fairlead.directory.capacity_changed.v1\",\"time\":"
      "\"2026-01-31T09:05:00.250Z\",\"data\":{" +
      of_service +
      ",\"unit\":\"bed\",\"available\":2,\"maximum\":8,\"accepting\":true,\"version\":\"7\"}}\n\n"
      "id: e-5\ndata: {\"type\":\"fairlead.directory.hold_changed.v1\",\"time\":"
      "\"2026-01-31T09:05:01.250Z\",\"data\":{" +
      of_service + ",\"unit\":\"bed\",\"quantity\":1,\"change\":\"lapsed\",\"holdId\":\"" + kHold +
      "\"}}\n\n";
  hub_.OnCall("/events", [stream](const FakeRequest&) {
    return FakeAnswer{
        .content_type = "text/event-stream", .body = stream, .extra_headers = {}};
  });
  ASSERT_EQ(Cli({"capacity", "watch", kService, "--count", "2"}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("2026-01-31T09:05:00Z  2 of 8 beds free  "));
  EXPECT_THAT(out, HasSubstr(std::string("hold lapsed  1 bed  ") + kHold));
  EXPECT_THAT(out, ::testing::Not(HasSubstr("another")));
  ASSERT_EQ(Cli({"capacity", "watch", "--count", "3", "--json"}), kExitOk) << err;
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 3) << out;
}

}  // namespace
}  // namespace fairlead::cli
