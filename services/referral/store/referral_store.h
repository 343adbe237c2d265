// What the referral service keeps. Commands see this interface; sql_referral_store.cc is the one
// implementation, for both engines. Every function works inside the transaction it was made for.
#ifndef SERVICES_REFERRAL_STORE_REFERRAL_STORE_H_
#define SERVICES_REFERRAL_STORE_REFERRAL_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "services/common/base/result.h"
#include "services/referral/domain/forward.h"
#include "services/referral/domain/referral.h"
#include "services/referral/domain/routing.h"
#include "services/referral/domain/sealed_note.h"

namespace fairlead::referral {

// The little of another agency that a hand-off needs to know; kept current by events.
struct AgencyRecord {
  std::string id;
  std::string membership;  // "active"
  std::string kind = {};   // "health_provider"; empty: not known yet
  int64_t version = 0;     // of the agency at the directory: an older one never replaces a newer
  // The change for which its offers were closed, and how many those were.
  int64_t closed_version = 0;
  int64_t offers_closed = 0;
};
struct AgencyKeyRecord {
  std::string agency_id;
  int64_t epoch = 0;
  std::string epoch_kid;
  std::string signing_kid;
};

enum class Box { kSent = 1, kInbox = 2 };
// Values of fairlead.referral.v1.AssignmentFilter.
enum class Assigned { kAnyone = 0, kMine = 1, kNobody = 2 };
struct ListQuery {
  std::string agency_id;
  Box box = Box::kInbox;
  std::vector<ReferralState> states;  // empty: all
  std::string before_id;              // empty: from the newest
  int limit = 25;
  Assigned assigned = Assigned::kAnyone;
  std::string staff_id = {};  // who asks
};

// For coordinators: after that place in the order of the stage.
enum class HandOffStage { kWaiting = 1, kMatched = 2, kUnasked = 3 };
struct HandOffQuery {
  HandOffStage stage = HandOffStage::kWaiting;
  int64_t after_ms = 0;
  std::string after_id;
  int limit = 25;
};

// Somebody has tried to open a referral that does not exist.
struct InventedOpening {
  int64_t time_ms = 0;
  std::string staff_id;
  std::string agency_id;
  std::string referral_id;
};

class ReferralReader {
 public:
  virtual ~ReferralReader() = default;
  // With its offers.
  virtual Result<std::optional<Referral>> Find(const std::string& id) = 0;
  // Each with the agency's assignment.
  virtual Result<std::vector<Referral>> List(const ListQuery& query) = 0;
  virtual Result<std::optional<StoredPacket>> FindPacket(const std::string& referral_id) = 0;
  // Its recipients alone; none: there is no packet.
  virtual Result<std::vector<PacketRecipient>> PacketRecipients(const std::string& referral_id) = 0;
  // The newest lines, in order of time; of a recipient those that it may see (MaySeeEntry), however
  // many there are about others. Empty: of all.
  virtual Result<std::vector<TimelineEntry>> Timeline(const std::string& referral_id,
                                                      const std::string& recipient_agency_id) = 0;
  // An open, matched or in-service referral of the same agency, case and need; its id.
  virtual Result<std::optional<std::string>> FindLive(const std::string& sender_agency_id,
                                                      const std::string& case_handle,
                                                      const std::string& need_code,
                                                      const std::string& except_id) = 0;
  // Each with the one offer that it is about.
  virtual Result<std::vector<Referral>> ListHandOffs(const HandOffQuery& query) = 0;
  virtual Result<std::optional<AgencyRecord>> FindAgency(const std::string& id) = 0;
  virtual Result<std::optional<AgencyKeyRecord>> CurrentKey(const std::string& agency_id) = 0;
  virtual Result<std::optional<std::string>> ReferralOfOffer(const std::string& offer_id) = 0;
  // Offers of that agency's blind referrals that wait for an answer; counted up to `limit` and one
  // more.
  virtual Result<int64_t> CountAskedBy(const std::string& sender_agency_id, int limit) = 0;
  // Ids of packets that are destroyed and whose keys are not yet.
  virtual Result<std::vector<std::string>> CustodyToDestroy(int limit) = 0;
  // The agency's own list of that case; of version 0, and empty, where it has none.
  virtual Result<DoNotRoute> FindDoNotRoute(const std::string& agency_id,
                                            const std::string& case_handle) = 0;
  // These three as in store/note_store.h.
  virtual Result<std::optional<SealedNote>> FindNote(const std::string& id,
                                                     const std::string& agency_id) = 0;
  virtual Result<bool> HasNote(const std::string& id) = 0;
  virtual Result<std::vector<SealedNote>> NotesOf(const std::string& referral_id) = 0;
  // These two as in store/forward_store.h.
  virtual Result<std::optional<Forward>> FindForward(const std::string& referral_id) = 0;
  virtual Result<std::vector<HandedOn>> FindHandedOn(const std::string& from_referral_id,
                                                     const std::string& by_agency_id) = 0;
  virtual Result<bool> IsReleaseRevoked(const std::string& release_id) = 0;
  // Whether a step of some waiting offer's clock is due. One look into an index.
  virtual Result<bool> IsClockDue(int64_t now_ms) = 0;
};

class ReferralStore : public ReferralReader {
 public:
  virtual Result<void> Insert(const Referral& referral) = 0;  // without offers
  virtual Result<void> Update(Referral& referral) = 0;        // without offers; raises the version
  virtual Result<void> InsertOffer(const Offer& offer) = 0;
  virtual Result<void> UpdateOffer(const Offer& offer) = 0;
  virtual Result<void> InsertPacket(const StoredPacket& packet) = 0;
  // With its attachments; and remembers that its custody keys are to follow. Clears the
  // referral's packet_id and packet_version, which the caller writes.
  virtual Result<void> DropPacket(Referral& referral) = 0;
  // The same where no other packet takes its place: with the notes too, and their keys.
  virtual Result<void> DestroyPacket(Referral& referral) = 0;
  // Their keys are destroyed too.
  virtual Result<void> PutCustodyDestroyed(const std::vector<std::string>& packet_ids) = 0;
  // In place of those before.
  virtual Result<void> UpdatePacketRecipients(const std::string& referral_id,
                                              const std::vector<PacketRecipient>& recipients) = 0;
  virtual Result<void> AddTimeline(const TimelineEntry& entry) = 0;

