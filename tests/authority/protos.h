// Every message that the world of the cross-agency test sends.
#ifndef TESTS_AUTHORITY_PROTOS_H_
#define TESTS_AUTHORITY_PROTOS_H_

#include "fairlead/audit/v1/audit.pb.h"
#include "fairlead/consent/v1/break_glass.pb.h"
#include "fairlead/consent/v1/consent.pb.h"
#include "fairlead/directory/v1/capacity.pb.h"
#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/directory/v1/export.pb.h"
#include "fairlead/directory/v1/history.pb.h"
#include "fairlead/directory/v1/hours_override.pb.h"
#include "fairlead/directory/v1/hsds.pb.h"
#include "fairlead/directory/v1/membership.pb.h"
#include "fairlead/directory/v1/verification.pb.h"
#include "fairlead/identity/v1/identity.pb.h"
#include "fairlead/identity/v1/keys.pb.h"
#include "fairlead/identity/v1/machines.pb.h"
#include "fairlead/identity/v1/passkeys.pb.h"
#include "fairlead/operations/v1/backup.pb.h"
#include "fairlead/referral/v1/assignment.pb.h"
#include "fairlead/referral/v1/attachment.pb.h"
#include "fairlead/referral/v1/follow_up.pb.h"
#include "fairlead/referral/v1/forward.pb.h"
#include "fairlead/referral/v1/hand_off.pb.h"
#include "fairlead/referral/v1/packet_version.pb.h"
#include "fairlead/referral/v1/question.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "fairlead/referral/v1/routing.pb.h"
#include "fairlead/referral/v1/sealed_note.pb.h"

#endif  // TESTS_AUTHORITY_PROTOS_H_
