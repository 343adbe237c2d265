// Writes docs/authority.md: the policy table in words.
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "tests/authority/words.h"

namespace fairlead::authority {
namespace {

using auth::AgencyKind;
using auth::Grant;
using auth::Membership;
using auth::PolicyRow;
using auth::RecordState;
using auth::Relation;
using auth::Role;

std::string NameOf(Role role) {
  switch (role) {
    case Role::kCaseworker:
      return "caseworker";
    case Role::kHotlineOperator:
      return "hotline operator";
    case Role::kAgencyAdmin:
      return "administrator";
    case Role::kCoordinator:
      return "coordinator";
    case Role::kAuditor:
      return "auditor";
    case Role::kIntegration:
      return "software";
  }
  return "?";
}

std::string Listed(const std::vector<std::string>& items, const char* last) {
  std::string text;
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += i + 1 == items.size() ? last : ", ";
    text += items[i];
  }
  return text;
}

std::string NamesOf(const std::set<Role>& roles) {
  std::vector<std::string> names;
  for (const Role role : roles) names.push_back(NameOf(role));
  return Listed(names, ", ");
}

std::string ServicesOf(const PolicyRow& row) {
  std::vector<std::string> names(row.services.begin(), row.services.end());
  return Listed(names, ", ");
}

bool IsForEveryPerson(const PolicyRow& row) {
  return std::all_of(std::begin(kRoles), std::end(kRoles), [&row](Role role) {
    return role == Role::kIntegration || row.roles.contains(role);
  });
}

std::string Who(const PolicyRow& row) {
  if (row.anonymous) return "anybody, without a sign-in";
  if (row.services_only && row.roles.empty()) return "the hub itself: " + ServicesOf(row);
  std::string who = row.roles.size() == std::size(kRoles) ? "everybody" : NamesOf(row.roles);
  if (IsForEveryPerson(row) && row.roles.size() < std::size(kRoles)) who = "everybody but software";
  if (row.services_only) return who + "; only through the hub's " + ServicesOf(row);
  if (!row.services.empty()) who += "; the hub itself: " + ServicesOf(row);
  return who;
}

std::string Record(Relation relation, const PolicyRow& row) {
  const bool is_hold = row.method.find("CapacityService") != std::string_view::npos;
  const bool is_talk = row.method.find("messaging") != std::string_view::npos;
  switch (relation) {
    case Relation::kNone:
      return "any";
    case Relation::kSelf:
      return is_talk ? "written by oneself" : "one's own";
    case Relation::kOwnAgency:
      return "the own agency's";
    case Relation::kSender:
      if (is_talk) return "asked or sent by the own agency";
      return is_hold ? "placed by the own agency" : "sent by the own agency";
    case Relation::kRecipient:
      if (is_talk) return "in a channel of the own agency, or sent to it";
      return is_hold ? "on a service of the own agency" : "offered or sent to the own agency";
    case Relation::kDiscloser:
      return "held by the own agency";
  }
  return "?";
}

std::string While(RecordState state) {
  switch (state) {
    case RecordState::kAny:
      return "in any state";
    case RecordState::kDraft:
      return "a draft";
    case RecordState::kWaiting:
      return "waiting for an answer";
    case RecordState::kAccepted:
      return "accepted";
    case RecordState::kEnded:
      return "ended";
  }
  return "?";
}

std::string OnWhich(const PolicyRow& row) {
  std::vector<std::string> parts;
  for (const Grant& grant : row.grants) {
    std::string part = Record(grant.relation, row);
    if (!grant.states.empty()) {
      std::vector<std::string> states;
      for (const RecordState state : grant.states) states.push_back(While(state));
      part += " while " + Listed(states, " or ");
    }
    if (!grant.roles.empty()) part += " (" + NamesOf(grant.roles) + ")";
    parts.push_back(part);
  }
  if (row.forbidden_relations != Relation::kNone) {
    parts.push_back("never " + Record(row.forbidden_relations, row));
  }
  return Listed(parts, "; ");
}

std::string MembershipsOf(const PolicyRow& row) {
  if (row.anonymous || row.roles.empty()) return "";
  if (row.memberships == std::set<Membership>{Membership::kActive}) return "";
  if (row.memberships.size() == 2) return "also while the agency is suspended";
  return "whatever became of the agency";
}

std::string Besides(const PolicyRow& row) {
  std::vector<std::string> parts;
  if (row.needs_release) parts.push_back("a release in force");
  if (row.least_assurance >= auth::kProvenLately) parts.push_back("step-up");
  if (row.forbidden_kinds.contains(AgencyKind::kLawEnforcement)) {
    parts.push_back("not for law enforcement");
  }
  if (std::string text = MembershipsOf(row); !text.empty()) parts.push_back(text);
  return Listed(parts, "; ");
}

// "AcceptOffer" → "Accept offer".
std::string Spaced(std::string_view verb) {
  std::string text;
  for (const char c : verb) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !text.empty()) text += ' ';
    text += upper && !text.empty() ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text;
}

