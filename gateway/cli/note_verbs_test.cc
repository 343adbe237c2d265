// What is sealed here and read here: the words leave this machine under seal only, and a hub that
// gives out another note is found out.
#include <gmock/gmock.h>

#include <cstdlib>
#include <ctime>
#include <fstream>

#include "fairlead/referral/v1/sealed_note.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/note.h"
#include "gateway/cli/testing/cli_fixture.h"
#include "gateway/cli/testing/fake_key_service.h"
#include "services/common/base/random.h"
#include "services/common/seal/seal.h"

namespace fairlead::cli {
namespace {

namespace v1 = referral::v1;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kReferral[] = "01890a5d-ac96-774b-bcce-b302099a8003";
constexpr char kStaff[] = "01890a5d-ac96-774b-bcce-b302099a8004";
constexpr char kNote[] = "01890a5d-ac96-774b-bcce-b302099a8005";
constexpr char kOffer[] = "01890a5d-ac96-774b-bcce-b302099a8006";
constexpr char kThirdAgency[] = "01890a5d-ac96-774b-bcce-b302099a8007";

// By its rule, so that no table of zones is needed.
constexpr char kChicago[] = "CST6CDT,M3.2.0,M11.1.0";

class NoteVerbsTest : public CliTest {
 protected:
  void SetUp() override {
    const char* before = std::getenv("TZ");
    if (before != nullptr) zone_before_ = before;
    UseZone(kChicago);
    SignIn();
    keys_.lists[kOtherAgency] = theirs_.jws;
    ASSERT_EQ(Cli({"key", "init"}), kExitOk) << err;
    ASSERT_EQ(Cli({"key", "accept", kOtherAgency, "--yes"}), kExitOk) << err;
    v1::GetReferralResponse response;
    v1::Referral* referral = response.mutable_referral();
    referral->set_id(kReferral);
    referral->set_sender_agency_id(kOtherAgency);
    referral->set_state(v1::REFERRAL_STATE_MATCHED);
    referral->set_release_hash(std::string(43, 'A'));
    referral->set_purpose("referral");
    referral->add_categories("needs");
    hub_.Answer(kGetReferral, response);
    hub_.OnCall(kProposeAppointment, [this](const FakeRequest& request) {
      EXPECT_TRUE(proposed_.ParseFromString(request.body));
      return Protobuf(v1::ProposeAppointmentResponse());
    });
  }
  void TearDown() override { UseZone(zone_before_); }
  static void UseZone(const std::string& zone) {
    if (zone.empty()) {
      ::unsetenv("TZ");
    } else {
      ::setenv("TZ", zone.c_str(), 1);
    }
    ::tzset();
  }

  // That appointment stands, proposed by the other agency; OpenNote gives out what it has sealed.
  void Proposes(const std::string& plaintext, const std::string& replaces = "") {
    v1::GetNotesResponse listed;
    v1::SealedNote* note = listed.add_notes();
    note->set_id(kNote);
    note->set_referral_id(kReferral);
    note->set_offer_id(kOffer);
    note->set_kind(v1::NOTE_KIND_APPOINTMENT);
    note->set_from_agency_id(kOtherAgency);
    note->set_appointment_state(v1::APPOINTMENT_STATE_PROPOSED);
    note->set_about_note_id(replaces);
    note->set_has_content(true);
    note->set_etag("v1");
    hub_.Answer(kGetNotes, listed);
    hub_.Answer(kOpenNote, SealedBy(theirs_, *note, plaintext));
    listed_ = listed;
  }
  // What the hub gives out for that note.
  v1::OpenNoteResponse SealedBy(const keys::Publisher& writer, const v1::SealedNote& note,
                                const std::string& plaintext) {
    seal::SealRequest request;
    request.header = {.referral_id = kReferral,
                      .sender_agency_id = writer.agency_id,
                      .sender_kid = {},
                      .release_hash = std::string(43, 'A'),
                      .purpose = "referral",
                      .categories = {"needs"},
                      .expires_s = 4'000'000'000,
                      .recips = {}};
    request.plaintext = plaintext;
    request.recipients = {keys_.ListOf(kOwnAgency).epoch_key, theirs_.current.epoch_key.public_key};
    v1::OpenNoteResponse opened;
    *opened.mutable_note() = note;
    opened.mutable_note()->set_from_agency_id(writer.agency_id);
    opened.set_sealed(*seal::Seal(request, writer.current.signing_key, SystemRandom()));
    return opened;
  }
  static std::string Meeting(const std::string& id) {
    return R"({"kind":"appointment","id":")" + id +
           R"(","time":"2040-07-02T15:00:00Z","place":"the north door"})";
  }

  std::string zone_before_;
  keys::Publisher theirs_ = Published(kOtherAgency);
  FakeKeyService keys_{hub_, kStaff};
  v1::GetNotesResponse listed_;
  v1::ProposeAppointmentRequest proposed_;
};

