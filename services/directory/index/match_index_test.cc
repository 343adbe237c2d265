// The index against a plain walk over all listings: random listings, random questions, before and
// after random changes.
#include "services/directory/index/match_index.h"

#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "services/directory/testing/match_world.h"

namespace fairlead::directory {
namespace {

using testing::WorldListing;

class Dice {
 public:
  explicit Dice(uint32_t seed) : engine_(seed) {}
  int Up(int below) { return static_cast<int>(engine_() % static_cast<uint32_t>(below)); }
  bool OneIn(int n) { return Up(n) == 0; }
  std::string Of(const std::vector<std::string>& items) {
    return items[static_cast<size_t>(Up(static_cast<int>(items.size())))];
  }
  // " key=a,b" of some of these; "" as often as not.
  std::string Some(const std::string& key, const std::vector<std::string>& items, int most) {
    std::vector<std::string> chosen;
    for (int i = Up(most + 1); i > 0; --i) chosen.push_back(Of(items));
    return chosen.empty() ? "" : " " + key + "=" + Join(SortedUnique(std::move(chosen)), ',');
  }
  std::string Flag(const std::string& key, int n) { return OneIn(n) ? " " + key + "=1" : ""; }

 private:
  std::mt19937 engine_;
};

const std::vector<std::string> kNeeds = {"shelter_bed", "safe_house", "food", "hot_meal", "t_visa"};
const std::vector<std::string> kCounties = {"12086", "12011", "12099", "13001", "48453"};
const std::vector<std::string> kStates = {"12", "13", "48"};
const std::vector<std::string> kLanguages = {"en", "es", "es-MX", "vi", "zh-Hant"};
const std::vector<std::string> kAges = {"0-17", "12-17", "18-", "21-60", "60-"};
const std::vector<std::string> kBands = {"0-11", "12-17", "18-24", "25-59", "60+"};
const std::vector<std::string> kHours = {"MO,TU,WE,TH,FR|09:00-17:00", "FR,SA|20:00-06:00",
                                         "MO,TU,WE,TH,FR,SA,SU|00:00-24:00",
                                         "SU|09:00-10:00|2020-01-01"};

std::vector<std::string> CodesOf(CodeList list) {
  std::vector<std::string> codes;
  for (const EligibilityCode& code : EligibilityCodes()) {
    if (code.list == list) codes.push_back(code.code);
  }
  return codes;
}

WorldListing RandomListing(Dice& dice, int number) {
  std::string line = "x: agency=" + std::to_string(dice.Up(12));
  if (dice.OneIn(10)) line += " kind=law_enforcement";
  if (dice.OneIn(8)) line += " offered=0";
  line += dice.Some("needs", kNeeds, 3);
  line += dice.Some("counties", kCounties, 3);
  if (dice.OneIn(4)) line += dice.Some("states", kStates, 2);
  line += dice.Some("languages", kLanguages, 3);
  if (dice.OneIn(4)) line += dice.Some("interpreted", kLanguages, 2);
  line += dice.Flag("any_interpreter", 8);
  if (dice.OneIn(3)) line += " ages=" + dice.Of(kAges);
  if (dice.OneIn(2)) line += " hours=" + dice.Of(kHours);
  for (size_t i = 0; i < kCodeLists.size(); ++i) {
    if (!dice.OneIn(3)) continue;
    line += dice.Some(std::string(kCodeLists.at(i)), CodesOf(static_cast<CodeList>(i)), 3);
  }
  line += dice.Flag("id_required", 5) + dice.Flag("sobriety_required", 5);
  line += dice.Flag("warm_transfer", 3);
  if (dice.OneIn(2)) line += " cost=" + dice.Of({"free", "sliding", "fee"});
  if (dice.OneIn(4)) line += " target=" + std::to_string(1 + dice.Up(1000));
  if (dice.OneIn(2)) {
    line += " capacity=" + std::to_string(dice.Up(4)) + "@-" + std::to_string(dice.Up(3000));
    if (dice.OneIn(6)) line += " accepting=0";
  }
  return testing::ReadListing(line, number);
}

MatchQuery RandomQuery(Dice& dice) {
  std::string line = "need=" + dice.Of({"shelter_bed", "emergency_housing", "food", "t_visa"});
  line += " urgency=" + dice.Of({"emergency", "urgent", "standard"});
  if (!dice.OneIn(4)) {
    line += " county=" + dice.Of(kCounties);
  } else if (dice.OneIn(2)) {
    line += " state=" + dice.Of(kStates);
  }
  if (dice.OneIn(2)) line += dice.Some("language", {"es", "vi", "zh", "qu"}, 2);
  if (dice.OneIn(3)) line += " age=" + dice.Of(kBands);
  for (size_t i = 0; i < kCodeLists.size(); ++i) {
    if (!dice.OneIn(5)) continue;
    line += dice.Some(std::string(kCodeLists.at(i)), CodesOf(static_cast<CodeList>(i)), 2);
  }
  if (dice.OneIn(5)) line += " cost=" + dice.Of({"free", "sliding", "fee"});
  for (const char* flag : {"without_id", "without_sobriety", "open_now", "with_capacity"}) {
    line += dice.Flag(flag, 8);
  }
  line += dice.Flag("direct", 3);
  line += dice.Some("do_not_route", {"1", "2", "3"}, 2);
  if (dice.OneIn(2)) line += " asker=" + std::to_string(dice.Up(12));
  line += " now=+" + std::to_string(dice.Up(60'000));
  return testing::ReadQuery(line);
}

void Compare(const std::vector<WorldListing>& world, const MatchIndex& index, Dice& dice) {
  const auto snapshot = index.snapshot();
  const CapacitiesOf capacities = testing::CapacitiesIn(world);
  for (int i = 0; i < 12; ++i) {
    const MatchQuery query = RandomQuery(dice);
    const size_t max_misses = dice.OneIn(2) ? kMaxMisses : static_cast<size_t>(dice.Up(6));
    const testing::PlainAnswer plain = testing::Walk(world, query, max_misses);
    const Found found = *Find(*snapshot, query, max_misses, capacities);
    ASSERT_EQ(found.matches.size(), plain.matches.size());
    for (size_t k = 0; k < plain.matches.size(); ++k) {
      ASSERT_EQ(found.matches[k].rank.id, plain.matches[k].id) << "place " << k;
      ASSERT_EQ(found.matches[k].rank.score, plain.matches[k].score);
      ASSERT_EQ(found.matches[k].reasons, plain.reasons.at(plain.matches[k].id));
    }
    ASSERT_EQ(found.misses.size(), plain.misses.size()) << "of at most " << max_misses;
    for (size_t k = 0; k < plain.misses.size(); ++k) {
      ASSERT_EQ(found.misses[k].missed.id, plain.misses[k].id) << "miss " << k;
      ASSERT_EQ(found.misses[k].missed.filter, plain.misses[k].filter);
    }
  }
}

TEST(MatchIndexTest, SaysWhatAPlainWalkSays) {
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    HoursPool hours;
    MatchIndex index;
    std::vector<WorldListing> world;
    const int size = 1 + dice.Up(400);
    std::vector<IndexedListing> all;
    FactsArena first;
    for (int i = 0; i < size; ++i) {
      world.push_back(RandomListing(dice, i));
      if (world.back().is_offered) all.push_back(testing::ToIndexed(world.back(), hours, first));
    }
    index.Apply(std::move(all), 0);
    Compare(world, index, dice);
    for (int64_t version = 1; version <= 25; ++version) {
      FactsArena arena;  // gone after the change: the index keeps what it needs
      std::map<size_t, IndexedListing> changed;
      for (int i = dice.OneIn(4) ? dice.Up(200) : dice.Up(5); i >= 0; --i) {
        const auto at = static_cast<size_t>(dice.Up(static_cast<int>(world.size()) + 1));
        const WorldListing made = RandomListing(dice, static_cast<int>(at));
        if (at == world.size()) {
          world.push_back(made);
        } else {
          world[at] = made;
        }
        changed[at] = testing::ToIndexed(made, hours, arena);
      }
      std::vector<IndexedListing> list;
      for (auto& [at, one] : changed) list.push_back(std::move(one));
      index.Apply(std::move(list), version);
      ASSERT_EQ(index.snapshot()->version, version);
      ASSERT_LE(index.snapshot()->parts.size(), 12U) << "each twice as large as the next";
      ASSERT_EQ(index.snapshot()->LiveCount(),
                static_cast<size_t>(std::ranges::count_if(
                    world, [](const WorldListing& one) { return one.is_offered; })));
      Compare(world, index, dice);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(MatchIndexTest, AReaderKeepsItsViewWhileWritersGoOn) {
  Dice dice(7);
  HoursPool hours;
  MatchIndex index;
  std::vector<WorldListing> world;
  std::vector<IndexedListing> all;
  FactsArena arena;
  for (int i = 0; i < 300; ++i) {
    world.push_back(RandomListing(dice, i));
    if (world.back().is_offered) all.push_back(testing::ToIndexed(world.back(), hours, arena));
  }
  index.Apply(std::move(all), 0);
  const auto old = index.snapshot();
  const MatchQuery query = testing::ReadQuery("need=emergency_housing county=12086");
  const testing::PlainAnswer plain = testing::Walk(world, query, kMaxMisses);
  std::thread writer([&] {
    for (int64_t version = 1; version <= 200; ++version) {
      FactsArena own;
      WorldListing gone = world[static_cast<size_t>(version)];
      gone.is_offered = false;
      index.Apply({testing::ToIndexed(gone, hours, own)}, version);
    }
  });
  const CapacitiesOf capacities = testing::CapacitiesIn(world);
  for (int i = 0; i < 200; ++i) {
    const Found found = *Find(*old, query, kMaxMisses, capacities);
    ASSERT_EQ(found.matches.size(), plain.matches.size());
    for (size_t k = 0; k < plain.matches.size(); ++k) {
      ASSERT_EQ(found.matches[k].rank.id, plain.matches[k].id);
    }
    ASSERT_LE(index.snapshot()->LiveCount(), old->LiveCount());
  }
  writer.join();
  EXPECT_EQ(index.snapshot()->version, 200);
  EXPECT_LT(index.snapshot()->LiveCount(), old->LiveCount());
}

TEST(MatchIndexTest, OfSeveralUnitsTheOneWithRoomForSomebodyCounts) {
  const auto unit = [](int available, bool accepting, int64_t update_ms, int overflow = 0) {
    Capacity one;
    one.available = available;
    one.overflow_available = overflow;
    one.accepting = accepting;
    one.update_ms = update_ms;
    return one;
  };
  EXPECT_FALSE(ViewOf({}).has_value());
  const std::vector<Capacity> units = {unit(9, false, 50), unit(1, true, 10, 1), unit(2, true, 20),
                                       unit(0, true, 90)};
  EXPECT_EQ(ViewOf(units)->available, 2);
  EXPECT_EQ(ViewOf(units)->as_of_ms, 20) << "the later word of those with room";
  EXPECT_EQ(ViewOf(std::vector{unit(5, true, 1), unit(2, true, 20)})->available, 2)
      << "much room long ago is worth less than a little just now";
  EXPECT_EQ(ViewOf(std::vector{unit(0, true, 10, 3)})->available, 0)
      << "what is beyond the maximum must be asked for";
  EXPECT_TRUE(ViewOf(units)->accepting);
  EXPECT_FALSE(ViewOf(std::span(units).first(1))->accepting);
}

TEST(MatchIndexTest, WhatMayChangeIsAskedOfTheNewestWord) {
  const WorldListing one = testing::ReadListing("a: agency=1 needs=food counties=12086", 1);
  HoursPool hours;
  FactsArena arena;
  MatchIndex index;
  index.Apply({testing::ToIndexed(one, hours, arena)}, 1);
  MatchQuery query = testing::ReadQuery("need=food county=12086 with_capacity=1");
  Capacities words;
  const CapacitiesOf capacities = [&](const std::vector<IdNumber>&) -> Result<Capacities> {
    return words;
  };
  const auto find = [&] { return *Find(*index.snapshot(), query, 1, capacities); };
  EXPECT_TRUE(find().matches.empty());
  CapacityView& word = words[ToIdNumber(one.listing.id)];
  word = {1, query.now_ms, true};
  EXPECT_EQ(find().matches.size(), 1U);
  word.accepting = false;
  const Found shut = find();
  ASSERT_EQ(shut.misses.size(), 1U);
  EXPECT_EQ(shut.misses[0].missed.filter, Filter::kAccepting);
  EXPECT_TRUE(shut.need_is_offered);
  const auto failing = [](const std::vector<IdNumber>&) -> Result<Capacities> {
    return Fail(Code::kUnavailable, "STORAGE_UNAVAILABLE", "");
  };
  const auto failed = Find(*index.snapshot(), query, 1, failing);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().reason, "STORAGE_UNAVAILABLE");
  query.need = NeedNumber("t_visa");
  EXPECT_FALSE(find().need_is_offered);
}

}  // namespace
}  // namespace fairlead::directory