// "ReferralService" of "/fairlead.referral.v1.ReferralService/AcceptOffer".
std::string ServiceOf(std::string_view method) {
  const size_t slash = method.rfind('/');
  const size_t dot = method.rfind('.', slash);
  return std::string(method.substr(dot + 1, slash - dot - 1));
}

constexpr const char* kIntroduction = R"(# Who may do what

Made from the policy table (`services/common/auth/policy/`) by `ninja accept_authority_page`; a test
holds the two together. The same rules stand a second time, in Cedar, in
`tests/authority/policies.cedar`, and a test compares the two decision by decision.

How to read it. **Who may accept an offer?** Look for *Accept offer* below: a caseworker, a hotline
operator, an administrator or the agency's own software; on an offer made to the own agency; while
it waits for an answer. All columns must hold at once, and what is not listed is refused.

- *Who*: the caller's role. Coordinators and auditors are such at the coalition office only.
  *Software* is an agency's own program, signed in as such. Unless the table says otherwise, the
  caller's agency must be an active member.
- *On which records*: how the caller stands to the record that the call names. To everybody else the
  record is not there: the answer is that of an id which does not exist. Empty: the call names no
  record of anybody's, or means the caller's own by itself.
- *Besides*: *step-up* is a proof of who sits there within the last 10 minutes. *A release in force*
  is a client's consent that names the recipient, the purpose and every category of data, asked for
  again at each use and never remembered.

Beyond this table a verb may still be refused by what the record is: an offer whose time has passed,
a referral that is completed. The contract (`proto/`) names those reasons verb by verb.
)";

void PrintServices() {
  std::string service;
  for (const PolicyRow& row : auth::PolicyTable()) {
    if (ServiceOf(row.method) != service) {
      service = ServiceOf(row.method);
      std::printf("\n## %s\n", Spaced(service).c_str());
      std::printf("\n| verb | who | on which records | besides |\n|---|---|---|---|\n");
    }
    std::printf("| %s | %s | %s | %s |\n", Spaced(VerbOf(row.method)).c_str(), Who(row).c_str(),
                OnWhich(row).c_str(), Besides(row).c_str());
  }
}

void PrintRoles() {
  std::map<Role, std::vector<std::string>> verbs;
  for (const PolicyRow& row : auth::PolicyTable()) {
    if (row.services_only || IsForEveryPerson(row)) continue;
    for (const Role role : row.roles) verbs[role].push_back(Spaced(VerbOf(row.method)));
  }
  std::printf(
      "\n## Role by role\n\nBesides what is open to everybody, or to everybody but software.\n\n");
  for (const Role role : kRoles) {
    std::printf("- **%s**: %s.\n", NameOf(role).c_str(), Listed(verbs[role], ", ").c_str());
  }
}

}  // namespace
}  // namespace fairlead::authority

int main() {
  std::fputs(fairlead::authority::kIntroduction, stdout);
  fairlead::authority::PrintServices();
  fairlead::authority::PrintRoles();
}
