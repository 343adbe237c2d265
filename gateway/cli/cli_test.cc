// The command line as its caller sees it: exit codes, streams, files, and what it sends.
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <vector>

#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/directory/v1/membership.pb.h"
#include "fairlead/identity/v1/identity.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "gateway/cli/client.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/testing/cli_fixture.h"
#include "services/common/base/clock.h"
#include "services/common/base/strict_json.h"

namespace fairlead::cli {

using ::testing::HasSubstr;
using ::testing::Not;

void CliTest::SignIn(const std::vector<identity::v1::Role>& roles) {
  identity::v1::SignInResponse response;
  response.set_session_token("token-of-the-session");
  response.mutable_staff()->set_sign_in_name("ana");
  response.mutable_staff()->set_display_name("Ana");
  response.mutable_staff()->set_agency_id(kOwnAgency);
  for (const identity::v1::Role role : roles) response.mutable_staff()->add_roles(role);
  response.set_agency_name("Harbor");
  hub_.Answer(kSignIn, response);
  ASSERT_EQ(Cli({"login", "ana", "--passphrase-stdin", "--totp-stdin"},
                "four plain words here\n287082\n"),
            kExitOk)
      << err;
}

namespace {

TEST_F(CliTest, HelpAndVersionGoToStandardOutput) {
  EXPECT_EQ(Cli({"--version"}), kExitOk);
  EXPECT_EQ(out, "fairlead 0.1.0\n");
  EXPECT_EQ(Cli({"--help"}), kExitOk);
  EXPECT_THAT(out, HasSubstr("referral"));
  EXPECT_EQ(err, "");
  EXPECT_EQ(Cli({"help", "release", "sign"}), kExitOk);
  EXPECT_THAT(out, HasSubstr("--statement"));
  EXPECT_EQ(Cli({"release", "sign", "--help"}), kExitOk);
  EXPECT_THAT(out, HasSubstr("--statement"));
  EXPECT_EQ(Cli({"--profile", "help", "--json", "help", "release", "sign"}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("--statement"));
  EXPECT_EQ(Cli({"help", "demo", "use"}), kExitOk);
  EXPECT_THAT(out, HasSubstr("--data"));
  EXPECT_EQ(Cli({"referral", "send", "--help"}), kExitOk);
  EXPECT_THAT(out, Not(HasSubstr("no-client-check"))) << "for tests only";
  EXPECT_EQ(Cli({}), kExitOk);
}

TEST_F(CliTest, AWrongWordNamesTheNearestAndSendsNothing) {
  EXPECT_EQ(Cli({"refferal", "list"}), kExitUsage);
  EXPECT_THAT(err, HasSubstr("Did you mean 'referral'?"));
  EXPECT_EQ(Cli({"--json", "--url", "http://127.0.0.1:1", "release", "rewoke"}), kExitUsage);
  EXPECT_THAT(err, HasSubstr("Did you mean 'revoke'?"));
  EXPECT_EQ(Cli({"referral", "list", "--bxo", "sent"}), kExitUsage);
  EXPECT_THAT(err, HasSubstr("Did you mean --box?"));
  EXPECT_EQ(Cli({"referral"}), kExitUsage);
  EXPECT_EQ(Cli({"agency", "apply", "Harbor", "--phone", "+13055550100"}), kExitUsage);
  EXPECT_THAT(err, HasSubstr("--kind"));
  EXPECT_EQ(Cli({"referral", "list", "--timeout", "0"}), kExitUsage);
  EXPECT_EQ(Cli({"referral", "list", "--timeout", "9999999999999999999"}), kExitUsage);
  EXPECT_EQ(Cli({"whoami", "--profile", "../other"}), kExitUsage);
  EXPECT_EQ(Cli({"whoami", "--request-id", "nonsense"}), kExitUsage);
  EXPECT_EQ(out, "");
  EXPECT_TRUE(hub_.requests().empty());
}

TEST_F(CliTest, AnEnumNamesWhatItCanBe) {
  SignIn();
  EXPECT_EQ(
      Cli({"agency", "apply", "Harbor", "--phone", "+13055550100", "--kind", "health_provder"}),
      kExitUsage);
  EXPECT_THAT(err, HasSubstr("Did you mean 'health_provider'?"));
}

TEST_F(CliTest, LoginKeepsTheSessionPrivateAndOutOfSight) {
  SignIn();
  EXPECT_THAT(out, HasSubstr("Harbor"));
  EXPECT_THAT(out + err, Not(HasSubstr("token-of-the-session")));
  EXPECT_THAT(out + err, Not(HasSubstr("four plain words")));
  size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.File("home"))) {
    struct stat status {};
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0077, 0U) << entry.path();
    files += entry.is_regular_file() ? 1 : 0;
  }
  EXPECT_EQ(files, 2U);
  hub_.Answer(kGetMe, identity::v1::GetMeResponse());
  EXPECT_EQ(Cli({"whoami"}), kExitOk);
  const FakeRequest last = hub_.requests().back();
  EXPECT_EQ(last.headers.at("authorization"), "Bearer token-of-the-session");
  EXPECT_EQ(last.headers.at("content-type"), "application/proto");
  EXPECT_EQ(last.headers.at("connect-protocol-version"), "1");
  EXPECT_EQ(last.headers.at("connect-timeout-ms"), "10000");
}

