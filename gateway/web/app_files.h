// The browser app as it was built (gateway/web/app): read from its folder when the hub starts, each
// file held against the list of hashes that the build made, and served from memory from then on.
//
//   const AppFiles app = AppFiles::Load("build/web");
//   if (AppFiles::IsAppPath(request.path)) return app.Serve(request);
#ifndef GATEWAY_WEB_APP_FILES_H_
#define GATEWAY_WEB_APP_FILES_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/http/message.h"

namespace fairlead::gateway {

class AppFiles {
 public:
  // All of it or nothing: without a list, or with a file that is not what the list says, there is
  // no app, and its address says so. At most 256 files of 4 MiB. An empty folder: none.
  static AppFiles Load(const std::string& folder);

  // "/app" and what lies below. Which page of the app it is stands behind the # and never comes
  // here.
  static bool IsAppPath(std::string_view path);

  bool is_built() const { return !files_.empty(); }

  // For a GET or HEAD of an app path. The page itself is asked about each time; what has its hash
  // in its name (assets/) is kept for good. /app/hashes.json is the list, for whoever checks a
  // client.
  Response Serve(const Request& request) const;

 private:
  struct File {
    std::string bytes;
    std::string brotli;  // empty: not compressed so
    std::string gzip;
    std::string hash;    // base64url SHA-256 of `bytes`
  };
  std::map<std::string, File, std::less<>> files_;  // by path: "/app/assets/index-….js"
};

}  // namespace fairlead::gateway

#endif  // GATEWAY_WEB_APP_FILES_H_
