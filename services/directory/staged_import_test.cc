// Imports in parts, on both engines: what may be put where and by whom, and that all of it comes in
// or nothing, whatever happens meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/common/base/encoding.h"
#include "services/common/base/text_records.h"
#include "services/directory/testing/fixture.h"

namespace fairlead::directory {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Folders = std::map<std::string, std::string>;

constexpr int64_t kStagedMinuteMs = 60'000;
constexpr int64_t kStagedHourMs = 60 * kStagedMinuteMs;

class StagedImportTest : public DirectoryFixture {
 protected:
  static std::string Method(const std::string& name) { return "StagedImportService/" + name; }

  // One record a part, in the order of the files.
  static std::vector<v1::PutImportPartRequest> PartsOf(const Folders& folder) {
    std::vector<v1::PutImportPartRequest> parts;
    for (const auto& [name, content] : folder) {
      const auto lines = CsvRecords(content);
      for (size_t i = 1; i < lines.size(); ++i) {
        v1::PutImportPartRequest& part = parts.emplace_back();
        part.set_number(static_cast<int32_t>(parts.size()) - 1);
        part.set_first_record(static_cast<int32_t>(i) - 1);
        part.mutable_file()->set_name(name);
        part.mutable_file()->set_content(std::string(lines[0]) + std::string(lines[i]));
      }
    }
    return parts;
  }

  Result<v1::StartImportResponse> Start(const auth::Actor& by, const std::string& agency,
                                        const std::string& key) {
    v1::StartImportRequest request;
    request.set_request_id(ids_.New());
    request.set_agency_id(agency);
    request.set_format(v1::IMPORT_FORMAT_HSDS_CSV);
    request.set_fingerprint(Base64UrlEncode(Sha256(key)));
    return SyncWait(Begin<v1::StartImportResponse>(by, Method("StartImport"), request));
  }
  std::string Started() {
    const auto started = Start(admin_, agency_, key_);
    EXPECT_TRUE(started) << ToString(started.error());
    return started ? started->staged_import().id() : "";
  }

  std::string Put(const auth::Actor& by, const std::string& id, v1::PutImportPartRequest part,
                  const std::string& key) {
    part.set_import_id(id);
    part.set_key(key);
    const auto put = SyncWait(Begin<v1::PutImportPartResponse>(by, Method("PutImportPart"), part));
    if (!put) return put.error().reason;
    return put->problems_size() == 0 ? "ok" : put->problems(0).reason();
  }
  std::string Put(const std::string& id, const v1::PutImportPartRequest& part) {
    return Put(admin_, id, part, key_);
  }

  v1::FinishImportRequest Finishing(const std::string& id, size_t parts, bool preview = false) {
    v1::FinishImportRequest request;
    request.set_request_id(ids_.New());
    request.set_import_id(id);
    request.set_part_count(static_cast<int32_t>(parts));
    request.set_key(key_);
    request.set_preview(preview);
    return request;
  }
  Result<v1::FinishImportResponse> Finish(const v1::FinishImportRequest& request) {
    return SyncWait(Begin<v1::FinishImportResponse>(admin_, Method("FinishImport"), request));
  }

  Result<v1::GetImportResponse> Get(const std::string& id, const auth::Actor& by) {
    v1::GetImportRequest request;
    request.set_import_id(id);
    return SyncWait(Begin<v1::GetImportResponse>(by, Method("GetImport"), request));
  }
  // "applied 4 0 0", "refused services.csv 3 status INVALID_VALUE", or the reason.
  std::string Stands(const std::string& id) {
    const auto got = Get(id, admin_);
    if (!got) return got.error().reason;
    const v1::StagedImport& import = got->staged_import();
    const v1::ImportListingsResponse& result = import.result();
    std::string text = v1::StagedImportState_Name(import.state()).substr(20);
    if (import.previewed() || import.state() == v1::STAGED_IMPORT_STATE_APPLIED) {
      text += " " + std::to_string(result.created()) + " " + std::to_string(result.updated()) +
              " " + std::to_string(result.unchanged());
    }
    for (const v1::ImportProblem& one : result.problems()) {
      text += " " + one.file() + " " + std::to_string(one.row()) + " " + one.column() + " " +
              one.reason();
    }
    return text + (import.failure_reason().empty() ? "" : " " + import.failure_reason());
  }

