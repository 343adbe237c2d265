// Opening and taking back at once, through a real gRPC server in a process of its own, which is
// killed (SIGKILL) and whose clock is set an hour forward and back meanwhile: after a revocation is
// acknowledged nothing opens, and the disclosure log has what was served, entry for entry.
//
// FAIRLEAD_REVOCATION_PAIRS: how many pairs of a revocation and an opening, on SQLite; without it,
// as many as there is time for. One round in eight has a kill in its middle. `./fairlead test
// --long` runs 100,000.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>
#include <utility>

#include "fairlead/consent/v1/consent.pb.h"
#include "services/common/audit/audit.h"
#include "services/common/auth/policy.h"
#include "services/common/base/random.h"
#include "services/common/base/text.h"
#include "services/common/outbox/outbox.h"
#include "services/common/rpc/mutate.h"
#include "services/common/testing/calls.h"
#include "services/common/testing/postgres_server.h"
#include "services/common/testing/service_process.h"
#include "services/common/testing/temp_dir.h"
#include "services/consent/migrations.h"
#include "services/consent/service.h"

namespace fairlead::consent {
namespace {

using Engine = storage::Transaction::Engine;
using testing::Calls;
using testing::IsOpen;

constexpr size_t kPairs = 40;  // of a round
constexpr int kKillOneIn = 8;
constexpr int kFewestRounds = 16;
constexpr int64_t kRoundsMs = 4'000;  // no new round after so long, unless a number is given
constexpr int64_t kHourMs = 3'600'000;
constexpr int kAttempts = 20;
const std::string kConsent = "/fairlead.consent.v1.ConsentService/";

// 0: as many as there is time for.
size_t PairsAsked(Engine engine) {
  const char* text = std::getenv("FAIRLEAD_REVOCATION_PAIRS");
  return text == nullptr || engine == Engine::kPostgres ? 0 : std::strtoull(text, nullptr, 10);
}

// One opening, by a person of its own: so that its line in the log is known among all others.
struct Opening {
  auth::Actor by;
  v1::ReleaseCustodyKeyRequest request;
};

// What the caller was told of it, or that it was told nothing.
enum class Outcome { kServed, kDenied, kLost };

struct Pair {
  v1::Release release;
  v1::IssueCustodyKeysRequest issue;
  v1::RevokeReleaseRequest revoke;
  Opening race;
};

// A line of the log, as far as it can be foreseen: referral, release, agency, staff, kind, purpose,
// categories.
using Line = std::string;

class RevocationRaceTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    url_ = "sqlite:" + folder_.File("consent.db");
    if (GetParam() == Engine::kPostgres) {
      const auto server = testing::PostgresServer::Shared();
      ASSERT_TRUE(server) << ToString(server.error());
      url_ = *(*server)->NewDatabase();
    }
    process_.emplace(url_, folder_);
    ASSERT_TRUE(process_->Launch());
    discloser_ = Person(ids_.New());
    recipient_agency_id_ = ids_.New();
  }
  void TearDown() override {
    if (process_) process_->Stop();
  }

  auth::Actor Person(const std::string& agency_id) {
    auth::Actor actor;
    actor.kind = auth::ActorKind::kStaff;
    actor.staff_id = ids_.New();
    actor.agency_id = agency_id;
    actor.agency_kind = auth::AgencyKind::kVictimServiceProvider;
    actor.membership = auth::Membership::kActive;
    actor.roles = {auth::Role::kCaseworker};
    actor.session_id = ids_.New();
    actor.assurance = auth::kSignedIn;
    return actor;
  }

  // A call as the referral service makes it, for a person of the disclosing agency or `by`.
  // `channel`: a restart has another, while calls are under way on the one before.
  template <class Response, class Request>
  Task<Result<Response>> Begin(rpc::Channel& channel, const char* method, const Request& request,
                               const auth::Actor& by) {
    return rpc::Call<Response>(channel, kConsent + method, request,
                               process_->Options(by, std::string(auth::kReferral)));
  }
  // All at once, and those that a kill has left open again, until each has its answer.
  template <class Response, class Request>
  std::vector<Response> All(const char* method, const std::vector<Request>& requests) {
    std::vector<Response> answers(requests.size());
    std::vector<size_t> open(requests.size());
    for (size_t i = 0; i < open.size(); ++i) open[i] = i;
    for (int attempt = 0; attempt < kAttempts && !open.empty(); ++attempt) {
      std::vector<Task<Result<Response>>> tasks;
      for (const size_t i : open) {
        tasks.push_back(Begin<Response>(process_->channel(), method, requests[i], discloser_));
      }
      Calls<Result<Response>> calls(std::move(tasks));
      std::vector<size_t> still;
      auto results = calls.Wait();
      for (size_t k = 0; k < results.size(); ++k) {
        if (results[k]) answers[open[k]] = std::move(*results[k]);
        else if (IsOpen(results[k].error())) still.push_back(open[k]);
        else ADD_FAILURE() << method << ": " << ToString(results[k].error());
      }
      open = std::move(still);
    }
    EXPECT_TRUE(open.empty()) << method << ": calls without an answer";
    return answers;
  }

