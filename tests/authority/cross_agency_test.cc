// Every public RPC with other agencies' ids, by every role: "not yours" and "not there" are one.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include "fairlead/api/v1/options.pb.h"
#include "fairlead/audit/v1/audit.pb.h"
#include "fairlead/consent/v1/consent.pb.h"
#include "fairlead/directory/v1/membership.pb.h"
#include "fairlead/identity/v1/identity.pb.h"
#include "fairlead/identity/v1/keys.pb.h"
#include "fairlead/identity/v1/machines.pb.h"
#include "fairlead/identity/v1/passkeys.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "services/common/auth/policy.h"
#include "services/common/base/encoding.h"
#include "services/common/testing/wait_until.h"
#include "services/identity/testing/software_authenticator.h"
#include "tests/authority/attack.h"
#include "tests/authority/words.h"
#include "tests/support/coalition.h"
#include "tests/support/in_process_hub.h"

namespace fairlead::authority {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using testing::Agency;
using testing::Coalition;
using testing::InProcessHub;
using Reply = Result<std::unique_ptr<Message>>;

constexpr size_t kRounds = 150;               // of three calls, for the times
constexpr int64_t kRoundsNs = 2'000'000'000;  // at most so long, and at least kFewestRounds
constexpr size_t kFewestRounds = 40;

// Whose ids a field takes. Agencies and listings are known to every member; the rest is not.
const std::map<std::string, std::string>& Kinds() {
  static const std::map<std::string, std::string> kinds = {
      {"agency_id", "open"},           {"recipient_agency_id", "open"},
      {"service_id", "open"},          {"recipient_agency_ids", "open"},
      {"artefact_id", "open"},  // the caller's own filing number
      {"referral_id", "referral"},     {"offer_id", "offer"},
      {"release_id", "release"},       {"case_handle", "case"},
      {"staff_id", "staff"},           {"session_id", "session"},
      {"invitation_id", "invitation"}, {"device_id", "device"},
      {"passkey_id", "passkey"},       {"machine_client_id", "machine"}};
  return kinds;
}

// A chosen id that is taken is refused, whoever has it: see TakenIdsSayNothingMore.
const std::set<std::string> kChosen = {"CreateReferral.referral_id", "SendReferral.referral_id"};

struct Attacker {
  std::string name;
  Agency agency;
  auth::Actor actor;
  bool was_sent_something = false;  // then only what was not sent to it is somebody else's
};

// One agency's records, others who want them, and the hub between.
class World {
 public:
  explicit World(std::unique_ptr<InProcessHub> hub)
      : hub_(std::move(hub)), coalition_(hub_->channel()) {
    harbor_ = Add("Harbor", auth::AgencyKind::kVictimServiceProvider);
    clinic_ = Add("Clinic", auth::AgencyKind::kHealthProvider);
    AddAttackers("Clinic", auth::AgencyKind::kHealthProvider, &clinic_);
    AddAttackers("Legal Aid", auth::AgencyKind::kLegalServices, nullptr);
    AddAttackers("Sheriff", auth::AgencyKind::kLawEnforcement, nullptr);
    AddAttackers("Office", auth::AgencyKind::kCoalitionOffice, nullptr);
    MakeCase();
    MakeStaff();
    MakeMachine();
  }

