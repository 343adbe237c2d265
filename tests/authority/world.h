// What the cross-agency test is about: one agency's records, others who want them, and the hub.
#ifndef TESTS_AUTHORITY_WORLD_H_
#define TESTS_AUTHORITY_WORLD_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/auth/policy.h"
#include "services/common/base/encoding.h"
#include "services/common/testing/wait_until.h"
#include "services/identity/testing/software_authenticator.h"
#include "tests/authority/attack.h"
#include "tests/authority/messaging_records.h"
#include "tests/authority/protos.h"
#include "tests/authority/words.h"
#include "tests/support/coalition.h"
#include "tests/support/in_process_hub.h"

namespace fairlead::authority {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using testing::Agency;
using testing::Coalition;
using testing::InProcessHub;
using Reply = Result<std::unique_ptr<Message>>;

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
    MakeNote();
    MakeStaff();
    MakeMachine();
    MakeHold();
    for (auto& [kind, id] : MessagingRecords(coalition_, harbor_, clinic_)) {
      records_.push_back({kind, id, true});
    }
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
    } else if (method.name() == "ForwardReferral") {
      request = ForwardedPacket(attacker, id, NameOf(path));
    } else if (method.name() == "SendPacket") {
      request = FollowingPacket<referral::v1::SendPacketRequest>(attacker, id, NameOf(path));
    } else if (method.name() == "AmendPacket") {
      auto amend = FollowingPacket<referral::v1::AmendPacketRequest>(attacker, id, NameOf(path));
      amend->set_replaces_version(1);
      request = std::move(amend);
    } else {
      request = Plausible(*method.input_type(), ids());
    }
    if (auto* offer = dynamic_cast<referral::v1::OfferReferralRequest*>(request.get())) {
      offer->set_mode(referral::v1::REFERRAL_MODE_FIRST_TO_ACCEPT);
      offer->set_allow_duplicate_service(true);  // of the attacker's own, asked before
      if (offer->case_handle().empty()) offer->set_case_handle(ids().New());
      offer->mutable_facets()->set_need_code("shelter_bed");
      offer->mutable_facets()->set_urgency(referral::v1::URGENCY_STANDARD);
      if (offer->recipients_size() == 0) offer->add_recipients();
      const bool asks_harbor = attacker.agency.id == clinic_.id;
      offer->mutable_recipients(0)->set_recipient_agency_id(asks_harbor ? harbor_.id : clinic_.id);
    }
    if (auto* reopen = dynamic_cast<referral::v1::ReopenReferralRequest*>(request.get())) {
      reopen->set_reason_code("no_show");
    }
    if (auto* close = dynamic_cast<referral::v1::CloseReferralRequest*>(request.get())) {
      close->set_reason_code("no_show");
    }
    // Codes that there are: a wrong one would be refused before anybody looks at the offer.
    if (auto* ask = dynamic_cast<referral::v1::AskQuestionRequest*>(request.get())) {
      ask->set_question_code("pet");
    }
    if (auto* answer = dynamic_cast<referral::v1::AnswerQuestionRequest*>(request.get())) {
      answer->set_question_code("pet");
      answer->set_answer_code("dog");
    }
    Place(*request, path, id, ids());
    if (auto* reseal = dynamic_cast<referral::v1::ResealPacketRequest*>(request.get())) {
      reseal->set_share(ShareFor(attacker.agency));
    }
    // Numbers that there may be: a wrong one would be refused before anybody looks at the referral.
    if (auto* start = dynamic_cast<referral::v1::StartAttachmentRequest*>(request.get())) {
      start->set_chunk_count(1);
      start->set_packet_version(1);
    }
    // The attacker's own list of such a case, which an attempt before this one may have made.
    if (auto* set = dynamic_cast<referral::v1::SetDoNotRouteRequest*>(request.get())) {
      referral::v1::GetDoNotRouteRequest get;
      get.set_case_handle(set->case_handle());
      const auto list = coalition_.Call<referral::v1::GetDoNotRouteResponse>(
          attacker.actor, "/fairlead.referral.v1.RoutingService/GetDoNotRoute", get);
      if (list) set->set_etag(list->do_not_route().etag());
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
    records_.push_back({"destroy_notice", notice_id_, true});
    MakeBreakGlass(sent->id());
  }

  // Clinic has asked for it, and nobody has approved it.
  void MakeBreakGlass(const std::string& referral_id) {
    consent::v1::RequestBreakGlassRequest ask;
    ask.set_request_id(ids().New());
    ask.set_referral_id(referral_id);
    ask.set_reason_code("medical_emergency");
    const auto asked = coalition_.Call<consent::v1::RequestBreakGlassResponse>(
        clinic_.caseworker, "/fairlead.consent.v1.BreakGlassService/RequestBreakGlass", ask);
    ASSERT_TRUE(asked) << ToString(asked.error());
    records_.push_back({"break_glass", asked->break_glass().id(), true});
  }

  // An appointment that Harbor has proposed to Clinic.
  void MakeNote() {
    const auto release = coalition_.SignedRelease(harbor_, clinic_);
    ASSERT_TRUE(release) << ToString(release.error());
    const auto packet = coalition_.Packet(harbor_, clinic_, *release, R"({"needs":{}})");
    ASSERT_TRUE(packet) << ToString(packet.error());
    const auto sent = coalition_.Send(*packet, harbor_);
    ASSERT_TRUE(sent && coalition_.Accept(clinic_, sent->offers(0).id()));
    const auto note = coalition_.SealedPacket(harbor_, clinic_, *release, sent->id(), R"({})");
    ASSERT_TRUE(note) << ToString(note.error());
    referral::v1::ProposeAppointmentRequest propose;
    propose.set_request_id(ids().New());
    propose.set_referral_id(sent->id());
    propose.set_note_id(ids().New());
    propose.set_note(*note);
    const auto proposed = coalition_.Call<referral::v1::ProposeAppointmentResponse>(
        harbor_.caseworker, "/fairlead.referral.v1.SealedNoteService/ProposeAppointment", propose);
    ASSERT_TRUE(proposed) << ToString(proposed.error());
    records_.push_back({"note", propose.note_id(), true});
  }

  // One that was sent under and then revoked, as all services know by now.
  std::string EndedRelease() {
    const auto release = coalition_.SignedRelease(harbor_, clinic_);
    if (!release) return "";
    const auto packet = coalition_.Packet(harbor_, clinic_, *release, R"({"needs":{}})");
    if (!packet) return "";
    const auto sent = coalition_.Send(*packet, harbor_);
    EXPECT_TRUE(sent && coalition_.Open(clinic_, harbor_, sent->id()));
    EXPECT_TRUE(sent && coalition_.Revoke(harbor_, release->id()));
    MakeDestroyNotice();
    const auto is_cancelled = [&] {
      const auto now = coalition_.Get(harbor_, sent->id());
      return now && now->state() == referral::v1::REFERRAL_STATE_CANCELLED;
    };
    EXPECT_TRUE(sent && testing::WaitUntil(is_cancelled)) << "referral has not heard of it";
    return release->id();
  }

  // Clinic was asked to destroy what it had opened.
  void MakeDestroyNotice() {
    consent::v1::ListDestroyNoticesRequest list;
    list.set_box(consent::v1::DESTROY_NOTICE_BOX_RECEIVED);
    const auto notices = coalition_.Call<consent::v1::ListDestroyNoticesResponse>(
        clinic_.caseworker, "/fairlead.consent.v1.ConsentService/ListDestroyNotices", list);
    ASSERT_TRUE(notices) << ToString(notices.error());
    ASSERT_EQ(notices->notices_size(), 1);
    notice_id_ = notices->notices(0).id();
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
    const auto added =
        coalition_.Call<identity::v1::AddPasskeyResponse>(person, passkeys + "AddPasskey", add);
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

  // Of a bed of Harbor's, by Harbor itself.
  void MakeHold() {
    const std::string service_id = ids().New();
    const std::string organization_id = ids().New();
    directory::v1::ImportListingsRequest import;
    import.set_request_id(ids().New());
    import.set_agency_id(harbor_.id);
    import.set_format(directory::v1::IMPORT_FORMAT_HSDS_CSV);
    import.add_default_need_codes("shelter_bed");
    import.add_default_counties("48201");
    auto* file = import.add_files();
    file->set_name("organizations.csv");
    file->set_content("id,name,description\n" + organization_id + ",Harbor,Helps\n");
    file = import.add_files();
    file->set_name("services.csv");
    file->set_content("id,organization_id,name,description,status\n" + service_id + "," +
                      organization_id + ",Night beds,Beds,active\n");
    const auto imported = coalition_.Call<directory::v1::ImportListingsResponse>(
        harbor_.admin, "/fairlead.directory.v1.DirectoryService/ImportListings", import);
    ASSERT_TRUE(imported) << ToString(imported.error());
    const std::string capacity = "/fairlead.directory.v1.CapacityService/";
    directory::v1::UpdateCapacityRequest update;
    update.set_request_id(ids().New());
    update.set_service_id(service_id);
    update.set_unit(directory::v1::CAPACITY_UNIT_BED);
    update.set_available(3);
    const auto updated = coalition_.Call<directory::v1::UpdateCapacityResponse>(
        harbor_.admin, capacity + "UpdateCapacity", update);
    ASSERT_TRUE(updated) << ToString(updated.error());
    directory::v1::PlaceHoldRequest place;
    place.set_request_id(ids().New());
    place.set_service_id(service_id);
    place.set_unit(directory::v1::CAPACITY_UNIT_BED);
    place.set_reference_id(ids().New());
    const auto placed = coalition_.Call<directory::v1::PlaceHoldResponse>(
        harbor_.caseworker, capacity + "PlaceHold", place);
    ASSERT_TRUE(placed) << ToString(placed.error());
    records_.push_back({"hold", placed->hold().id()});
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

  // The packet of PacketOf, as if it followed a match.
  template <class Following>
  std::unique_ptr<Following> FollowingPacket(const Attacker& attacker, const std::string& id,
                                             const std::string& field) {
    const auto sent = PacketOf(attacker, field == "release_id" ? id : "",
                               field == "referral_id" ? id : ids().New());
    const auto& as_sent = static_cast<const referral::v1::SendReferralRequest&>(*sent);
    auto request = std::make_unique<Following>();
    request->set_request_id(ids().New());
    request->set_referral_id(as_sent.referral_id());
    request->set_release_id(as_sent.release_id());
    request->set_packet(as_sent.packet());
    return request;
  }

  // The packet of PacketOf, as if something had been received that is handed on so.
  std::unique_ptr<Message> ForwardedPacket(const Attacker& attacker, const std::string& id,
                                           const std::string& field) {
    const auto sent = PacketOf(attacker, field == "release_id" ? id : "",
                               field == "referral_id" ? id : ids().New());
    const auto& as_sent = static_cast<const referral::v1::SendReferralRequest&>(*sent);
    auto request = std::make_unique<referral::v1::ForwardReferralRequest>();
    request->set_request_id(ids().New());
    request->set_forwarded_from_referral_id(ids().New());
    request->set_referral_id(as_sent.referral_id());
    request->set_case_handle(as_sent.case_handle());
    *request->mutable_facets() = as_sent.facets();
    request->set_recipient_agency_id(as_sent.recipient_agency_id());
    request->set_release_id(as_sent.release_id());
    request->set_packet(as_sent.packet());
    return request;
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
         {audit::v1::AuditFilter::descriptor(), directory::v1::Capacity::descriptor(),
          directory::v1::HoursOverride::descriptor(), directory::v1::ExportRow::descriptor(),
          directory::v1::MembershipChange::descriptor(),
          directory::v1::BeginExportRequest::descriptor(), directory::v1::FieldChange::descriptor(),
          directory::v1::Verification::descriptor(), identity::v1::Device::descriptor(),
          identity::v1::Passkey::descriptor(), identity::v1::MachineClient::descriptor(),
          messaging::v1::Alert::descriptor(), messaging::v1::BedCall::descriptor(),
          messaging::v1::Channel::descriptor(), messaging::v1::Thread::descriptor(),
          operations::v1::Backup::descriptor()}) {
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
  std::string notice_id_;
  std::map<std::string, consent::v1::Release> own_release_;
};

}  // namespace fairlead::authority

#endif  // TESTS_AUTHORITY_WORLD_H_
