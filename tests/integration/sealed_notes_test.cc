// Appointments and sealed questions through all services, on both engines: what the two agencies
// read, that nobody else does, and that the release decides.
#include <gmock/gmock.h>

#include "fairlead/referral/v1/routing.pb.h"
#include "fairlead/referral/v1/sealed_note.pb.h"
#include "services/common/testing/wait_until.h"
#include "tests/integration/blind_fixture.h"

namespace fairlead::testing {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

constexpr const char* kNotes = "/fairlead.referral.v1.SealedNoteService/";
constexpr const char* kMeeting = R"({"time":"2030-01-02T15:00:00Z","place":"the north door"})";

class SealedNotesTest : public BlindTest {
 protected:
  template <class Response, class Request>
  Result<Response> Note(const Agency& by, const std::string& verb, const Request& request) {
    return coalition_->Call<Response>(by.caseworker, std::string(kNotes) + verb, request);
  }
  // A direct referral to One, accepted or waiting, under a release of its own (release_).
  v1::Referral Handed(bool accepted, bool two_way,
                      consent_v1::ReleaseAction action = consent_v1::RELEASE_ACTION_ONGOING) {
    ReleaseOptions options;
    options.two_way = two_way;
    options.action = action;
    auto release = coalition_->SignedRelease(from_, one_, options);
    EXPECT_TRUE(release) << ToString(release.error());
    release_ = *release;
    const auto packet = coalition_->Packet(from_, one_, release_, kPacket);
    const auto sent = coalition_->Send(*packet, from_);
    EXPECT_TRUE(sent) << ToString(sent.error());
    if (accepted) {
      const auto matched = coalition_->Accept(one_, sent->offers(0).id());
      EXPECT_TRUE(matched) << ToString(matched.error());
    }
    return *sent;
  }
  // Sealed by `by` to itself and `to`, under release_.
  std::string Sealed(const Agency& by, const Agency& to, const std::string& referral_id,
                     const std::string& text = kMeeting) {
    const auto sealed = coalition_->SealedPacket(by, to, release_, referral_id, text);
    EXPECT_TRUE(sealed) << ToString(sealed.error());
    return sealed ? *sealed : "";
  }
  v1::ProposeAppointmentRequest Proposal(const Agency& by, const Agency& to,
                                         const std::string& referral_id) {
    v1::ProposeAppointmentRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_referral_id(referral_id);
    request.set_note_id(coalition_->ids().New());
    request.set_note(Sealed(by, to, referral_id));
    return request;
  }
  Result<v1::ProposeAppointmentResponse> Propose(const Agency& by,
                                                 const v1::ProposeAppointmentRequest& request) {
    return Note<v1::ProposeAppointmentResponse>(by, "ProposeAppointment", request);
  }
  std::string Proposed(const Agency& by, const Agency& to, const std::string& referral_id) {
    return ReasonOf(Propose(by, Proposal(by, to, referral_id)));
  }
  std::string Confirm(const Agency& by, const std::string& note_id) {
    v1::ConfirmAppointmentRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_note_id(note_id);
    return ReasonOf(Note<v1::ConfirmAppointmentResponse>(by, "ConfirmAppointment", request));
  }
  v1::AskSealedQuestionRequest Question(const Agency& by, const std::string& referral_id) {
    v1::AskSealedQuestionRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_referral_id(referral_id);
    request.set_note_id(coalition_->ids().New());
    request.set_note(Sealed(by, from_, referral_id));
    return request;
  }
  std::string Ask(const Agency& by, const v1::AskSealedQuestionRequest& request) {
    return ReasonOf(Note<v1::AskSealedQuestionResponse>(by, "AskSealedQuestion", request));
  }
  std::string Answer(const Agency& by, const std::string& referral_id,
                     const std::string& question_id) {
    v1::AnswerSealedQuestionRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_referral_id(referral_id);
    request.set_question_note_id(question_id);
    request.set_note_id(coalition_->ids().New());
    request.set_note(Sealed(by, by.id == one_.id ? from_ : one_, referral_id));
    return ReasonOf(Note<v1::AnswerSealedQuestionResponse>(by, "AnswerSealedQuestion", request));
  }
  // What it says to `by`, as `writer` has signed it; or the reason.
  std::string Read(const Agency& by, const Agency& writer, const std::string& note_id) {
    v1::OpenNoteRequest request;
    request.set_note_id(note_id);
    const auto opened = Note<v1::OpenNoteResponse>(by, "OpenNote", request);
    if (!opened) return opened.error().reason;
    const auto plain = seal::Open(opened->sealed(), by.epoch,
                                  {.referral_id = opened->note().referral_id(),
                                   .release_hash = release_.release_hash(),
                                   .sender_agency_id = writer.id,
                                   .sender_signing_key = writer.signing.public_key,
                                   .now_s = SystemClock().NowMs() / 1000});
    return plain ? plain->plaintext : plain.error().reason;
  }
  // "proposed confirmed": the states of the appointments that `by` sees, the oldest first.
  std::string States(const Agency& by, const std::string& referral_id) {
    v1::GetNotesRequest request;
    request.set_referral_id(referral_id);
    const auto listed = Note<v1::GetNotesResponse>(by, "GetNotes", request);
    if (!listed) return listed.error().reason;
    std::string text;
    for (const v1::SealedNote& note : listed->notes()) {
      text += (text.empty() ? "" : " ") + v1::AppointmentState_Name(note.appointment_state());
      if (!note.has_content()) text += "(gone)";
    }
    return text;
  }
  // "sent sent opened": of release_, the oldest first.
  std::vector<std::string> Disclosures() {
    consent_v1::ListDisclosuresRequest request;
    request.set_release_id(release_.id());
    const auto listed = coalition_->Call<consent_v1::ListDisclosuresResponse>(
        from_.caseworker, "/fairlead.consent.v1.ConsentService/ListDisclosures", request);
    std::vector<std::string> kinds;
    if (!listed) return {listed.error().reason};
    for (const auto& each : listed->disclosures()) kinds.insert(kinds.begin(), each.kind());
    return kinds;
  }