  std::string Cancel(const std::string& id, const auth::Actor& by) {
    v1::CancelImportRequest request;
    request.set_request_id(ids_.New());
    request.set_import_id(id);
    return Reason(SyncWait(Begin<v1::CancelImportResponse>(by, Method("CancelImport"), request)));
  }

  // All of a folder, put and finished; how it stands then.
  std::string ImportInParts(const Folders& folder, bool preview = false) {
    const std::string id = Started();
    const auto parts = PartsOf(folder);
    for (const auto& part : parts) Put(id, part);
    const auto finished = Finish(Finishing(id, parts.size(), preview));
    if (!finished) return finished.error().reason;
    import_server_->Work(false);
    return Stands(id);
  }

  int64_t SweepAll() {
    int64_t all = 0;
    while (true) {
      const auto swept = import_server_->Sweep();
      EXPECT_TRUE(swept) << ToString(swept.error());
      if (!swept || *swept == 0) return all;
      all += *swept;
    }
  }
  int64_t StagedRows() {
    return CountRows("staged_import_part") + CountRows("staged_import_change");
  }

  const std::string key_ = std::string(32, 'k');
};

TEST_P(StagedImportTest, PartsComeInAnyOrderAndAgainAndMakeWhatOneRequestMakes) {
  const auto parts = PartsOf(Folder(ThreeServices()));
  const std::string id = Started();
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) EXPECT_EQ(Put(id, *part), "ok");
  EXPECT_EQ(Put(id, parts[2]), "ok") << "the same once more";
  auto other = parts[2];
  other.mutable_file()->set_content(parts[3].file().content());
  EXPECT_EQ(Put(id, other), "IMPORT_PART_DIFFERS");
  EXPECT_EQ(Started(), id) << "taken up again";
  EXPECT_EQ(Get(id, admin_)->staged_import().parts_size(), static_cast<int>(parts.size()));
  EXPECT_EQ(CountRows("listing"), 0);

  const auto request = Finishing(id, parts.size());
  const auto finished = Finish(request);
  ASSERT_TRUE(finished) << ToString(finished.error());
  EXPECT_EQ(finished->staged_import().state(), v1::STAGED_IMPORT_STATE_CHECKING);
  EXPECT_EQ(Put(id, parts[0]), "IMPORT_UNDER_WAY");
  EXPECT_EQ(Cancel(id, admin_), "IMPORT_UNDER_WAY");
  EXPECT_EQ(Reason(Import(ThreeServices())), "IMPORT_UNDER_WAY") << "one at a time";
  import_server_->Work(false);
  EXPECT_EQ(Stands(id), "APPLIED 4 0 0");
  EXPECT_EQ(Search({.need = "emergency_housing", .text = "beds"}), (Names{"Night beds"}));
  EXPECT_EQ(Told("fairlead.directory.listing_changed.v1").size(), 3U);
  EXPECT_EQ(CountRows("audit_record WHERE action = 'listings_imported' AND record_id = '" + id +
                      "' AND staff_id = '" + admin_.staff_id + "'"),
            1);
  // What was said to be begun is said again, and not begun again.
  EXPECT_EQ(Finish(request)->SerializeAsString(), finished->SerializeAsString());
  EXPECT_EQ(Finish(Finishing(id, 1))->staged_import().state(), v1::STAGED_IMPORT_STATE_APPLIED);
  import_server_->Work(true);
  EXPECT_EQ(Told("fairlead.directory.listing_changed.v1").size(), 3U);
  EXPECT_EQ(Counts(Import(ThreeServices())), "0 0 4") << "as if it had come in one request";

  EXPECT_GT(SweepAll(), 0);
  EXPECT_EQ(StagedRows(), 0);
  clock_.Advance(25 * kStagedHourMs);
  EXPECT_EQ(SweepAll(), 1);
  EXPECT_EQ(Stands(id), "IMPORT_NOT_FOUND");
}

