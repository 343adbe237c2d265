// An agency is suspended, or departs, in a hub with all services: what was on its way to it ends
// with a reason, nothing new reaches it, and nothing slips through a send that is under way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "fairlead/directory/v1/membership.pb.h"
#include "tests/support/coalition.h"
#include "tests/support/in_process_hub.h"

namespace fairlead::testing {
namespace {

namespace directory_v1 = fairlead::directory::v1;
namespace referral_v1 = fairlead::referral::v1;
using Engine = storage::Transaction::Engine;

template <class T>
std::string ReasonOf(const Result<T>& result) {
  return result ? "ok" : result.error().reason;
}

class MembershipTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    auto hub = InProcessHub::Start(GetParam());
    ASSERT_TRUE(hub) << ToString(hub.error());
    hub_ = std::move(*hub);
    coalition_ = std::make_unique<Coalition>(hub_->channel());
    harbor_ = Add("Harbor");
    clinic_ = Add("Clinic");
    legal_ = Add("Legal Aid");
  }

  Agency Add(const std::string& name) {
    auto agency = coalition_->AddAgency(name, auth::AgencyKind::kVictimServiceProvider);
    EXPECT_TRUE(agency) << ToString(agency.error());
    return agency ? *agency : Agency{};
  }

  Result<referral_v1::SendReferralRequest> Packet(const Agency& from, const Agency& to) {
    FAIRLEAD_ASSIGN(const auto release, coalition_->SignedRelease(from, to));
    return coalition_->Packet(from, to, release, R"({"needs":{"tonight":true}})");
  }

  referral_v1::Referral Sent(const Agency& from, const Agency& to) {
    const auto packet = Packet(from, to);
    EXPECT_TRUE(packet) << ToString(packet.error());
    if (!packet) return {};
    auto sent = coalition_->Send(*packet, from);
    EXPECT_TRUE(sent) << ToString(sent.error());
    return sent ? *sent : referral_v1::Referral();
  }

  // As the directory does it. `version`: 1 is that of an agency just made.
  Result<referral_v1::CloseAgencyOffersResponse> Close(const Agency& agency, int64_t version) {
    referral_v1::CloseAgencyOffersRequest request;
    request.set_agency_id(agency.id);
    request.set_membership("suspended");
    request.set_version(version);
    return coalition_->Call<referral_v1::CloseAgencyOffersResponse>(auth::ServiceActor("directory"),
                                                                    kClose, request);
  }

  static constexpr const char* kClose = "/fairlead.referral.v1.ReferralService/CloseAgencyOffers";
  std::unique_ptr<InProcessHub> hub_;
  std::unique_ptr<Coalition> coalition_;
  Agency harbor_;
  Agency clinic_;
  Agency legal_;
};

TEST_P(MembershipTest, NothingIsLeftThatWaitsForASuspendedAgencyAndNothingNewReachesIt) {
  const referral_v1::Referral waiting = Sent(harbor_, clinic_);
  const referral_v1::Referral agreed = Sent(harbor_, clinic_);
  ASSERT_EQ(ReasonOf(coalition_->Accept(clinic_, agreed.offers(0).id())), "ok");
  const referral_v1::Referral from_it = Sent(clinic_, legal_);

  const auto closed = Close(clinic_, 2);
  ASSERT_TRUE(closed) << ToString(closed.error());
  EXPECT_EQ(closed->offers_closed(), 1);
  auto ended = coalition_->Get(harbor_, waiting.id());
  ASSERT_TRUE(ended) << ToString(ended.error());
  EXPECT_EQ(ended->state(), referral_v1::REFERRAL_STATE_CLOSED);
  EXPECT_EQ(ended->reason_code(), "agency_suspended");
  EXPECT_EQ(ended->offers(0).state(), referral_v1::OFFER_STATE_WITHDRAWN);
  EXPECT_EQ(ended->offers(0).reason_code(), "agency_suspended");
  // An actor of before: the session's membership is still "active".
  EXPECT_EQ(ReasonOf(coalition_->Accept(clinic_, waiting.offers(0).id())), "ILLEGAL_TRANSITION");
  EXPECT_EQ(ReasonOf(coalition_->Open(clinic_, harbor_, waiting.id())), "OFFER_NOT_OPEN");
  // The session says it by now: its own and the policy's word.
  Agency told = clinic_;
  told.caseworker.membership = auth::Membership::kSuspended;
  EXPECT_EQ(ReasonOf(coalition_->Open(told, harbor_, agreed.id())), "AGENCY_NOT_ACTIVE");

  const auto to_it = Packet(harbor_, clinic_);
  ASSERT_TRUE(to_it) << ToString(to_it.error());
  EXPECT_EQ(ReasonOf(coalition_->Send(*to_it, harbor_)), "AGENCY_NOT_ACTIVE");
  const auto by_it = Packet(clinic_, legal_);
  ASSERT_TRUE(by_it) << ToString(by_it.error());
  EXPECT_EQ(ReasonOf(coalition_->Send(*by_it, clinic_)), "AGENCY_NOT_ACTIVE");

  // What it had sent stays in the hands of those who can help.
  EXPECT_EQ(ReasonOf(coalition_->Open(legal_, clinic_, from_it.id())), "ok");
  EXPECT_EQ(ReasonOf(coalition_->Accept(legal_, from_it.offers(0).id())), "ok");
}

