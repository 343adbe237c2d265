#include "tests/bench/hub_bench.h"

#include <algorithm>
#include <thread>

#include "fairlead/identity/v1/identity.pb.h"
#include "services/common/base/clock.h"

namespace fairlead::bench {
namespace {

namespace identity_v1 = fairlead::identity::v1;
namespace referral_v1 = fairlead::referral::v1;

constexpr size_t kLeastToOpen = 2'000;
constexpr int kSealers = 2;
constexpr int kLaterStarts = 5;
constexpr const char* kSend = "/fairlead.referral.v1.ReferralService/SendReferral";
constexpr const char* kOffer = "/fairlead.referral.v1.ReferralService/OfferReferral";
constexpr const char* kAccept = "/fairlead.referral.v1.ReferralService/AcceptOffer";
constexpr size_t kAsked = 20;
constexpr size_t kAsking = 8;  // so that none comes near what one agency may have asked
constexpr const char* kOpen = "/fairlead.referral.v1.ReferralService/OpenPacket";

template <class T>
Result<void> Outcome(Result<T> result) {
  if (!result) return Fail(std::move(result.error()));
  return {};
}

}  // namespace

Result<std::unique_ptr<HubBench>> HubBench::Start(const std::string& folder) {
  std::unique_ptr<HubBench> bench(new HubBench);
  FAIRLEAD_ASSIGN(bench->hub_, testing::HubProcess::Start({.data_dir = folder + "/hub",
                                                           .arguments = {},
                                                           .extra_env = {},
                                                           .log_path = folder + "/hub.log"}));
  bench->channel_ = bench->hub_->shared_channel();
  bench->coalition_ = std::make_unique<testing::Coalition>(*bench->channel_);
  testing::Coalition& coalition = *bench->coalition_;
  FAIRLEAD_ASSIGN(bench->from_,
                  coalition.AddAgency("Sender", auth::AgencyKind::kVictimServiceProvider));
  FAIRLEAD_ASSIGN(bench->to_, coalition.AddAgency("Recipient", auth::AgencyKind::kHealthProvider));
  FAIRLEAD_ASSIGN(bench->release_, coalition.SignedRelease(*bench->from_, *bench->to_));
  return bench;
}

Result<void> HubBench::SealStock(size_t count) {
  stock_.clear();
  stock_.resize(count);
  next_in_stock_ = 0;
  std::atomic<size_t> next{0};
  std::atomic<bool> failed{false};
  std::vector<std::thread> sealers;
  for (int i = 0; i < kSealers; ++i) {
    sealers.emplace_back([&] {
      for (size_t at = next++; at < count && !failed; at = next++) {
        auto sealed = coalition_->Packet(*from_, *to_, release_, R"({"needs":{"bed":true}})");
        if (sealed) {
          stock_[at] = std::move(*sealed);
        } else {
          failed = true;
        }
      }
    });
  }
  for (std::thread& sealer : sealers) sealer.join();
  if (failed) return Fail(Code::kInternal, "SEALING_FAILED", "The packets could not be sealed.");
  return {};
}

Operation HubBench::Handoff() {
  return [this](Done done) {
    const size_t at = next_in_stock_++;
    if (at >= stock_.size()) return false;
    fairlead::Start(
        rpc::Call<referral_v1::SendReferralResponse>(*channel_, kSend, stock_[at],
                                                     coalition_->Options(from_->caseworker)),
        [this, at, done = std::move(done)](Result<referral_v1::SendReferralResponse> sent) {
          if (sent) {
            const std::lock_guard lock(sent_mutex_);
            sent_ids_.push_back(stock_[at].referral_id());
          }
          done(Outcome(std::move(sent)));
        });
    return true;
  };
}

Result<Operation> HubBench::Blind() {
  while (asked_.size() < kAsked) {
    FAIRLEAD_ASSIGN(testing::Agency agency,
                    coalition_->AddAgency("Asked " + std::to_string(asked_.size()),
                                          auth::AgencyKind::kHealthProvider));
    asked_.push_back(std::move(agency));
  }
  while (asking_.size() < kAsking) {
    FAIRLEAD_ASSIGN(testing::Agency agency,
                    coalition_->AddAgency("Asking " + std::to_string(asking_.size()),
                                          auth::AgencyKind::kVictimServiceProvider));
    asking_.push_back(std::move(agency));
  }
  return [this](Done done) {
    const size_t turn = next_asking_++;
    const size_t winner = turn % kAsked;
    // The requests must live until they are sent: the callbacks keep them.
    auto offer = std::make_shared<referral_v1::OfferReferralRequest>();
    offer->set_request_id(coalition_->ids().New());
    offer->set_referral_id(coalition_->ids().New());
    offer->set_case_handle(coalition_->ids().New());
    offer->mutable_facets()->set_need_code("shelter_bed");
    offer->mutable_facets()->set_urgency(referral_v1::URGENCY_EMERGENCY);
    offer->set_mode(referral_v1::REFERRAL_MODE_FIRST_TO_ACCEPT);
    for (const testing::Agency& agency : asked_) {
      offer->add_recipients()->set_recipient_agency_id(agency.id);
    }
    fairlead::Start(
        rpc::Call<referral_v1::OfferReferralResponse>(
            *channel_, kOffer, *offer, coalition_->Options(asking_[turn % kAsking].caseworker)),
        [this, winner, offer, done](Result<referral_v1::OfferReferralResponse> asked) {
          if (!asked) return done(Outcome(std::move(asked)));
          auto accept = std::make_shared<referral_v1::AcceptOfferRequest>();
          accept->set_request_id(coalition_->ids().New());
          accept->set_offer_id(asked->referral().offers(static_cast<int>(winner)).id());
          fairlead::Start(
              rpc::Call<referral_v1::AcceptOfferResponse>(
                  *channel_, kAccept, *accept, coalition_->Options(asked_[winner].caseworker)),
              [accept, done](Result<referral_v1::AcceptOfferResponse> accepted) {
                done(Outcome(std::move(accepted)));
              });
        });
    return true;
  };
}

Result<Operation> HubBench::Open() {
  if (sent_ids_.size() < kLeastToOpen) {
    FAIRLEAD_RETURN_IF_ERROR(SealStock(kLeastToOpen));
    const LoadResult sent = RunClosed(16, {.seconds = 60, .warm_up_s = 0}, Handoff());
    if (sent.first_error) return Fail(*sent.first_error);
  }
  return [this](Done done) {
    referral_v1::OpenPacketRequest request;
    request.set_referral_id(sent_ids_[next_to_open_++ % sent_ids_.size()]);
    // The request must live until it is sent: the callback keeps it.
    auto kept = std::make_shared<referral_v1::OpenPacketRequest>(std::move(request));
    fairlead::Start(rpc::Call<referral_v1::OpenPacketResponse>(
                        *channel_, kOpen, *kept, coalition_->Options(to_->caseworker)),
                    [kept, done = std::move(done)](Result<referral_v1::OpenPacketResponse> opened) {
                      done(Outcome(std::move(opened)));
                    });
    return true;
  };
}

Result<Operation> HubBench::Live() {
  if (!events_) FAIRLEAD_RETURN_IF_ERROR(Subscribe());
  return [this](Done done) {
    const size_t at = next_in_stock_++;
    if (at >= stock_.size()) return false;
    const std::string& id = stock_[at].referral_id();
    events_->Await(id, done);
    fairlead::Start(rpc::Call<referral_v1::SendReferralResponse>(
                        *channel_, kSend, stock_[at], coalition_->Options(from_->caseworker)),
                    [this, id, done](Result<referral_v1::SendReferralResponse> sent) {
                      if (sent) return;
                      events_->Forget(id);
                      done(Outcome(std::move(sent)));
                    });
    return true;
  };
}

std::vector<int64_t> HubBench::LiveLagsMs() {
  std::vector<int64_t> lags_ms = events_->TakeLagsMs();
  std::sort(lags_ms.begin(), lags_ms.end());
  return lags_ms;
}

Result<Operation> HubBench::SignIn() {
  // Ten sign-ins each; more than two threads can hash in a run of the usual length.
  constexpr int kPeople = 24;
  const std::string passphrase = "quiet lantern over the harbour wall";
  const int batch = ++batches_;
  sign_ins_.clear();
  next_sign_in_ = 0;
  std::vector<testing::StaffAccount> people;
  for (int i = 0; i < kPeople; ++i) {
    const std::string name = "bench." + std::to_string(batch) + "." + std::to_string(i);
    FAIRLEAD_ASSIGN(testing::StaffAccount person,
                    coalition_->AddStaff(*to_, name, identity_v1::ROLE_CASEWORKER, passphrase));
    people.push_back(std::move(person));
  }
  // One code of each in turn: nobody is asked for twice at the same time.
  for (size_t code = 0; code < people.front().recovery_codes.size(); ++code) {
    for (const testing::StaffAccount& person : people) {
      identity_v1::SignInRequest& request = sign_ins_.emplace_back();
      request.set_sign_in_name(person.sign_in_name);
      request.set_passphrase(passphrase);
      request.set_recovery_code(person.recovery_codes[code]);
    }
  }
  return [this](Done done) {
    const size_t at = next_sign_in_++;
    if (at >= sign_ins_.size()) return false;
    fairlead::Start(rpc::Call<identity_v1::SignInResponse>(
                        *channel_, "/fairlead.identity.v1.IdentityService/SignIn", sign_ins_[at],
                        coalition_->Options(auth::Actor())),
                    [done = std::move(done)](Result<identity_v1::SignInResponse> session) {
                      done(Outcome(std::move(session)));
                    });
    return true;
  };
}

Result<void> HubBench::Subscribe() {
  const std::string passphrase = "quiet lantern over the harbour wall";
  FAIRLEAD_ASSIGN(
      testing::StaffAccount watcher,
      coalition_->AddStaff(*to_, "bench.watcher", identity_v1::ROLE_CASEWORKER, passphrase));
  const identity_v1::SignInRequest sign_in = watcher.NextSignIn();
  FAIRLEAD_ASSIGN(const identity_v1::SignInResponse session,
                  coalition_->Call<identity_v1::SignInResponse>(
                      auth::Actor(), "/fairlead.identity.v1.IdentityService/SignIn", sign_in));
  FAIRLEAD_ASSIGN(events_, SseClient::Connect(hub_->url(), session.session_token()));
  return {};
}

Result<StartUp> MeasureStartUp(const std::string& folder) {
  FAIRLEAD_ASSIGN(const auto hub, testing::HubProcess::Start({.data_dir = folder + "/demo",
                                                              .arguments = {"--demo"},
                                                              .extra_env = {},
                                                              .log_path = folder + "/demo.log"}));
  StartUp result;
  result.first_ms = static_cast<double>(hub->ready_ms());
  std::vector<double> later;
  for (int i = 0; i < kLaterStarts; ++i) {
    FAIRLEAD_RETURN_IF_ERROR(hub->Stop());
    FAIRLEAD_RETURN_IF_ERROR(hub->Restart());
    later.push_back(static_cast<double>(hub->ready_ms()));
  }
  std::sort(later.begin(), later.end());
  result.p50_ms = later[later.size() / 2];
  result.worst_ms = later.back();
  result.rss_mib = static_cast<double>(hub->resident_kib()) / 1024.0;
  FAIRLEAD_RETURN_IF_ERROR(hub->Stop());
  return result;
}

}  // namespace fairlead::bench
