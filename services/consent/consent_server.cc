#include "services/consent/consent_server.h"

#include <utility>

#include "services/common/base/text.h"
#include "services/common/rpc/mutate.h"
#include "services/common/rpc/proto_time.h"
#include "services/consent/commands/after_restore.h"
#include "services/consent/commands/confirm_withdrawal.h"
#include "services/consent/commands/create_release.h"
#include "services/consent/commands/destroy_notices.h"
#include "services/consent/commands/end_release.h"
#include "services/consent/commands/expire_releases.h"
#include "services/consent/commands/issue_custody_keys.h"
#include "services/consent/commands/sign_release.h"
#include "services/consent/in_unit.h"
#include "services/consent/store/sql_release_store.h"
#include "services/consent/translate.h"

namespace fairlead::consent {
namespace {

// A packet that was sent with its offer goes by its referral's id.
template <class Request>
std::string PacketId(const Request& request) {
  return request.packet_id().empty() ? request.referral_id() : request.packet_id();
}

// What opening and sealing anew say of the share alike.
template <class Request>
OpenRequest ToOpenRequest(const Request& request) {
  OpenRequest open;
  open.release_id = request.release_id();
  open.referral_id = request.referral_id();
  open.packet_id = PacketId(request);
  open.use.agency_id = request.agency_id();
  open.use.purpose = request.purpose();
  open.use.categories = rpc::ToVector(request.categories());
  open.use.release_hash = request.release_hash();
  return open;
}

// The record of an opening, or a sealing anew, that was refused.
std::function<Result<void>(Unit&, const Error&)> RefusedOpening(const OpenRequest& open,
                                                                audit::Action act) {
  return [&open, act](Unit& unit, const Error& error) {
    return AuditRefusedOpening(unit, open, act, error);
  };
}

// What a release's end answers, whichever it was.
template <class Response>
Response ToResponse(const Ending& ending) {
  Response response;
  *response.mutable_release() = ToProto(ending.release);
  rpc::SetRepeated(ending.agency_ids_that_opened, response.mutable_agency_ids_that_opened());
  response.set_keys_deleted(static_cast<int32_t>(ending.keys_deleted));
  return response;
}

}  // namespace

ConsentServer::ConsentServer(storage::Database& database, const Clock& clock, Random& random,
                             IdGenerator& ids, int opens_per_day, SignerRules signer_rules)
    : database_(database),
      clock_(clock),
      random_(random),
      ids_(ids),
      page_tokens_(random.Bytes(32)),
      opens_per_day_(opens_per_day),
      signer_rules_(std::move(signer_rules)) {}

void ConsentServer::Register(rpc::Registry& registry) {
  const auto add = [&]<class Request, class Response>(
                       const char* name,
                       Task<Result<Response>> (ConsentServer::*method)(rpc::CallContext,
                                                                       const Request&),
                       const char* service = "ConsentService") {
    rpc::Add<Request, Response>(registry,
                                std::string("/fairlead.consent.v1.") + service + "/" + name,
                                [this, method](rpc::CallContext context, const Request& request) {
                                  return (this->*method)(std::move(context), request);
                                });
  };
  add("CreateRelease", &ConsentServer::CreateRelease);
  add("SignRelease", &ConsentServer::SignRelease);
  add("RevokeRelease", &ConsentServer::RevokeRelease);
  add("ConfirmWithdrawal", &ConsentServer::ConfirmWithdrawal);
  add("EnterReleaseInError", &ConsentServer::EnterReleaseInError);
  add("GetRelease", &ConsentServer::GetRelease);
  add("ListReleases", &ConsentServer::ListReleases);
  add("ListDisclosures", &ConsentServer::ListDisclosures);
  add("ListDestroyNotices", &ConsentServer::ListDestroyNotices);
  add("AcknowledgeDestruction", &ConsentServer::AcknowledgeDestruction);
  add("IssueCustodyKeys", &ConsentServer::IssueCustodyKeys);
  add("ReleaseCustodyKey", &ConsentServer::ReleaseCustodyKey);
  add("RenewCustodyKey", &ConsentServer::RenewCustodyKey);
  add("CheckCustody", &ConsentServer::CheckCustody, "CustodyCheckService");
  add("DestroyCustodyKeys", &ConsentServer::DestroyCustodyKeys);
  add("IssueNoteKeys", &ConsentServer::IssueNoteKeys, "NoteKeyService");
  RegisterBreakGlass(registry);
}

Task<Result<v1::CreateReleaseResponse>> ConsentServer::CreateRelease(
    rpc::CallContext context, const v1::CreateReleaseRequest& request) {
  std::function<Result<v1::CreateReleaseResponse>(Unit&)> command =
      [&request](Unit& unit) -> Result<v1::CreateReleaseResponse> {
    FAIRLEAD_ASSIGN(const Release release, consent::CreateRelease(unit, FromProto(request)));
    v1::CreateReleaseResponse response;
    *response.mutable_release() = ToProto(release);
    return response;
  };
  auto job = InUnit(context, std::move(command));
  co_return co_await rpc::Mutate<v1::CreateReleaseResponse>(database_, context, request,
                                                            clock_.NowMs(), job);
}

Task<Result<v1::SignReleaseResponse>> ConsentServer::SignRelease(
    rpc::CallContext context, const v1::SignReleaseRequest& request) {
  std::function<Result<v1::SignReleaseResponse>(Unit&)> command =
      [&request](Unit& unit) -> Result<v1::SignReleaseResponse> {
    FAIRLEAD_ASSIGN(const Release release, consent::SignRelease(unit, FromProto(request)));
    v1::SignReleaseResponse response;
    *response.mutable_release() = ToProto(release);
    return response;
  };
  auto job = InUnit(context, std::move(command));
  co_return co_await rpc::Mutate<v1::SignReleaseResponse>(database_, context, request,
                                                          clock_.NowMs(), job);
}

Task<Result<v1::RevokeReleaseResponse>> ConsentServer::RevokeRelease(
    rpc::CallContext context, const v1::RevokeReleaseRequest& request) {
  std::function<Result<v1::RevokeReleaseResponse>(Unit&)> command =
      [&request](Unit& unit) -> Result<v1::RevokeReleaseResponse> {
    FAIRLEAD_ASSIGN(const Ending ending,
                    consent::RevokeRelease(unit, request.release_id(), request.etag(),
                                           static_cast<Method>(request.method())));
    return ToResponse<v1::RevokeReleaseResponse>(ending);
  };
  auto job = InUnit(context, std::move(command));
  co_return co_await rpc::Mutate<v1::RevokeReleaseResponse>(database_, context, request,
                                                            clock_.NowMs(), job);
}

Task<Result<v1::ConfirmWithdrawalResponse>> ConsentServer::ConfirmWithdrawal(
    rpc::CallContext context, const v1::ConfirmWithdrawalRequest& request) {
  std::function<Result<v1::ConfirmWithdrawalResponse>(Unit&)> command =
      [&request](Unit& unit) -> Result<v1::ConfirmWithdrawalResponse> {
    FAIRLEAD_ASSIGN(
        const Release release,
        consent::ConfirmWithdrawal(unit, request.release_id(), request.etag(),
                                   static_cast<Method>(request.method()), request.artefact_id()));
    v1::ConfirmWithdrawalResponse response;
    *response.mutable_release() = ToProto(release);
    return response;
  };
  auto job = InUnit(context, std::move(command));
  co_return co_await rpc::Mutate<v1::ConfirmWithdrawalResponse>(database_, context, request,
                                                                clock_.NowMs(), job);
}

Task<Result<v1::EnterReleaseInErrorResponse>> ConsentServer::EnterReleaseInError(
    rpc::CallContext context, const v1::EnterReleaseInErrorRequest& request) {
  std::function<Result<v1::EnterReleaseInErrorResponse>(Unit&)> command =
      [&request](Unit& unit) -> Result<v1::EnterReleaseInErrorResponse> {
    FAIRLEAD_ASSIGN(const Ending ending, consent::EnterReleaseInError(
                                             unit, request.release_id(), request.etag()));
    return ToResponse<v1::EnterReleaseInErrorResponse>(ending);
  };
  auto job = InUnit(context, std::move(command));
  co_return co_await rpc::Mutate<v1::EnterReleaseInErrorResponse>(database_, context, request,
                                                                  clock_.NowMs(), job);
}

Task<Result<v1::GetReleaseResponse>> ConsentServer::GetRelease(
    rpc::CallContext context, const v1::GetReleaseRequest& request) {
  std::function<Result<v1::GetReleaseResponse>(storage::ReadTransaction&)> job =
      [&](storage::ReadTransaction& tx) -> Result<v1::GetReleaseResponse> {
    const std::unique_ptr<ReleaseReader> reader = MakeSqlReleaseReader(tx);
    FAIRLEAD_ASSIGN(const std::optional<Release> release, reader->Find(request.release_id()));
    const std::string& agency_id = context.actor.agency_id;
    v1::GetReleaseResponse response;
    const auto may = [&context](auth::Relation relation) {
      return Ask(context, {.relations = relation}) == auth::Verdict::kAllowed;
    };
    if (release && release->discloser_agency_id == agency_id && may(auth::Relation::kDiscloser)) {
      *response.mutable_release() = ToProto(*release);
      return response;
    }
    // Another agency sees a release only once something was sent to it, and only its own part.
    FAIRLEAD_ASSIGN(const std::vector<std::string> categories,
                    reader->CategoriesSentTo(request.release_id(), agency_id));
    if (!release || categories.empty() || !may(auth::Relation::kRecipient)) {
      return Fail(Code::kNotFound, "RELEASE_NOT_FOUND", "There is no such release.");
    }
    *response.mutable_release() = ToRecipientProto(*release, agency_id, categories);
    return response;
  };
  co_return co_await database_.Read<v1::GetReleaseResponse>(job);
}

Task<Result<v1::ListReleasesResponse>> ConsentServer::ListReleases(
    rpc::CallContext context, const v1::ListReleasesRequest& request) {
  std::function<Result<v1::ListReleasesResponse>(storage::ReadTransaction&)> job =
      [&](storage::ReadTransaction& tx) -> Result<v1::ListReleasesResponse> {
    const std::string& agency_id = context.actor.agency_id;
    const std::string query = "releases " + agency_id + " " + request.case_handle();
    FAIRLEAD_ASSIGN(const Page page, ToPage(page_tokens_, query, request));
    FAIRLEAD_ASSIGN(const std::vector<Release> releases,
                    MakeSqlReleaseReader(tx)->List(agency_id, request.case_handle(), page));
    v1::ListReleasesResponse response;
    for (const Release& release : releases) *response.add_releases() = ToProto(release);
    if (static_cast<int>(releases.size()) == page.limit) {
      response.set_next_page_token(page_tokens_.Encode(query, {releases.back().id}));
    }
    return response;
  };
  co_return co_await database_.Read<v1::ListReleasesResponse>(job);
}

Task<Result<v1::ListDisclosuresResponse>> ConsentServer::ListDisclosures(
    rpc::CallContext context, const v1::ListDisclosuresRequest& request) {
  std::function<Result<v1::ListDisclosuresResponse>(storage::ReadTransaction&)> job =
      [&](storage::ReadTransaction& tx) -> Result<v1::ListDisclosuresResponse> {
    const DisclosureFilter filter{.discloser_agency_id = context.actor.agency_id,
                                  .release_id = request.release_id(),
                                  .case_handle = request.case_handle(),
                                  .since_ms = rpc::ToMs(request.since_time())};
    const std::string query =
        Join({"disclosures", filter.discloser_agency_id, filter.release_id, filter.case_handle,
              std::to_string(filter.since_ms)},
             ' ');
    FAIRLEAD_ASSIGN(const Page page, ToPage(page_tokens_, query, request));
    FAIRLEAD_ASSIGN(const std::vector<Disclosure> disclosures,
                    MakeSqlReleaseReader(tx)->ListDisclosures(filter, page));
    v1::ListDisclosuresResponse response;
    for (const Disclosure& one : disclosures) *response.add_disclosures() = ToProto(one);
    if (static_cast<int>(disclosures.size()) == page.limit) {
      response.set_next_page_token(page_tokens_.Encode(query, {disclosures.back().id}));
    }
    return response;
  };
  co_return co_await database_.Read<v1::ListDisclosuresResponse>(job);
}

Task<Result<v1::ListDestroyNoticesResponse>> ConsentServer::ListDestroyNotices(
    rpc::CallContext context, const v1::ListDestroyNoticesRequest& request) {
  std::function<Result<v1::ListDestroyNoticesResponse>(storage::ReadTransaction&)> job =
      [&](storage::ReadTransaction& tx) -> Result<v1::ListDestroyNoticesResponse> {
    const NoticeFilter filter{.agency_id = context.actor.agency_id,
                              .sent = request.box() == v1::DESTROY_NOTICE_BOX_SENT,
                              .release_id = request.release_id(),
                              .open_only = request.open_only()};
    const std::string query = Join({"destroy_notices", filter.agency_id, filter.release_id,
                                    filter.sent ? "sent" : "received",
                                    filter.open_only ? "open" : "all"},
                                   ' ');
    FAIRLEAD_ASSIGN(const Page page, ToPage(page_tokens_, query, request));
    FAIRLEAD_ASSIGN(const std::vector<DestroyNotice> notices,
                    MakeSqlReleaseReader(tx)->ListNotices(filter, page));
    v1::ListDestroyNoticesResponse response;
    for (const DestroyNotice& one : notices) {
      *response.add_notices() = ToProto(one, filter.agency_id);
    }
    if (static_cast<int>(notices.size()) == page.limit) {
      response.set_next_page_token(page_tokens_.Encode(query, {notices.back().id}));
    }
    return response;
  };
  co_return co_await database_.Read<v1::ListDestroyNoticesResponse>(job);
}

Task<Result<v1::AcknowledgeDestructionResponse>> ConsentServer::AcknowledgeDestruction(
    rpc::CallContext context, const v1::AcknowledgeDestructionRequest& request) {
  std::function<Result<v1::AcknowledgeDestructionResponse>(Unit&)> command =
      [&request](Unit& unit) -> Result<v1::AcknowledgeDestructionResponse> {
    FAIRLEAD_ASSIGN(const DestroyNotice notice,
                    consent::AcknowledgeDestruction(unit, request.notice_id(),
                                                    static_cast<Outcome>(request.outcome())));
    v1::AcknowledgeDestructionResponse response;
    *response.mutable_notice() = ToProto(notice, unit.agency_id);
    return response;
  };
  auto job = InUnit(context, std::move(command));
  co_return co_await rpc::Mutate<v1::AcknowledgeDestructionResponse>(database_, context, request,
                                                                     clock_.NowMs(), job);
}

Task<Result<v1::IssueCustodyKeysResponse>> ConsentServer::IssueCustodyKeys(
    rpc::CallContext context, const v1::IssueCustodyKeysRequest& request) {
  IssueRequest issue;
  issue.release_id = request.release_id();
  issue.referral_id = request.referral_id();
  issue.packet_id = PacketId(request);
  issue.agency_ids = rpc::ToVector(request.agency_ids());
  issue.case_handle = request.case_handle();
  issue.use.purpose = request.purpose();
  issue.use.categories = rpc::ToVector(request.categories());
  issue.use.release_hash = request.release_hash();
  issue.check_only = request.check_only();
  std::function<Result<IssuedKeys>(Unit&)> command = [this,
                                                      &issue](Unit& unit) -> Result<IssuedKeys> {
    return consent::IssueCustodyKeys(unit, random_, issue);
  };
  // No idempotency row: it would hold the keys. Issuing is idempotent by (packet, agency).
  std::function<Result<void>(Unit&, const Error&)> record_refusal =
      [&issue](Unit& unit, const Error& error) { return AuditRefusedIssue(unit, issue, error); };
  Task<Result<IssuedKeys>> decision =
      DecideAndRecord(context, std::move(command), std::move(record_refusal));
  Result<IssuedKeys> issued = co_await std::move(decision);
  if (!issued) co_return Fail(std::move(issued.error()));
  v1::IssueCustodyKeysResponse response;
  for (const CustodyKey& key : issued->keys) {
    v1::CustodyKey* out = response.add_keys();
    out->set_agency_id(key.agency_id);
    out->set_key(key.key);
  }
  rpc::SetTime(issued->expire_ms, [&] { return response.mutable_expire_time(); });
  co_return response;
}

Task<Result<v1::ReleaseCustodyKeyResponse>> ConsentServer::ReleaseCustodyKey(
    rpc::CallContext context, const v1::ReleaseCustodyKeyRequest& request) {
  OpenRequest open = ToOpenRequest(request);
  open.generation = request.generation();
  open.opens_per_day = opens_per_day_;
  open.ended = request.ended();
  std::function<Result<std::string>(Unit&)> command = [&open](Unit& unit) -> Result<std::string> {
    return consent::ReleaseCustodyKey(unit, open);
  };
  Task<Result<std::string>> decision = DecideAndRecord(
      context, std::move(command), RefusedOpening(open, audit::Action::kPacketOpened));
  Result<std::string> key = co_await std::move(decision);
  if (!key) co_return Fail(std::move(key.error()));
  v1::ReleaseCustodyKeyResponse response;
  response.set_key(std::move(*key));
  co_return response;
}

Task<Result<v1::RenewCustodyKeyResponse>> ConsentServer::RenewCustodyKey(
    rpc::CallContext context, const v1::RenewCustodyKeyRequest& request) {
  OpenRequest open = ToOpenRequest(request);
  open.generation = request.held_generation();
  const bool settled = request.settled();
  std::function<Result<std::string>(Unit&)> command = [this, &open,
                                                       settled](Unit& unit) -> Result<std::string> {
    return consent::RenewCustodyKey(unit, random_, open, settled);
  };
  Task<Result<std::string>> decision = DecideAndRecord(
      context, std::move(command), RefusedOpening(open, audit::Action::kCustodyRenewed));
  Result<std::string> key = co_await std::move(decision);
  if (!key) co_return Fail(std::move(key.error()));
  v1::RenewCustodyKeyResponse response;
  response.set_key(std::move(*key));
  co_return response;
}

Task<Result<v1::CheckCustodyResponse>> ConsentServer::CheckCustody(
    rpc::CallContext context, const v1::CheckCustodyRequest& request) {
  OpenRequest open = ToOpenRequest(request);
  open.generation = request.generation();
  // Through the writer, like every decision: what was taken back before is taken back.
  std::function<Result<bool>(Unit&)> command = [&open](Unit& unit) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(consent::CheckCustody(unit, open));
    return true;
  };
  Task<Result<bool>> decision = DecideAndRecord(
      context, std::move(command), RefusedOpening(open, audit::Action::kPacketOpened));
  Result<bool> decided = co_await std::move(decision);
  if (!decided) co_return Fail(std::move(decided.error()));
  co_return v1::CheckCustodyResponse();
}

