// What becomes of a sealed note: who decides on an appointment, what ends it, and that what it says
// goes with its end. What writing and opening need of consent:
// tests/integration/sealed_notes_test.cc.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "services/referral/commands/answer_question.h"
#include "services/referral/commands/ask_question.h"
#include "services/referral/commands/cancel_referral.h"
#include "services/referral/commands/close_referral.h"
#include "services/referral/commands/complete_referral.h"
#include "services/referral/commands/decide_appointment.h"
#include "services/referral/commands/reopen_referral.h"
#include "services/referral/commands/write_note.h"
#include "services/referral/domain/packet_version.h"
#include "services/referral/store/note_store.h"
#include "services/referral/testing/commands_fixture.h"

namespace fairlead::referral {
namespace {

using A = AppointmentState;
using R = ReferralState;
using O = OfferState;

class SealedNoteTest : public CommandsTest {
 protected:
  std::string Matched(R state = R::kMatched) {
    return Add(sender_, recipient_, state, O::kAccepted);
  }
  // By that agency, with something sealed in it; its id.
  std::string Note(const std::string& referral_id, const std::string& from, NoteKind kind,
                   const std::string& about = "") {
    return Do<std::string>([&](Unit& unit) -> Result<std::string> {
      FAIRLEAD_ASSIGN(const auto referral, unit.store.Find(referral_id));
      SealedNote note{.id = ids_.New(),
                      .referral_id = referral_id,
                      .offer_id = referral->offers.at(0).id,
                      .kind = kind,
                      .from_agency_id = from,
                      .to_agency_id = from == sender_ ? recipient_ : sender_,
                      .create_ms = unit.now_ms,
                      .about_note_id = about,
                      .categories = {"needs", "safe_contact"}};
      note.content.ciphertext = "sealed";
      note.content.recipients = {
          {.agency_id = sender_, .kid = "k", .epk_x = "x", .epk_y = "y", .custody_wrapped = "w"}};
      FAIRLEAD_RETURN_IF_ERROR(PutNote(unit.tx, note));
      return note.id;
    });
  }
  std::string Proposed(const std::string& referral_id) {
    return Note(referral_id, sender_, NoteKind::kAppointment);
  }
  std::string Decide(const std::string& by, const std::string& note, A to,
                     const std::string& reason = "other", const std::string& etag = "") {
    const std::string verb = to == A::kConfirmed  ? "ConfirmAppointment"
                             : to == A::kDeclined ? "DeclineAppointment"
                                                  : "CancelAppointment";
    return As<SealedNote>(by, "SealedNoteService/" + verb, [&](Unit& unit) {
      return DecideAppointment(unit, {note, etag, to, to == A::kConfirmed ? "" : reason});
    });
  }
  // "confirmed v2 sealed": state, etag, whether what it says is there; "none".
  std::string Seen(const std::string& note_id) {
    return Do<std::string>([&](Unit& unit) -> Result<std::string> {
      FAIRLEAD_ASSIGN(const auto note, unit.store.FindNote(note_id, sender_));
      if (!note) return std::string("none");
      EXPECT_EQ(note->content.ciphertext, note->has_content() ? "sealed" : "");
      std::string text(StateName(note->state));
      text += " " + Etag(*note);
      if (note->has_content()) text += " sealed";
      return text;
    });
  }
  // Whether its custody keys are to be destroyed.
  bool KeysToGo(const std::string& note_id) {
    return Do<bool>([&](Unit& unit) -> Result<bool> {
      FAIRLEAD_ASSIGN(const auto ids, unit.store.CustodyToDestroy(1000));
      return std::ranges::find(ids, note_id) != ids.end();
    });
  }
  std::string Change(const std::string& by, const std::string& verb,
                     const std::function<Result<Referral>(Unit&)>& command) {
    return As<Referral>(by, "ReferralService/" + verb, command);
  }

