#include "services/common/base/ids.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "services/common/base/check.h"
#include "services/common/base/encoding.h"

namespace fairlead {
namespace {

std::string ToUuidText(std::string_view bytes) {
  const std::string hex = HexEncode(bytes);
  std::string text;
  for (size_t i = 0; i < hex.size(); ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) text += '-';
    text += hex[i];
  }
  return text;
}

}  // namespace

std::string IdGenerator::New() {
  std::string random = random_.Bytes(10);
  uint64_t ms = 0;
  uint32_t counter = 0;
  {
    const std::lock_guard lock(mutex_);
    const int64_t now_ms = clock_.NowMs();
    if (now_ms > last_ms_) {
      last_ms_ = now_ms;
      // Starts low, so that a millisecond has room for at least 2,048 ids before borrowing.
      counter_ = (static_cast<unsigned char>(random[8]) << 3) & 0x7ff;
    } else if (++counter_ > 0xfff) {
      ++last_ms_;
      counter_ = 0;
    }
    ms = static_cast<uint64_t>(last_ms_);
    counter = counter_;
  }
  std::string bytes(16, '\0');
  for (size_t i = 0; i < 6; ++i) bytes[i] = static_cast<char>((ms >> (8 * (5 - i))) & 0xff);
  bytes[6] = static_cast<char>(0x70 | (counter >> 8));
  bytes[7] = static_cast<char>(counter & 0xff);
  for (size_t i = 0; i < 8; ++i) bytes[8 + i] = random[i];
  bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3f) | 0x80);
  return ToUuidText(bytes);
}

std::string NamedId(std::string_view space, std::string_view name) {
  FAIRLEAD_CHECK(IsUuid(space));
  std::string hex;
  for (const char c : space) {
    if (c != '-') hex += c;
  }
  std::string all = HexDecode(hex).value();
  all.append(name);
  // As the standard has it: of a hash that need not keep a secret.
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  std::string digest(SHA_DIGEST_LENGTH, '\0');
  FAIRLEAD_CHECK(EVP_Digest(all.data(), all.size(),
                            reinterpret_cast<unsigned char*>(digest.data()), nullptr, algorithm,
                            nullptr) == 1);
  digest.resize(16);
  digest[6] = static_cast<char>((static_cast<unsigned char>(digest[6]) & 0x0f) | 0x50);
  digest[8] = static_cast<char>((static_cast<unsigned char>(digest[8]) & 0x3f) | 0x80);
  return ToUuidText(digest);
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (c != '-') return false;
    } else if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
      return false;
    }
  }
  return true;
}

}  // namespace fairlead
