// Exports are counted, recorded and bound to whoever began them, on both engines.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "services/common/base/csv_line.h"
#include "services/directory/commands/begin_export.h"
#include "services/directory/testing/fixture.h"

namespace fairlead::directory {
namespace {

constexpr int64_t kHourMs = 60LL * 60 * 1000;

class ExportMethodsTest : public DirectoryFixture {
 protected:
  void SetUp() override {
    DirectoryFixture::SetUp();
    ASSERT_EQ(Counts(Import(ThreeServices())), "4 0 0");
  }

  Result<v1::BeginExportResponse> BeginOne(const auth::Actor& by,
                                           const std::string& request_id = "",
                                           v1::ImportFormat format = v1::IMPORT_FORMAT_HSDS_CSV,
                                           const std::string& agency_id = "") {
    v1::BeginExportRequest request;
    request.set_request_id(request_id.empty() ? ids_.New() : request_id);
    request.set_format(format);
    request.set_agency_id(agency_id);
    return SyncWait(Begin<v1::BeginExportResponse>(by, "ExportService/BeginExport", request));
  }

  std::string Part(const auth::Actor& by, const std::string& export_id,
                   v1::ImportFormat format = v1::IMPORT_FORMAT_HSDS_CSV,
                   const std::string& agency_id = "") {
    v1::ExportListingsRequest request;
    request.set_export_id(export_id);
    request.set_format(format);
    request.set_agency_id(agency_id);
    return Reason(SyncWait(
        Begin<v1::ExportListingsResponse>(by, "HsdsService/ExportListings", request)));
  }

  // All that the administrator may see, as a folder.
  std::map<std::string, std::string> Export(v1::ImportFormat format) {
    const bool csv = format == v1::IMPORT_FORMAT_HSDS_CSV;
    std::map<std::string, std::string> files;
    std::set<std::string> seen;
    v1::ExportListingsRequest request = Exporting(admin_, format);
    for (int page = 0; page < 100; ++page) {
      const auto answer = SyncWait(
          Begin<v1::ExportListingsResponse>(admin_, "HsdsService/ExportListings", request));
      EXPECT_TRUE(answer) << ToString(answer.error());
      if (!answer) break;
      for (const v1::ExportPart& part : answer->parts()) {
        std::string& text = files[part.table() + (csv ? ".csv" : ".json")];
        if (csv && text.empty()) {
          text = CsvLine({part.columns().begin(), part.columns().end()});
        }
        for (const v1::ExportRow& row : part.rows()) {
          if (!seen.insert(part.table() + row.cells(0)).second) continue;
          text += CsvLine({row.cells().begin(), row.cells().end()});
        }
        for (const std::string& record : part.records()) {
          text += (text.empty() ? "[" : ",") + record;
        }
      }
      if (answer->next_page_token().empty()) break;
      request.set_page_token(answer->next_page_token());
    }
    for (auto& [name, text] : files) text += csv ? "" : "]";
    return files;
  }

