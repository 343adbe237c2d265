// SearchServices on both engines: what it asks of a listing, and that it follows every change.
#include <gtest/gtest.h>

#include "services/common/base/text.h"
#include "services/common/testing/postgres_server.h"
#include "services/directory/index/search.h"
#include "services/directory/match_server.h"
#include "services/directory/testing/fixture.h"

namespace fairlead::directory {
namespace {

class SearchServerTest : public DirectoryFixture {
 protected:
  using Question = v1::SearchServicesRequest;

  Result<v1::SearchServicesResponse> Ask(const std::function<void(Question&)>& set) {
    Question question;
    set(question);
    return Call<v1::SearchServicesResponse>(admin_, "SearchServices", question);
  }
  // Names, or the reason and the field.
  std::string Told(const std::function<void(Question&)>& set) {
    const auto found = Ask(set);
    if (!found) {
      const auto field = found.error().metadata.find("field");
      return found.error().reason +
             (field == found.error().metadata.end() ? "" : " " + field->second);
    }
    std::vector<std::string> names;
    for (const v1::Service& service : found->services()) names.push_back(service.name());
    return Join(names, ',');
  }

  // Who is open always, and who never; the third states nothing.
  std::map<std::string, std::string> WithHours() {
    std::map<std::string, std::string> folder = Folder(ThreeServices());
    folder["schedules.csv"] = "id,service_id,byday,opens_at,closes_at,valid_to\n" + Uuid(1, '1') +
                              "," + ThreeServices()[0].id +
                              ",\"MO,TU,WE,TH,FR,SA,SU\",00:00,24:00,\n" + Uuid(2, '1') + "," +
                              ThreeServices()[1].id + ",MO,09:00,17:00,1999-12-31\n";
    return folder;
  }
};

TEST_P(SearchServerTest, FiltersByWhatAClientNeeds) {
  ASSERT_EQ(Counts(Call<v1::ImportListingsResponse>(
                admin_, "ImportListings",
                DirectoryFixture::Request(v1::IMPORT_FORMAT_HSDS_CSV, WithHours()))),
            "4 0 0");
  EXPECT_EQ(Told([](auto& r) { r.set_state("12"); }),
            "Álamo dental clinic,Bridge apartments,Night beds");
  EXPECT_EQ(Told([](auto& r) { r.set_state("13"); }), "");
  EXPECT_EQ(Told([](auto& r) { r.set_open_now_only(true); }), "Night beds");
  EXPECT_EQ(Told([](auto& r) { r.add_household_codes("pets"); }), "") << "that must be stated";
  EXPECT_EQ(Told([](auto& r) {
              r.set_text("beds");
              r.set_age_band("12-17");
              r.add_genders("female");
              r.set_cost("free");
            }),
            "Night beds")
      << "what is not stated excludes nobody";
  EXPECT_EQ(Told([](auto& r) { r.set_with_capacity_only(true); }), "");
  Capacity beds{.id = ids_.New(), .service_id = ThreeServices()[0].id, .agency_id = agency_};
  beds.available = 1;
  beds.update_ms = clock_.NowMs();
  beds.version = 1;
  std::function<Result<bool>(storage::Transaction&)> put =
      [&](storage::Transaction& tx) -> Result<bool> {
    FAIRLEAD_RETURN_IF_ERROR(deps_->capacities.Put(tx, beds));
    return true;
  };
  ASSERT_TRUE(SyncWait(database_->Write<bool>(put)));
  EXPECT_EQ(Told([](auto& r) { r.set_with_capacity_only(true); }), "Night beds");
}

TEST_P(SearchServerTest, WhatCannotBeAskedIsNamed) {
  EXPECT_EQ(Told([](auto& r) {
              r.set_county("12086");
              r.set_state("12");
            }),
            "COUNTY_OR_STATE state");
  EXPECT_EQ(Told([](auto& r) { r.set_state("99"); }), "UNKNOWN_STATE state");
  EXPECT_EQ(Told([](auto& r) { r.set_county("99001"); }), "UNKNOWN_COUNTY county");
  EXPECT_EQ(Told([](auto& r) { r.set_age_band("10-20"); }), "UNKNOWN_AGE_BAND age_band");
  EXPECT_EQ(Told([](auto& r) { r.add_genders("pets"); }), "UNKNOWN_CODE genders");
  EXPECT_EQ(Told([](auto& r) { r.set_cost("cheap"); }), "UNKNOWN_COST cost");
}

TEST_P(SearchServerTest, MisspeltWordsAreUnderstoodWhenNobodyHasThem) {
  ASSERT_EQ(Counts(Import(ThreeServices())), "4 0 0");
  const auto found = Ask([](auto& r) { r.set_text("apartmetns"); });
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->misspelt());
  ASSERT_EQ(found->services_size(), 1);
  EXPECT_EQ(found->services(0).name(), "Bridge apartments");
  EXPECT_EQ(Told([](auto& r) { r.set_text("clinik"); }), "Álamo dental clinic");
  EXPECT_EQ(Told([](auto& r) { r.set_text("refujio"); }), "Night beds") << "a word of its need";
  EXPECT_EQ(Told([](auto& r) { r.set_text("bads"); }), "") << "four letters are too few to guess";
  EXPECT_EQ(Told([](auto& r) { r.set_text("clinkk"); }), "") << "two slips in six letters";
  const auto written = Ask([](auto& r) { r.set_text("clinic"); });
  ASSERT_TRUE(written);
  EXPECT_FALSE(written->misspelt());
  // Page by page: the next page goes on in the same way.
  Question request;
  request.set_text("seeport");
  request.set_page_size(2);
  const auto first = Call<v1::SearchServicesResponse>(admin_, "SearchServices", request);
  ASSERT_TRUE(first);
  ASSERT_EQ(first->services_size(), 2);
  request.set_page_token(first->next_page_token());
  const auto second = Call<v1::SearchServicesResponse>(admin_, "SearchServices", request);
  ASSERT_TRUE(second);
  ASSERT_EQ(second->services_size(), 1);
  EXPECT_TRUE(second->misspelt());
  EXPECT_EQ(second->next_page_token(), "");
}

TEST_P(SearchServerTest, WhatIsSaidAnewIsFoundAtOnceAndWhatWasIsNot) {
  std::vector<Row> rows = ThreeServices();
  ASSERT_EQ(Counts(Import(rows)), "4 0 0");
  EXPECT_EQ(Told([](auto& r) { r.set_text("night"); }), "Night beds");
  rows[0].name = "Dawn beds";
  ASSERT_EQ(Counts(Import(rows)), "0 1 3");
  EXPECT_EQ(Told([](auto& r) { r.set_text("night"); }), "");
  EXPECT_EQ(Told([](auto& r) { r.set_text("dawn"); }), "Dawn beds");
  // The organization's name alone: its services are found by it, though none of them has changed.
  auto folder = Folder(rows);
  std::string& organization = folder["organizations.csv"];
  organization.replace(organization.find("Harbor Org"), 10, "Lantern");
  ASSERT_EQ(
      Counts(Call<v1::ImportListingsResponse>(
          admin_, "ImportListings", DirectoryFixture::Request(v1::IMPORT_FORMAT_HSDS_CSV, folder))),
      "0 1 3");
  EXPECT_EQ(Told([](auto& r) { r.set_text("lantern dawn"); }), "Dawn beds");
  EXPECT_EQ(Told([](auto& r) { r.set_text("harbor"); }), "");
  rows[0].status = "inactive";
  folder = Folder(rows);
  ASSERT_EQ(Counts(Import(rows)), "0 2 2");
  EXPECT_EQ(Told([](auto& r) { r.set_text("dawn"); }), "");
}

// The index is read page by page, and what changes between two pages is not missed.
TEST_P(SearchServerTest, TheFirstReadingMissesNothingThatChangesMeanwhile) {
  constexpr int kServices = 2'050;  // more than a page
  std::vector<Row> rows;
  for (int i = 1; i <= kServices; ++i) {
    rows.push_back({.id = Uuid(i, '1'), .name = "S" + std::to_string(i), .county = "12086"});
  }
  ASSERT_EQ(Counts(Import(rows)), std::to_string(kServices + 1) + " 0 0");
  FollowedIndex index;
  std::function<Result<bool>(storage::ReadTransaction&)> page = [&](storage::ReadTransaction& tx) {
    return index.ReadPage(tx);
  };
  std::function<Result<size_t>(storage::ReadTransaction&)> count =
      [&](storage::ReadTransaction& tx) -> Result<size_t> {
    FAIRLEAD_ASSIGN(const auto snapshot, index.At(tx));
    return snapshot->LiveCount();
  };
  ASSERT_EQ(SyncWait(database_->Read<bool>(page)), false);
  EXPECT_EQ(Reason(SyncWait(database_->Read<size_t>(count))), "DIRECTORY_STARTING");
  // Whoever reads has had to stop: the next one who asks reads all.
  FollowedIndex given_up;
  std::function<Result<bool>(storage::ReadTransaction&)> first = [&](storage::ReadTransaction& tx) {
    return given_up.ReadPage(tx);
  };
  std::function<Result<size_t>(storage::ReadTransaction&)> all =
      [&](storage::ReadTransaction& tx) -> Result<size_t> {
    FAIRLEAD_ASSIGN(const auto snapshot, given_up.At(tx));
    return snapshot->LiveCount();
  };
  ASSERT_EQ(SyncWait(database_->Read<bool>(first)), false);
  given_up.GiveUp();
  EXPECT_EQ(SyncWait(database_->Read<size_t>(all)).value_or(0), static_cast<size_t>(kServices));
  // One of the first page goes, one that would stand in it comes.
  rows[3].status = "inactive";
  rows.push_back({.id = Uuid(0, '1'), .name = "Late", .county = "12086"});
  ASSERT_EQ(Counts(Import(rows)), "1 1 " + std::to_string(kServices));
  ASSERT_EQ(SyncWait(database_->Read<bool>(page)), true);
  const auto live = SyncWait(database_->Read<size_t>(count));
  ASSERT_TRUE(live);
  EXPECT_EQ(*live, static_cast<size_t>(kServices));
}

// What was listed before the words stood beside it is found after.
TEST_P(SearchServerTest, ListingsOfBeforeKeepTheirWords) {
  storage::DatabaseOptions options;
  options.url = "sqlite:" + folder_.File("before.db");
  if (GetParam() == Engine::kPostgres) {
    options.url = *(*testing::PostgresServer::Shared())->NewDatabase();
  }
  storage::Migrations before = directory::Migrations();
  constexpr size_t kBeforeWords = 6;
  before.sqlite.resize(kBeforeWords);
  before.postgres.resize(kBeforeWords);
  auto old = storage::OpenDatabase(options, {before});
  ASSERT_TRUE(old) << ToString(old.error());
  std::function<Result<bool>(storage::Transaction&)> fill =
      [](storage::Transaction& tx) -> Result<bool> {
    for (const char* sql :
         {"INSERT INTO agency (id, name, sort_key, kind, membership, create_ms, version) VALUES "
          "('a', 'A', 'a', 1, 3, 1, 1)",
          "INSERT INTO organization (id, agency_id, name, description, email, website, "
          "content_hash, update_ms) VALUES ('o', 'a', 'Harbor', '', '', '', $1, 1)",
          "INSERT INTO listing (id, agency_id, organization_id, name, sort_key, description, "
          "status, offered, need_codes, languages, counties, phones, email, url, minimum_age, "
          "maximum_age, confidential, cities, content_hash, update_ms) VALUES ('l', 'a', 'o', "
          "'Night beds', 'night beds', '', 'active', 1, '', '', '', '', '', '', 0, 0, 0, '', $1, "
          "1)",
          "INSERT INTO search_token (owner_id, token) VALUES ('l', 'night'), ('l', 'beds'), ('o', "
          "'harbor'), ('public:l', 'secret')"}) {
      // The hash: bytes.
      const bool has_hash = std::string_view(sql).find("$1") != std::string_view::npos;
      FAIRLEAD_RETURN_IF_ERROR(has_hash ? tx.Execute(sql, {storage::Blob{"hash"}})
                                        : tx.Execute(sql));
    }
    return true;
  };
  const auto filled = SyncWait((*old)->Write<bool>(fill));
  ASSERT_TRUE(filled) << ToString(filled.error());
  (*old)->Close();
  old->reset();
  const auto now = storage::OpenDatabase(options, {directory::Migrations()});
  ASSERT_TRUE(now) << ToString(now.error());
  FollowedIndex index;
  std::function<Result<size_t>(storage::ReadTransaction&)> search =
      [&](storage::ReadTransaction& tx) -> Result<size_t> {
    FAIRLEAD_ASSIGN(const auto snapshot, index.At(tx));
    size_t found = 0;
    for (const char* word : {"night", "bed", "harbor", "secret"}) {
      SearchQuery query;
      query.words = {word};
      FAIRLEAD_ASSIGN(const SearchPage page, directory::Search(*snapshot, query, {}, 10, nullptr));
      found += page.ids.size();
    }
    return found;
  };
  const auto found = SyncWait((*now)->Read<size_t>(search));
  ASSERT_TRUE(found) << ToString(found.error());
  EXPECT_EQ(*found, 3U) << "words of the public alone are another's";
  (*now)->Close();
}

INSTANTIATE_TEST_SUITE_P(Engines, SearchServerTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& instance) {
                           return instance.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::directory
