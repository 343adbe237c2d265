#include "services/directory/commands/verify_listing.h"

#include <optional>
#include <vector>

#include "services/common/audit/audit.h"
#include "services/common/auth/policy.h"
#include "services/directory/commands/hsds_records.h"
#include "services/directory/commands/record_history.h"
#include "services/directory/commands/tell_listing.h"
#include "services/directory/domain/hsds_answer.h"
#include "services/directory/domain/verification.h"

namespace fairlead::directory {
namespace {

bool MayVerify(const rpc::CallContext& context, bool is_own) {
  const auth::Standing standing{.relations =
                                    is_own ? auth::Relation::kOwnAgency : auth::Relation::kNone};
  return auth::Decide(auth::FindPolicy(context.method), context.actor, standing,
                      context.calling_service) == auth::Verdict::kAllowed;
}

// In the history it is a change of the date that HSDS shows.
Result<void> RecordAssurance(const Deps& deps, storage::Transaction& tx,
                             const rpc::CallContext& context, const StoredListing& stored,
                             int64_t now_ms) {
  FAIRLEAD_ASSIGN(const auto record, FindHsds(tx, "services", stored.listing.id));
  if (!record) return {};
  FAIRLEAD_ASSIGN(const bool hides_places, HasConfidential(tx, stored.agency_id));
  boost::json::object before = ParseDocument(record->body);
  if (stored.assured_ms > 0) before["assured_date"] = FormatDay(stored.assured_ms);
  boost::json::object after = before;
  after["assured_date"] = FormatDay(now_ms);
  return RecordHistory(
      deps, tx, context,
      {.kind = "services", .id = stored.listing.id, .agency_id = stored.agency_id}, before, after,
      hides_places);
}

}  // namespace

Result<ListingVerification> VerifyListing(const Deps& deps, storage::Transaction& tx,
                                          const rpc::CallContext& context,
                                          const std::string& service_id) {
  FAIRLEAD_ASSIGN(const std::optional<StoredListing> stored,
                  deps.store.FindListing(tx, service_id));
  const bool own = stored && stored->agency_id == context.actor.agency_id;
  if (!stored || !MayVerify(context, own)) {
    return Fail(Code::kNotFound, "SERVICE_NOT_FOUND", "There is no such service.");
  }
  const int64_t now_ms = deps.clock.NowMs();
  ListingVerification verification{.service_id = service_id,
                                   .service_name = stored->listing.name,
                                   .agency_id = stored->agency_id,
                                   .assured_ms = now_ms,
                                   .assurer_agency_id = context.actor.agency_id,
                                   .assurer_role = ActingRole(context.actor, stored->agency_id)};
  FAIRLEAD_RETURN_IF_ERROR(RecordAssurance(deps, tx, context, *stored, now_ms));
  FAIRLEAD_ASSIGN(const int64_t change_number, deps.store.NextListingChange(tx));
  FAIRLEAD_RETURN_IF_ERROR(
      PutVerification(tx, verification, NextReminderMs(now_ms, now_ms), change_number));
  FAIRLEAD_RETURN_IF_ERROR(
      TellListingChanged(deps, tx, context, stored->agency_id, service_id, "verified"));
  audit::Record record{.action = audit::Action::kListingVerified, .by = audit::ByCaller(context)};
  record.subject_agency_id = stored->agency_id;
  record.record_id = service_id;
  FAIRLEAD_RETURN_IF_ERROR(audit::Append(tx, deps.ids, now_ms, record));
  return verification;
}

Result<std::string> AgencyToVerify(const rpc::CallContext& context, const std::string& agency_id) {
  const std::string& asked = agency_id.empty() ? context.actor.agency_id : agency_id;
  if (!MayVerify(context, asked == context.actor.agency_id)) {
    return Fail(Code::kPermissionDenied, "NOT_YOUR_AGENCY",
                "Only a coordinator sees this of another agency.");
  }
  return asked;
}

Result<int64_t> RemindOfVerifications(const Deps& deps, storage::Transaction& tx) {
  const int64_t now_ms = deps.clock.NowMs();
  FAIRLEAD_ASSIGN(const std::vector<ListingVerification> due,
                  ListingsToRemind(tx, now_ms, kRemindersPerRun));
  for (const ListingVerification& one : due) {
    FAIRLEAD_RETURN_IF_ERROR(
        PutReminder(tx, one.service_id, NextReminderMs(one.assured_ms, now_ms)));
    const VerificationState state = VerificationOf(one.assured_ms, now_ms);
    if (state == VerificationState::kVerified) continue;  // the clock was set back
    const bool overdue = state == VerificationState::kStale;
    FAIRLEAD_RETURN_IF_ERROR(
        TellListingChanged(deps, tx, rpc::CallContext(), one.agency_id, one.service_id,
                           overdue ? "verification_overdue" : "verification_due", overdue));
  }
  return static_cast<int64_t>(due.size());
}

}  // namespace fairlead::directory
