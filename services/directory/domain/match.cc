#include "services/directory/domain/match.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "services/common/base/text.h"
#include "services/directory/domain/verification.h"

namespace fairlead::directory {
namespace {

constexpr int kNoLimit = 150;  // years: nobody is older (domain/build_import.cc)
constexpr int64_t kMinuteMs = 60'000;
constexpr int64_t kHourMs = 60 * kMinuteMs;

bool Has(std::span<const uint32_t> sorted, uint32_t item) {
  return std::ranges::binary_search(sorted, item);
}

bool CoversCounty(const MatchQuery& query, const Facts& facts) {
  return query.county != 0 && Has(facts.Of(Facts::kCounties), query.county);
}
bool CoversState(const MatchQuery& query, const Facts& facts) {
  return Has(facts.Of(Facts::kStates), query.state);
}
// Some county of the state.
bool TouchesState(const MatchQuery& query, const Facts& facts) {
  const std::span<const uint32_t> counties = facts.Of(Facts::kCounties);
  const auto first = std::ranges::lower_bound(counties, query.state * kCountiesOfState);
  return first != counties.end() && *first < (query.state + 1) * kCountiesOfState;
}

bool PassesArea(const MatchQuery& query, const Facts& facts, const Circumstances&) {
  if (query.state == 0) return true;
  if (CoversState(query, facts)) return true;
  return query.county != 0 ? CoversCounty(query, facts) : TouchesState(query, facts);
}

bool PassesDistance(const MatchQuery& query, const Facts& facts, const Circumstances&) {
  if (!query.farthest) return true;
  return DistanceBand(query, facts).value_or(0) <= *query.farthest;
}

int MaximumAge(const Facts& facts) { return facts.maximum_age == 0 ? kNoLimit : facts.maximum_age; }

// The population code that says that the listing is for the other side of eighteen.
std::string_view OnlyOthersByAge(const MatchQuery& query, const Facts& facts) {
  static const uint16_t minors = BitOf(CodeList::kPopulation, "minor");
  static const uint16_t adults = BitOf(CodeList::kPopulation, "adult_survivor");
  const uint16_t served = facts.Codes(CodeList::kPopulation) & (minors | adults);
  if (served == adults && query.ages->to < kAdultAge) return "adult_survivor";
  if (served == minors && query.ages->from >= kAdultAge) return "minor";
  return "";
}

bool PassesAge(const MatchQuery& query, const Facts& facts, const Circumstances&) {
  if (!query.ages) return true;
  if (query.ages->to < facts.minimum_age || query.ages->from > MaximumAge(facts)) return false;
  return OnlyOthersByAge(query, facts).empty();
}

// Groups that a listing may be kept for; age is looked at by its own filter.
uint16_t Groups(uint16_t populations) {
  static const uint16_t ages = BitsOf(CodeList::kPopulation, {"minor", "adult_survivor"});
  return static_cast<uint16_t>(populations & ~ages);
}

template <CodeList list>
bool PassesAny(const MatchQuery& query, const Facts& facts, const Circumstances&) {
  uint16_t asked = query.Codes(list);
  uint16_t served = facts.Codes(list);
  if (list == CodeList::kPopulation) {
    asked = Groups(asked);
    served = Groups(served);
  }
  return asked == 0 || served == 0 || (asked & served) != 0;
}

// Those of the client's household that are not taken.
uint16_t HouseholdLeftOut(const MatchQuery& query, const Facts& facts) {
  static const uint16_t pets = BitOf(CodeList::kHousehold, "pets");
  const uint16_t asked = query.Codes(CodeList::kHousehold);
  const uint16_t taken = facts.Codes(CodeList::kHousehold);
  const bool says_who = (taken & ~pets) != 0;
  const auto left_out = static_cast<uint16_t>(asked & ~taken);
  return says_who ? left_out : static_cast<uint16_t>(left_out & pets);
}
bool PassesHousehold(const MatchQuery& query, const Facts& facts, const Circumstances&) {
  return HouseholdLeftOut(query, facts) == 0;
}

// The first of the client's languages that is in the list.
const std::string* FirstLanguage(const MatchQuery& query, std::span<const uint32_t> list) {
  for (const std::string& tag : query.languages) {
    if (Has(list, LanguageNumber(tag))) return &tag;
  }
  return nullptr;
}
bool PassesLanguage(const MatchQuery& query, const Facts& facts, const Circumstances&) {
  return query.languages.empty() || facts.any_interpreter ||
         FirstLanguage(query, facts.Of(Facts::kLanguages)) != nullptr ||
         FirstLanguage(query, facts.Of(Facts::kInterpreted)) != nullptr;
}

uint16_t AccessMissing(const MatchQuery& query, const Facts& facts) {
  return static_cast<uint16_t>(query.Codes(CodeList::kAccessibility) &
                               ~facts.Codes(CodeList::kAccessibility));
}

bool PassesCapacity(const MatchQuery& query, const Facts&, const Circumstances& circumstances) {
  if (!query.with_capacity_only) return true;
  const std::optional<CapacityView> capacity = circumstances.Capacity();
  return capacity && capacity->available > 0;
}

struct Rule {
  Filter filter;
  std::string_view code;
  bool (*passes)(const MatchQuery&, const Facts&, const Circumstances&);
};

constexpr std::array<Rule, static_cast<size_t>(Filter::kPassed)> kRules = {{
    {Filter::kNotOffered, "not_offered",
     [](const MatchQuery&, const Facts& facts, const Circumstances&) { return facts.is_offered; }},
    {Filter::kNeed, "service_not_provided",
     [](const MatchQuery& query, const Facts& facts, const Circumstances&) {
       return query.need == kAnyNeed || facts.needs.Has(query.need);
     }},
    {Filter::kWall, "behind_wall",
     [](const MatchQuery& query, const Facts& facts, const Circumstances&) {
       return !query.is_blind || !facts.is_walled;
     }},
    {Filter::kDoNotRoute, "do_not_route",
     [](const MatchQuery& query, const Facts& facts, const Circumstances&) {
       return !std::ranges::binary_search(query.do_not_route, facts.agency_id);
     }},
    {Filter::kOwnAgency, "own_agency",
     [](const MatchQuery& query, const Facts& facts, const Circumstances&) {
       return query.asking_agency != facts.agency_id;
     }},
    {Filter::kArea, "out_of_area", PassesArea},
    {Filter::kDistance, "too_far", PassesDistance},
    {Filter::kAge, "age_not_served", PassesAge},
    {Filter::kGender, "gender_not_served", PassesAny<CodeList::kGender>},
    {Filter::kPopulation, "population_not_served", PassesAny<CodeList::kPopulation>},
    {Filter::kExploitation, "exploitation_not_served", PassesAny<CodeList::kExploitation>},
    {Filter::kHousehold, "household_not_served", PassesHousehold},
    {Filter::kLanguage, "language_not_available", PassesLanguage},
    {Filter::kAccessibility, "not_accessible",
     [](const MatchQuery& query, const Facts& facts, const Circumstances&) {
       return AccessMissing(query, facts) == 0;
     }},
    {Filter::kIdRequired, "id_required",
     [](const MatchQuery& query, const Facts& facts, const Circumstances&) {
       return !(query.without_id && facts.id_required);
     }},
    {Filter::kSobriety, "sobriety_required",
     [](const MatchQuery& query, const Facts& facts, const Circumstances&) {
       return !(query.without_sobriety && facts.sobriety_required);
     }},
    {Filter::kCost, "cost_too_high",
     [](const MatchQuery& query, const Facts& facts, const Circumstances&) {
       return query.most_cost == Cost::kNotStated || facts.cost <= query.most_cost;
     }},
    {Filter::kOpenNow, "closed_now",
     [](const MatchQuery& query, const Facts&, const Circumstances& circumstances) {
       return !query.open_now_only || circumstances.Hours().is_open;
     }},
    {Filter::kAccepting, "not_accepting",
     [](const MatchQuery&, const Facts&, const Circumstances& circumstances) {
       const std::optional<CapacityView> capacity = circumstances.Capacity();
       return !capacity || capacity->accepting;
     }},
    {Filter::kCapacity, "no_capacity", PassesCapacity},
}};

std::string AgesText(const Facts& facts) {
  if (facts.maximum_age == 0) return std::to_string(facts.minimum_age) + "+";
  return std::to_string(facts.minimum_age) + "-" + std::to_string(facts.maximum_age);
}

// What a score is made of. Adds points, and says why.
class Scorer {
 public:
  Scorer(const MatchQuery& query, const Facts& facts, std::vector<Reason>* reasons)
      : query_(query), facts_(facts), reasons_(reasons) {}

