// Which need codes there are. The directory owns the list; it is a part of the program and does
// not change while it runs, so it is asked once.
//
//   NeedCodes need_codes(services, "referral", "facets.need_code");
//   auto known = co_await need_codes.Check(context, request.facets().need_code());
#ifndef SERVICES_COMMON_DIRECTORY_NEED_CODES_H_
#define SERVICES_COMMON_DIRECTORY_NEED_CODES_H_

#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "services/common/rpc/channel.h"

namespace fairlead {

class NeedCodes {
 public:
  // For the service of that name; `field` is what its requests call the code. `services` outlives
  // it.
  NeedCodes(rpc::Channel& services, std::string service, std::string field)
      : services_(services), service_(std::move(service)), field_(std::move(field)) {}

  // Errors: INVALID_ARGUMENT UNKNOWN_NEED_CODE with metadata `field`; those of the directory
  // while the list has not been read yet.
  Task<Result<void>> Check(rpc::CallContext context, std::string code);

 private:
  using Codes = std::shared_ptr<const std::set<std::string>>;
  Codes Known();

  rpc::Channel& services_;
  const std::string service_;
  const std::string field_;
  std::mutex mutex_;
  Codes codes_;
};

}  // namespace fairlead

#endif  // SERVICES_COMMON_DIRECTORY_NEED_CODES_H_
