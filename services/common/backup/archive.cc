#include "services/common/backup/archive.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "services/common/base/check.h"
#include "services/common/base/random.h"

namespace fairlead::backup {
namespace {

constexpr std::string_view kMagic = "fairlead-backup-1\n";
constexpr size_t kChunkBytes = 65'536;
constexpr size_t kSealedChunkBytes = kChunkBytes + crypto_secretstream_xchacha20poly1305_ABYTES;
constexpr size_t kStreamKeyBytes = crypto_secretstream_xchacha20poly1305_KEYBYTES;
constexpr size_t kSealedKeyBytes = kStreamKeyBytes + crypto_box_SEALBYTES;
constexpr size_t kHeaderBytes = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr size_t kSizeBytes = 8;
constexpr size_t kMaxNameBytes = 255;
constexpr std::string_view kUnfinished = ".unfinished";

using StreamState = crypto_secretstream_xchacha20poly1305_state;

const unsigned char* In(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* Out(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

tl::unexpected<Error> DiskFailed(const std::string& path) {
  return Fail(Code::kUnavailable, "DISK_FAILED", "Reading or writing " + path + " failed.",
              {{"path", path}});
}

tl::unexpected<Error> Damaged() {
  return Fail(Code::kInvalidArgument, "BACKUP_DAMAGED",
              "This backup is cut off or was altered. Nothing of it is used.");
}

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
         });
}

std::string StreamKey(std::string_view archive_key, std::string_view origin) {
  std::string key(kStreamKeyBytes, '\0');
  crypto_generichash(Out(key), key.size(), In(archive_key), archive_key.size(), In(origin),
                     origin.size());
  return key;
}

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }

  bool Write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t put = ::write(fd_, bytes.data(), bytes.size());
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(put));
    }
    return true;
  }
  // As much as there is, up to the size of `bytes`, which becomes that of what was read.
  bool Read(std::string& bytes) const {
    size_t have = 0;
    while (have < bytes.size()) {
      const ssize_t got = ::read(fd_, bytes.data() + have, bytes.size() - have);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return false;
      if (got == 0) break;
      have += static_cast<size_t>(got);
    }
    bytes.resize(have);
    return true;
  }
  bool Sync() const { return ::fsync(fd_) == 0; }

 private:
  const int fd_;
};

std::string BigEndian(uint64_t size) {
  std::string bytes(kSizeBytes, '\0');
  for (size_t i = 0; i < kSizeBytes; ++i) {
    bytes[i] = static_cast<char>((size >> (8 * (kSizeBytes - 1 - i))) & 0xFFU);
  }
  return bytes;
}

class Writer final : public ArchiveWriter {
 public:
  explicit Writer(std::string path)
      : path_(std::move(path)),
        draft_(path_ + std::string(kUnfinished)),
        file_(::open(draft_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)) {
  }
  ~Writer() override {
    if (!finished_) ::unlink(draft_.c_str());
    sodium_memzero(&state_, sizeof state_);
  }

  Result<void> Begin(const HubKey& key) {
    if (::access(path_.c_str(), F_OK) == 0) {
      return Fail(Code::kFailedPrecondition, "FILE_EXISTS", "There is already a " + path_ + ".");
    }
    if (!file_.is_open()) return DiskFailed(path_);
    const std::string archive_key = SystemRandom().Bytes(kStreamKeyBytes);
    std::string sealed(kSealedKeyBytes, '\0');
    if (crypto_box_seal(Out(sealed), In(archive_key), archive_key.size(), In(key.public_key)) !=
        0) {
      return Fail(Code::kInvalidArgument, "INVALID_BACKUP_KEY",
                  "This file does not hold that half of a backup key.");
    }
    std::string header(kHeaderBytes, '\0');
    crypto_secretstream_xchacha20poly1305_init_push(&state_, Out(header),
                                                    In(StreamKey(archive_key, key.origin)));
    return Put(std::string(kMagic) + sealed + header);
  }

  Result<void> AddBytes(const std::string& name, std::string_view bytes) override {
    FAIRLEAD_RETURN_IF_ERROR(BeginEntry(name, bytes.size()));
    return Append(bytes);
  }

