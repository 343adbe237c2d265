#include "services/common/auth/policy/rows.h"

namespace fairlead::auth {

using enum Role;
using enum Relation;

std::vector<PolicyRow> IdentityRows() {
  return {
      // First run: there is nobody yet who could be signed in; the set-up code is the proof.
      {.method = "/fairlead.identity.v1.IdentityService/SetUp", .anonymous = true},
      {.method = "/fairlead.identity.v1.IdentityService/SignIn", .anonymous = true},
      // Whatever became of the agency, one may look at one's session and end it.
      {.method = "/fairlead.identity.v1.IdentityService/SignOut",
       .roles = kPeople,
       .memberships = kAnyMembership},
      {.method = "/fairlead.identity.v1.IdentityService/GetMe",
       .roles = kPeople,
       .memberships = kAnyMembership},
      // The gateway turns a session token into an actor.
      {.method = "/fairlead.identity.v1.IdentityService/CheckSession",
       .services_only = true,
       .services = {kGateway}},
      // Administrators for their own agency, coordinators for any (the command checks).
      {.method = "/fairlead.identity.v1.IdentityService/ListStaff",
       .roles = {kAgencyAdmin, kCoordinator},
       .grants = {{kOwnAgency, {kAgencyAdmin}}, {kNone, {kCoordinator}}}},
      // Who hands work over, and sees who has it, sees colleagues one by one (the command checks).
      {.method = "/fairlead.identity.v1.IdentityService/FindColleague",
       .roles = kCaseStaffAndSoftware,
       .grants = {{kOwnAgency}}},
      // Public halves: whoever seals a packet or checks a signature needs them.
      {.method = "/fairlead.identity.v1.IdentityService/GetAgencyKeys",
       .services = {kReferral, kConsent},
       .roles = kEveryone},
      // Who sits there again: everybody who has a session.
      {.method = "/fairlead.identity.v1.IdentityService/StepUp", .roles = kPeople},
      {.method = "/fairlead.identity.v1.IdentityService/ListSessions",
       .roles = kPeople,
       .memberships = kAnyMembership,
       .grants = {{kSelf}, {kOwnAgency, {kAgencyAdmin}}}},
      {.method = "/fairlead.identity.v1.IdentityService/EndSessions",
       .roles = kPeople,
       .memberships = kAnyMembership,
       .grants = {{kSelf}, {kOwnAgency, {kAgencyAdmin}}}},
      // Administrators for their own agency, coordinators for one that has nobody yet (the command
      // checks).
      {.method = "/fairlead.identity.v1.IdentityService/InviteStaff",
       .roles = {kAgencyAdmin, kCoordinator},
       .least_assurance = kProvenLately,
       .grants = {{kOwnAgency, {kAgencyAdmin}}, {kNone, {kCoordinator}}}},
      {.method = "/fairlead.identity.v1.IdentityService/ListInvitations",
       .roles = {kAgencyAdmin, kCoordinator},
       .grants = {{kOwnAgency, {kAgencyAdmin}}, {kNone, {kCoordinator}}}},
      {.method = "/fairlead.identity.v1.IdentityService/RevokeInvitation",
       .roles = {kAgencyAdmin, kCoordinator},
       .grants = {{kOwnAgency, {kAgencyAdmin}}, {kNone, {kCoordinator}}}},
      // The link's code is the proof.
      {.method = "/fairlead.identity.v1.IdentityService/AcceptInvitation", .anonymous = true},
      {.method = "/fairlead.identity.v1.IdentityService/SetPassphrase",
       .roles = kPeople,
       .least_assurance = kProvenLately},
      {.method = "/fairlead.identity.v1.IdentityService/SetStaffRoles",
       .roles = {kAgencyAdmin},
       .least_assurance = kProvenLately,
       .grants = {{kOwnAgency}}},
      {.method = "/fairlead.identity.v1.IdentityService/DisableStaff",
       .roles = {kAgencyAdmin},
       .least_assurance = kProvenLately,
       .grants = {{kOwnAgency}}},
      {.method = "/fairlead.identity.v1.IdentityService/CloseAgencyAccess",
       .services_only = true,
       .services = {kDirectory}},
  };
}

std::vector<PolicyRow> PasskeyRows() {
  return {
      {.method = "/fairlead.identity.v1.PasskeyService/BeginPasskeyRegistration",
       .roles = kPeople,
       .least_assurance = kProvenLately},
      // The link's code is the proof.
      {.method = "/fairlead.identity.v1.PasskeyService/BeginInvitedPasskey", .anonymous = true},
      {.method = "/fairlead.identity.v1.PasskeyService/AddPasskey",
       .roles = kPeople,
       .least_assurance = kProvenLately},
      {.method = "/fairlead.identity.v1.PasskeyService/BeginPasskeySignIn", .anonymous = true},
      {.method = "/fairlead.identity.v1.PasskeyService/SignInWithPasskey", .anonymous = true},
      {.method = "/fairlead.identity.v1.PasskeyService/ListPasskeys", .roles = kPeople},
      {.method = "/fairlead.identity.v1.PasskeyService/RemovePasskey",
       .roles = kPeople,
       .least_assurance = kProvenLately,
       .grants = {{kSelf}}},
  };
}

std::vector<PolicyRow> MachineRows() {
  return {
      // Which systems may act without a person is for persons to say.
      {.method = "/fairlead.identity.v1.MachineService/CreateMachineClient",
       .roles = {kAgencyAdmin},
       .least_assurance = kProvenLately},
      {.method = "/fairlead.identity.v1.MachineService/ListMachineClients",
       .roles = {kAgencyAdmin}},
      {.method = "/fairlead.identity.v1.MachineService/DisableMachineClient",
       .roles = {kAgencyAdmin},
       .least_assurance = kProvenLately,
       .grants = {{kOwnAgency}}},
      // The gateway turns a signed request, or a certificate, into an actor.
      {.method = "/fairlead.identity.v1.MachineService/CheckMachineClient",
       .services_only = true,
       .services = {kGateway}},
  };
}

std::vector<PolicyRow> KeyRows() {
  return {
      {.method = "/fairlead.identity.v1.KeyService/GetCoalitionRoot",
       .services = {kDirectory},
       .roles = kEveryone},
      {.method = "/fairlead.identity.v1.KeyService/PublishCoalitionRoot",
       .roles = {kCoordinator},
       .least_assurance = kProvenLately},
      {.method = "/fairlead.identity.v1.KeyService/PublishAgencyCertificate",
       .roles = {kCoordinator},
       .least_assurance = kProvenLately},
      {.method = "/fairlead.identity.v1.KeyService/RegisterDevice", .roles = kPeople},
      {.method = "/fairlead.identity.v1.KeyService/ListDevices", .roles = kCaseStaff},
      {.method = "/fairlead.identity.v1.KeyService/RemoveDevice",
       .roles = kPeople,
       .grants = {{kSelf}, {kOwnAgency, {kAgencyAdmin}}}},
      {.method = "/fairlead.identity.v1.KeyService/PublishKeyList",
       .roles = {kAgencyAdmin},
       .least_assurance = kProvenLately},
      {.method = "/fairlead.identity.v1.KeyService/GetKeyList",
       .services = {kReferral, kConsent},
       .roles = kEveryone},
      {.method = "/fairlead.identity.v1.KeyService/ListKeyWraps",
       .roles = kCaseStaff,
       .grants = {{kSelf}}},
  };
}

}  // namespace fairlead::auth
