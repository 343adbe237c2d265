// Between the domain's words and the contract's.
#ifndef SERVICES_IDENTITY_TRANSLATE_H_
#define SERVICES_IDENTITY_TRANSLATE_H_

#include <set>
#include <string>
#include <vector>

#include "fairlead/identity/v1/identity.pb.h"
#include "services/identity/commands/credential.h"
#include "services/identity/store/identity_store.h"
#include "services/identity/store/key_store.h"

namespace fairlead::identity {

v1::Staff ToProto(const Staff& staff);
v1::Session ToProto(const Session& session);
v1::Invitation ToProto(const Invitation& invitation);
v1::AgencyKeys ToProto(const AgencyKeys& keys);
// A value that is no role of ours is left out.
std::set<Role> RolesFromProto(const google::protobuf::RepeatedField<int>& roles);
CredentialInput FromProto(const v1::PassphraseCredential& credential);
std::vector<StoredWrap> WrapsFromProto(
    const google::protobuf::RepeatedPtrField<v1::KeyWrap>& wraps);
// As sent in Staff.etag.
std::string EtagOf(const Staff& staff);

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_TRANSLATE_H_
