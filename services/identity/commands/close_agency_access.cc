#include "services/identity/commands/close_agency_access.h"

#include <algorithm>

#include "services/identity/commands/find_agency.h"
#include "services/identity/commands/note.h"

namespace fairlead::identity {

Result<int64_t> ShutOut(const Deps& deps, storage::Transaction& tx, const audit::By& by,
                        const Agency& agency) {
  FAIRLEAD_RETURN_IF_ERROR(deps.store.PutAgency(tx, agency));
  FAIRLEAD_ASSIGN(const int64_t ended, deps.access.DeleteSessionsOfAgency(tx, agency.id));
  FAIRLEAD_RETURN_IF_ERROR(deps.access.DeleteInvitationsOfAgency(tx, agency.id));
  FAIRLEAD_ASSIGN(const int64_t machines,
                  deps.access.DisableMachinesOfAgency(tx, agency.id, deps.clock.NowMs()));
  if (machines > 0) {
    audit::Record disabled{.action = audit::Action::kMachineClientDisabled, .by = by};
    disabled.subject_agency_id = agency.id;
    disabled.count = machines;
    FAIRLEAD_RETURN_IF_ERROR(Note(deps, tx, disabled));
  }
  audit::Record record{.action = audit::Action::kAgencyAccessClosed, .by = by};
  record.subject_agency_id = agency.id;
  record.count = std::max<int64_t>(ended, 1);
  FAIRLEAD_RETURN_IF_ERROR(Note(deps, tx, record));
  return ended;
}

namespace {

Result<int64_t> Close(const Deps& deps, storage::Transaction& tx, const rpc::CallContext& context,
                      const CloseAgencyAccessInput& input, const Agency& known) {
  FAIRLEAD_ASSIGN(const auto kept, deps.store.FindAgency(tx, input.agency_id));
  Agency agency = kept.value_or(known);
  // It was held up. A later version is known only when this one has been carried out: events come
  // in order and close what they say or may have left out (consumers/agency_changed.cc), and before
  // the first of them or the first answer of directory's nobody here belongs to the agency.
  if (agency.version > input.version) return 0;
  agency.membership = input.membership;
  agency.version = input.version;
  return ShutOut(deps, tx, audit::ByCaller(context), agency);
}

}  // namespace

Task<Result<int64_t>> CloseAgencyAccess(const Deps& deps, rpc::CallContext context,
                                        CloseAgencyAccessInput input) {
  if (!IsClosed(input.membership)) {
    co_return Fail(Code::kInvalidArgument, "MEMBERSHIP_NOT_CLOSED",
                   "Only a suspended or departed agency's access is closed.",
                   {{"field", "membership"}});
  }
  Task<Result<Agency>> finding = FindAgency(deps, context, input.agency_id);
  Result<Agency> agency = co_await std::move(finding);
  if (!agency) co_return Fail(std::move(agency.error()));
  std::function<Result<int64_t>(storage::Transaction&)> close = [&](storage::Transaction& tx) {
    return Close(deps, tx, context, input, *agency);
  };
  Task<Result<int64_t>> closing = deps.database.Write<int64_t>(close);
  co_return co_await std::move(closing);
}

}  // namespace fairlead::identity
