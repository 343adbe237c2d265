#include "gateway/web/app_files.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fstream>
#include <utility>

#include "gateway/http/response.h"
#include "gateway/web/embedded.h"
#include "gateway/web/page_policy.h"
#include "services/common/base/encoding.h"
#include "services/common/base/strict_json.h"

namespace fairlead::gateway {
namespace {

namespace json = boost::json;

constexpr std::string_view kRoot = "/app";
constexpr std::string_view kList = "hashes.json";
constexpr size_t kMaxListBytes = 256 * 1024;
constexpr size_t kMaxAppFiles = 256;
constexpr size_t kMaxFileBytes = 4 * 1024 * 1024;

std::optional<std::string> ReadBounded(const std::string& path, size_t max_bytes) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return std::nullopt;
  const std::streamoff size = in.tellg();
  if (size < 0 || static_cast<size_t>(size) > max_bytes) return std::nullopt;
  std::string bytes(static_cast<size_t>(size), '\0');
  in.seekg(0);
  if (!in.read(bytes.data(), size)) return std::nullopt;
  return bytes;
}

// "assets/index-Bs1.js": nothing that could lead out of the folder, or look otherwise in a URL.
bool IsPlainPath(std::string_view path) {
  const bool has_plain_letters = std::all_of(path.begin(), path.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '_' || c == '.' || c == '/';
  });
  return has_plain_letters && !path.empty() && path.front() != '/' && path.front() != '.' &&
         path.find("..") == std::string_view::npos && path.find("/.") == std::string_view::npos;
}

std::string TextOf(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

// The file, if it is the one that the hash is of.
std::optional<std::string> ReadHashed(const std::string& path, std::string_view hash) {
  std::optional<std::string> bytes = ReadBounded(path, kMaxFileBytes);
  if (!bytes || Base64UrlEncode(Sha256(*bytes)) != hash) return std::nullopt;
  return bytes;
}

std::string_view TypeOf(std::string_view path) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kTypes = {{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".json", "application/json"},
      {".svg", "image/svg+xml"},
  }};
  for (const auto& [suffix, type] : kTypes) {
    if (path.ends_with(suffix)) return type;
  }
  return "application/octet-stream";
}

// Whether an Accept-Encoding (RFC 9110, section 12.5.3) names this coding and not with q=0.
bool Accepts(std::string_view header, std::string_view coding) {
  while (!header.empty()) {
    const size_t end = std::min(header.find(','), header.size());
    std::string_view item = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    while (item.starts_with(' ')) item.remove_prefix(1);
    const size_t name_end = std::min(item.find_first_of("; "), item.size());
    if (item.substr(0, name_end) != coding) continue;
    const size_t quality = item.find("q=");
    return quality == std::string_view::npos ||
           item.find_first_of("123456789", quality) != std::string_view::npos;
  }
  return false;
}

Response NotBuilt() {
  Response response;
  response.status = 503;
  response.Set("content-type", "text/html; charset=utf-8");
  response.Set("content-security-policy", kPagePolicy);
  response.body = std::string(EmbeddedFile("app_missing.html"));
  return response;
}

}  // namespace

AppFiles AppFiles::Load(const std::string& folder) {
  AppFiles app;
  const std::string list_path = folder + "/" + std::string(kList);
  std::optional<std::string> list = ReadBounded(list_path, kMaxListBytes);
  if (folder.empty() || !list) return {};
  const auto value = ParseStrictJson(*list, kMaxListBytes, 4);
  const json::value* files =
      value && value->is_object() ? value->as_object().if_contains("files") : nullptr;
  if (files == nullptr || !files->is_array() || files->as_array().size() > kMaxAppFiles) return {};
  for (const json::value& each : files->as_array()) {
    if (!each.is_object()) return {};
    const json::object& entry = each.as_object();
    const std::string path = TextOf(entry, "path");
    if (!IsPlainPath(path)) return {};
    const std::string on_disk = folder + "/" + path;
    auto bytes = ReadHashed(on_disk, TextOf(entry, "sha256"));
    auto brotli = ReadHashed(on_disk + ".br", TextOf(entry, "br"));
    auto gzip = ReadHashed(on_disk + ".gz", TextOf(entry, "gz"));
    if (!bytes || !brotli || !gzip) return {};
    app.files_[std::string(kRoot) + "/" + path] = {.bytes = std::move(*bytes),
                                                   .brotli = std::move(*brotli),
                                                   .gzip = std::move(*gzip),
                                                   .hash = TextOf(entry, "sha256")};
  }
  if (!app.files_.contains("/app/index.html")) return {};
  std::string hash = Base64UrlEncode(Sha256(*list));
  app.files_["/app/hashes.json"] = {
      .bytes = std::move(*list), .brotli = {}, .gzip = {}, .hash = std::move(hash)};
  return app;
}

bool AppFiles::IsAppPath(std::string_view path) {
  return path == kRoot || (path.starts_with(kRoot) && path[kRoot.size()] == '/');
}

Response AppFiles::Serve(const Request& request) const {
  if (!is_built()) return NotBuilt();
  const bool is_page = request.path == kRoot || request.path == "/app/";
  const auto found = files_.find(is_page ? "/app/index.html" : std::string_view(request.path));
  if (found == files_.end()) return NotFound();
  const auto& [path, file] = *found;
  const std::string_view accepted = request.Header("accept-encoding");
  const std::string* body = &file.bytes;
  std::string_view coding;
  if (!file.brotli.empty() && Accepts(accepted, "br")) {
    body = &file.brotli;
    coding = "br";
  } else if (!file.gzip.empty() && Accepts(accepted, "gzip")) {
    body = &file.gzip;
    coding = "gzip";
  }
  std::string tag = "\"" + file.hash.substr(0, 22);
  tag += coding;
  tag += "\"";
  Response response;
  response.Set("etag", tag);
  response.Set("vary", "accept-encoding");
  response.Set("content-security-policy", kPagePolicy);
  const bool is_named_by_hash = path.starts_with("/app/assets/");
  response.Set("cache-control", is_named_by_hash ? "public, max-age=31536000, immutable"
                                                 : "no-cache");
  if (request.Header("if-none-match") == tag) {
    response.status = 304;
    return response;
  }
  response.Set("content-type", TypeOf(path));
  if (!coding.empty()) response.Set("content-encoding", coding);
  response.body = *body;
  return response;
}

}  // namespace fairlead::gateway