  int Score(const Circumstances& circumstances) {
    Hours(circumstances.Hours());
    Capacity(circumstances.Capacity());
    Language();
    Area();
    Distance();
    Client();
    Intake();
    Verification();
    Load(circumstances.Load());
    return score_;
  }

 private:
  void Add(int points, std::string_view code, std::string_view value = {}, int64_t time_ms = 0) {
    score_ += points;
    if (reasons_ != nullptr) reasons_->push_back({std::string(code), std::string(value), time_ms});
  }

  // In an emergency it matters most that somebody is there.
  void Hours(const OpenState& state) {
    constexpr std::array<int, 3> kPoints = {40, 30, 15};
    const int points = kPoints.at(static_cast<size_t>(query_.urgency));
    if (!state.is_stated) return Add(points / 3, "hours_not_stated");
    if (state.is_open) return Add(points, "open_now", "", state.change_ms);
    if (state.change_ms == 0) return Add(0, "closed");
    const bool soon = state.change_ms - query_.now_ms <= 4 * kHourMs;
    Add(soon ? points / 2 : 0, "opens", "", state.change_ms);
  }

  // Room is worth what its age is worth. Where lately there was none, nothing else that a service
  // has to offer brings it before one that has room.
  void Capacity(const std::optional<CapacityView>& capacity) {
    if (!capacity) return Add(0, "capacity_not_stated");
    constexpr std::array<int, 3> kRoom = {30, 20, 8};
    constexpr std::array<int, 3> kNone = {-90, -60, -4};
    constexpr std::array<std::string_view, 3> kCodes = {"capacity_fresh", "capacity_ageing",
                                                        "capacity_stale"};
    const auto age =
        static_cast<size_t>(FreshnessOf(capacity->as_of_ms, query_.now_ms)) - 1;  // from 1
    const int more = std::clamp(capacity->available - 1, 0, 3);
    const int points = capacity->available > 0 ? kRoom.at(age) + more : kNone.at(age);
    Add(points, kCodes.at(age), std::to_string(capacity->available), capacity->as_of_ms);
  }

