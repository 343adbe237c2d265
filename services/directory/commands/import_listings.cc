#include "services/directory/commands/import_listings.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <set>
#include <utility>

#include "services/common/audit/audit.h"
#include "services/common/auth/policy.h"
#include "services/common/base/encoding.h"
#include "services/common/calendar/zone.h"
#include "services/directory/commands/hsds_records.h"
#include "services/directory/commands/write_listings.h"
#include "services/directory/domain/hsds_csv.h"
#include "services/directory/domain/hsds_json.h"
#include "services/directory/domain/need_codes.h"
#include "services/directory/domain/ohana_csv.h"
#include "services/directory/domain/visibility.h"
#include "services/directory/store/history_store.h"
#include "services/directory/store/hsds_store.h"
#include "services/directory/store/staged_import_store.h"

namespace fairlead::directory {
namespace {

constexpr size_t kManyListings = 50;
constexpr std::string_view kMethod = "/fairlead.directory.v1.DirectoryService/ImportListings";

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

// Changes when the listing or its document does.
std::string WithDocument(const std::string& content_hash, const boost::json::object& hsds) {
  return Sha256(content_hash + boost::json::serialize(hsds));
}

// What a service said of its organization in passing, over what is known of it.
Result<boost::json::object> MergeOrganization(storage::ReadTransaction& tx,
                                              const ImportedOrganization& item,
                                              const std::set<std::string>& confidential) {
  FAIRLEAD_ASSIGN(const auto known, FindHsds(tx, "organizations", item.organization.id));
  boost::json::object merged = known ? ParseDocument(known->body) : boost::json::object();
  for (const auto& member : item.hsds) merged[member.key()] = member.value();
  const TableSpec& spec = TableOf("organizations");
  HidePlaces(spec, confidential, false, merged);
  // What it marks now may be something that was known before.
  return RedactInside(spec, merged, Tier::kRole);
}

// A place, or a service that names none.
bool DeclaresConfidential(const ImportSet& set) {
  return !set.confidential_places.empty() ||
         std::ranges::any_of(set.listings, [](const ImportedListing& item) {
           return item.listing.confidential_location;
         });
}

Result<void> CheckJoins(storage::ReadTransaction& tx, const std::string& agency_id,
                        const ImportedListing& item, Problems& problems) {
  for (const ServicePlace& place : LinksOf(item.hsds).places) {
    FAIRLEAD_ASSIGN(const std::string owner, OwnerOfPlace(tx, place.id));
    if (owner.empty() || owner == agency_id) continue;
    ImportProblem problem = item.at;
    problem.column = "service_at_locations.id";
    problem.reason = "OWNED_BY_ANOTHER_AGENCY";
    problems.Add(std::move(problem));
  }
  return {};
}

ImportTables ReadTables(const ImportInput& input, Problems& problems) {
  if (input.format == ImportFormat::kHsdsJson) return ReadHsdsJson(input.files, problems);
  if (!IsOhana(input.files)) return ReadHsdsCsv(input.files, problems);
  const auto today = std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time(std::chrono::milliseconds(input.now_ms)));
  const OhanaSource source{.agency_id = input.agency_id,
                           .name = input.source,
                           .today = today};
  return ReadOhanaCsv(input.files, source, problems);
}

}  // namespace

bool MayImport(const auth::Actor& actor, std::string_view method, const std::string& agency_id) {
  auth::Standing standing;
  if (actor.agency_id == agency_id) standing.relations = auth::Relation::kOwnAgency;
  return auth::Decide(auth::FindPolicy(method), actor, standing) == auth::Verdict::kAllowed;
}

tl::unexpected<Error> NotYourAgency() {
  return Fail(Code::kPermissionDenied, "NOT_YOUR_AGENCY",
              "Only a coordinator imports for another agency.");
}

