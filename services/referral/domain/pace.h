// How soon an agency answers and begins, in figures that tell of no single offer.
#ifndef SERVICES_REFERRAL_DOMAIN_PACE_H_
#define SERVICES_REFERRAL_DOMAIN_PACE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace fairlead::referral {

// Fewer than these are not summed up: a median of two is an offer.
inline constexpr size_t kFewestForFigures = 5;
// Of one agency, the newest: what bounds the work of one call.
inline constexpr int kMostPaceRows = 2000;

// An offer whose wait has ended. Milliseconds.
struct OfferPace {
  bool answered = false;  // else its clock has ended it
  int64_t wait_ms = 0;    // from sending to the first answer, or to the end
  int64_t begin_ms = -1;  // from the match to the begin of the service; -1: it has not begun
};

// By nearest rank: of n values in order, the ⌈n/2⌉th and the ⌈9n/10⌉th.
struct Spread {
  int64_t median_ms = 0;
  int64_t p90_ms = 0;
};

struct PaceFigures {
  size_t answered = 0;
  size_t expired = 0;
  std::optional<Spread> to_answer;  // with kFewestForFigures answered
  std::optional<Spread> to_start;   // with kFewestForFigures begun
};

// nullopt: fewer than kFewestForFigures offers.
std::optional<PaceFigures> SumUp(const std::vector<OfferPace>& offers);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_DOMAIN_PACE_H_
