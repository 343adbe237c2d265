// directory verify, history and export, against a hub that answers what the test says.
#include <gmock/gmock.h>

#include <filesystem>

#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/directory/v1/export.pb.h"
#include "fairlead/directory/v1/history.pb.h"
#include "fairlead/directory/v1/hsds.pb.h"
#include "fairlead/directory/v1/verification.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/testing/cli_fixture.h"

namespace fairlead::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace v1 = directory::v1;

constexpr const char* kOne = "11111111-0000-4000-8000-000000000001";
constexpr const char* kTwo = "11111111-0000-4000-8000-000000000002";

class DirectoryUpkeepTest : public CliTest {
 protected:
  void SetUp() override { SignIn(); }
};

TEST_F(DirectoryUpkeepTest, EachIsVerifiedByItsId) {
  std::vector<std::string> asked;
  hub_.OnCall(kVerifyListing, [&](const FakeRequest& request) {
    v1::VerifyListingRequest verify;
    verify.ParseFromString(request.body);
    asked.push_back(verify.service_id());
    v1::VerifyListingResponse response;
    response.mutable_verification()->set_service_name("Night \x1b[2Jbeds");
    return Protobuf(response);
  });
  ASSERT_EQ(Cli({"directory", "verify", kOne, kTwo}), kExitOk) << err;
  EXPECT_THAT(asked, ElementsAre(kOne, kTwo));
  EXPECT_THAT(out, HasSubstr("beds is verified until"));
  EXPECT_EQ(out.find('\x1b'), std::string::npos) << "a name does not command the terminal";
  EXPECT_EQ(Cli({"directory", "verify"}), kExitUsage);
  EXPECT_EQ(Cli({"directory", "verify", kOne, "--due"}), kExitUsage);
  EXPECT_EQ(Cli({"directory", "verify", kOne, "--agency", kOwnAgency}), kExitUsage);
  EXPECT_EQ(Cli({"directory", "verify", kOne, kTwo, "--request-id", kOne}), kExitUsage)
      << "the second would be answered as the first";
  EXPECT_EQ(asked.size(), 2U);
}

TEST_F(DirectoryUpkeepTest, WhatIsDueIsListed) {
  v1::ListVerificationsResponse listed;
  hub_.Answer(kListVerifications, listed);
  ASSERT_EQ(Cli({"directory", "verify", "--due"}), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr("None is due."));
  v1::Verification* due = listed.add_verifications();
  due->set_service_id(kOne);
  due->set_service_name("Night beds");
  due->set_state(v1::VERIFICATION_STATE_STALE);
  hub_.Answer(kListVerifications, listed);
  ASSERT_EQ(Cli({"directory", "verify", "--due"}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("not verified yet"));
  EXPECT_THAT(err, HasSubstr(std::string("directory verify ") + kOne));
  EXPECT_THAT(out, HasSubstr("never"));
  EXPECT_THAT(out, HasSubstr(kOne));
}

TEST_F(DirectoryUpkeepTest, AServiceShowsThatNobodyHasVerifiedIt) {
  v1::GetServiceResponse got;
  got.mutable_service()->set_verification(v1::VERIFICATION_STATE_STALE);
  hub_.Answer(kGetService, got);
  ASSERT_EQ(Cli({"directory", "show", kOne}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("NOT VERIFIED"));
  v1::SearchServicesResponse found;
  *found.add_services() = got.service();
  hub_.Answer(kSearchServices, found);
  ASSERT_EQ(Cli({"directory", "search", "--text", "x"}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("NOT VERIFIED"));
}

TEST_F(DirectoryUpkeepTest, AHistorySaysWhatItIsAbout) {
  v1::ListHistoryResponse listed;
  v1::FieldChange* own = listed.add_changes();
  own->set_resource_id(kOne);
  own->set_field_name("fees");
  own->set_previous_value("none");
  own->set_actor_agency_id(kOwnAgency);
  v1::FieldChange* inside = listed.add_changes();
  inside->set_action("delete");
  inside->set_resource_type("phone");
  inside->set_resource_id(kTwo);
  inside->set_actor_agency_id(kOwnAgency);
  hub_.Answer(kListHistory, listed);
  ASSERT_EQ(Cli({"directory", "history", kOne}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("fees"));
  EXPECT_THAT(out, HasSubstr("none"));
  EXPECT_THAT(out, HasSubstr("phone " + std::string(kTwo) + ": deleted"));
}

TEST_F(DirectoryUpkeepTest, AnExportIsBegunOnceAndItsPartsNameIt) {
  v1::BeginExportResponse begun;
  begun.set_export_id(kOne);
  begun.set_exports_left(2);
  hub_.Answer(kBeginExport, begun);
  std::vector<std::string> named;
  hub_.OnCall(kExportListings, [&](const FakeRequest& request) {
    v1::ExportListingsRequest asked;
    asked.ParseFromString(request.body);
    named.push_back(asked.export_id());
    v1::ExportListingsResponse response;
    if (named.size() == 1) response.set_next_page_token("more");
    return Protobuf(response);
  });
  ASSERT_EQ(Cli({"directory", "export", folder_.File("one")}), kExitOk) << err;
  EXPECT_THAT(named, ElementsAre(kOne, kOne));
  EXPECT_THAT(err, HasSubstr("Exports left in these 24 hours: 2."));
  EXPECT_THAT(err, HasSubstr("There is nothing to export.")) << "what was written is what counts";
  hub_.OnCall(kBeginExport, [](const FakeRequest&) {
    return Refusal(429, Error{Code::kResourceExhausted, "EXPORT_LIMIT_REACHED", "All made.",
                              {{"next_time", "2026-11-28T09:00:00.000Z"}}});
  });
  EXPECT_NE(Cli({"directory", "export", folder_.File("two")}), kExitOk);
  EXPECT_THAT(err, HasSubstr("2026-11-28T09:00:00.000Z"));
  EXPECT_FALSE(std::filesystem::exists(folder_.File("two"))) << "nothing is written";
  EXPECT_EQ(named.size(), 2U);
}

}  // namespace
}  // namespace fairlead::cli