  void Language() {
    if (query_.languages.empty()) return;
    if (const auto* tag = FirstLanguage(query_, facts_.Of(Facts::kLanguages))) {
      return Add(20, "language", *tag);
    }
    const auto* tag = FirstLanguage(query_, facts_.Of(Facts::kInterpreted));
    Add(6, "interpreter", tag != nullptr ? *tag : query_.languages.front());
  }

  void Area() {
    if (query_.state == 0) return;
    if (CoversCounty(query_, facts_)) return Add(6, "serves_county");
    Add(2, "serves_state");
  }

  // Who keeps the place to themselves is neither before nor behind for it: as one in the middle.
  void Distance() {
    if (!query_.near) return;
    constexpr std::array<int, kBeyondBands + 1> kPoints = {6, 4, 2, 1, 0};
    constexpr int kUnknown = 2;
    const std::optional<size_t> band = DistanceBand(query_, facts_);
    if (!band) return Add(kUnknown, "distance_not_stated");
    Add(kPoints.at(*band), "distance", MilesOf(*band));
  }

  void Client() {
    if (query_.ages) {
      const bool minor = query_.ages->to < kAdultAge;
      const bool whole =
          query_.ages->from >= facts_.minimum_age && query_.ages->to <= MaximumAge(facts_);
      if (!whole) Add(0, "ages_in_part", AgesText(facts_));
      if (whole && minor) Add(0, "takes_minors", AgesText(facts_));
    }
    const auto common = static_cast<uint16_t>(Groups(query_.Codes(CodeList::kPopulation)) &
                                              facts_.Codes(CodeList::kPopulation));
    if (common != 0) Add(4, "for_group", CodeOfBits(CodeList::kPopulation, common));
    const uint16_t household = query_.Codes(CodeList::kHousehold);
    static const uint16_t pets = BitOf(CodeList::kHousehold, "pets");
    if ((household & pets) != 0) Add(0, "takes_pets");
    const uint16_t access = query_.Codes(CodeList::kAccessibility);
    if (access != 0) Add(0, "accessible", CodeOfBits(CodeList::kAccessibility, access));
    if (query_.most_cost != Cost::kNotStated) {
      const bool stated = facts_.cost != Cost::kNotStated;
      Add(stated ? 3 : 0, stated ? "cost" : "cost_not_stated", CodeOf(facts_.cost));
    }
  }

  void Intake() {
    constexpr std::array<int, 3> kWithinMin = {15, 4 * 60, 24 * 60};
    const int target = facts_.response_target_min;
    if (target != 0 && target <= kWithinMin.at(static_cast<size_t>(query_.urgency))) {
      Add(4, "answers_within", std::to_string(target));
    }
    if (facts_.takes_warm_transfers && query_.urgency != Urgency::kStandard) {
      Add(4, "takes_warm_transfers");
    }
  }

