#include "tests/support/coalition.h"

#include <algorithm>

#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/identity/v1/identity.pb.h"
#include "fairlead/identity/v1/keys.pb.h"
#include "services/common/auth/policy.h"
#include "services/common/base/encoding.h"
#include "services/common/base/text.h"
#include "services/common/base/totp.h"
#include "services/common/keys/statements.h"

namespace fairlead::testing {
namespace {

namespace consent_v1 = fairlead::consent::v1;
namespace directory_v1 = fairlead::directory::v1;
namespace identity_v1 = fairlead::identity::v1;
namespace referral_v1 = fairlead::referral::v1;

std::string Consent(const char* method) {
  return std::string("/fairlead.consent.v1.ConsentService/") + method;
}
std::string Referral(const char* method) {
  return std::string("/fairlead.referral.v1.ReferralService/") + method;
}

template <class Response>
auto ReferralOf(Result<Response> response) -> Result<referral_v1::Referral> {
  if (!response) return Fail(std::move(response.error()));
  return std::move(*response->mutable_referral());
}

}  // namespace

Coalition::Coalition(rpc::Channel& services)
    : services_(&services), ids_(SystemClock(), SystemRandom()), office_id_(ids_.New()) {}

auth::Actor Coalition::MakeActor(const std::string& agency_id, auth::AgencyKind kind,
                                 std::set<auth::Role> roles) {
  auth::Actor actor;
  const bool software = roles == std::set<auth::Role>{auth::Role::kIntegration};
  actor.kind = software ? auth::ActorKind::kMachine : auth::ActorKind::kStaff;
  actor.staff_id = ids_.New();
  actor.agency_id = agency_id;
  actor.agency_kind = kind;
  actor.membership = auth::Membership::kActive;
  actor.roles = std::move(roles);
  actor.session_id = ids_.New();
  actor.assurance = auth::kProvenLately;
  return actor;
}

auth::Actor Coalition::MakeCoordinator() {
  auth::Actor actor =
      MakeActor(office_id_, auth::AgencyKind::kCoalitionOffice, {auth::Role::kCoordinator});
  actor.assurance = auth::kProvenLately;
  return actor;
}

rpc::CallOptions Coalition::Options(const auth::Actor& actor, int64_t within_ms) const {
  rpc::CallOptions options;
  options.actor = actor;
  if (actor.kind == auth::ActorKind::kService) options.on_behalf_of_service = actor.staff_id;
  options.deadline_steady_ms = SystemClock().SteadyMs() + within_ms;
  return options;
}

Result<Agency> Coalition::AddAgency(const std::string& name, auth::AgencyKind kind) {
  Agency agency;
  agency.id = ids_.New();
  agency.name = name;
  agency.caseworker = MakeActor(agency.id, kind, {auth::Role::kCaseworker});
  agency.admin = MakeActor(agency.id, kind, {auth::Role::kAgencyAdmin});
  directory_v1::CreateAgencyRequest create;
  create.set_request_id(ids_.New());
  create.set_agency_id(agency.id);
  create.set_name(name);
  create.set_kind(static_cast<directory_v1::AgencyKind>(kind));
  auto created = Call<directory_v1::CreateAgencyResponse>(
      auth::ServiceActor("hub"), "/fairlead.directory.v1.DirectoryService/CreateAgency", create);
  if (!created) return Fail(std::move(created.error()));
  FAIRLEAD_ASSIGN(agency.epoch, seal::GenerateKey(seal::KeyUse::kEpoch));
  FAIRLEAD_ASSIGN(agency.signing, seal::GenerateKey(seal::KeyUse::kSigning));
  FAIRLEAD_ASSIGN(agency.key, seal::GenerateKey(seal::KeyUse::kSigning));
  agency.key_list = keys::FirstList(agency.id, agency.key.public_key, agency.epoch.public_key,
                                    agency.signing.public_key, SystemClock().NowMs() / 1000);
  FAIRLEAD_RETURN_IF_ERROR(PublishKeyList(agency));
  return agency;
}

Result<void> Coalition::PublishKeyList(Agency& agency) {
  FAIRLEAD_ASSIGN(agency.key_list_jws, keys::SignKeyList(agency.key_list, agency.key));
  identity_v1::PublishKeyListRequest publish;
  publish.set_request_id(ids_.New());
  publish.set_key_list(agency.key_list_jws);
  auto published = Call<identity_v1::PublishKeyListResponse>(
      agency.admin, "/fairlead.identity.v1.KeyService/PublishKeyList", publish);
  if (!published) return Fail(std::move(published.error()));
  return {};
}

Result<void> Coalition::BeginEpoch(Agency& agency) {
  FAIRLEAD_ASSIGN(agency.epoch, seal::GenerateKey(seal::KeyUse::kEpoch));
  FAIRLEAD_ASSIGN(agency.signing, seal::GenerateKey(seal::KeyUse::kSigning));
  const int64_t now_s = SystemClock().NowMs() / 1000;
  agency.key_list = keys::NextList(agency.key_list_jws, agency.key_list, now_s);
  keys::BeginEpoch(agency.key_list, agency.epoch.public_key, agency.signing.public_key, now_s);
  return PublishKeyList(agency);
}

identity_v1::SignInRequest StaffAccount::NextSignIn() {
  last_step = std::max(last_step + 1, TotpStep(SystemClock().NowMs()));
  identity_v1::SignInRequest request;
  request.set_sign_in_name(sign_in_name);
  request.set_passphrase(passphrase);
  request.set_totp_code(TotpCode(totp_secret, last_step));
  return request;
}

Result<StaffAccount> Coalition::AddStaff(const Agency& agency, const std::string& sign_in_name,
                                         identity_v1::Role role, const std::string& passphrase) {
  const std::string code = Base64UrlEncode(SystemRandom().Bytes(32));
  identity_v1::InviteStaffRequest invite;
  invite.set_request_id(ids_.New());
  invite.set_agency_id(agency.id);
  invite.set_display_name("Staff");
  invite.add_roles(role);
  invite.set_code_sha256(Base64UrlEncode(Sha256(code)));
  auto invited = Call<identity_v1::InviteStaffResponse>(
      agency.admin, "/fairlead.identity.v1.IdentityService/InviteStaff", invite);
  if (!invited) return Fail(std::move(invited.error()));
  StaffAccount account{.sign_in_name = sign_in_name,
                       .passphrase = passphrase,
                       .totp_secret = SystemRandom().Bytes(kTotpSecretBytes),
                       .last_step = TotpStep(SystemClock().NowMs()) - 1,
                       .recovery_codes = {}};
  identity_v1::AcceptInvitationRequest accept;
  accept.set_code(code);
  accept.set_sign_in_name(sign_in_name);
  accept.mutable_passphrase()->set_passphrase(passphrase);
  accept.mutable_passphrase()->set_totp_secret(account.totp_secret);
  accept.mutable_passphrase()->set_totp_code(TotpCode(account.totp_secret, account.last_step));
  for (int i = 0; i < 10; ++i) {
    account.recovery_codes.push_back(Base32Encode(SystemRandom().Bytes(16)));
    accept.mutable_passphrase()->add_recovery_code_sha256s(
        Base64UrlEncode(Sha256(account.recovery_codes.back())));
  }
  auto accepted = Call<identity_v1::AcceptInvitationResponse>(
      auth::Actor(), "/fairlead.identity.v1.IdentityService/AcceptInvitation", accept);
  if (!accepted) return Fail(std::move(accepted.error()));
  return account;
}

Result<consent_v1::Release> Coalition::DraftRelease(const Agency& from, const Agency& to,
                                                    const ReleaseOptions& options) {
  consent_v1::CreateReleaseRequest request;
  request.set_request_id(ids_.New());
  request.set_form_version("test-1");
  request.set_form_hash(Base64UrlEncode(Sha256("form")));
  request.set_jurisdiction("TX");
  request.set_case_handle(options.case_handle.empty() ? ids_.New() : options.case_handle);
  request.add_recipient_agency_ids(to.id);
  for (const std::string& id : options.also_to) request.add_recipient_agency_ids(id);
  for (const std::string& category : options.categories) request.add_categories(category);
  request.add_purposes("referral");
  request.set_action(options.action);
  request.set_hub_named_as_intermediary(true);
  request.set_safe_contact_instruction_present(true);
  request.set_supersedes_release_id(options.supersedes_release_id);
  request.set_two_way(options.two_way);
  const int64_t expire_ms = SystemClock().NowMs() + options.expire_in_ms;
  request.mutable_expire_time()->set_seconds(expire_ms / 1000);
  request.mutable_expire_time()->set_nanos(static_cast<int32_t>(expire_ms % 1000) * 1'000'000);
  auto created =
      Call<consent_v1::CreateReleaseResponse>(from.caseworker, Consent("CreateRelease"), request);
  if (!created) return Fail(std::move(created.error()));
  return std::move(*created->mutable_release());
}

Result<consent_v1::Release> Coalition::Sign(const Agency& from, const std::string& release_id) {
  consent_v1::SignReleaseRequest request;
  request.set_request_id(ids_.New());
  request.set_release_id(release_id);
  request.mutable_signature()->set_capacity(consent_v1::SIGNER_CAPACITY_SELF);
  request.mutable_signature()->set_method(consent_v1::SIGNATURE_METHOD_WRITTEN);
  request.mutable_signature()->set_artefact_id(ids_.New());
  request.mutable_signature()->set_language("es");
  request.mutable_signature()->set_plain_language_confirmed(true);
  request.mutable_signature()->set_risks_and_alternatives_explained(true);
  request.set_not_a_condition_of_service(true);
  request.set_consequences_of_refusing_explained(true);
  request.set_right_to_revoke_explained(true);
  request.set_redisclosure_explained(true);
  request.set_copy_offered(true);
  auto done =
      Call<consent_v1::SignReleaseResponse>(from.caseworker, Consent("SignRelease"), request);
  if (!done) return Fail(std::move(done.error()));
  return std::move(*done->mutable_release());
}

Result<consent_v1::Release> Coalition::SignedRelease(const Agency& from, const Agency& to,
                                                     const ReleaseOptions& options) {
  FAIRLEAD_ASSIGN(const consent_v1::Release draft, DraftRelease(from, to, options));
  return Sign(from, draft.id());
}

Result<consent_v1::RevokeReleaseResponse> Coalition::Revoke(const Agency& from,
                                                            const std::string& release_id) {
  consent_v1::RevokeReleaseRequest request;
  request.set_request_id(ids_.New());
  request.set_release_id(release_id);
  request.set_method(consent_v1::SIGNATURE_METHOD_ORAL);
  return Call<consent_v1::RevokeReleaseResponse>(from.caseworker, Consent("RevokeRelease"),
                                                 request);
}

Result<referral_v1::SendReferralRequest> Coalition::Packet(const Agency& from, const Agency& to,
                                                           const consent_v1::Release& release,
                                                           const std::string& plaintext) {
  referral_v1::SendReferralRequest request;
  request.set_request_id(ids_.New());
  request.set_referral_id(ids_.New());
  request.set_case_handle(release.case_handle());
  request.mutable_facets()->set_need_code("shelter_bed");
  request.mutable_facets()->set_urgency(referral_v1::URGENCY_URGENT);
  request.set_recipient_agency_id(to.id);
  request.set_release_id(release.id());
  request.set_allow_duplicate_service(true);
  FAIRLEAD_ASSIGN(std::string packet,
                  SealedPacket(from, to, release, request.referral_id(), plaintext));
  request.set_packet(std::move(packet));
  return request;
}

Result<std::string> Coalition::SealedPacket(const Agency& from, const Agency& to,
                                            const consent_v1::Release& release,
                                            const std::string& referral_id,
                                            const std::string& plaintext) {
  seal::SealRequest seal_request;
  seal_request.header = {
      .referral_id = referral_id,
      .sender_agency_id = from.id,
      .sender_kid = from.signing.public_key.kid,
      .release_hash = release.release_hash(),
      .purpose = "referral",
      .categories = SortedUnique({release.categories().begin(), release.categories().end()}),
      .expires_s = release.expire_time().seconds() + 1,
      .recips = ""};
  seal_request.plaintext = plaintext;
  seal_request.recipients = {to.epoch.public_key, from.epoch.public_key};
  return seal::Seal(seal_request, from.signing, SystemRandom());
}

Result<referral_v1::Referral> Coalition::Send(const referral_v1::SendReferralRequest& request,
                                              const Agency& from) {
  return ReferralOf(
      Call<referral_v1::SendReferralResponse>(from.caseworker, Referral("SendReferral"), request));
}

Result<std::string> Coalition::Open(const Agency& by, const Agency& sender,
                                    const std::string& referral_id) {
  referral_v1::OpenPacketRequest request;
  request.set_referral_id(referral_id);
  auto opened =
      Call<referral_v1::OpenPacketResponse>(by.caseworker, Referral("OpenPacket"), request);
  if (!opened) return Fail(std::move(opened.error()));
  const seal::Expected expected{.referral_id = referral_id,
                                .release_hash = opened->referral().release_hash(),
                                .sender_agency_id = sender.id,
                                .sender_signing_key = sender.signing.public_key,
                                .now_s = SystemClock().NowMs() / 1000};
  FAIRLEAD_ASSIGN(seal::Opened packet, seal::Open(opened->packet(), by.epoch, expected));
  return std::move(packet.plaintext);
}

Result<referral_v1::Referral> Coalition::Accept(const Agency& by, const std::string& offer_id) {
  referral_v1::AcceptOfferRequest request;
  request.set_request_id(ids_.New());
  request.set_offer_id(offer_id);
  return ReferralOf(
      Call<referral_v1::AcceptOfferResponse>(by.caseworker, Referral("AcceptOffer"), request));
}

Result<referral_v1::Referral> Coalition::Start(const Agency& by, const std::string& referral_id) {
  referral_v1::StartServiceRequest request;
  request.set_request_id(ids_.New());
  request.set_referral_id(referral_id);
  return ReferralOf(
      Call<referral_v1::StartServiceResponse>(by.caseworker, Referral("StartService"), request));
}

Result<referral_v1::Referral> Coalition::Complete(const Agency& by,
                                                  const std::string& referral_id) {
  referral_v1::CompleteReferralRequest request;
  request.set_request_id(ids_.New());
  request.set_referral_id(referral_id);
  request.set_outcome_code("enrolled");
  return ReferralOf(Call<referral_v1::CompleteReferralResponse>(
      by.caseworker, Referral("CompleteReferral"), request));
}

Result<referral_v1::Referral> Coalition::Get(const Agency& by, const std::string& referral_id) {
  referral_v1::GetReferralRequest request;
  request.set_referral_id(referral_id);
  return ReferralOf(
      Call<referral_v1::GetReferralResponse>(by.caseworker, Referral("GetReferral"), request));
}

}  // namespace fairlead::testing
