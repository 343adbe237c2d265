#include "gateway/cli/attachment_manifest.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <set>

#include "gateway/cli/output.h"
#include "gateway/cli/packet.h"
#include "services/common/base/encoding.h"
#include "services/common/base/ids.h"
#include "services/common/base/strict_json.h"
#include "services/common/seal/attachment.h"

namespace fairlead::cli {
namespace {

namespace json = boost::json;

constexpr size_t kManifestDepth = 32;
constexpr std::string_view kMembers[] = {"id", "name", "bytes", "sha256", "key"};

tl::unexpected<Error> InvalidManifest(const char* detail) {
  return Fail(Code::kInvalidArgument, "INVALID_MANIFEST",
              "What the packet says of its attachments cannot be read.", {{"detail", detail}});
}

Result<std::string> TextMember(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return InvalidManifest("member");
  return std::string(value->as_string());
}

Result<std::string> BytesMember(const json::object& object, std::string_view name) {
  FAIRLEAD_ASSIGN(const std::string text, TextMember(object, name));
  const std::string bytes = Base64UrlDecode(text).value_or("");
  if (bytes.size() != seal::kAttachmentKeyBytes) return InvalidManifest("length");
  return bytes;
}

Result<AttachmentEntry> ToEntry(const json::value& value) {
  if (!value.is_object() || value.as_object().size() != std::size(kMembers)) {
    return InvalidManifest("entry");
  }
  const json::object& object = value.as_object();
  AttachmentEntry entry;
  FAIRLEAD_ASSIGN(entry.id, TextMember(object, "id"));
  FAIRLEAD_ASSIGN(entry.name, TextMember(object, "name"));
  FAIRLEAD_ASSIGN(entry.sha256, BytesMember(object, "sha256"));
  FAIRLEAD_ASSIGN(entry.key, BytesMember(object, "key"));
  const json::value* bytes = object.if_contains("bytes");
  if (bytes == nullptr || !bytes->is_int64()) return InvalidManifest("bytes");
  entry.bytes = bytes->as_int64();
  if (entry.bytes < 0 || entry.bytes > seal::kMaxAttachmentBytes) return InvalidManifest("bytes");
  if (!IsUuid(entry.id)) return InvalidManifest("id");
  return entry;
}

tl::unexpected<Error> BadEntry(const char* reason, std::string message, const std::string& name) {
  return Fail(Code::kInvalidArgument, reason, std::move(message), {{"name", Printable(name)}});
}

}  // namespace

bool IsSafeFileName(std::string_view name) {
  constexpr size_t kMostBytes = 120;
  if (name.empty() || name.size() > kMostBytes || !IsUtf8(name)) return false;
  if (name.front() == '.' || name.front() == ' ' || name.back() == ' ') return false;
  // Nothing that steers a terminal or poses as other text is in it.
  return name.find_first_of("/\\") == std::string_view::npos && Printable(name) == name;
}

Result<void> CheckEntries(const std::vector<AttachmentEntry>& entries) {
  if (entries.size() > kMostAttachmentsOfPacket) {
    return Fail(Code::kInvalidArgument, "TOO_MANY_ATTACHMENTS",
                "A packet has at most " + std::to_string(kMostAttachmentsOfPacket) +
                    " attachments.");
  }
  std::set<std::string> names;
  std::set<std::string> ids;
  int64_t chunks = 0;
  for (const AttachmentEntry& entry : entries) {
    if (!IsSafeFileName(entry.name)) {
      return BadEntry("UNSAFE_FILE_NAME", "No attachment is written under such a name.",
                      entry.name);
    }
    if (!names.insert(entry.name).second || !ids.insert(entry.id).second) {
      return BadEntry("ATTACHMENT_NAME_TAKEN", "Two attachments have one name.", entry.name);
    }
    chunks += seal::AttachmentChunks(entry.bytes);
  }
  if (chunks <= seal::kMaxAttachmentChunks) return {};
  return Fail(Code::kInvalidArgument, "ATTACHMENTS_TOO_LARGE",
              "All attachments of a packet together have at most 25 MiB, in steps of 64 KiB.");
}

Result<std::string> WithManifest(std::string packet, const std::vector<AttachmentEntry>& entries) {
  FAIRLEAD_RETURN_IF_ERROR(CheckEntries(entries));
  FAIRLEAD_ASSIGN(const Packet parsed, ParsePacket(packet));
  for (const std::string& category : parsed.categories) {
    if (category != "documents") continue;
    return Fail(Code::kInvalidArgument, "INVALID_PACKET_FILE",
                "The packet file has 'documents' of its own. With attachments they are what is "
                "attached: say what else there is to say in another category.",
                {{"detail", "documents_taken"}});
  }
  json::array list;
  for (const AttachmentEntry& entry : entries) {
    list.push_back(json::object{{"id", entry.id},
                                {"name", entry.name},
                                {"bytes", entry.bytes},
                                {"sha256", Base64UrlEncode(entry.sha256)},
                                {"key", Base64UrlEncode(entry.key)}});
  }
  // Put in as text: read and written again, a large number would not be what it was. An object that
  // is not empty, so a comma follows.
  packet.insert(packet.find('{') + 1,
                "\"documents\":" + json::serialize(json::object{{"attachments", list}}) + ",");
  return packet;
}

Result<void> CheckWithoutManifest(std::string_view packet) {
  const auto entries = ReadManifest(packet);
  if (entries && entries->empty()) return {};
  return Fail(Code::kInvalidArgument, "INVALID_PACKET_FILE",
              "The packet file has the attachments, and so the keys, of a packet that was opened. "
              "Take 'attachments' out of its 'documents', and give the files with --attach.",
              {{"detail", "attachments_of_another_packet"}});
}

Result<std::vector<AttachmentEntry>> ReadManifest(std::string_view packet) {
  std::vector<AttachmentEntry> entries;
  const auto value = ParseStrictJson(packet, seal::kMaxPlaintextBytes, kManifestDepth);
  if (!value || !value->is_object()) return entries;  // other senders may seal what is not JSON
  const json::value* documents = value->as_object().if_contains("documents");
  if (documents == nullptr || !documents->is_object()) return entries;
  const json::value* list = documents->as_object().if_contains("attachments");
  if (list == nullptr) return entries;
  if (!list->is_array()) return InvalidManifest("attachments");
  for (const json::value& each : list->as_array()) {
    FAIRLEAD_ASSIGN(AttachmentEntry entry, ToEntry(each));
    entries.push_back(std::move(entry));
  }
  FAIRLEAD_RETURN_IF_ERROR(CheckEntries(entries));
  return entries;
}

}  // namespace fairlead::cli