  Reply Call(const MethodDescriptor& method, const auth::Actor& actor, const Message& request) {
    const Message* prototype =
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(method.output_type());
    const std::string path = "/" + method.service()->full_name() + "/" + method.name();
    return SyncWait(
        hub_->channel().Call(path, request, *prototype, coalition_.Options(actor, 60'000)));
  }
  bool Served(const std::string& path) const {
    return hub_->dispatcher().registry().Find(path) != nullptr;
  }

  // A request of the attacker's with that id in that field.
  std::unique_ptr<Message> Request(const MethodDescriptor& method, const FieldPath& path,
                                   const std::string& id, const Attacker& attacker) {
    std::unique_ptr<Message> request;
    if (method.name() == "SendReferral") {
      request = PacketOf(attacker, NameOf(path) == "release_id" ? id : "",
                         NameOf(path) == "referral_id" ? id : ids().New());
    } else {
      request = Plausible(*method.input_type(), ids());
    }
    Place(*request, path, id, ids());
    if (auto* reseal = dynamic_cast<referral::v1::ResealPacketRequest*>(request.get())) {
      reseal->set_share(ShareFor(attacker.agency));
    }
    // An agency's own trail shows what it has asked for itself, about whatever id. Looked for here
    // is what somebody else did.
    if (auto* asked = dynamic_cast<audit::v1::ListAuditRecordsRequest*>(request.get())) {
      asked->mutable_filter()->set_action("referral_sent");
    }
    return request;
  }

  // Ids of Harbor's, of that kind, that are not the attacker's to see.
  std::vector<std::string> Theirs(const std::string& kind, const Attacker& attacker) const {
    std::vector<std::string> found;
    for (const auto& [of_kind, id, sent] : records_) {
      if (of_kind == kind && !(sent && attacker.was_sent_something)) found.push_back(id);
    }
    return found;
  }

  IdGenerator& ids() { return coalition_.ids(); }
  const std::vector<Attacker>& attackers() const { return attackers_; }
  Coalition& coalition() { return coalition_; }
  const Agency& harbor() const { return harbor_; }

 private:
  struct Record {
    std::string kind;
    std::string id;
    bool sent_to_clinic = false;
  };

  Agency Add(const std::string& name, auth::AgencyKind kind) {
    auto agency = coalition_.AddAgency(name, kind);
    EXPECT_TRUE(agency) << ToString(agency.error());
    return agency ? *agency : Agency{};
  }

  void AddAttackers(const std::string& name, auth::AgencyKind kind, const Agency* present) {
    const Agency agency = present != nullptr ? *present : Add(name, kind);
    for (const auth::Role role : kRoles) {
      if (!auth::CountsAt(role, kind)) continue;
      auth::Actor actor = coalition_.MakeActor(agency.id, kind, {role});
      actor.assurance = auth::kProvenLately;
      attackers_.push_back({name + " role " + std::to_string(static_cast<int>(role)), agency, actor,
                            present != nullptr});
    }
  }

  // A draft of each that nobody has seen, and a referral with its release that Clinic was sent.
  void MakeCase() {
    const auto draft = coalition_.DraftRelease(harbor_, clinic_);
    const auto signed_release = coalition_.SignedRelease(harbor_, clinic_);
    ASSERT_TRUE(draft && signed_release);
    const auto packet = coalition_.Packet(harbor_, clinic_, *signed_release, R"({"needs":{}})");
    ASSERT_TRUE(packet);
    const auto sent = coalition_.Send(*packet, harbor_);
    ASSERT_TRUE(sent) << ToString(sent.error());
    referral::v1::CreateReferralRequest create;
    create.set_request_id(ids().New());
    create.set_case_handle(draft->case_handle());
    create.mutable_facets()->set_need_code("shelter_bed");
    create.mutable_facets()->set_urgency(referral::v1::URGENCY_STANDARD);
    const auto kept = coalition_.Call<referral::v1::CreateReferralResponse>(
        harbor_.caseworker, "/fairlead.referral.v1.ReferralService/CreateReferral", create);
    ASSERT_TRUE(kept) << ToString(kept.error());
    records_ = {{"release", EndedRelease(), true},
                {"release", draft->id(), false},
                {"release", signed_release->id(), true},
                {"case", draft->case_handle(), false},
                {"case", signed_release->case_handle(), false},
                {"referral", kept->referral().id(), false},
                {"referral", sent->id(), true},
                {"offer", sent->offers(0).id(), true}};
  }

  // One that was sent under and then revoked, as all services know by now.
  std::string EndedRelease() {
    const auto release = coalition_.SignedRelease(harbor_, clinic_);
    if (!release) return "";
    const auto packet = coalition_.Packet(harbor_, clinic_, *release, R"({"needs":{}})");
    if (!packet) return "";
    const auto sent = coalition_.Send(*packet, harbor_);
    EXPECT_TRUE(sent && coalition_.Revoke(harbor_, release->id()));
    const auto is_cancelled = [&] {
      const auto now = coalition_.Get(harbor_, sent->id());
      return now && now->state() == referral::v1::REFERRAL_STATE_CANCELLED;
    };
    EXPECT_TRUE(sent && testing::WaitUntil(is_cancelled)) << "referral has not heard of it";
    return release->id();
  }

  // One of Harbor's people and what such a person has.
  void MakeStaff() {
    const std::string identity = "/fairlead.identity.v1.IdentityService/";
    auto account = coalition_.AddStaff(harbor_, "harbor.one", identity::v1::ROLE_CASEWORKER,
                                       "a long walk by the harbor at dusk");
    ASSERT_TRUE(account) << ToString(account.error());
    const auto signed_in = coalition_.Call<identity::v1::SignInResponse>(
        auth::Actor(), identity + "SignIn", account->NextSignIn());
    ASSERT_TRUE(signed_in) << ToString(signed_in.error());
    identity::v1::InviteStaffRequest invite;
    invite.set_request_id(ids().New());
    invite.set_agency_id(harbor_.id);
    invite.set_display_name("Two");
    invite.add_roles(identity::v1::ROLE_CASEWORKER);
    invite.set_code_sha256(Base64UrlEncode(Sha256(ids().New())));
    const auto invited = coalition_.Call<identity::v1::InviteStaffResponse>(
        harbor_.admin, identity + "InviteStaff", invite);
    ASSERT_TRUE(invited) << ToString(invited.error());
    auth::Actor person = harbor_.caseworker;
    person.staff_id = signed_in->staff().id();
    const auto key = seal::GenerateKey(seal::KeyUse::kEpoch);
    ASSERT_TRUE(key) << ToString(key.error());
    identity::v1::RegisterDeviceRequest device;
    device.set_request_id(ids().New());
    device.set_device_jwk(seal::ToJwk(key->public_key));
    const auto registered = coalition_.Call<identity::v1::RegisterDeviceResponse>(
        person, "/fairlead.identity.v1.KeyService/RegisterDevice", device);
    ASSERT_TRUE(registered) << ToString(registered.error());
    records_.push_back({"staff", signed_in->staff().id()});
    records_.push_back({"session", signed_in->session().id()});
    records_.push_back({"invitation", invited->invitation().id()});
    records_.push_back({"device", registered->device().id()});
    person.session_id = signed_in->session().id();
    person.assurance = auth::kProvenLately;
    MakePasskey(person);
  }

  void MakePasskey(const auth::Actor& person) {
    const std::string passkeys = "/fairlead.identity.v1.PasskeyService/";
    identity::v1::BeginPasskeyRegistrationRequest begin;
    begin.set_request_id(ids().New());
    const auto begun = coalition_.Call<identity::v1::BeginPasskeyRegistrationResponse>(
        person, passkeys + "BeginPasskeyRegistration", begin);
    ASSERT_TRUE(begun) << ToString(begun.error());
    identity::SoftwareAuthenticator authenticator("localhost", testing::kInProcessUrl);
    identity::v1::AddPasskeyRequest add;
    add.set_request_id(ids().New());
    add.set_registration_json(authenticator.Register(begun->options_json()));
    const auto added = coalition_.Call<identity::v1::AddPasskeyResponse>(
        person, passkeys + "AddPasskey", add);
    ASSERT_TRUE(added) << ToString(added.error());
    records_.push_back({"passkey", added->passkey().id()});
  }

  void MakeMachine() {
    const auto key = seal::GenerateKey(seal::KeyUse::kSigning);
    ASSERT_TRUE(key) << ToString(key.error());
    identity::v1::CreateMachineClientRequest create;
    create.set_request_id(ids().New());
    create.set_label("case_system");
    create.set_signing_jwk(seal::ToJwk(key->public_key));
    const auto made = coalition_.Call<identity::v1::CreateMachineClientResponse>(
        harbor_.admin, "/fairlead.identity.v1.MachineService/CreateMachineClient", create);
    ASSERT_TRUE(made) << ToString(made.error());
    records_.push_back({"machine", made->machine_client().id()});
  }

  // Of some packet, sealed to this agency.
  std::string ShareFor(const Agency& agency) {
    seal::SealRequest packet;
    packet.header.referral_id = ids().New();
    packet.header.sender_agency_id = agency.id;
    packet.header.release_hash = std::string(43, 'A');
    packet.header.purpose = "referral";
    packet.header.categories = {"needs"};
    packet.header.expires_s = 4'000'000'000;
    packet.recipients = {agency.epoch.public_key, harbor_.epoch.public_key};
    const auto sealed = seal::Seal(packet, agency.signing, SystemRandom());
    const auto envelope = seal::ParseEnvelope(sealed.value());
    for (const seal::Recipient& each : envelope->recipients) {
      if (each.kid == agency.epoch.public_key.kid) return seal::ShareToJson(each);
    }
    return "";
  }

  // A packet that is right in all but the release, when one is given.
  std::unique_ptr<Message> PacketOf(const Attacker& attacker, const std::string& release_id,
                                    const std::string& referral_id) {
    Agency sender = attacker.agency;
    consent::v1::Release release = own_release_[sender.id];
    if (release.id().empty()) {
      auto made = coalition_.SignedRelease(sender, sender.id == clinic_.id ? harbor_ : clinic_);
      EXPECT_TRUE(made) << ToString(made.error());
      if (made) release = own_release_[sender.id] = *made;
    }
    if (!release_id.empty()) release.set_id(release_id);
    const Agency& to = sender.id == clinic_.id ? harbor_ : clinic_;
    auto request = coalition_.Packet(sender, to, release, R"({"needs":{}})");
    EXPECT_TRUE(request) << ToString(request.error());
    if (!request) return std::make_unique<referral::v1::SendReferralRequest>();
    request->set_referral_id(referral_id);
    seal::SealRequest packet;
    packet.header = {.referral_id = referral_id,
                     .sender_agency_id = sender.id,
                     .sender_kid = sender.signing.public_key.kid,
                     .release_hash = release.release_hash(),
                     .purpose = "referral",
                     .categories = {"needs"},
                     .expires_s = release.expire_time().seconds() + 1,
                     .recips = ""};
    packet.plaintext = R"({"needs":{}})";
    packet.recipients = {to.epoch.public_key, sender.epoch.public_key};
    const auto sealed = seal::Seal(packet, sender.signing, SystemRandom());
    EXPECT_TRUE(sealed) << ToString(sealed.error());
    if (sealed) request->set_packet(*sealed);
    return std::make_unique<referral::v1::SendReferralRequest>(*request);
  }

 public:
  static const MethodDescriptor* MethodOf(std::string_view path) {
    // Asked for by name below: the linker must not think them unused.
    for (const auto* used :
         {audit::v1::AuditFilter::descriptor(), directory::v1::MembershipChange::descriptor(),
          identity::v1::Device::descriptor(), identity::v1::Passkey::descriptor(),
          identity::v1::MachineClient::descriptor()}) {
      EXPECT_NE(used, nullptr);
    }
    std::string name(path.substr(1));
    name[name.find('/')] = '.';
    return google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name);
  }

 private:
  std::unique_ptr<InProcessHub> hub_;
  Coalition coalition_;
  Agency harbor_;
  Agency clinic_;
  std::vector<Attacker> attackers_;
  std::vector<Record> records_;
  std::map<std::string, consent::v1::Release> own_release_;
};

class CrossAgencyTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto hub = InProcessHub::Start(storage::Transaction::Engine::kSqlite);
    ASSERT_TRUE(hub) << ToString(hub.error());
    world_ = new World(std::move(*hub));
  }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }

