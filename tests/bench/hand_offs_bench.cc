#include "tests/bench/hand_offs_bench.h"

#include <algorithm>
#include <memory>

#include "services/common/audit/audit.h"
#include "services/common/audit/denials.h"
#include "services/common/base/clock.h"
#include "services/common/base/ids.h"
#include "services/common/base/random.h"
#include "services/common/outbox/outbox.h"
#include "services/common/rpc/dispatcher.h"
#include "services/common/rpc/mutate.h"
#include "services/referral/migrations.h"
#include "services/referral/referral_server.h"
#include "services/referral/store/sql_referral_store.h"

namespace fairlead::bench {
namespace {

namespace referral_v1 = fairlead::referral::v1;
using referral::Offer;
using referral::OfferState;
using referral::Referral;
using referral::ReferralState;

constexpr int kInTransaction = 5'000;
constexpr int kAgencies = 100;
constexpr int kPageSize = 100;
constexpr int64_t kMinuteMs = 60'000;

class HandOffsMeasure {
 public:
  explicit HandOffsMeasure(storage::Database& database)
      : database_(database),
        denials_(database, ids_, clock_),
        empty_(nothing_, clock_),
        services_(rpc::MakeLocalChannel(empty_)),
        server_(database, *services_, denials_, clock_, SystemRandom(), ids_,
                referral::DefaultClockPolicy()) {
    for (int i = 0; i < kAgencies; ++i) agencies_.push_back(ids_.New());
    server_.Register(registry_);
    dispatcher_ = std::make_unique<rpc::Dispatcher>(registry_, clock_);
    channel_ = rpc::MakeLocalChannel(*dispatcher_);
  }
  ~HandOffsMeasure() { denials_.Stop(); }

  Result<HandOffCosts> GrowTo(int referrals, double seconds) {
    HandOffCosts costs;
    costs.referrals = referrals;
    const int64_t from_ms = clock_.SteadyMs();
    while (filled_ < referrals) {
      const int until = std::min(referrals, filled_ + kInTransaction);
      std::function<Result<bool>(storage::Transaction&)> fill = [&](storage::Transaction& tx) {
        return Fill(tx, until);
      };
      FAIRLEAD_RETURN_IF_ERROR(SyncWait(database_.Write<bool>(fill)));
      filled_ = until;
    }
    costs.fill_s = static_cast<double>(clock_.SteadyMs() - from_ms) / 1000;
    FAIRLEAD_ASSIGN(costs.waiting, MeasureStage(referral_v1::HAND_OFF_STAGE_WAITING, seconds));
    FAIRLEAD_ASSIGN(costs.matched, MeasureStage(referral_v1::HAND_OFF_STAGE_MATCHED, seconds));
    return costs;
  }

 private:
  // The first ones wait, the next are agreed, all others are over.
  Result<bool> Fill(storage::Transaction& tx, int until) {
    const auto store = referral::MakeSqlReferralStore(tx);
    for (int i = filled_; i < until; ++i) {
      const bool waits = i < kHandOffsWaiting;
      const bool is_matched = !waits && i < kHandOffsWaiting * 3 / 2;
      Referral one;
      one.id = ids_.New();
      one.sender_agency_id = agencies_[static_cast<size_t>(i % kAgencies)];
      one.case_handle = ids_.New();
      one.facets.need_code = "shelter_bed";
      one.state = waits        ? ReferralState::kOpen
                  : is_matched ? ReferralState::kMatched
                               : ReferralState::kCompleted;
      one.release_id = ids_.New();
      one.create_ms = one.update_ms = start_ms_ + i;
      FAIRLEAD_RETURN_IF_ERROR(store->Insert(one));
      Offer offer;
      offer.id = ids_.New();
      offer.referral_id = one.id;
      offer.recipient_agency_id = agencies_[static_cast<size_t>((i + 1) % kAgencies)];
      offer.state = waits ? OfferState::kDelivered : OfferState::kAccepted;
      offer.send_ms = one.create_ms;
      // In no order, as answers come.
      const int64_t due_ms = start_ms_ + (int64_t{i} * 7'919 % kHandOffsWaiting) * kMinuteMs;
      offer.ladder = {due_ms, due_ms + kMinuteMs, due_ms + 2 * kMinuteMs, due_ms + 3 * kMinuteMs};
      FAIRLEAD_RETURN_IF_ERROR(store->InsertOffer(offer));
    }
    return true;
  }

  // Page after page, and from the front again.
  Result<Times> MeasureStage(referral_v1::HandOffStage stage, double seconds) {
    referral_v1::ListHandOffsRequest request;
    request.set_stage(stage);
    request.set_page_size(kPageSize);
    return Measure(seconds, [&]() -> Result<void> {
      rpc::CallOptions options;
      options.actor = coordinator_;
      options.deadline_steady_ms = clock_.SteadyMs() + 60'000;
      FAIRLEAD_ASSIGN(const auto page,
                      SyncWait(rpc::Call<referral_v1::ListHandOffsResponse>(
                          *channel_, "/fairlead.referral.v1.HandOffService/ListHandOffs", request,
                          options)));
      request.set_page_token(page.next_page_token());
      if (page.hand_offs_size() > 0 || page.next_page_token().empty()) return {};
      return Fail(Code::kInternal, "NOTHING_FOUND", "A page is empty.");
    });
  }

  static auth::Actor Coordinator(IdGenerator& ids) {
    return {.kind = auth::ActorKind::kStaff,
            .staff_id = ids.New(),
            .agency_id = ids.New(),
            .agency_kind = auth::AgencyKind::kCoalitionOffice,
            .membership = auth::Membership::kActive,
            .roles = {auth::Role::kCoordinator},
            .session_id = ids.New(),
            .assurance = auth::kSignedIn};
  }

  storage::Database& database_;
  const Clock& clock_ = SystemClock();
  IdGenerator ids_{clock_, SystemRandom()};
  const int64_t start_ms_ = clock_.NowMs();
  audit::DenialWriter denials_;
  rpc::Registry nothing_;  // the list asks no other service
  rpc::Dispatcher empty_;
  std::unique_ptr<rpc::Channel> services_;
  referral::ReferralServer server_;
  rpc::Registry registry_;
  std::unique_ptr<rpc::Dispatcher> dispatcher_;
  std::unique_ptr<rpc::Channel> channel_;
  const auth::Actor coordinator_ = Coordinator(ids_);
  std::vector<std::string> agencies_;
  int filled_ = 0;
};

}  // namespace

Result<std::vector<HandOffCosts>> MeasureHandOffs(const std::string& folder,
                                                  const std::vector<int>& sizes, double seconds) {
  FAIRLEAD_ASSIGN(
      const std::unique_ptr<storage::Database> database,
      storage::OpenDatabase({.url = "sqlite:" + folder + "/hand-offs.db"},
                            {outbox::OutboxMigrations(), audit::AuditMigrations(),
                             rpc::IdempotencyMigrations(), referral::Migrations()}));
  std::vector<HandOffCosts> all;
  Result<void> outcome;
  {
    HandOffsMeasure measure(*database);
    for (const int size : sizes) {
      Result<HandOffCosts> costs = measure.GrowTo(size, seconds);
      if (!costs) {
        outcome = Fail(std::move(costs.error()));
        break;
      }
      all.push_back(*costs);
    }
  }
  database->Close();
  if (!outcome) return Fail(std::move(outcome.error()));
  return all;
}

}  // namespace fairlead::bench
