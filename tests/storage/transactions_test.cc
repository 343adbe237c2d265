// Transactions: what a commit, an error and company mean, on both engines alike.
#include <atomic>
#include <future>
#include <map>
#include <thread>

#include "tests/storage/engine_test.h"

namespace fairlead::storage {
namespace {

class TransactionsTest : public EngineTest {};
FAIRLEAD_ON_BOTH_ENGINES(TransactionsTest);

TEST_P(TransactionsTest, CommitsAndReadsBack) {
  ASSERT_TRUE(Open());
  const auto job = [](Transaction& tx) -> Result<int64_t> {
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute("INSERT INTO counter VALUES ('a', 1)"));
    return tx.Execute("INSERT INTO counter VALUES ($1, $2), ('c', 3)", {"b", 2});
  };
  EXPECT_EQ(Write(job), 2);
  EXPECT_EQ(Number("SELECT count(*) FROM counter"), 3);
  EXPECT_EQ(Number("SELECT sum(value) FROM counter"), 6);
  EXPECT_EQ(database_->engine(), GetParam());
}

TEST_P(TransactionsTest, AnErrorChangesNothing) {
  ASSERT_TRUE(Open());
  const auto job = [](Transaction& tx) -> Result<int64_t> {
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute("INSERT INTO counter VALUES ('a', 1)"));
    return Fail(Code::kAborted, "CHANGED_MY_MIND", "no");
  };
  const Result<int64_t> result = Write(job);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().reason, "CHANGED_MY_MIND");
  EXPECT_EQ(Number("SELECT count(*) FROM counter"), 0);
}

TEST_P(TransactionsTest, AFailedStatementDoomsItsTransaction) {
  ASSERT_TRUE(Open());
  ASSERT_TRUE(Run("INSERT INTO counter VALUES ('a', 1)").has_value());
  const auto job = [](Transaction& tx) -> Result<int64_t> {
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute("INSERT INTO counter VALUES ('b', 1)"));
    const Result<int64_t> again = tx.Execute("INSERT INTO counter VALUES ('a', 1)");
    EXPECT_FALSE(again.has_value());
    const Result<std::vector<Row>> after = tx.Query("SELECT 1");
    EXPECT_EQ(after.error().reason, "UNIQUE_VIOLATION");
    return 7;  // the job pretends that all is well
  };
  const Result<int64_t> result = Write(job);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().reason, "UNIQUE_VIOLATION");
  EXPECT_EQ(Number("SELECT count(*) FROM counter"), 1);
}

TEST_P(TransactionsTest, AnExceptionIsAnErrorAndChangesNothing) {
  ASSERT_TRUE(Open());
  const auto job = [](Transaction& tx) -> Result<int64_t> {
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute("INSERT INTO counter VALUES ('a', 1)"));
    throw std::runtime_error("a defect");
  };
  EXPECT_EQ(Write(job).error().reason, "STORAGE_ERROR");
  EXPECT_EQ(Number("SELECT count(*) FROM counter"), 0);
  EXPECT_TRUE(Run("INSERT INTO counter VALUES ('a', 1)").has_value());
}

// Jobs that fail, in the same group commit as jobs that succeed, take nothing with them.
TEST_P(TransactionsTest, EachJobOfAGroupStandsAlone) {
  ASSERT_TRUE(Open());
  constexpr int kJobs = 200;
  Countdown left(kJobs);
  std::atomic<int> failed = 0;
  for (int i = 0; i < kJobs; ++i) {
    const auto job = [i](Transaction& tx) -> Result<void> {
      FAIRLEAD_RETURN_IF_ERROR(
          tx.Execute("INSERT INTO counter VALUES ($1, $2)", {"c" + std::to_string(i), i}));
      if (i % 3 == 1) return Fail(Code::kAborted, "ODD_ONE_OUT", "");
      if (i % 3 == 2)
        FAIRLEAD_RETURN_IF_ERROR(
            tx.Execute("INSERT INTO counter VALUES ($1, 0)", {"c" + std::to_string(i)}));
      return {};
    };
    database_->Write(job, [&](const Result<void>& result) {
      if (!result) ++failed;
      left.Done();
    });
  }
  left.Wait();
  EXPECT_EQ(failed, 133);
  EXPECT_EQ(Number("SELECT count(*) FROM counter"), 67);
  EXPECT_EQ(Number("SELECT count(*) FROM counter WHERE value % 3 <> 0"), 0);
}

