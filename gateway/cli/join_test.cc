// Set-up, invitations, sign-in and step-up, as somebody at the command line sees them.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/client.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/testing/cli_fixture.h"
#include "services/common/base/clock.h"
#include "services/common/base/encoding.h"
#include "services/common/base/totp.h"

namespace fairlead::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace v1 = identity::v1;

constexpr char kCode[] = "LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ";

class JoinTest : public CliTest {
 protected:
  std::string Text(const std::string& name) {
    std::ifstream in(folder_.File(name));
    return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  }
  std::string PrivateFile(const std::string& name, const std::string& text) {
    std::ofstream(folder_.File(name)) << text;
    ::chmod(folder_.File(name).c_str(), 0600);
    return folder_.File(name);
  }
};

TEST_F(JoinTest, SecretsComeFromNowhereElse) {
  EXPECT_EQ(Cli({"login", "ana"}), kExitUsage);
  EXPECT_THAT(err, HasSubstr("--passphrase-file"));
  EXPECT_EQ(Cli({"login", "ana", "--passphrase", "x"}), kExitUsage);
  EXPECT_EQ(Cli({"login", "ana", "--totp", "287082"}), kExitUsage);
  EXPECT_EQ(Cli({"login", "ana", "--passphrase-file", folder_.File("none")}), kExitUsage);
  EXPECT_EQ(Cli({"login", "ana", "--passphrase-stdin"}, "plain words\n"), kExitUsage);
  EXPECT_THAT(err, HasSubstr("--totp-file"));
  EXPECT_EQ(Cli({"user", "accept", std::string("http://h/join#") + kCode}), kExitUsage);
  EXPECT_TRUE(hub_.requests().empty());
}

TEST_F(JoinTest, SetUpAsksForWhatIsNotGivenAndShowsTwoLinks) {
  EXPECT_EQ(Cli({"setup", "--code-stdin"}), kExitUsage);
  EXPECT_THAT(err, HasSubstr("--agency-name"));
  in_is_terminal_ = true;
  hub_.Answer(kSetUp, v1::SetUpResponse());
  EXPECT_EQ(Cli({"setup"}, "The Office\nAna\nBen\ncode\n"), kExitOk) << err;
  const auto request = Sent<v1::SetUpRequest>(kSetUp);
  EXPECT_EQ(request.agency_name(), "The Office");
  EXPECT_EQ(request.set_up_code(), "code");
  ASSERT_EQ(request.coordinators_size(), 2);
  EXPECT_EQ(request.coordinators(1).display_name(), "Ben");
  for (const v1::FirstCoordinator& person : request.coordinators()) {
    // The hub has the hash of what the link says, and nothing else of it.
    const size_t at = out.find(BrowserUrl(hub_.url()) + "/join#", out.find(person.display_name()));
    ASSERT_NE(at, std::string::npos);
    const std::string code = out.substr(at + hub_.url().size() + 6, 43);
    EXPECT_EQ(Base64UrlEncode(Sha256(code)), person.invitation_code_sha256());
  }
  EXPECT_NE(request.coordinators(0).invitation_code_sha256(),
            request.coordinators(1).invitation_code_sha256());
}

TEST_F(JoinTest, AnInvitationsLinkMayGoToAFile) {
  SignIn();
  v1::InviteStaffResponse response;
  response.mutable_invitation()->set_display_name("New");
  hub_.Answer(kInviteStaff, response);
  const std::string file = folder_.File("link");
  EXPECT_EQ(Cli({"user", "invite", "--name", "New", "--role", "caseworker", "--link-file", file}),
            kExitOk)
      << err;
  const std::string link = Text("link");
  const std::string code = link.substr(link.find('#') + 1, 43);
  EXPECT_EQ(Sent<v1::InviteStaffRequest>(kInviteStaff).code_sha256(),
            Base64UrlEncode(Sha256(code)));
  EXPECT_EQ(Sent<v1::InviteStaffRequest>(kInviteStaff).agency_id(), kOwnAgency);
  EXPECT_THAT(out + err, Not(HasSubstr(code)));
  EXPECT_EQ(Cli({"user", "invite", "--name", "New", "--role", "caseworker", "--link-file", file}),
            kExitConflict)
      << "a file is never overwritten";
  hub_.OnCall(kInviteStaff, [](const FakeRequest&) {
    return Refusal(403, {Code::kPermissionDenied, "ROLE_NOT_ALLOWED", "no", {}});
  });
  EXPECT_EQ(Cli({"user", "invite", "--name", "New", "--role", "caseworker", "--link-file",
                 folder_.File("other")}),
            kExitNotAllowed);
  EXPECT_EQ(Text("other"), "") << "what came to nothing leaves nothing";
}

