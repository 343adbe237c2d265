// A backup brings back what the coalition needs and nothing that was destroyed since.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "fairlead/operations/v1/backup.pb.h"
#include "fairlead/referral/v1/routing.pb.h"
#include "services/common/base/encoding.h"
#include "services/common/testing/temp_dir.h"
#include "tests/support/coalition.h"
#include "tests/support/hub_process.h"

namespace fairlead::testing {
namespace {

namespace fs = std::filesystem;
namespace consent_v1 = fairlead::consent::v1;
namespace identity_v1 = fairlead::identity::v1;
namespace operations_v1 = fairlead::operations::v1;
namespace v1 = fairlead::referral::v1;

constexpr const char* kPacket = R"({"needs":{"summary":"a bed tonight, two children"}})";
constexpr int kThreads = 8;
constexpr int kDestroyed = 1'000;  // half by revocation, half because the match fell through
constexpr int kKept = 20;

template <class T>
std::string ReasonOf(const Result<T>& result) {
  return result ? "ok" : result.error().reason;
}

struct Sent {
  std::string referral_id;
  std::string offer_id;
  std::string release_id;
};

class BackupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto hub = HubProcess::Start({.data_dir = folder_.File("data")});
    ASSERT_TRUE(hub) << ToString(hub.error());
    hub_ = std::move(*hub);
    coalition_ = std::make_unique<Coalition>(hub_->channel());
    auto from = coalition_->AddAgency("Harbor", auth::AgencyKind::kVictimServiceProvider);
    auto to = coalition_->AddAgency("Clinic", auth::AgencyKind::kHealthProvider);
    ASSERT_TRUE(from && to);
    from_ = *from;
    to_ = *to;
  }

