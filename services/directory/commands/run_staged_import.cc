#include "services/directory/commands/run_staged_import.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "services/common/audit/audit.h"
#include "services/common/base/strict_json.h"
#include "services/common/base/task.h"
#include "services/directory/commands/write_listings.h"
#include "services/directory/store/history_store.h"
#include "services/directory/store/hsds_store.h"

namespace fairlead::directory {
namespace {

// Some tens of milliseconds of the one writer.
constexpr size_t kChangesAtOnce = 50;
constexpr int64_t kTouchEveryMs = 5'000;
constexpr size_t kMaxChangesBytes = 64 * 1024 * 1024;  // of one row: what BuildImport lets pass
constexpr size_t kMaxChangesDepth = 64;
// While parts are read, of all that a check does.
constexpr int kPercentRead = 20;

tl::unexpected<Error> Interrupted() {
  return Fail(Code::kAborted, "IMPORT_INTERRUPTED", "The check was broken off.");
}

DecidedChange ToDecided(const Change<ImportedOrganization>& change) {
  return {.table = "organizations",
          .id = change.item->organization.id,
          .organization = change.item->organization,
          .content_hash = change.content_hash,
          .is_new = change.is_new,
          .hsds = change.hsds};
}

DecidedChange ToDecided(const Change<ImportedListing>& change) {
  return {.table = "services",
          .id = change.item->listing.id,
          .listing = change.item->listing,
          .content_hash = change.content_hash,
          .is_new = change.is_new,
          .hsds = change.hsds};
}

DecidedChange ToDecided(const Document& document) {
  return {.table = std::string(document.table),
          .id = document.id,
          .is_partial = document.is_partial,
          .hsds = document.body};
}

class Checker {
 public:
  Checker(const Deps& deps, const ImportCheck& check, const std::function<bool()>& is_stopping)
      : deps_(deps), check_(check), is_stopping_(is_stopping) {}

  Result<void> Run() {
    FAIRLEAD_RETURN_IF_ERROR(ForgetChanges());
    FAIRLEAD_ASSIGN(const StagedImport import, Touch(0));
    ImportWhole whole(import.is_json);
    FAIRLEAD_RETURN_IF_ERROR(ReadParts(whole));
    ImportDefaults defaults{.need_codes = import.need_codes,
                            .counties = import.counties,
                            .time_zone = import.time_zone};
    defaults.rows_are_checked = true;
    FAIRLEAD_ASSIGN(defaults.confidential_places, KnownPlaces(import.agency_id));
    whole.Link(defaults.confidential_places, problems_);
    for (const auto& [place, at] : whole.confidential_places()) {
      defaults.confidential_places.insert(place);
    }
    FAIRLEAD_RETURN_IF_ERROR(PlanAll(import.agency_id, whole, defaults));
    FAIRLEAD_RETURN_IF_ERROR(CheckAllPlaces(import.agency_id, whole, defaults));
    return End(whole);
  }

  // The parts stay, to be finished again.
  void GiveUp(const Error& error) {
    std::function<Result<bool>(storage::Transaction&)> job =
        [&](storage::Transaction& tx) -> Result<bool> {
      FAIRLEAD_ASSIGN(StagedImport import, Mine(tx));
      import.state = StagedState::kStaged;
      import.failure_reason = error.reason;
      FAIRLEAD_RETURN_IF_ERROR(PutStagedImport(tx, import));
      return true;
    };
    // Where this fails too, the check is over when it has been silent for a minute.
    static_cast<void>(SyncWait(deps_.database.Write<bool>(job)));
  }

 private:
  // The import, while this check is the one that is made of it.
  Result<StagedImport> Mine(storage::ReadTransaction& tx) const {
    FAIRLEAD_ASSIGN(const auto stored, FindStagedImport(tx, check_.import_id));
    if (!stored) return Interrupted();
    StagedImport import = AsOf(*stored, deps_.clock.NowMs());
    if (import.state != StagedState::kChecking || import.run_id != check_.run_id) {
      return Interrupted();
    }
    return import;
  }

