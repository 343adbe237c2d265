// Who at an agency has a referral in hand, with the identity service that knows its people.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "fairlead/referral/v1/assignment.pb.h"
#include "services/common/testing/wait_until.h"
#include "tests/integration/blind_fixture.h"

namespace fairlead::testing {
namespace {

namespace identity_v1 = fairlead::identity::v1;
constexpr const char* kAssign = "/fairlead.referral.v1.AssignmentService/AssignReferral";
constexpr const char* kPeople = "/fairlead.identity.v1.IdentityService/";

class AssignmentTest : public BlindTest {
 protected:
  // The id of a new colleague of the agency.
  std::string Colleague(const Agency& agency, identity_v1::Role role) {
    static int people = 0;
    const std::string name = "colleague." + std::to_string(++people);
    const std::string passphrase = "a long walk by the harbor at dusk";
    const auto added = coalition_->AddStaff(agency, name, role, passphrase);
    EXPECT_TRUE(added) << ToString(added.error());
    identity_v1::FindColleagueRequest request;
    request.set_sign_in_name(name);
    const auto found = coalition_->Call<identity_v1::FindColleagueResponse>(
        agency.caseworker, std::string(kPeople) + "FindColleague", request);
    EXPECT_TRUE(found) << ToString(found.error());
    return found ? found->colleague().staff_id() : "";
  }

  v1::AssignReferralRequest Request(const std::string& referral, const std::string& to,
                                    const std::string& from = "") {
    v1::AssignReferralRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_referral_id(referral);
    request.set_staff_id(to);
    request.set_from_staff_id(from);
    return request;
  }
  std::string Assign(const auth::Actor& by, const v1::AssignReferralRequest& request) {
    return ReasonOf(coalition_->Call<v1::AssignReferralResponse>(by, kAssign, request));
  }

  v1::ListReferralsResponse List(const auth::Actor& by, v1::AssignmentFilter assigned,
                                 const std::string& page_token = "", int page_size = 100) {
    v1::ListReferralsRequest request;
    request.set_box(v1::BOX_INBOX);
    request.set_assigned(assigned);
    request.set_page_size(page_size);
    request.set_page_token(page_token);
    const auto listed = coalition_->Call<v1::ListReferralsResponse>(
        by, std::string(kVerbs) + "ListReferrals", request);
    EXPECT_TRUE(listed) << ToString(listed.error());
    return listed ? *listed : v1::ListReferralsResponse();
  }

