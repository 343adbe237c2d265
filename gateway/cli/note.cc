#include "gateway/cli/note.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>

#include "gateway/cli/agency_keys.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/referral_view.h"
#include "gateway/cli/unseal.h"
#include "services/common/base/random.h"
#include "services/common/base/strict_json.h"
#include "services/common/seal/seal.h"

namespace fairlead::cli {
namespace {

namespace v1 = referral::v1;
namespace json = boost::json;

constexpr size_t kMaxNoteBytes = 4 * 1024 - 4;  // 4 KiB less the length prefix of the padding
constexpr int kMaxNoteDepth = 4;
// Longer than any appointment lies ahead; the release ends it earlier as a rule.
constexpr int64_t kNoteLifetimeS = 90LL * 24 * 3600;

// The agency that the note is for.
Result<std::string> OtherAgency(Context& context, const v1::Referral& referral,
                                const std::string& offer_id) {
  FAIRLEAD_ASSIGN(const std::string own_id, context.OwnAgencyId());
  if (referral.sender_agency_id() != own_id) return referral.sender_agency_id();
  for (const v1::Offer& offer : referral.offers()) {
    const bool meant =
        offer_id.empty() ? offer.state() == v1::OFFER_STATE_ACCEPTED : offer.id() == offer_id;
    if (meant) return offer.recipient_agency_id();
  }
  return Fail(Code::kFailedPrecondition, "NOT_MATCHED", "No agency has accepted this referral.");
}

// Whether a listed note is by one of the two that it is between: the hub could name a third agency,
// whose signature holds too.
Result<bool> IsOfParties(Context& context, const v1::Referral& referral,
                         const v1::SealedNote& listed) {
  FAIRLEAD_ASSIGN(const std::string own_id, context.OwnAgencyId());
  if (listed.from_agency_id() == own_id) return true;
  const Result<std::string> other = OtherAgency(context, referral, listed.offer_id());
  return other && *other == listed.from_agency_id();
}

// Whether what was given out goes by what the listing, which is shown beside it, says of it.
bool IsListed(const v1::SealedNote& note, const v1::SealedNote& listed) {
  return note.id() == listed.id() && note.from_agency_id() == listed.from_agency_id() &&
         note.kind() == listed.kind() && note.offer_id() == listed.offer_id() &&
         note.about_note_id() == listed.about_note_id();
}

Result<int64_t> WithOffset(const std::string& text) {
  std::tm fields{};
  const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S%z", &fields);
  if (rest == nullptr || *rest != '\0') {
    return Usage(
        "When: as 2026-12-01 15:00 (of this machine's zone), or with an offset as "
        "2026-12-01T15:00:00-06:00.");
  }
  const int64_t offset_s = fields.tm_gmtoff;
  return static_cast<int64_t>(::timegm(&fields)) - offset_s;
}

Result<int64_t> InThisZone(const std::string& text) {
  std::tm fields{};
  const char* rest = ::strptime(text.c_str(), "%Y-%m-%d %H:%M", &fields);
  if (rest == nullptr || *rest != '\0') return WithOffset(text);
  const std::tm asked = fields;
  fields.tm_isdst = -1;
  const std::time_t time = ::mktime(&fields);
  // What the clocks skip in spring is put an hour off without a word.
  if (time == -1 || fields.tm_hour != asked.tm_hour || fields.tm_mday != asked.tm_mday) {
    return Usage("There is no such time in the zone of this machine.");
  }
  return static_cast<int64_t>(time);
}

}  // namespace

Result<std::string> ReadNoteText(Context& context, const TextSource& source,
                                 const std::vector<std::string>& prompts) {
  return ReadText(context, source, prompts, kMaxNoteBytes);
}

Result<std::string> SealNote(Context& context, const v1::Referral& referral, const NoteToSeal& note,
                             json::object content) {
  content["id"] = note.id;
  content["kind"] = EnumText(note.kind);
  FAIRLEAD_ASSIGN(const std::string own_id, context.OwnAgencyId());
  FAIRLEAD_ASSIGN(const std::string other, OtherAgency(context, referral, note.offer_id));
  FAIRLEAD_ASSIGN(const OwnKeys own, context.home().LoadKeys(own_id));
  FAIRLEAD_ASSIGN(const seal::PublicKey theirs, KeyToSealTo(context, other, "", note.first_use));
  seal::SealRequest request;
  request.header.referral_id = referral.id();
  request.header.sender_agency_id = own_id;
  request.header.release_hash = referral.release_hash();
  request.header.purpose = referral.purpose();
  request.header.categories.assign(referral.categories().begin(), referral.categories().end());
  request.header.expires_s = context.NowMs() / 1'000 + kNoteLifetimeS;
  request.plaintext = json::serialize(content);
  request.recipients = {theirs, own.epoch.public_key};
  if (request.plaintext.size() > kMaxNoteBytes) {
    return Fail(Code::kInvalidArgument, "NOTE_TOO_LARGE",
                "That is longer than a note may be (" + std::to_string(kMaxNoteBytes) + " bytes).");
  }
  return seal::Seal(request, own.signing, SystemRandom());
}

Result<NoteRead> ReadNote(Context& context, const v1::Referral& referral,
                          const v1::SealedNote& listed) {
  v1::OpenNoteRequest request;
  request.set_note_id(listed.id());
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::OpenNoteResponse>(kOpenNote, request));
  const auto mismatch = [] {
    return Fail(Code::kDataLoss, "NOTE_MISMATCH", "The hub has given out another note.");
  };
  const v1::SealedNote& note = response.note();
  FAIRLEAD_ASSIGN(const bool is_of_parties, IsOfParties(context, referral, listed));
  if (!is_of_parties || !IsListed(note, listed) || note.referral_id() != referral.id()) {
    return mismatch();
  }
  // It is opened as a packet is whose sender is its writer.
  v1::OpenPacketResponse as_packet;
  as_packet.set_packet(response.sealed());
  *as_packet.mutable_referral() = referral;
  as_packet.mutable_referral()->set_sender_agency_id(note.from_agency_id());
  *as_packet.mutable_referral()->mutable_create_time() = note.create_time();
  FAIRLEAD_ASSIGN(const Openable openable, ReadyToOpen(context, as_packet));
  FAIRLEAD_ASSIGN(const seal::Opened opened,
                  seal::Open(response.sealed(), openable.key, openable.expected));
  auto content = ParseStrictJson(opened.plaintext, kMaxNoteBytes, kMaxNoteDepth);
  if (!content || !content->is_object()) return mismatch();
  NoteRead read{
      .note = note,
      .content = std::move(content->as_object()),
      .writer = openable.sender_name + (openable.name_confirmed ? "" : ", as the hub names it")};
  // The writer has signed which one it is: an earlier one is not passed off as this.
  if (NoteText(read, "id") != listed.id() || NoteText(read, "kind") != EnumText(listed.kind()) ||
      NoteText(read, "about") != listed.about_note_id()) {
    return mismatch();
  }
  return read;
}

std::string NoteText(const NoteRead& read, const char* member) {
  const json::value* found = read.content.if_contains(member);
  if (found == nullptr || !found->is_string()) return "";
  return std::string(found->as_string());
}

Result<int64_t> ParseMeetingTime(const std::string& text, int64_t now_s) {
  FAIRLEAD_ASSIGN(const int64_t time_s, InThisZone(text));
  if (time_s <= now_s) return Usage("That time has passed.");
  return time_s;
}

std::string MeetingTimeText(int64_t time_s) {
  const auto time = static_cast<std::time_t>(time_s);
  std::tm fields{};
  if (::localtime_r(&time, &fields) == nullptr) return std::to_string(time_s);
  std::array<char, 96> text{};
  const size_t length =
      std::strftime(text.data(), text.size(), "%A %Y-%m-%d %H:%M %Z (UTC%z)", &fields);
  return std::string(text.data(), length);
}

}  // namespace fairlead::cli