  // Releases, signed, with a packet sent under each.
  std::vector<Pair> Prepare() {
    std::vector<v1::CreateReleaseRequest> drafts(kPairs);
    for (v1::CreateReleaseRequest& draft : drafts) {
      draft.set_request_id(ids_.New());
      draft.set_form_version("1");
      draft.set_form_hash(std::string(43, 'A'));
      draft.set_jurisdiction("TX");
      draft.set_case_handle(ids_.New());
      draft.add_recipient_agency_ids(recipient_agency_id_);
      draft.add_categories("needs");
      draft.add_purposes("referral");
      draft.set_action(v1::RELEASE_ACTION_ONGOING);
      draft.set_hub_named_as_intermediary(true);
      draft.set_contact_prohibited(true);
    }
    const auto made = All<v1::CreateReleaseResponse>("CreateRelease", drafts);
    std::vector<v1::SignReleaseRequest> signings(kPairs);
    for (size_t i = 0; i < kPairs; ++i) {
      v1::SignReleaseRequest& sign = signings[i];
      sign.set_request_id(ids_.New());
      sign.set_release_id(made[i].release().id());
      sign.mutable_signature()->set_capacity(v1::SIGNER_CAPACITY_SELF);
      sign.mutable_signature()->set_method(v1::SIGNATURE_METHOD_ESIGNED);
      sign.mutable_signature()->set_artefact_id(ids_.New());
      sign.mutable_signature()->set_language("en");
      sign.mutable_signature()->set_plain_language_confirmed(true);
      sign.mutable_signature()->set_risks_and_alternatives_explained(true);
      sign.set_not_a_condition_of_service(true);
      sign.set_consequences_of_refusing_explained(true);
      sign.set_right_to_revoke_explained(true);
      sign.set_redisclosure_explained(true);
      sign.set_copy_offered(true);
    }
    const auto done = All<v1::SignReleaseResponse>("SignRelease", signings);
    std::vector<Pair> pairs(kPairs);
    std::vector<v1::IssueCustodyKeysRequest> issues;
    for (size_t i = 0; i < kPairs; ++i) {
      Fill(pairs[i], done[i].release());
      issues.push_back(pairs[i].issue);
    }
    All<v1::IssueCustodyKeysResponse>("IssueCustodyKeys", issues);
    return pairs;
  }
  void Fill(Pair& pair, const v1::Release& release) {
    pair.release = release;
    pair.issue.set_release_id(release.id());
    pair.issue.set_referral_id(ids_.New());
    pair.issue.add_agency_ids(recipient_agency_id_);
    pair.issue.add_agency_ids(discloser_.agency_id);
    pair.issue.set_case_handle(release.case_handle());
    pair.issue.set_purpose("referral");
    pair.issue.add_categories("needs");
    pair.issue.set_release_hash(release.release_hash());
    pair.revoke.set_request_id(ids_.New());
    pair.revoke.set_release_id(release.id());
    pair.revoke.set_method(v1::SIGNATURE_METHOD_ORAL);
    pair.race = OpeningOf(pair, recipient_agency_id_);
    due_.insert(LineOf(pair.race, "sent", ""));
  }
  Opening OpeningOf(const Pair& pair, const std::string& agency_id) {
    Opening opening;
    opening.by = Person(agency_id);
    opening.request.set_release_id(pair.release.id());
    opening.request.set_referral_id(pair.issue.referral_id());
    opening.request.set_agency_id(agency_id);
    opening.request.set_purpose("referral");
    opening.request.add_categories("needs");
    opening.request.set_release_hash(pair.release.release_hash());
    return opening;
  }
  static Line LineOf(const Opening& opening, const std::string& kind,
                     const std::string& staff_id) {
    return Join({opening.request.referral_id(), opening.request.release_id(),
                 opening.request.agency_id(), staff_id, kind, "referral", "needs"},
                ' ');
  }

