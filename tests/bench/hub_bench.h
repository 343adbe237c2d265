// Measurements of a real hub: a process of its own in a folder of its own, spoken to over its gRPC
// socket and, for `live`, over HTTP.
#ifndef TESTS_BENCH_HUB_BENCH_H_
#define TESTS_BENCH_HUB_BENCH_H_

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "fairlead/directory/v1/directory.pb.h"
#include "services/common/base/result.h"
#include "tests/bench/load.h"
#include "tests/bench/sse_client.h"
#include "tests/support/coalition.h"
#include "tests/support/hub_process.h"

namespace fairlead::bench {

inline constexpr int kSearchableServices = 10'000;

class HubBench {
 public:
  // A hub with two agencies that have keys, and an ongoing release between them.
  static Result<std::unique_ptr<HubBench>> Start(const std::string& folder);

  // Seals `count` packets, on two threads, before any of them is sent: sealing is clients' work.
  Result<void> SealStock(size_t count);
  // SendReferral of the next packet in stock.
  Operation Handoff();
  // OfferReferral to twenty agencies, then AcceptOffer by one of them, which withdraws the others;
  // adds the agencies first. Eight agencies ask in turn.
  Result<Operation> Blind();
  // OpenPacket, by the recipient, of what has been sent so far; sends some first if it is little.
  Result<Operation> Open();
  // SearchServices by need, county and language; imports the services first.
  Result<Operation> Search();
  // SendReferral of the next in stock, until the recipient's event stream has told of it.
  Result<Operation> Live();
  // Of the last run of Live: from the event's own time (before the commit) to its line. Sorted.
  std::vector<int64_t> LiveLagsMs();

  // One import of so many services of one agency, in parts: from the first part until all of it is
  // there, and the slowest of the searches that were made meanwhile, one at a time. What is sent is
  // made up beforehand.
  struct ImportTimes {
    double seconds = 0;
    double slowest_search_ms = 0;
  };
  Result<ImportTimes> ImportMany(int services);

  // SignIn with passphrase and a recovery code, each once; makes the people first.
  Result<Operation> SignIn();

  int pid() const { return hub_->pid(); }

 private:
  HubBench() = default;
  Result<void> ImportServices();
  // Seconds; errors: those of the import, with their place.
  Result<double> ImportFor(int agency_number, int services);
  Result<int> PutParts(const std::string& import_id, const auth::Actor& by,
                       const fairlead::directory::v1::ImportListingsRequest& all);
  Result<ImportTimes> AwaitImport(const std::string& import_id, const auth::Actor& by);
  Result<void> Subscribe();

  std::unique_ptr<testing::HubProcess> hub_;
  std::shared_ptr<rpc::Channel> channel_;
  std::unique_ptr<testing::Coalition> coalition_;
  std::optional<testing::Agency> from_;
  std::optional<testing::Agency> to_;
  fairlead::consent::v1::Release release_;
  std::vector<fairlead::referral::v1::SendReferralRequest> stock_;
  std::atomic<size_t> next_in_stock_{0};
  std::mutex sent_mutex_;
  std::vector<std::string> sent_ids_;
  std::vector<testing::Agency> asked_;
  std::vector<testing::Agency> asking_;
  std::atomic<size_t> next_asking_{0};
  std::atomic<size_t> next_to_open_{0};
  std::vector<fairlead::identity::v1::SignInRequest> sign_ins_;
  std::atomic<size_t> next_sign_in_{0};
  int batches_ = 0;  // of people made for signing in
  bool imported_ = false;
  std::unique_ptr<SseClient> events_;
};

// How long a hub takes from its start to "ready", and what it then holds in memory.
struct StartUp {
  double first_ms = 0;  // an empty folder: makes the demonstration coalition
  double p50_ms = 0;    // of the later ones
  double worst_ms = 0;
  double rss_mib = 0;   // after the last
};
Result<StartUp> MeasureStartUp(const std::string& folder);

}  // namespace fairlead::bench

#endif  // TESTS_BENCH_HUB_BENCH_H_
