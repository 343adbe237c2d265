// A sealed note between the two agencies of a hand-off: sealed here, and read here.
#ifndef GATEWAY_CLI_NOTE_H_
#define GATEWAY_CLI_NOTE_H_

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "fairlead/referral/v1/referral.pb.h"
#include "fairlead/referral/v1/sealed_note.pb.h"
#include "gateway/cli/context.h"
#include "gateway/cli/text_source.h"

namespace fairlead::cli {

// Errors: those of ReadText.
Result<std::string> ReadNoteText(Context& context, const TextSource& source,
                                 const std::vector<std::string>& prompts);

// What a note says, sealed to the other agency of the offer and to the caller's own, which signs
// it. `content` gets the note's id and kind. Errors: NOTE_TOO_LARGE, those of KeyToSealTo,
// KEY_MISSING.
struct NoteToSeal {
  std::string id;
  referral::v1::NoteKind kind = referral::v1::NOTE_KIND_UNSPECIFIED;
  std::string offer_id;  // empty: the caller's own, or the one that was accepted
  bool first_use = false;
};
Result<std::string> SealNote(Context& context, const referral::v1::Referral& referral,
                             const NoteToSeal& note, boost::json::object content);

struct NoteRead {
  referral::v1::SealedNote note;
  boost::json::object content;
  std::string writer;  // its name, and whose word that is
};
// Fetched, which is on record, checked and unsealed. Errors: those of OpenNote and of seal::Open;
// DATA_LOSS NOTE_MISMATCH (another note than the one that was asked for).
Result<NoteRead> ReadNote(Context& context, const referral::v1::Referral& referral,
                          const referral::v1::SealedNote& listed);
// A member of it that is text; empty: there is none.
std::string NoteText(const NoteRead& read, const char* member);

// "2026-12-01 15:00", of this machine's zone, or with an offset "2026-12-01T15:00:00-06:00" or Z.
// Seconds since the Unix epoch. Errors: USAGE; also for a time that the zone has not or has passed.
Result<int64_t> ParseMeetingTime(const std::string& text, int64_t now_s);
// "Tuesday 2026-12-01 15:00 CST (UTC-0600)": in this machine's zone, which it names.
std::string MeetingTimeText(int64_t time_s);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_NOTE_H_
