// What comes next, for each party and state; and what asks before it ends something for good.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "fairlead/consent/v1/consent.pb.h"
#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/referral/v1/question.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "fairlead/referral/v1/routing.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/output.h"
#include "gateway/cli/packet_text.h"
#include "gateway/cli/release_check.h"
#include "gateway/cli/testing/cli_fixture.h"
#include "services/common/base/us_states.h"

namespace fairlead::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace v1 = referral::v1;

constexpr char kStepReferral[] = "01890a5d-ac96-774b-bcce-b302099a9101";
constexpr char kStepOffer[] = "01890a5d-ac96-774b-bcce-b302099a9102";
constexpr char kStepCase[] = "01890a5d-ac96-774b-bcce-b302099a9103";
constexpr char kStepRelease[] = "01890a5d-ac96-774b-bcce-b302099a9104";
constexpr char kStepNotice[] = "01890a5d-ac96-774b-bcce-b302099a9105";

class NextStepTest : public CliTest {
 protected:
  void SetUp() override { SignIn(); }

  // With one offer, from or to the own agency.
  static v1::Referral Make(bool sent, v1::ReferralState state, v1::OfferState offer_state) {
    v1::Referral referral;
    referral.set_id(kStepReferral);
    referral.set_case_handle(kStepCase);
    referral.set_sender_agency_id(sent ? kOwnAgency : kOtherAgency);
    referral.set_state(state);
    v1::Offer* offer = referral.add_offers();
    offer->set_id(kStepOffer);
    offer->set_recipient_agency_id(sent ? kOtherAgency : kOwnAgency);
    offer->set_state(offer_state);
    if (state != v1::REFERRAL_STATE_OPEN) offer->mutable_decide_time()->set_seconds(1);
    return referral;
  }
  static v1::Referral WithPacket(v1::Referral referral, int32_t opened_version) {
    referral.set_has_packet(true);
    referral.set_packet_version(1);
    referral.mutable_offers(0)->set_opened_version(opened_version);
    if (opened_version > 0) referral.mutable_offers(0)->mutable_open_time()->set_seconds(1);
    return referral;
  }
  // What `referral show` says to do.
  std::string Shown(const v1::Referral& referral) {
    v1::GetReferralResponse response;
    *response.mutable_referral() = referral;
    hub_.Answer(kGetReferral, response);
    EXPECT_EQ(Cli({"referral", "show", kStepReferral}), kExitOk) << err;
    const size_t at = err.find("Next: fairlead ");
    return at == std::string::npos ? "" : err.substr(at + std::string("Next: fairlead ").size());
  }
  bool WasCalled(std::string_view method) {
    for (const FakeRequest& each : hub_.requests()) {
      if (each.path == "/" + std::string(method)) return true;
    }
    return false;
  }
};

TEST_F(NextStepTest, TheRecipientReadsAcceptsStartsAndCompletes) {
  const std::string id = kStepReferral;
  const auto open = Make(false, v1::REFERRAL_STATE_OPEN, v1::OFFER_STATE_DELIVERED);
  EXPECT_EQ(Shown(WithPacket(open, 0)), "referral open " + id + "\n");
  EXPECT_EQ(Shown(WithPacket(open, 1)), "referral accept " + id + "\n");
  EXPECT_EQ(Shown(open), "referral accept " + id + "\n") << "asked by what stands in clear";
  v1::Referral chosen = open;
  chosen.set_mode(v1::REFERRAL_MODE_SURVIVOR_CHOOSES);
  EXPECT_EQ(Shown(chosen), "referral answer " + id + " yes\n");
  chosen.mutable_offers(0)->set_answer(v1::OFFER_ANSWER_YES);
  EXPECT_EQ(Shown(chosen), "referral watch " + id + "\n");
  const auto matched = Make(false, v1::REFERRAL_STATE_MATCHED, v1::OFFER_STATE_ACCEPTED);
  EXPECT_EQ(Shown(matched), "referral watch " + id + "\n") << "the packet has not come";
  EXPECT_EQ(Shown(WithPacket(matched, 0)), "referral open " + id + "\n");
  EXPECT_EQ(Shown(WithPacket(matched, 1)), "referral start " + id + "\n");
  const auto begun = Make(false, v1::REFERRAL_STATE_IN_SERVICE, v1::OFFER_STATE_ACCEPTED);
  EXPECT_EQ(Shown(WithPacket(begun, 1)), "referral complete " + id + " --outcome enrolled\n");
  const auto ended = Make(false, v1::REFERRAL_STATE_COMPLETED, v1::OFFER_STATE_ACCEPTED);
  EXPECT_EQ(Shown(WithPacket(ended, 1)), "referral timeline " + id + "\n");
  const auto elsewhere = Make(false, v1::REFERRAL_STATE_MATCHED, v1::OFFER_STATE_WITHDRAWN);
  EXPECT_EQ(Shown(elsewhere), "referral timeline " + id + "\n");
}

