// What has changed about listings: kept with each change, for whom each field is, on both engines.
#include <gmock/gmock.h>

#include "services/directory/store/history_store.h"
#include "services/directory/testing/fixture.h"

namespace fairlead::directory {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class HistoryServerTest : public DirectoryFixture {
 protected:
  // `marks`: more attributes, as JSON, each with a comma before it.
  Result<v1::ImportListingsResponse> Say(const auth::Actor& by, const std::string& rest,
                                         const std::string& tier = "public",
                                         const std::string& marks = "") {
    return Call<v1::ImportListingsResponse>(
        by, "ImportListings",
        Request(v1::IMPORT_FORMAT_HSDS_JSON,
                {{"service.json",
                  R"({"id":")" + Uuid(1, '1') + R"(","name":"Night beds","status":"active")" +
                      rest + R"(,"attributes":[)" + Mark(1, "visibility_" + tier, "") + marks +
                      R"(],"organization":{"id":")" + kOrg +
                      R"(","name":"Harbor Org","description":"Helps"}})"}}));
  }
  static std::string Mark(int n, const std::string& code, const std::string& member) {
    return R"({"id":")" + Uuid(n, '9') + R"(","link_type":")" + member +
           R"(","taxonomy_term":{"id":")" + Uuid(n, 'f') + R"(","code":")" + code +
           R"(","name":"N","description":"D"}})";
  }
  // "email a>b agency_admin", the newest first; or the reason.
  Names History(const auth::Actor& viewer, int page_size = 0) {
    v1::ListHistoryRequest request;
    request.set_id(Uuid(1, '1'));
    request.set_page_size(page_size);
    Names told;
    for (int page = 0; page < 300; ++page) {
      const auto listed =
          SyncWait(Begin<v1::ListHistoryResponse>(viewer, "HistoryService/ListHistory", request));
      if (!listed) return {listed.error().reason};
      for (const v1::FieldChange& one : listed->changes()) {
        if (one.field_name().empty()) continue;
        told.push_back(one.field_name() + " " + one.previous_value() + ">" +
                       one.replacement_value() + " " + one.actor_role());
        EXPECT_EQ(one.actor_agency_id(),
                  one.actor_role() == "coordinator" ? office_ : agency_);
        EXPECT_GT(one.time().seconds(), 0);
      }
      if (listed->next_page_token().empty()) break;
      request.set_page_token(listed->next_page_token());
    }
    return told;
  }
  std::string InHsds(const auth::Actor& viewer, bool history) {
    v1::GetRecordRequest request;
    request.set_resource(v1::HSDS_RESOURCE_SERVICES);
    request.set_id(Uuid(1, '1'));
    request.set_history(history);
    const auto got =
        SyncWait(Begin<v1::GetRecordResponse>(viewer, "HsdsService/GetRecord", request));
    return got ? got->record() : got.error().reason;
  }

  void SetUp() override {
    DirectoryFixture::SetUp();
    office_ = MakeAgency("Office", v1::AGENCY_KIND_COALITION_OFFICE);
    coordinator_ = Person(office_, {auth::Role::kCoordinator});
    stranger_ = Person(MakeAgency("Clinic"), {auth::Role::kCaseworker});
  }

  std::string office_;
  auth::Actor coordinator_;
  auth::Actor stranger_;
};

