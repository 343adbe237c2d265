// Services at places that nobody may find, with a word of its own in everything that is said of
// each place, and every way on which it could come out. For tests.
#ifndef SERVICES_DIRECTORY_TESTING_CONFIDENTIAL_FIXTURE_H_
#define SERVICES_DIRECTORY_TESTING_CONFIDENTIAL_FIXTURE_H_

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "services/directory/testing/fixture.h"

namespace fairlead::directory {

namespace json = boost::json;

inline constexpr int kPerImport = 50;
inline constexpr const char* kCanary = "zqxcanary";  // the beginning of each word

class ConfidentialFixture : public DirectoryFixture {
 protected:
  void SetUp() override {
    DirectoryFixture::SetUp();
    asker_ = Person(MakeAgency("Hotline"), {auth::Role::kHotlineOperator});
  }

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

  // Everything that a match of this agency alone and a search of its county answer to somebody who
  // is in that cell.
  std::string AskedFrom(const std::string& cell, int within_miles) {
    v1::MatchServicesRequest match;
    match.set_request_id(ids_.New());
    match.set_need_code("shelter_bed");
    match.set_county("12086");
    match.set_urgency(v1::MATCH_URGENCY_URGENT);
    match.set_mode(v1::MATCH_MODE_DIRECT);
    match.set_agency_id(agency_);
    match.set_near_cell(cell);
    match.set_within_miles(within_miles);
    const auto matched = Call<v1::MatchServicesResponse>(asker_, "MatchServices", match);
    EXPECT_TRUE(matched) << ToString(matched.error());
    std::string all = matched ? matched->SerializeAsString() : "";
    v1::SearchServicesRequest search;
    search.set_county("12086");
    search.set_near_cell(cell);
    search.set_within_miles(within_miles);
    search.set_page_size(100);
    while (true) {
      const auto page = Call<v1::SearchServicesResponse>(asker_, "SearchServices", search);
      EXPECT_TRUE(page) << ToString(page.error());
      if (!page) return all;
      for (const v1::Service& service : page->services()) all += service.SerializeAsString();
      if (page->next_page_token().empty()) return all;
      search.set_page_token(page->next_page_token());
    }
  }

  // From wherever somebody asks, and however far they would go: the same answer in the same order.
  void IsAsFarFromEverywhere() {
    const std::string from_miami = AskedFrom("88d9b7", 0);
    EXPECT_NE(from_miami.find("distance_not_stated"), std::string::npos);
    EXPECT_NE(from_miami.find("Quiet house 1000"), std::string::npos);
    for (const char* cell : {"88d79b", "88d82f", "88d851", "8644b5"}) {
      for (const int within : {0, 10, 100}) {
        EXPECT_TRUE(AskedFrom(cell, within) == from_miami) << cell << " " << within;
      }
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

  auth::Actor asker_;  // of another agency
  std::mt19937_64 random_{std::getenv("CONFIDENTIAL_SEED") != nullptr
                              ? std::strtoull(std::getenv("CONFIDENTIAL_SEED"), nullptr, 10)
                              : 20261127};
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_TESTING_CONFIDENTIAL_FIXTURE_H_
