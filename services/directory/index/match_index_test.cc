// The index against a plain walk over all listings: random listings, random questions, before and
// after random changes.
#include "services/directory/index/match_index.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "services/directory/testing/random_world.h"

namespace fairlead::directory {
namespace {

using testing::Dice;
using testing::RandomListing;
using testing::RandomQuery;
using testing::WorldListing;

void Compare(const std::vector<WorldListing>& world, const MatchIndex& index, Dice& dice) {
  const auto snapshot = index.snapshot();
  const CapacitiesOf capacities = testing::CapacitiesIn(world);
  const AgencyLoads loads = testing::LoadsIn(world);
  for (int i = 0; i < 12; ++i) {
    const MatchQuery query = RandomQuery(dice);
    const size_t max_misses = dice.OneIn(2) ? kMaxMisses : static_cast<size_t>(dice.Up(6));
    const testing::PlainAnswer plain = testing::Walk(world, query, max_misses);
    const Found found = *Find(*snapshot, query, max_misses, capacities, loads);
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
    IndexBatch all;
    for (int i = 0; i < size; ++i) {
      world.push_back(RandomListing(dice, i));
      if (world.back().is_offered) testing::AddTo(all, world.back(), hours);
    }
    index.Apply(std::move(all), 0);
    Compare(world, index, dice);
    for (int64_t version = 1; version <= 25; ++version) {
      std::set<size_t> changed;
      for (int i = dice.OneIn(4) ? dice.Up(200) : dice.Up(5); i >= 0; --i) {
        const auto at = static_cast<size_t>(dice.Up(static_cast<int>(world.size()) + 1));
        const WorldListing made = RandomListing(dice, static_cast<int>(at));
        if (at == world.size()) {
          world.push_back(made);
        } else {
          world[at] = made;
        }
        changed.insert(at);
      }
      IndexBatch batch;
      for (const size_t at : changed) testing::AddTo(batch, world[at], hours);
      index.Apply(std::move(batch), version);
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

// So many that not everybody is asked for room: of those who are the best are answered, and whoever
// is not would have to have room to come before any of them.
TEST(MatchIndexTest, OfVeryManyNotAllAreAsked) {
  Dice dice(11);
  HoursPool hours;
  IndexBatch all;
  std::vector<WorldListing> world;
  for (int i = 0; i < 4000; ++i) {
    std::string line = "x: needs=food counties=12086 agency=" + std::to_string(dice.Up(300));
    if (dice.OneIn(3)) line += " hours=" + dice.Of(testing::kHours);
    if (dice.OneIn(2)) {
      line += " capacity=" + std::to_string(dice.Up(4)) + "@-" + std::to_string(dice.Up(3000));
    }
    world.push_back(testing::ReadListing(line, i));
    testing::AddTo(all, world.back(), hours);
  }
  MatchIndex index;
  index.Apply(std::move(all), 1);
  std::set<IdNumber> asked;
  const CapacitiesOf said = testing::CapacitiesIn(world);
  const CapacitiesOf counted = [&](const std::vector<IdNumber>& ids) {
    EXPECT_LE(ids.size(), kAskedAtOnce);
    asked.insert(ids.begin(), ids.end());
    return said(ids);
  };
  for (const char* line : {"need=food county=12086", "need=food county=12086 with_capacity=1"}) {
    SCOPED_TRACE(line);
    const MatchQuery query = testing::ReadQuery(line);
    asked.clear();
    const Found found = *Find(*index.snapshot(), query, 0, counted);
    EXPECT_LT(asked.size(), world.size() / 2);
    std::vector<WorldListing> of_asked;
    MatchQuery roomless = query;
    roomless.with_capacity_only = false;
    for (const WorldListing& one : world) {
      if (asked.contains(ToIdNumber(one.listing.id))) {
        of_asked.push_back(one);
        continue;
      }
      WorldListing silent = one;
      silent.capacity.reset();
      const testing::PlainAnswer alone = testing::Walk({silent}, roomless, 0);
      ASSERT_EQ(alone.matches.size(), 1U);
      EXPECT_FALSE(alone.matches[0] < found.matches.back().rank) << one.listing.id;
    }
    const testing::PlainAnswer plain = testing::Walk(of_asked, query, 0);
    ASSERT_EQ(plain.matches.size(), kMaxMatches);
    ASSERT_EQ(found.matches.size(), kMaxMatches);
    for (size_t k = 0; k < kMaxMatches; ++k) {
      EXPECT_EQ(found.matches[k].rank.id, plain.matches[k].id) << "place " << k;
      EXPECT_EQ(found.matches[k].reasons, plain.reasons.at(plain.matches[k].id));
    }
  }
  // One alone has room, the last by everything else: nobody says "nobody".
  for (WorldListing& one : world) one.capacity = CapacityView{0, testing::kNowMs, true};
  world.back() = testing::ReadListing("x: needs=food states=12 agency=1 capacity=1@-3000", 4000);
  MatchIndex other;
  IndexBatch again;
  for (const WorldListing& one : world) testing::AddTo(again, one, hours);
  other.Apply(std::move(again), 1);
  const Found found =
      *Find(*other.snapshot(), testing::ReadQuery("need=food county=12086 with_capacity=1"), 1,
            testing::CapacitiesIn(world));
  ASSERT_EQ(found.matches.size(), 1U);
  EXPECT_EQ(ToText(found.matches[0].rank.id), world.back().listing.id);
}

TEST(MatchIndexTest, AReaderKeepsItsViewWhileWritersGoOn) {
  Dice dice(7);
  HoursPool hours;
  MatchIndex index;
  std::vector<WorldListing> world;
  IndexBatch all;
  for (int i = 0; i < 300; ++i) {
    world.push_back(RandomListing(dice, i));
    if (world.back().is_offered) testing::AddTo(all, world.back(), hours);
  }
  index.Apply(std::move(all), 0);
  const auto old = index.snapshot();
  const MatchQuery query = testing::ReadQuery("need=emergency_housing county=12086");
  const testing::PlainAnswer plain = testing::Walk(world, query, kMaxMisses);
  std::thread writer([&] {
    for (int64_t version = 1; version <= 200; ++version) {
      IndexBatch own;
      WorldListing gone = world[static_cast<size_t>(version)];
      gone.is_offered = false;
      testing::AddTo(own, gone, hours);
      index.Apply(std::move(own), version);
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
  IndexBatch batch;
  testing::AddTo(batch, one, hours);
  MatchIndex index;
  index.Apply(std::move(batch), 1);
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