Result<void> CheckDefaults(const ImportDefaults& defaults) {
  for (const std::string& code : defaults.need_codes) {
    if (FindNeedCode(code) == nullptr) {
      return Fail(Code::kInvalidArgument, "UNKNOWN_NEED_CODE", "There is no such need code.",
                  {{"field", "default_need_codes"}});
    }
  }
  if (!defaults.time_zone.empty() && !calendar::Zone::Find(defaults.time_zone)) {
    return Fail(Code::kInvalidArgument, "UNKNOWN_ZONE",
                "There is no such time zone: give one like America/New_York, or -05:00.",
                {{"field", "default_time_zone"}});
  }
  return {};
}

bool IsPlainFileName(std::string_view name) {
  return name.find_first_of("/\\") == std::string_view::npos && name != "..";
}

tl::unexpected<Error> InvalidFileName() {
  return Fail(Code::kInvalidArgument, "INVALID_FILE_NAME",
              "Each file needs a plain name of its own.", {{"field", "files.name"}});
}

Result<void> CheckImport(const auth::Actor& actor, const ImportInput& input) {
  if (!MayImport(actor, kMethod, input.agency_id)) return NotYourAgency();
  FAIRLEAD_RETURN_IF_ERROR(CheckDefaults(input.defaults));
  std::set<std::string_view> names;
  for (const ImportText& file : input.files) {
    if (!IsPlainFileName(file.name) || !names.insert(file.name).second) return InvalidFileName();
  }
  return {};
}

Result<ParsedImport> ParseImport(storage::ReadTransaction& tx, const ImportInput& input) {
  ParsedImport parsed;
  ImportDefaults defaults = input.defaults;
  FAIRLEAD_ASSIGN(defaults.confidential_places, ConfidentialPlaces(tx, input.agency_id));
  ImportTables tables = ReadTables(input, parsed.problems);
  // Rows that could be read are checked too, so that a preview shows all there is to mend.
  parsed.set = BuildImport(std::move(tables), defaults, parsed.problems);
  parsed.confidential = std::move(defaults.confidential_places);
  parsed.confidential.insert(parsed.set.confidential_places.begin(),
                             parsed.set.confidential_places.end());
  return parsed;
}

Result<void> CheckMember(const Deps& deps, storage::ReadTransaction& tx,
                         const std::string& agency_id) {
  FAIRLEAD_ASSIGN(const std::optional<Agency> agency, deps.store.FindAgency(tx, agency_id));
  if (!agency) {
    return Fail(Code::kNotFound, "AGENCY_NOT_FOUND", "There is no such agency.");
  }
  // What it says would be hidden from this import too, and what must be taken back with it.
  if (agency->membership != Membership::kActive) {
    return Fail(Code::kFailedPrecondition, "AGENCY_NOT_ACTIVE", "The agency is no active member.");
  }
  return {};
}

Result<void> CheckPlaces(storage::ReadTransaction& tx, const std::string& agency_id,
                         const std::map<std::string, ImportProblem>& places,
                         const std::set<std::string>& known,
                         const std::function<bool(const std::string&)>& is_imported,
                         Problems& problems) {
  FAIRLEAD_ASSIGN(const auto before, ConfidentialPlaces(tx, agency_id));
  const auto add = [&](const std::string& place, const char* reason) {
    ImportProblem problem;
    const auto at = places.find(place);
    if (at != places.end()) problem = at->second;
    problem.reason = reason;
    problems.Add(std::move(problem));
  };
  for (const auto& [place, at] : places) {
    if (before.contains(place)) continue;
    FAIRLEAD_ASSIGN(const auto services, ServicesAtPlace(tx, agency_id, place));
    for (const std::string& id : services) {
      if (!is_imported(id)) add(place, "PLACE_SAID_ELSEWHERE");
    }
  }
  // Declared while this import was being read, named by it or not: histories and rows that hang on
  // nothing may be about it. Read it again.
  for (const std::string& place : before) {
    if (!known.contains(place)) add(place, "PLACE_IS_CONFIDENTIAL");
  }
  return {};
}

