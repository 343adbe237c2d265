#include "services/consent/translate.h"

#include "services/common/rpc/proto_time.h"
#include "services/consent/commands/unit.h"

namespace fairlead::consent {

using rpc::SetRepeated;
using rpc::SetTime;
using rpc::ToMs;
using rpc::ToVector;

Release FromProto(const v1::CreateReleaseRequest& request) {
  Release release;
  release.form_version = request.form_version();
  release.form_hash = request.form_hash();
  release.jurisdiction = request.jurisdiction();
  release.case_handle = request.case_handle();
  release.recipient_agency_ids = ToVector(request.recipient_agency_ids());
  release.hub_named_as_intermediary = request.hub_named_as_intermediary();
  release.categories = ToVector(request.categories());
  release.excluded_categories = ToVector(request.excluded_categories());
  release.purposes = ToVector(request.purposes());
  release.action = static_cast<Action>(request.action());
  release.two_way = request.two_way();
  release.effective_ms = ToMs(request.effective_time());
  release.expire_ms = ToMs(request.expire_time());
  release.safe_contact_instruction_present = request.safe_contact_instruction_present();
  release.contact_prohibited = request.contact_prohibited();
  release.supersedes_id = request.supersedes_release_id();
  return release;
}

Signing FromProto(const v1::SignReleaseRequest& request) {
  const v1::Signature& in = request.signature();
  Signing signing;
  signing.release_id = request.release_id();
  signing.etag = request.etag();
  signing.signature = {.capacity = static_cast<Capacity>(in.capacity()),
                       .method = static_cast<Method>(in.method()),
                       .sign_ms = ToMs(in.sign_time()),
                       .artefact_id = in.artefact_id(),
                       .attests_not_the_abuser = in.attests_not_the_abuser(),
                       .minor_cosigned = in.minor_cosigned(),
                       .minor_age = in.minor_age(),
                       .language = in.language(),
                       .interpreter_used = in.interpreter_used(),
                       .witnessed = in.witnessed(),
                       .plain_language_confirmed = in.plain_language_confirmed(),
                       .risks_and_alternatives_explained = in.risks_and_alternatives_explained()};
  signing.not_a_condition_of_service = request.not_a_condition_of_service();
  signing.consequences_of_refusing_explained = request.consequences_of_refusing_explained();
  signing.right_to_revoke_explained = request.right_to_revoke_explained();
  signing.redisclosure_explained = request.redisclosure_explained();
  signing.copy_offered = request.copy_offered();
  return signing;
}

namespace {

void SetSignature(const Signature& in, v1::Signature* out) {
  out->set_capacity(static_cast<v1::SignerCapacity>(in.capacity));
  out->set_method(static_cast<v1::SignatureMethod>(in.method));
  SetTime(in.sign_ms, [&] { return out->mutable_sign_time(); });
  out->set_artefact_id(in.artefact_id);
  out->set_attests_not_the_abuser(in.attests_not_the_abuser);
  out->set_minor_cosigned(in.minor_cosigned);
  out->set_minor_age(in.minor_age);
  out->set_language(in.language);
  out->set_interpreter_used(in.interpreter_used);
  out->set_witnessed(in.witnessed);
  out->set_plain_language_confirmed(in.plain_language_confirmed);
  out->set_risks_and_alternatives_explained(in.risks_and_alternatives_explained);
}

void SetWithdrawal(const Withdrawal& in, v1::Withdrawal* out) {
  out->set_method(static_cast<v1::SignatureMethod>(in.method));
  out->set_staff_id(in.staff_id);
  out->set_confirm_method(static_cast<v1::SignatureMethod>(in.confirm_method));
  out->set_confirm_artefact_id(in.confirm_artefact_id);
  out->set_confirm_staff_id(in.confirm_staff_id);
  SetTime(in.confirm_ms, [&] { return out->mutable_confirm_time(); });
}

}  // namespace

v1::Release ToProto(const Release& release) {
  v1::Release out;
  out.set_id(release.id);
  out.set_form_version(release.form_version);
  out.set_form_hash(release.form_hash);
  out.set_jurisdiction(release.jurisdiction);
  out.set_case_handle(release.case_handle);
  out.set_discloser_agency_id(release.discloser_agency_id);
  SetRepeated(release.recipient_agency_ids, out.mutable_recipient_agency_ids());
  out.set_hub_named_as_intermediary(release.hub_named_as_intermediary);
  SetRepeated(release.categories, out.mutable_categories());
  SetRepeated(release.excluded_categories, out.mutable_excluded_categories());
  SetRepeated(release.purposes, out.mutable_purposes());
  out.set_action(static_cast<v1::ReleaseAction>(release.action));
  out.set_two_way(release.two_way);
  SetTime(release.effective_ms, [&] { return out.mutable_effective_time(); });
  SetTime(release.expire_ms, [&] { return out.mutable_expire_time(); });
  SetSignature(release.signature, out.mutable_signature());
  out.set_not_a_condition_of_service(release.not_a_condition_of_service);
  out.set_consequences_of_refusing_explained(release.consequences_of_refusing_explained);
  out.set_right_to_revoke_explained(release.right_to_revoke_explained);
  out.set_redisclosure_explained(release.redisclosure_explained);
  out.set_safe_contact_instruction_present(release.safe_contact_instruction_present);
  out.set_contact_prohibited(release.contact_prohibited);
  out.set_copy_offered(release.copy_offered);
  out.set_state(static_cast<v1::ReleaseState>(release.state));
  SetTime(release.create_ms, [&] { return out.mutable_create_time(); });
  SetTime(release.sign_ms, [&] { return out.mutable_sign_time(); });
  SetTime(release.revoke_ms, [&] { return out.mutable_revoke_time(); });
  out.set_release_hash(release.release_hash);
  out.set_etag(Etag(release));
  out.set_supersedes_release_id(release.supersedes_id);
  out.set_superseded_by_release_id(release.superseded_by_id);
  SetTime(release.state_ms, [&] { return out.mutable_state_time(); });
  out.set_state_staff_id(release.state_staff_id);
  out.set_sign_staff_id(release.sign_staff_id);
  if (release.revoke_ms > 0) SetWithdrawal(release.withdrawal, out.mutable_withdrawal());
  return out;
}

v1::Release ToRecipientProto(const Release& release, const std::string& agency_id,
                             const std::vector<std::string>& categories) {
  v1::Release out;
  out.set_id(release.id);
  out.set_jurisdiction(release.jurisdiction);
  out.set_discloser_agency_id(release.discloser_agency_id);
  out.add_recipient_agency_ids(agency_id);
  SetRepeated(categories, out.mutable_categories());
  SetRepeated(release.purposes, out.mutable_purposes());
  out.set_action(static_cast<v1::ReleaseAction>(release.action));
  out.set_two_way(release.two_way);
  SetTime(release.effective_ms, [&] { return out.mutable_effective_time(); });
  SetTime(release.expire_ms, [&] { return out.mutable_expire_time(); });
  out.set_redisclosure_explained(release.redisclosure_explained);
  out.set_contact_prohibited(release.contact_prohibited);
  out.set_state(static_cast<v1::ReleaseState>(release.state));
  SetTime(release.revoke_ms, [&] { return out.mutable_revoke_time(); });
  out.set_release_hash(release.release_hash);
  return out;
}

v1::Disclosure ToProto(const Disclosure& disclosure) {
  v1::Disclosure out;
  out.set_id(disclosure.id);
  out.set_release_id(disclosure.release_id);
  out.set_referral_id(disclosure.referral_id);
  out.set_recipient_agency_id(disclosure.recipient_agency_id);
  out.set_staff_id(disclosure.staff_id);
  SetRepeated(disclosure.categories, out.mutable_categories());
  out.set_purpose(disclosure.purpose);
  out.set_kind(disclosure.break_glass_id.empty() ? disclosure.kind : "break_glass");
  out.set_break_glass_id(disclosure.break_glass_id);
  SetTime(disclosure.time_ms, [&] { return out.mutable_time(); });
  return out;
}

v1::DestroyNotice ToProto(const DestroyNotice& notice, const std::string& for_agency_id) {
  v1::DestroyNotice out;
  out.set_id(notice.id);
  out.set_release_id(notice.release_id);
  out.set_discloser_agency_id(notice.discloser_agency_id);
  out.set_recipient_agency_id(notice.recipient_agency_id);
  SetRepeated(notice.referral_ids, out.mutable_referral_ids());
  out.set_cause(notice.cause);
  SetTime(notice.create_ms, [&] { return out.mutable_create_time(); });
  out.set_outcome(static_cast<v1::DestructionOutcome>(notice.outcome));
  SetTime(notice.acknowledge_ms, [&] { return out.mutable_acknowledge_time(); });
  if (notice.recipient_agency_id == for_agency_id) {
    out.set_acknowledge_staff_id(notice.acknowledge_staff_id);
  }
  return out;
}

}  // namespace fairlead::consent