  consent_v1::Release release_;
};

TEST_P(SealedNotesTest, TheTwoAgreeAndNobodyElseReads) {
  const v1::Referral sent = Handed(true, true);
  const v1::ProposeAppointmentRequest first = Proposal(from_, one_, sent.id());
  const auto proposed = Propose(from_, first);
  ASSERT_TRUE(proposed) << ToString(proposed.error());
  const auto repeated = Propose(from_, first);
  ASSERT_TRUE(repeated) << ToString(repeated.error());
  EXPECT_EQ(repeated->SerializeAsString(), proposed->SerializeAsString());
  v1::ProposeAppointmentRequest again = first;
  again.set_request_id(coalition_->ids().New());
  const auto second = Propose(from_, again);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reason, "APPOINTMENT_STANDS");
  EXPECT_EQ(second.error().metadata.at("note_id"), first.note_id());
  EXPECT_THAT(Disclosures(), ElementsAre("sent", "sent")) << "packet and note, each once";
  // A request id that was used gets no keys for another note, and no line in the log.
  v1::ProposeAppointmentRequest reused = first;
  reused.set_note_id(coalition_->ids().New());
  reused.set_replaces_note_id(first.note_id());
  EXPECT_EQ(ReasonOf(Propose(from_, reused)), "REQUEST_ID_REUSED");
  EXPECT_THAT(Disclosures(), ElementsAre("sent", "sent"));

