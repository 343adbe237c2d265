// Files on their way into and out of a packet's attachments, a chunk at a time.
#ifndef GATEWAY_CLI_ATTACHMENTS_H_
#define GATEWAY_CLI_ATTACHMENTS_H_

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "gateway/cli/attachment_manifest.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// Sealed once, into a nameless temporary file, and sent from there: whatever becomes of the file
// itself meanwhile, no other bytes are sealed under its key.
struct SealedFile {
  AttachmentEntry entry;
  std::unique_ptr<std::FILE, FileCloser> chunks;
};
// Under a new id and key. Errors: FILE_NOT_FOUND, FILE_UNREADABLE, UNSAFE_FILE_NAME,
// ATTACHMENT_TOO_LARGE (more than 25 MiB), each with metadata file.
Result<SealedFile> SealFile(Context& context, const std::string& path,
                            const std::string& referral_id);
// Under the id and key of the entry whose file it is, by its contents: for an upload that was
// interrupted. Errors: as above; ATTACHMENT_NOT_IN_PACKET, ATTACHMENT_FILE_CHANGED.
Result<SealedFile> SealFileAgain(const std::string& path, const std::string& referral_id,
                                 const std::vector<AttachmentEntry>& entries);

// Sends what the hub does not have yet, and says how far it is. An error names the command that
// goes on from there.
Result<void> Upload(Context& context, const std::string& referral_id, int32_t packet_version,
                    const std::vector<SealedFile>& files);

// Writes each into the folder, under its name, mode 0600, once it is whole and what the packet
// says. What is there already is replaced with `replace`, or when a person at the terminal says so:
// the sender has chosen the names. `packet_file`, when not empty, is never replaced. Errors:
// OUTPUT_EXISTS, ATTACHMENT_NAME_TAKEN (that file's name), FILE_UNWRITABLE, those of the hub and of
// seal::AttachmentOpener.
// What cannot be had does not keep the others from coming; the first error is returned.
Result<void> Download(Context& context, const std::string& referral_id,
                      const std::vector<AttachmentEntry>& entries, const std::string& folder,
                      bool replace, const std::string& packet_file);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_ATTACHMENTS_H_
