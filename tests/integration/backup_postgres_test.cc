// PostgreSQL's own backup, made as docs/operations.md says, brings nothing back that was destroyed.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <memory>

#include "services/common/testing/child_process.h"
#include "services/common/testing/temp_dir.h"
#include "tests/support/coalition.h"
#include "tests/support/in_process_hub.h"

namespace fairlead::testing {
namespace {

namespace consent_v1 = fairlead::consent::v1;
namespace v1 = fairlead::referral::v1;

constexpr const char* kPacket = R"({"needs":{"summary":"a bed tonight"}})";
constexpr int kDestroyed = 60;
constexpr int kKept = 5;
// Who follows another's events comes before it.
constexpr const char* kServices[] = {"audit",   "messaging", "referral",
                                     "consent", "identity",  "directory"};

struct Sent {
  std::string referral_id;
  std::string offer_id;
  std::string release_id;
};

class BackupPostgresTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto urls = InProcessHub::NewDatabases();
    ASSERT_TRUE(urls) << ToString(urls.error());
    urls_ = *urls;
    ASSERT_NO_FATAL_FAILURE(StartOn(urls_));
    auto from = coalition_->AddAgency("Harbor", auth::AgencyKind::kVictimServiceProvider);
    auto to = coalition_->AddAgency("Clinic", auth::AgencyKind::kHealthProvider);
    ASSERT_TRUE(from && to);
    from_ = *from;
    to_ = *to;
  }

  void StartOn(const std::map<std::string, std::string>& urls) {
    auto hub = InProcessHub::Start(
        InProcessKeep{.folder = folder_.File("hub"), .database_urls = urls});
    ASSERT_TRUE(hub) << ToString(hub.error());
    hub_ = std::move(*hub);
    if (coalition_) {
      coalition_->UseChannel(hub_->channel());
    } else {
      coalition_ = std::make_unique<Coalition>(hub_->channel());
    }
  }

