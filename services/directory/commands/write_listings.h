// Writes what an import has decided: listings, organizations and documents, with what they changed,
// and says so.
#ifndef SERVICES_DIRECTORY_COMMANDS_WRITE_LISTINGS_H_
#define SERVICES_DIRECTORY_COMMANDS_WRITE_LISTINGS_H_

#include <boost/json/object.hpp>
#include <cstdint>
#include <set>
#include <string>

#include "services/common/rpc/call_context.h"
#include "services/directory/commands/deps.h"
#include "services/directory/domain/hsds_documents.h"

namespace fairlead::directory {

// Of one transaction, and of one agency.
struct ListingWriter {
  const Deps& deps;
  storage::Transaction& tx;
  const rpc::CallContext& context;
  const std::string& agency_id;
  bool hides_places = false;  // as in RecordHistory
  int64_t change_number = 0;  // DirectoryStore::NextListingChange

  // In place of what there is under that id. `hash`: of RecordState.
  Result<void> Put(const Organization& organization, const boost::json::object& hsds,
                   const std::string& hash, bool is_new) const;
  // And its event, ListingChanged.
  Result<void> Put(const Listing& listing, const boost::json::object& hsds,
                   const std::string& hash, bool is_new) const;
  // A document of another table. What an attribute has inside it (is_partial) is no word of its
  // own: it replaces nothing.
  Result<void> Put(const Document& document) const;

 private:
  Result<void> PutDocument(const char* kind, const std::string& id,
                           const boost::json::object& hsds, bool is_new) const;
};

// When an import declares something confidential: takes back what was kept of the agency before
// that may tell of it. `places`: ids of locations.
Result<void> KeepConfidential(storage::Transaction& tx, const std::string& agency_id,
                              const std::set<std::string>& places, int64_t now_ms);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_COMMANDS_WRITE_LISTINGS_H_
