#include "services/common/directory/need_codes.h"

#include "fairlead/directory/v1/directory.pb.h"

namespace fairlead {

NeedCodes::Codes NeedCodes::Known() {
  const std::lock_guard lock(mutex_);
  return codes_;
}

Task<Result<void>> NeedCodes::Check(rpc::CallContext context, std::string code) {
  Codes known = Known();
  if (!known) {
    const fairlead::directory::v1::ListNeedsRequest request;
    auto options = rpc::Onward(context, service_);
    auto needs = co_await rpc::Call<fairlead::directory::v1::ListNeedsResponse>(
        services_, "/fairlead.directory.v1.DirectoryService/ListNeeds", request, options);
    if (!needs) co_return Fail(std::move(needs.error()));
    auto codes = std::make_shared<std::set<std::string>>();
    for (const auto& need : needs->needs()) codes->insert(need.code());
    known = std::move(codes);
    const std::lock_guard lock(mutex_);
    codes_ = known;
  }
  if (known->contains(code)) co_return Result<void>();
  co_return Fail(Code::kInvalidArgument, "UNKNOWN_NEED_CODE",
                 "There is no such need code: see `fairlead directory needs`.",
                 {{"field", field_}});
}

}  // namespace fairlead
