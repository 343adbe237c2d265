// From files to listings, without a database.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "services/directory/domain/build_import.h"
#include "services/directory/domain/hsds_csv.h"
#include "services/directory/domain/hsds_json.h"
#include "services/directory/domain/import_hours.h"

namespace fairlead::directory {
namespace {

using Strings = std::vector<std::string>;

constexpr const char* kOrg = "11111111-1111-4111-8111-111111111111";
constexpr const char* kService = "22222222-2222-4222-8222-222222222222";
constexpr const char* kPlace = "33333333-3333-4333-8333-333333333333";

// A folder that is right in every row.
std::map<std::string, std::string> GoodFolder() {
  const std::string org = kOrg;
  const std::string service = kService;
  const std::string place = kPlace;
  return {
      {"organizations.csv",
       "id,name,description,website\n" + org + ",Harbor,Helps,https://h.org\n"},
      {"services.csv", "id,organization_id,name,description,status,minimum_age,maximum_age\n" +
                           service + "," + org + ",Night beds,Beds,active,18,\n"},
      {"locations.csv", "id,location_type,confidential_location\n" + place + ",physical,\n"},
      {"service_at_location.csv",
       "id,service_id,location_id\n44444444-4444-4444-8444-444444444444," + service + "," + place +
           "\n"},
      {"addresses.csv",
       "id,location_id,address_1,city,state_province,postal_code,country,address_type\n"
       "55555555-5555-4555-8555-555555555555," +
           place + ",1 Main St,Seaport,FL,33101,US,physical\n"},
      {"phones.csv", "id,service_id,number\n66666666-6666-4666-8666-666666666666," + service +
                         ",(555) 010-1234\n"},
      {"languages.csv", "id,service_id,location_id,code\n77777777-7777-4777-8777-777777777777," +
                            service + ",,es\n77777777-7777-4777-8777-777777777778,," + place +
                            ",ht\n"},
      {"schedules.csv",
       "id,service_id,location_id,freq,byday,opens_at,closes_at,timezone\n"
       "cccccccc-cccc-4ccc-8ccc-cccccccccccc," +
           service +
           ",,WEEKLY,\"FR,SA\",20:00,06:00,America/Chicago\n"
           "cccccccc-cccc-4ccc-8ccc-cccccccccccd,," +
           place + ",WEEKLY,MO,09:00,17:00,\n"},
      {"service_areas.csv",
       "id,service_id,extent,extent_type\n"
       "88888888-8888-4888-8888-888888888888," +
           service + ",\"12086,12011\",text\n"},
      {"taxonomy_terms.csv",
       "id,code,name,description\n"
       "99999999-9999-4999-8999-999999999999,shelter_bed,Bed,A bed\n"
       "99999999-9999-4999-8999-999999999998,1184,Dental,Teeth\n"},
      {"attributes.csv",
       "id,link_id,link_entity,taxonomy_term_id\n"
       "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa," +
           service +
           ",service,99999999-9999-4999-8999-999999999999\n"
           "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaab," +
           service + ",service,99999999-9999-4999-8999-999999999998\n"},
      {"datapackage.json", "{}"},
  };
}

struct Outcome {
  ImportSet set;
  Problems problems;
};

Outcome Csv(const std::map<std::string, std::string>& folder, const ImportDefaults& defaults = {}) {
  std::vector<ImportText> texts;
  for (const auto& [name, content] : folder) texts.push_back({name, content});
  Outcome outcome;
  const ImportTables tables = ReadHsdsCsv(texts, outcome.problems);
  outcome.set = BuildImport(tables, defaults, outcome.problems);
  return outcome;
}

Outcome Json(const std::string& name, const std::string& content) {
  Outcome outcome;
  const ImportTables tables = ReadHsdsJson({{name, content}}, outcome.problems);
  outcome.set = BuildImport(tables, {}, outcome.problems);
  return outcome;
}

std::string First(const Problems& problems) {
  if (problems.empty()) return "";
  const ImportProblem& p = problems.list().front();
  return p.file + " " + std::to_string(p.row) + " " + p.column + " " + p.reason;
}

// The first problem after one file's content was changed.
std::string Broken(const std::string& file, const std::string& from, const std::string& to) {
  auto folder = GoodFolder();
  std::string& content = folder[file];
  const size_t at = content.rfind(from);
  EXPECT_NE(at, std::string::npos);
  content.replace(at, from.size(), to);
  const Outcome outcome = Csv(folder);
  EXPECT_TRUE(outcome.set.listings.empty() && outcome.set.organizations.empty());
  return First(outcome.problems);
}

TEST(HsdsCsvTest, AFolderBecomesAListing) {
  const Outcome outcome = Csv(GoodFolder());
  ASSERT_EQ(First(outcome.problems), "");
  ASSERT_EQ(outcome.set.organizations.size(), 1U);
  ASSERT_EQ(outcome.set.listings.size(), 1U);
  const Listing& listing = outcome.set.listings[0].listing;
  EXPECT_EQ(listing.name, "Night beds");
  EXPECT_EQ(listing.need_codes, (Strings{"dental", "shelter_bed"}));
  EXPECT_EQ(listing.languages, (Strings{"es", "ht"}));
  EXPECT_EQ(listing.counties, (Strings{"12011", "12086"}));
  EXPECT_EQ(listing.phones, (Strings{"+15550101234"}));
  EXPECT_EQ(listing.cities, (Strings{"Seaport"}));
  EXPECT_EQ(listing.schedules, (Strings{"timezone=America/Chicago;freq=WEEKLY;byday=FR,SA;"
                                        "opens_at=20:00;closes_at=06:00"}))
      << "its own hours go before those of the place";
  EXPECT_EQ(listing.minimum_age, 18);
  EXPECT_FALSE(listing.confidential_location);
}

TEST(HsdsCsvTest, EveryFaultNamesFileRowAndColumn) {
  EXPECT_EQ(Broken("services.csv", "Night beds", ""), "services.csv 2 name MISSING_VALUE");
  EXPECT_EQ(Broken("services.csv", "active", "open"), "services.csv 2 status INVALID_VALUE");
  EXPECT_EQ(Broken("services.csv", "18", "old"), "services.csv 2 minimum_age INVALID_VALUE");
  EXPECT_EQ(Broken("services.csv", "18,", "18,17"), "services.csv 2 maximum_age INVALID_VALUE");
  EXPECT_EQ(Broken("services.csv", kOrg, "11111111-1111-4111-8111-111111111112"),
            "services.csv 2 organization_id UNKNOWN_REFERENCE");
  EXPECT_EQ(Broken("services.csv", kOrg, "harbor"), "services.csv 2 organization_id INVALID_ID");
  EXPECT_EQ(Broken("services.csv", "status", "state"), "services.csv 1 status MISSING_COLUMN");
  EXPECT_EQ(Broken("phones.csv", "66666666-6", "6666666-6"), "phones.csv 2 id INVALID_ID");
  EXPECT_EQ(Broken("phones.csv", "(555)", "(\xFF)"), "phones.csv 2 number INVALID_UTF8");
  EXPECT_EQ(Broken("phones.csv", "(555)", "\"(555)"), "phones.csv 2  INVALID_CSV");
  EXPECT_EQ(Broken("schedules.csv", "FR,SA", "FR,XX"), "schedules.csv 2 byday INVALID_VALUE");
  EXPECT_EQ(Broken("schedules.csv", "20:00", "8 pm"), "schedules.csv 2 opens_at INVALID_VALUE");
  EXPECT_EQ(Broken("schedules.csv", "America/Chicago", "America/Chicaco"),
            "schedules.csv 2 timezone UNKNOWN_ZONE");
  EXPECT_EQ(Broken("schedules.csv", kPlace, kOrg),
            "schedules.csv 3 location_id UNKNOWN_REFERENCE");
  EXPECT_EQ(Broken("languages.csv", ",ht", ",h"), "languages.csv 3 code INVALID_LANGUAGE");
  EXPECT_EQ(Broken("languages.csv", "7778,", "7777,"), "languages.csv 3 id DUPLICATE_ID");
  EXPECT_EQ(Broken("attributes.csv", "9998\n", "9997\n"),
            "attributes.csv 3 taxonomy_term_id UNKNOWN_REFERENCE");
  EXPECT_EQ(Broken("attributes.csv", kService, kPlace),
            "attributes.csv 3 link_id UNKNOWN_REFERENCE");
  EXPECT_EQ(Broken("locations.csv", "physical,", "physical,maybe"),
            "locations.csv 2 confidential_location INVALID_VALUE");
  EXPECT_EQ(Broken("addresses.csv", "Seaport", ""), "addresses.csv 2 city MISSING_VALUE");
  EXPECT_EQ(Broken("organizations.csv", "https://", "javascript:"),
            "organizations.csv 2 website INVALID_VALUE");
  EXPECT_EQ(Broken("organizations.csv", "Harbor", std::string(501, 'x')),
            "organizations.csv 2 name VALUE_TOO_LONG");
}

TEST(HsdsCsvTest, ARingOfParentsIsNamedOnce) {
  const std::string id = "99999999-9999-4999-8999-99999999999";
  const auto term = [&id](const std::string& digit, const std::string& parent) {
    return id + digit + ",x" + digit + ",N,D," + id + parent + "\n";
  };
  auto folder = GoodFolder();
  const auto terms = [&](const std::string& rows) {
    folder["taxonomy_terms.csv"] = "id,code,name,description,parent_id\n" + id +
                                   "9,shelter_bed,Bed,A bed,\n" + id + "8,1184,Dental,Teeth," +
                                   id + "9\n" + rows;
    const Outcome outcome = Csv(folder);
    EXPECT_LE(outcome.problems.list().size(), 1U);
    return First(outcome.problems);
  };
  EXPECT_EQ(terms(term("1", "2") + term("2", "3") + term("3", "9") + term("4", "2")), "");
  EXPECT_EQ(terms(term("1", "7")), "") << "a parent that is not there";
  EXPECT_EQ(terms(term("1", "1")), "taxonomy_terms.csv 4 parent_id PARENT_CYCLE");
  EXPECT_EQ(terms(term("1", "2") + term("2", "3") + term("3", "2") + term("4", "1")),
            "taxonomy_terms.csv 5 parent_id PARENT_CYCLE");
  folder = GoodFolder();
  folder["organizations.csv"] = "id,name,description,parent_organization_id\n" + std::string(kOrg) +
                                ",Harbor,Helps," + kOrg + "\n";
  EXPECT_EQ(First(Csv(folder).problems),
            "organizations.csv 2 parent_organization_id PARENT_CYCLE");
}

TEST(HsdsCsvTest, OneUnreadableFileDoesNotMakeTheOthersWrong) {
  auto folder = GoodFolder();
  folder["services.csv"] += "\"";
  const Outcome broken = Csv(folder);
  ASSERT_EQ(broken.problems.list().size(), 1U);
  EXPECT_EQ(First(broken.problems), "services.csv 3  INVALID_CSV");
  folder["locations.csv"] += "x,physical,\n";
  EXPECT_EQ(Csv(folder).problems.list().size(), 2U) << "and hides none of theirs";
}

TEST(HsdsCsvTest, UnknownAndDoubledFilesAreNamed) {
  auto folder = GoodFolder();
  folder["clients.csv"] = "id\n";
  EXPECT_EQ(First(Csv(folder).problems), "clients.csv 0  UNKNOWN_FILE");
  folder = GoodFolder();
  folder["service.csv"] = folder["services.csv"];
  EXPECT_EQ(First(Csv(folder).problems), "services.csv 0  DUPLICATE_FILE");
  EXPECT_EQ(First(Csv({}).problems), " 0  EMPTY_IMPORT");
}

TEST(HsdsCsvTest, AnImportHasAnUpperBound) {
  auto folder = GoodFolder();
  std::string& units = folder["units.csv"];
  units = "id,name\n";
  for (size_t i = 0; i < kMaxImportRows; ++i) units += "x,y\n";
  EXPECT_EQ(First(Csv(folder).problems), "units.csv 0  TOO_MANY_ROWS");
  units += "x,y\n";
  EXPECT_EQ(First(Csv(folder).problems), "units.csv 200002  TOO_MANY_ROWS");
  EXPECT_LE(Csv(folder).problems.list().size(), kMaxProblems);
}

// Each says what the other has: two short files would be millions of lines.
TEST(HsdsCsvTest, APlaceOfManyLinesIsNotCopiedToManyServices) {
  const auto folder_of = [](int many) {
    auto folder = GoodFolder();
    for (int i = 0; i < many; ++i) {
      const std::string number = std::to_string(100'000 + i);
      const std::string id = "00" + number + "-0000-4000-8000-00000000000";
      folder["services.csv"] += id + "1," + kOrg + ",Beds,Beds,active,18,\n";
      folder["service_at_location.csv"] += id + "2," + id + "1," + kPlace + "\n";
      folder["addresses.csv"] +=
          id + "3," + kPlace + ",1 Main St,Town " + number + ",FL,33101,US,physical\n";
    }
    return folder;
  };
  EXPECT_EQ(First(Csv(folder_of(1'300)).problems), " 0  TOO_MANY_ROWS");
  EXPECT_EQ(First(Csv(folder_of(300)).problems), "");
}

TEST(HsdsCsvTest, AConfidentialPlaceLeavesNoTrace) {
  for (const std::string how : {"location", "service term"}) {
    auto folder = GoodFolder();
    if (how == "location") {
      folder["locations.csv"] =
          std::string("id,location_type,confidential_location\n") + kPlace + ",physical,true\n";
    } else {
      folder["taxonomy_terms.csv"] =
          "id,code,name,description\n"
          "99999999-9999-4999-8999-999999999999,confidential_location,C,C\n"
          "99999999-9999-4999-8999-999999999998,1184,Dental,Teeth\n";
    }
    const Outcome outcome = Csv(folder);
    ASSERT_EQ(First(outcome.problems), "") << how;
    const Listing& listing = outcome.set.listings.at(0).listing;
    EXPECT_TRUE(listing.confidential_location) << how;
    EXPECT_TRUE(listing.cities.empty()) << how;
    for (const std::string& token : SearchTokens(listing)) EXPECT_NE(token, "seaport") << how;
    EXPECT_EQ(listing.counties.size(), 2U) << "the county may be known";
  }
}

TEST(HsdsCsvTest, HoursOfThePlaceServeAServiceThatHasNone) {
  std::map<std::string, std::string> folder = GoodFolder();
  folder["schedules.csv"] =
      "id,location_id,byday,opens_at,closes_at\ncccccccc-cccc-4ccc-8ccc-cccccccccccd," +
      std::string(kPlace) + ",MO,09:00,17:00\n";
  ImportDefaults defaults;
  defaults.time_zone = "America/Denver";
  const Outcome outcome = Csv(folder, defaults);
  ASSERT_EQ(First(outcome.problems), "");
  EXPECT_EQ(outcome.set.listings.at(0).listing.schedules,
            (Strings{"timezone=America/Denver;freq=WEEKLY;byday=MO;opens_at=09:00;"
                     "closes_at=17:00"}));
}

TEST(HsdsCsvTest, OnePlaceThatIsClosedDoesNotCloseTheOthers) {
  calendar::Fields fields = {{"valid_from", "2026-12-24"}, {"valid_to", "2026-12-24"}};
  const calendar::Read closed = calendar::ReadSchedule(fields, "America/Denver");
  fields["valid_from"] = fields["valid_to"] = "2026-12-25";
  const calendar::Read christmas = calendar::ReadSchedule(fields, "America/Denver");
  const calendar::Read weekly = calendar::ReadSchedule(
      {{"byday", "MO"}, {"opens_at", "09:00"}, {"closes_at", "17:00"}}, "America/Denver");
  HoursLines one;
  HoursLines other;
  const HoursLines silent;
  for (const calendar::Read* read : {&closed, &christmas, &weekly}) EXPECT_EQ(one.Add(*read), "");
  for (const calendar::Read* read : {&christmas, &weekly}) EXPECT_EQ(other.Add(*read), "");
  const std::string week = "timezone=America/Denver;freq=WEEKLY;byday=MO;opens_at=09:00;"
                           "closes_at=17:00";
  EXPECT_EQ(HoursOfService({}, {&one, &silent}), (Strings{"date=2026-12-24", "date=2026-12-25",
                                                          week}));
  EXPECT_EQ(HoursOfService({}, {&one, &other}), (Strings{"date=2026-12-25", week}));
  EXPECT_EQ(HoursOfService(other, {&one, &other}), (Strings{"date=2026-12-25", week}));
}

TEST(HsdsCsvTest, DefaultsFillOnlyWhatIsMissing) {
  auto folder = GoodFolder();
  const ImportDefaults defaults{
      .need_codes = {"food"}, .counties = {"06037"}, .time_zone = {}};
  EXPECT_EQ(Csv(folder, defaults).set.listings.at(0).listing.counties, (Strings{"12011", "12086"}));
  folder.erase("attributes.csv");
  folder.erase("service_areas.csv");
  const Outcome outcome = Csv(folder, defaults);
  EXPECT_EQ(outcome.set.listings.at(0).listing.counties, (Strings{"06037"}));
  EXPECT_EQ(outcome.set.listings.at(0).listing.need_codes, (Strings{"food"}));
}

TEST(HsdsJsonTest, FaultsAreNamedByRecordAndPath) {
  const std::string org =
      std::string("{\"id\":\"") + kOrg + "\",\"name\":\"Harbor\",\"description\":\"Helps\"}";
  const auto service = [&](const std::string& rest) {
    return std::string("{\"id\":\"") + kService + "\",\"name\":\"Beds\",\"status\":\"active\"," +
           rest + "}";
  };
  const auto fault = [](const std::string& content) {
    return First(Json("service_list.json", content).problems);
  };
  EXPECT_EQ(fault(service("\"organization\":" + org)), "");
  EXPECT_EQ(fault(service("\"x\":1")), "service_list.json 1 organization_id MISSING_VALUE");
  EXPECT_EQ(fault(service("\"organization\":7")), "service_list.json 1 organization INVALID_TYPE");
  EXPECT_EQ(fault(service("\"organization\":" + org + ",\"phones\":[{\"id\":\"p\"}]")),
            "service_list.json 1 phones.id INVALID_ID");
  EXPECT_EQ(fault(service("\"organization\":" + org + ",\"phones\":{}")),
            "service_list.json 1 phones INVALID_TYPE");
  EXPECT_EQ(fault(service("\"organization\":" + org + ",\"description\":5")),
            "service_list.json 1 description INVALID_TYPE");
  EXPECT_EQ(fault(service("\"organization\":" + org + ",\"description\":\"a\\u0000b\"")),
            "service_list.json 1 description INVALID_CHARACTER");
  const std::string good = service("\"organization\":" + org);
  EXPECT_EQ(fault("{\"contents\":[" + good + "," + good + "]}"),
            "service_list.json 2 id DUPLICATE_ID");
  EXPECT_EQ(fault("[" + good + ",3]"), "service_list.json 2  INVALID_TYPE");
  EXPECT_EQ(fault("{\"id\":1,\"id\":2}"), "service_list.json 0  INVALID_JSON");
  EXPECT_EQ(fault("\"\xFF\""), "service_list.json 0  INVALID_UTF8");
  EXPECT_EQ(First(Json("other.json", "{}").problems), "other.json 1  UNKNOWN_RECORD");
}

class ConformanceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* given = std::getenv("FAIRLEAD_CONFORMANCE_DATA");
    folder_ =
        std::filesystem::path(given != nullptr ? given : "../shared/data") / "hsds/3.1/examples";
    if (!std::filesystem::exists(folder_)) GTEST_SKIP() << "no " << folder_;
  }
  static std::string Slurp(const std::filesystem::path& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  std::filesystem::path folder_;
};

TEST_F(ConformanceTest, TheExampleCsvFolderAndTheFullServiceSayTheSame) {
  std::map<std::string, std::string> folder;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "csv")) {
    folder[entry.path().filename()] = Slurp(entry.path());
  }
  const Outcome csv = Csv(folder);
  ASSERT_EQ(First(csv.problems), "");
  ASSERT_EQ(csv.set.listings.size(), 1U);
  const Listing& listing = csv.set.listings[0].listing;
  EXPECT_EQ(listing.id, "ac148810-d857-441c-9679-408f346de14b");
  EXPECT_EQ(listing.name, "Community Counselling");
  EXPECT_EQ(listing.languages, (Strings{"ur"}));
  EXPECT_EQ(listing.phones, (Strings{"+441234234567"}));
  EXPECT_EQ(listing.cities, (Strings{"MyCity"}));
  EXPECT_EQ(listing.minimum_age, 12);
  EXPECT_EQ(listing.maximum_age, 100);
  for (const char* name : {"service_full.json", "organization_full.json"}) {
    const Outcome json = Json(name, Slurp(folder_ / name));
    ASSERT_EQ(First(json.problems), "") << name;
    ASSERT_EQ(json.set.listings.size(), 1U) << name;
    EXPECT_EQ(json.set.listings[0].listing, listing) << name;
    EXPECT_EQ(json.set.organizations.at(0).organization, csv.set.organizations.at(0).organization)
        << name;
  }
}

TEST_F(ConformanceTest, TheListFormsAreRead) {
  const Outcome services = Json("service_list.json", Slurp(folder_ / "service_list.json"));
  EXPECT_EQ(First(services.problems), "");
  EXPECT_EQ(services.set.listings.size(), 1U);
  EXPECT_EQ(services.set.organizations.size(), 1U);
  const Outcome organizations =
      Json("organization_list.json", Slurp(folder_ / "organization_list.json"));
  EXPECT_EQ(First(organizations.problems), "");
  EXPECT_EQ(organizations.set.listings.size(), 0U);
  EXPECT_EQ(organizations.set.organizations.size(), 1U);
}

}  // namespace
}  // namespace fairlead::directory
