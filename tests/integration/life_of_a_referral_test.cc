// The life of a referral, step by step, with the numbers of docs/life_of_a_referral.md: a real hub
// with the demonstration coalition, its gateway over HTTP, its Redis, its databases, kill -9.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <functional>
#include <future>
#include <thread>

#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/client.h"
#include "services/common/base/encoding.h"
#include "services/common/events/redis_connection.h"
#include "services/common/testing/temp_dir.h"
#include "services/common/testing/wait_until.h"
#include "tests/bench/sse_client.h"
#include "tests/support/coalition.h"
#include "tests/support/demo_code.h"
#include "tests/support/hub_process.h"
#include "tests/support/raw_http.h"

namespace fairlead::testing {
namespace {

namespace consent_v1 = fairlead::consent::v1;
namespace directory_v1 = fairlead::directory::v1;
namespace identity_v1 = fairlead::identity::v1;
namespace referral_v1 = fairlead::referral::v1;

constexpr const char* kPlaintext = R"({"needs":{"summary":"a bed tonight, two children"}})";
constexpr int64_t kSoonMs = 10'000;     // for what happens by itself; far more than it takes
constexpr int64_t kLiveWithinMs = 1'000;  // product.md: the other side sees it at once

std::string Consent(const char* method) {
  return std::string("fairlead.consent.v1.ConsentService/") + method;
}
std::string Referral(const char* method) {
  return std::string("fairlead.referral.v1.ReferralService/") + method;
}

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

template <class T>
std::string ReasonOf(const Result<T>& result) {
  return result ? "ok" : result.error().reason;
}

// Someone of the demonstration, signed in; and the keys of their agency.
struct Person {
  std::string agency_id;
  std::string token;
  seal::PrivateKey epoch;
  seal::PrivateKey signing;
};

// An event about one referral, awaited before it happens.
class Awaited {
 public:
  Awaited(bench::SseClient& stream, const std::string& referral_id)
      : told_(std::make_shared<std::promise<Result<void>>>()), result_(told_->get_future()) {
    stream.Await(referral_id, [told = told_](Result<void> what) { told->set_value(what); });
  }
  bool Came() { return result_.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }
  std::string Within(int64_t ms) {
    const auto waited = result_.wait_for(std::chrono::milliseconds(ms));
    return waited == std::future_status::ready ? ReasonOf(result_.get()) : "nothing came";
  }

 private:
  std::shared_ptr<std::promise<Result<void>>> told_;
  std::future<Result<void>> result_;
};

class LifeOfAReferralTest : public ::testing::Test {
 protected:
  void SetUp() override {
    events::BlockSigpipe();
    auto hub = HubProcess::Start({.data_dir = folder_.File("data"), .arguments = {"--demo"}});
    ASSERT_TRUE(hub) << ToString(hub.error());
    hub_ = std::move(*hub);
    demo_ = boost::json::parse(ReadAll(hub_->data_dir() + "/demo/sign-ins.json"));
    ASSERT_NO_FATAL_FAILURE(Enter("harbor.caseworker", harbor_));
    ASSERT_NO_FATAL_FAILURE(Enter("northside.caseworker", clinic_));
    ASSERT_NO_FATAL_FAILURE(Enter("opendoor.caseworker", third_));
  }

  cli::Client As(const Person& person) {
    return cli::Client({.url = hub_->url(), .token = person.token, .ca_file = {}});
  }
  template <class Response, class Request>
  Result<Response> Call(const Person& person, const std::string& method, const Request& request) {
    return As(person).template Call<Response>(method, request);
  }

  void Enter(const std::string& name, Person& person) {
    identity_v1::SignInRequest request;
    request.set_sign_in_name(name);
    request.set_passphrase(std::string(demo_.at("passphrase").as_string()));
    request.set_totp_code(DemoCode(demo_, name));
    const std::string sign_in = "fairlead.identity.v1.IdentityService/SignIn";
    auto session = Call<identity_v1::SignInResponse>(person, sign_in, request);
    ASSERT_TRUE(session) << ToString(session.error());
    person.token = session->session_token();
    person.agency_id = session->staff().agency_id();
    const std::string stem = hub_->data_dir() + "/demo/keys/" + person.agency_id;
    if (!std::ifstream(stem + ".epoch.jwk")) return;  // the office's auditor seals nothing
    auto epoch = seal::ParsePrivateJwk(ReadAll(stem + ".epoch.jwk"));
    auto signing = seal::ParsePrivateJwk(ReadAll(stem + ".signing.jwk"));
    ASSERT_TRUE(epoch && signing);
    person.epoch = *epoch;
    person.signing = *signing;
  }

