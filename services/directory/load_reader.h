// Reads from the referrals, day by day, how much agencies were asked for (domain/load.h): sums,
// when the day is over, and never a single referral. Not from their events: the referrals follow
// the directory's already, and a backup copies whoever follows before whom it follows.
#ifndef SERVICES_DIRECTORY_LOAD_READER_H_
#define SERVICES_DIRECTORY_LOAD_READER_H_

#include <cstdint>
#include <vector>

#include "services/common/rpc/channel.h"
#include "services/directory/commands/deps.h"
#include "services/directory/store/load_store.h"

namespace fairlead::directory {

class LoadReader {
 public:
  // Both outlive the reader.
  LoadReader(const Deps& deps, rpc::Channel& services) : deps_(deps), services_(services) {}

  // Of the days that count the first one that has not been read. Blocks; for one thread at a time.
  // How many: 0, all have been read. Errors: those of the call, after which nothing has changed.
  Result<int64_t> ReadDay();

 private:
  Task<Result<int64_t>> Read(int64_t last_day);
  Task<Result<std::vector<AgencyPoints>>> Ask(int64_t day);

  const Deps& deps_;
  rpc::Channel& services_;
  int64_t known_last_day_ = 0;  // until then all have been read
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_LOAD_READER_H_
