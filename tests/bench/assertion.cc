#include "tests/bench/assertion.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "services/common/auth/assertion.h"
#include "services/common/auth/policy.h"
#include "services/common/base/ids.h"

namespace fairlead::bench {
namespace {

constexpr size_t kCallers = 4'000;  // fewer than a verifier remembers

template <class Once>
Cost MeasureOnce(const Once& once) {
  std::vector<double> took_us;
  took_us.reserve(kCallers);
  for (size_t i = 0; i < kCallers; ++i) {
    const auto start = std::chrono::steady_clock::now();
    once(i);
    took_us.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
            .count());
  }
  std::sort(took_us.begin(), took_us.end());
  return {took_us[kCallers / 2], took_us[kCallers * 99 / 100]};
}

}  // namespace

Result<AssertionCosts> MeasureAssertions(const std::string& folder) {
  const Clock& clock = SystemClock();
  FAIRLEAD_ASSIGN(const auto signer,
                  auth::OpenAssertionSigner(folder + "/bench-assertion.jwk", clock));
  FAIRLEAD_ASSIGN(const auto verifier, auth::MakeAssertionVerifier(signer->PublicJwk(), clock));
  IdGenerator ids(clock, SystemRandom());
  auth::Actor actor;
  actor.kind = auth::ActorKind::kStaff;
  actor.agency_id = ids.New();
  actor.roles = {auth::Role::kCaseworker, auth::Role::kAgencyAdmin};
  actor.assurance = auth::kSignedIn;
  std::vector<std::string> assertions(kCallers);
  size_t refused = 0;
  AssertionCosts costs;
  costs.sign = MeasureOnce([&](size_t i) {
    actor.staff_id = ids.New();
    assertions[i] = signer->Sign(actor);
  });
  const auto check = [&](size_t i) { refused += verifier->Verify(assertions[i]) ? 0U : 1U; };
  costs.verify = MeasureOnce(check);
  costs.again = MeasureOnce(check);
  if (refused > 0) return Fail(Code::kInternal, "ASSERTION_REFUSED", "One of ours was refused.");
  return costs;
}

}  // namespace fairlead::bench
