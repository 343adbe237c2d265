// A lying hub in front of the program itself, as people run it: each attack by name, and the reason
// with which it is refused. The same command succeeds first, while the same hub is honest.
// What the libraries below refuse, tests/conformance/malicious_hub has; here it is that the program
// asks them, with what it has kept on disk, and does nothing before they have answered.
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
namespace {

namespace json = boost::json;
namespace rv1 = referral::v1;

constexpr char kImpostor[] = "01890a5d-ac96-774b-bcce-b302099a8009";
constexpr char kReleaseId[] = "01890a5d-ac96-774b-bcce-b302099a8003";
constexpr char kReferralId[] = "01890a5d-ac96-774b-bcce-b302099a8006";
constexpr char kOtherReferral[] = "01890a5d-ac96-774b-bcce-b302099a8007";
constexpr char kPerson[] = "01890a5d-ac96-774b-bcce-b302099a8004";
constexpr char kLeaver[] = "01890a5d-ac96-774b-bcce-b302099a8005";
constexpr char kName[] = "Northside Clinic";
constexpr char kOtherName[] = "Southside Clinic";

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

// The list as it stands, with its payload changed and signed again by `signer`.
std::string Signed(const std::string& jws, const seal::PrivateKey& signer,
                   const std::function<void(json::object& payload)>& change) {
  return keys::Forge(jws, signer, [&](json::object& header, json::object& payload) {
    header["kid"] = signer.public_key.kid;
    change(payload);
  });
}

const Attack kAttacks[] = {
    // ---- whom a packet is sealed to
    {"AnotherAgencyKeyInItsPlace", "AGENCY_KEY_CHANGED", Verb::kSend,
     [](LyingHub& hub) { hub.keys_.lists[kOtherAgency] = Replaced(hub.theirs_).jws; }},
    {"AStaleListReplayed", "KEY_LIST_ROLLBACK", Verb::kSend,
     [](LyingHub& hub) {
       const std::string before = hub.theirs_.jws;
       hub.theirs_.Rotate();
       hub.keys_.lists[kOtherAgency] = hub.theirs_.jws;
       ASSERT_EQ(hub.RunVerb(), kExitOk) << hub.err;
       hub.keys_.lists[kOtherAgency] = before;
     }},
    {"TwoHistoriesOfOneList", "KEY_LIST_FORKED", Verb::kSend,
     [](LyingHub& hub) {
       hub.keys_.lists[kOtherAgency] =
           Signed(hub.theirs_.jws, hub.theirs_.agency,
                  [](json::object& list) { list["exp"] = list["exp"].as_int64() - 1; });
     }},
    {"OtherKeysForAnEpochThatIsKnown", "EPOCH_KEYS_CHANGED", Verb::kSend,
     [](LyingHub& hub) {
       keys::KeyList next = keys::NextList(hub.theirs_.jws, hub.theirs_.list, hub.theirs_.start_s);
       next.epoch_key = hub.impostor_.current.epoch_key.public_key;
       hub.keys_.lists[kOtherAgency] = keys::SignKeyList(next, hub.theirs_.agency).value();
     }},
    {"TheHubsKeyInTheSignedList", "KEY_LIST_INVALID", Verb::kSend,
     [](LyingHub& hub) {
       const std::string& jws = hub.theirs_.jws;
       const std::string forged = Signed(jws, hub.impostor_.agency, [&](json::object& list) {
         list["epoch_jwk"] = json::parse(seal::ToJwk(hub.impostor_.current.epoch_key.public_key));
       });
       hub.keys_.lists[kOtherAgency] =
           jws.substr(0, jws.find('.')) + forged.substr(forged.find('.'));
     }},
    {"AnotherAgencysListUnderItsId", "KEY_LIST_INVALID", Verb::kSend,
     [](LyingHub& hub) { hub.keys_.lists[kOtherAgency] = hub.impostor_.jws; }},
    {"AnExpiredList", "KEY_LIST_EXPIRED", Verb::kSend,
     [](LyingHub& hub) {
       keys::KeyList next = keys::NextList(hub.theirs_.jws, hub.theirs_.list, 1'700'000'000);
       hub.keys_.lists[kOtherAgency] = keys::SignKeyList(next, hub.theirs_.agency).value();
     }},
    {"TheNameGivenToAnImpostor", "AGENCY_ID_CHANGED", Verb::kSend,
     [](LyingHub& hub) {
       hub.names = {{kOtherAgency, kName}, {kImpostor, kName}};
     }},
    {"OneRecipientMoreInTheRelease", "RELEASE_HASH_MISMATCH", Verb::kSend,
     [](LyingHub& hub) { hub.release.add_recipient_agency_ids(kImpostor); }},
    {"RecipientsSwappedInTheRelease", "RELEASE_RECIPIENT_MISMATCH", Verb::kSend,
     [](LyingHub& hub) {
       hub.release.set_recipient_agency_ids(0, kImpostor);
       hub.release.set_release_hash(*ComputeReleaseHash(hub.release));
     }},
    {"ANameGivenToAnAgencyThatTheRootNamesOtherwise", "AGENCY_NAME_MISMATCH", Verb::kSend,
     [](LyingHub& hub) {
       hub.TrustRoot();
       hub.names[kImpostor] = kOtherName;
       hub.release.add_recipient_agency_ids(kImpostor);
       hub.release.set_release_hash(*ComputeReleaseHash(hub.release));
       hub.to = kOtherName;
     }},
    {"ANameGivenToAnAgencyThatIsKnownByAnother", "AGENCY_NAME_MISMATCH", Verb::kSend,
     [](LyingHub& hub) {
       hub.names = {{kOtherAgency, kOtherName}};
       hub.to = kOtherName;
     }},
    // ---- what is opened
    {"AnImpostorsPacketUnderAKnownName", "AGENCY_ID_CHANGED", Verb::kOpen,
     [](LyingHub& hub) {
       hub.names[kImpostor] = kName;
       hub.opened = hub.Deliver(kReferralId, hub.impostor_, hub.OwnEpoch());
       hub.opened.mutable_referral()->set_sender_agency_id(kImpostor);
     }},
    {"APacketShownAsAnotherAgencysWhoClaimsItsKey", "KEY_OF_ANOTHER_AGENCY", Verb::kOpen,
     [](LyingHub& hub) {
       keys::KeyList next =
           keys::NextList(hub.impostor_.jws, hub.impostor_.list, hub.impostor_.start_s);
       keys::BeginEpoch(next, keys::SealingKey().public_key, hub.theirs_.list.signing_key,
                        hub.impostor_.start_s);
       hub.keys_.lists[kImpostor] = keys::SignKeyList(next, hub.impostor_.agency).value();
       hub.names[kImpostor] = kOtherName;
       hub.opened.mutable_referral()->set_sender_agency_id(kImpostor);
     }},
    {"SignedByAStranger", "SENDER_KEY_UNKNOWN", Verb::kOpen,
     [](LyingHub& hub) { hub.opened = hub.Deliver(kReferralId, hub.impostor_, hub.OwnEpoch()); }},
    {"AnotherReferralsPacket", "REFERRAL_MISMATCH", Verb::kOpen,
     [](LyingHub& hub) {
       const auto other = hub.Deliver(kOtherReferral, hub.theirs_, hub.OwnEpoch());
       hub.opened.set_packet(other.packet());
     }},
    {"ADroppedRecipient", "INVALID_PACKET", Verb::kOpen,
     [](LyingHub& hub) {
       hub.ChangePacket([](seal::Envelope& packet) { packet.recipients.pop_back(); });
     }},
    {"AnAddedRecipient", "INVALID_PACKET", Verb::kOpen,
     [](LyingHub& hub) {
       hub.ChangePacket([&hub](seal::Envelope& packet) {
         packet.recipients.push_back(packet.recipients.back());
         packet.recipients.back().kid = hub.impostor_.current.epoch_key.public_key.kid;
         std::sort(packet.recipients.begin(), packet.recipients.end(),
                   [](const auto& a, const auto& b) { return a.kid < b.kid; });
       });
     }},
    {"SplicedContent", "DECRYPTION_FAILED", Verb::kOpen,
     [](LyingHub& hub) {
       const auto other = hub.Deliver(kReferralId, hub.theirs_, hub.OwnEpoch());
       const auto spliced = seal::ParseEnvelope(other.packet()).value();
       hub.ChangePacket([&](seal::Envelope& packet) { packet.ciphertext = spliced.ciphertext; });
     }},
    {"SaidToBeSealedAnewAndNot", "DECRYPTION_FAILED", Verb::kOpen,
     [](LyingHub& hub) {
       ASSERT_EQ(hub.Run("first", {"key", "rotate"}), kExitOk) << hub.err;
       hub.opened.set_resealed_to_kid(hub.OwnEpoch().kid);  // the old wrapping, replayed
     }},
    {"APacketForSomebodyElseSealedAnewToUs", "NOT_A_RECIPIENT", Verb::kOpen,
     [](LyingHub& hub) {
       hub.opened =
           hub.Deliver(kReferralId, hub.theirs_, hub.impostor_.current.epoch_key.public_key);
       const auto share = seal::Reseal(hub.opened.packet(), hub.impostor_.current.epoch_key,
                                       {.referral_id = kReferralId,
                                        .release_hash = hub.release.release_hash(),
                                        .sender_signing_key = hub.theirs_.list.signing_key,
                                        .now_s = 1'900'000'000},
                                       hub.OwnEpoch())
                              .value();
       hub.ChangePacket([&](seal::Envelope& packet) {
         for (seal::Recipient& each : packet.recipients) {
           if (each.kid != hub.impostor_.current.epoch_key.public_key.kid) continue;
           each.epk_x = share.epk_x;
           each.epk_y = share.epk_y;
           each.encrypted_key = share.encrypted_key;
         }
       });
       hub.opened.set_resealed_to_kid(hub.OwnEpoch().kid);
     }},
    // ---- what open packets are sealed to after a rotation
    {"BackToTheEpochBefore", "KEY_LIST_ROLLBACK", Verb::kReseal,
     [](LyingHub& hub) { hub.keys_.lists[kOwnAgency] = hub.first_list; }},
    {"ToAnEpochOfTheHubs", "AGENCY_KEY_CHANGED", Verb::kReseal,
     [](LyingHub& hub) {
       keys::Publisher forged = Published(kOwnAgency);
       forged.Rotate();
       hub.keys_.lists[kOwnAgency] = forged.jws;
     }},
    {"AnotherPacketToSealAnew", "RESEAL_INCOMPLETE", Verb::kReseal,
     [](LyingHub& hub) {
       hub.opened.set_packet(hub.Deliver(kOtherReferral, hub.theirs_, hub.OwnEpoch()).packet());
     }},
    // ---- who gets the agency's keys, and from whom
    {"TheDeviceReplacedBeforeItIsConfirmed", "DEVICE_NOT_FOUND", Verb::kConfirm,
     [](LyingHub& hub) {
       hub.read_out_ = hub.Join("third");
       hub.keys_.devices.back().set_device_jwk(seal::ToJwk(keys::SealingKey().public_key));
     }},
    {"OurOwnListReplaced", "AGENCY_KEY_CHANGED", Verb::kConfirm,
     [](LyingHub& hub) {
       hub.read_out_ = hub.Join("third");
       hub.keys_.lists[kOwnAgency] = Published(kOwnAgency).jws;
     }},
    {"AnothersDeviceShownAsAColleagues", "DEVICE_PERSON_CHANGED", Verb::kConfirm,
     [](LyingHub& hub) {
       hub.read_out_ = hub.Join("third");
       hub.keys_.devices.back().set_staff_id(kLeaver);
     }},
    {"ARemovedDeviceShownAsWaiting", "DEVICE_REMOVED_HERE", Verb::kConfirm,
     [](LyingHub& hub) {
       ASSERT_EQ(hub.Run("first", {"key", "remove", hub.read_out_, "--yes"}), kExitOk) << hub.err;
       hub.keys_.devices.back().clear_remove_time();
       hub.keys_.devices.back().clear_confirm_time();
     }},
    {"ALeaversDeviceShownAsWaiting", "PERSON_HAS_LEFT", Verb::kConfirm,
     [](LyingHub& hub) {
       hub.read_out_ = hub.Join("third");
       hub.hub_.Answer(kDisableStaff, identity::v1::DisableStaffResponse());
       ASSERT_EQ(hub.Run("first", {"user", "disable", kPerson, "--yes", "--keep-keys"}), kExitOk)
           << hub.err;
     }},
    {"AConfirmedDeviceShownAsAnotherPersons", "DEVICE_PERSON_CHANGED", Verb::kRotate,
     [](LyingHub& hub) { hub.keys_.devices.back().set_staff_id(kLeaver); }},
    {"KeysOfTheHubsForAConfirmedDevice", "WRAP_KEY_MISMATCH", Verb::kSync,
     [](LyingHub& hub) { hub.WrapOwnKeys(); }},
    {"KeysForADeviceThatNobodyConfirmed", "DEVICE_NOT_LISTED", Verb::kSync,
     [](LyingHub& hub) {
       hub.Join("third");
       hub.keys_.devices.back().mutable_confirm_time()->set_seconds(1);
       hub.WrapOwnKeys();
       hub.lied_to = "third";
     }},
    {"TheListBeforeTheDeviceWasConfirmed", "KEY_LIST_ROLLBACK", Verb::kSync,
     [](LyingHub& hub) { hub.keys_.lists[kOwnAgency] = hub.first_list; }},
};

TEST_P(LyingHub, IsRefused) {
  ASSERT_EQ(RunVerb(), kExitOk) << "while the hub is honest: " << err;
  GetParam().lie(*this);
  if (HasFatalFailure()) return;
  const size_t acts = Acts();
  EXPECT_NE(RunVerb(lied_to), kExitOk) << "falls for it";
  EXPECT_EQ(Reason(), GetParam().reason);
  EXPECT_EQ(out, "") << "a refusal writes nothing";
  EXPECT_EQ(Acts(), acts) << "something was handed in";
}

INSTANTIATE_TEST_SUITE_P(Program, LyingHub, ::testing::ValuesIn(kAttacks),
                         [](const auto& attack) { return std::string(attack.param.name); });

}  // namespace
}  // namespace fairlead::cli
