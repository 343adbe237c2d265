#include "gateway/http/rate_limit.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cmath>

#include "services/common/base/encoding.h"

namespace fairlead::gateway {
namespace {
constexpr const char* kEveryoneElse = "*";
}  // namespace

RateLimiter::RateLimiter(int per_s, int burst, size_t max_clients)
    : per_s_(per_s), burst_(std::max(burst, 1)), max_clients_(max_clients) {}

void RateLimiter::Refill(Bucket& bucket, int64_t steady_ms) const {
  const double gained = static_cast<double>(steady_ms - bucket.filled_ms) * per_s_ / 1000.0;
  bucket.tokens = std::min(burst_, bucket.tokens + gained);
  bucket.filled_ms = steady_ms;
}

RateLimiter::Bucket& RateLimiter::Find(std::string_view client, int64_t steady_ms) {
  const std::string key(client);
  const auto found = buckets_.find(key);
  if (found != buckets_.end()) return found->second;
  if (buckets_.size() >= max_clients_) {
    // A full bucket remembers nothing worth keeping.
    std::erase_if(buckets_, [&](const auto& entry) {
      Bucket bucket = entry.second;
      Refill(bucket, steady_ms);
      return bucket.tokens >= burst_;
    });
  }
  const bool has_room = buckets_.size() < max_clients_;
  return buckets_.try_emplace(has_room ? key : kEveryoneElse, Bucket{burst_, steady_ms})
      .first->second;
}

int64_t RateLimiter::RetryAfterS(std::string_view client, int64_t steady_ms) {
  if (per_s_ <= 0) return 0;
  const std::lock_guard lock(mutex_);
  Bucket& bucket = Find(client, steady_ms);
  Refill(bucket, steady_ms);
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return 0;
  }
  return std::max<int64_t>(1, static_cast<int64_t>(std::ceil((1 - bucket.tokens) / per_s_)));
}

std::string ClientKey(std::string_view ip) {
  const std::string text(ip);
  in6_addr address;
  if (inet_pton(AF_INET6, text.c_str(), &address) != 1) return text;
  return HexEncode(std::string_view(reinterpret_cast<const char*>(&address), 8));
}

bool IsLoopback(std::string_view client_key) {
  return client_key.starts_with("127.") || client_key == "0000000000000000";
}

}  // namespace fairlead::gateway
