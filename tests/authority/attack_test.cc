#include "tests/authority/attack.h"

#include <gtest/gtest.h>

#include "fairlead/audit/v1/audit.pb.h"
#include "fairlead/identity/v1/keys.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "services/common/base/clock.h"
#include "services/common/base/random.h"
#include "services/common/rpc/validate.h"

namespace fairlead::authority {
namespace {

std::vector<std::string> Names(const google::protobuf::Descriptor& request) {
  std::vector<std::string> names;
  for (const FieldPath& path : IdFields(request)) names.push_back(NameOf(path));
  return names;
}

TEST(AttackTest, FindsTheIdsOfARequestHoweverDeep) {
  EXPECT_EQ(Names(*referral::v1::AcceptOfferRequest::descriptor()),
            (std::vector<std::string>{"offer_id", "hold.service_id"}));
  EXPECT_EQ(Names(*audit::v1::ListAuditRecordsRequest::descriptor()),
            (std::vector<std::string>{"filter.staff_id", "filter.agency_id", "filter.case_handle",
                                      "filter.referral_id", "filter.release_id"}));
  EXPECT_EQ(Names(*identity::v1::PublishKeyListRequest::descriptor()),
            std::vector<std::string>{"wraps.device_id"});
}

TEST(AttackTest, PlausibleRequestsPassTheValidatorWithTheIdInPlace) {
  IdGenerator ids(SystemClock(), SystemRandom());
  const auto* descriptor = identity::v1::PublishKeyListRequest::descriptor();
  const auto request = Plausible(*descriptor, ids);
  const std::string id = ids.New();
  Place(*request, IdFields(*descriptor)[0], id, ids);
  const Result<void> valid = rpc::Validate(*request);
  EXPECT_TRUE(valid) << ToString(valid.error());
  const auto& typed = static_cast<const identity::v1::PublishKeyListRequest&>(*request);
  ASSERT_EQ(typed.wraps_size(), 1);
  EXPECT_EQ(typed.wraps(0).device_id(), id);
}

TEST(AttackTest, AnswersDifferByStatusReasonMetadataOrSize) {
  const Answer not_found{Code::kNotFound, "REFERRAL_NOT_FOUND", "", 26};
  EXPECT_TRUE(Alike(not_found, not_found));
  Answer other = not_found;
  other.size += 16;
  EXPECT_TRUE(Alike(not_found, other));
  other.size += 1;
  EXPECT_FALSE(Alike(not_found, other));
  other = not_found;
  other.reason = "ROLE_NOT_ALLOWED";
  EXPECT_FALSE(Alike(not_found, other));
  other = not_found;
  other.code = Code::kPermissionDenied;
  EXPECT_FALSE(Alike(not_found, other));
  other = not_found;
  other.metadata_keys = "current_etag ";
  EXPECT_FALSE(Alike(not_found, other));
}

TEST(AttackTest, TimesTellOnlyBeyondTheNoise) {
  Times times;
  for (int64_t i = 0; i < 100; ++i) {
    const int64_t jitter_ns = (i * 37 % 100) * 1000;  // evenly, 0 to 99 us
    times.nobodys_ns.push_back(200'000 + jitter_ns);
    times.nobodys_again_ns.push_back(201'000 + jitter_ns);
    times.theirs_ns.push_back(230'000 + jitter_ns);
  }
  EXPECT_EQ(Telling(times), "");
  for (int64_t& one : times.theirs_ns) one += 60'000;
  EXPECT_NE(Telling(times), "");
}

}  // namespace
}  // namespace fairlead::authority
