#include "gateway/cli/attachments.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>

#include "fairlead/referral/v1/attachment.pb.h"
#include "gateway/cli/methods.h"
#include "services/common/base/encoding.h"
#include "services/common/base/random.h"
#include "services/common/seal/attachment.h"

namespace fairlead::cli {
namespace {

namespace v1 = referral::v1;
namespace fs = std::filesystem;
using OpenFile = std::unique_ptr<std::FILE, FileCloser>;

tl::unexpected<Error> FileTrouble(Code code, const char* reason, const std::string& path,
                                  const std::string& problem) {
  return Fail(code, reason, path + " " + problem + ".", {{"file", path}});
}

// A regular file of at most 25 MiB.
Result<OpenFile> OpenToAttach(const std::string& path) {
  OpenFile file(std::fopen(path.c_str(), "rbe"));
  if (!file) {
    return FileTrouble(Code::kNotFound, "FILE_NOT_FOUND", path,
                       std::string("cannot be opened: ") + std::strerror(errno));
  }
  struct stat status {};
  if (::fstat(::fileno(file.get()), &status) != 0 || !S_ISREG(status.st_mode)) {
    return FileTrouble(Code::kInvalidArgument, "FILE_UNREADABLE", path, "is no file to attach");
  }
  if (status.st_size > seal::kMaxAttachmentBytes) {
    return FileTrouble(Code::kInvalidArgument, "ATTACHMENT_TOO_LARGE", path,
                       "is larger than 25 MiB");
  }
  return file;
}

// Each piece of 64 KiB, and whether it is the last; an empty file is one empty piece.
Result<void> ForEachPiece(std::FILE* file, const std::string& path,
                          const std::function<Result<void>(std::string_view, bool)>& take) {
  std::string piece(seal::kAttachmentPlainBytes, '\0');
  std::string next(seal::kAttachmentPlainBytes, '\0');
  size_t held = std::fread(piece.data(), 1, piece.size(), file);
  while (true) {
    const size_t more = held < piece.size() ? 0 : std::fread(next.data(), 1, next.size(), file);
    if (std::ferror(file) != 0) {
      return FileTrouble(Code::kInternal, "FILE_UNREADABLE", path, "cannot be read");
    }
    FAIRLEAD_RETURN_IF_ERROR(take(std::string_view(piece).substr(0, held), more == 0));
    if (more == 0) return {};
    std::swap(piece, next);
    held = more;
  }
}

Result<SealedFile> SealUnder(const std::string& path, const std::string& referral_id,
                             AttachmentEntry entry) {
  FAIRLEAD_ASSIGN(const OpenFile file, OpenToAttach(path));
  SealedFile sealed{.entry = std::move(entry), .chunks = OpenFile(std::tmpfile())};
  if (!sealed.chunks) {
    return FileTrouble(Code::kInternal, "FILE_UNWRITABLE", "A temporary file", "cannot be made");
  }
  seal::AttachmentSealer sealer({referral_id, sealed.entry.id}, sealed.entry.key);
  const auto seal_piece = [&](std::string_view piece, bool is_last) -> Result<void> {
    FAIRLEAD_ASSIGN(const std::string chunk, sealer.Next(piece, is_last));
    if (std::fwrite(chunk.data(), 1, chunk.size(), sealed.chunks.get()) == chunk.size()) return {};
    return FileTrouble(Code::kInternal, "FILE_UNWRITABLE", "A temporary file",
                       "cannot be written");
  };
  FAIRLEAD_RETURN_IF_ERROR(ForEachPiece(file.get(), path, seal_piece));
  if (std::fflush(sealed.chunks.get()) != 0) {
    return FileTrouble(Code::kInternal, "FILE_UNWRITABLE", "A temporary file",
                       "cannot be written");
  }
  sealed.entry.bytes = sealer.bytes();
  sealed.entry.sha256 = sealer.Sha256();
  return sealed;
}

Result<std::string> ChunkOf(const SealedFile& file, int64_t number) {
  std::string chunk(seal::kAttachmentChunkBytes, '\0');
  const auto at = static_cast<long>(number * static_cast<int64_t>(chunk.size()));
  if (std::fseek(file.chunks.get(), at, SEEK_SET) == 0 &&
      std::fread(chunk.data(), 1, chunk.size(), file.chunks.get()) == chunk.size()) {
    return chunk;
  }
  return FileTrouble(Code::kInternal, "FILE_UNREADABLE", "A temporary file", "cannot be read");
}

// "scan.pdf: 40%", at most ten times.
class Progress {
 public:
  Progress(Context& context, std::string name, int64_t total)
      : context_(context), name_(std::move(name)), total_(total) {}
  void Reached(int64_t count) {
    const int64_t tenth = count * 10 / total_;
    if (tenth == shown_) return;
    shown_ = tenth;
    context_.Say(name_ + ": " + std::to_string(tenth * 10) + "%");
  }

