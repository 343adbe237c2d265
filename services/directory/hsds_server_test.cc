// Who is answered what: the tiers, on both engines. What the answers look like is checked against
// the published schemas (tests/conformance/js/hsds.mjs).
#include <boost/json/parse.hpp>

#include "services/directory/testing/fixture.h"

namespace fairlead::directory {
namespace {

class HsdsServerTest : public DirectoryFixture {
 protected:
  // A service with its tier, and an e-mail address for a smaller circle when that is asked for.
  static std::string Service(int n, const std::string& tier, bool hides_email = false) {
    const auto mark = [&](int id, const std::string& code, const std::string& member) {
      return R"({"id":")" + Uuid(id, '9') + R"(","link_type":")" + member +
             R"(","taxonomy_term":{"id":")" + Uuid(id, 'f') + R"(","code":")" + code +
             R"(","name":"N","description":"D"}})";
    };
    std::string marks = tier.empty() ? "" : mark(n, "visibility_" + tier, "");
    if (hides_email) marks += (marks.empty() ? "" : ",") + mark(n + 50, "visibility_role", "email");
    return R"({"id":")" + Uuid(n, '1') + R"(","name":"Service )" + std::to_string(n) +
           R"(","status":"active","email":"desk@example.org","attributes":[)" + marks +
           R"(],"contacts":[{"id":")" + Uuid(n, 'c') +
           R"(","name":"Ann"}],"organization":{"id":")" + kOrg +
           R"(","name":"Harbor Org","description":"Helps"}})";
  }

  void ImportAll() {
    const std::string all = "[" + Service(1, "public") + "," + Service(2, "") + "," +
                            Service(3, "coalition") + "," + Service(4, "public", true) + "]";
    const auto done = Call<v1::ImportListingsResponse>(
        admin_, "ImportListings", Request(v1::IMPORT_FORMAT_HSDS_JSON, {{"services.json", all}}));
    ASSERT_TRUE(done) << ToString(done.error());
  }

  auto Get(const auth::Actor& viewer, v1::HsdsResource resource, const std::string& id) {
    v1::GetRecordRequest request;
    request.set_resource(resource);
    request.set_id(id);
    return SyncWait(Begin<v1::GetRecordResponse>(viewer, "HsdsService/GetRecord", request));
  }

  // The numbers of the services that are listed.
  std::string Listed(const auth::Actor& viewer) {
    v1::QueryRecordsRequest request;
    request.set_resource(v1::HSDS_RESOURCE_SERVICES);
    const auto page =
        SyncWait(Begin<v1::QueryRecordsResponse>(viewer, "HsdsService/QueryRecords", request));
    if (!page) return page.error().reason;
    std::string numbers;
    for (const std::string& record : page->records()) {
      const std::string name(boost::json::parse(record).at("name").as_string());
      numbers += name.substr(name.rfind(' '));
    }
    EXPECT_EQ(page->total_items(), page->records_size());
    return numbers;
  }
};

