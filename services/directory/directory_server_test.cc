// Agencies, search and paging, on both engines.
#include "services/directory/directory_server.h"

#include <gtest/gtest.h>

#include "services/directory/testing/fixture.h"

namespace fairlead::directory {
namespace {

class DirectoryServerTest : public DirectoryFixture {};

TEST_P(DirectoryServerTest, AgenciesAreMadeFoundAndListed) {
  v1::CreateAgencyRequest request;
  request.set_request_id(ids_.New());
  request.set_agency_id(ids_.New());
  request.set_name("Álamo Clinic");
  request.set_kind(v1::AGENCY_KIND_HEALTH_PROVIDER);
  const auth::Actor coordinator = Person(ids_.New(), {auth::Role::kCoordinator});
  EXPECT_EQ(Reason(Call<v1::CreateAgencyResponse>(coordinator, "CreateAgency", request)),
            "SERVICES_ONLY")
      << "people apply";
  const auth::Actor hub = auth::ServiceActor("hub");
  const auto made = Call<v1::CreateAgencyResponse>(hub, "CreateAgency", request, "hub");
  ASSERT_TRUE(made.has_value()) << ToString(made.error());
  EXPECT_EQ(made->agency().membership(), v1::MEMBERSHIP_STATE_ACTIVE);
  EXPECT_EQ(made->agency().etag(), "1");
  const auto repeat = Call<v1::CreateAgencyResponse>(hub, "CreateAgency", request, "hub");
  ASSERT_TRUE(repeat.has_value()) << ToString(repeat.error());
  EXPECT_EQ(CountRows("agency"), 2);
  request.set_request_id(ids_.New());
  EXPECT_EQ(Reason(Call<v1::CreateAgencyResponse>(hub, "CreateAgency", request, "hub")),
            "AGENCY_EXISTS");
  request.set_request_id(ids_.New());
  request.clear_agency_id();
  request.set_name("  ");
  EXPECT_EQ(Reason(Call<v1::CreateAgencyResponse>(hub, "CreateAgency", request, "hub")),
            "INVALID_NAME");

  v1::GetAgencyRequest get;
  get.set_agency_id(made->agency().id());
  EXPECT_EQ(
      Call<v1::GetAgencyResponse>(auth::ServiceActor("identity"), "GetAgency", get, "identity")
          ->agency()
          .name(),
      "Álamo Clinic");
  get.set_agency_id(ids_.New());
  EXPECT_EQ(Reason(Call<v1::GetAgencyResponse>(admin_, "GetAgency", get)), "AGENCY_NOT_FOUND");

  v1::ListAgenciesRequest list;
  list.set_page_size(1);
  const auto first = Call<v1::ListAgenciesResponse>(admin_, "ListAgencies", list);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->agencies(0).name(), "Álamo Clinic") << "an accent does not send it to the end";
  list.set_page_token(first->next_page_token());
  const auto second = Call<v1::ListAgenciesResponse>(admin_, "ListAgencies", list);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->agencies(0).name(), "Harbor House");
  EXPECT_EQ(second->next_page_token(), "");
  list.set_page_token("forged");
  EXPECT_EQ(Reason(Call<v1::ListAgenciesResponse>(admin_, "ListAgencies", list)),
            "INVALID_PAGE_TOKEN");
}

TEST_P(DirectoryServerTest, SearchFindsByNeedCountyLanguageAndWords) {
  ASSERT_EQ(Counts(Import(ThreeServices())), "4 0 0");  // three and their organization
  EXPECT_EQ(Search({}), (Names{"Álamo dental clinic", "Bridge apartments", "Night beds"}));
  EXPECT_EQ(Search({.need = "shelter_bed"}), (Names{"Night beds"}));
  EXPECT_EQ(Search({.need = "emergency_housing"}), (Names{"Night beds"})) << "a parent";
  EXPECT_EQ(Search({.need = "food"}), (Names{}));
  EXPECT_EQ(Search({.need = "no_such_need"}), (Names{"UNKNOWN_NEED_CODE"}));
  EXPECT_EQ(Search({.county = "12011"}), (Names{"Álamo dental clinic", "Bridge apartments"}));
  EXPECT_EQ(Search({.language = "es"}), (Names{"Bridge apartments", "Night beds"}));
  EXPECT_EQ(Search({.language = "es-MX"}), (Names{"Bridge apartments", "Night beds"}))
      << "a country's form of a language is met by the language";
  EXPECT_EQ(Search({.need = "dental", .county = "12086", .language = "en"}),
            (Names{"Álamo dental clinic"}));
  EXPECT_EQ(Search({.need = "dental", .county = "12086", .language = "es"}), (Names{}));
  EXPECT_EQ(Search({.text = "alamo"}), (Names{"Álamo dental clinic"})) << "without the accent";
  EXPECT_EQ(Search({.text = "CLIN dent"}), (Names{"Álamo dental clinic"})) << "beginnings";
  EXPECT_EQ(Search({.text = "clinic beds"}), (Names{})) << "all words must be there";
  EXPECT_EQ(Search({.text = "refugio"}), (Names{"Night beds"})) << "a word of the need";
  EXPECT_EQ(Search({.text = "harbor org"}).size(), 3U) << "a word of the organization";
  EXPECT_EQ(Search({.text = "seaport"}).size(), 3U);
  EXPECT_EQ(Search({.text = "%' UNION SELECT 1 --"}), (Names{}));
  EXPECT_EQ(Search({.text = "a1 b2 c3 d4 e5 f6 g7 h8 i9"}), (Names{"TOO_MANY_WORDS"}));
}