 private:
  Context& context_;
  const std::string name_;
  const int64_t total_;
  int64_t shown_ = 0;
};

Result<void> UploadOne(Context& context, const std::string& referral_id, int32_t packet_version,
                       const SealedFile& file) {
  const int64_t chunks = seal::AttachmentChunks(file.entry.bytes);
  v1::StartAttachmentRequest start;
  start.set_request_id(context.NewId());
  start.set_referral_id(referral_id);
  start.set_attachment_id(file.entry.id);
  start.set_chunk_count(static_cast<int32_t>(chunks));
  start.set_packet_version(packet_version);
  FAIRLEAD_ASSIGN(const auto started,
                  context.client().Call<v1::StartAttachmentResponse>(kStartAttachment, start));
  Progress progress(context, file.entry.name, chunks);
  int64_t here = chunks - started.attachment().missing_chunks_size();
  for (const int32_t number : started.attachment().missing_chunks()) {
    v1::PutAttachmentChunkRequest put;
    put.set_referral_id(referral_id);
    put.set_attachment_id(file.entry.id);
    put.set_number(number);
    FAIRLEAD_ASSIGN(*put.mutable_chunk(), ChunkOf(file, number));
    FAIRLEAD_RETURN_IF_ERROR(
        context.client().Call<v1::PutAttachmentChunkResponse>(kPutAttachmentChunk, put));
    progress.Reached(++here);
  }
  if (started.attachment().missing_chunks_size() == 0) {
    context.Say(file.entry.name + ": is at the hub already.");
  }
  return {};
}

// A file without a name, which is gone with this program however it ends; -1 where the file system
// has none, or nothing to name it by later.
int OpenNameless(const fs::path& folder) {
#ifdef O_TMPFILE
  if (::access("/proc/self/fd", X_OK) == 0) {
    return ::open(folder.c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);
  }
#endif
  return -1;
}

// A file on its way: gone again unless it is given its name.
class PartialFile {
 public:
  PartialFile(const fs::path& folder, const std::string& name)
      : target_((folder / name).string()),
        path_((folder / ("." + HexEncode(SystemRandom().Bytes(8)) + ".part")).string()),
        fd_(OpenNameless(folder)) {
    nameless_ = fd_ >= 0;
    if (nameless_) return;
    fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  }
  ~PartialFile() {
    if (fd_ < 0) return;
    ::close(fd_);
    ::unlink(path_.c_str());
  }
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  const std::string& target() const { return target_; }
  Result<void> Write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t put = ::write(fd_, bytes.data(), bytes.size());
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) return Unwritable();
      bytes.remove_prefix(static_cast<size_t>(put));
    }
    return {};
  }
  // link() fails when the name is taken: what came there meanwhile stays.
  Result<void> Keep(bool replace) const {
    if (::fsync(fd_) != 0) return Unwritable();
    if (replace) {
      const bool kept = (!nameless_ || LinkTo(path_) == 0) &&
                        ::rename(path_.c_str(), target_.c_str()) == 0;
      if (kept) return {};
      return Unwritable();
    }
    if (LinkTo(target_) == 0) return {};
    if (errno != EEXIST) return Unwritable();
    return FileTrouble(Code::kAlreadyExists, "OUTPUT_EXISTS", target_, "exists already");
  }

 private:
  int LinkTo(const std::string& name) const {
    if (!nameless_) return ::link(path_.c_str(), name.c_str());
    const std::string self = "/proc/self/fd/" + std::to_string(fd_);
    return ::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW);
  }
  tl::unexpected<Error> Unwritable() const {
    return FileTrouble(Code::kInternal, "FILE_UNWRITABLE", target_, "cannot be written");
  }
  const std::string target_;
  const std::string path_;  // meanwhile; of a nameless one for no longer than it takes to replace
  int fd_;
  bool nameless_ = false;
};