  void Disable(const Agency& agency, const std::string& staff_id) {
    identity_v1::DisableStaffRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_staff_id(staff_id);
    const auto disabled = coalition_->Call<identity_v1::DisableStaffResponse>(
        agency.admin, std::string(kPeople) + "DisableStaff", request);
    EXPECT_TRUE(disabled) << ToString(disabled.error());
  }
};

TEST_P(AssignmentTest, TheOwnAgencySeesWhoHasItAndNobodyElse) {
  const v1::Referral asked = Asked({one_, two_});
  const std::string& own = one_.caseworker.staff_id;
  ASSERT_EQ(Assign(one_.caseworker, Request(asked.id(), own)), "ok");
  ASSERT_EQ(Assign(from_.caseworker, Request(asked.id(), from_.caseworker.staff_id)), "ok");
  EXPECT_EQ(Assign(one_.admin, Request(asked.id(), one_.admin.staff_id)), "ALREADY_ASSIGNED");
  EXPECT_EQ(Seen(one_, asked.id()).assignment().staff_id(), own);
  EXPECT_EQ(Seen(from_, asked.id()).assignment().staff_id(), from_.caseworker.staff_id);
  EXPECT_FALSE(Seen(two_, asked.id()).has_assignment());
  EXPECT_THAT(Story(one_, asked.id()), ::testing::ElementsAre("offered", "assigned"));
  EXPECT_THAT(Story(two_, asked.id()), ::testing::ElementsAre("offered"));
  EXPECT_THAT(Story(from_, asked.id()),
              ::testing::ElementsAre("offered", "offered", "assigned"));
  // An answer that shows the referral shows it too; and whoever is on duty can act.
  const auto accepted = coalition_->Call<v1::AcceptOfferResponse>(
      one_.admin, std::string(kVerbs) + "AcceptOffer", [&] {
        v1::AcceptOfferRequest request;
        request.set_request_id(coalition_->ids().New());
        request.set_offer_id(OfferTo(asked, one_));
        return request;
      }());
  ASSERT_TRUE(accepted) << ToString(accepted.error());
  EXPECT_EQ(accepted->referral().assignment().staff_id(), own);
  // Out of it: nobody there has it in hand any more.
  EXPECT_EQ(Assign(two_.caseworker, Request(asked.id(), two_.caseworker.staff_id)),
            "REFERRAL_ENDED");
}

TEST_P(AssignmentTest, OfManyWhoTakeItAtOnceOneHasIt) {
  constexpr size_t kTakers = 8;
  constexpr int kRounds = 10;
  std::vector<auth::Actor> takers;
  for (size_t i = 0; i < kTakers; ++i) {
    takers.push_back(coalition_->MakeActor(one_.id, auth::AgencyKind::kVictimServiceProvider,
                                           {auth::Role::kCaseworker}));
  }
  for (int round = 0; round < kRounds; ++round) {
    const v1::Referral asked = Asked({one_});
    std::vector<v1::AssignReferralRequest> requests;
    for (const auth::Actor& taker : takers) {
      requests.push_back(Request(asked.id(), taker.staff_id));
    }
    std::vector<std::string> reasons(kTakers);
    std::atomic<bool> go = false;
    {
      std::vector<std::jthread> threads;
      for (size_t i = 0; i < kTakers; ++i) {
        threads.emplace_back([&, i] {
          go.wait(false);
          reasons[i] = Assign(takers[i], requests[i]);
        });
      }
      go = true;
      go.notify_all();
    }
    ASSERT_EQ(std::ranges::count(reasons, "ok"), 1) << "round " << round;
    ASSERT_EQ(std::ranges::count(reasons, "ALREADY_ASSIGNED"), kTakers - 1);
    const auto first = static_cast<size_t>(std::ranges::find(reasons, "ok") - reasons.begin());
    ASSERT_EQ(Seen(one_, asked.id()).assignment().staff_id(), takers[first].staff_id);
  }
}

TEST_P(AssignmentTest, OnlyToSomebodyOfTheAgencyWhoWorksOnCases) {
  const v1::Referral asked = Asked({one_});
  const auto to = [&](const std::string& staff_id) {
    return Assign(one_.caseworker, Request(asked.id(), staff_id));
  };
  EXPECT_EQ(to(coalition_->ids().New()), "COLLEAGUE_NOT_FOUND");
  EXPECT_EQ(to(Colleague(from_, identity_v1::ROLE_CASEWORKER)), "COLLEAGUE_NOT_FOUND");
  const std::string gone = Colleague(one_, identity_v1::ROLE_CASEWORKER);
  Disable(one_, gone);
  EXPECT_EQ(to(gone), "COLLEAGUE_NOT_FOUND");
  const auth::Actor machine = coalition_->MakeActor(
      one_.id, auth::AgencyKind::kVictimServiceProvider, {auth::Role::kIntegration});
  EXPECT_EQ(Assign(machine, Request(asked.id(), machine.staff_id)), "COLLEAGUE_NOT_FOUND")
      << "software has nothing in hand";
  const std::string colleague = Colleague(one_, identity_v1::ROLE_CASEWORKER);
  EXPECT_EQ(Assign(machine, Request(asked.id(), colleague)), "ok") << "but may say who has";
  // Who may not.
  EXPECT_EQ(Assign(coalition_->MakeCoordinator(), Request(asked.id(), colleague)),
            "ROLE_NOT_ALLOWED");
  EXPECT_EQ(Assign(three_.caseworker, Request(asked.id(), three_.caseworker.staff_id)),
            "REFERRAL_NOT_FOUND");
  EXPECT_EQ(Assign(three_.caseworker, Request(coalition_->ids().New(), "")), "REFERRAL_NOT_FOUND");
}

TEST_P(AssignmentTest, WhoLeavesHasNothingInHandAnyMore) {
  const v1::Referral asked = Asked({one_});
  const std::string colleague = Colleague(one_, identity_v1::ROLE_CASEWORKER);
  const v1::AssignReferralRequest request = Request(asked.id(), colleague);
  ASSERT_EQ(Assign(one_.caseworker, request), "ok");
  Disable(one_, colleague);
  EXPECT_TRUE(WaitUntil(
      [&] { return Seen(one_, asked.id()).assignment().staff_id().empty(); }));
  EXPECT_THAT(Story(one_, asked.id()),
              ::testing::ElementsAre("offered", "assigned", "unassigned"));
  EXPECT_EQ(Assign(one_.caseworker, request), "ok") << "a repeat gets the first answer";
  EXPECT_EQ(Seen(one_, asked.id()).assignment().staff_id(), "") << "and does nothing";
  EXPECT_EQ(Assign(one_.caseworker, Request(asked.id(), colleague)), "COLLEAGUE_NOT_FOUND");
}

TEST_P(AssignmentTest, ListsOfOnesOwnAndOfNobodysGoOnPageByPage) {
  const std::string mine = Asked({one_}).id();
  const std::string admins = Asked({one_}).id();
  const std::string first = Asked({one_}).id();
  const std::string second = Asked({one_}).id();
  ASSERT_EQ(Assign(one_.caseworker, Request(mine, one_.caseworker.staff_id)), "ok");
  ASSERT_EQ(Assign(one_.admin, Request(admins, one_.admin.staff_id)), "ok");
  const v1::ListReferralsResponse own = List(one_.caseworker, v1::ASSIGNMENT_FILTER_MINE);
  ASSERT_EQ(own.referrals_size(), 1);
  EXPECT_EQ(own.referrals(0).id(), mine);
  // The first look at the inbox, which marks it as delivered, shows who has it all the same.
  EXPECT_EQ(own.referrals(0).offers(0).state(), v1::OFFER_STATE_DELIVERED);
  EXPECT_EQ(own.referrals(0).assignment().staff_id(), one_.caseworker.staff_id);
  const v1::ListReferralsResponse page =
      List(one_.caseworker, v1::ASSIGNMENT_FILTER_UNASSIGNED, "", 1);
  ASSERT_EQ(page.referrals_size(), 1);
  EXPECT_EQ(page.referrals(0).id(), second);
  const v1::ListReferralsResponse rest =
      List(one_.caseworker, v1::ASSIGNMENT_FILTER_UNASSIGNED, page.next_page_token(), 1);
  ASSERT_EQ(rest.referrals_size(), 1);
  EXPECT_EQ(rest.referrals(0).id(), first);
  EXPECT_EQ(List(one_.caseworker, v1::ASSIGNMENT_FILTER_UNSPECIFIED).referrals_size(), 4);
  // A page of one list is none of another.
  v1::ListReferralsRequest other;
  other.set_box(v1::BOX_INBOX);
  other.set_page_token(page.next_page_token());
  EXPECT_EQ(ReasonOf(Call<v1::ListReferralsResponse>(one_, "ListReferrals", other)),
            "INVALID_PAGE_TOKEN");
}

TEST_P(AssignmentTest, AskedOnceMoreItComesToTheQueue) {
  const v1::Referral asked = Asked({one_, two_});
  ASSERT_EQ(Assign(one_.caseworker, Request(asked.id(), one_.caseworker.staff_id)), "ok");
  v1::DeclineOfferRequest decline;
  decline.set_request_id(coalition_->ids().New());
  decline.set_offer_id(OfferTo(asked, one_));
  decline.set_reason_code("no_capacity");
  ASSERT_TRUE(Call<v1::DeclineOfferResponse>(one_, "DeclineOffer", decline));
  v1::OfferReferralRequest again = Asking({one_}, v1::REFERRAL_MODE_FIRST_TO_ACCEPT);
  again.set_referral_id(asked.id());
  again.set_case_handle(asked.case_handle());
  const auto offered = Call<v1::OfferReferralResponse>(from_, "OfferReferral", again);
  ASSERT_TRUE(offered) << ToString(offered.error());
  EXPECT_EQ(Seen(one_, asked.id()).assignment().staff_id(), "");
  EXPECT_EQ(List(one_.caseworker, v1::ASSIGNMENT_FILTER_UNASSIGNED).referrals_size(), 1);
}

FAIRLEAD_BLIND_ON_BOTH_ENGINES(AssignmentTest);

}  // namespace
}  // namespace fairlead::testing