  Task<Outcome> Open(rpc::Channel& channel, const Opening& opening) {
    Task<Result<v1::ReleaseCustodyKeyResponse>> call = Begin<v1::ReleaseCustodyKeyResponse>(
        channel, "ReleaseCustodyKey", opening.request, opening.by);
    Result<v1::ReleaseCustodyKeyResponse> key = co_await std::move(call);
    if (key) co_return Outcome::kServed;
    if (IsOpen(key.error())) co_return Outcome::kLost;
    // The clock may be an hour before the release.
    const std::string& reason = key.error().reason;
    EXPECT_TRUE(reason == "RELEASE_REVOKED" || reason == "RELEASE_NOT_YET_EFFECTIVE")
        << ToString(key.error());
    co_return Outcome::kDenied;
  }
  // Takes it back and, the moment that is acknowledged, opens. kLost: not acknowledged.
  Task<Outcome> RevokeAndOpen(rpc::Channel& channel, const Pair& pair, const Opening& late) {
    Task<Result<v1::RevokeReleaseResponse>> call =
        Begin<v1::RevokeReleaseResponse>(channel, "RevokeRelease", pair.revoke, discloser_);
    Result<v1::RevokeReleaseResponse> revoked = co_await std::move(call);
    if (!revoked) {
      EXPECT_TRUE(IsOpen(revoked.error())) << ToString(revoked.error());
      co_return Outcome::kLost;
    }
    Task<Outcome> open = Open(channel, late);
    const Outcome opened = co_await std::move(open);
    EXPECT_NE(opened, Outcome::kServed) << "opened after an acknowledged revocation";
    if (opened == Outcome::kServed) ++late_opens_;
    co_return Outcome::kDenied;
  }

  // What was told must be in the log once, and what was denied must not. But the channel asks again
  // by itself, so that an answer which was given and lost with the process is in the log as well.
  void Keep(const Opening& opening, Outcome outcome, bool killed) {
    const Line line = LineOf(opening, "opened", opening.by.staff_id);
    if (outcome == Outcome::kServed) due_.insert(line);
    if (killed) perhaps_.insert(line);
    else EXPECT_NE(outcome, Outcome::kLost) << "an answer was lost, and nothing was killed";
    ++outcomes_[outcome];
  }

