// What follows a service, between the agencies and through the pipeline; and how soon agencies
// answer, as a coordinator sees it.
#include <gmock/gmock.h>

#include <map>

#include "fairlead/referral/v1/follow_up.pb.h"
#include "services/common/testing/wait_until.h"
#include "tests/integration/blind_fixture.h"

namespace fairlead::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

constexpr int64_t kDayMs = 24LL * 3'600'000;
constexpr char kFollowUps[] = "/fairlead.referral.v1.FollowUpService/";

class FollowUpsTest : public BlindTest {
 protected:
  v1::Referral Begun(const Agency& by) {
    const v1::Referral asked = Asked({by});
    EXPECT_TRUE(coalition_->Accept(by, OfferTo(asked, by)));
    EXPECT_TRUE(coalition_->Start(by, asked.id()));
    return asked;
  }
  v1::RecordFollowUpRequest Saying(const std::string& id, const std::string& code) {
    v1::RecordFollowUpRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_referral_id(id);
    request.set_point(v1::FOLLOW_UP_POINT_DAY_1);
    request.set_outcome_code(code);
    return request;
  }
  Result<v1::RecordFollowUpResponse> Record(const auth::Actor& by,
                                            const v1::RecordFollowUpRequest& request) {
    return coalition_->Call<v1::RecordFollowUpResponse>(
        by, std::string(kFollowUps) + "RecordFollowUp", request);
  }
  Result<v1::ListFollowUpsResponse> List(const auth::Actor& by, v1::FollowUpBox box,
                                         int page_size = 0, const std::string& token = "") {
    v1::ListFollowUpsRequest request;
    request.set_box(box);
    request.set_page_size(page_size);
    request.set_page_token(token);
    return coalition_->Call<v1::ListFollowUpsResponse>(
        by, std::string(kFollowUps) + "ListFollowUps", request);
  }
  Result<v1::ListAgencyMediansResponse> Medians(const auth::Actor& by, v1::MedianWindow window,
                                                int page_size = 0, const std::string& token = "") {
    v1::ListAgencyMediansRequest request;
    request.set_window(window);
    request.set_page_size(page_size);
    request.set_page_token(token);
    return coalition_->Call<v1::ListAgencyMediansResponse>(
        by, std::string(kHandOffs) + "ListAgencyMedians", request);
  }
  // Of all agencies, one to a page.
  std::map<std::string, v1::AgencyMedians> AllMedians(const auth::Actor& by,
                                                      v1::MedianWindow window) {
    std::map<std::string, v1::AgencyMedians> all;
    std::string token;
    do {
      const auto page = Medians(by, window, 1, token);
      EXPECT_TRUE(page) << ToString(page.error());
      if (!page) break;
      for (const v1::AgencyMedians& each : page->agencies()) {
        EXPECT_TRUE(all.emplace(each.agency_id(), each).second) << "twice";
      }
      token = page->next_page_token();
    } while (!token.empty());
    return all;
  }
};

TEST_P(FollowUpsTest, TheAgencyThatGivesTheServiceSaysHowItWent) {
  const v1::Referral referral = Begun(one_);
  EXPECT_EQ(ReasonOf(Record(one_.caseworker, Saying(referral.id(), "left_early"))),
            "FOLLOW_UP_NOT_DUE");
  auto later = List(one_.caseworker, v1::FOLLOW_UP_BOX_LATER, 2);
  ASSERT_TRUE(later) << ToString(later.error());
  ASSERT_EQ(later->follow_ups_size(), 2);
  EXPECT_EQ(later->follow_ups(0).point(), v1::FOLLOW_UP_POINT_DAY_1);
  EXPECT_EQ(later->follow_ups(0).sender_agency_id(), from_.id);
  const std::string token = later->next_page_token();
  later = List(one_.caseworker, v1::FOLLOW_UP_BOX_LATER, 2, token);
  ASSERT_TRUE(later) << ToString(later.error());
  ASSERT_EQ(later->follow_ups_size(), 1);
  EXPECT_EQ(later->follow_ups(0).point(), v1::FOLLOW_UP_POINT_DAY_30);
  EXPECT_EQ(ReasonOf(List(one_.caseworker, v1::FOLLOW_UP_BOX_DONE, 2, token)),
            "INVALID_PAGE_TOKEN");
  EXPECT_EQ(ReasonOf(List(two_.caseworker, v1::FOLLOW_UP_BOX_LATER, 2, token)),
            "INVALID_PAGE_TOKEN");

  hub_->clock().Shift(kDayMs);
  EXPECT_TRUE(WaitUntil([&] {
    const std::vector<std::string> story = Story(one_, referral.id());
    return !story.empty() && story.back() == "follow_up_due";
  }));
  const auto due = List(one_.caseworker, v1::FOLLOW_UP_BOX_DUE);
  ASSERT_TRUE(due) << ToString(due.error());
  ASSERT_EQ(due->follow_ups_size(), 1);
  EXPECT_EQ(due->follow_ups(0).referral_id(), referral.id());
  EXPECT_EQ(due->follow_ups(0).outcome_code(), "");

  const v1::RecordFollowUpRequest saying = Saying(referral.id(), "left_early");
  const auto recorded = Record(one_.caseworker, saying);
  ASSERT_TRUE(recorded) << ToString(recorded.error());
  EXPECT_EQ(recorded->follow_up().outcome_code(), "left_early");
  EXPECT_EQ(ReasonOf(Record(one_.caseworker, saying)), "ok") << "the same call";
  EXPECT_EQ(ReasonOf(Record(one_.caseworker, Saying(referral.id(), "left_early"))), "ok");
  EXPECT_EQ(List(one_.caseworker, v1::FOLLOW_UP_BOX_DUE)->follow_ups_size(), 0);
  EXPECT_EQ(List(one_.caseworker, v1::FOLLOW_UP_BOX_DONE)->follow_ups(0).outcome_code(),
            "left_early");

  EXPECT_EQ(ReasonOf(Record(one_.caseworker, Saying(referral.id(), "moved_on_safely"))), "ok");
  EXPECT_THAT(Story(one_, referral.id()),
              ElementsAre("offered", "accepted", "started", "follow_up_due", "followed_up",
                          "follow_up_corrected"));

  // The sender hears that it was recorded, once, and nowhere what.
  EXPECT_THAT(Story(from_, referral.id()),
              ElementsAre("offered", "accepted", "started", "followed_up"));
  v1::GetTimelineRequest request;
  request.set_referral_id(referral.id());
  const auto timeline = Call<v1::GetTimelineResponse>(from_, "GetTimeline", request);
  ASSERT_TRUE(timeline) << ToString(timeline.error());
  for (const char* code : {"left_early", "moved_on_safely"}) {
    EXPECT_EQ(timeline->DebugString().find(code), std::string::npos) << code;
    EXPECT_EQ(Seen(from_, referral.id()).DebugString().find(code), std::string::npos) << code;
  }
  EXPECT_EQ(List(from_.caseworker, v1::FOLLOW_UP_BOX_DONE)->follow_ups_size(), 0);
}

