#include "services/common/calendar/business_time.h"

#include <gtest/gtest.h>

#include "services/common/base/clock.h"

namespace fairlead::calendar {
namespace {

// What AfterDays says, in UTC.
std::string After(const std::string& utc, int days, const BusinessTimeText& text = {}) {
  const auto office = BusinessTime::Read(text);
  EXPECT_TRUE(office);
  return office ? FormatTime(office->AfterDays(*ParseTime(utc), days)) : "";
}

// 2026-11-23 is a Monday; New York is 5 h behind UTC in winter, 4 in summer.
TEST(BusinessTimeTest, TheSameTimeOfDaySoManyDaysOfWorkLater) {
  EXPECT_EQ(After("2026-11-23T20:15:30.250Z", 1), "2026-11-24T20:15:30.250Z");
  EXPECT_EQ(After("2026-11-23T20:15:30.250Z", 3), "2026-11-26T20:15:30.250Z");
  EXPECT_EQ(After("2026-11-23T20:15:30.250Z", 7), "2026-12-02T20:15:30.250Z") << "over a weekend";
  EXPECT_EQ(After("2026-11-27T15:00:00Z", 1), "2026-11-30T15:00:00.000Z") << "Friday to Monday";
  EXPECT_EQ(After("2026-11-23T20:15:30.250Z", 0), "2026-11-23T20:15:30.250Z");
}

TEST(BusinessTimeTest, WhatComesWhileItIsClosedCountsFromTheOpening) {
  EXPECT_EQ(After("2026-11-24T01:00:00Z", 1), "2026-11-25T14:00:00.000Z") << "Monday evening";
  EXPECT_EQ(After("2026-11-24T10:00:00Z", 1), "2026-11-25T14:00:00.000Z") << "Tuesday, early";
  EXPECT_EQ(After("2026-11-28T17:00:00Z", 1), "2026-12-01T14:00:00.000Z") << "Saturday";
  EXPECT_EQ(After("2026-11-28T01:00:00Z", 2), "2026-12-02T14:00:00.000Z") << "Friday evening";
  EXPECT_EQ(After("2026-11-23T22:00:00Z", 1), "2026-11-25T14:00:00.000Z") << "17:00 is closed";
  EXPECT_EQ(After("2026-11-23T21:59:59.999Z", 1), "2026-11-24T21:59:59.999Z");
  EXPECT_EQ(After("2026-11-28T17:00:00Z", 0), "2026-11-30T14:00:00.000Z");
}

TEST(BusinessTimeTest, HolidaysAreNoDaysOfWork) {
  const BusinessTimeText thanksgiving{.holidays = "2026-11-26,2026-11-27"};
  EXPECT_EQ(After("2026-11-25T20:00:00Z", 1, thanksgiving), "2026-11-30T20:00:00.000Z");
  EXPECT_EQ(After("2026-11-26T20:00:00Z", 1, thanksgiving), "2026-12-01T14:00:00.000Z");
}

TEST(BusinessTimeTest, TheClockOnTheWallGoesOnThroughAChangeOfIt) {
  // Clocks went back on Sunday, 2026-11-01.
  EXPECT_EQ(After("2026-10-30T15:00:00Z", 1), "2026-11-02T16:00:00.000Z");
  const BusinessTimeText every_day{.days = "SU,MO,TU,WE,TH,FR,SA", .hours = "00:00-24:00"};
  EXPECT_EQ(After("2027-03-13T07:30:00Z", 1, every_day), "2027-03-14T07:30:00.000Z")
      << "02:30 did not come that day: taken with the offset before";
}

TEST(BusinessTimeTest, OtherPlacesHaveOtherDays) {
  const BusinessTimeText far{.zone = "Pacific/Auckland", .days = "MO", .hours = "8:00-12:30"};
  EXPECT_EQ(After("2026-11-22T20:00:00Z", 1, far), "2026-11-29T20:00:00.000Z") << "Monday 09:00";
  EXPECT_EQ(After("2026-11-22T23:30:00Z", 1, far), "2026-12-06T19:00:00.000Z") << "Monday 12:30";
}

TEST(BusinessTimeTest, WhatCannotBeReadIsRefused) {
  for (const BusinessTimeText& wrong : std::vector<BusinessTimeText>{
           {.zone = "Mars/Olympus"},
           {.zone = ""},
           {.days = ""},
           {.days = "MO,XX"},
           {.days = "-1FR"},
           {.hours = "09:00"},
           {.hours = ""},
           {.hours = "09:00-"},
           {.hours = "17:00-09:00"},
           {.hours = "09:00-25:00"},
           {.holidays = "2026-02-30"},
           {.holidays = "tomorrow"},
           {.holidays = "2026-12-25,"},
       }) {
    EXPECT_FALSE(BusinessTime::Read(wrong))
        << wrong.zone << " " << wrong.days << " " << wrong.hours << " " << wrong.holidays;
  }
  std::string many = "2026-12-25";
  for (size_t i = 0; i < kMaxHolidays; ++i) many += ",2026-12-25";
  EXPECT_FALSE(BusinessTime::Read({.holidays = many}));
}

}  // namespace
}  // namespace fairlead::calendar
