#include "gateway/web/static_files.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "gateway/web/embedded.h"
#include "gateway/web/page_policy.h"
#include "services/common/base/encoding.h"

namespace fairlead::gateway {
namespace {

struct Page {
  std::string_view path;
  std::string_view file;
  std::string_view type;
};

constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kScript = "text/javascript; charset=utf-8";

constexpr std::array<Page, 11> kPages = {{
    {"/", "index.html", kHtml},
    {"/es", "es.html", kHtml},
    {"/join", "join.html", kHtml},
    {"/es/join", "join_es.html", kHtml},
    {"/sign-in", "sign_in.html", kHtml},
    {"/es/sign-in", "sign_in_es.html", kHtml},
    {"/passkey.js", "passkey.js", kScript},
    {"/join.js", "join.js", kScript},
    {"/sign_in.js", "sign_in.js", kScript},
    {"/style.css", "style.css", "text/css; charset=utf-8"},
    {"/icon.svg", "icon.svg", "image/svg+xml"},
}};

}  // namespace

bool IsStaticPath(std::string_view path) {
  return std::any_of(kPages.begin(), kPages.end(),
                     [path](const Page& page) { return page.path == path; });
}

std::optional<Response> StaticFile(const Request& request) {
  for (const Page& page : kPages) {
    if (page.path != request.path) continue;
    const std::string_view bytes = EmbeddedFile(page.file);
    Response response;
    const std::string tag = "\"" + Base64UrlEncode(Sha256(bytes)).substr(0, 22) + "\"";
    response.Set("etag", tag);
    response.Set("cache-control", "no-cache");  // kept, but asked about each time
    response.Set("content-security-policy", kPagePolicy);
    if (request.Header("if-none-match") == tag) {
      response.status = 304;
      return response;
    }
    response.Set("content-type", page.type);
    response.body = std::string(bytes);
    return response;
  }
  return std::nullopt;
}

Response NotFoundPage(std::string_view path) {
  Response response;
  response.status = 404;
  response.Set("content-type", std::string(kHtml));
  response.Set("content-security-policy", std::string(kPagePolicy));
  response.Set("vary", "accept");
  response.body = std::string(
      EmbeddedFile(path.starts_with("/es/") ? "not_found_es.html" : "not_found.html"));
  return response;
}

}  // namespace fairlead::gateway
