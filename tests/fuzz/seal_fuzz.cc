// What comes from outside into the sealing library: packets and keys. The first byte says which.
//
// Random bytes never get past authenticated encryption, so 'J' lets the fuzzer write the text that
// was signed and encrypted, as a dishonest sender can: it is sealed to the recipient and opened.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "services/common/base/check.h"
#include "services/common/base/encoding.h"
#include "services/common/base/random.h"
#include "services/common/base/strict_json.h"
#include "services/common/seal/profile.h"
#include "services/common/seal/seal.h"

namespace fairlead::seal {
namespace {

// New in every run: no input can depend on them, and a finding does not need them.
struct Keys {
  PrivateKey signer = *GenerateKey(KeyUse::kSigning);
  PrivateKey recipient = *GenerateKey(KeyUse::kEpoch);
  PrivateKey sender = *GenerateKey(KeyUse::kEpoch);
};
const Keys& TheKeys() {
  static const Keys* const keys = new Keys();
  return *keys;
}

Header SampleHeader() {
  Header header{.referral_id = "0190163d-8694-739b-aea5-966c26f8ad90",
                .sender_agency_id = "0190163d-8694-739b-aea5-966c26f8ad10",
                .sender_kid = TheKeys().signer.public_key.kid,
                .release_hash = Base64UrlEncode(Sha256("release")),
                .purpose = "referral",
                .categories = {"needs"},
                .expires_s = 2'000'000'000,
                .recips = {}};
  std::vector<std::string> kids = {TheKeys().recipient.public_key.kid,
                                   TheKeys().sender.public_key.kid};
  std::sort(kids.begin(), kids.end());
  header.recips = internal::RecipsHash(kids);
  return header;
}

Expected SampleExpected() {
  return {.referral_id = SampleHeader().referral_id,
          .release_hash = SampleHeader().release_hash,
          .sender_agency_id = SampleHeader().sender_agency_id,
          .sender_signing_key = TheKeys().signer.public_key,
          .now_s = 1'800'000'000};
}

void ParsePacket(std::string_view text) {
  for (const Form form : {Form::kSealed, Form::kDelivered}) {
    const Result<Envelope> envelope = ParseEnvelope(text, form);
    if (!envelope) {
      FAIRLEAD_CHECK(envelope.error().reason == "INVALID_PACKET");
      continue;
    }
    const Result<Envelope> again = ParseEnvelope(ToJson(*envelope), form);
    FAIRLEAD_CHECK(again && again->header == envelope->header);
  }
  FAIRLEAD_CHECK(!Open(text, TheKeys().recipient, SampleExpected()));
}

void ParseKey(std::string_view text) {
  const Result<PublicKey> key = ParseJwk(text);
  if (key) FAIRLEAD_CHECK(ParseJwk(ToJwk(*key)) == *key);
  const Result<PrivateKey> pair = ParsePrivateJwk(text);
  if (pair) FAIRLEAD_CHECK(ParsePrivateJwk(ToPrivateJwk(*pair))->d == pair->d);
}

// `text` stands where the JWS should.
void OpenSigned(std::string_view text) {
  Envelope envelope;
  envelope.header = SampleHeader();
  envelope.protected_b64 = internal::EncodeProtected(envelope.header);
  envelope.iv = std::string(internal::kIvBytes, 'i');
  const std::string content_key(internal::kKeyBytes, 'k');
  // Filled up, or cut, to a size that passes for padded.
  constexpr size_t kJwsBytes = 1800;
  std::string jws(text.substr(0, kJwsBytes));
  jws.append(kJwsBytes - jws.size(), 'A');
  const auto sealed =
      internal::AesGcmEncrypt(content_key, envelope.iv, envelope.protected_b64, jws);
  envelope.ciphertext = sealed->ciphertext;
  envelope.tag = sealed->tag;
  for (const PrivateKey* key : {&TheKeys().recipient, &TheKeys().sender}) {
    const PublicKey& to = key->public_key;
    static const internal::KeyPair* const ephemeral =
        new internal::KeyPair(*internal::GenerateKeyPair());
    const auto kek = internal::WrappingKey(ephemeral->point, ephemeral->d.view(), {to.x, to.y});
    envelope.recipients.push_back(
        {.kid = to.kid,
         .epk_x = ephemeral->point.x,
         .epk_y = ephemeral->point.y,
         .encrypted_key = *internal::AesKeyWrap(kek->view(), content_key)});
  }
  std::sort(envelope.recipients.begin(), envelope.recipients.end(),
            [](const Recipient& a, const Recipient& b) { return a.kid < b.kid; });
  const Result<Opened> opened = Open(ToJson(envelope), TheKeys().recipient, SampleExpected());
  FAIRLEAD_CHECK(!opened);
  // It decrypts: whatever stands inside, the answer is about what is inside.
  FAIRLEAD_CHECK(opened.error().reason == "SIGNATURE_INVALID" ||
                 opened.error().reason == "SENDER_MISMATCH");
}

// A payload that the sender has signed: only the padding is wrong or right.
void ReadPadding(std::string_view text) {
  const auto plain = internal::Unpad(text);
  if (!plain) return;
  FAIRLEAD_CHECK(internal::Pad(*plain).view() == text);
}

}  // namespace
}  // namespace fairlead::seal

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fairlead::seal;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'P':
      ParsePacket(text);
      break;
    case 'K':
      ParseKey(text);
      break;
    case 'J':
      OpenSigned(text);
      break;
    case 'U':
      ReadPadding(text);
      break;
    case 'S':
      static_cast<void>(fairlead::ParseStrictJson(text, 1 << 16, 16));
      break;
    default:
      break;
  }
  return 0;
}
