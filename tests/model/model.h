// What the hand-off is said to do, in as few words as it takes: a pure model of referrals, offers,
// releases, and holds on beds, of a handful of agencies. No line of the services is in it: it is
// written from the tables of the product and from what the contract says of each method. A walk
// (walker.h) asks the model and the hub the same, and looks for a difference.
//
//   Model model;
//   std::string reason = model.Apply({.verb = Verb::kCancel, .by = 0, .referral = 3, …}, now_ms);
//   // "" : done; else the reason that the hub must give, and nothing has changed.
//   EXPECT_EQ(seen, model.See(3, /*viewer=*/1, /*blurred=*/false));
//
// Agencies, referrals, releases and holds go by small numbers; -1 is one that there is none of.
#ifndef TESTS_MODEL_MODEL_H_
#define TESTS_MODEL_MODEL_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::model {

inline constexpr int64_t kMinuteMs = 60'000;
inline constexpr char kExpiredReason[] = "expired";

inline constexpr int kNobody = -1;
inline constexpr int kBedsOwner = 1;      // the agency with beds
inline constexpr int kMostBeds = 4;       // its maximum
inline constexpr int kStepsOfAClock = 4;  // remind, tell the agency, tell the coalition, expire
inline constexpr int64_t kRetentionMs = 24LL * 3600 * 1000;

// Numbers as on the wire.
enum class State {
  kDraft = 1,
  kOpen,
  kMatched,
  kInService,
  kCompleted,
  kCancelled,
  kClosed,
  kInError
};
enum class OfferState {
  kSent = 1,
  kDelivered,
  kQuestion,
  kAccepted,
  kDeclined,
  kExpired,
  kWithdrawn,
  kFellThrough
};
enum class Mode { kDirect = 1, kFirstToAccept, kSurvivorChooses };
enum class Urgency { kEmergency = 1, kUrgent, kStandard };
enum class Answer { kNone, kYes, kMaybe };
enum class ReleaseState { kDraft = 1, kActive, kRevoked, kExpired };
enum class HoldState { kPlaced = 1, kConsumed, kReleased, kLapsed };

struct Question {
  std::string code = {};
  std::string answer = {};
  int answers = 0;
};
// Some of those that there are; more than may be asked about one offer.
inline constexpr std::array<const char*, 9> kQuestionCodes = {
    "pet",           "age_band",         "children_count",   "mobility_need",      "date_needed",
    "length_of_stay", "insurance_status", "identity_document", "transport_available"};

struct Offer {
  int to = kNobody;
  OfferState state = OfferState::kSent;
  std::string reason = {};
  Answer answer = Answer::kNone;
  bool was_delivered = false;
  bool was_opened = false;
  bool was_decided = false;
  std::array<int64_t, kStepsOfAClock> due_ms = {};  // frozen when it was sent
  int steps_done = 0;
  std::vector<Question> questions = {};
  bool HasRunOut(int64_t now_ms) const {
    return (IsPending() && due_ms[kStepsOfAClock - 1] <= now_ms) || state == OfferState::kExpired;
  }
  bool IsPending() const { return state <= OfferState::kQuestion; }
  bool Stands() const { return IsPending() || state == OfferState::kAccepted; }
};

// A line of the story.
struct Line {
  std::string event;
  int by = kNobody;  // the hub itself
  bool by_person = false;
  std::string reason = {};
  int offer = -1;
};

struct Referral {
  int sender = kNobody;
  std::string case_handle = {};
  std::string need = {};
  Urgency urgency = Urgency::kStandard;
  State state = State::kDraft;
  Mode mode = Mode::kDirect;
  int release = -1;
  bool has_packet = false;
  std::string reason = {};
  std::string outcome = {};
  int version = 1;
  int64_t change_ms = 0;
  std::vector<Offer> offers = {};
  std::vector<Line> story = {};
  // The hub has something to do about it by itself, and may or may not have done it yet.
  bool in_limbo = false;
  // An opening was interrupted and made again: nobody knows how often it was logged.
  bool is_uncertain = false;
  bool IsLive() const { return state >= State::kOpen && state <= State::kInService; }
  bool HasEnded() const { return state >= State::kCompleted; }
};

