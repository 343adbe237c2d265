#include "services/common/keys/recovery.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <set>

#include "services/common/base/encoding.h"
#include "services/common/base/ids.h"
#include "services/common/base/text.h"
#include "services/common/keys/shares.h"
#include "services/common/seal/profile.h"

namespace fairlead::keys {
namespace {

namespace json = boost::json;
namespace profile = seal::internal;
using internal::Share;
using profile::Secret;

constexpr std::string_view kRecoveryType = "fairlead-recovery+jwe";
constexpr std::string_view kDirect = "dir";  // RFC 7518, section 4.5: the shared key is the key
constexpr std::string_view kFileInvalid = "RECOVERY_FILE_INVALID";
constexpr size_t kSetIdBytes = 8;
constexpr size_t kHeaderDepth = 1;
constexpr size_t kKeySetDepth = 4;  // set, epochs, epoch, JWK

struct File {
  std::string agency_id;
  std::string set_id;
  std::string protected_b64;
  std::string iv;
  std::string ciphertext;
  std::string tag;
};

tl::unexpected<Error> FileInvalid() {
  return Fail(Code::kInvalidArgument, std::string(kFileInvalid),
              "This is not a recovery file, or it is damaged.");
}

tl::unexpected<Error> ShareFault(Error error, size_t place) {
  error.metadata["share"] = std::to_string(place + 1);
  return Fail(std::move(error));
}

tl::unexpected<Error> ShareFault(const char* reason, const char* message, size_t place) {
  return Fail(Code::kInvalidArgument, reason, message, {{"share", std::to_string(place + 1)}});
}

// Written into one room of the right size, so that no copy of a private key is left by growing.
Secret Plaintext(const AgencyKeySet& keys) {
  constexpr size_t kCharsPerEpoch = 640;
  std::string text;
  text.reserve((keys.epochs.size() + 1) * kCharsPerEpoch);
  text += "{\"agency_jwk\":" + seal::ToPrivateJwk(keys.agency_key) + ",\"epochs\":[";
  for (const EpochKeys& each : keys.epochs) {
    if (text.back() != '[') text += ',';
    text += "{\"epoch\":" + std::to_string(each.epoch) +
            ",\"epoch_jwk\":" + seal::ToPrivateJwk(each.epoch_key) +
            ",\"signing_jwk\":" + seal::ToPrivateJwk(each.signing_key) + "}";
  }
  text += "]}";
  return Secret(std::move(text));
}

Result<void> CheckSet(const AgencyKeySet& keys) {
  FAIRLEAD_RETURN_IF_ERROR(profile::CheckPrivateKey(keys.agency_key, seal::KeyUse::kSigning));
  if (!IsUuid(keys.agency_id) || keys.epochs.empty() || keys.epochs.size() > kMaxPastEpochs + 1) {
    return Fail(Code::kInvalidArgument, "INVALID_SPLIT", "There are no keys to keep, or too many.");
  }
  for (const EpochKeys& each : keys.epochs) {
    FAIRLEAD_RETURN_IF_ERROR(profile::CheckPrivateKey(each.epoch_key, seal::KeyUse::kEpoch));
    FAIRLEAD_RETURN_IF_ERROR(profile::CheckPrivateKey(each.signing_key, seal::KeyUse::kSigning));
  }
  return {};
}

Result<File> ParseFile(std::string_view text) {
  if (text.size() > kMaxRecoveryFileBytes || text.ends_with('.')) return FileInvalid();
  const std::vector<std::string> parts = Split(text, '.');
  constexpr size_t kParts = 5;  // RFC 7516, section 7.1; the encrypted key is empty
  if (parts.size() != kParts || !parts[1].empty()) return FileInvalid();
  const auto header = Base64UrlDecode(parts[0]);
  const auto iv = Base64UrlDecode(parts[2]);
  const auto ciphertext = Base64UrlDecode(parts[3]);
  const auto tag = Base64UrlDecode(parts[4]);
  if (!header || !iv || iv->size() != profile::kIvBytes || !ciphertext || !tag) {
    return FileInvalid();
  }
  FAIRLEAD_ASSIGN(const json::object object,
                  profile::ParseObject(kFileInvalid, *header, kMaxShareChars * 2, kHeaderDepth));
  FAIRLEAD_RETURN_IF_ERROR(profile::CheckMembers(
      kFileInvalid, object, {"typ", "v", "alg", "enc", "agency_id", "set_id"}));
  FAIRLEAD_RETURN_IF_ERROR(profile::ExpectText(kFileInvalid, object, "typ", kRecoveryType));
  FAIRLEAD_RETURN_IF_ERROR(profile::ExpectText(kFileInvalid, object, "alg", kDirect));
  FAIRLEAD_RETURN_IF_ERROR(
      profile::ExpectText(kFileInvalid, object, "enc", profile::kContentAlgorithm));
  FAIRLEAD_ASSIGN(const int64_t v, profile::IntegerOf(kFileInvalid, object, "v"));
  if (v != profile::kVersion) return FileInvalid();
  File file;
  file.protected_b64 = parts[0];
  file.iv = *iv;
  file.ciphertext = *ciphertext;
  file.tag = *tag;
  FAIRLEAD_ASSIGN(file.agency_id, profile::TextOf(kFileInvalid, object, "agency_id"));
  FAIRLEAD_ASSIGN(file.set_id, profile::TextOf(kFileInvalid, object, "set_id"));
  return file;
}

// As many as are needed, all of the file's set.
Result<std::vector<Share>> TakeShares(const File& file, const std::vector<std::string>& lines) {
  std::vector<Share> shares;
  std::set<int> numbers;
  for (size_t i = 0; i < lines.size(); ++i) {
    auto share = internal::ParseShare(lines[i]);
    if (!share) return ShareFault(share.error(), i);
    const bool ours = share->agency_id == file.agency_id && share->set_id == file.set_id &&
                      (shares.empty() || (share->needed == shares.front().needed &&
                                          share->shares == shares.front().shares));
    if (!ours) {
      return ShareFault("SHARE_MIXED", "This share belongs to another set or another file.", i);
    }
    if (!numbers.insert(share->index).second) {
      return ShareFault("SHARE_REPEATED", "This share was given twice.", i);
    }
    shares.push_back(std::move(*share));
  }
  if (shares.empty() || shares.size() < static_cast<size_t>(shares.front().needed)) {
    return Fail(Code::kInvalidArgument, "SHARES_TOO_FEW", "More shares of this set are needed.",
                {{"given", std::to_string(shares.size())},
                 {"needed", shares.empty() ? "" : std::to_string(shares.front().needed)}});
  }
  return shares;
}

Result<seal::PrivateKey> KeyOf(const json::object& object, std::string_view name,
                               seal::KeyUse use) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_object()) return FileInvalid();
  const Secret text(json::serialize(*value));
  auto key = seal::ParsePrivateJwk(text.view());
  if (!key || key->public_key.use != use) return FileInvalid();
  return key;
}