  using Visit = std::function<void(const auth::PolicyRow&, const MethodDescriptor&,
                                   const FieldPath&, const std::string& kind)>;
  // Every field of every public RPC that takes ids which are somebody's.
  void ForEachField(const Visit& visit) {
    // The trail first: it shows its reader what the reader's own agency has tried, on whatever id
    // (services/audit/domain/view.h), and what is to be found here is what others did.
    std::vector<const auth::PolicyRow*> rows;
    for (const auth::PolicyRow& row : auth::PolicyTable()) rows.push_back(&row);
    std::ranges::stable_partition(rows, [](const auth::PolicyRow* row) {
      return row->method.starts_with("/fairlead.audit.");
    });
    for (const auth::PolicyRow* each : rows) {
      const auth::PolicyRow& row = *each;
      if (row.services_only) continue;
      const MethodDescriptor* method = World::MethodOf(row.method);
      ASSERT_NE(method, nullptr) << row.method;
      for (const FieldPath& path : IdFields(*method->input_type())) {
        const std::string field = method->name() + "." + NameOf(path);
        const auto kind = Kinds().find(path.back()->name());
        ASSERT_NE(kind, Kinds().end()) << field << ": say whose ids it takes, in Kinds()";
        if (kind->second == "open" || kChosen.contains(field)) continue;
        visit(row, *method, path, kind->second);
      }
    }
  }

