// What a person is told to do next: commands that work when they are copied, and words that say
// what is wrong and what would be right.
#include <gmock/gmock.h>

#include <fstream>

#include "fairlead/audit/v1/audit.pb.h"
#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/directory/v1/membership.pb.h"
#include "fairlead/identity/v1/identity.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/output.h"
#include "gateway/cli/testing/cli_fixture.h"
#include "services/common/base/clock.h"

namespace fairlead::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kReferral[] = "01890a5d-ac96-774b-bcce-b302099a8003";

class WordsTest : public CliTest {
 protected:
  void Refuse(std::string_view method, int status, const Error& error) {
    hub_.OnCall(method, [=](const FakeRequest&) { return Refusal(status, error); });
  }
};

TEST_F(WordsTest, ACommandThatIsShownIsCalledAsThisOneWas) {
  options_.program = "./fairlead";
  identity::v1::SignInResponse response;
  response.mutable_staff()->set_agency_id(kOwnAgency);
  hub_.Answer(kSignIn, response);
  EXPECT_EQ(Cli({"login", "ana", "--passphrase-stdin", "--totp-stdin", "--url", hub_.url(),
                 "--profile", "harbor"},
                "four plain words here\n287082\n"),
            kExitOk)
      << err;
  const std::string mine = "./fairlead --url " + hub_.url() + " --profile harbor ";
  EXPECT_THAT(err, HasSubstr("Next: " + mine + "key join"));
  Refuse(kGetMe, 401, {Code::kUnauthenticated, "SESSION_INVALID", "It has ended.", {}});
  EXPECT_EQ(Cli({"whoami", "--url", hub_.url(), "--profile", "harbor"}), kExitNotAllowed);
  EXPECT_THAT(err, HasSubstr("To do:   Sign in again: " + mine + "login"));
  EXPECT_EQ(Cli({"whoami"}), kExitNotAllowed);
  EXPECT_THAT(err, HasSubstr("Sign in again: ./fairlead login"));
  EXPECT_EQ(Cli({"release", "rewoke"}), kExitUsage);
  EXPECT_THAT(err, HasSubstr("See: ./fairlead release --help"));
}

TEST_F(WordsTest, AColleagueGetsNeitherProfileNorFlags) {
  SignIn();
  hub_.Answer(kInviteStaff, identity::v1::InviteStaffResponse());
  EXPECT_EQ(Cli({"user", "invite", "--name", "N", "--role", "caseworker", "--url", hub_.url()}),
            kExitOk)
      << err;
  EXPECT_THAT(err, HasSubstr("Next: fairlead user accept "));
  Refuse(kGetMe, 400, {Code::kFailedPrecondition, "DEVICE_NOT_CONFIRMED", "Not yet.", {}});
  EXPECT_EQ(Cli({"whoami", "--profile", "harbor"}), kExitConflict);
  EXPECT_THAT(err, HasSubstr("An administrator runs: fairlead key confirm DEVICE"));
}

TEST_F(WordsTest, AWordOfAShellIsQuotedWhenItNeedsToBe) {
  EXPECT_EQ(ShellWord("./fairlead"), "./fairlead");
  EXPECT_EQ(ShellWord("a b"), "'a b'");
  EXPECT_EQ(ShellWord("it's"), "'it'\\''s'");
  EXPECT_EQ(ShellWord(""), "''");
  EXPECT_EQ(ProgramName(nullptr), "fairlead");
  EXPECT_EQ(ProgramName("\x1b[2J"), "fairlead");
  EXPECT_EQ(ProgramName("/opt/my tools/fairlead"), "'/opt/my tools/fairlead'");
}

