// Idempotency, on both engines.
#include "services/common/rpc/mutate.h"

#include <gtest/gtest.h>

#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/identity/v1/identity.pb.h"
#include "services/common/testing/temp_dir.h"
#include "services/common/testing/test_database.h"

namespace fairlead::rpc {
namespace {

using Request = directory::v1::CreateAgencyRequest;
using Response = directory::v1::CreateAgencyResponse;
using Engine = storage::Transaction::Engine;

constexpr int64_t kNowMs = 1'700'000'000'000;
constexpr char kId[] = "0190a5c0-0000-7000-8000-000000000001";
constexpr char kOtherId[] = "0190a5c0-0000-7000-8000-000000000002";

storage::Migrations EffectMigrations() {
  storage::Migrations set;
  set.service = "effects";
  set.sqlite = {{1, "effects", "CREATE TABLE effect (name TEXT NOT NULL) STRICT;"}};
  set.postgres = {{1, "effects", "CREATE TABLE effect (name TEXT NOT NULL);"}};
  return set;
}

class MutateTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    auto database = testing::OpenTestDatabase(GetParam(), folder_,
                                              {IdempotencyMigrations(), EffectMigrations()});
    ASSERT_TRUE(database) << ToString(database.error());
    database_ = std::move(*database);
  }
  void TearDown() override {
    if (database_) database_->Close();
  }
  static CallContext Context(const std::string& agency = "a1", const std::string& staff = "s1",
                             const std::string& method = "/x.Y/Create") {
    CallContext context;
    context.actor.kind = auth::ActorKind::kStaff;
    context.actor.agency_id = agency;
    context.actor.staff_id = staff;
    context.method = method;
    return context;
  }
  static Request Make(const std::string& request_id, const std::string& name = "n") {
    Request request;
    request.set_request_id(request_id);
    request.set_name(name);
    return request;
  }
  // Inserts a row named as the request and answers with the number of rows.
  std::function<Result<Response>(storage::Transaction&)> Effect(const Request& request) {
    return [name = request.name()](storage::Transaction& tx) -> Result<Response> {
      FAIRLEAD_RETURN_IF_ERROR(tx.Execute("INSERT INTO effect (name) VALUES ($1)", {name}));
      FAIRLEAD_ASSIGN(const auto rows, tx.Query("SELECT count(*) FROM effect"));
      Response response;
      response.mutable_agency()->set_id(std::to_string(rows[0].Int(0)));
      return response;
    };
  }
  Result<Response> Do(const CallContext& context, const Request& request, int64_t now_ms = kNowMs) {
    return SyncWait(Mutate<Response>(*database_, context, request, now_ms, Effect(request)));
  }
  int64_t Count(const std::string& table) {
    std::function<Result<int64_t>(storage::ReadTransaction&)> job =
        [&](storage::ReadTransaction& tx) -> Result<int64_t> {
      FAIRLEAD_ASSIGN(const auto rows, tx.Query("SELECT count(*) FROM " + table));
      return rows[0].Int(0);
    };
    return *SyncWait(database_->Read<int64_t>(job));
  }

  const testing::TempDir folder_;
  std::unique_ptr<storage::Database> database_;
};

TEST_P(MutateTest, ARepeatGetsTheFirstAnswerAndDoesNothing) {
  const Result<Response> first = Do(Context(), Make(kId));
  ASSERT_TRUE(first) << ToString(first.error());
  EXPECT_EQ(first->agency().id(), "1");
  const Result<Response> other = Do(Context(), Make(kOtherId));
  EXPECT_EQ(other->agency().id(), "2");
  for (int i = 0; i < 3; ++i) {
    const Result<Response> again = Do(Context(), Make(kId));
    ASSERT_TRUE(again) << ToString(again.error());
    EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  }
  EXPECT_EQ(Count("effect"), 2);
}

TEST_P(MutateTest, AnotherPayloadIsRefusedAndDoesNothing) {
  ASSERT_TRUE(Do(Context(), Make(kId)));
  const Result<Response> reused = Do(Context(), Make(kId, "another"));
  ASSERT_FALSE(reused);
  EXPECT_EQ(reused.error().code, Code::kFailedPrecondition);
  EXPECT_EQ(reused.error().reason, "REQUEST_ID_REUSED");
  // A colleague cannot fetch the answer by the id.
  EXPECT_EQ(Do(Context("a1", "s2"), Make(kId)).error().reason, "REQUEST_ID_REUSED");
  EXPECT_EQ(Count("effect"), 1);
}

TEST_P(MutateTest, OtherAgenciesAndMethodsHaveTheirOwnIds) {
  ASSERT_TRUE(Do(Context("a1"), Make(kId)));
  EXPECT_EQ(Do(Context("a2"), Make(kId, "x"))->agency().id(), "2");
  EXPECT_EQ(Do(Context("a1", "s1", "/x.Y/Other"), Make(kId, "x"))->agency().id(), "3");
  CallContext anonymous;
  anonymous.method = "/x.Y/Create";
  EXPECT_EQ(Do(anonymous, Make(kId))->agency().id(), "4");
}

