// Listings and questions written as one line each, for the tests of the matching.
#ifndef SERVICES_DIRECTORY_TESTING_MATCH_WORLD_H_
#define SERVICES_DIRECTORY_TESTING_MATCH_WORLD_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/common/base/text.h"
#include "services/directory/domain/match.h"
#include "services/directory/domain/need_codes.h"
#include "services/directory/index/match_index.h"

namespace fairlead::directory::testing {

inline constexpr int64_t kNowMs = 1'795'802'400'000;  // 2026-11-27 18:00 UTC
inline constexpr int64_t kMinuteMs = 60'000;

inline std::string IdOf(int number, char kind) {
  std::string digits = std::to_string(number);
  digits.insert(0, 12 - digits.size(), '0');
  return std::string(8, kind) + "-0000-4000-8000-" + digits;
}

// "a=1 b=2,3" → {a: 1, b: 2,3}.
inline std::map<std::string, std::string> Pairs(const std::string& line) {
  std::map<std::string, std::string> pairs;
  for (const std::string& word : Split(line, ' ')) {
    if (word.empty()) continue;
    const size_t at = word.find('=');
    EXPECT_NE(at, std::string::npos) << word;
    EXPECT_TRUE(pairs.emplace(word.substr(0, at), word.substr(at + 1)).second) << word;
  }
  return pairs;
}

// Takes a key away: what is left at the end was misspelt.
inline std::string Take(std::map<std::string, std::string>& pairs, const std::string& key) {
  const auto node = pairs.extract(key);
  return node.empty() ? "" : node.mapped();
}
inline std::vector<std::string> TakeList(std::map<std::string, std::string>& pairs,
                                         const std::string& key) {
  return SortedUnique(Split(Take(pairs, key), ','));
}

// "MO,TU|09:00-17:00" in New York, with "|2020-01-01" until that day.
inline std::vector<std::string> Schedules(const std::string& text) {
  if (text.empty()) return {};
  const std::vector<std::string> parts = Split(text, '|');
  calendar::Fields fields = {{"freq", "WEEKLY"},
                             {"byday", parts.at(0)},
                             {"opens_at", parts.at(1).substr(0, 5)},
                             {"closes_at", parts.at(1).substr(6)},
                             {"timezone", "America/New_York"}};
  if (parts.size() > 2) fields["valid_to"] = parts[2];
  const calendar::Read read = calendar::ReadSchedule(fields, "");
  EXPECT_TRUE(read.schedule.has_value()) << text;
  return {calendar::ToText(*read.schedule)};
}

struct WorldListing {
  std::string name;
  Listing listing;
  std::string agency_id;
  AgencyKind kind = AgencyKind::kVictimServiceProvider;
  bool is_offered = true;
  std::optional<CapacityView> capacity;
  int64_t assured_ms = kNowMs;
  std::vector<uint32_t> places;
  int load = 0;  // of its agency
};

inline Facts FactsOf(const WorldListing& one, FactsArena& arena) {
  return ToFacts(one.listing,
                 {.agency_id = one.agency_id,
                  .agency_kind = one.kind,
                  .is_offered = one.is_offered,
                  .assured_ms = one.assured_ms,
                  .places = one.places},
                 arena);
}

// "harbor: agency=1 needs=shelter_bed …"
inline WorldListing ReadListing(const std::string& line, int number) {
  WorldListing one;
  const size_t colon = line.find(':');
  one.name = line.substr(0, colon);
  auto pairs = Pairs(line.substr(colon + 1));
  Listing& listing = one.listing;
  listing.id = IdOf(number, '1');
  listing.status = "active";
  one.agency_id = IdOf(std::stoi(Take(pairs, "agency")), 'a');
  if (Take(pairs, "kind") == "law_enforcement") one.kind = AgencyKind::kLawEnforcement;
  one.is_offered = Take(pairs, "offered") != "0";
  listing.need_codes = TakeList(pairs, "needs");
  listing.counties = TakeList(pairs, "counties");
  listing.languages = TakeList(pairs, "languages");
  const std::string ages = Take(pairs, "ages");
  if (!ages.empty()) {
    const size_t dash = ages.find('-');
    listing.minimum_age = std::stoi(ages.substr(0, dash));
    if (dash + 1 < ages.size()) listing.maximum_age = std::stoi(ages.substr(dash + 1));
  }
  listing.schedules = Schedules(Take(pairs, "hours"));
  Eligibility& eligibility = listing.eligibility;
  for (size_t i = 0; i < kCodeLists.size(); ++i) {
    eligibility.codes.at(i) = TakeList(pairs, std::string(kCodeLists.at(i)));
    for (const std::string& code : eligibility.codes.at(i)) {
      EXPECT_NE(BitOf(static_cast<CodeList>(i), code), 0) << code;
    }
  }
  eligibility.states = TakeList(pairs, "states");
  eligibility.interpreted_languages = TakeList(pairs, "interpreted");
  eligibility.any_interpreter = Take(pairs, "any_interpreter") == "1";
  eligibility.id_required = Take(pairs, "id_required") == "1";
  eligibility.sobriety_required = Take(pairs, "sobriety_required") == "1";
  eligibility.takes_warm_transfers = Take(pairs, "warm_transfer") == "1";
  eligibility.cost = *CostOf(Take(pairs, "cost"));
  const std::string target = Take(pairs, "target");
  if (!target.empty()) eligibility.response_target_min = std::stoi(target);
  const std::string capacity = Take(pairs, "capacity");
  const bool accepting = Take(pairs, "accepting") != "0";
  if (!capacity.empty()) {
    const size_t at = capacity.find('@');
    one.capacity = CapacityView{std::stoi(capacity.substr(0, at)),
                                kNowMs + std::stoi(capacity.substr(at + 1)) * kMinuteMs, accepting};
  }
  // Minutes from now, or never; what says nothing was verified now.
  const std::string verified = Take(pairs, "verified");
  if (verified == "never") {
    one.assured_ms = 0;
  } else if (!verified.empty()) {
    one.assured_ms += std::stoi(verified) * kMinuteMs;
  }
  for (const std::string& token : TakeList(pairs, "places")) {
    const auto cell = S2CellOfToken(token, kS2PlaceLevel);
    EXPECT_TRUE(cell.has_value()) << token;
    one.places.push_back(cell.value_or(0));
  }
  const std::string load = Take(pairs, "load");
  if (!load.empty()) one.load = std::stoi(load);
  EXPECT_TRUE(pairs.empty()) << line << ": " << pairs.begin()->first;
  return one;
}

// "need=shelter_bed county=12086 …"
inline MatchQuery ReadQuery(const std::string& line) {
  auto pairs = Pairs(line);
  MatchQuery query;
  query.need = NeedNumber(Take(pairs, "need"));
  const std::string urgency = Take(pairs, "urgency");
  query.urgency = urgency == "emergency" ? Urgency::kEmergency
                  : urgency == "urgent"  ? Urgency::kUrgent
                                         : Urgency::kStandard;
  query.county = AreaNumber(Take(pairs, "county"));
  query.state = query.county / kCountiesOfState;
  const std::string state = Take(pairs, "state");
  if (!state.empty()) query.state = AreaNumber(state);
  const std::string near = Take(pairs, "near");
  if (!near.empty()) query.near = S2Middle(S2CellOfToken(near, kS2RoughLevel).value());
  const std::string within = Take(pairs, "within");
  if (!within.empty()) query.farthest = BandOfMiles(std::stoi(within)).value();
  query.languages = Split(Take(pairs, "language"), ',');
  const std::string age = Take(pairs, "age");
  if (!age.empty()) query.ages = AgeBandOf(age).value();
  for (size_t i = 0; i < kCodeLists.size(); ++i) {
    query.codes.at(i) =
        BitsOf(static_cast<CodeList>(i), TakeList(pairs, std::string(kCodeLists.at(i))));
  }
  query.most_cost = *CostOf(Take(pairs, "cost"));
  query.without_id = Take(pairs, "without_id") == "1";
  query.without_sobriety = Take(pairs, "without_sobriety") == "1";
  query.open_now_only = Take(pairs, "open_now") == "1";
  query.with_capacity_only = Take(pairs, "with_capacity") == "1";
  const std::string direct = Take(pairs, "direct");
  query.is_blind = direct.empty();
  if (!direct.empty()) query.only_agency = ToIdNumber(IdOf(std::stoi(direct), 'a'));
  for (const std::string& agency : TakeList(pairs, "do_not_route")) {
    query.do_not_route.push_back(ToIdNumber(IdOf(std::stoi(agency), 'a')));
  }
  std::ranges::sort(query.do_not_route);
  const std::string asker = Take(pairs, "asker");
  if (!asker.empty()) query.asking_agency = ToIdNumber(IdOf(std::stoi(asker), 'a'));
  const std::string now = Take(pairs, "now");
  query.now_ms = kNowMs + (now.empty() ? 0 : std::stoi(now) * kMinuteMs);
  EXPECT_TRUE(pairs.empty()) << line << ": " << pairs.begin()->first;
  return query;
}

// Without the index: openings reckoned anew, and every listing looked at.
class PlainNow final : public Circumstances {
 public:
  PlainNow(const WorldListing& one, int64_t now_ms) : one_(one), now_ms_(now_ms) {}
  OpenState Hours() const override {
    const Listing& listing = one_.listing;
    const calendar::Hours hours = ReadHours(listing.schedules, listing.special_days,
                                            HolidaySets().Of(listing.holiday_sets));
    if (!hours.says_when()) return {};
    return StateAt(calendar::Openings(hours, now_ms_, now_ms_ + kHoursSpanMs), now_ms_);
  }
  std::optional<CapacityView> Capacity() const override { return one_.capacity; }
  int Load() const override { return one_.load; }

