// Several agencies asked at once, through all services, on both engines: who is matched, what the
// others come to know, the packet after the match, and a match that came to nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <set>
#include <thread>

#include "services/common/testing/wait_until.h"
#include "tests/support/coalition.h"
#include "tests/support/in_process_hub.h"

namespace fairlead::testing {
namespace {

namespace consent_v1 = fairlead::consent::v1;
namespace directory_v1 = fairlead::directory::v1;
namespace v1 = fairlead::referral::v1;
using Engine = storage::Transaction::Engine;

constexpr const char* kPacket = R"({"needs":{"summary":"a bed tonight, two children"}})";
constexpr const char* kVerbs = "/fairlead.referral.v1.ReferralService/";
constexpr const char* kBeds = "/fairlead.directory.v1.CapacityService/";

template <class T>
std::string ReasonOf(const Result<T>& result) {
  return result ? "ok" : result.error().reason;
}

class BlindTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    auto hub = InProcessHub::Start(GetParam());
    ASSERT_TRUE(hub) << ToString(hub.error());
    hub_ = std::move(*hub);
    coalition_ = std::make_unique<Coalition>(hub_->channel());
    from_ = Add("Harbor", auth::AgencyKind::kVictimServiceProvider);
    one_ = Add("One", auth::AgencyKind::kVictimServiceProvider);
    two_ = Add("Two", auth::AgencyKind::kHealthProvider);
    three_ = Add("Three", auth::AgencyKind::kLegalServices);
  }

  Agency Add(const std::string& name, auth::AgencyKind kind) {
    auto agency = coalition_->AddAgency(name, kind);
    EXPECT_TRUE(agency) << ToString(agency.error());
    return agency ? *agency : Agency{};
  }

  template <class Response, class Request>
  Result<Response> Call(const Agency& by, const std::string& verb, const Request& request) {
    return coalition_->Call<Response>(by.caseworker, kVerbs + verb, request);
  }

  v1::OfferReferralRequest Asking(const std::vector<Agency>& agencies, v1::ReferralMode mode) {
    v1::OfferReferralRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_referral_id(coalition_->ids().New());
    request.set_case_handle(coalition_->ids().New());
    request.mutable_facets()->set_need_code("shelter_bed");
    request.mutable_facets()->set_urgency(v1::URGENCY_EMERGENCY);
    request.set_mode(mode);
    for (const Agency& agency : agencies) {
      request.add_recipients()->set_recipient_agency_id(agency.id);
    }
    return request;
  }

  v1::Referral Asked(const std::vector<Agency>& agencies,
                     v1::ReferralMode mode = v1::REFERRAL_MODE_FIRST_TO_ACCEPT) {
    const auto asked =
        Call<v1::OfferReferralResponse>(from_, "OfferReferral", Asking(agencies, mode));
    EXPECT_TRUE(asked) << ToString(asked.error());
    return asked ? asked->referral() : v1::Referral();
  }

  // Of somebody who is asked: the own offer, as seen by that agency.
  static std::string OfferTo(const v1::Referral& referral, const Agency& agency) {
    for (const v1::Offer& offer : referral.offers()) {
      if (offer.recipient_agency_id() == agency.id) return offer.id();
    }
    return "";
  }

  v1::Referral Seen(const Agency& by, const std::string& id) {
    auto seen = coalition_->Get(by, id);
    EXPECT_TRUE(seen) << ToString(seen.error());
    return seen ? *seen : v1::Referral();
  }

  Result<v1::AnswerOfferResponse> Answer(const Agency& by, const v1::Referral& referral,
                                         v1::OfferAnswer answer) {
    v1::AnswerOfferRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_offer_id(OfferTo(referral, by));
    request.set_answer(answer);
    return Call<v1::AnswerOfferResponse>(by, "AnswerOffer", request);
  }

  Result<v1::ChooseOfferResponse> Choose(const v1::Referral& referral, const Agency& agency) {
    v1::ChooseOfferRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_offer_id(OfferTo(referral, agency));
    return Call<v1::ChooseOfferResponse>(from_, "ChooseOffer", request);
  }

