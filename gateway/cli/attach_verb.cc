// referral attach: an upload that was interrupted goes on. What the packet says of its attachments,
// their keys included, is read from the packet itself: nothing of it is kept on this machine.
#include "gateway/cli/attachments.h"
#include "gateway/cli/unseal.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

struct AttachOptions {
  std::string referral;
  std::vector<std::string> files;
};

Result<void> Attach(Context& context, const AttachOptions& options) {
  FAIRLEAD_ASSIGN(const std::string id, context.Id("referral", options.referral));
  FAIRLEAD_ASSIGN(const OpenedPacket packet, FetchPacket(context, id));
  // Under the keys of a packet that somebody else has sealed, a file would be theirs to read.
  FAIRLEAD_ASSIGN(const std::string own_id, context.OwnAgencyId());
  if (packet.response.referral().sender_agency_id() != own_id) {
    return Fail(Code::kFailedPrecondition, "PACKET_OF_ANOTHER_AGENCY",
                "Your agency has not sealed this packet: nothing is attached to it.");
  }
  FAIRLEAD_ASSIGN(const std::vector<AttachmentEntry> entries,
                  ReadManifest(packet.opened.plaintext));
  std::vector<SealedFile> files;
  for (const std::string& path : options.files) {
    FAIRLEAD_ASSIGN(SealedFile file, SealFileAgain(path, id, entries));
    files.push_back(std::move(file));
  }
  FAIRLEAD_RETURN_IF_ERROR(Upload(context, id, packet.response.packet_version(), files));
  context.home().SetLast("referral", id);
  context.Next("referral watch " + id);
  return {};
}

}  // namespace

void AddAttachVerb(Args referral, Context& context) {
  auto options = std::make_shared<AttachOptions>();
  Args verb = referral.Verb("attach", "Go on with attachments whose upload was interrupted");
  verb.Positional("referral", &options->referral, "Its id, or @last");
  verb.Positional("files", &options->files, "The same files that were given to --attach");
  verb.Footer("The packet is opened for it, which is on record as your own rereading.");
  verb.Do([&context, options] { return Attach(context, *options); });
}

}  // namespace fairlead::cli