TEST_P(MutateTest, ARefusalIsNotKept) {
  const Request request = Make(kId);
  std::function<Result<Response>(storage::Transaction&)> refuse =
      [](storage::Transaction& tx) -> Result<Response> {
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute("INSERT INTO effect (name) VALUES ('lost')"));
    return Fail(Code::kAborted, "ETAG_MISMATCH", "It has changed.");
  };
  const Result<Response> refused =
      SyncWait(Mutate<Response>(*database_, Context(), request, kNowMs, refuse));
  EXPECT_EQ(refused.error().reason, "ETAG_MISMATCH");
  EXPECT_EQ(Count("effect"), 0);
  EXPECT_EQ(Count("idempotency"), 0);
  EXPECT_TRUE(Do(Context(), request));
}

TEST_P(MutateTest, Replays) {
  const Request request = Make(kId);
  auto replay = SyncWait(Replay<Response>(*database_, Context(), request));
  ASSERT_TRUE(replay);
  EXPECT_FALSE(replay->has_value());
  const Result<Response> first = Do(Context(), request);
  replay = SyncWait(Replay<Response>(*database_, Context(), request));
  ASSERT_TRUE(replay && replay->has_value());
  EXPECT_EQ((*replay)->SerializeAsString(), first->SerializeAsString());
  const Request other = Make(kId, "another");
  EXPECT_EQ(SyncWait(Replay<Response>(*database_, Context(), other)).error().reason,
            "REQUEST_ID_REUSED");
}

// The same request many times at once: one effect, one answer.
TEST_P(MutateTest, ManyAtOnceHaveOneEffect) {
  constexpr int kAtOnce = 32;
  const Request request = Make(kId);
  std::mutex mutex;
  std::condition_variable done;
  std::vector<Result<Response>> answers;
  for (int i = 0; i < kAtOnce; ++i) {
    Start(Mutate<Response>(*database_, Context(), request, kNowMs, Effect(request)),
          [&](Result<Response> answer) {
            const std::lock_guard lock(mutex);
            answers.push_back(std::move(answer));
            done.notify_one();
          });
  }
  std::unique_lock lock(mutex);
  done.wait(lock, [&] { return answers.size() == kAtOnce; });
  for (const Result<Response>& answer : answers) {
    ASSERT_TRUE(answer) << ToString(answer.error());
    EXPECT_EQ(answer->agency().id(), "1");
  }
  EXPECT_EQ(Count("effect"), 1);
}

TEST_P(MutateTest, OldAnswersGoInBoundedBatches) {
  constexpr int kRows = 40;
  for (int i = 0; i < kRows; ++i) {
    ASSERT_TRUE(Do(Context(), Make("old-" + std::to_string(i)), kNowMs));
  }
  const auto purge = [&](int64_t now_ms, int64_t limit) {
    std::function<Result<int64_t>(storage::Transaction&)> job = [=](storage::Transaction& tx) {
      return PurgeAnswers(tx, now_ms, limit);
    };
    return *SyncWait(database_->Write<int64_t>(job));
  };
  EXPECT_EQ(purge(kNowMs + kAnswerLifetimeMs, 100), 0);  // a day old to the millisecond
  EXPECT_EQ(purge(kNowMs + kAnswerLifetimeMs + 1, 15), 15);
  EXPECT_EQ(Count("idempotency"), kRows - 15);
  // And by itself, as new ones come in.
  const int64_t later_ms = kNowMs + kAnswerLifetimeMs + 1;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(Do(Context(), Make("new-" + std::to_string(i)), later_ms));
  }
  EXPECT_EQ(Count("idempotency"), 100);
  EXPECT_EQ(Do(Context(), Make("old-0"), later_ms)->agency().id(), std::to_string(kRows + 101));
}

TEST_P(MutateTest, SecretsAreNeverStored) {
  identity::v1::SetUpRequest request;
  request.set_request_id(kId);
  request.set_set_up_code("a canary of a passphrase");
  const AnswerKey key = MakeAnswerKey(Context(), request);
  // Not even hashed: another passphrase makes no other key.
  request.set_set_up_code("another passphrase entirely");
  EXPECT_EQ(MakeAnswerKey(Context(), request).request_hash, key.request_hash);
  request.set_agency_name("d");
  EXPECT_NE(MakeAnswerKey(Context(), request).request_hash, key.request_hash);

  std::function<Result<int64_t>(storage::Transaction&)> job =
      [&](storage::Transaction& tx) -> Result<int64_t> {
    identity::v1::SignInResponse response;
    response.set_session_token("token");
    FAIRLEAD_RETURN_IF_ERROR(RecordAnswer(tx, key, response, kNowMs));
    return 1;
  };
  EXPECT_EQ(SyncWait(database_->Write<int64_t>(job)).error().reason, "SECRET_IN_ANSWER");
  EXPECT_EQ(Count("idempotency"), 0);
}

TEST_P(MutateTest, ACorruptAnswerIsAnErrorAndNotASecondEffect) {
  const Request request = Make(kId);
  ASSERT_TRUE(Do(Context(), request));
  std::function<Result<int64_t>(storage::Transaction&)> spoil = [](storage::Transaction& tx) {
    return tx.Execute("UPDATE idempotency SET response = $1", {storage::Blob{"\xff\xff"}});
  };
  ASSERT_EQ(*SyncWait(database_->Write<int64_t>(spoil)), 1);
  EXPECT_EQ(Do(Context(), request).error().reason, "STORED_ANSWER_CORRUPT");
  EXPECT_EQ(SyncWait(Replay<Response>(*database_, Context(), request)).error().reason,
            "STORED_ANSWER_CORRUPT");
  EXPECT_EQ(Count("effect"), 1);
}

INSTANTIATE_TEST_SUITE_P(Engines, MutateTest, ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& instance) {
                           return instance.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::rpc
