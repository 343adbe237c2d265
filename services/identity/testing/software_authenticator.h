// An authenticator in software, for tests: makes passkeys and signs with them as a browser and a
// security key together would, and lies on demand.
//
//   SoftwareAuthenticator key("localhost", "http://localhost:7420");
//   std::string answer = key.Register(begin.options_json());
//   std::string assertion = key.SignIn(begin_sign_in.options_json());
#ifndef SERVICES_IDENTITY_TESTING_SOFTWARE_AUTHENTICATOR_H_
#define SERVICES_IDENTITY_TESTING_SOFTWARE_AUTHENTICATOR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "services/identity/domain/passkey.h"

namespace fairlead::identity {

// What to say instead of the truth. Flags: WebAuthn Level 2, section 6.1.
struct Lie {
  std::optional<std::string> type = {};
  std::optional<std::string> challenge = {};  // bytes
  std::optional<std::string> origin = {};
  std::optional<bool> cross_origin = {};
  bool top_origin = false;
  std::optional<std::string> rp_id = {};
  std::optional<std::string> credential_id = {};        // bytes; in authenticator data and outside
  std::optional<std::string> outer_credential_id = {};  // bytes; outside only
  std::optional<std::string> user_handle = {};          // bytes
  std::optional<int64_t> counter = {};
  bool no_user_presence = false;
  bool no_user_verification = false;
  bool wrong_signature = false;
  bool key_off_curve = false;
  size_t cut_attestation_bytes = 0;  // from its end
};

class SoftwareAuthenticator {
 public:
  SoftwareAuthenticator(std::string rp_id, std::string origin,
                        PasskeyAlgorithm algorithm = PasskeyAlgorithm::kEs256);
  ~SoftwareAuthenticator();
  SoftwareAuthenticator(const SoftwareAuthenticator&) = delete;
  SoftwareAuthenticator& operator=(const SoftwareAuthenticator&) = delete;

  // Makes a new key and answers the options of Begin…Registration: the JSON for AddPasskey.
  std::string Register(std::string_view options_json, const Lie& lie = {});
  // Answers the options of BeginPasskeySignIn with the last key made. The counter goes up by one.
  std::string SignIn(std::string_view options_json, const Lie& lie = {});

  const std::string& credential_id() const { return credential_id_; }
  const std::string& user_handle() const { return user_handle_; }
  void set_counter(int64_t counter) { counter_ = counter; }
  bool counts = true;  // false: the counter stays 0
  bool backed_up = false;

 private:
  struct Key;
  std::string ClientData(std::string_view type, std::string_view options_json, const Lie& lie);
  std::string AuthenticatorData(uint8_t more_flags, const Lie& lie);

  const std::string rp_id_;
  const std::string origin_;
  const PasskeyAlgorithm algorithm_;
  std::unique_ptr<Key> key_;
  std::string credential_id_;
  std::string user_handle_;
  int64_t counter_ = 0;
};

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_TESTING_SOFTWARE_AUTHENTICATOR_H_
