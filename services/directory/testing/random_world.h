// Listings and questions by chance, the same for the same seed.
#ifndef SERVICES_DIRECTORY_TESTING_RANDOM_WORLD_H_
#define SERVICES_DIRECTORY_TESTING_RANDOM_WORLD_H_

#include <random>
#include <string>
#include <vector>

#include "services/directory/testing/match_world.h"

namespace fairlead::directory::testing {

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

inline const std::vector<std::string> kNeeds = {"shelter_bed", "safe_house", "food", "hot_meal",
                                                "t_visa"};
inline const std::vector<std::string> kCounties = {"12086", "12011", "12099", "13001", "48453"};
inline const std::vector<std::string> kStates = {"12", "13", "48"};
inline const std::vector<std::string> kLanguages = {"en", "es", "es-MX", "vi", "zh-Hant"};
inline const std::vector<std::string> kAges = {"0-17", "12-17", "18-", "21-60", "60-"};
inline const std::vector<std::string> kBands = {"0-11", "12-17", "18-24", "25-59", "60+"};
inline const std::vector<std::string> kHours = {"MO,TU,WE,TH,FR|09:00-17:00", "FR,SA|20:00-06:00",
                                                "MO,TU,WE,TH,FR,SA,SU|00:00-24:00",
                                                "SU|09:00-10:00|2020-01-01"};

// In and around Miami, in Orlando and Austin; and cells that some of them are in.
inline const std::vector<std::string> kPlaces = {"88d9b681", "88d90055", "88d8d689", "88dae19d",
                                                 "88e77b01", "8644b509", "88d9ba81", "88d769e5"};
inline const std::vector<std::string> kCells = {"88d9b7", "88d901", "88e77b", "8644b5"};

inline std::vector<std::string> CodesOf(CodeList list) {
  std::vector<std::string> codes;
  for (const EligibilityCode& code : EligibilityCodes()) {
    if (code.list == list) codes.push_back(code.code);
  }
  return codes;
}

inline WorldListing RandomListing(Dice& dice, int number) {
  const int agency = dice.Up(12);
  std::string line = "x: agency=" + std::to_string(agency);
  if (agency < 9) line += " load=" + std::to_string(agency % (kMostLoadLevel + 1));
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
  line += dice.Some("places", kPlaces, 2);
  if (dice.OneIn(2)) {
    line += " capacity=" + std::to_string(dice.Up(4)) + "@-" + std::to_string(dice.Up(3000));
    if (dice.OneIn(6)) line += " accepting=0";
  }
  if (dice.OneIn(6)) {
    line += " verified=never";
  } else if (dice.OneIn(2)) {
    line += " verified=-" + std::to_string(300'000 + dice.Up(300'000));  // a year is 525,600
  }
  return ReadListing(line, number);
}

inline MatchQuery RandomQuery(Dice& dice) {
  std::string line = "need=" + dice.Of({"shelter_bed", "emergency_housing", "food", "t_visa"});
  line += " urgency=" + dice.Of({"emergency", "urgent", "standard"});
  if (!dice.OneIn(4)) {
    line += " county=" + dice.Of(kCounties);
  } else if (dice.OneIn(2)) {
    line += " state=" + dice.Of(kStates);
  }
  if (dice.OneIn(2)) {
    line += " near=" + dice.Of(kCells);
    if (dice.OneIn(2)) line += " within=" + dice.Of({"10", "25", "50", "100"});
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
  if (dice.OneIn(4)) line += " direct=" + std::to_string(dice.Up(12));
  line += dice.Some("do_not_route", {"1", "2", "3"}, 2);
  if (dice.OneIn(2)) line += " asker=" + std::to_string(dice.Up(12));
  line += " now=+" + std::to_string(dice.Up(60'000));
  return ReadQuery(line);
}

}  // namespace fairlead::directory::testing

#endif  // SERVICES_DIRECTORY_TESTING_RANDOM_WORLD_H_
