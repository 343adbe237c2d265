// Attachments through all services, on both engines: the two-key rule holds for each chunk.
#include <gmock/gmock.h>

#include "fairlead/referral/v1/attachment.pb.h"
#include "fairlead/referral/v1/packet_version.pb.h"
#include "services/common/seal/attachment.h"
#include "tests/integration/blind_fixture.h"

namespace fairlead::testing {
namespace {

using ::testing::ElementsAre;

constexpr char kAttachments[] = "/fairlead.referral.v1.AttachmentService/";
constexpr char kWithDocuments[] = R"({"documents":{"attachments":[]}})";

class AttachmentsTest : public BlindTest {
 protected:
  void SetUp() override {
    BlindTest::SetUp();
    const auto release = coalition_->SignedRelease(from_, one_, {.categories = {"documents"}});
    ASSERT_TRUE(release) << ToString(release.error());
    release_ = *release;
    const auto packet = coalition_->Packet(from_, one_, release_, kWithDocuments);
    ASSERT_TRUE(packet) << ToString(packet.error());
    const auto sent = coalition_->Send(*packet, from_);
    ASSERT_TRUE(sent) << ToString(sent.error());
    sent_ = *sent;
    attachment_ = coalition_->ids().New();
  }

  Result<v1::StartAttachmentResponse> Start(const auth::Actor& by, int32_t chunks,
                                            int32_t version = 1) {
    v1::StartAttachmentRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_referral_id(sent_.id());
    request.set_attachment_id(attachment_);
    request.set_chunk_count(chunks);
    request.set_packet_version(version);
    return coalition_->Call<v1::StartAttachmentResponse>(
        by, std::string(kAttachments) + "StartAttachment", request);
  }
  // All of them, sealed.
  std::vector<std::string> Chunks(int32_t count) {
    seal::AttachmentSealer sealer({sent_.id(), attachment_}, std::string(32, 'k'));
    std::vector<std::string> chunks;
    for (int32_t i = 0; i < count; ++i) {
      chunks.push_back(
          sealer.Next(std::string(seal::kAttachmentPlainBytes, 'x'), i + 1 == count).value_or(""));
    }
    return chunks;
  }
  Result<v1::PutAttachmentChunkResponse> Put(const auth::Actor& by, int32_t number,
                                             const std::string& chunk) {
    v1::PutAttachmentChunkRequest request;
    request.set_referral_id(sent_.id());
    request.set_attachment_id(attachment_);
    request.set_number(number);
    request.set_chunk(chunk);
    return coalition_->Call<v1::PutAttachmentChunkResponse>(
        by, std::string(kAttachments) + "PutAttachmentChunk", request);
  }
  Result<v1::OpenAttachmentChunkResponse> Read(const auth::Actor& by, int32_t number) {
    v1::OpenAttachmentChunkRequest request;
    request.set_referral_id(sent_.id());
    request.set_attachment_id(attachment_);
    request.set_number(number);
    return coalition_->Call<v1::OpenAttachmentChunkResponse>(
        by, std::string(kAttachments) + "OpenAttachmentChunk", request);
  }
  // As whoever reads them has done before.
  void OpenPacket(const Agency& reader) {
    const Result<std::string> opened = coalition_->Open(reader, from_, sent_.id());
    ASSERT_TRUE(opened) << ToString(opened.error());
  }
  std::string Missing(const auth::Actor& by) {
    v1::GetAttachmentRequest request;
    request.set_referral_id(sent_.id());
    request.set_attachment_id(attachment_);
    const auto found = coalition_->Call<v1::GetAttachmentResponse>(
        by, std::string(kAttachments) + "GetAttachment", request);
    if (!found) return found.error().reason;
    std::string text;
    for (const int32_t number : found->attachment().missing_chunks()) {
      text += std::to_string(number) + " ";
    }
    return text;
  }
  void Attach(const std::vector<std::string>& chunks) {
    const auto count = static_cast<int32_t>(chunks.size());
    ASSERT_EQ(ReasonOf(Start(from_.caseworker, count)), "ok");
    for (int32_t i = 0; i < count; ++i) {
      ASSERT_EQ(ReasonOf(Put(from_.caseworker, i, chunks[static_cast<size_t>(i)])), "ok");
    }
  }