  consent_v1::Release ReleaseTo(
      const Agency& to, const v1::Referral& referral,
      consent_v1::ReleaseAction action = consent_v1::RELEASE_ACTION_ONGOING) {
    ReleaseOptions options;
    options.case_handle = referral.case_handle();
    options.action = action;
    auto release = coalition_->SignedRelease(from_, to, options);
    EXPECT_TRUE(release) << ToString(release.error());
    return release ? *release : consent_v1::Release();
  }

  Result<v1::SendPacketResponse> SendPacket(const Agency& to, const v1::Referral& referral,
                                            const consent_v1::Release& release) {
    v1::SendPacketRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_referral_id(referral.id());
    request.set_release_id(release.id());
    FAIRLEAD_ASSIGN(const std::string packet,
                    coalition_->SealedPacket(from_, to, release, referral.id(), kPacket));
    request.set_packet(packet);
    return Call<v1::SendPacketResponse>(from_, "SendPacket", request);
  }

  Result<v1::ReopenReferralResponse> Reopen(const Agency& by, const std::string& id,
                                            const std::string& reason = "no_show") {
    v1::ReopenReferralRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_referral_id(id);
    request.set_reason_code(reason);
    return Call<v1::ReopenReferralResponse>(by, "ReopenReferral", request);
  }

  std::vector<std::string> Story(const Agency& by, const std::string& id) {
    v1::GetTimelineRequest request;
    request.set_referral_id(id);
    const auto timeline = Call<v1::GetTimelineResponse>(by, "GetTimeline", request);
    std::vector<std::string> events;
    if (!timeline) return {timeline.error().reason};
    for (const auto& entry : timeline->entries()) events.push_back(entry.event());
    return events;
  }

  // A listing of Harbor's with that many beds free; its id.
  std::string Beds(int free) {
    const std::string id = coalition_->ids().New();
    directory_v1::ImportListingsRequest import;
    import.set_request_id(coalition_->ids().New());
    import.set_agency_id(from_.id);
    import.set_format(directory_v1::IMPORT_FORMAT_HSDS_CSV);
    const std::string organization = coalition_->ids().New();
    directory_v1::ImportFile* file = import.add_files();
    file->set_name("organizations.csv");
    file->set_content("id,name,description\n" + organization + ",Harbor,Helps\n");
    file = import.add_files();
    file->set_name("services.csv");
    file->set_content("id,organization_id,name,status\n" + id + "," + organization +
                      ",Beds,active\n");
    import.add_default_need_codes("shelter_bed");
    const auto imported = coalition_->Call<directory_v1::ImportListingsResponse>(
        from_.admin, "/fairlead.directory.v1.DirectoryService/ImportListings", import);
    EXPECT_TRUE(imported) << ToString(imported.error());
    directory_v1::UpdateCapacityRequest update;
    update.set_request_id(coalition_->ids().New());
    update.set_service_id(id);
    update.set_unit(directory_v1::CAPACITY_UNIT_BED);
    update.set_available(free);
    update.set_maximum(free);
    const auto stated = coalition_->Call<directory_v1::UpdateCapacityResponse>(
        from_.caseworker, std::string(kBeds) + "UpdateCapacity", update);
    EXPECT_TRUE(stated) << ToString(stated.error());
    return id;
  }

  int FreeBeds(const std::string& service_id) {
    directory_v1::GetCapacityRequest request;
    request.set_service_id(service_id);
    request.set_unit(directory_v1::CAPACITY_UNIT_BED);
    const auto stated = coalition_->Call<directory_v1::GetCapacityResponse>(
        from_.caseworker, std::string(kBeds) + "GetCapacity", request);
    EXPECT_TRUE(stated) << ToString(stated.error());
    return stated ? stated->capacity().available() : -1;
  }

  std::unique_ptr<InProcessHub> hub_;
  std::unique_ptr<Coalition> coalition_;
  Agency from_;
  Agency one_;
  Agency two_;
  Agency three_;
};