  // What nobody has looked at for a year may be so no more: more than a language weighs, less than
  // that somebody is there in an emergency.
  void Verification() {
    if (VerificationOf(facts_.assured_ms, query_.now_ms) == VerificationState::kStale) {
      Add(-25, "not_verified", "", facts_.assured_ms);
    }
  }

  // At most what three more beds are worth: it decides among those that fit alike.
  void Load(int level) {
    if (level > 0) Add(-level, "asked_often", std::to_string(level));
  }

  const MatchQuery& query_;
  const Facts& facts_;
  std::vector<Reason>* reasons_;
  int score_ = 0;
};

}  // namespace

std::optional<size_t> DistanceBand(const MatchQuery& query, const Facts& facts) {
  if (!query.near) return std::nullopt;
  return BandOf(*query.near, facts.Of(Facts::kPlaces));
}

std::optional<AgeRange> AgeBandOf(std::string_view code) {
  constexpr std::array<std::pair<std::string_view, AgeRange>, 5> kBands = {
      {{"0-11", {0, 11}},
       {"12-17", {12, 17}},
       {"18-24", {18, 24}},
       {"25-59", {25, 59}},
       {"60+", {60, kNoLimit}}}};
  for (const auto& [band, range] : kBands) {
    if (band == code) return range;
  }
  return std::nullopt;
}

std::optional<CapacityView> ViewOf(std::span<const Capacity> units) {
  std::optional<CapacityView> best;
  const auto rank = [](const CapacityView& view) {
    return std::tuple(view.accepting, view.available > 0, view.as_of_ms, view.available);
  };
  for (const Capacity& unit : units) {
    const CapacityView view{unit.available, unit.update_ms, unit.accepting};
    if (!best || rank(view) > rank(*best)) best = view;
  }
  return best;
}

Filter FirstFailure(const MatchQuery& query, const Facts& facts,
                    const Circumstances& circumstances) {
  for (const Rule& rule : kRules) {
    if (!rule.passes(query, facts, circumstances)) return rule.filter;
  }
  return Filter::kPassed;
}

std::string_view CodeOf(Filter filter) {
  return filter == Filter::kPassed ? "" : kRules.at(static_cast<size_t>(filter)).code;
}

Reason WhyNot(const MatchQuery& query, const Facts& facts, Filter filter) {
  Reason reason{std::string(CodeOf(filter)), ""};
  switch (filter) {
    case Filter::kDistance:
      if (const auto band = DistanceBand(query, facts)) reason.value = MilesOf(*band);
      break;
    case Filter::kAge:
      reason.value = OnlyOthersByAge(query, facts);
      if (reason.value.empty()) reason.value = AgesText(facts);
      break;
    case Filter::kGender:
      reason.value = CodeOfBits(CodeList::kGender, facts.Codes(CodeList::kGender));
      break;
    case Filter::kPopulation:
      reason.value = CodeOfBits(CodeList::kPopulation, Groups(facts.Codes(CodeList::kPopulation)));
      break;
    case Filter::kExploitation:
      reason.value = CodeOfBits(CodeList::kExploitation, facts.Codes(CodeList::kExploitation));
      break;
    case Filter::kHousehold:
      reason.value = CodeOfBits(CodeList::kHousehold, HouseholdLeftOut(query, facts));
      break;
    case Filter::kLanguage:
      reason.value = query.languages.front();
      break;
    case Filter::kAccessibility:
      reason.value = CodeOfBits(CodeList::kAccessibility, AccessMissing(query, facts));
      break;
    case Filter::kCost:
      reason.value = CodeOf(facts.cost);
      break;
    default:
      break;
  }
  return reason;
}

int Score(const MatchQuery& query, const Facts& facts, const Circumstances& circumstances,
          std::vector<Reason>* reasons) {
  return Scorer(query, facts, reasons).Score(circumstances);
}

bool IsAsked(const MatchQuery& query, const Facts& facts) {
  return !query.only_agency || *query.only_agency == facts.agency_id;
}

bool IsNear(const MatchQuery& query, const Facts& facts) {
  if (!IsAsked(query, facts) || !facts.is_offered || !facts.needs.Has(query.need)) return false;
  return query.state == 0 || CoversState(query, facts) || TouchesState(query, facts);
}

}  // namespace fairlead::directory