  // May do it to anybody's record, by the table: nothing is hidden from it.
  static bool MayToAny(const auth::PolicyRow& row, const auth::Actor& actor) {
    return !row.grants.empty() &&
           auth::Decide(&row, actor, {.release_in_force = true}) == auth::Verdict::kAllowed;
  }

  Answer Try(const MethodDescriptor& method, const FieldPath& path, const std::string& id,
             const Attacker& attacker) {
    return AnswerOf(
        world_->Call(method, attacker.actor, *world_->Request(method, path, id, attacker)));
  }

  Times Measure(const MethodDescriptor& method, const FieldPath& path, const std::string& id,
                const Attacker& attacker) {
    Times times;
    const auto timed = [&](const std::string& asked, std::vector<int64_t>& into) {
      const auto request = world_->Request(method, path, asked, attacker);
      const auto start = std::chrono::steady_clock::now();
      const Reply reply = world_->Call(method, attacker.actor, *request);
      into.push_back((std::chrono::steady_clock::now() - start).count());
    };
    // The same two ids of nobody's all along: a trail that keeps what was asked for grows alike.
    const std::string nobodys = world_->ids().New();
    const std::string nobodys_again = world_->ids().New();
    const auto begin = std::chrono::steady_clock::now();
    for (size_t round = 0; round < kRounds; ++round) {
      timed(nobodys, times.nobodys_ns);
      timed(id, times.theirs_ns);
      timed(nobodys_again, times.nobodys_again_ns);
      const bool late = (std::chrono::steady_clock::now() - begin).count() > kRoundsNs;
      if (late && round >= kFewestRounds) break;
    }
    return times;
  }