  EXPECT_EQ(Read(one_, from_, first.note_id()), kMeeting);
  EXPECT_EQ(Read(from_, from_, first.note_id()), kMeeting);
  EXPECT_EQ(Read(two_, from_, first.note_id()), "NOTE_NOT_FOUND");
  EXPECT_EQ(States(two_, sent.id()), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(Confirm(two_, first.note_id()), "NOTE_NOT_FOUND");
  EXPECT_THAT(Disclosures(), ElementsAre("sent", "sent", "opened", "opened"));

  // The other one proposes another time: what was proposed first cannot be agreed to any more.
  v1::ProposeAppointmentRequest better = Proposal(one_, from_, sent.id());
  better.set_replaces_note_id(first.note_id());
  better.set_etag("v9");
  EXPECT_EQ(ReasonOf(Propose(one_, better)), "ETAG_MISMATCH");
  better.set_etag(proposed->note().etag());
  EXPECT_EQ(ReasonOf(Propose(one_, better)), "ok");
  EXPECT_EQ(Confirm(one_, first.note_id()), "ILLEGAL_TRANSITION");
  EXPECT_EQ(Read(one_, from_, first.note_id()), "NOTE_GONE");
  EXPECT_EQ(Confirm(one_, better.note_id()), "OTHER_SIDES_TURN");
  EXPECT_EQ(Confirm(from_, better.note_id()), "ok");
  EXPECT_EQ(Confirm(from_, better.note_id()), "ILLEGAL_TRANSITION");
  EXPECT_EQ(States(one_, sent.id()),
            "APPOINTMENT_STATE_REPLACED(gone) APPOINTMENT_STATE_CONFIRMED");
  const std::vector<std::string> story = Story(one_, sent.id());
  EXPECT_THAT(std::vector<std::string>(story.end() - 5, story.end()),
              ElementsAre("appointment_proposed", "note_opened", "note_opened",
                          "appointment_replaced", "appointment_confirmed"));

  // And with the service, what was agreed has had its time.
  ASSERT_TRUE(coalition_->Start(one_, sent.id()));
  ASSERT_TRUE(coalition_->Complete(one_, sent.id()));
  EXPECT_EQ(Read(from_, one_, better.note_id()), "NOTE_GONE");
  EXPECT_EQ(Proposed(from_, one_, sent.id()), "NOT_MATCHED");
}

TEST_P(SealedNotesTest, ARevocationClosesThemToo) {
  const v1::Referral sent = Handed(true, true);
  const v1::ProposeAppointmentRequest proposal = Proposal(from_, one_, sent.id());
  ASSERT_EQ(ReasonOf(Propose(from_, proposal)), "ok");
  const v1::AskSealedQuestionRequest question = Question(one_, sent.id());
  ASSERT_EQ(Ask(one_, question), "ok");
  ASSERT_TRUE(coalition_->Revoke(from_, release_.id()));
  EXPECT_EQ(Read(one_, from_, question.note_id()), "RELEASE_REVOKED");
  EXPECT_EQ(Read(from_, one_, question.note_id()), "RELEASE_REVOKED");
  // At once by the key, and soon after by the appointment's end.
  EXPECT_THAT(Read(one_, from_, proposal.note_id()), AnyOf("RELEASE_REVOKED", "NOTE_GONE"));
  EXPECT_TRUE(WaitUntil(
      [&] { return States(one_, sent.id()).starts_with("APPOINTMENT_STATE_ENDED(gone)"); }));
  EXPECT_EQ(Confirm(one_, proposal.note_id()), "ILLEGAL_TRANSITION");
  EXPECT_EQ(Read(from_, from_, proposal.note_id()), "NOTE_GONE");
  EXPECT_EQ(Proposed(from_, one_, sent.id()), "RELEASE_REVOKED");
  EXPECT_THAT(Disclosures(), ElementsAre("sent", "sent"));
}

TEST_P(SealedNotesTest, OneWayMeansThatTheRecipientOnlyAnswersInCodes) {
  const v1::Referral sent = Handed(true, false);
  EXPECT_EQ(Proposed(one_, from_, sent.id()), "RELEASE_ONE_WAY");
  EXPECT_EQ(Ask(one_, Question(one_, sent.id())), "RELEASE_ONE_WAY");
  const v1::ProposeAppointmentRequest proposal = Proposal(from_, one_, sent.id());
  ASSERT_EQ(ReasonOf(Propose(from_, proposal)), "ok");
  EXPECT_EQ(Read(one_, from_, proposal.note_id()), kMeeting);
  EXPECT_EQ(Confirm(one_, proposal.note_id()), "ok");
  const v1::Referral once = Handed(true, true, consent_v1::RELEASE_ACTION_ONCE);
  EXPECT_EQ(Proposed(from_, one_, once.id()), "RELEASE_ALREADY_USED");
}

TEST_P(SealedNotesTest, ASealedQuestionTurnsTheOfferAndItsAnswerBack) {
  const v1::Referral sent = Handed(false, true);
  EXPECT_EQ(Proposed(one_, from_, sent.id()), "NOT_MATCHED");
  const v1::AskSealedQuestionRequest question = Question(one_, sent.id());
  ASSERT_EQ(Ask(one_, question), "ok");
  EXPECT_EQ(Ask(one_, question), "ok") << "the same once more is the first answer";
  EXPECT_EQ(Seen(from_, sent.id()).offers(0).state(), v1::OFFER_STATE_QUESTION);
  EXPECT_EQ(Read(from_, one_, question.note_id()), kMeeting);
  EXPECT_EQ(Answer(one_, sent.id(), question.note_id()), "REFERRAL_NOT_FOUND") << "the sender does";
  EXPECT_EQ(Answer(two_, sent.id(), question.note_id()), "REFERRAL_NOT_FOUND");
  EXPECT_EQ(Answer(from_, sent.id(), coalition_->ids().New()), "NOTE_NOT_FOUND");
  EXPECT_EQ(Answer(from_, sent.id(), question.note_id()), "ok");
  EXPECT_EQ(Seen(from_, sent.id()).offers(0).state(), v1::OFFER_STATE_DELIVERED);
  EXPECT_EQ(Answer(from_, sent.id(), question.note_id()), "QUESTION_ALREADY_ANSWERED");
  v1::AskSealedQuestionRequest taken = Question(one_, sent.id());
  taken.set_note_id(question.note_id());
  EXPECT_EQ(Ask(one_, taken), "NOTE_ID_TAKEN");
  taken.set_note_id(sent.id());
  EXPECT_EQ(Ask(one_, taken), "NOTE_ID_TAKEN") << "the packet's keys go by it";
  // After the match too, and the match is left alone.
  ASSERT_TRUE(coalition_->Accept(one_, sent.offers(0).id()));
  EXPECT_EQ(Ask(one_, Question(one_, sent.id())), "ok");
  EXPECT_EQ(Seen(from_, sent.id()).offers(0).state(), v1::OFFER_STATE_ACCEPTED);
}

TEST_P(SealedNotesTest, WithoutAPacketThereAreCodesOnly) {
  const v1::Referral asked = Asked({one_, two_});
  release_ = ReleaseTo(one_, asked);
  EXPECT_EQ(Ask(one_, Question(one_, asked.id())), "PACKET_NOT_SENT");
  EXPECT_EQ(Ask(three_, Question(three_, asked.id())), "REFERRAL_NOT_FOUND");
  ASSERT_TRUE(coalition_->Accept(one_, OfferTo(asked, one_)));
  EXPECT_EQ(Proposed(from_, one_, asked.id()), "PACKET_NOT_SENT");
  ASSERT_TRUE(SendPacket(one_, asked, release_));
  EXPECT_EQ(Ask(two_, Question(two_, asked.id())), "OFFER_NOT_OPEN") << "it is out of it";
  EXPECT_EQ(Proposed(two_, from_, asked.id()), "NOT_MATCHED");
  const v1::ProposeAppointmentRequest proposal = Proposal(from_, one_, asked.id());
  ASSERT_EQ(ReasonOf(Propose(from_, proposal)), "ok");
  EXPECT_EQ(Read(two_, from_, proposal.note_id()), "NOTE_NOT_FOUND");
  EXPECT_EQ(States(two_, asked.id()), "");
  EXPECT_THAT(Story(one_, asked.id()), Contains("appointment_proposed"));
  EXPECT_THAT(Story(two_, asked.id()), Not(Contains("appointment_proposed")));
  // The match comes to nothing: so does what was written about it.
  ASSERT_TRUE(Reopen(one_, asked.id()));
  EXPECT_EQ(Read(one_, from_, proposal.note_id()), "NOTE_NOT_FOUND");
  EXPECT_EQ(Proposed(one_, from_, asked.id()), "NOT_MATCHED");
  EXPECT_EQ(States(from_, asked.id()), "");
}

TEST_P(SealedNotesTest, NothingIsWrittenToAnAgencyThatTheCaseMustNotGoTo) {
  const v1::Referral sent = Handed(true, true);
  v1::SetDoNotRouteRequest list;
  list.set_request_id(coalition_->ids().New());
  list.set_case_handle(release_.case_handle());
  list.add_entries()->set_agency_id(one_.id);
  list.mutable_entries(0)->set_reason_code("past_harm");
  const auto set = coalition_->Call<v1::SetDoNotRouteResponse>(
      from_.caseworker, "/fairlead.referral.v1.RoutingService/SetDoNotRoute", list);
  ASSERT_TRUE(set) << ToString(set.error());
  EXPECT_EQ(Proposed(from_, one_, sent.id()), "AGENCY_NOT_TO_BE_ASKED");
  EXPECT_EQ(Proposed(one_, from_, sent.id()), "ok") << "the listed agency notices nothing";
}

TEST_P(SealedNotesTest, WhatIsSealedOtherwiseIsRefused) {
  const v1::Referral sent = Handed(true, true);
  v1::ProposeAppointmentRequest request = Proposal(from_, one_, sent.id());
  request.set_note(Sealed(from_, one_, sent.id(), std::string(4093, 'x')));
  EXPECT_EQ(ReasonOf(Propose(from_, request)), "FIELD_TOO_LONG") << "4 KiB with its length";
  request.set_note(Sealed(from_, two_, sent.id()));
  EXPECT_EQ(ReasonOf(Propose(from_, request)), "PACKET_RECIPIENT_MISMATCH");
  request.set_note(Sealed(from_, one_, coalition_->ids().New()));
  EXPECT_EQ(ReasonOf(Propose(from_, request)), "PACKET_REFERRAL_MISMATCH");
  request.set_note(Sealed(one_, from_, sent.id()));
  EXPECT_EQ(ReasonOf(Propose(from_, request)), "PACKET_SENDER_AGENCY_MISMATCH");
  request.set_note("{}");
  EXPECT_EQ(ReasonOf(Propose(from_, request)), "INVALID_PACKET");
  const consent_v1::Release right = release_;
  release_ = ReleaseTo(one_, sent);
  request.set_note(Sealed(from_, one_, sent.id()));
  EXPECT_EQ(ReasonOf(Propose(from_, request)), "NOTE_RELEASE_MISMATCH");
  release_ = right;
  request.set_note(Sealed(from_, one_, sent.id(), std::string(4092, 'x')));
  EXPECT_EQ(ReasonOf(Propose(from_, request)), "ok");
}

FAIRLEAD_BLIND_ON_BOTH_ENGINES(SealedNotesTest);

}  // namespace
}  // namespace fairlead::testing
