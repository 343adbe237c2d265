#include "services/directory/commands/import_listings.h"

#include <set>

#include "fairlead/events/v1/events.pb.h"
#include "services/common/audit/audit.h"
#include "services/common/auth/policy.h"
#include "services/common/calendar/zone.h"
#include "services/common/outbox/outbox.h"
#include "services/directory/domain/hsds_csv.h"
#include "services/directory/domain/hsds_json.h"
#include "services/directory/domain/need_codes.h"

namespace fairlead::directory {
namespace {

constexpr size_t kManyListings = 50;
constexpr std::string_view kMethod = "/fairlead.directory.v1.DirectoryService/ImportListings";

Result<void> AppendListingChanged(const Deps& deps, storage::Transaction& tx,
                                  const rpc::CallContext& context, const std::string& agency_id,
                                  const std::string& service_id, bool is_new, int64_t now_ms) {
  events::v1::ListingChanged changed;
  changed.set_service_id(service_id);
  changed.set_agency_id(agency_id);
  changed.set_change(is_new ? "created" : "changed");
  outbox::Event event;
  event.id = deps.ids.New();
  event.type = "fairlead.directory.listing_changed.v1";
  event.subject = service_id;
  event.time_ms = now_ms;
  event.data_schema = "fairlead.events.v1.ListingChanged";
  event.data = changed.SerializeAsString();
  event.traceparent = context.traceparent;
  event.audience_agency_ids = {agency_id};
  return outbox::Append(tx, event);
}

enum class Fate { kCreate, kUpdate, kKeep, kRefuse };

Fate Decide(const std::optional<RecordState>& state, const std::string& agency_id,
            const std::string& content_hash) {
  if (!state) return Fate::kCreate;
  if (state->agency_id != agency_id) return Fate::kRefuse;
  return state->content_hash == content_hash ? Fate::kKeep : Fate::kUpdate;
}

// Counts it; true when the record is to be written.
bool Count(Fate fate, const ImportProblem& at, ImportPlan& plan) {
  switch (fate) {
    case Fate::kCreate:
      ++plan.counts.created;
      return true;
    case Fate::kUpdate:
      ++plan.counts.updated;
      return true;
    case Fate::kKeep:
      ++plan.counts.unchanged;
      return false;
    case Fate::kRefuse:
      break;
  }
  ImportProblem problem = at;
  problem.reason = "OWNED_BY_ANOTHER_AGENCY";
  plan.problems.Add(std::move(problem));
  return false;
}

}  // namespace

Result<void> CheckImport(const auth::Actor& actor, const ImportInput& input) {
  auth::Standing standing;
  if (actor.agency_id == input.agency_id) standing.relations = auth::Relation::kOwnAgency;
  if (auth::Decide(auth::FindPolicy(kMethod), actor, standing) != auth::Verdict::kAllowed) {
    return Fail(Code::kPermissionDenied, "NOT_YOUR_AGENCY",
                "Only a coordinator imports for another agency.");
  }
  for (const std::string& code : input.defaults.need_codes) {
    if (FindNeedCode(code) == nullptr) {
      return Fail(Code::kInvalidArgument, "UNKNOWN_NEED_CODE", "There is no such need code.",
                  {{"field", "default_need_codes"}});
    }
  }
  if (!input.defaults.time_zone.empty() && !calendar::Zone::Find(input.defaults.time_zone)) {
    return Fail(Code::kInvalidArgument, "UNKNOWN_ZONE",
                "There is no such time zone: give one like America/New_York, or -05:00.",
                {{"field", "default_time_zone"}});
  }
  std::set<std::string_view> names;
  for (const ImportText& file : input.files) {
    const bool plain = file.name.find_first_of("/\\") == std::string::npos && file.name != "..";
    if (!plain || !names.insert(file.name).second) {
      return Fail(Code::kInvalidArgument, "INVALID_FILE_NAME",
                  "Each file needs a plain name of its own.", {{"field", "files.name"}});
    }
  }
  return {};
}

ParsedImport ParseImport(const ImportInput& input) {
  ParsedImport parsed;
  const ImportTables tables = input.format == ImportFormat::kHsdsCsv
                                  ? ReadHsdsCsv(input.files, parsed.problems)
                                  : ReadHsdsJson(input.files, parsed.problems);
  // Rows that could be read are checked too, so that a preview shows all there is to mend.
  parsed.set = BuildImport(tables, input.defaults, parsed.problems);
  return parsed;
}

Result<ImportPlan> PlanImport(const Deps& deps, storage::ReadTransaction& tx,
                              const std::string& agency_id, const ParsedImport& parsed) {
  FAIRLEAD_ASSIGN(const std::optional<Agency> agency, deps.store.FindAgency(tx, agency_id));
  if (!agency) {
    return Fail(Code::kNotFound, "AGENCY_NOT_FOUND", "There is no such agency.");
  }
  ImportPlan plan;
  plan.problems = parsed.problems;
  for (const ImportedOrganization& item : parsed.set.organizations) {
    FAIRLEAD_ASSIGN(const auto state, deps.store.OrganizationState(tx, item.organization.id));
    const Fate fate = Decide(state, agency_id, ContentHash(item.organization));
    if (!Count(fate, item.at, plan)) continue;
    plan.organizations.push_back(&item);
    plan.organization_is_new.push_back(fate == Fate::kCreate);
  }
  for (const ImportedListing& item : parsed.set.listings) {
    FAIRLEAD_ASSIGN(const auto state, deps.store.ListingState(tx, item.listing.id));
    const Fate fate = Decide(state, agency_id, ContentHash(item.listing));
    if (!Count(fate, item.at, plan)) continue;
    plan.listings.push_back(&item);
    plan.listing_is_new.push_back(fate == Fate::kCreate);
  }
  return plan;
}

Result<ImportCounts> ApplyImport(const Deps& deps, storage::Transaction& tx,
                                 const rpc::CallContext& context, const std::string& agency_id,
                                 const ParsedImport& parsed) {
  FAIRLEAD_ASSIGN(const ImportPlan plan, PlanImport(deps, tx, agency_id, parsed));
  if (!plan.problems.empty()) {
    const ImportProblem& first = plan.problems.list().front();
    return Fail(Code::kInvalidArgument, "IMPORT_INVALID", "The import has faults: nothing is kept.",
                {{"file", first.file},
                 {"row", std::to_string(first.row)},
                 {"column", first.column},
                 {"problem", first.reason}});
  }
  const int64_t now_ms = deps.clock.NowMs();
  for (size_t i = 0; i < plan.organizations.size(); ++i) {
    FAIRLEAD_RETURN_IF_ERROR(deps.store.PutOrganization(
        tx, agency_id, plan.organizations[i]->organization, plan.organization_is_new[i], now_ms));
  }
  int64_t change_number = 0;
  if (!plan.listings.empty()) {
    FAIRLEAD_ASSIGN(change_number, deps.store.NextListingChange(tx));
  }
  for (size_t i = 0; i < plan.listings.size(); ++i) {
    const Listing& listing = plan.listings[i]->listing;
    const bool is_new = plan.listing_is_new[i];
    FAIRLEAD_RETURN_IF_ERROR(
        deps.store.PutListing(tx, agency_id, listing, is_new, now_ms, change_number));
    FAIRLEAD_RETURN_IF_ERROR(
        AppendListingChanged(deps, tx, context, agency_id, listing.id, is_new, now_ms));
  }
  if (plan.listings.size() >= kManyListings) {
    FAIRLEAD_RETURN_IF_ERROR(deps.store.AfterManyChanges(tx));
  }
  audit::Record record{.action = audit::Action::kListingsImported, .by = audit::ByCaller(context)};
  record.subject_agency_id = agency_id;
  FAIRLEAD_RETURN_IF_ERROR(audit::Append(tx, deps.ids, now_ms, record));
  return plan.counts;
}

}  // namespace fairlead::directory