TEST_P(StagedImportTest, APreviewChangesNothingAndItsPartsNeedNotComeAgain) {
  const auto parts = PartsOf(Folder(ThreeServices()));
  EXPECT_EQ(ImportInParts(Folder(ThreeServices()), true), "STAGED 4 0 0");
  EXPECT_EQ(CountRows("listing") + CountRows("staged_import_change"), 0);
  const std::string id = Started();
  ASSERT_TRUE(Finish(Finishing(id, parts.size())));
  import_server_->Work(false);
  EXPECT_EQ(Stands(id), "APPLIED 4 0 0");
  std::vector<Row> rows = ThreeServices();
  rows[1].name = "Dental clinic";
  EXPECT_EQ(ImportInParts(Folder(rows)), "APPLIED 0 1 3");
  EXPECT_EQ(Search({.text = "dental clinic"}), (Names{"Dental clinic"}));
  v1::ListHistoryRequest history;
  history.set_id(rows[1].id);
  const auto told = SyncWait(
      Begin<v1::ListHistoryResponse>(admin_, "HistoryService/ListHistory", history));
  ASSERT_TRUE(told) << ToString(told.error());
  ASSERT_EQ(told->changes_size(), 1) << "what it changed is kept, as of any import";
  EXPECT_EQ(told->changes(0).actor_agency_id(), agency_);
}

TEST_P(StagedImportTest, FaultsAcrossPartsAreNamedAndNothingIsKept) {
  Folders folder = Folder(ThreeServices());
  folder["services.csv"] += Uuid(2, '1') + "," + kOrg + ",Twice,,active,\n";
  folder["addresses.csv"] +=
      Uuid(9, 'c') + "," + Uuid(9, 'a') + ",1 Main St,Town,FL,33101,US,physical\n";
  const std::string expected =
      "REFUSED services.csv 5 id DUPLICATE_ID addresses.csv 5 location_id UNKNOWN_REFERENCE";
  EXPECT_EQ(ImportInParts(folder, true), expected);
  EXPECT_EQ(ImportInParts(folder), expected);
  folder = Folder(ThreeServices());
  folder["services.csv"].replace(folder["services.csv"].rfind("active"), 6, "ajar");
  EXPECT_EQ(ImportInParts(folder), "REFUSED services.csv 4 status INVALID_VALUE");
  EXPECT_EQ(CountRows("listing") + CountRows("organization") + CountRows("search_token"), 0);
  EXPECT_EQ(CountRows("audit_record WHERE action = 'listings_imported'"), 0);
  SweepAll();
  EXPECT_EQ(StagedRows(), 0) << "what is refused is no use to anybody";
  // What a part shows by itself is said when it comes.
  auto broken = PartsOf(Folder(ThreeServices()))[0];
  broken.mutable_file()->set_content("id,\"");
  EXPECT_EQ(Put(Started(), broken), "INVALID_CSV");
}

TEST_P(StagedImportTest, AMissingPartIsAskedFor) {
  const auto parts = PartsOf(Folder(ThreeServices()));
  const std::string id = Started();
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i != 3) Put(id, parts[i]);
  }
  const auto refused = Finish(Finishing(id, parts.size()));
  ASSERT_EQ(Reason(refused), "IMPORT_PARTS_MISSING");
  EXPECT_EQ(refused.error().metadata.at("number"), "3");
  EXPECT_EQ(Put(id, parts[3]), "ok");
  EXPECT_EQ(Reason(Finish(Finishing(id, parts.size() - 1))), "IMPORT_PARTS_MISSING");
  EXPECT_EQ(Reason(Finish(Finishing(id, parts.size()))), "");
}

