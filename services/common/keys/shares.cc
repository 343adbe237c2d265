#include "services/common/keys/shares.h"

extern "C" {  // a C header that does not say so itself
#include <libgfshare.h>
}

#include <charconv>
#include <memory>

#include "services/common/base/check.h"
#include "services/common/base/encoding.h"
#include "services/common/base/ids.h"
#include "services/common/base/random.h"
#include "services/common/base/text.h"
#include "services/common/keys/recovery.h"

namespace fairlead::keys::internal {
namespace {

constexpr std::string_view kPrefix = "fairlead-share-1";
constexpr size_t kParts = 8;
constexpr size_t kSetIdChars = 16;
constexpr size_t kChecksumChars = 8;
constexpr size_t kShareBytes = 32;

using Context = std::unique_ptr<gfshare_ctx, decltype(&gfshare_ctx_free)>;

unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// libgfshare asks for its coefficients here, and wipes with it what it frees.
void FillRandom(unsigned char* buffer, unsigned int count) {
  seal::internal::Secret bytes(SystemRandom().Bytes(count));
  std::copy(bytes.data(), bytes.data() + count, buffer);
}

// The same function each time: libgfshare keeps it in one place for the whole process, where there
// is none to begin with.
void GiveItRandom() { gfshare_fill_rand = &FillRandom; }

std::string Checksum(std::string_view text) {
  return HexEncode(Sha256(text)).substr(0, kChecksumChars);
}

tl::unexpected<Error> Invalid() {
  return Fail(Code::kInvalidArgument, "SHARE_INVALID",
              "This is not a whole share: it begins with fairlead-share-1 and is one line.");
}

// Decimal without sign or leading zeros, 1 to kMaxShares.
std::optional<int> SmallNumber(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1 ||
      number > kMaxShares || std::to_string(number) != text) {
    return std::nullopt;
  }
  return number;
}

bool IsSetId(std::string_view text) {
  return text.size() == kSetIdChars &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string WithoutChecksum(const Share& share) {
  return Join({std::string(kPrefix), share.agency_id, share.set_id, std::to_string(share.needed),
               std::to_string(share.shares), std::to_string(share.index),
               Base64UrlEncode(share.bytes)},
              '.') +
         ".";
}

}  // namespace

std::string ShareLine(const Share& share) {
  const std::string line = WithoutChecksum(share);
  return line + Checksum(line);
}

Result<Share> ParseShare(std::string_view line) {
  if (line.size() > kMaxShareChars || !line.starts_with(kPrefix)) return Invalid();
  const std::vector<std::string> parts = Split(line, '.');
  if (parts.size() != kParts || parts.back().size() != kChecksumChars) return Invalid();
  const std::string_view checked = line.substr(0, line.size() - kChecksumChars);
  if (parts.back() != Checksum(checked)) {
    return Fail(Code::kInvalidArgument, "SHARE_DAMAGED",
                "The share's checksum does not fit: a character was lost or copied wrongly.");
  }
  Share share;
  share.agency_id = parts[1];
  share.set_id = parts[2];
  const std::optional<int> needed = SmallNumber(parts[3]);
  const std::optional<int> shares = SmallNumber(parts[4]);
  const std::optional<int> index = SmallNumber(parts[5]);
  const std::optional<std::string> bytes = Base64UrlDecode(parts[6]);
  if (parts[0] != kPrefix || !IsUuid(share.agency_id) || !IsSetId(share.set_id) || !needed ||
      *needed < 2 || !shares || *needed > *shares || !index || *index > *shares || !bytes ||
      bytes->size() != kShareBytes) {
    return Invalid();
  }
  share.needed = *needed;
  share.shares = *shares;
  share.index = *index;
  share.bytes.assign(*bytes);
  return share;
}

std::vector<std::string> SplitSecret(std::string_view secret, int needed, int shares) {
  FAIRLEAD_CHECK(needed >= 2 && needed <= shares && shares <= kMaxShares);
  GiveItRandom();
  std::string numbers;
  for (int i = 1; i <= shares; ++i) numbers += static_cast<char>(i);
  const Context context(gfshare_ctx_init_enc(Bytes(numbers), static_cast<unsigned>(shares),
                                             static_cast<unsigned char>(needed),
                                             static_cast<unsigned>(secret.size())),
                        &gfshare_ctx_free);
  FAIRLEAD_CHECK(context != nullptr);
  seal::internal::Secret copy{std::string(secret)};
  gfshare_ctx_enc_setsecret(context.get(), copy.data());
  std::vector<std::string> pieces;
  for (int i = 0; i < shares; ++i) {
    std::string& piece = pieces.emplace_back(secret.size(), '\0');
    gfshare_ctx_enc_getshare(context.get(), static_cast<unsigned char>(i), Bytes(piece));
  }
  return pieces;
}

seal::internal::Secret CombineSecret(const std::vector<Share>& shares) {
  FAIRLEAD_CHECK(!shares.empty());
  GiveItRandom();
  std::string numbers;
  for (const Share& share : shares) numbers += static_cast<char>(share.index);
  const size_t size = shares.front().bytes.size();
  const Context context(gfshare_ctx_init_dec(Bytes(numbers), static_cast<unsigned>(shares.size()),
                                             static_cast<unsigned>(size)),
                        &gfshare_ctx_free);
  FAIRLEAD_CHECK(context != nullptr);
  for (size_t i = 0; i < shares.size(); ++i) {
    seal::internal::Secret piece(shares[i].bytes);
    gfshare_ctx_dec_giveshare(context.get(), static_cast<unsigned char>(i), piece.data());
  }
  seal::internal::Secret secret(size);
  gfshare_ctx_dec_extract(context.get(), secret.data());
  return secret;
}

}  // namespace fairlead::keys::internal
