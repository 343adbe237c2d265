#include "services/directory/capacity_server.h"

#include <cstdlib>
#include <functional>
#include <optional>
#include <vector>

#include "services/common/rpc/mutate.h"
#include "services/common/rpc/proto_time.h"
#include "services/directory/commands/end_hold.h"
#include "services/directory/commands/place_hold.h"
#include "services/directory/commands/tell_agency.h"
#include "services/directory/commands/tell_capacity.h"
#include "services/directory/commands/update_capacity.h"
#include "services/directory/translate.h"

namespace fairlead::directory {
namespace {

static_assert(static_cast<int>(CapacityUnit::kVoucher) == v1::CAPACITY_UNIT_VOUCHER);
static_assert(static_cast<int>(CapacityUnit::kFamilyRoom) == v1::CAPACITY_UNIT_FAMILY_ROOM);
static_assert(static_cast<int>(Freshness::kStale) == v1::FRESHNESS_STALE);
static_assert(static_cast<int>(HoldState::kClosed) == v1::HOLD_STATE_CLOSED);
static_assert(static_cast<int>(HoldState::kConsumed) == v1::HOLD_STATE_CONSUMED);
static_assert(static_cast<int>(SnapshotCause::kHoldClosed) == v1::SNAPSHOT_CAUSE_HOLD_CLOSED);
static_assert(static_cast<int>(HoldBox::kReceived) == v1::HOLD_BOX_RECEIVED);

CapacityUnit UnitOf(v1::CapacityUnit unit) { return static_cast<CapacityUnit>(unit); }

// As `viewer` may see it: what is held is the own agency's to know.
v1::Capacity ToProto(const StoredCapacity& stored, const auth::Actor& viewer, int64_t now_ms) {
  const Capacity& capacity = stored.capacity;
  v1::Capacity proto;
  proto.set_id(capacity.id);
  proto.set_service_id(capacity.service_id);
  proto.set_service_name(stored.service_name);
  proto.set_agency_id(capacity.agency_id);
  proto.set_unit(static_cast<v1::CapacityUnit>(capacity.unit));
  proto.set_available(capacity.available);
  proto.set_maximum(capacity.maximum);
  proto.set_overflow_available(capacity.overflow_available);
  proto.set_accepting(capacity.accepting);
  proto.set_waitlist(capacity.waitlist);
  rpc::SetTime(capacity.update_ms, [&] { return proto.mutable_update_time(); });
  proto.set_freshness(static_cast<v1::Freshness>(FreshnessOf(capacity.update_ms, now_ms)));
  proto.set_etag(std::to_string(capacity.version));
  if (capacity.agency_id == viewer.agency_id) {
    proto.set_held(capacity.held);
    proto.set_overflow_held(capacity.overflow_held);
  }
  return proto;
}

v1::CapacitySnapshot ToProto(const CapacitySnapshot& snapshot, const auth::Actor& viewer) {
  const Capacity& capacity = snapshot.capacity;
  v1::CapacitySnapshot proto;
  proto.set_id(snapshot.id);
  rpc::SetTime(snapshot.as_of_ms, [&] { return proto.mutable_as_of(); });
  proto.set_cause(static_cast<v1::SnapshotCause>(snapshot.cause));
  proto.set_available(capacity.available);
  proto.set_held(capacity.held);
  proto.set_maximum(capacity.maximum);
  proto.set_overflow_available(capacity.overflow_available);
  proto.set_overflow_held(capacity.overflow_held);
  proto.set_accepting(capacity.accepting);
  proto.set_waitlist(capacity.waitlist);
  proto.set_actor_agency_id(snapshot.actor_agency_id);
  if (snapshot.actor_agency_id == viewer.agency_id) {
    proto.set_actor_staff_id(snapshot.actor_staff_id);
  }
  return proto;
}

v1::Hold ToProto(const StoredHold& stored) {
  const Hold& hold = stored.hold;
  v1::Hold proto;
  proto.set_id(hold.id);
  proto.set_service_id(hold.service_id);
  proto.set_service_name(stored.service_name);
  proto.set_agency_id(hold.agency_id);
  proto.set_unit(static_cast<v1::CapacityUnit>(hold.unit));
  proto.set_holder_agency_id(hold.holder_agency_id);
  proto.set_reference_id(hold.reference_id);
  proto.set_quantity(hold.quantity);
  proto.set_overflow(hold.overflow);
  proto.set_state(static_cast<v1::HoldState>(hold.state));
  rpc::SetTime(hold.place_ms, [&] { return proto.mutable_place_time(); });
  rpc::SetTime(hold.expire_ms, [&] { return proto.mutable_expire_time(); });
  rpc::SetTime(hold.end_ms, [&] { return proto.mutable_end_time(); });
  return proto;
}

UpdateCapacityInput ToInput(const v1::UpdateCapacityRequest& request) {
  UpdateCapacityInput input;
  input.service_id = request.service_id();
  input.unit = UnitOf(request.unit());
  input.etag = request.etag();
  CapacityUpdate& update = input.update;
  if (request.has_available()) update.available = request.available();
  if (request.has_available_delta()) update.available_delta = request.available_delta();
  if (request.has_maximum()) update.maximum = request.maximum();
  if (request.has_overflow_available()) update.overflow_available = request.overflow_available();
  if (request.has_accepting()) update.accepting = request.accepting();
  if (request.has_waitlist()) update.waitlist = request.waitlist();
  return input;
}

// Whose capacities a list is of. Another agency's only while it is an active member.
Result<std::string> ListedAgency(const Deps& deps, storage::ReadTransaction& tx,
                                 const rpc::CallContext& context,
                                 const v1::ListCapacitiesRequest& request) {
  const std::string& own = context.actor.agency_id;
  if (!request.service_id().empty()) {
    FAIRLEAD_ASSIGN(const CapacityService service,
                    ServiceFor(deps, tx, context, request.service_id()));
    if (!request.agency_id().empty() && request.agency_id() != service.agency_id) {
      return Fail(Code::kNotFound, "SERVICE_NOT_FOUND", "The agency has no such service.");
    }
    return service.agency_id;
  }
  if (request.agency_id().empty() || request.agency_id() == own) return own;
  FAIRLEAD_ASSIGN(const Agency agency, GetAgencyById(deps, tx, request.agency_id()));
  if (agency.membership != Membership::kActive) return AgencyNotFound();
  return agency.id;
}

}  // namespace

void CapacityServer::Register(rpc::Registry& registry) {
  const auto add = [&]<class Request, class Response>(
                       const char* name, Task<Result<Response>> (CapacityServer::*method)(
                                             rpc::CallContext, const Request&)) {
    rpc::Add<Request, Response>(registry,
                                std::string("/fairlead.directory.v1.CapacityService/") + name,
                                [this, method](rpc::CallContext context, const Request& request) {
                                  return (this->*method)(std::move(context), request);
                                });
  };
  add("UpdateCapacity", &CapacityServer::UpdateCapacity);
  add("GetCapacity", &CapacityServer::GetCapacity);
  add("ListCapacities", &CapacityServer::ListCapacities);
  add("ListCapacitySnapshots", &CapacityServer::ListCapacitySnapshots);
  add("PlaceHold", &CapacityServer::PlaceHold);
  add("ReleaseHold", &CapacityServer::ReleaseHold);
  add("ConsumeHold", &CapacityServer::ConsumeHold);
  add("ListHolds", &CapacityServer::ListHolds);
}

Task<Result<v1::UpdateCapacityResponse>> CapacityServer::UpdateCapacity(
    rpc::CallContext context, const v1::UpdateCapacityRequest& request) {
  const UpdateCapacityInput input = ToInput(request);
  std::function<Result<v1::UpdateCapacityResponse>(storage::Transaction&)> update =
      [this, &context, &input](storage::Transaction& tx) -> Result<v1::UpdateCapacityResponse> {
    FAIRLEAD_ASSIGN(const StoredCapacity stored,
                    directory::UpdateCapacity(deps_, tx, context, input));
    v1::UpdateCapacityResponse response;
    *response.mutable_capacity() = ToProto(stored, context.actor, deps_.clock.NowMs());
    return response;
  };
  co_return co_await rpc::Mutate<v1::UpdateCapacityResponse>(deps_.database, context, request,
                                                             deps_.clock.NowMs(), update);
}

Task<Result<v1::GetCapacityResponse>> CapacityServer::GetCapacity(
    rpc::CallContext context, const v1::GetCapacityRequest& request) {
  std::function<Result<StoredCapacity>(storage::ReadTransaction&)> read =
      [this, &context, &request](storage::ReadTransaction& tx) -> Result<StoredCapacity> {
    FAIRLEAD_ASSIGN(const CapacityService service,
                    ServiceFor(deps_, tx, context, request.service_id()));
    FAIRLEAD_ASSIGN(Capacity capacity, CapacityOf(deps_, tx, service.id, UnitOf(request.unit())));
    return StoredCapacity{std::move(capacity), service.name};
  };
  Result<StoredCapacity> stored = co_await deps_.database.Read<StoredCapacity>(read);
  if (!stored) co_return Fail(std::move(stored.error()));
  v1::GetCapacityResponse response;
  *response.mutable_capacity() = ToProto(*stored, context.actor, deps_.clock.NowMs());
  co_return response;
}

Task<Result<v1::ListCapacitiesResponse>> CapacityServer::ListCapacities(
    rpc::CallContext context, const v1::ListCapacitiesRequest& request) {
  const std::string query =
      "ListCapacities\n" + request.agency_id() + "\n" + request.service_id();
  Result<Position> position = DecodePosition(page_tokens_, query, request.page_token());
  if (!position) co_return Fail(std::move(position.error()));
  // Numbers of ours: the token is sealed.
  const CapacityPosition after{position->sort_key, std::atoll(position->id.c_str())};
  const int size = rpc::PageSize(request.page_size());
  using Listed = std::vector<StoredCapacity>;
  std::function<Result<Listed>(storage::ReadTransaction&)> read =
      [&](storage::ReadTransaction& tx) -> Result<Listed> {
    FAIRLEAD_ASSIGN(const std::string agency_id, ListedAgency(deps_, tx, context, request));
    return deps_.capacities.List(tx, agency_id, request.service_id(), after, size + 1);
  };
  Result<Listed> found = co_await deps_.database.Read<Listed>(read);
  if (!found) co_return Fail(std::move(found.error()));
  const bool more = found->size() > static_cast<size_t>(size);
  if (more) found->pop_back();
  v1::ListCapacitiesResponse response;
  const int64_t now_ms = deps_.clock.NowMs();
  for (const StoredCapacity& stored : *found) {
    *response.add_capacities() = ToProto(stored, context.actor, now_ms);
  }
  if (more) {
    const Capacity& last = found->back().capacity;
    response.set_next_page_token(page_tokens_.Encode(
        query, {last.service_id, std::to_string(static_cast<int>(last.unit))}));
  }
  co_return response;
}

Task<Result<v1::ListCapacitySnapshotsResponse>> CapacityServer::ListCapacitySnapshots(
    rpc::CallContext context, const v1::ListCapacitySnapshotsRequest& request) {
  const std::string query = "ListCapacitySnapshots\n" + request.service_id() + "\n" +
                            std::to_string(static_cast<int>(request.unit()));
  Result<Position> before = DecodePosition(page_tokens_, query, request.page_token());
  if (!before) co_return Fail(std::move(before.error()));
  const int size = rpc::PageSize(request.page_size());
  using Listed = std::vector<CapacitySnapshot>;
  std::function<Result<Listed>(storage::ReadTransaction&)> read =
      [&](storage::ReadTransaction& tx) -> Result<Listed> {
    FAIRLEAD_ASSIGN(const CapacityService service,
                    ServiceFor(deps_, tx, context, request.service_id()));
    return deps_.capacities.Snapshots(tx, service.id, UnitOf(request.unit()), before->id, size + 1);
  };
  Result<Listed> found = co_await deps_.database.Read<Listed>(read);
  if (!found) co_return Fail(std::move(found.error()));
  const bool more = found->size() > static_cast<size_t>(size);
  if (more) found->pop_back();
  v1::ListCapacitySnapshotsResponse response;
  for (const CapacitySnapshot& snapshot : *found) {
    *response.add_snapshots() = ToProto(snapshot, context.actor);
  }
  if (more) response.set_next_page_token(page_tokens_.Encode(query, {"", found->back().id}));
  co_return response;
}

Task<Result<v1::PlaceHoldResponse>> CapacityServer::PlaceHold(rpc::CallContext context,
                                                              const v1::PlaceHoldRequest& request) {
  Result<int64_t> lifetime_ms = HoldLifetimeMs(request.lapse_s(), hold_s_);
  if (!lifetime_ms) co_return Fail(std::move(lifetime_ms.error()));
  const PlaceHoldInput input{.service_id = request.service_id(),
                             .unit = UnitOf(request.unit()),
                             .reference_id = request.reference_id(),
                             .quantity = request.quantity() == 0 ? 1 : request.quantity(),
                             .lifetime_ms = *lifetime_ms,
                             .overflow = request.overflow()};
  std::function<Result<v1::PlaceHoldResponse>(storage::Transaction&)> place =
      [this, &context, &input](storage::Transaction& tx) -> Result<v1::PlaceHoldResponse> {
    FAIRLEAD_ASSIGN(const PlacedHold placed, directory::PlaceHold(deps_, tx, context, input));
    v1::PlaceHoldResponse response;
    *response.mutable_hold() = ToProto(placed.stored);
    *response.mutable_capacity() = ToProto({placed.capacity, placed.stored.service_name},
                                           context.actor, deps_.clock.NowMs());
    return response;
  };
  co_return co_await rpc::Mutate<v1::PlaceHoldResponse>(deps_.database, context, request,
                                                        deps_.clock.NowMs(), place);
}

template <class Response>
Task<Result<Response>> CapacityServer::End(rpc::CallContext context, const rpc::Message& request,
                                           std::string hold_id, HoldState end) {
  std::function<Result<Response>(storage::Transaction&)> job =
      [this, &context, &hold_id, end](storage::Transaction& tx) -> Result<Response> {
    FAIRLEAD_ASSIGN(const StoredHold stored, EndHold(deps_, tx, context, hold_id, end));
    Response response;
    *response.mutable_hold() = ToProto(stored);
    return response;
  };
  co_return co_await rpc::Mutate<Response>(deps_.database, context, request, deps_.clock.NowMs(),
                                           job);
}

Task<Result<v1::ReleaseHoldResponse>> CapacityServer::ReleaseHold(
    rpc::CallContext context, const v1::ReleaseHoldRequest& request) {
  co_return co_await End<v1::ReleaseHoldResponse>(context, request, request.hold_id(),
                                                  HoldState::kReleased);
}

Task<Result<v1::ConsumeHoldResponse>> CapacityServer::ConsumeHold(
    rpc::CallContext context, const v1::ConsumeHoldRequest& request) {
  co_return co_await End<v1::ConsumeHoldResponse>(context, request, request.hold_id(),
                                                  HoldState::kConsumed);
}

Task<Result<v1::ListHoldsResponse>> CapacityServer::ListHolds(rpc::CallContext context,
                                                              const v1::ListHoldsRequest& request) {
  const std::string& own = context.actor.agency_id;
  const std::string query = "ListHolds\n" + own + "\n" +
                            std::to_string(static_cast<int>(request.box())) +
                            (request.include_ended() ? " ended" : "");
  Result<Position> before = DecodePosition(page_tokens_, query, request.page_token());
  if (!before) co_return Fail(std::move(before.error()));
  const int size = rpc::PageSize(request.page_size());
  using Listed = std::vector<StoredHold>;
  std::function<Result<Listed>(storage::ReadTransaction&)> read =
      [&](storage::ReadTransaction& tx) {
        return deps_.capacities.Holds(tx, static_cast<HoldBox>(request.box()), own,
                                      request.include_ended(), before->id, size + 1);
      };
  Result<Listed> found = co_await deps_.database.Read<Listed>(read);
  if (!found) co_return Fail(std::move(found.error()));
  const bool more = found->size() > static_cast<size_t>(size);
  if (more) found->pop_back();
  v1::ListHoldsResponse response;
  for (const StoredHold& stored : *found) *response.add_holds() = ToProto(stored);
  if (more) response.set_next_page_token(page_tokens_.Encode(query, {"", found->back().hold.id}));
  co_return response;
}

Result<int64_t> CapacityServer::Sweep() {
  // Looked for on a reader: mostly there is nothing, and then the writer is left alone.
  std::function<Result<bool>(storage::ReadTransaction&)> look =
      [this](storage::ReadTransaction& tx) { return IsSweepDue(deps_, tx); };
  const Result<bool> due = SyncWait(deps_.database.Read<bool>(look));
  if (!due) return Fail(due.error());
  if (!*due) return 0;
  std::function<Result<int64_t>(storage::Transaction&)> sweep =
      [this](storage::Transaction& tx) { return SweepHolds(deps_, tx); };
  Result<int64_t> swept = SyncWait(deps_.database.Write<int64_t>(sweep));
  if (swept || swept.error().code == Code::kUnavailable) return swept;
  return SweepEach(std::move(swept.error()));
}

Result<int64_t> CapacityServer::SweepEach(Error first_error) {
  std::function<Result<std::vector<DueHold>>(storage::ReadTransaction&)> read =
      [this](storage::ReadTransaction& tx) { return HoldsToEnd(deps_, tx); };
  const auto holds = SyncWait(deps_.database.Read<std::vector<DueHold>>(read));
  if (!holds) return Fail(holds.error());
  int64_t handled = 0;
  for (const DueHold& due : *holds) {
    std::function<Result<int64_t>(storage::Transaction&)> end =
        [this, &due](storage::Transaction& tx) { return EndDue(deps_, tx, due); };
    handled += SyncWait(deps_.database.Write<int64_t>(end)).value_or(0);
  }
  std::function<Result<int64_t>(storage::Transaction&)> purge = [this](storage::Transaction& tx) {
    return PurgeHolds(deps_, tx);
  };
  handled += SyncWait(deps_.database.Write<int64_t>(purge)).value_or(0);
  if (handled == 0) return Fail(std::move(first_error));
  return handled;
}

}  // namespace fairlead::directory
