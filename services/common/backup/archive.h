// Several files as one sealed archive that can be trusted whole or not at all.
//
//   bytes  0..17   "fairlead-backup-1\n"
//          18..97  the archive's key, sealed to the keeper (libsodium's crypto_box_seal)
//          98..121 the header of crypto_secretstream_xchacha20poly1305
//          then    chunks of 65,536 bytes (the last one shorter), each 17 bytes longer sealed; the
//                  last one, and it alone, has the tag FINAL
//   inside: entries, each  name length (1 byte), name, size (8 bytes, big-endian), contents
//
// The stream's key is BLAKE2b(the archive's key, keyed with the key pair's origin), so that only
// who has half of the key pair can make an archive that opens. Cut off, put together anew or
// altered anywhere: it does not open. Sources: doc.libsodium.org, "Sealed boxes" and "Encrypted
// streams and file encryption".
#ifndef SERVICES_COMMON_BACKUP_ARCHIVE_H_
#define SERVICES_COMMON_BACKUP_ARCHIVE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/backup/keys.h"
#include "services/common/base/result.h"

namespace fairlead::backup {

inline constexpr size_t kMaxEntries = 64;

// Makes an archive under a name of its own beside `path`, and gives it its name in Finish; dropped
// before that it leaves nothing. Errors of all: FAILED_PRECONDITION FILE_EXISTS, UNAVAILABLE
// DISK_FAILED with metadata {"path"}.
class ArchiveWriter {
 public:
  static Result<std::unique_ptr<ArchiveWriter>> Create(const std::string& path, const HubKey& key);
  virtual ~ArchiveWriter() = default;
  // `name`: 1 to 255 of a-z 0-9 . - and no dot first.
  virtual Result<void> AddBytes(const std::string& name, std::string_view bytes) = 0;
  virtual Result<void> AddFile(const std::string& name, const std::string& source_path) = 0;
  // On the disk, name and all.
  virtual Result<void> Finish() = 0;
  virtual int64_t bytes_written() const = 0;
};

struct Entry {
  std::string name;
  int64_t size = 0;
  bool operator==(const Entry&) const = default;
};

// Writes every entry as a file of its name (mode 0600) into `folder`, which is there and empty, and
// succeeds only when the archive was read to its true end. After an error some may be there.
// Errors: NOT_FOUND FILE_NOT_FOUND; INVALID_ARGUMENT NOT_A_BACKUP (something else),
// BACKUP_KEY_WRONG (made for another key pair), BACKUP_DAMAGED; UNAVAILABLE DISK_FAILED.
Result<std::vector<Entry>> Extract(const std::string& archive_path, const KeeperKey& key,
                                   const std::string& folder);

}  // namespace fairlead::backup

#endif  // SERVICES_COMMON_BACKUP_ARCHIVE_H_