TEST_P(FollowUpsTest, OnlyWhoMayRecordAndList) {
  const v1::Referral referral = Begun(one_);
  hub_->clock().Shift(kDayMs);
  const auth::Actor coordinator = coalition_->MakeCoordinator();
  const v1::RecordFollowUpRequest saying = Saying(referral.id(), "not_reached");
  EXPECT_EQ(ReasonOf(Record(from_.caseworker, saying)), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Record(two_.caseworker, saying)), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Record(coordinator, saying)), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(ReasonOf(List(coordinator, v1::FOLLOW_UP_BOX_DUE)), "ROLE_NOT_ALLOWED");
  auth::Actor suspended = one_.caseworker;
  suspended.membership = auth::Membership::kSuspended;
  EXPECT_EQ(ReasonOf(Record(suspended, saying)), "AGENCY_NOT_ACTIVE");
  EXPECT_EQ(ReasonOf(Record(auth::Actor(), saying)), "SIGN_IN_REQUIRED");
  EXPECT_EQ(ReasonOf(Record(one_.caseworker, Saying(referral.id(), "enrolled"))),
            "UNKNOWN_OUTCOME_CODE");
  EXPECT_THAT(Story(one_, referral.id()), Not(Contains("followed_up")));
}

TEST_P(FollowUpsTest, ACoordinatorSeesHowSoonAnAgencyAnswersOnceThereAreEnough) {
  const auth::Actor coordinator = coalition_->MakeCoordinator();
  for (int i = 0; i < 4; ++i) Begun(one_);
  EXPECT_FALSE(AllMedians(coordinator, v1::MEDIAN_WINDOW_DAYS_30).at(one_.id).has_figures());
  const v1::Referral fifth = Asked({one_, two_});
  ASSERT_TRUE(coalition_->Accept(one_, OfferTo(fifth, one_)));
  auto medians = AllMedians(coordinator, v1::MEDIAN_WINDOW_DAYS_30);
  ASSERT_TRUE(medians.at(one_.id).has_figures());
  EXPECT_EQ(medians.at(one_.id).figures().answered_count(), 5);
  EXPECT_EQ(medians.at(one_.id).figures().expired_count(), 0);
  EXPECT_TRUE(medians.at(one_.id).figures().has_to_answer());
  EXPECT_FALSE(medians.at(one_.id).figures().has_to_start()) << "four have begun";
  EXPECT_FALSE(medians.at(two_.id).has_figures());
  ASSERT_TRUE(coalition_->Start(one_, fifth.id()));
  EXPECT_TRUE(AllMedians(coordinator, v1::MEDIAN_WINDOW_DAYS_30)
                  .at(one_.id)
                  .figures()
                  .has_to_start());

  EXPECT_EQ(ReasonOf(Medians(one_.admin, v1::MEDIAN_WINDOW_DAYS_30)), "ROLE_NOT_ALLOWED");
  const auto page = Medians(coordinator, v1::MEDIAN_WINDOW_DAYS_30, 1);
  ASSERT_TRUE(page) << ToString(page.error());
  EXPECT_EQ(ReasonOf(Medians(coordinator, v1::MEDIAN_WINDOW_DAYS_90, 1, page->next_page_token())),
            "INVALID_PAGE_TOKEN");
  hub_->clock().Shift(31 * kDayMs);
  EXPECT_FALSE(AllMedians(coordinator, v1::MEDIAN_WINDOW_DAYS_30).at(one_.id).has_figures());
  EXPECT_EQ(AllMedians(coordinator, v1::MEDIAN_WINDOW_DAYS_90)
                .at(one_.id)
                .figures()
                .answered_count(),
            5);
}

FAIRLEAD_BLIND_ON_BOTH_ENGINES(FollowUpsTest);

}  // namespace
}  // namespace fairlead::testing
