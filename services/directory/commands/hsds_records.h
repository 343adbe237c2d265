// Between HSDS documents and the rows they are kept in.
#ifndef SERVICES_DIRECTORY_COMMANDS_HSDS_RECORDS_H_
#define SERVICES_DIRECTORY_COMMANDS_HSDS_RECORDS_H_

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "services/directory/store/hsds_store.h"

namespace fairlead::directory {

// Empty when it is not one.
boost::json::object ParseDocument(const std::string& body);

HsdsRecord ToRecord(std::string_view kind, const std::string& agency_id,
                    const boost::json::object& document, int64_t now_ms);

// What the service is found by: as far as whoever may see it may know it.
ServiceLinks LinksOf(const boost::json::object& service);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_HSDS_RECORDS_H_
