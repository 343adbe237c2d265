#include "services/identity/domain/passkey.h"

#include <algorithm>

#include "services/common/base/encoding.h"

namespace fairlead::identity {
namespace {

tl::unexpected<Error> NeedsAName() {
  return Fail(Code::kFailedPrecondition, "PASSKEYS_NEED_A_NAME",
              "Passkeys need a hub with a name: set public_url to https:// and a host name, or "
              "open the hub as http://localhost with its port.");
}

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

// The last label of a name has a letter; that of an IPv4 address, however written, has none but
// those of a hexadecimal number ("0x7f.1"), which no top-level domain begins with.
bool IsName(std::string_view host) {
  if (host.empty() || host.size() > 253 || host.front() == '.' || host.back() == '.') return false;
  if (!std::all_of(host.begin(), host.end(), IsNameCharacter)) return false;
  const size_t dot = host.rfind('.');
  const std::string_view last = dot == std::string_view::npos ? host : host.substr(dot + 1);
  return !last.empty() && last.front() >= 'a' && last.front() <= 'z';
}

bool IsPort(std::string_view text) {
  return !text.empty() && text.size() <= 5 && text.front() != '0' &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<RelyingParty> RelyingPartyOf(std::string_view public_url) {
  const bool https = public_url.starts_with("https://");
  if (!https && !public_url.starts_with("http://")) return NeedsAName();
  std::string_view authority = public_url.substr(https ? 8 : 7);
  authority = authority.substr(0, authority.find('/'));
  std::string lower(authority);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const size_t colon = lower.find(':');
  const std::string host = lower.substr(0, colon);
  std::string port = colon == std::string::npos ? "" : lower.substr(colon + 1);
  if (!IsName(host) || (colon != std::string::npos && !IsPort(port))) return NeedsAName();
  if (!https && host != "localhost" && !host.ends_with(".localhost")) return NeedsAName();
  // An origin leaves out its scheme's own port (RFC 6454, section 6.2).
  if (port == (https ? "443" : "80")) port.clear();
  RelyingParty party;
  party.id = host;
  party.origin = (https ? "https://" : "http://") + host + (port.empty() ? "" : ":" + port);
  return party;
}

std::string AaguidText(std::string_view aaguid) {
  const std::string hex = HexEncode(aaguid);
  if (hex.size() != 32) return "00000000-0000-0000-0000-000000000000";
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20);
}

}  // namespace fairlead::identity
