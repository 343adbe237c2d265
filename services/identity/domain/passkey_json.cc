#include "services/identity/domain/passkey_json.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <utility>

#include "services/common/base/encoding.h"
#include "services/common/base/strict_json.h"

namespace fairlead::identity {
namespace {

namespace json = boost::json;

constexpr size_t kMaxJsonBytes = 16 * 1024;
// {"clientExtensionResults":{"prf":{"results":{…}}}} and room for what is to come.
constexpr size_t kMaxJsonDepth = 8;
constexpr size_t kMaxClientDataBytes = 4096;

// The text of a member; nullopt when there is none or it is no text.
std::optional<std::string_view> Text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string_view(value->get_string());
}

std::optional<std::string> Bytes(const json::object& object, std::string_view name) {
  const std::optional<std::string_view> text = Text(object, name);
  return text ? Base64UrlDecode(*text) : std::nullopt;
}

// The credential's own members and, beside them, `response`. Fills in the credential's id.
Result<json::object> ReadCredential(std::string_view text, std::string* credential_id) {
  const Result<json::value> value = ParseStrictJson(text, kMaxJsonBytes, kMaxJsonDepth);
  if (!value || !value->is_object()) return PasskeyInvalid("json");
  const json::object& credential = value->get_object();
  const std::optional<std::string> id = Bytes(credential, "rawId");
  const json::value* response = credential.if_contains("response");
  if (Text(credential, "type") != "public-key" || !id || response == nullptr ||
      !response->is_object() || Text(credential, "id") != Text(credential, "rawId")) {
    return PasskeyInvalid("json");
  }
  if (id->empty() || id->size() > kMaxCredentialIdBytes) return PasskeyInvalid("json");
  *credential_id = *id;
  return json::object(response->get_object(), {});
}

// Kept out of line: knowing the size, g++ 12 warns of a short string's copy that cannot happen.
[[gnu::noinline]] bool IsChallenge(const std::string& bytes) {
  return bytes.size() == kChallengeBytes;
}

json::array Algorithms() {
  json::array algorithms;
  for (const PasskeyAlgorithm algorithm :
       {PasskeyAlgorithm::kEs256, PasskeyAlgorithm::kEdDsa, PasskeyAlgorithm::kRs256}) {
    algorithms.push_back(
        json::object{{"type", "public-key"}, {"alg", static_cast<int>(algorithm)}});
  }
  return algorithms;
}

}  // namespace

tl::unexpected<Error> PasskeyInvalid(const char* check) {
  return Fail(Code::kInvalidArgument, "PASSKEY_INVALID",
              "What the authenticator answered does not hold.", {{"check", check}});
}

std::string CreationOptionsJson(const RelyingParty& party, const PasskeyPerson& person,
                                std::string_view challenge) {
  json::array excluded;
  for (const std::string& id : person.credential_ids) {
    excluded.push_back(json::object{{"type", "public-key"}, {"id", Base64UrlEncode(id)}});
  }
  const json::object options{
      {"rp", json::object{{"id", party.id}, {"name", "Fairlead"}}},
      {"user", json::object{{"id", Base64UrlEncode(person.user_handle)},
                            {"name", person.name},
                            {"displayName", person.display_name}}},
      {"challenge", Base64UrlEncode(challenge)},
      {"pubKeyCredParams", Algorithms()},
      {"timeout", kChallengeLifetimeMs},
      {"excludeCredentials", std::move(excluded)},
      {"authenticatorSelection", json::object{{"residentKey", "required"},
                                              {"requireResidentKey", true},
                                              {"userVerification", "required"}}},
      {"attestation", "none"},
  };
  return json::serialize(options);
}

std::string RequestOptionsJson(const RelyingParty& party, std::string_view challenge) {
  const json::object options{
      {"challenge", Base64UrlEncode(challenge)},
      {"timeout", kChallengeLifetimeMs},
      {"rpId", party.id},
      {"allowCredentials", json::array()},
      {"userVerification", "required"},
  };
  return json::serialize(options);
}

Result<RegistrationAnswer> ReadRegistration(std::string_view text) {
  RegistrationAnswer answer;
  FAIRLEAD_ASSIGN(const json::object response, ReadCredential(text, &answer.credential_id));
  std::optional<std::string> client_data = Bytes(response, "clientDataJSON");
  std::optional<std::string> attestation = Bytes(response, "attestationObject");
  if (!client_data || !attestation || attestation->empty()) return PasskeyInvalid("json");
  answer.client_data = std::move(*client_data);
  answer.attestation_object = std::move(*attestation);
  return answer;
}

Result<AssertionAnswer> ReadAssertion(std::string_view text) {
  AssertionAnswer answer;
  FAIRLEAD_ASSIGN(const json::object response, ReadCredential(text, &answer.credential_id));
  std::optional<std::string> client_data = Bytes(response, "clientDataJSON");
  std::optional<std::string> data = Bytes(response, "authenticatorData");
  std::optional<std::string> signature = Bytes(response, "signature");
  // A discoverable credential always says whose it is (section 7.2, step 6).
  std::optional<std::string> handle = Bytes(response, "userHandle");
  if (!client_data || !data || data->empty() || !signature || signature->empty() || !handle) {
    return PasskeyInvalid("json");
  }
  answer.client_data = std::move(*client_data);
  answer.authenticator_data = std::move(*data);
  answer.signature = std::move(*signature);
  answer.user_handle = std::move(*handle);
  return answer;
}

Result<std::string> CheckClientData(std::string_view client_data, Ceremony ceremony,
                                    const RelyingParty& party) {
  // Browsers add members now and then, so that nobody compares the text: those are passed over.
  const Result<json::value> value =
      ParseStrictJson(client_data, kMaxClientDataBytes, kMaxJsonDepth);
  if (!value || !value->is_object()) return PasskeyInvalid("json");
  const json::object& data = value->get_object();
  const std::string_view type = ceremony == Ceremony::kCreate ? "webauthn.create" : "webauthn.get";
  if (Text(data, "type") != type) return PasskeyInvalid("type");
  if (Text(data, "origin") != party.origin) return PasskeyInvalid("origin");
  const json::value* cross = data.if_contains("crossOrigin");
  if ((cross != nullptr && *cross != json::value(false)) || data.contains("topOrigin")) {
    return PasskeyInvalid("cross_origin");
  }
  std::string challenge = Bytes(data, "challenge").value_or("");
  if (!IsChallenge(challenge)) return PasskeyInvalid("challenge");
  return challenge;
}

}  // namespace fairlead::identity
