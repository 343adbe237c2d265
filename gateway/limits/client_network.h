// Where a request comes from, as far as that can be believed.
#ifndef GATEWAY_LIMITS_CLIENT_NETWORK_H_
#define GATEWAY_LIMITS_CLIENT_NETWORK_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/message.h"
#include "services/common/base/result.h"

namespace fairlead::gateway {

// What is counted as one: an IPv4 address ("192.0.2.7", also when it is written as IPv6), or the
// /64 of an IPv6 address ("2001:db8:0:1::/64"), since one subscriber has a whole /64 to choose from
// (RFC 6177). Text that is no address is returned as it is.
std::string ClientNetwork(std::string_view ip);

// The same, and for an IPv6 address the /48 around it: what a site is given, 65,536 times a /64
// (RFC 6177, section 2). The narrowest first; never empty.
std::vector<std::string> ClientNetworks(std::string_view ip);

// The front proxies that are believed when they say for whom they ask.
class TrustedProxies {
 public:
  TrustedProxies() = default;  // none
  // "127.0.0.1, 10.74.20.0/24, fd00::/8"; empty: none. Error: INVALID_ARGUMENT
  // TRUSTED_PROXY_INVALID.
  static Result<TrustedProxies> Parse(std::string_view text);

  bool Trusts(std::string_view ip) const;
  // The IP address that a request of `peer` is made for: the peer itself, unless it is a proxy.
  // Then the right-most address of X-Forwarded-For that is not a proxy's own: every proxy adds on
  // the right whom it has seen, and all further left is what somebody else claimed. A proxy that
  // names nobody, or no address, asks for itself.
  std::string ClientOf(std::string_view peer, const Headers& headers) const;

 private:
  using Bytes = std::array<uint8_t, 16>;  // IPv4 as ::ffff:a.b.c.d (RFC 4291, section 2.5.5.2)
  struct Network {
    Bytes first;
    size_t bits = 128;
  };
  std::vector<Network> networks_;
};

}  // namespace fairlead::gateway

#endif  // GATEWAY_LIMITS_CLIENT_NETWORK_H_
