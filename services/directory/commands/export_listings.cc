#include "services/directory/commands/export_listings.h"

#include <boost/json/serialize.hpp>

#include "services/directory/commands/hsds_records.h"
#include "services/directory/domain/hsds_json.h"

namespace fairlead::directory {
namespace {

constexpr int kRecordsPerPart = 200;
constexpr size_t kMaxPartBytes = 1024 * 1024;

// Services first, then the other tables in their order: what hangs on nothing comes under the name
// of its own. Empty: that was all.
std::string KindAfter(std::string_view kind) {
  bool found = kind == "services";
  for (const TableSpec& spec : HsdsTables()) {
    const bool comes = spec.name != "services" && spec.name != "service_at_location";
    if (found && comes) return std::string(spec.name);
    found = found || spec.name == kind;
  }
  return "";
}

// A row that hangs on nothing: its table's name is its kind, and it is the agency's own.
HsdsQuery Query(const auth::Actor& viewer, const std::string& agency_id, const ExportPosition& at) {
  HsdsQuery query = VisibleTo(viewer);
  query.kind = at.kind;
  query.agency_id = agency_id;
  query.after_id = at.after_id;
  query.limit = kRecordsPerPart;
  return query;
}

}  // namespace

Result<ExportedPart> ExportListings(storage::ReadTransaction& tx, const auth::Actor& viewer,
                                    const std::string& agency_id, bool as_tables,
                                    const ExportPosition& at) {
  FAIRLEAD_ASSIGN(const std::vector<HsdsRow> rows, ListHsds(tx, Query(viewer, agency_id, at)));
  ExportedPart part;
  ImportTables tables;
  std::string last_id;
  size_t bytes = 0;
  for (const HsdsRow& row : rows) {
    const HsdsRecord& record = row.record;
    if (bytes > kMaxPartBytes) break;
    bytes += record.body.size();
    last_id = record.id;
    // Seen by whoever may see one of its services, and then without what is not for them.
    const boost::json::object seen = RedactInside(TableOf(record.kind), ParseDocument(record.body),
                                                  TierFor(viewer, record.agency_id));
    if (as_tables) {
      FlattenDocument(record.kind, seen, tables);
    } else {
      part.records.push_back(boost::json::serialize(seen));
    }
  }
  part.tables = MergeRows(tables);
  const bool more = !rows.empty() && (last_id != rows.back().record.id ||
                                      rows.size() == static_cast<size_t>(kRecordsPerPart));
  part.next = more ? ExportPosition{at.kind, last_id} : ExportPosition{KindAfter(at.kind), ""};
  return part;
}

Result<int64_t> CountExported(storage::ReadTransaction& tx, const auth::Actor& viewer,
                              const std::string& agency_id) {
  int64_t count = 0;
  for (ExportPosition at; !at.kind.empty(); at.kind = KindAfter(at.kind)) {
    FAIRLEAD_ASSIGN(const int64_t more, CountHsds(tx, Query(viewer, agency_id, at)));
    count += more;
  }
  return count;
}

}  // namespace fairlead::directory
