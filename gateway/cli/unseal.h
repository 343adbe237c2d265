// What a packet is opened with and held against: our own key for it, and the sender's, as this
// machine believes them and never as the hub says.
#ifndef GATEWAY_CLI_UNSEAL_H_
#define GATEWAY_CLI_UNSEAL_H_

#include "fairlead/referral/v1/referral.pb.h"
#include "gateway/cli/context.h"
#include "services/common/seal/seal.h"

namespace fairlead::cli {

struct Openable {
  seal::PrivateKey key;
  seal::Expected expected;
  std::string sender_name;
  bool name_confirmed = false;  // see Sender
};
// For seal::Open and seal::Reseal. Errors: INVALID_PACKET, KEY_MISSING (our key is not on this
// machine), NOT_A_RECIPIENT (a share said to be sealed anew, in a place that no key of our agency
// ever had), those of KeyToVerifyWith.
Result<Openable> ReadyToOpen(Context& context, const referral::v1::OpenPacketResponse& response);

// The packet, fetched, and opened with all that this machine checks. On record at the hub. Errors:
// the hub's own, REFERRAL_MISMATCH, those of ReadyToOpen and seal::Open.
struct OpenedPacket {
  referral::v1::OpenPacketResponse response;
  Openable openable;
  seal::Opened opened;
};
Result<OpenedPacket> FetchPacket(Context& context, const std::string& referral_id);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_UNSEAL_H_
