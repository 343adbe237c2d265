// What SQLite does with our statements: a plan that goes wrong fails here and not in a bench.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "services/common/storage/database.h"
#include "services/common/testing/temp_dir.h"
#include "services/referral/migrations.h"

namespace fairlead::referral {
namespace {

class PlanTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = storage::OpenDatabase({.url = "sqlite:" + folder_.File("a.db")}, {Migrations()});
    ASSERT_TRUE(opened) << ToString(opened.error());
    database_ = std::move(*opened);
  }
  void TearDown() override {
    if (database_) database_->Close();
  }
  // All cells of what a statement answers.
  std::string Explain(const std::string& sql) {
    std::function<Result<std::string>(storage::Transaction&)> job =
        [&sql](storage::Transaction& tx) -> Result<std::string> {
      FAIRLEAD_ASSIGN(const std::vector<storage::Row> rows, tx.Query(sql));
      std::string text;
      for (const storage::Row& row : rows) {
        for (size_t i = 0; i < row.size(); ++i) text += row.Text(i) + " ";
      }
      return text;
    };
    Result<std::string> text = SyncWait(database_->Write<std::string>(job));
    EXPECT_TRUE(text) << ToString(text.error());
    return text.value_or("");
  }

  const testing::TempDir folder_;
  std::unique_ptr<storage::Database> database_;
};

TEST_F(PlanTest, InsertsMakeNoTemporaryTables) {
  const std::string referral = Explain(
      "EXPLAIN INSERT INTO referral VALUES "
      "('a','b','c','d',1,'',2,'','','','',1,1,'','',1,1,'',0)");
  EXPECT_NE(referral.find("IdxInsert"), std::string::npos);
  EXPECT_EQ(referral.find("OpenEphemeral"), std::string::npos);
  const std::string offer =
      Explain(
          "EXPLAIN INSERT INTO offer VALUES ('a','b','c','',1,'',1,0,0,0,1,1,1,1,1,1,0,0,'',0)");
  EXPECT_NE(offer.find("IdxInsert"), std::string::npos);
  EXPECT_EQ(offer.find("OpenEphemeral"), std::string::npos);
}

TEST_F(PlanTest, PartialIndexesAreUsed) {
  const auto plan = [this](const std::string& where) {
    return Explain("EXPLAIN QUERY PLAN SELECT id FROM " + where);
  };
  EXPECT_NE(plan("referral WHERE case_handle = 'a' AND need_code = 'b' AND state BETWEEN 2 AND 4 "
                 "AND sender_agency_id = 'c' AND id <> 'd' ORDER BY id LIMIT 1")
                .find("referral_live "),
            std::string::npos);
  EXPECT_NE(plan("referral WHERE release_id = 'a' AND state BETWEEN 2 AND 4 ORDER BY id LIMIT 1000")
                .find("referral_live_by_release"),
            std::string::npos);
  EXPECT_NE(plan("referral WHERE case_handle = 'a' AND state BETWEEN 2 AND 4 AND "
                 "sender_agency_id || '' = 'b' AND id > 'c' ORDER BY id LIMIT 200")
                .find("referral_live "),
            std::string::npos);
  EXPECT_NE(plan("referral WHERE case_handle = 'a' AND case_handle <> '' AND state BETWEEN 2 AND 8 "
                 "AND sender_agency_id || '' = 'b' LIMIT 1")
                .find("referral_of_case (case_handle=?)"),
            std::string::npos);
  const std::string old_lists = Explain(
      "EXPLAIN QUERY PLAN SELECT agency_id, case_handle FROM do_not_route WHERE touch_ms <= 1 "
      "ORDER BY touch_ms LIMIT 9");
  EXPECT_NE(old_lists.find("do_not_route_by_time"), std::string::npos);
  EXPECT_EQ(old_lists.find("TEMP B-TREE"), std::string::npos) << "sorted by the index";
  const std::string due =
      plan("offer WHERE state BETWEEN 1 AND 3 AND next_due_ms <= 1 ORDER BY next_due_ms LIMIT 9");
  EXPECT_NE(due.find("offer_due"), std::string::npos);
  EXPECT_EQ(due.find("TEMP B-TREE"), std::string::npos) << "sorted by the index";
  const std::map<std::string, std::string> hand_offs = {
      {"offer_due",
       "offer WHERE state BETWEEN 1 AND 3 AND (next_due_ms, id) > (1, 'a') "
       "ORDER BY next_due_ms, id LIMIT 9"},
      {"referral_matched",
       "referral WHERE state = 3 AND (update_ms, id) > (1, 'a') "
       "ORDER BY update_ms, id LIMIT 9"},
      {"referral_unasked",
       "referral WHERE state = 2 AND reason_code <> '' AND "
       "(update_ms, id) > (1, 'a') ORDER BY update_ms, id LIMIT 9"}};
  for (const auto& [index, query] : hand_offs) {
    EXPECT_NE(plan(query).find(index), std::string::npos) << plan(query);
    EXPECT_EQ(plan(query).find("TEMP B-TREE"), std::string::npos) << plan(query);
  }
  EXPECT_NE(plan("referral WHERE sender_agency_id = 'a' AND state = 2 AND mode BETWEEN 2 AND 3 "
                 "LIMIT 9")
                .find("referral_asked_by"),
            std::string::npos);
  const std::string notes = plan("sealed_note WHERE referral_id = 'a' ORDER BY create_ms, id");
  EXPECT_NE(notes.find("sealed_note_by_referral"), std::string::npos) << notes;
  EXPECT_EQ(notes.find("TEMP B-TREE"), std::string::npos) << notes;
  EXPECT_NE(plan("forward f JOIN referral r ON r.id = f.referral_id WHERE f.from_referral_id = 'a' "
                 "AND r.sender_agency_id || '' = 'b' ORDER BY f.referral_id")
                .find("forward_by_origin"),
            std::string::npos);
  // A leaver's, however much others have in hand.
  const std::string leavers = Explain(
      "EXPLAIN QUERY PLAN SELECT referral_id FROM assignment WHERE staff_id = 'a' AND "
      "agency_id = 'b' AND referral_id > 'c' ORDER BY referral_id LIMIT 9");
  EXPECT_NE(leavers.find("assignment_by_staff"), std::string::npos) << leavers;
  EXPECT_EQ(leavers.find("TEMP B-TREE"), std::string::npos) << leavers;
  EXPECT_NE(plan("referral WHERE state BETWEEN 5 AND 8 AND update_ms <= 1 AND case_handle <> '' "
                 "ORDER BY id LIMIT 9")
                .find("referral_to_shred"),
            std::string::npos);
}

