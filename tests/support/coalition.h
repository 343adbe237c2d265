// A small coalition for tests and measurements: agencies with keys, releases, sealed packets, and
// every step of a hand-off, through any channel to the services.
//
//   Coalition coalition(hub->channel());
//   auto from = coalition.AddAgency("Harbor", AgencyKind::kVictimServiceProvider);
//   auto to = coalition.AddAgency("Clinic", AgencyKind::kHealthProvider);
//   auto release = coalition.SignedRelease(*from, *to);
//   auto sent = coalition.Send(*coalition.Packet(*from, *to, *release, R"({"needs":{}})"), *from);
#ifndef TESTS_SUPPORT_COALITION_H_
#define TESTS_SUPPORT_COALITION_H_

#include <string>
#include <vector>

#include "fairlead/consent/v1/consent.pb.h"
#include "fairlead/identity/v1/identity.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "services/common/auth/actor.h"
#include "services/common/base/clock.h"
#include "services/common/base/ids.h"
#include "services/common/base/random.h"
#include "services/common/keys/statements.h"
#include "services/common/rpc/channel.h"
#include "services/common/seal/seal.h"

namespace fairlead::testing {

struct Agency {
  std::string id;
  std::string name;
  seal::PrivateKey epoch;
  seal::PrivateKey signing;
  auth::Actor caseworker;
  auth::Actor admin;
  seal::PrivateKey key;      // the agency's own, which signs its lists
  keys::KeyList key_list;    // the latest
  std::string key_list_jws;  // and signed
};

// Somebody who can sign in, with what they carry about.
struct StaffAccount {
  std::string sign_in_name;
  std::string passphrase;
  std::string totp_secret;
  int64_t last_step = 0;
  std::vector<std::string> recovery_codes;  // ten, each good once

  // With a code that has not been shown before: at most two within 30 s.
  fairlead::identity::v1::SignInRequest NextSignIn();
};

struct ReleaseOptions {
  std::vector<std::string> categories = {"needs"};
  int64_t expire_in_ms = 24LL * 3600 * 1000;
  fairlead::consent::v1::ReleaseAction action = fairlead::consent::v1::RELEASE_ACTION_ONGOING;
  std::string case_handle = {};           // empty: a new one
  std::vector<std::string> also_to = {};  // agency ids beside the recipient's
  std::string supersedes_release_id = {};  // of the same case
  bool two_way = false;                    // the recipient may tell something back
};

class Coalition {
 public:
  // `services` may be replaced after a restart with UseChannel.
  explicit Coalition(rpc::Channel& services);
  void UseChannel(rpc::Channel& services) { services_ = &services; }

  // With keys published.
  Result<Agency> AddAgency(const std::string& name, auth::AgencyKind kind);
  // The agency turns to a new epoch: `agency` then holds the new keys.
  Result<void> BeginEpoch(Agency& agency);
  // Invited by the agency's administrator, and accepted.
  Result<StaffAccount> AddStaff(const Agency& agency, const std::string& sign_in_name,
                                fairlead::identity::v1::Role role, const std::string& passphrase);
  Result<fairlead::consent::v1::Release> DraftRelease(const Agency& from, const Agency& to,
                                                      const ReleaseOptions& options = {});
  Result<fairlead::consent::v1::Release> Sign(const Agency& from, const std::string& release_id);
  Result<fairlead::consent::v1::Release> SignedRelease(const Agency& from, const Agency& to,
                                                       const ReleaseOptions& options = {});
  Result<fairlead::consent::v1::RevokeReleaseResponse> Revoke(const Agency& from,
                                                              const std::string& release_id);
  // A request ready to send: sealed and signed here, as a client would.
  Result<fairlead::referral::v1::SendReferralRequest> Packet(
      const Agency& from, const Agency& to, const fairlead::consent::v1::Release& release,
      const std::string& plaintext);
  // The packet alone, for a referral whose match it follows.
  Result<std::string> SealedPacket(const Agency& from, const Agency& to,
                                   const fairlead::consent::v1::Release& release,
                                   const std::string& referral_id, const std::string& plaintext);
  Result<fairlead::referral::v1::Referral> Send(
      const fairlead::referral::v1::SendReferralRequest& request, const Agency& from);
  // What the packet holds, for an agency that may open it.
  Result<std::string> Open(const Agency& by, const Agency& sender, const std::string& referral_id);
  Result<fairlead::referral::v1::Referral> Accept(const Agency& by, const std::string& offer_id);
  Result<fairlead::referral::v1::Referral> Start(const Agency& by, const std::string& referral_id);
  Result<fairlead::referral::v1::Referral> Complete(const Agency& by,
                                                    const std::string& referral_id);
  Result<fairlead::referral::v1::Referral> Get(const Agency& by, const std::string& referral_id);

  template <class Response, class Request>
  Result<Response> Call(const auth::Actor& actor, const std::string& method, const Request& request,
                        int64_t within_ms = 20'000) {
    return SyncWait(rpc::Call<Response>(*services_, method, request, Options(actor, within_ms)));
  }
  rpc::CallOptions Options(const auth::Actor& actor, int64_t within_ms = 20'000) const;
  auth::Actor MakeActor(const std::string& agency_id, auth::AgencyKind kind,
                        std::set<auth::Role> roles);
  // Of the office, having just proven who it is.
  auth::Actor MakeCoordinator();
  IdGenerator& ids() { return ids_; }

 private:
  // Signs `key_list` and publishes it.
  Result<void> PublishKeyList(Agency& agency);

  rpc::Channel* services_;
  IdGenerator ids_;
  std::string office_id_;
};

}  // namespace fairlead::testing

#endif  // TESTS_SUPPORT_COALITION_H_
