// What an actor assertion costs a call: signed and verified afresh, and remembered.
//   build/release/bin/assertion_bench
#include <chrono>
#include <cstdio>

#include "services/common/auth/assertion.h"
#include "services/common/testing/temp_dir.h"

namespace {

using namespace fairlead;        // NOLINT: a program of one file
using namespace fairlead::auth;  // NOLINT

template <class F>
void Measure(const char* what, int count, F once) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < count; ++i) once(i);
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
  std::printf("%-18s %8.2f us\n", what, took.count() / count);
}

}  // namespace

int main() {
  const testing::TempDir folder;
  const Clock& clock = SystemClock();
  const auto signer = *OpenAssertionSigner(folder.File("key.jwk"), clock);
  const auto verifier = *MakeAssertionVerifier(signer->PublicJwk(), clock);
  Actor actor;
  actor.kind = ActorKind::kStaff;
  actor.staff_id = actor.agency_id = "0190a5c0-0000-7000-8000-000000000001";
  actor.roles = {Role::kCaseworker};
  constexpr int kFresh = 4'000;  // fewer than are remembered
  std::vector<std::string> assertions;
  Measure("sign afresh", kFresh, [&](int i) {
    actor.session_id = std::to_string(i);
    assertions.push_back(signer->Sign(actor));
  });
  Measure("sign again", 100'000, [&](int) { signer->Sign(actor); });
  Measure("verify afresh", kFresh, [&](int i) {
    if (!verifier->Verify(assertions[static_cast<size_t>(i)])) std::abort();
  });
  Measure("verify again", 100'000, [&](int i) {
    if (!verifier->Verify(assertions[static_cast<size_t>(i % 64)])) std::abort();
  });
  return 0;
}
