// The parameters of a request to /hsds, strictly read.
#ifndef GATEWAY_HSDS_HSDS_QUERY_H_
#define GATEWAY_HSDS_HSDS_QUERY_H_

#include <string>
#include <string_view>

#include "fairlead/directory/v1/hsds.pb.h"
#include "services/common/base/result.h"

namespace fairlead::gateway {

struct HsdsListing {
  directory::v1::QueryRecordsRequest request;
  bool ndjson = false;
};

// `query`: as sent, after '?'. INVALID_ARGUMENT, each with metadata "parameter":
// UNKNOWN_PARAMETER (with "known", those of the endpoint), REPEATED_PARAMETER, INVALID_PARAMETER.
Result<HsdsListing> ReadListing(directory::v1::HsdsResource resource, std::string_view query);

// For one record, without its id: `full_service` of organizations; `history` of them and of
// services. Errors: as above.
Result<directory::v1::GetRecordRequest> ReadRecord(directory::v1::HsdsResource resource,
                                                   std::string_view query);

}  // namespace fairlead::gateway

#endif  // GATEWAY_HSDS_HSDS_QUERY_H_