TEST_P(StagedImportTest, AnotherAgencysImportIsAsNone) {
  const auto parts = PartsOf(Folder(ThreeServices()));
  const std::string id = Started();
  ASSERT_EQ(Put(id, parts[0]), "ok");
  const std::string other = MakeAgency("Other House");
  const auth::Actor stranger = Person(other, {auth::Role::kAgencyAdmin});
  EXPECT_EQ(Reason(Start(stranger, agency_, key_)), "NOT_YOUR_AGENCY");
  EXPECT_EQ(Put(stranger, id, parts[1], key_), "IMPORT_NOT_FOUND");
  EXPECT_EQ(Reason(Get(id, stranger)), "IMPORT_NOT_FOUND");
  EXPECT_EQ(Cancel(id, stranger), "IMPORT_NOT_FOUND");
  EXPECT_EQ(Reason(Get(ids_.New(), stranger)), "IMPORT_NOT_FOUND");
  EXPECT_EQ(Reason(Get(id, Person(agency_, {auth::Role::kCaseworker}))), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(Reason(Get(id, Person(other, {auth::Role::kCoordinator}))), "");
  EXPECT_EQ(Put(admin_, id, parts[1], std::string(32, 'x')), "IMPORT_KEY_MISMATCH");
  EXPECT_EQ(Put(admin_, id, parts[1], "short"), "IMPORT_KEY_MISMATCH");
  auto named = parts[1];
  named.mutable_file()->set_name("../services.csv");
  EXPECT_EQ(Put(id, named), "INVALID_FILE_NAME");
  // Over another's listings nobody writes.
  ASSERT_EQ(Cancel(id, admin_), "");
  ASSERT_EQ(ImportInParts(Folder(ThreeServices())), "APPLIED 4 0 0");
  agency_ = other;
  admin_ = stranger;
  const std::string refused = ImportInParts(Folder(ThreeServices()));
  EXPECT_EQ(refused.substr(0, 7), "REFUSED");
  EXPECT_NE(refused.find("OWNED_BY_ANOTHER_AGENCY"), std::string::npos);
}

TEST_P(StagedImportTest, WhatIsNotFinishedLapsesOrIsCancelled) {
  const auto parts = PartsOf(Folder(ThreeServices()));
  std::string id = Started();
  Put(id, parts[0]);
  const auto another = Start(admin_, agency_, std::string(32, 'o'));
  ASSERT_EQ(Reason(another), "TOO_MANY_IMPORTS");
  EXPECT_EQ(another.error().metadata.at("import_id"), id);
  EXPECT_EQ(Cancel(id, admin_), "");
  EXPECT_EQ(Put(id, parts[0]), "IMPORT_NOT_FOUND");
  EXPECT_EQ(SweepAll(), 1);
  EXPECT_EQ(StagedRows(), 0);

  id = Started();
  Put(id, parts[0]);
  clock_.Advance(2 * kStagedHourMs);
  EXPECT_EQ(Put(id, parts[0]), "IMPORT_NOT_FOUND");
  EXPECT_EQ(Stands(id), "IMPORT_NOT_FOUND");
  EXPECT_NE(Started(), id) << "and stands in nobody's way";
  SweepAll();
  EXPECT_EQ(StagedRows(), 0);

  for (int i = 0; i < 3; ++i) {
    const std::string agency = MakeAgency("House " + std::to_string(i));
    EXPECT_TRUE(Start(Person(agency, {auth::Role::kAgencyAdmin}), agency, key_));
  }
  const std::string fifth = MakeAgency("Fifth House");
  const auto full = Start(Person(fifth, {auth::Role::kAgencyAdmin}), fifth, key_);
  ASSERT_EQ(Reason(full), "TOO_MANY_IMPORTS");
  EXPECT_FALSE(full.error().metadata.contains("import_id")) << "another agency's";
}

TEST_P(StagedImportTest, ACheckThatIsBrokenOffChangesNothingAndIsMadeAgain) {
  const auto parts = PartsOf(Folder(ThreeServices()));
  const std::string id = Started();
  for (const auto& part : parts) Put(id, part);
  ASSERT_TRUE(Finish(Finishing(id, parts.size())));
  // The process that was at it is gone.
  ImportServer successor(*deps_, SystemRandom());
  successor.Work(true);
  EXPECT_EQ(Stands(id), "CHECKING");
  EXPECT_EQ(Reason(Finish(Finishing(id, parts.size()))), "IMPORT_UNDER_WAY");
  clock_.Advance(2 * kStagedMinuteMs);
  EXPECT_EQ(Stands(id), "STAGED IMPORT_INTERRUPTED");
  EXPECT_EQ(CountRows("listing"), 0);
  EXPECT_EQ(Counts(Import({ThreeServices()[0]})), "2 0 0") << "nobody waits for it";
}

TEST_P(StagedImportTest, WhatIsDecidedIsWrittenToItsEndWhoeverDoesIt) {
  std::vector<Row> rows;
  for (int i = 1; i <= 120; ++i) {
    rows.push_back({.id = Uuid(i, '1'),
                    .name = "Beds " + std::to_string(i),
                    .need = "shelter_bed",
                    .county = "12086",
                    .language = "es"});
  }
  const std::string id = Started();
  Folders folder = Folder(rows);
  int32_t number = 0;
  for (const auto& [name, content] : folder) {
    v1::PutImportPartRequest part;
    part.set_number(number++);
    part.mutable_file()->set_name(name);
    part.mutable_file()->set_content(content);
    ASSERT_EQ(Put(id, part), "ok");
  }
  rpc::CallContext context;
  context.actor = admin_;
  context.method = "/fairlead.directory.v1.StagedImportService/FinishImport";
  const ImportCheck check{.import_id = id,
                          .run_id = ids_.New(),
                          .key = key_,
                          .part_count = number,
                          .is_preview = false,
                          .context = context};
  std::function<Result<bool>(storage::Transaction&)> finish =
      [&](storage::Transaction& tx) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(directory::FinishImport(*deps_, tx, check.context,
                                                     {.import_id = id,
                                                      .part_count = number,
                                                      .key = key_,
                                                      .is_preview = false,
                                                      .run_id = check.run_id}));
    return true;
  };
  ASSERT_TRUE(SyncWait(database_->Write<bool>(finish)));
  const auto checked = CheckStagedImport(*deps_, check, [] { return false; });
  ASSERT_TRUE(checked) << ToString(checked.error());
  EXPECT_EQ(Stands(id), "APPLYING");
  EXPECT_EQ(CountRows("listing"), 0) << "the decision is short";
  // One step, and then the process is gone; its key with it.
  std::function<Result<bool>(storage::Transaction&)> step =
      [&](storage::Transaction& tx) { return WriteStagedImport(*deps_, tx, id); };
  ASSERT_TRUE(SyncWait(database_->Write<bool>(step)).value_or(false));
  const int64_t some = CountRows("listing");
  EXPECT_GT(some, 0);
  EXPECT_LT(some, 120);
  EXPECT_EQ(Reason(Import(ThreeServices())), "IMPORT_UNDER_WAY");
  clock_.Advance(3 * kStagedHourMs);
  import_server_->Work(true);
  EXPECT_EQ(Stands(id), "APPLIED 121 0 0");
  EXPECT_EQ(CountRows("listing"), 120);
  EXPECT_EQ(Search({.need = "shelter_bed", .text = "beds 77"}), (Names{"Beds 77"}));
}

