#include "services/common/rpc/error_detail.h"

#include <gtest/gtest.h>

#include "fairlead/referral/v1/referral.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/common/base/encoding.h"
#include "services/common/rpc/parse.h"

namespace fairlead::rpc {
namespace {

const Error kError = {Code::kFailedPrecondition,
                      "RELEASE_REVOKED",
                      "The release was revoked.",
                      {{"release_id", "1"}, {"field", "facets.county"}}};

TEST(ErrorDetailTest, ComesBack) {
  EXPECT_EQ(DecodeErrorStatus(kError.code, kError.message, EncodeErrorStatus(kError)), kError);
  EXPECT_EQ(DecodeErrorInfo(kError.code, kError.message, EncodeErrorInfo(kError)), kError);
}

TEST(ErrorDetailTest, HasExactlyOneDetail) {
  google::rpc::Status status;
  ASSERT_TRUE(status.ParseFromString(EncodeErrorStatus(kError)));
  EXPECT_EQ(status.code(), 9);
  EXPECT_EQ(status.message(), kError.message);
  ASSERT_EQ(status.details_size(), 1);
  EXPECT_EQ(status.details(0).type_url(), "type.googleapis.com/google.rpc.ErrorInfo");
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(status.details(0).UnpackTo(&info));
  EXPECT_EQ(info.domain(), "fairlead");
}

// Field numbers as googleapis has them: reason 1, domain 2, metadata 3.
TEST(ErrorDetailTest, IsWireCompatible) {
  EXPECT_EQ(HexEncode(EncodeErrorInfo({Code::kInternal, "R", "m", {{"k", "v"}}})),
            "0a0152" "1208" + HexEncode("fairlead") + "1a06" "0a016b" "120176");
}

TEST(ErrorDetailTest, WithoutOurDetailTheCodeSpeaks) {
  EXPECT_EQ(DecodeErrorStatus(Code::kUnavailable, "m", "").reason, "SERVICE_UNAVAILABLE");
  EXPECT_EQ(DecodeErrorStatus(Code::kDeadlineExceeded, "m", "").reason, "DEADLINE_EXCEEDED");
  EXPECT_EQ(DecodeErrorStatus(Code::kResourceExhausted, "m", "\xff junk").reason,
            "RESOURCE_EXHAUSTED");
  google::rpc::ErrorInfo foreign;
  foreign.set_reason("API_DISABLED");
  foreign.set_domain("elsewhere.example");
  EXPECT_EQ(DecodeErrorInfo(Code::kInternal, "m", foreign.SerializeAsString()).reason,
            "INTERNAL");
}

std::string Reason(std::string_view bytes) {
  referral::v1::CreateReferralRequest request;
  const Result<void> parsed = Parse(bytes, request);
  if (parsed) return "OK";
  const auto& metadata = parsed.error().metadata;
  return parsed.error().reason + (metadata.contains("field") ? " " + metadata.at("field") : "");
}

TEST(ParseTest, SaysWhy) {
  EXPECT_EQ(Reason(""), "OK");
  EXPECT_EQ(Reason("\x0a\x03" "abc"), "OK");
  EXPECT_EQ(Reason("\x0a\x03" "ab"), "INVALID_MESSAGE");
  EXPECT_EQ(Reason("\x0a\x03" "a\xff" "b"), "INVALID_UTF8 request_id");
  // facets (4) { county (7) }
  EXPECT_EQ(Reason("\x22\x04\x3a\x02\xc3\x28"), "INVALID_UTF8 facets.county");
  EXPECT_EQ(Reason("\x0b"), "INVALID_MESSAGE");          // a group that never ends
  EXPECT_EQ(Reason("\x0c"), "INVALID_MESSAGE");          // an end without a group
  EXPECT_EQ(Reason("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "INVALID_MESSAGE");
  EXPECT_EQ(Reason(std::string_view("\x00", 1)), "INVALID_MESSAGE");
  // Unknown fields parse; the validator refuses them.
  EXPECT_EQ(Reason("\xf8\x07\x01"), "OK");
}

}  // namespace
}  // namespace fairlead::rpc