  consent_v1::Release DraftFor(const Person& to) {
    consent_v1::CreateReleaseRequest request;
    request.set_request_id(ids_.New());
    request.set_form_version("test-1");
    request.set_form_hash(Base64UrlEncode(Sha256("form")));
    request.set_jurisdiction("TX");
    request.set_case_handle(ids_.New());
    request.add_recipient_agency_ids(to.agency_id);
    request.add_categories("needs");
    request.add_purposes("referral");
    request.set_action(consent_v1::RELEASE_ACTION_ONGOING);
    request.set_hub_named_as_intermediary(true);
    request.set_safe_contact_instruction_present(true);
    auto made =
        Call<consent_v1::CreateReleaseResponse>(harbor_, Consent("CreateRelease"), request);
    EXPECT_TRUE(made) << ToString(made.error());
    return made ? made->release() : consent_v1::Release();
  }

  consent_v1::Release Sign(const consent_v1::Release& draft) {
    consent_v1::SignReleaseRequest request;
    request.set_request_id(ids_.New());
    request.set_release_id(draft.id());
    consent_v1::Signature& signature = *request.mutable_signature();
    signature.set_capacity(consent_v1::SIGNER_CAPACITY_SELF);
    signature.set_method(consent_v1::SIGNATURE_METHOD_WRITTEN);
    signature.set_artefact_id(ids_.New());
    signature.set_language("es");
    signature.set_plain_language_confirmed(true);
    signature.set_risks_and_alternatives_explained(true);
    request.set_not_a_condition_of_service(true);
    request.set_consequences_of_refusing_explained(true);
    request.set_right_to_revoke_explained(true);
    request.set_redisclosure_explained(true);
    request.set_copy_offered(true);
    auto done = Call<consent_v1::SignReleaseResponse>(harbor_, Consent("SignRelease"), request);
    EXPECT_TRUE(done) << ToString(done.error());
    return done ? done->release() : consent_v1::Release();
  }

  Result<consent_v1::RevokeReleaseResponse> Revoke(const consent_v1::Release& release) {
    consent_v1::RevokeReleaseRequest request;
    request.set_request_id(ids_.New());
    request.set_release_id(release.id());
    request.set_method(consent_v1::SIGNATURE_METHOD_ORAL);
    return Call<consent_v1::RevokeReleaseResponse>(harbor_, Consent("RevokeRelease"), request);
  }

  // As a client does it: the recipient's published key, and sealing on this side of the wire.
  referral_v1::SendReferralRequest Sealed(const Person& to, const consent_v1::Release& release) {
    identity_v1::GetAgencyKeysRequest wanted;
    wanted.set_agency_id(to.agency_id);
    auto keys = Call<identity_v1::GetAgencyKeysResponse>(
        harbor_, "fairlead.identity.v1.IdentityService/GetAgencyKeys", wanted);
    EXPECT_TRUE(keys) << ToString(keys.error());
    auto epoch = seal::ParseJwk(keys ? keys->keys().epoch_jwk() : "");
    EXPECT_TRUE(epoch) << ToString(epoch.error());
    referral_v1::SendReferralRequest request;
    if (!epoch) return request;
    request.set_request_id(ids_.New());
    request.set_referral_id(ids_.New());
    request.set_case_handle(release.case_handle());
    request.mutable_facets()->set_need_code("primary_care");
    request.mutable_facets()->set_urgency(referral_v1::URGENCY_URGENT);
    request.set_recipient_agency_id(to.agency_id);
    request.set_release_id(release.id());
    request.set_allow_duplicate_service(true);
    seal::SealRequest sealing;
    sealing.header = {.referral_id = request.referral_id(),
                      .sender_agency_id = harbor_.agency_id,
                      .sender_kid = harbor_.signing.public_key.kid,
                      .release_hash = release.release_hash(),
                      .purpose = "referral",
                      .categories = {"needs"},
                      .expires_s = release.expire_time().seconds() + 1,
                      .recips = ""};
    sealing.plaintext = kPlaintext;
    sealing.recipients = {*epoch, harbor_.epoch.public_key};
    request.set_packet(seal::Seal(sealing, harbor_.signing, SystemRandom()).value());
    return request;
  }