TEST_F(NoteVerbsTest, TimeAndPlaceLeaveUnderSealOnly) {
  EXPECT_EQ(Cli({"referral", "appointment", "propose", kReferral, "--stdin"},
                "2040-07-02 10:00\nthe north door\nring twice\n"),
            kExitOk)
      << err;
  EXPECT_THAT(err, HasSubstr("2040-07-02 10:00 CDT (UTC-0500)"));
  EXPECT_THAT(err, HasSubstr("reminds nobody"));
  for (const FakeRequest& request : hub_.requests()) {
    EXPECT_THAT(request.body, Not(HasSubstr("north door")));
  }
  const auto opened = seal::Open(proposed_.note(), theirs_.current.epoch_key,
                                 {.referral_id = kReferral,
                                  .release_hash = std::string(43, 'A'),
                                  .sender_agency_id = kOwnAgency,
                                  .sender_signing_key = keys_.ListOf(kOwnAgency).signing_key,
                                  .now_s = 1});
  ASSERT_TRUE(opened) << ToString(opened.error());
  EXPECT_THAT(opened->plaintext, HasSubstr(R"("time":"2040-07-02T15:00:00Z")"));
  EXPECT_THAT(opened->plaintext, HasSubstr(R"("place":"the north door\nring twice")"));
  EXPECT_THAT(opened->plaintext, HasSubstr(R"("id":")" + proposed_.note_id() + "\""));
}

TEST_F(NoteVerbsTest, TheWordsAreAskedForWhereThereIsATerminal) {
  in_is_terminal_ = true;
  EXPECT_EQ(Cli({"referral", "appointment", "propose", kReferral}, "2040-07-02 10:00\nhere\n"),
            kExitOk)
      << err;
  EXPECT_FALSE(proposed_.note().empty());
  in_is_terminal_ = false;
  EXPECT_EQ(Cli({"referral", "appointment", "propose", kReferral}), kExitUsage);
  EXPECT_THAT(err, HasSubstr("--stdin"));
  EXPECT_EQ(Cli({"referral", "appointment", "propose", kReferral, "--stdin"}, "2040-07-02 10:00"),
            kExitUsage);
  EXPECT_THAT(err, HasSubstr("the rest where"));
  std::ofstream(folder_.File("words")) << std::string(5000, 'x');
  EXPECT_NE(Cli({"referral", "appointment", "propose", kReferral, "--file", folder_.File("words")}),
            kExitOk);
  EXPECT_THAT(err, HasSubstr("FILE_TOO_LARGE"));
}