  void Round(SeededRandom& random, bool kill) {
    const std::vector<Pair> pairs = Prepare();
    if (HasFailure()) return;
    std::vector<Opening> late;
    for (const Pair& pair : pairs) late.push_back(OpeningOf(pair, recipient_agency_id_));
    // Even: the opening of a pair; odd: its revocation. In any order.
    std::vector<size_t> order(2 * kPairs);
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.Below(i)]);
    rpc::Channel& channel = process_->channel();
    std::vector<Task<Outcome>> tasks;
    for (const size_t i : order) {
      tasks.push_back(i % 2 == 0 ? Open(channel, pairs[i / 2].race)
                                 : RevokeAndOpen(channel, pairs[i / 2], late[i / 2]));
    }
    Calls<Outcome> calls(std::move(tasks));
    if (random.Below(3) == 0) Jump(random);
    if (kill) {
      calls.WaitFor(random.Below(2 * kPairs));
      process_->Kill();
      if (calls.ended() < 2 * kPairs) ++struck_;
      EXPECT_TRUE(process_->Launch());
    }
    const std::vector<Outcome> outcomes = calls.Wait();
    for (size_t k = 0; k < order.size(); ++k) {
      if (order[k] % 2 == 0) Keep(pairs[order[k] / 2].race, outcomes[k], kill);
    }
    Afterwards(pairs);
  }

  // Every revocation is acknowledged by now, or is asked for again: nothing opens, to nobody, and
  // nothing is sent.
  void Afterwards(const std::vector<Pair>& pairs) {
    std::vector<v1::RevokeReleaseRequest> again;
    for (const Pair& pair : pairs) again.push_back(pair.revoke);
    for (const auto& answer : All<v1::RevokeReleaseResponse>("RevokeRelease", again)) {
      EXPECT_EQ(answer.release().state(), v1::RELEASE_STATE_REVOKED);
    }
    std::vector<Opening> openings;
    for (const Pair& pair : pairs) {
      openings.push_back(OpeningOf(pair, recipient_agency_id_));
      openings.push_back(OpeningOf(pair, discloser_.agency_id));
    }
    std::vector<Task<Outcome>> tasks;
    for (const Opening& opening : openings) {
      tasks.push_back(Open(process_->channel(), opening));
    }
    Calls<Outcome> calls(std::move(tasks));
    for (const Outcome outcome : calls.Wait()) {
      EXPECT_EQ(outcome, Outcome::kDenied) << "after an acknowledged revocation";
      if (outcome == Outcome::kServed) ++late_opens_;
    }
    std::vector<Task<Result<v1::IssueCustodyKeysResponse>>> sends;
    for (const Pair& pair : pairs) {
      sends.push_back(
          Begin<v1::IssueCustodyKeysResponse>(process_->channel(), "IssueCustodyKeys", pair.issue,
                                              discloser_));
    }
    Calls<Result<v1::IssueCustodyKeysResponse>> sending(std::move(sends));
    for (const auto& issued : sending.Wait()) EXPECT_FALSE(issued) << "sent after a revocation";
  }

  void Jump(SeededRandom& random) {
    const int64_t offset_ms = (static_cast<int64_t>(random.Below(3)) - 1) * kHourMs;
    EXPECT_TRUE(process_->SetClock(offset_ms));
    ++jumps_;
  }

  // The whole log, read when the process has gone; and the keys that it left.
  void TheLogIsWhatWasServed() {
    EXPECT_EQ(process_->Stop(), 0) << "it did not stop by itself";
    storage::DatabaseOptions options;
    options.url = url_;
    options.attached = {"custody"};
    const auto database =
        storage::OpenDatabase(options, {outbox::OutboxMigrations(), audit::AuditMigrations(),
                                        rpc::IdempotencyMigrations(), Migrations()});
    ASSERT_TRUE(database) << ToString(database.error());
    std::function<Result<bool>(storage::ReadTransaction&)> job =
        [&](storage::ReadTransaction& tx) -> Result<bool> {
      FAIRLEAD_ASSIGN(const auto rows,
                      tx.Query("SELECT referral_id, release_id, recipient_agency_id, staff_id, "
                               "kind, purpose, categories FROM disclosure"));
      std::set<Line> logged;
      for (const storage::Row& row : rows) {
        std::vector<std::string> words;
        for (size_t i = 0; i < row.size(); ++i) words.push_back(row.Text(i));
        const Line line = Join(words, ' ');
        if (!logged.insert(line).second) {
          EXPECT_TRUE(perhaps_.contains(line)) << "twice in the log: " << line;
        }
        EXPECT_TRUE(due_.contains(line) || perhaps_.contains(line))
            << "in the log and not served: " << line;
      }
      for (const Line& line : due_) {
        EXPECT_TRUE(logged.contains(line)) << "served and not in the log: " << line;
      }
      FAIRLEAD_ASSIGN(const auto keys, tx.Query("SELECT COUNT(*) FROM custody.custody_key"));
      EXPECT_EQ(keys[0].Int(0), 0) << "keys of releases that were all taken back";
      return true;
    };
    const auto read = SyncWait((*database)->Read<bool>(job));
    EXPECT_TRUE(read) << ToString(read.error());
    (*database)->Close();
  }

  const testing::TempDir folder_;
  IdGenerator ids_{SystemClock(), SystemRandom()};
  std::string url_;
  std::optional<testing::ServiceProcess> process_;
  auth::Actor discloser_;
  std::string recipient_agency_id_;
  std::set<Line> due_;      // lines that must be in the log
  std::set<Line> perhaps_;  // lines that may be there: of openings under which it was killed
  std::map<Outcome, size_t> outcomes_;
  std::atomic<int> late_opens_{0};
  int jumps_ = 0;
  int struck_ = 0;  // kills with calls under way
};

TEST_P(RevocationRaceTest, AfterAnAcknowledgedRevocationNothingOpens) {
  SeededRandom random(20'261'127);
  const size_t asked = PairsAsked(GetParam());
  const int64_t end_ms = SystemClock().SteadyMs() + kRoundsMs;
  const auto goes_on = [&](size_t round) {
    if (asked > 0) return round * kPairs < asked;
    return round < kFewestRounds || SystemClock().SteadyMs() < end_ms;
  };
  size_t round = 0;
  for (; goes_on(round) && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    Round(random, /*kill=*/round % kKillOneIn == 3);
  }
  TheLogIsWhatWasServed();
  std::cout << round * kPairs << " pairs, " << outcomes_[Outcome::kServed] << " opened before, "
            << outcomes_[Outcome::kDenied] << " denied, " << outcomes_[Outcome::kLost]
            << " lost; " << late_opens_.load() << " opened after an acknowledged revocation; "
            << process_->kills() << " kills (" << struck_ << " under calls), " << jumps_
            << " clock jumps\n";
  EXPECT_EQ(late_opens_.load(), 0);
  EXPECT_GT(outcomes_[Outcome::kServed], 0U) << "it was no race: nothing opened";
  EXPECT_GT(outcomes_[Outcome::kDenied], 0U) << "it was no race: everything opened";
  EXPECT_GT(struck_, 0) << "no kill struck a round";
  EXPECT_GT(jumps_, 0);
}

INSTANTIATE_TEST_SUITE_P(Engines, RevocationRaceTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& instance) {
                           return instance.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::consent

int main(int argc, char** argv) {
  if (const auto code =
          fairlead::testing::ServeIfChild(argc, argv, fairlead::consent::StartConsentService)) {
    return *code;
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