TEST_P(TransactionsTest, NamesTheConstraint) {
  ASSERT_TRUE(Open());
  ASSERT_TRUE(Run("INSERT INTO item VALUES ('a', 1, NULL, NULL)").has_value());
  const std::map<std::string, std::string> cases = {
      {"INSERT INTO item VALUES ('a', 2, NULL, NULL)", "already_exists UNIQUE_VIOLATION"},
      {"INSERT INTO item VALUES ('b', -1, NULL, NULL)", "failed_precondition CHECK_VIOLATION"},
      {"INSERT INTO item VALUES ('b', NULL, NULL, NULL)", "failed_precondition CHECK_VIOLATION"},
      {"INSERT INTO part VALUES ('p', 'zzz')", "failed_precondition FOREIGN_KEY_VIOLATION"},
      {"INSERT INTO late_part VALUES ('p', 'zzz')", "failed_precondition FOREIGN_KEY_VIOLATION"},
      {"INSERT INTO nowhere VALUES (1)", "internal STORAGE_ERROR"},
      {"INSERT INTO item VALUES (", "internal STORAGE_ERROR"},
  };
  for (const auto& [sql, expected] : cases) {
    const Result<int64_t> result = Run(sql);
    ASSERT_FALSE(result.has_value()) << sql;
    EXPECT_TRUE(ToString(result.error()).starts_with(expected))
        << sql << ": " << ToString(result.error());
  }
  EXPECT_FALSE(Run("INSERT INTO item VALUES ('a', 2, NULL, NULL)").error().metadata.empty());
  ASSERT_TRUE(Run("INSERT INTO part VALUES ('p', 'a')").has_value());
  EXPECT_EQ(Run("DELETE FROM item WHERE id = 'a'").error().reason, "FOREIGN_KEY_VIOLATION");
  EXPECT_EQ(Number("SELECT count(*) FROM item"), 1);
}

TEST_P(TransactionsTest, ADeferredForeignKeyMayBeSatisfiedLater) {
  ASSERT_TRUE(Open());
  const auto job = [](Transaction& tx) -> Result<int64_t> {
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute("INSERT INTO late_part VALUES ('p', 'a')"));
    return tx.Execute("INSERT INTO item VALUES ('a', 1, NULL, NULL)");
  };
  EXPECT_EQ(Write(job), 1);
}

// 64 in flight, each reads and writes back: nothing is lost.
TEST_P(TransactionsTest, ConcurrentIncrementsAreSerialisable) {
  ASSERT_TRUE(Open());
  ASSERT_TRUE(Run("INSERT INTO counter VALUES ('n', 0)").has_value());
  constexpr int kInFlight = 64;
  constexpr int kRounds = 5;
  Countdown left(kInFlight * kRounds);
  std::mutex mutex;
  std::map<std::string, int> errors;
  const auto job = [](Transaction& tx) -> Result<void> {
    FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                    tx.Query("SELECT value FROM counter WHERE id = 'n'"));
    FAIRLEAD_RETURN_IF_ERROR(
        tx.Execute("UPDATE counter SET value = $1 WHERE id = 'n'", {rows[0].Int(0) + 1}));
    return {};
  };
  std::function<void(int)> submit = [&](int rounds) {
    database_->Write(job, [&, rounds](const Result<void>& result) {
      if (!result) {
        const std::lock_guard lock(mutex);
        ++errors[ToString(result.error())];
      }
      if (rounds > 1) submit(rounds - 1);
      left.Done();
    });
  };
  for (int i = 0; i < kInFlight; ++i) submit(kRounds);
  left.Wait();
  EXPECT_TRUE(errors.empty()) << errors.begin()->first;
  EXPECT_EQ(Number("SELECT value FROM counter WHERE id = 'n'"), kInFlight * kRounds);
}

