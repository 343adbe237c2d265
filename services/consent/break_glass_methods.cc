// The methods of BreakGlassService: translate, call a command, translate back; and the call for
// overdue reviews.
#include <algorithm>
#include <utility>

#include "services/common/base/text.h"
#include "services/common/rpc/mutate.h"
#include "services/common/rpc/proto_time.h"
#include "services/consent/commands/break_glass.h"
#include "services/consent/in_unit.h"
#include "services/consent/store/break_glass_store.h"

namespace fairlead::consent {
namespace {

// Of people the reader sees those of its own agency.
v1::BreakGlass GlassToProto(const BreakGlass& glass, const std::string& for_agency_id,
                            int64_t now_ms) {
  v1::BreakGlass out;
  out.set_id(glass.id);
  out.set_referral_id(glass.referral_id);
  out.set_agency_id(glass.agency_id);
  out.set_discloser_agency_id(glass.discloser_agency_id);
  out.set_reason_code(glass.reason_code);
  out.set_state(static_cast<v1::BreakGlassState>(StateOf(glass, now_ms)));
  rpc::SetTime(glass.request_ms, [&] { return out.mutable_request_time(); });
  rpc::SetTime(glass.approve_ms, [&] { return out.mutable_approve_time(); });
  rpc::SetTime(glass.expire_ms(), [&] { return out.mutable_expire_time(); });
  out.set_opens(glass.opens);
  rpc::SetTime(glass.review_due_ms(), [&] { return out.mutable_review_due_time(); });
  rpc::SetTime(glass.review_ms, [&] { return out.mutable_review_time(); });
  out.set_review_agency_id(glass.review_agency_id);
  out.set_outcome(static_cast<v1::BreakGlassOutcome>(glass.outcome));
  if (glass.agency_id == for_agency_id) {
    out.set_request_staff_id(glass.request_staff_id);
    out.set_approve_staff_id(glass.approve_staff_id);
  }
  if (glass.review_agency_id == for_agency_id) out.set_review_staff_id(glass.review_staff_id);
  return out;
}

// The office's coordinators and auditors look after all of them.
bool LooksAfterAll(const auth::Actor& actor) {
  return actor.agency_kind == auth::AgencyKind::kCoalitionOffice &&
         (std::ranges::count(actor.roles, auth::Role::kCoordinator) > 0 ||
          std::ranges::count(actor.roles, auth::Role::kAuditor) > 0);
}

}  // namespace

void ConsentServer::RegisterBreakGlass(rpc::Registry& registry) {
  const auto add = [&]<class Request, class Response>(
                       const char* name, Task<Result<Response>> (ConsentServer::*method)(
                                             rpc::CallContext, const Request&)) {
    rpc::Add<Request, Response>(registry,
                                std::string("/fairlead.consent.v1.BreakGlassService/") + name,
                                [this, method](rpc::CallContext context, const Request& request) {
                                  return (this->*method)(std::move(context), request);
                                });
  };
  add("RequestBreakGlass", &ConsentServer::RequestBreakGlass);
  add("ApproveBreakGlass", &ConsentServer::ApproveBreakGlass);
  add("ListBreakGlass", &ConsentServer::ListBreakGlass);
  add("ReviewBreakGlass", &ConsentServer::ReviewBreakGlass);
}

template <class Response>
Task<Result<Response>> ConsentServer::ChangeGlass(
    rpc::CallContext context, const google::protobuf::Message& request,
    std::function<Result<BreakGlass>(Unit&)> command) {
  std::function<Result<Response>(Unit&)> answer = [&command](Unit& unit) -> Result<Response> {
    FAIRLEAD_ASSIGN(const BreakGlass glass, command(unit));
    Response response;
    *response.mutable_break_glass() = GlassToProto(glass, unit.agency_id, unit.now_ms);
    return response;
  };
  auto job = InUnit(context, std::move(answer));
  co_return co_await rpc::Mutate<Response>(database_, context, request, clock_.NowMs(), job);
}

Task<Result<v1::RequestBreakGlassResponse>> ConsentServer::RequestBreakGlass(
    rpc::CallContext context, const v1::RequestBreakGlassRequest& request) {
  std::function<Result<BreakGlass>(Unit&)> command = [&request](Unit& unit) {
    return consent::RequestBreakGlass(unit, request.referral_id(), request.reason_code());
  };
  auto changing = ChangeGlass<v1::RequestBreakGlassResponse>(context, request, command);
  co_return co_await std::move(changing);
}

Task<Result<v1::ApproveBreakGlassResponse>> ConsentServer::ApproveBreakGlass(
    rpc::CallContext context, const v1::ApproveBreakGlassRequest& request) {
  std::function<Result<BreakGlass>(Unit&)> command = [&request](Unit& unit) {
    return consent::ApproveBreakGlass(unit, request.break_glass_id());
  };
  auto changing = ChangeGlass<v1::ApproveBreakGlassResponse>(context, request, command);
  co_return co_await std::move(changing);
}

Task<Result<v1::ReviewBreakGlassResponse>> ConsentServer::ReviewBreakGlass(
    rpc::CallContext context, const v1::ReviewBreakGlassRequest& request) {
  std::function<Result<BreakGlass>(Unit&)> command = [&request](Unit& unit) {
    return consent::ReviewBreakGlass(unit, request.break_glass_id(),
                                     static_cast<GlassOutcome>(request.outcome()));
  };
  auto changing = ChangeGlass<v1::ReviewBreakGlassResponse>(context, request, command);
  co_return co_await std::move(changing);
}

Task<Result<v1::ListBreakGlassResponse>> ConsentServer::ListBreakGlass(
    rpc::CallContext context, const v1::ListBreakGlassRequest& request) {
  std::function<Result<v1::ListBreakGlassResponse>(storage::ReadTransaction&)> job =
      [&](storage::ReadTransaction& tx) -> Result<v1::ListBreakGlassResponse> {
    const int64_t now_ms = clock_.NowMs();
    const std::string& agency_id = context.actor.agency_id;
    const GlassFilter filter{.agency_id = LooksAfterAll(context.actor) ? "" : agency_id,
                             .unreviewed_only = request.unreviewed_only(),
                             .due_before_ms = request.overdue_only() ? now_ms : 0};
    const std::string query =
        Join({"break_glass", agency_id, filter.agency_id.empty() ? "all" : "own",
              filter.unreviewed_only ? "unreviewed" : "any",
              request.overdue_only() ? "overdue" : "any"},
             ' ');
    FAIRLEAD_ASSIGN(const Page page, ToPage(page_tokens_, query, request));
    FAIRLEAD_ASSIGN(const std::vector<BreakGlass> found,
                    consent::ListBreakGlass(tx, filter, page));
    v1::ListBreakGlassResponse response;
    for (const BreakGlass& glass : found) {
      *response.add_break_glass() = GlassToProto(glass, agency_id, now_ms);
    }
    if (static_cast<int>(found.size()) == page.limit) {
      response.set_next_page_token(page_tokens_.Encode(query, {found.back().id}));
    }
    return response;
  };
  co_return co_await database_.Read<v1::ListBreakGlassResponse>(job);
}

Result<int> ConsentServer::SweepReviews() {
  // As with releases: as a rule there is nothing, and the writer is not asked for that.
  std::function<Result<bool>(storage::ReadTransaction&)> look =
      [now_ms = clock_.NowMs()](storage::ReadTransaction& tx) -> Result<bool> {
    FAIRLEAD_ASSIGN(const std::vector<BreakGlass> due,
                    UncalledReviews(tx, now_ms - kReviewWithinMs, 1));
    return !due.empty();
  };
  FAIRLEAD_ASSIGN(const bool due, SyncWait(database_.Read<bool>(look)));
  if (!due) return 0;
  std::function<Result<int>(Unit&)> command = [](Unit& unit) { return CallOverdueReviews(unit); };
  return SyncWait(database_.Write<int>(InUnit({}, std::move(command))));
}

}  // namespace fairlead::consent
