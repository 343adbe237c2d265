// directory verify, against a hub that answers what the test says.
#include <gmock/gmock.h>

#include "fairlead/directory/v1/directory.pb.h"
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

class DirectoryVerifyTest : public CliTest {
 protected:
  void SetUp() override { SignIn(); }
};

TEST_F(DirectoryVerifyTest, EachIsVerifiedByItsId) {
  std::vector<std::string> asked;
  hub_.OnCall(kVerifyListing, [&](const FakeRequest& request) {
    v1::VerifyListingRequest verify;
    verify.ParseFromString(request.body);
    asked.push_back(verify.service_id());
    v1::VerifyListingResponse response;
    response.mutable_verification()->set_service_name("Night beds");
    return Protobuf(response);
  });
  ASSERT_EQ(Cli({"directory", "verify", kOne, kTwo}), kExitOk) << err;
  EXPECT_THAT(asked, ElementsAre(kOne, kTwo));
  EXPECT_THAT(out, HasSubstr("Night beds is verified until"));
  EXPECT_EQ(Cli({"directory", "verify"}), kExitUsage);
  EXPECT_EQ(Cli({"directory", "verify", kOne, "--due"}), kExitUsage);
  EXPECT_EQ(Cli({"directory", "verify", kOne, "--agency", kOwnAgency}), kExitUsage);
  EXPECT_EQ(Cli({"directory", "verify", kOne, kTwo, "--request-id", kOne}), kExitUsage)
      << "the second would be answered as the first";
  EXPECT_EQ(asked.size(), 2U);
}

TEST_F(DirectoryVerifyTest, WhatIsDueIsListed) {
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
  EXPECT_THAT(out, HasSubstr("stale"));
  EXPECT_THAT(out, HasSubstr("never"));
  EXPECT_THAT(out, HasSubstr(kOne));
}

TEST_F(DirectoryVerifyTest, AServiceShowsThatNobodyHasVerifiedIt) {
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

}  // namespace
}  // namespace fairlead::cli
