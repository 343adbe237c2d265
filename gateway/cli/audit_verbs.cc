// audit who-saw|query: who did what, and who saw what.
#include <algorithm>
#include <map>

#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/audit_view.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = audit::v1;

using Names = std::map<std::string, std::string>;  // by staff id

// Colleagues, to those who may list them: an administrator. Nobody else asks, for a refusal would
// stand in the trail that is being read.
Result<Names> ColleaguesOf(Context& context) {
  FAIRLEAD_ASSIGN(const auto me, context.client().Call<identity::v1::GetMeResponse>(
                                     kGetMe, identity::v1::GetMeRequest()));
  Names names{{me.staff().id(), me.staff().display_name()}};
  const auto& roles = me.staff().roles();
  if (std::ranges::find(roles, identity::v1::ROLE_AGENCY_ADMIN) == roles.end()) return names;
  identity::v1::ListStaffRequest request;
  request.set_agency_id(me.staff().agency_id());
  const auto note = [&](const identity::v1::ListStaffResponse& page) -> Result<bool> {
    for (const auto& staff : page.staff()) names[staff.id()] = staff.display_name();
    return true;
  };
  FAIRLEAD_RETURN_IF_ERROR(
      EachPage<identity::v1::ListStaffResponse>(context, kListStaff, request, note));
  return names;
}

// A colleague by name; anybody else by the last group of the id, the part that differs most: the
// names of other agencies' people are theirs to tell. --json has whole ids.
std::string PersonText(const Names& names, const std::string& staff_id) {
  if (staff_id.empty()) return "";
  const auto found = names.find(staff_id);
  return found != names.end() ? found->second : "…" + staff_id.substr(staff_id.rfind('-') + 1);
}

// What it was done to, the nearest first.
std::string Subject(const Names& names, const fairlead::events::v1::AuditRecorded& record) {
  if (!record.referral_id().empty()) return "referral " + record.referral_id();
  if (!record.release_id().empty()) return "release " + record.release_id();
  if (!record.subject_staff_id().empty()) {
    return "staff " + PersonText(names, record.subject_staff_id());
  }
  return record.record_id();
}

struct WhoSawOptions {
  std::string referral;
  std::string case_handle;
};

Result<void> WhoSaw(Context& context, const WhoSawOptions& options) {
  if (options.referral.empty() == options.case_handle.empty()) {
    return Usage("Give a referral, or a case handle with --case.");
  }
  v1::ListViewersRequest request;
  if (!options.referral.empty()) {
    FAIRLEAD_ASSIGN(const std::string id, context.Id("referral", options.referral));
    request.set_referral_id(id);
  } else {
    FAIRLEAD_ASSIGN(const std::string handle, context.Id("case", options.case_handle));
    request.set_case_handle(handle);
  }
  v1::ListViewersResponse all;
  const auto add = [&](const v1::ListViewersResponse& page) -> Result<bool> {
    all.MergeFrom(page);
    all.set_next_page_token(page.next_page_token());
    return all.records_size() < kMaxPages * kPageSize;
  };
  FAIRLEAD_RETURN_IF_ERROR(
      EachPage<v1::ListViewersResponse>(context, kListViewers, request, add));
  context.Emit(all, [&] { PrintAuditRecords(context, all.records()); });
  if (all.records_size() == 0) {
    context.Say("No opening is known of that you may see. It would look the same if there were no "
                "such record: a case is asked for with --case.");
  }
  if (!all.next_page_token().empty()) context.Say("There is more: these are the newest.");
  context.Next(request.referral_id().empty() ? "audit query --case " + request.case_handle()
                                             : "audit query --referral " + request.referral_id());
  return {};
}

// Who may export; whoever cannot be asked about may not.
bool IsAuditor(Context& context) {
  const auto me = context.client().Call<identity::v1::GetMeResponse>(
      kGetMe, identity::v1::GetMeRequest());
  if (!me) return false;
  const auto& roles = me->staff().roles();
  return std::find(roles.begin(), roles.end(), identity::v1::ROLE_AUDITOR) != roles.end();
}

struct QueryOptions {
  AuditOptions filter;
  int64_t limit = kPageSize;
};

Result<void> Query(Context& context, const QueryOptions& options) {
  v1::ListAuditRecordsRequest request;
  FAIRLEAD_ASSIGN(*request.mutable_filter(), ToFilter(context, options.filter));
  v1::ListAuditRecordsResponse all;
  while (all.records_size() < options.limit) {
    const int64_t left = options.limit - all.records_size();
    request.set_page_size(static_cast<int32_t>(std::min<int64_t>(left, kPageSize)));
    FAIRLEAD_ASSIGN(const auto response, context.client().Call<v1::ListAuditRecordsResponse>(
                                             kListAuditRecords, request));
    all.mutable_records()->MergeFrom(response.records());
    all.set_next_page_token(response.next_page_token());
    request.set_page_token(response.next_page_token());
    if (response.next_page_token().empty()) break;
  }
  context.Emit(all, [&] { PrintAuditRecords(context, all.records()); });
  if (all.records_size() == 0) context.Say("Nothing is recorded, as far as you may see.");
  if (!all.next_page_token().empty()) {
    context.Say("There is more: narrow it (--since, --until), or raise --limit.");
  }
  if (!context.json() && IsAuditor(context)) context.Next("audit export --output audit.ndjson");
  return {};
}

}  // namespace