  static World* world_;
};

World* CrossAgencyTest::world_ = nullptr;

TEST_F(CrossAgencyTest, NobodyCanTellWhatIsTheirsFromWhatIsNotThere) {
  std::set<std::string> fields;
  std::set<std::string> kinds;
  std::set<std::string> met;  // those of which there was something that somebody may not see
  int compared = 0;
  int leaks = 0;
  ForEachField([&](const auth::PolicyRow& row, const MethodDescriptor& method,
                   const FieldPath& path, const std::string& kind) {
    const std::string field = method.name() + "." + NameOf(path);
    EXPECT_TRUE(world_->Served(std::string(row.method))) << row.method << " has no handler";
    kinds.insert(kind);
    fields.insert(field);
    for (const Attacker& attacker : world_->attackers()) {
      if (MayToAny(row, attacker.actor)) continue;
      const std::vector<std::string> theirs = world_->Theirs(kind, attacker);
      if (!theirs.empty()) met.insert(kind);
      for (const std::string& id : theirs) {
        const Answer about_theirs = Try(method, path, id, attacker);
        const Answer about_nobodys = Try(method, path, world_->ids().New(), attacker);
        ++compared;
        if (Alike(about_theirs, about_nobodys)) continue;
        ++leaks;
        ADD_FAILURE() << field << " by " << attacker.name << ": theirs " << ToString(about_theirs)
                      << "; nobody's " << ToString(about_nobodys);
      }
    }
  });
  std::printf("%zu fields, %d pairs of answers, %d leaks\n", fields.size(), compared, leaks);
  EXPECT_EQ(met, kinds) << "a kind of which there is no record is not tried: make one";
  EXPECT_GE(fields.size(), 30U);
  EXPECT_GE(compared, 300);
}

