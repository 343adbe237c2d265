// Listings that are verified once a year: by whom, how they are marked and ranked, and who is
// reminded when, on both engines.
#include <gmock/gmock.h>

#include <boost/json/parse.hpp>

#include "services/directory/commands/verify_listing.h"
#include "services/directory/domain/verification.h"
#include "services/directory/testing/membership_fixture.h"

namespace fairlead::directory {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kDayMs = kVerificationDayMs;

class VerificationServerTest : public MembershipFixture {
 protected:
  void SetUp() override {
    MembershipFixture::SetUp();
    ASSERT_EQ(Counts(Import(ThreeServices())), "4 0 0");
  }

  Result<v1::VerifyListingResponse> Verify(const auth::Actor& by, const std::string& id) {
    v1::VerifyListingRequest request;
    request.set_request_id(ids_.New());
    request.set_service_id(id);
    return SyncWait(
        Begin<v1::VerifyListingResponse>(by, "VerificationService/VerifyListing", request));
  }

  // Names in order, "Night beds:due"; or the reason.
  Names Due(const auth::Actor& by, const std::string& agency_id = "", int page_size = 0) {
    v1::ListVerificationsRequest request;
    request.set_agency_id(agency_id);
    request.set_page_size(page_size);
    Names names;
    for (int page = 0; page < 10; ++page) {
      const auto listed = SyncWait(Begin<v1::ListVerificationsResponse>(
          by, "VerificationService/ListVerifications", request));
      if (!listed) return {listed.error().reason};
      for (const v1::Verification& one : listed->verifications()) {
        names.push_back(one.service_name() + ":" +
                        (one.state() == v1::VERIFICATION_STATE_DUE ? "due" : "stale"));
      }
      if (listed->next_page_token().empty()) break;
      request.set_page_token(listed->next_page_token());
    }
    return names;
  }

  v1::Service Get(const std::string& id) {
    v1::GetServiceRequest request;
    request.set_service_id(id);
    const auto got = Call<v1::GetServiceResponse>(admin_, "GetService", request);
    EXPECT_TRUE(got) << ToString(got.error());
    return got ? got->service() : v1::Service();
  }

  // What was told of listings, but for what imports tell: "verification_due", once for each.
  Names Reminders() { return Reminders(*verification_server_); }
  Names Reminders(VerificationServer& server) {
    while (*server.Remind() != 0) {
    }
    Names told;
    for (const auto& envelope : Told("fairlead.directory.listing_changed.v1")) {
      events::v1::ListingChanged changed;
      EXPECT_TRUE(changed.ParseFromString(envelope.data()));
      if (!changed.change().starts_with("verification_")) continue;
      EXPECT_THAT(envelope.audience_agency_ids(), ElementsAre(agency_));
      EXPECT_FALSE(envelope.for_members());
      EXPECT_EQ(envelope.for_coordinators(), changed.change() == "verification_overdue");
      told.push_back(changed.change() + " " + changed.service_id().substr(35));
    }
    return told;
  }

