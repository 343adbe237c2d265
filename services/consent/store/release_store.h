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

class ReleaseReader {
 public:
  virtual ~ReleaseReader() = default;
  virtual Result<std::optional<Release>> Find(const std::string& id) = 0;
  // The categories that went to this agency under the release; empty: nothing was sent to it.
  virtual Result<std::vector<std::string>> CategoriesSentTo(const std::string& release_id,
                                                            const std::string& agency_id) = 0;
  virtual Result<std::vector<Release>> List(const std::string& discloser_agency_id,
                                            const std::string& case_handle, const Page& page) = 0;
  // Of one discloser's releases; release_id and case_handle filter when not empty.
  virtual Result<std::vector<Disclosure>> ListDisclosures(const std::string& discloser_agency_id,
                                                          const std::string& release_id,
                                                          const std::string& case_handle,
                                                          const Page& page) = 0;
};

class ReleaseStore : public ReleaseReader {
 public:
  virtual Result<void> Insert(const Release& release) = 0;
  // Writes state, signature, statements and times; raises the version.
  virtual Result<void> Update(Release& release) = 0;
  virtual Result<void> AddDisclosure(const Disclosure& disclosure) = 0;
  // Agencies that something was sent to under the release.
  virtual Result<std::vector<std::string>> SentTo(const std::string& release_id) = 0;
  // Other agencies that opened a packet under the release.
  virtual Result<std::vector<std::string>> Openers(const Release& release) = 0;
  // The key that stands after the call: an earlier one of the same (packet, agency, generation)
  // stays.
  virtual Result<CustodyKey> PutKey(const CustodyKey& key) = 0;
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
  // Something was sent under the release.
  virtual Result<bool> WasSentUnder(const std::string& release_id) = 0;
  // Deletes the keys under a release and leaves no copy in file or journal. How many.
  virtual Result<int64_t> ShredKeys(const std::string& release_id) = 0;
  // Active releases whose time has passed, and keys whose release is no longer active.
  virtual Result<std::vector<Release>> DueToExpire(int64_t now_ms, int limit) = 0;
  virtual Result<int64_t> ShredOrphanKeys() = 0;
};

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_STORE_RELEASE_STORE_H_
