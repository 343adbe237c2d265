// Break-glasses as they are kept: a table of its own, for both engines.
#ifndef SERVICES_CONSENT_STORE_BREAK_GLASS_STORE_H_
#define SERVICES_CONSENT_STORE_BREAK_GLASS_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "services/common/storage/database.h"
#include "services/consent/domain/break_glass.h"
#include "services/consent/store/release_store.h"

namespace fairlead::consent {

Result<void> InsertBreakGlass(storage::Transaction& tx, const BreakGlass& glass);
// Writes the approval, the openings, the call for a review and the review.
Result<void> UpdateBreakGlass(storage::Transaction& tx, const BreakGlass& glass);
Result<std::optional<BreakGlass>> FindBreakGlass(storage::ReadTransaction& tx,
                                                 const std::string& id);
// The newest of that agency for that referral.
Result<std::optional<BreakGlass>> NewestBreakGlass(storage::ReadTransaction& tx,
                                                   const std::string& referral_id,
                                                   const std::string& agency_id);
// When the agency's `limit`-th newest approval was given, if that was after `since_ms`.
Result<std::optional<int64_t>> ApprovedBefore(storage::ReadTransaction& tx,
                                              const std::string& agency_id, int64_t since_ms,
                                              int limit);
// The same of a person's requests that nobody has approved.
Result<std::optional<int64_t>> UnapprovedBefore(storage::ReadTransaction& tx,
                                                const std::string& agency_id,
                                                const std::string& staff_id, int64_t since_ms,
                                                int limit);

struct GlassFilter {
  std::string agency_id;         // which breaks it, or whose referral it is; empty: any
  bool unreviewed_only = false;  // approved, and not reviewed
  int64_t due_before_ms = 0;     // whose review was due then; 0: any
};
Result<std::vector<BreakGlass>> ListBreakGlass(storage::ReadTransaction& tx,
                                               const GlassFilter& filter, const Page& page);
// Approved by `approved_before_ms`, not reviewed, and not yet called overdue; the earliest first.
Result<std::vector<BreakGlass>> UncalledReviews(storage::ReadTransaction& tx,
                                                int64_t approved_before_ms, int limit);

// The packet that was last sent to an agency for a referral, by the log.
struct SentPacket {
  std::string release_id;
  std::string packet_id;  // empty: sent before the log had it
};
Result<std::optional<SentPacket>> LastSent(storage::ReadTransaction& tx,
                                           const std::string& referral_id,
                                           const std::string& agency_id);
// Whether custody has a key of the agency's to it; without a packet_id: to any under its release.
Result<bool> HoldsKeyTo(storage::ReadTransaction& tx, const SentPacket& sent,
                        const std::string& agency_id);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_STORE_BREAK_GLASS_STORE_H_
