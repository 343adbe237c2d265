#include "gateway/limits/client_network.h"

#include <gtest/gtest.h>

namespace fairlead::gateway {
namespace {

TEST(ClientNetworksTest, AnIpv6SiteIsCountedAsWell) {
  using Networks = std::vector<std::string>;
  EXPECT_EQ(ClientNetworks("192.0.2.7"), Networks{"192.0.2.7"});
  EXPECT_EQ(ClientNetworks("::ffff:192.0.2.7"), Networks{"192.0.2.7"});
  EXPECT_EQ(ClientNetworks("2001:db8:7:1::9"), (Networks{"2001:db8:7:1::/64", "2001:db8:7::/48"}));
  EXPECT_EQ(ClientNetworks("2001:db8:7:ffff::9").back(), "2001:db8:7::/48");
  EXPECT_EQ(ClientNetworks("somewhere"), Networks{"somewhere"});
}

TEST(ClientNetwork, IsAnIpv4AddressOrASubscribersIpv6Network) {
  EXPECT_EQ(ClientNetwork("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(ClientNetwork("::ffff:192.0.2.7"), "192.0.2.7") << "the same host in other clothes";
  EXPECT_EQ(ClientNetwork("2001:db8:0:1:2:3:4:5"), "2001:db8:0:1::/64");
  EXPECT_EQ(ClientNetwork("2001:DB8:0:1::"), "2001:db8:0:1::/64");
  EXPECT_NE(ClientNetwork("2001:db8:0:2::1"), ClientNetwork("2001:db8:0:1::1"));
  EXPECT_NE(ClientNetwork("::1"), ClientNetwork("::ffff:0.0.0.1"));
  EXPECT_EQ(ClientNetwork("nonsense"), "nonsense");
}

std::string Client(const std::string& proxies, const std::string& peer, const Headers& headers) {
  const auto trusted = TrustedProxies::Parse(proxies);
  EXPECT_TRUE(trusted.has_value()) << proxies;
  return trusted ? trusted->ClientOf(peer, headers) : "";
}
Headers Forwarded(const std::string& list) { return {{"x-forwarded-for", list}}; }

TEST(TrustedProxies, NobodyElseIsBelieved) {
  const Headers lie = Forwarded("203.0.113.9");
  EXPECT_EQ(Client("", "127.0.0.1", lie), "127.0.0.1");
  EXPECT_EQ(Client("127.0.0.1", "192.0.2.7", lie), "192.0.2.7");
  EXPECT_EQ(Client("127.0.0.1", "127.0.0.2", lie), "127.0.0.2");
  const Headers others = {{"forwarded", "for=1.2.3.4"}, {"x-real-ip", "1.2.3.4"}};
  EXPECT_EQ(Client("127.0.0.1", "127.0.0.1", others), "127.0.0.1") << "they say nothing";
}

TEST(TrustedProxies, TheRightMostHopThatIsNoProxyIsTheClient) {
  EXPECT_EQ(Client("127.0.0.1", "127.0.0.1", Forwarded("203.0.113.9")), "203.0.113.9");
  EXPECT_EQ(Client("127.0.0.1", "127.0.0.1", Forwarded("1.2.3.4, 203.0.113.9")), "203.0.113.9")
      << "what stands further left, the client itself may have written";
  EXPECT_EQ(Client("127.0.0.1", "127.0.0.1", Forwarded("1.2.3.4,  2001:db8::1\t")), "2001:db8::1");
  const std::string two = "127.0.0.1, 10.0.0.0/8";
  EXPECT_EQ(Client(two, "127.0.0.1", Forwarded("1.2.3.4, 203.0.113.9, 10.1.2.3")), "203.0.113.9");
  EXPECT_EQ(Client(two, "127.0.0.1", Forwarded("10.9.9.9, 10.1.2.3")), "10.9.9.9")
      << "nobody but proxies: the first of them";
  // Some proxies add a line of their own and leave the client's.
  const Headers lines = {
      {"x-forwarded-for", "1.2.3.4"}, {"a", "b"}, {"x-forwarded-for", "203.0.113.9"}};
  EXPECT_EQ(Client("127.0.0.1", "127.0.0.1", lines), "203.0.113.9");
}

TEST(TrustedProxies, WhatCannotBeReadCountsForTheProxy) {
  for (const char* bad : {"", " ", "unknown", "203.0.113.9:80", "[2001:db8::1]", "203.0.113",
                          "203.0.113.9, ", "203.0.113.9, _hidden", "203.0.113.09"}) {
    EXPECT_EQ(Client("127.0.0.1", "127.0.0.1", Forwarded(bad)), "127.0.0.1") << bad;
  }
  EXPECT_EQ(Client("127.0.0.1", "127.0.0.1", {}), "127.0.0.1");
  EXPECT_EQ(Client("127.0.0.1,10.0.0.0/8", "127.0.0.1", Forwarded("junk, 10.1.2.3")), "10.1.2.3");
}

TEST(TrustedProxies, AreAddressesAndNetworks) {
  const auto trusts = [](const std::string& list, const std::string& ip) {
    return TrustedProxies::Parse(list)->Trusts(ip);
  };
  EXPECT_TRUE(trusts("10.74.20.0/24", "10.74.20.255"));
  EXPECT_FALSE(trusts("10.74.20.0/24", "10.74.21.0"));
  EXPECT_TRUE(trusts("10.74.20.0/23", "10.74.21.0"));
  EXPECT_TRUE(trusts("192.0.2.7/32 , fd00::/8", "fdff::1"));
  EXPECT_FALSE(trusts("192.0.2.7/32, fd00::/8", "fe00::1"));
  EXPECT_TRUE(trusts("::1", "::1"));
  EXPECT_TRUE(trusts("192.0.2.7", "::ffff:192.0.2.7"));
  EXPECT_TRUE(trusts("0.0.0.0/0", "8.8.8.8"));
  EXPECT_FALSE(trusts("0.0.0.0/0", "2001:db8::1")) << "all of IPv4, and nothing of IPv6";
  EXPECT_FALSE(trusts("127.0.0.1", "nonsense"));
  for (const char* bad : {"localhost", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1",
                          "10.0.0.0/8x", "127.0.0.1,", ",127.0.0.1", "127.0.0.1 10.0.0.1"}) {
    const auto refused = TrustedProxies::Parse(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().reason, "TRUSTED_PROXY_INVALID");
  }
}

}  // namespace
}  // namespace fairlead::gateway
