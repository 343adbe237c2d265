#include "services/common/backup/keys.h"

#include <sodium.h>

#include <boost/json.hpp>

#include "services/common/base/check.h"
#include "services/common/base/encoding.h"
#include "services/common/base/random.h"
#include "services/common/base/strict_json.h"

namespace fairlead::backup {
namespace {

constexpr size_t kKeyBytes = 32;
static_assert(kKeyBytes == crypto_box_PUBLICKEYBYTES && kKeyBytes == crypto_box_SECRETKEYBYTES);
constexpr std::string_view kHubType = "fairlead-backup-hub-1";
constexpr std::string_view kKeeperType = "fairlead-backup-keeper-1";

tl::unexpected<Error> NoKey(std::string_view expected) {
  return Fail(Code::kInvalidArgument, "INVALID_BACKUP_KEY",
              "This file does not hold that half of a backup key.",
              {{"expected", std::string(expected)}});
}

Result<boost::json::object> Parse(std::string_view json, std::string_view type) {
  const Result<boost::json::value> value = ParseStrictJson(json, kMaxKeyFileBytes, 2);
  if (!value || !value->is_object()) return NoKey(type);
  const boost::json::value* said = value->get_object().if_contains("type");
  if (said == nullptr || !said->is_string() || std::string_view(said->get_string()) != type) {
    return NoKey(type);
  }
  return value->get_object();
}

// 32 bytes, or none.
std::string Member(const boost::json::object& object, std::string_view name) {
  const boost::json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  const auto bytes = Base64UrlDecode(std::string_view(value->get_string()));
  return bytes && bytes->size() == kKeyBytes ? *bytes : std::string();
}

Result<HubKey> HubHalf(const boost::json::object& object, std::string_view type) {
  HubKey key{.public_key = Member(object, "public"), .origin = Member(object, "origin")};
  if (key.public_key.empty() || key.origin.empty()) return NoKey(type);
  return key;
}

boost::json::object Encode(const HubKey& key, std::string_view type) {
  return {{"type", type},
          {"public", Base64UrlEncode(key.public_key)},
          {"origin", Base64UrlEncode(key.origin)}};
}

}  // namespace

KeeperKey GenerateKey() {
  FAIRLEAD_CHECK(sodium_init() >= 0);
  KeeperKey key;
  key.hub.public_key.resize(kKeyBytes);
  key.secret_key.resize(kKeyBytes);
  crypto_box_keypair(reinterpret_cast<unsigned char*>(key.hub.public_key.data()),
                     reinterpret_cast<unsigned char*>(key.secret_key.data()));
  key.hub.origin = SystemRandom().Bytes(kKeyBytes);
  return key;
}

std::string ToJson(const HubKey& key) {
  return boost::json::serialize(Encode(key, kHubType)) + "\n";
}

std::string ToJson(const KeeperKey& key) {
  boost::json::object object = Encode(key.hub, kKeeperType);
  object["secret"] = Base64UrlEncode(key.secret_key);
  return boost::json::serialize(object) + "\n";
}

Result<HubKey> ParseHubKey(std::string_view json) {
  FAIRLEAD_ASSIGN(const boost::json::object object, Parse(json, kHubType));
  return HubHalf(object, kHubType);
}

Result<KeeperKey> ParseKeeperKey(std::string_view json) {
  FAIRLEAD_ASSIGN(const boost::json::object object, Parse(json, kKeeperType));
  KeeperKey key;
  FAIRLEAD_ASSIGN(key.hub, HubHalf(object, kKeeperType));
  key.secret_key = Member(object, "secret");
  if (key.secret_key.empty()) return NoKey(kKeeperType);
  return key;
}

}  // namespace fairlead::backup