  Result<void> AddFile(const std::string& name, const std::string& source_path) override {
    const File source(::open(source_path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat about = {};
    if (!source.is_open() || ::fstat(source.fd(), &about) != 0) return DiskFailed(source_path);
    auto left = static_cast<uint64_t>(about.st_size);
    FAIRLEAD_RETURN_IF_ERROR(BeginEntry(name, left));
    while (left > 0) {
      std::string piece(static_cast<size_t>(std::min<uint64_t>(left, kChunkBytes)), '\0');
      const size_t wanted = piece.size();
      if (!source.Read(piece) || piece.size() != wanted) return DiskFailed(source_path);
      FAIRLEAD_RETURN_IF_ERROR(Append(piece));
      left -= piece.size();
    }
    return {};
  }

  Result<void> Finish() override {
    FAIRLEAD_RETURN_IF_ERROR(PutChunk(crypto_secretstream_xchacha20poly1305_TAG_FINAL));
    if (!file_.Sync() || ::rename(draft_.c_str(), path_.c_str()) != 0) return DiskFailed(path_);
    finished_ = true;
    const std::string folder = std::filesystem::absolute(path_).parent_path().string();
    const File directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.is_open() || !directory.Sync()) return DiskFailed(path_);
    return {};
  }

  int64_t bytes_written() const override { return bytes_written_; }

 private:
  Result<void> BeginEntry(const std::string& name, uint64_t size) {
    if (!IsName(name) || ++entries_ > kMaxEntries) {
      return Fail(Code::kInternal, "BACKUP_ENTRY_REFUSED", "An entry has no good name.");
    }
    return Append(std::string(1, static_cast<char>(name.size())) + name + BigEndian(size));
  }

  Result<void> Append(std::string_view bytes) {
    while (!bytes.empty()) {
      const size_t take = std::min(bytes.size(), kChunkBytes - chunk_.size());
      chunk_.append(bytes.substr(0, take));
      bytes.remove_prefix(take);
      // Kept until more comes: the last chunk has a tag of its own.
      if (chunk_.size() == kChunkBytes && !bytes.empty()) FAIRLEAD_RETURN_IF_ERROR(PutChunk(0));
    }
    return {};
  }

  Result<void> PutChunk(unsigned char tag) {
    std::string sealed(chunk_.size() + crypto_secretstream_xchacha20poly1305_ABYTES, '\0');
    crypto_secretstream_xchacha20poly1305_push(&state_, Out(sealed), nullptr, In(chunk_),
                                               chunk_.size(), nullptr, 0, tag);
    chunk_.clear();
    return Put(sealed);
  }

  Result<void> Put(std::string_view bytes) {
    if (!file_.Write(bytes)) return DiskFailed(path_);
    bytes_written_ += static_cast<int64_t>(bytes.size());
    return {};
  }

  const std::string path_;
  const std::string draft_;
  const File file_;
  StreamState state_ = {};
  std::string chunk_;
  size_t entries_ = 0;
  int64_t bytes_written_ = 0;
  bool finished_ = false;
};

// The inside of an archive, piece by piece.
class Reader {
 public:
  explicit Reader(const std::string& path)
      : path_(path), file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Reader() { sodium_memzero(&state_, sizeof state_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Result<void> Begin(const KeeperKey& key) {
    if (!file_.is_open()) {
      return Fail(Code::kNotFound, "FILE_NOT_FOUND", "Cannot open " + path_ + ".",
                  {{"file", path_}});
    }
    std::string head(kMagic.size() + kSealedKeyBytes + kHeaderBytes, '\0');
    const size_t wanted = head.size();
    if (!file_.Read(head)) return DiskFailed(path_);
    if (!head.starts_with(kMagic)) {
      return Fail(Code::kInvalidArgument, "NOT_A_BACKUP", "This is no backup of a Fairlead hub.");
    }
    if (head.size() != wanted) return Damaged();
    const std::string_view rest = std::string_view(head).substr(kMagic.size());
    std::string archive_key(kStreamKeyBytes, '\0');
    const bool ours =
        crypto_box_seal_open(Out(archive_key), In(rest), kSealedKeyBytes, In(key.hub.public_key),
                             In(key.secret_key)) == 0;
    if (!ours) {
      return Fail(Code::kInvalidArgument, "BACKUP_KEY_WRONG",
                  "This backup was made for another key.");
    }
    const std::string stream_key = StreamKey(archive_key, key.hub.origin);
    if (crypto_secretstream_xchacha20poly1305_init_pull(&state_, In(rest.substr(kSealedKeyBytes)),
                                                        In(stream_key)) != 0) {
      return Damaged();
    }
    return {};
  }

  // True: nothing is left, and the end is the true one.
  Result<bool> AtEnd() {
    FAIRLEAD_RETURN_IF_ERROR(Fill());
    return chunk_.empty();
  }

  // Up to `most` bytes, at least one; BACKUP_DAMAGED at the end.
  Result<std::string> Some(size_t most) {
    FAIRLEAD_RETURN_IF_ERROR(Fill());
    if (chunk_.empty()) return Damaged();
    std::string piece = chunk_.substr(0, most);
    chunk_.erase(0, piece.size());
    return piece;
  }

  Result<std::string> Exactly(size_t size) {
    std::string all;
    while (all.size() < size) {
      FAIRLEAD_ASSIGN(const std::string piece, Some(size - all.size()));
      all += piece;
    }
    return all;
  }

 private:
  Result<void> Fill() {
    while (chunk_.empty() && !final_) {
      std::string sealed(kSealedChunkBytes, '\0');
      if (!file_.Read(sealed)) return DiskFailed(path_);
      if (sealed.size() < crypto_secretstream_xchacha20poly1305_ABYTES) return Damaged();
      std::string plain(sealed.size() - crypto_secretstream_xchacha20poly1305_ABYTES, '\0');
      unsigned char tag = 0;
      if (crypto_secretstream_xchacha20poly1305_pull(&state_, Out(plain), nullptr, &tag, In(sealed),
                                                     sealed.size(), nullptr, 0) != 0) {
        return Damaged();
      }
      final_ = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
      chunk_ = std::move(plain);
      if (!final_) continue;
      std::string more(1, '\0');
      if (!file_.Read(more)) return DiskFailed(path_);
      if (!more.empty()) return Damaged();
    }
    return {};
  }

  const std::string path_;
  const File file_;
  StreamState state_ = {};
  std::string chunk_;
  bool final_ = false;
};

Result<Entry> ExtractOne(Reader& reader, const std::string& folder) {
  FAIRLEAD_ASSIGN(const std::string length, reader.Exactly(1));
  Entry entry;
  FAIRLEAD_ASSIGN(entry.name, reader.Exactly(static_cast<unsigned char>(length[0])));
  FAIRLEAD_ASSIGN(const std::string size, reader.Exactly(kSizeBytes));
  uint64_t left = 0;
  for (const char c : size) left = (left << 8U) | static_cast<unsigned char>(c);
  // Only who has the key can have written this; a name still never leaves the folder.
  if (!IsName(entry.name) || left > INT64_MAX) return Damaged();
  entry.size = static_cast<int64_t>(left);
  const std::string path = folder + "/" + entry.name;
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.is_open()) return DiskFailed(path);
  while (left > 0) {
    FAIRLEAD_ASSIGN(const std::string piece,
                    reader.Some(static_cast<size_t>(std::min<uint64_t>(left, kChunkBytes))));
    if (!file.Write(piece)) return DiskFailed(path);
    left -= piece.size();
  }
  if (!file.Sync()) return DiskFailed(path);
  return entry;
}

}  // namespace

Result<std::unique_ptr<ArchiveWriter>> ArchiveWriter::Create(const std::string& path,
                                                             const HubKey& key) {
  FAIRLEAD_CHECK(sodium_init() >= 0);
  auto writer = std::make_unique<Writer>(path);
  FAIRLEAD_RETURN_IF_ERROR(writer->Begin(key));
  return writer;
}

Result<std::vector<Entry>> Extract(const std::string& archive_path, const KeeperKey& key,
                                   const std::string& folder) {
  FAIRLEAD_CHECK(sodium_init() >= 0);
  Reader reader(archive_path);
  FAIRLEAD_RETURN_IF_ERROR(reader.Begin(key));
  std::vector<Entry> entries;
  while (true) {
    FAIRLEAD_ASSIGN(const bool at_end, reader.AtEnd());
    if (at_end) return entries;
    if (entries.size() == kMaxEntries) return Damaged();
    FAIRLEAD_ASSIGN(Entry entry, ExtractOne(reader, folder));
    entries.push_back(std::move(entry));
  }
}

}  // namespace fairlead::backup