  const std::string sender_ = ids_.New();
  const std::string recipient_ = ids_.New();
  const std::string third_ = ids_.New();
};

TEST_P(SealedNoteTest, TheOtherAgencyConfirmsAndOnce) {
  const std::string id = Matched();
  const std::string note = Proposed(id);
  EXPECT_EQ(Decide(sender_, note, A::kConfirmed), "OTHER_SIDES_TURN");
  EXPECT_EQ(Decide(third_, note, A::kConfirmed), "NOTE_NOT_FOUND");
  EXPECT_EQ(Decide(recipient_, ids_.New(), A::kConfirmed), "NOTE_NOT_FOUND");
  EXPECT_EQ(Decide(recipient_, note, A::kCancelled), "OTHER_SIDES_TURN") << "it declines";
  EXPECT_EQ(Decide(recipient_, note, A::kConfirmed, "", "v7"), "ETAG_MISMATCH");
  EXPECT_EQ(Seen(note), "proposed v1 sealed");
  EXPECT_EQ(Decide(recipient_, note, A::kConfirmed, "", "v1"), "ok");
  EXPECT_EQ(Seen(note), "confirmed v2 sealed") << "it is still of use";
  EXPECT_EQ(Decide(recipient_, note, A::kConfirmed), "ILLEGAL_TRANSITION");
  EXPECT_EQ(Decide(recipient_, note, A::kDeclined), "ILLEGAL_TRANSITION");
  EXPECT_FALSE(KeysToGo(note));
  EXPECT_EQ(Read(id), "matched/accepted : appointment_confirmed");
}

TEST_P(SealedNoteTest, WhatComesToNothingIsDestroyed) {
  const std::string id = Matched(R::kInService);
  const std::string declined = Proposed(id);
  EXPECT_EQ(Decide(recipient_, declined, A::kDeclined, "no_such_reason"), "UNKNOWN_REASON_CODE");
  EXPECT_EQ(Decide(recipient_, declined, A::kDeclined, "place_not_safe"), "ok");
  EXPECT_EQ(Seen(declined), "declined v2");
  EXPECT_TRUE(KeysToGo(declined));
  const std::string cancelled = Proposed(id);
  EXPECT_EQ(Decide(sender_, cancelled, A::kCancelled, "proposed_in_error"), "ok");
  EXPECT_EQ(Seen(cancelled), "cancelled v2");
  const std::string agreed = Note(id, recipient_, NoteKind::kAppointment);
  EXPECT_EQ(Decide(sender_, agreed, A::kConfirmed), "ok");
  EXPECT_EQ(Decide(sender_, agreed, A::kCancelled), "ok") << "once agreed, either side may";
  EXPECT_TRUE(KeysToGo(agreed));
  EXPECT_EQ(Decide(sender_, Note(id, recipient_, NoteKind::kQuestion), A::kConfirmed),
            "NOT_AN_APPOINTMENT");
}

TEST_P(SealedNoteTest, TheEndOfTheReferralEndsIt) {
  const auto ended = [&](R state, const std::string& by, const std::string& verb,
                         const std::function<Result<Referral>(Unit&, const std::string&)>& end) {
    const std::string id = Matched(state);
    const std::string note = Proposed(id);
    const std::string question = Note(id, recipient_, NoteKind::kQuestion);
    EXPECT_EQ(Change(by, verb, [&](Unit& unit) { return end(unit, id); }), "ok") << verb;
    EXPECT_TRUE(KeysToGo(note)) << verb;
    EXPECT_NE(Decide(recipient_, note, A::kConfirmed), "ok") << verb;
    return Seen(note) + (Seen(question) == "none" ? " none" : "");
  };
  EXPECT_EQ(ended(R::kInService, recipient_, "CompleteReferral",
                  [](Unit& unit, const std::string& id) {
                    return CompleteReferral(unit, id, "", "enrolled");
                  }),
            "ended v2");
  EXPECT_EQ(ended(R::kInService, recipient_, "CloseReferral",
                  [](Unit& unit, const std::string& id) {
                    return CloseReferral(unit, id, "", "no_show");
                  }),
            "ended v2");
  EXPECT_EQ(ended(R::kMatched, sender_, "CancelReferral",
                  [](Unit& unit, const std::string& id) {
                    return CancelReferral(unit, id, "", "duplicate");
                  }),
            "ended v2");
  // Where the packet is destroyed, nothing is left of any note.
  EXPECT_EQ(ended(R::kMatched, sender_, "ReopenReferral",
                  [](Unit& unit, const std::string& id) {
                    return ReopenReferral(unit, id, "", "no_show");
                  }),
            "none none");
  EXPECT_EQ(
      ended(R::kInService, sender_, "EnterReferralInError",
            [](Unit& unit, const std::string& id) { return EnterReferralInError(unit, id, ""); }),
      "none none");
}

TEST_P(SealedNoteTest, TheEndOfTheReleaseEndsItOnAMatchedReferral) {
  const std::string id = Matched();
  const std::string note = Proposed(id);
  const std::string question = Note(id, recipient_, NoteKind::kQuestion);
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(EndWithRelease(unit, id, "release_revoked"));
    return true;
  });
  EXPECT_EQ(Read(id), "matched/accepted release_revoked: release_revoked");
  EXPECT_EQ(Seen(note), "ended v2");
  EXPECT_TRUE(KeysToGo(note));
  EXPECT_EQ(Decide(recipient_, note, A::kConfirmed), "ILLEGAL_TRANSITION");
  EXPECT_NE(Seen(question), "none") << "it goes with the packet";
}

