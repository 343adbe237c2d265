#include "services/common/auth/policy/rows.h"

namespace fairlead::auth {

using enum Role;
using enum Relation;

namespace {

// Whoever speaks for an agency to others: acts of a person, never of software.
const std::set<Role> kSpeakers = {kCaseworker, kHotlineOperator, kAgencyAdmin, kCoordinator};
// On what is in a channel: members of it (kRecipient), and coordinators wherever it is.
const std::vector<Grant> kMembersAndOffice = {{kRecipient}, {kNone, {kCoordinator}}};

}  // namespace

// A thread is its two agencies' own; what was written there, its writer's.
std::vector<PolicyRow> ThreadRows() {
  return {
      {.method = "/fairlead.messaging.v1.ThreadService/StartThread", .roles = kSpeakers},
      {.method = "/fairlead.messaging.v1.ThreadService/ListThreads", .roles = kSpeakers},
      {.method = "/fairlead.messaging.v1.ThreadService/GetThread",
       .roles = kSpeakers,
       .grants = {{kOwnAgency}}},
      {.method = "/fairlead.messaging.v1.ThreadService/SendMessage",
       .roles = kSpeakers,
       .grants = {{kOwnAgency}}},
      {.method = "/fairlead.messaging.v1.ThreadService/EditMessage",
       .roles = kSpeakers,
       .grants = {{kSelf | kOwnAgency}}},
      {.method = "/fairlead.messaging.v1.ThreadService/DeleteMessage",
       .roles = kSpeakers,
       .grants = {{kSelf | kOwnAgency}}},
      {.method = "/fairlead.messaging.v1.ThreadService/ListMessages",
       .roles = kSpeakers,
       .grants = {{kOwnAgency}}},
      {.method = "/fairlead.messaging.v1.ThreadService/GetMessage",
       .roles = kSpeakers,
       .grants = {{kOwnAgency}}},
      {.method = "/fairlead.messaging.v1.ThreadService/MarkThread",
       .roles = kSpeakers,
       .grants = {{kOwnAgency}}},
  };
}

// Which agencies are members, the wall included, is each channel's own rule.
std::vector<PolicyRow> ChannelRows() {
  return {
      {.method = "/fairlead.messaging.v1.ChannelService/ListChannels", .roles = kPeople},
      {.method = "/fairlead.messaging.v1.ChannelService/CreateChannel", .roles = {kCoordinator}},
      {.method = "/fairlead.messaging.v1.ChannelService/UpdateChannel",
       .roles = {kCoordinator},
       .grants = {{kNone, {kCoordinator}}}},
      {.method = "/fairlead.messaging.v1.ChannelService/CreatePost",
       .roles = kSpeakers,
       .grants = kMembersAndOffice},
      {.method = "/fairlead.messaging.v1.ChannelService/DeletePost",
       .roles = kSpeakers,
       .grants = {{kSelf}, {kNone, {kCoordinator}}}},
      {.method = "/fairlead.messaging.v1.ChannelService/PinPost",
       .roles = {kCoordinator},
       .grants = {{kNone, {kCoordinator}}}},
      {.method = "/fairlead.messaging.v1.ChannelService/GetPost",
       .roles = kPeople,
       .grants = kMembersAndOffice},
      {.method = "/fairlead.messaging.v1.ChannelService/ListPosts",
       .roles = kPeople,
       .grants = kMembersAndOffice},
      {.method = "/fairlead.messaging.v1.ChannelService/SearchPosts", .roles = kPeople},
  };
}

// Who looks for a bed, and where there is one, is never shown behind the wall.
std::vector<PolicyRow> BedCallRows() {
  return {
      {.method = "/fairlead.messaging.v1.BedCallService/OpenBedCall",
       .roles = kCaseStaff,
       .forbidden_kinds = kBehindTheWall,
       .grants = {{kRecipient}}},
      {.method = "/fairlead.messaging.v1.BedCallService/AnswerBedCall",
       .roles = kCaseStaff,
       .forbidden_kinds = kBehindTheWall,
       .grants = {{kRecipient}}},
      {.method = "/fairlead.messaging.v1.BedCallService/TakeBedCall",
       .roles = kCaseStaff,
       .forbidden_kinds = kBehindTheWall,
       .grants = {{kSender}}},
      {.method = "/fairlead.messaging.v1.BedCallService/CloseBedCall",
       .roles = kCaseStaff,
       .forbidden_kinds = kBehindTheWall,
       .grants = {{kSender}}},
      {.method = "/fairlead.messaging.v1.BedCallService/GetBedCall",
       .roles = kSpeakers,
       .forbidden_kinds = kBehindTheWall,
       .grants = {{kSender}, {kRecipient}, {kNone, {kCoordinator}}}},
      {.method = "/fairlead.messaging.v1.BedCallService/ListBedCalls",
       .roles = kSpeakers,
       .forbidden_kinds = kBehindTheWall},
  };
}

std::vector<PolicyRow> AlertRows() {
  return {
      {.method = "/fairlead.messaging.v1.AlertService/SendAlert",
       .roles = {kAgencyAdmin, kCoordinator},
       .grants = kMembersAndOffice},
      {.method = "/fairlead.messaging.v1.AlertService/AcknowledgeAlert",
       .roles = kSpeakers,
       .grants = {{kRecipient}}},
      {.method = "/fairlead.messaging.v1.AlertService/GetAlert",
       .roles = kSpeakers,
       .grants = {{kSender}, {kRecipient}, {kNone, {kCoordinator}}}},
      {.method = "/fairlead.messaging.v1.AlertService/ListAlerts", .roles = kSpeakers},
      {.method = "/fairlead.messaging.v1.AlertService/ListAlertAgencies",
       .roles = kSpeakers,
       .grants = {{kSender}, {kNone, {kCoordinator}}}},
  };
}

}  // namespace fairlead::auth
