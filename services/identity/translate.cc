#include "services/identity/translate.h"

#include "services/common/auth/actor.h"
#include "services/common/rpc/proto_time.h"

namespace fairlead::identity {

static_assert(static_cast<int>(Role::kIntegration) == v1::ROLE_INTEGRATION);
static_assert(static_cast<int>(Role::kCaseworker) == v1::ROLE_CASEWORKER);
static_assert(static_cast<int>(Role::kIntegration) == static_cast<int>(auth::Role::kIntegration));
static_assert(static_cast<int>(Role::kCoordinator) == static_cast<int>(auth::Role::kCoordinator));
static_assert(static_cast<int>(SignInMethod::kPassphraseTotp) ==
              v1::SIGN_IN_METHOD_PASSPHRASE_TOTP);
static_assert(static_cast<int>(SignInMethod::kPasskey) == v1::SIGN_IN_METHOD_PASSKEY);

std::vector<StoredWrap> WrapsFromProto(
    const google::protobuf::RepeatedPtrField<v1::KeyWrap>& wraps) {
  std::vector<StoredWrap> stored;
  for (const v1::KeyWrap& wrap : wraps) {
    stored.push_back({.device_id = wrap.device_id(), .epoch = wrap.epoch(), .jwe = wrap.jwe()});
  }
  return stored;
}

std::string EtagOf(const Staff& staff) { return std::to_string(staff.version); }

v1::Staff ToProto(const Staff& staff) {
  v1::Staff proto;
  proto.set_id(staff.id);
  proto.set_agency_id(staff.agency_id);
  proto.set_sign_in_name(staff.sign_in_name);
  proto.set_display_name(staff.display_name);
  for (const Role role : staff.roles) proto.add_roles(static_cast<v1::Role>(role));
  rpc::SetTime(staff.create_ms, [&] { return proto.mutable_create_time(); });
  rpc::SetTime(staff.disable_ms, [&] { return proto.mutable_disable_time(); });
  proto.set_etag(EtagOf(staff));
  return proto;
}

v1::Session ToProto(const Session& session) {
  v1::Session proto;
  proto.set_id(session.id);
  rpc::SetTime(session.create_ms, [&] { return proto.mutable_create_time(); });
  rpc::SetTime(IdleExpireMs(session), [&] { return proto.mutable_idle_expire_time(); });
  rpc::SetTime(ExpireMs(session), [&] { return proto.mutable_expire_time(); });
  proto.set_method(static_cast<v1::SignInMethod>(session.method));
  rpc::SetTime(StepUpExpireMs(session), [&] { return proto.mutable_step_up_expire_time(); });
  rpc::SetTime(session.last_used_ms, [&] { return proto.mutable_last_use_time(); });
  return proto;
}

v1::Invitation ToProto(const Invitation& invitation) {
  v1::Invitation proto;
  proto.set_id(invitation.id);
  proto.set_agency_id(invitation.agency_id);
  proto.set_display_name(invitation.display_name);
  for (const Role role : invitation.roles) proto.add_roles(static_cast<v1::Role>(role));
  proto.set_inviter_staff_id(invitation.inviter_staff_id);
  rpc::SetTime(invitation.create_ms, [&] { return proto.mutable_create_time(); });
  rpc::SetTime(invitation.expire_ms, [&] { return proto.mutable_expire_time(); });
  return proto;
}

v1::AgencyKeys ToProto(const AgencyKeys& keys) {
  v1::AgencyKeys proto;
  proto.set_agency_id(keys.agency_id);
  proto.set_epoch(keys.epoch);
  proto.set_epoch_jwk(keys.epoch_jwk);
  proto.set_signing_jwk(keys.signing_jwk);
  rpc::SetTime(keys.create_ms, [&] { return proto.mutable_create_time(); });
  return proto;
}

std::set<Role> RolesFromProto(const google::protobuf::RepeatedField<int>& roles) {
  std::set<Role> set;
  for (const int role : roles) {
    if (role >= v1::ROLE_CASEWORKER && role <= v1::ROLE_INTEGRATION) {
      set.insert(static_cast<Role>(role));
    }
  }
  return set;
}

CredentialInput FromProto(const v1::PassphraseCredential& credential) {
  return CredentialInput{.passphrase = credential.passphrase(),
                         .totp_secret = credential.totp_secret(),
                         .totp_code = credential.totp_code(),
                         .recovery_code_sha256s = {credential.recovery_code_sha256s().begin(),
                                                   credential.recovery_code_sha256s().end()}};
}

}  // namespace fairlead::identity