TEST_F(NextStepTest, TheSenderAnswersChoosesAndSendsThePacketUnderASignedRelease) {
  const std::string id = kStepReferral;
  v1::Referral open = Make(true, v1::REFERRAL_STATE_OPEN, v1::OFFER_STATE_DELIVERED);
  EXPECT_EQ(Shown(open), "referral watch " + id + "\n");
  open.mutable_offers(0)->set_state(v1::OFFER_STATE_QUESTION);
  open.mutable_offers(0)->add_questions()->set_question_code("pet");
  EXPECT_EQ(Shown(open), std::string("offer answer ") + kStepOffer + " pet ANSWER\n");
  open.mutable_offers(0)->set_state(v1::OFFER_STATE_DELIVERED);
  open.set_mode(v1::REFERRAL_MODE_SURVIVOR_CHOOSES);
  open.mutable_offers(0)->set_answer(v1::OFFER_ANSWER_MAYBE);
  EXPECT_EQ(Shown(open), "referral choose " + id + " --agency " + kOtherAgency + "\n");
  open.mutable_offers(0)->mutable_decide_time()->set_seconds(1);
  EXPECT_EQ(Shown(open), "referral offer-again " + id + " --to AGENCY\n");

  const auto matched = Make(true, v1::REFERRAL_STATE_MATCHED, v1::OFFER_STATE_ACCEPTED);
  hub_.Answer(kListReleases, consent::v1::ListReleasesResponse());
  EXPECT_THAT(Shown(matched), HasSubstr(std::string("release create --case ") + kStepCase +
                                        " --to " + kOtherAgency));
  EXPECT_THAT(err, HasSubstr("referral send-packet " + id + " --packet FILE --release @last"));
  consent::v1::ListReleasesResponse releases;
  consent::v1::Release* release = releases.add_releases();
  release->set_id(kStepRelease);
  release->set_state(consent::v1::RELEASE_STATE_DRAFT);
  release->add_recipient_agency_ids(kOtherAgency);
  hub_.Answer(kListReleases, releases);
  EXPECT_THAT(Shown(matched), HasSubstr(std::string("release sign ") + kStepRelease));
  release->set_state(consent::v1::RELEASE_STATE_ACTIVE);
  hub_.Answer(kListReleases, releases);
  EXPECT_EQ(Shown(matched),
            "referral send-packet " + id + " --packet FILE --release " + kStepRelease + "\n");
  EXPECT_EQ(Shown(WithPacket(matched, 0)), "referral watch " + id + "\n");
}