TEST_F(CrossAgencyTest, NorByTheTimeItTakes) {
  int measured = 0;
  ForEachField([&](const auth::PolicyRow& row, const MethodDescriptor& method,
                   const FieldPath& path, const std::string& kind) {
    for (const Attacker& attacker : world_->attackers()) {
      if (attacker.was_sent_something || MayToAny(row, attacker.actor)) continue;
      if (!auth::Authorise(&row, attacker.actor)) continue;
      const std::vector<std::string> theirs = world_->Theirs(kind, attacker);
      if (theirs.empty()) continue;
      const bool changes =
          method.options().idempotency_level() != google::protobuf::MethodOptions::NO_SIDE_EFFECTS;
      if (changes && Try(method, path, theirs.back(), attacker).code == Code::kOk) continue;
      std::string telling = Telling(Measure(method, path, theirs.back(), attacker));
      // Once more before it counts: another program may have had the machine.
      if (!telling.empty()) telling = Telling(Measure(method, path, theirs.back(), attacker));
      EXPECT_EQ(telling, "") << method.name() << "." << NameOf(path) << " by " << attacker.name;
      ++measured;
      return;  // one attacker is enough: the way is the same for all whom the verb is open to
    }
  });
  std::printf("%d fields measured\n", measured);
  EXPECT_GE(measured, 10);
}

// What a chosen id that is taken tells: that it is taken, and not by whom, nor anything else.
TEST_F(CrossAgencyTest, TakenIdsSayNothingMore) {
  for (const char* path : {"/fairlead.referral.v1.ReferralService/CreateReferral",
                           "/fairlead.referral.v1.ReferralService/SendReferral"}) {
    const MethodDescriptor& method = *World::MethodOf(path);
    const FieldPath field = {method.input_type()->FindFieldByName("referral_id")};
    for (const Attacker& attacker : world_->attackers()) {
      if (!attacker.actor.Has(auth::Role::kCaseworker)) continue;
      for (const std::string& id : world_->Theirs("referral", attacker)) {
        const Answer taken = Try(method, field, id, attacker);
        EXPECT_EQ(taken.reason, "REFERRAL_ALREADY_EXISTS") << method.name();
        EXPECT_EQ(taken.metadata_keys, "");
      }
      // Without what a new one needs, a taken id is not even told from a free one.
      if (method.name() != "SendReferral") continue;
      const auto bare = [&](const std::string& id) {
        const auto request = world_->Request(method, field, id, attacker);
        static_cast<referral::v1::SendReferralRequest&>(*request).clear_facets();
        return AnswerOf(world_->Call(method, attacker.actor, *request));
      };
      const std::vector<std::string> theirs = world_->Theirs("referral", attacker);
      EXPECT_TRUE(Alike(bare(theirs.front()), bare(world_->ids().New())))
          << ToString(bare(theirs.front())) << " / " << ToString(bare(world_->ids().New()));
    }
  }
}

}  // namespace
}  // namespace fairlead::authority
