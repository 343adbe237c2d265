// hours NAME|override|keep|holidays, against a hub that answers what the test says.
#include <gmock/gmock.h>

#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/directory/v1/hours_override.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/testing/cli_fixture.h"

namespace fairlead::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace v1 = directory::v1;

constexpr const char* kClinic = "0190f000-0000-7000-8000-0000000000c7";

class HoursVerbsTest : public CliTest {
 protected:
  void SetUp() override {
    SignIn();
    v1::SetHoursOverridesResponse set;
    v1::HoursOverride* day = set.add_overrides();
    day->set_date("2026-12-24");
    v1::OpenTimes* times = day->add_openings();
    times->set_opens_at("09:00");
    times->set_closes_at("12:00");
    set.add_overrides()->set_date("2026-12-25");
    set.add_holiday_sets("us_federal");
    hub_.Answer(kSetHoursOverrides, set);
  }
};

TEST_F(HoursVerbsTest, NamesAreNoVerbs) {
  v1::GetServiceResponse found;
  found.mutable_service()->set_id(kClinic);
  found.mutable_service()->set_name("Night clinic");
  v1::Hours* hours = found.mutable_service()->mutable_hours();
  hours->set_time_zone("America/New_York");
  v1::Opening* opening = hours->add_openings();
  opening->mutable_start_time()->set_seconds(1'798'113'600);  // 2026-12-24 12:00 UTC
  opening->mutable_end_time()->set_seconds(1'798'131'600);
  hours->add_overrides()->set_date("2027-01-04");
  hours->add_holiday_sets("us_federal");
  hub_.Answer(kGetService, found);
  ASSERT_EQ(Cli({"hours", kClinic}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("Thu 24 Dec"));
  EXPECT_THAT(out, HasSubstr("07:00"));
  EXPECT_THAT(out, HasSubstr("2027-01-04  closed"));
  EXPECT_THAT(out, HasSubstr("Keeps: us_federal"));
  EXPECT_EQ(Cli({"hours"}), kExitUsage);
}

TEST_F(HoursVerbsTest, ADayIsClosedOpenOrTakenBack) {
  ASSERT_EQ(Cli({"hours", "override", kClinic, "2026-12-25", "2026-12-26", "--closed"}), kExitOk)
      << err;
  auto sent = Sent<v1::SetHoursOverridesRequest>(kSetHoursOverrides);
  EXPECT_EQ(sent.service_id(), kClinic);
  ASSERT_EQ(sent.overrides_size(), 2);
  EXPECT_EQ(sent.overrides(1).date(), "2026-12-26");
  EXPECT_EQ(sent.overrides(1).openings_size(), 0);
  EXPECT_FALSE(sent.has_holidays()) << "what it keeps stays";
  EXPECT_THAT(out, HasSubstr("2026-12-24  09:00-12:00"));
  EXPECT_THAT(out, HasSubstr("2026-12-25  closed"));

  ASSERT_EQ(Cli({"hours", "override", kClinic, "2026-12-24", "--open", "09:00-12:00,22:00-06:00"}),
            kExitOk)
      << err;
  sent = Sent<v1::SetHoursOverridesRequest>(kSetHoursOverrides);
  ASSERT_EQ(sent.overrides(0).openings_size(), 2);
  EXPECT_EQ(sent.overrides(0).openings(1).opens_at(), "22:00");
  EXPECT_EQ(sent.overrides(0).openings(1).closes_at(), "06:00");

  ASSERT_EQ(Cli({"hours", "override", kClinic, "2026-12-24", "--clear"}), kExitOk) << err;
  sent = Sent<v1::SetHoursOverridesRequest>(kSetHoursOverrides);
  EXPECT_EQ(sent.overrides_size(), 0);
  EXPECT_THAT(sent.clear_dates(), ElementsAre("2026-12-24"));

  const size_t before = hub_.requests().size();
  EXPECT_EQ(Cli({"hours", "override", kClinic, "2026-12-24"}), kExitUsage);
  EXPECT_EQ(Cli({"hours", "override", kClinic, "2026-12-24", "--closed", "--clear"}), kExitUsage);
  EXPECT_EQ(Cli({"hours", "override", kClinic, "2026-12-24", "--open", "noon"}), kExitUsage);
  EXPECT_EQ(Cli({"hours", "keep", kClinic}), kExitUsage);
  EXPECT_THAT(err, HasSubstr("hours keep SERVICE us_federal"));
  EXPECT_EQ(hub_.requests().size(), before);
}

TEST_F(HoursVerbsTest, HolidaysAreKeptOrNot) {
  ASSERT_EQ(Cli({"hours", "keep", kClinic, "us_federal", "winter_break"}), kExitOk) << err;
  EXPECT_THAT(Sent<v1::SetHoursOverridesRequest>(kSetHoursOverrides).holidays().codes(),
              ElementsAre("us_federal", "winter_break"));
  ASSERT_EQ(Cli({"hours", "keep", kClinic, "none"}), kExitOk) << err;
  EXPECT_TRUE(Sent<v1::SetHoursOverridesRequest>(kSetHoursOverrides).has_holidays());
  EXPECT_EQ(Sent<v1::SetHoursOverridesRequest>(kSetHoursOverrides).holidays().codes_size(), 0);
}

TEST_F(HoursVerbsTest, HolidaysAreListedAndSet) {
  v1::ListHolidaySetsResponse listed;
  v1::HolidaySet* set = listed.add_holiday_sets();
  set->set_code("us_federal");
  set->add_dates()->set_date("2026-12-25");
  set->mutable_dates(0)->set_code("christmas_day");
  hub_.Answer(kListHolidaySets, listed);
  ASSERT_EQ(Cli({"hours", "holidays"}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("us_federal  2026-12-25  christmas day"));

  hub_.Answer(kPutHolidaySet, v1::PutHolidaySetResponse());
  ASSERT_EQ(Cli({"hours", "holidays", "set", "winter_break", "--dates", "2026-12-24,2026-12-31"}),
            kExitOk)
      << err;
  EXPECT_THAT(Sent<v1::PutHolidaySetRequest>(kPutHolidaySet).dates(),
              ElementsAre("2026-12-24", "2026-12-31"));
  EXPECT_EQ(Cli({"hours", "holidays", "set", "winter_break"}), kExitUsage);
  ASSERT_EQ(Cli({"hours", "holidays", "set", "winter_break", "--remove"}), kExitOk) << err;
  EXPECT_EQ(Sent<v1::PutHolidaySetRequest>(kPutHolidaySet).dates_size(), 0);
}

}  // namespace
}  // namespace fairlead::cli
