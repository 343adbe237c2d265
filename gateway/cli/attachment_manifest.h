// What a packet says of its attachments: in its data category `documents`, and so sealed with it.
//
//   {"documents": {"attachments": [{"id", "name", "bytes", "sha256", "key"}, …]}, "needs": …}
//
// id: a UUID; bytes: the true size; sha256 and key: 32 bytes each, base64url.
#ifndef GATEWAY_CLI_ATTACHMENT_MANIFEST_H_
#define GATEWAY_CLI_ATTACHMENT_MANIFEST_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"

namespace fairlead::cli {

inline constexpr size_t kMostAttachmentsOfPacket = 10;

struct AttachmentEntry {
  std::string id;
  std::string name;  // of the file, without a folder
  int64_t bytes = 0;
  std::string sha256;  // 32 bytes
  std::string key;     // 32 bytes
};

// Whether a file may be made under it in a folder, and nowhere else: printable UTF-8 of at most 120
// bytes, no separator of folders, not hidden, no space at an end.
bool IsSafeFileName(std::string_view name);

// At most ten of different names, 25 MiB together. Errors: TOO_MANY_ATTACHMENTS,
// ATTACHMENTS_TOO_LARGE, ATTACHMENT_NAME_TAKEN, UNSAFE_FILE_NAME (each with metadata name).
Result<void> CheckEntries(const std::vector<AttachmentEntry>& entries);

// The packet file's bytes, which stay as they are, with `documents` before them. Error:
// INVALID_PACKET_FILE (documents_taken: the file has documents of its own).
Result<std::string> WithManifest(std::string packet, const std::vector<AttachmentEntry>& entries);

// A packet file that has a list of attachments, with their keys, was opened and written somewhere:
// sealed as it is, it would hand an old packet's keys to others. Error: INVALID_PACKET_FILE
// (attachments_of_another_packet).
Result<void> CheckWithoutManifest(std::string_view packet);

// None: the packet has no attachments. Errors: INVALID_MANIFEST with metadata detail, and those of
// CheckEntries.
Result<std::vector<AttachmentEntry>> ReadManifest(std::string_view packet);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_ATTACHMENT_MANIFEST_H_
