#include "services/common/seal/seal.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "services/common/base/encoding.h"
#include "services/common/seal/forge.h"

namespace fairlead::seal {
namespace {

TEST(SealTest, EveryRecipientOpensWhatWasSealed) {
  const std::string packet = SamplePacket();
  EXPECT_LE(packet.size(), kMaxPacketBytes);
  for (const PrivateKey* key : {&TheCast().recipient_epoch, &TheCast().sender_epoch}) {
    const Result<Opened> opened = Open(packet, *key, SampleExpected());
    ASSERT_TRUE(opened) << Outcome(opened);
    EXPECT_EQ(opened->plaintext, R"({"needs":["shelter"]})");
    EXPECT_EQ(opened->content_type, "application/json");
    Header header = SampleRequest().header;
    header.sender_kid = TheCast().sender_signing.public_key.kid;
    header.recips = opened->header.recips;
    EXPECT_EQ(opened->header, header);
  }
  EXPECT_EQ(Outcome(Open(packet, TheCast().other_epoch, SampleExpected())), "NOT_A_RECIPIENT");
}

TEST(SealTest, TheEnvelopeRoundTripsAsText) {
  const std::string packet = SamplePacket();
  const Result<Envelope> envelope = ParseEnvelope(packet);
  ASSERT_TRUE(envelope) << Outcome(envelope);
  EXPECT_EQ(ToJson(*envelope), packet);
  EXPECT_EQ(envelope->recipients.size(), 2U);
  EXPECT_EQ(envelope->iv.size(), 12U);
  EXPECT_EQ(envelope->tag.size(), 16U);
  for (const Recipient& each : envelope->recipients) EXPECT_EQ(each.encrypted_key.size(), 40U);
}

TEST(SealTest, NothingOfThePlaintextIsInThePacket) {
  const std::string canary = "canary-7c1f2a-needle";
  const std::string packet = *Seal(SampleRequest(canary), TheCast().sender_signing, SystemRandom());
  EXPECT_EQ(packet.find(canary), std::string::npos);
  for (size_t offset = 0; offset < 3; ++offset) {  // base64 has three alignments
    const std::string shifted = Base64UrlEncode(std::string(offset, 'x') + canary);
    EXPECT_EQ(packet.find(shifted.substr(4, 16)), std::string::npos);
  }
}

TEST(SealTest, TwoSealingsShareNothing) {
  const Envelope a = *ParseEnvelope(SamplePacket());
  const Envelope b = *ParseEnvelope(SamplePacket());
  EXPECT_NE(a.iv, b.iv);
  EXPECT_NE(a.ciphertext, b.ciphertext);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_NE(a.recipients[i].epk_x, b.recipients[i].epk_x);
    EXPECT_NE(a.recipients[i].encrypted_key, b.recipients[i].encrypted_key);
  }
  EXPECT_NE(a.recipients[0].epk_x, a.recipients[1].epk_x);
}

TEST(SealTest, TheSizeSaysOnlyWhichOfFour) {
  std::map<size_t, std::set<size_t>> plaintexts_of;
  const std::vector<size_t> sizes = {0, 1, 500, 1020, 1021, 4092, 4093, 16380, 16381, 40000, 65532};
  for (const size_t size : sizes) {
    const std::string packet =
        *Seal(SampleRequest(std::string(size, 'p')), TheCast().sender_signing, SystemRandom());
    plaintexts_of[ParseEnvelope(packet)->ciphertext.size()].insert(size);
    EXPECT_LE(packet.size(), kMaxPacketBytes);
  }
  std::vector<std::set<size_t>> groups;
  for (const auto& [size, plaintexts] : plaintexts_of) groups.push_back(plaintexts);
  const std::vector<std::set<size_t>> expected = {
      {0, 1, 500, 1020}, {1021, 4092}, {4093, 16380}, {16381, 40000, 65532}};
  EXPECT_EQ(groups, expected);
}

TEST(SealTest, TheLargestPacketFits) {
  SealRequest request = SampleRequest(std::string(kMaxPlaintextBytes, '\xff'));
  for (int i = 0; i < 6; ++i) {
    request.recipients.push_back(GenerateKey(KeyUse::kEpoch)->public_key);
  }
  request.header.categories.clear();
  for (int i = 10; i < 42; ++i) {
    request.header.categories.push_back(std::string(62, 'c') + std::to_string(i));
  }
  request.header.purpose = std::string(64, 'p');
  request.content_type = "application/" + std::string(115, 'x');
  const Result<std::string> packet = Seal(request, TheCast().sender_signing, SystemRandom());
  ASSERT_TRUE(packet) << Outcome(packet);
  const Result<Opened> opened = Open(*packet, TheCast().recipient_epoch, SampleExpected());
  ASSERT_TRUE(opened) << Outcome(opened);
  EXPECT_EQ(opened->plaintext, request.plaintext);
}

RC_GTEST_PROP(SealProperty, WhatIsSealedIsOpened, ()) {
  const size_t size = *rc::gen::inRange<size_t>(0, kMaxPlaintextBytes + 1);
  SeededRandom random(*rc::gen::arbitrary<uint64_t>());
  const std::string plaintext = random.Bytes(size);
  const auto packet = Seal(SampleRequest(plaintext), TheCast().sender_signing, random);
  RC_ASSERT(packet.has_value());
  const auto opened = Open(*packet, TheCast().recipient_epoch, SampleExpected());
  RC_ASSERT(opened.has_value());
  RC_ASSERT(opened->plaintext == plaintext);
}

void Flip(std::string& bytes, size_t index) { bytes[index] = static_cast<char>(bytes[index] ^ 1); }

std::string SealOutcome(const std::function<void(SealRequest&)>& change) {
  SealRequest request = SampleRequest();
  change(request);
  return Outcome(Seal(request, TheCast().sender_signing, SystemRandom()));
}

TEST(SealTest, RefusesBadRequests) {
  using R = SealRequest;
  EXPECT_EQ(SealOutcome([](R&) {}), "ok");
  EXPECT_EQ(SealOutcome([](R& r) { r.plaintext.resize(kMaxPlaintextBytes + 1); }),
            "PACKET_TOO_LARGE");
  EXPECT_EQ(SealOutcome([](R& r) { r.recipients.pop_back(); }), "TOO_FEW_RECIPIENTS");
  EXPECT_EQ(SealOutcome([](R& r) { r.recipients.clear(); }), "TOO_FEW_RECIPIENTS");
  EXPECT_EQ(SealOutcome([](R& r) { r.recipients.resize(9); }), "TOO_MANY_RECIPIENTS");
  EXPECT_EQ(SealOutcome([](R& r) { r.recipients[1] = r.recipients[0]; }), "DUPLICATE_RECIPIENT");
  EXPECT_EQ(SealOutcome([](R& r) { Flip(r.recipients[0].y, 31); }), "INVALID_KEY:point");
  EXPECT_EQ(SealOutcome([](R& r) { Flip(r.recipients[0].kid, 0); }), "INVALID_KEY:kid");
  EXPECT_EQ(SealOutcome([](R& r) { r.recipients[0].use = KeyUse::kSigning; }), "INVALID_KEY:use");
  EXPECT_EQ(SealOutcome([](R& r) { r.header.referral_id = "Maria"; }),
            "INVALID_HEADER:referral_id");
  EXPECT_EQ(SealOutcome([](R& r) { r.header.release_hash.pop_back(); }),
            "INVALID_HEADER:release_hash");
  EXPECT_EQ(SealOutcome([](R& r) { r.header.purpose = ""; }), "INVALID_HEADER:purpose");
  EXPECT_EQ(SealOutcome([](R& r) { r.header.purpose = "free text"; }), "INVALID_HEADER:purpose");
  EXPECT_EQ(SealOutcome([](R& r) { r.header.categories.clear(); }), "INVALID_HEADER:categories");
  EXPECT_EQ(SealOutcome([](R& r) { std::swap(r.header.categories[0], r.header.categories[1]); }),
            "INVALID_HEADER:categories");
  EXPECT_EQ(SealOutcome([](R& r) {
              r.header.categories = {"needs", "needs"};
            }),
            "INVALID_HEADER:categories");
  EXPECT_EQ(SealOutcome([](R& r) { r.header.expires_s = 0; }), "INVALID_HEADER:exp");
  EXPECT_EQ(SealOutcome([](R& r) { r.header.expires_s = 253'402'300'800; }), "INVALID_HEADER:exp");
  EXPECT_EQ(SealOutcome([](R& r) { r.content_type = "text"; }), "INVALID_HEADER:cty");
  EXPECT_EQ(SealOutcome([](R& r) { r.content_type = "text/plain\n"; }), "INVALID_HEADER:cty");
  EXPECT_EQ(SealOutcome([](R& r) { r.header.sender_agency_id.clear(); }),
            "INVALID_HEADER:sender_agency_id");
  EXPECT_EQ(SealOutcome([](R& r) { r.header.sender_kid = TheCast().other_signing.public_key.kid; }),
            "INVALID_HEADER:sender_kid");
}

TEST(SealTest, RefusesTheWrongKeysOfItsCaller) {
  const Cast& cast = TheCast();
  EXPECT_EQ(Outcome(Seal(SampleRequest(), cast.sender_epoch, SystemRandom())), "INVALID_KEY:use");
  PrivateKey mixed = cast.sender_signing;
  mixed.d = cast.other_signing.d;
  EXPECT_EQ(Outcome(Seal(SampleRequest(), mixed, SystemRandom())), "INVALID_KEY:d");
  mixed.d.clear();
  EXPECT_EQ(Outcome(Seal(SampleRequest(), mixed, SystemRandom())), "INVALID_KEY:d");
  const std::string packet = SamplePacket();
  EXPECT_EQ(Outcome(Open(packet, cast.recipient_signing, SampleExpected())), "INVALID_KEY:use");
  PrivateKey broken = cast.recipient_epoch;
  broken.d[31] = static_cast<char>(broken.d[31] ^ 1);
  EXPECT_EQ(Outcome(Open(packet, broken, SampleExpected())), "INVALID_KEY:d");
  Expected expected = SampleExpected();
  expected.sender_signing_key = cast.sender_epoch.public_key;
  EXPECT_EQ(Outcome(Open(packet, cast.recipient_epoch, expected)), "INVALID_KEY:use");
}

TEST(SealTest, ADeliveredPacketHoldsOneKeyOnly) {
  Envelope envelope = *ParseEnvelope(SamplePacket());
  const std::string& kid = TheCast().recipient_epoch.public_key.kid;
  for (Recipient& each : envelope.recipients) {
    if (each.kid != kid) each.encrypted_key.clear();
  }
  const std::string delivered = ToJson(envelope);
  EXPECT_EQ(Outcome(Open(delivered, TheCast().recipient_epoch, SampleExpected())), "ok");
  EXPECT_EQ(Outcome(ParseEnvelope(delivered, Form::kDelivered)), "ok");
  // Handed in like this it would lock the sender out.
  EXPECT_EQ(Outcome(ParseEnvelope(delivered)), "INVALID_PACKET:missing_member");
  EXPECT_EQ(Outcome(Open(delivered, TheCast().sender_epoch, SampleExpected())),
            "INVALID_PACKET:encrypted_key");
}

TEST(CustodyTest, WrapsAndUnwraps) {
  const std::string custody_key = SystemRandom().Bytes(32);
  const Envelope envelope = *ParseEnvelope(SamplePacket());
  const std::string& key = envelope.recipients[0].encrypted_key;
  const Result<std::string> wrapped = WrapUnderCustody(custody_key, key);
  ASSERT_TRUE(wrapped);
  EXPECT_EQ(wrapped->size(), 48U);
  EXPECT_EQ(UnwrapFromCustody(custody_key, *wrapped), key);
}

TEST(CustodyTest, AnotherKeyOrAChangedByteIsRefused) {
  const std::string custody_key = SystemRandom().Bytes(32);
  const std::string wrapped = *WrapUnderCustody(custody_key, std::string(40, 'k'));
  EXPECT_EQ(Outcome(UnwrapFromCustody(SystemRandom().Bytes(32), wrapped)), "CUSTODY_KEY_MISMATCH");
  for (size_t bit = 0; bit < wrapped.size() * 8; ++bit) {
    std::string changed = wrapped;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(Outcome(UnwrapFromCustody(custody_key, changed)), "CUSTODY_KEY_MISMATCH");
  }
}

TEST(CustodyTest, RefusesOtherLengths) {
  const std::string key(32, 'c');
  EXPECT_EQ(Outcome(WrapUnderCustody(std::string(16, 'c'), std::string(40, 'k'))),
            "INVALID_KEY:custody_key");
  EXPECT_EQ(Outcome(WrapUnderCustody(key, std::string(32, 'k'))), "INVALID_KEY:encrypted_key");
  EXPECT_EQ(Outcome(WrapUnderCustody(key, std::string(48, 'k'))), "INVALID_KEY:encrypted_key");
  EXPECT_EQ(Outcome(UnwrapFromCustody(std::string(33, 'c'), std::string(48, 'k'))),
            "INVALID_KEY:custody_key");
  EXPECT_EQ(Outcome(UnwrapFromCustody(key, std::string(40, 'k'))), "INVALID_KEY:wrapped");
}

}  // namespace
}  // namespace fairlead::seal
