// Says what the policy table decides, case by case, for policies.mjs to hold against Cedar.
//
//   authority_cases verbs                     the verbs, one a line: number and name
//   authority_cases classes | whole           an enumeration (below)
//   authority_cases random SEED COUNT         random cases
//
// `--break VERB` first grants that verb to software, or takes it from it: a difference that the
// comparison must find. A case is a line of twelve numbers: verb, caller kind, the service that the
// caller claims to be, the service that it comes through, bits of roles, agency kind, membership,
// assurance, bits of relations, state, release in force, and the answer (1: allowed).
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "tests/authority/words.h"

namespace fairlead::authority {
namespace {

using auth::PolicyRow;

struct Case {
  size_t verb = 0;
  auth::ActorKind caller = auth::ActorKind::kStaff;
  size_t claims = 0;   // index into kServices
  size_t through = 0;  // the same
  unsigned roles = 0;  // bit i: kRoles[i]
  int kind = 0;
  int membership = 0;
  int assurance = 0;
  unsigned relations = 0;
  int state = 0;
  bool release = false;
};

constexpr unsigned kAllRoles = (1U << std::size(kRoles)) - 1;
constexpr unsigned kAllRelations = (1U << kRelations) - 1;
constexpr int kActive = static_cast<int>(auth::Membership::kActive);

class Cases {
 public:
  explicit Cases(std::vector<PolicyRow> rows) : rows_(std::move(rows)) {}

  void Print(const Case& one) {
    auth::Actor actor;
    actor.kind = one.caller;
    actor.staff_id = kServices[one.claims];
    actor.agency_kind = static_cast<auth::AgencyKind>(one.kind);
    actor.membership = static_cast<auth::Membership>(one.membership);
    actor.assurance = one.assurance;
    for (size_t i = 0; i < std::size(kRoles); ++i) {
      if ((one.roles >> i & 1U) != 0) actor.roles.insert(kRoles[i]);
    }
    const auth::Standing standing{.relations = static_cast<auth::Relation>(one.relations),
                                  .state = static_cast<auth::RecordState>(one.state),
                                  .release_in_force = one.release};
    const bool allowed = auth::Decide(&rows_[one.verb], actor, standing, kServices[one.through]) ==
                         auth::Verdict::kAllowed;
    std::printf("%zu %d %zu %zu %u %d %d %d %u %d %d %d\n", one.verb, static_cast<int>(one.caller),
                one.claims, one.through, one.roles, one.kind, one.membership, one.assurance,
                one.relations, one.state, one.release ? 1 : 0, allowed ? 1 : 0);
  }

  // A case whose record is as good as it gets for the row's grant `at`.
  Case Favourable(size_t verb, size_t at) const {
    const PolicyRow& row = rows_[verb];
    Case one{.verb = verb, .membership = kActive, .assurance = auth::kProvenLately};
    one.release = true;
    if (row.services_only) {
      for (size_t i = 0; i < std::size(kServices); ++i) {
        if (row.services.contains(kServices[i])) one.through = i;
      }
    }
    if (at < row.grants.size()) {
      one.relations = static_cast<unsigned>(row.grants[at].relation);
      if (!row.grants[at].states.empty()) {
        one.state = static_cast<int>(*row.grants[at].states.begin());
      }
    }
    return one;
  }

  // Who: every combination of up to two roles × kind × membership × assurance, on good records.
  // A system has one role, or none.
  void Who(size_t verb, auth::ActorKind caller, const std::vector<int>& kinds,
           const std::vector<int>& memberships) {
    const size_t at_most = caller == auth::ActorKind::kMachine ? 1 : 2;
    for (size_t grant = 0; grant < std::max<size_t>(rows_[verb].grants.size(), 1); ++grant) {
      for (const unsigned roles : RoleSets(at_most)) {
        for (const int kind : kinds) {
          for (const int membership : memberships) {
            for (const int assurance : {0, 2, 3}) {
              Case one = Favourable(verb, grant);
              one.caller = caller;
              one.roles = roles;
              one.kind = kind;
              one.membership = membership;
              one.assurance = assurance;
              Print(one);
            }
          }
        }
      }
    }
  }

  // On what: role × kind × relation × state × release.
  void OnWhat(size_t verb, auth::ActorKind caller, const std::vector<int>& kinds,
              const std::vector<unsigned>& relations) {
    for (const unsigned roles : RoleSets(1)) {
      for (const int kind : kinds) {
        for (const unsigned relation : relations) {
          for (int state = 0; state < kStates; ++state) {
            for (const bool release : {false, true}) {
              Case one = Favourable(verb, 0);
              one.caller = caller;
              one.roles = roles;
              one.kind = kind;
              one.relations = relation;
              one.state = state;
              one.release = release;
              Print(one);
            }
          }
        }
      }
    }
  }

  // By which way: caller kind × claimed name × proven service.
  void Through(size_t verb) {
    using enum auth::ActorKind;
    for (const auto caller : {kAnonymous, kStaff, kService, kMachine}) {
      for (size_t claims = 0; claims < std::size(kServices); ++claims) {
        if (caller != kService && claims != 0) continue;
        for (size_t through = 0; through < std::size(kServices); ++through) {
          for (const unsigned roles : RoleSets(caller == kStaff || caller == kMachine ? 1 : 0)) {
            Case one = Favourable(verb, 0);
            one.caller = caller;
            one.claims = claims;
            one.through = through;
            one.roles = roles;
            one.kind = static_cast<int>(auth::AgencyKind::kCoalitionOffice);
            Print(one);
          }
        }
      }
    }
  }

