// What comes from outside into the pipeline before a method sees it. The first byte says where:
// a request of some method, an actor assertion or its claims, a page token, an error of another
// server.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fairlead/consent/v1/consent.pb.h"
#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/identity/v1/identity.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "services/common/auth/assertion.h"
#include "services/common/auth/ed25519.h"
#include "services/common/base/check.h"
#include "services/common/base/encoding.h"
#include "services/common/rpc/error_detail.h"
#include "services/common/rpc/page_token.h"
#include "services/common/rpc/parse.h"
#include "services/common/rpc/validate.h"

namespace fairlead::rpc {
namespace {

template <class Request>
void ParseAndValidate(std::string_view bytes) {
  Request request;
  const Result<void> parsed = Parse(bytes, request);
  if (!parsed) {
    FAIRLEAD_CHECK(parsed.error().code == Code::kInvalidArgument);
    return;
  }
  const Result<void> valid = Validate(request);
  if (!valid) {
    FAIRLEAD_CHECK(valid.error().code == Code::kInvalidArgument && !valid.error().reason.empty());
    return;
  }
  // What is valid stays so on the way to another process.
  Request again;
  FAIRLEAD_CHECK(Parse(request.SerializeAsString(), again).has_value());
  FAIRLEAD_CHECK(Validate(again).has_value());
  ClearSecrets(again);
}

// The key of RFC 8037, appendix A: whoever reads a finding can sign with it too.
const auth::Ed25519Key& Key() {
  static const auth::Ed25519Key key = *auth::Ed25519Key::FromJwk(
      R"({"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",)"
      R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
  return key;
}

void VerifyAssertion(std::string_view text) {
  static FakeClock clock;
  static const auto verifier = *auth::MakeAssertionVerifier(Key().PublicJwk(), clock);
  const Result<auth::VerifiedCaller> caller = verifier->Verify(text);
  if (!caller) FAIRLEAD_CHECK(caller.error().code == Code::kUnauthenticated);
}

// Random bytes never get past the signature: so the fuzzer writes what is signed.
void VerifyClaims(std::string_view claims) {
  static const std::string header = Base64UrlEncode(
      R"({"alg":"EdDSA","typ":"fairlead-actor+jwt","kid":")" + Key().Thumbprint() + R"("})");
  const std::string text = header + "." + Base64UrlEncode(claims);
  VerifyAssertion(text + "." + Base64UrlEncode(Key().Sign(text)));
}

void DecodeToken(std::string_view text) {
  static const PageTokens tokens(std::string(32, 'k'));
  const Result<std::vector<std::string>> position = tokens.Decode("query", text);
  if (position) FAIRLEAD_CHECK(tokens.Encode("query", *position) == text);
}

void DecodeError(std::string_view bytes) {
  const Error status = DecodeErrorStatus(Code::kAborted, "m", bytes);
  FAIRLEAD_CHECK(!status.reason.empty() && status.code == Code::kAborted);
  const Error info = DecodeErrorInfo(Code::kAborted, "m", bytes);
  FAIRLEAD_CHECK(DecodeErrorInfo(Code::kAborted, "m", EncodeErrorInfo(info)) == info);
}

void Feed(std::string_view input) {
  if (input.empty()) return;
  const char where = input[0];
  input.remove_prefix(1);
  switch (where) {
    case 'S': return ParseAndValidate<referral::v1::SendReferralRequest>(input);
    case 'R': return ParseAndValidate<consent::v1::CreateReleaseRequest>(input);
    case 'G': return ParseAndValidate<consent::v1::SignReleaseRequest>(input);
    case 'I': return ParseAndValidate<directory::v1::ImportListingsRequest>(input);
    case 'C': return ParseAndValidate<identity::v1::AcceptInvitationRequest>(input);
    case 'A': return VerifyAssertion(input);
    case 'B': return VerifyClaims(input);
    case 'P': return DecodeToken(input);
    case 'E': return DecodeError(input);
    default: return;
  }
}

}  // namespace
}  // namespace fairlead::rpc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fairlead::rpc::Feed({reinterpret_cast<const char*>(data), size});
  return 0;
}
