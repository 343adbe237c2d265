#include "services/identity/fido_passkey_verifier.h"

#include <cbor.h>
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>

#include <mutex>
#include <optional>

#include "services/common/base/encoding.h"

namespace fairlead::identity {
namespace {

// Section 6.1: the head of authenticator data, and its flags.
constexpr size_t kRpIdHashBytes = 32;
constexpr uint8_t kUserPresent = 0x01;
constexpr uint8_t kUserVerified = 0x04;
constexpr uint8_t kBackedUp = 0x10;
// An attestation object is a map of these three (section 6.5.4).
constexpr size_t kAttestationMembers = 3;

template <class T, void (*Free)(T**)>
struct FidoDelete {
  void operator()(T* pointer) const { Free(&pointer); }
};
using Cred = std::unique_ptr<fido_cred_t, FidoDelete<fido_cred_t, fido_cred_free>>;
using Assert = std::unique_ptr<fido_assert_t, FidoDelete<fido_assert_t, fido_assert_free>>;
using Es256 = std::unique_ptr<es256_pk_t, FidoDelete<es256_pk_t, es256_pk_free>>;
using EdDsa = std::unique_ptr<eddsa_pk_t, FidoDelete<eddsa_pk_t, eddsa_pk_free>>;
using Rs256 = std::unique_ptr<rs256_pk_t, FidoDelete<rs256_pk_t, rs256_pk_free>>;

struct CborDelete {
  void operator()(cbor_item_t* item) const { cbor_decref(&item); }
};
using CborItem = std::unique_ptr<cbor_item_t, CborDelete>;

const unsigned char* Data(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
std::string Copy(const unsigned char* bytes, size_t size) {
  return bytes == nullptr ? "" : std::string(reinterpret_cast<const char*>(bytes), size);
}

// No list or map claims more members than there are bytes: else loading it would reserve memory
// for what cannot come.
bool ClaimsWhatItHolds(std::string_view bytes) {
  struct Walk {
    size_t limit;
    bool honest = true;
  } walk{bytes.size()};
  cbor_callbacks callbacks = cbor_empty_callbacks;
  callbacks.array_start = [](void* context, size_t size) {
    auto* seen = static_cast<Walk*>(context);
    seen->honest = seen->honest && size <= seen->limit;
  };
  callbacks.map_start = callbacks.array_start;
  while (walk.honest && !bytes.empty()) {
    const cbor_decoder_result step =
        cbor_stream_decode(Data(bytes), bytes.size(), &callbacks, &walk);
    if (step.status != CBOR_DECODER_FINISHED) return false;
    bytes.remove_prefix(step.read);
  }
  return walk.honest;
}

// The member "authData" of the attestation object; nullopt when it is not one.
std::optional<std::string> AuthenticatorData(std::string_view object) {
  if (!ClaimsWhatItHolds(object)) return std::nullopt;
  cbor_load_result loaded{};
  const CborItem item(cbor_load(Data(object), object.size(), &loaded));
  if (!item || loaded.read != object.size() || !cbor_isa_map(item.get()) ||
      !cbor_map_is_definite(item.get()) || cbor_map_size(item.get()) != kAttestationMembers) {
    return std::nullopt;
  }
  std::optional<std::string> found;
  const cbor_pair* pairs = cbor_map_handle(item.get());
  for (size_t i = 0; i < kAttestationMembers; ++i) {
    const cbor_item_t* key = pairs[i].key;
    const cbor_item_t* value = pairs[i].value;
    if (!cbor_isa_string(key) || !cbor_string_is_definite(key)) return std::nullopt;
    if (Copy(cbor_string_handle(key), cbor_string_length(key)) != "authData") continue;
    if (found || !cbor_isa_bytestring(value) || !cbor_bytestring_is_definite(value)) {
      return std::nullopt;
    }
    found = Copy(cbor_bytestring_handle(value), cbor_bytestring_length(value));
  }
  return found;
}

// Calls `use` with the key in libfido2's form; false when the bytes are no such key (a point off
// the curve, a length that is not right).
bool WithKey(PasskeyAlgorithm algorithm, std::string_view bytes, auto use) {
  switch (algorithm) {
    case PasskeyAlgorithm::kEs256: {
      const Es256 key(es256_pk_new());
      return key && bytes.size() == 64 &&
             es256_pk_from_ptr(key.get(), bytes.data(), bytes.size()) == FIDO_OK && use(key.get());
    }
    case PasskeyAlgorithm::kEdDsa: {
      const EdDsa key(eddsa_pk_new());
      return key && bytes.size() == 32 &&
             eddsa_pk_from_ptr(key.get(), bytes.data(), bytes.size()) == FIDO_OK && use(key.get());
    }
    case PasskeyAlgorithm::kRs256: {
      const Rs256 key(rs256_pk_new());
      return key && rs256_pk_from_ptr(key.get(), bytes.data(), bytes.size()) == FIDO_OK &&
             use(key.get());
    }
  }
  return false;
}

// The credential in authenticator data, if its key is of this algorithm.
Cred ParseCredential(PasskeyAlgorithm algorithm, std::string_view authenticator_data) {
  Cred cred(fido_cred_new());
  if (!cred || fido_cred_set_type(cred.get(), static_cast<int>(algorithm)) != FIDO_OK ||
      fido_cred_set_authdata_raw(cred.get(), Data(authenticator_data), authenticator_data.size()) !=
          FIDO_OK) {
    return nullptr;
  }
  return cred;
}

class FidoPasskeyVerifier final : public PasskeyVerifier {
 public:
  FidoPasskeyVerifier() {
    static std::once_flag once;
    std::call_once(once, [] { fido_init(0); });
  }

  Result<Passkey> ReadAttestation(const RelyingParty& party,
                                  const RegistrationAnswer& answer) const override {
    const std::optional<std::string> data = AuthenticatorData(answer.attestation_object);
    if (!data) return PasskeyInvalid("attestation");
    Passkey passkey;
    Cred cred;
    for (const PasskeyAlgorithm algorithm :
         {PasskeyAlgorithm::kEs256, PasskeyAlgorithm::kEdDsa, PasskeyAlgorithm::kRs256}) {
      passkey.algorithm = algorithm;
      cred = ParseCredential(algorithm, *data);
      if (cred) break;
    }
    if (!cred) return PasskeyInvalid("key");
    if (data->substr(0, kRpIdHashBytes) != Sha256(party.id)) return PasskeyInvalid("rp_id");
    const uint8_t flags = fido_cred_flags(cred.get());
    if ((flags & kUserPresent) == 0) return PasskeyInvalid("user_presence");
    if ((flags & kUserVerified) == 0) return PasskeyInvalid("user_verification");
    passkey.credential_id = Copy(fido_cred_id_ptr(cred.get()), fido_cred_id_len(cred.get()));
    if (passkey.credential_id != answer.credential_id) return PasskeyInvalid("credential_id");
    passkey.public_key = Copy(fido_cred_pubkey_ptr(cred.get()), fido_cred_pubkey_len(cred.get()));
    // A key that could never verify is refused now.
    if (!WithKey(passkey.algorithm, passkey.public_key, [](auto*) { return true; })) {
      return PasskeyInvalid("key");
    }
    passkey.counter = fido_cred_sigcount(cred.get());
    passkey.aaguid = Copy(fido_cred_aaguid_ptr(cred.get()), fido_cred_aaguid_len(cred.get()));
    passkey.backed_up = (flags & kBackedUp) != 0;
    return passkey;
  }

  Result<AssertionFacts> CheckAssertion(const RelyingParty& party, const Passkey& passkey,
                                        const AssertionAnswer& answer) const override {
    const Assert assertion(fido_assert_new());
    const std::string hash = Sha256(answer.client_data);
    fido_assert_t* it = assertion.get();
    if (it == nullptr || fido_assert_set_count(it, 1) != FIDO_OK ||
        fido_assert_set_rp(it, party.id.c_str()) != FIDO_OK ||
        fido_assert_set_clientdata_hash(it, Data(hash), hash.size()) != FIDO_OK ||
        fido_assert_set_up(it, FIDO_OPT_TRUE) != FIDO_OK ||
        fido_assert_set_uv(it, FIDO_OPT_TRUE) != FIDO_OK ||
        fido_assert_set_authdata_raw(it, 0, Data(answer.authenticator_data),
                                     answer.authenticator_data.size()) != FIDO_OK ||
        fido_assert_set_sig(it, 0, Data(answer.signature), answer.signature.size()) != FIDO_OK) {
      return PasskeyInvalid("assertion");
    }
    const bool holds = WithKey(passkey.algorithm, passkey.public_key, [&](auto* key) {
      return fido_assert_verify(it, 0, static_cast<int>(passkey.algorithm), key) == FIDO_OK;
    });
    if (!holds) return PasskeyInvalid("assertion");
    AssertionFacts facts;
    facts.counter = fido_assert_sigcount(it, 0);
    facts.backed_up = (fido_assert_flags(it, 0) & kBackedUp) != 0;
    return facts;
  }
};

}  // namespace

std::unique_ptr<PasskeyVerifier> MakeFidoPasskeyVerifier() {
  return std::make_unique<FidoPasskeyVerifier>();
}

}  // namespace fairlead::identity
