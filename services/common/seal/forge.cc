#include "services/common/seal/forge.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "services/common/base/check.h"
#include "services/common/base/encoding.h"

namespace fairlead::seal {

namespace json = boost::json;

const Cast& TheCast() {
  static const Cast* const cast = new Cast();
  return *cast;
}

std::string SampleReleaseHash() { return Base64UrlEncode(Sha256("the release")); }

SealRequest SampleRequest(std::string plaintext) {
  SealRequest request;
  request.header.referral_id = "0190163d-8694-739b-aea5-966c26f8ad90";
  request.header.sender_agency_id = kTestSender;
  request.header.release_hash = SampleReleaseHash();
  request.header.purpose = "referral";
  request.header.categories = {"identity", "needs", "safe_contact"};
  request.header.expires_s = kTestNowS + 86'400;
  request.plaintext = std::move(plaintext);
  request.recipients = {TheCast().recipient_epoch.public_key, TheCast().sender_epoch.public_key};
  return request;
}

Expected SampleExpected() {
  return {.referral_id = "0190163d-8694-739b-aea5-966c26f8ad90",
          .release_hash = SampleReleaseHash(),
          .sender_agency_id = kTestSender,
          .sender_signing_key = TheCast().sender_signing.public_key,
          .now_s = kTestNowS};
}

std::string SamplePacket() {
  return *Seal(SampleRequest(), TheCast().sender_signing, SystemRandom());
}

Forgery Faultless(const SealRequest& request) {
  Forgery forgery;
  forgery.recipients = request.recipients;
  std::sort(forgery.recipients.begin(), forgery.recipients.end(),
            [](const PublicKey& a, const PublicKey& b) { return a.kid < b.kid; });
  forgery.signer = TheCast().sender_signing;
  std::vector<std::string> kids;
  for (const PublicKey& key : forgery.recipients) kids.push_back(key.kid);
  Header header = request.header;
  header.sender_kid = forgery.signer.public_key.kid;
  header.recips = internal::RecipsHash(kids);
  forgery.protected_header =
      json::parse(*Base64UrlDecode(internal::EncodeProtected(header))).as_object();
  forgery.signed_header["alg"] = "ES256";
  forgery.signed_header["typ"] = "fairlead-seal+jws";
  forgery.signed_header["kid"] = forgery.signer.public_key.kid;
  forgery.signed_header["cty"] = request.content_type;
  forgery.payload = internal::Pad(request.plaintext).view();
  forgery.iv = SystemRandom().Bytes(internal::kIvBytes);
  return forgery;
}

std::string Make(const Forgery& forgery) {
  const std::string protected_b64 = Base64UrlEncode(json::serialize(forgery.protected_header));
  json::object signed_header = forgery.signed_header;
  if (!signed_header.contains("pth")) {
    signed_header["pth"] = internal::ProtectedHash(protected_b64);
  }
  const auto made =
      internal::MakeJws(json::serialize(signed_header), forgery.payload, forgery.signer);
  FAIRLEAD_CHECK(made.has_value());
  std::string jws(made->view());
  if (forgery.change_jws) forgery.change_jws(jws);

  const std::string content_key = SystemRandom().Bytes(internal::kKeyBytes);
  const auto sealed = internal::AesGcmEncrypt(content_key, forgery.iv, protected_b64, jws);
  FAIRLEAD_CHECK(sealed.has_value());
  Envelope envelope{.header = {},
                    .protected_b64 = protected_b64,
                    .recipients = {},
                    .iv = forgery.iv,
                    .ciphertext = sealed->ciphertext,
                    .tag = sealed->tag};
  for (const PublicKey& key : forgery.recipients) {
    const auto ephemeral = internal::GenerateKeyPair();
    const auto kek = internal::WrappingKey(ephemeral->point, ephemeral->d.view(), {key.x, key.y});
    FAIRLEAD_CHECK(kek.has_value());
    envelope.recipients.push_back(
        {.kid = key.kid,
         .epk_x = ephemeral->point.x,
         .epk_y = ephemeral->point.y,
         .encrypted_key = *internal::AesKeyWrap(kek->view(), content_key)});
  }
  json::object packet = ParsePacket(ToJson(envelope));
  if (forgery.change_packet) forgery.change_packet(packet);
  return json::serialize(packet);
}

json::object ParsePacket(const std::string& packet) { return json::parse(packet).as_object(); }

json::object& RecipientAt(json::object& packet, size_t index) {
  return packet.at("recipients").as_array().at(index).as_object();
}

json::object& RecipientHeaderAt(json::object& packet, size_t index) {
  return RecipientAt(packet, index).at("header").as_object();
}

std::string OpenAsRecipient(const std::string& packet) {
  return Outcome(Open(packet, TheCast().recipient_epoch, SampleExpected()));
}

std::string Forged(const std::function<void(Forgery&)>& change) {
  Forgery forgery = Faultless();
  change(forgery);
  return OpenAsRecipient(Make(forgery));
}

}  // namespace fairlead::seal
