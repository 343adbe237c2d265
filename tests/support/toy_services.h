// A few methods of the contract, answered from memory, behind the real pipeline: for tests of what
// stands in front of the services.
//
//   ToyServices toys;
//   auto gateway = StartGateway(options, toys.Environment());
//   toys.Publish("r1", {kToyAgency});
#ifndef TESTS_SUPPORT_TOY_SERVICES_H_
#define TESTS_SUPPORT_TOY_SERVICES_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "gateway/http/gateway.h"
#include "services/common/base/clock.h"
#include "services/common/base/ids.h"
#include "services/common/base/random.h"
#include "services/common/rpc/dispatcher.h"

namespace fairlead::testing {

inline constexpr const char* kToyAgency = "0190f000-0000-7000-8000-0000000000a1";
inline constexpr const char* kToyOtherAgency = "0190f000-0000-7000-8000-0000000000a2";
inline constexpr const char* kToyStaff = "0190f000-0000-7000-8000-0000000000b1";
inline constexpr const char* kToyPassphrase = "a long enough passphrase";

class ToyServices {
 public:
  ToyServices();
  ~ToyServices();

  gateway::GatewayEnvironment Environment();
  // SignIn takes any name with kToyPassphrase, and "line.one" is a hotline operator; this does the
  // same without a call.
  std::string NewToken(const std::string& agency = kToyAgency,
                       const std::string& staff = kToyStaff, bool hotline = false);
  void EndSession(const std::string& token);
  // CheckMachineClient knows the client with this certificate (base64url SHA-256).
  void AllowCertificate(const std::string& sha256);
  void Publish(const std::string& subject, const std::vector<std::string>& audience);
  void Gap();
  // GetReferral answers only when this is called.
  void ReleaseHanging();
  int hanging();
  int passive_checks();
  int session_checks();       // of tokens, known or not
  std::string last_network();  // from where the last SignIn came, as the gateway said
  bool ready = true;

 private:
  struct Session {
    std::string id;
    std::string agency;
    std::string staff;
    bool hotline = false;
  };
  void AddIdentity();
  void AddSessions();
  void AddMachines();
  void AddDirectory();
  void AddReferral();

  SeededRandom random_{42};
  IdGenerator ids_{SystemClock(), random_};
  rpc::Registry registry_;
  rpc::Dispatcher dispatcher_{registry_, SystemClock()};
  std::unique_ptr<rpc::Channel> channel_ = rpc::MakeLocalChannel(dispatcher_);
  std::mutex mutex_;
  std::map<std::string, Session> sessions_;
  std::set<std::string> certificates_;
  std::vector<std::function<void(bool)>> hanging_;
  int passive_checks_ = 0;
  int session_checks_ = 0;
  std::string last_network_;
  gateway::OnEvent on_event_;
  std::function<void()> on_gap_;
};

}  // namespace fairlead::testing

#endif  // TESTS_SUPPORT_TOY_SERVICES_H_
