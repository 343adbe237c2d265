// Files in and out of attachments, before a hub that stores chunks, loses connections, and lies.
#include "gateway/cli/attachments.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "fairlead/referral/v1/attachment.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/referral_seal.h"
#include "gateway/cli/testing/cli_fixture.h"
#include "services/common/base/encoding.h"
#include "services/common/base/random.h"
#include "services/common/seal/attachment.h"

namespace fairlead::cli {
namespace {

namespace v1 = referral::v1;
namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kTo[] = "01890a5d-ac96-774b-bcce-b302099a8023";

template <class T>
std::string ReasonOf(const Result<T>& result) {
  return result ? "ok" : result.error().reason;
}

char Flipped(char byte) { return static_cast<char>(byte ^ 1); }

// A hub that keeps chunks, and hangs up at the chunks that it is told to.
class AttachmentFilesTest : public CliTest {
 protected:
  void SetUp() override {
    SignIn();
    context_ = std::make_unique<Context>(
        Terminal{.out = out_stream_, .err = err_stream_, .in = in_stream_}, environment_, options_);
    ASSERT_TRUE(context_->Prepare());
    hub_.OnCall(kStartAttachment, [this](const FakeRequest& request) {
      v1::StartAttachmentRequest start;
      EXPECT_TRUE(start.ParseFromString(request.body));
      v1::StartAttachmentResponse response;
      response.mutable_attachment()->set_chunk_count(start.chunk_count());
      for (int32_t i = 0; i < start.chunk_count(); ++i) {
        if (!chunks_.contains(i)) response.mutable_attachment()->add_missing_chunks(i);
      }
      return Protobuf(response);
    });
    hub_.OnCall(kPutAttachmentChunk, [this](const FakeRequest& request) {
      v1::PutAttachmentChunkRequest put;
      EXPECT_TRUE(put.ParseFromString(request.body));
      if (chunks_.size() >= room_) {
        return Refusal(503, {Code::kUnavailable, "STORAGE_UNAVAILABLE", "Full.", {}});
      }
      puts_.push_back(put.number());
      chunks_[put.number()] = put.chunk();
      return Protobuf(v1::PutAttachmentChunkResponse());
    });
    hub_.OnCall(kOpenAttachmentChunk, [this](const FakeRequest& request) {
      v1::OpenAttachmentChunkRequest open;
      EXPECT_TRUE(open.ParseFromString(request.body));
      v1::OpenAttachmentChunkResponse response;
      response.set_chunk(chunks_[open.number()]);
      meanwhile_ = InFolder();
      return Protobuf(response);
    });
  }

  std::string FileOf(const std::string& name, const std::string& contents) {
    const std::string path = folder_.File(name);
    std::ofstream(path, std::ios::binary) << contents;
    return path;
  }
  static std::string Contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::vector<std::string> InFolder() const {
    std::vector<std::string> names;
    for (const auto& each : fs::directory_iterator(target_)) {
      names.push_back(each.path().filename().string());
    }
    return names;
  }
  Result<void> Fetch(const AttachmentEntry& entry, bool replace = false,
                     const std::string& packet_file = "") {
    return Download(*context_, kTo, {entry}, target_, replace, packet_file);
  }
  // Whether a file may lie there without a name.
  bool HasNamelessFiles() const {
#ifdef O_TMPFILE
    const int fd = ::open(folder_.path().c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);
    if (fd >= 0) return ::close(fd) == 0;
#endif
    return false;
  }

  std::ostringstream out_stream_;
  std::ostringstream err_stream_;
  std::istringstream in_stream_;
  std::unique_ptr<Context> context_;
  std::map<int32_t, std::string> chunks_;
  std::vector<int32_t> puts_;
  std::vector<std::string> meanwhile_;  // what was in the folder when the last chunk was asked for
  size_t room_ = 1000;
  SeededRandom random_{11};
  const std::string target_ = folder_.File("got");
};

TEST_F(AttachmentFilesTest, AnInterruptedUploadGoesOnWhereItWas) {
  const std::string contents = random_.Bytes(5 * seal::kAttachmentPlainBytes + 17);
  const std::string path = FileOf("scan.pdf", contents);
  std::vector<SealedFile> files;
  auto sealed = SealFile(*context_, path, kTo);
  ASSERT_TRUE(sealed) << ToString(sealed.error());
  const AttachmentEntry entry = sealed->entry;
  EXPECT_EQ(entry.name, "scan.pdf");
  EXPECT_EQ(entry.bytes, static_cast<int64_t>(contents.size()));
  EXPECT_EQ(entry.sha256, Sha256(contents));
  files.push_back(std::move(*sealed));
  room_ = 4;
  const Result<void> cut = Upload(*context_, kTo, 1, files);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().reason, "STORAGE_UNAVAILABLE");
  EXPECT_THAT(cut.error().message, HasSubstr(std::string("referral attach ") + kTo));
  EXPECT_THAT(puts_, ElementsAre(0, 1, 2, 3));