TEST_P(SealedNoteTest, RetentionTakesNotesWithThePacket) {
  const std::string id = Add(sender_, recipient_, R::kCompleted, O::kAccepted);
  const std::string question = Note(id, recipient_, NoteKind::kQuestion);
  clock_.Advance(1);
  Do<int64_t>([&](Unit& unit) { return unit.store.ShredPackets(unit.now_ms, 100); });
  EXPECT_EQ(Seen(question), "none");
  EXPECT_TRUE(KeysToGo(question));
}

TEST_P(SealedNoteTest, TheTurnStaysTheSendersWhileASealedQuestionWaits) {
  const std::string id =
      Add(sender_, recipient_, R::kOpen, O::kSent,
          FreezeLadder(DefaultClockPolicy(), Urgency::kEmergency, clock_.NowMs()));
  const std::string offer = Do<std::string>([&](Unit& unit) -> Result<std::string> {
    FAIRLEAD_ASSIGN(const auto referral, unit.store.Find(id));
    return referral->offers.at(0).id;
  });
  const std::string question = Note(id, recipient_, NoteKind::kQuestion);
  const auto answer = [&](const std::string& code) {
    return As<Referral>(sender_, "QuestionService/AnswerQuestion",
                        [&](Unit& unit) { return AnswerQuestion(unit, offer, "pet", code); });
  };
  ASSERT_EQ(As<Referral>(recipient_, "QuestionService/AskQuestion",
                         [&](Unit& unit) { return AskQuestion(unit, offer, "pet"); }),
            "ok");
  EXPECT_EQ(answer("dog"), "ok");
  EXPECT_EQ(Read(id).substr(0, 14), "open/question ") << "the sealed one waits";
  Note(id, sender_, NoteKind::kAnswer, question);
  EXPECT_EQ(answer("none"), "ok");
  EXPECT_EQ(Read(id).substr(0, 15), "open/delivered ");
}

TEST_P(SealedNoteTest, WhoMayWriteIsLookedAtBeforeWhatIsWritten) {
  const std::string id = Matched();
  const auto ask = [&](const std::string& by, const std::string& note_id = "") {
    return As<NotePlace>(by, "SealedNoteService/AskSealedQuestion", [&](Unit& unit) {
      const NoteWriting writing{.kind = NoteKind::kQuestion,
                                .note_id = note_id.empty() ? ids_.New() : note_id,
                                .referral_id = id,
                                .about_note_id = "",
                                .etag = "",
                                .envelope = seal::ParseEnvelope("{}")};
      return CheckNote(unit.store, unit.context, writing, unit.now_ms, /*released=*/false);
    });
  };
  EXPECT_EQ(ask(recipient_), "PACKET_NOT_SENT");
  Do<bool>([&](Unit& unit) -> Result<bool> {
    FAIRLEAD_ASSIGN(auto referral, unit.store.Find(id));
    referral->packet_id = id;
    FAIRLEAD_RETURN_IF_ERROR(unit.store.Update(*referral));
    return true;
  });
  EXPECT_EQ(ask(sender_), "REFERRAL_NOT_FOUND") << "it answers";
  EXPECT_EQ(ask(third_), "REFERRAL_NOT_FOUND");
  const Referral referral = Do<Referral>([&](Unit& unit) -> Result<Referral> {
    FAIRLEAD_ASSIGN(auto found, unit.store.Find(id));
    return std::move(*found);
  });
  EXPECT_EQ(ask(recipient_, NextPacketId(referral, ids_.New())), "INVALID_ID")
      << "an amended packet's keys may go by it";
  // What the other side has written, and what was answered, takes nothing away.
  for (size_t i = 0; i < kMostNotes; ++i) Note(id, sender_, NoteKind::kAppointment);
  Note(id, recipient_, NoteKind::kAnswer);
  for (size_t i = 1; i < kMostNotes; ++i) Note(id, recipient_, NoteKind::kQuestion);
  EXPECT_EQ(ask(recipient_), "INVALID_PACKET");
  Note(id, recipient_, NoteKind::kQuestion);
  EXPECT_EQ(ask(recipient_), "TOO_MANY_NOTES");
}

FAIRLEAD_ON_BOTH_ENGINES(SealedNoteTest);

}  // namespace
}  // namespace fairlead::referral