TEST_P(DirectoryServerTest, PagesHoldTogetherAndTokensKeepToTheirQuery) {
  std::vector<Row> rows;
  for (int i = 0; i < 23; ++i) {
    // Many of one name: the id breaks the tie.
    rows.push_back({.id = Uuid(i, '1'),
                    .name = i % 3 == 0 ? "Same" : "Name " + std::to_string(i),
                    .need = i % 2 == 0 ? "hot_meal" : "food_pantry",
                    .county = "12086"});
  }
  ASSERT_EQ(Counts(Import(rows)), "24 0 0");
  const Names all = Search({}, 100);
  ASSERT_EQ(all.size(), 23U);
  EXPECT_EQ(Search({}, 1), all);
  EXPECT_EQ(Search({}, 7), all);
  EXPECT_EQ(Search({.need = "food"}, 5), all);
  EXPECT_EQ(Search({.need = "hot_meal"}, 5).size(), 12U);

  v1::SearchServicesRequest request;
  request.set_page_size(5);
  const auto page = Call<v1::SearchServicesResponse>(admin_, "SearchServices", request);
  request.set_page_token(page->next_page_token());
  request.set_county("12086");
  EXPECT_EQ(Reason(Call<v1::SearchServicesResponse>(admin_, "SearchServices", request)),
            "INVALID_PAGE_TOKEN");
}

TEST_P(DirectoryServerTest, AServiceSaysWhenItIsOpen) {
  std::map<std::string, std::string> folder = Folder(ThreeServices());
  const std::string always = ThreeServices()[0].id;
  const std::string never = ThreeServices()[1].id;
  folder["schedules.csv"] = "id,service_id,byday,opens_at,closes_at,valid_to\n" + Uuid(1, '1') +
                            "," + always + ",\"MO,TU,WE,TH,FR,SA,SU\",00:00,24:00,\n" +
                            Uuid(2, '1') + "," + never + ",MO,09:00,17:00,1999-12-31\n";
  v1::ImportListingsRequest import = Request(v1::IMPORT_FORMAT_HSDS_CSV, folder);
  import.set_default_time_zone("America/Nowhere");
  EXPECT_EQ(Counts(Call<v1::ImportListingsResponse>(admin_, "ImportListings", import)),
            "UNKNOWN_ZONE");
  import.set_default_time_zone("America/New_York");
  EXPECT_EQ(Counts(Call<v1::ImportListingsResponse>(admin_, "ImportListings", import)), "4 0 0");
  import.set_request_id(ids_.New());
  EXPECT_EQ(Counts(Call<v1::ImportListingsResponse>(admin_, "ImportListings", import)), "0 0 4");
  const auto hours_of = [&](const std::string& id) {
    v1::GetServiceRequest get;
    get.set_service_id(id);
    const auto got = Call<v1::GetServiceResponse>(admin_, "GetService", get);
    EXPECT_TRUE(got.has_value());
    return got ? got->service() : v1::Service();
  };
  const v1::Service open = hours_of(always);
  EXPECT_TRUE(open.hours().open_now());
  EXPECT_FALSE(open.hours().has_change_time()) << "it never closes";
  EXPECT_EQ(open.hours().time_zone(), "America/New_York");
  ASSERT_EQ(open.hours().openings_size(), 1);
  const v1::Service closed = hours_of(never);
  EXPECT_TRUE(closed.has_hours());
  EXPECT_FALSE(closed.hours().open_now());
  EXPECT_EQ(closed.hours().openings_size(), 0);
  EXPECT_FALSE(hours_of(ThreeServices()[2].id).has_hours()) << "it states none";
  const auto found = Call<v1::SearchServicesResponse>(admin_, "SearchServices",
                                                      v1::SearchServicesRequest());
  ASSERT_TRUE(found.has_value());
  int open_now = 0;
  for (const v1::Service& service : found->services()) {
    open_now += service.hours().open_now() ? 1 : 0;
    EXPECT_EQ(service.hours().openings_size(), 0) << "a list stays small";
  }
  EXPECT_EQ(open_now, 1);
  // Other hours of the same listing take the place of those before.
  std::string& table = folder["schedules.csv"];
  table.replace(table.find("00:00,24:00"), 11, "00:00,00:01");
  import = Request(v1::IMPORT_FORMAT_HSDS_CSV, folder);
  import.set_default_time_zone("America/New_York");
  EXPECT_EQ(Counts(Call<v1::ImportListingsResponse>(admin_, "ImportListings", import)), "0 1 3");
  EXPECT_EQ(hours_of(always).hours().openings_size(), 14);
}

TEST_P(DirectoryServerTest, BehindTheWallNobodySearches) {
  auth::Actor officer = Person(agency_, {auth::Role::kCaseworker});
  officer.agency_kind = auth::AgencyKind::kLawEnforcement;
  EXPECT_EQ(Reason(Call<v1::SearchServicesResponse>(officer, "SearchServices",
                                                    v1::SearchServicesRequest())),
            "AGENCY_KIND_NOT_ALLOWED");
  v1::GetServiceRequest get;
  get.set_service_id(ids_.New());
  EXPECT_EQ(Reason(Call<v1::GetServiceResponse>(admin_, "GetService", get)), "SERVICE_NOT_FOUND");
}

TEST_P(DirectoryServerTest, NeedsAreListed) {
  const auto needs = Call<v1::ListNeedsResponse>(admin_, "ListNeeds", v1::ListNeedsRequest());
  ASSERT_TRUE(needs.has_value());
  EXPECT_EQ(static_cast<size_t>(needs->needs_size()), NeedCodes().size());
  EXPECT_EQ(needs->needs(0).label_es(), "Vivienda de emergencia");
}

INSTANTIATE_TEST_SUITE_P(Engines, DirectoryServerTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& instance) {
                           return instance.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::directory