TEST_P(HistoryServerTest, EachChangeIsKeptWithWhoMadeIt) {
  ASSERT_EQ(Reason(Say(admin_, R"(,"email":"a@example.org")")), "");
  EXPECT_THAT(History(admin_), IsEmpty()) << "that it came is no change";
  ASSERT_EQ(Reason(Say(admin_, R"(,"email":"a@example.org")")), "");
  EXPECT_THAT(History(admin_), IsEmpty()) << "nor the same again";
  ASSERT_EQ(Reason(Say(admin_, R"(,"email":"b@example.org","fees":"None")")), "");
  ASSERT_EQ(Reason(Say(coordinator_, R"(,"email":"b@example.org")")), "");
  const Names all = {"fees None> coordinator", "fees >None agency_admin",
                     "email a@example.org>b@example.org agency_admin"};
  EXPECT_EQ(History(stranger_), all);
  EXPECT_EQ(History(stranger_, 1), all) << "page by page";
  // A change that is refused leaves nothing.
  EXPECT_EQ(Reason(Say(stranger_, R"(,"email":"c@example.org")")), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(Reason(Say(admin_, R"(,"email":"c@example.org","minimum_age":"old")")),
            "IMPORT_INVALID");
  EXPECT_EQ(History(stranger_), all);
}

TEST_P(HistoryServerTest, HsdsHasItWhenItIsAskedFor) {
  ASSERT_EQ(Reason(Say(admin_, R"(,"email":"a@example.org")")), "");
  ASSERT_EQ(Reason(Say(admin_, R"(,"email":"b@example.org")")), "");
  EXPECT_THAT(InHsds(auth::Actor(), true), HasSubstr(R"("previous_value":"a@example.org")"));
  EXPECT_THAT(InHsds(auth::Actor(), true), HasSubstr(R"("updated_by":"agency_admin")"));
  EXPECT_THAT(InHsds(auth::Actor(), false), Not(HasSubstr("metadata")))
      << "else a record comes out as it went in";
}

TEST_P(HistoryServerTest, NobodySeesTheHistoryOfWhatTheyMayNotSee) {
  const std::string hidden = "," + Mark(2, "visibility_role", "email");
  ASSERT_EQ(Reason(Say(admin_, R"(,"email":"a@example.org")")), "");
  ASSERT_EQ(Reason(Say(admin_, R"(,"email":"b@example.org")")), "");
  ASSERT_THAT(History(stranger_), ElementsAre("email a@example.org>b@example.org agency_admin"));
  // The address is for fewer people now: what it was is too.
  ASSERT_EQ(Reason(Say(admin_, R"(,"email":"b@example.org")", "public", hidden)), "");
  EXPECT_THAT(History(stranger_), IsEmpty());
  EXPECT_THAT(InHsds(auth::Actor(), true), Not(HasSubstr("example.org")));
  EXPECT_THAT(History(admin_), ElementsAre("email a@example.org>b@example.org agency_admin"));
  EXPECT_THAT(History(coordinator_), ElementsAre("email a@example.org>b@example.org agency_admin"));
  // It goes, and what it was does not become known; nor when it comes back for everybody.
  ASSERT_EQ(Reason(Say(admin_, "")), "");
  ASSERT_EQ(Reason(Say(admin_, R"(,"email":"c@example.org")")), "");
  EXPECT_THAT(History(stranger_), ElementsAre("email >c@example.org agency_admin"));
  EXPECT_EQ(History(admin_).size(), 3U);
  // A service for the coalition: the public sees neither.
  ASSERT_EQ(Reason(Say(admin_, R"(,"email":"c@example.org")", "coalition")), "");
  EXPECT_EQ(InHsds(auth::Actor(), true), "RECORD_NOT_FOUND");
  ASSERT_EQ(Reason(Say(admin_, R"(,"email":"c@example.org")")), "");
  EXPECT_THAT(InHsds(auth::Actor(), true), Not(HasSubstr("previous_value\":\"b")));
}

TEST_P(HistoryServerTest, WhatIsSealedIsForgotten) {
  ASSERT_EQ(Reason(Say(admin_, R"(,"email":"a@example.org")")), "");
  ASSERT_EQ(Reason(Say(admin_, R"(,"email":"b@example.org")")), "");
  ASSERT_EQ(Reason(Say(admin_, R"(,"email":"b@example.org")", "public",
                       "," + Mark(2, "visibility_sealed", "email"))),
            "");
  EXPECT_THAT(History(admin_), IsEmpty());
  EXPECT_EQ(CountRows("field_change WHERE field_name = 'email'"), 0);
  // A person who is sealed as a whole is gone from the document: what was said of her is too.
  const auto contact = [](const std::string& name, const std::string& mark) {
    return R"(,"contacts":[{"id":")" + Uuid(1, 'c') + R"(","name":")" + name + "\"" + mark + "}]";
  };
  ASSERT_EQ(Reason(Say(admin_, contact("Ann", ""))), "");
  ASSERT_EQ(Reason(Say(admin_, contact("Bea", ""))), "");
  ASSERT_THAT(History(admin_), ElementsAre("name Ann>Bea agency_admin"));
  ASSERT_EQ(Reason(Say(admin_, contact("Bea", R"(,"attributes":[)" +
                                                   Mark(3, "visibility_sealed", "") + "]"))),
            "");
  EXPECT_THAT(History(admin_), IsEmpty());
  EXPECT_EQ(CountRows("field_change WHERE previous_value <> '' OR replacement_value <> ''"), 0);
}

