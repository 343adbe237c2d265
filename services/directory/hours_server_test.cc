// Single days and holidays, from whoever says them to whoever asks who is open now.
#include "services/directory/hours_server.h"

#include "services/common/base/text.h"
#include "services/directory/testing/fixture.h"

namespace fairlead::directory {
namespace {

constexpr const char* kDays = "\"MO,TU,WE,TH,FR,SA,SU\"";

// In Miami it is Tuesday, 14 November 2023, 17:13.
class HoursServerTest : public DirectoryFixture {
 protected:
  void SetUp() override {
    DirectoryFixture::SetUp();
    ASSERT_EQ(ImportWith(""), "4 0 0");
  }

  // The first service is open day and night, the second every night, the third says nothing.
  // `more`: rows of schedules.csv.
  std::string ImportWith(const std::string& more,
                         const std::vector<Row>& services = ThreeServices()) {
    auto folder = Folder(services);
    std::string& table = folder["schedules.csv"];
    table = "id,service_id,byday,opens_at,closes_at,valid_from,valid_to\n";
    table.append(Uuid(1, '1')).append("," + always_ + "," + kDays + ",00:00,24:00,,\n");
    table.append(Uuid(2, '1')).append("," + nights_ + "," + kDays + ",22:00,06:00,,\n");
    table += more;
    v1::ImportListingsRequest request = Request(v1::IMPORT_FORMAT_HSDS_CSV, folder);
    request.set_default_time_zone("America/New_York");
    return Counts(Call<v1::ImportListingsResponse>(admin_, "ImportListings", request));
  }

  using Change = std::function<void(v1::SetHoursOverridesRequest&)>;
  Result<v1::SetHoursOverridesResponse> Set(const auth::Actor& actor, const Change& change) {
    v1::SetHoursOverridesRequest request;
    request.set_request_id(ids_.New());
    request.set_service_id(always_);
    change(request);
    return SyncWait(Begin<v1::SetHoursOverridesResponse>(
        actor, "HoursService/SetHoursOverrides", request));
  }
  std::string Refusal(const Change& change) { return Reason(Set(admin_, change)); }

  static void Close(v1::SetHoursOverridesRequest& request, const std::string& date) {
    request.add_overrides()->set_date(date);
  }
  static void Open(v1::SetHoursOverridesRequest& request, const std::string& date,
                   const std::string& opens, const std::string& closes) {
    v1::HoursOverride* day = request.add_overrides();
    day->set_date(date);
    v1::OpenTimes* times = day->add_openings();
    times->set_opens_at(opens);
    times->set_closes_at(closes);
  }

  Result<v1::PutHolidaySetResponse> PutSet(const auth::Actor& actor, const std::string& code,
                                           const std::vector<std::string>& dates) {
    v1::PutHolidaySetRequest request;
    request.set_request_id(ids_.New());
    request.set_code(code);
    for (const std::string& date : dates) request.add_dates(date);
    return SyncWait(
        Begin<v1::PutHolidaySetResponse>(actor, "HoursService/PutHolidaySet", request));
  }

  v1::Hours HoursOf(const std::string& id) {
    v1::GetServiceRequest get;
    get.set_service_id(id);
    const auto got = Call<v1::GetServiceResponse>(admin_, "GetService", get);
    EXPECT_TRUE(got.has_value());
    return got ? got->service().hours() : v1::Hours();
  }

  // Whether it is open now, as the listing says and as the index does: they must agree.
  bool IsOpen(const std::string& id) {
    v1::SearchServicesRequest request;
    request.set_open_now_only(true);
    const auto found = Call<v1::SearchServicesResponse>(admin_, "SearchServices", request);
    EXPECT_TRUE(found.has_value());
    bool in_index = false;
    for (const v1::Service& service : found->services()) {
      in_index = in_index || service.id() == id;
      EXPECT_TRUE(service.hours().open_now()) << service.name();
    }
    const bool open = HoursOf(id).open_now();
    EXPECT_EQ(open, in_index);
    return open;
  }

