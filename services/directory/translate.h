// Between the contract's messages and the domain's structs, where both servers need it.
#ifndef SERVICES_DIRECTORY_TRANSLATE_H_
#define SERVICES_DIRECTORY_TRANSLATE_H_

#include <string>

#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/directory/v1/membership.pb.h"
#include "services/common/auth/actor.h"
#include "services/common/base/result.h"
#include "services/common/rpc/page_token.h"
#include "services/directory/domain/membership.h"
#include "services/directory/store/directory_store.h"

namespace fairlead::directory {

// Administrators, coordinators, auditors and our own services know of agencies that are no members
// (any more); others know of those they may meet in a referral.
bool MaySeeApplicants(const auth::Actor& viewer);
bool MaySee(const Agency& agency, const auth::Actor& viewer);

// As `viewer` may see it: the phone number is for coordinators and administrators.
v1::Agency ToProto(const Agency& agency, const auth::Actor& viewer);
v1::MembershipChange ToProto(const MembershipChange& change);

// The position in a page token; the beginning when there is none. Error: INVALID_PAGE_TOKEN.
Result<Position> DecodePosition(const rpc::PageTokens& tokens, const std::string& query,
                                const std::string& token);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_TRANSLATE_H_