struct Disclosure {
  int referral = -1;
  int to = kNobody;
  bool opened = false;
};

struct Release {
  int discloser = kNobody;
  std::vector<int> recipients = {};
  std::string case_handle = {};
  bool once = false;
  int64_t expire_ms = 0;
  ReleaseState state = ReleaseState::kDraft;
  std::vector<Disclosure> disclosures = {};
};

struct Hold {
  int holder = kNobody;
  std::string reference = {};
  int quantity = 1;
  int64_t expire_ms = 0;
  HoldState state = HoldState::kPlaced;
};

struct Beds {
  int available = 0;
  int held = 0;
  bool accepting = true;
  bool in_limbo = false;  // holds have lapsed, and may not have been given back yet
};

enum class Verb {
  kCreate,
  kSend,
  kOffer,
  kAnswer,
  kChoose,
  kAccept,
  kDecline,
  kSendPacket,
  kReopen,
  kCancel,
  kStart,
  kComplete,
  kClose,
  kEnterInError,
  kOpen,
  kMakeRelease,
  kSign,
  kRevoke,
  kPlaceHold,
  kReleaseHold,
  kConsumeHold,
  kSayBeds,
  kAskQuestion,
  kAnswerQuestion
};

// A packet as it was sealed.
struct Packet {
  int referral = -1;
  int from = kNobody;
  int to = kNobody;
  int release = -1;  // whose hash it has
};

// One call, of any of the verbs; each looks at what it needs.
struct Call {
  Verb verb = Verb::kCreate;
  int by = kNobody;
  int referral = -1;  // of a new one: the number it will have
  int offer = -1;
  int release = -1;
  int hold = -1;
  std::vector<int> to = {};
  Mode mode = Mode::kDirect;
  Urgency urgency = Urgency::kEmergency;
  bool has_facets = false;
  std::string case_handle = {};
  std::string need = {};
  std::string age_band = {};
  std::string code = {};  // a reason, an outcome, a question
  std::string answer_code = {};
  bool allow_duplicate = false;
  Answer answer = Answer::kNone;
  std::optional<std::string> etag = {};  // Token() as it was when the etag was read
  Packet packet = {};
  bool once = false;       // a release
  int64_t expire_ms = 0;   // a release's
  int64_t lapse_ms = 0;    // a hold's
  bool has_hold = false;   // with an acceptance
  bool knows_beds = true;  // names the listing that has them, and their unit
  std::string reference = {};
  int quantity = 1;
  int available = 0;
  bool accepting = true;
};

class Model {
 public:
  // Done, or why not. What is new is at the end of its list; of new offers the times are not known
  // yet (Freeze). Of an acceptance with a hold, that of the hold is in hold_refused().
  std::string Apply(const Call& call, int64_t now_ms);
  const std::string& hold_refused() const { return hold_refused_; }
  void Freeze(Offer& offer, const std::array<int64_t, kStepsOfAClock>& due_ms) {
    offer.due_ms = due_ms;
  }
  // Lists the agency's inbox: the newest `count` that it was offered, all marked as delivered.
  void ShowInbox(int agency, const std::vector<int>& page);
  // What the hub does by itself by then.
  void PassTimeUntil(int64_t now_ms);

