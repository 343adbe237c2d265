// directory match and search from somewhere: what is sent of it, and what is said of how far it is.
#include <gmock/gmock.h>

#include "fairlead/directory/v1/directory.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/testing/cli_fixture.h"

namespace fairlead::cli {
namespace {

using ::testing::HasSubstr;
namespace v1 = directory::v1;

class DirectoryNearTest : public CliTest {
 protected:
  void SetUp() override { SignIn(); }
};

TEST_F(DirectoryNearTest, AMatchSendsTheCellAndSaysHowFarAndHowOftenAsked) {
  v1::MatchServicesRequest asked;
  v1::MatchServicesResponse answer;
  v1::Match& match = *answer.add_matches();
  const auto say = [&](const char* code, const char* value) {
    v1::MatchReason& reason = *match.add_reasons();
    reason.set_code(code);
    reason.set_value(value);
  };
  say("serves_county", "");
  say("distance", "25");
  say("asked_often", "2");
  hub_.OnCall(kMatchServices, [&](const FakeRequest& request) {
    EXPECT_TRUE(asked.ParseFromString(request.body));
    return Protobuf(answer);
  });
  ASSERT_EQ(Cli({"directory", "match", "--need", "shelter_bed", "--near", "25.7617,-80.1918",
                 "--within", "50"}),
            kExitOk)
      << err;
  EXPECT_EQ(asked.near_cell(), "88d9b7") << "and not the point";
  EXPECT_EQ(asked.within_miles(), 50);
  EXPECT_THAT(out, HasSubstr("serves county; within 25 miles; asked often lately: 2 of 3"));
  ASSERT_EQ(Cli({"directory", "match", "--need", "x", "--near", "8644b5"}), kExitOk) << err;
  EXPECT_EQ(asked.near_cell(), "8644b5");
  asked.Clear();
  for (const char* nowhere :
       {"Miami", "25.76", "25.76,", "95,10", "25.76,-181", "nan,nan", "1e1,1", "88d9b681"}) {
    EXPECT_EQ(Cli({"directory", "match", "--need", "x", "--near", nowhere}), kExitUsage) << nowhere;
  }
  EXPECT_EQ(asked.request_id(), "") << "nothing was sent";
}

TEST_F(DirectoryNearTest, ASearchNotesHowFarEachIs) {
  v1::SearchServicesRequest asked;
  v1::SearchServicesResponse found;
  found.add_services()->set_distance_miles("100+");
  found.add_services()->set_distance_miles("10");
  found.mutable_services(1)->set_verification(v1::VERIFICATION_STATE_STALE);
  hub_.OnCall(kSearchServices, [&](const FakeRequest& request) {
    EXPECT_TRUE(asked.ParseFromString(request.body));
    return Protobuf(found);
  });
  ASSERT_EQ(Cli({"directory", "search", "--near", "25.7617, -80.1918"}), kExitOk) << err;
  EXPECT_EQ(asked.near_cell(), "88d9b7");
  EXPECT_EQ(asked.within_miles(), 0);
  EXPECT_THAT(out, HasSubstr("over 100 miles"));
  EXPECT_THAT(out, HasSubstr("within 10 miles, NOT VERIFIED"));
}

}  // namespace
}  // namespace fairlead::cli
