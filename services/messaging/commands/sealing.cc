#include "services/messaging/commands/sealing.h"

#include <algorithm>
#include <vector>

#include "services/common/base/thread_hash.h"

namespace fairlead::messaging {
namespace {

// By how much the writer's clock may be ahead of the hub's.
constexpr int64_t kClockSkewMs = 5 * kMinuteMs;

tl::unexpected<Error> OfAnotherThread(std::string detail) {
  return Fail(Code::kInvalidArgument, "MESSAGE_THREAD_MISMATCH",
              "The message was not sealed for this thread.", {{"detail", std::move(detail)}});
}

Result<void> CheckMessageHeader(const seal::Header& header, const Thread& thread,
                                const std::string& writer_agency_id, int64_t now_ms) {
  if (header.referral_id != thread.id) return OfAnotherThread("referral_id");
  if (header.sender_agency_id != writer_agency_id) {
    return Fail(Code::kInvalidArgument, "PACKET_SENDER_AGENCY_MISMATCH",
                "The message names another agency than yours as its writer.");
  }
  if (header.purpose != kMessagePurpose) return OfAnotherThread("purpose");
  if (header.categories != std::vector<std::string>{kMessageCategory}) {
    return OfAnotherThread("categories");
  }
  const std::string hash =
      ThreadHash(thread.id, thread.parties[0].agency_id, thread.parties[1].agency_id);
  if (header.release_hash != hash) return OfAnotherThread("release_hash");
  if (header.expires_s > (now_ms + kMessageLifeMs + kClockSkewMs) / 1000) {
    return OfAnotherThread("exp");
  }
  if (header.expires_s * 1000 > now_ms) return {};
  return Fail(Code::kInvalidArgument, "PACKET_EXPIRED", "The message has expired.");
}

tl::unexpected<Error> NotCurrent(const std::string& agency_id) {
  return Fail(Code::kFailedPrecondition, "MESSAGE_KEY_NOT_CURRENT",
              "The agency has new keys: fetch them, and seal the message anew.",
              {{"agency_id", agency_id}});
}

// The agency's share, by its current epoch key.
Result<Share> FindSealedShare(storage::ReadTransaction& tx, const seal::Envelope& envelope,
                              const std::string& agency_id) {
  FAIRLEAD_ASSIGN(const AgencyKeyRecord key, KeysOf(tx, agency_id));
  const auto share = std::ranges::find(envelope.recipients, key.epoch_kid, &seal::Recipient::kid);
  if (share != envelope.recipients.end()) {
    return Share{.agency_id = agency_id,
                 .kid = share->kid,
                 .epk_x = share->epk_x,
                 .epk_y = share->epk_y,
                 .encrypted_key = share->encrypted_key};
  }
  for (const seal::Recipient& each : envelope.recipients) {
    FAIRLEAD_ASSIGN(const bool earlier, WasKeyOf(tx, agency_id, each.kid));
    if (earlier) return NotCurrent(agency_id);
  }
  return Fail(Code::kInvalidArgument, "PACKET_RECIPIENT_MISMATCH",
              "The message must be sealed to the current keys of the two agencies, and to nobody "
              "else.",
              {{"agency_id", agency_id}});
}

Result<void> CheckSigner(storage::ReadTransaction& tx, const std::string& kid,
                         const std::string& agency_id) {
  FAIRLEAD_ASSIGN(const AgencyKeyRecord key, KeysOf(tx, agency_id));
  if (key.signing_kid == kid) return {};
  FAIRLEAD_ASSIGN(const bool earlier, WasKeyOf(tx, agency_id, kid));
  if (earlier) return NotCurrent(agency_id);
  return Fail(Code::kInvalidArgument, "PACKET_SENDER_MISMATCH",
              "The message is not signed with the current key of your agency.");
}

}  // namespace

Result<AgencyKeyRecord> KeysOf(storage::ReadTransaction& tx, const std::string& agency_id) {
  FAIRLEAD_ASSIGN(std::optional<AgencyKeyRecord> key, CurrentKey(tx, agency_id));
  if (key) return std::move(*key);
  return Fail(Code::kFailedPrecondition, "AGENCY_HAS_NO_KEYS",
              "The agency has not published its keys yet.", {{"agency_id", agency_id}});
}

Result<Sealed> TakeSealed(storage::ReadTransaction& tx, const Thread& thread,
                          const std::string& writer_agency_id, const seal::Envelope& envelope,
                          int64_t now_ms) {
  FAIRLEAD_RETURN_IF_ERROR(CheckMessageHeader(envelope.header, thread, writer_agency_id, now_ms));
  Sealed sealed{.protected_b64 = envelope.protected_b64,
                .iv = envelope.iv,
                .ciphertext = envelope.ciphertext,
                .tag = envelope.tag,
                .shares = {}};
  for (const Party& party : thread.parties) {
    FAIRLEAD_ASSIGN(Share share, FindSealedShare(tx, envelope, party.agency_id));
    sealed.shares.push_back(std::move(share));
  }
  if (envelope.recipients.size() != sealed.shares.size()) {
    // One more would be an undeclared one.
    return Fail(Code::kInvalidArgument, "PACKET_RECIPIENT_MISMATCH",
                "The message is sealed to somebody else too.");
  }
  FAIRLEAD_RETURN_IF_ERROR(CheckSigner(tx, envelope.header.sender_kid, writer_agency_id));
  return sealed;
}

std::string SealedFor(const Sealed& sealed, const std::string& agency_id) {
  if (sealed.ciphertext.empty()) return "";
  seal::Envelope envelope;
  envelope.protected_b64 = sealed.protected_b64;
  envelope.iv = sealed.iv;
  envelope.ciphertext = sealed.ciphertext;
  envelope.tag = sealed.tag;
  for (const Share& s : sealed.shares) {
    envelope.recipients.push_back(
        {.kid = s.kid,
         .epk_x = s.epk_x,
         .epk_y = s.epk_y,
         .encrypted_key = s.agency_id == agency_id ? s.encrypted_key : ""});
  }
  // As it was sent: the profile lists recipients in the order of their kids.
  std::ranges::sort(envelope.recipients, {}, &seal::Recipient::kid);
  return seal::ToJson(envelope);
}

}  // namespace fairlead::messaging
