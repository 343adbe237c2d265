// The CSV folder of Ohana API, from its files to listings.
#include "services/directory/domain/ohana_csv.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "services/common/base/csv_line.h"
#include "services/common/base/ids.h"
#include "services/directory/domain/build_import.h"
#include "services/directory/domain/hsds_csv.h"
#include "services/directory/domain/ohana_values.h"

namespace fairlead::directory {
namespace {

using Folder = std::map<std::string, std::string>;
using Lines = std::vector<std::string>;

constexpr const char* kAgency = "01890a5d-ac96-774b-bcce-b302099a8001";

// As the sample of Ohana API is made: its columns, and its ways to write times and days.
Folder Sample() {
  return {
      {"organizations.csv",
       "id,accreditations,alternate_name,date_incorporated,description,email,funding_sources,"
       "legal_status,licenses,name,tax_id,tax_status,website\n"
       "8,\"BBB, State\",Harbor,\"January 01, 1970\",Helps people,info@example.org,"
       "\"State, Donations\",Nonprofit,,Harbor House,,,http://example.org\n"},
      {"programs.csv", "id,organization_id,name,alternate_name\n2,8,Way Out,\n"},
      {"locations.csv",
       "id,organization_id,accessibility,admin_emails,alternate_name,description,email,languages,"
       "latitude,longitude,name,short_desc,transportation,website,virtual\n"
       "1,8,\"ramp, wheelchair\",boss@example.org,,,,\"Spanish, Chinese (Mandarin), Gibberish\","
       "37.4,-122.2,Main House,A house.,Bus,,false\n"
       "2,8,,,,A line.,,,,,Line,,,,true\n"},
      {"services.csv",
       "id,location_id,program_id,accepted_payments,alternate_name,application_process,audience,"
       "description,eligibility,email,fees,funding_sources,interpretation_services,keywords,"
       "languages,name,required_documents,service_areas,status,wait_time,website,taxonomy_ids\n"
       "1,1,2,Cash,,Walk in.,Anyone,A bed.,None,,None.,City,,bed,Tagalog,Night beds,\"ID, Letter\","
       "12086,active,No wait.,,\"shelter_bed, 1184\"\n"
       "2,2,,,,Call.,,A line to call.,,,,,,,,Hotline,,,,,,\n"},
      {"addresses.csv",
       "id,location_id,address_1,address_2,city,state_province,postal_code,country\n"
       "1,1,123 Main Street,Suite 101,Fairfax,VA,22031,US\n"},
      {"mail_addresses.csv",
       "id,location_id,attention,address_1,address_2,city,state_province,postal_code,country\n"
       "1,1,John Smith,PO Box 1,,Fairfax,VA,22031,US\n"},
      {"contacts.csv",
       "id,location_id,organization_id,service_id,name,title,email,department\n"
       "1,1,,,Susan Houston,Director,,\n"},
      {"phones.csv",
       "id,contact_id,location_id,organization_id,service_id,country_prefix,department,extension,"
       "number,number_type,vanity_number\n"
       "1,,1,,,,,,650 780-7525,voice,\n2,,1,,,,,,650 701-0856,fax,\n"
       "3,,,,2,+1,Line,,650-222-5555,voice,\n"},
      {"regular_schedules.csv",
       "id,location_id,service_id,weekday,opens_at,closes_at\n"
       "1,1,,Monday,08:00,17:00\n2,1,,Tuesday,9am,4:00 PM\n3,,2,Sunday,10pm,6am\n"},
      {"holiday_schedules.csv",
       "id,location_id,service_id,start_date,end_date,closed,opens_at,closes_at\n"
       "1,1,,\"December 25, 0001\",\"December 25, 0001\",true,,\n"
       "2,1,,12/24/2026,12/24/26,false,10:00,16:00\n"
       "3,,2,\"December 31, 0001\",\"January 01, 0001\",true,,\n"},
  };
}

std::vector<ImportText> Texts(const Folder& folder) {
  std::vector<ImportText> texts;
  for (const auto& [name, content] : folder) texts.push_back({name, content});
  return texts;
}

struct OhanaOutcome {
  ImportSet set;
  Problems problems;
};

calendar::Date Day(int year, unsigned month, unsigned day) {
  return std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
}

OhanaOutcome Import(const Folder& folder, const std::string& source = "",
                    calendar::Date today = Day(2026, 6, 1)) {
  OhanaOutcome outcome;
  ImportTables tables = ReadOhanaCsv(Texts(folder), {kAgency, source, today}, outcome.problems);
  outcome.set = BuildImport(std::move(tables),
                            {.need_codes = {}, .counties = {}, .time_zone = "America/New_York"},
                            outcome.problems);
  return outcome;
}

std::string FirstOf(const Problems& problems) {
  if (problems.empty()) return "";
  const ImportProblem& p = problems.list().front();
  return p.file + " " + std::to_string(p.row) + " " + p.column + " " + p.reason;
}

// The first problem after one file's content was changed; nothing is imported with one.
std::string Changed(const std::string& file, const std::string& from, const std::string& to) {
  Folder folder = Sample();
  std::string& content = folder[file];
  const size_t at = content.rfind(from);
  EXPECT_NE(at, std::string::npos) << from;
  content.replace(at, from.size(), to);
  const OhanaOutcome outcome = Import(folder);
  EXPECT_TRUE(outcome.set.listings.empty() && outcome.set.organizations.empty());
  return FirstOf(outcome.problems);
}

const Listing& Named(const ImportSet& set, const std::string& name) {
  for (const ImportedListing& one : set.listings) {
    if (one.listing.name == name) return one.listing;
  }
  ADD_FAILURE() << name;
  return set.listings.front().listing;
}

TEST(OhanaCsvTest, TheFolderBecomesListings) {
  const OhanaOutcome outcome = Import(Sample());
  ASSERT_EQ(FirstOf(outcome.problems), "");
  ASSERT_EQ(outcome.set.organizations.size(), 1U);
  ASSERT_EQ(outcome.set.listings.size(), 2U);
  const Listing& beds = Named(outcome.set, "Night beds");
  EXPECT_EQ(beds.organization_id, outcome.set.organizations[0].organization.id);
  EXPECT_EQ(beds.languages, (Lines{"es", "tl", "zh"})) << "the place's, and its own";
  EXPECT_EQ(beds.cities, (Lines{"Fairfax"}));
  EXPECT_EQ(beds.counties, (Lines{"12086"}));
  EXPECT_EQ(beds.phones, (Lines{"+16507807525"})) << "the place's; nobody answers a fax";
  EXPECT_EQ(beds.need_codes, (Lines{"dental", "shelter_bed"}))
      << "1184 of Open Eligibility says nothing of urgency";
  EXPECT_EQ(beds.schedules,
            (Lines{"date=2026-12-24;timezone=America/New_York;opens_at=10:00;closes_at=16:00",
                   "date=2026-12-25", "date=2027-12-25",
                   "timezone=America/New_York;freq=WEEKLY;byday=MO;opens_at=08:00;closes_at=17:00",
                   "timezone=America/New_York;freq=WEEKLY;byday=TU;opens_at=09:00;"
                   "closes_at=16:00"}));
  const Listing& line = Named(outcome.set, "Hotline");
  EXPECT_EQ(line.status, "active") << "what Ohana takes for granted";
  EXPECT_EQ(line.phones, (Lines{"+16502225555"}));
  EXPECT_EQ(line.schedules,
            (Lines{"date=2026-12-31", "date=2027-01-01", "date=2027-12-31", "date=2028-01-01",
                   "timezone=America/New_York;freq=WEEKLY;byday=SU;opens_at=22:00;"
                   "closes_at=06:00"}))
      << "over the turn of the year";
}

TEST(OhanaCsvTest, TheSameNumbersAreTheSameRecords) {
  const auto ids = [](const OhanaOutcome& outcome) {
    Lines all;
    for (const ImportedListing& one : outcome.set.listings) {
      EXPECT_TRUE(IsUuid(one.listing.id));
      all.push_back(one.listing.id + ContentHash(one.listing) + one.listing.organization_id);
    }
    return all;
  };
  EXPECT_EQ(ids(Import(Sample())), ids(Import(Sample())));
  EXPECT_NE(ids(Import(Sample())), ids(Import(Sample(), "county")));
  // Rows in another order are the same rows.
  Folder turned = Sample();
  turned["regular_schedules.csv"] =
      "id,location_id,service_id,weekday,opens_at,closes_at\n"
      "3,,2,Sunday,10pm,6am\n2,1,,Tuesday,9am,4:00 PM\n1,1,,Monday,08:00,17:00\n";
  EXPECT_EQ(ids(Import(Sample())), ids(Import(turned)));
}

TEST(OhanaCsvTest, AHolidayThatGoesOnSinceLastYearIsStillThere) {
  const auto days = [](calendar::Date today) {
    Lines dates;
    const auto imported = Import(Sample(), "", today);
    for (const std::string& line : Named(imported.set, "Hotline").schedules) {
      if (line.starts_with("date=")) dates.push_back(line.substr(5));
    }
    return dates;
  };
  EXPECT_EQ(days(Day(2027, 1, 1)), (Lines{"2026-12-31", "2027-01-01", "2027-12-31", "2028-01-01",
                                          "2028-12-31", "2029-01-01"}));
  EXPECT_EQ(days(Day(2027, 1, 3)), (Lines{"2027-01-01", "2027-12-31", "2028-01-01", "2028-12-31",
                                          "2029-01-01"}))
      << "somewhere it was yesterday";
  EXPECT_EQ(days(Day(2027, 1, 4)),
            (Lines{"2027-12-31", "2028-01-01", "2028-12-31", "2029-01-01"}));
}

// Each telephone of a place is said of each service there: their product is not made.
TEST(OhanaCsvTest, RowsDoNotMultiplyWithoutBound) {
  const auto read = [](size_t services, size_t phones, const std::string& department) {
    Folder folder = Sample();
    for (size_t n = 3; n < services; ++n) {
      folder["services.csv"] += std::to_string(n) + ",1,,,,,,,,,,,,,,S,,,,,,\n";
    }
    for (size_t n = 4; n < phones; ++n) {
      folder["phones.csv"] += std::to_string(n) + ",,1,,,," + department + ",,555,voice,\n";
    }
    Problems problems;
    const ImportTables tables =
        ReadOhanaCsv(Texts(folder), {kAgency, "", Day(2026, 6, 1)}, problems);
    EXPECT_EQ(FirstOf(problems), " 0  TOO_MANY_ROWS");
    return tables.rows;
  };
  EXPECT_EQ(read(20'000, 20'000, ""), kMaxImportRows + 1);
  EXPECT_LT(read(10'000, 5, std::string(100'000, 'x')), 35'000U) << "nor does a long value";
}

TEST(OhanaCsvTest, FaultsAreNamedByTheFilesOwnColumns) {
  EXPECT_EQ(Changed("services.csv", "\n2,2,", "\n1,2,"), "services.csv 3 id DUPLICATE_ID");
  EXPECT_EQ(Changed("services.csv", "\n2,2,", "\n2,9,"),
            "services.csv 3 location_id UNKNOWN_REFERENCE");
  EXPECT_EQ(Changed("services.csv", "\n2,2,", "\n2,,"), "services.csv 3 location_id MISSING_VALUE");
  EXPECT_EQ(Changed("services.csv", "\n2,2,", "\n,2,"), "services.csv 3 id MISSING_VALUE");
  EXPECT_EQ(Changed("addresses.csv", "1,1,123", "1,7,123"),
            "addresses.csv 2 location_id UNKNOWN_REFERENCE");
  EXPECT_EQ(Changed("organizations.csv", "http://", "javascript:"),
            "organizations.csv 2 website INVALID_VALUE");
  EXPECT_EQ(Changed("regular_schedules.csv", "Sunday", "Someday"),
            "regular_schedules.csv 4 weekday INVALID_VALUE");
  EXPECT_EQ(Changed("regular_schedules.csv", "10pm", "25:00"),
            "regular_schedules.csv 4 opens_at INVALID_VALUE");
  EXPECT_EQ(Changed("regular_schedules.csv", "6am", ""),
            "regular_schedules.csv 4 closes_at MISSING_VALUE");
  EXPECT_EQ(Changed("holiday_schedules.csv", "12/24/26", "13/24/26"),
            "holiday_schedules.csv 3 end_date INVALID_VALUE");
  EXPECT_EQ(Changed("holiday_schedules.csv", "12/24/26", "12/23/26"),
            "holiday_schedules.csv 3 end_date INVALID_VALUE") << "before it begins";
  EXPECT_EQ(Changed("holiday_schedules.csv", "12/24/26", "12/24/99"),
            "holiday_schedules.csv 3 end_date INVALID_VALUE") << "longer than a year";
  EXPECT_EQ(Changed("holiday_schedules.csv", "01, 0001\",true", "01, 0001\",perhaps"),
            "holiday_schedules.csv 4 closed INVALID_VALUE");
  EXPECT_EQ(Changed("phones.csv", "number_type", "number"), "phones.csv 1 number DUPLICATE_COLUMN");
  EXPECT_EQ(Changed("locations.csv", "organization_id,", "org,"),
            "locations.csv 1 organization_id MISSING_COLUMN");
  EXPECT_EQ(Changed("organizations.csv", "Helps", "\xFF"),
            "organizations.csv 2 description INVALID_UTF8");
  EXPECT_EQ(Changed("organizations.csv", "Harbor House", std::string(501, 'x')),
            "organizations.csv 2 name VALUE_TOO_LONG");
  Folder folder = Sample();
  folder["clients.csv"] = "id\n1\n";
  EXPECT_EQ(FirstOf(Import(folder).problems), "clients.csv 0  UNKNOWN_FILE");
}

TEST(OhanaCsvTest, AConfidentialPlaceLeavesNoTrace) {
  Folder folder = Sample();
  std::string& places = folder["locations.csv"];
  places.replace(places.find("virtual\n"), 8, "virtual,confidential_location\n");
  places.replace(places.find("Bus,,false\n"), 11, "Bus,,false,true\n");
  places.replace(places.find(",,true\n"), 7, ",,true,\n");
  const OhanaOutcome outcome = Import(folder);
  ASSERT_EQ(FirstOf(outcome.problems), "");
  for (const ImportedListing& one : outcome.set.listings) {
    if (one.listing.name != "Night beds") continue;
    EXPECT_TRUE(one.listing.confidential_location);
    EXPECT_TRUE(one.listing.cities.empty());
    EXPECT_TRUE(one.listing.phones.empty()) << "it is the place's";
    EXPECT_TRUE(one.listing.schedules.empty()) << "so are these";
    EXPECT_EQ(boost::json::serialize(one.hsds).find("Main Street"), std::string::npos);
    EXPECT_EQ(boost::json::serialize(one.hsds).find("7807525"), std::string::npos);
    EXPECT_EQ(boost::json::serialize(one.hsds).find("780-7525"), std::string::npos);
  }
}

TEST(OhanaCsvTest, WhatSpreadsheetsWouldReckonComesInAsItIs) {
  Folder folder = Sample();
  std::string& services = folder["services.csv"];
  services.replace(services.find("Night beds"), 10, SafeCell("=HYPERLINK(1)"));
  const OhanaOutcome outcome = Import(folder);
  ASSERT_EQ(FirstOf(outcome.problems), "");
  EXPECT_EQ(Named(outcome.set, "=HYPERLINK(1)").name, "=HYPERLINK(1)")
      << "a way out puts the apostrophe back (csv_line.h)";
}

TEST(OhanaCsvTest, FilesTellTheLayout) {
  EXPECT_TRUE(IsOhana(Texts(Sample())));
  EXPECT_TRUE(IsOhana(Texts({{"services.csv", Sample()["services.csv"]}})));
  EXPECT_FALSE(IsOhana(Texts({{"services.csv", "id,organization_id,name,status\n"}})));
  Folder mixed = Sample();
  mixed["datapackage.json"] = "{}";
  EXPECT_FALSE(IsOhana(Texts(mixed)));
  EXPECT_FALSE(IsOhana({}));
  Problems problems;
  ReadHsdsCsv(Texts({{"clients.csv", "id\n1\n"}, {"cases.csv", "id\n1\n"}}), problems);
  EXPECT_EQ(FirstOf(problems), " 0  UNKNOWN_LAYOUT");
  EXPECT_EQ(problems.list().size(), 1U);
}

TEST(OhanaValuesTest, TimesAsTheyAreTyped) {
  for (const auto& [typed, time] : std::map<std::string, std::string>{
           {"08:00", "08:00"}, {"8:00", "08:00"}, {"9am", "09:00"}, {"4:00 PM", "16:00"},
           {"3pm", "15:00"}, {"12 a.m.", "00:00"}, {"12pm", "12:00"}, {"17:30:00", "17:30"},
           {"23:59", "23:59"}, {"24:00", ""}, {"8", ""}, {"13pm", ""}, {"0am", ""},
           {"9:5", ""}, {"", ""}, {"noon", ""}, {"-1:00", ""}, {"9:00:xx", ""}}) {
    EXPECT_EQ(TimeOf(typed), time) << typed;
  }
}

TEST(OhanaValuesTest, DaysAsTheyAreTyped) {
  const auto text = [](const std::string& typed) {
    const auto date = TypedDateOf(typed);
    return date ? std::to_string(date->year) + "-" +
                      std::to_string(static_cast<unsigned>(date->day.month())) + "-" +
                      std::to_string(static_cast<unsigned>(date->day.day()))
                : std::string();
  };
  EXPECT_EQ(text("December 24, 2015"), "2015-12-24");
  EXPECT_EQ(text("Dec 24, 2015"), "2015-12-24");
  EXPECT_EQ(text("12/24/15"), "2015-12-24");
  EXPECT_EQ(text("2015-12-24"), "2015-12-24");
  EXPECT_EQ(text("January 01, 0001"), "1-1-1");
  for (const char* bad : {"", "24.12.2015", "02/30/2016", "Ju 1, 2015", "12/24", "12/24/0002",
                          "February 29, 2015", "12/24/99999", "Christmas"}) {
    EXPECT_EQ(text(bad), "") << bad;
  }
  EXPECT_EQ(WeekdayOf("Monday"), "MO");
  EXPECT_EQ(WeekdayOf("thu"), "TH");
  EXPECT_EQ(WeekdayOf("T"), "");
  EXPECT_EQ(WeekdayOf("Mondayish"), "");
}

}  // namespace
}  // namespace fairlead::directory
