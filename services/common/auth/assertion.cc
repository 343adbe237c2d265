#include "services/common/auth/assertion.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <deque>
#include <mutex>
#include <unordered_map>

#include "services/common/auth/ed25519.h"
#include "services/common/base/encoding.h"
#include "services/common/base/random.h"
#include "services/common/base/strict_json.h"

namespace fairlead::auth {
namespace {

constexpr std::string_view kIssuer = "fairlead-hub";
constexpr std::string_view kAudience = "fairlead";
constexpr size_t kMaxRemembered = 4096;
constexpr size_t kMaxNetworkBytes = 64;  // the longest is 43: an IPv6 address and its /64

std::string HeaderJson(const std::string& kid) {
  return R"({"alg":"EdDSA","typ":"fairlead-actor+jwt","kid":")" + kid + R"("})";
}

std::string_view KindName(ActorKind kind) {
  switch (kind) {
    case ActorKind::kAnonymous:
      return "anonymous";
    case ActorKind::kStaff:
      return "staff";
    case ActorKind::kService:
      return "service";
    case ActorKind::kMachine:
      return "machine";
  }
  return "";
}

std::optional<ActorKind> KindFromName(std::string_view name) {
  for (const ActorKind kind :
       {ActorKind::kAnonymous, ActorKind::kStaff, ActorKind::kService, ActorKind::kMachine}) {
    if (KindName(kind) == name) return kind;
  }
  return std::nullopt;
}

// The claims about the caller; the same text for the same caller, so that it also serves as key
// of the signer's memory.
boost::json::object CallerClaims(const Actor& actor, std::string_view calling_service) {
  boost::json::object claims;
  claims["knd"] = KindName(actor.kind);
  claims["sub"] = actor.staff_id;
  claims["agy"] = actor.agency_id;
  claims["agk"] = static_cast<int64_t>(actor.agency_kind);
  claims["mem"] = static_cast<int64_t>(actor.membership);
  boost::json::array roles;
  for (const Role role : actor.roles) roles.push_back(static_cast<int64_t>(role));
  claims["rol"] = std::move(roles);
  claims["sid"] = actor.session_id;
  claims["asr"] = actor.assurance;
  if (!calling_service.empty()) claims["svc"] = calling_service;
  if (!actor.network.empty()) claims["net"] = actor.network;
  return claims;
}

// Remembers up to kMaxRemembered values; the oldest goes first. Not thread-safe. Looked up by the
// whole text and its hash: quicker than a digest of it, and as sure. Only what we have signed or
// verified gets in, so nobody can fill one bucket on purpose.
template <class V>
class Memory {
 public:
  const V* Find(std::string_view key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? nullptr : &found->second;
  }
  void Put(std::string key, V value) {
    const auto [at, fresh] = values_.insert_or_assign(std::move(key), std::move(value));
    if (!fresh) return;
    order_.push_back(&at->first);
    if (order_.size() <= kMaxRemembered) return;
    values_.erase(*order_.front());
    order_.pop_front();
  }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::string, V, Hash, std::equal_to<>> values_;
  std::deque<const std::string*> order_;  // keys of values_, which stay where they are
};

class Signer final : public AssertionSigner {
 public:
  Signer(Ed25519Key key, const Clock& clock)
      : key_(std::move(key)),
        header_(Base64UrlEncode(HeaderJson(key_.Thumbprint()))),
        clock_(clock) {}

  std::string Sign(const Actor& actor, std::string_view calling_service) const override {
    if (actor.kind == ActorKind::kService) calling_service = actor.staff_id;
    boost::json::object claims = CallerClaims(actor, calling_service);
    const std::string caller = boost::json::serialize(claims);
    const int64_t now_s = clock_.NowMs() / 1000;
    {
      const std::lock_guard lock(mutex_);
      const Signed* before = signed_.Find(caller);
      // The upper bound also serves a clock that was set back.
      if (before && now_s >= before->issued_s && now_s - before->issued_s < kAssertionReuseS) {
        return before->assertion;
      }
    }
    claims["iss"] = kIssuer;
    claims["aud"] = kAudience;
    claims["iat"] = now_s;
    claims["exp"] = now_s + kAssertionLifetimeS;
    claims["jti"] = Base64UrlEncode(SystemRandom().Bytes(16));
    std::string assertion = header_ + "." + Base64UrlEncode(boost::json::serialize(claims));
    assertion += "." + Base64UrlEncode(key_.Sign(assertion));
    const std::lock_guard lock(mutex_);
    signed_.Put(caller, {assertion, now_s});
    return assertion;
  }

