// For tests: a coalition's root and agencies with keys, and statements made with a free hand.
#ifndef SERVICES_COMMON_KEYS_TESTING_KEY_CAST_H_
#define SERVICES_COMMON_KEYS_TESTING_KEY_CAST_H_

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <functional>
#include <string>

#include "services/common/base/encoding.h"
#include "services/common/keys/statements.h"
#include "services/common/keys/trust.h"
#include "services/common/keys/wrap.h"
#include "services/common/seal/profile.h"

namespace fairlead::keys {

inline constexpr int64_t kTestNowS = 1'790'000'000;
inline constexpr int64_t kDayS = 24 * 3600;
inline const std::string kHarbor = "0190a000-0000-7000-8000-000000000001";
inline const std::string kClinic = "0190a000-0000-7000-8000-000000000002";
inline const std::string kPerson = "0190a000-0000-7000-8000-0000000000aa";

inline seal::PrivateKey SigningKey() { return *seal::GenerateKey(seal::KeyUse::kSigning); }
inline seal::PrivateKey SealingKey() { return *seal::GenerateKey(seal::KeyUse::kEpoch); }

// An agency that publishes list after list.
struct Publisher {
  explicit Publisher(std::string id = kHarbor, int64_t now_s = kTestNowS)
      : agency_id(std::move(id)), start_s(now_s - kDayS) {
    list = FirstList(agency_id, agency.public_key, current.epoch_key.public_key,
                     current.signing_key.public_key, start_s);
    jws = *SignKeyList(list, agency);
  }
  // Signs what `change` makes of the list that comes next.
  void Publish(const std::function<void(KeyList&)>& change = {}) {
    KeyList next = NextList(jws, list, start_s + list.version);
    if (change) change(next);
    list = next;
    jws = *SignKeyList(list, agency);
  }
  void Rotate() {
    EpochKeys next{.epoch = list.epoch + 1, .epoch_key = SealingKey(), .signing_key = SigningKey()};
    Publish([&](KeyList& after) {
      BeginEpoch(after, next.epoch_key.public_key, next.signing_key.public_key,
                 start_s + list.version);
    });
    past.push_back(std::move(current));
    current = std::move(next);
  }

  std::string agency_id;
  int64_t start_s;
  seal::PrivateKey agency = SigningKey();
  EpochKeys current{.epoch = 1, .epoch_key = SealingKey(), .signing_key = SigningKey()};
  std::vector<EpochKeys> past;
  KeyList list;
  std::string jws;
};

// The statement with its header and payload changed, signed again by `signer`: all else is right.
inline std::string Forge(
    const std::string& jws, const seal::PrivateKey& signer,
    const std::function<void(boost::json::object& header, boost::json::object& payload)>& change) {
  const size_t first = jws.find('.');
  const size_t last = jws.rfind('.');
  auto header = boost::json::parse(*Base64UrlDecode(jws.substr(0, first))).as_object();
  auto payload =
      boost::json::parse(*Base64UrlDecode(jws.substr(first + 1, last - first - 1))).as_object();
  change(header, payload);
  return std::string(seal::internal::MakeJws(boost::json::serialize(header),
                                             boost::json::serialize(payload), signer)
                         ->view());
}

template <class T>
std::string ReasonOf(const Result<T>& result) {
  return result ? "" : result.error().reason;
}
template <class T>
std::string CheckOf(const Result<T>& result) {
  if (result) return "";
  const auto check = result.error().metadata.find("check");
  return check == result.error().metadata.end() ? result.error().reason : check->second;
}

}  // namespace fairlead::keys

#endif  // SERVICES_COMMON_KEYS_TESTING_KEY_CAST_H_
