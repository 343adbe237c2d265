// Imports into a real database, on both engines.
#include "services/directory/commands/import_listings.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "services/directory/testing/fixture.h"

namespace fairlead::directory {
namespace {

class ImportListingsTest : public DirectoryFixture {};

TEST_P(ImportListingsTest, ImportAgainChangesNothingAndAChangeUpdates) {
  std::vector<Row> rows = ThreeServices();
  ASSERT_EQ(Counts(Import(rows)), "4 0 0");
  // The trail goes out by the same door and is counted apart.
  const auto changes = [&] { return CountRows("outbox") - CountRows("audit_record"); };
  const int64_t events = changes();
  EXPECT_EQ(events, 1 + 3) << "the agency and three listings";
  EXPECT_EQ(Counts(Import(rows)), "0 0 4");
  EXPECT_EQ(changes(), events);
  rows[0].need = "food_pantry";
  rows[0].county = "12011";
  EXPECT_EQ(Counts(Import(rows)), "0 1 3");
  EXPECT_EQ(changes(), events + 1);
  EXPECT_EQ(Search({.need = "emergency_housing"}), (Names{}));
  EXPECT_EQ(Search({.need = "food", .county = "12011"}), (Names{"Night beds"}));
  rows[0].status = "defunct";
  EXPECT_EQ(Counts(Import(rows)), "0 1 3");
  EXPECT_EQ(Search({.need = "food"}), (Names{})) << "only what is active is offered";
  v1::GetServiceRequest get;
  get.set_service_id(rows[0].id);
  EXPECT_EQ(Call<v1::GetServiceResponse>(admin_, "GetService", get)->service().status(), "defunct");

  v1::ImportListingsRequest request = Request(v1::IMPORT_FORMAT_HSDS_CSV, Folder(rows));
  ASSERT_EQ(Counts(Call<v1::ImportListingsResponse>(admin_, "ImportListings", request)), "0 0 4");
  request.mutable_files(0)->set_content("id\n");
  EXPECT_EQ(Reason(Call<v1::ImportListingsResponse>(admin_, "ImportListings", request)),
            "REQUEST_ID_REUSED");
  EXPECT_EQ(CountRows("audit_record WHERE action = 'listings_imported' AND subject_agency_id = '" +
                      agency_ + "' AND staff_id = '" + admin_.staff_id + "'"),
            5);
}

// Numbers for ids: the same folder again changes nothing, and each source has its own.
TEST_P(ImportListingsTest, AnOlderFolderIsImportedOnce) {
  const std::map<std::string, std::string> folder = {
      {"organizations.csv", "id,name,description\n1,Harbor House,Helps\n"},
      {"locations.csv", "id,organization_id,name\n1,1,House\n"},
      {"services.csv", "id,location_id,name,description\n1,1,Night beds,Beds\n2,1,Line,Calls\n"},
      {"regular_schedules.csv",
       "id,service_id,weekday,opens_at,closes_at\n1,1,Tuesday,9am,11:00 PM\n"},
      {"holiday_schedules.csv",
       "id,service_id,start_date,end_date,closed\n1,1,\"November 14, 0001\",11/14/0001,true\n"}};
  const auto import = [&](const std::string& source, bool preview) {
    v1::ImportListingsRequest request = Request(v1::IMPORT_FORMAT_HSDS_CSV, folder);
    request.set_source(source);
    request.set_preview(preview);
    return Counts(Call<v1::ImportListingsResponse>(admin_, "ImportListings", request));
  };
  EXPECT_EQ(import("", true), "3 0 0");
  EXPECT_EQ(CountRows("listing"), 0);
  EXPECT_EQ(import("", false), "3 0 0");
  EXPECT_EQ(import("", false), "0 0 3");
  EXPECT_EQ(import("county", false), "3 0 0");
  EXPECT_EQ(CountRows("listing"), 4);
  v1::SearchServicesRequest open_now;
  open_now.set_open_now_only(true);
  const auto found = Call<v1::SearchServicesResponse>(admin_, "SearchServices", open_now);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->services_size(), 0) << "it is the holiday: Tuesday, 14 November, 22:13 UTC";
  clock_.Advance(7 * calendar::kDayMs);
  EXPECT_EQ(Call<v1::SearchServicesResponse>(admin_, "SearchServices", open_now)->services_size(),
            2);
}

TEST_P(ImportListingsTest, AFaultNamesItsPlaceAndNothingIsKept) {
  auto files = Folder(ThreeServices());
  std::string& services = files["services.csv"];
  services.replace(services.rfind("active"), 6, "ajar");
  v1::ImportListingsRequest request = Request(v1::IMPORT_FORMAT_HSDS_CSV, files);
  const auto refused = Call<v1::ImportListingsResponse>(admin_, "ImportListings", request);
  ASSERT_EQ(Reason(refused), "IMPORT_INVALID");
  EXPECT_EQ(refused.error().code, Code::kInvalidArgument);
  const std::map<std::string, std::string> expected = {
      {"file", "services.csv"}, {"row", "4"}, {"column", "status"}, {"problem", "INVALID_VALUE"}};
  EXPECT_EQ(refused.error().metadata, expected);
  EXPECT_EQ(CountRows("listing") + CountRows("organization") + CountRows("search_token"), 0);
  EXPECT_EQ(CountRows("audit_record WHERE action = 'listings_imported'"), 0);

  request.set_preview(true);
  request.mutable_files(0)->set_content("id,name\n\"");
  const auto preview = Call<v1::ImportListingsResponse>(admin_, "ImportListings", request);
  ASSERT_TRUE(preview.has_value()) << ToString(preview.error());
  EXPECT_EQ(preview->created(), 0);
  ASSERT_GE(preview->problems_size(), 2) << "all there is to mend, not only the first";
  EXPECT_EQ(preview->problems(0).file(), request.files(0).name());

  v1::ImportListingsRequest good = Request(v1::IMPORT_FORMAT_HSDS_CSV, Folder(ThreeServices()));
  good.set_preview(true);
  EXPECT_EQ(Counts(Call<v1::ImportListingsResponse>(admin_, "ImportListings", good)), "4 0 0");
  EXPECT_EQ(CountRows("listing"), 0) << "a preview changes nothing";
}

TEST_P(ImportListingsTest, NobodyImportsForAnotherAgencyOrOverItsListings) {
  ASSERT_EQ(Counts(Import(ThreeServices())), "4 0 0");
  const std::string other = MakeAgency("Other House");
  const auth::Actor stranger = Person(other, {auth::Role::kAgencyAdmin});
  v1::ImportListingsRequest request = Request(v1::IMPORT_FORMAT_HSDS_CSV, Folder(ThreeServices()));
  EXPECT_EQ(Reason(Call<v1::ImportListingsResponse>(stranger, "ImportListings", request)),
            "NOT_YOUR_AGENCY");
  request.set_agency_id(other);
  const auto refused = Call<v1::ImportListingsResponse>(stranger, "ImportListings", request);
  ASSERT_EQ(Reason(refused), "IMPORT_INVALID");
  EXPECT_EQ(refused.error().metadata.at("problem"), "OWNED_BY_ANOTHER_AGENCY");
  EXPECT_EQ(Reason(Call<v1::ImportListingsResponse>(Person(agency_, {auth::Role::kCaseworker}),
                                                    "ImportListings", request)),
            "ROLE_NOT_ALLOWED");
  request.set_agency_id(ids_.New());
  EXPECT_EQ(Reason(Call<v1::ImportListingsResponse>(Person(other, {auth::Role::kCoordinator}),
                                                    "ImportListings", request)),
            "AGENCY_NOT_FOUND");
  request.set_agency_id(agency_);
  request.add_default_need_codes("no_such_need");
  EXPECT_EQ(Reason(Call<v1::ImportListingsResponse>(admin_, "ImportListings", request)),
            "UNKNOWN_NEED_CODE");
  request.clear_default_need_codes();
  request.mutable_files(0)->set_name("../services.csv");
  EXPECT_EQ(Reason(Call<v1::ImportListingsResponse>(admin_, "ImportListings", request)),
            "INVALID_FILE_NAME");
}

TEST_P(ImportListingsTest, AConfidentialPlaceIsNowhere) {
  std::vector<Row> rows = ThreeServices();
  rows[0].city = "Zzyzxville";
  rows[0].confidential = true;
  ASSERT_EQ(Counts(Import(rows)), "4 0 0");
  EXPECT_EQ(Search({.text = "zzyzxville"}), (Names{}));
  EXPECT_EQ(Search({.county = "12086", .text = "beds"}), (Names{"Night beds"}));
  v1::GetServiceRequest get;
  get.set_service_id(rows[0].id);
  const auto found = Call<v1::GetServiceResponse>(admin_, "GetService", get);
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(found->service().confidential_location());
  EXPECT_EQ(found->SerializeAsString().find("Zzyzxville"), std::string::npos);
  std::function<Result<std::string>(storage::ReadTransaction&)> dump =
      [](storage::ReadTransaction& tx) -> Result<std::string> {
    std::string all;
    for (const char* sql : {"SELECT cities, description, name FROM listing",
                            "SELECT token, owner_id, owner_id FROM search_token"}) {
      FAIRLEAD_ASSIGN(const auto found_rows, tx.Query(sql));
      for (const storage::Row& row : found_rows) all += row.Text(0) + row.Text(1) + row.Text(2);
    }
    return all;
  };
  const std::string all = *SyncWait(database_->Read<std::string>(dump));
  EXPECT_NE(all.find("seaport"), std::string::npos) << "the others' city is there";
  EXPECT_EQ(all.find("zzyzxville"), std::string::npos);
  EXPECT_EQ(all.find("Hidden Lane"), std::string::npos);

  // Listed openly first, then hidden: the city goes.
  rows[1].confidential = true;
  ASSERT_EQ(Counts(Import(rows)), "0 1 3");
  EXPECT_EQ(Search({.text = "seaport"}), (Names{"Bridge apartments"}));
}

TEST_P(ImportListingsTest, AnImportReadBeforeAPlaceWasDeclaredIsReadAgain) {
  const auto files = Folder(ThreeServices());
  ImportInput input;
  input.agency_id = agency_;
  for (const auto& [name, content] : files) input.files.push_back({name, content});
  std::function<Result<ParsedImport>(storage::ReadTransaction&)> read =
      [&](storage::ReadTransaction& tx) { return ParseImport(tx, input); };
  const auto parsed = SyncWait(database_->Read<ParsedImport>(read));
  ASSERT_TRUE(parsed) << ToString(parsed.error());
  rpc::CallContext context;
  context.actor = admin_;
  std::function<Result<int>(storage::Transaction&)> apply =
      [&](storage::Transaction& tx) -> Result<int> {
    FAIRLEAD_ASSIGN(const ImportCounts counts, ApplyImport(*deps_, tx, context, agency_, *parsed));
    return counts.created;
  };
  // A place that the import does not name: a row that hangs on nothing may be about it.
  ASSERT_TRUE(Run("INSERT INTO confidential_place (agency_id, location_id) VALUES ($1, $2)",
                  {agency_, Uuid(77, 'a')}));
  const auto refused = SyncWait(database_->Write<int>(apply));
  ASSERT_EQ(Reason(refused), "IMPORT_INVALID");
  EXPECT_EQ(refused.error().metadata.at("problem"), "PLACE_IS_CONFIDENTIAL");
  EXPECT_EQ(CountRows("listing"), 0);
  ASSERT_TRUE(Run("DELETE FROM confidential_place"));
  EXPECT_EQ(SyncWait(database_->Write<int>(apply)).value_or(-1), 4);
}

TEST_P(ImportListingsTest, TheExamplesOfHsdsAreImportedInEveryForm) {
  const char* given = std::getenv("FAIRLEAD_CONFORMANCE_DATA");
  const std::filesystem::path examples =
      std::filesystem::path(given != nullptr ? given : "../shared/data") / "hsds/3.1/examples";
  if (!std::filesystem::exists(examples)) GTEST_SKIP() << "no " << examples;
  const auto slurp = [](const std::filesystem::path& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  };
  std::map<std::string, std::string> csv;
  for (const auto& entry : std::filesystem::directory_iterator(examples / "csv")) {
    csv[entry.path().filename()] = slurp(entry.path());
  }
  auto request = Request(v1::IMPORT_FORMAT_HSDS_CSV, csv);
  request.add_default_need_codes("counseling");
  request.add_default_counties("12086");
  EXPECT_EQ(Counts(Call<v1::ImportListingsResponse>(admin_, "ImportListings", request)), "2 0 0");
  EXPECT_EQ(
      Search({.need = "mental_health", .county = "12086", .language = "ur", .text = "counselling"}),
      (Names{"Community Counselling"}));
  // The other forms say it with more or less around it; none changes what it has said itself.
  for (const auto& [name, records] : std::map<std::string, int>{{"service_full.json", 2},
                                                                {"organization_full.json", 2},
                                                                {"organization_list.json", 1},
                                                                {"service_list.json", 2}}) {
    for (const bool again : {false, true}) {
      request = Request(v1::IMPORT_FORMAT_HSDS_JSON, {{name, slurp(examples / name)}});
      request.add_default_need_codes("counseling");
      request.add_default_counties("12086");
      const auto done = Call<v1::ImportListingsResponse>(admin_, "ImportListings", request);
      ASSERT_TRUE(done) << name << ": " << ToString(done.error());
      EXPECT_EQ(done->created(), 0) << name;
      EXPECT_EQ(done->updated() + done->unchanged(), records) << name;
      if (again) {
        EXPECT_EQ(done->updated(), 0) << name;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, ImportListingsTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& instance) {
                           return instance.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::directory