  const std::string always_ = ThreeServices()[0].id;
  const std::string nights_ = ThreeServices()[1].id;
  const std::string silent_ = ThreeServices()[2].id;
};

TEST_P(HoursServerTest, ADayIsClosedUntilItIsTakenBack) {
  ASSERT_TRUE(IsOpen(always_));
  const int64_t events = CountRows("outbox") - CountRows("audit_record");
  const auto set = Set(admin_, [](auto& r) { Close(r, "2023-11-14"); });
  ASSERT_TRUE(set.has_value()) << ToString(set.error());
  ASSERT_EQ(set->overrides_size(), 1);
  EXPECT_FALSE(IsOpen(always_));
  const v1::Hours hours = HoursOf(always_);
  EXPECT_EQ(hours.change_time().seconds(), 1'700'024'400) << "midnight in Miami";
  ASSERT_EQ(hours.overrides_size(), 1);
  EXPECT_EQ(hours.overrides(0).date(), "2023-11-14");
  EXPECT_EQ(CountRows("audit_record WHERE action = 'hours_overridden'"), 1);
  // Records of the trail go out as events too.
  EXPECT_EQ(CountRows("outbox") - CountRows("audit_record"), events + 1);
  EXPECT_EQ(ImportWith(""), "0 0 4") << "the listing is what it was";
  EXPECT_FALSE(IsOpen(always_));
  ASSERT_TRUE(Set(admin_, [](auto& r) { r.add_clear_dates("2023-11-14"); }).has_value());
  EXPECT_TRUE(IsOpen(always_));
}

TEST_P(HoursServerTest, AnImportThatChangesTheListingLeavesTheDay) {
  ASSERT_TRUE(Set(admin_, [](auto& r) { Close(r, "2023-11-14"); }).has_value());
  const std::string more =
      Uuid(3, '1') + "," + always_ + ",,10:00,11:00,2023-12-24,2023-12-24\n";
  EXPECT_EQ(ImportWith(more), "0 1 3");
  EXPECT_FALSE(IsOpen(always_));
  EXPECT_EQ(HoursOf(always_).overrides_size(), 2) << "the imported one too";
}

// A day has the zone and the times of the hours it differed from.
TEST_P(HoursServerTest, NoDayOutlivesItsHoursOrAPlaceThatBecomesConfidential) {
  const Change open = [](auto& r) { Open(r, "2023-11-14", "12:00", "20:00"); };
  const Change clear = [](auto& r) { r.add_clear_dates("2023-11-14"); };
  ASSERT_EQ(Refusal(open), "");
  ASSERT_EQ(CountRows("listing WHERE special_days <> ''"), 1);
  std::vector<Row> services = ThreeServices();
  services[0].confidential = true;
  ASSERT_EQ(ImportWith("", services), "0 1 3");
  EXPECT_EQ(CountRows("listing WHERE special_days <> ''"), 0);
  EXPECT_EQ(HoursOf(always_).overrides_size(), 0);
  // Hours of its own it may still differ from; without any it cannot, nor with what it said.
  ASSERT_EQ(Refusal(open), "");
  ASSERT_EQ(Counts(Import(services)), "0 2 2");
  EXPECT_EQ(CountRows("listing WHERE special_days <> ''"), 0);
  EXPECT_EQ(HoursOf(always_).time_zone(), "");
  EXPECT_EQ(Refusal(open), "HOURS_NOT_STATED");
  EXPECT_EQ(Refusal([](auto& r) { r.mutable_holidays()->add_codes("us_federal"); }),
            "HOURS_NOT_STATED");
  EXPECT_EQ(Refusal(clear), "") << "taking back is always possible";
  EXPECT_EQ(Refusal([](auto& r) { r.mutable_holidays(); }), "");
}

TEST_P(HoursServerTest, ANightGoesOnIntoADayThatIsClosed) {
  clock_.Advance(5 * 3'600'000);  // 22:13: the night has begun
  ASSERT_TRUE(IsOpen(nights_));
  ASSERT_TRUE(Set(admin_, [this](auto& r) {
                r.set_service_id(nights_);
                Close(r, "2023-11-15");
              }).has_value());
  EXPECT_TRUE(IsOpen(nights_));
  EXPECT_EQ(HoursOf(nights_).change_time().seconds(), 1'700'046'000) << "until six";
  clock_.Advance(24 * 3'600'000);
  EXPECT_FALSE(IsOpen(nights_)) << "and the next is not there";
}

TEST_P(HoursServerTest, ImportedSingleDaysCountLessThanTheAgencysOwn) {
  EXPECT_EQ(ImportWith(Uuid(3, '1') + "," + always_ + ",,,,2023-11-14,2023-11-14\n"), "0 1 3");
  EXPECT_FALSE(IsOpen(always_)) << "without times: closed";
  ASSERT_TRUE(
      Set(admin_, [](auto& r) { Open(r, "2023-11-14", "17:00", "18:00"); }).has_value());
  EXPECT_TRUE(IsOpen(always_));
  EXPECT_EQ(HoursOf(always_).change_time().seconds(), 1'700'002'800) << "until 18:00";
}

TEST_P(HoursServerTest, HolidaysCloseWhoeverKeepsThem) {
  const auth::Actor coordinator = Person(agency_, {auth::Role::kCoordinator});
  ASSERT_TRUE(PutSet(coordinator, "snow_days", {"2023-11-15", "2023-11-14"}).has_value());
  EXPECT_TRUE(IsOpen(always_)) << "it keeps none";
  ASSERT_TRUE(
      Set(admin_, [](auto& r) { r.mutable_holidays()->add_codes("snow_days"); }).has_value());
  EXPECT_FALSE(IsOpen(always_));
  EXPECT_EQ(HoursOf(always_).holiday_sets(0), "snow_days");
  ASSERT_TRUE(
      Set(admin_, [](auto& r) { Open(r, "2023-11-14", "12:00", "20:00"); }).has_value());
  EXPECT_TRUE(IsOpen(always_)) << "a day goes before a holiday";
  EXPECT_EQ(HoursOf(always_).holiday_sets_size(), 1) << "not said again: still kept";
  ASSERT_TRUE(Set(admin_, [](auto& r) { r.add_clear_dates("2023-11-14"); }).has_value());
  EXPECT_FALSE(IsOpen(always_));
  // Another listing of the same schedules without holidays shares nothing with it.
  ASSERT_TRUE(PutSet(coordinator, "snow_days", {"2023-11-16"}).has_value());
  EXPECT_TRUE(IsOpen(always_)) << "the index hears of it without a change of the listing";
  ASSERT_TRUE(PutSet(coordinator, "snow_days", {"2023-11-14"}).has_value());
  EXPECT_FALSE(IsOpen(always_));
  ASSERT_TRUE(PutSet(coordinator, "snow_days", {}).has_value());
  EXPECT_TRUE(IsOpen(always_)) << "the set is gone";
  const auto listed = SyncWait(Begin<v1::ListHolidaySetsResponse>(
      admin_, "HoursService/ListHolidaySets", v1::ListHolidaySetsRequest()));
  ASSERT_TRUE(listed.has_value());
  ASSERT_EQ(listed->holiday_sets_size(), 1);
  EXPECT_EQ(listed->holiday_sets(0).code(), "us_federal");
  EXPECT_EQ(listed->holiday_sets(0).dates(0).code(), "new_years_day");
}

TEST_P(HoursServerTest, FederalHolidaysAreReckoned) {
  ASSERT_TRUE(
      Set(admin_, [](auto& r) { r.mutable_holidays()->add_codes("us_federal"); }).has_value());
  EXPECT_TRUE(IsOpen(always_));
  clock_.Advance(9 * calendar::kDayMs);  // 23 November 2023: Thanksgiving
  EXPECT_FALSE(IsOpen(always_));
  clock_.Advance(calendar::kDayMs);
  EXPECT_TRUE(IsOpen(always_));
}

TEST_P(HoursServerTest, WhoMayNot) {
  const Change close = [](auto& r) { Close(r, "2023-11-14"); };
  const std::string other = MakeAgency("Other House");
  EXPECT_EQ(Reason(Set(Person(other, {auth::Role::kAgencyAdmin}), close)), "SERVICE_NOT_FOUND");
  EXPECT_EQ(Reason(Set(Person(agency_, {auth::Role::kCaseworker}), close)), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(Reason(Set(Person(other, {auth::Role::kCoordinator}), close)), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(Reason(PutSet(admin_, "snow_days", {"2023-11-14"})), "ROLE_NOT_ALLOWED");
  EXPECT_TRUE(IsOpen(always_));
  EXPECT_EQ(CountRows("holiday_set"), 0);
}

TEST_P(HoursServerTest, WhatIsWrongIsNamed) {
  EXPECT_EQ(Refusal([](auto&) {}), "NOTHING_TO_SET");
  EXPECT_EQ(Refusal([](auto& r) { Close(r, "2023-02-30"); }), "INVALID_DATE");
  EXPECT_EQ(Refusal([](auto& r) { Close(r, "14.11.2023"); }), "INVALID_DATE");
  EXPECT_EQ(Refusal([](auto& r) { Close(r, "2023-11-12"); }), "DATE_OUT_OF_RANGE");
  EXPECT_EQ(Refusal([](auto& r) { Close(r, "2025-11-15"); }), "DATE_OUT_OF_RANGE");
  EXPECT_EQ(Refusal([](auto& r) { Open(r, "2023-11-14", "25:00", "26:00"); }), "INVALID_TIME");
  EXPECT_EQ(Refusal([](auto& r) { Open(r, "2023-11-14", "9:00", "10:00"); }), "INVALID_TIME");
  EXPECT_EQ(Refusal([](auto& r) {
              Close(r, "2023-11-14");
              Open(r, "2023-11-14", "09:00", "10:00");
            }),
            "DATE_TWICE");
  EXPECT_EQ(Refusal([](auto& r) {
              Close(r, "2023-11-14");
              r.add_clear_dates("2023-11-14");
            }),
            "DATE_TWICE");
  EXPECT_EQ(Refusal([](auto& r) { r.mutable_holidays()->add_codes("no_such_days"); }),
            "UNKNOWN_HOLIDAY_SET");
  EXPECT_EQ(Refusal([this](auto& r) {
              r.set_service_id(silent_);
              Close(r, "2023-11-14");
            }),
            "HOURS_NOT_STATED");
  EXPECT_TRUE(IsOpen(always_));
  const auth::Actor coordinator = Person(agency_, {auth::Role::kCoordinator});
  EXPECT_EQ(Reason(PutSet(coordinator, "us_federal", {"2023-11-14"})), "HOLIDAY_SET_RESERVED");
  EXPECT_EQ(Reason(PutSet(coordinator, "snow_days", {"2023-11-31"})), "INVALID_DATE");
}

TEST_P(HoursServerTest, ThereAreOnlySoMany) {
  const auto fill = [](v1::SetHoursOverridesRequest& request, int month) {
    for (int day = 1; day <= 31; ++day) {
      Close(request, "2024-" + std::to_string(month) + (day < 10 ? "-0" : "-") +
                         std::to_string(day));
    }
  };
  ASSERT_TRUE(Set(admin_, [&](auto& r) { fill(r, 10); }).has_value());
  ASSERT_TRUE(Set(admin_, [&](auto& r) { fill(r, 12); }).has_value());
  EXPECT_EQ(Refusal([](auto& r) {
              for (const char* date : {"2024-06-01", "2024-06-02", "2024-06-03"}) Close(r, date);
            }),
            "TOO_MANY_OVERRIDES");
  EXPECT_EQ(HoursOf(always_).overrides_size(), 62);
  clock_.Advance(354 * calendar::kDayMs);  // 2 November 2024: those of October are over
  ASSERT_TRUE(Set(admin_, [](auto& r) { Close(r, "2025-06-01"); }).has_value());
  EXPECT_EQ(HoursOf(always_).overrides_size(), 33) << "and one of October is not over everywhere";
  const auth::Actor coordinator = Person(agency_, {auth::Role::kCoordinator});
  for (int n = 0; n < 16; ++n) {
    ASSERT_TRUE(PutSet(coordinator, "set_" + std::to_string(n), {"2024-12-24"}).has_value());
  }
  EXPECT_EQ(Reason(PutSet(coordinator, "set_16", {"2024-12-24"})), "TOO_MANY_HOLIDAY_SETS");
  EXPECT_TRUE(PutSet(coordinator, "set_3", {"2024-12-25"}).has_value()) << "it is there already";
}

INSTANTIATE_TEST_SUITE_P(Engines, HoursServerTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& instance) {
                           return instance.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::directory
