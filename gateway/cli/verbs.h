// One function for each group of verbs: it declares them and says what each does.
#ifndef GATEWAY_CLI_VERBS_H_
#define GATEWAY_CLI_VERBS_H_

#include "gateway/cli/args.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

void AddSessionVerbs(Args root, Context& context);         // login, logout, whoami, session
void AddSetUpVerb(Args root, Context& context);            // setup
void AddSessionListVerbs(Args session, Context& context);  // session list|end
void AddUserVerbs(Args root, Context& context);            // user, with the three below
void AddAcceptVerb(Args user, Context& context);           // user accept
void AddPassphraseVerb(Args user, Context& context);       // user passphrase
void AddUserChangeVerbs(Args user, Context& context);      // user roles|disable
void AddPasskeyVerbs(Args root, Context& context);         // passkey
void AddMachineVerbs(Args root, Context& context);         // machine
void AddAgencyVerbs(Args root, Context& context);          // agency
void AddMembershipVerbs(Args agency, Context& context);    // agency apply … history
void AddKeyVerbs(Args root, Context& context);             // key, with the four below
void AddKeyAgencyVerbs(Args key, Context& context);
void AddKeyDeviceVerbs(Args key, Context& context);
void AddKeyRecoveryVerbs(Args key, Context& context);
void AddKeyRootVerbs(Args key, Context& context);
void AddDirectoryVerbs(Args root, Context& context);  // directory, with the one below
void AddHoursVerbs(Args root, Context& context);      // hours
void AddMatchVerb(Args directory, Context& context);  // directory match
void AddCapacityVerbs(Args root, Context& context);   // capacity, with the one below
void AddCapacityWatchVerb(Args capacity, Context& context);
void AddDirectoryExport(Args directory, Context& context);
void AddDirectoryImport(Args directory, Context& context);
void AddDirectoryHistory(Args directory, Context& context);
void AddDirectoryVerify(Args directory, Context& context);
void AddReleaseVerbs(Args root, Context& context);    // release
void AddReferralVerbs(Args root, Context& context);   // referral, with the eight below
void AddSendVerb(Args referral, Context& context);
void AddForwardVerb(Args referral, Context& context);
void AddOfferVerbs(Args referral, Context& context);  // offer … reopen
void AddAssignmentVerbs(Args referral, Context& context);  // take, assign, give-back
void AddOpenVerb(Args referral, Context& context);
void AddNoteVerbs(Args referral, Context& context);  // appointment, question
void AddAmendVerb(Args referral, Context& context);  // amend
void AddAttachVerb(Args referral, Context& context);  // attach
void AddWatchVerb(Args referral, Context& context);
void AddHandOffVerbs(Args root, Context& context);    // handoff
void AddQuestionVerbs(Args root, Context& context);   // offer ask|answer|questions
void AddFollowUpVerbs(Args root, Context& context);   // follow-up
void AddCaseVerbs(Args root, Context& context);       // case
void AddThreadVerbs(Args root, Context& context);     // thread, with the one below
void AddThreadWatchVerb(Args thread, Context& context);
void AddChannelVerbs(Args root, Context& context);    // channel
void AddBedCallVerbs(Args root, Context& context);    // bedcall
void AddAlertVerbs(Args root, Context& context);      // alert
void AddBreakGlassVerbs(Args root, Context& context);  // breakglass
void AddAuditVerbs(Args root, Context& context);  // audit, with the one below
void AddAuditExportVerb(Args audit, Context& context);
void AddStatusVerb(Args root, Context& context);  // status
void AddDoctorVerb(Args root, Context& context);  // doctor
void AddDemoVerbs(Args root, Context& context);   // demo

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_VERBS_H_
