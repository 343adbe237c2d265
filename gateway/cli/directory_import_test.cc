// Folders that go in one request, and larger ones that go in parts, before a hub of a few lines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "fairlead/directory/v1/staged_import.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/staged_import.h"
#include "gateway/cli/testing/cli_fixture.h"
#include "services/common/base/encoding.h"

namespace fairlead::cli {
namespace {

namespace v1 = directory::v1;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kImportId[] = "01890a5d-ac96-774b-bcce-b302099a8055";

// A hub that keeps parts.
class DirectoryImportTest : public CliTest {
 protected:
  void SetUp() override {
    SignIn();
    import_.set_id(kImportId);
    import_.set_state(v1::STAGED_IMPORT_STATE_STAGED);
    hub_.OnCall(kStartImport, [this](const FakeRequest& request) {
      starts_.emplace_back().ParseFromString(request.body);
      if (!taken_by_.empty()) {
        return Refusal(400, {Code::kFailedPrecondition, "TOO_MANY_IMPORTS", "Another one.",
                             {{"import_id", taken_by_}}});
      }
      v1::StartImportResponse response;
      *response.mutable_staged_import() = import_;
      for (const auto& [number, part] : parts_) response.mutable_staged_import()->add_parts(number);
      return Protobuf(response);
    });
    hub_.OnCall(kPutImportPart, [this](const FakeRequest& request) {
      v1::PutImportPartRequest put;
      EXPECT_TRUE(put.ParseFromString(request.body));
      if (parts_.size() >= room_) {
        return Refusal(503, {Code::kUnavailable, "STORAGE_UNAVAILABLE", "Full.", {}});
      }
      parts_[put.number()] = put;
      return Protobuf(v1::PutImportPartResponse());
    });
    hub_.OnCall(kFinishImport, [this](const FakeRequest& request) {
      EXPECT_TRUE(finish_.ParseFromString(request.body));
      v1::FinishImportResponse response;
      *response.mutable_staged_import() = import_;
      response.mutable_staged_import()->set_state(v1::STAGED_IMPORT_STATE_CHECKING);
      return Protobuf(response);
    });
    hub_.OnCall(kGetImport, [this](const FakeRequest&) {
      v1::GetImportResponse response;
      *response.mutable_staged_import() = outcome_;
      return Protobuf(response);
    });
    hub_.OnCall(kCancelImport, [this](const FakeRequest& request) {
      v1::CancelImportRequest cancel;
      EXPECT_TRUE(cancel.ParseFromString(request.body));
      EXPECT_EQ(cancel.import_id(), taken_by_);
      taken_by_.clear();
      return Protobuf(v1::CancelImportResponse());
    });
    outcome_ = import_;
    outcome_.set_state(v1::STAGED_IMPORT_STATE_APPLIED);
    outcome_.mutable_result()->set_created(7);
    std::filesystem::create_directory(path_);
  }

  void WriteFile(const std::string& name, const std::string& content) {
    std::ofstream(path_ + "/" + name, std::ios::binary) << content;
  }
  // Some 7 MiB: too much for one request, and for one part.
  std::string LargeTable() {
    std::string text = "id,name\n";
    for (int i = 0; text.size() < 7'000'000; ++i) {
      text += std::to_string(i) + ",\"a line\nand another " + std::string(200, 'x') + "\"\n";
    }
    return text;
  }

