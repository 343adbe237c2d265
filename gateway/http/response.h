// Answers that more than one room gives: errors, and the headers that every answer carries.
#ifndef GATEWAY_HTTP_RESPONSE_H_
#define GATEWAY_HTTP_RESPONSE_H_

#include <string>
#include <string_view>

#include "gateway/http/message.h"
#include "services/common/base/result.h"

namespace fairlead::gateway {

// The HTTP status of a code, as the Connect protocol maps it
// (https://connectrpc.com/docs/protocol/#error-codes).
int HttpStatus(Code code);

// {"code","message","details":[{"type":"google.rpc.ErrorInfo","value","debug"}]}: every error of
// the gateway, whichever room it comes from. `status` 0: the code's own. Metadata retry_after_s
// also becomes a Retry-After header.
Response ErrorResponse(const Error& error, int status = 0);

Response NotFound();                                // 404 NOT_FOUND
Response MethodNotAllowed(std::string_view allow);  // 405 with Allow

// Adds what is not set yet: nosniff, no-referrer, COOP/COEP/CORP, a CSP that allows nothing,
// no-store, and HSTS under TLS.
void AddSecurityHeaders(Response& response, bool tls);

// The bytes of the head: status line, headers, empty line. `date` as in RFC 9110, section 5.6.7.
// A header whose value has a control character is left out.
std::string RenderHead(const Response& response, std::string_view date, bool chunked, bool close);

// "Sun, 06 Nov 1994 08:49:37 GMT".
std::string HttpDate(int64_t unix_ms);

}  // namespace fairlead::gateway

#endif  // GATEWAY_HTTP_RESPONSE_H_
