#include "services/consent/commands/confirm_withdrawal.h"

namespace fairlead::consent {

Result<Release> ConfirmWithdrawal(Unit& unit, const std::string& release_id,
                                  const std::string& etag, Method method,
                                  const std::string& artefact_id) {
  FAIRLEAD_ASSIGN(Release release, FindOwn(unit, release_id));
  FAIRLEAD_RETURN_IF_ERROR(CheckEtag(release, etag));
  Withdrawal& withdrawal = release.withdrawal;
  if (withdrawal.method != Method::kOral) {
    return Fail(Code::kFailedPrecondition, "NOT_WITHDRAWN_ORALLY",
                "Only a withdrawal by word of mouth is confirmed.",
                {{"state", std::string(StateName(release.state))}});
  }
  if (withdrawal.confirm_method != Method::kUnspecified) {
    return Fail(Code::kFailedPrecondition, "WITHDRAWAL_ALREADY_CONFIRMED",
                "The withdrawal has been confirmed.");
  }
  if (method == Method::kOral && unit.staff_id == withdrawal.staff_id) {
    return Fail(Code::kFailedPrecondition, "SECOND_PERSON_NEEDED",
                "Who recorded it cannot confirm it by word of mouth: somebody else does, or the "
                "client signs.");
  }
  if (method != Method::kOral && artefact_id.empty()) {
    return Fail(Code::kInvalidArgument, "ARTEFACT_NEEDED",
                "Say where the signed confirmation is kept.", {{"field", "artefact_id"}});
  }
  withdrawal.confirm_method = method;
  if (method != Method::kOral) withdrawal.confirm_artefact_id = artefact_id;
  withdrawal.confirm_staff_id = unit.staff_id;
  withdrawal.confirm_ms = unit.now_ms;
  FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(release));
  FAIRLEAD_RETURN_IF_ERROR(Audit(unit, audit::Action::kWithdrawalConfirmed, release));
  return release;
}

}  // namespace fairlead::consent
