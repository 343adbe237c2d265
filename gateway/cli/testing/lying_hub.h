// For the program's tests: a hub that is honest until a test makes it lie, and the program in front
// of it as people run it, at one machine or another.
#ifndef GATEWAY_CLI_TESTING_LYING_HUB_H_
#define GATEWAY_CLI_TESTING_LYING_HUB_H_

#include <gmock/gmock.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>

#include "fairlead/consent/v1/consent.pb.h"
#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/identity/v1/identity.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/release_check.h"
#include "gateway/cli/testing/fake_key_service.h"
#include "services/common/testing/child_process.h"

namespace fairlead::cli {

namespace json = boost::json;
namespace rv1 = referral::v1;

inline constexpr char kStranger[] = "01890a5d-ac96-774b-bcce-b302099a8011";
inline constexpr char kImpostor[] = "01890a5d-ac96-774b-bcce-b302099a8009";
inline constexpr char kReleaseId[] = "01890a5d-ac96-774b-bcce-b302099a8003";
inline constexpr char kReferralId[] = "01890a5d-ac96-774b-bcce-b302099a8006";
inline constexpr char kOtherReferral[] = "01890a5d-ac96-774b-bcce-b302099a8007";
inline constexpr char kPerson[] = "01890a5d-ac96-774b-bcce-b302099a8004";
inline constexpr char kLeaver[] = "01890a5d-ac96-774b-bcce-b302099a8005";
inline constexpr char kName[] = "Northside Clinic";
inline constexpr char kOtherName[] = "Southside Clinic";

enum class Verb { kSend, kOpen, kReseal, kSync, kConfirm, kRotate };

class LyingHub;
struct Attack {
  const char* name;
  const char* reason;
  Verb verb;
  void (*lie)(LyingHub&);
};

class LyingHub : public ::testing::TestWithParam<Attack> {
 public:
  // ---- the program, at one machine or another of the same person

