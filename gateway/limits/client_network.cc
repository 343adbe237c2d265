#include "gateway/limits/client_network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace fairlead::gateway {
namespace {

using Bytes = std::array<uint8_t, 16>;
constexpr size_t kIpv4Prefix = 96;  // bits before an IPv4 address
constexpr std::array<uint8_t, 12> kIpv4Lead = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool IsIpv4(const Bytes& bytes) {
  return std::equal(kIpv4Lead.begin(), kIpv4Lead.end(), bytes.begin());
}

std::optional<Bytes> ParseIp(std::string_view ip) {
  const std::string text(ip);
  Bytes bytes{};
  std::copy(kIpv4Lead.begin(), kIpv4Lead.end(), bytes.begin());
  if (inet_pton(AF_INET, text.c_str(), bytes.data() + kIpv4Lead.size()) == 1) return bytes;
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return bytes;
  return std::nullopt;
}

std::string_view Trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// Cuts off and returns what stands behind the last comma.
std::string_view TakeLast(std::string_view& list) {
  const size_t comma = list.rfind(',');
  const std::string_view last = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
  return Trimmed(last);
}

bool Within(const Bytes& ip, const Bytes& first, size_t bits) {
  const size_t whole = bits / 8;
  if (!std::equal(ip.begin(), ip.begin() + static_cast<std::ptrdiff_t>(whole), first.begin())) {
    return false;
  }
  const size_t rest = bits % 8;
  return rest == 0 || ((ip[whole] ^ first[whole]) >> (8 - rest)) == 0;
}

// The IPv6 network of the first `length` bytes.
std::string Ipv6Network(Bytes bytes, std::ptrdiff_t length) {
  std::fill(bytes.begin() + length, bytes.end(), uint8_t{0});
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  return std::string(text.data()) + "/" + std::to_string(length * 8);
}

}  // namespace

std::string ClientNetwork(std::string_view ip) { return ClientNetworks(ip).front(); }

std::vector<std::string> ClientNetworks(std::string_view ip) {
  const std::optional<Bytes> bytes = ParseIp(ip);
  if (!bytes) return {std::string(ip)};
  if (!IsIpv4(*bytes)) return {Ipv6Network(*bytes, 8), Ipv6Network(*bytes, 6)};
  std::array<char, INET_ADDRSTRLEN> text{};
  inet_ntop(AF_INET, bytes->data() + kIpv4Lead.size(), text.data(), text.size());
  return {text.data()};
}

Result<TrustedProxies> TrustedProxies::Parse(std::string_view text) {
  TrustedProxies proxies;
  bool has_more = !Trimmed(text).empty();
  while (has_more) {
    has_more = text.find(',') != std::string_view::npos;
    const std::string_view word = TakeLast(text);
    const size_t slash = word.find('/');
    const std::optional<Bytes> ip = ParseIp(word.substr(0, slash));
    const size_t before = ip && IsIpv4(*ip) ? kIpv4Prefix : 0;
    size_t bits = 128 - before;
    bool good = ip.has_value();
    if (slash != std::string_view::npos) {
      const std::string_view digits = word.substr(slash + 1);
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
      good = good && error == std::errc() && end == digits.data() + digits.size() &&
             bits <= 128 - before;
    }
    if (!good) {
      return Fail(Code::kInvalidArgument, "TRUSTED_PROXY_INVALID",
                  "trusted_proxy lists IP addresses or networks: 127.0.0.1, 10.74.20.0/24.");
    }
    proxies.networks_.push_back({*ip, before + bits});
  }
  return proxies;
}

bool TrustedProxies::Trusts(std::string_view ip) const {
  if (networks_.empty()) return false;
  const std::optional<Bytes> bytes = ParseIp(ip);
  return bytes && std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
           return Within(*bytes, network.first, network.bits);
         });
}

std::string TrustedProxies::ClientOf(std::string_view peer, const Headers& headers) const {
  std::string client(peer);
  if (!Trusts(peer)) return client;
  // A header that is there more than once is one list (RFC 9110, section 5.3).
  for (auto header = headers.rbegin(); header != headers.rend(); ++header) {
    if (header->first != "x-forwarded-for") continue;
    std::string_view list = header->second;
    while (!list.empty()) {
      const std::string_view hop = TakeLast(list);
      if (!ParseIp(hop)) return client;
      client = hop;
      if (!Trusts(hop)) return client;
    }
  }
  return client;
}

}  // namespace fairlead::gateway
