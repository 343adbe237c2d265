// The pages: a landing page in English and Spanish without any script, and those to join and to
// sign in, with scripts of our own. Nothing from elsewhere.
#ifndef GATEWAY_WEB_STATIC_FILES_H_
#define GATEWAY_WEB_STATIC_FILES_H_

#include <optional>
#include <string_view>

#include "gateway/http/message.h"

namespace fairlead::gateway {

bool IsStaticPath(std::string_view path);

// For a GET or HEAD; nullopt when no page has this path. Only exact paths count: nothing is looked
// up on a disk.
std::optional<Response> StaticFile(const Request& request);

// What a browser gets where there is nothing: a page in words, status 404, in Spanish below /es.
Response NotFoundPage(std::string_view path);

}  // namespace fairlead::gateway

#endif  // GATEWAY_WEB_STATIC_FILES_H_
