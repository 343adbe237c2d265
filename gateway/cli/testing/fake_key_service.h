// KeyService in a few lines of memory, for tests of the command line: what agencies publish, and
// what the one who is signed in registers, is handed out again.
#ifndef GATEWAY_CLI_TESTING_FAKE_KEY_SERVICE_H_
#define GATEWAY_CLI_TESTING_FAKE_KEY_SERVICE_H_

#include <map>
#include <string>
#include <vector>

#include "fairlead/identity/v1/keys.pb.h"
#include "gateway/cli/testing/cli_fixture.h"
#include "services/common/base/clock.h"
#include "services/common/keys/testing/key_cast.h"

namespace fairlead::cli {

// An agency that has published its first list.
inline keys::Publisher Published(const std::string& agency_id) {
  return keys::Publisher(agency_id, SystemClock().NowMs() / 1'000);
}

// The same agency after it has lost its agency key: the next list, a new epoch, another signer.
inline keys::Publisher Replaced(const keys::Publisher& before) {
  keys::Publisher after = Published(before.agency_id);
  keys::KeyList next = keys::NextList(before.jws, before.list, after.start_s);
  next.agency_key = after.agency.public_key;
  after.current.epoch = next.epoch + 1;
  keys::BeginEpoch(next, after.current.epoch_key.public_key, after.current.signing_key.public_key,
                   after.start_s);
  after.list = next;
  after.jws = keys::SignKeyList(next, after.agency).value();
  return after;
}

class FakeKeyService {
 public:
  // Devices belong to `staff_id`, the caller to kOwnAgency.
  FakeKeyService(FakeHub& hub, std::string staff_id);

  std::map<std::string, std::string> lists;         // by agency
  std::map<std::string, std::string> certificates;  // by agency
  std::vector<std::string> roots;
  std::vector<identity::v1::Device> devices;
  std::vector<identity::v1::KeyWrap> wraps;
  keys::KeyList ListOf(const std::string& agency_id) const;
  // Shows a root from now on, and its word on the agencies of these ids and names.
  void Certify(const std::map<std::string, std::string>& names);

 private:
  FakeAnswer Register(const FakeRequest& request);
  FakeAnswer Publish(const FakeRequest& request);
  FakeAnswer GetList(const FakeRequest& request) const;
  FakeAnswer ListWraps(const FakeRequest& request) const;

  std::string staff_id_;
};

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_TESTING_FAKE_KEY_SERVICE_H_