// It need not name a place: what it said before may have told of one.
TEST_P(HistoryServerTest, AServiceThatBecomesConfidentialTakesAllValuesAlong) {
  const auto area = [](const std::string& name, const std::string& rest = "") {
    return R"(,"service_areas":[{"id":")" + Uuid(1, 'd') + R"(","extent":"12086","name":")" +
           name + R"("}])" + rest;
  };
  const auto values = [this] {
    return CountRows("field_change WHERE previous_value <> '' OR replacement_value <> '' OR "
                     "resource_id <> owner_id");
  };
  ASSERT_EQ(Reason(Say(admin_, area("By 9 Elm Street"))), "");
  ASSERT_EQ(Reason(Say(admin_, area("By 8 Elm Street"))), "");
  ASSERT_THAT(History(stranger_),
              ElementsAre("name By 9 Elm Street>By 8 Elm Street agency_admin"));
  const std::string hidden = R"(,"confidential_location":true)";
  ASSERT_EQ(Reason(Say(admin_, area("By 8 Elm Street", hidden))), "");
  EXPECT_EQ(CountRows("confidential_place"), 0);
  EXPECT_EQ(values(), 0);
  EXPECT_THAT(InHsds(admin_, true), Not(HasSubstr("Elm")));
  // Nor do values come from then on: of itself, of another record of the agency, of who verifies.
  ASSERT_EQ(Reason(Say(admin_, area("By 7 Elm Street", hidden + R"(,"fees":"Elm")"))), "");
  const std::string moved = R"({"id":")" + std::string(kOrg) +
                            R"(","name":"Harbor Org","description":"Elm"})";
  ASSERT_EQ(Reason(Call<v1::ImportListingsResponse>(
                admin_, "ImportListings",
                Request(v1::IMPORT_FORMAT_HSDS_JSON, {{"organization.json", moved}}))),
            "");
  v1::VerifyListingRequest verify;
  verify.set_request_id(ids_.New());
  verify.set_service_id(Uuid(1, '1'));
  ASSERT_EQ(Reason(SyncWait(Begin<v1::VerifyListingResponse>(
                admin_, "VerificationService/VerifyListing", verify))),
            "");
  for (const char* field : {"fees", "description", "assured_date"}) {
    const std::string of_field = "field_change WHERE field_name = '" + std::string(field) + "'";
    EXPECT_EQ(CountRows(of_field), 1) << field;
  }
  EXPECT_EQ(values(), 0);
}

TEST_P(HistoryServerTest, TheLastTwoHundredAreKept) {
  for (int n = 0; n <= kMaxHistoryOfRecord + 5; ++n) {
    ASSERT_EQ(Reason(Say(admin_, R"(,"fees":")" + std::to_string(n) + "\"")), "");
  }
  const Names told = History(admin_, 100);
  ASSERT_EQ(told.size(), static_cast<size_t>(kMaxHistoryOfRecord));
  EXPECT_EQ(told.front(), "fees 204>205 agency_admin");
  EXPECT_EQ(told.back(), "fees 5>6 agency_admin");
  EXPECT_EQ(CountRows("field_change"), kMaxHistoryOfRecord);
}

TEST_P(HistoryServerTest, WhoMayNotSeeTheListingIsToldThatThereIsNone) {
  ASSERT_EQ(Reason(Say(admin_, R"(,"email":"a@example.org")")), "");
  auth::Actor police = stranger_;
  police.agency_kind = auth::AgencyKind::kLawEnforcement;
  EXPECT_THAT(History(police), ElementsAre("AGENCY_KIND_NOT_ALLOWED"));
  EXPECT_THAT(History(auth::Actor()), ElementsAre("SIGN_IN_REQUIRED"));
  v1::ListHistoryRequest request;
  request.set_id(Uuid(77, '1'));
  const auto none = SyncWait(
      Begin<v1::ListHistoryResponse>(stranger_, "HistoryService/ListHistory", request));
  EXPECT_EQ(Reason(none), "RECORD_NOT_FOUND");
  request.set_id(Uuid(1, '1'));
  request.set_page_token("forged");
  const auto forged = SyncWait(
      Begin<v1::ListHistoryResponse>(stranger_, "HistoryService/ListHistory", request));
  EXPECT_EQ(Reason(forged), "INVALID_PAGE_TOKEN");
  // Of an agency that is no member any more nothing is told.
  ASSERT_TRUE(Run("UPDATE agency SET membership = 4 WHERE id = $1", {agency_}));
  EXPECT_THAT(History(stranger_), ElementsAre("RECORD_NOT_FOUND"));
}

INSTANTIATE_TEST_SUITE_P(Engines, HistoryServerTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres));

}  // namespace
}  // namespace fairlead::directory
