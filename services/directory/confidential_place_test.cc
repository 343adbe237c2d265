// A confidential place: nothing below its county is known to anybody, by any way out. Each of 1,000
// invented listings has a word of its own in everything that is said of its place; afterwards that
// word is looked for in every answer, in every event, and in the database itself.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>

#include "services/directory/testing/fixture.h"

namespace fairlead::directory {
namespace {

namespace json = boost::json;

constexpr int kListings = 1000;
constexpr int kPerImport = 50;
constexpr const char* kCanary = "zqxcanary";  // the beginning of each word

class ConfidentialPlaceTest : public DirectoryFixture {
 protected:
  unsigned Random(unsigned below) { return static_cast<unsigned>(random_() % below); }

  std::string Word() { return kCanary + std::to_string(Random(1'000'000'000)); }

  static json::object Term(const std::string& code) {
    return {{"id", Uuid(static_cast<int>(code.size()), 'f')},
            {"code", code},
            {"name", code},
            {"description", code}};
  }
  json::array Confidential(int n) {
    return {json::object{{"id", Uuid(n, '9')}, {"taxonomy_term", Term("confidential_location")}}};
  }
  json::array History(int n) {
    return {json::object{{"id", Uuid(n, '8')},
                         {"last_action_date", "2026-01-31"},
                         {"last_action_type", "update"},
                         {"field_name", "address_1"},
                         {"previous_value", Word()},
                         {"replacement_value", Word()},
                         {"updated_by", Word()}}};
  }

  // Everything that HSDS lets a publisher say of a place.
  json::object Place(int n) {
    return {
        {"id", Uuid(n, 'a')},
        {"location_type", "physical"},
        {"name", Word()},
        {"alternate_name", Word()},
        {"description", Word()},
        {"transportation", Word()},
        {"url", "https://example.org/" + Word()},
        {"external_identifier", Word()},
        {"latitude", 25.0 + Random(1000) / 1000.0},
        {"longitude", -80.0},
        {"addresses", json::array{json::object{{"id", Uuid(n, 'c')},
                                               {"attention", Word()},
                                               {"address_1", Word()},
                                               {"city", Word()},
                                               {"region", Word()},
                                               {"state_province", "FL"},
                                               {"postal_code", Word().substr(0, 18)},
                                               {"country", "US"},
                                               {"address_type", "physical"},
                                               {"metadata", History(n)}}}},
        {"phones", json::array{json::object{{"id", Uuid(n, 'd')}, {"number", Word()}}}},
        {"contacts", json::array{json::object{{"id", Uuid(n, 'e')}, {"name", Word()}}}},
        {"accessibility", json::array{json::object{{"id", Uuid(n, '7')}, {"description", Word()}}}},
        {"schedules", json::array{json::object{{"id", Uuid(n, '6')},
                                               {"byday", "MO"},
                                               {"opens_at", "09:00"},
                                               {"closes_at", "17:00"},
                                               {"description", Word()}}}},
        {"metadata", History(n + 100'000)}};
  }

  // A service at that place, declared confidential in one of four ways.
  json::object Service(int n) { return Service(n, Random(4)); }
  json::object Service(int n, unsigned way) {
    json::object place = Place(n);
    json::object service = {{"id", Uuid(n, '1')},
                            {"name", "Quiet house " + std::to_string(n)},
                            {"status", "active"},
                            {"metadata", History(n + 200'000)}};
    switch (way) {
      case 0:
        service["confidential_location"] = true;
        break;
      case 1:
        place["confidential_location"] = true;
        break;
      case 2:
        service["attributes"] = Confidential(n);
        break;
      default:
        place["attributes"] = Confidential(n);
        break;
    }
    service["organization"] = json::object{{"id", kOrg},
                                           {"name", "Harbor Org"},
                                           {"description", "Helps"},
                                           {"locations", json::array{place}}};
    service["service_at_locations"] = json::array{json::object{
        {"id", Uuid(n, 'b')},
        {"description", Word()},
        {"location", std::move(place)},
        {"phones", json::array{json::object{{"id", Uuid(n, '5')}, {"number", Word()}}}},
        {"service_areas", json::array{json::object{{"id", Uuid(n, '4')}, {"name", Word()}}}}}};
    service["service_areas"] =
        json::array{json::object{{"id", Uuid(n, '3')}, {"name", Word()}, {"extent", "12086"}}};
    return service;
  }

  static bool Tells(const std::string& text) { return text.find(kCanary) != std::string::npos; }

  // All records of a kind, in full, as `viewer` sees them.
  std::string Listed(const auth::Actor& viewer, v1::HsdsResource resource) {
    v1::QueryRecordsRequest request;
    request.set_resource(resource);
    request.set_in_one(true);
    request.set_full(true);
    std::string all;
    while (true) {
      const auto page =
          SyncWait(Begin<v1::QueryRecordsResponse>(viewer, "HsdsService/QueryRecords", request));
      EXPECT_TRUE(page) << ToString(page.error());
      if (!page) return "";
      for (const std::string& record : page->records()) all += record;
      if (page->next_after_id().empty()) return all;
      request.set_after_id(page->next_after_id());
    }
  }

  std::string Exported(const auth::Actor& viewer, v1::ImportFormat format) {
    v1::ExportListingsRequest request = Exporting(viewer, format);
    std::string all;
    while (true) {
      const auto part = SyncWait(
          Begin<v1::ExportListingsResponse>(viewer, "HsdsService/ExportListings", request));
      EXPECT_TRUE(part) << ToString(part.error());
      if (!part) return "";
      all += part->SerializeAsString();
      if (part->next_page_token().empty()) return all;
      request.set_page_token(part->next_page_token());
    }
  }

  // What has changed about it, by both ways out.
  std::string History(const auth::Actor& viewer, const std::string& id) {
    v1::ListHistoryRequest request;
    request.set_id(id);
    request.set_page_size(100);
    const auto listed =
        SyncWait(Begin<v1::ListHistoryResponse>(viewer, "HistoryService/ListHistory", request));
    EXPECT_TRUE(listed) << ToString(listed.error());
    v1::GetRecordRequest get;
    get.set_resource(id == kOrg ? v1::HSDS_RESOURCE_ORGANIZATIONS : v1::HSDS_RESOURCE_SERVICES);
    get.set_id(id);
    get.set_history(true);
    const auto got =
        SyncWait(Begin<v1::GetRecordResponse>(viewer, "HsdsService/GetRecord", get));
    EXPECT_TRUE(got) << ToString(got.error());
    return listed && got ? listed->SerializeAsString() + got->record() : "";
  }

  std::string Verified(const std::string& id) {
    v1::VerifyListingRequest request;
    request.set_request_id(ids_.New());
    request.set_service_id(id);
    const auto done = SyncWait(
        Begin<v1::VerifyListingResponse>(admin_, "VerificationService/VerifyListing", request));
    EXPECT_TRUE(done) << ToString(done.error());
    return done ? done->SerializeAsString() : "";
  }

  // Everything that is to be verified, page by page.
  std::string ToVerify() {
    v1::ListVerificationsRequest request;
    request.set_page_size(100);
    std::string all;
    while (true) {
      const auto page = SyncWait(Begin<v1::ListVerificationsResponse>(
          admin_, "VerificationService/ListVerifications", request));
      EXPECT_TRUE(page) << ToString(page.error());
      if (!page) return "";
      all += page->SerializeAsString();
      if (page->next_page_token().empty()) return all;
      request.set_page_token(page->next_page_token());
    }
  }

  // Some of the listings are changed and verified: what has changed is kept, but for what may not
  // be known; and a year later their agency is reminded.
  void ChangeAndVerifySome(const auth::Actor& coordinator) {
    json::array changed;
    for (int n = 1; n <= kPerImport; ++n) {
      changed.push_back(Service(n));
      changed.back().get_object()["email"] = "desk@example.org";
    }
    v1::ImportListingsRequest again =
        Request(v1::IMPORT_FORMAT_HSDS_JSON, {{"services.json", json::serialize(changed)}});
    again.add_default_need_codes("shelter_bed");
    EXPECT_EQ(Counts(Call<v1::ImportListingsResponse>(admin_, "ImportListings", again)), "0 50 1");
    for (int n = 1; n <= kPerImport; n += 7) {
      EXPECT_FALSE(Tells(Verified(Uuid(n, '1'))));
      for (const auth::Actor& viewer : {admin_, coordinator}) {
        const std::string history = History(viewer, Uuid(n, '1'));
        EXPECT_NE(history.find("assured_date"), std::string::npos) << "it is there";
        EXPECT_NE(history.find("email"), std::string::npos);
        EXPECT_FALSE(Tells(history)) << n;
      }
    }
    EXPECT_FALSE(Tells(History(admin_, kOrg)));
    const std::string to_verify = ToVerify();
    EXPECT_NE(to_verify.find("Quiet house 1000"), std::string::npos);
    EXPECT_FALSE(Tells(to_verify));
    clock_.Advance(400LL * 24 * 60 * 60 * 1000);
    while (*verification_server_->Remind() != 0) {  // the events are looked through below
    }
  }

  // Every row that an answer is made of.
  std::vector<storage::Row> Kept() {
    std::function<Result<std::vector<storage::Row>>(storage::ReadTransaction&)> read =
        [](storage::ReadTransaction& tx) -> Result<std::vector<storage::Row>> {
      std::vector<storage::Row> all;
      for (const char* sql :
           {"SELECT id, name, sort_key, description, words, cities, schedules, phones, email, url, "
            "counties, eligibility, content_hash FROM listing ORDER BY id",
            "SELECT id, name, description, words, content_hash FROM organization ORDER BY id",
            "SELECT owner_id, token FROM search_token ORDER BY owner_id, token",
            "SELECT kind, id, tier, sort_key, body FROM hsds_record ORDER BY kind, id",
            "SELECT id, service_id, location_id, tier, postal_code, latitude_e6, longitude_e6 "
            "FROM service_place ORDER BY id",
            "SELECT location_id, agency_id FROM confidential_place ORDER BY location_id"}) {
        FAIRLEAD_ASSIGN(std::vector<storage::Row> rows, tx.Query(sql));
        EXPECT_FALSE(rows.empty()) << sql;
        for (storage::Row& row : rows) all.push_back(std::move(row));
      }
      return all;
    };
    return SyncWait(database_->Read<std::vector<storage::Row>>(read)).value();
  }

  int64_t RowsThatTell(const std::string& table) {
    return CountRows(table + " x WHERE CAST(x AS TEXT) LIKE '%" + kCanary + "%'");
  }

  std::mt19937_64 random_{std::getenv("CONFIDENTIAL_SEED") != nullptr
                              ? std::strtoull(std::getenv("CONFIDENTIAL_SEED"), nullptr, 10)
                              : 20261127};
};

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
