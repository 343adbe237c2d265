// For tests only: packets made with a free hand, so that one thing at a time can be wrong while all
// else is right. Everything is encrypted and signed as it then stands.
#ifndef SERVICES_COMMON_SEAL_FORGE_H_
#define SERVICES_COMMON_SEAL_FORGE_H_

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <string>
#include <vector>

#include "services/common/base/random.h"
#include "services/common/seal/profile.h"
#include "services/common/seal/seal.h"

namespace fairlead::seal {

// Two agencies that know each other, and a third.
struct Cast {
  PrivateKey sender_signing = *GenerateKey(KeyUse::kSigning);
  PrivateKey sender_epoch = *GenerateKey(KeyUse::kEpoch);
  PrivateKey recipient_epoch = *GenerateKey(KeyUse::kEpoch);
  PrivateKey recipient_signing = *GenerateKey(KeyUse::kSigning);
  PrivateKey other_epoch = *GenerateKey(KeyUse::kEpoch);
  PrivateKey other_signing = *GenerateKey(KeyUse::kSigning);
};
// Made once: keys cost more than packets.
const Cast& TheCast();

inline constexpr const char* kTestSender = "0190163d-8694-739b-aea5-966c26f8ad10";
inline constexpr const char* kTestOther = "0190163d-8694-739b-aea5-966c26f8ad11";
inline constexpr int64_t kTestNowS = 1'790'000'000;

SealRequest SampleRequest(std::string plaintext = R"({"needs":["shelter"]})");
Expected SampleExpected();
std::string SamplePacket();  // SampleRequest sealed by the cast's sender
std::string SampleReleaseHash();

// The stages of a packet, each open to change before the next is made from it.
struct Forgery {
  boost::json::object protected_header;  // of the JWE
  std::vector<PublicKey> recipients;     // in the order in which they stand
  boost::json::object signed_header;     // of the JWS; `pth` is added unless it stands there
  std::string payload;                   // padded plaintext
  PrivateKey signer;
  std::string iv;
  std::function<void(std::string& jws)> change_jws;                // before encryption
  std::function<void(boost::json::object& packet)> change_packet;  // at the very end
};
// A forgery that is a faultless packet as long as nobody changes it.
Forgery Faultless(const SealRequest& request = SampleRequest());
std::string Make(const Forgery& forgery);

boost::json::object ParsePacket(const std::string& packet);
// Every recipient's `header` of a packet.
boost::json::object& RecipientAt(boost::json::object& packet, size_t index);
boost::json::object& RecipientHeaderAt(boost::json::object& packet, size_t index);

// "ok", "REASON" or "REASON:detail".
template <class T>
std::string Outcome(const Result<T>& result) {
  if (result) return "ok";
  const auto detail = result.error().metadata.find("detail");
  if (detail == result.error().metadata.end()) return result.error().reason;
  return result.error().reason + ":" + detail->second;
}
// The outcome of opening as the cast's recipient.
std::string OpenAsRecipient(const std::string& packet);
// The outcome of opening a packet whose making was changed.
std::string Forged(const std::function<void(Forgery&)>& change);

}  // namespace fairlead::seal

#endif  // SERVICES_COMMON_SEAL_FORGE_H_
