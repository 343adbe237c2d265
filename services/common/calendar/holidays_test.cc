#include "services/common/calendar/holidays.h"

#include <gtest/gtest.h>

#include <string>

#include "services/common/calendar/hours.h"

namespace fairlead::calendar {
namespace {

std::string Dates(int year) {
  std::string text;
  for (const NamedHoliday& one : UsFederalHolidays(year)) {
    text += DateText(one.date).substr(2).append(" ");
  }
  return text;
}

// The lists that the Office of Personnel Management publishes, with the days of weekends added.
TEST(HolidaysTest, OfTheUnitedStates) {
  EXPECT_EQ(Dates(2026),
            "26-01-01 26-01-19 26-02-16 26-05-25 26-06-19 26-07-03 26-07-04 26-09-07 26-10-12 "
            "26-11-11 26-11-26 26-12-25 ");
  EXPECT_EQ(Dates(2027),
            "27-01-01 27-01-18 27-02-15 27-05-31 27-06-18 27-06-19 27-07-04 27-07-05 27-09-06 "
            "27-10-11 27-11-11 27-11-25 27-12-24 27-12-25 ");
  EXPECT_EQ(Dates(2028).substr(0, 18), "27-12-31 28-01-01 ") << "kept in the year before";
  EXPECT_EQ(Dates(2020).find("20-06-19"), std::string::npos) << "there was none yet";
  EXPECT_EQ(Dates(1985).find("85-01-21"), std::string::npos);
  EXPECT_EQ(Dates(1977), "");
}

// Day by day for 200 years: Has says what the lists say.
TEST(HolidaysTest, HasAndTheListsAgree) {
  const Holidays holidays{.dates = {}, .us_federal = true};
  std::vector<Date> listed;
  for (int year = 1978; year <= 2178; ++year) {
    for (const NamedHoliday& one : UsFederalHolidays(year)) listed.push_back(one.date);
  }
  size_t at = 0;
  for (Date day = std::chrono::year(1978) / 1 / 1; day < Date(std::chrono::year(2178) / 1 / 1);
       day += std::chrono::days(1)) {
    const bool is = at < listed.size() && listed[at] == day;
    ASSERT_EQ(holidays.Has(day), is) << DateText(day);
    while (at < listed.size() && listed[at] == day) ++at;
  }
}

TEST(HolidaysTest, ThoseOfAListAndNoOthers) {
  const Date day = std::chrono::year(2026) / 12 / 24;
  const Holidays holidays{.dates = {day, day + std::chrono::days(7)}, .us_federal = false};
  EXPECT_TRUE(holidays.Has(day));
  EXPECT_TRUE(holidays.Has(day + std::chrono::days(7)));
  EXPECT_FALSE(holidays.Has(day + std::chrono::days(1)));
  EXPECT_FALSE(Holidays().Has(day + std::chrono::days(1)));
}

}  // namespace
}  // namespace fairlead::calendar
