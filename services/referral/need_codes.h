// Which need codes there are. The directory owns the list; it is a part of the program and does
// not change while it runs, so it is asked once.
#ifndef SERVICES_REFERRAL_NEED_CODES_H_
#define SERVICES_REFERRAL_NEED_CODES_H_

#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "services/common/rpc/channel.h"

namespace fairlead::referral {

class NeedCodes {
 public:
  explicit NeedCodes(rpc::Channel& services) : services_(services) {}

  // Errors: INVALID_ARGUMENT UNKNOWN_NEED_CODE with metadata `field`; those of the directory
  // while the list has not been read yet.
  Task<Result<void>> Check(rpc::CallContext context, std::string code);

 private:
  using Codes = std::shared_ptr<const std::set<std::string>>;
  Codes Known();

  rpc::Channel& services_;
  std::mutex mutex_;
  Codes codes_;
};

}  // namespace fairlead::referral

#endif  // SERVICES_REFERRAL_NEED_CODES_H_