  void Run(const std::vector<std::string>& argv) {
    auto child = ChildProcess::Spawn({.argv = argv, .log_path = folder_.File("log")});
    ASSERT_TRUE(child);
    const auto code = child->Wait(60'000);
    ASSERT_TRUE(code);
    std::ifstream log(folder_.File("log"));
    const std::string said{std::istreambuf_iterator<char>(log), {}};
    ASSERT_EQ(*code, 0) << argv[0] << " " << argv.back() << "\n" << said;
  }
  static std::string Connection(const std::string& url) { return url.substr(url.find(':') + 1); }
  std::string DumpOf(const std::string& service) const { return folder_.File(service + ".dump"); }

  void Dump() {
    for (const std::string service : kServices) {
      ASSERT_NO_FATAL_FAILURE(Run({"pg_dump", "--format=custom",
                                   "--exclude-table-data=custody.*", "--file=" + DumpOf(service),
                                   Connection(urls_.at(service))}));
    }
  }
  void Restore(const std::map<std::string, std::string>& urls,
               const std::vector<std::string>& options) {
    for (const std::string service : kServices) {
      std::vector<std::string> argv = {"pg_restore"};
      argv.insert(argv.end(), options.begin(), options.end());
      argv.push_back("--dbname=" + Connection(urls.at(service)));
      argv.push_back(DumpOf(service));
      ASSERT_NO_FATAL_FAILURE(Run(argv));
    }
  }

  std::vector<Sent> SendMany(int n) {
    std::vector<Sent> all;
    for (int i = 0; i < n; ++i) {
      auto release = coalition_->SignedRelease(from_, to_);
      EXPECT_TRUE(release) << ToString(release.error());
      auto packet = coalition_->Packet(from_, to_, *release, kPacket);
      EXPECT_TRUE(packet);
      auto sent = coalition_->Send(*packet, from_);
      EXPECT_TRUE(sent) << ToString(sent.error());
      if (sent) all.push_back({sent->id(), sent->offers(0).id(), release->id()});
    }
    return all;
  }

  std::map<std::string, int> OpenAll(const std::vector<Sent>& all) {
    std::map<std::string, int> counts;
    for (const Sent& sent : all) {
      const auto opened = coalition_->Open(to_, from_, sent.referral_id);
      ++counts[opened ? "ok" : opened.error().reason];
    }
    return counts;
  }

  consent_v1::ReleaseState StateOf(const std::string& id) {
    consent_v1::GetReleaseRequest request;
    request.set_release_id(id);
    auto release = coalition_->Call<consent_v1::GetReleaseResponse>(
        from_.caseworker, "/fairlead.consent.v1.ConsentService/GetRelease", request);
    EXPECT_TRUE(release) << ToString(release.error());
    return release ? release->release().state() : consent_v1::RELEASE_STATE_UNSPECIFIED;
  }

  TempDir folder_;
  std::map<std::string, std::string> urls_;
  std::unique_ptr<InProcessHub> hub_;
  std::unique_ptr<Coalition> coalition_;
  Agency from_;
  Agency to_;
};

TEST_F(BackupPostgresTest, InTheSameClusterWhatWasDestroyedStaysDestroyed) {
  const std::vector<Sent> all = SendMany(kDestroyed);
  const std::vector<Sent> kept = SendMany(kKept);
  ASSERT_EQ(OpenAll(all), (std::map<std::string, int>{{"ok", kDestroyed}}));
  ASSERT_NO_FATAL_FAILURE(Dump());
  for (size_t i = 0; i < all.size(); ++i) {
    if (i % 2 == 0) {
      ASSERT_TRUE(coalition_->Revoke(from_, all[i].release_id));
      continue;
    }
    ASSERT_TRUE(coalition_->Accept(to_, all[i].offer_id));
    v1::ReopenReferralRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_referral_id(all[i].referral_id);
    request.set_reason_code("client_not_reached");
    ASSERT_TRUE(coalition_->Call<v1::ReopenReferralResponse>(
        from_.caseworker, "/fairlead.referral.v1.ReferralService/ReopenReferral", request));
  }
  ASSERT_EQ(OpenAll(all).count("ok"), 0U);
  hub_.reset();
  ASSERT_NO_FATAL_FAILURE(
      Restore(urls_, {"--clean", "--if-exists", "--schema=public"}));
  ASSERT_NO_FATAL_FAILURE(StartOn(urls_));
  const std::map<std::string, int> outcomes = OpenAll(all);
  EXPECT_EQ(outcomes.count("ok"), 0U);
  EXPECT_EQ(outcomes.at("CUSTODY_KEY_GONE"), kDestroyed / 2);
  EXPECT_EQ(OpenAll(kept), (std::map<std::string, int>{{"ok", kKept}})) << "it was put back";
  EXPECT_EQ(StateOf(all[0].release_id), consent_v1::RELEASE_STATE_REVOKED);
  EXPECT_EQ(StateOf(kept[0].release_id), consent_v1::RELEASE_STATE_ACTIVE);
}

TEST_F(BackupPostgresTest, InAnotherNothingOpensAndEveryReleaseHasEnded) {
  const std::vector<Sent> all = SendMany(kKept);
  ASSERT_NO_FATAL_FAILURE(Dump());
  hub_.reset();
  auto elsewhere = InProcessHub::NewDatabases();
  ASSERT_TRUE(elsewhere);
  ASSERT_NO_FATAL_FAILURE(Restore(*elsewhere, {}));
  ASSERT_NO_FATAL_FAILURE(StartOn(*elsewhere));
  EXPECT_EQ(OpenAll(all).count("ok"), 0U);
  for (const Sent& sent : all) {
    EXPECT_EQ(StateOf(sent.release_id), consent_v1::RELEASE_STATE_EXPIRED);
  }
  EXPECT_EQ(OpenAll(SendMany(2)), (std::map<std::string, int>{{"ok", 2}}));
}

}  // namespace
}  // namespace fairlead::testing