TEST_F(JoinTest, AcceptingMakesSecretAndRecoveryCodesHere) {
  hub_.Answer(kAcceptInvitation, v1::AcceptInvitationResponse());
  const std::vector<std::string> accept = {
      "user",
      "accept",
      "--sign-in-name",
      "new.one",
      "--link-file",
      PrivateFile("link", hub_.url() + "/join#" + kCode + "\n"),
      "--passphrase-file",
      PrivateFile("phrase", "five plain words go here\n"),
      "--totp-file",
      folder_.File("totp"),
      "--recovery-file",
      folder_.File("recovery")};
  EXPECT_EQ(Cli(accept), kExitOk) << err;
  const auto request = Sent<v1::AcceptInvitationRequest>(kAcceptInvitation);
  EXPECT_EQ(request.code(), kCode);
  EXPECT_EQ(request.passphrase().passphrase(), "five plain words go here");
  std::string uri = Text("totp");
  uri.pop_back();
  EXPECT_EQ(SecretOfOtpauthUri(uri), request.passphrase().totp_secret());
  EXPECT_EQ(request.passphrase().totp_secret().size(), kTotpSecretBytes);
  ASSERT_EQ(request.passphrase().recovery_code_sha256s_size(), 10);
  std::istringstream lines(Text("recovery"));
  std::string line;
  for (int i = 0; std::getline(lines, line); ++i) {
    std::erase(line, '-');
    EXPECT_EQ(Base64UrlEncode(Sha256(line)), request.passphrase().recovery_code_sha256s(i));
  }
  for (const char* file : {"totp", "recovery"}) {
    struct stat status {};
    ASSERT_EQ(::stat(folder_.File(file).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U) << file;
  }
  const std::string kept = Text("totp");
  EXPECT_EQ(Cli(accept), kExitConflict);
  EXPECT_EQ(Text("totp"), kept) << "another account's secret stays";
}

TEST_F(JoinTest, ARefusedInvitationLeavesNoFiles) {
  hub_.OnCall(kAcceptInvitation, [](const FakeRequest&) {
    return Refusal(403, {Code::kPermissionDenied, "INVITATION_INVALID", "no", {}});
  });
  EXPECT_EQ(
      Cli({"user", "accept", "--sign-in-name", "new.one", "--link-stdin", "--passphrase-stdin",
           "--totp-file", folder_.File("totp"), "--recovery-file", folder_.File("recovery")},
          std::string(kCode) + "\nfive plain words go here\n"),
      kExitNotAllowed);
  EXPECT_FALSE(std::filesystem::exists(folder_.File("totp")));
  EXPECT_FALSE(std::filesystem::exists(folder_.File("recovery")));
  EXPECT_EQ(
      Cli({"user", "accept", "--sign-in-name", "new.one", "--link-stdin", "--passphrase-stdin",
           "--totp-file", folder_.File("totp"), "--recovery-file", folder_.File("recovery")},
          "http://hub/join\nfive plain words go here\n"),
      kExitUsage);
}

TEST_F(JoinTest, WhatMayHaveHappenedKeepsItsFiles) {
  const auto hang_up = [](const FakeRequest&) {
    return FakeAnswer{.content_type = {}, .body = {}, .extra_headers = {}, .hang_up = true};
  };
  hub_.OnCall(kAcceptInvitation, hang_up);
  EXPECT_EQ(
      Cli({"user", "accept", "--sign-in-name", "new.one", "--link-stdin", "--passphrase-stdin",
           "--totp-file", folder_.File("totp"), "--recovery-file", folder_.File("recovery")},
          std::string(kCode) + "\nfive plain words go here\n"),
      kExitUnavailable);
  EXPECT_THAT(err, HasSubstr("ANSWER_LOST"));
  EXPECT_THAT(err, HasSubstr("try to sign in as new.one"));
  EXPECT_TRUE(std::filesystem::exists(folder_.File("totp")));
  EXPECT_TRUE(std::filesystem::exists(folder_.File("recovery")));
  // The first try made the account, and no answer of it came: the second is refused.
  ::unlink(folder_.File("totp").c_str());
  ::unlink(folder_.File("recovery").c_str());
  int tries = 0;
  hub_.OnCall(kAcceptInvitation, [&](const FakeRequest& request) {
    return ++tries == 1
               ? hang_up(request)
               : Refusal(403, {Code::kPermissionDenied, "INVITATION_INVALID", "no", {}});
  });
  EXPECT_EQ(
      Cli({"user", "accept", "--sign-in-name", "new.one", "--link-stdin", "--passphrase-stdin",
           "--totp-file", folder_.File("totp"), "--recovery-file", folder_.File("recovery")},
          std::string(kCode) + "\nfive plain words go here\n"),
      kExitNotAllowed);
  EXPECT_TRUE(std::filesystem::exists(folder_.File("totp")));
  SignIn();
  hub_.OnCall(kInviteStaff, hang_up);
  EXPECT_EQ(Cli({"user", "invite", "--name", "New", "--role", "caseworker", "--link-file",
                 folder_.File("link")}),
            kExitUnavailable);
  EXPECT_THAT(Text("link"), HasSubstr("/join#"));
  EXPECT_EQ(Cli({"user", "invite", "--name", "New", "--role", "integration"}), kExitUsage);
  EXPECT_THAT(err, HasSubstr("machine create"));
}

TEST_F(JoinTest, ANameOrPassphraseThatTheHubWouldRefuseIsRefusedWhenItIsGiven) {
  in_is_terminal_ = true;
  const std::string link = std::string(kCode) + "\n";
  EXPECT_EQ(Cli({"user", "accept"}, link + "Ana López\n"), kExitUsage);
  EXPECT_THAT(err, HasSubstr("INVALID_SIGN_IN_NAME"));
  EXPECT_THAT(err, HasSubstr("3 to 64 small letters"));
  EXPECT_THAT(err, Not(HasSubstr("New passphrase")));
  EXPECT_EQ(Cli({"user", "accept"}, link + "ana.lopez\nshort words\n"), kExitUsage);
  EXPECT_THAT(err, HasSubstr("PASSPHRASE_TOO_SHORT"));
  EXPECT_THAT(err, Not(HasSubstr("The same again")));
  EXPECT_EQ(Cli({"user", "accept"}, link + "ana.lopez\nana.lopez.ana.lopez\n"), kExitUsage);
  EXPECT_THAT(err, HasSubstr("PASSPHRASE_TOO_COMMON"));
  EXPECT_EQ(Calls(kAcceptInvitation), 0U);
}

TEST_F(JoinTest, WhatIsWrongIsAskedForAgainAndNothingEnteredIsLost) {
  in_is_terminal_ = true;
  std::vector<std::string> secrets;
  hub_.OnCall(kAcceptInvitation, [&](const FakeRequest& raw) {
    v1::AcceptInvitationRequest request;
    request.ParseFromString(raw.body);
    secrets.push_back(request.passphrase().totp_secret());
    if (request.passphrase().totp_code() == "111111") {
      return Refusal(400, {Code::kInvalidArgument, "TOTP_CODE_INVALID", "Wrong code.", {}});
    }
    if (request.sign_in_name() == "ana.lopez") {
      return Refusal(409, {Code::kAlreadyExists, "SIGN_IN_NAME_TAKEN", "Taken.", {}});
    }
    return Protobuf(v1::AcceptInvitationResponse());
  });
  EXPECT_EQ(Cli({"user", "accept"}, std::string(kCode) +
                                        "\nAna López\nana.lopez\nshort\n"
                                        "five plain words go here\nfive plain words go there\n"
                                        "five plain words go here\nfive plain words go here\n"
                                        "111111\n222222\nana.maria\n"),
            kExitOk)
      << err;
  EXPECT_THAT(err, HasSubstr("3 to 64 small letters"));
  EXPECT_THAT(err, HasSubstr("The two passphrases differ"));
  EXPECT_THAT(err, HasSubstr("That code is not right"));
  EXPECT_THAT(err, HasSubstr("Somebody has this sign-in name"));
  EXPECT_EQ(Sent<v1::AcceptInvitationRequest>(kAcceptInvitation).sign_in_name(), "ana.maria");
  EXPECT_THAT(secrets, ::testing::Each(secrets.front())) << "it is in the authenticator";
  secrets.clear();
  EXPECT_EQ(Cli({"user", "accept"}, std::string(kCode) + "\nana.maria\nfive plain words go here\n"
                                                         "five plain words go here\n111111\n"
                                                         "111111\n111111\n222222\n"),
            kExitFailed);
  EXPECT_THAT(err, HasSubstr("TOTP_CODE_INVALID"));
  EXPECT_EQ(secrets.size(), 3U);
}

TEST_F(JoinTest, ASpentLinkIsRefusedBeforeAnythingIsAsked) {
  in_is_terminal_ = true;
  hub_.OnCall(kBeginInvitedPasskey, [](const FakeRequest&) {
    return Refusal(403, {Code::kPermissionDenied, "INVITATION_INVALID", "no", {}});
  });
  EXPECT_EQ(Cli({"user", "accept"}, std::string(kCode) + "\n"), kExitNotAllowed);
  EXPECT_THAT(err, HasSubstr("INVITATION_INVALID"));
  EXPECT_THAT(err, Not(HasSubstr("Sign-in name of your choice")));
  EXPECT_EQ(Calls(kAcceptInvitation), 0U);
}

TEST_F(JoinTest, AProfileWithoutAHubGoesToTheLinks) {
  environment_.erase("FAIRLEAD_URL");
  in_is_terminal_ = true;
  hub_.Answer(kAcceptInvitation, v1::AcceptInvitationResponse());
  const std::string answers =
      hub_.url() + "/join#" + kCode +
      "\nnew.one\nfive plain words go here\nfive plain words go here\n123456\n";
  EXPECT_EQ(Cli({"user", "accept", "--profile", "fresh"}, answers), kExitOk) << err;
  EXPECT_EQ(Calls(kAcceptInvitation), 1U);
  EXPECT_THAT(err, HasSubstr("Next: fairlead --url " + hub_.url() + " --profile fresh login"));
  // One that knows another hub stays there.
  environment_["FAIRLEAD_URL"] = "http://127.0.0.1:1";
  EXPECT_EQ(Cli({"user", "accept"}, answers), kExitUsage);
  EXPECT_THAT(err, HasSubstr("add --url " + hub_.url()));
}

TEST_F(JoinTest, OnesOwnPassphraseIsReplacedAfterAProof) {
  SignIn();
  v1::GetMeResponse me;
  hub_.Answer(kGetMe, me);
  hub_.Answer(kSetPassphrase, v1::SetPassphraseResponse());
  const std::vector<std::string> set = {"user",
                                        "passphrase",
                                        "--passphrase-stdin",
                                        "--totp-file",
                                        folder_.File("totp"),
                                        "--recovery-file",
                                        folder_.File("recovery")};
  EXPECT_EQ(Cli(set, "five plain words go here\n"), kExitNotAllowed);
  EXPECT_THAT(err, HasSubstr("session step-up"));
  me.mutable_session()->mutable_step_up_expire_time()->set_seconds(SystemClock().NowMs() / 1000 +
                                                                   300);
  hub_.Answer(kGetMe, me);
  EXPECT_EQ(Calls(kSetPassphrase), 0U);
  EXPECT_EQ(Cli(set, "five plain words go here\n"), kExitOk) << err;
  const auto request = Sent<v1::SetPassphraseRequest>(kSetPassphrase);
  EXPECT_EQ(request.passphrase().passphrase(), "five plain words go here");
  EXPECT_EQ(request.passphrase().recovery_code_sha256s_size(), 10);
  EXPECT_THAT(Text("totp"), HasSubstr("otpauth://totp/"));
  EXPECT_EQ(Cli({"user", "passphrase", "--passphrase-stdin"}, "five plain words go here\n"),
            kExitUsage)
      << "nowhere to show what is made";
}

TEST_F(JoinTest, OnATerminalTheSecretIsShownAndACodeAskedFor) {
  in_is_terminal_ = true;
  hub_.Answer(kAcceptInvitation, v1::AcceptInvitationResponse());
  EXPECT_EQ(Cli({"user", "accept"}, std::string(kCode) + "\nnew.one\nfive plain words go here\n"
                                                         "five plain words go here\n123456\n"),
            kExitOk)
      << err;
  const auto request = Sent<v1::AcceptInvitationRequest>(kAcceptInvitation);
  EXPECT_EQ(request.sign_in_name(), "new.one");
  EXPECT_EQ(request.passphrase().totp_code(), "123456");
  EXPECT_THAT(err,
              HasSubstr(OtpauthUri(request.passphrase().totp_secret(), "Fairlead", "new.one")));
  EXPECT_THAT(err, HasSubstr("recovery codes"));
  EXPECT_THAT(err, Not(HasSubstr("plain words")));
}

TEST_F(JoinTest, LoginTakesACodeARecoveryCodeOrASecret) {
  SignIn();
  EXPECT_EQ(Sent<v1::SignInRequest>(kSignIn).totp_code(), "287082");
  EXPECT_EQ(Cli({"login", "ana", "--passphrase-stdin", "--recovery-stdin"},
                "plain words\nmzxw6-mzxw6-mzxw6-mzxw6-mzxw6-a\n"),
            kExitOk)
      << err;
  EXPECT_EQ(Sent<v1::SignInRequest>(kSignIn).recovery_code(), "MZXW6MZXW6MZXW6MZXW6MZXW6A");
  EXPECT_EQ(Sent<v1::SignInRequest>(kSignIn).totp_code(), "");
  EXPECT_EQ(Cli({"login", "ana", "--passphrase-stdin", "--recovery-stdin"}, "words\n1234\n"),
            kExitUsage);
  // From a secret: this moment's code, and the next one when that has been used.
  const std::string secret = "12345678901234567890";
  const std::string file = PrivateFile("totp", OtpauthUri(secret, "Fairlead", "ana") + "\n");
  hub_.OnCall(kSignIn, [](const FakeRequest&) {
    return Refusal(401, {Code::kUnauthenticated, "SIGN_IN_FAILED", "no", {}});
  });
  const size_t before = Calls(kSignIn);
  const int64_t first_step = TotpStep(SystemClock().NowMs());
  EXPECT_EQ(Cli({"login", "ana", "--passphrase-stdin", "--totp-file", file}, "plain words\n"),
            kExitNotAllowed);
  EXPECT_EQ(Calls(kSignIn), before + 2);
  const std::string code = Sent<v1::SignInRequest>(kSignIn).totp_code();
  EXPECT_TRUE(code == TotpCode(secret, first_step + 1) || code == TotpCode(secret, first_step + 2));
}

TEST_F(JoinTest, StepUpIsAskedForOnATerminalAndNamedElsewhere) {
  SignIn();
  const auto needs = [](const FakeRequest&) {
    return Refusal(403, {Code::kPermissionDenied, "STEP_UP_REQUIRED", "again", {}});
  };
  hub_.OnCall(kInviteStaff, needs);
  EXPECT_EQ(Cli({"user", "invite", "--name", "N", "--role", "caseworker"}), kExitNotAllowed);
  EXPECT_THAT(err, HasSubstr("fairlead session step-up"));
  EXPECT_EQ(Calls(kStepUp), 0U);

  in_is_terminal_ = true;
  hub_.OnCall(kStepUp, [this](const FakeRequest&) {
    hub_.Answer(kInviteStaff, v1::InviteStaffResponse());
    return Protobuf(v1::StepUpResponse());
  });
  EXPECT_EQ(Cli({"user", "invite", "--name", "N", "--role", "caseworker"},
                "four plain words here\n287082\n"),
            kExitOk)
      << err;
  EXPECT_EQ(Sent<v1::StepUpRequest>(kStepUp).passphrase(), "four plain words here");
  EXPECT_EQ(Sent<v1::StepUpRequest>(kStepUp).totp_code(), "287082");
  // A hub that always wants more is asked once more, and no further.
  hub_.OnCall(kInviteStaff, needs);
  hub_.Answer(kStepUp, v1::StepUpResponse());
  const size_t before = Calls(kInviteStaff);
  EXPECT_EQ(Cli({"user", "invite", "--name", "N", "--role", "caseworker"},
                "four plain words here\n287082\n"),
            kExitNotAllowed);
  EXPECT_EQ(Calls(kInviteStaff), before + 2);
}

TEST_F(JoinTest, SessionsAreListedAndEnded) {
  SignIn();
  v1::ListSessionsResponse sessions;
  v1::Session* session = sessions.add_sessions();
  session->set_id("01890a5d-ac96-774b-bcce-b302099a8077");
  session->set_method(v1::SIGN_IN_METHOD_PASSPHRASE_TOTP);
  hub_.Answer(kListSessions, sessions);
  EXPECT_EQ(Cli({"session", "list"}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("passphrase_totp"));
  v1::EndSessionsResponse ended;
  ended.set_ended(1);
  hub_.Answer(kEndSessions, ended);
  EXPECT_EQ(Cli({"session", "end"}), kExitUsage);
  EXPECT_EQ(Cli({"session", "end", session->id(), "--all"}), kExitUsage);
  EXPECT_EQ(Cli({"session", "end", session->id()}), kExitOk) << err;
  EXPECT_EQ(Sent<v1::EndSessionsRequest>(kEndSessions).session_id(), session->id());
  EXPECT_EQ(Cli({"session", "end", "--all"}), kExitOk) << err;
  hub_.Answer(kGetMe, v1::GetMeResponse());
  EXPECT_EQ(Cli({"whoami"}), kExitOk);
  EXPECT_FALSE(hub_.requests().back().headers.contains("authorization"))
      << "the token of the ended session is gone from here too";
}

TEST_F(JoinTest, LeavingIsConfirmedAndSaysWhatIsLeftToDo) {
  SignIn();
  v1::DisableStaffResponse response;
  response.set_key_change_due(true);
  hub_.Answer(kDisableStaff, response);
  EXPECT_EQ(Cli({"user", "disable", kOtherAgency}), kExitUsage) << "no terminal, and no --yes";
  EXPECT_EQ(Calls(kDisableStaff), 0U);
  EXPECT_EQ(Cli({"user", "disable", kOtherAgency, "--yes"}), kExitOk) << err;
  EXPECT_EQ(Sent<v1::DisableStaffRequest>(kDisableStaff).staff_id(), kOtherAgency);
  EXPECT_THAT(err, HasSubstr("key rotate"));
  hub_.Answer(kSetStaffRoles, v1::SetStaffRolesResponse());
  EXPECT_EQ(Cli({"user", "roles", kOtherAgency, "--role", "caseworker,agency_admin"}), kExitOk)
      << err;
  EXPECT_EQ(Sent<v1::SetStaffRolesRequest>(kSetStaffRoles).roles_size(), 2);
}

}  // namespace
}  // namespace fairlead::cli
