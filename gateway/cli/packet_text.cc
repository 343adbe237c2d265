#include "gateway/cli/packet_text.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "gateway/cli/attachment_manifest.h"
#include "gateway/cli/output.h"
#include "services/common/base/strict_json.h"
#include "services/common/seal/seal.h"

namespace fairlead::cli {
namespace {

namespace json = boost::json;

constexpr size_t kDeepest = 32;

// "917 bytes", "12 KB", "3 MB": rounded up.
std::string SizeText(int64_t bytes) {
  constexpr int64_t kKilo = 1'024;
  constexpr int64_t kMega = kKilo * kKilo;
  if (bytes < kKilo) return std::to_string(bytes) + " bytes";
  if (bytes < kMega) return std::to_string((bytes + kKilo - 1) / kKilo) + " KB";
  return std::to_string((bytes + kMega - 1) / kMega) + " MB";
}

// A value that stands on its line; its own lines go on below, so that they pass for no others.
std::string Scalar(const json::value& value, const std::string& indent) {
  if (value.is_bool()) return value.as_bool() ? "yes" : "no";
  if (value.is_null()) return "none";
  if (!value.is_string()) return json::serialize(value);
  std::string text;
  for (const char c : value.as_string()) {
    text += c;
    if (c == '\n') text += indent + "  ";
  }
  return text;
}

bool HasParts(const json::value& value) {
  return (value.is_object() && !value.as_object().empty()) ||
         (value.is_array() && !value.as_array().empty());
}

bool IsEmptyGroup(const json::value& value) {
  return (value.is_object() || value.is_array()) && !HasParts(value);
}

// Recursive as the packet is nested: at most kDeepest, or it was not parsed.
void AddLines(const json::value& value, const std::string& indent, std::string* text) {
  const auto add = [&](const std::string& name, const json::value& part) {
    *text += indent + name;
    if (HasParts(part)) {
      *text += "\n";
      AddLines(part, indent + "  ", text);
    } else {
      *text += " " + (IsEmptyGroup(part) ? "none" : Scalar(part, indent)) + "\n";
    }
  };
  if (value.is_array()) {
    for (const json::value& part : value.as_array()) add("-", part);
    return;
  }
  for (const auto& [name, part] : value.as_object()) {
    add(Printable(std::string_view(name.data(), name.size())) + ":", part);
  }
}

}  // namespace

std::string PacketText(std::string_view packet) {
  auto value = ParseStrictJson(packet, seal::kMaxPlaintextBytes, kDeepest);
  if (!value || !value->is_object()) return Printable(packet, true) + "\n";
  json::object& categories = value->as_object();
  json::value* documents = categories.if_contains("documents");
  std::string attached;
  if (documents != nullptr && documents->is_object() &&
      documents->as_object().contains("attachments")) {
    // A list that cannot be read has its keys all the same: it is not shown either.
    documents->as_object().erase("attachments");
    const auto entries = ReadManifest(packet);
    if (!entries) attached = "  attachments: their list cannot be read\n";
    if (entries && !entries->empty()) attached = "  attachments:\n";
    for (const AttachmentEntry& entry : entries.value_or(std::vector<AttachmentEntry>())) {
      attached += "    - " + entry.name + ", " + SizeText(entry.bytes) + "\n";
    }
  }
  std::string text;
  for (const auto& [name, content] : categories) {
    const bool is_documents = name == "documents" && !attached.empty();
    json::object one;
    one[name] = content;
    if (is_documents && !HasParts(content)) {
      text += "documents:\n";
    } else {
      AddLines(one, "", &text);
    }
    if (is_documents) text += attached;
  }
  return Printable(text, true);
}

}  // namespace fairlead::cli
