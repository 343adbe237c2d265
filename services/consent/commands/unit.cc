#include "services/consent/commands/unit.h"

#include "fairlead/events/v1/events.pb.h"
#include "services/common/base/clock.h"
#include "services/common/base/text.h"
#include "services/common/outbox/outbox.h"

namespace fairlead::consent {

auth::Verdict Ask(const rpc::CallContext& context, const auth::Standing& standing) {
  return auth::Decide(auth::FindPolicy(context.method), context.actor, standing,
                      context.calling_service);
}

Result<void> AskWithRelease(const Unit& unit, auth::Relation relation) {
  const auth::Standing standing{.relations = relation, .release_in_force = true};
  if (Ask(unit.context, standing) == auth::Verdict::kAllowed) return {};
  return Fail(Code::kPermissionDenied, "RELEASE_REQUIRED", "This needs a release in force.");
}

Result<Release> FindOwn(Unit& unit, const std::string& release_id) {
  FAIRLEAD_ASSIGN(std::optional<Release> release, unit.store.Find(release_id));
  auth::Standing standing;
  if (release && release->discloser_agency_id == unit.agency_id) {
    standing.relations = auth::Relation::kDiscloser;
  }
  const auth::Verdict verdict = Ask(unit.context, standing);
  // Whether it is in force is for the caller to find out, with the reason.
  const bool found = verdict == auth::Verdict::kAllowed || verdict == auth::Verdict::kReleaseNeeded;
  // A verb that names no record of its own (creating one) is open to anybody who may use it.
  if (!release || !found || release->discloser_agency_id != unit.agency_id) {
    return Fail(Code::kNotFound, "RELEASE_NOT_FOUND", "There is no such release.");
  }
  return std::move(*release);
}

Result<AsParty> FindAsParty(Unit& unit, const std::string& release_id) {
  FAIRLEAD_ASSIGN(std::optional<Release> release, unit.store.Find(release_id));
  auth::Standing standing;
  if (release && release->discloser_agency_id == unit.agency_id) {
    standing.relations = auth::Relation::kDiscloser;
  }
  if (release && Contains(release->recipient_agency_ids, unit.agency_id)) {
    standing.relations = standing.relations | auth::Relation::kRecipient;
  }
  if (!release || Ask(unit.context, standing) != auth::Verdict::kReleaseNeeded) {
    return Fail(Code::kNotFound, "RELEASE_NOT_FOUND", "There is no such release.");
  }
  return AsParty{std::move(*release), standing.relations};
}

std::string Etag(const Release& release) { return "v" + std::to_string(release.version); }

Result<void> CheckEtag(const Release& release, const std::string& etag) {
  if (etag.empty() || etag == Etag(release)) return {};
  return Fail(Code::kAborted, "ETAG_MISMATCH",
              "The release has changed since it was read: read it again.",
              {{"current_etag", Etag(release)}});
}

Result<void> CheckLogged(Unit& unit, const Release& release, const std::string& referral_id,
                         const std::string& agency_id) {
  if (agency_id == release.discloser_agency_id) return {};
  FAIRLEAD_ASSIGN(const bool logged,
                  unit.store.IsLoggedAsSent(release.id, referral_id, agency_id));
  if (logged) return {};
  return Fail(Code::kPermissionDenied, "DISCLOSURE_NOT_LOGGED",
              "The disclosure log does not have this as sent: nothing is given out past it.");
}

tl::unexpected<Error> UsedUpToday(const Unit& unit, int64_t oldest_ms, const char* reason,
                                  const char* message) {
  const int64_t wait_ms = oldest_ms + kDayMs - unit.now_ms;
  return Fail(Code::kResourceExhausted, reason, message,
              {{"retry_after_s", std::to_string(WholeSeconds(wait_ms))}});
}

Result<void> Audit(Unit& unit, audit::Action action, const Release& release,
                   const std::string& referral_id) {
  audit::Record record{.action = action, .by = unit.by};
  record.subject_agency_id = release.discloser_agency_id;
  record.case_handle = release.case_handle;
  record.release_id = release.id;
  record.referral_id = referral_id;
  return audit::Append(unit.tx, unit.ids, unit.now_ms, record);
}

Result<void> Announce(Unit& unit, const Release& release, const std::string& change) {
  const auto action = audit::ActionFromCode("release_" + change);
  if (!action) return Fail(Code::kInternal, "AUDIT_ACTION_UNKNOWN", "No such act: " + change);
  FAIRLEAD_RETURN_IF_ERROR(Audit(unit, *action, release));
  fairlead::events::v1::ReleaseChanged data;
  data.set_release_id(release.id);
  data.set_discloser_agency_id(release.discloser_agency_id);
  data.set_change(change);
  data.set_state(std::string(StateName(release.state)));
  FAIRLEAD_ASSIGN(std::vector<std::string> audience, unit.store.SentTo(release.id));
  audience.push_back(release.discloser_agency_id);
  return AppendEvent(unit, change, release.id, data, std::move(audience));
}

Result<void> AppendEvent(Unit& unit, const std::string& change, const std::string& subject,
                         const google::protobuf::Message& data,
                         std::vector<std::string> audience_agency_ids, bool for_coordinators) {
  outbox::Event event;
  event.id = unit.ids.New();
  event.type = "fairlead.consent." + change + ".v1";
  event.subject = subject;
  event.time_ms = unit.now_ms;
  event.data_schema = data.GetDescriptor()->full_name();
  event.data = data.SerializeAsString();
  event.traceparent = unit.traceparent;
  event.audience_agency_ids = std::move(audience_agency_ids);
  event.for_coordinators = for_coordinators;
  return outbox::Append(unit.tx, event);
}

}  // namespace fairlead::consent
