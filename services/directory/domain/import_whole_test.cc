// What is made of an import in parts is what is made of it in one piece.
#include "services/directory/domain/import_whole.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>

#include "services/common/base/text_records.h"
#include "services/directory/domain/decided_change.h"
#include "services/directory/domain/hsds_csv.h"
#include "services/directory/domain/hsds_json.h"

namespace fairlead::directory {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Files = std::map<std::string, std::string>;

std::string WholeId(char kind, int number) {
  std::string digits = std::to_string(number);
  digits.insert(0, 12 - digits.size(), '0');
  return std::string(8, kind) + "-0000-4000-8000-" + digits;
}

// Three organizations, `count` services and as many places, each of which two services share, with
// something of every kind hanging on something.
Files WholeFolder(int count) {
  Files files = {
      {"organizations.csv", "id,name,description\n"},
      {"services.csv", "id,organization_id,name,description,status,program_id\n"},
      {"programs.csv", "id,organization_id,name,description\n"},
      {"locations.csv", "id,location_type,organization_id,name,confidential_location\n"},
      {"service_at_location.csv", "id,service_id,location_id\n"},
      {"addresses.csv",
       "id,location_id,address_1,city,state_province,postal_code,country,address_type\n"},
      {"phones.csv", "id,service_id,organization_id,location_id,contact_id,number\n"},
      {"contacts.csv", "id,organization_id,service_id,name\n"},
      {"schedules.csv", "id,service_id,location_id,freq,byday,opens_at,closes_at\n"},
      {"service_areas.csv", "id,service_id,extent\n"},
      {"taxonomies.csv", "id,name,description\n" + WholeId('7', 1) + ",Needs,Ours\n"},
      {"taxonomy_terms.csv",
       "id,code,name,description,taxonomy_id\n" + WholeId('8', 1) + ",shelter_bed,Bed,A bed," +
           WholeId('7', 1) + "\n" + WholeId('8', 2) + ",visibility_role,Role,Few," +
           WholeId('7', 1) + "\n" + WholeId('8', 3) + ",confidential_location,Hidden,No place," +
           WholeId('7', 1) + "\n"},
      {"attributes.csv", "id,link_id,link_entity,taxonomy_term_id\n"},
      {"units.csv", "id,name\n" + WholeId('6', 1) + ",bed\n"},
  };
  for (int o = 0; o < 3; ++o) {
    files["organizations.csv"] += WholeId('0', o) + ",Org " + std::to_string(o) + ",Helps\n";
    files["programs.csv"] += WholeId('5', o) + "," + WholeId('0', o) + ",Program,All of it\n";
    files["contacts.csv"] += WholeId('4', o) + "," + WholeId('0', o) + ",,Ana\n";
    files["phones.csv"] +=
        WholeId('3', o) + ",," + WholeId('0', o) + ",,,+1555010000" + std::to_string(o) + "\n" +
        // Of the organization, through somebody who is for few.
        WholeId('3', 100 + o) + ",," + WholeId('0', o) + ",," + WholeId('4', o) +
        ",+1555020000" + std::to_string(o) + "\n";
    files["attributes.csv"] +=
        WholeId('9', 1000 + o) + "," + WholeId('4', o) + ",contact," + WholeId('8', 2) + "\n";
  }
  for (int i = 0; i < count; ++i) {
    const std::string service = WholeId('1', i);
    const std::string place = WholeId('2', i);
    files["services.csv"] += service + "," + WholeId('0', i % 3) + ",\"Service, " +
                             std::to_string(i) + "\",\"two\nlines\",active," +
                             WholeId('5', i % 3) + "\n";
    files["locations.csv"] += place + ",physical," + WholeId('0', i % 3) + ",House,\n";
    for (const int at : {i, (i + 1) % count}) {
      files["service_at_location.csv"] += WholeId('a', 2 * i + (at == i ? 0 : 1)) + "," + service +
                                          "," + WholeId('2', at) + "\n";
    }
    files["addresses.csv"] += WholeId('b', i) + "," + place + ",1 Main St,Town" +
                              std::to_string(i) + ",FL,33101,US,physical\n";
    if (i % 2 == 0) {
      files["phones.csv"] += WholeId('c', i) + "," + service + ",,,,+15550300" +
                             std::to_string(100 + i) + "\n";
    }
    files["schedules.csv"] +=
        WholeId('d', i) + (i % 2 == 0 ? "," + service + "," : ",," + place) +
        ",WEEKLY,MO,09:00,17:00\n";
    files["service_areas.csv"] += WholeId('e', i) + "," + service + ",12086\n";
    files["attributes.csv"] +=
        WholeId('9', i) + "," + service + ",service," + WholeId('8', 1) + "\n";
  }
  return files;
}

// Records of each file, so many a part, the last parts first.
std::vector<ImportPart> Parts(const Files& files, size_t records_a_part) {
  std::vector<ImportPart> parts;
  for (const auto& [name, content] : files) {
    const auto lines = CsvRecords(content);
    for (size_t from = 1; from < std::max<size_t>(lines.size(), 2); from += records_a_part) {
      ImportPart part{.file = name,
                      .first_record = static_cast<int>(from) - 1,
                      .content = std::string(lines.at(0))};
      for (size_t i = from; i < std::min(from + records_a_part, lines.size()); ++i) {
        part.content += lines[i];
      }
      parts.push_back(std::move(part));
    }
  }
  std::ranges::reverse(parts);
  return parts;
}

// What an import comes to, in an order of its own, to be compared.
struct Made {
  std::map<std::string, std::string> organizations, listings, records;
  std::vector<ImportProblem> problems;
  std::set<std::string> confidential;
};

void Gather(const ImportSet& set, Made& made) {
  const auto text = [](DecidedChange change, const ImportProblem& at) {
    return boost::json::serialize(ToJson(change)) + " " + at.file + std::to_string(at.row);
  };
  for (const auto& one : set.organizations) {
    const auto [at, is_new] = made.organizations.emplace(
        one.organization.id, text({.table = "organizations",
                                   .id = one.organization.id,
                                   .organization = one.organization,
                                   .hsds = one.hsds},
                                  one.at));
    EXPECT_TRUE(is_new) << "once each";
  }
  for (const auto& one : set.listings) {
    const auto [at, is_new] = made.listings.emplace(
        one.listing.id, text({.table = "services",
                              .id = one.listing.id,
                              .listing = one.listing,
                              .hsds = one.hsds},
                             one.at));
    EXPECT_TRUE(is_new) << "once each";
  }
  for (const auto& one : set.records) {
    made.records.emplace(std::string(one.table) + " " + one.id, boost::json::serialize(one.body));
  }
}

Made AtOnce(const Files& files, bool is_json = false) {
  std::vector<ImportText> texts;
  for (const auto& [name, content] : files) texts.push_back({name, content});
  Made made;
  Problems problems;
  ImportTables tables = is_json ? ReadHsdsJson(texts, problems) : ReadHsdsCsv(texts, problems);
  const ImportSet set = BuildImport(std::move(tables), {}, problems);
  Gather(set, made);
  made.problems = problems.list();
  made.confidential = set.confidential_places;
  return made;
}

Made InParts(std::vector<ImportPart> parts, bool is_json = false,
             const std::set<std::string>& known = {}) {
  Made made;
  Problems problems;
  ImportWhole whole(is_json);
  for (ImportPart& part : parts) whole.Add(std::move(part), problems);
  whole.Link(known, problems);
  ImportDefaults defaults;
  defaults.rows_are_checked = true;
  defaults.confidential_places = known;
  for (const auto& [place, at] : whole.confidential_places()) {
    defaults.confidential_places.insert(place);
    made.confidential.insert(place);
  }
  ImportSet set;
  while (whole.Next(defaults, problems, set)) Gather(set, made);
  made.problems = problems.list();
  return made;
}

void ExpectSame(const Made& a, const Made& b) {
  EXPECT_EQ(a.organizations, b.organizations);
  EXPECT_EQ(a.listings, b.listings);
  EXPECT_EQ(a.records, b.records);
  EXPECT_EQ(a.confidential, b.confidential);
  EXPECT_THAT(b.problems, IsEmpty());
}

TEST(ImportWholeTest, PartsInAnyOrderMakeTheSameListings) {
  // More than are made at a time.
  const Files files = WholeFolder(450);
  const Made once = AtOnce(files);
  ASSERT_EQ(once.listings.size(), 450U);
  ASSERT_THAT(once.problems, IsEmpty());
  for (const size_t records : {size_t{7}, size_t{1000}}) {
    ExpectSame(once, InParts(Parts(files, records)));
  }
}

TEST(ImportWholeTest, WhatIsConfidentialIsSoAcrossParts) {
  Files files = WholeFolder(40);
  // One service says so. It shares its places with its neighbours, they theirs with the next.
  files["attributes.csv"] += WholeId('9', 5000) + "," + WholeId('a', 10) +
                             ",service_at_location," + WholeId('8', 3) + "\n";
  const Made once = AtOnce(files);
  ASSERT_EQ(once.confidential.size(), 40U);
  ExpectSame(once, InParts(Parts(files, 3)));
}

TEST(ImportWholeTest, APlaceThatWasConfidentialBeforeStaysSo) {
  const Files files = WholeFolder(5);
  const Made made = InParts(Parts(files, 2), false, {WholeId('2', 3)});
  EXPECT_EQ(made.confidential.size(), 5U);
  for (const auto& [id, text] : made.listings) {
    EXPECT_EQ(text.find("Town"), std::string::npos) << text;
  }
}

TEST(ImportWholeTest, ProblemsAreNamedByTheirPlaceInTheWholeFile) {
  Files files = WholeFolder(9);
  files["services.csv"] += WholeId('1', 4) + "," + WholeId('0', 0) + ",Again,,active,\n";  // row 11
  files["phones.csv"] += WholeId('c', 900) + "," + WholeId('1', 77) + ",,,,988\n";
  files["languages.csv"] = "id,service_id,code\n" + WholeId('f', 1) + "," + WholeId('1', 1) +
                           ",!\n" + WholeId('f', 2) + ",x,es\n";
  const Made made = InParts(Parts(files, 2));
  std::set<std::string> found;
  for (const ImportProblem& one : made.problems) {
    found.insert(one.file + " " + std::to_string(one.row) + " " + one.column + " " + one.reason);
  }
  const auto phones = CsvRecords(files["phones.csv"]).size();
  // Parts came last first: of two rows with one id the later part's was there before.
  EXPECT_TRUE(found.contains("services.csv 11 id DUPLICATE_ID") ||
              found.contains("services.csv 6 id DUPLICATE_ID"));
  EXPECT_TRUE(found.contains("phones.csv " + std::to_string(phones) +
                             " service_id UNKNOWN_REFERENCE"));
  EXPECT_TRUE(found.contains("languages.csv 2 code INVALID_LANGUAGE"));
  EXPECT_TRUE(found.contains("languages.csv 3 service_id INVALID_ID"));
  EXPECT_EQ(found.size(), 4U);
  EXPECT_THAT(made.listings, IsEmpty());
}

TEST(ImportWholeTest, APartThatCannotBeReadIsNamedAndBlamesNoOther) {
  Files files = WholeFolder(3);
  std::vector<ImportPart> parts = Parts(files, 100);
  for (ImportPart& part : parts) {
    if (part.file == "locations.csv") part.content = "id,location_type\n\"open";
  }
  const Made made = InParts(std::move(parts));
  EXPECT_THAT(made.problems, ElementsAre(ImportProblem{"locations.csv", 2, "", "INVALID_CSV"}));
}

TEST(ImportWholeTest, AFolderOfNothingOrOfAnotherKindIsRefused) {
  const auto reason = [](std::vector<ImportPart> parts) {
    const Made made = InParts(std::move(parts));
    return made.problems.empty() ? "" : made.problems.back().reason;
  };
  EXPECT_EQ(reason({}), "UNKNOWN_LAYOUT");
  EXPECT_EQ(reason({{.file = "datapackage.json", .content = "{}"}}), "EMPTY_IMPORT");
  EXPECT_EQ(reason({{.file = "regular_schedules.csv", .content = "id\n"}}), "OLDER_LAYOUT");
  EXPECT_EQ(reason({{.file = "services.csv", .content = WholeFolder(1)["services.csv"]},
                    {.file = "service.csv", .content = WholeFolder(1)["services.csv"]}}),
            "UNKNOWN_REFERENCE")
      << "and before it DUPLICATE_FILE";
}

// JSON says what is shared once for each that shares it.
std::string JsonService(int number) {
  const std::string n = std::to_string(number);
  return R"({"id":")" + WholeId('1', number) + R"(","name":"Service )" + n +
         R"(","status":"active","organization":{"id":")" + WholeId('0', number % 3) +
         R"(","name":"Org","description":"Helps","phones":[{"id":")" +
         WholeId('3', number % 3) +
         R"(","number":"+15550100001"}]},"service_at_locations":[{"id":")" +
         WholeId('a', number) + R"(","location":{"id":")" + WholeId('2', number) +
         R"(","location_type":"physical","addresses":[{"id":")" + WholeId('b', number) +
         R"(","address_1":"1 Main St","city":"Town)" + n +
         R"(","state_province":"FL","postal_code":"33101","country":"US",)"
         R"("address_type":"physical"}]}}],"attributes":[{"id":")" +
         WholeId('9', number) + R"(","taxonomy_term":{"id":")" + WholeId('8', 1) +
         R"(","code":"shelter_bed","name":"Bed","description":"A bed"}}]})";
}

