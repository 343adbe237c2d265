// What product.md says of who writes to whom, for policy_test: not out of the table's rows.
#ifndef SERVICES_COMMON_AUTH_TESTING_MESSAGING_VERBS_H_
#define SERVICES_COMMON_AUTH_TESTING_MESSAGING_VERBS_H_

#include <set>
#include <string>

#include "services/common/auth/actor.h"

namespace fairlead::auth {

// Law enforcement never sees who looks for a bed.
inline const std::set<std::string>& BedCallVerbs() {
  static const std::set<std::string> verbs = {"OpenBedCall",  "AnswerBedCall", "TakeBedCall",
                                              "CloseBedCall", "GetBedCall",    "ListBedCalls"};
  return verbs;
}

// Threads and what is said in channels are for persons who deal with others; channels are read by
// every person, and kept in order by the coordinators; beds are asked for by who hands cases on.
inline std::set<std::string> MessagingVerbs(Role role) {
  if (role == Role::kIntegration) return {};
  std::set<std::string> verbs = {"ListChannels", "GetPost", "ListPosts", "SearchPosts"};
  if (role == Role::kAuditor) return verbs;
  verbs.insert({"StartThread", "ListThreads", "GetThread", "SendMessage", "EditMessage",
                "DeleteMessage", "ListMessages", "GetMessage", "MarkThread", "CreatePost",
                "DeletePost", "GetBedCall", "ListBedCalls", "AcknowledgeAlert", "GetAlert",
                "ListAlerts", "ListAlertAgencies"});
  if (role == Role::kCoordinator) {
    verbs.insert({"CreateChannel", "UpdateChannel", "PinPost", "SendAlert"});
    return verbs;
  }
  verbs.insert({"OpenBedCall", "AnswerBedCall", "TakeBedCall", "CloseBedCall"});
  if (role == Role::kAgencyAdmin) verbs.insert("SendAlert");
  return verbs;
}

}  // namespace fairlead::auth

#endif  // SERVICES_COMMON_AUTH_TESTING_MESSAGING_VERBS_H_
