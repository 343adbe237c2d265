#include "services/common/keys/trust.h"

#include <algorithm>

#include "services/common/seal/profile.h"

namespace fairlead::keys {
namespace {

tl::unexpected<Error> Distrust(const char* reason, const char* message,
                               std::map<std::string, std::string> metadata = {}) {
  return Fail(Code::kFailedPrecondition, reason, message, std::move(metadata));
}

std::string CheckOf(const Error& error) {
  const auto check = error.metadata.find("check");
  return check == error.metadata.end() ? error.reason : check->second;
}

// A statement's own error under the name of what it was supposed to be.
tl::unexpected<Error> Renamed(const char* reason, const char* message, const Error& error) {
  return Distrust(reason, message, {{"check", CheckOf(error)}});
}

constexpr const char* kBadRoot =
    "What the hub shows as the coalition's root is no statement of it.";

RootPin PinOf(const RootStatement& root) {
  return {.number = root.number, .root = root.root, .coalition = root.coalition};
}

// The statements after `believed`, each signed by the one before.
Result<RootPin> Climb(RootPin believed, const std::vector<std::string>& statements, size_t from,
                      int64_t now_s) {
  for (size_t i = from; i < statements.size(); ++i) {
    const auto next = ParseNextRoot(statements[i], believed.root, now_s);
    if (!next) {
      const std::string check = CheckOf(next.error());
      if (check == "kid" || check == "signature" || check == "previous") {
        return Distrust("ROOT_CHANGED",
                        "The hub shows a root that the one known here has not signed.",
                        {{"check", check}, {"known", Fingerprint(believed.root.kid)}});
      }
      return Renamed("ROOT_INVALID", kBadRoot, next.error());
    }
    if (next->number != believed.number + 1) {
      return Distrust("ROOT_INVALID", kBadRoot, {{"check", "number"}});
    }
    believed = PinOf(*next);
  }
  return believed;
}

Result<AgencyCertificate> JudgeCertificate(const Known& known, const std::string& certificate,
                                           int64_t now_s) {
  if (certificate.empty()) {
    return Distrust("CERTIFICATE_MISSING",
                    "The coalition's root has not spoken on this agency's key.");
  }
  constexpr const char* kMessage = "The hub shows a certificate that the root has not given.";
  Result<AgencyCertificate> read = ParseCertificate(certificate, known.root->root, now_s);
  if (!read) return Renamed("CERTIFICATE_INVALID", kMessage, read.error());
  if (read->agency_id != known.agency_id) {
    return Distrust("CERTIFICATE_INVALID", kMessage, {{"check", "agency_id"}});
  }
  if (IsExpired(read->expires_s, now_s)) {
    return Distrust("CERTIFICATE_EXPIRED", "The root's certificate for this agency has expired.");
  }
  if (known.agency && read->issued_s < known.agency->certified_s) {
    return Distrust("CERTIFICATE_ROLLBACK",
                    "The hub shows an older certificate than the one known here.");
  }
  return read;
}

// A name typed becomes an id by the hub's word: it must be the name of whoever has that id. The
// root's word counts, else what is remembered here.
Result<void> CheckName(const Known& known, const std::optional<AgencyCertificate>& certificate) {
  std::string name;
  if (certificate) {
    name = certificate->name;
  } else if (known.agency) {
    name = known.agency->name;
  }
  if (known.expected_name.empty() || name.empty() || name == known.expected_name) return {};
  return Distrust(
      "AGENCY_NAME_MISMATCH",
      "The hub names an agency that is known by another name. It may have been renamed, "
      "or somebody may be posing as it.",
      {{"known", name}, {"expected", known.expected_name}});
}

Result<KeyList> ReadList(const Known& known, const std::string& jws, int64_t now_s) {
  constexpr const char* kMessage = "The hub shows a key list that the agency has not made.";
  Result<KeyList> list = ParseKeyList(jws, now_s);
  if (!list) return Renamed("KEY_LIST_INVALID", kMessage, list.error());
  if (list->agency_id != known.agency_id) {
    return Distrust("KEY_LIST_INVALID", kMessage, {{"check", "agency_id"}});
  }
  if (IsExpired(list->expires_s, now_s)) {
    return Distrust("KEY_LIST_EXPIRED", "The agency's key list has expired.");
  }
  return list;
}

Result<void> CheckAgencyKey(const Known& known, const std::optional<AgencyCertificate>& certificate,
                            const KeyList& list) {
  const std::string& kid = list.agency_key.kid;
  if (certificate && certificate->agency_key.kid != kid) {
    return Distrust(
        "AGENCY_KEY_UNCERTIFIED",
        "The key list is signed by another key than the root has certified.",
        {{"known", Fingerprint(certificate->agency_key.kid)}, {"offered", Fingerprint(kid)}});
  }
  if (known.agency && known.agency->agency_kid != kid && known.accepted_agency_kid != kid) {
    return Distrust(
        "AGENCY_KEY_CHANGED",
        "The agency signs with another key than this machine knows. It may have a new "
        "one, or somebody may be posing as it.",
        {{"known", Fingerprint(known.agency->agency_kid)}, {"offered", Fingerprint(kid)}});
  }
  return {};
}

Result<void> CheckEpoch(const AgencyPin& pin, const KeyList& list) {
  constexpr const char* kMessage = "The list names other keys for an epoch that is known here.";
  if (list.epoch < pin.epoch) {
    return Distrust("EPOCH_ROLLBACK", "The list goes back to an earlier epoch.");
  }
  if (list.epoch == pin.epoch) {
    if (list.epoch_key.kid == pin.epoch_kid && list.signing_key.kid == pin.signing_kid) return {};
    return Distrust("EPOCH_KEYS_CHANGED", kMessage);
  }
  // Out of the list after 100 epochs: then nothing can be compared.
  if (pin.epoch < list.epoch - static_cast<int64_t>(list.past.size())) return {};
  for (const PastEpoch& past : list.past) {
    if (past.epoch == pin.epoch && past.epoch_kid == pin.epoch_kid &&
        past.signing_key.kid == pin.signing_kid) {
      return {};
    }
  }
  return Distrust("EPOCH_KEYS_CHANGED", kMessage);
}

Result<void> CheckHistory(const AgencyPin& pin, const KeyList& list, const std::string& hash) {
  if (list.version < pin.version) {
    return Distrust(
        "KEY_LIST_ROLLBACK", "The hub shows an older key list than is known here.",
        {{"known", std::to_string(pin.version)}, {"offered", std::to_string(list.version)}});
  }
  const bool forked = list.version == pin.version
                          ? hash != pin.list_hash
                          : list.version == pin.version + 1 && list.previous != pin.list_hash;
  if (forked) {
    return Distrust("KEY_LIST_FORKED",
                    "There are two histories of this agency's keys: somebody is shown another list "
                    "than this machine was.");
  }
  return CheckEpoch(pin, list);
}

// Else an agency could show another one's signing key as its own, and with it the other's packets.
Result<void> CheckOwnKeys(const Known& known, const std::vector<std::string>& kids) {
  for (const std::string& kid : kids) {
    if (!known.kids_of_others.contains(kid)) continue;
    return Distrust("KEY_OF_ANOTHER_AGENCY", "The list names a key that is another agency's.",
                    {{"kid", kid}});
  }
  return {};
}

// What a person has called the agency stays until the root says otherwise.
std::string NameOf(const Known& known, const std::optional<AgencyCertificate>& certificate) {
  if (certificate) return certificate->name;
  return known.agency && !known.agency->name.empty() ? known.agency->name : known.expected_name;
}

Result<Verdict> JudgeAnswer(const Known& known, const Answer& answer, int64_t now_s) {
  std::optional<AgencyCertificate> certificate;
  if (known.root) {
    FAIRLEAD_ASSIGN(certificate, JudgeCertificate(known, answer.certificate, now_s));
  }
  FAIRLEAD_RETURN_IF_ERROR(CheckName(known, certificate));
  Verdict verdict;
  FAIRLEAD_ASSIGN(verdict.list, ReadList(known, answer.key_list, now_s));
  const KeyList& list = verdict.list;
  FAIRLEAD_RETURN_IF_ERROR(CheckAgencyKey(known, certificate, list));
  const std::string hash = ListHash(answer.key_list);
  if (known.agency) FAIRLEAD_RETURN_IF_ERROR(CheckHistory(*known.agency, list, hash));
  std::vector<std::string> kids = AgencyKids(list);
  FAIRLEAD_RETURN_IF_ERROR(CheckOwnKeys(known, kids));
  verdict.first_use = !known.agency.has_value();
  verdict.certified = certificate.has_value();
  verdict.epoch_changed = known.agency && known.agency->epoch != list.epoch;
  verdict.pin = known.agency.value_or(AgencyPin());
  verdict.pin.name = NameOf(known, certificate);
  if (certificate) verdict.pin.certified_s = certificate->issued_s;
  verdict.pin.agency_kid = list.agency_key.kid;
  verdict.pin.version = list.version;
  verdict.pin.list_hash = hash;
  verdict.pin.epoch = list.epoch;
  verdict.pin.epoch_kid = list.epoch_key.kid;
  verdict.pin.signing_kid = list.signing_key.kid;
  verdict.pin.kids = std::move(kids);
  return verdict;
}

}  // namespace

Result<RootPin> ReadRoots(const std::vector<std::string>& statements, int64_t now_s) {
  if (statements.empty()) {
    return Distrust("ROOT_ROLLBACK", "The hub shows no root of the coalition.");
  }
  const auto first = ParseFirstRoot(statements.front(), now_s);
  if (!first) return Renamed("ROOT_INVALID", kBadRoot, first.error());
  return Climb(PinOf(*first), statements, 1, now_s);
}

Result<RootPin> FollowRoots(const RootPin& pin, const std::vector<std::string>& statements,
                            int64_t now_s) {
  // Where the pinned root stands among them. It is found by its number: what the hub shows before
  // it was believed or replaced long ago, and signs nothing now.
  int64_t highest = 0;
  for (size_t at = 0; at < statements.size(); ++at) {
    const auto shown = PeekRoot(statements[at], now_s);
    if (!shown) return Renamed("ROOT_INVALID", kBadRoot, shown.error());
    highest = std::max(highest, shown->number);
    if (shown->number < pin.number) continue;
    if (shown->number > pin.number) return Climb(pin, statements, at, now_s);
    if (shown->root == pin.root) return Climb(pin, statements, at + 1, now_s);
    return Distrust(
        "ROOT_CHANGED", "The hub shows another root than this machine knows.",
        {{"known", Fingerprint(pin.root.kid)}, {"offered", Fingerprint(shown->root.kid)}});
  }
  return Distrust("ROOT_ROLLBACK", "The hub shows an older root than this machine knows, or none.",
                  {{"known", std::to_string(pin.number)}, {"offered", std::to_string(highest)}});
}

Result<Verdict> Judge(const Known& known, const Answer& answer, int64_t now_s) {
  Result<Verdict> verdict = JudgeAnswer(known, answer, now_s);
  if (!verdict) verdict.error().metadata["agency"] = known.agency_id;
  return verdict;
}

Result<seal::PublicKey> SenderKey(const KeyList& list, std::string_view kid, int64_t sent_s) {
  if (kid == list.signing_key.kid) return list.signing_key;
  for (const PastEpoch& past : list.past) {
    if (past.signing_key.kid != kid) continue;
    if (sent_s > past.until_s + kSkewS) {
      return Distrust("SENDER_KEY_RETIRED",
                      "The packet is signed with a key that the agency had given up by then.");
    }
    return past.signing_key;
  }
  return Distrust("SENDER_KEY_UNKNOWN", "The packet is signed with a key that is not the agency's.",
                  {{"agency", list.agency_id}});
}

Result<std::string> PlaceSealedAnew(const KeyList& own, const seal::Envelope& envelope) {
  for (const seal::Recipient& each : envelope.recipients) {
    const auto was_ours = [&each](const PastEpoch& past) { return past.epoch_kid == each.kid; };
    if (each.kid == own.epoch_key.kid || std::any_of(own.past.begin(), own.past.end(), was_ours)) {
      return each.kid;
    }
  }
  return Distrust("NOT_A_RECIPIENT", "The packet was never sealed to a key of this agency.");
}

}  // namespace fairlead::keys