  // Says that somebody is at it, and takes along what has been found.
  Result<StagedImport> Touch(int percent, const std::vector<StoredChanges>& changes = {}) {
    if (is_stopping_()) return Interrupted();
    std::function<Result<StagedImport>(storage::Transaction&)> job =
        [&](storage::Transaction& tx) -> Result<StagedImport> {
      FAIRLEAD_ASSIGN(StagedImport import, Mine(tx));
      import.touch_ms = deps_.clock.NowMs();
      import.percent = percent;
      FAIRLEAD_RETURN_IF_ERROR(PutStagedImport(tx, import));
      for (const StoredChanges& one : changes) {
        FAIRLEAD_RETURN_IF_ERROR(InsertChanges(tx, import.id, one));
      }
      return import;
    };
    touched_steady_ms_ = deps_.clock.SteadyMs();
    return SyncWait(deps_.database.Write<StagedImport>(job));
  }

  Result<void> TouchNowAndThen(int percent) {
    const bool is_due = deps_.clock.SteadyMs() - touched_steady_ms_ >= kTouchEveryMs;
    if (!is_due && !is_stopping_()) return {};
    FAIRLEAD_RETURN_IF_ERROR(Touch(percent));
    return {};
  }

  // Of a check that was broken off.
  Result<void> ForgetChanges() {
    int64_t deleted = 1;
    while (deleted > 0) {
      std::function<Result<int64_t>(storage::Transaction&)> job = [&](storage::Transaction& tx) {
        return DeleteSomeChanges(tx, check_.import_id);
      };
      FAIRLEAD_ASSIGN(deleted, SyncWait(deps_.database.Write<int64_t>(job)));
    }
    return {};
  }

  Result<void> ReadParts(ImportWhole& whole) {
    for (int number = 0; number < check_.part_count; ++number) {
      std::function<Result<std::string>(storage::ReadTransaction&)> read =
          [&](storage::ReadTransaction& tx) -> Result<std::string> {
        FAIRLEAD_ASSIGN(auto sealed, FindPart(tx, check_.import_id, number));
        if (!sealed) return Interrupted();
        return std::move(*sealed);
      };
      FAIRLEAD_ASSIGN(const std::string sealed,
                      SyncWait(deps_.database.Read<std::string>(read)));
      FAIRLEAD_ASSIGN(ImportPart part, OpenPart(sealed, check_.import_id, number, check_.key));
      whole.Add(std::move(part), problems_);
      FAIRLEAD_RETURN_IF_ERROR(TouchNowAndThen(number * kPercentRead / check_.part_count));
    }
    return {};
  }

  Result<std::set<std::string>> KnownPlaces(const std::string& agency_id) {
    std::function<Result<std::set<std::string>>(storage::ReadTransaction&)> read =
        [&](storage::ReadTransaction& tx) { return ConfidentialPlaces(tx, agency_id); };
    return SyncWait(deps_.database.Read<std::set<std::string>>(read));
  }

  // Listings are made here, and what would change is found out on a reader, some at a time.
  Result<void> PlanAll(const std::string& agency_id, ImportWhole& whole,
                       const ImportDefaults& defaults) {
    ImportSet set;
    // With problems too: a person mends everything at once.
    while (problems_.list().size() < kMaxProblems && whole.Next(defaults, problems_, set)) {
      std::function<Result<ImportPlan>(storage::ReadTransaction&)> plan =
          [&](storage::ReadTransaction& tx) -> Result<ImportPlan> {
        FAIRLEAD_RETURN_IF_ERROR(CheckMember(deps_, tx, agency_id));
        ImportPlan one;
        FAIRLEAD_RETURN_IF_ERROR(
            PlanRecords(deps_, tx, agency_id, set, defaults.confidential_places, one));
        return one;
      };
      FAIRLEAD_ASSIGN(const ImportPlan one, SyncWait(deps_.database.Read<ImportPlan>(plan)));
      counts_.created += one.counts.created;
      counts_.updated += one.counts.updated;
      counts_.unchanged += one.counts.unchanged;
      for (const ImportProblem& problem : one.problems.list()) problems_.Add(problem);
      const int percent = kPercentRead + whole.percent() * (100 - kPercentRead) / 100;
      FAIRLEAD_RETURN_IF_ERROR(Keep(one, set, percent));
    }
    return {};
  }

