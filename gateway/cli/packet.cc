#include "gateway/cli/packet.h"

#include <boost/json/object.hpp>

#include "gateway/cli/output.h"
#include "services/common/base/strict_json.h"
#include "services/common/config/suggest.h"

namespace fairlead::cli {
namespace {

constexpr size_t kMaxDepth = 32;

tl::unexpected<Error> InvalidFile(std::string detail, std::string message,
                                  std::string category = {}) {
  std::map<std::string, std::string> metadata{{"detail", std::move(detail)}};
  if (!category.empty()) metadata["category"] = std::move(category);
  return Fail(Code::kInvalidArgument, "INVALID_PACKET_FILE", std::move(message),
              std::move(metadata));
}

template <class Repeated>
bool Has(const Repeated& items, std::string_view item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

// Draft and its like: why the release is not in force.
Result<void> CheckState(const consent::v1::Release& release) {
  const auto deny = [](std::string reason, std::string message) {
    return Fail(Code::kPermissionDenied, std::move(reason), std::move(message));
  };
  switch (release.state()) {
    case consent::v1::RELEASE_STATE_DRAFT:
      return deny("RELEASE_NOT_SIGNED", "The release has not been signed.");
    case consent::v1::RELEASE_STATE_REVOKED:
      return deny("RELEASE_REVOKED", "The release was revoked.");
    case consent::v1::RELEASE_STATE_EXPIRED:
      return deny("RELEASE_EXPIRED", "The release has expired.");
    case consent::v1::RELEASE_STATE_SUPERSEDED:
      return deny("RELEASE_SUPERSEDED", "The release was replaced by another.");
    case consent::v1::RELEASE_STATE_ENTERED_IN_ERROR:
      return deny("RELEASE_ENTERED_IN_ERROR", "The release was entered in error.");
    default:
      return {};
  }
}

}  // namespace

const std::vector<std::string>& DataCategories() {
  static const std::vector<std::string> kCategories = {
      "children", "documents", "health", "identity",     "immigration",
      "legal",    "narrative", "needs",  "safe_contact", "substance_use_part2"};
  return kCategories;
}

Result<Packet> ParsePacket(std::string bytes) {
  if (bytes.size() > seal::kMaxPlaintextBytes) {
    return InvalidFile("too_large", "The packet is larger than " +
                                        std::to_string(seal::kMaxPlaintextBytes) + " bytes.");
  }
  auto value = ParseStrictJson(bytes, seal::kMaxPlaintextBytes, kMaxDepth);
  if (!value) {
    return InvalidFile(
        value.error().metadata["detail"],
        "The packet file is not well-formed JSON (" + value.error().metadata["detail"] + ").");
  }
  if (!value->is_object() || value->as_object().empty()) {
    return InvalidFile("no_categories",
                       "The packet file is a JSON object with a member for each data category.");
  }
  Packet packet{.bytes = std::move(bytes), .categories = {}};
  for (const auto& [name, content] : value->as_object()) {
    const std::string category(name);
    if (!Has(DataCategories(), category)) {
      std::string message = "'" + Printable(category) + "' is not a data category.";
      const std::string near = config::Nearest(category, DataCategories());
      if (!near.empty()) message += " Did you mean '" + near + "'?";
      message += " There are: " + Listed(DataCategories()) + ".";
      return InvalidFile("unknown_category", message, Printable(category));
    }
    packet.categories.push_back(category);
  }
  std::sort(packet.categories.begin(), packet.categories.end());
  return packet;
}

Result<void> CheckAgainstRelease(const Packet& packet, const consent::v1::Release& release,
                                 const std::string& recipient_agency_id, const std::string& purpose,
                                 int64_t now_s) {
  FAIRLEAD_RETURN_IF_ERROR(CheckState(release));
  if (release.expire_time().seconds() <= now_s) {
    return Fail(Code::kPermissionDenied, "RELEASE_EXPIRED", "The release has expired.");
  }
  if (!Has(release.recipient_agency_ids(), recipient_agency_id)) {
    return Fail(Code::kPermissionDenied, "RELEASE_RECIPIENT_MISMATCH",
                "The release does not name this agency. Nothing was sealed or sent.");
  }
  if (!Has(release.purposes(), purpose)) {
    return Fail(Code::kPermissionDenied, "RELEASE_PURPOSE_MISMATCH",
                "The release does not allow this purpose. Nothing was sealed or sent.");
  }
  std::vector<std::string> outside;
  for (const std::string& category : packet.categories) {
    if (!Has(release.categories(), category) || Has(release.excluded_categories(), category)) {
      outside.push_back(category);
    }
  }
  if (outside.empty()) return {};
  return Fail(Code::kPermissionDenied, "PACKET_CATEGORY_OUTSIDE_RELEASE",
              "The packet has data that the client has not allowed: " + Listed(outside) +
                  ". Nothing was sealed or sent.",
              {{"categories", Listed(outside)}});
}

Result<std::string> ChoosePurpose(const consent::v1::Release& release, const std::string& given) {
  if (!given.empty()) return given;
  if (release.purposes_size() == 1) return release.purposes(0);
  if (Has(release.purposes(), "referral")) return std::string("referral");
  return Usage("The release allows several purposes (" + ListedField(release.purposes()) +
               "): choose one with --purpose.");
}

Result<std::string> SealPacket(const Packet& packet, const consent::v1::Release& release,
                               const SealInputs& inputs, const seal::PrivateKey& signing_key,
                               Random& random) {
  seal::SealRequest request;
  request.header.referral_id = inputs.referral_id;
  request.header.sender_agency_id = inputs.own_agency_id;
  request.header.release_hash = release.release_hash();
  request.header.purpose = inputs.purpose;
  request.header.categories = packet.categories;
  request.header.expires_s =
      inputs.expires_s == 0 ? release.expire_time().seconds() : inputs.expires_s;
  request.plaintext = packet.bytes;
  request.recipients = {inputs.recipient_epoch_key, inputs.own_epoch_key};
  return seal::Seal(request, signing_key, random);
}

}  // namespace fairlead::cli