  // What that agency sees: one line; or the reason why it sees nothing. `blurred`: without what
  // retention may have destroyed.
  std::string See(int referral, int viewer, bool blurred) const;
  State SeenState(int referral, int viewer) const;
  // The story in lines; each offer's own are together, in order.
  std::vector<std::string> Story(int referral, int viewer) const;
  // Of a referral that the agency sees: changes whenever its etag has to.
  std::string Token(int referral, int viewer) const;
  bool IsParty(int referral, int viewer) const;
  std::optional<size_t> OfferOf(int referral, int agency) const;
  bool MayBeShredded(int referral, int64_t now_ms) const;
  std::vector<std::string> Disclosures(int release, int viewer) const;
  std::vector<int> Openers(int release) const;
  // What happens by the clock, and when: of all that waits.
  std::vector<int64_t> Moments() const;
  // Of this referral both its offer's clock and the end of its release come until then: whichever
  // the hub sees first.
  bool IsToss(int referral, int64_t now_ms, int64_t until_ms) const;

  std::vector<Referral>& referrals() { return referrals_; }
  const std::vector<Referral>& referrals() const { return referrals_; }
  std::vector<Release>& releases() { return releases_; }
  std::vector<Hold>& holds() { return holds_; }
  Beds& beds() { return beds_; }
  const Beds& beds() const { return beds_; }

 private:
  Referral* Find(int referral);
  Referral* FindOwn(int referral, int by);
  Offer* FindOffer(const Call& call);
  bool IsStale(const Call& call) const;
  const Offer* OwnOffer(int referral, int viewer) const;
  bool KnowsOwnOnly(const Referral& referral, int viewer, const Offer* own) const;
  size_t CountAsked(int sender) const;

  std::string Create(const Call& call, int64_t now_ms);
  std::string Draft(const Call& call, bool& is_new);
  std::string CheckPacket(const Call& call, int64_t now_ms) const;
  std::string CheckRelease(const Call& call, const std::string& case_handle, int to,
                           int64_t now_ms) const;
  bool IsDuplicate(const Call& call, int sender, const std::string& case_handle,
                   const std::string& need) const;
  Referral& TakeDraft(const Call& call, bool is_new, int64_t now_ms);
  std::string Send(const Call& call, int64_t now_ms);
  std::string Ask(const Call& call, int64_t now_ms);
  std::string Say(const Call& call, int64_t now_ms);
  std::string Choose(const Call& call, int64_t now_ms);
  std::string Accept(const Call& call, int64_t now_ms);
  std::string Match(const Call& call, Referral& referral, Offer& offer, const std::string& event,
                    int64_t now_ms);
  std::string Decline(const Call& call, int64_t now_ms);
  std::string SendPacket(const Call& call, int64_t now_ms);
  std::string Reopen(const Call& call, int64_t now_ms);
  std::string Cancel(const Call& call, int64_t now_ms);
  std::string Serve(const Call& call, int64_t now_ms);  // start, complete, close
  std::string EnterInError(const Call& call, int64_t now_ms);
  std::string Open(const Call& call, int64_t now_ms);
  std::string ChangeRelease(const Call& call, int64_t now_ms);
  std::string PlaceHold(const Call& call, int64_t now_ms);
  std::string EndHold(const Call& call, int64_t now_ms);
  std::string SayBeds(const Call& call);
  std::string AskQuestion(const Call& call, int64_t now_ms);
  std::string AnswerQuestion(const Call& call, int64_t now_ms);

  void Tell(Referral& referral, const Offer* offer, const std::string& event, int by,
            bool by_person, const std::string& reason = "") const;
  void End(Offer& offer, OfferState state, const std::string& reason) const;
  void Touch(Referral& referral, int64_t now_ms) const;
  void CloseIfNobodyIsLeft(Referral& referral, const std::string& reason, int64_t now_ms) const;
  void CancelAll(Referral& referral, bool by_person, const std::string& reason, int64_t now_ms);
  void EndUnder(int release, const std::string& reason, int64_t now_ms);
  void RunClock(Referral& referral, int64_t now_ms);
  void LapseHolds(int64_t now_ms);

  std::vector<Referral> referrals_;
  std::vector<Release> releases_;
  std::vector<Hold> holds_;
  Beds beds_;
  std::string hold_refused_;
};

}  // namespace fairlead::model

#endif  // TESTS_MODEL_MODEL_H_