  consent_v1::Release release_;
  v1::Referral sent_;
  std::string attachment_;
};

TEST_P(AttachmentsTest, WhoMayOpenThePacketReadsThemAndNobodyElse) {
  const std::vector<std::string> chunks = Chunks(2);
  ASSERT_EQ(ReasonOf(Start(from_.caseworker, 2)), "ok");
  ASSERT_EQ(ReasonOf(Put(from_.caseworker, 1, chunks[1])), "ok");
  EXPECT_EQ(Missing(from_.caseworker), "0 ");
  EXPECT_EQ(Missing(one_.caseworker), "0 ");
  EXPECT_EQ(ReasonOf(Read(one_.caseworker, 0)), "ATTACHMENT_INCOMPLETE");
  EXPECT_EQ(ReasonOf(Read(one_.caseworker, 1)), "PACKET_NOT_OPENED");
  OpenPacket(one_);
  EXPECT_EQ(ReasonOf(Read(one_.admin, 1)), "PACKET_NOT_OPENED") << "its key from a colleague";
  EXPECT_EQ(ReasonOf(Read(one_.caseworker, 1)), "ok");
  const auto whole = Put(from_.caseworker, 0, chunks[0]);
  ASSERT_TRUE(whole) << ToString(whole.error());
  EXPECT_EQ(whole->missing_count(), 0);
  OpenPacket(from_);
  for (const Agency& reader : {one_, from_}) {
    for (int32_t i = 0; i < 2; ++i) {
      const auto read = Read(reader.caseworker, i);
      ASSERT_TRUE(read) << ToString(read.error());
      EXPECT_EQ(read->chunk(), chunks[static_cast<size_t>(i)]);
    }
  }
  EXPECT_EQ(ReasonOf(Read(one_.caseworker, 2)), "ATTACHMENT_NOT_FOUND");
  EXPECT_THAT(Story(one_, sent_.id()),
              ElementsAre("sent", "opened", "attachment_opened", "attachment_added"));

  EXPECT_EQ(ReasonOf(Read(two_.caseworker, 0)), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(Missing(two_.caseworker), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Put(one_.caseworker, 0, chunks[0])), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Start(two_.caseworker, 2)), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Read(coalition_->MakeCoordinator(), 0)), "ROLE_NOT_ALLOWED");
}

TEST_P(AttachmentsTest, AfterARevocationNotOneChunkMore) {
  Attach(Chunks(2));
  OpenPacket(one_);
  ASSERT_EQ(ReasonOf(Read(one_.caseworker, 0)), "ok");
  ASSERT_TRUE(coalition_->Accept(one_, sent_.offers(0).id()));
  ASSERT_EQ(ReasonOf(Read(one_.caseworker, 0)), "ok");
  ASSERT_TRUE(coalition_->Revoke(from_, release_.id()));
  for (const Agency& reader : {one_, from_}) {
    EXPECT_EQ(ReasonOf(Read(reader.caseworker, 0)), "RELEASE_REVOKED");
    EXPECT_EQ(ReasonOf(Read(reader.caseworker, 1)), "RELEASE_REVOKED");
  }
}

TEST_P(AttachmentsTest, AnAmendedPacketTakesThemAlong) {
  Attach(Chunks(1));
  OpenPacket(one_);
  ASSERT_EQ(ReasonOf(Read(one_.caseworker, 0)), "ok");
  v1::AmendPacketRequest amend;
  amend.set_request_id(coalition_->ids().New());
  amend.set_referral_id(sent_.id());
  amend.set_replaces_version(1);
  amend.set_release_id(release_.id());
  const auto packet =
      coalition_->SealedPacket(from_, one_, release_, sent_.id(), kWithDocuments);
  ASSERT_TRUE(packet) << ToString(packet.error());
  amend.set_packet(*packet);
  const auto amended = coalition_->Call<v1::AmendPacketResponse>(
      from_.caseworker, "/fairlead.referral.v1.PacketVersionService/AmendPacket", amend);
  ASSERT_TRUE(amended) << ToString(amended.error());
  EXPECT_EQ(ReasonOf(Read(one_.caseworker, 0)), "ATTACHMENT_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Start(from_.caseworker, 1, 1)), "PACKET_VERSION_MISMATCH");
  EXPECT_EQ(ReasonOf(Start(from_.caseworker, 1, 2)), "ok");
}

TEST_P(AttachmentsTest, TwentyFiveMebibytesAndOneChunkAreRefused) {
  EXPECT_EQ(ReasonOf(Start(from_.caseworker, 401)), "OUT_OF_RANGE");
  ASSERT_EQ(ReasonOf(Start(from_.caseworker, 400)), "ok");
  attachment_ = coalition_->ids().New();
  EXPECT_EQ(ReasonOf(Start(from_.caseworker, 1)), "ATTACHMENTS_TOO_LARGE");
  EXPECT_EQ(ReasonOf(Put(from_.caseworker, 0, std::string(65'578, 'x'))), "FIELD_TOO_LONG");
}

FAIRLEAD_BLIND_ON_BOTH_ENGINES(AttachmentsTest);

}  // namespace
}  // namespace fairlead::testing