TEST_F(WordsTest, HelpBeginsWithEverydaysAndEndsWithTheHub) {
  options_.extra_verbs["bench"] = {"Measure", [](const std::vector<std::string>&) { return 0; }};
  EXPECT_EQ(Cli({"--help"}), kExitOk);
  const auto at = [this](const char* line) { return out.find(std::string("\n  ") + line); };
  EXPECT_LT(at("referral "), at("release "));
  EXPECT_LT(at("release "), at("user "));
  EXPECT_LT(at("doctor "), out.find("To run a hub"));
  EXPECT_LT(out.find("To run a hub"), at("setup "));
  EXPECT_LT(at("setup "), at("bench "));
  EXPECT_NE(at("bench "), std::string::npos);
  EXPECT_THAT(out, HasSubstr("./fairlead test"));
  EXPECT_THAT(out, HasSubstr("(1 to 600)"));
  EXPECT_THAT(out, Not(HasSubstr("[1 - 600]")));
}

TEST_F(WordsTest, WhatTheCommandLineHasToMendIsUsage) {
  EXPECT_EQ(Cli({"whoami", "--url", "http://hub.example.org"}), kExitUsage);
  EXPECT_THAT(err, HasSubstr("INSECURE_URL"));
  std::ofstream(folder_.File("phrase")) << "four plain words here\n";
  std::filesystem::permissions(folder_.File("phrase"), std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(Cli({"login", "ana", "--passphrase-file", folder_.File("phrase")}), kExitUsage);
  EXPECT_THAT(err, HasSubstr("SECRET_FILE_OPEN_TO_ALL"));
  EXPECT_TRUE(hub_.requests().empty());
}

TEST_F(WordsTest, AWrongCodeNamesTheRightOnes) {
  SignIn();
  Refuse(kSearchServices, 400,
         {Code::kInvalidArgument, "UNKNOWN_NEED_CODE", "No.", {{"field", "need_code"}}});
  directory::v1::ListNeedsResponse needs;
  needs.add_needs()->set_code("shelter_bed");
  needs.add_needs()->set_code("urgent_medical");
  hub_.Answer(kListNeeds, needs);
  EXPECT_EQ(Cli({"directory", "search", "--need", "urgent_medcal"}), kExitUsage)
      << "as for a word that this program finds wrong itself";
  EXPECT_THAT(err, HasSubstr("Did you mean 'urgent_medical'?"));
  EXPECT_THAT(err, HasSubstr("directory needs"));
  const Error reason{Code::kInvalidArgument, "UNKNOWN_REASON_CODE", "No such reason.", {}};
  Refuse(kDeclineOffer, 400, reason);
  EXPECT_EQ(Cli({"referral", "decline", kReferral, "--offer", "o", "--reason", "full"}),
            kExitFailed);
  EXPECT_THAT(err, HasSubstr("There are: no_capacity, "));
  Refuse(kCancelReferral, 400, reason);
  EXPECT_EQ(Cli({"referral", "cancel", kReferral, "--reason", "x", "--yes"}), kExitFailed);
  EXPECT_THAT(err, HasSubstr("There are: client_withdrew, "));
  Refuse(kCompleteReferral, 400, {Code::kInvalidArgument, "UNKNOWN_OUTCOME_CODE", "No.", {}});
  EXPECT_EQ(Cli({"referral", "complete", kReferral, "--outcome", "x"}), kExitFailed);
  EXPECT_THAT(err, HasSubstr("There are: enrolled, "));
}

TEST_F(WordsTest, AStepTooEarlySaysWhatComesBefore) {
  SignIn();
  Refuse(kCompleteReferral, 400,
         {Code::kFailedPrecondition,
          "ILLEGAL_TRANSITION",
          "It is open.",
          {{"from", "open"}, {"to", "completed"}}});
  EXPECT_EQ(Cli({"referral", "complete", kReferral, "--outcome", "enrolled"}), kExitConflict);
  EXPECT_THAT(err, HasSubstr("Accept it, then start, then complete: fairlead referral accept"));
  Refuse(kSetUp, 403, {Code::kPermissionDenied, "SET_UP_CODE_INVALID", "No.", {}});
  EXPECT_EQ(Cli({"setup", "--agency-name", "O", "--coordinator", "A,B", "--code-stdin"}, "x\n"),
            kExitNotAllowed);
  EXPECT_THAT(err, HasSubstr("data/setup-code"));

  Refuse(kActivateAgency, 400,
         {Code::kFailedPrecondition, "MEMBERSHIP_STATE_CONFLICT", "It cannot.", {}});
  directory::v1::GetAgencyResponse agency;
  agency.mutable_agency()->set_membership(directory::v1::MEMBERSHIP_STATE_APPLIED);
  hub_.Answer(kGetAgency, agency);
  directory::v1::ListMembershipChangesResponse changes;
  changes.add_changes();
  hub_.Answer(kListMembershipChanges, changes);
  EXPECT_EQ(Cli({"agency", "activate", kOtherAgency}), kExitConflict);
  EXPECT_THAT(err, HasSubstr("it still needs 2 sponsors."));
  changes.add_changes()->set_is_sponsorship(true);
  hub_.Answer(kListMembershipChanges, changes);
  EXPECT_EQ(Cli({"agency", "activate", kOtherAgency}), kExitConflict);
  EXPECT_THAT(err, HasSubstr("it still needs 1 sponsor."));
}

TEST_F(WordsTest, AListBeginsWithWhatIsMostUrgentAndFitsTheScreen) {
  SignIn();
  const int64_t now_s = SystemClock().NowMs() / 1000;
  directory::v1::GetAgencyResponse agency;
  agency.mutable_agency()->set_name("The Northside Community Clinic of the Two Counties");
  hub_.Answer(kGetAgency, agency);
  referral::v1::ListReferralsResponse list;
  const auto add = [&](char last, referral::v1::Urgency urgency, int64_t due_s, bool open) {
    referral::v1::Referral* each = list.add_referrals();
    each->set_id(std::string("01890a5d-ac96-774b-bcce-b302099a900") + last);
    each->set_has_packet(true);
    each->set_sender_agency_id(kOtherAgency);
    each->mutable_facets()->set_need_code("urgent_medical");
    each->mutable_facets()->set_urgency(urgency);
    each->set_state(open ? referral::v1::REFERRAL_STATE_OPEN
                         : referral::v1::REFERRAL_STATE_IN_SERVICE);
    referral::v1::Offer* offer = each->add_offers();
    offer->set_recipient_agency_id(kOwnAgency);
    offer->mutable_expire_time()->set_seconds(now_s + due_s);
    if (!open) offer->mutable_decide_time()->set_seconds(now_s);
  };
  add('1', referral::v1::URGENCY_EMERGENCY, 60, false);
  add('2', referral::v1::URGENCY_URGENT, 5 * 3600, true);
  add('3', referral::v1::URGENCY_URGENT, 3 * 3600, true);
  add('4', referral::v1::URGENCY_EMERGENCY, 6 * 3600, true);
  const auto next = [&](int row, referral::v1::ClockStep step) {
    list.mutable_referrals(row)->mutable_offers(0)->set_next_step(step);
  };
  next(1, referral::v1::CLOCK_STEP_REMIND);
  next(2, referral::v1::CLOCK_STEP_ESCALATE_ADMIN);
  next(3, referral::v1::CLOCK_STEP_EXPIRE);
  hub_.Answer(kListReferrals, list);
  EXPECT_EQ(Cli({"referral", "list"}), kExitOk) << err;
  std::string order;
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(Width(line), 100U) << line;
    order += line.back();
  }
  EXPECT_EQ(order, "L4321") << "the heading, then by haste; what is answered waits for nobody";
  EXPECT_THAT(out, HasSubstr("3 h"));
  EXPECT_THAT(out, HasSubstr("open (reminded)"));
  EXPECT_THAT(out, HasSubstr("open (escalated)"));
  EXPECT_THAT(out, HasSubstr("The Northsi…"));
  EXPECT_THAT(err, HasSubstr("Next: fairlead referral open 01890a5d-ac96-774b-bcce-b302099a9004"));
  hub_.Answer(kListReferrals, referral::v1::ListReferralsResponse());
  EXPECT_EQ(Cli({"referral", "list"}), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr("referral list --box sent"));
  EXPECT_THAT(err, Not(HasSubstr("referral open")));
}

