// What the consent service keeps. Commands see this interface; sql_release_store.cc is the one
// implementation, for both engines. Every function works inside the transaction it was made for.
#ifndef SERVICES_CONSENT_STORE_RELEASE_STORE_H_
#define SERVICES_CONSENT_STORE_RELEASE_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "services/common/base/result.h"
#include "services/consent/domain/release.h"

namespace fairlead::consent {

struct Disclosure {
  std::string id;
  std::string release_id;
  std::string case_handle;
  std::string discloser_agency_id;
  std::string referral_id;
  std::string recipient_agency_id;
  std::string staff_id;  // empty for `sent`
  std::vector<std::string> categories;
  std::string purpose;
  std::string kind;  // sent, opened
  int64_t time_ms = 0;
  std::string break_glass_id = {};  // of one that was opened so
  std::string packet_id = {};       // of `sent`: whose keys were issued. Written, not read
};

// What one other agency has opened under one release.
struct Opened {
  std::string agency_id;
  std::vector<std::string> referral_ids;  // at most 100
  std::vector<std::string> categories;
};

// Numeric values are those of fairlead.consent.v1.
enum class Outcome { kUnanswered = 0, kDestroyed = 1, kNothingKept = 2, kKeptByLaw = 3 };

// A request to destroy copies.
struct DestroyNotice {
  std::string id;
  std::string release_id;
  std::string discloser_agency_id;
  std::string recipient_agency_id;
  std::vector<std::string> referral_ids;
  std::string cause;  // revoked, superseded, entered_in_error
  int64_t create_ms = 0;
  Outcome outcome = Outcome::kUnanswered;
  int64_t acknowledge_ms = 0;
  std::string acknowledge_staff_id;
};

struct CustodyKey {
  std::string packet_id;  // the referral's id, or that of the offer that it was sealed to
  std::string agency_id;
  std::string release_id;
  std::string key;  // 32 bytes
  int64_t create_ms = 0;
  int64_t generation = 0;  // 0: as issued; one more each time the share is sealed anew
};

// One page: rows after `after_id` in falling id order, at most `limit`.
struct Page {
  std::string before_id;  // empty: from the newest
  int limit = 25;
};

// Of one discloser's releases; the rest filters when it is not empty.
struct DisclosureFilter {
  std::string discloser_agency_id;
  std::string release_id;
  std::string case_handle;
  int64_t since_ms = 0;
};

// Of one agency: the recipient's, or the discloser's with `sent`.
struct NoticeFilter {
  std::string agency_id;
  bool sent = false;
  std::string release_id;  // empty: any
  bool open_only = false;  // neither destroyed nor was nothing kept
};

// What the custody database remembers of a release's end when the main one was put back.
struct RememberedEnding {
  std::string release_id;
  State state = State::kRevoked;
  int64_t state_ms = 0;
  Withdrawal withdrawal = {};
};

// By which the two databases know each other; empty: none.
struct Marks {
  std::string main;
  std::string custody;
};

class ReleaseReader {
 public:
  virtual ~ReleaseReader() = default;
  virtual Result<std::optional<Release>> Find(const std::string& id) = 0;
  // The categories that went to this agency under the release; empty: nothing was sent to it.
  virtual Result<std::vector<std::string>> CategoriesSentTo(const std::string& release_id,
                                                            const std::string& agency_id) = 0;
  virtual Result<std::vector<Release>> List(const std::string& discloser_agency_id,
                                            const std::string& case_handle, const Page& page) = 0;
  virtual Result<std::vector<Disclosure>> ListDisclosures(const DisclosureFilter& filter,
                                                          const Page& page) = 0;
  virtual Result<std::vector<DestroyNotice>> ListNotices(const NoticeFilter& filter,
                                                         const Page& page) = 0;
  // Active releases whose time has passed, the earliest first.
  virtual Result<std::vector<Release>> DueToExpire(int64_t now_ms, int limit) = 0;
};

class ReleaseStore : public ReleaseReader {
 public:
  virtual Result<void> Insert(const Release& release) = 0;
  // Writes all but elements 1 to 8 and what was when it was made; raises the version.
  virtual Result<void> Update(Release& release) = 0;
  virtual Result<void> AddDisclosure(const Disclosure& disclosure) = 0;
  // Agencies that something was sent to under the release.
  virtual Result<std::vector<std::string>> SentTo(const std::string& release_id) = 0;
  // What other agencies have opened under the release, by agency.
  virtual Result<std::vector<Opened>> OpenedByOthers(const Release& release) = 0;
  // Whether the log says that the referral was sent to this agency under the release.
  virtual Result<bool> IsLoggedAsSent(const std::string& release_id, const std::string& referral_id,
                                      const std::string& agency_id) = 0;
  // False: that agency has been asked about that release before.
  virtual Result<bool> AddNotice(const DestroyNotice& notice) = 0;
  virtual Result<std::optional<DestroyNotice>> FindNotice(const std::string& id) = 0;
  // Writes the answer.
  virtual Result<void> UpdateNotice(const DestroyNotice& notice) = 0;
  // The key that stands after the call: an earlier one of the same (packet, agency, generation)
  // stays.
  virtual Result<CustodyKey> PutKey(const CustodyKey& key) = 0;
  // Whether the log has an opening of that packet by this person since then.
  virtual Result<bool> HasOpened(const std::string& staff_id, const std::string& packet_id,
                                 int64_t since_ms) = 0;
  // When a person's openings since `since_ms` were, from the one before the last `limit` on: the
  // time of the `limit`-th newest, or nullopt when there are fewer.
  virtual Result<std::optional<int64_t>> OpenedBefore(const std::string& staff_id, int64_t since_ms,
                                                      int limit) = 0;
  virtual Result<std::optional<CustodyKey>> FindKey(const std::string& packet_id,
                                                    const std::string& agency_id,
                                                    int64_t generation) = 0;
  // Deletes the share's keys of earlier generations and leaves no copy in file or journal.
  virtual Result<void> ShredKeysBefore(const std::string& packet_id, const std::string& agency_id,
                                       int64_t generation) = 0;
  // Deletes all keys of these packets and leaves no copy in file or journal. How many.
  virtual Result<int64_t> ShredKeysOf(const std::vector<std::string>& packet_ids) = 0;
  // Something was sent under the release: by the log, or by what custody remembers of a release for
  // one disclosure.
  virtual Result<bool> WasSentUnder(const std::string& release_id) = 0;
  virtual Result<void> RememberUsed(const std::string& release_id) = 0;
  // Deletes the keys under a release and leaves no copy in file or journal. How many.
  virtual Result<int64_t> ShredKeys(const std::string& release_id) = 0;
  // Destroys keys whose release is no longer active.
  virtual Result<int64_t> ShredOrphanKeys() = 0;
  // Endings that custody remembers of releases which are open here, at most `limit`.
  virtual Result<std::vector<RememberedEnding>> ForgottenEndings(int limit) = 0;
  virtual Result<std::vector<Release>> Active(int limit) = 0;
  virtual Result<Marks> ReadMarks() = 0;
  // Writes it into both.
  virtual Result<void> WriteMark(const std::string& mark) = 0;
};

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_STORE_RELEASE_STORE_H_
