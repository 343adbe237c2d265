#include "services/consent/commands/issue_custody_keys.h"

namespace fairlead::consent {
namespace {

// One disclosure: one packet to one agency. Asked again for the same packet, it is the same one.
Result<void> CheckUnused(Unit& unit, const Release& release, const IssueRequest& request) {
  FAIRLEAD_ASSIGN(const bool used, unit.store.WasSentUnder(release.id));
  FAIRLEAD_ASSIGN(const std::optional<CustodyKey> standing,
                  unit.store.FindKey(request.packet_id, unit.agency_id, 0));
  if (!used || (standing && standing->release_id == release.id)) return {};
  return Fail(Code::kPermissionDenied, "RELEASE_ALREADY_USED",
              "The release was for one disclosure, and that has been made.");
}

Result<Release> FindAndDecide(Unit& unit, const IssueRequest& request) {
  FAIRLEAD_ASSIGN(Release release, FindOwn(unit, request.release_id));
  if (release.case_handle != request.case_handle) {
    return Fail(Code::kPermissionDenied, "RELEASE_SUBJECT_MISMATCH",
                "The release is about another case.");
  }
  for (const std::string& agency_id : request.agency_ids) {
    Use use = request.use;
    use.agency_id = agency_id;
    FAIRLEAD_RETURN_IF_ERROR(Decide(release, use, unit.signer_rules, unit.now_ms));
  }
  FAIRLEAD_RETURN_IF_ERROR(AskWithRelease(unit, auth::Relation::kDiscloser));
  if (release.action == Action::kOnce) {
    FAIRLEAD_RETURN_IF_ERROR(CheckUnused(unit, release, request));
  }
  return release;
}

tl::unexpected<Error> SentUnderAnother() {
  return Fail(Code::kPermissionDenied, "CUSTODY_CONFLICT",
              "This referral was sent under another release.");
}

// What issuing would say of keys that stand already.
Result<void> CheckStanding(Unit& unit, const Release& release, const IssueRequest& request) {
  for (const std::string& agency_id : request.agency_ids) {
    FAIRLEAD_ASSIGN(const std::optional<CustodyKey> standing,
                    unit.store.FindKey(request.packet_id, agency_id, 0));
    if (!standing) continue;
    if (standing->release_id != release.id) return SentUnderAnother();
    FAIRLEAD_RETURN_IF_ERROR(CheckLogged(unit, release, request.referral_id, agency_id));
  }
  return {};
}

}  // namespace

Result<IssuedKeys> IssueCustodyKeys(Unit& unit, Random& random, const IssueRequest& request) {
  FAIRLEAD_ASSIGN(const Release release, FindAndDecide(unit, request));
  IssuedKeys issued;
  issued.expire_ms = release.expire_ms;
  if (request.check_only) {
    FAIRLEAD_RETURN_IF_ERROR(CheckStanding(unit, release, request));
    return issued;
  }
  bool any_new = false;
  for (const std::string& agency_id : request.agency_ids) {
    CustodyKey fresh{.packet_id = request.packet_id,
                     .agency_id = agency_id,
                     .release_id = release.id,
                     .key = random.Bytes(kCustodyKeyBytes),
                     .create_ms = unit.now_ms};
    FAIRLEAD_ASSIGN(CustodyKey standing, unit.store.PutKey(fresh));
    if (standing.release_id != release.id) return SentUnderAnother();
    const bool is_new = standing.key == fresh.key;
    any_new = any_new || is_new;
    if (is_new && agency_id != unit.agency_id) {
      FAIRLEAD_RETURN_IF_ERROR(
          unit.store.AddDisclosure({.id = unit.ids.New(),
                                    .release_id = release.id,
                                    .case_handle = release.case_handle,
                                    .discloser_agency_id = release.discloser_agency_id,
                                    .referral_id = request.referral_id,
                                    .recipient_agency_id = agency_id,
                                    .staff_id = "",
                                    .categories = request.use.categories,
                                    .purpose = request.use.purpose,
                                    .kind = "sent",
                                    .time_ms = unit.now_ms,
                                    .packet_id = request.packet_id}));
    }
    FAIRLEAD_RETURN_IF_ERROR(CheckLogged(unit, release, request.referral_id, agency_id));
    issued.keys.push_back(std::move(standing));
  }
  if (release.action == Action::kOnce) {
    FAIRLEAD_RETURN_IF_ERROR(unit.store.RememberUsed(release.id));
  }
  // A repeat hands out what stands, and is the same decision.
  if (any_new) {
    FAIRLEAD_RETURN_IF_ERROR(
        Audit(unit, audit::Action::kCustodyIssued, release, request.referral_id));
  }
  return issued;
}

Result<void> AuditRefusedIssue(Unit& unit, const IssueRequest& request, const Error& error) {
  audit::Record record{.action = audit::Action::kCustodyIssued, .by = unit.by};
  record.refused = audit::Refusal(error);
  record.referral_id = request.referral_id;
  record.release_id = request.release_id;
  record.case_handle = request.case_handle;
  record.subject_agency_id = unit.agency_id;  // keys are asked for by who discloses
  return audit::Append(unit.tx, unit.ids, unit.now_ms, record);
}

}  // namespace fairlead::consent