TEST_P(HsdsServerTest, EachSeesItsTier) {
  ImportAll();
  const std::string other = MakeAgency("Clinic");
  const auth::Actor stranger = Person(other, {auth::Role::kAgencyAdmin});
  auth::Actor police = Person(other, {auth::Role::kCaseworker});
  police.agency_kind = auth::AgencyKind::kLawEnforcement;
  const std::map<std::string, std::pair<auth::Actor, std::string>> viewers = {
      {"nobody", {auth::Actor(), " 1 4"}},
      {"police", {police, " 1 4"}},
      {"another agency's administrator", {stranger, " 1 2 3 4"}},
      {"a caseworker of its own", {Person(agency_, {auth::Role::kCaseworker}), " 1 2 3 4"}},
      {"its administrator", {admin_, " 1 2 3 4"}},
      {"a coordinator", {Person(other, {auth::Role::kCoordinator}), " 1 2 3 4"}}};
  for (const auto& [who, expected] : viewers) {
    const auto& [viewer, numbers] = expected;
    EXPECT_EQ(Listed(viewer), numbers) << who;
    for (int n = 1; n <= 4; ++n) {
      const bool listed = numbers.find(std::to_string(n)) != std::string::npos;
      const auto one = Get(viewer, v1::HSDS_RESOURCE_SERVICES, Uuid(n, '1'));
      EXPECT_EQ(Reason(one), listed ? "" : "RECORD_NOT_FOUND") << who << " " << n;
    }
    const auto fourth = Get(viewer, v1::HSDS_RESOURCE_SERVICES, Uuid(4, '1'));
    ASSERT_TRUE(fourth) << who;
    const bool runs_it = who == "its administrator" || who == "a coordinator";
    EXPECT_EQ(fourth->record().find("desk@") != std::string::npos, runs_it) << who;
    EXPECT_EQ(fourth->record().find("Ann") != std::string::npos, who != "nobody" && who != "police")
        << who;
    const auto organization = Get(viewer, v1::HSDS_RESOURCE_ORGANIZATIONS, kOrg);
    EXPECT_EQ(Reason(organization), "") << "it has a public service: " << who;
    EXPECT_EQ(organization->record().find("Service 3") != std::string::npos, numbers == " 1 2 3 4")
        << who;
  }
  // A listing shows members what the coalition may see, whoever asks.
  v1::GetServiceRequest get;
  get.set_service_id(Uuid(4, '1'));
  EXPECT_EQ(Call<v1::GetServiceResponse>(admin_, "GetService", get)->service().email(), "");
  get.set_service_id(Uuid(1, '1'));
  EXPECT_EQ(Call<v1::GetServiceResponse>(admin_, "GetService", get)->service().email(),
            "desk@example.org");
}

TEST_P(HsdsServerTest, WhatMayNotBeKnownHereIsNotTaken) {
  for (const char* tier : {"sealed", "role"}) {
    const auto refused = Call<v1::ImportListingsResponse>(
        admin_, "ImportListings",
        Request(v1::IMPORT_FORMAT_HSDS_JSON, {{"service.json", Service(1, tier)}}));
    EXPECT_EQ(Reason(refused), "IMPORT_INVALID");
    EXPECT_EQ(refused.error().metadata.at("problem"), "HIDDEN_RECORD");
  }
  EXPECT_EQ(CountRows("hsds_record"), 0);
}

TEST_P(HsdsServerTest, AnAgencyThatIsNoMemberSaysNothing) {
  ImportAll();
  std::function<Result<int64_t>(storage::Transaction&)> suspend = [&](storage::Transaction& tx) {
    return tx.Execute("UPDATE agency SET membership = 4 WHERE id = $1", {agency_});
  };
  ASSERT_TRUE(SyncWait(database_->Write<int64_t>(suspend)));
  EXPECT_EQ(Listed(auth::Actor()), "");
  EXPECT_EQ(Reason(Get(auth::Actor(), v1::HSDS_RESOURCE_SERVICES, Uuid(1, '1'))),
            "RECORD_NOT_FOUND");
  EXPECT_EQ(Reason(Get(auth::Actor(), v1::HSDS_RESOURCE_ORGANIZATIONS, kOrg)), "RECORD_NOT_FOUND");
}

TEST_P(HsdsServerTest, TheWallHasNoExport) {
  auth::Actor police = Person(MakeAgency("Police"), {auth::Role::kCaseworker});
  police.agency_kind = auth::AgencyKind::kLawEnforcement;
  ImportAll();
  v1::ExportListingsRequest request = Exporting(admin_, v1::IMPORT_FORMAT_HSDS_CSV);
  for (const auth::Actor& viewer : {police, auth::Actor()}) {
    EXPECT_NE(Exporting(viewer, v1::IMPORT_FORMAT_HSDS_CSV).export_id().find("_"),
              std::string::npos);
    EXPECT_NE(Reason(SyncWait(Begin<v1::ExportListingsResponse>(
                  viewer, "HsdsService/ExportListings", request))),
              "");
  }
  EXPECT_EQ(Reason(SyncWait(
                Begin<v1::ExportListingsResponse>(admin_, "HsdsService/ExportListings", request))),
            "");
  request.set_page_token("forged");
  EXPECT_EQ(Reason(SyncWait(
                Begin<v1::ExportListingsResponse>(admin_, "HsdsService/ExportListings", request))),
            "INVALID_PAGE_TOKEN");
}

INSTANTIATE_TEST_SUITE_P(Engines, HsdsServerTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres));

}  // namespace
}  // namespace fairlead::directory