TEST_P(StagedImportTest, WhatIsConfidentialNeverLiesInTheOpen) {
  std::vector<Row> rows = ThreeServices();
  for (Row& row : rows) row.city = "Zzyzxville";
  ASSERT_EQ(ImportInParts(Folder(rows)), "APPLIED 4 0 0");
  ASSERT_EQ(Search({.text = "zzyzxville"}).size(), 3U);
  for (Row& row : rows) row.confidential = true;
  // Alone it would stand at the place of the first, who would go on saying where that is.
  EXPECT_EQ(ImportInParts(Folder({rows[1]})),
            "REFUSED locations.csv 2 id PLACE_SAID_ELSEWHERE");
  const std::string id = Started();
  const auto parts = PartsOf(Folder(rows));
  for (const auto& part : parts) Put(id, part);
  const auto holds = [&](const std::string& word) {
    std::function<Result<bool>(storage::ReadTransaction&)> look =
        [&](storage::ReadTransaction& tx) -> Result<bool> {
      FAIRLEAD_ASSIGN(const auto sealed, tx.Query("SELECT sealed FROM staged_import_part"));
      bool any = false;
      for (const storage::Row& row : sealed) {
        any = any || row.Bytes(0).find(word) != std::string::npos;
      }
      FAIRLEAD_ASSIGN(const auto changes, tx.Query("SELECT changes FROM staged_import_change"));
      for (const storage::Row& row : changes) {
        any = any || row.Text(0).find(word) != std::string::npos;
      }
      return any;
    };
    return SyncWait(database_->Read<bool>(look)).value_or(true);
  };
  EXPECT_FALSE(holds("Zzyzxville"));
  EXPECT_FALSE(holds("addresses.csv"));
  ASSERT_TRUE(Finish(Finishing(id, parts.size())));
  import_server_->Work(false);
  EXPECT_EQ(Stands(id), "APPLIED 0 3 1");
  EXPECT_FALSE(holds("Zzyzxville"));
  EXPECT_EQ(Search({.text = "zzyzxville"}), (Names{}));
  EXPECT_EQ(CountRows("confidential_place"), 3);
  EXPECT_EQ(CountRows("hsds_record WHERE body LIKE '%Zzyzxville%'"), 0);
  rows[0].confidential = false;
  EXPECT_EQ(ImportInParts(Folder({rows[0]})).substr(0, 7), "APPLIED");
  EXPECT_EQ(Search({.text = "zzyzxville"}), (Names{})) << "once confidential, it stays so";
}

INSTANTIATE_TEST_SUITE_P(Engines, StagedImportTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& instance) {
                           return instance.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::directory
