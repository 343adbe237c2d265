#include "services/consent/commands/issue_note_keys.h"

namespace fairlead::consent {
namespace {

constexpr size_t kNoteKeyBytes = 32;

tl::unexpected<Error> DenyNote(const char* reason, const char* message) {
  return Fail(Code::kPermissionDenied, reason, message);
}

// What the person has signed about what goes back and forth after the packet (element 7).
Result<void> CheckNoteAction(const Release& release, bool by_discloser) {
  if (!by_discloser && !release.two_way) {
    return DenyNote("RELEASE_ONE_WAY",
                    "The person has not allowed that anything is told back: the sender may write.");
  }
  if (release.action == Action::kOnce) {
    return DenyNote("RELEASE_ALREADY_USED",
                    "The release was for one disclosure, and that was the packet.");
  }
  return {};
}

Result<Release> DecideOnNote(Unit& unit, const NoteKeysRequest& request) {
  FAIRLEAD_ASSIGN(AsParty party, FindAsParty(unit, request.release_id));
  Release& release = party.release;
  for (const std::string& agency_id : {unit.agency_id, request.to_agency_id}) {
    Use use = request.use;
    use.agency_id = agency_id;
    FAIRLEAD_RETURN_IF_ERROR(Decide(release, use, unit.signer_rules, unit.now_ms));
  }
  const bool by_discloser = unit.agency_id == release.discloser_agency_id;
  const bool to_discloser = request.to_agency_id == release.discloser_agency_id;
  if (by_discloser == to_discloser) {
    return DenyNote("RELEASE_RECIPIENT_MISMATCH",
                    "The release is between the agency that discloses and one that it names.");
  }
  FAIRLEAD_RETURN_IF_ERROR(CheckNoteAction(release, by_discloser));
  FAIRLEAD_RETURN_IF_ERROR(AskWithRelease(unit, party.relations));
  FAIRLEAD_RETURN_IF_ERROR(CheckLogged(unit, release, request.referral_id,
                                       by_discloser ? request.to_agency_id : unit.agency_id));
  return std::move(release);
}

Result<void> LogNoteAsSent(Unit& unit, const Release& release, const NoteKeysRequest& request) {
  return unit.store.AddDisclosure({.id = unit.ids.New(),
                                   .release_id = release.id,
                                   .case_handle = release.case_handle,
                                   .discloser_agency_id = release.discloser_agency_id,
                                   .referral_id = request.referral_id,
                                   .recipient_agency_id = request.to_agency_id,
                                   .staff_id = "",
                                   .categories = request.use.categories,
                                   .purpose = request.use.purpose,
                                   .kind = "sent",
                                   .time_ms = unit.now_ms});
}

}  // namespace

Result<std::vector<CustodyKey>> IssueNoteKeys(Unit& unit, Random& random,
                                              const NoteKeysRequest& request) {
  FAIRLEAD_ASSIGN(const Release release, DecideOnNote(unit, request));
  std::vector<CustodyKey> keys;
  bool any_new = false;
  for (const std::string& agency_id : {unit.agency_id, request.to_agency_id}) {
    const CustodyKey fresh{.packet_id = request.note_id,
                           .agency_id = agency_id,
                           .release_id = release.id,
                           .key = random.Bytes(kNoteKeyBytes),
                           .create_ms = unit.now_ms};
    FAIRLEAD_ASSIGN(CustodyKey standing, unit.store.PutKey(fresh));
    if (standing.release_id != release.id) {
      return DenyNote("CUSTODY_CONFLICT", "This note was written under another release.");
    }
    any_new = any_new || standing.key == fresh.key;
    keys.push_back(std::move(standing));
  }
  // A repeat hands out what stands, and is the same decision.
  if (!any_new) return keys;
  if (unit.agency_id == release.discloser_agency_id) {
    FAIRLEAD_RETURN_IF_ERROR(LogNoteAsSent(unit, release, request));
  }
  FAIRLEAD_RETURN_IF_ERROR(
      Audit(unit, audit::Action::kCustodyIssued, release, request.referral_id));
  return keys;
}

}  // namespace fairlead::consent
