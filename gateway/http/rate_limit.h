// How many requests one client address may make: a token bucket for each, a bounded number of them.
#ifndef GATEWAY_HTTP_RATE_LIMIT_H_
#define GATEWAY_HTTP_RATE_LIMIT_H_

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace fairlead::gateway {

// Thread-safe. `per_s` 0 lets everything pass. When more than `max_clients` addresses are busy at
// once, the rest share one bucket.
class RateLimiter {
 public:
  RateLimiter(int per_s, int burst, size_t max_clients = 4096);
  // Seconds to wait before the next try; 0: go on.
  int64_t RetryAfterS(std::string_view client, int64_t steady_ms);

 private:
  struct Bucket {
    double tokens = 0;
    int64_t filled_ms = 0;
  };
  void Refill(Bucket& bucket, int64_t steady_ms) const;
  Bucket& Find(std::string_view client, int64_t steady_ms);

  const double per_s_;
  const double burst_;
  const size_t max_clients_;
  std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;
};

// What counts as one client: an IPv4 address, or the /64 of an IPv6 address.
std::string ClientKey(std::string_view ip);
// Of a ClientKey: 127.0.0.0/8, or the /64 of ::1.
bool IsLoopback(std::string_view client_key);

}  // namespace fairlead::gateway

#endif  // GATEWAY_HTTP_RATE_LIMIT_H_