TEST_F(NoteVerbsTest, TheTimeIsShownInTheReadersZone) {
  Proposes(Meeting(kNote));
  EXPECT_EQ(Cli({"referral", "appointment", "show", kReferral}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("Monday 2040-07-02 10:00 CDT (UTC-0500)"));
  EXPECT_THAT(out, HasSubstr("the north door"));
  EXPECT_THAT(err, HasSubstr("appointment confirm " + std::string(kReferral) + " --note " + kNote));
  UseZone("PST8PDT,M3.2.0,M11.1.0");
  EXPECT_EQ(Cli({"referral", "appointment", "show", kReferral}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("08:00 PDT (UTC-0700)"));
}

TEST_F(NoteVerbsTest, AnEarlierNoteIsNotPassedOffAsThisOne) {
  Proposes(Meeting(kOffer));
  EXPECT_NE(Cli({"referral", "appointment", "show", kReferral}), kExitOk);
  EXPECT_THAT(err, HasSubstr("NOTE_MISMATCH"));
  EXPECT_THAT(out, Not(HasSubstr("north door")));
}

// A third agency of the coalition signs as well as any: whose place it is, the referral says.
TEST_F(NoteVerbsTest, AThirdAgencysPlaceIsNotPassedOffAsTheirs) {
  const keys::Publisher third = Published(kThirdAgency);
  keys_.lists[kThirdAgency] = third.jws;
  Proposes(Meeting(kNote));
  hub_.Answer(kOpenNote, SealedBy(third, listed_.notes(0), Meeting(kNote)));
  for (const bool listed_too : {false, true}) {
    if (listed_too) listed_.mutable_notes(0)->set_from_agency_id(kThirdAgency);
    hub_.Answer(kGetNotes, listed_);
    EXPECT_NE(Cli({"referral", "appointment", "show", kReferral}), kExitOk);
    EXPECT_THAT(err, HasSubstr("NOTE_MISMATCH"));
    EXPECT_NE(Cli({"referral", "appointment", "show", kReferral, "--json"}), kExitOk);
    EXPECT_THAT(out, Not(HasSubstr("north door")));
  }
}

// Which one it replaces is sealed with the words.
TEST_F(NoteVerbsTest, WhatItReplacesIsWhatItsWriterSays) {
  const std::string meeting = Meeting(kNote);
  const std::string replacing = R"({"about":")" + std::string(kOffer) + "\"," + meeting.substr(1);
  Proposes(replacing, kOffer);
  EXPECT_EQ(Cli({"referral", "appointment", "show", kReferral}), kExitOk) << err;
  Proposes(meeting, kOffer);
  EXPECT_NE(Cli({"referral", "appointment", "show", kReferral}), kExitOk);
  EXPECT_THAT(err, HasSubstr("NOTE_MISMATCH"));
  Proposes(replacing);
  EXPECT_NE(Cli({"referral", "appointment", "show", kReferral}), kExitOk);
  EXPECT_THAT(err, HasSubstr("NOTE_MISMATCH"));

  EXPECT_EQ(Cli({"referral", "appointment", "propose", kReferral, "--replace", "--stdin"},
                "2040-07-02 10:00\nhere\n"),
            kExitOk)
      << err;
  EXPECT_EQ(proposed_.replaces_note_id(), kNote);
  const auto opened = seal::Open(proposed_.note(), theirs_.current.epoch_key,
                                 {.referral_id = kReferral,
                                  .release_hash = std::string(43, 'A'),
                                  .sender_agency_id = kOwnAgency,
                                  .sender_signing_key = keys_.ListOf(kOwnAgency).signing_key,
                                  .now_s = 1});
  ASSERT_TRUE(opened) << ToString(opened.error());
  EXPECT_THAT(opened->plaintext, HasSubstr(R"("about":")" + std::string(kNote) + "\""));
}

TEST_F(NoteVerbsTest, WhoConfirmsHasSeenIt) {
  Proposes(Meeting(kNote));
  v1::ConfirmAppointmentRequest confirmed;
  hub_.OnCall(kConfirmAppointment, [&](const FakeRequest& request) {
    EXPECT_TRUE(confirmed.ParseFromString(request.body));
    return Protobuf(v1::ConfirmAppointmentResponse());
  });
  EXPECT_EQ(Cli({"referral", "appointment", "confirm", kReferral}), kExitUsage);
  EXPECT_EQ(confirmed.note_id(), "");
  in_is_terminal_ = true;
  EXPECT_NE(Cli({"referral", "appointment", "confirm", kReferral}, "n\n"), kExitOk);
  EXPECT_EQ(confirmed.note_id(), "");
  EXPECT_EQ(Cli({"referral", "appointment", "confirm", kReferral}, "y\n"), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr("the north door"));
  EXPECT_EQ(confirmed.note_id(), kNote);
  EXPECT_EQ(confirmed.etag(), "v1");
}

TEST_F(NoteVerbsTest, AWrongReasonSaysWhichThereAre) {
  Proposes(Meeting(kNote));
  hub_.OnCall(kDeclineAppointment, [](const FakeRequest&) {
    return Refusal(400, {Code::kInvalidArgument, "UNKNOWN_REASON_CODE", "No.", {}});
  });
  EXPECT_NE(
      Cli({"referral", "appointment", "decline", kReferral, "--note", kNote, "--reason", "never"}),
      kExitOk);
  EXPECT_THAT(err, HasSubstr("place_not_safe"));
}

TEST_F(NoteVerbsTest, ATimeThatIsNoneIsRefused) {
  const auto parse = [](const std::string& text) { return ParseMeetingTime(text, 0).value_or(-1); };
  EXPECT_EQ(parse("2026-12-01 15:00"), 1796158800);
  EXPECT_EQ(parse("2026-12-01T15:00:00-06:00"), 1796158800);
  EXPECT_EQ(parse("2026-12-01T21:00:00Z"), 1796158800);
  EXPECT_EQ(parse("2026-03-08 02:30"), -1) << "the clocks skip it";
  for (const char* wrong :
       {"", "tomorrow", "2026-13-01 10:00", "2026-12-01", "2026-12-01 15:00 x"}) {
    EXPECT_EQ(parse(wrong), -1) << wrong;
  }
  EXPECT_FALSE(ParseMeetingTime("2026-12-01 15:00", 1796158800)) << "it has passed";
}

}  // namespace
}  // namespace fairlead::cli