Task<Result<v1::DestroyCustodyKeysResponse>> ConsentServer::DestroyCustodyKeys(
    rpc::CallContext context, const v1::DestroyCustodyKeysRequest& request) {
  const std::vector<std::string> packet_ids = rpc::ToVector(request.packet_ids());
  std::function<Result<int64_t>(Unit&)> command = [&](Unit& unit) {
    return unit.store.ShredKeysOf(packet_ids);
  };
  auto job = InUnit(context, std::move(command));
  Result<int64_t> deleted = co_await database_.Write<int64_t>(job);
  if (!deleted) co_return Fail(std::move(deleted.error()));
  v1::DestroyCustodyKeysResponse response;
  response.set_keys_deleted(static_cast<int32_t>(*deleted));
  co_return response;
}

Result<int64_t> ConsentServer::ShredOrphans() {
  const rpc::CallContext context;  // the hub itself
  int64_t total = 0;
  while (true) {
    std::function<Result<int64_t>(Unit&)> command = [](Unit& unit) {
      return unit.store.ShredOrphanKeys();
    };
    FAIRLEAD_ASSIGN(const int64_t shredded,
                    SyncWait(database_.Write<int64_t>(InUnit(context, std::move(command)))));
    if (shredded == 0) return total;
    total += shredded;
  }
}

