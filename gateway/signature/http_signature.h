// HTTP Message Signatures (RFC 9421) as machine clients use them, in one strict profile:
//
//   Content-Digest:  sha-256=:<base64 of the body's SHA-256>:              (RFC 9530)
//   Signature-Input: sig=("@method" "@authority" "@path" "@query" "content-digest");
//                    created=1700000000;nonce="…";keyid="<thumbprint>";alg="ecdsa-p256-sha256"
//   Signature:       sig=:<base64 of r and s>:                             (section 3.3.4)
//
// Exactly these five components, in any order; exactly one signature, under any label; created,
// nonce, keyid and alg, once each in any order, and expires if one likes. Nothing is negotiated. A
// request without a body, or without a query, signs the digest of nothing, or "?" (section 2.2.7).
//
//   auto signature = ParseHttpSignature(signature_input_header, signature_header);
//   FAIRLEAD_RETURN_IF_ERROR(CheckContentDigest(content_digest_header, body));
//   std::string base = SignatureBase(message, content_digest_header, *signature);
//   // … who has the key signature->key_id, and does signature->value fit base?
#ifndef GATEWAY_SIGNATURE_HTTP_SIGNATURE_H_
#define GATEWAY_SIGNATURE_HTTP_SIGNATURE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/seal/seal.h"

namespace fairlead::gateway {

// What of a request is signed, besides the digest of its body.
struct SignedParts {
  std::string method;     // "POST"
  std::string authority;  // NormalAuthority: "hub.example.org"
  std::string path;       // as sent: "/package.Service/Method"
  std::string query;      // as sent, without '?'; empty: none
};

struct HttpSignature {
  std::vector<std::string> components;  // in the order signed: "@method"
  std::string parameters;               // the inner list with its parameters, as sent
  std::string key_id;                   // 43 characters of base64url
  int64_t created_s = 0;                // seconds since the Unix epoch
  int64_t expires_s = 0;                // 0: not said
  std::string nonce;                    // 16 to 64 of A-Z a-z 0-9 + / = - _
  std::string value;                    // 64 bytes
};

// Error: UNAUTHENTICATED SIGNATURE_INVALID with metadata check: "missing" (one of the headers),
// "syntax", "one_signature", "label", "components", "created", "expires", "nonce", "keyid", "alg",
// "value".
Result<HttpSignature> ParseHttpSignature(std::string_view signature_input,
                                         std::string_view signature);

// Error: UNAUTHENTICATED SIGNATURE_INVALID with metadata check "content_digest": missing, another
// form or algorithm than sha-256, or of another body.
Result<void> CheckContentDigest(std::string_view content_digest, std::string_view body);

// Section 2.5: the bytes that are signed.
std::string SignatureBase(const SignedParts& parts, std::string_view content_digest,
                          const HttpSignature& signature);

// Section 2.2.3: lower case, without the scheme's own port. `host`: as in the header Host.
std::string NormalAuthority(std::string_view host, bool is_https);

// The headers' values for a request of one's own.
struct SignatureHeaders {
  std::string content_digest;
  std::string signature_input;
  std::string signature;
};
// `nonce`: 22 characters or more, never used before. Errors: those of seal::SignBytes.
Result<SignatureHeaders> SignHttpMessage(const SignedParts& parts, std::string_view body,
                                         const seal::PrivateKey& key, int64_t created_s,
                                         const std::string& nonce);

}  // namespace fairlead::gateway

#endif  // GATEWAY_SIGNATURE_HTTP_SIGNATURE_H_