TEST_P(MembershipTest, OnlyTheDirectoryClosesOffers) {
  referral_v1::CloseAgencyOffersRequest request;
  request.set_agency_id(clinic_.id);
  request.set_membership("suspended");
  request.set_version(2);
  using Response = referral_v1::CloseAgencyOffersResponse;
  for (const auth::Actor& actor : {harbor_.caseworker, harbor_.admin, coalition_->MakeCoordinator(),
                                   auth::ServiceActor("gateway"), auth::ServiceActor("identity")}) {
    EXPECT_EQ(ReasonOf(coalition_->Call<Response>(actor, kClose, request)), "SERVICES_ONLY");
  }
  request.set_membership("active");
  EXPECT_EQ(ReasonOf(coalition_->Call<Response>(auth::ServiceActor("directory"), kClose, request)),
            "UNKNOWN_MEMBERSHIP");
}

// Whatever comes first: either the send is refused, or its offer is withdrawn. None is left
// waiting.
TEST_P(MembershipTest, ASuspensionMeetsASend) {
  int sent_first = 0;
  for (int round = 0; round < 8; ++round) {
    const auto packet = Packet(harbor_, clinic_);
    ASSERT_TRUE(packet) << ToString(packet.error());
    std::mutex mutex;
    std::condition_variable done;
    std::string outcome = "?";
    Start(rpc::Call<referral_v1::SendReferralResponse>(
              hub_->channel(), "/fairlead.referral.v1.ReferralService/SendReferral", *packet,
              coalition_->Options(harbor_.caseworker)),
          [&](Result<referral_v1::SendReferralResponse> result) {
            const std::lock_guard lock(mutex);
            outcome = ReasonOf(result);
            done.notify_one();
          });
    const auto closed = Close(clinic_, 2);
    ASSERT_TRUE(closed) << ToString(closed.error());
    std::unique_lock lock(mutex);
    done.wait(lock, [&] { return outcome != "?"; });
    if (outcome == "ok") {
      ++sent_first;
      const auto referral = coalition_->Get(harbor_, packet->referral_id());
      ASSERT_TRUE(referral) << ToString(referral.error());
      EXPECT_EQ(referral->offers(0).state(), referral_v1::OFFER_STATE_WITHDRAWN);
      EXPECT_EQ(closed->offers_closed(), 1);
    } else {
      EXPECT_EQ(outcome, "AGENCY_NOT_ACTIVE");
      EXPECT_EQ(closed->offers_closed(), 0);
    }
    // The next round finds another agency in its place.
    clinic_ = Add("Clinic " + std::to_string(round));
  }
  RecordProperty("sent_first", sent_first);
}

INSTANTIATE_TEST_SUITE_P(Engines, MembershipTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& instance) {
                           return instance.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::testing
