// Searching the index against a plain walk over all listings: random names and questions, page by
// page, before and after random changes.
#include "services/directory/index/search.h"

#include <gtest/gtest.h>

#include <set>

#include "services/directory/domain/fold.h"
#include "services/directory/domain/misspelt.h"
#include "services/directory/testing/random_world.h"

namespace fairlead::directory {
namespace {

using testing::Dice;
using testing::WorldListing;

const std::vector<std::string> kWords = {"Harbor", "Clínica", "clinic",   "House",     "Horse",
                                         "Refuge", "refugio", "Abogado",  "legal",     "Night",
                                         "beds",   "Straße",  "家",       "Ωmega",     "24",
                                         "center", "centre",  "children", "counseling"};
const std::vector<std::string> kAsked = {
    "harbor",  "harbro",  "clin",     "clinik",     "house",   "hous",   "refugi",
    "refujio", "abogado", "bed",      "strasse",    "家",      "omega",  "ωmega",
    "24",      "cen",     "childern", "counsleing", "shelter", "comida", "nobody"};

WorldListing NamedListing(Dice& dice, int number) {
  WorldListing one = testing::RandomListing(dice, number);
  for (int i = dice.Up(3); i >= 0; --i) one.listing.name += dice.Of(kWords) + " ";
  for (int i = dice.Up(4); i > 0; --i) one.listing.description += dice.Of(kWords) + ", ";
  return one;
}

bool HasWord(const WorldListing& one, const std::string& word, bool misspelt) {
  const int slips = misspelt ? SlipsAllowed(word) : 0;
  for (const std::string& token : SearchTokens(one.listing)) {
    if (token.starts_with(word) || (slips > 0 && IsMisspelt(word, token, slips))) return true;
  }
  const std::vector<std::string> needs = WithParents(one.listing.need_codes);
  for (const std::string& code : NeedCodesOfWord(word, slips)) {
    if (std::ranges::find(needs, code) != needs.end()) return true;
  }
  return false;
}

std::vector<IdNumber> Walk(const std::vector<WorldListing>& world, const SearchQuery& query,
                           bool misspelt) {
  std::set<std::pair<std::string, IdNumber>> found;
  FactsArena arena;
  for (const WorldListing& one : world) {
    const Facts facts = testing::FactsOf(one, arena);
    WorldListing roomy = one;
    if (!query.filters.with_capacity_only) roomy.capacity.reset();
    const testing::PlainNow now(roomy, query.filters.now_ms);
    const bool has_words = std::ranges::all_of(
        query.words, [&](const std::string& word) { return HasWord(one, word, misspelt); });
    if (has_words && FirstFailure(query.filters, facts, now) == Filter::kPassed) {
      found.emplace(SortKey(one.listing.name), facts.id);
    }
  }
  std::vector<IdNumber> ids;
  for (const auto& [key, id] : found) ids.push_back(id);
  return ids;
}

// Page by page.
std::vector<IdNumber> SearchAll(const Snapshot& snapshot, const SearchQuery& query, size_t size,
                                const CapacitiesOf& capacities, bool& misspelt) {
  std::vector<IdNumber> ids;
  SearchPosition after;
  for (int page = 0; page < 1000; ++page) {
    const SearchPage found = *Search(snapshot, query, after, size, capacities);
    misspelt = found.misspelt;
    EXPECT_LE(found.ids.size(), size);
    EXPECT_EQ(found.distances.size(), found.ids.size());
    if (found.next) {
      EXPECT_EQ(found.ids.size(), size);
    }
    ids.insert(ids.end(), found.ids.begin(), found.ids.end());
    if (!found.next) return ids;
    after = *found.next;
  }
  ADD_FAILURE() << "no end";
  return ids;
}

SearchQuery RandomSearch(Dice& dice) {
  SearchQuery query;
  query.filters = testing::RandomQuery(dice);
  query.filters.is_blind = false;
  query.filters.only_agency.reset();
  query.filters.do_not_route.clear();
  query.filters.asking_agency = {};
  if (dice.OneIn(2)) query.filters.need = kAnyNeed;
  if (dice.OneIn(2)) query.filters.county = query.filters.state = 0;
  if (dice.OneIn(2)) query.filters.codes = {};
  for (int i = dice.Up(3); i > 0; --i) query.words.push_back(dice.Of(kAsked));
  return query;
}

void Compare(const std::vector<WorldListing>& world, const MatchIndex& index, Dice& dice,
             int& found_misspelt) {
  const CapacitiesOf capacities = testing::CapacitiesIn(world);
  for (int i = 0; i < 20; ++i) {
    const SearchQuery query = RandomSearch(dice);
    SCOPED_TRACE(Join(query.words, ' '));
    const std::vector<IdNumber> written = Walk(world, query, false);
    const std::vector<IdNumber> near = Walk(world, query, true);
    bool misspelt = false;
    const auto size = static_cast<size_t>(1 + dice.Up(30));
    const auto found = SearchAll(*index.snapshot(), query, size, capacities, misspelt);
    ASSERT_EQ(found, written.empty() ? near : written);
    ASSERT_EQ(misspelt, written.empty() && !near.empty());
    found_misspelt += misspelt ? 1 : 0;
  }
}

TEST(SearchTest, SaysWhatAPlainWalkSays) {
  int found_misspelt = 0;
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    HoursPool hours;
    MatchIndex index;
    std::vector<WorldListing> world;
    IndexBatch all;
    for (int i = dice.Up(300); i >= 0; --i) {
      world.push_back(NamedListing(dice, static_cast<int>(world.size())));
      if (world.back().is_offered) testing::AddTo(all, world.back(), hours);
    }
    index.Apply(std::move(all), 0);
    Compare(world, index, dice, found_misspelt);
    for (int64_t version = 1; version <= 15; ++version) {
      std::set<size_t> changed;
      for (int i = dice.OneIn(4) ? dice.Up(150) : dice.Up(5); i >= 0; --i) {
        const auto at = static_cast<size_t>(dice.Up(static_cast<int>(world.size()) + 1));
        if (at == world.size()) world.emplace_back();
        world[at] = NamedListing(dice, static_cast<int>(at));
        changed.insert(at);
      }
      IndexBatch batch;
      for (const size_t at : changed) testing::AddTo(batch, world[at], hours);
      index.Apply(std::move(batch), version);
      Compare(world, index, dice, found_misspelt);
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_GT(found_misspelt, 20) << "few questions were misspelt: the test shows little";
}

// Who has room is asked of few at a time, and not without end: a page may be empty and not the
// last.
TEST(SearchTest, WhoHasRoomIsLookedForWithinBounds) {
  HoursPool hours;
  IndexBatch all;
  std::vector<WorldListing> world;
  for (int i = 0; i < 12'000; ++i) {
    WorldListing one = testing::ReadListing("x: agency=1 needs=food counties=12086", i);
    one.listing.name = "Service";
    if (i == 11'000) one.capacity = CapacityView{1, testing::kNowMs, true};
    if (i == 11'001) one.capacity = CapacityView{1, testing::kNowMs, false};
    testing::AddTo(all, one, hours);
    world.push_back(std::move(one));
  }
  MatchIndex index;
  index.Apply(std::move(all), 1);
  size_t asked = 0;
  const CapacitiesOf said = testing::CapacitiesIn(world);
  const CapacitiesOf counted = [&](const std::vector<IdNumber>& ids) {
    asked += ids.size();
    return said(ids);
  };
  SearchQuery query;
  query.filters.with_capacity_only = true;
  SearchPosition after;
  std::vector<IdNumber> found;
  int pages = 0;
  while (true) {
    asked = 0;
    const SearchPage page = *Search(*index.snapshot(), query, after, 25, counted);
    EXPECT_LE(asked, kMostAskedOfPage);
    ++pages;
    found.insert(found.end(), page.ids.begin(), page.ids.end());
    if (!page.next) break;
    after = *page.next;
  }
  EXPECT_EQ(pages, 3);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(ToText(found[0]), world[11'000].listing.id);
  query.filters.with_capacity_only = false;
  query.words = {"service"};
  asked = 0;
  EXPECT_EQ(Search(*index.snapshot(), query, {}, 25, counted)->ids.size(), 25U);
  EXPECT_EQ(asked, 0U) << "room is not asked for";
}

}  // namespace
}  // namespace fairlead::directory
