#include "gateway/web/static_files.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "gateway/web/embedded.h"
#include "services/common/base/encoding.h"

namespace fairlead::gateway {
namespace {

struct Page {
  std::string_view path;
  std::string_view file;
  std::string_view type;
};

constexpr std::array<Page, 4> kPages = {{
    {"/", "index.html", "text/html; charset=utf-8"},
    {"/es", "es.html", "text/html; charset=utf-8"},
    {"/style.css", "style.css", "text/css; charset=utf-8"},
    {"/icon.svg", "icon.svg", "image/svg+xml"},
}};

constexpr std::string_view kPagePolicy =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

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

}  // namespace fairlead::gateway
