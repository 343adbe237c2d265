// A confidential place: nothing below its county is known to anybody, by any way out. Each of 1,000
// invented listings has a word of its own in everything that is said of its place; afterwards that
// word is looked for in every answer, in every event, and in the database itself.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "services/directory/testing/confidential_fixture.h"

namespace fairlead::directory {
namespace {

constexpr int kListings = 1000;

class ConfidentialPlaceTest : public ConfidentialFixture {};

TEST_P(ConfidentialPlaceTest, NothingBelowItsCountyIsEverSaid) {
  for (int first = 1; first <= kListings; first += kPerImport) {
    json::array services;
    for (int n = first; n < first + kPerImport; ++n) services.push_back(Service(n));
    v1::ImportListingsRequest request =
        Request(v1::IMPORT_FORMAT_HSDS_JSON, {{"services.json", json::serialize(services)}});
    request.add_default_need_codes("shelter_bed");
    const auto imported = Call<v1::ImportListingsResponse>(admin_, "ImportListings", request);
    ASSERT_TRUE(imported) << ToString(imported.error());
  }
  ASSERT_EQ(CountRows("listing WHERE confidential = 1"), kListings);

  const auth::Actor coordinator =
      Person(MakeAgency("Office"), {auth::Role::kAgencyAdmin, auth::Role::kCoordinator});
  for (const auth::Actor& viewer : {admin_, coordinator, auth::Actor()}) {
    for (const v1::HsdsResource resource :
         {v1::HSDS_RESOURCE_SERVICES, v1::HSDS_RESOURCE_ORGANIZATIONS,
          v1::HSDS_RESOURCE_SERVICE_AT_LOCATIONS, v1::HSDS_RESOURCE_TAXONOMIES,
          v1::HSDS_RESOURCE_TAXONOMY_TERMS}) {
      EXPECT_FALSE(Tells(Listed(viewer, resource))) << resource;
    }
  }
  const std::string services = Listed(admin_, v1::HSDS_RESOURCE_SERVICES);
  EXPECT_NE(services.find("Quiet house 1000"), std::string::npos) << "they are there";
  EXPECT_NE(services.find("12086"), std::string::npos) << "the county may be known";
  EXPECT_EQ(services.find("latitude"), std::string::npos);
  EXPECT_FALSE(Tells(Exported(admin_, v1::IMPORT_FORMAT_HSDS_CSV)));
  EXPECT_FALSE(Tells(Exported(admin_, v1::IMPORT_FORMAT_HSDS_JSON)));
  EXPECT_EQ(Search({.text = kCanary}), (Names{})) << "nobody finds one by what is hidden";
  EXPECT_EQ(Search({.text = "zqxcanayr"}), (Names{})) << "nor by what is near it";
  ChangeAndVerifySome(coordinator);
  v1::GetServiceRequest get;
  for (int n = 1; n <= kListings; n += 37) {
    get.set_service_id(Uuid(n, '1'));
    const auto answer = Call<v1::GetServiceResponse>(admin_, "GetService", get);
    ASSERT_TRUE(answer);
    EXPECT_FALSE(Tells(answer->SerializeAsString()));
    EXPECT_TRUE(answer->service().confidential_location());
  }
  for (const char* county : {"12086", "12011"}) {  // theirs, and one where all of them are misses
    v1::MatchServicesRequest match;
    match.set_request_id(ids_.New());
    match.set_need_code("shelter_bed");
    match.set_county(county);
    match.set_urgency(v1::MATCH_URGENCY_URGENT);
    const auto answer = Call<v1::MatchServicesResponse>(admin_, "MatchServices", match);
    ASSERT_TRUE(answer) << ToString(answer.error());
    EXPECT_GT(answer->matches_size() + answer->misses_size(), 0) << county;
    EXPECT_FALSE(Tells(answer->SerializeAsString())) << county;
  }
  IsAsFarFromEverywhere();
  // No order, and no distance, follows from where one is.
  EXPECT_EQ(CountRows("service_place WHERE latitude_e6 <> 0 OR longitude_e6 <> 0 OR "
                      "postal_code <> ''"),
            0);
  if (GetParam() == Engine::kPostgres) {
    for (const char* table : {"listing", "organization", "search_token", "hsds_record", "outbox",
                              "service_place", "audit_record", "field_change"}) {
      EXPECT_EQ(RowsThatTell(table), 0) << table;
    }
    return;
  }
  database_->Close();
  ASSERT_TRUE(std::filesystem::exists(folder_.File("test.db")));
  for (const char* file : {"test.db", "test.db-wal"}) {
    std::stringstream bytes;
    bytes << std::ifstream(folder_.File(file), std::ios::binary).rdbuf();
    EXPECT_FALSE(Tells(bytes.str())) << file;
  }
}

// Nor by how long an answer takes: what there is to look through is the same, byte for byte,
// whatever is hidden. (Durations are not measured: they cannot differ by what is not there.)
TEST_P(ConfidentialPlaceTest, WhatIsLookedThroughIsTheSameWhateverIsHidden) {
  const auto import = [&] {
    json::array services;
    for (int n = 1; n <= 40; ++n) services.push_back(Service(n, static_cast<unsigned>(n % 4)));
    v1::ImportListingsRequest request =
        Request(v1::IMPORT_FORMAT_HSDS_JSON, {{"services.json", json::serialize(services)}});
    request.add_default_need_codes("shelter_bed");
    return Counts(Call<v1::ImportListingsResponse>(admin_, "ImportListings", request));
  };
  ASSERT_EQ(import(), "41 0 0");
  const std::vector<storage::Row> before = Kept();
  // Every word of every place is another one now, and so is where it is.
  EXPECT_EQ(import(), "0 0 41");
  const std::vector<storage::Row> after = Kept();
  ASSERT_EQ(after.size(), before.size());
  for (size_t i = 0; i < before.size(); ++i) {
    ASSERT_EQ(after[i].size(), before[i].size());
    for (size_t column = 0; column < before[i].size(); ++column) {
      ASSERT_EQ(after[i].Text(column), before[i].Text(column)) << i << " " << column;
      ASSERT_EQ(after[i].Bytes(column), before[i].Bytes(column)) << i << " " << column;
      ASSERT_EQ(after[i].Int(column), before[i].Int(column)) << i << " " << column;
    }
  }
}

TEST_P(ConfidentialPlaceTest, AnErrorDoesNotRepeatIt) {
  json::object service = Service(1);
  service["status"] = Word();
  service["service_at_locations"].get_array()[0].get_object()["id"] = Word();
  const auto refused = Call<v1::ImportListingsResponse>(
      admin_, "ImportListings",
      Request(v1::IMPORT_FORMAT_HSDS_JSON, {{"service.json", json::serialize(service)}}));
  ASSERT_EQ(Reason(refused), "IMPORT_INVALID");
  EXPECT_FALSE(Tells(ToString(refused.error())));
  for (const auto& [key, value] : refused.error().metadata) EXPECT_FALSE(Tells(value)) << key;
}

// It was said openly before: what declares the place confidential takes that back, and must bring
// with it whatever said so.
TEST_P(ConfidentialPlaceTest, WhatWasSaidBeforeIsTakenBack) {
  json::object open = Service(1);
  open.erase("confidential_location");
  open.erase("attributes");
  json::object place = Place(1);
  open["service_at_locations"].get_array()[0].get_object()["location"] = place;
  open["organization"].get_object()["locations"] = json::array{place};
  const auto import = [&](json::array services) {
    return Reason(Call<v1::ImportListingsResponse>(
        admin_, "ImportListings",
        Request(v1::IMPORT_FORMAT_HSDS_JSON, {{"services.json", json::serialize(services)}})));
  };
  ASSERT_EQ(import({open}), "");
  ASSERT_TRUE(Tells(Listed(admin_, v1::HSDS_RESOURCE_SERVICES)));
  // It moves, and its history has where it was.
  const std::string former = Word();
  json::object moved = open;
  moved["description"] = former;
  ASSERT_EQ(import({moved}), "");
  moved["service_at_locations"].get_array()[0].get_object()["location"] = Place(1);
  moved["organization"].get_object()["locations"] = json::array{Place(1)};
  moved["description"] = "Moved";
  ASSERT_EQ(import({moved}), "");
  ASSERT_NE(History(admin_, Uuid(1, '1')).find(former), std::string::npos);
  ASSERT_NE(History(admin_, Uuid(1, '1')).find(Uuid(1, 'c')), std::string::npos) << "its address";
  ASSERT_TRUE(Tells(History(admin_, kOrg)));
  // Another service comes to the same place, and keeps it secret.
  json::object quiet = open;
  quiet["id"] = Uuid(2, '1');
  quiet["service_at_locations"].get_array()[0].get_object()["id"] = Uuid(2, 'b');
  quiet["confidential_location"] = true;
  EXPECT_EQ(import({quiet}), "IMPORT_INVALID") << "the first one would go on saying it";
  ASSERT_EQ(import({open, quiet}), "");
  // What names the place later says no more either: once confidential, always.
  json::object third = open;
  third["id"] = Uuid(3, '1');
  third["service_at_locations"].get_array()[0].get_object()["id"] = Uuid(3, 'b');
  ASSERT_EQ(import({third}), "");
  for (const v1::HsdsResource resource :
       {v1::HSDS_RESOURCE_SERVICES, v1::HSDS_RESOURCE_ORGANIZATIONS,
        v1::HSDS_RESOURCE_SERVICE_AT_LOCATIONS}) {
    const std::string listed = Listed(admin_, resource);
    EXPECT_FALSE(Tells(listed)) << resource;
    EXPECT_EQ(listed.find(Uuid(1, 'a')), std::string::npos) << "its id leads nowhere";
  }
  EXPECT_EQ(CountRows("listing WHERE confidential = 1"), 3);
  for (const std::string& id : {Uuid(1, '1'), Uuid(2, '1'), Uuid(3, '1'), std::string(kOrg)}) {
    const std::string history = History(admin_, id);
    EXPECT_FALSE(Tells(history)) << id;
    for (const char kind : {'a', 'c', 'd', 'e'}) {
      EXPECT_EQ(history.find(Uuid(1, kind)), std::string::npos) << "nor an id of what was there";
    }
  }
  EXPECT_GT(CountRows("field_change"), 0) << "that its fields have changed may be known";
  EXPECT_EQ(CountRows("field_change WHERE previous_value <> '' OR replacement_value <> ''"), 0);
  for (int n = 1; n <= 3; ++n) {
    v1::GetServiceRequest get;
    get.set_service_id(Uuid(n, '1'));
    const auto answer = Call<v1::GetServiceResponse>(admin_, "GetService", get);
    ASSERT_TRUE(answer);
    EXPECT_FALSE(Tells(answer->SerializeAsString())) << n;
  }
  EXPECT_FALSE(Tells(Exported(admin_, v1::IMPORT_FORMAT_HSDS_CSV)));
}

// The other way in: tables. A row that hangs on nothing may be about the place, too.
TEST_P(ConfidentialPlaceTest, TablesTellNoMoreThanJson) {
  auto files = Folder({{.id = Uuid(1, '1'),
                        .name = "Quiet",
                        .county = "12086",
                        .city = Word(),
                        .confidential = true}});
  files["metadata.csv"] =
      "id,resource_id,resource_type,last_action_date,last_action_type,field_name,previous_value,"
      "replacement_value,updated_by\n" +
      Uuid(1, '7') + "," + Uuid(5, '7') + ",address,2026-01-31,update,city," + Word() + "," +
      Word() + "," + Word() + "\n";
  files["contacts.csv"] = "id,location_id,name\n" + Uuid(1, '6') + "," + Uuid(1, 'a') + "," +
                          Word() + "\n" + Uuid(2, '6') + ",," + Word() + "\n";
  const auto done = Call<v1::ImportListingsResponse>(admin_, "ImportListings",
                                                     Request(v1::IMPORT_FORMAT_HSDS_CSV, files));
  ASSERT_TRUE(done) << ToString(done.error());
  EXPECT_FALSE(Tells(Exported(admin_, v1::IMPORT_FORMAT_HSDS_CSV)));
  EXPECT_FALSE(Tells(Listed(admin_, v1::HSDS_RESOURCE_SERVICES)));
  EXPECT_EQ(CountRows("hsds_record WHERE kind IN ('metadata', 'contacts', 'locations')"), 0);
}

// Rows that name one another in a ring.
TEST_P(ConfidentialPlaceTest, RingsOfRowsEnd) {
  auto files = Folder({{.id = Uuid(1, '1'), .name = "S", .county = "12086"}});
  files["taxonomy_terms.csv"] =
      "id,code,name,description\n" + Uuid(1, 'f') + ",a,A,A\n" + Uuid(2, 'f') + ",b,B,B\n";
  files["attributes.csv"] = "id,link_id,link_entity,taxonomy_term_id\n" + Uuid(1, '9') + "," +
                            Uuid(1, 'f') + ",taxonomy_term," + Uuid(2, 'f') + "\n" + Uuid(2, '9') +
                            "," + Uuid(2, 'f') + ",taxonomy_term," + Uuid(1, 'f') + "\n" +
                            Uuid(3, '9') + "," + Uuid(3, '9') + ",attribute," + Uuid(1, 'f') + "\n";
  files["metadata.csv"] =
      "id,resource_id,resource_type\n" + Uuid(1, '7') + "," + Uuid(1, '7') + ",metadata\n";
  EXPECT_EQ(Reason(Call<v1::ImportListingsResponse>(admin_, "ImportListings",
                                                    Request(v1::IMPORT_FORMAT_HSDS_CSV, files))),
            "");
}

INSTANTIATE_TEST_SUITE_P(Engines, ConfidentialPlaceTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres));

}  // namespace
}  // namespace fairlead::directory