  // `fairlead admin …`; what it printed is in Said().
  int Admin(std::vector<std::string> words, const std::string& data_dir) {
    std::vector<std::string> argv = {FairleadProgram(), "admin"};
    argv.insert(argv.end(), words.begin(), words.end());
    argv.insert(argv.end(), {"--data", data_dir});
    fs::remove(folder_.File("said"));
    auto child = ChildProcess::Spawn({.argv = argv, .log_path = folder_.File("said")});
    EXPECT_TRUE(child);
    const auto code = child->Wait(60'000);
    EXPECT_TRUE(code) << "fairlead admin does not end";
    return code ? *code : -1;
  }
  std::string Said() const {
    std::ifstream file(folder_.File("said"));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string KeyFile() const { return folder_.File("keeper.key"); }

  // A key, a backup, its path.
  std::string BackUp() {
    if (!fs::exists(KeyFile())) {
      EXPECT_EQ(Admin({"backup-key", "--out", KeyFile()}, hub_->data_dir()), 0) << Said();
    }
    EXPECT_EQ(Admin({"backup"}, hub_->data_dir()), 0) << Said();
    std::string newest;
    for (const auto& entry : fs::directory_iterator(hub_->data_dir() + "/backups")) {
      newest = std::max(newest, entry.path().string());
    }
    return newest;
  }

  Sent SendOne() {
    auto release = coalition_->SignedRelease(from_, to_);
    EXPECT_TRUE(release) << ToString(release.error());
    auto packet = coalition_->Packet(from_, to_, *release, kPacket);
    EXPECT_TRUE(packet);
    auto sent = coalition_->Send(*packet, from_);
    EXPECT_TRUE(sent) << ToString(sent.error());
    if (!sent) return {};
    return {sent->id(), sent->offers(0).id(), release->id()};
  }

  // By the agency's administrator; the code is what the invited person would be sent.
  Result<identity_v1::InviteStaffResponse> Invite(const std::string& code) {
    identity_v1::InviteStaffRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_agency_id(from_.id);
    request.set_display_name("Night desk");
    request.add_roles(identity_v1::ROLE_CASEWORKER);
    request.set_code_sha256(Base64UrlEncode(Sha256(code)));
    return coalition_->Call<identity_v1::InviteStaffResponse>(
        from_.admin, "/fairlead.identity.v1.IdentityService/InviteStaff", request);
  }
  int InvitationsOpen() {
    identity_v1::ListInvitationsRequest request;
    request.set_agency_id(from_.id);
    const auto listed = coalition_->Call<identity_v1::ListInvitationsResponse>(
        from_.admin, "/fairlead.identity.v1.IdentityService/ListInvitations",
        request);
    EXPECT_TRUE(listed) << ToString(listed.error());
    return listed ? listed->invitations_size() : -1;
  }

  // Calls `work(i)` for 0 to n - 1, from several threads.
  template <class Work>
  static void ForEach(int n, Work work) {
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&work, n, thread] {
        for (int i = thread; i < n; i += kThreads) work(i);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  std::vector<Sent> SendMany(int n) {
    std::vector<Sent> sent(static_cast<size_t>(n));
    ForEach(n, [&](int i) { sent[static_cast<size_t>(i)] = SendOne(); });
    return sent;
  }

  // How often each outcome comes of opening them all.
  std::map<std::string, int> OpenAll(const std::vector<Sent>& all) {
    std::vector<std::string> reasons(all.size());
    ForEach(static_cast<int>(all.size()), [&](int i) {
      const auto at = static_cast<size_t>(i);
      reasons[at] = ReasonOf(coalition_->Open(to_, from_, all[at].referral_id));
    });
    std::map<std::string, int> counts;
    for (const std::string& reason : reasons) ++counts[reason];
    return counts;
  }

  void FallThrough(const Sent& sent) {
    ASSERT_EQ(ReasonOf(coalition_->Accept(to_, sent.offer_id)), "ok");
    v1::ReopenReferralRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_referral_id(sent.referral_id);
    request.set_reason_code("client_not_reached");
    ASSERT_EQ(ReasonOf(coalition_->Call<v1::ReopenReferralResponse>(
                  from_.caseworker, "/fairlead.referral.v1.ReferralService/ReopenReferral",
                  request)),
              "ok");
  }

  consent_v1::Release ReleaseNow(const std::string& id) {
    consent_v1::GetReleaseRequest request;
    request.set_release_id(id);
    auto release = coalition_->Call<consent_v1::GetReleaseResponse>(
        from_.caseworker, "/fairlead.consent.v1.ConsentService/GetRelease", request);
    EXPECT_TRUE(release) << ToString(release.error());
    return release ? release->release() : consent_v1::Release();
  }

  void RestartOn() {
    ASSERT_TRUE(hub_->Restart());
    coalition_->UseChannel(hub_->channel());
  }

  TempDir folder_;
  std::unique_ptr<HubProcess> hub_;
  std::unique_ptr<Coalition> coalition_;
  Agency from_;
  Agency to_;
};

TEST_F(BackupTest, WhatWasDestroyedSinceStaysDestroyed) {
  const std::vector<Sent> all = SendMany(kDestroyed);
  const std::vector<Sent> kept = SendMany(kKept);
  ASSERT_EQ(OpenAll(all), (std::map<std::string, int>{{"ok", kDestroyed}}));
  const std::string backup = BackUp();

  ForEach(kDestroyed, [&](int i) {
    const Sent& sent = all[static_cast<size_t>(i)];
    if (i % 2 == 0) {
      EXPECT_EQ(ReasonOf(coalition_->Revoke(from_, sent.release_id)), "ok");
    } else {
      FallThrough(sent);
    }
  });
  ASSERT_EQ(OpenAll(all).count("ok"), 0U);
  ASSERT_TRUE(hub_->Stop());
  ASSERT_EQ(Admin({"restore", backup, "--key", KeyFile(), "--yes"}, hub_->data_dir()), 0) << Said();
  ASSERT_NO_FATAL_FAILURE(RestartOn());

  const std::map<std::string, int> outcomes = OpenAll(all);
  EXPECT_EQ(outcomes.count("ok"), 0U);
  // It is the backup's referral: sent, with its packet, and without a key to it.
  EXPECT_EQ(outcomes.at("CUSTODY_KEY_GONE"), kDestroyed / 2);
  EXPECT_EQ(OpenAll(kept), (std::map<std::string, int>{{"ok", kKept}})) << "it was put back";

  // Who had opened something is asked to destroy it, as before.
  consent_v1::ListDestroyNoticesRequest notices;
  notices.set_box(consent_v1::DESTROY_NOTICE_BOX_RECEIVED);
  notices.set_page_size(100);
  const auto asked = coalition_->Call<consent_v1::ListDestroyNoticesResponse>(
      to_.caseworker, "/fairlead.consent.v1.ConsentService/ListDestroyNotices", notices);
  ASSERT_TRUE(asked) << ToString(asked.error());
  EXPECT_EQ(asked->notices_size(), 100);
  // The revocations were after the backup, and are not forgotten.
  EXPECT_EQ(ReleaseNow(all[0].release_id).state(), consent_v1::RELEASE_STATE_REVOKED);
  EXPECT_EQ(ReleaseNow(kept[0].release_id).state(), consent_v1::RELEASE_STATE_ACTIVE);
  auto again = coalition_->Packet(from_, to_, ReleaseNow(all[0].release_id), kPacket);
  ASSERT_TRUE(again);
  EXPECT_EQ(ReasonOf(coalition_->Send(*again, from_)), "RELEASE_REVOKED");
}

TEST_F(BackupTest, OnAnotherMachineNothingOpensAndEveryReleaseHasEnded) {
  const std::vector<Sent> all = SendMany(kKept);
  const std::string backup = BackUp();
  ASSERT_TRUE(hub_->Stop());
  const std::string elsewhere = folder_.File("elsewhere");
  fs::create_directory(elsewhere);
  fs::copy(hub_->data_dir() + "/keys", elsewhere + "/keys");
  ASSERT_EQ(Admin({"restore", backup, "--key", KeyFile(), "--yes"}, elsewhere), 0) << Said();
  auto hub = HubProcess::Start({.data_dir = elsewhere});
  ASSERT_TRUE(hub) << ToString(hub.error());
  hub_ = std::move(*hub);
  coalition_->UseChannel(hub_->channel());

  EXPECT_EQ(OpenAll(all).count("ok"), 0U);
  for (const Sent& sent : all) {
    EXPECT_EQ(ReleaseNow(sent.release_id).state(), consent_v1::RELEASE_STATE_EXPIRED);
  }
  // And the coalition goes on.
  EXPECT_EQ(OpenAll(SendMany(3)), (std::map<std::string, int>{{"ok", 3}}));
  // Once: what is signed now outlives the next start.
  const Sent later = SendOne();
  ASSERT_TRUE(hub_->Stop());
  ASSERT_NO_FATAL_FAILURE(RestartOn());
  EXPECT_EQ(OpenAll({later}), (std::map<std::string, int>{{"ok", 1}}));
}

TEST_F(BackupTest, SessionsAndInvitationsOfThenAreNoLongerGood) {
  auto account = coalition_->AddStaff(from_, "harbor.night", identity_v1::ROLE_CASEWORKER,
                                      "seven lanterns over a quiet quay");
  ASSERT_TRUE(account) << ToString(account.error());
  const auto sign_in = [&] {
    return coalition_->Call<identity_v1::SignInResponse>(
        auth::ServiceActor("gateway"),
        "/fairlead.identity.v1.IdentityService/SignIn", account->NextSignIn());
  };
  const auto session = sign_in();
  ASSERT_TRUE(session) << ToString(session.error());
  const auto check = [&] {
    identity_v1::CheckSessionRequest request;
    request.set_session_token(session->session_token());
    return ReasonOf(coalition_->Call<identity_v1::CheckSessionResponse>(
        auth::ServiceActor("gateway"),
        "/fairlead.identity.v1.IdentityService/CheckSession", request));
  };
  ASSERT_EQ(check(), "ok");
  const std::string code = "an-invitation-code-of-more-than-32-characters";
  ASSERT_EQ(ReasonOf(Invite(code)), "ok");
  const std::string backup = BackUp();
  ASSERT_TRUE(hub_->Stop());
  ASSERT_EQ(Admin({"restore", backup, "--key", KeyFile(), "--yes"}, hub_->data_dir()), 0) << Said();
  ASSERT_NO_FATAL_FAILURE(RestartOn());
  EXPECT_NE(check(), "ok");
  EXPECT_EQ(InvitationsOpen(), 0);
  const auto anew = sign_in();
  EXPECT_TRUE(anew) << ToString(anew.error());
}

// What was spent between the backup and the restore is spent: a release for one disclosure.
TEST_F(BackupTest, AReleaseForOneDisclosureStaysUsed) {
  ReleaseOptions once;
  once.action = consent_v1::RELEASE_ACTION_ONCE;
  auto release = coalition_->SignedRelease(from_, to_, once);
  ASSERT_TRUE(release) << ToString(release.error());
  const std::string backup = BackUp();
  auto packet = coalition_->Packet(from_, to_, *release, kPacket);
  ASSERT_TRUE(packet);
  ASSERT_EQ(ReasonOf(coalition_->Send(*packet, from_)), "ok");
  ASSERT_TRUE(hub_->Stop());
  ASSERT_EQ(Admin({"restore", backup, "--key", KeyFile(), "--yes"}, hub_->data_dir()), 0) << Said();
  ASSERT_NO_FATAL_FAILURE(RestartOn());
  auto another = coalition_->Packet(from_, to_, *release, kPacket);
  ASSERT_TRUE(another);
  EXPECT_EQ(ReasonOf(coalition_->Send(*another, from_)), "RELEASE_ALREADY_USED");
}

// A case's list of agencies that it must not be put to, set after the backup, holds after it; and
// so does the destruction of a packet whose key was still to be destroyed when the hub was killed.
TEST_F(BackupTest, WhatWasForbiddenSinceIsForbidden) {
  const std::vector<Sent> all = SendMany(1);
  const std::string backup = BackUp();
  const auto before = coalition_->Get(from_, all[0].referral_id);
  ASSERT_TRUE(before);
  v1::SetDoNotRouteRequest request;
  request.set_request_id(coalition_->ids().New());
  request.set_case_handle(before->case_handle());
  v1::NotToBeAsked* entry = request.add_entries();
  entry->set_agency_id(to_.id);
  entry->set_reason_code("survivor_refuses");
  ASSERT_EQ(ReasonOf(coalition_->Call<v1::SetDoNotRouteResponse>(
                from_.caseworker, "/fairlead.referral.v1.RoutingService/SetDoNotRoute", request)),
            "ok");
  hub_->Kill9();
  // Twice: the first time it might have been the wrong one.
  for (int time = 0; time < 2; ++time) {
    ASSERT_EQ(Admin({"restore", backup, "--key", KeyFile(), "--yes"}, hub_->data_dir()), 0)
        << Said();
  }
  ASSERT_NO_FATAL_FAILURE(RestartOn());
  EXPECT_EQ(OpenAll(all).count("ok"), 0U);
  EXPECT_NE(ReasonOf(coalition_->Accept(to_, all[0].offer_id)), "ok");
  const auto after = coalition_->Get(from_, all[0].referral_id);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->state(), v1::REFERRAL_STATE_CANCELLED);
}

// And what its sender had taken back: put back it is open again, but nobody reads it.
TEST_F(BackupTest, WhatWasTakenBackSinceIsNotRead) {
  const std::vector<Sent> all = SendMany(2);
  const std::vector<Sent> kept = SendMany(1);
  const std::string backup = BackUp();
  for (const Sent& sent : all) {
    v1::CancelReferralRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_referral_id(sent.referral_id);
    request.set_reason_code("client_withdrew");
    ASSERT_EQ(ReasonOf(coalition_->Call<v1::CancelReferralResponse>(
                  from_.caseworker, "/fairlead.referral.v1.ReferralService/CancelReferral",
                  request)),
              "ok");
  }
  ASSERT_TRUE(hub_->Stop());
  ASSERT_EQ(Admin({"restore", backup, "--key", KeyFile(), "--yes"}, hub_->data_dir()), 0) << Said();
  ASSERT_NO_FATAL_FAILURE(RestartOn());
  EXPECT_EQ(OpenAll(all), (std::map<std::string, int>{{"CUSTODY_KEY_GONE", 2}}));
  EXPECT_EQ(OpenAll(kept), (std::map<std::string, int>{{"ok", 1}}));
}

TEST_F(BackupTest, SaysWhyItCannot) {
  EXPECT_NE(Admin({"backup"}, hub_->data_dir()), 0);
  EXPECT_NE(Said().find("BACKUP_KEY_MISSING"), std::string::npos) << Said();
  EXPECT_NE(Admin({"backup"}, folder_.File("nowhere")), 0);
  EXPECT_NE(Said().find("NO_HUB_HERE"), std::string::npos) << Said();
  EXPECT_FALSE(fs::exists(folder_.File("nowhere")));
  const std::string backup = BackUp();
  ASSERT_FALSE(backup.empty());
  EXPECT_EQ(Admin({"restore", backup, "--key", KeyFile(), "--check"}, folder_.File("nowhere")), 0)
      << "beside a hub that runs";
  EXPECT_NE(Said().find("Nothing was changed"), std::string::npos) << Said();
  EXPECT_FALSE(fs::exists(folder_.File("nowhere")));
  EXPECT_NE(Admin({"backup-key", "--out", folder_.File("other")}, hub_->data_dir()), 0);
  EXPECT_NE(Said().find("BACKUP_KEY_EXISTS"), std::string::npos) << Said();
  EXPECT_NE(Admin({"restore", backup, "--key", KeyFile(), "--yes"}, hub_->data_dir()), 0);
  EXPECT_NE(Said().find("DATA_FOLDER_IN_USE"), std::string::npos) << Said();

  ASSERT_TRUE(hub_->Stop());
  EXPECT_NE(Admin({"backup"}, hub_->data_dir()), 0);
  EXPECT_NE(Said().find("HUB_NOT_RUNNING"), std::string::npos) << Said();
  // Nobody is there to be asked.
  EXPECT_NE(Admin({"restore", backup, "--key", KeyFile()}, hub_->data_dir()), 0);
  EXPECT_NE(Said().find("NOT_CONFIRMED"), std::string::npos) << Said();
  fs::resize_file(backup, fs::file_size(backup) - 1);
  EXPECT_NE(Admin({"restore", backup, "--key", KeyFile(), "--yes"}, hub_->data_dir()), 0);
  EXPECT_NE(Said().find("BACKUP_DAMAGED"), std::string::npos) << Said();
  EXPECT_FALSE(fs::exists(hub_->data_dir() + "/restore.staging"));
  ASSERT_NO_FATAL_FAILURE(RestartOn());
}

// Copies of five databases that are written to meanwhile fit together: nobody has applied an event
// that its writer does not know of, and what was acknowledged before the backup is in it.
TEST_F(BackupTest, IsMadeWhileTheHubWorks) {
  std::atomic<bool> done = false;
  std::vector<Sent> during;
  std::thread busy([&] {
    while (!done) during.push_back(SendOne());
  });
  const std::vector<Sent> before = SendMany(kKept);
  const std::string backup = BackUp();
  done = true;
  busy.join();
  ASSERT_TRUE(hub_->Stop());
  ASSERT_EQ(Admin({"restore", backup, "--key", KeyFile(), "--yes"}, hub_->data_dir()), 0) << Said();
  ASSERT_NO_FATAL_FAILURE(RestartOn());
  EXPECT_EQ(OpenAll(before), (std::map<std::string, int>{{"ok", kKept}}));
  // Those of afterwards are not there or whole.
  for (const auto& [reason, count] : OpenAll(during)) {
    EXPECT_TRUE(reason == "ok" || reason == "REFERRAL_NOT_FOUND" || reason == "RELEASE_NOT_FOUND")
        << reason << " " << count;
  }
  EXPECT_EQ(OpenAll(SendMany(3)), (std::map<std::string, int>{{"ok", 3}}));
}

// The hub itself has no person behind it: nobody's session may start a backup.
TEST_F(BackupTest, IsNobodysButTheOperators) {
  const operations_v1::StartBackupRequest request;
  for (const auth::Actor& actor :
       {from_.caseworker, from_.admin, coalition_->MakeCoordinator(), auth::Actor()}) {
    EXPECT_EQ(ReasonOf(coalition_->Call<operations_v1::StartBackupResponse>(
                  actor, "/fairlead.operations.v1.BackupService/StartBackup", request)),
              "SERVICES_ONLY");
  }
  EXPECT_FALSE(fs::exists(hub_->data_dir() + "/backups"));
}

}  // namespace
}  // namespace fairlead::testing
