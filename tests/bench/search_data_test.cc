// What the bench searches in must be an import that the directory takes.
#include "tests/bench/search_data.h"

#include <gtest/gtest.h>

#include "services/directory/testing/fixture.h"

namespace fairlead::directory {
namespace {

constexpr int kServices = 400;

class SearchDataTest : public DirectoryFixture {};

TEST_P(SearchDataTest, IsTakenByTheDirectoryAndFound) {
  v1::ImportListingsRequest request = bench::MadeUpListings(ids_, agency_, 0, kServices);
  request.set_preview(true);
  const auto preview = Call<v1::ImportListingsResponse>(admin_, "ImportListings", request);
  ASSERT_TRUE(preview.has_value()) << ToString(preview.error());
  for (const v1::ImportProblem& problem : preview->problems()) {
    ADD_FAILURE() << problem.file() << " row " << problem.row() << " column " << problem.column()
                  << ": " << problem.reason();
  }
  request.set_preview(false);
  request.set_request_id(ids_.New());
  // One organization beside the services.
  EXPECT_EQ(Counts(Call<v1::ImportListingsResponse>(admin_, "ImportListings", request)),
            std::to_string(kServices + 1) + " 0 0");
  EXPECT_FALSE(Search({.need = "shelter_bed", .county = "48453", .language = "es"}, 20).empty());
  EXPECT_FALSE(Search({.need = "family_law", .county = "48453", .language = "zh"}, 20).empty());
}

INSTANTIATE_TEST_SUITE_P(Engines, SearchDataTest, ::testing::Values(Engine::kSqlite));

}  // namespace
}  // namespace fairlead::directory