TEST_F(WordsTest, AnOfferSaysWhatItsClockHasDoneAndDoesNext) {
  SignIn();
  const std::string id = "01890a5d-ac96-774b-bcce-b302099a9001";
  const int64_t now_s = SystemClock().NowMs() / 1000;
  const auto show = [&](referral::v1::ClockStep step, int64_t in_s) {
    referral::v1::GetReferralResponse response;
    response.mutable_referral()->set_id(id);
    referral::v1::Offer* offer = response.mutable_referral()->add_offers();
    offer->mutable_expire_time()->set_seconds(now_s + 4 * 3600);
    offer->set_next_step(step);
    offer->mutable_next_step_time()->set_seconds(now_s + in_s);
    hub_.Answer(kGetReferral, response);
    EXPECT_EQ(Cli({"referral", "show", id}), kExitOk) << err;
    return out;
  };
  EXPECT_THAT(show(referral::v1::CLOCK_STEP_REMIND, 15 * 60 + 9),
              HasSubstr("answer due in 4 h; a reminder in 15 min"));
  EXPECT_THAT(show(referral::v1::CLOCK_STEP_ESCALATE_ADMIN, 15 * 60 + 9),
              HasSubstr("; reminded, administrators are told in 15 min"));
  EXPECT_THAT(show(referral::v1::CLOCK_STEP_ESCALATE_COORDINATOR, 30 * 60 + 9),
              HasSubstr("; administrators were told, coordinators are in 30 min"));
  EXPECT_THAT(show(referral::v1::CLOCK_STEP_EXPIRE, 4 * 3600),
              HasSubstr("answer due in 4 h; administrators and coordinators were told"));
}