  const std::string path_ = folder_.File("folder");
  v1::StagedImport import_;
  v1::StagedImport outcome_;
  std::vector<v1::StartImportRequest> starts_;
  std::map<int32_t, v1::PutImportPartRequest> parts_;
  v1::FinishImportRequest finish_;
  std::string taken_by_;
  size_t room_ = 1000;
};

TEST_F(DirectoryImportTest, AFolderThatFitsGoesInOneRequest) {
  WriteFile("services.csv", "id,name\n1,a\n");
  v1::ImportListingsResponse done;
  done.set_created(2);
  hub_.Answer(kImportListings, done);
  ASSERT_EQ(Cli({"directory", "import", path_}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("Created 2, updated 0, unchanged 0."));
  EXPECT_THAT(starts_, IsEmpty());
}

TEST_F(DirectoryImportTest, EveryFaultIsShownAndWhatNobodyFindsIsSaid) {
  WriteFile("services.csv", "id,name\n1,a\n");
  std::vector<bool> previews;
  hub_.OnCall(kImportListings, [&](const FakeRequest& request) {
    v1::ImportListingsRequest import;
    EXPECT_TRUE(import.ParseFromString(request.body));
    previews.push_back(import.preview());
    if (!import.preview()) {
      return Refusal(400, {Code::kInvalidArgument, "IMPORT_INVALID", "Faults.",
                           {{"file", "services.csv"}, {"row", "2"}}});
    }
    v1::ImportListingsResponse faults;
    for (int row = 2; row < 5; ++row) {
      v1::ImportProblem* problem = faults.add_problems();
      problem->set_file("services.csv");
      problem->set_row(row);
      problem->set_reason("REASON_" + std::to_string(row));
    }
    return Protobuf(faults);
  });
  EXPECT_NE(Cli({"directory", "import", path_}), kExitOk);
  EXPECT_THAT(out, HasSubstr("REASON_2"));
  EXPECT_THAT(out, HasSubstr("REASON_4"));
  EXPECT_EQ(previews, (std::vector<bool>{false, true}));

  v1::ImportListingsResponse done;
  done.set_created(2);
  done.set_services_without_need(1);
  done.set_services_without_area(2);
  hub_.Answer(kImportListings, done);
  ASSERT_EQ(Cli({"directory", "import", path_}), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr("1 service states no need"));
  EXPECT_THAT(err, HasSubstr("2 services state no county or state"));
  EXPECT_THAT(err, HasSubstr("--default-county"));
}

TEST_F(DirectoryImportTest, ALargerOneGoesInPartsThatAreTheFileAgain) {
  const std::string text = LargeTable();
  WriteFile("services.csv", text);
  WriteFile("organizations.csv", "id,name\n1,Harbor\n");
  ASSERT_EQ(Cli({"directory", "import", path_, "--default-need", "shelter_bed"}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("Created 7, updated 0, unchanged 0."));
  EXPECT_THAT(err, HasSubstr("Sending: [##########] 100%"));
  ASSERT_EQ(starts_.size(), 1U);
  EXPECT_EQ(starts_[0].agency_id(), kOwnAgency);
  EXPECT_THAT(starts_[0].default_need_codes(), ElementsAre("shelter_bed"));
  EXPECT_EQ(finish_.part_count(), static_cast<int32_t>(parts_.size()));
  EXPECT_FALSE(finish_.preview());
  ASSERT_EQ(parts_.size(), 4U);
  EXPECT_EQ(parts_[0].file().name(), "organizations.csv");
  std::string again = "id,name\n";
  for (int32_t i = 1; i < 4; ++i) {
    const v1::PutImportPartRequest& part = parts_[i];
    EXPECT_EQ(Base64UrlEncode(Sha256(part.key())), starts_[0].fingerprint());
    const std::string& content = part.file().content();
    ASSERT_EQ(content.substr(0, 8), "id,name\n");
    // Its first record says which of the file it is.
    EXPECT_EQ(content.substr(8, content.find(',', 8) - 8), std::to_string(part.first_record()));
    again += content.substr(8);
  }
  EXPECT_TRUE(again == text);
}

TEST_F(DirectoryImportTest, WhatWasBrokenOffGoesOnWhereItWas) {
  WriteFile("services.csv", LargeTable());
  room_ = 2;
  EXPECT_NE(Cli({"directory", "import", path_}), kExitOk);
  EXPECT_THAT(err, HasSubstr("STORAGE_UNAVAILABLE"));
  room_ = 1000;
  const size_t before = hub_.requests().size();
  ASSERT_EQ(Cli({"directory", "import", path_}), kExitOk) << err;
  int puts = 0;
  const auto requests = hub_.requests();
  for (size_t i = before; i < requests.size(); ++i) {
    puts += requests[i].path.ends_with("PutImportPart") ? 1 : 0;
  }
  EXPECT_EQ(puts, 1) << "of three";
  ASSERT_EQ(starts_.size(), 2U);
  EXPECT_EQ(starts_[0].fingerprint(), starts_[1].fingerprint()) << "the same folder";
  WriteFile("organizations.csv", "id\n");
  ASSERT_EQ(Cli({"directory", "import", path_}), kExitOk) << err;
  EXPECT_NE(starts_[2].fingerprint(), starts_[0].fingerprint());
}

TEST_F(DirectoryImportTest, ProblemsAreSaidAsOfAnyImport) {
  WriteFile("services.csv", LargeTable());
  outcome_.set_state(v1::STAGED_IMPORT_STATE_REFUSED);
  outcome_.mutable_result()->clear_created();
  v1::ImportProblem* problem = outcome_.mutable_result()->add_problems();
  problem->set_file("services.csv");
  problem->set_row(31'415);
  problem->set_column("status");
  problem->set_reason("INVALID_VALUE");
  EXPECT_NE(Cli({"directory", "import", path_}), kExitOk);
  EXPECT_THAT(err, HasSubstr("IMPORT_INVALID"));
  EXPECT_THAT(err, HasSubstr("31415"));
  EXPECT_NE(Cli({"directory", "import", path_, "--preview"}), kExitOk);
  EXPECT_TRUE(finish_.preview());
  EXPECT_THAT(out, HasSubstr("31415"));
  EXPECT_THAT(err, HasSubstr("IMPORT_INVALID"));
  EXPECT_THAT(err, Not(HasSubstr("without --preview")));
  outcome_ = import_;
  outcome_.set_failure_reason("AGENCY_NOT_ACTIVE");
  EXPECT_NE(Cli({"directory", "import", path_}), kExitOk);
  EXPECT_THAT(err, HasSubstr("AGENCY_NOT_ACTIVE"));
}

TEST_F(DirectoryImportTest, AnotherOneIsThrownAwayOnlyWhenAskedFor) {
  WriteFile("services.csv", LargeTable());
  taken_by_ = "01890a5d-ac96-774b-bcce-b302099a8099";
  EXPECT_NE(Cli({"directory", "import", path_}), kExitOk);
  EXPECT_THAT(err, HasSubstr("--replace"));
  EXPECT_THAT(taken_by_, Not(IsEmpty()));
  EXPECT_EQ(Cli({"directory", "import", path_, "--replace"}), kExitOk) << err;
}

TEST_F(DirectoryImportTest, FilesAreCutBetweenRecords) {
  const auto cut = [](const std::string& name, const std::string& text, size_t most) {
    const auto parts = CutFile(name, text, most);
    if (!parts) return parts.error().reason + " " + parts.error().metadata.at("row");
    std::string all;
    for (const FilePart& part : *parts) {
      all += std::to_string(part.first_record) + "<" + part.content + ">";
    }
    return all;
  };
  EXPECT_EQ(cut("a.csv", "id\n1\n2\n3\n", 100), "0<id\n1\n2\n3\n>");
  EXPECT_EQ(cut("a.csv", "id\n1\n2\n3\n4\n", 9), "0<id\n1\n2\n>2<id\n3\n4\n>");
  EXPECT_EQ(cut("a.csv", "id\n1\n22222222\n", 9), "IMPORT_PART_TOO_LARGE 3");
  EXPECT_EQ(cut("a.json", "{\"contents\": [{\"a\":1}, {\"b\":2}]}", 12),
            "0<[{\"a\":1}]>1<[{\"b\":2}]>");
  EXPECT_EQ(cut("a.json", "[1,2,3,4,5,6]", 6), "0<[1,2]>2<[3,4]>4<[5,6]>");
  EXPECT_EQ(cut("a.json", "[1,2,3,4,5,6", 6), "IMPORT_INVALID 0");
}

}  // namespace
}  // namespace fairlead::cli
