// Tests against a hub in this process, on both engines.
#ifndef TESTS_SUPPORT_HUB_TEST_H_
#define TESTS_SUPPORT_HUB_TEST_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <string>

#include "tests/support/coalition.h"
#include "tests/support/in_process_hub.h"

namespace fairlead::testing {

class HubTest : public ::testing::TestWithParam<storage::Transaction::Engine> {
 protected:
  void SetUp() override {
    std::unique_ptr<InProcessHub>& kept = hubs_[GetParam()];
    if (!kept || WantsOwnHub() || IsClockSet(*kept)) {
      kept.reset();
      auto hub = InProcessHub::Start(GetParam());
      ASSERT_TRUE(hub) << ToString(hub.error());
      kept = std::move(*hub);
    }
    hub_ = kept.get();
    coalition_ = std::make_unique<Coalition>(hub_->channel());
  }
  static void TearDownTestSuite() { hubs_.clear(); }

  // A hub takes seconds to start on PostgreSQL: one on each engine does for all tests that see
  // their own agencies only.
  virtual bool WantsOwnHub() const { return false; }

  Agency Add(const std::string& name, auth::AgencyKind kind) {
    static int agencies = 0;
    auto agency = coalition_->AddAgency(name + " " + std::to_string(++agencies), kind);
    EXPECT_TRUE(agency) << ToString(agency.error());
    return agency ? *agency : Agency{};
  }

  InProcessHub* hub_ = nullptr;
  std::unique_ptr<Coalition> coalition_;

 private:
  // Releases and keys are made by the machine's clock: nothing else fits such a hub.
  static bool IsClockSet(InProcessHub& hub) {
    constexpr int64_t kTolerableMs = 1'000;
    return std::abs(hub.clock().NowMs() - SystemClock().NowMs()) > kTolerableMs;
  }

  inline static std::map<storage::Transaction::Engine, std::unique_ptr<InProcessHub>> hubs_;
};

}  // namespace fairlead::testing

#endif  // TESTS_SUPPORT_HUB_TEST_H_