  // Another run, which has nothing but the file and what the packet says.
  files.clear();
  auto again = SealFileAgain(path, kTo, {entry});
  ASSERT_TRUE(again) << ToString(again.error());
  files.push_back(std::move(*again));
  room_ = 1000;
  puts_.clear();
  ASSERT_TRUE(Upload(*context_, kTo, 1, files));
  EXPECT_THAT(puts_, ElementsAre(4, 5));
  EXPECT_THAT(err_stream_.str(), HasSubstr("scan.pdf: 100%"));
  puts_.clear();
  ASSERT_TRUE(Upload(*context_, kTo, 1, files));
  EXPECT_THAT(puts_, IsEmpty());

  ASSERT_EQ(ReasonOf(Fetch(entry)), "ok");
  EXPECT_EQ(Contents(target_ + "/scan.pdf"), contents);
  struct stat status {};
  ASSERT_EQ(::stat((target_ + "/scan.pdf").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_THAT(InFolder(), ElementsAre("scan.pdf"));
  if (HasNamelessFiles()) {
    EXPECT_THAT(meanwhile_, IsEmpty()) << "a program that is killed leaves nothing in clear";
  }
}

TEST_F(AttachmentFilesTest, NothingElseIsSealedUnderAKeyThatIsUsed) {
  const std::string path = FileOf("scan.pdf", "as it was");
  const auto sealed = SealFile(*context_, path, kTo);
  ASSERT_TRUE(sealed) << ToString(sealed.error());
  FileOf("scan.pdf", "as it is now");
  EXPECT_EQ(ReasonOf(SealFileAgain(path, kTo, {sealed->entry})), "ATTACHMENT_NOT_IN_PACKET");
  EXPECT_THAT(puts_, IsEmpty());
}

TEST_F(AttachmentFilesTest, TwentyFiveMebibytesAndNotAByteMore) {
  const std::string path = FileOf("large.bin", "");
  fs::resize_file(path, static_cast<uintmax_t>(seal::kMaxAttachmentBytes) + 1);
  EXPECT_EQ(ReasonOf(SealFile(*context_, path, kTo)), "ATTACHMENT_TOO_LARGE");
  fs::resize_file(path, static_cast<uintmax_t>(seal::kMaxAttachmentBytes));
  const auto largest = SealFile(*context_, path, kTo);
  ASSERT_TRUE(largest) << ToString(largest.error());
  EXPECT_EQ(largest->entry.bytes, seal::kMaxAttachmentBytes);
  EXPECT_EQ(ReasonOf(SealFile(*context_, folder_.path(), kTo)), "FILE_UNREADABLE");
  EXPECT_EQ(ReasonOf(SealFile(*context_, folder_.File("none"), kTo)), "FILE_NOT_FOUND");
}

TEST_F(AttachmentFilesTest, WhatIsThereIsNotReplacedUnasked) {
  std::vector<SealedFile> files;
  auto sealed = SealFile(*context_, FileOf("note.txt", "new"), kTo);
  ASSERT_TRUE(sealed) << ToString(sealed.error());
  const AttachmentEntry entry = sealed->entry;
  files.push_back(std::move(*sealed));
  ASSERT_TRUE(Upload(*context_, kTo, 1, files));
  fs::create_directory(target_);
  FileOf("got/note.txt", "mine");
  EXPECT_EQ(ReasonOf(Fetch(entry)), "OUTPUT_EXISTS");
  EXPECT_EQ(Contents(target_ + "/note.txt"), "mine");
  EXPECT_THAT(InFolder(), ElementsAre("note.txt"));
  EXPECT_EQ(ReasonOf(Fetch(entry, true, target_ + "/../got/note.txt")), "ATTACHMENT_NAME_TAKEN")
      << "the packet was written there";
  EXPECT_EQ(Contents(target_ + "/note.txt"), "mine");
  EXPECT_EQ(ReasonOf(Fetch(entry, true)), "ok");
  EXPECT_EQ(Contents(target_ + "/note.txt"), "new");
  EXPECT_THAT(InFolder(), ElementsAre("note.txt"));
}

TEST_F(AttachmentFilesTest, OfWhatALyingHubHandsOutNothingIsWritten) {
  std::vector<SealedFile> files;
  auto sealed = SealFile(
      *context_, FileOf("scan.pdf", random_.Bytes(3 * seal::kAttachmentPlainBytes)), kTo);
  ASSERT_TRUE(sealed) << ToString(sealed.error());
  AttachmentEntry entry = sealed->entry;
  files.push_back(std::move(*sealed));
  ASSERT_TRUE(Upload(*context_, kTo, 1, files));
  const std::map<int32_t, std::string> honest = chunks_;
  const auto expect_refused = [&](const char* reason) {
    EXPECT_EQ(ReasonOf(Fetch(entry)), reason);
    EXPECT_THAT(InFolder(), IsEmpty()) << reason;
    chunks_ = honest;
  };
  chunks_[2] = honest.at(1);
  expect_refused("ATTACHMENT_CHUNK_REPEATED");
  chunks_[1] = honest.at(2);
  expect_refused("ATTACHMENT_CHUNK_OUT_OF_ORDER");
  chunks_[2].back() = Flipped(chunks_[2].back());
  expect_refused("ATTACHMENT_CHUNK_ALTERED");
  chunks_[0].clear();
  expect_refused("ATTACHMENT_CHUNK_MALFORMED");
  entry.sha256[0] = Flipped(entry.sha256[0]);
  expect_refused("ATTACHMENT_HASH_MISMATCH");
}

TEST_F(AttachmentFilesTest, TheKeysOfAPacketThatWasOpenedAreNotSealedToOthers) {
  const AttachmentEntry entry{.id = kTo,
                              .name = "scan.pdf",
                              .bytes = 12,
                              .sha256 = std::string(32, 's'),
                              .key = std::string(32, 'k')};
  const std::string needs = R"({"needs":{"beds":1}})";
  const auto opened = WithManifest(needs, {entry});
  ASSERT_TRUE(opened) << ToString(opened.error());
  const auto sealed = [&](const std::string& packet) {
    SealOptions options;
    options.packet = FileOf("packet.json", packet);
    return ReasonOf(SealedFor(*context_, options, consent::v1::Release(), kTo, kTo, "Clinic"));
  };
  EXPECT_EQ(sealed(*opened), "INVALID_PACKET_FILE");
  EXPECT_EQ(sealed(R"({"documents":{"attachments":[{"key":"of a form not known here"}]}})"),
            "INVALID_PACKET_FILE");
  for (const std::string& own : {needs, std::string(R"({"documents":{"attachments":[]}})"),
                                 std::string(R"({"documents":["a paper"]})")}) {
    EXPECT_NE(sealed(own), "INVALID_PACKET_FILE") << own;
  }
}

TEST(AttachmentManifestTest, IsPutBeforeWhatTheFileHasAndReadBack) {
  const AttachmentEntry entry{.id = kTo,
                              .name = "Führerschein (1).pdf",
                              .bytes = 12,
                              .sha256 = std::string(32, 's'),
                              .key = std::string(32, 'k')};
  // A number that no reader of JSON would give back as it is.
  const std::string file = R"({ "needs":{"case":12345678901234567890123}})";
  const auto with = WithManifest(file, {entry});
  ASSERT_TRUE(with) << ToString(with.error());
  EXPECT_THAT(*with, HasSubstr(file.substr(1))) << "byte for byte";
  const auto read = ReadManifest(*with);
  ASSERT_TRUE(read) << ToString(read.error());
  ASSERT_EQ(read->size(), 1U);
  EXPECT_EQ(read->at(0).id, entry.id);
  EXPECT_EQ(read->at(0).name, entry.name);
  EXPECT_EQ(read->at(0).bytes, entry.bytes);
  EXPECT_EQ(read->at(0).sha256, entry.sha256);
  EXPECT_EQ(read->at(0).key, entry.key);
  EXPECT_EQ(ReasonOf(WithManifest(R"({"documents":{}})", {entry})), "INVALID_PACKET_FILE");
  EXPECT_EQ(ReasonOf(WithManifest(file, {entry, entry})), "ATTACHMENT_NAME_TAKEN");
  AttachmentEntry large = entry;
  large.bytes = seal::kMaxAttachmentBytes;
  large.id = kOwnAgency;
  large.name = "large";
  EXPECT_EQ(ReasonOf(WithManifest(file, {large})), "ok");
  EXPECT_EQ(ReasonOf(WithManifest(file, {large, entry})), "ATTACHMENTS_TOO_LARGE");
}

TEST(AttachmentManifestTest, APacketWithoutOneHasNoAttachmentsAndABadOneIsRefused) {
  for (const char* packet : {R"({"needs":{}})", R"({"documents":["a paper"]})", "not JSON",
                             R"({"documents":{"note":"x"}})"}) {
    const auto none = ReadManifest(packet);
    ASSERT_TRUE(none) << packet;
    EXPECT_THAT(*none, IsEmpty()) << packet;
  }
  const std::string hash(43, 'A');
  const auto with = [&](const std::string& id, const std::string& name, const std::string& bytes,
                        const std::string& more = "") {
    return ReasonOf(ReadManifest(R"({"documents":{"attachments":[{"id":")" + id + R"(","name":")" +
                                 name + R"(","bytes":)" + bytes + R"(,"sha256":")" + hash +
                                 R"(","key":")" + hash + "\"" + more + "}]}}"));
  };
  EXPECT_EQ(with(kTo, "a.pdf", "1"), "ok");
  EXPECT_EQ(with("x", "a.pdf", "1"), "INVALID_MANIFEST");
  EXPECT_EQ(with(kTo, "a.pdf", "-1"), "INVALID_MANIFEST");
  EXPECT_EQ(with(kTo, "a.pdf", "26214401"), "INVALID_MANIFEST") << "25 MiB and a byte";
  EXPECT_EQ(with(kTo, "a.pdf", "1", R"(,"more":1)"), "INVALID_MANIFEST");
  for (const char* name : {"../a", "a/b", R"(a\\b)", ".profile", "", R"(a\nb)", " a", "a ",
                           R"(a\u202efdp.exe)"}) {
    EXPECT_EQ(with(kTo, name, "1"), "UNSAFE_FILE_NAME") << name;
  }
}

}  // namespace
}  // namespace fairlead::cli
