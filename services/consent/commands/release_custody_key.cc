#include "services/consent/commands/release_custody_key.h"

#include <optional>

#include "services/consent/commands/break_glass.h"

namespace fairlead::consent {
namespace {

// Counted from the disclosure log: it holds every opening, whatever has been restarted since.
Result<void> CheckQuota(Unit& unit, int opens_per_day) {
  if (unit.staff_id.empty()) return {};
  FAIRLEAD_ASSIGN(const std::optional<int64_t> oldest,
                  unit.store.OpenedBefore(unit.staff_id, unit.now_ms - kDayMs, opens_per_day));
  if (!oldest) return {};
  return UsedUpToday(unit, *oldest, "QUOTA_USED",
                     "All packets that one person may open in 24 hours have been opened.");
}

struct Decided {
  Release release;
  CustodyKey key;
};

// May this agency hold the share now? With the key that it is wrapped under.
Result<Decided> DecideFor(Unit& unit, const OpenRequest& request) {
  FAIRLEAD_ASSIGN(AsParty party, FindAsParty(unit, request.release_id));
  if (request.use.agency_id != unit.agency_id) {
    return Fail(Code::kNotFound, "RELEASE_NOT_FOUND", "There is no such release.");
  }
  Release& release = party.release;
  FAIRLEAD_RETURN_IF_ERROR(Decide(release, request.use, unit.signer_rules, unit.now_ms));
  FAIRLEAD_RETURN_IF_ERROR(AskWithRelease(unit, party.relations));
  FAIRLEAD_ASSIGN(std::optional<CustodyKey> key,
                  unit.store.FindKey(request.packet_id, unit.agency_id, request.generation));
  if (!key || key->release_id != release.id) {
    return Fail(Code::kPermissionDenied, "CUSTODY_KEY_GONE",
                "The key to this packet has been destroyed.");
  }
  FAIRLEAD_RETURN_IF_ERROR(CheckLogged(unit, release, request.referral_id, unit.agency_id));
  return Decided{std::move(release), std::move(*key)};
}

}  // namespace

Result<std::string> ReleaseCustodyKey(Unit& unit, const OpenRequest& request) {
  std::optional<BreakGlass> glass;
  if (request.ended) {
    FAIRLEAD_ASSIGN(glass, OpenGlass(unit, request.referral_id));
  }
  FAIRLEAD_ASSIGN(Decided decided, DecideFor(unit, request));
  const Release& release = decided.release;
  FAIRLEAD_RETURN_IF_ERROR(CheckQuota(unit, request.opens_per_day));
  FAIRLEAD_RETURN_IF_ERROR(
      unit.store.AddDisclosure({.id = unit.ids.New(),
                                .release_id = release.id,
                                .case_handle = release.case_handle,
                                .discloser_agency_id = release.discloser_agency_id,
                                .referral_id = request.referral_id,
                                .recipient_agency_id = unit.agency_id,
                                .staff_id = unit.staff_id,
                                .categories = request.use.categories,
                                .purpose = request.use.purpose,
                                .kind = "opened",
                                .time_ms = unit.now_ms,
                                .break_glass_id = glass ? glass->id : "",
                                .packet_id = request.packet_id}));
  if (glass) {
    FAIRLEAD_RETURN_IF_ERROR(CountOpening(unit, std::move(*glass), release));
  } else {
    FAIRLEAD_RETURN_IF_ERROR(
        Audit(unit, audit::Action::kPacketOpened, release, request.referral_id));
  }
  return std::move(decided.key.key);
}

Result<void> CheckCustody(Unit& unit, const OpenRequest& request) {
  FAIRLEAD_RETURN_IF_ERROR(DecideFor(unit, request));
  FAIRLEAD_ASSIGN(const bool opened,
                  unit.store.HasOpened(unit.staff_id, request.packet_id, unit.now_ms - kDayMs));
  if (opened) return {};
  return Fail(Code::kFailedPrecondition, "PACKET_NOT_OPENED",
              "Whoever reads what is attached has opened the packet within 24 hours: open it.");
}

Result<std::string> RenewCustodyKey(Unit& unit, Random& random, const OpenRequest& request,
                                    bool settled) {
  FAIRLEAD_ASSIGN(const Decided decided, DecideFor(unit, request));
  FAIRLEAD_RETURN_IF_ERROR(
      unit.store.ShredKeysBefore(request.packet_id, unit.agency_id, request.generation));
  if (settled) return std::string();
  const CustodyKey fresh{.packet_id = request.packet_id,
                         .agency_id = unit.agency_id,
                         .release_id = decided.release.id,
                         .key = random.Bytes(kCustodyKeyBytes),
                         .create_ms = unit.now_ms,
                         .generation = request.generation + 1};
  FAIRLEAD_ASSIGN(CustodyKey standing, unit.store.PutKey(fresh));
  if (standing.key == fresh.key) {
    FAIRLEAD_RETURN_IF_ERROR(
        Audit(unit, audit::Action::kCustodyRenewed, decided.release, request.referral_id));
  }
  return std::move(standing.key);
}

Result<void> AuditRefusedOpening(Unit& unit, const OpenRequest& request, audit::Action act,
                                 const Error& error) {
  audit::Record record{.action = act, .by = unit.by};
  record.refused = audit::Refusal(error);
  record.referral_id = request.referral_id;
  record.release_id = request.release_id;
  FAIRLEAD_ASSIGN(const std::optional<Release> release, unit.store.Find(request.release_id));
  if (release) {
    record.subject_agency_id = release->discloser_agency_id;
    record.case_handle = release->case_handle;
  }
  return audit::Append(unit.tx, unit.ids, unit.now_ms, record);
}

}  // namespace fairlead::consent
