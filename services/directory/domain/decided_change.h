// A change that an import will make, as it waits for its turn: what is kept and nothing else, so it
// may be written down as it is.
#ifndef SERVICES_DIRECTORY_DOMAIN_DECIDED_CHANGE_H_
#define SERVICES_DIRECTORY_DOMAIN_DECIDED_CHANGE_H_

#include <boost/json/object.hpp>
#include <string>

#include "services/directory/domain/listing.h"

namespace fairlead::directory {

struct DecidedChange {
  std::string table;          // services, organizations, or that of any other document
  std::string id;             // UUID
  Listing listing = {};       // of services
  Organization organization = {};
  std::string content_hash = {};
  bool is_new = false;
  bool is_partial = false;    // as in Document
  boost::json::object hsds = {};
  bool operator==(const DecidedChange&) const = default;
};

boost::json::object ToJson(const DecidedChange& change);
// What ToJson gave; anything else gives something empty.
DecidedChange DecidedFromJson(const boost::json::object& json);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_DECIDED_CHANGE_H_
