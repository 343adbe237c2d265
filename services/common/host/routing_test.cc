#include "services/common/host/routing.h"

#include <gtest/gtest.h>

#include "fairlead/directory/v1/directory.pb.h"

namespace fairlead::host {
namespace {

using Empty = directory::v1::ListNeedsRequest;
using Answer = directory::v1::Need;

// Answers with its own name.
class Named final : public rpc::Channel {
 public:
  explicit Named(std::string name) : name_(std::move(name)) {}
  Task<rpc::Reply> Call(std::string, const rpc::Message&, const rpc::Message&,
                        rpc::CallOptions) override {
    auto answer = std::make_unique<Answer>();
    answer->set_code(name_);
    co_return answer;
  }

 private:
  const std::string name_;
};

TEST(RoutingTest, GoesByPrefix) {
  RoutingChannel routing;
  const auto to = [&](const std::string& method) {
    const Empty request;
    const Result<Answer> answer =
        SyncWait(rpc::Call<Answer>(routing, method, request, rpc::CallOptions()));
    return answer ? answer->code() : answer.error().reason;
  };
  const std::string get = "/fairlead.consent.v1.ConsentService/GetRelease";
  EXPECT_EQ(to(get), "SERVICE_UNAVAILABLE");
  Named consent("consent"), directory("directory"), all("all"), newer("newer");
  routing.Route("fairlead.consent.v1.", consent);
  routing.Route("/fairlead.directory.v1.", directory);
  EXPECT_EQ(to(get), "consent");
  EXPECT_EQ(to("/fairlead.directory.v1.DirectoryService/GetAgency"), "directory");
  EXPECT_EQ(to("/fairlead.consent.v2.ConsentService/GetRelease"), "SERVICE_UNAVAILABLE");
  EXPECT_EQ(to(""), "SERVICE_UNAVAILABLE");
  // The longest prefix wins, whatever lies between in the order of names.
  routing.Route("fairlead.", all);
  EXPECT_EQ(to(get), "consent");
  EXPECT_EQ(to("/fairlead.consent.v2.ConsentService/GetRelease"), "all");
  EXPECT_EQ(to("/fairlead.referral.v1.ReferralService/GetReferral"), "all");
  EXPECT_EQ(to("/fairleads"), "SERVICE_UNAVAILABLE");
  routing.Route("fairlead.consent.v1.", newer);
  EXPECT_EQ(to(get), "newer");
}

}  // namespace
}  // namespace fairlead::host