  std::string DeriveKey(std::string_view label) const override { return key_.Derive(label); }
  std::string PublicJwk() const override { return key_.PublicJwk(); }

 private:
  struct Signed {
    std::string assertion;
    int64_t issued_s = 0;
  };
  const Ed25519Key key_;
  const std::string header_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  mutable Memory<Signed> signed_;
};

tl::unexpected<Error> Invalid() {
  // One answer whatever was wrong: a forger learns nothing from it.
  return Fail(Code::kUnauthenticated, "ACTOR_ASSERTION_INVALID",
              "The actor assertion is not valid.");
}

// Reads claims one after another; `ok()` is false once any is missing or of another type.
class ClaimReader {
 public:
  explicit ClaimReader(const boost::json::object& claims) : claims_(claims) {}

  std::string Text(std::string_view name) {
    const boost::json::value* value = Take(name);
    if (value && value->is_string()) return std::string(value->as_string());
    ok_ = false;
    return {};
  }
  int64_t Int(std::string_view name, int64_t least, int64_t most) {
    const boost::json::value* value = Take(name);
    if (value && value->is_int64() && value->as_int64() >= least && value->as_int64() <= most) {
      return value->as_int64();
    }
    ok_ = false;
    return 0;
  }
  std::set<Role> Roles(std::string_view name) {
    std::set<Role> roles;
    const boost::json::value* value = Take(name);
    ok_ = ok_ && value && value->is_array();
    if (!ok_) return roles;
    for (const boost::json::value& role : value->as_array()) {
      ok_ = ok_ && role.is_int64() && role.as_int64() >= static_cast<int64_t>(Role::kCaseworker) &&
            role.as_int64() <= static_cast<int64_t>(Role::kIntegration);
      if (!ok_) return roles;
      roles.insert(static_cast<Role>(role.as_int64()));
    }
    ok_ = roles.size() == value->as_array().size();  // none twice
    return roles;
  }
  bool Has(std::string_view name) const { return claims_.contains(name); }
  void Refuse() { ok_ = false; }
  // Nothing missing, nothing of a wrong type, nothing that we did not ask for.
  bool ok() const { return ok_ && taken_ == claims_.size(); }

 private:
  const boost::json::value* Take(std::string_view name) {
    ++taken_;
    return claims_.if_contains(name);
  }
  const boost::json::object& claims_;
  size_t taken_ = 0;
  bool ok_ = true;
};

struct Claims {
  VerifiedCaller caller;
  int64_t issued_s = 0;
  int64_t expires_s = 0;
};

std::optional<Claims> ReadClaims(std::string_view text) {
  const Result<boost::json::value> parsed = ParseStrictJson(text, kMaxAssertionBytes, 3);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  ClaimReader reader(parsed->as_object());
  if (reader.Text("iss") != kIssuer || reader.Text("aud") != kAudience) reader.Refuse();
  if (reader.Text("jti").empty()) reader.Refuse();
  Claims claims;
  constexpr int64_t kFarS = int64_t{1} << 40;
  claims.issued_s = reader.Int("iat", 0, kFarS);
  claims.expires_s = reader.Int("exp", 0, kFarS);
  Actor& actor = claims.caller.actor;
  const std::optional<ActorKind> kind = KindFromName(reader.Text("knd"));
  if (!kind) reader.Refuse();
  actor.kind = kind.value_or(ActorKind::kAnonymous);
  actor.staff_id = reader.Text("sub");
  actor.agency_id = reader.Text("agy");
  actor.agency_kind =
      static_cast<AgencyKind>(reader.Int("agk", 0, static_cast<int64_t>(AgencyKind::kOther)));
  actor.membership =
      static_cast<Membership>(reader.Int("mem", 0, static_cast<int64_t>(Membership::kDeparted)));
  actor.roles = reader.Roles("rol");
  actor.session_id = reader.Text("sid");
  actor.assurance = static_cast<int>(reader.Int("asr", 0, 3));
  if (reader.Has("svc")) {
    claims.caller.calling_service = reader.Text("svc");
    if (claims.caller.calling_service.empty()) reader.Refuse();
  }
  if (reader.Has("net")) {
    actor.network = reader.Text("net");
    if (actor.network.empty() || actor.network.size() > kMaxNetworkBytes) reader.Refuse();
  }
  // A service acting for itself says its name, and no other.
  if (actor.kind == ActorKind::kService && claims.caller.calling_service != actor.staff_id) {
    reader.Refuse();
  }
  if (actor.kind != ActorKind::kAnonymous && actor.staff_id.empty()) reader.Refuse();
  if (!reader.ok() || claims.expires_s <= claims.issued_s ||
      claims.expires_s - claims.issued_s > kAssertionLifetimeS) {
    return std::nullopt;
  }
  return claims;
}

class Verifier final : public AssertionVerifier {
 public:
  Verifier(Ed25519Key key, const Clock& clock)
      : key_(std::move(key)), header_(HeaderJson(key_.Thumbprint())), clock_(clock) {}

