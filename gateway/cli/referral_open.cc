// referral open: fetch, check the sender's key against the pin, unseal, write the exact bytes.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "fairlead/referral/v1/referral.pb.h"
#include "gateway/cli/attachments.h"
#include "gateway/cli/packet_text.h"
#include "gateway/cli/referral_next.h"
#include "gateway/cli/unseal.h"
#include "gateway/cli/verbs.h"
#include "services/common/base/encoding.h"
#include "services/common/base/strict_json.h"

namespace fairlead::cli {
namespace {

namespace v1 = referral::v1;
namespace json = boost::json;

struct OpenOptions {
  std::string referral;
  std::string out;
  std::string attachments;  // the folder
  bool force = false;
  bool replace_attachments = false;
};

// Of a packet that was amended, or is being amended: which version this is, by the hub's word.
std::string VersionText(const v1::OpenPacketResponse& response) {
  const int32_t version = response.packet_version();
  const int32_t newest = response.referral().packet_version();
  if (version < newest) {
    return " Version " + std::to_string(version) + ": version " + std::to_string(newest) +
           " came meanwhile, open it again.";
  }
  return version > 1 ? " Version " + std::to_string(version) + "." : "";
}

void EmitJson(Context& context, const v1::OpenPacketResponse& response, const Openable& openable,
              const seal::Opened& opened, const std::string& out, const Result<void>& attached) {
  json::object document{{"referralId", opened.header.referral_id},
                        {"senderAgencyId", response.referral().sender_agency_id()},
                        {"senderName", openable.sender_name},
                        {"senderNameConfirmed", openable.name_confirmed},
                        {"senderKid", opened.header.sender_kid},
                        {"purpose", opened.header.purpose},
                        {"contentType", opened.content_type},
                        {"packetVersion", response.packet_version()},
                        {"byBreakGlass", response.by_break_glass()},
                        {"redisclosureStatement", response.redisclosure_statement()}};
  json::array categories;
  for (const std::string& category : opened.header.categories) categories.emplace_back(category);
  document["categories"] = std::move(categories);
  if (!out.empty()) {
    document["file"] = out;
  } else {
    // Other senders may seal what is not JSON: bytes are then given in base64.
    auto value = ParseStrictJson(opened.plaintext, seal::kMaxPlaintextBytes, 32);
    if (value) {
      document["packet"] = std::move(*value);
    } else {
      document["packetBase64"] = Base64Encode(opened.plaintext);
    }
  }
  if (!attached) {
    document["attachmentsError"] =
        json::object{{"reason", attached.error().reason}, {"message", attached.error().message}};
  }
  context.out() << json::serialize(document) << '\n';
}

// What is attached, into the folder; without one, how to have it.
Result<void> FetchAttached(Context& context, const std::string& id, const OpenedPacket& packet,
                           const OpenOptions& options) {
  const auto entries = ReadManifest(packet.opened.plaintext);
  if (packet.response.by_break_glass()) {
    if (entries && !entries->empty()) {
      context.Say(std::to_string(entries->size()) +
                  " attached, which stay closed: a break-glass opens the packet alone.");
    }
    return {};
  }
  if (!options.attachments.empty()) {
    if (!entries) return Fail(entries.error());
    if (entries->empty()) return {};
    return Download(context, id, *entries, options.attachments, options.replace_attachments,
                    options.out);
  }
  // A list that cannot be read is no fault of a packet that can.
  if (!entries || entries->empty()) return {};
  context.Say(std::to_string(entries->size()) + " attached. To have them: " +
              context.Command("referral open " + id + " --attachments FOLDER"));
  return {};
}

// The referral that the hub has shown with the packet, which is read by now.
v1::Referral AsRead(Context& context, const v1::OpenPacketResponse& response) {
  v1::Referral referral = response.referral();
  for (v1::Offer& offer : *referral.mutable_offers()) {
    if (offer.recipient_agency_id() != context.session().agency_id) continue;
    offer.set_opened_version(std::max(1, response.packet_version()));
  }
  return referral;
}

Result<void> Open(Context& context, const OpenOptions& options) {
  FAIRLEAD_ASSIGN(const std::string id, context.Id("referral", options.referral));
  std::error_code ignored;
  if (!options.out.empty() && !options.force && std::filesystem::exists(options.out, ignored)) {
    return Fail(Code::kAlreadyExists, "OUTPUT_EXISTS", options.out + " exists already.",
                {{"file", options.out}});  // before the opening is on record
  }
  FAIRLEAD_ASSIGN(const OpenedPacket packet, FetchPacket(context, id));
  const auto& [response, openable, opened] = packet;
  context.home().SetLast("referral", id);
  context.Say("From " + openable.sender_name +
              (openable.name_confirmed
                   ? ""
                   : ", as the hub names it (" + response.referral().sender_agency_id() + ")") +
              ", signature verified. Data: " + Listed(opened.header.categories) + "." +
              VersionText(response));
  if (!response.redisclosure_statement().empty()) {
    context.Say("\n  " + Printable(response.redisclosure_statement(), true) + "\n");
  }
  // The opening is on record: the packet is given whatever becomes of its attachments, and first.
  if (!options.out.empty()) {
    FAIRLEAD_RETURN_IF_ERROR(WriteNewFile(options.out, opened.plaintext, options.force));
  }
  if (context.json()) {
    const Result<void> attached = FetchAttached(context, id, packet, options);
    EmitJson(context, response, openable, opened, options.out, attached);
    return attached;
  }
  if (!options.out.empty()) {
    context.Say("Written to " + options.out + ".");
  } else if (context.terminal().out_is_terminal) {
    context.out() << PacketText(opened.plaintext);
  } else {
    context.out() << opened.plaintext;
  }
  context.out().flush();
  FAIRLEAD_RETURN_IF_ERROR(FetchAttached(context, id, packet, options));
  if (!response.by_break_glass()) SayNext(context, AsRead(context, response));
  return {};
}

}  // namespace

void AddOpenVerb(Args referral, Context& context) {
  auto options = std::make_shared<OpenOptions>();
  Args verb = referral.Verb("open", "Open its packet; the release is asked for again");
  verb.Positional("referral", &options->referral, "Its id, or @last");
  verb.Option("--out", &options->out, "Write the packet to a file that only you may read");
  verb.Option("--attachments", &options->attachments,
              "Write what is attached into this folder, for you alone to read");
  verb.Flag("--force", &options->force, "Replace the file of --out");
  verb.Flag("--replace-attachments", &options->replace_attachments,
            "Replace files in that folder; the sender has chosen their names");
  verb.Footer(
      "Every opening is on record. On a terminal the packet is shown in lines; into a file or\n"
      "another program it goes byte for byte.");
  verb.Do([&context, options] { return Open(context, *options); });
}

}  // namespace fairlead::cli
