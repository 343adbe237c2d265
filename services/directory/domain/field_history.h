// What has changed between two versions of an HSDS document, field by field, and who may know.
//
// A change has the tier of its field: the closest of what it stands in, before and after. It may
// become closer later, and never opener: a field that is marked as for fewer people takes what it
// was before with it.
#ifndef SERVICES_DIRECTORY_DOMAIN_FIELD_HISTORY_H_
#define SERVICES_DIRECTORY_DOMAIN_FIELD_HISTORY_H_

#include <boost/json/object.hpp>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/directory/domain/visibility.h"

namespace fairlead::directory {

inline constexpr size_t kMaxHistoryValueBytes = 1000;
inline constexpr int kMaxHistoryOfRecord = 200;  // of a document: its last so many changes

struct FieldChange {
  std::string action;  // update; of a record inside as a whole: create, delete
  // The record that has the field: the document's own, or one inside it.
  std::string resource_type;  // an HSDS entity: "service", "address"
  std::string resource_id;
  std::string field_name = {};  // empty: the whole record, whose values are not kept
  std::string previous_value = {};
  std::string replacement_value = {};
  Tier tier = Tier::kPublic;
  bool operator==(const FieldChange&) const = default;
};

// The records of a document, by entity and id. Not its terms and taxonomies, which are others', and
// not the histories that its publisher keeps.
struct KnownRecord {
  Tier tier = Tier::kPublic;                  // of the record where it stands
  std::map<std::string, std::string> fields;  // the members that are one value
  std::map<std::string, Tier> marked;         // members with a tier of their own
};
using KnownRecords = std::map<std::pair<std::string, std::string>, KnownRecord>;
KnownRecords RecordsIn(std::string_view table, const boost::json::object& document);

// Without what is sealed by now. First of the records that there were, changed or gone, then those
// that are new; each by entity and id, and its fields by name. Values longer than
// kMaxHistoryValueBytes are cut.
std::vector<FieldChange> ChangesBetween(const KnownRecords& before, const KnownRecords& after);

// The tier that a change of before has now; nullopt: it is to be forgotten, for what it tells of is
// sealed, or is there no more (which may mean the same).
std::optional<Tier> TierNow(const FieldChange& change, const KnownRecords& now);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_FIELD_HISTORY_H_