void AddFilterOptions(Args verb, AuditOptions* options) {
  verb.Option("--staff", &options->staff,
              "What this person did (the whole id, as user list and --json show it)");
  verb.Option("--agency", &options->agency, "What this agency's staff did (id or exact name)");
  verb.Option("--case", &options->case_handle, "About one case handle, or @last");
  verb.Option("--referral", &options->referral, "About one referral, or @last");
  verb.Option("--release", &options->release, "About one release, or @last");
  verb.Option("--action", &options->action, "One act: packet_opened, sign_in_failed, call_denied");
  verb.Option("--since", &options->since, "From then on: a time, or how long ago (7d)");
  verb.Option("--until", &options->until, "Before then: a time, or how long ago (1d)");
  verb.Flag("--refused", &options->refused, "Only what was refused");
}

Result<v1::AuditFilter> ToFilter(Context& context, const AuditOptions& options) {
  v1::AuditFilter filter;
  filter.set_staff_id(options.staff);
  if (!options.agency.empty()) {
    FAIRLEAD_ASSIGN(const std::string id, context.AgencyIdAtHub(options.agency));
    filter.set_agency_id(id);
  }
  const auto set_id = [&](const std::string& kind, const std::string& text,
                          auto set) -> Result<void> {
    if (text.empty()) return {};
    FAIRLEAD_ASSIGN(const std::string id, context.Id(kind, text));
    set(id);
    return {};
  };
  FAIRLEAD_RETURN_IF_ERROR(set_id("case", options.case_handle,
                                  [&](const std::string& id) { filter.set_case_handle(id); }));
  FAIRLEAD_RETURN_IF_ERROR(set_id("referral", options.referral,
                                  [&](const std::string& id) { filter.set_referral_id(id); }));
  FAIRLEAD_RETURN_IF_ERROR(set_id("release", options.release,
                                  [&](const std::string& id) { filter.set_release_id(id); }));
  filter.set_action(options.action);
  if (!options.since.empty()) {
    FAIRLEAD_RETURN_IF_ERROR(
        SetTime(options.since, "--since", context.NowMs(), filter.mutable_start_time()));
  }
  if (!options.until.empty()) {
    FAIRLEAD_RETURN_IF_ERROR(
        SetTime(options.until, "--until", context.NowMs(), filter.mutable_end_time()));
  }
  filter.set_refused_only(options.refused);
  return filter;
}

void PrintAuditRecords(Context& context, const AuditRecords& records) {
  if (records.empty()) return;
  const Result<Names> colleagues = ColleaguesOf(context);
  const Names names = colleagues ? *colleagues : Names();  // a matter of words
  Table table({"When", "What", "Outcome", "Agency", "Staff", "On", "Release"});
  for (const auto& record : records) {
    std::string outcome = record.refused_reason().empty() ? "done" : record.refused_reason();
    if (record.count() > 1) outcome += " x" + std::to_string(record.count());
    table.Add({TimeText(record.time()), record.action(), outcome,
               record.agency_id().empty() ? "" : context.AgencyName(record.agency_id()),
               PersonText(names, record.staff_id()), Subject(names, record),
               record.release_id()});
  }
  context.Print(table);
}

void AddAuditVerbs(Args root, Context& context) {
  Args audit = root.Group("audit", "Who did what, and who saw what");
  {
    auto options = std::make_shared<WhoSawOptions>();
    Args verb = audit.Verb("who-saw", "Every opening of a packet, and every refused one");
    verb.Positional("referral", &options->referral, "Its id, or @last", Need::kOptional);
    verb.Option("--case", &options->case_handle, "All referrals of a case handle, or @last");
    verb.Do([&context, options] { return WhoSaw(context, *options); });
  }
  {
    constexpr int64_t kMost = 10'000;
    auto options = std::make_shared<QueryOptions>();
    Args verb = audit.Verb("query", "Search the audit trail, the newest first");
    AddFilterOptions(verb, &options->filter);
    verb.Option("--limit", &options->limit, 1, kMost, "At most so many; default 100");
    verb.Do([&context, options] { return Query(context, *options); });
  }
  AddAuditExportVerb(audit, context);
}

}  // namespace fairlead::cli