TEST_F(WordsTest, WhatComesNextIsWhatThisPersonMayDo) {
  hub_.OnCall("/readyz", [](const FakeRequest&) {
    return FakeAnswer{.content_type = "text/plain", .body = "ok", .extra_headers = {}};
  });
  EXPECT_EQ(Cli({"status"}), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr("a hub that nobody has set up yet: fairlead setup"));
  SignIn();
  hub_.Answer(kListAuditRecords, audit::v1::ListAuditRecordsResponse());
  hub_.Answer(kGetMe, identity::v1::GetMeResponse());
  EXPECT_EQ(Cli({"audit", "query"}), kExitOk) << err;
  EXPECT_THAT(err, Not(HasSubstr("audit export")));
  identity::v1::GetMeResponse auditor;
  auditor.mutable_staff()->add_roles(identity::v1::ROLE_AUDITOR);
  hub_.Answer(kGetMe, auditor);
  EXPECT_EQ(Cli({"audit", "query"}), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr("Next: fairlead audit export"));
}

TEST_F(WordsTest, TheDemoNamesRolesAsTheFlagsDo) {
  std::filesystem::create_directories(folder_.File("data") + "/demo");
  std::ofstream(folder_.File("data") + "/demo/sign-ins.json")
      << R"({"passphrase":"p","people":[{"sign_in_name":"office.coordinator",)"
      << R"("roles":["coordinator","agency_admin"],"totp_uri":"x"}]})";
  EXPECT_EQ(Cli({"demo", "--data", folder_.File("data")}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("coordinator, agency_admin"));
}

TEST_F(WordsTest, TheDemoSaysWhatABrowserAsksFor) {
  const std::string data = folder_.File("data");
  std::filesystem::create_directories(data + "/demo");
  std::ofstream(data + "/demo/sign-ins.json")
      << R"({"passphrase":"p","people":[{"sign_in_name":"harbor.admin",)"
      << R"("totp_uri":"otpauth://totp/x?secret=MZXW6"}]})";
  EXPECT_EQ(Cli({"--json", "demo", "code", "harbor.admin", "--data", data}), kExitOk) << err;
  EXPECT_THAT(out, ::testing::ContainsRegex("\"passphrase\":\"p\",\"code\":\"[0-9]{6}\""));
  EXPECT_NE(Cli({"demo", "code", "harbor.admim", "--data", data}), kExitOk);
  EXPECT_THAT(err, HasSubstr("Did you mean 'harbor.admin'?"));
}

}  // namespace
}  // namespace fairlead::cli