  Result<referral_v1::SendReferralResponse> Send(const referral_v1::SendReferralRequest& request) {
    return Call<referral_v1::SendReferralResponse>(harbor_, Referral("SendReferral"), request);
  }

  Result<referral_v1::Referral> Get(const Person& person, const std::string& id) {
    referral_v1::GetReferralRequest request;
    request.set_referral_id(id);
    auto got = Call<referral_v1::GetReferralResponse>(person, Referral("GetReferral"), request);
    if (!got) return Fail(got.error());
    return got->referral();
  }

  Result<referral_v1::OpenPacketResponse> Open(const std::string& id) {
    referral_v1::OpenPacketRequest request;
    request.set_referral_id(id);
    return Call<referral_v1::OpenPacketResponse>(clinic_, Referral("OpenPacket"), request);
  }

  std::vector<std::string> Story(const std::string& id) {
    referral_v1::GetTimelineRequest request;
    request.set_referral_id(id);
    auto timeline =
        Call<referral_v1::GetTimelineResponse>(harbor_, Referral("GetTimeline"), request);
    EXPECT_TRUE(timeline) << ToString(timeline.error());
    std::vector<std::string> events;
    if (!timeline) return events;
    for (const auto& entry : timeline->entries()) events.push_back(entry.event());
    return events;
  }

  std::vector<std::string> Disclosures(const consent_v1::Release& release) {
    consent_v1::ListDisclosuresRequest request;
    request.set_release_id(release.id());
    auto listed =
        Call<consent_v1::ListDisclosuresResponse>(harbor_, Consent("ListDisclosures"), request);
    EXPECT_TRUE(listed) << ToString(listed.error());
    std::vector<std::string> kinds;
    if (!listed) return kinds;
    for (const auto& one : listed->disclosures()) kinds.push_back(one.kind());
    return kinds;
  }

  RawAnswer PostJson(const google::protobuf::Message& request, const std::string& headers,
                     const std::string& change_from = {}, const std::string& change_to = {}) {
    std::string json;
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(request, &json).ok());
    if (!change_from.empty()) json.replace(json.find(change_from), change_from.size(), change_to);
    RawHttp http(std::stoi(hub_->url().substr(hub_->url().rfind(':') + 1)));
    return http.Call("/" + Referral("SendReferral"), json, headers);
  }