TEST_F(PlanTest, FollowUpsAndPacesAreFoundByTheirIndexes) {
  const std::string joined = "follow_up f JOIN referral r ON r.id = f.referral_id WHERE "
                             "f.agency_id = 'a' AND ";
  const std::map<std::string, std::string> queries = {
      {"follow_up_owed",
       joined + "f.record_ms = 0 AND (f.due_ms, f.referral_id, f.point) > (1, 'a', 1) "
                "AND f.due_ms <= 2 ORDER BY f.due_ms, f.referral_id, f.point LIMIT 9"},
      {"follow_up_done (agency_id=? AND record_ms>? AND (record_ms,referral_id,point)<",
       joined + "f.record_ms > 0 AND (f.record_ms, f.referral_id, f.point) < (1, 'a', 1) "
                "ORDER BY f.record_ms DESC, f.referral_id DESC, f.point DESC LIMIT 9"},
      {"follow_up_to_tell",
       "follow_up f WHERE f.told = 0 AND f.due_ms <= 1 ORDER BY f.due_ms, f.referral_id, f.point "
       "LIMIT 9"},
      {"COVERING INDEX offer_pace_by_agency (agency_id=? AND end_ms>?)",
       "offer_pace WHERE agency_id = 'a' AND end_ms > 1 ORDER BY end_ms DESC LIMIT 9"}};
  EXPECT_NE(Explain("EXPLAIN QUERY PLAN SELECT offer_id FROM offer_pace WHERE end_ms <= 1 ORDER BY "
                    "end_ms LIMIT 9")
                .find("offer_pace_by_time (end_ms<?)"),
            std::string::npos);
  EXPECT_NE(Explain("EXPLAIN QUERY PLAN SELECT staff_id FROM leaver WHERE leave_ms <= 1 ORDER BY "
                    "leave_ms LIMIT 9")
                .find("leaver_by_time (leave_ms<?)"),
            std::string::npos);
  for (const auto& [index, query] : queries) {
    const std::string columns =
        query.starts_with("offer_pace") ? "answered, wait_ms, begin_ms" : "f.*";
    const std::string plan = Explain("EXPLAIN QUERY PLAN SELECT " + columns + " FROM " + query);
    EXPECT_NE(plan.find(index), std::string::npos) << plan;
    EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << plan;
  }
}

TEST_F(PlanTest, OffersFromBeforeTheClocksHaveTheirFirstStepBeforeThem) {
  database_->Close();
  storage::Migrations before = Migrations();
  before.sqlite.resize(3);
  const std::string url = "sqlite:" + folder_.File("old.db");
  const auto open = [&](const storage::Migrations& migrations) {
    auto opened = storage::OpenDatabase({.url = url}, {migrations});
    ASSERT_TRUE(opened) << ToString(opened.error());
    database_ = std::move(*opened);
  };
  open(before);
  Explain("INSERT INTO referral VALUES ('r','b','c','d',1,'',2,'','','','',1,1,'','',1)");
  Explain("INSERT INTO offer VALUES ('o','r','c','',1,'',1,0,0,0,15,30,60,240)");
  database_->Close();
  open(Migrations());
  EXPECT_EQ(Explain("SELECT CAST(next_step AS TEXT), CAST(next_due_ms AS TEXT) FROM offer"),
            "1 15 ");
}

}  // namespace
}  // namespace fairlead::referral