Result<void> DownloadOne(Context& context, const std::string& referral_id,
                         const AttachmentEntry& entry, const std::string& folder, bool replace,
                         const std::string& packet_file) {
  const PartialFile file(folder, entry.name);
  std::error_code ignored;
  if (!packet_file.empty() && fs::equivalent(packet_file, file.target(), ignored)) {
    return FileTrouble(Code::kAlreadyExists, "ATTACHMENT_NAME_TAKEN", file.target(),
                       "is where the packet was written");
  }
  if (!replace && fs::exists(fs::symlink_status(file.target(), ignored))) {
    if (!context.terminal().in_is_terminal) {
      return FileTrouble(Code::kAlreadyExists, "OUTPUT_EXISTS", file.target(), "exists already");
    }
    FAIRLEAD_RETURN_IF_ERROR(Confirm(context, false, "Replace " + file.target() + "?"));
    replace = true;
  }
  seal::AttachmentOpener opener({referral_id, entry.id}, entry.key, entry.bytes, entry.sha256);
  Progress progress(context, entry.name, opener.chunks());
  for (int64_t number = 0; number < opener.chunks(); ++number) {
    v1::OpenAttachmentChunkRequest request;
    request.set_referral_id(referral_id);
    request.set_attachment_id(entry.id);
    request.set_number(static_cast<int32_t>(number));
    FAIRLEAD_ASSIGN(const auto response, context.client().Call<v1::OpenAttachmentChunkResponse>(
                                             kOpenAttachmentChunk, request));
    FAIRLEAD_ASSIGN(const std::string plain, opener.Next(response.chunk()));
    FAIRLEAD_RETURN_IF_ERROR(file.Write(plain));
    progress.Reached(number + 1);
  }
  FAIRLEAD_RETURN_IF_ERROR(opener.Finish());
  FAIRLEAD_RETURN_IF_ERROR(file.Keep(replace));
  context.Say("Written to " + file.target() + ".");
  return {};
}

}  // namespace

Result<SealedFile> SealFile(Context& context, const std::string& path,
                            const std::string& referral_id) {
  AttachmentEntry entry;
  entry.id = context.NewId();
  entry.name = fs::path(path).filename().string();
  entry.key = SystemRandom().Bytes(seal::kAttachmentKeyBytes);
  if (!IsSafeFileName(entry.name)) {
    return FileTrouble(Code::kInvalidArgument, "UNSAFE_FILE_NAME", path,
                       "has a name that no attachment may have");
  }
  return SealUnder(path, referral_id, std::move(entry));
}

Result<SealedFile> SealFileAgain(const std::string& path, const std::string& referral_id,
                                 const std::vector<AttachmentEntry>& entries) {
  FAIRLEAD_ASSIGN(const OpenFile file, OpenToAttach(path));
  seal::RunningHash hash;
  FAIRLEAD_RETURN_IF_ERROR(
      ForEachPiece(file.get(), path, [&](std::string_view piece, bool) -> Result<void> {
        hash.Add(piece);
        return {};
      }));
  const auto entry = std::ranges::find(entries, hash.Digest(), &AttachmentEntry::sha256);
  if (entry == entries.end()) {
    return FileTrouble(Code::kInvalidArgument, "ATTACHMENT_NOT_IN_PACKET", path,
                       "is none of the files that the packet speaks of: to add another one, amend "
                       "the packet");
  }
  FAIRLEAD_ASSIGN(SealedFile sealed, SealUnder(path, referral_id, *entry));
  // Changed between the two readings: other bytes under a key that is used must not go out.
  if (sealed.entry.sha256 == entry->sha256 && sealed.entry.bytes == entry->bytes) return sealed;
  return FileTrouble(Code::kAborted, "ATTACHMENT_FILE_CHANGED", path, "was changed meanwhile");
}

Result<void> Upload(Context& context, const std::string& referral_id, int32_t packet_version,
                    const std::vector<SealedFile>& files) {
  for (const SealedFile& file : files) {
    Result<void> sent = UploadOne(context, referral_id, packet_version, file);
    if (sent) continue;
    sent.error().message += " The packet is sent, and " + Printable(file.entry.name) +
                            " is not all there. To go on: " +
                            context.Command("referral attach " + referral_id + " FILE");
    return sent;
  }
  return {};
}

Result<void> Download(Context& context, const std::string& referral_id,
                      const std::vector<AttachmentEntry>& entries, const std::string& folder,
                      bool replace, const std::string& packet_file) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return FileTrouble(Code::kInternal, "FILE_UNWRITABLE", folder, "cannot be made");
  }
  Result<void> outcome;
  for (const AttachmentEntry& entry : entries) {
    Result<void> written = DownloadOne(context, referral_id, entry, folder, replace, packet_file);
    if (written) continue;
    context.Say(entry.name + ": " + written.error().message);
    if (written.error().reason == "OUTPUT_EXISTS") {
      written.error().metadata["add"] = "--replace-attachments";
    }
    if (outcome) outcome = std::move(written);
  }
  return outcome;
}

}  // namespace fairlead::cli