TEST_P(BlindTest, TheFirstToAcceptIsMatchedAndGetsThePacket) {
  const v1::Referral asked = Asked({one_, two_, three_});
  EXPECT_EQ(asked.state(), v1::REFERRAL_STATE_OPEN);
  ASSERT_EQ(asked.offers_size(), 3);
  const v1::Referral before = Seen(two_, asked.id());
  EXPECT_EQ(before.offers_size(), 1) << "nobody sees who else is asked";
  EXPECT_EQ(before.case_handle(), "");
  EXPECT_EQ(ReasonOf(coalition_->Open(one_, from_, asked.id())), "PACKET_NOT_SENT");

  const auto accepted = coalition_->Accept(one_, OfferTo(asked, one_));
  ASSERT_TRUE(accepted) << ToString(accepted.error());
  EXPECT_EQ(accepted->state(), v1::REFERRAL_STATE_MATCHED);
  EXPECT_EQ(ReasonOf(coalition_->Accept(two_, OfferTo(asked, two_))), "ALREADY_MATCHED");
  EXPECT_EQ(ReasonOf(coalition_->Open(one_, from_, asked.id())), "PACKET_NOT_SENT");

  const consent_v1::Release release = ReleaseTo(one_, asked);
  const auto sent = SendPacket(one_, asked, release);
  ASSERT_TRUE(sent) << ToString(sent.error());
  EXPECT_TRUE(sent->referral().has_packet());
  for (const Agency& reader : {one_, from_}) {
    const Result<std::string> opened = coalition_->Open(reader, from_, asked.id());
    ASSERT_TRUE(opened) << ToString(opened.error());
    EXPECT_EQ(*opened, kPacket);
  }
  EXPECT_EQ(ReasonOf(coalition_->Open(two_, from_, asked.id())), "OFFER_NOT_OPEN");
  EXPECT_EQ(ReasonOf(SendPacket(one_, asked, release)), "PACKET_ALREADY_SENT");

  EXPECT_EQ(ReasonOf(coalition_->Start(two_, asked.id())), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(ReasonOf(coalition_->Start(one_, asked.id())), "ok");
  const v1::Referral lost = Seen(two_, asked.id());
  EXPECT_EQ(ReasonOf(coalition_->Complete(one_, asked.id())), "ok");
  EXPECT_THAT(
      Story(from_, asked.id()),
      ::testing::ElementsAre("offered", "offered", "offered", "accepted", "withdrawn", "withdrawn",
                             "packet_sent", "opened", "reread", "started", "completed"));
  // Revoked, nothing opens: the two-key rule holds for a packet that followed, too.
  ASSERT_TRUE(coalition_->Revoke(from_, release.id()));
  EXPECT_EQ(ReasonOf(coalition_->Open(one_, from_, asked.id())), "RELEASE_REVOKED");

  // What has become of it elsewhere is nothing to those who were not taken.
  EXPECT_EQ(lost.state(), v1::REFERRAL_STATE_CLOSED);
  EXPECT_EQ(lost.reason_code(), "matched_elsewhere");
  EXPECT_EQ(lost.release_id(), "");
  EXPECT_EQ(Seen(two_, asked.id()).SerializeAsString(), lost.SerializeAsString());
  EXPECT_THAT(Story(two_, asked.id()), ::testing::ElementsAre("offered", "withdrawn"));
}

TEST_P(BlindTest, ThoseWhoWaitDoNotHearWhatOthersAnswer) {
  const v1::Referral asked = Asked({one_, two_, three_});
  const v1::Referral before = Seen(two_, asked.id());
  v1::DeclineOfferRequest decline;
  decline.set_request_id(coalition_->ids().New());
  decline.set_offer_id(OfferTo(asked, one_));
  decline.set_reason_code("no_capacity");
  ASSERT_TRUE(Call<v1::DeclineOfferResponse>(one_, "DeclineOffer", decline));
  EXPECT_EQ(Seen(two_, asked.id()).SerializeAsString(), before.SerializeAsString());
  v1::AcceptOfferRequest accept;  // and it is no reason to read it anew
  accept.set_request_id(coalition_->ids().New());
  accept.set_offer_id(OfferTo(asked, two_));
  accept.set_etag(before.etag());
  EXPECT_EQ(ReasonOf(Call<v1::AcceptOfferResponse>(two_, "AcceptOffer", accept)), "ok");
  EXPECT_EQ(Seen(from_, asked.id()).state(), v1::REFERRAL_STATE_MATCHED);
}

TEST_P(BlindTest, TheSurvivorChoosesAmongThoseThatSaidYes) {
  const v1::Referral asked = Asked({one_, two_, three_}, v1::REFERRAL_MODE_SURVIVOR_CHOOSES);
  EXPECT_EQ(ReasonOf(coalition_->Accept(one_, OfferTo(asked, one_))), "CHOICE_IS_SENDERS");
  EXPECT_EQ(ReasonOf(Answer(one_, asked, v1::OFFER_ANSWER_MAYBE)), "ok");
  EXPECT_EQ(ReasonOf(Answer(two_, asked, v1::OFFER_ANSWER_YES)), "ok");
  EXPECT_EQ(ReasonOf(Choose(asked, one_)), "NOT_ANSWERED_YES");
  EXPECT_EQ(ReasonOf(Choose(asked, three_)), "NOT_ANSWERED_YES");
  EXPECT_EQ(ReasonOf(Answer(one_, asked, v1::OFFER_ANSWER_YES)), "ok") << "said anew";
  const auto chosen = Choose(asked, two_);
  ASSERT_TRUE(chosen) << ToString(chosen.error());
  EXPECT_EQ(chosen->referral().state(), v1::REFERRAL_STATE_MATCHED);
  EXPECT_EQ(ReasonOf(Choose(asked, one_)), "ALREADY_MATCHED");
  EXPECT_EQ(ReasonOf(Answer(one_, asked, v1::OFFER_ANSWER_YES)), "ILLEGAL_TRANSITION");
  EXPECT_EQ(Seen(one_, asked.id()).reason_code(), "matched_elsewhere");
  ASSERT_TRUE(SendPacket(two_, asked, ReleaseTo(two_, asked)));
  EXPECT_EQ(ReasonOf(coalition_->Open(two_, from_, asked.id())), "ok");

  const v1::Referral first = Asked({one_, two_});
  EXPECT_EQ(ReasonOf(Answer(one_, first, v1::OFFER_ANSWER_YES)), "CHOICE_NOT_OPEN");
  EXPECT_EQ(ReasonOf(Choose(first, one_)), "CHOICE_NOT_OPEN");
  // Another's choice is not there.
  v1::ChooseOfferRequest others;
  others.set_request_id(coalition_->ids().New());
  others.set_offer_id(OfferTo(asked, one_));
  EXPECT_EQ(ReasonOf(Call<v1::ChooseOfferResponse>(two_, "ChooseOffer", others)),
            "REFERRAL_NOT_FOUND");
}

TEST_P(BlindTest, WhoMayNotBeAskedIsNot) {
  const auto ask = [&](const v1::OfferReferralRequest& request, const Agency& by) {
    return ReasonOf(Call<v1::OfferReferralResponse>(by, "OfferReferral", request));
  };
  const auto first = v1::REFERRAL_MODE_FIRST_TO_ACCEPT;
  const Agency sheriff = Add("Sheriff", auth::AgencyKind::kLawEnforcement);
  EXPECT_EQ(ask(Asking({one_, sheriff}, first), from_), "LAW_ENFORCEMENT_NOT_OFFERED");
  EXPECT_EQ(ask(Asking({one_}, first), sheriff), "AGENCY_KIND_NOT_ALLOWED");
  EXPECT_EQ(ask(Asking({one_, from_}, first), from_), "RECIPIENT_IS_SENDER");
  EXPECT_EQ(ask(Asking({one_, one_}, first), from_), "DUPLICATE_RECIPIENT");
  EXPECT_EQ(ask(Asking({one_}, v1::REFERRAL_MODE_DIRECT), from_), "MODE_NOT_BLIND");
  Agency nobody;
  nobody.id = coalition_->ids().New();
  EXPECT_EQ(ask(Asking({one_, nobody}, first), from_), "AGENCY_NOT_ACTIVE");
  EXPECT_EQ(ask(Asking(std::vector<Agency>(21, one_), first), from_), "TOO_MANY_ITEMS");
  Agency auditor = from_;
  auditor.caseworker.roles = {auth::Role::kAuditor};
  EXPECT_EQ(ask(Asking({one_}, first), auditor), "ROLE_NOT_ALLOWED");

  v1::OfferReferralRequest request = Asking({one_}, first);
  EXPECT_EQ(ask(request, from_), "ok");
  EXPECT_EQ(ask(request, from_), "ok") << "a repeat is the same call";
  request.set_request_id(coalition_->ids().New());
  request.clear_facets();
  request.clear_case_handle();
  EXPECT_EQ(ask(request, from_), "ALREADY_OFFERED");
  EXPECT_EQ(ask(request, two_), "FACETS_REQUIRED") << "not its draft";
  request.mutable_recipients(0)->set_recipient_agency_id(two_.id);
  request.set_mode(v1::REFERRAL_MODE_SURVIVOR_CHOOSES);
  EXPECT_EQ(ask(request, from_), "MODE_MISMATCH");
  request.set_mode(first);
  EXPECT_EQ(ask(request, from_), "ok") << "further agencies";
  EXPECT_EQ(Seen(from_, request.referral_id()).offers_size(), 2);
}

TEST_P(BlindTest, APacketFollowsAMatchAndNothingElse) {
  const v1::Referral asked = Asked({one_, two_});
  const consent_v1::Release to_one = ReleaseTo(one_, asked);
  EXPECT_EQ(ReasonOf(SendPacket(one_, asked, to_one)), "NOT_MATCHED");
  ASSERT_TRUE(coalition_->Accept(two_, OfferTo(asked, two_)));
  EXPECT_EQ(ReasonOf(SendPacket(one_, asked, to_one)), "PACKET_RECIPIENT_MISMATCH");
  EXPECT_EQ(ReasonOf(SendPacket(two_, asked, to_one)), "RELEASE_RECIPIENT_MISMATCH");
  v1::Referral another = asked;
  another.set_case_handle(coalition_->ids().New());
  EXPECT_EQ(ReasonOf(SendPacket(two_, asked, ReleaseTo(two_, another))),
            "RELEASE_SUBJECT_MISMATCH");
  EXPECT_EQ(ReasonOf(SendPacket(two_, asked, ReleaseTo(two_, asked))), "ok");
}

TEST_P(BlindTest, AMatchThatCameToNothingOpensTheNeedAgain) {
  const v1::Referral asked = Asked({one_, two_});
  EXPECT_EQ(ReasonOf(Reopen(from_, asked.id())), "ILLEGAL_TRANSITION");
  ASSERT_TRUE(coalition_->Accept(one_, OfferTo(asked, one_)));
  const consent_v1::Release once = ReleaseTo(one_, asked, consent_v1::RELEASE_ACTION_ONCE);
  ASSERT_EQ(ReasonOf(SendPacket(one_, asked, once)), "ok");
  ASSERT_EQ(ReasonOf(coalition_->Open(one_, from_, asked.id())), "ok");
  EXPECT_EQ(ReasonOf(Reopen(two_, asked.id())), "REFERRAL_NOT_FOUND") << "not its match";
  EXPECT_EQ(ReasonOf(Reopen(one_, asked.id(), "no_such")), "UNKNOWN_REASON_CODE");

  const auto reopened = Reopen(one_, asked.id(), "client_not_reached");
  ASSERT_TRUE(reopened) << ToString(reopened.error());
  const v1::Referral open = Seen(from_, asked.id());
  EXPECT_EQ(open.state(), v1::REFERRAL_STATE_OPEN);
  EXPECT_FALSE(open.has_packet());
  EXPECT_EQ(ReasonOf(coalition_->Open(one_, from_, asked.id())), "OFFER_NOT_OPEN");
  EXPECT_EQ(ReasonOf(coalition_->Open(from_, from_, asked.id())), "PACKET_NOT_SENT");
  EXPECT_EQ(Seen(one_, asked.id()).state(), v1::REFERRAL_STATE_CLOSED);

  // Offered again, to the one that was told it had gone elsewhere; under a release of its own.
  v1::OfferReferralRequest again = Asking({two_}, v1::REFERRAL_MODE_FIRST_TO_ACCEPT);
  again.set_referral_id(asked.id());
  again.clear_facets();
  again.clear_case_handle();
  const auto offered = Call<v1::OfferReferralResponse>(from_, "OfferReferral", again);
  ASSERT_TRUE(offered) << ToString(offered.error());
  ASSERT_EQ(offered->referral().offers_size(), 3);
  ASSERT_TRUE(coalition_->Accept(two_, offered->referral().offers(2).id()));
  ASSERT_EQ(ReasonOf(SendPacket(two_, asked, ReleaseTo(two_, asked))), "ok");
  const Result<std::string> opened = coalition_->Open(two_, from_, asked.id());
  ASSERT_TRUE(opened) << ToString(opened.error());
  EXPECT_EQ(*opened, kPacket);
  EXPECT_EQ(ReasonOf(coalition_->Open(one_, from_, asked.id())), "OFFER_NOT_OPEN");
}

TEST_P(BlindTest, AReleaseForOneDisclosureIsForOneAgency) {
  const v1::Referral asked = Asked({one_, two_});
  ASSERT_TRUE(coalition_->Accept(one_, OfferTo(asked, one_)));
  // Names both, and is for once.
  const auto draft = coalition_->DraftRelease(from_, one_,
                                              {.categories = {"needs"},
                                               .action = consent_v1::RELEASE_ACTION_ONCE,
                                               .case_handle = asked.case_handle(),
                                               .also_to = {two_.id}});
  ASSERT_TRUE(draft) << ToString(draft.error());
  const auto once = coalition_->Sign(from_, draft->id());
  ASSERT_TRUE(once) << ToString(once.error());
  ASSERT_EQ(ReasonOf(SendPacket(one_, asked, *once)), "ok");
  ASSERT_EQ(ReasonOf(Reopen(from_, asked.id())), "ok");
  v1::OfferReferralRequest again = Asking({two_}, v1::REFERRAL_MODE_FIRST_TO_ACCEPT);
  again.set_referral_id(asked.id());
  again.clear_facets();
  again.clear_case_handle();
  const auto offered = Call<v1::OfferReferralResponse>(from_, "OfferReferral", again);
  ASSERT_TRUE(offered) << ToString(offered.error());
  ASSERT_TRUE(coalition_->Accept(two_, offered->referral().offers(2).id()));
  EXPECT_EQ(ReasonOf(SendPacket(two_, asked, *once)), "RELEASE_ALREADY_USED");
}

TEST_P(BlindTest, AcceptingMayHoldABed) {
  const std::string beds = Beds(1);
  const v1::Referral asked = Asked({one_, two_});
  v1::AcceptOfferRequest accept;
  accept.set_request_id(coalition_->ids().New());
  accept.set_offer_id(OfferTo(asked, one_));
  accept.mutable_hold()->set_service_id(beds);
  accept.mutable_hold()->set_unit(directory_v1::CAPACITY_UNIT_BED);
  const auto accepted = Call<v1::AcceptOfferResponse>(one_, "AcceptOffer", accept);
  ASSERT_TRUE(accepted) << ToString(accepted.error());
  EXPECT_NE(accepted->hold_id(), "");
  EXPECT_EQ(FreeBeds(beds), 0);
  const auto again = Call<v1::AcceptOfferResponse>(one_, "AcceptOffer", accept);
  ASSERT_TRUE(again) << ToString(again.error());
  EXPECT_EQ(again->hold_id(), accepted->hold_id()) << "a repeat holds no second bed";

  const v1::Referral other = Asked({two_, three_});
  accept.set_request_id(coalition_->ids().New());
  accept.set_offer_id(OfferTo(other, two_));
  const auto without = Call<v1::AcceptOfferResponse>(two_, "AcceptOffer", accept);
  ASSERT_TRUE(without) << ToString(without.error());
  EXPECT_EQ(without->referral().state(), v1::REFERRAL_STATE_MATCHED);
  EXPECT_EQ(without->hold_id(), "");
  EXPECT_EQ(without->hold_refused_reason(), "NO_CAPACITY");
}

TEST_P(BlindTest, ACoordinatorSeesWhatWaitsInCodesAndMayAskOnceMore) {
  const auth::Actor coordinator = coalition_->MakeCoordinator();
  const auto list = [&](v1::HandOffStage stage, int page_size, std::string token = "") {
    v1::ListHandOffsRequest request;
    request.set_stage(stage);
    request.set_page_size(page_size);
    request.set_page_token(token);
    auto listed = coalition_->Call<v1::ListHandOffsResponse>(
        coordinator, std::string(kVerbs) + "ListHandOffs", request);
    EXPECT_TRUE(listed) << ToString(listed.error());
    return listed ? *listed : v1::ListHandOffsResponse();
  };
  EXPECT_EQ(list(v1::HAND_OFF_STAGE_WAITING, 10).hand_offs_size(), 0);
  const v1::Referral first = Asked({one_, two_, three_});
  const v1::Referral second = Asked({one_});
  ASSERT_TRUE(coalition_->Accept(one_, OfferTo(second, one_)));
  // Two pages, each offer once.
  const v1::ListHandOffsResponse page = list(v1::HAND_OFF_STAGE_WAITING, 2);
  ASSERT_EQ(page.hand_offs_size(), 2);
  EXPECT_EQ(page.hand_offs(0).stuck_code(), "not_delivered");
  EXPECT_EQ(page.hand_offs(0).need_code(), "shelter_bed");
  const v1::ListHandOffsResponse rest = list(v1::HAND_OFF_STAGE_WAITING, 2, page.next_page_token());
  ASSERT_EQ(rest.hand_offs_size(), 1);
  std::set<std::string> offers = {page.hand_offs(0).offer_id(), page.hand_offs(1).offer_id(),
                                  rest.hand_offs(0).offer_id()};
  EXPECT_EQ(offers.size(), 3U);
  const v1::ListHandOffsResponse matched = list(v1::HAND_OFF_STAGE_MATCHED, 10);
  ASSERT_EQ(matched.hand_offs_size(), 1);
  EXPECT_EQ(matched.hand_offs(0).stuck_code(), "packet_not_sent");
  EXPECT_EQ(matched.hand_offs(0).recipient_agency_id(), one_.id);

  v1::NudgeOfferRequest nudge;
  const auto asked = [&](const auth::Actor& by, const std::string& offer) {
    nudge.set_request_id(coalition_->ids().New());
    nudge.set_offer_id(offer);
    return ReasonOf(
        coalition_->Call<v1::NudgeOfferResponse>(by, std::string(kVerbs) + "NudgeOffer", nudge));
  };
  EXPECT_EQ(asked(coordinator, OfferTo(first, one_)), "ok");
  EXPECT_EQ(asked(coordinator, OfferTo(first, one_)), "NUDGED_LATELY");
  EXPECT_EQ(asked(coordinator, OfferTo(second, one_)), "OFFER_NOT_WAITING");
  EXPECT_EQ(asked(coordinator, coalition_->ids().New()), "OFFER_NOT_FOUND");
  EXPECT_EQ(asked(from_.caseworker, OfferTo(first, two_)), "ROLE_NOT_ALLOWED");
  EXPECT_THAT(Story(one_, first.id()), ::testing::ElementsAre("offered", "nudged"));
  EXPECT_THAT(Story(two_, first.id()), ::testing::ElementsAre("offered"));
}

TEST_P(BlindTest, WhatShouldNeverHaveBeenEndsAndItsPacketWithIt) {
  const v1::Referral asked = Asked({one_, two_});
  ASSERT_TRUE(coalition_->Accept(one_, OfferTo(asked, one_)));
  ASSERT_TRUE(SendPacket(one_, asked, ReleaseTo(one_, asked)));
  v1::EnterReferralInErrorRequest request;
  request.set_request_id(coalition_->ids().New());
  request.set_referral_id(asked.id());
  EXPECT_EQ(ReasonOf(Call<v1::EnterReferralInErrorResponse>(one_, "EnterReferralInError", request)),
            "REFERRAL_NOT_FOUND");
  EXPECT_EQ(
      ReasonOf(Call<v1::EnterReferralInErrorResponse>(from_, "EnterReferralInError", request)),
      "ok");
  EXPECT_EQ(ReasonOf(coalition_->Open(one_, from_, asked.id())), "OFFER_NOT_OPEN");
  EXPECT_EQ(ReasonOf(coalition_->Open(from_, from_, asked.id())), "PACKET_GONE");

  // A service that came to nothing is closed by who gave it.
  const v1::Referral other = Asked({one_, two_});
  ASSERT_TRUE(coalition_->Accept(one_, OfferTo(other, one_)));
  v1::CloseReferralRequest close;
  close.set_request_id(coalition_->ids().New());
  close.set_referral_id(other.id());
  close.set_reason_code("no_show");
  EXPECT_EQ(ReasonOf(Call<v1::CloseReferralResponse>(one_, "CloseReferral", close)),
            "NOT_IN_SERVICE");
  ASSERT_TRUE(coalition_->Start(one_, other.id()));
  EXPECT_EQ(ReasonOf(Call<v1::CloseReferralResponse>(one_, "CloseReferral", close)), "ok");
  EXPECT_EQ(Seen(from_, other.id()).state(), v1::REFERRAL_STATE_CLOSED);
  EXPECT_EQ(Seen(from_, other.id()).reason_code(), "no_show");
}

// Twenty accept at once, each wanting a bed held: one match, nineteen withdrawn, one hold.
TEST_P(BlindTest, RaceOfTwenty) {
  constexpr int kAgencies = 20;
  const char* wanted = std::getenv("FAIRLEAD_BLIND_ROUNDS");
  const int rounds = wanted != nullptr ? std::atoi(wanted) : 15;
  std::vector<Agency> agencies;
  for (int i = 0; i < kAgencies; ++i) {
    agencies.push_back(Add("Agency " + std::to_string(i), auth::AgencyKind::kHealthProvider));
  }
  const std::string beds = Beds(kAgencies);
  std::map<std::string, int> winners;
  for (int round = 0; round < rounds; ++round) {
    const v1::Referral asked = Asked(agencies);
    std::vector<v1::AcceptOfferRequest> requests(kAgencies);
    for (int i = 0; i < kAgencies; ++i) {
      v1::AcceptOfferRequest& request = requests[static_cast<size_t>(i)];
      request.set_request_id(coalition_->ids().New());
      request.set_offer_id(OfferTo(asked, agencies[static_cast<size_t>(i)]));
      request.mutable_hold()->set_service_id(beds);
      request.mutable_hold()->set_unit(directory_v1::CAPACITY_UNIT_BED);
    }
    std::vector<std::string> reasons(kAgencies);
    std::atomic<bool> go = false;
    std::string hold;
    {
      std::vector<std::jthread> threads;
      for (size_t i = 0; i < kAgencies; ++i) {
        threads.emplace_back([&, i] {
          go.wait(false);
          const auto answer =
              Call<v1::AcceptOfferResponse>(agencies[i], "AcceptOffer", requests[i]);
          reasons[i] = ReasonOf(answer);
          if (answer) hold = answer->hold_id();  // of one thread, or the counts below say so
        });
      }
      go = true;
      go.notify_all();
    }
    ASSERT_EQ(std::ranges::count(reasons, "ok"), 1) << "round " << round;
    ASSERT_EQ(std::ranges::count(reasons, "ALREADY_MATCHED"), kAgencies - 1);
    ASSERT_EQ(FreeBeds(beds), kAgencies - 1) << "one bed is held";
    const v1::Referral now = Seen(from_, asked.id());
    std::map<v1::OfferState, int> states;
    for (const v1::Offer& offer : now.offers()) ++states[offer.state()];
    ASSERT_EQ(states, (std::map<v1::OfferState, int>{{v1::OFFER_STATE_ACCEPTED, 1},
                                                     {v1::OFFER_STATE_WITHDRAWN, kAgencies - 1}}));
    directory_v1::ReleaseHoldRequest release;
    release.set_request_id(coalition_->ids().New());
    release.set_hold_id(hold);
    const auto winner = std::ranges::find(reasons, "ok") - reasons.begin();
    ++winners[agencies[static_cast<size_t>(winner)].name];
    const auto released = coalition_->Call<directory_v1::ReleaseHoldResponse>(
        agencies[static_cast<size_t>(winner)].caseworker, std::string(kBeds) + "ReleaseHold",
        release);
    ASSERT_TRUE(released) << ToString(released.error());
  }
  std::printf("%d rounds of %d, %zu agencies won some\n", rounds, kAgencies, winners.size());
}

INSTANTIATE_TEST_SUITE_P(Engines, BlindTest, ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& engine) {
                           return engine.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::testing
