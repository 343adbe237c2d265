// A packet as the sender writes it: a JSON file whose top-level members are data categories.
//
//   {"identity": {"given_name": …}, "needs": {…}, "safe_contact": {…}}
//
// Its exact bytes are sealed, and the recipient gets exactly these bytes back.
#ifndef GATEWAY_CLI_PACKET_H_
#define GATEWAY_CLI_PACKET_H_

#include <string>
#include <string_view>
#include <vector>

#include "fairlead/consent/v1/consent.pb.h"
#include "services/common/base/random.h"
#include "services/common/base/result.h"
#include "services/common/seal/seal.h"

namespace fairlead::cli {

// identity, safe_contact, needs, health, legal, immigration, children, narrative, documents,
// substance_use_part2.
const std::vector<std::string>& DataCategories();

struct Packet {
  std::string bytes;
  std::vector<std::string> categories;  // sorted
};

// Errors: INVALID_ARGUMENT INVALID_PACKET_FILE with metadata "detail" (and "category").
Result<Packet> ParsePacket(std::string bytes);

// What the client refuses by itself, before anything is sealed. Errors (PERMISSION_DENIED):
// RELEASE_NOT_SIGNED, RELEASE_REVOKED, RELEASE_EXPIRED, RELEASE_SUPERSEDED,
// RELEASE_ENTERED_IN_ERROR, RELEASE_RECIPIENT_MISMATCH, RELEASE_PURPOSE_MISMATCH,
// PACKET_CATEGORY_OUTSIDE_RELEASE with metadata "categories".
Result<void> CheckAgainstRelease(const Packet& packet, const consent::v1::Release& release,
                                 const std::string& recipient_agency_id, const std::string& purpose,
                                 int64_t now_s);

// The purpose to seal under: the given one, else the release's only one, else "referral" when it
// is among them. Error: USAGE.
Result<std::string> ChoosePurpose(const consent::v1::Release& release, const std::string& given);

struct SealInputs {
  std::string referral_id;
  std::string own_agency_id;
  std::string purpose;
  seal::PublicKey recipient_epoch_key;
  seal::PublicKey own_epoch_key;
  int64_t expires_s = 0;  // 0: with the release
};
Result<std::string> SealPacket(const Packet& packet, const consent::v1::Release& release,
                               const SealInputs& inputs, const seal::PrivateKey& signing_key,
                               Random& random);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_PACKET_H_
