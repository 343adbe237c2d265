// What ends with a release, what the person takes home and who destroys its copies: against a hub
// that answers what the test says.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <boost/json/parse.hpp>
#include <fstream>

#include "fairlead/consent/v1/consent.pb.h"
#include "fairlead/directory/v1/directory.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/release_check.h"
#include "gateway/cli/testing/cli_fixture.h"
#include "services/common/base/clock.h"

namespace fairlead::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace v1 = consent::v1;

constexpr const char* kRelease = "0190f000-0000-7000-8000-0000000000e1";
constexpr const char* kOldRelease = "0190f000-0000-7000-8000-0000000000e2";
constexpr const char* kCaseHandle = "0190f000-0000-7000-8000-0000000000ca";
constexpr const char* kReferral = "0190f000-0000-7000-8000-0000000000f1";
constexpr const char* kNotice = "0190f000-0000-7000-8000-0000000000d1";

class ReleaseVerbsTest : public CliTest {
 protected:
  void SetUp() override {
    SignIn();
    hub_.OnCall(kGetAgency, [](const FakeRequest& asked) {
      directory::v1::GetAgencyRequest request;
      EXPECT_TRUE(request.ParseFromString(asked.body));
      directory::v1::GetAgencyResponse response;
      response.mutable_agency()->set_id(request.agency_id());
      response.mutable_agency()->set_name(request.agency_id() == kOwnAgency
                                              ? "Harbor House"
                                              : "Clinic <script>alert(1)</script> & \"Co\"");
      return Protobuf(response);
    });
    Answer(Active());
    v1::Disclosure sent;
    sent.set_recipient_agency_id(kOtherAgency);
    sent.set_referral_id(kReferral);
    sent.set_kind("sent");
    sent.add_categories("needs");
    sent.set_purpose("referral");
    sent.mutable_time()->set_seconds(1'790'000'100);
    v1::Disclosure opened = sent;
    opened.set_kind("opened");
    opened.mutable_time()->set_seconds(1'790'000'200);
    v1::ListDisclosuresResponse disclosures;
    *disclosures.add_disclosures() = opened;  // the newest first
    *disclosures.add_disclosures() = sent;
    hub_.Answer(kListDisclosures, disclosures);
    v1::ListDestroyNoticesResponse notices;
    *notices.add_notices() = Notice();
    hub_.Answer(kListDestroyNotices, notices);
  }

  static v1::Release Active() {
    v1::Release release;
    release.set_id(kRelease);
    release.set_form_version("1");
    release.set_form_hash(std::string(43, 'A'));
    release.set_jurisdiction("TX");
    release.set_case_handle(kCaseHandle);
    release.set_discloser_agency_id(kOwnAgency);
    release.add_recipient_agency_ids(kOtherAgency);
    release.set_hub_named_as_intermediary(true);
    release.add_categories("needs");
    release.add_categories("substance_use_part2");
    release.add_excluded_categories("immigration");
    release.add_purposes("referral");
    release.set_action(v1::RELEASE_ACTION_ONGOING);
    release.mutable_effective_time()->set_seconds(1'790'000'000);
    release.mutable_expire_time()->set_seconds(1'792'000'000);
    release.set_contact_prohibited(true);
    release.mutable_signature()->set_language("es-MX");
    release.set_state(v1::RELEASE_STATE_ACTIVE);
    return release;
  }
  // The hub shows this release, with the hash of what it says.
  void Answer(v1::Release release) {
    release.set_release_hash(ComputeReleaseHash(release).value());
    v1::GetReleaseResponse response;
    *response.mutable_release() = release;
    hub_.Answer(kGetRelease, response);
  }
  static v1::DestroyNotice Notice() {
    v1::DestroyNotice notice;
    notice.set_id(kNotice);
    notice.set_release_id(kRelease);
    notice.set_discloser_agency_id(kOwnAgency);
    notice.set_recipient_agency_id(kOtherAgency);
    notice.add_referral_ids(kReferral);
    notice.set_cause("revoked");
    notice.mutable_create_time()->set_seconds(1'790'000'300);
    notice.set_outcome(v1::DESTRUCTION_OUTCOME_DESTROYED);
    notice.mutable_acknowledge_time()->set_seconds(1'790'000'400);
    return notice;
  }
  std::string Read(const std::string& path) const {
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }
};

TEST_F(ReleaseVerbsTest, AReceiptSaysWhatThePersonMayWantToKnow) {
  ASSERT_EQ(Cli({"release", "receipt", kRelease, "--language", "en"}), kExitOk) << err;
  const boost::json::value receipt = boost::json::parse(out);
  EXPECT_EQ(receipt.at("from").at("name").as_string(), "Harbor House");
  EXPECT_EQ(receipt.at("to").at(0).at("id").as_string(), kOtherAgency);
  EXPECT_EQ(receipt.at("categories").at(0).at("text").as_string(), "What you need");
  EXPECT_EQ(receipt.at("never").at(0).at("code").as_string(), "immigration");
  EXPECT_EQ(receipt.at("until").as_string(), "2026-10-14 17:46:40Z");
  EXPECT_THAT(std::string(receipt.at("howToWithdraw").as_string()), HasSubstr("by word of mouth"));
  EXPECT_EQ(receipt.at("disclosures").at(0).at("what").as_string(), "sent") << "the oldest first";
  EXPECT_EQ(receipt.at("disclosures").at(1).at("what").as_string(), "opened");
  EXPECT_EQ(receipt.at("destroyRequests").at(0).at("answer").as_string(), "destroyed");
  EXPECT_THAT(out, Not(HasSubstr(kCaseHandle)));
}

TEST_F(ReleaseVerbsTest, APageThatCanLieAbout) {
  const std::string path = folder_.File("page.html");
  ASSERT_EQ(Cli({"release", "receipt", kRelease, "--html", path}), kExitOk) << err;
  const std::string page = Read(path);
  EXPECT_THAT(page, HasSubstr("<html lang=\"es\">")) << "in the language of the signature";
  EXPECT_THAT(page, HasSubstr("<title>Su copia</title>"));
  EXPECT_THAT(page, HasSubstr("Lo que usted necesita"));
  EXPECT_THAT(page, HasSubstr("42 CFR parte 2"));
  EXPECT_THAT(page, HasSubstr("lo abrió"));
  EXPECT_THAT(page, HasSubstr("destruyó sus copias"));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  EXPECT_THAT(page, HasSubstr("Clinic &lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;Co&quot;"));
  for (const char* never : {"<script", "http:", "https:", "//", "src=", "href=", "url(", "raffick",
                            "trata de personas", kCaseHandle, kReferral, kOtherAgency}) {
    EXPECT_THAT(page, Not(HasSubstr(never)));
  }
  struct stat status = {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_THAT(err, HasSubstr("safe to have"));
  EXPECT_NE(Cli({"release", "receipt", kRelease, "--html", path}), kExitOk);
  EXPECT_THAT(err, HasSubstr("OUTPUT_EXISTS"));
  ASSERT_EQ(Cli({"release", "receipt", kRelease, "--html", path, "--force", "--no-names",
                 "--language", "en"}),
            kExitOk)
      << err;
  const std::string plain = Read(path);
  EXPECT_THAT(plain, Not(HasSubstr("Clinic")));
  EXPECT_THAT(plain, Not(HasSubstr("Harbor")));
  EXPECT_THAT(plain, HasSubstr("Agency 1"));
  EXPECT_THAT(plain, HasSubstr("<title>Your copy</title>"));
  EXPECT_EQ(Cli({"release", "receipt", kRelease, "--language", "fr"}), kExitUsage);
}

TEST_F(ReleaseVerbsTest, APageSaysHowToTakeItBackAsLongAsThereIsSomethingToTakeBack) {
  const std::string path = folder_.File("page.html");
  const auto page = [&](v1::ReleaseState state) {
    v1::Release release = Active();
    release.set_state(state);
    Answer(release);
    EXPECT_EQ(Cli({"release", "receipt", kRelease, "--html", path, "--force", "--language", "en"}),
              kExitOk)
        << err;
    return Read(path);
  };
  EXPECT_THAT(page(v1::RELEASE_STATE_ACTIVE), HasSubstr("How to take it back"));
  const std::string over = page(v1::RELEASE_STATE_REVOKED);
  EXPECT_THAT(over, Not(HasSubstr("How to take it back")));
  EXPECT_THAT(over, Not(HasSubstr("You may take it back")));
  EXPECT_THAT(over, HasSubstr("It is over"));
  EXPECT_THAT(page(v1::RELEASE_STATE_DRAFT), HasSubstr("has not been signed"));
}

TEST_F(ReleaseVerbsTest, BeforeAReplacementIsSignedItIsSaidWhatEnds) {
  v1::Release draft = Active();
  draft.set_state(v1::RELEASE_STATE_DRAFT);
  draft.set_supersedes_release_id(kOldRelease);
  Answer(draft);
  const std::vector<std::string> sign = {"release",     "sign",       kRelease,   "--capacity",
                                         "self",        "--method",   "written",  "--language",
                                         "es",          "--statement", "all"};
  EXPECT_EQ(Cli(sign), kExitUsage) << "nobody to ask";
  EXPECT_THAT(err, HasSubstr(std::string("takes the place of release ") + kOldRelease));
  EXPECT_THAT(err, HasSubstr("1 referral(s)"));
  EXPECT_THAT(err, HasSubstr("Opened already by Clinic"));
  EXPECT_EQ(Calls(kSignRelease), 0U);
  EXPECT_EQ(Sent<v1::ListDisclosuresRequest>(kListDisclosures).release_id(), kOldRelease);
}

TEST_F(ReleaseVerbsTest, AReplacementIsOfTheSameCaseAndTheHubMayNotDropIt) {
  v1::Release old = Active();
  old.set_id(kOldRelease);
  Answer(old);
  const std::vector<std::string> create = {"release", "create", "--to",    kOtherAgency,
                                           "--category", "needs", "--state", "TX",
                                           "--safe-contact", "--supersedes", kOldRelease};
  bool keeps = true;
  hub_.OnCall(kCreateRelease, [&](const FakeRequest& asked) {
    v1::CreateReleaseRequest request;
    EXPECT_TRUE(request.ParseFromString(asked.body));
    v1::CreateReleaseResponse response;
    v1::Release& release = *response.mutable_release();
    release.set_id(kRelease);
    release.set_form_version(request.form_version());
    release.set_form_hash(request.form_hash());
    release.set_jurisdiction(request.jurisdiction());
    release.set_case_handle(request.case_handle());
    release.set_discloser_agency_id(kOwnAgency);
    *release.mutable_recipient_agency_ids() = request.recipient_agency_ids();
    release.set_hub_named_as_intermediary(true);
    *release.mutable_categories() = request.categories();
    *release.mutable_purposes() = request.purposes();
    release.set_action(request.action());
    release.mutable_effective_time()->set_seconds(1'790'000'000);
    release.mutable_expire_time()->set_seconds(1'792'000'000);
    if (keeps) release.set_supersedes_release_id(request.supersedes_release_id());
    release.set_release_hash(ComputeReleaseHash(release).value());
    return Protobuf(response);
  });
  in_is_terminal_ = true;
  ASSERT_EQ(Cli(create, "y\ny\n"), kExitOk) << err;
  const auto sent = Sent<v1::CreateReleaseRequest>(kCreateRelease);
  EXPECT_EQ(sent.supersedes_release_id(), kOldRelease);
  EXPECT_EQ(sent.case_handle(), kCaseHandle);
  keeps = false;
  EXPECT_NE(Cli(create, "y\ny\n"), kExitOk);
  EXPECT_THAT(err, HasSubstr("RELEASE_CHANGED"));
}

TEST_F(ReleaseVerbsTest, ARequestToDestroyIsSeenAndAnswered) {
  ASSERT_EQ(Cli({"release", "destroy-notices", "--open"}), kExitOk) << err;
  auto listed = Sent<v1::ListDestroyNoticesRequest>(kListDestroyNotices);
  EXPECT_EQ(listed.box(), v1::DESTROY_NOTICE_BOX_RECEIVED);
  EXPECT_TRUE(listed.open_only());
  EXPECT_THAT(out, HasSubstr("Harbor House"));
  ASSERT_EQ(Cli({"release", "destroy-notices", "--sent", "--release", kRelease}), kExitOk) << err;
  listed = Sent<v1::ListDestroyNoticesRequest>(kListDestroyNotices);
  EXPECT_EQ(listed.box(), v1::DESTROY_NOTICE_BOX_SENT);
  EXPECT_EQ(listed.release_id(), kRelease);

  v1::AcknowledgeDestructionResponse answered;
  *answered.mutable_notice() = Notice();
  hub_.Answer(kAcknowledgeDestruction, answered);
  EXPECT_EQ(Cli({"release", "destroyed", "@last"}), kExitUsage) << "it is asked for";
  EXPECT_EQ(Cli({"release", "destroyed", "@last", "--nothing-kept", "--kept-by-law", "--yes"}),
            kExitUsage);
  EXPECT_EQ(Calls(kAcknowledgeDestruction), 0U);
  for (const auto& [flag, outcome] :
       {std::pair{"", v1::DESTRUCTION_OUTCOME_DESTROYED},
        std::pair{"--nothing-kept", v1::DESTRUCTION_OUTCOME_NOTHING_KEPT},
        std::pair{"--kept-by-law", v1::DESTRUCTION_OUTCOME_KEPT_BY_LAW}}) {
    std::vector<std::string> words = {"release", "destroyed", "@last", "--yes"};
    if (*flag != '\0') words.emplace_back(flag);
    ASSERT_EQ(Cli(words), kExitOk) << err;
    const auto sent = Sent<v1::AcknowledgeDestructionRequest>(kAcknowledgeDestruction);
    EXPECT_EQ(sent.notice_id(), kNotice);
    EXPECT_EQ(sent.outcome(), outcome);
  }
}

TEST_F(ReleaseVerbsTest, ThreeYearsBack) {
  ASSERT_EQ(Cli({"release", "disclosures", "--case", kCaseHandle, "--three-years"}), kExitOk)
      << err;
  const auto sent = Sent<v1::ListDisclosuresRequest>(kListDisclosures);
  const int64_t ago_s = SystemClock().NowMs() / 1000 - sent.since_time().seconds();
  EXPECT_GE(ago_s, 3LL * 365 * 86'400 + 86'400) << "a leap day counted in";
  EXPECT_LT(ago_s, 3LL * 365 * 86'400 + 3 * 86'400);
  EXPECT_EQ(sent.case_handle(), kCaseHandle);
}

// Question by question, in Spanish. What is answered wrongly is asked again; a "never" beats what
// was allowed; nothing is recorded before it has been shown and confirmed.
TEST_F(ReleaseVerbsTest, ItGoesThroughAReleaseWithThePerson) {
  v1::Release made;
  hub_.OnCall(kCreateRelease, [&](const FakeRequest& asked) {
    v1::CreateReleaseRequest request;
    EXPECT_TRUE(request.ParseFromString(asked.body));
    made = Active();
    made.set_state(v1::RELEASE_STATE_DRAFT);
    made.set_form_version(request.form_version());
    made.set_form_hash(request.form_hash());
    made.set_case_handle(request.case_handle());
    *made.mutable_recipient_agency_ids() = request.recipient_agency_ids();
    *made.mutable_categories() = request.categories();
    *made.mutable_excluded_categories() = request.excluded_categories();
    *made.mutable_purposes() = request.purposes();
    made.set_action(request.action());
    made.set_two_way(request.two_way());
    made.set_contact_prohibited(request.contact_prohibited());
    *made.mutable_expire_time() = request.expire_time();
    made.set_release_hash(ComputeReleaseHash(made).value());
    v1::CreateReleaseResponse response;
    *response.mutable_release() = made;
    return Protobuf(response);
  });
  hub_.OnCall(kGetRelease, [&](const FakeRequest&) {
    v1::GetReleaseResponse response;
    *response.mutable_release() = made;
    return Protobuf(response);
  });
  hub_.OnCall(kSignRelease, [&](const FakeRequest&) {
    v1::SignReleaseResponse response;
    *response.mutable_release() = made;
    return Protobuf(response);
  });
  const std::string answers = std::string("fr\nes\n\n") + kOtherAgency +
                              "\n\n99\n1 3 6\n6\n1\nn\nn\n400\n14\nTX\nn\ns\n"
                              "1\n1\nn\ns\ns\ns\ns\ns\ns\ns\ns\n";
  EXPECT_EQ(Cli({"release", "new"}, answers + "s\n"), kExitUsage) << "not without a terminal";
  in_is_terminal_ = true;
  EXPECT_NE(Cli({"release", "new"}, answers + "n\n"), kExitOk);
  EXPECT_THAT(err, HasSubstr("NOT_CONFIRMED"));
  EXPECT_EQ(Calls(kCreateRelease), 0U);
  ASSERT_EQ(Cli({"release", "new"}, answers + "s\n"), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr("AUTORIZACIÓN PARA COMPARTIR INFORMACIÓN"));
  EXPECT_THAT(err, HasSubstr("¿Qué podemos compartir?"));
  EXPECT_THAT(err, Not(HasSubstr("What may we share?")));
  const auto created = Sent<v1::CreateReleaseRequest>(kCreateRelease);
  EXPECT_THAT(created.categories(), ::testing::ElementsAre("identity", "needs"));
  EXPECT_THAT(created.excluded_categories(), ::testing::ElementsAre("immigration"));
  EXPECT_THAT(created.purposes(), ::testing::ElementsAre("referral"));
  EXPECT_TRUE(created.contact_prohibited());
  const int64_t days = (created.expire_time().seconds() - SystemClock().NowMs() / 1000) / 86'400;
  EXPECT_NEAR(static_cast<double>(days), 14, 1);
  const auto sent = Sent<v1::SignReleaseRequest>(kSignRelease);
  EXPECT_EQ(sent.signature().language(), "es");
  EXPECT_EQ(sent.signature().method(), v1::SIGNATURE_METHOD_WRITTEN);
  EXPECT_TRUE(sent.signature().witnessed());
  EXPECT_TRUE(sent.copy_offered());
  // One "no" among what has to be said, and it does not count.
  std::string without = answers;
  without.replace(without.rfind("s\n"), 2, "n\n");
  EXPECT_EQ(Cli({"release", "new"}, without + "s\n"), kExitConflict);
  EXPECT_THAT(err, HasSubstr("missing: copy"));
}

}  // namespace
}  // namespace fairlead::cli