TEST(ImportWholeTest, JsonInPartsMakesTheSameListings) {
  std::vector<ImportPart> parts;
  std::string all = "[";
  for (int i = 0; i < 300; ++i) {
    if (i % 90 == 0) {
      parts.push_back({.file = "services.json", .first_record = i, .content = "["});
    } else {
      parts.back().content += ',';
    }
    parts.back().content += JsonService(i);
    all += (i == 0 ? "" : ",") + JsonService(i);
  }
  for (ImportPart& part : parts) part.content += ']';
  const Made once = AtOnce({{"services.json", all + "]"}}, true);
  ASSERT_EQ(once.listings.size(), 300U);
  ASSERT_THAT(once.problems, IsEmpty());
  ExpectSame(once, InParts(parts, true));

  parts.push_back(parts.front());
  const Made twice = InParts(parts, true);
  ASSERT_FALSE(twice.problems.empty());
  EXPECT_EQ(twice.problems.front().reason, "DUPLICATE_ID");
  EXPECT_EQ(twice.problems.front().row, 1);
}

TEST(ImportWholeTest, ADecidedChangeIsReadAsItWasWritten) {
  DecidedChange change{.table = "services", .id = WholeId('1', 1)};
  change.listing.id = change.id;
  change.listing.name = "Night \"beds\"\n";
  change.listing.need_codes = {"shelter_bed"};
  change.listing.schedules = {"FREQ=WEEKLY|x"};
  change.listing.minimum_age = 18;
  change.listing.confidential_location = true;
  change.listing.eligibility[CodeList::kGender] = {"female"};
  change.listing.eligibility.cost = Cost::kFree;
  change.content_hash = std::string("\0\xff\x80 hash", 8);
  change.is_new = true;
  change.hsds = boost::json::parse(R"({"a":[1,2.5,"x"],"b":{"c":null}})").as_object();
  const std::string text = boost::json::serialize(ToJson(change));
  EXPECT_EQ(DecidedFromJson(boost::json::parse(text).as_object()), change);
  DecidedChange organization{.table = "organizations", .id = WholeId('0', 1)};
  organization.organization = {organization.id, "Harbor", "Helps", "a@b.org", "https://b.org"};
  EXPECT_EQ(DecidedFromJson(ToJson(organization)), organization);
}

}  // namespace
}  // namespace fairlead::directory