  Result<VerifiedCaller> Verify(std::string_view assertion) override {
    if (assertion.empty()) {
      return Fail(Code::kUnauthenticated, "ACTOR_ASSERTION_MISSING", "Who is calling?");
    }
    if (assertion.size() > kMaxAssertionBytes) return Invalid();
    {
      const std::lock_guard lock(mutex_);
      if (const Claims* known = verified_.Find(assertion)) return CheckTime(*known);
    }
    std::optional<Claims> claims = VerifyAfresh(assertion);
    if (!claims) return Invalid();
    Result<VerifiedCaller> caller = CheckTime(*claims);
    if (!caller) return caller;
    const std::lock_guard lock(mutex_);
    verified_.Put(std::string(assertion), std::move(*claims));
    return caller;
  }

 private:
  std::optional<Claims> VerifyAfresh(std::string_view assertion) const {
    const size_t first = assertion.find('.');
    const size_t last = assertion.rfind('.');
    if (first == std::string_view::npos || first == last) return std::nullopt;
    const std::optional<std::string> header = Base64UrlDecode(assertion.substr(0, first));
    // Compared whole: there is one header that our signer writes, so nothing in it is negotiable.
    if (!header || *header != header_) return std::nullopt;
    const std::optional<std::string> signature = Base64UrlDecode(assertion.substr(last + 1));
    if (!signature || !key_.Verify(assertion.substr(0, last), *signature)) return std::nullopt;
    const std::optional<std::string> payload =
        Base64UrlDecode(assertion.substr(first + 1, last - first - 1));
    if (!payload) return std::nullopt;
    return ReadClaims(*payload);
  }

  Result<VerifiedCaller> CheckTime(const Claims& claims) const {
    const int64_t now_s = clock_.NowMs() / 1000;
    if (now_s >= claims.expires_s + kAssertionSkewS) {
      return Fail(Code::kUnauthenticated, "ACTOR_ASSERTION_EXPIRED",
                  "The actor assertion has expired.");
    }
    if (claims.issued_s > now_s + kAssertionSkewS) return Invalid();
    return claims.caller;
  }

  const Ed25519Key key_;
  const std::string header_;
  const Clock& clock_;
  std::mutex mutex_;
  Memory<Claims> verified_;
};

}  // namespace

Result<std::unique_ptr<AssertionSigner>> OpenAssertionSigner(const std::string& key_path,
                                                             const Clock& clock) {
  Result<Ed25519Key> key = OpenKeyFile(key_path);
  if (!key) return Fail(std::move(key.error()));
  return std::make_unique<Signer>(std::move(*key), clock);
}

Result<std::unique_ptr<AssertionVerifier>> MakeAssertionVerifier(std::string_view public_jwk,
                                                                 const Clock& clock) {
  Result<Ed25519Key> key = Ed25519Key::FromJwk(public_jwk);
  if (!key) return Fail(std::move(key.error()));
  return std::make_unique<Verifier>(std::move(*key), clock);
}

}  // namespace fairlead::auth
