#include "services/directory/history_server.h"

#include <charconv>
#include <functional>
#include <limits>
#include <vector>

#include "services/common/rpc/proto_time.h"
#include "services/directory/commands/answer_hsds.h"
#include "services/directory/store/history_store.h"
#include "services/directory/translate.h"

namespace fairlead::directory {
namespace {

v1::FieldChange ChangeToProto(const StoredChange& from) {
  v1::FieldChange to;
  rpc::SetTime(from.time_ms, [&] { return to.mutable_time(); });
  to.set_action(from.change.action);
  to.set_resource_type(from.change.resource_type);
  to.set_resource_id(from.change.resource_id);
  to.set_field_name(from.change.field_name);
  to.set_previous_value(from.change.previous_value);
  to.set_replacement_value(from.change.replacement_value);
  to.set_actor_agency_id(from.actor_agency_id);
  to.set_actor_role(from.actor_role);
  return to;
}

int64_t NumberBefore(const Position& position) {
  int64_t number = std::numeric_limits<int64_t>::max();
  const std::string& text = position.sort_key;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

void HistoryServer::Register(rpc::Registry& registry) {
  rpc::Add<v1::ListHistoryRequest, v1::ListHistoryResponse>(
      registry, "/fairlead.directory.v1.HistoryService/ListHistory",
      [this](rpc::CallContext context, const v1::ListHistoryRequest& request) {
        return ListHistory(std::move(context), request);
      });
}

Task<Result<v1::ListHistoryResponse>> HistoryServer::ListHistory(
    rpc::CallContext context, const v1::ListHistoryRequest& request) {
  const std::string key = "ListHistory " + context.actor.agency_id + " " + request.id();
  const Result<Position> before = DecodePosition(page_tokens_, key, request.page_token());
  if (!before) co_return Fail(before.error());
  const int size = rpc::PageSize(request.page_size());
  using Listed = std::vector<StoredChange>;
  std::function<Result<Listed>(storage::ReadTransaction&)> read =
      [&](storage::ReadTransaction& tx) -> Result<Listed> {
    FAIRLEAD_ASSIGN(const HsdsRecord record, FindDocument(tx, context.actor, request.id()));
    return ListFieldChanges(tx, record.kind, record.id, TierFor(context.actor, record.agency_id),
                            size + 1, NumberBefore(*before));
  };
  Result<Listed> listed = co_await deps_.database.Read<Listed>(read);
  if (!listed) co_return Fail(std::move(listed.error()));
  const bool more = listed->size() > static_cast<size_t>(size);
  if (more) listed->pop_back();
  v1::ListHistoryResponse response;
  for (const StoredChange& one : *listed) *response.add_changes() = ChangeToProto(one);
  if (more) {
    response.set_next_page_token(
        page_tokens_.Encode(key, {std::to_string(listed->back().number), request.id()}));
  }
  co_return response;
}

}  // namespace fairlead::directory
