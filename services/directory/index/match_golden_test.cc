// testdata/match_golden.txt: questions, and the answers that were written for them by hand.
#include <gtest/gtest.h>

#include <fstream>

#include "services/directory/testing/match_world.h"

namespace fairlead::directory {
namespace {

using testing::WorldListing;

constexpr const char* kFile = "services/directory/testdata/match_golden.txt";
constexpr int kFewestCases = 60;

struct Case {
  std::string title;
  std::string ask;
  std::string order;
  std::map<std::string, std::string> why;
  std::map<std::string, std::string> out;
};

std::string Told(const Reason& reason) {
  std::string text = reason.code;
  if (!reason.value.empty()) text += "=" + reason.value;
  if (reason.time_ms == 0) return text;
  const int64_t minutes = (reason.time_ms - testing::kNowMs) / testing::kMinuteMs;
  return text + "@" + (minutes >= 0 ? "+" : "") + std::to_string(minutes);
}

std::string Told(const std::vector<Reason>& reasons) {
  std::vector<std::string> words;
  for (const Reason& reason : reasons) words.push_back(Told(reason));
  return Join(words, ' ');
}

void Check(const std::vector<WorldListing>& world, const Case& asked) {
  SCOPED_TRACE(asked.title);
  const MatchQuery query = testing::ReadQuery(asked.ask);
  FactsArena arena;
  std::map<IdNumber, const WorldListing*> by_id;
  std::vector<Ranked> ranks;
  std::map<IdNumber, IdNumber> agency_of;
  std::map<std::string, std::string> out;
  std::map<std::string, std::string> why;
  for (const WorldListing& one : world) {
    const Facts facts = testing::FactsOf(one, arena);
    const testing::PlainNow now(one, query.now_ms);
    by_id[facts.id] = &one;
    agency_of[facts.id] = facts.agency_id;
    if (!IsAsked(query, facts)) continue;
    const Filter failure = FirstFailure(query, facts, now);
    if (failure != Filter::kPassed) {
      out[one.name] = Told(WhyNot(query, facts, failure));
      continue;
    }
    std::vector<Reason> reasons;
    ranks.push_back({Score(query, facts, now, &reasons), facts.id});
    why[one.name] = Told(reasons);
  }
  std::vector<std::string> order;
  for (const Ranked& rank : testing::Chosen(ranks, agency_of, query))
    order.push_back(by_id[rank.id]->name);
  EXPECT_EQ(Join(order, ' '), asked.order);
  EXPECT_EQ(out, asked.out);
  for (const auto& [name, reasons] : asked.why) EXPECT_EQ(why[name], reasons) << name;

  // The index says the same, reasons included.
  HoursPool hours;
  MatchIndex index;
  IndexBatch all;
  for (const WorldListing& one : world) testing::AddTo(all, one, hours);
  index.Apply(std::move(all), 1);
  const auto snapshot = index.snapshot();
  const Found found = *Find(*snapshot, query, kMaxMisses, testing::CapacitiesIn(world),
                            testing::LoadsIn(world));
  std::vector<std::string> found_order;
  for (const Found::One& one : found.matches) {
    const std::string& name = by_id[one.rank.id]->name;
    found_order.push_back(name);
    EXPECT_EQ(Told(one.reasons), why[name]);
  }
  EXPECT_EQ(Join(found_order, ' '), asked.order);
  for (const Found::Out& one : found.misses) {
    const std::string& name = by_id[one.missed.id]->name;
    EXPECT_EQ(Told(WhyNot(query, one.facts, one.missed.filter)), out[name]) << name;
  }
}

TEST(MatchGoldenTest, EveryCaseIsAnsweredAsItIsWritten) {
  std::ifstream file(kFile);
  ASSERT_TRUE(file.good()) << kFile;
  std::vector<WorldListing> world;
  Case asked;
  int cases = 0;
  const auto finish = [&] {
    if (asked.title.empty()) return;
    ++cases;
    Check(world, asked);
    asked = Case();
  };
  const auto named = [](std::map<std::string, std::string>& into, const std::string& rest) {
    const size_t colon = rest.find(": ");
    ASSERT_NE(colon, std::string::npos) << rest;
    EXPECT_TRUE(into.emplace(rest.substr(0, colon), rest.substr(colon + 2)).second) << rest;
  };
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with("#")) continue;
    const size_t space = std::min(line.find(' '), line.size());
    const std::string word = line.substr(0, space);
    const std::string rest = space == line.size() ? "" : line.substr(space + 1);
    if (word == "world") {
      finish();
      world.clear();
    } else if (word == "listing") {
      world.push_back(testing::ReadListing(rest, static_cast<int>(world.size()) + 1));
    } else if (word == "case") {
      finish();
      asked.title = rest;
    } else if (word == "ask:") {
      asked.ask = rest;
    } else if (word == "order:") {
      asked.order = rest;
    } else if (word == "why") {
      named(asked.why, rest);
    } else {
      ASSERT_EQ(word, "out") << line;
      named(asked.out, rest);
    }
  }
  finish();
  EXPECT_GE(cases, kFewestCases);
}

}  // namespace
}  // namespace fairlead::directory