  // What is decided later is written down now, unless it is known that it will not be.
  Result<void> Keep(const ImportPlan& plan, const ImportSet& set, int percent) {
    if (check_.is_preview || !problems_.empty()) return TouchNowAndThen(percent);
    std::vector<StoredChanges> kept;
    boost::json::array changes;
    const auto close = [&] {
      if (changes.empty()) return;
      kept.push_back({change_count_++, boost::json::serialize(changes)});
      changes.clear();
    };
    const auto add = [&](const DecidedChange& change) {
      changes.push_back(ToJson(change));
      if (changes.size() == kChangesAtOnce) close();
    };
    for (const auto& change : plan.organizations) add(ToDecided(change));
    for (const auto& change : plan.listings) add(ToDecided(change));
    for (const Document& document : set.records) add(ToDecided(document));
    close();
    if (kept.empty()) return TouchNowAndThen(percent);
    FAIRLEAD_RETURN_IF_ERROR(Touch(percent, kept));
    return {};
  }

  Result<void> CheckAllPlaces(const std::string& agency_id, const ImportWhole& whole,
                              const ImportDefaults& defaults) {
    std::function<Result<Problems>(storage::ReadTransaction&)> read =
        [&](storage::ReadTransaction& tx) -> Result<Problems> {
      Problems found;
      FAIRLEAD_RETURN_IF_ERROR(CheckPlaces(
          tx, agency_id, whole.confidential_places(), defaults.confidential_places,
          [&](const std::string& id) { return whole.HasService(id); }, found));
      return found;
    };
    FAIRLEAD_ASSIGN(const Problems found, SyncWait(deps_.database.Read<Problems>(read)));
    for (const ImportProblem& problem : found.list()) problems_.Add(problem);
    return {};
  }

  Result<void> End(const ImportWhole& whole) {
    std::function<Result<bool>(storage::Transaction&)> job =
        [&](storage::Transaction& tx) -> Result<bool> {
      FAIRLEAD_ASSIGN(StagedImport import, Mine(tx));
      import.percent = 100;
      if (!problems_.empty()) {
        import.state = StagedState::kRefused;
        import.problems = OnceEach();
        import.expire_ms = deps_.clock.NowMs() + kOverForMs;
      } else {
        import.created = counts_.created;
        import.updated = counts_.updated;
        import.unchanged = counts_.unchanged;
        if (check_.is_preview) {
          import.state = StagedState::kStaged;
          import.previewed = true;
        } else {
          FAIRLEAD_RETURN_IF_ERROR(Decide(tx, whole, import));
        }
      }
      FAIRLEAD_RETURN_IF_ERROR(PutStagedImport(tx, import));
      return true;
    };
    FAIRLEAD_RETURN_IF_ERROR(SyncWait(deps_.database.Write<bool>(job)));
    return {};
  }

  // From here on it is certain. What was kept before and may tell of a confidential place goes now.
  Result<void> Decide(storage::Transaction& tx, const ImportWhole& whole, StagedImport& import) {
    FAIRLEAD_RETURN_IF_ERROR(CheckMember(deps_, tx, import.agency_id));
    FAIRLEAD_ASSIGN(const bool has_confidential, HasConfidential(tx, import.agency_id));
    const int64_t now_ms = deps_.clock.NowMs();
    if (whole.any_confidential()) {
      std::set<std::string> places;
      for (const auto& [place, at] : whole.confidential_places()) places.insert(place);
      FAIRLEAD_RETURN_IF_ERROR(KeepConfidential(tx, import.agency_id, places, now_ms));
    }
    import.state = StagedState::kApplying;
    import.hides_places = has_confidential || whole.any_confidential();
    import.change_count = change_count_;
    import.percent = 0;
    audit::Record record{.action = audit::Action::kListingsImported,
                         .by = audit::ByCaller(check_.context)};
    record.subject_agency_id = import.agency_id;
    record.record_id = import.id;
    return audit::Append(tx, deps_.ids, now_ms, record);
  }

  // A row that bears upon several listings is read with each.
  std::vector<ImportProblem> OnceEach() const {
    std::vector<ImportProblem> once;
    for (const ImportProblem& problem : problems_.list()) {
      if (std::ranges::find(once, problem) == once.end()) once.push_back(problem);
    }
    return once;
  }

