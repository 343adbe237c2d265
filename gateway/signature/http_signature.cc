#include "gateway/signature/http_signature.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "services/common/base/encoding.h"

namespace fairlead::gateway {
namespace {

constexpr std::string_view kAlgorithm = "ecdsa-p256-sha256";
constexpr std::array<std::string_view, 5> kComponents = {"@method", "@authority", "@path", "@query",
                                                         "content-digest"};
constexpr size_t kMaxHeaderBytes = 1024;
constexpr size_t kMaxLabel = 32;
constexpr size_t kSignatureBytes = 64;
constexpr size_t kKeyIdLength = 43;  // SHA-256 in base64url
constexpr size_t kMinNonce = 16;
constexpr size_t kMaxNonce = 64;

tl::unexpected<Error> Invalid(std::string_view check) {
  return Fail(Code::kUnauthenticated, "SIGNATURE_INVALID",
              "The request's signature is not acceptable.", {{"check", std::string(check)}});
}

bool IsAlnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
// RFC 8941, section 3.1.2.
bool IsKeyStart(char c) { return (c >= 'a' && c <= 'z') || c == '*'; }
bool IsKey(char c) {
  return IsKeyStart(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

// Takes a structured field (RFC 8941) apart from its front. Canonical form only: no white space but
// the one between the items of a list, so that what was sent is what is signed.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool Take(std::string_view literal) {
    if (!rest_.starts_with(literal)) return false;
    rest_.remove_prefix(literal.size());
    return true;
  }
  // "" when there is none.
  std::string_view Key() {
    size_t size = 0;
    while (size < rest_.size() && (size == 0 ? IsKeyStart(rest_[0]) : IsKey(rest_[size]))) ++size;
    return Cut(size <= kMaxLabel ? size : 0);
  }
  // What stands between `open` and the next `close`, which is taken as well.
  std::optional<std::string_view> Between(std::string_view open, char close) {
    if (!Take(open)) return std::nullopt;
    const size_t end = rest_.find(close);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view inside = Cut(end);
    rest_.remove_prefix(1);
    return inside;
  }
  // Up to fifteen digits, as the standard has it; no sign, no leading zero.
  std::optional<int64_t> Integer() {
    size_t size = 0;
    while (size < rest_.size() && rest_[size] >= '0' && rest_[size] <= '9') ++size;
    if (size == 0 || size > 15 || rest_[0] == '0') return std::nullopt;
    const std::string_view digits = Cut(size);
    int64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  }
  bool AtEnd() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view Cut(size_t size) {
    const std::string_view cut = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return cut;
  }
  std::string_view rest_;
};

bool IsTokenOf(std::string_view text, std::string_view besides) {
  return std::ranges::all_of(text, [besides](char c) {
    return IsAlnum(c) || besides.find(c) != std::string_view::npos;
  });
}

Result<std::vector<std::string>> ReadComponents(Reader& reader) {
  if (!reader.Take("(")) return Invalid("syntax");
  std::vector<std::string> components;
  while (!reader.Take(")")) {
    if (!components.empty() && !reader.Take(" ")) return Invalid("components");
    const auto name = reader.Between("\"", '"');
    if (!name || std::ranges::find(kComponents, *name) == kComponents.end() ||
        std::ranges::find(components, *name) != components.end()) {
      return Invalid("components");
    }
    components.emplace_back(*name);
  }
  if (components.size() != kComponents.size()) return Invalid("components");
  return components;
}

Result<void> ReadParameter(Reader& reader, std::string_view name, HttpSignature& signature) {
  if (name == "created" || name == "expires") {
    const std::optional<int64_t> seconds = reader.Integer();
    if (!seconds) return Invalid(name);
    (name == "created" ? signature.created_s : signature.expires_s) = *seconds;
    return {};
  }
  const auto text = reader.Between("\"", '"');
  if (name == "nonce" && text && text->size() >= kMinNonce && text->size() <= kMaxNonce &&
      IsTokenOf(*text, "+/=-_")) {
    signature.nonce = *text;
  } else if (name == "keyid" && text && text->size() == kKeyIdLength && IsTokenOf(*text, "-_")) {
    signature.key_id = *text;
  } else if (name != "alg" || text != kAlgorithm) {
    const bool known = name == "nonce" || name == "keyid" || name == "alg";
    return Invalid(known ? name : "syntax");
  }
  return {};
}

Result<void> ReadParameters(Reader& reader, HttpSignature& signature) {
  std::set<std::string_view> seen;
  while (reader.Take(";")) {
    const std::string_view name = reader.Key();
    if (!reader.Take("=") || !seen.insert(name).second) return Invalid("syntax");
    FAIRLEAD_RETURN_IF_ERROR(ReadParameter(reader, name, signature));
  }
  for (const std::string_view needed : {"created", "nonce", "keyid", "alg"}) {
    if (!seen.contains(needed)) return Invalid(needed);
  }
  return {};
}

// What follows a dictionary's first member: nothing, or another signature.
Result<void> ExpectEnd(const Reader& reader) {
  if (reader.AtEnd()) return {};
  return Invalid(reader.rest().find(',') == std::string_view::npos ? "syntax" : "one_signature");
}

std::string Digest(std::string_view body) {
  return "sha-256=:" + Base64Encode(Sha256(body)) + ":";
}

std::string ValueOf(std::string_view component, const SignedParts& parts,
                    std::string_view content_digest) {
  if (component == "@method") return parts.method;
  if (component == "@authority") return parts.authority;
  if (component == "@path") return parts.path;
  if (component == "@query") return "?" + parts.query;
  return std::string(content_digest);
}

}  // namespace

Result<HttpSignature> ParseHttpSignature(std::string_view signature_input,
                                         std::string_view signature) {
  if (signature_input.empty() || signature.empty()) return Invalid("missing");
  if (signature_input.size() > kMaxHeaderBytes || signature.size() > kMaxHeaderBytes) {
    return Invalid("syntax");
  }
  HttpSignature read;
  Reader input(signature_input);
  const std::string_view label = input.Key();
  if (label.empty() || !input.Take("=")) return Invalid("syntax");
  const std::string_view from_here = input.rest();
  FAIRLEAD_ASSIGN(read.components, ReadComponents(input));
  FAIRLEAD_RETURN_IF_ERROR(ReadParameters(input, read));
  read.parameters = from_here.substr(0, from_here.size() - input.rest().size());
  FAIRLEAD_RETURN_IF_ERROR(ExpectEnd(input));

  Reader value(signature);
  const std::string_view value_label = value.Key();
  const auto encoded = value.Between("=:", ':');
  if (value_label.empty() || !encoded) return Invalid("syntax");
  FAIRLEAD_RETURN_IF_ERROR(ExpectEnd(value));
  if (value_label != label) return Invalid("label");
  read.value = Base64Decode(*encoded).value_or("");
  if (read.value.size() != kSignatureBytes) return Invalid("value");
  return read;
}

Result<void> CheckContentDigest(std::string_view content_digest, std::string_view body) {
  // Compared whole: there is one way to write it.
  if (content_digest != Digest(body)) return Invalid("content_digest");
  return {};
}

std::string SignatureBase(const SignedParts& parts, std::string_view content_digest,
                          const HttpSignature& signature) {
  std::string base;
  for (const std::string& component : signature.components) {
    base += '"' + component + "\": " + ValueOf(component, parts, content_digest) + '\n';
  }
  base += "\"@signature-params\": " + signature.parameters;
  return base;
}

std::string NormalAuthority(std::string_view host, bool is_https) {
  const std::string_view port = is_https ? ":443" : ":80";
  if (host.ends_with(port)) host.remove_suffix(port.size());
  std::string authority(host);
  for (char& c : authority) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return authority;
}

Result<SignatureHeaders> SignHttpMessage(const SignedParts& parts, std::string_view body,
                                         const seal::PrivateKey& key, int64_t created_s,
                                         const std::string& nonce) {
  HttpSignature signature;
  std::string listed;
  for (const std::string_view component : kComponents) {
    signature.components.emplace_back(component);
    listed += (listed.empty() ? "\"" : " \"") + std::string(component) + '"';
  }
  signature.parameters = "(" + listed + ");created=" + std::to_string(created_s) + ";nonce=\"" +
                         nonce + "\";keyid=\"" + key.public_key.kid + "\";alg=\"" +
                         std::string(kAlgorithm) + "\"";
  SignatureHeaders headers;
  headers.content_digest = Digest(body);
  FAIRLEAD_ASSIGN(
      const std::string value,
      seal::SignBytes(key, SignatureBase(parts, headers.content_digest, signature)));
  headers.signature_input = "sig=" + signature.parameters;
  headers.signature = "sig=:" + Base64Encode(value) + ":";
  return headers;
}

}  // namespace fairlead::gateway