TEST_F(NextStepTest, WhoHasReadWhatWasTakenBackDestroysIt) {
  v1::Referral revoked =
      WithPacket(Make(false, v1::REFERRAL_STATE_MATCHED, v1::OFFER_STATE_ACCEPTED), 1);
  revoked.set_reason_code("release_revoked");
  hub_.Answer(kListDestroyNotices, consent::v1::ListDestroyNoticesResponse());
  EXPECT_THAT(Shown(revoked), HasSubstr("referral start")) << "the service may go on";
  consent::v1::ListDestroyNoticesResponse notices;
  consent::v1::DestroyNotice* notice = notices.add_notices();
  notice->set_id(kStepNotice);
  notice->add_referral_ids(kStepReferral);
  hub_.Answer(kListDestroyNotices, notices);
  EXPECT_EQ(Shown(revoked), std::string("release destroyed ") + kStepNotice + "\n");
  EXPECT_THAT(Advice({Code::kPermissionDenied, "RELEASE_REVOKED", "", {}}, {}),
              HasSubstr("fairlead release destroy-notices --open"));

  hub_.OnCall("/readyz", [](const FakeRequest&) {
    return FakeAnswer{.content_type = "text/plain", .body = "ok", .extra_headers = {}};
  });
  identity::v1::GetMeResponse me;
  me.mutable_staff()->add_roles(identity::v1::ROLE_CASEWORKER);
  hub_.Answer(kGetMe, me);
  hub_.Answer(kListReferrals, v1::ListReferralsResponse());
  EXPECT_EQ(Cli({"status"}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("1 request to destroy copies: fairlead release destroyed"));
  EXPECT_THAT(out, HasSubstr("0 in service"));
  me.mutable_staff()->set_roles(0, identity::v1::ROLE_COORDINATOR);
  hub_.Answer(kGetMe, me);
  EXPECT_EQ(Cli({"status"}), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr("Next: fairlead handoff list"));
}

TEST_F(NextStepTest, ASignedReleaseGoesWithThePacketThatIsOwed) {
  consent::v1::Release release;
  release.set_id(kStepRelease);
  release.set_case_handle(kStepCase);
  release.set_discloser_agency_id(kOwnAgency);
  release.add_recipient_agency_ids(kOtherAgency);
  release.add_categories("needs");
  release.add_purposes("referral");
  release.set_release_hash(ComputeReleaseHash(release).value());
  consent::v1::GetReleaseResponse got;
  *got.mutable_release() = release;
  hub_.Answer(kGetRelease, got);
  consent::v1::SignReleaseResponse signed_release;
  *signed_release.mutable_release() = release;
  hub_.Answer(kSignRelease, signed_release);
  directory::v1::GetAgencyResponse agency;
  agency.mutable_agency()->set_name("Open Door Legal Aid");
  hub_.Answer(kGetAgency, agency);
  v1::ListReferralsResponse sent;
  *sent.add_referrals() = Make(true, v1::REFERRAL_STATE_MATCHED, v1::OFFER_STATE_ACCEPTED);
  hub_.Answer(kListReferrals, sent);
  std::vector<std::string> sign = {"release",    "sign", kStepRelease, "--capacity",  "self",
                                   "--method",   "written", "--language", "en", "--statement",
                                   "all"};
  EXPECT_EQ(Cli(sign), kExitUsage) << "nobody said yes";
  EXPECT_THAT(err, HasSubstr("to Open Door Legal Aid: needs. Is all of this so?"));
  sign.emplace_back("--yes");
  ASSERT_EQ(Cli(sign), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr(std::string("Next: fairlead referral send-packet ") + kStepReferral));
  sent.mutable_referrals(0)->set_case_handle(kStepRelease);
  hub_.Answer(kListReferrals, sent);
  ASSERT_EQ(Cli(sign), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr("Next: fairlead referral send --packet")) << "of another case";

  in_is_terminal_ = true;
  EXPECT_EQ(Cli({"release", "revoke", kStepRelease}, "n\n"), kExitFailed);
  EXPECT_THAT(err, HasSubstr("to Open Door Legal Aid: needs)"));
  in_is_terminal_ = false;
  consent::v1::RevokeReleaseResponse revoked;
  *revoked.mutable_release() = release;
  hub_.Answer(kRevokeRelease, revoked);
  ASSERT_EQ(Cli({"release", "revoke", kStepRelease, "--yes"}), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr("The withdrawal is in force, recorded as by word of mouth"));
  EXPECT_THAT(out, Not(HasSubstr("Keys deleted")));
}

TEST_F(NextStepTest, AfterAFailedCreateLastNamesNoOlderOne) {
  consent::v1::Release release;
  release.set_id(kStepRelease);
  consent::v1::SignReleaseResponse answer;
  release.set_release_hash(ComputeReleaseHash(release).value());
  *answer.mutable_release() = release;
  hub_.Answer(kSignRelease, answer);
  consent::v1::GetReleaseResponse got;
  *got.mutable_release() = release;
  hub_.Answer(kGetRelease, got);
  ASSERT_EQ(Cli({"release", "sign", kStepRelease, "--capacity", "self", "--method", "written",
                 "--language", "en", "--statement", "all", "--yes"}),
            kExitOk)
      << err;
  EXPECT_EQ(Cli({"release", "show", "@last"}), kExitOk) << err;
  EXPECT_NE(Cli({"release", "create", "--to", "Nobody", "--category", "needs"}), kExitOk);
  EXPECT_EQ(Cli({"release", "show", "@last"}), kExitUsage);
  EXPECT_THAT(err, HasSubstr("@last names nothing: the command before"));
}

TEST_F(NextStepTest, WhatEndsForGoodAsksFirst) {
  const std::vector<std::vector<std::string>> ends = {
      {"referral", "cancel", kStepReferral, "--reason", "client_withdrew"},
      {"referral", "enter-in-error", kStepReferral}};
  for (const std::vector<std::string>& words : ends) {
    EXPECT_EQ(Cli(words), kExitUsage);
    EXPECT_THAT(err, HasSubstr("add --yes"));
    EXPECT_FALSE(WasCalled(kCancelReferral) || WasCalled(kEnterReferralInError));
  }
  v1::CancelReferralResponse cancelled;
  *cancelled.mutable_referral() =
      Make(true, v1::REFERRAL_STATE_CANCELLED, v1::OFFER_STATE_WITHDRAWN);
  hub_.Answer(kCancelReferral, cancelled);
  EXPECT_EQ(Cli({"referral", "cancel", kStepReferral, "--reason", "client_withdrew", "--yes"}),
            kExitOk)
      << err;
}

TEST_F(NextStepTest, AnAmendmentAsksBeforeFilesGo) {
  v1::GetReferralResponse got;
  *got.mutable_referral() =
      WithPacket(Make(true, v1::REFERRAL_STATE_OPEN, v1::OFFER_STATE_DELIVERED), 0);
  hub_.Answer(kGetReferral, got);
  v1::GetTimelineResponse timeline;
  for (const char* event : {"sent", "attachment_added", "attachment_added"}) {
    timeline.add_entries()->set_event(event);
  }
  hub_.Answer(kGetTimeline, timeline);
  const std::vector<std::string> amend = {"referral", "amend",     kStepReferral, "--packet",
                                          "none",     "--release", kStepRelease};
  EXPECT_EQ(Cli(amend), kExitUsage);
  EXPECT_THAT(err, HasSubstr("It takes 2 files away"));
  EXPECT_FALSE(WasCalled(kGetRelease)) << "nothing was begun";
  timeline.add_entries()->set_event("packet_amended");
  hub_.Answer(kGetTimeline, timeline);
  EXPECT_NE(Cli(amend), kExitOk);
  EXPECT_THAT(err, Not(HasSubstr("files away"))) << "they are gone already";
}

TEST_F(NextStepTest, AnOfferIsAskedAboutByItsReferralToo) {
  v1::GetReferralResponse got;
  *got.mutable_referral() = Make(false, v1::REFERRAL_STATE_OPEN, v1::OFFER_STATE_DELIVERED);
  hub_.Answer(kGetReferral, got);
  hub_.OnCall(kAskQuestion, [](const FakeRequest& asked) {
    v1::AskQuestionRequest request;
    EXPECT_TRUE(request.ParseFromString(asked.body));
    if (request.offer_id() != kStepOffer) {
      return Refusal(404, {Code::kNotFound, "REFERRAL_NOT_FOUND", "None.", {}});
    }
    return Protobuf(v1::AskQuestionResponse());
  });
  EXPECT_EQ(Cli({"offer", "ask", kStepReferral, "pet"}), kExitOk) << err;
  EXPECT_EQ(Cli({"offer", "ask", kStepOffer, "pet"}), kExitOk) << err;
}

TEST_F(NextStepTest, AdviceIsTrueOfWhatWasRefused) {
  const auto advice = [](const Error& error) { return Advice(error, {}); };
  EXPECT_EQ(advice({Code::kResourceExhausted, "NUDGED_LATELY", "", {{"retry_after_s", "899"}}}),
            "Try again in 15 min.");
  EXPECT_EQ(advice({Code::kUnavailable, "BUSY", "", {}}), "Try again in a moment.");
  EXPECT_THAT(advice({Code::kResourceExhausted,
                      "EXPORT_LIMIT_REACHED",
                      "",
                      {{"next_time", "2026-01-31T09:05:00Z"}}}),
              HasSubstr("can begin at 2026-01-31T09:05:00Z."));
  EXPECT_THAT(advice({Code::kFailedPrecondition,
                      "ILLEGAL_TRANSITION",
                      "",
                      {{"from", "closed"}, {"to", "matched"}, {"referral", kStepReferral}}}),
              HasSubstr(std::string("fairlead referral timeline ") + kStepReferral));
  EXPECT_THAT(advice({Code::kAlreadyExists, "OUTPUT_EXISTS", "",
                      {{"add", "--replace-attachments"}}}),
              HasSubstr("add --replace-attachments"));
  const Error second{Code::kFailedPrecondition, "SECOND_PERSON_NEEDED", "", {}};
  EXPECT_THAT(advice(second), HasSubstr("release confirm"));
  Error glass = second;
  glass.metadata["break_glass"] = kStepNotice;
  EXPECT_EQ(advice(glass), std::string("A colleague signs in and runs: fairlead breakglass "
                                       "approve ") +
                               kStepNotice);
}

TEST_F(NextStepTest, AnAgencyThatWasMeantIsNamedAndNotTaken) {
  directory::v1::ListAgenciesResponse agencies;
  agencies.add_agencies()->set_id(kOtherAgency);
  agencies.mutable_agencies(0)->set_name("Open Door Legal Aid");
  hub_.Answer(kListAgencies, agencies);
  hub_.Answer(kGetDoNotRoute, v1::GetDoNotRouteResponse());
  EXPECT_EQ(Cli({"case", "do-not-route", kStepCase, "--add", "open door", "--reason", "past_harm"}),
            kExitNotFound);
  EXPECT_THAT(err, HasSubstr("Did you mean Open Door Legal Aid?"));
  EXPECT_FALSE(WasCalled(kSetDoNotRoute));
  EXPECT_EQ(AsId("01890A5D-AC96-774B-BCCE-B302099A9103"), kStepCase);
  EXPECT_EQ(AsId("Harbor House"), "Harbor House");
}

TEST_F(NextStepTest, TheDemoGoesToTheHubWhoseFolderItReads) {
  SignIn({identity::v1::ROLE_COORDINATOR});
  const std::string data = folder_.File("data");
  std::filesystem::create_directories(data + "/demo");
  std::ofstream(data + "/demo/url") << hub_.url() << "\n";
  std::ofstream(data + "/demo/sign-ins.json")
      << R"({"passphrase":"p","people":[{"sign_in_name":"office.coordinator","roles":[],)"
      << R"("totp_uri":"otpauth://totp/x?secret=MZXW6"}]})";
  environment_.erase("FAIRLEAD_URL");
  const std::vector<std::string> use = {"demo", "use",       "office.coordinator", "--data",
                                        data,   "--profile", "fresh"};
  EXPECT_EQ(Cli(use), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr("handoff list"));
  environment_["FAIRLEAD_URL"] = "http://127.0.0.1:1";
  EXPECT_EQ(Cli(use), kExitUnavailable) << "named by the environment, which goes before";
}

TEST_F(NextStepTest, AStateIsItsLettersOrItsNumber) {
  for (const std::string& code : UsStates()) {
    const std::string fips = FipsOfUsState(code);
    EXPECT_EQ(fips.size(), 2U) << code;
    EXPECT_EQ(UsStateOfFips(fips), code);
  }
  EXPECT_EQ(FipsOfUsState("TX"), "48");
  EXPECT_EQ(FipsOfUsState("WY"), "56");
  EXPECT_EQ(FipsOfUsState("XX"), "");
  std::string asked;
  hub_.OnCall(kSearchServices, [&](const FakeRequest& request) {
    directory::v1::SearchServicesRequest search;
    EXPECT_TRUE(search.ParseFromString(request.body));
    asked = search.state();
    return Protobuf(directory::v1::SearchServicesResponse());
  });
  for (const char* state : {"TX", "48"}) {
    EXPECT_EQ(Cli({"directory", "search", "--state", state}), kExitOk) << err;
    EXPECT_EQ(asked, "48");
  }
}

TEST(PacketTextTest, IsReadAndHoldsNoKey) {
  const std::string key(43, 'A');
  EXPECT_EQ(PacketText(R"({"needs":{"tonight":true,"notes":"one\ntwo","for":["a",{"b":1}]},)"
                       R"("health":"none known"})"),
            "needs:\n  tonight: yes\n  notes: one\n    two\n  for:\n    - a\n    -\n      b: 1\n"
            "health: none known\n");
  const std::string with = PacketText(
      R"({"documents":{"attachments":[{"id":"01890a5d-ac96-774b-bcce-b302099a9103","name":"a.pdf",)"
      R"("bytes":2049,"sha256":")" + key + R"(","key":")" + key + R"("}]}})");
  EXPECT_EQ(with, "documents:\n  attachments:\n    - a.pdf, 3 KB\n");
  EXPECT_THAT(PacketText(R"({"documents":{"attachments":[{"key":"secret"}]}})"),
              Not(HasSubstr("secret")));
  EXPECT_EQ(PacketText("no JSON \x1b[2J"), "no JSON ?[2J\n");
}

}  // namespace
}  // namespace fairlead::cli