  int Run(const std::string& machine, const std::vector<std::string>& words,
          const std::string& input = "") {
    static int runs = 0;
    const std::string log = folder_.File("err" + std::to_string(++runs));
    const std::string program =
        std::filesystem::read_symlink("/proc/self/exe").parent_path().string() + "/fairlead";
    testing::ChildOptions options{
        .argv = {program},
        .extra_env = {"FAIRLEAD_HOME=" + folder_.File(machine), "FAIRLEAD_URL=" + hub_.url(),
                      "FAIRLEAD_PROFILE=default"},
        .log_path = log,
        .pipe_stdout = true,
        .pipe_stdin = true};
    options.argv.insert(options.argv.end(), words.begin(), words.end());
    auto child = testing::ChildProcess::Spawn(options);
    EXPECT_TRUE(child) << "the program is not built";
    if (!child) return -1;
    child->WriteInput(input);
    child->CloseInput();
    out.clear();
    while (const auto line = child->ReadLine(60'000)) out += *line + "\n";
    const auto code = child->Wait(60'000);
    std::ifstream file(log);
    err.assign(std::istreambuf_iterator<char>(file), {});
    return code.value_or(-1);
  }
  // The reason that the program gave, with --json.
  std::string Reason() const {
    const size_t at = err.rfind("{\"error\"");
    if (at == std::string::npos) return "none: " + err;
    return std::string(
        json::parse(err.substr(at, err.find('\n', at) - at)).at("error").at("reason").as_string());
  }
  void SignIn(const std::string& machine) {
    ASSERT_EQ(Run(machine, {"login", "ana", "--passphrase-stdin", "--totp-stdin"},
                  "four plain words here\n287082\n"),
              kExitOk)
        << err;
  }
  // The fingerprint that a new machine shows, for a person to read out.
  std::string Join(const std::string& machine) {
    SignIn(machine);
    EXPECT_EQ(Run(machine, {"key", "join", "--json"}), kExitOk) << err;
    return std::string(json::parse(out).at("fingerprint").as_string());
  }

  int RunVerb(const std::string& machine = "") {
    switch (GetParam().verb) {
      case Verb::kSend:
        return Run("first",
                   {"referral", "send", "--packet", folder_.File("packet.json"), "--release",
                    kReleaseId, "--to", to, "--need", "shelter", "--urgency", "urgent", "--json"});
      case Verb::kOpen:
        return Run("first", {"referral", "open", kReferralId, "--json"});
      case Verb::kReseal:
        return Run("first", {"key", "reseal", "--json"});
      case Verb::kSync:
        return Run(machine.empty() ? "second" : machine, {"key", "sync", "--yes", "--json"});
      case Verb::kConfirm:
        return Run("first", {"key", "confirm", read_out_, "--person", kPerson, "--yes", "--json"});
      case Verb::kRotate:
        return Run("first", {"key", "rotate", "--yes", "--json"});
    }
    return -1;
  }
  // Of what may not happen: packets handed in, shares handed in, lists published.
  size_t Acts() const {
    const auto requests = hub_.requests();
    return static_cast<size_t>(
        std::count_if(requests.begin(), requests.end(), [](const FakeRequest& request) {
          return request.path == "/" + std::string(kSendReferral) ||
                 request.path == "/" + std::string(kResealPacket) ||
                 request.path == "/" + std::string(kPublishKeyList);
        }));
  }

  // ---- the hub, while it is honest

  void SetUp() override {
    theirs_.Rotate();
    keys_.lists[kOtherAgency] = theirs_.jws;
    keys_.lists[kImpostor] = impostor_.jws;
    identity::v1::SignInResponse session;
    session.set_session_token("token-of-the-session");
    session.mutable_staff()->set_id(kPerson);
    session.mutable_staff()->set_sign_in_name("ana");
    session.mutable_staff()->set_agency_id(kOwnAgency);
    hub_.Answer(kSignIn, session);
    hub_.OnCall(kGetAgency, [this](const FakeRequest& request) {
      directory::v1::GetAgencyRequest asked;
      asked.ParseFromString(request.body);
      directory::v1::GetAgencyResponse response;
      response.mutable_agency()->set_id(asked.agency_id());
      response.mutable_agency()->set_name(names[asked.agency_id()]);
      return Protobuf(response);
    });
    hub_.OnCall(kListAgencies, [this](const FakeRequest&) {
      directory::v1::ListAgenciesResponse response;
      for (const auto& [id, name] : names) {
        response.add_agencies()->set_id(id);
        response.mutable_agencies()->rbegin()->set_name(name);
      }
      return Protobuf(response);
    });
    hub_.OnCall(kGetRelease, [this](const FakeRequest&) {
      consent::v1::GetReleaseResponse response;
      *response.mutable_release() = release;
      return Protobuf(response);
    });
    hub_.OnCall(kSendReferral, [](const FakeRequest& request) {
      rv1::SendReferralRequest asked;
      asked.ParseFromString(request.body);
      rv1::SendReferralResponse response;
      response.mutable_referral()->set_id(asked.referral_id());
      return Protobuf(response);
    });
    hub_.OnCall(kOpenPacket, [this](const FakeRequest&) { return Protobuf(opened); });
    hub_.OnCall(kListReferrals, [](const FakeRequest& request) {
      rv1::ListReferralsRequest asked;
      asked.ParseFromString(request.body);
      rv1::ListReferralsResponse response;
      if (asked.box() == rv1::BOX_INBOX) response.add_referrals()->set_id(kReferralId);
      return Protobuf(response);
    });
    hub_.OnCall(kResealPacket, [](const FakeRequest& request) {
      rv1::ResealPacketRequest asked;
      asked.ParseFromString(request.body);
      rv1::ResealPacketResponse response;
      response.mutable_referral()->set_id(asked.referral_id());
      return Protobuf(response);
    });
    MakeRelease();
    std::ofstream(folder_.File("packet.json")) << R"({"needs":{"secret":"canary"}})";
    SignIn("first");
    ASSERT_EQ(Run("first", {"key", "init"}), kExitOk) << err;
    ASSERT_EQ(Run("first", {"key", "accept", kName, "--yes"}), kExitOk) << err;
    Prepare();
  }

  void MakeRelease() {
    release.set_id(kReleaseId);
    release.set_state(consent::v1::RELEASE_STATE_ACTIVE);
    release.set_case_handle(kPerson);
    release.set_discloser_agency_id(kOwnAgency);
    release.add_recipient_agency_ids(kOtherAgency);
    release.add_categories("needs");
    release.add_purposes("referral");
    release.mutable_expire_time()->set_seconds(4'000'000'000);
    release.set_release_hash(*ComputeReleaseHash(release));
  }

  // What the verb needs to succeed.
  void Prepare() {
    const seal::PublicKey first_epoch = keys_.ListOf(kOwnAgency).epoch_key;
    opened = Deliver(kReferralId, theirs_, first_epoch);
    if (GetParam().verb == Verb::kReseal) {
      first_list = keys_.lists[kOwnAgency];
      ASSERT_EQ(Run("first", {"key", "rotate"}), kExitOk) << err;
    }
    if (GetParam().verb == Verb::kConfirm) read_out_ = Join("second");
    if (GetParam().verb == Verb::kSync || GetParam().verb == Verb::kRotate) {
      first_list = keys_.lists[kOwnAgency];
      ASSERT_EQ(Run("first", {"key", "confirm", Join("second"), "--yes"}), kExitOk) << err;
    }
  }

  // A packet of `sender` to `recipient`, as the hub delivers it.
  rv1::OpenPacketResponse Deliver(const std::string& referral_id, const keys::Publisher& sender,
                                  const seal::PublicKey& recipient) const {
    seal::SealRequest request;
    request.header.referral_id = referral_id;
    request.header.sender_agency_id = sender.agency_id;
    request.header.release_hash = release.release_hash();
    request.header.purpose = "referral";
    request.header.categories = {"needs"};
    request.header.expires_s = 4'000'000'000;
    request.plaintext = R"({"needs":{}})";
    request.recipients = {recipient, sender.current.epoch_key.public_key};
    rv1::OpenPacketResponse response;
    response.set_packet(seal::Seal(request, sender.current.signing_key, SystemRandom()).value());
    response.mutable_referral()->set_id(referral_id);
    response.mutable_referral()->set_sender_agency_id(kOtherAgency);
    response.mutable_referral()->set_release_hash(release.release_hash());
    return response;
  }
  seal::PublicKey OwnEpoch() const { return keys_.ListOf(kOwnAgency).epoch_key; }
  // The packet's envelope, changed.
  void ChangePacket(const std::function<void(seal::Envelope&)>& change) {
    auto envelope = seal::ParseEnvelope(opened.packet()).value();
    change(envelope);
    opened.set_packet(seal::ToJson(envelope));
  }
  // A wrap made by the hub, of keys that are its own, for the device last registered.
  void WrapOwnKeys() {
    const keys::EpochKeys own{
        .epoch = 1, .epoch_key = keys::SealingKey(), .signing_key = keys::SigningKey()};
    const auto device = seal::ParseJwk(keys_.devices.back().device_jwk());
    identity::v1::KeyWrap wrap;
    wrap.set_device_id(keys_.devices.back().id());
    wrap.set_epoch(1);
    wrap.set_jwe(
        keys::WrapKeys(kOwnAgency, keys_.ListOf(kOwnAgency).version, own, *device, SystemRandom())
            .value());
    std::erase_if(keys_.wraps,
                  [&](const auto& each) { return each.device_id() == wrap.device_id(); });
    keys_.wraps.push_back(wrap);
  }

  // The coalition's root, trusted at the first machine.
  void TrustRoot() {
    keys_.Certify(
        {{kOwnAgency, "Harbor House"}, {kOtherAgency, kName}, {kImpostor, "Eastside Mission"}});
    ASSERT_EQ(Run("first", {"key", "root", "trust", "--yes"}), kExitOk) << err;
    ASSERT_EQ(RunVerb(), kExitOk) << "with the root: " << err;
  }

  testing::TempDir folder_;
  FakeHub hub_;
  FakeKeyService keys_{hub_, kPerson};
  keys::Publisher theirs_ = Published(kOtherAgency);
  keys::Publisher impostor_ = Published(kImpostor);
  std::map<std::string, std::string> names = {{kOtherAgency, kName}};
  consent::v1::Release release;
  rv1::OpenPacketResponse opened;
  std::string first_list;
  std::string read_out_;
  std::string to = kName;    // whom the person means
  std::string lied_to = "";  // the machine where the verb is run once the hub lies
  std::string out;
  std::string err;
};

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_TESTING_LYING_HUB_H_