  // "listings_exported_csv 5 whose", in order.
  std::string Recorded() {
    std::function<Result<std::string>(storage::ReadTransaction&)> read =
        [&](storage::ReadTransaction& tx) -> Result<std::string> {
      FAIRLEAD_ASSIGN(const auto rows,
                      tx.Query("SELECT action, count, subject_agency_id, staff_id FROM "
                               "audit_record WHERE action LIKE 'listings_exported%' ORDER BY id"));
      std::string all;
      for (const storage::Row& row : rows) {
        EXPECT_EQ(row.Text(3), admin_.staff_id);
        all += row.Text(0) + " " + std::to_string(row.Int(1)) +
               (row.Text(2).empty() ? " all;" : " one;");
      }
      return all;
    };
    return SyncWait(database_->Read<std::string>(read)).value_or("?");
  }
};

TEST_P(ExportMethodsTest, ThreeInADayForEachPerson) {
  for (int left = kExportsInWindow - 1; left >= 0; --left) {
    const auto begun = BeginOne(admin_);
    ASSERT_TRUE(begun) << ToString(begun.error());
    EXPECT_EQ(begun->exports_left(), left);
    clock_.Advance(kHourMs);
  }
  const auto refused = BeginOne(admin_);
  ASSERT_EQ(Reason(refused), "EXPORT_LIMIT_REACHED");
  const int64_t next_ms = clock_.NowMs() + 21 * kHourMs;
  EXPECT_EQ(refused.error().metadata.at("retry_after_s"), std::to_string(21 * 60 * 60));
  EXPECT_EQ(refused.error().metadata.at("next_time"), FormatTime(next_ms));
  EXPECT_EQ(Reason(BeginOne(Person(agency_, {auth::Role::kAgencyAdmin}))), "")
      << "a colleague has three too";
  clock_.Advance(21 * kHourMs - 1);
  EXPECT_EQ(Reason(BeginOne(admin_)), "EXPORT_LIMIT_REACHED");
  clock_.Advance(1);
  EXPECT_EQ(Reason(BeginOne(admin_)), "") << "the first is 24 hours ago";
  EXPECT_EQ(Reason(BeginOne(admin_)), "EXPORT_LIMIT_REACHED") << "the second is not";
}

TEST_P(ExportMethodsTest, WhoBeganOneIsForgottenAfterADay) {
  ASSERT_EQ(Reason(BeginOne(admin_)), "");
  clock_.Advance(kExportWindowMs);
  ASSERT_EQ(Reason(BeginOne(Person(agency_, {auth::Role::kAgencyAdmin}))), "");
  EXPECT_EQ(CountRows("export_run"), 1) << "whoever begins the next";
}

TEST_P(ExportMethodsTest, EachIsRecordedWithItsFormatAndSizeAndARepeatIsTheSame) {
  const std::string request_id = ids_.New();
  const auto first = BeginOne(admin_, request_id);
  ASSERT_TRUE(first) << ToString(first.error());
  EXPECT_GE(first->record_count(), 4);
  const auto again = BeginOne(admin_, request_id);
  ASSERT_TRUE(again) << ToString(again.error());
  EXPECT_EQ(again->export_id(), first->export_id());
  const auto json = BeginOne(admin_, "", v1::IMPORT_FORMAT_HSDS_JSON, agency_);
  ASSERT_TRUE(json) << ToString(json.error());
  EXPECT_EQ(Recorded(),
            "listings_exported_csv " + std::to_string(first->record_count()) + " all;" +
                "listings_exported_json " + std::to_string(json->record_count()) + " one;");
  // What it counts is what comes.
  v1::ExportListingsRequest request;
  request.set_export_id(json->export_id());
  request.set_format(v1::IMPORT_FORMAT_HSDS_JSON);
  request.set_agency_id(agency_);
  int64_t records = 0;
  for (int part = 0; part < 100; ++part) {
    const auto response = SyncWait(
        Begin<v1::ExportListingsResponse>(admin_, "HsdsService/ExportListings", request));
    ASSERT_TRUE(response) << ToString(response.error());
    for (const v1::ExportPart& one : response->parts()) records += one.records_size();
    if (response->next_page_token().empty()) break;
    request.set_page_token(response->next_page_token());
  }
  EXPECT_EQ(records, json->record_count());
  EXPECT_EQ(CountRows("export_run"), 2) << "parts count as nothing";
}

TEST_P(ExportMethodsTest, PartsAreForWhoeverBeganItAndForAnHour) {
  const auto begun = BeginOne(admin_);
  ASSERT_TRUE(begun) << ToString(begun.error());
  const std::string id = begun->export_id();
  EXPECT_EQ(Part(admin_, id), "");
  EXPECT_EQ(Part(admin_, ""), "EXPORT_NOT_BEGUN");
  EXPECT_EQ(Part(admin_, ids_.New()), "EXPORT_NOT_BEGUN");
  EXPECT_EQ(Part(Person(agency_, {auth::Role::kAgencyAdmin}), id), "EXPORT_NOT_BEGUN");
  EXPECT_EQ(Part(admin_, id, v1::IMPORT_FORMAT_HSDS_JSON), "EXPORT_NOT_BEGUN");
  EXPECT_EQ(Part(admin_, id, v1::IMPORT_FORMAT_HSDS_CSV, agency_), "EXPORT_NOT_BEGUN");
  clock_.Advance(kExportOpenMs - 1);
  EXPECT_EQ(Part(admin_, id), "");
  clock_.Advance(1);
  EXPECT_EQ(Part(admin_, id), "EXPORT_NOT_BEGUN");
}

// What was there by default comes out, and coming in again changes nothing.
TEST_P(ExportMethodsTest, AnExportWithDefaultsIsReadBackWithoutALoss) {
  std::vector<Row> rows = {{.id = Uuid(11, '1'), .name = "Legal desk", .city = ""},
                           {.id = Uuid(12, '1'), .name = "Safe rooms", .confidential = true}};
  auto folder = Folder(rows);
  // No coverage, and of the confidential one no place at all.
  for (const char* file : {"locations", "service_at_location", "addresses", "service_areas"}) {
    folder.erase(std::string(file) + ".csv");
  }
  v1::ImportListingsRequest import = Request(v1::IMPORT_FORMAT_HSDS_CSV, folder);
  import.add_default_need_codes("shelter_bed");
  import.add_default_counties("12086");
  ASSERT_EQ(Counts(Call<v1::ImportListingsResponse>(admin_, "ImportListings", import)), "2 0 1");
  const Names both = {"Legal desk", "Night beds", "Safe rooms"};
  ASSERT_EQ(Search({.need = "shelter_bed", .county = "12086"}), both);
  for (const auto format : {v1::IMPORT_FORMAT_HSDS_CSV, v1::IMPORT_FORMAT_HSDS_JSON}) {
    const std::map<std::string, std::string> files = Export(format);
    EXPECT_EQ(Counts(Call<v1::ImportListingsResponse>(admin_, "ImportListings",
                                                      Request(format, files))),
              "0 0 6");
    EXPECT_EQ(Search({.need = "shelter_bed", .county = "12086"}), both);
  }
  // Without its defaults it loses them, and says that nobody finds it.
  import = Request(v1::IMPORT_FORMAT_HSDS_CSV, folder);
  const auto bare = Call<v1::ImportListingsResponse>(admin_, "ImportListings", import);
  ASSERT_EQ(Counts(bare), "0 2 1");
  EXPECT_EQ(bare->services_without_need(), 2);
  EXPECT_EQ(bare->services_without_area(), 2);
}

TEST_P(ExportMethodsTest, OnlyAdministratorsAndCoordinatorsWhoHaveProvenThemselves) {
  EXPECT_EQ(Reason(BeginOne(Person(agency_, {auth::Role::kCaseworker}))), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(Reason(BeginOne(auth::Actor())), "SIGN_IN_REQUIRED");
  auth::Actor police = Person(agency_, {auth::Role::kAgencyAdmin});
  police.agency_kind = auth::AgencyKind::kLawEnforcement;
  EXPECT_EQ(Reason(BeginOne(police)), "AGENCY_KIND_NOT_ALLOWED");
  auth::Actor idle = admin_;
  idle.assurance = auth::kSignedIn;
  EXPECT_EQ(Reason(BeginOne(idle)), "STEP_UP_REQUIRED");
  // Where there is nothing, nothing is counted.
  EXPECT_EQ(Reason(BeginOne(admin_, "", v1::IMPORT_FORMAT_HSDS_CSV, MakeAgency("Clinic"))),
            "NOTHING_TO_EXPORT");
  EXPECT_EQ(CountRows("export_run"), 0);
  EXPECT_EQ(Recorded(), "");
}

INSTANTIATE_TEST_SUITE_P(Engines, ExportMethodsTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres));

}  // namespace
}  // namespace fairlead::directory