// Write skew: two jobs that each read what the other writes. One order or the other, never both.
TEST_P(TransactionsTest, WriteSkewIsImpossible) {
  ASSERT_TRUE(Open());
  for (int round = 0; round < 20; ++round) {
    ASSERT_TRUE(Run("DELETE FROM counter").has_value());
    ASSERT_TRUE(Run("INSERT INTO counter VALUES ('x', 1), ('y', 1)").has_value());
    Countdown left(2);
    for (const char* mine : {"x", "y"}) {
      const auto leave = [mine](Transaction& tx) -> Result<void> {
        FAIRLEAD_ASSIGN(const std::vector<Row> rows, tx.Query("SELECT sum(value) FROM counter"));
        if (rows[0].Int(0) < 2) return {};  // the other has left: stay
        FAIRLEAD_RETURN_IF_ERROR(tx.Execute("UPDATE counter SET value = 0 WHERE id = $1", {mine}));
        return {};
      };
      database_->Write(leave, [&](const Result<void>& result) {
        EXPECT_TRUE(result.has_value());
        left.Done();
      });
    }
    left.Wait();
    EXPECT_EQ(Number("SELECT sum(value) FROM counter"), 1);
  }
}

TEST_P(TransactionsTest, ReadsSeeEveryAcknowledgedWrite) {
  ASSERT_TRUE(Open());
  ASSERT_TRUE(Run("INSERT INTO counter VALUES ('n', 0)").has_value());
  std::atomic<bool> stop = false;
  std::thread company([&] {
    for (int i = 0; !stop; ++i)
      (void)Run("INSERT INTO counter VALUES ($1, 1)", {std::to_string(i)});
  });
  for (int i = 1; i <= 100; ++i) {
    ASSERT_TRUE(Run("UPDATE counter SET value = $1 WHERE id = 'n'", {i}).has_value());
    ASSERT_EQ(Number("SELECT value FROM counter WHERE id = 'n'"), i);
  }
  stop = true;
  company.join();
}

// A reader's transaction is one snapshot, whatever is committed meanwhile.
TEST_P(TransactionsTest, AReadIsOneSnapshot) {
  ASSERT_TRUE(Open());
  ASSERT_TRUE(Run("INSERT INTO counter VALUES ('n', 1)").has_value());
  std::promise<void> first_seen;
  std::promise<void> changed;
  std::shared_future<void> wait_for_change = changed.get_future().share();
  Countdown left(1);
  const auto job = [&](ReadTransaction& tx) -> Result<void> {
    FAIRLEAD_ASSIGN(const std::vector<Row> before, tx.Query("SELECT value FROM counter"));
    first_seen.set_value();
    wait_for_change.wait();
    FAIRLEAD_ASSIGN(const std::vector<Row> after, tx.Query("SELECT value FROM counter"));
    EXPECT_EQ(before[0].Int(0), 1);
    EXPECT_EQ(after[0].Int(0), 1);
    return {};
  };
  database_->Read(job, [&](const Result<void>& result) {
    EXPECT_TRUE(result.has_value());
    left.Done();
  });
  first_seen.get_future().wait();
  ASSERT_TRUE(Run("UPDATE counter SET value = 2").has_value());
  changed.set_value();
  left.Wait();
  EXPECT_EQ(Number("SELECT value FROM counter"), 2);
}

TEST_P(TransactionsTest, AReaderCannotWrite) {
  ASSERT_TRUE(Open());
  EXPECT_FALSE(Select("INSERT INTO counter VALUES ('a', 1) RETURNING value").has_value());
  EXPECT_EQ(Number("SELECT count(*) FROM counter"), 0);
}

TEST_P(TransactionsTest, ReturningGivesRows) {
  ASSERT_TRUE(Open());
  const auto job = [](Transaction& tx) -> Result<int64_t> {
    FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                    tx.Query("INSERT INTO counter VALUES ('a', 41) RETURNING value + 1"));
    return rows.at(0).Int(0);
  };
  EXPECT_EQ(Write(job), 42);
}

TEST_P(TransactionsTest, TellsListenersOfWrites) {
  ASSERT_TRUE(Open());
  std::atomic<int> heard = 0;
  database_->OnCommit([&] { ++heard; });
  ASSERT_TRUE(Run("INSERT INTO counter VALUES ('a', 1)").has_value());
  EXPECT_EQ(heard, 1);
  EXPECT_FALSE(Run("INSERT INTO counter VALUES ('a', 1)").has_value());
  EXPECT_EQ(heard, 1);
}

}  // namespace
}  // namespace fairlead::storage
