#include "services/common/calendar/hours.h"

#include <gtest/gtest.h>

namespace fairlead::calendar {
namespace {

using std::chrono::year;

Fields Office() {
  return {{"freq", "WEEKLY"},
          {"byday", "MO,TU,WE,TH,FR"},
          {"opens_at", "09:00"},
          {"closes_at", "17:00"},
          {"timezone", "America/New_York"}};
}

Schedule Good(const Fields& fields) {
  const Read read = ReadSchedule(fields, "");
  EXPECT_TRUE(read.schedule.has_value()) << (read.problem ? read.problem->column : "");
  return read.schedule.value_or(Schedule());
}

// "column reason", or "".
std::string ProblemOf(const Fields& fields) {
  const Read read = ReadSchedule(fields, "");
  if (!read.problem) return "";
  EXPECT_FALSE(read.schedule.has_value());
  return std::string(read.problem->column) + " " + std::string(read.problem->reason);
}

int64_t Utc(Date date, int hour, int minute = 0) {
  return std::chrono::milliseconds(date.time_since_epoch()).count() +
         (hour * 60 + minute) * int64_t{60'000};
}

constexpr Date kMonday = year(2026) / 11 / 23;

TEST(HoursTest, AnOfficeIsOpenInItsOwnZone) {
  const Schedule office = Good(Office());
  const std::vector<Opening> week =
      Openings({&office, 1}, Utc(kMonday, 0), Utc(kMonday, 0) + 7 * kDayMs);
  ASSERT_EQ(week.size(), 5U);
  EXPECT_EQ(week[0], (Opening{Utc(kMonday, 14), Utc(kMonday, 22)}));  // UTC-5
}

TEST(HoursTest, ANightIsOpenAfterMidnight) {
  const Schedule night = Good({{"freq", "WEEKLY"},
                               {"byday", "SU"},
                               {"opens_at", "22:00"},
                               {"closes_at", "06:00"},
                               {"timezone", "UTC"}});
  const std::vector<Opening> now = Openings({&night, 1}, Utc(kMonday, 3), Utc(kMonday, 4));
  ASSERT_EQ(now.size(), 1U);
  EXPECT_EQ(now[0], (Opening{Utc(kMonday, -2), Utc(kMonday, 6)}));
  EXPECT_TRUE(Openings({&night, 1}, Utc(kMonday, 6), Utc(kMonday, 7)).empty());
}

TEST(HoursTest, WholeDaysAreOneOpening) {
  const Schedule always = Good({{"byday", "MO,TU,WE,TH,FR,SA,SU"},
                                {"opens_at", "00:00"},
                                {"closes_at", "24:00"}});
  EXPECT_EQ(Openings({&always, 1}, Utc(kMonday, 0), Utc(kMonday, 0) + 5 * kDayMs).size(), 1U);
}

TEST(HoursTest, NothingOutsideItsValidity) {
  Fields fields = Office();
  fields["valid_from"] = "2026-11-24";
  fields["valid_to"] = "2026-11-25";
  const Schedule office = Good(fields);
  EXPECT_EQ(Openings({&office, 1}, Utc(kMonday, 0), Utc(kMonday, 0) + 7 * kDayMs).size(), 2U);
}

TEST(HoursTest, TheTextFormLosesNothing) {
  for (const char* line :
       {"timezone=America/New_York;freq=WEEKLY;byday=MO,FR;opens_at=22:00;closes_at=06:00",
        "valid_from=2026-01-01;valid_to=2026-12-31;dtstart=2026-01-05;timezone=+05:30;"
        "until=2026-06-01;wkst=SU;freq=WEEKLY;interval=2;byday=TU;byweekno=-1,7;"
        "opens_at=00:00;closes_at=00:00",
        "timezone=UTC;freq=MONTHLY;byday=-1FR,2MO;bymonthday=-1,1;opens_at=08:30;"
        "closes_at=08:45"}) {
    const std::optional<Schedule> schedule = FromText(line);
    ASSERT_TRUE(schedule.has_value()) << line;
    EXPECT_EQ(ToText(*schedule), line);
  }
  EXPECT_FALSE(FromText("").has_value());
  EXPECT_FALSE(FromText("freq").has_value());
}

TEST(HoursTest, ACountBecomesItsLastDay) {
  const auto until = [](const std::string& more) {
    return ToText(*FromText("dtstart=2026-01-05;timezone=UTC;freq=WEEKLY;opens_at=09:00;"
                            "closes_at=17:00;" + more));
  };
  EXPECT_NE(until("byday=MO;count=3").find("until=2026-01-19"), std::string::npos);
  EXPECT_NE(until("byday=MO;count=3;until=2026-01-12").find("until=2026-01-12"),
            std::string::npos);
  EXPECT_NE(until("byday=MO;count=3;until=2026-01-01").find("until=2026-01-01"),
            std::string::npos);
  EXPECT_NE(until("byday=MO;byweekno=53;count=1000").find("until=2046-01-05"), std::string::npos)
      << "twenty years are looked at";
}

TEST(HoursTest, ReadsWhatOthersWrite) {
  Fields fields = Office();
  fields.erase("timezone");
  EXPECT_EQ(Good(fields).zone, "UTC");
  EXPECT_EQ(ReadSchedule(fields, "America/Chicago").schedule->zone, "America/Chicago");
  for (const auto& [text, zone] : std::map<std::string, std::string>{
           {"3", "+03:00"}, {"-3.5", "-03:30"}, {"+05:45", "+05:45"}, {"UTC", "UTC"}}) {
    fields["timezone"] = text;
    EXPECT_EQ(Good(fields).zone, zone);
  }
  fields["timezone"] = "";
  fields["opens_at"] = "9:00:00-05:00";
  fields["closes_at"] = "17:00-05";
  EXPECT_EQ(Good(fields).zone, "-05:00");
  // The published example (HSDS 3.1): columns of other freqs are not looked at.
  EXPECT_EQ(ProblemOf({{"valid_from", "2005-01-01"}, {"valid_to", "2005-01-01"},
                       {"dtstart", "2005-01-01"}, {"timezone", "3"}, {"until", "2005-01-01"},
                       {"count", "3"}, {"wkst", "TU"}, {"freq", "WEEKLY"}, {"interval", "1"},
                       {"byday", "TH,FR"}, {"byweekno", "41,42"}, {"bymonthday", "2,3,4"},
                       {"byyearday", "2,3,4"}, {"opens_at", "10:00:00"},
                       {"closes_at", "18:00:00"}}),
            "");
  const Read silent = ReadSchedule({{"freq", "WEEKLY"}, {"byday", "MO"}}, "");
  EXPECT_FALSE(silent.schedule || silent.problem) << "no times: nothing to reckon with";
}

TEST(HoursTest, WhatCannotBeReadIsNamed) {
  const auto with = [](const std::string& column, const std::string& value) {
    Fields fields = Office();
    fields[column] = value;
    return ProblemOf(fields);
  };
  EXPECT_EQ(with("timezone", "America/Nowhere"), "timezone UNKNOWN_ZONE");
  EXPECT_EQ(with("timezone", "15"), "timezone UNKNOWN_ZONE");
  EXPECT_EQ(with("timezone", "nan"), "timezone UNKNOWN_ZONE");
  EXPECT_EQ(with("timezone", "GMT+3"), "timezone UNKNOWN_ZONE");
  EXPECT_EQ(with("opens_at", "25:00"), "opens_at INVALID_VALUE");
  EXPECT_EQ(with("opens_at", ""), "opens_at MISSING_VALUE");
  EXPECT_EQ(with("closes_at", "5 pm"), "closes_at INVALID_VALUE");
  EXPECT_EQ(with("closes_at", "17:00-05:00"), "closes_at INVALID_VALUE") << "two zones";
  EXPECT_EQ(with("timezone", "gmt+7:13"), "timezone UNKNOWN_ZONE");
  EXPECT_EQ(with("opens_at", "-1:00"), "opens_at INVALID_VALUE");
  EXPECT_EQ(with("dtstart", "2026-+1-05"), "dtstart INVALID_VALUE");
  EXPECT_EQ(with("byweekno", "+-1"), "byweekno INVALID_VALUE");
  EXPECT_EQ(with("freq", "DAILY"), "freq INVALID_VALUE");
  EXPECT_EQ(with("byday", "MO,XX"), "byday INVALID_VALUE");
  EXPECT_EQ(with("byday", "2MO"), "byday INVALID_VALUE") << "of a month only";
  EXPECT_EQ(with("byday", ""), "byday MISSING_VALUE");
  EXPECT_EQ(with("interval", "0"), "interval INVALID_VALUE");
  EXPECT_EQ(with("interval", "2"), "dtstart MISSING_VALUE");
  EXPECT_EQ(with("count", "1000000"), "count INVALID_VALUE");
  EXPECT_EQ(with("byweekno", "54"), "byweekno INVALID_VALUE");
  EXPECT_EQ(with("dtstart", "2026-02-30"), "dtstart INVALID_VALUE");
  EXPECT_EQ(with("wkst", "MON"), "wkst INVALID_VALUE");
}

// --- single days and holidays --------------------------------------------------------------------

SpecialDay OneDay(const std::string& line) {
  const std::optional<SpecialDay> day = SpecialDayFromText(line);
  EXPECT_TRUE(day.has_value()) << line;
  return day.value_or(SpecialDay());
}

TEST(HoursTest, ASingleDayGoesBeforeHolidaysAndThoseBeforeSchedules) {
  Hours hours;
  hours.schedules = {Good(Office())};
  hours.holidays.dates = {kMonday + std::chrono::days(1), kMonday + std::chrono::days(2)};
  hours.special_days = {
      OneDay("date=2026-11-25;timezone=America/New_York;opens_at=10:00;closes_at=12:00"),
      OneDay("date=2026-11-26")};
  const std::vector<Opening> week = Openings(hours, Utc(kMonday, 0), Utc(kMonday, 0) + 7 * kDayMs);
  ASSERT_EQ(week.size(), 3U) << "closed on Tuesday (a holiday) and Thursday";
  EXPECT_EQ(week[0], (Opening{Utc(kMonday, 14), Utc(kMonday, 22)}));
  const Date wednesday = kMonday + std::chrono::days(2);
  EXPECT_EQ(week[1], (Opening{Utc(wednesday, 15), Utc(wednesday, 17)})) << "a holiday";
  const Date friday = kMonday + std::chrono::days(4);
  EXPECT_EQ(week[2], (Opening{Utc(friday, 14), Utc(friday, 22)}));
}

TEST(HoursTest, ANightBelongsToTheDayOnWhichItBegins) {
  Hours hours;
  hours.schedules = {Good({{"byday", "MO,TU,WE,TH,FR,SA,SU"},
                           {"opens_at", "22:00"},
                           {"closes_at", "06:00"},
                           {"timezone", "UTC"}})};
  hours.special_days = {OneDay("date=2026-11-23")};  // the Monday
  const auto open_at = [&](int64_t at) { return !Openings(hours, at, at + 1).empty(); };
  EXPECT_TRUE(open_at(Utc(kMonday, 5, 59))) << "Sunday's night goes on";
  EXPECT_FALSE(open_at(Utc(kMonday, 6)));
  EXPECT_FALSE(open_at(Utc(kMonday, 23)));
  EXPECT_FALSE(open_at(Utc(kMonday + std::chrono::days(1), 3))) << "Monday's night is not there";
  EXPECT_TRUE(open_at(Utc(kMonday + std::chrono::days(1), 22)));
  // An opening of its own over midnight, into a day that is closed.
  hours.special_days = {OneDay("date=2026-11-23;timezone=UTC;opens_at=20:00;closes_at=02:00"),
                        OneDay("date=2026-11-24")};
  EXPECT_TRUE(open_at(Utc(kMonday + std::chrono::days(1), 1, 59)));
  EXPECT_FALSE(open_at(Utc(kMonday + std::chrono::days(1), 2)));
  EXPECT_FALSE(open_at(Utc(kMonday + std::chrono::days(1), 23)));
}

TEST(HoursTest, RowsOfOneDay) {
  const Fields open = {{"valid_from", "2026-12-24"}, {"valid_to", "2026-12-24"},
                       {"opens_at", "9:00"},         {"closes_at", "12:00"},
                       {"timezone", "-05:00"}};
  const auto text = [](Fields fields) {
    const Read read = ReadSchedule(fields, "");
    EXPECT_FALSE(read.schedule.has_value());
    return read.special_day ? ToText(*read.special_day) : std::string();
  };
  EXPECT_EQ(text(open), "date=2026-12-24;timezone=-05:00;opens_at=09:00;closes_at=12:00");
  Fields closed = {{"dtstart", "2026-12-25"}, {"valid_to", "2026-12-25"}, {"notes", "Open!"}};
  EXPECT_EQ(text(closed), "date=2026-12-25") << "notes say nothing";
  closed["dtstart"] = "2026-12-24";
  EXPECT_EQ(text(closed), "") << "two days, and no times: nothing is said";
  closed = {{"valid_to", "2026-12-25"}};
  EXPECT_EQ(text(closed), "") << "until then, from no day on";
  Fields half = open;
  half.erase("closes_at");
  EXPECT_EQ(ProblemOf(half), "closes_at MISSING_VALUE");
  half = open;
  half["timezone"] = "America/Nowhere";
  EXPECT_EQ(ProblemOf(half), "timezone UNKNOWN_ZONE");
  Fields weekly = open;
  weekly["byday"] = "TH";
  EXPECT_TRUE(ReadSchedule(weekly, "").schedule.has_value()) << "a rule, if only of one day";
}

TEST(HoursTest, LinesOfDaysAndOfSchedulesAreNotTakenForEachOther) {
  for (const char* line :
       {"date=2026-12-24", "date=2026-12-24;timezone=UTC;opens_at=22:00;closes_at=06:00",
        "date=2026-12-24;timezone=America/New_York;opens_at=00:00;closes_at=00:00"}) {
    EXPECT_EQ(ToText(OneDay(line)), line);
    EXPECT_FALSE(FromText(line).has_value()) << line;
  }
  EXPECT_FALSE(SpecialDayFromText(ToText(Good(Office()))).has_value());
  EXPECT_FALSE(SpecialDayFromText("date=2026-02-30").has_value());
  EXPECT_FALSE(SpecialDayFromText("").has_value());
}

TEST(HoursTest, ThatItIsClosedOnceSaysNothingOfOtherDays) {
  Hours hours;
  hours.special_days = {OneDay("date=2026-12-24")};
  EXPECT_FALSE(hours.says_when());
  hours.special_days.push_back(
      OneDay("date=2026-12-24;timezone=UTC;opens_at=09:00;closes_at=10:00"));
  EXPECT_TRUE(hours.says_when());
  EXPECT_EQ(Openings(hours, Utc(kMonday, 0), Utc(kMonday, 0) + 62 * kDayMs).size(), 1U);
}

}  // namespace
}  // namespace fairlead::calendar
