#include "services/identity/commands/set_up.h"

#include <optional>

#include "services/identity/commands/note.h"

namespace fairlead::identity {
namespace {

tl::unexpected<Error> AlreadySetUp() {
  return Fail(Code::kFailedPrecondition, "ALREADY_SET_UP",
              "This coalition is set up: sign in, or ask a coordinator.");
}

}  // namespace

Result<void> OfferSetUp(const Deps& deps, SetUpCode& code, const std::string& data_dir) {
  std::function<Result<bool>(storage::Transaction&)> begin =
      [&deps](storage::Transaction& tx) -> Result<bool> {
    FAIRLEAD_ASSIGN(const bool any, deps.store.HasAnybody(tx, deps.clock.NowMs()));
    if (any) return false;
    FAIRLEAD_RETURN_IF_ERROR(
        deps.store.BeginSetUp(tx, PendingSetUp{deps.ids.New(), deps.ids.New()}));
    return true;
  };
  FAIRLEAD_ASSIGN(const bool pending, SyncWait(deps.database.Write<bool>(begin)));
  if (pending) return code.Open(data_dir, deps.random);
  code.Close(data_dir);
  return {};
}

Task<Result<Agency>> PrepareSetUp(const Deps& deps, const SetUpCode& code, rpc::CallContext context,
                                  SetUpInput input) {
  std::function<Result<std::optional<PendingSetUp>>(storage::ReadTransaction&)> read =
      [&deps](storage::ReadTransaction& tx) -> Result<std::optional<PendingSetUp>> {
    FAIRLEAD_ASSIGN(const bool any, deps.store.HasAnybody(tx, deps.clock.NowMs()));
    if (any) return std::optional<PendingSetUp>();
    return deps.store.FindSetUp(tx);
  };
  Task<Result<std::optional<PendingSetUp>>> reading =
      deps.database.Read<std::optional<PendingSetUp>>(read);
  Result<std::optional<PendingSetUp>> pending = co_await std::move(reading);
  if (!pending) co_return Fail(std::move(pending.error()));
  if (!pending->has_value()) co_return AlreadySetUp();
  if (!code.Matches(input.set_up_code)) {
    co_return Fail(Code::kPermissionDenied, "SET_UP_CODE_INVALID",
                   "This is not the set-up code of this hub.", {{"field", "set_up_code"}});
  }
  const std::vector<FirstCoordinator>& two = input.coordinators;
  if (two.size() != 2) {
    co_return Fail(Code::kInvalidArgument, "TWO_COORDINATORS_NEEDED",
                   "Name two people: some steps need a second one.", {{"field", "coordinators"}});
  }
  if (two[0].code_sha256 == two[1].code_sha256) {
    co_return Fail(Code::kInvalidArgument, "SAME_CODE", "Every invitation needs a code of its own.",
                   {{"field", "coordinators"}});
  }
  Task<Result<Agency>> creating =
      deps.agencies.CreateCoalitionOffice(std::move(context), **pending, input.agency_name);
  co_return co_await std::move(creating);
}

Result<std::vector<Invitation>> FinishSetUp(const Deps& deps, storage::Transaction& tx,
                                            const rpc::CallContext& context, const Agency& office,
                                            const std::vector<FirstCoordinator>& coordinators) {
  const int64_t now_ms = deps.clock.NowMs();
  FAIRLEAD_ASSIGN(const bool any, deps.store.HasAnybody(tx, now_ms));
  if (any) return AlreadySetUp();
  FAIRLEAD_RETURN_IF_ERROR(deps.store.AddAgency(tx, office));
  std::vector<Invitation> made;
  for (const FirstCoordinator& person : coordinators) {
    Invitation invitation{.id = deps.ids.New(),
                          .agency_id = office.id,
                          .display_name = person.display_name,
                          .roles = {Role::kCoordinator, Role::kAgencyAdmin},
                          .inviter_staff_id = {},
                          .first_only = false,
                          .create_ms = now_ms,
                          .expire_ms = now_ms + kInvitationMs};
    FAIRLEAD_RETURN_IF_ERROR(deps.store.InsertInvitation(tx, invitation, person.code_sha256));
    made.push_back(std::move(invitation));
  }
  audit::Record record{.action = audit::Action::kSetUpCompleted, .by = audit::ByCaller(context)};
  record.subject_agency_id = office.id;
  FAIRLEAD_RETURN_IF_ERROR(Note(deps, tx, record));
  return made;
}

}  // namespace fairlead::identity
