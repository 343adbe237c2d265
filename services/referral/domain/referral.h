// A referral: one need of one case handle, from one agency; its offers; its sealed packet.
#ifndef SERVICES_REFERRAL_DOMAIN_REFERRAL_H_
#define SERVICES_REFERRAL_DOMAIN_REFERRAL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/common/base/result.h"
#include "services/referral/domain/clock_policy.h"
#include "services/referral/domain/states.h"

namespace fairlead::referral {

// What stands in clear: codes and coarse facets.
struct Facets {
  std::string need_code;
  Urgency urgency = Urgency::kStandard;
  std::string age_band;
  int64_t household_size = 0;
  std::vector<std::string> household_codes;
  std::vector<std::string> languages;
  std::string county;
  std::vector<std::string> accessibility_codes;
  std::string exploitation_type;
};

// Values of fairlead.referral.v1.ReferralMode.
enum class Mode {
  kNotTold = 0,
  kDirect = 1,
  kFirstToAccept = 2,
  kSurvivorChooses = 3,
  kForward = 4
};
// One agency is asked, and the packet goes with the offer.
constexpr bool IsToOne(Mode mode) { return mode == Mode::kDirect || mode == Mode::kForward; }
// Values of fairlead.referral.v1.OfferAnswer: what an agency says before the choice.
enum class Answer { kNone = 0, kYes = 1, kMaybe = 2 };

// Offers of one referral that wait for an answer, and all that it ever had.
inline constexpr size_t kMostPendingOffers = 20;
inline constexpr size_t kMostOffers = 100;
// Of all the blind referrals of one agency.
inline constexpr int kMostWaitingOffers = 1000;

// One question about an offer, and what stands as its answer.
struct AskedQuestion {
  std::string code;
  int64_t ask_ms = 0;
  std::string answer_code = {};  // empty: not answered yet
  int64_t answer_ms = 0;
  int64_t answers = 0;  // how often it was answered

  bool waits() const { return answer_code.empty(); }
};
// Of one offer, each question once; and how often one of them is answered, the first time included.
inline constexpr size_t kMostQuestions = 8;
inline constexpr int64_t kMostAnswers = 3;

struct Offer {
  std::string id;
  std::string referral_id;
  std::string recipient_agency_id;
  std::string service_id;
  OfferState state = OfferState::kSent;
  std::string reason_code;
  int64_t send_ms = 0;
  int64_t deliver_ms = 0;
  int64_t open_ms = 0;
  int64_t decide_ms = 0;
  Answer answer = Answer::kNone;
  int64_t nudge_ms = 0;  // when a coordinator has asked once more
  Ladder ladder;
  Step next_step = Step::kRemind;  // of the ladder: those before it are done
  std::vector<AskedQuestion> questions = {};  // in the order in which they were asked
  int64_t opened_version = 0;  // of the packet: the newest that was opened
};

// Who at one of the agencies of a referral has it in hand.
struct Assignment {
  std::string referral_id;
  std::string agency_id;
  std::string staff_id;   // empty: nobody, it is in the agency's queue
  int64_t assign_ms = 0;  // since when it is as it is
  int64_t version = 0;    // the etag; 0: nobody ever had it
};

struct Referral {
  std::string id;
  std::string sender_agency_id;
  std::string case_handle;  // the sender's own; never shown to anyone else
  Facets facets;
  ReferralState state = ReferralState::kDraft;
  Mode mode = Mode::kDirect;
  std::string release_id;
  std::string release_hash;
  std::string purpose;
  std::vector<std::string> categories;
  int64_t create_ms = 0;
  int64_t update_ms = 0;
  std::string reason_code;
  std::string outcome_code;
  int64_t version = 1;    // the etag
  std::string packet_id;  // of the packet that lies here; empty: none does
  int64_t packet_version = 0;  // of that packet; 0: none lies here
  std::vector<Offer> offers;
  // Of the agency that it is read for, where it is read to be shown; apart from all else: not
  // written with the referral, no part of its version, and nothing that another agency sees.
  Assignment assignment = {};
  // The same of how it was handed on (store/forward_store.h).
  std::string forwarded_from_id = {};
  int64_t forward_ms = 0;
};

// One recipient's share of a stored packet: its wrapped content key, wrapped again under custody.
struct PacketRecipient {
  std::string agency_id;
  std::string kid;  // the key that it was sealed to; the packet binds it
  std::string epk_x;
  std::string epk_y;
  std::string custody_wrapped;       // 48 bytes
  std::string resealed_to_kid = {};  // a later key of the agency; empty: never sealed anew
  int64_t generation = 0;            // of the custody key

  const std::string& opens_with() const { return resealed_to_kid.empty() ? kid : resealed_to_kid; }
};

// A sealed packet as the hub keeps it: useless without a custody key.
struct StoredPacket {
  std::string referral_id;
  std::string protected_b64;
  std::string iv;
  std::string ciphertext;
  std::string tag;
  std::vector<PacketRecipient> recipients;
};

// One line of a referral's story.
struct TimelineEntry {
  std::string id;
  std::string referral_id;
  int64_t time_ms = 0;
  std::string event;
  std::string agency_id;
  std::string staff_id;
  std::string reason_code;
  std::string offer_id;
  // Of an assignment: who has it from then on, and who had it before.
  std::string to_staff_id = {};
  std::string from_staff_id = {};
};

// The agency's newest offer that stands (waits or was accepted), or else its newest.
std::optional<size_t> OfferOf(const Referral& referral, const std::string& agency_id);

// May a break-glass open the packet to this agency, whose offer has ended? When it said no itself,
// let the time pass, or could not go on. Not where the person does not want it, nor what its sender
// has ended: that may be for the person's safety, and the hub cannot see why.
bool OpensBehindGlass(const Referral& referral, const Offer& own);

// Whether an agency knows, of a referral, its own offer (`own`) and nothing else: one of several
// that are asked, and whoever is out of it.
bool KnowsOwnOfferOnly(const Referral& referral, const Offer& own);

// The version that the agency sees: of its own offer, where it knows no more; and where several
// were asked, as something that nobody but the sender can count.
std::string Etag(const Referral& referral, const std::string& agency_id);

// Of who has it in hand at one agency, apart from the referral's.
std::string Etag(const Assignment& assignment);

// As that agency may know it: a recipient its own offers, and of one that has ended not what was
// asked and answered about the person. Where it knows its own offer only, the referral is to it
// what that offer is: open, cancelled (withdrawn) or closed. That its sender had it from another
// agency it is not told.
Referral SeenBy(const Referral& referral, const std::string& agency_id);

// A recipient sees what is common and what is about its own offers, not about others'. The sender
// sees all but when follow-ups are due and corrected.
bool MaySeeEntry(const Referral& referral, const TimelineEntry& entry,
                 const std::string& agency_id);
// Something in the agency's inbox that it has not been shown before.
bool HasUndelivered(const std::vector<Referral>& referrals, const std::string& agency_id);

// Errors: UNKNOWN_AGE_BAND.
Result<void> CheckFacets(const Facets& facets);

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_DOMAIN_REFERRAL_H_
