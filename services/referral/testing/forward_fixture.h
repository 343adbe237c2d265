// What tests of handing on share: agencies with keys, what they have received, and what they try.
#ifndef SERVICES_REFERRAL_TESTING_FORWARD_FIXTURE_H_
#define SERVICES_REFERRAL_TESTING_FORWARD_FIXTURE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fairlead/events/v1/events.pb.h"
#include "services/referral/commands/forward_referral.h"
#include "services/referral/store/forward_store.h"
#include "services/referral/testing/commands_fixture.h"
#include "services/referral/translate.h"

namespace fairlead::referral {

inline constexpr char kTheirRelease[] = "018bcfe5-6800-7000-8000-00000000000a";
// Under which that agency sends.
inline std::string ReleaseOf(std::string agency_id) {
  return agency_id.replace(0, 24, "018bcfe5-6800-7000-8001-");
}

class ForwardReferralTest : public CommandsTest {
 protected:
  void SetUp() override {
    CommandsTest::SetUp();
    for (std::string* each : {&first_, &second_, &third_, &fourth_}) *each = Member();
  }

  std::string Member(const std::string& kind = "health_provider",
                     const std::string& membership = "active", bool has_keys = true) {
    const std::string id = ids_.New();
    Do<bool>([&](Unit& unit) -> Result<bool> {
      FAIRLEAD_RETURN_IF_ERROR(unit.store.PutAgency(
          {.id = id, .membership = membership, .kind = kind, .version = 1}));
      if (!has_keys) return true;
      FAIRLEAD_RETURN_IF_ERROR(unit.store.PutAgencyKey({.agency_id = id,
                                                        .epoch = 1,
                                                        .epoch_kid = id + " epoch",
                                                        .signing_kid = id + " signing"}));
      return true;
    });
    return id;
  }

  // What `to` was sent under kTheirRelease.
  std::string Receive(const std::string& from, const std::string& to,
                      ReferralState state = ReferralState::kMatched,
                      OfferState offer_state = OfferState::kAccepted) {
    const std::string id = Add(from, to, state, offer_state);
    Change(id, [](Referral& referral) { referral.release_id = kTheirRelease; });
    return id;
  }

  void Change(const std::string& referral_id, const std::function<void(Referral&)>& change) {
    Do<bool>([&](Unit& unit) -> Result<bool> {
      FAIRLEAD_ASSIGN(auto referral, unit.store.Find(referral_id));
      change(*referral);
      FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(*referral));
      for (const Offer& offer : referral->offers) {
        FAIRLEAD_RETURN_IF_ERROR(unit.store.UpdateOffer(offer));
      }
      return true;
    });
  }
  // By whom it was offered to.
  void Agree(const std::string& referral_id) {
    Change(referral_id, [](Referral& referral) {
      referral.state = ReferralState::kMatched;
      referral.offers.at(0).state = OfferState::kAccepted;
    });
  }

  // A packet as consent has approved it.
  Sending From(const std::string& by, const std::string& to) {
    Sending sending;
    sending.draft.referral_id = ids_.New();
    sending.draft.case_handle = ids_.New();
    sending.draft.facets.need_code = "shelter_bed";
    sending.draft.has_facets = true;
    sending.recipient_agency_id = to;
    sending.sealed.release_id = ReleaseOf(by);
    sending.sealed.sender_kid = by + " signing";
    for (const std::string& agency : {by, to}) {
      seal::Recipient share;
      share.kid = agency + " epoch";
      share.encrypted_key = std::string(40, 'e');
      sending.sealed.sealed_to.push_back(share);
      sending.sealed.custody_keys[agency] = std::string(32, 'c');
    }
    sending.sealed.packet.referral_id = sending.draft.referral_id;
    return sending;
  }

  static rpc::CallContext Calling(const std::string& method, const std::string& agency,
                                  auth::Role role) {
    rpc::CallContext context;
    context.method = "/fairlead.referral.v1." + method;
    context.actor.kind = auth::ActorKind::kStaff;
    context.actor.agency_id = agency;
    context.actor.agency_kind = auth::AgencyKind::kHealthProvider;
    context.actor.membership = auth::Membership::kActive;
    context.actor.roles = {role};
    context.actor.assurance = auth::kSignedIn;
    return context;
  }

  // What is refused leaves nothing behind: the transaction is not committed.
  Result<Referral> Forward(const std::string& by, const Sending& sending, const Received& from,
                           auth::Role role = auth::Role::kCaseworker) {
    std::function<Result<Referral>(storage::Transaction&)> job = [&](storage::Transaction& tx) {
      const std::unique_ptr<ReferralStore> store = MakeSqlReferralStore(tx);
      Unit unit{.tx = tx,
                .store = *store,
                .ids = ids_,
                .now_ms = clock_.NowMs(),
                .agency_id = by,
                .staff_id = "",
                .traceparent = ""};
      unit.context = Calling("ForwardService/ForwardReferral", by, role);
      return ForwardReferral(unit, sending, from);
    };
    return SyncWait(database_->Write<Referral>(job));
  }
  // "ok", or all that the refusal says.
  static std::string Said(const Result<Referral>& result) {
    if (result) return "ok";
    std::string text = result.error().reason;
    for (const auto& [key, value] : result.error().metadata) text += " " + key + "=" + value;
    return text;
  }
  std::string Try(const std::string& by, const std::string& to, const std::string& received) {
    return Said(Forward(by, From(by, to), {received}));
  }
  // Its id.
  std::string Forwarded(const std::string& by, const std::string& to,
                        const std::string& received) {
    const auto forwarded = Forward(by, From(by, to), {received});
    EXPECT_TRUE(forwarded) << ToString(forwarded.error());
    return forwarded ? forwarded->id : "";
  }

  Referral Now(const std::string& referral_id, const std::string& viewer = "") {
    return Do<Referral>([&](Unit& unit) -> Result<Referral> {
      FAIRLEAD_ASSIGN(auto referral, unit.store.Find(referral_id));
      FAIRLEAD_RETURN_IF_ERROR(ReadForwards(unit.tx, viewer, *referral));
      return std::move(*referral);
    });
  }
  v1::Referral Shown(const std::string& referral_id, const std::string& viewer) {
    return ToProto(Now(referral_id, viewer), viewer);
  }
  std::optional<fairlead::referral::Forward> LinkOf(const std::string& referral_id) {
    return Do<std::optional<fairlead::referral::Forward>>(
        [&](Unit& unit) { return FindForward(unit.tx, referral_id); });
  }

  // All that an agency has been told.
  std::vector<events::v1::ReferralChanged> ToldTo(const std::string& agency) {
    using All = std::vector<events::v1::ReferralChanged>;
    return Do<All>([&](Unit& unit) -> Result<All> {
      FAIRLEAD_ASSIGN(const auto rows, unit.tx.Query("SELECT envelope FROM outbox"));
      All told;
      for (const storage::Row& row : rows) {
        events::v1::EventEnvelope event;
        events::v1::ReferralChanged changed;
        EXPECT_TRUE(event.ParseFromString(row.Bytes(0)));
        if (event.data_schema() != "fairlead.events.v1.ReferralChanged") continue;
        if (std::ranges::find(event.audience_agency_ids(), agency) ==
            event.audience_agency_ids().end()) {
          continue;
        }
        EXPECT_TRUE(changed.ParseFromString(event.data()));
        told.push_back(changed);
      }
      return told;
    });
  }

  std::string first_, second_, third_, fourth_;
};

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_TESTING_FORWARD_FIXTURE_H_
