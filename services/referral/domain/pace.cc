#include "services/referral/domain/pace.h"

#include <algorithm>

namespace fairlead::referral {
namespace {

std::optional<Spread> SpreadOf(std::vector<int64_t> values) {
  if (values.size() < kFewestForFigures) return std::nullopt;
  std::ranges::sort(values);
  const auto at_rank = [&values](size_t tenths) {
    return values[(values.size() * tenths + 9) / 10 - 1];
  };
  return Spread{.median_ms = at_rank(5), .p90_ms = at_rank(9)};
}

}  // namespace

std::optional<PaceFigures> SumUp(const std::vector<OfferPace>& offers) {
  if (offers.size() < kFewestForFigures) return std::nullopt;
  std::vector<int64_t> waits;
  std::vector<int64_t> begins;
  for (const OfferPace& offer : offers) {
    if (offer.answered) waits.push_back(offer.wait_ms);
    if (offer.begin_ms >= 0) begins.push_back(offer.begin_ms);
  }
  return PaceFigures{.answered = waits.size(),
                     .expired = offers.size() - waits.size(),
                     .to_answer = SpreadOf(waits),
                     .to_start = SpreadOf(begins)};
}

}  // namespace fairlead::referral