  std::unique_ptr<events::RedisConnection> Redis() {
    auto redis = events::RedisConnection::Open(hub_->data_dir() + "/run/redis.sock", 5'000);
    EXPECT_TRUE(redis) << ToString(redis.error());
    return redis ? std::move(*redis) : nullptr;
  }

  static bool Soon(const std::function<bool()>& condition) {
    return testing::WaitUntil(condition, kSoonMs);
  }

  void Step1SearchAndSeal();
  void Step2TheGateway();
  void Step3TheHandler();
  void Step4NoReleaseNoKey();
  void Step5OnlyADurableCommitAnswersOk();
  void Step6TheRelayPublishes();
  void Step7ConsumersApplyOnce();
  void Step8ThoseWhoMayKnowAreTold();
  void Step9OpeningAsksAgain();

  TempDir folder_;
  std::unique_ptr<HubProcess> hub_;
  boost::json::value demo_;
  IdGenerator ids_{SystemClock(), SystemRandom()};
  Person harbor_;
  Person clinic_;
  Person third_;
  consent_v1::Release release_;                // to the clinic
  referral_v1::SendReferralRequest request_;   // of the first referral
  referral_v1::SendReferralRequest seen_;      // of the second one, seen live
};

// The client finds who can help, and seals to that agency's key. What it will POST can be read by
// nobody on the way.
void LifeOfAReferralTest::Step1SearchAndSeal() {
  SCOPED_TRACE("step 1");
  directory_v1::SearchServicesRequest search;
  search.set_need_code("primary_care");
  search.set_county("48453");
  search.set_language("es");
  auto found = Call<directory_v1::SearchServicesResponse>(
      harbor_, "fairlead.directory.v1.DirectoryService/SearchServices", search);
  ASSERT_TRUE(found) << ToString(found.error());
  ASSERT_GT(found->services_size(), 0);
  EXPECT_EQ(found->services(0).agency_id(), clinic_.agency_id);
  release_ = Sign(DraftFor(clinic_));
  request_ = Sealed(clinic_, release_);
  EXPECT_THAT(request_.packet(), ::testing::Not(::testing::HasSubstr("bed tonight")));
  EXPECT_EQ(seal::ParseEnvelope(request_.packet())->recipients.size(), 2U);
}

// Limits, session, CSRF, strict JSON: each says no with its own reason, and nothing is sent.
void LifeOfAReferralTest::Step2TheGateway() {
  SCOPED_TRACE("step 2");
  const std::string bearer = "Authorization: Bearer " + harbor_.token + "\r\n";
  EXPECT_EQ(PostJson(request_, "").reason(), "SIGN_IN_REQUIRED");
  EXPECT_EQ(PostJson(request_, "Authorization: Bearer nobody\r\n").reason(), "SESSION_INVALID");
  EXPECT_EQ(PostJson(request_, "Cookie: fairlead-session=" + harbor_.token + "\r\n").reason(),
            "CSRF_CHECK_FAILED");
  EXPECT_EQ(PostJson(request_, bearer, "\"referralId\"", "\"colour\"").reason(), "UNKNOWN_FIELD");
  RawHttp http(std::stoi(hub_->url().substr(hub_->url().rfind(':') + 1)));
  EXPECT_EQ(http.Ask("POST", "/" + Referral("SendReferral"),
                     bearer + "Content-Type: text/plain\r\n", "{}")
                .status,
            415);
  EXPECT_EQ(ReasonOf(Get(harbor_, request_.referral_id())), "REFERRAL_NOT_FOUND");
}

// Authorise by the table, validate by the contract, before any command runs.
void LifeOfAReferralTest::Step3TheHandler() {
  SCOPED_TRACE("step 3");
  Person auditor;
  ASSERT_NO_FATAL_FAILURE(Enter("office.auditor", auditor));
  EXPECT_EQ(ReasonOf(Call<referral_v1::SendReferralResponse>(auditor, Referral("SendReferral"),
                                                             request_)),
            "ROLE_NOT_ALLOWED");
  referral_v1::SendReferralRequest wrong = request_;
  wrong.set_recipient_agency_id("the clinic");
  EXPECT_EQ(ReasonOf(Send(wrong)), "INVALID_ID");
  wrong = request_;
  wrong.clear_packet();
  EXPECT_EQ(ReasonOf(Send(wrong)), "FIELD_REQUIRED");
  consent_v1::IssueCustodyKeysRequest keys;
  EXPECT_EQ(ReasonOf(Call<consent_v1::IssueCustodyKeysResponse>(
                harbor_, Consent("IssueCustodyKeys"), keys)),
            "UNKNOWN_METHOD")
      << "what is not public does not exist at the gateway";
}

// The packet can only be kept under a custody key, and consent gives none without a release.
void LifeOfAReferralTest::Step4NoReleaseNoKey() {
  SCOPED_TRACE("step 4");
  EXPECT_EQ(ReasonOf(Send(Sealed(clinic_, DraftFor(clinic_)))), "RELEASE_NOT_SIGNED");
  const consent_v1::Release for_another = Sign(DraftFor(third_));
  EXPECT_EQ(ReasonOf(Send(Sealed(clinic_, for_another))), "RELEASE_RECIPIENT_MISMATCH");
  consent_v1::Release nowhere = release_;
  nowhere.set_id(ids_.New());
  EXPECT_EQ(ReasonOf(Send(Sealed(clinic_, nowhere))), "RELEASE_NOT_FOUND");
}

// The JSON POST is answered; the hub is killed at once; what was answered is there, and asking
// again with the same request_id gives the first answer.
void LifeOfAReferralTest::Step5OnlyADurableCommitAnswersOk() {
  SCOPED_TRACE("step 5");
  const RawAnswer sent = PostJson(request_, "Authorization: Bearer " + harbor_.token + "\r\n");
  ASSERT_EQ(sent.status, 200) << sent.body;
  hub_->Kill9();
  const Result<void> restarted = hub_->Restart();
  ASSERT_TRUE(restarted) << ToString(restarted.error());
  auto kept = Get(harbor_, request_.referral_id());
  ASSERT_TRUE(kept) << ToString(kept.error());
  EXPECT_EQ(kept->state(), referral_v1::REFERRAL_STATE_OPEN);
  EXPECT_EQ(kept->offers_size(), 1);
  auto again = Send(request_);
  ASSERT_TRUE(again) << ToString(again.error());
  EXPECT_EQ(again->referral().offers(0).id(), kept->offers(0).id());
  EXPECT_EQ(Story(request_.referral_id()), std::vector<std::string>{"sent"});
}

// Redis went down with the hub and came back empty: the outbox fills it again, without the packet.
void LifeOfAReferralTest::Step6TheRelayPublishes() {
  SCOPED_TRACE("step 6");
  auto redis = Redis();
  ASSERT_TRUE(redis);
  std::string stream;
  const auto published = [&] {
    stream.clear();
    auto entries = redis->MustCall({"XRANGE", "ev:referral", "-", "+"});
    for (size_t i = 0; entries && i < entries->size(); ++i) {
      const events::ReplyView fields = (*entries)[i][1];
      std::string entry;  // the trail's, for the audit service alone, name the case
      for (size_t j = 0; j < fields.size(); ++j) entry.append(fields[j].Text());
      if (entry.find("fairlead.audit.") == std::string::npos) stream += entry;
    }
    return stream.find(request_.referral_id()) != std::string::npos;
  };
  EXPECT_TRUE(Soon(published));
  EXPECT_THAT(stream, ::testing::HasSubstr("fairlead.referral.sent.v1"));
  const auto envelope = seal::ParseEnvelope(request_.packet());
  ASSERT_TRUE(envelope);
  EXPECT_THAT(stream, ::testing::Not(::testing::HasSubstr(envelope->ciphertext.substr(0, 24))));
  EXPECT_THAT(stream, ::testing::Not(::testing::HasSubstr(envelope->protected_b64.substr(0, 40))));
  EXPECT_THAT(stream, ::testing::Not(::testing::HasSubstr(request_.case_handle())))
      << "a case handle is the sender's own";
}

// A revocation, as an event of consent's, closes what is open under it: once, and acknowledged.
void LifeOfAReferralTest::Step7ConsumersApplyOnce() {
  SCOPED_TRACE("step 7");
  ASSERT_EQ(ReasonOf(Revoke(release_)), "ok");
  EXPECT_TRUE(Soon([&] {
    auto now = Get(harbor_, request_.referral_id());
    return now && now->state() == referral_v1::REFERRAL_STATE_CANCELLED;
  }));
  auto redis = Redis();
  ASSERT_TRUE(redis);
  EXPECT_TRUE(Soon([&] {
    auto groups = redis->MustCall({"XINFO", "GROUPS", "ev:consent"});
    bool acknowledged = groups && groups->size() > 0;
    for (size_t i = 0; acknowledged && i < groups->size(); ++i) {
      acknowledged = (*groups)[i].Field("pending").Int() == 0;
    }
    return acknowledged;
  })) << "an event was applied and not acknowledged";
  EXPECT_EQ(Story(request_.referral_id()), (std::vector<std::string>{"sent", "cancelled"}));
}

// The recipient's stream tells of it at once; a third agency's stream never does, though it is
// alive: a later event of its own comes through.
void LifeOfAReferralTest::Step8ThoseWhoMayKnowAreTold() {
  SCOPED_TRACE("step 8");
  auto clinic = bench::SseClient::Connect(hub_->url(), clinic_.token);
  auto third = bench::SseClient::Connect(hub_->url(), third_.token);
  ASSERT_TRUE(clinic) << ToString(clinic.error());
  ASSERT_TRUE(third) << ToString(third.error());
  release_ = Sign(DraftFor(clinic_));
  seen_ = Sealed(clinic_, release_);
  Awaited told(**clinic, seen_.referral_id());
  Awaited overheard(**third, seen_.referral_id());
  ASSERT_EQ(ReasonOf(Send(seen_)), "ok");
  EXPECT_EQ(told.Within(kLiveWithinMs), "ok");

  const referral_v1::SendReferralRequest later = Sealed(third_, Sign(DraftFor(third_)));
  Awaited marker(**third, later.referral_id());
  ASSERT_EQ(ReasonOf(Send(later)), "ok");
  EXPECT_EQ(marker.Within(kSoonMs), "ok");
  EXPECT_FALSE(overheard.Came()) << "a third agency heard of a referral that is not for it";
  (*third)->Forget(seen_.referral_id());
}

// The inbox shows it; each opening asks consent, which writes it down; then the client unseals.
// After the revocation there is nothing to unseal.
void LifeOfAReferralTest::Step9OpeningAsksAgain() {
  SCOPED_TRACE("step 9");
  const std::string id = seen_.referral_id();
  referral_v1::ListReferralsRequest inbox;
  inbox.set_box(referral_v1::BOX_INBOX);
  inbox.set_page_size(100);
  auto listed =
      Call<referral_v1::ListReferralsResponse>(clinic_, Referral("ListReferrals"), inbox);
  ASSERT_TRUE(listed) << ToString(listed.error());
  EXPECT_THAT(listed->referrals(),
              ::testing::Contains(::testing::Property(&referral_v1::Referral::id, id)));
  for (int opening = 1; opening <= 2; ++opening) {
    auto opened = Open(id);
    ASSERT_TRUE(opened) << ToString(opened.error());
    const seal::Expected expected{.referral_id = id,
                                  .release_hash = release_.release_hash(),
                                  .sender_agency_id = harbor_.agency_id,
                                  .sender_signing_key = harbor_.signing.public_key,
                                  .now_s = SystemClock().NowMs() / 1000};
    auto packet = seal::Open(opened->packet(), clinic_.epoch, expected);
    ASSERT_TRUE(packet) << ToString(packet.error());
    EXPECT_EQ(packet->plaintext, kPlaintext);
    std::vector<std::string> kinds(static_cast<size_t>(opening), "opened");
    kinds.push_back("sent");
    EXPECT_THAT(Disclosures(release_), ::testing::UnorderedElementsAreArray(kinds));
  }
  const auto revoked = Revoke(release_);
  ASSERT_TRUE(revoked) << ToString(revoked.error());
  EXPECT_EQ(revoked->keys_deleted(), 2);
  EXPECT_THAT(revoked->agency_ids_that_opened(), ::testing::ElementsAre(clinic_.agency_id));
  const auto denied = Open(id);
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().reason, "RELEASE_REVOKED");
  EXPECT_EQ(denied.error().code, Code::kPermissionDenied);
}

TEST_F(LifeOfAReferralTest, StepsOneToNine) {
  ASSERT_NO_FATAL_FAILURE(Step1SearchAndSeal());
  ASSERT_NO_FATAL_FAILURE(Step2TheGateway());
  ASSERT_NO_FATAL_FAILURE(Step3TheHandler());
  ASSERT_NO_FATAL_FAILURE(Step4NoReleaseNoKey());
  ASSERT_NO_FATAL_FAILURE(Step5OnlyADurableCommitAnswersOk());
  ASSERT_NO_FATAL_FAILURE(Step6TheRelayPublishes());
  ASSERT_NO_FATAL_FAILURE(Step7ConsumersApplyOnce());
  ASSERT_NO_FATAL_FAILURE(Step8ThoseWhoMayKnowAreTold());
  ASSERT_NO_FATAL_FAILURE(Step9OpeningAsksAgain());
  EXPECT_EQ(hub_->Stop().value_or(-1), 0);
}

}  // namespace
}  // namespace fairlead::testing
