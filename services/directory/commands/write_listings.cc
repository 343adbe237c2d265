#include "services/directory/commands/write_listings.h"

#include "services/directory/commands/hsds_records.h"
#include "services/directory/commands/record_history.h"
#include "services/directory/commands/tell_listing.h"
#include "services/directory/domain/visibility.h"
#include "services/directory/store/hsds_store.h"

namespace fairlead::directory {

Result<void> ListingWriter::PutDocument(const char* kind, const std::string& id,
                                        const boost::json::object& hsds, bool is_new) const {
  if (!is_new) {
    FAIRLEAD_ASSIGN(const auto known, FindHsds(tx, kind, id));
    FAIRLEAD_RETURN_IF_ERROR(RecordHistory(
        deps, tx, context, {.kind = kind, .id = id, .agency_id = agency_id},
        known ? ParseDocument(known->body) : boost::json::object(), hsds, hides_places));
  }
  return PutHsds(tx, ToRecord(kind, agency_id, hsds, deps.clock.NowMs()));
}

Result<void> ListingWriter::Put(const Organization& organization, const boost::json::object& hsds,
                                const std::string& hash, bool is_new) const {
  FAIRLEAD_RETURN_IF_ERROR(deps.store.PutOrganization(tx, agency_id, organization, hash, is_new,
                                                      deps.clock.NowMs(), change_number));
  return PutDocument("organizations", organization.id, hsds, is_new);
}

Result<void> ListingWriter::Put(const Listing& listing, const boost::json::object& hsds,
                                const std::string& hash, bool is_new) const {
  FAIRLEAD_RETURN_IF_ERROR(deps.store.PutListing(tx, agency_id, listing, hash, is_new,
                                                 deps.clock.NowMs(), change_number));
  FAIRLEAD_RETURN_IF_ERROR(PutDocument("services", listing.id, hsds, is_new));
  FAIRLEAD_RETURN_IF_ERROR(PutServiceLinks(tx, listing.id, LinksOf(hsds)));
  return TellListingChanged(deps, tx, context, agency_id, listing.id,
                            is_new ? "created" : "changed");
}

Result<void> ListingWriter::Put(const Document& document) const {
  if (document.is_partial) {
    // A term that an attribute has inside: what is known of it was said for its own sake.
    FAIRLEAD_ASSIGN(const auto known, FindHsds(tx, document.table, document.id));
    if (known) return {};
  }
  return PutHsds(tx, ToRecord(document.table, agency_id, document.body, deps.clock.NowMs()));
}

Result<void> KeepConfidential(storage::Transaction& tx, const std::string& agency_id,
                              const std::set<std::string>& places, int64_t now_ms) {
  FAIRLEAD_RETURN_IF_ERROR(HideFieldChanges(tx, agency_id));
  if (places.empty()) return {};
  for (const std::string& place : places) {
    FAIRLEAD_RETURN_IF_ERROR(PutConfidentialPlace(tx, agency_id, place));
  }
  FAIRLEAD_RETURN_IF_ERROR(DeleteLooseRecords(tx, agency_id));
  // Organizations list places too, and have histories.
  constexpr int kPage = 100;
  HsdsQuery query{.kind = "organizations", .tier = 2, .agency_id = agency_id, .limit = kPage};
  while (true) {
    FAIRLEAD_ASSIGN(const auto rows, ListHsds(tx, query));
    for (const HsdsRow& row : rows) {
      boost::json::object body = ParseDocument(row.record.body);
      HidePlaces(TableOf("organizations"), places, false, body);
      EraseHistories(body);
      FAIRLEAD_RETURN_IF_ERROR(PutHsds(tx, ToRecord("organizations", agency_id, body, now_ms)));
      query.after_id = row.record.id;
    }
    if (rows.size() < static_cast<size_t>(kPage)) return {};
  }
}

}  // namespace fairlead::directory
