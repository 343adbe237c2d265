#include "services/directory/domain/keep_documents.h"

#include <map>

#include "services/directory/domain/visibility.h"

namespace fairlead::directory {
namespace {

// Hangs on nothing by nature, and is about no place.
bool IsOfNoPlace(std::string_view table) {
  return table == "taxonomies" || table == "taxonomy_terms" || table == "units" ||
         table == "meta_table_descriptions";
}

}  // namespace

void KeepDocuments(std::vector<Document> documents, bool has_before, ImportSet& set) {
  const bool has_places = has_before || !set.confidential_places.empty();
  std::map<std::string, ImportedOrganization*> organizations;
  std::map<std::string, ImportedListing*> listings;
  for (ImportedOrganization& one : set.organizations) {
    organizations[one.organization.id] = &one;
  }
  for (ImportedListing& one : set.listings) listings[one.listing.id] = &one;
  for (Document& document : documents) {
    const TableSpec& spec = TableOf(document.table);
    const auto listing = listings.find(document.id);
    const bool is_confidential =
        listing != listings.end() && listing->second->listing.confidential_location;
    HidePlaces(spec, set.confidential_places, is_confidential, document.body);
    if (has_places || is_confidential) EraseHistories(document.body);
    // Whoever may see most: all but what is sealed.
    std::optional<boost::json::object> kept = Redact(spec, document.body, Tier::kRole);
    if (!kept) continue;
    document.body = std::move(*kept);
    if (document.table == "organizations") {
      const auto at = organizations.find(document.id);
      if (at == organizations.end()) continue;
      // A record of its own says more than what a service says of it in passing.
      if (!at->second->hsds.empty() && document.is_partial) continue;
      at->second->hsds = std::move(document.body);
      at->second->is_partial = document.is_partial;
    } else if (document.table == "services") {
      if (listing != listings.end()) listing->second->hsds = std::move(document.body);
    } else if (!has_places || IsOfNoPlace(document.table)) {
      set.records.push_back(std::move(document));
    }
  }
}

}  // namespace fairlead::directory
