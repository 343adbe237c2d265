// How HSDS documents are put together for an answer (the API's forms of HSDS 3.1).
#ifndef SERVICES_DIRECTORY_DOMAIN_HSDS_ANSWER_H_
#define SERVICES_DIRECTORY_DOMAIN_HSDS_ANSWER_H_

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "services/directory/domain/visibility.h"

namespace fairlead::directory {

// "2026-01-31", in UTC: a date as HSDS has it.
std::string FormatDay(int64_t unix_ms);

// A service as it is kept, with its organization inside (empty: unknown), its last_modified and,
// when it has been verified here (`assured_ms` > 0), that date in place of the publisher's own.
// What may not be seen by `viewer` is left out of both; whoever sees the service may know whose it
// is, if no more (RedactOrganization).
boost::json::object ServiceAnswer(const boost::json::object& service,
                                  const boost::json::object& organization, int64_t update_ms,
                                  int64_t assured_ms, Tier viewer);

// One place of a service's answer, with the service inside; nullopt: it has no such place.
std::optional<boost::json::object> PlaceAnswer(boost::json::object service,
                                               std::string_view place_id);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_HSDS_ANSWER_H_