TEST_F(CliTest, ProfilesAndHubsDoNotShareASession) {
  SignIn();
  hub_.Answer(kGetMe, identity::v1::GetMeResponse());
  EXPECT_EQ(Cli({"whoami", "--profile", "other"}), kExitOk);
  EXPECT_FALSE(hub_.requests().back().headers.contains("authorization"));
  FakeHub second;
  second.Answer(kGetMe, identity::v1::GetMeResponse());
  EXPECT_EQ(Cli({"whoami", "--url", second.url()}), kExitOk);
  EXPECT_FALSE(second.requests().back().headers.contains("authorization"));
  // Without an address given, the hub last signed in to.
  environment_.erase("FAIRLEAD_URL");
  EXPECT_EQ(Cli({"whoami"}), kExitOk);
  EXPECT_TRUE(hub_.requests().back().headers.contains("authorization"));
}

TEST_F(CliTest, ASessionThatOthersCanReadIsRefused) {
  SignIn();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.File("home"))) {
    if (entry.is_regular_file()) ::chmod(entry.path().c_str(), 0644);
  }
  EXPECT_EQ(Cli({"whoami"}), kExitConflict);
  EXPECT_THAT(err, HasSubstr("FILE_OPEN_TO_OTHERS"));
}

TEST_F(CliTest, EveryKindOfRefusalHasItsExitCode) {
  SignIn();
  const std::vector<std::tuple<int, Code, int>> kinds = {
      {404, Code::kNotFound, kExitNotFound},
      {401, Code::kUnauthenticated, kExitNotAllowed},
      {403, Code::kPermissionDenied, kExitNotAllowed},
      {409, Code::kAborted, kExitConflict},
      {409, Code::kAlreadyExists, kExitConflict},
      {400, Code::kFailedPrecondition, kExitConflict},
      {503, Code::kUnavailable, kExitUnavailable},
      {504, Code::kDeadlineExceeded, kExitUnavailable},
      {429, Code::kResourceExhausted, kExitUnavailable},
      {400, Code::kInvalidArgument, kExitUsage},
      {500, Code::kInternal, kExitFailed}};
  for (const auto& [status, code, exit_code] : kinds) {
    const FakeAnswer refusal =
        Refusal(status, {code, "A_REASON", "It went wrong.", {{"field", "urgency"}}});
    hub_.OnCall(kGetMe, [refusal](const FakeRequest&) { return refusal; });
    EXPECT_EQ(Cli({"whoami"}), exit_code) << CodeName(code);
    EXPECT_EQ(out, "");
    EXPECT_THAT(err, HasSubstr("It went wrong."));
    EXPECT_THAT(err, HasSubstr("A_REASON"));
    EXPECT_THAT(err, HasSubstr("field: urgency"));
    EXPECT_THAT(err, HasSubstr("request-of-the-hub"));
  }
}

