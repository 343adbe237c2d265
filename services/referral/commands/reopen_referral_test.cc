// A match that came to nothing leaves no packet behind, and no key to what a backup may hold of it.
#include "services/referral/commands/reopen_referral.h"

#include <gtest/gtest.h>

#include "services/referral/testing/commands_fixture.h"

namespace fairlead::referral {
namespace {

class ReopenReferralTest : public CommandsTest {
 protected:
  // The recipient, as the policy sees it.
  static rpc::CallContext By(const std::string& agency) {
    rpc::CallContext context;
    context.method = "/fairlead.referral.v1.ReferralService/ReopenReferral";
    context.actor.kind = auth::ActorKind::kStaff;
    context.actor.agency_id = agency;
    context.actor.agency_kind = auth::AgencyKind::kHotline;
    context.actor.membership = auth::Membership::kActive;
    context.actor.roles = {auth::Role::kHotlineOperator};
    context.actor.assurance = auth::kSignedIn;
    return context;
  }
  std::vector<std::string> Queue() {
    return Do<std::vector<std::string>>([](Unit& unit) { return unit.store.CustodyToDestroy(10); });
  }
};

TEST_P(ReopenReferralTest, ThePacketGoesAndItsKeysAreInTheQueueUntilTheyAreDestroyed) {
  const std::string recipient = ids_.New();
  const std::string id = Add(ids_.New(), recipient, ReferralState::kMatched, OfferState::kAccepted);
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_ASSIGN(auto referral, unit.store.Find(id));
    referral->packet_id = "packet";
    FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(*referral));
    StoredPacket packet;
    packet.referral_id = id;
    FAIRLEAD_RETURN_IF_ERROR(unit.store.InsertPacket(packet));
    return true;
  });
  EXPECT_TRUE(Queue().empty());
  Do<bool>([&](Unit& unit) -> Result<bool> {
    unit.agency_id = recipient;
    unit.context = By(recipient);
    FAIRLEAD_RETURN_IF_ERROR(ReopenReferral(unit, id, "", "no_show"));
    FAIRLEAD_ASSIGN(const auto packet, unit.store.FindPacket(id));
    EXPECT_FALSE(packet.has_value());
    return true;
  });
  EXPECT_EQ(Queue(), std::vector<std::string>{"packet"});
  EXPECT_EQ(Queue(), std::vector<std::string>{"packet"}) << "as long as nobody says it is done";
  Do<bool>([](Unit& unit) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(unit.store.PutCustodyDestroyed({"packet"}));
    return true;
  });
  EXPECT_TRUE(Queue().empty());
}

FAIRLEAD_ON_BOTH_ENGINES(ReopenReferralTest);

}  // namespace
}  // namespace fairlead::referral
