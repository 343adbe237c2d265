// What the machine of offers and referrals can do, against what FHIR Tasks may.
#include "services/referral/domain/fhir_task.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace fairlead::referral {
namespace {

using R = ReferralState;
using O = OfferState;
using T = TaskStatus;
using enum Mover;

constexpr int kStatuses = static_cast<int>(T::kEnteredInError) + 1;

// The standard's rules, written out once more: the requester sets requested and entered-in-error,
// the target accepted, rejected, in-progress, completed and failed, either cancels, in this order.
// The target's cancelling is its rejecting before, and its failing after it has accepted. The
// platform acts for who can no more.
const std::map<std::pair<T, T>, std::set<Mover>> kAllowed = {
    {{T::kDraft, T::kRequested}, {kSender}},
    {{T::kDraft, T::kCancelled}, {kSender, kHub}},
    {{T::kRequested, T::kAccepted}, {kRecipient, kSender}},  // the sender: see fhir_task.cc
    {{T::kRequested, T::kRejected}, {kRecipient}},
    {{T::kRequested, T::kFailed}, {kHub}},
    {{T::kRequested, T::kCancelled}, {kSender, kHub}},
    {{T::kAccepted, T::kInProgress}, {kRecipient}},
    {{T::kAccepted, T::kCancelled}, {kSender}},
    {{T::kAccepted, T::kFailed}, {kRecipient, kHub}},
    {{T::kInProgress, T::kCompleted}, {kRecipient}},
    {{T::kInProgress, T::kFailed}, {kRecipient, kHub}},
    {{T::kRequested, T::kEnteredInError}, {kSender}},
    {{T::kAccepted, T::kEnteredInError}, {kSender}},
    {{T::kRejected, T::kEnteredInError}, {kSender}},
    {{T::kInProgress, T::kEnteredInError}, {kSender}},
    {{T::kCompleted, T::kEnteredInError}, {kSender}},
    {{T::kFailed, T::kEnteredInError}, {kSender}},
    {{T::kCancelled, T::kEnteredInError}, {kSender}},
};

TEST(FhirTaskTest, EveryStateTimesStateTimesActor) {
  for (int from = 0; from < kStatuses; ++from) {
    for (int to = 0; to < kStatuses; ++to) {
      const auto found = kAllowed.find({static_cast<T>(from), static_cast<T>(to)});
      for (const Mover by : {kSender, kRecipient, kHub}) {
        const bool allowed = found != kAllowed.end() && found->second.contains(by);
        EXPECT_EQ(CanMove(static_cast<T>(from), static_cast<T>(to), by), allowed)
            << TaskCode(static_cast<T>(from)) << " → " << TaskCode(static_cast<T>(to)) << " by "
            << static_cast<int>(by);
      }
    }
  }
}

using Change = std::tuple<T, T, Mover, std::string>;

template <class State>
bool Matches(const Transition<State>& row, Mover by, std::string_view how) {
  return row.by == by && row.how == how;
}

// What `how` makes of a referral and its offer: each moves if it has such a way. A method that
// moves referrals moves nothing where the referral has no such way.
void Follow(R referral, O offer, Mover by, std::string_view how, std::set<Change>& changes) {
  bool moves_referrals = false;
  std::set<R> referrals;
  for (const auto& row : ReferralTransitions()) {
    if (!Matches(row, by, how)) continue;
    moves_referrals = true;
    if (row.from == referral) referrals.insert(row.to);
  }
  if (moves_referrals && referrals.empty()) return;
  std::set<O> offers;
  for (const auto& row : OfferTransitions()) {
    if (Matches(row, by, how) && row.from == offer) offers.insert(row.to);
  }
  if (referrals.empty()) referrals.insert(referral);
  if (offers.empty()) offers.insert(offer);
  const T from = TaskStatusOf(referral, offer);
  for (const R new_referral : referrals) {
    for (const O new_offer : offers) {
      const T to = TaskStatusOf(new_referral, new_offer);
      if (to != from) changes.insert({from, to, by, std::string(how)});
    }
  }
}

TEST(FhirTaskTest, TheMachineDoesWhatTheTableSaysAndNothingElse) {
  // How a referral and an offer of it can stand together.
  const std::vector<std::pair<R, O>> together = {
      {R::kOpen, O::kSent},          {R::kOpen, O::kDelivered},
      {R::kOpen, O::kQuestion},      {R::kMatched, O::kAccepted},
      {R::kInService, O::kAccepted}, {R::kCompleted, O::kAccepted},
      {R::kClosed, O::kDeclined},    {R::kClosed, O::kExpired},
      {R::kClosed, O::kWithdrawn},   {R::kClosed, O::kFellThrough},
      {R::kCancelled, O::kWithdrawn}, {R::kCancelled, O::kFellThrough}};
  std::set<Change> possible;
  std::set<std::pair<Mover, std::string_view>> ways;
  for (const auto& row : ReferralTransitions()) ways.insert({row.by, row.how});
  for (const auto& row : OfferTransitions()) ways.insert({row.by, row.how});
  for (const auto& [by, how] : ways) {
    if (how.empty()) continue;
    for (const auto& [referral, offer] : together) Follow(referral, offer, by, how, possible);
  }
  // A draft has no offer.
  for (const auto& row : ReferralTransitions()) {
    if (row.from != R::kDraft) continue;
    const T to = row.to == R::kOpen ? T::kRequested : TaskStatusOf(row.to, std::nullopt);
    possible.insert({T::kDraft, to, row.by, std::string(row.how)});
  }
  std::set<Change> allowed;
  for (const auto& row : TaskTransitions()) {
    if (!row.how.empty()) allowed.insert({row.from, row.to, row.by, std::string(row.how)});
  }
  EXPECT_EQ(possible, allowed);
}

TEST(FhirTaskTest, AReasonGoesWithWhatNeedsOne) {
  std::set<std::string_view> needing;
  for (int status = 0; status < kStatuses; ++status) {
    if (NeedsStatusReason(static_cast<T>(status))) needing.insert(TaskCode(static_cast<T>(status)));
  }
  EXPECT_EQ(needing, (std::set<std::string_view>{"rejected", "cancelled", "failed"}));
}

TEST(FhirTaskTest, EnteredInErrorIsWhateverBecameOfTheOffer) {
  for (int offer = 1; offer <= 8; ++offer) {
    EXPECT_EQ(TaskStatusOf(R::kEnteredInError, static_cast<O>(offer)), T::kEnteredInError);
  }
}

}  // namespace
}  // namespace fairlead::referral