  const Deps& deps_;
  const ImportCheck& check_;
  const std::function<bool()>& is_stopping_;
  Problems problems_;
  ImportCounts counts_;
  int change_count_ = 0;
  int64_t touched_steady_ms_ = 0;
};

// What is read comes from outside: whatever it makes a library throw ends this check and no more.
Result<void> RunGuarded(Checker& checker) {
  try {
    return checker.Run();
  } catch (const std::exception&) {
    return Fail(Code::kInternal, "IMPORT_FAILED", "Reading the import threw an exception.");
  }
}

// Whoever began it: after a restart too.
rpc::CallContext ContextOf(const StagedImport& import) {
  rpc::CallContext context;
  context.actor.kind =
      import.actor_is_machine ? auth::ActorKind::kMachine : auth::ActorKind::kStaff;
  context.actor.agency_id = import.actor_agency_id;
  if (import.actor_is_admin) context.actor.roles = {auth::Role::kAgencyAdmin};
  context.traceparent = import.traceparent;
  return context;
}

Result<void> WriteChanges(const ListingWriter& writer, const std::string& text) {
  FAIRLEAD_ASSIGN(const boost::json::value parsed,
                  ParseStrictJson(text, kMaxChangesBytes, kMaxChangesDepth));
  const boost::json::array* changes = parsed.if_array();
  if (changes == nullptr) {
    return Fail(Code::kInternal, "IMPORT_CHANGES_UNREADABLE", "Changes cannot be read.");
  }
  for (const boost::json::value& one : *changes) {
    const DecidedChange change = DecidedFromJson(one.as_object());
    if (change.table == "organizations") {
      FAIRLEAD_RETURN_IF_ERROR(
          writer.Put(change.organization, change.hsds, change.content_hash, change.is_new));
    } else if (change.table == "services") {
      FAIRLEAD_RETURN_IF_ERROR(
          writer.Put(change.listing, change.hsds, change.content_hash, change.is_new));
    } else {
      FAIRLEAD_RETURN_IF_ERROR(writer.Put(Document{.table = TableOf(change.table).name,
                                                   .id = change.id,
                                                   .body = change.hsds,
                                                   .is_partial = change.is_partial}));
    }
  }
  return {};
}

}  // namespace

Result<void> CheckStagedImport(const Deps& deps, const ImportCheck& check,
                               const std::function<bool()>& is_stopping) {
  Checker checker(deps, check, is_stopping);
  Result<void> done = RunGuarded(checker);
  if (!done) checker.GiveUp(done.error());
  return done;
}

Result<bool> WriteStagedImport(const Deps& deps, storage::Transaction& tx,
                               const std::string& import_id) {
  FAIRLEAD_ASSIGN(const auto stored, FindStagedImport(tx, import_id));
  if (!stored || stored->state != StagedState::kApplying) return false;
  StagedImport import = *stored;
  FAIRLEAD_ASSIGN(const auto next, NextChanges(tx, import_id));
  if (!next) {
    FAIRLEAD_RETURN_IF_ERROR(deps.store.AfterManyChanges(tx));
    import.state = StagedState::kApplied;
    import.percent = 100;
    import.expire_ms = deps.clock.NowMs() + kOverForMs;
    FAIRLEAD_RETURN_IF_ERROR(PutStagedImport(tx, import));
    return false;
  }
  FAIRLEAD_ASSIGN(const int64_t change_number, deps.store.NextListingChange(tx));
  const rpc::CallContext context = ContextOf(import);
  const ListingWriter writer{deps,      tx, context, import.agency_id, import.hides_places,
                             change_number};
  FAIRLEAD_RETURN_IF_ERROR(WriteChanges(writer, next->changes));
  FAIRLEAD_RETURN_IF_ERROR(DeleteChanges(tx, import_id, next->number));
  import.percent = static_cast<int>(static_cast<int64_t>(next->number + 1) * 100 /
                                    std::max(import.change_count, 1));
  FAIRLEAD_RETURN_IF_ERROR(PutStagedImport(tx, import));
  return true;
}

}  // namespace fairlead::directory