  const std::string beds_ = ThreeServices()[0].id;
  const std::string dental_ = ThreeServices()[1].id;
};

TEST_P(VerificationServerTest, ItsOwnAdministratorsAndCoordinatorsSayThatItIsSo) {
  EXPECT_EQ(Get(beds_).verification(), v1::VERIFICATION_STATE_STALE) << "nobody has ever said so";
  EXPECT_FALSE(Get(beds_).has_assured_time());
  const auto verified = Verify(admin_, beds_);
  ASSERT_TRUE(verified) << ToString(verified.error());
  EXPECT_EQ(verified->verification().assurer_agency_id(), agency_);
  EXPECT_EQ(verified->verification().assurer_role(), "agency_admin");
  EXPECT_EQ(Get(beds_).verification(), v1::VERIFICATION_STATE_VERIFIED);
  EXPECT_EQ(Get(beds_).assured_time().seconds(), clock_.NowMs() / 1000);
  const auto by_office = Verify(coordinator_, beds_);
  ASSERT_TRUE(by_office) << ToString(by_office.error());
  EXPECT_EQ(by_office->verification().assurer_agency_id(), office_);
  EXPECT_EQ(by_office->verification().assurer_role(), "coordinator");
  EXPECT_EQ(AuditOf(agency_),
            "agency_created listings_imported listing_verified listing_verified ");
}

TEST_P(VerificationServerTest, NobodyElseDoes) {
  EXPECT_EQ(Reason(Verify(clinic_admin_, beds_)), "SERVICE_NOT_FOUND");
  EXPECT_EQ(Reason(Verify(clinic_admin_, Uuid(99, '1'))), "SERVICE_NOT_FOUND") << "and none alike";
  EXPECT_EQ(Reason(Verify(Person(agency_, {auth::Role::kCaseworker}), beds_)),
            "ROLE_NOT_ALLOWED");
  EXPECT_EQ(Reason(Verify(auth::Actor(), beds_)), "SIGN_IN_REQUIRED");
  auth::Actor software = Person(agency_, {auth::Role::kIntegration});
  software.kind = auth::ActorKind::kMachine;
  EXPECT_EQ(Reason(Verify(software, beds_)), "ROLE_NOT_ALLOWED");
  EXPECT_THAT(Due(clinic_admin_, agency_), ElementsAre("NOT_YOUR_AGENCY"));
  EXPECT_THAT(Due(Person(agency_, {auth::Role::kCaseworker})), ElementsAre("ROLE_NOT_ALLOWED"));
  EXPECT_EQ(Get(beds_).verification(), v1::VERIFICATION_STATE_STALE);
}

TEST_P(VerificationServerTest, WhatIsDueIsListedTheLongestFirst) {
  ASSERT_EQ(Reason(Verify(admin_, beds_)), "");
  clock_.Advance(kDayMs);
  ASSERT_EQ(Reason(Verify(admin_, dental_)), "");
  EXPECT_THAT(Due(admin_), ElementsAre("Bridge apartments:stale"));
  EXPECT_THAT(Due(coordinator_, agency_), ElementsAre("Bridge apartments:stale"));
  EXPECT_THAT(Due(clinic_admin_), IsEmpty());
  clock_.Advance(334 * kDayMs - 1);
  EXPECT_THAT(Due(admin_), ElementsAre("Bridge apartments:stale"));
  clock_.Advance(1);
  EXPECT_EQ(Get(beds_).verification(), v1::VERIFICATION_STATE_DUE);
  EXPECT_THAT(Due(admin_), ElementsAre("Bridge apartments:stale", "Night beds:due"));
  clock_.Advance(30 * kDayMs);
  const Names all = {"Bridge apartments:stale", "Night beds:stale", "Álamo dental clinic:due"};
  EXPECT_EQ(Due(admin_), all);
  EXPECT_EQ(Due(admin_, "", 1), all) << "page by page";
  // What is not offered need not be verified.
  std::vector<Row> rows = ThreeServices();
  rows[0].status = "inactive";
  ASSERT_EQ(Counts(Import(rows)), "0 1 3");
  EXPECT_THAT(Due(admin_), ElementsAre(all[0], all[2]));
}

// A name that comes first is no help to what nobody has looked at.
TEST_P(VerificationServerTest, AStaleOneSinksAndIsMarked) {
  std::vector<Row> rows = ThreeServices();
  rows[1].need = rows[0].need;
  ASSERT_EQ(Counts(Import(rows)), "0 1 3");
  ASSERT_EQ(Reason(Verify(admin_, dental_)), "");
  v1::MatchServicesRequest request;
  request.set_need_code("shelter_bed");
  request.set_county("12086");
  request.set_urgency(v1::MATCH_URGENCY_URGENT);
  const auto match = [&] {
    request.set_request_id(ids_.New());
    return *Call<v1::MatchServicesResponse>(clinic_admin_, "MatchServices", request);
  };
  const v1::MatchServicesResponse found = match();
  ASSERT_EQ(found.matches_size(), 2);
  EXPECT_EQ(found.matches(0).service().id(), dental_);
  EXPECT_EQ(found.matches(0).service().verification(), v1::VERIFICATION_STATE_VERIFIED);
  EXPECT_EQ(found.matches(1).service().verification(), v1::VERIFICATION_STATE_STALE);
  EXPECT_EQ(found.matches(1).reasons().rbegin()->code(), "not_verified");
  EXPECT_FALSE(found.matches(1).reasons().rbegin()->has_time()) << "never";
  const int64_t told_s = clock_.NowMs() / 1000;
  ASSERT_EQ(Reason(Verify(admin_, beds_)), "");
  EXPECT_EQ(match().matches(0).service().id(), beds_) << "alike: the lesser id";
  // The index does not change when the year is over: what is so is reckoned from the question's
  // time.
  clock_.Advance(365 * kDayMs);
  EXPECT_EQ(match().matches(0).reasons().rbegin()->code(), "not_verified");
  EXPECT_EQ(match().matches(0).reasons().rbegin()->time().seconds(), told_s);
  v1::SearchServicesRequest search;
  search.set_text("night");
  const auto searched = Call<v1::SearchServicesResponse>(admin_, "SearchServices", search);
  ASSERT_EQ(searched->services_size(), 1);
  EXPECT_EQ(searched->services(0).verification(), v1::VERIFICATION_STATE_STALE);
}

TEST_P(VerificationServerTest, HsdsSaysWhenItWasAssured) {
  v1::GetRecordRequest request;
  request.set_resource(v1::HSDS_RESOURCE_SERVICES);
  request.set_id(beds_);
  const auto get = [&] {
    const auto got =
        SyncWait(Begin<v1::GetRecordResponse>(admin_, "HsdsService/GetRecord", request));
    EXPECT_TRUE(got) << ToString(got.error());
    return boost::json::parse(got->record()).as_object();
  };
  EXPECT_FALSE(get().contains("assured_date"));
  clock_.Advance(3 * kDayMs);
  ASSERT_EQ(Reason(Verify(admin_, beds_)), "");
  EXPECT_EQ(get().at("assured_date").as_string(), FormatTime(clock_.NowMs()).substr(0, 10));
  EXPECT_EQ(get().at("last_modified").as_string(), FormatTime(clock_.NowMs()))
      << "whoever reads what has changed reads this too";
  EXPECT_FALSE(get().contains("assurer_email"));
}

TEST_P(VerificationServerTest, EachIsRemindedOfOnceWhenDueAndOnceWhenOverdue) {
  ASSERT_EQ(Reason(Verify(admin_, beds_)), "");
  EXPECT_THAT(Reminders(), IsEmpty());
  // The others came 30 days ago and nobody has verified them.
  clock_.Advance(kRemindNewAfterMs - 1);
  EXPECT_THAT(Reminders(), IsEmpty());
  clock_.Advance(1);
  Names told = {"verification_overdue 2", "verification_overdue 3"};
  EXPECT_EQ(Reminders(), told);
  EXPECT_EQ(Reminders(), told) << "once";
  clock_.Advance(305 * kDayMs);
  told.push_back("verification_due 1");
  EXPECT_EQ(Reminders(), told);
  EXPECT_EQ(Reminders(), told);
  // Of another program after a restart, the same: what has been told stands in the database.
  VerificationServer restarted(*deps_, std::string(32, 'w'));
  clock_.Advance(30 * kDayMs - 1);
  EXPECT_EQ(Reminders(restarted), told);
  clock_.Advance(1);
  told.push_back("verification_overdue 1");
  EXPECT_EQ(Reminders(restarted), told);
  clock_.Advance(900 * kDayMs);
  EXPECT_EQ(Reminders(restarted), told);
}

TEST_P(VerificationServerTest, WhatIsVerifiedInTimeIsDueAYearLater) {
  for (const Row& row : ThreeServices()) ASSERT_EQ(Reason(Verify(admin_, row.id)), "");
  clock_.Advance(340 * kDayMs);
  ASSERT_EQ(Reason(Verify(admin_, beds_)), "");
  EXPECT_THAT(Reminders(), ElementsAre("verification_due 2", "verification_due 3"));
  // Nobody ran it for years: what is both by then is overdue, and that alone is told.
  clock_.Advance(700 * kDayMs);
  EXPECT_THAT(Reminders(),
              ElementsAre("verification_due 2", "verification_due 3", "verification_overdue 2",
                          "verification_overdue 3", "verification_overdue 1"));
}

TEST_P(VerificationServerTest, NobodyIsRemindedOfWhatIsNotOffered) {
  clock_.Advance(kRemindNewAfterMs);
  ASSERT_EQ(Reason(Suspend(Suspension(agency_))), "");
  EXPECT_THAT(Reminders(), IsEmpty());
  ASSERT_EQ(Reason(Reinstate(agency_)), "");
  EXPECT_EQ(Reminders().size(), 3U);
}

INSTANTIATE_TEST_SUITE_P(Engines, VerificationServerTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& instance) {
                           return instance.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::directory