  // Half of each draw lies near what the row allows: elsewhere nearly all is refused.
  void Random(std::mt19937_64& random) {
    const auto below = [&random](size_t n) { return static_cast<size_t>(random() % n); };
    const size_t verb = below(rows_.size());
    Case one = Favourable(verb, below(std::max<size_t>(rows_[verb].grants.size(), 1)));
    one.roles = static_cast<unsigned>(below(kAllRoles + 1));
    if (below(2) == 0) one.roles = 1U << below(std::size(kRoles));
    one.kind = static_cast<int>(below(kKinds));
    if (below(4) == 0) one.kind = static_cast<int>(auth::AgencyKind::kCoalitionOffice);
    if (below(2) == 0) one.membership = static_cast<int>(below(kMemberships));
    if (below(2) == 0) one.assurance = static_cast<int>(below(kAssurances));
    if (below(2) == 0) one.relations = static_cast<unsigned>(below(kAllRelations + 1));
    if (below(2) == 0) one.state = static_cast<int>(below(kStates));
    if (below(2) == 0) one.release = below(2) == 0;
    if (below(4) == 0) one.caller = static_cast<auth::ActorKind>(below(4));
    if (below(4) == 0) one.through = below(std::size(kServices));
    if (one.caller == auth::ActorKind::kService) {
      one.claims = below(2) == 0 ? one.through : below(std::size(kServices));
    }
    Print(one);
  }

  size_t size() const { return rows_.size(); }

 private:
  static std::vector<unsigned> RoleSets(size_t at_most) {
    std::vector<unsigned> sets = {0};
    for (size_t i = 0; i < std::size(kRoles) && at_most >= 1; ++i) {
      sets.push_back(1U << i);
      for (size_t j = 0; j < i && at_most >= 2; ++j) sets.push_back(1U << i | 1U << j);
    }
    return sets;
  }

  std::vector<PolicyRow> rows_;
};

std::vector<int> UpTo(int end) {
  std::vector<int> all;
  for (int i = 0; i < end; ++i) all.push_back(i);
  return all;
}

// `whole`: every kind, every membership, every set of relations. Otherwise one of each class that
// either side may tell apart (policies.mjs checks that Cedar's policies name no other).
void Enumerate(Cases& cases, bool whole) {
  std::vector<int> kinds = {static_cast<int>(auth::AgencyKind::kHotline),
                            static_cast<int>(auth::AgencyKind::kLawEnforcement),
                            static_cast<int>(auth::AgencyKind::kCoalitionOffice)};
  std::vector<int> memberships = {0, kActive, static_cast<int>(auth::Membership::kSuspended),
                                  static_cast<int>(auth::Membership::kDeparted)};
  std::vector<unsigned> relations = {0, kAllRelations};
  for (unsigned bit = 0; bit < kRelations; ++bit) relations.push_back(1U << bit);
  if (whole) {
    kinds = UpTo(kKinds);
    memberships = UpTo(kMemberships);
    relations.clear();
    for (unsigned set = 0; set <= kAllRelations; ++set) relations.push_back(set);
  }
  for (size_t verb = 0; verb < cases.size(); ++verb) {
    for (const auto caller : {auth::ActorKind::kStaff, auth::ActorKind::kMachine}) {
      cases.Who(verb, caller, kinds, memberships);
      cases.OnWhat(verb, caller, kinds, relations);
    }
    cases.Through(verb);
  }
}

int Run(int argc, char** argv) {
  const auto table = auth::PolicyTable();
  std::vector<PolicyRow> rows(table.begin(), table.end());
  int next = 1;
  if (argc > 2 && std::strcmp(argv[1], "--break") == 0) {
    bool found = false;
    for (PolicyRow& row : rows) {
      if (VerbOf(row.method) != argv[2]) continue;
      found = true;
      if (row.roles.erase(auth::Role::kIntegration) == 0) {
        row.roles.insert(auth::Role::kIntegration);
      }
    }
    if (!found) return 2;
    next = 3;
  }
  const std::string what = argc > next ? argv[next] : "";
  if (what == "verbs") {
    for (size_t i = 0; i < rows.size(); ++i) {
      const std::string_view verb = VerbOf(rows[i].method);
      std::printf("%zu %.*s\n", i, static_cast<int>(verb.size()), verb.data());
    }
    return 0;
  }
  Cases cases(std::move(rows));
  if (what == "classes" || what == "whole") {
    Enumerate(cases, what == "whole");
    return 0;
  }
  if (what == "random" && argc > next + 2) {
    std::mt19937_64 random(std::strtoull(argv[next + 1], nullptr, 10));
    const uint64_t count = std::strtoull(argv[next + 2], nullptr, 10);
    for (uint64_t i = 0; i < count; ++i) cases.Random(random);
    return 0;
  }
  std::fprintf(stderr, "usage: authority_cases [--break VERB] verbs|classes|whole|random S N\n");
  return 2;
}

}  // namespace
}  // namespace fairlead::authority

int main(int argc, char** argv) { return fairlead::authority::Run(argc, argv); }