Result<void> PlanRecords(const Deps& deps, storage::ReadTransaction& tx,
                         const std::string& agency_id, const ImportSet& set,
                         const std::set<std::string>& confidential, ImportPlan& plan) {
  for (const ImportedOrganization& item : set.organizations) {
    Change<ImportedOrganization> change{.item = &item, .hsds = item.hsds, .content_hash = ""};
    if (item.is_partial) {
      FAIRLEAD_ASSIGN(change.hsds, MergeOrganization(tx, item, confidential));
    }
    change.content_hash = WithDocument(ContentHash(item.organization), change.hsds);
    FAIRLEAD_ASSIGN(const auto state, deps.store.OrganizationState(tx, item.organization.id));
    const Fate fate = Decide(state, agency_id, change.content_hash);
    change.is_new = fate == Fate::kCreate;
    if (Count(fate, item.at, plan)) plan.organizations.push_back(std::move(change));
  }
  for (const ImportedListing& item : set.listings) {
    Change<ImportedListing> change{
        .item = &item,
        .hsds = item.hsds,
        .content_hash = WithDocument(ContentHash(item.listing), item.hsds)};
    FAIRLEAD_ASSIGN(const auto state, deps.store.ListingState(tx, item.listing.id));
    const Fate fate = Decide(state, agency_id, change.content_hash);
    change.is_new = fate == Fate::kCreate;
    if (Count(fate, item.at, plan)) {
      FAIRLEAD_RETURN_IF_ERROR(CheckJoins(tx, agency_id, item, plan.problems));
      plan.listings.push_back(std::move(change));
    }
  }
  return {};
}

Result<ImportPlan> PlanImport(const Deps& deps, storage::ReadTransaction& tx,
                              const std::string& agency_id, const ParsedImport& parsed) {
  FAIRLEAD_RETURN_IF_ERROR(CheckMember(deps, tx, agency_id));
  ImportPlan plan;
  plan.problems = parsed.problems;
  FAIRLEAD_RETURN_IF_ERROR(
      PlanRecords(deps, tx, agency_id, parsed.set, parsed.confidential, plan));
  std::set<std::string> imported;
  for (const ImportedListing& item : parsed.set.listings) imported.insert(item.listing.id);
  FAIRLEAD_RETURN_IF_ERROR(CheckPlaces(
      tx, agency_id, parsed.set.place_at, parsed.confidential,
      [&](const std::string& id) { return imported.contains(id); }, plan.problems));
  return plan;
}

Result<ImportCounts> ApplyImport(const Deps& deps, storage::Transaction& tx,
                                 const rpc::CallContext& context, const std::string& agency_id,
                                 const ParsedImport& parsed) {
  FAIRLEAD_RETURN_IF_ERROR(CheckNoneUnderWay(tx, deps.clock.NowMs()));
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
  int64_t change_number = 0;
  if (!plan.listings.empty() || !plan.organizations.empty()) {
    FAIRLEAD_ASSIGN(change_number, deps.store.NextListingChange(tx));
  }
  FAIRLEAD_ASSIGN(const bool has_confidential, HasConfidential(tx, agency_id));
  const bool declares = DeclaresConfidential(parsed.set);
  const ListingWriter writer{deps,      tx, context, agency_id, has_confidential || declares,
                             change_number};
  for (const auto& change : plan.organizations) {
    FAIRLEAD_RETURN_IF_ERROR(writer.Put(change.item->organization, change.hsds,
                                        change.content_hash, change.is_new));
  }
  for (const auto& change : plan.listings) {
    FAIRLEAD_RETURN_IF_ERROR(
        writer.Put(change.item->listing, change.hsds, change.content_hash, change.is_new));
  }
  for (const Document& document : parsed.set.records) {
    FAIRLEAD_RETURN_IF_ERROR(writer.Put(document));
  }
  if (declares) {
    FAIRLEAD_RETURN_IF_ERROR(
        KeepConfidential(tx, agency_id, parsed.set.confidential_places, now_ms));
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