 private:
  const WorldListing& one_;
  int64_t now_ms_;
};

// Of all that pass those that are answered: the best kMaxMatches, of one agency at most
// kMaxOfAgency.
inline std::vector<Ranked> Chosen(std::vector<Ranked> passed,
                                  const std::map<IdNumber, IdNumber>& agency_of,
                                  const MatchQuery& query) {
  std::sort(passed.begin(), passed.end());
  std::map<IdNumber, size_t> taken;
  std::vector<Ranked> chosen;
  for (const Ranked& rank : passed) {
    if (chosen.size() == kMaxMatches) break;
    const size_t of_agency = taken[agency_of.at(rank.id)]++;
    if (query.only_agency || of_agency < kMaxOfAgency) chosen.push_back(rank);
  }
  return chosen;
}

struct PlainAnswer {
  std::vector<Ranked> matches;
  std::map<IdNumber, std::vector<Reason>> reasons;  // of all that pass
  std::vector<Missed> misses;
};

// What Find must say, by a plain walk over all listings.
inline PlainAnswer Walk(const std::vector<WorldListing>& world, const MatchQuery& query,
                        size_t max_misses) {
  PlainAnswer answer;
  FactsArena arena;
  std::map<IdNumber, IdNumber> agency_of;
  for (const WorldListing& one : world) {
    const Facts facts = FactsOf(one, arena);
    agency_of[facts.id] = facts.agency_id;
    if (!IsAsked(query, facts)) continue;
    const PlainNow now(one, query.now_ms);
    const Filter failure = FirstFailure(query, facts, now);
    if (failure == Filter::kPassed) {
      answer.matches.push_back({Score(query, facts, now, &answer.reasons[facts.id]), facts.id});
    } else if (IsNear(query, facts)) {
      answer.misses.push_back({failure, facts.id});
    }
  }
  answer.matches = Chosen(std::move(answer.matches), agency_of, query);
  std::sort(answer.misses.begin(), answer.misses.end());
  if (answer.misses.size() > max_misses) answer.misses.resize(max_misses);
  return answer;
}

inline void AddTo(IndexBatch& batch, const WorldListing& one, HoursPool& hours) {
  batch.Add({FactsOf(one, batch.arena), hours.Get(one.listing, HolidaySets())},
            SortKey(one.listing.name), Join(SearchTokens(one.listing), ' '));
}

inline CapacitiesOf CapacitiesIn(const std::vector<WorldListing>& world) {
  Capacities all;
  for (const WorldListing& one : world) {
    if (one.capacity) all[ToIdNumber(one.listing.id)] = *one.capacity;
  }
  return [all](const std::vector<IdNumber>& ids) -> Result<Capacities> {
    Capacities asked;
    for (const IdNumber& id : ids) {
      if (const auto found = all.find(id); found != all.end()) asked.insert(*found);
    }
    return asked;
  };
}

// Of the agencies that say something of theirs: each the same in all its listings.
inline AgencyLoads LoadsIn(const std::vector<WorldListing>& world) {
  std::map<IdNumber, int> levels;
  for (const WorldListing& one : world) {
    if (one.load > 0) levels[ToIdNumber(one.agency_id)] = one.load;
  }
  return AgencyLoads(std::move(levels));
}

}  // namespace fairlead::directory::testing

#endif  // SERVICES_DIRECTORY_TESTING_MATCH_WORLD_H_
