// Identifiers: UUIDv7 (RFC 9562, section 5.7), so that keys made later sort later; and UUIDv5 for
// records that have numbers of their own elsewhere.
#ifndef SERVICES_COMMON_BASE_IDS_H_
#define SERVICES_COMMON_BASE_IDS_H_

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "services/common/base/clock.h"
#include "services/common/base/random.h"

namespace fairlead {

// Makes ids in time order. Thread-safe. Within one generator ids never go backwards: the 12 bits
// after the time are a counter (RFC 9562, section 6.2, method 1), and a clock that steps back is
// held at the latest time seen.
class IdGenerator {
 public:
  IdGenerator(const Clock& clock, Random& random) : clock_(clock), random_(random) {}
  // 36 characters, lower case.
  std::string New();

 private:
  const Clock& clock_;
  Random& random_;
  std::mutex mutex_;
  int64_t last_ms_ = 0;
  uint32_t counter_ = 0;
};

// The same for the same name, and for nothing else: UUIDv5 (RFC 9562, section 5.5). `space` is the
// UUID of what the name is unique in.
std::string NamedId(std::string_view space, std::string_view name);

// Any UUID (RFC 9562) in its canonical form: 36 characters, lower-case hex digits.
bool IsUuid(std::string_view text);

}  // namespace fairlead

#endif  // SERVICES_COMMON_BASE_IDS_H_
