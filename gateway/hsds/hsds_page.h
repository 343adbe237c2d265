// The JSON that is no record: the API's root, a page around its records, ETags.
#ifndef GATEWAY_HSDS_HSDS_PAGE_H_
#define GATEWAY_HSDS_HSDS_PAGE_H_

#include <string>
#include <string_view>

#include "fairlead/directory/v1/hsds.pb.h"

namespace fairlead::gateway {

// "version", "profile", "openapi_url". `base`: "https://hub.example.org/hsds".
std::string ApiRoot(const std::string& base);

// HSDS 3.1's Page (openapi.json, components/schemas/Page) with the records as its contents.
std::string PageOf(const directory::v1::QueryRecordsRequest& request,
                   const directory::v1::QueryRecordsResponse& page);

// `document` with "ORIGIN" in its place.
std::string WithOrigin(std::string_view document, const std::string& origin);

// Whether If-None-Match names it (RFC 9110, section 13.1.2; weakly compared).
bool IsSameEtag(std::string_view if_none_match, std::string_view etag);

}  // namespace fairlead::gateway

#endif  // GATEWAY_HSDS_HSDS_PAGE_H_