  // Waiting offers of whose clock a step is due, by when it was; their ids.
  virtual Result<std::vector<std::string>> DueOffers(int64_t now_ms, int limit) = 0;
  // Ids above `after_id`, a page at a time; empty: no more.
  virtual Result<std::vector<std::string>> LiveUnderRelease(const std::string& release_id,
                                                            const std::string& after_id) = 0;
  // Of one agency, ids above `after_id`, a page at a time: offers that wait for its answer; offers
  // it has accepted, of referrals that are matched or in service; referrals of its own that are
  // draft or open.
  virtual Result<std::vector<std::string>> PendingOffersTo(const std::string& agency_id,
                                                           const std::string& after_id) = 0;
  virtual Result<std::vector<std::string>> AcceptedOffersOf(const std::string& agency_id,
                                                            const std::string& after_id) = 0;
  virtual Result<std::vector<std::string>> UnmatchedFrom(const std::string& agency_id,
                                                         const std::string& after_id) = 0;
  // Remembers that consent has ended a release: a send that was under way is refused.
  virtual Result<void> PutRevokedRelease(const std::string& release_id, int64_t now_ms) = 0;
  // Packets of referrals that ended before `before_ms`, with their attachments and notes (the keys
  // of packet and notes are to follow), with their case handles, who had them in hand, what was
  // asked and answered about their offers, and how they came about. Forgets old revocations, too.
  // At most `limit`, and fewer where attachments are large. How many were destroyed.
  virtual Result<int64_t> ShredPackets(int64_t before_ms, int limit) = 0;

  // Without what was closed. Does nothing when a newer version is known.
  virtual Result<void> PutAgency(const AgencyRecord& agency) = 0;
  virtual Result<void> PutOffersClosed(const std::string& agency_id, int64_t version,
                                       int64_t offers_closed) = 0;
  virtual Result<void> PutAgencyKey(const AgencyKeyRecord& key) = 0;

  // Over an earlier one: takes as long as recording an opening does, and no room.
  virtual Result<void> PutInventedOpening(const InventedOpening& opening) = 0;
};

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_STORE_REFERRAL_STORE_H_