Result<AgencyKeySet> ReadSet(std::string_view plain) {
  FAIRLEAD_ASSIGN(const json::object object,
                  profile::ParseObject(kFileInvalid, plain, kMaxRecoveryFileBytes, kKeySetDepth));
  FAIRLEAD_RETURN_IF_ERROR(profile::CheckMembers(kFileInvalid, object, {"agency_jwk", "epochs"}));
  AgencyKeySet set;
  FAIRLEAD_ASSIGN(set.agency_key, KeyOf(object, "agency_jwk", seal::KeyUse::kSigning));
  const json::value& epochs = object.at("epochs");
  if (!epochs.is_array()) return FileInvalid();
  for (const json::value& item : epochs.as_array()) {
    if (!item.is_object()) return FileInvalid();
    const json::object& each = item.as_object();
    FAIRLEAD_RETURN_IF_ERROR(
        profile::CheckMembers(kFileInvalid, each, {"epoch", "epoch_jwk", "signing_jwk"}));
    EpochKeys& keys = set.epochs.emplace_back();
    FAIRLEAD_ASSIGN(keys.epoch, profile::IntegerOf(kFileInvalid, each, "epoch"));
    FAIRLEAD_ASSIGN(keys.epoch_key, KeyOf(each, "epoch_jwk", seal::KeyUse::kEpoch));
    FAIRLEAD_ASSIGN(keys.signing_key, KeyOf(each, "signing_jwk", seal::KeyUse::kSigning));
  }
  return set;
}

}  // namespace

Result<RecoveryKit> SplitKeys(const AgencyKeySet& keys, const SplitOptions& options,
                              Random& random) {
  if (options.needed < 2 || options.needed > options.shares || options.shares > kMaxShares) {
    return Fail(Code::kInvalidArgument, "INVALID_SPLIT",
                "At least 2 shares must be needed, and at most 20 can be made.");
  }
  FAIRLEAD_RETURN_IF_ERROR(CheckSet(keys));
  const std::string set_id = HexEncode(random.Bytes(kSetIdBytes));
  json::object header;
  header["typ"] = kRecoveryType;
  header["v"] = profile::kVersion;
  header["alg"] = kDirect;
  header["enc"] = profile::kContentAlgorithm;
  header["agency_id"] = keys.agency_id;
  header["set_id"] = set_id;
  const std::string protected_b64 = Base64UrlEncode(json::serialize(header));
  const Secret file_key(random.Bytes(profile::kKeyBytes));
  const std::string iv = random.Bytes(profile::kIvBytes);
  const auto sealed =
      profile::AesGcmEncrypt(file_key.view(), iv, protected_b64, Plaintext(keys).view());
  if (!sealed) return Fail(Code::kInternal, "CRYPTO_FAILED", "The keys could not be sealed.");
  RecoveryKit kit;
  kit.file = protected_b64 + ".." + Base64UrlEncode(iv) + "." +
             Base64UrlEncode(sealed->ciphertext) + "." + Base64UrlEncode(sealed->tag);
  const std::vector<std::string> pieces =
      internal::SplitSecret(file_key.view(), options.needed, options.shares);
  for (size_t i = 0; i < pieces.size(); ++i) {
    kit.shares.push_back(internal::ShareLine({.agency_id = keys.agency_id,
                                              .set_id = set_id,
                                              .needed = options.needed,
                                              .shares = options.shares,
                                              .index = static_cast<int>(i) + 1,
                                              .bytes = pieces[i]}));
  }
  return kit;
}

Result<AgencyKeySet> CombineShares(std::string_view text, const std::vector<std::string>& lines) {
  const auto file = ParseFile(text);
  if (!file) return FileInvalid();
  FAIRLEAD_ASSIGN(std::vector<Share> shares, TakeShares(*file, lines));
  shares.resize(static_cast<size_t>(shares.front().needed));
  const Secret file_key = internal::CombineSecret(shares);
  const auto plain = profile::AesGcmDecrypt(file_key.view(), file->iv, file->protected_b64,
                                            file->ciphertext, file->tag);
  if (!plain) {
    return Fail(Code::kInvalidArgument, "RECOVERY_FAILED",
                "These shares do not open this file: one of them, or the file, was changed.");
  }
  auto set = ReadSet(plain->view());
  if (!set) return FileInvalid();
  set->agency_id = file->agency_id;
  return set;
}

}  // namespace fairlead::keys