TEST_F(CliTest, AnErrorIsOneJsonObjectWithJson) {
  hub_.OnCall(kGetMe, [](const FakeRequest&) {
    return Refusal(403,
                   {Code::kPermissionDenied, "RELEASE_REVOKED", "The release was revoked.", {}});
  });
  EXPECT_EQ(Cli({"whoami", "--json"}), kExitNotAllowed);
  const auto value = ParseStrictJson(err, 10'000, 8);
  ASSERT_TRUE(value) << err;
  const auto& error = value->at("error").as_object();
  EXPECT_EQ(error.at("code").as_string(), "permission_denied");
  EXPECT_EQ(error.at("reason").as_string(), "RELEASE_REVOKED");
  EXPECT_EQ(error.at("exitCode").as_int64(), kExitNotAllowed);
  EXPECT_EQ(Cli({"--json", "nonsense"}), kExitUsage);
  EXPECT_TRUE(ParseStrictJson(err, 10'000, 8)) << err;
}

TEST_F(CliTest, WhatIsNoHubIsSaidSo) {
  hub_.OnCall(kGetMe, [](const FakeRequest&) {
    return FakeAnswer{.content_type = "text/html", .body = "<html>", .extra_headers = {}};
  });
  EXPECT_EQ(Cli({"whoami"}), kExitFailed);
  EXPECT_THAT(err, HasSubstr("UNEXPECTED_ANSWER"));
  hub_.OnCall(kGetMe, [](const FakeRequest&) {
    return FakeAnswer{.status = 302,
                      .content_type = "text/html",
                      .body = "",
                      .extra_headers = "location: http://127.0.0.1:1/\r\n"};
  });
  EXPECT_NE(Cli({"whoami"}), kExitOk) << "no redirect is followed";
  EXPECT_EQ(Cli({"whoami", "--url", "http://127.0.0.1:1"}), kExitUnavailable);
  EXPECT_THAT(err, HasSubstr("fairlead up"));
  EXPECT_EQ(Cli({"whoami", "--url", "http://hub.example.org"}), kExitUsage);
  EXPECT_THAT(err, HasSubstr("INSECURE_URL"));
  EXPECT_EQ(Cli({"whoami", "--url", "ftp://hub"}), kExitUsage);
}

TEST_F(CliTest, ALostAnswerIsAskedForOnceMore) {
  auto calls = std::make_shared<std::atomic<int>>(0);
  hub_.OnCall(kApplyForMembership, [calls](const FakeRequest&) {
    FakeAnswer answer = Protobuf(directory::v1::ApplyForMembershipResponse());
    answer.hang_up = (*calls)++ == 0;
    return answer;
  });
  EXPECT_EQ(Cli({"agency", "apply", "Harbor", "--kind", "other", "--phone", "+13055550100"}),
            kExitOk)
      << err;
  const auto requests = hub_.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].body, requests[1].body) << "the same request_id: it happens once";
  directory::v1::ApplyForMembershipRequest request;
  ASSERT_TRUE(request.ParseFromString(requests[0].body));
  EXPECT_EQ(request.name(), "Harbor");
  EXPECT_EQ(request.request_id().size(), 36U);
}

TEST_F(CliTest, OneCallTooManyIsMadeAgainAfterTheWaitThatTheHubAsksFor) {
  auto refusals = std::make_shared<std::atomic<int>>(3);
  const FakeAnswer refusal = Refusal(
      429, {Code::kResourceExhausted, "RATE_LIMITED", "Too many.", {{"retry_after_s", "7"}}});
  hub_.OnCall(kGetMe, [=](const FakeRequest&) {
    return (*refusals)-- > 0 ? refusal : Protobuf(identity::v1::GetMeResponse());
  });
  std::vector<int64_t> waits;
  Client client({.url = hub_.url(),
                 .token = "t",
                 .ca_file = {},
                 .wait = [&](int64_t wait_s) { waits.push_back(wait_s); }});
  const auto ask = [&] {
    return client.Call<identity::v1::GetMeResponse>(kGetMe, identity::v1::GetMeRequest());
  };
  EXPECT_TRUE(ask().has_value());
  EXPECT_EQ(waits, (std::vector<int64_t>{7, 7, 7}));
  // A minute in all: eight waits of 7 s.
  *refusals = 1000;
  waits.clear();
  const auto given_up = ask();
  ASSERT_FALSE(given_up);
  EXPECT_EQ(given_up.error().reason, "RATE_LIMITED");
  EXPECT_EQ(waits.size(), 8U);
}

TEST_F(CliTest, ListsFollowThePagesAndComeAsTableOrJson) {
  hub_.OnCall(kListAgencies, [](const FakeRequest& request) {
    directory::v1::ListAgenciesRequest asked;
    asked.ParseFromString(request.body);
    directory::v1::ListAgenciesResponse answer;
    auto* agency = answer.add_agencies();
    agency->set_name(asked.page_token().empty() ? "Harbor\x1b[2J" : "Clínica");
    agency->set_kind(directory::v1::AGENCY_KIND_HEALTH_PROVIDER);
    if (asked.page_token().empty()) answer.set_next_page_token("next");
    return Protobuf(answer);
  });
  EXPECT_EQ(Cli({"agency", "list"}), kExitOk);
  EXPECT_THAT(out, HasSubstr("NAME"));
  EXPECT_THAT(out, HasSubstr("Clínica"));
  EXPECT_THAT(out, HasSubstr("health_provider"));
  EXPECT_THAT(out, Not(HasSubstr("\x1b"))) << "a name must not steer the terminal";
  EXPECT_EQ(Cli({"agency", "list", "--json"}), kExitOk);
  const auto value = ParseStrictJson(out, 100'000, 8);
  ASSERT_TRUE(value) << out;
  EXPECT_EQ(value->at("agencies").as_array().size(), 2U);
  EXPECT_EQ(err, "");
}

// Any user of the machine may listen at [::1], where nobody expects them.
TEST_F(CliTest, LocalhostIsTheIpv4Loopback) {
  const std::string port = hub_.url().substr(hub_.url().rfind(':') + 1);
  const int other = ::socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  address.sin6_port = htons(static_cast<uint16_t>(std::stoi(port)));
  const bool bound =
      ::bind(other, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::listen(other, 4) == 0;
  if (!bound) GTEST_SKIP() << "there is no IPv6 loopback to be asked";
  hub_.Answer(kGetMe, identity::v1::GetMeResponse());
  EXPECT_EQ(Cli({"whoami", "--url", "http://localhost:" + port}), kExitOk) << err;
  EXPECT_EQ(hub_.requests().size(), 1U);
  EXPECT_FALSE(::accept(other, nullptr, nullptr) >= 0) << "somebody else was asked";
  ::close(other);
}

TEST_F(CliTest, HoursAreShownOnTheClockOfThePlace) {
  const int64_t now_s = SystemClock().NowMs() / 1000;
  directory::v1::GetServiceResponse got;
  directory::v1::Service& service = *got.mutable_service();
  service.set_name("Night beds");
  hub_.Answer(kGetService, got);
  EXPECT_EQ(Cli({"directory", "hours", kOwnAgency}), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr("Night beds states no opening hours."));
  directory::v1::Hours& hours = *service.mutable_hours();
  hours.set_time_zone("America/New_York");
  hub_.Answer(kGetService, got);
  EXPECT_EQ(Cli({"directory", "hours", kOwnAgency}), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr("Not open in the next 14 days."));
  directory::v1::Opening& night = *hours.add_openings();
  night.mutable_start_time()->set_seconds(1795834800);  // 2026-11-28T03:00:00Z, a Saturday
  night.mutable_end_time()->set_seconds(1795863600);    // 11:00Z
  hours.set_open_now(true);
  hours.mutable_change_time()->set_seconds(now_s + 3600);
  hub_.Answer(kGetService, got);
  EXPECT_EQ(Cli({"directory", "hours", kOwnAgency}), kExitOk) << err;
  EXPECT_THAT(out, ::testing::ContainsRegex("Fri 27 Nov +22:00 +Sat 28 Nov 06:00"));
  EXPECT_THAT(err, ::testing::ContainsRegex("Now: open until [0-9]{2}:[0-9]{2} .America/New_York"));
  hours.mutable_change_time()->set_seconds(now_s + 3 * 24 * 3600);
  hub_.Answer(kGetService, got);
  EXPECT_EQ(Cli({"directory", "show", kOwnAgency}), kExitOk) << err;
  EXPECT_THAT(out, ::testing::ContainsRegex("open until [A-Z][a-z]+ [0-9]{2} [A-Z][a-z]+ "));
  // A hub that lies breaks nothing.
  hours.mutable_change_time()->set_seconds(INT64_MAX);
  night.mutable_start_time()->set_seconds(INT64_MIN);
  hub_.Answer(kGetService, got);
  EXPECT_EQ(Cli({"directory", "hours", kOwnAgency}), kExitOk) << err;
}

TEST_F(CliTest, AMatchSaysWhyAndWhyNot) {
  directory::v1::MatchServicesRequest asked;
  directory::v1::MatchServicesResponse answer;
  directory::v1::Match& match = *answer.add_matches();
  match.mutable_service()->set_name("Night beds");
  directory::v1::MatchReason& open = *match.add_reasons();
  open.set_code("open_now");
  open.mutable_time()->set_seconds(INT64_MAX);  // a hub that lies breaks nothing
  match.add_reasons()->set_code("takes_pets");
  directory::v1::Miss& miss = *answer.add_misses();
  miss.set_service_name("Day beds");
  miss.mutable_reason()->set_code("age_not_served");
  miss.mutable_reason()->set_value("18+");
  hub_.OnCall(kMatchServices, [&](const FakeRequest& request) {
    asked.ParseFromString(request.body);
    return Protobuf(answer);
  });
  EXPECT_EQ(Cli({"directory", "match", "--need", "shelter_bed", "--urgency", "emergency",
                 "--language", "es,ht", "--household", "pets", "--do-not-route", kOtherAgency}),
            kExitOk)
      << err;
  EXPECT_THAT(out, HasSubstr("open now, closes in"));
  EXPECT_THAT(out, HasSubstr("; takes pets"));
  EXPECT_THAT(out, HasSubstr("age not served: 18+"));
  EXPECT_EQ(asked.urgency(), directory::v1::MATCH_URGENCY_EMERGENCY);
  EXPECT_EQ(asked.languages_size(), 2);
  EXPECT_EQ(asked.do_not_route_agency_ids(0), kOtherAgency);
  EXPECT_EQ(asked.mode(), directory::v1::MATCH_MODE_BLIND);
  answer.clear_matches();
  answer.set_unmet_reason("out_of_area");
  EXPECT_EQ(Cli({"directory", "match", "--need", "shelter_bed"}), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr("counted as an unmet need"));
  answer.clear_unmet_reason();
  EXPECT_EQ(Cli({"directory", "match", "--need", "shelter_bed", "--direct", kOtherAgency}), kExitOk)
      << err;
  EXPECT_THAT(err, HasSubstr("That agency cannot help"));
  EXPECT_EQ(asked.mode(), directory::v1::MATCH_MODE_DIRECT);
  EXPECT_EQ(asked.agency_id(), kOtherAgency);
  EXPECT_EQ(Cli({"directory", "match", "--need", "x", "--urgency", "soon"}), kExitUsage);
}

TEST_F(CliTest, ASearchAsksForWhatAClientNeedsAndSaysWhatItTookWordsFor) {
  directory::v1::SearchServicesRequest asked;
  directory::v1::SearchServicesResponse answer;
  answer.add_services()->set_name("Refugio");
  answer.set_misspelt(true);
  hub_.OnCall(kSearchServices, [&](const FakeRequest& request) {
    asked.ParseFromString(request.body);
    return Protobuf(answer);
  });
  EXPECT_EQ(Cli({"directory", "search", "--text", "refujio", "--state", "12", "--age", "12-17",
                 "--household", "pets", "--open-now", "--with-capacity"}),
            kExitOk)
      << err;
  EXPECT_THAT(err, HasSubstr("words that are near"));
  EXPECT_EQ(asked.state(), "12");
  EXPECT_EQ(asked.age_band(), "12-17");
  EXPECT_EQ(asked.household_codes(0), "pets");
  EXPECT_TRUE(asked.open_now_only() && asked.with_capacity_only());
}

TEST_F(CliTest, AReferralShowsThatItsReleaseHasEnded) {
  referral::v1::ListReferralsResponse list;
  referral::v1::Referral* referral = list.add_referrals();
  referral->set_id(kOwnAgency);
  referral->set_release_id(kOtherAgency);
  referral->set_state(referral::v1::REFERRAL_STATE_MATCHED);
  referral->set_reason_code("release_revoked");
  hub_.Answer(kListReferrals, list);
  referral::v1::GetReferralResponse got;
  *got.mutable_referral() = *referral;
  hub_.Answer(kGetReferral, got);
  EXPECT_EQ(Cli({"referral", "list"}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("matched (release_revoked)"));
  EXPECT_EQ(Cli({"referral", "show", kOwnAgency}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("TAKEN BACK by the client"));
  got.mutable_referral()->clear_reason_code();
  hub_.Answer(kGetReferral, got);
  EXPECT_EQ(Cli({"referral", "show", kOwnAgency}), kExitOk) << err;
  EXPECT_THAT(out, Not(HasSubstr("TAKEN BACK")));
}

TEST_F(CliTest, APartOfAListIsNeverShownAsTheWhole) {
  hub_.OnCall(kListAgencies, [](const FakeRequest&) {
    directory::v1::ListAgenciesResponse answer;
    answer.add_agencies()->set_name("Harbor");
    answer.set_next_page_token("and so on");
    return Protobuf(answer);
  });
  EXPECT_EQ(Cli({"agency", "list"}), kExitUnavailable);
  EXPECT_THAT(err, HasSubstr("LIST_TOO_LONG"));
  EXPECT_EQ(out, "");
  EXPECT_EQ(hub_.requests().size(), 100U);
}

TEST_F(CliTest, TheHubOfAProfileIsSaidWhenItIsRemembered) {
  SignIn();
  EXPECT_THAT(err, HasSubstr("go to " + hub_.url()));
  SignIn();
  EXPECT_THAT(err, Not(HasSubstr("go to " + hub_.url()))) << "once";
}

TEST_F(CliTest, AnotherVerbOfTheProgramGetsItsWords) {
  std::vector<std::string> seen;
  options_.extra_verbs["bench"] = {"Measure", [&seen](const std::vector<std::string>& words) {
                                     seen = words;
                                     return 7;
                                   }};
  EXPECT_EQ(Cli({"bench", "--json", "echo"}), 7);
  EXPECT_THAT(seen, ::testing::ElementsAre("--json", "echo"));
  EXPECT_EQ(Cli({"help", "bench"}), 7) << "it explains itself";
  EXPECT_THAT(seen, ::testing::ElementsAre("--help"));
  EXPECT_EQ(Cli({"--help"}), kExitOk);
  EXPECT_THAT(out, HasSubstr("Measure"));
}

TEST_F(CliTest, CompletionKnowsEveryVerb) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    EXPECT_EQ(Cli({"completion", shell}), kExitOk);
    EXPECT_THAT(out, HasSubstr("disclosures")) << shell;
    EXPECT_THAT(out, HasSubstr("statement")) << shell;
    EXPECT_THAT(out, Not(HasSubstr("no-client-check"))) << shell;
  }
  EXPECT_EQ(Cli({"completion", "tcsh"}), kExitUsage);
}

TEST_F(CliTest, WhatCannotBeUndoneIsAskedFor) {
  EXPECT_EQ(Cli({"release", "revoke", kOwnAgency}), kExitUsage);
  EXPECT_THAT(err, HasSubstr("--yes"));
  EXPECT_TRUE(hub_.requests().empty());
  in_is_terminal_ = true;
  EXPECT_EQ(Cli({"release", "revoke", kOwnAgency}, "n\n"), kExitFailed);
  EXPECT_THAT(err, HasSubstr("NOT_CONFIRMED"));
  EXPECT_EQ(Calls(kRevokeRelease), 0U);  // it is only read, for the question
}

TEST_F(CliTest, DoctorSaysWhatIsWrongAndHowToMendIt) {
  EXPECT_EQ(Cli({"doctor", "--url", "http://127.0.0.1:1"}), kExitFailed);
  EXPECT_THAT(out, HasSubstr("✗ hub"));
  EXPECT_THAT(out, HasSubstr("fairlead up"));
  EXPECT_EQ(Cli({"doctor", "--json", "--url", "http://127.0.0.1:1"}), kExitFailed);
  const auto value = ParseStrictJson(out, 100'000, 8);
  ASSERT_TRUE(value) << out;
  EXPECT_FALSE(value->at("good").as_bool());
}

TEST_F(CliTest, AnImportReadsAFolderAndGoesInPartsWhenItIsLarge) {
  SignIn();
  const std::string folder = folder_.File("listings");
  std::filesystem::create_directories(folder);
  EXPECT_EQ(Cli({"directory", "import", folder}), kExitNotFound);
  std::ofstream(folder + "/services.csv") << "id,name\n";
  std::ofstream(folder + "/datapackage.json") << "{}";
  std::ofstream(folder + "/notes.txt") << "no table";
  hub_.Answer(kImportListings, directory::v1::ImportListingsResponse());
  EXPECT_EQ(Cli({"directory", "import", folder, "--default-need", "shelter,food"}), kExitOk) << err;
  directory::v1::ImportListingsRequest request;
  ASSERT_TRUE(request.ParseFromString(hub_.requests().back().body));
  EXPECT_EQ(request.format(), directory::v1::IMPORT_FORMAT_HSDS_CSV);
  ASSERT_EQ(request.files_size(), 2);
  EXPECT_EQ(request.files(0).name(), "datapackage.json");
  EXPECT_EQ(request.agency_id(), kOwnAgency);
  EXPECT_EQ(request.default_need_codes_size(), 2);
  std::ofstream(folder + "/big.csv") << std::string(4 * 1024 * 1024 + 1, 'x');
  EXPECT_NE(Cli({"directory", "import", folder}), kExitOk);
  EXPECT_EQ(Calls("fairlead.directory.v1.StagedImportService/StartImport"), 1U) << err;
  EXPECT_EQ(Cli({"directory", "import", folder_.File("none")}), kExitNotFound);
}

}  // namespace
}  // namespace fairlead::cli
