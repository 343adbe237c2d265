// Attacks that need a key: a recipient who passes a signed packet on, a hub that poses as a sender,
// packets moved between referrals, and changes to every bit.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "services/common/base/encoding.h"
#include "services/common/seal/forge.h"
#include "services/common/seal/seal.h"

namespace fairlead::seal {
namespace {

namespace json = boost::json;

std::string OpenAs(const PrivateKey& key, const std::string& packet) {
  return Outcome(Open(packet, key, SampleExpected()));
}

// ---- who sent it

TEST(MaliciousSender, AnUnknownSenderIsRefused) {
  EXPECT_EQ(Forged([](Forgery& f) {
              f.signer = TheCast().other_signing;
              f.signed_header["kid"] = f.signer.public_key.kid;
              f.protected_header["sender_kid"] = f.signer.public_key.kid;
            }),
            "SENDER_MISMATCH");
}

TEST(MaliciousSender, AKeyThatSignsInAnothersNameIsRefused) {
  EXPECT_EQ(Forged([](Forgery& f) { f.signer = TheCast().other_signing; }),
            "SIGNATURE_INVALID:signature");
}

TEST(MaliciousSender, ASignerBesidesTheNamedSenderIsRefused) {
  EXPECT_EQ(Forged([](Forgery& f) {
              f.signer = TheCast().other_signing;
              f.signed_header["kid"] = f.signer.public_key.kid;
            }),
            "SENDER_MISMATCH");
}

TEST(MaliciousSender, ASenderNamedBesidesTheSignerIsRefused) {
  EXPECT_EQ(Forged([](Forgery& f) {
              f.protected_header["sender_kid"] = TheCast().other_signing.public_key.kid;
            }),
            "SENDER_MISMATCH");
}

TEST(MaliciousSender, AnotherAgencyNamedAsTheSenderIsRefused) {
  // Signed with the expected key, in the name of an agency that the referral does not.
  EXPECT_EQ(Forged([](Forgery& f) { f.protected_header["sender_agency_id"] = kTestOther; }),
            "SENDER_AGENCY_MISMATCH");
}

TEST(MaliciousHub, APacketShownAsAnotherAgencysWhoListsTheSendersKeyIsRefused) {
  // The key is the right one for both: only the name that was signed tells them apart.
  Expected expected = SampleExpected();
  expected.sender_agency_id = kTestOther;
  EXPECT_EQ(Outcome(Open(SamplePacket(), TheCast().recipient_epoch, expected)),
            "SENDER_AGENCY_MISMATCH");
  EXPECT_EQ(Outcome(Reseal(SamplePacket(), TheCast().recipient_epoch, expected,
                           TheCast().other_epoch.public_key)),
            "SENDER_AGENCY_MISMATCH");
  expected.sender_agency_id.clear();
  EXPECT_EQ(Outcome(Open(SamplePacket(), TheCast().recipient_epoch, expected)),
            "SENDER_AGENCY_MISMATCH");
}

TEST(MaliciousSender, AnUnsignedPlaintextIsRefused) {
  // The hub knows the recipient's public key and can encrypt to it.
  EXPECT_EQ(Forged([](Forgery& f) {
              f.change_jws = [](std::string& jws) { jws.assign(jws.size(), '{'); };
            }),
            "SIGNATURE_INVALID:shape");
}

TEST(MaliciousSender, AnEmptySignatureIsRefused) {
  // Of a length that passes for padded: what is cut off the end stands in the header.
  EXPECT_EQ(Forged([](Forgery& f) {
              f.signed_header["cty"] = "application/" + std::string(80, 'x');
              f.change_jws = [](std::string& jws) { jws.resize(jws.rfind('.') + 1); };
            }),
            "SIGNATURE_INVALID:signature");
}

TEST(MaliciousSender, ASignatureOfZerosIsRefused) {
  EXPECT_EQ(Forged([](Forgery& f) {
              f.change_jws = [](std::string& jws) {
                jws = jws.substr(0, jws.rfind('.') + 1) + Base64UrlEncode(std::string(64, '\0'));
              };
            }),
            "SIGNATURE_INVALID:signature");
}

TEST(MaliciousSender, ADerSignatureIsRefused) {
  EXPECT_EQ(Forged([](Forgery& f) {
              f.change_jws = [](std::string& jws) {
                const size_t dot = jws.rfind('.');
                const std::string raw = *Base64UrlDecode(jws.substr(dot + 1));
                const std::string der = std::string("\x30\x44\x02\x20", 4) + raw.substr(0, 32) +
                                        std::string("\x02\x20", 2) + raw.substr(32);
                jws = jws.substr(0, dot + 1) + Base64UrlEncode(der);
              };
            }),
            "SIGNATURE_INVALID:signature");
}

TEST(MaliciousSender, AJwsOfTwoOrFourPartsIsRefused) {
  EXPECT_EQ(Forged([](Forgery& f) {
              f.change_jws = [](std::string& jws) { jws[jws.rfind('.')] = 'A'; };
            }),
            "SIGNATURE_INVALID:shape");
  EXPECT_EQ(Forged([](Forgery& f) {
              f.change_jws = [](std::string& jws) { jws[jws.size() / 2] = '.'; };
            }),
            "SIGNATURE_INVALID:signature");
}

// ---- a recipient passes it on

TEST(MaliciousRecipient, CannotSealASignedPacketOnToAnother) {
  // The recipient may decrypt, so it holds the sender's JWS and can encrypt it to anyone.
  const std::string original = Make(Faultless());
  std::string jws;
  {
    const Envelope envelope = *ParseEnvelope(original);
    const PrivateKey& key = TheCast().recipient_epoch;
    for (const Recipient& each : envelope.recipients) {
      if (each.kid != key.public_key.kid) continue;
      const auto kek = internal::WrappingKey({key.public_key.x, key.public_key.y}, key.d,
                                             {each.epk_x, each.epk_y});
      const auto content_key = internal::AesKeyUnwrap(kek->view(), each.encrypted_key);
      jws = internal::AesGcmDecrypt(content_key->view(), envelope.iv, envelope.protected_b64,
                                    envelope.ciphertext, envelope.tag)
                ->view();
    }
  }
  ASSERT_FALSE(jws.empty());
  SealRequest request = SampleRequest();
  request.recipients = {TheCast().other_epoch.public_key, TheCast().recipient_epoch.public_key};
  Forgery forgery = Faultless(request);
  forgery.change_jws = [&jws](std::string& made) { made = jws; };
  EXPECT_EQ(OpenAs(TheCast().other_epoch, Make(forgery)), "SIGNATURE_INVALID:pth");

  // With the very same protected header the new recipient is not among its recips.
  Forgery same_header = Faultless();
  same_header.recipients = forgery.recipients;
  same_header.change_jws = forgery.change_jws;
  EXPECT_EQ(OpenAs(TheCast().other_epoch, Make(same_header)), "INVALID_PACKET:recips");
}

TEST(MaliciousRecipient, CannotChangeTheReleaseOfASignedPacket) {
  std::string jws;
  Forgery first = Faultless();
  first.change_jws = [&jws](std::string& made) { jws = made; };
  Make(first);
  for (const char* member :
       {"release_hash", "purpose", "referral_id", "sender_agency_id", "exp", "categories"}) {
    Forgery second = Faultless();
    json::object& header = second.protected_header;
    const std::string name(member);
    if (name == "release_hash") header[name] = Base64UrlEncode(Sha256("another release"));
    if (name == "purpose") header[name] = "research";
    if (name == "referral_id") header[name] = "0190163d-8694-739b-aea5-966c26f8ad91";
    if (name == "sender_agency_id") header[name] = kTestOther;
    if (name == "exp") header[name] = kTestNowS + 999'999;
    if (name == "categories") header[name] = json::array({"identity"});
    second.change_jws = [&jws](std::string& made) { made = jws; };
    EXPECT_EQ(OpenAsRecipient(Make(second)), "SIGNATURE_INVALID:pth") << member;
  }
}

TEST(MaliciousRecipient, AJwsWithoutABindingIsRefused) {
  EXPECT_EQ(Forged([](Forgery& f) { f.signed_header["pth"] = ""; }), "SIGNATURE_INVALID:pth");
  EXPECT_EQ(Forged([](Forgery& f) { f.signed_header["pth"] = SampleReleaseHash(); }),
            "SIGNATURE_INVALID:pth");
}

// ---- packets moved and kept

TEST(MaliciousHub, APacketOfAnotherReferralIsRefused) {
  EXPECT_EQ(Forged([](Forgery& f) {
              f.protected_header["referral_id"] = "0190163d-8694-739b-aea5-966c26f8ad91";
            }),
            "REFERRAL_MISMATCH");
}

TEST(MaliciousHub, APacketUnderAnotherReleaseIsRefused) {
  EXPECT_EQ(Forged([](Forgery& f) {
              f.protected_header["release_hash"] = Base64UrlEncode(Sha256("another release"));
            }),
            "RELEASE_MISMATCH");
}

TEST(MaliciousHub, AnExpiredPacketIsRefused) {
  Expected expected = SampleExpected();
  const std::string packet = SamplePacket();
  const int64_t expires_s = SampleRequest().header.expires_s;
  expected.now_s = expires_s - 1;
  EXPECT_EQ(Outcome(Open(packet, TheCast().recipient_epoch, expected)), "ok");
  expected.now_s = expires_s;
  EXPECT_EQ(Outcome(Open(packet, TheCast().recipient_epoch, expected)), "PACKET_EXPIRED");
}

TEST(MaliciousHub, AHeaderSplicedOntoAnotherPacketOpensNothing) {
  json::object first = ParsePacket(SamplePacket());
  SealRequest request = SampleRequest();
  request.header.expires_s += 1000;
  const json::object second = ParsePacket(*Seal(request, TheCast().sender_signing, SystemRandom()));
  first["protected"] = second.at("protected");
  EXPECT_EQ(OpenAsRecipient(json::serialize(first)), "DECRYPTION_FAILED");
}

TEST(MaliciousHub, EachPartSplicedFromAnotherPacketOpensNothing) {
  const json::object second = ParsePacket(SamplePacket());
  for (const char* member : {"recipients", "iv", "ciphertext", "tag"}) {
    json::object first = ParsePacket(SamplePacket());
    first[member] = second.at(member);
    EXPECT_EQ(OpenAsRecipient(json::serialize(first)), "DECRYPTION_FAILED") << member;
  }
}

// ---- padding, made by a sender that can sign

TEST(MaliciousSender, PaddingOfAnotherFormIsRefused) {
  const auto with = [](const std::string& payload) {
    return Forged([&payload](Forgery& f) { f.payload = payload; });
  };
  const std::string good(internal::Pad("text").view());
  EXPECT_EQ(with(good), "ok");
  std::string nonzero = good;
  nonzero.back() = 'x';
  EXPECT_EQ(with(nonzero), "INVALID_PACKET:padding");
  std::string longer = good;
  longer[0] = '\x7f';
  EXPECT_EQ(with(longer), "INVALID_PACKET:padding");
  std::string shorter = good;
  shorter[3] = 3;  // leaves a byte of the text in the zeros
  EXPECT_EQ(with(shorter), "INVALID_PACKET:padding");
  EXPECT_EQ(with(std::string(1023, '\0')), "INVALID_PACKET:padding");
  EXPECT_EQ(with(std::string(1025, '\0')), "INVALID_PACKET:padding");
  EXPECT_EQ(with(std::string(4096, '\0')), "INVALID_PACKET:padding");  // 1 KiB would do
  EXPECT_EQ(with(""), "INVALID_PACKET:ciphertext");
}

TEST(MaliciousSender, AContentTypeOfAnotherFormIsRefused) {
  for (const char* type : {"json", "text/html; charset=x", "a/b/c", "text/<b>"}) {
    EXPECT_EQ(Forged([type](Forgery& f) { f.signed_header["cty"] = type; }), "INVALID_PACKET:cty");
  }
}

// ---- every bit and every character

std::string WithFlippedBit(const std::string& packet, size_t bit,
                           const std::function<json::value&(json::object&)>& field) {
  json::object object = ParsePacket(packet);
  json::value& value = field(object);
  std::string bytes = *Base64UrlDecode(std::string(value.as_string()));
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  value = Base64UrlEncode(bytes);
  return json::serialize(object);
}

size_t IndexOfRecipient() {
  return TheCast().recipient_epoch.public_key.kid < TheCast().sender_epoch.public_key.kid ? 0 : 1;
}

TEST(Tampering, EveryBitOfIvTagAndOwnKey) {
  const std::string packet = SamplePacket();
  for (const char* member : {"iv", "tag"}) {
    const size_t bits = std::string(member) == "iv" ? 96 : 128;
    for (size_t bit = 0; bit < bits; ++bit) {
      const auto field = [member](json::object& p) -> json::value& { return p[member]; };
      EXPECT_EQ(OpenAsRecipient(WithFlippedBit(packet, bit, field)), "DECRYPTION_FAILED");
    }
  }
  const auto key = [](json::object& p) -> json::value& {
    return RecipientAt(p, IndexOfRecipient())["encrypted_key"];
  };
  for (size_t bit = 0; bit < 320; ++bit) {
    EXPECT_EQ(OpenAsRecipient(WithFlippedBit(packet, bit, key)), "DECRYPTION_FAILED");
  }
}

TEST(Tampering, EveryBitOfTheOwnEphemeralKey) {
  const std::string packet = SamplePacket();
  for (const char* coordinate : {"x", "y"}) {
    const auto field = [coordinate](json::object& p) -> json::value& {
      return RecipientHeaderAt(p, IndexOfRecipient())["epk"].as_object()[coordinate];
    };
    for (size_t bit = 0; bit < 256; ++bit) {
      // A changed x is on the curve with the same y about never.
      EXPECT_EQ(OpenAsRecipient(WithFlippedBit(packet, bit, field)), "INVALID_PACKET:epk");
    }
  }
}

TEST(Tampering, EveryByteOfTheCiphertext) {
  const std::string packet = SamplePacket();
  const size_t bytes = ParseEnvelope(packet)->ciphertext.size();
  const auto field = [](json::object& p) -> json::value& { return p["ciphertext"]; };
  for (size_t byte = 0; byte < bytes; ++byte) {
    EXPECT_EQ(OpenAsRecipient(WithFlippedBit(packet, byte * 8 + byte % 8, field)),
              "DECRYPTION_FAILED");
  }
}

TEST(Tampering, EveryBitOfTheProtectedHeader) {
  const std::string packet = SamplePacket();
  const auto field = [](json::object& p) -> json::value& { return p["protected"]; };
  const size_t bytes = Base64UrlDecode(ParseEnvelope(packet)->protected_b64)->size();
  for (size_t bit = 0; bit < bytes * 8; ++bit) {
    const std::string outcome = OpenAsRecipient(WithFlippedBit(packet, bit, field));
    EXPECT_TRUE(outcome == "DECRYPTION_FAILED" || outcome.rfind("INVALID_PACKET:", 0) == 0)
        << bit << " " << outcome;
  }
}

// White space in the protected header is the same JSON; it is authenticated as bytes all the same.
TEST(Tampering, TheSameHeaderSpeltDifferently) {
  json::object object = ParsePacket(SamplePacket());
  std::string text = *Base64UrlDecode(std::string(object["protected"].as_string()));
  text.insert(1, " ");
  object["protected"] = Base64UrlEncode(text);
  EXPECT_EQ(OpenAsRecipient(json::serialize(object)), "DECRYPTION_FAILED");
}

bool IsRefusal(const std::string& outcome) {
  return outcome == "DECRYPTION_FAILED" || outcome == "NOT_A_RECIPIENT" ||
         outcome.rfind("INVALID_PACKET:", 0) == 0;
}

// Any edit of the text: refused, or without effect, which can only be in the other's wrapped key
// (a JWE does not authenticate it and this client has no use for it) or in white space.
RC_GTEST_PROP(Tampering, NoEditOfThePacketChangesWhatIsRead, ()) {
  static const std::string packet = SamplePacket();
  static const Opened original = *Open(packet, TheCast().recipient_epoch, SampleExpected());
  std::string changed = packet;
  const int edits = *rc::gen::inRange(1, 4);
  for (int i = 0; i < edits; ++i) {
    const size_t at = *rc::gen::inRange<size_t>(0, changed.size());
    const char character = *rc::gen::arbitrary<char>();
    const int kind = *rc::gen::inRange(0, 3);
    if (kind == 0) changed[at] = character;
    if (kind == 1) changed.insert(at, 1, character);
    if (kind == 2) changed.erase(at, 1);
  }
  const Result<Opened> opened = Open(changed, TheCast().recipient_epoch, SampleExpected());
  if (opened) {
    RC_ASSERT(opened->plaintext == original.plaintext);
    RC_ASSERT(opened->header == original.header);
    RC_ASSERT(opened->content_type == original.content_type);
  } else {
    RC_ASSERT(IsRefusal(Outcome(opened)));
  }
}

RC_GTEST_PROP(Tampering, NoBytesBreakTheParsers, (const std::string& bytes)) {
  RC_ASSERT(Outcome(ParseEnvelope(bytes)).rfind("INVALID_PACKET:", 0) == 0);
  RC_ASSERT(Outcome(ParseJwk(bytes)).rfind("INVALID_KEY:", 0) == 0);
}

}  // namespace
}  // namespace fairlead::seal