Result<void> ConsentServer::AfterRestore() {
  for (const auto repeat : {&RepeatForgottenEndings, &EndWhatNobodyKnows}) {
    for (int ended = 1; ended > 0;) {
      std::function<Result<int>(Unit&)> command = repeat;
      FAIRLEAD_ASSIGN(ended, SyncWait(database_.Write<int>(InUnit({}, std::move(command)))));
    }
  }
  return {};
}

Result<int> ConsentServer::Sweep() {
  // Looked at every second, and as a rule there is nothing: the writer is not asked for that.
  std::function<Result<bool>(storage::ReadTransaction&)> look =
      [now_ms = clock_.NowMs()](storage::ReadTransaction& tx) -> Result<bool> {
    FAIRLEAD_ASSIGN(const std::vector<Release> due,
                    MakeSqlReleaseReader(tx)->DueToExpire(now_ms, 1));
    return !due.empty();
  };
  FAIRLEAD_ASSIGN(const bool due, SyncWait(database_.Read<bool>(look)));
  if (!due) return 0;
  rpc::CallContext context;
  std::function<Result<int>(Unit&)> command = [](Unit& unit) { return ExpireReleases(unit); };
  return SyncWait(database_.Write<int>(InUnit(context, std::move(command))));
}

}  // namespace fairlead::consent
