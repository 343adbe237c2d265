#include "services/common/audit/denials.h"

#include <gtest/gtest.h>

#include <functional>

#include "services/common/base/random.h"
#include "services/common/outbox/outbox.h"
#include "services/common/testing/temp_dir.h"

namespace fairlead::audit {
namespace {

constexpr char kMethod[] = "/fairlead.consent.v1.ConsentService/ListReleases";

class DenialsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto database = storage::OpenDatabase({.url = "sqlite:" + folder_.File("test.db")},
                                          {outbox::OutboxMigrations(), AuditMigrations()});
    ASSERT_TRUE(database) << ToString(database.error());
    database_ = std::move(*database);
    Make({.flush_every_ms = 0});
  }
  void TearDown() override {
    writer_.reset();
    if (database_) database_->Close();
  }
  void Make(DenialOptions options) {
    writer_ = std::make_unique<DenialWriter>(*database_, ids_, clock_, options);
  }
  auth::Actor Person() {
    auth::Actor actor;
    actor.kind = auth::ActorKind::kStaff;
    actor.staff_id = ids_.New();
    actor.agency_id = ids_.New();
    actor.session_id = ids_.New();
    return actor;
  }
  void Deny(const auth::Actor& actor, const char* reason = "ROLE_NOT_ALLOWED",
            const char* method = kMethod) {
    writer_->Add(actor, method, Error{Code::kPermissionDenied, reason, "words", {}});
  }
  // action, staff_id, reason, count in the order of writing.
  std::vector<storage::Row> Rows() {
    const std::function<Result<std::vector<storage::Row>>(storage::ReadTransaction&)> job =
        [](storage::ReadTransaction& tx) {
          return tx.Query(
              "SELECT action, staff_id, refused_reason, count, method FROM "
              "audit_record ORDER BY position");
        };
    return *SyncWait(database_->Read<std::vector<storage::Row>>(job));
  }

  testing::TempDir folder_;
  FakeClock clock_;
  IdGenerator ids_{clock_, SystemRandom()};
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<DenialWriter> writer_;
};

TEST_F(DenialsTest, AlikeWithinAMinuteAreTwoRowsAtMost) {
  const auth::Actor person = Person();
  Deny(person);
  writer_->Flush();
  ASSERT_EQ(Rows().size(), 1u) << "the first is not kept waiting";
  EXPECT_EQ(Rows()[0].Text(0), "call_denied");
  EXPECT_EQ(Rows()[0].Text(1), person.staff_id);
  EXPECT_EQ(Rows()[0].Text(2), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(Rows()[0].Text(4), kMethod);
  for (int i = 0; i < 500; ++i) {
    clock_.Advance(100);
    Deny(person);
    writer_->Flush();
  }
  EXPECT_EQ(Rows().size(), 1u);
  clock_.Advance(10'000);
  writer_->Flush();
  ASSERT_EQ(Rows().size(), 2u);
  EXPECT_EQ(Rows()[1].Int(3), 500);
  Deny(person);  // the next minute
  writer_->Flush();
  EXPECT_EQ(Rows().size(), 3u);
}

TEST_F(DenialsTest, OtherCallersMethodsAndReasonsAreOtherRows) {
  const auth::Actor person = Person();
  Deny(person);
  Deny(person, "STEP_UP_REQUIRED");
  Deny(person, "ROLE_NOT_ALLOWED", "/fairlead.consent.v1.ConsentService/CreateRelease");
  Deny(Person());
  Deny(auth::Actor(), "SIGN_IN_REQUIRED");
  writer_->Flush();
  EXPECT_EQ(Rows().size(), 5u);
}

TEST_F(DenialsTest, WhatDoesNotFitIsCountedInTheTrail) {
  Make({.max_kinds = 3, .flush_every_ms = 0});
  for (int i = 0; i < 10; ++i) Deny(Person());
  writer_->Flush();
  const auto rows = Rows();
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[3].Text(0), "denials_not_recorded");
  EXPECT_EQ(rows[3].Int(3), 7);
  clock_.Advance(61'000);
  writer_->Flush();  // the minute is over: there is room again
  Deny(Person());
  writer_->Flush();
  EXPECT_EQ(Rows().size(), 5u);
}

TEST_F(DenialsTest, AStopWritesWhatIsLeft) {
  const auth::Actor person = Person();
  Deny(person);
  writer_->Flush();
  Deny(person);
  Deny(person);
  writer_->Stop();
  ASSERT_EQ(Rows().size(), 2u);
  EXPECT_EQ(Rows()[1].Int(3), 2);
  Deny(person);
  writer_->Stop();
  EXPECT_EQ(Rows().size(), 2u);
}

TEST_F(DenialsTest, EachServiceHasItsOwn) {
  Denials denials;
  denials.Route("/fairlead.consent.v1.", *writer_);
  denials.Add(Person(), "/fairlead.referral.v1.ReferralService/AcceptOffer",
              Error{Code::kPermissionDenied, "ROLE_NOT_ALLOWED", "", {}});
  writer_->Flush();
  EXPECT_TRUE(Rows().empty());
  denials.Add(Person(), kMethod, Error{Code::kPermissionDenied, "ROLE_NOT_ALLOWED", "", {}});
  writer_->Flush();
  EXPECT_EQ(Rows().size(), 1u);
}

}  // namespace
}  // namespace fairlead::audit
