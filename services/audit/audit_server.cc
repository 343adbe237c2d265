#include "services/audit/audit_server.h"

#include <charconv>
#include <utility>

#include "services/audit/commands/begin_export.h"
#include "services/audit/commands/find_entries.h"
#include "services/audit/store/sql_audit_store.h"
#include "services/common/audit/audit.h"
#include "services/common/base/encoding.h"
#include "services/common/rpc/proto_time.h"

namespace fairlead::audit {
namespace {

using fairlead::events::v1::AuditRecorded;

constexpr int kExportPage = 1000;

void ToProto(const Entry& entry, AuditRecorded* line) {
  line->set_service(entry.service);
  line->set_sequence(entry.sequence);
  line->set_id(entry.id);
  rpc::SetTime(entry.time_ms, [&] { return line->mutable_time(); });
  line->set_action(entry.action);
  line->set_refused_reason(entry.refused_reason);
  line->set_staff_id(entry.staff_id);
  line->set_agency_id(entry.agency_id);
  line->set_session_id(entry.session_id);
  line->set_subject_staff_id(entry.subject_staff_id);
  line->set_subject_agency_id(entry.subject_agency_id);
  line->set_case_handle(entry.case_handle);
  line->set_referral_id(entry.referral_id);
  line->set_release_id(entry.release_id);
  line->set_record_id(entry.record_id);
  line->set_method(entry.method);
  line->set_count(entry.count);
}

Result<Filter> FromProto(const v1::AuditFilter& proto) {
  if (!proto.action().empty() && !ActionFromCode(proto.action())) {
    return Fail(Code::kInvalidArgument, "UNKNOWN_ACTION", "The trail knows no such action.",
                {{"field", "filter.action"}});
  }
  Filter filter;
  filter.staff_id = proto.staff_id();
  filter.agency_id = proto.agency_id();
  filter.case_handle = proto.case_handle();
  filter.referral_id = proto.referral_id();
  filter.release_id = proto.release_id();
  filter.action = proto.action();
  if (proto.has_start_time()) filter.start_ms = rpc::ToMs(proto.start_time());
  if (proto.has_end_time()) filter.end_ms = rpc::ToMs(proto.end_time());
  filter.refused_only = proto.refused_only();
  return filter;
}

std::string QueryKey(const std::string& kind, const auth::Actor& actor, const Filter& f) {
  std::string key = kind + "\n" + actor.staff_id + "\n" + actor.agency_id;
  for (const std::string* part :
       {&f.staff_id, &f.agency_id, &f.case_handle, &f.referral_id, &f.release_id, &f.action}) {
    key += "\n" + *part;
  }
  return key + "\n" + std::to_string(f.start_ms) + "\n" + std::to_string(f.end_ms) + "\n" +
         (f.refused_only ? "1" : "0");
}

Viewer ToViewer(const auth::Actor& actor) {
  return {.staff_id = actor.staff_id,
          .agency_id = actor.agency_id,
          .sees_all = actor.Has(auth::Role::kAuditor),
          .behind_the_wall = actor.agency_kind == auth::AgencyKind::kLawEnforcement};
}

Result<std::optional<Position>> FromToken(const rpc::PageTokens& tokens, const std::string& query,
                                          const std::string& token) {
  if (token.empty()) return std::optional<Position>();
  FAIRLEAD_ASSIGN(const std::vector<std::string> parts, tokens.Decode(query, token));
  Position position;
  if (parts.size() == 2) {
    position.id = parts[1];
    std::from_chars(parts[0].data(), parts[0].data() + parts[0].size(), position.time_ms);
  }
  return std::optional<Position>(position);
}

}  // namespace

AuditServer::AuditServer(storage::Database& database, const Clock& clock, Random& random,
                         IdGenerator& ids, int exports_per_day)
    : database_(database),
      clock_(clock),
      ids_(ids),
      page_tokens_(random.Bytes(32)),
      exports_per_day_(exports_per_day) {}

void AuditServer::Register(rpc::Registry& registry) {
  const auto add = [&]<class Request, class Response>(const char* name,
                                                      Task<Result<Response>> (AuditServer::*method)(
                                                          rpc::CallContext, const Request&)) {
    rpc::Add<Request, Response>(registry, name,
                                [this, method](rpc::CallContext context, const Request& request) {
                                  return (this->*method)(std::move(context), request);
                                });
  };
  add("/fairlead.audit.v1.AuditService/ListAuditRecords", &AuditServer::ListAuditRecords);
  add("/fairlead.audit.v1.AuditService/ListViewers", &AuditServer::ListViewers);
  add("/fairlead.audit.v1.AuditService/ExportAuditRecords", &AuditServer::ExportAuditRecords);
}

Task<Result<AuditServer::Page>> AuditServer::Find(rpc::CallContext context, Asked asked) {
  const auto after = FromToken(page_tokens_, asked.query, asked.page_token);
  if (!after) co_return Fail(after.error());
  const Viewer viewer = ToViewer(context.actor);
  const std::function<Result<std::vector<Entry>>(storage::ReadTransaction&)> job =
      [&](storage::ReadTransaction& tx) {
        const std::unique_ptr<AuditReader> reader = MakeSqlAuditReader(tx);
        return FindEntries(*reader, viewer, asked.filter, *after, asked.size + 1);
      };
  Result<std::vector<Entry>> found = co_await database_.Read<std::vector<Entry>>(job);
  if (!found) co_return Fail(std::move(found.error()));
  Page page;
  page.entries = std::move(*found);
  if (page.entries.size() > static_cast<size_t>(asked.size)) {
    page.entries.pop_back();
    const Entry& last = page.entries.back();
    page.next_token = page_tokens_.Encode(asked.query, {std::to_string(last.time_ms), last.id});
  }
  co_return page;
}

Task<Result<AuditServer::Page>> AuditServer::Read(rpc::CallContext context, Asked asked) {
  if (asked.page_token.empty()) {
    const Record record = AboutFilter(Action::kAuditRead, ByCaller(context), asked.filter);
    Task<Result<bool>> write = AppendAlone(database_, ids_, clock_.NowMs(), record);
    Result<bool> recorded = co_await std::move(write);
    if (!recorded) co_return Fail(std::move(recorded.error()));
  }
  Task<Result<Page>> find = Find(std::move(context), std::move(asked));
  co_return co_await std::move(find);
}

Task<Result<v1::ListAuditRecordsResponse>> AuditServer::ListAuditRecords(
    rpc::CallContext context, const v1::ListAuditRecordsRequest& request) {
  Result<Filter> filter = FromProto(request.filter());
  if (!filter) co_return Fail(std::move(filter.error()));
  Asked asked{.filter = *filter,
              .query = QueryKey("records", context.actor, *filter),
              .page_token = request.page_token(),
              .size = rpc::PageSize(request.page_size())};
  Task<Result<Page>> read = Read(std::move(context), std::move(asked));
  Result<Page> page = co_await std::move(read);
  if (!page) co_return Fail(std::move(page.error()));
  v1::ListAuditRecordsResponse response;
  for (const Entry& entry : page->entries) ToProto(entry, response.add_records());
  response.set_next_page_token(page->next_token);
  co_return response;
}

Task<Result<v1::ListViewersResponse>> AuditServer::ListViewers(
    rpc::CallContext context, const v1::ListViewersRequest& request) {
  if (request.referral_id().empty() == request.case_handle().empty()) {
    co_return Fail(Code::kInvalidArgument, "REFERRAL_OR_CASE_REQUIRED",
                   "Ask about one referral, or about one case handle.");
  }
  Filter filter;
  filter.referral_id = request.referral_id();
  filter.case_handle = request.case_handle();
  filter.action = std::string(ActionCode(Action::kPacketOpened));
  Asked asked{.filter = filter,
              .query = QueryKey("viewers", context.actor, filter),
              .page_token = request.page_token(),
              .size = rpc::PageSize(request.page_size())};
  Task<Result<Page>> read = Read(std::move(context), std::move(asked));
  Result<Page> page = co_await std::move(read);
  if (!page) co_return Fail(std::move(page.error()));
  v1::ListViewersResponse response;
  for (const Entry& entry : page->entries) ToProto(entry, response.add_records());
  response.set_next_page_token(page->next_token);
  co_return response;
}

Task<Result<v1::ExportAuditRecordsResponse>> AuditServer::ExportAuditRecords(
    rpc::CallContext context, const v1::ExportAuditRecordsRequest& request) {
  Result<Filter> filter = FromProto(request.filter());
  if (!filter) co_return Fail(std::move(filter.error()));
  Asked asked{.filter = *filter,
              .query = QueryKey("export " + request.request_id(), context.actor, *filter),
              .page_token = request.page_token(),
              .size = kExportPage};
  // A token that is none must not use up an export.
  const auto position = FromToken(page_tokens_, asked.query, asked.page_token);
  if (!position) co_return Fail(position.error());
  const ExportRequest begin{.request_id = request.request_id(),
                            .first_page = request.page_token().empty(),
                            .exports_per_day = exports_per_day_,
                            .filter = *filter,
                            .query = Base64UrlEncode(Sha256(asked.query))};
  const std::function<Result<bool>(storage::Transaction&)> job =
      [this, &begin, by = ByCaller(context),
       now_ms = clock_.NowMs()](storage::Transaction& tx) -> Result<bool> {
    const std::unique_ptr<AuditStore> store = MakeSqlAuditStore(tx);
    FAIRLEAD_RETURN_IF_ERROR(BeginExport(tx, *store, ids_, now_ms, by, begin));
    return true;
  };
  Result<bool> begun = co_await database_.Write<bool>(job);
  if (!begun) co_return Fail(std::move(begun.error()));
  Task<Result<Page>> find = Find(std::move(context), std::move(asked));
  Result<Page> page = co_await std::move(find);
  if (!page) co_return Fail(std::move(page.error()));
  v1::ExportAuditRecordsResponse response;
  for (const Entry& entry : page->entries) ToProto(entry, response.add_records());
  response.set_next_page_token(page->next_token);
  co_return response;
}

}  // namespace fairlead::audit
