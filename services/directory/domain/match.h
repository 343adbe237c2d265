// Who can help with a need: whether a listing passes every filter, how well it fits, and why or why
// not. Pure: the same question about the same facts has the same answer.
//
// What a listing does not state excludes nobody, but for need, area, language, access, and pets:
// those must be stated.
#ifndef SERVICES_DIRECTORY_DOMAIN_MATCH_H_
#define SERVICES_DIRECTORY_DOMAIN_MATCH_H_

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/directory/domain/capacity.h"
#include "services/directory/domain/distance.h"
#include "services/directory/domain/facts.h"
#include "services/directory/domain/open_state.h"

namespace fairlead::directory {

inline constexpr size_t kMaxMatches = 9;
inline constexpr size_t kMaxOfAgency = 2;  // of the matches
inline constexpr size_t kMaxMisses = 50;
inline constexpr size_t kAnyNeed = NeedSet::kMaxNeeds;

enum class Urgency { kEmergency, kUrgent, kStandard };

// In years, both within.
struct AgeRange {
  int from = 0;
  int to = 0;
};
// Of "0-11", "12-17", "18-24", "25-59", "60+"; nullopt: no such band.
std::optional<AgeRange> AgeBandOf(std::string_view code);

// What is asked. Empty, 0 and nullopt ask nothing.
struct MatchQuery {
  size_t need = kAnyNeed;  // NeedNumber
  Urgency urgency = Urgency::kStandard;
  uint32_t county = 0;                 // AreaNumber
  uint32_t state = 0;                  // that of the county, when there is one
  std::optional<SpherePoint> near;     // the middle of the cell that the client is in
  std::optional<size_t> farthest;      // a band; only with `near`
  std::vector<std::string> languages;  // any one of them
  std::optional<AgeRange> ages;
  std::array<uint16_t, kCodeLists.size()> codes{};  // bits, by CodeList
  Cost most_cost = Cost::kNotStated;                // the most that the client can pay
  bool without_id = false;
  bool without_sobriety = false;
  bool open_now_only = false;
  bool with_capacity_only = false;
  bool is_blind = false;                // facets go to several agencies: none behind the wall
  std::optional<IdNumber> only_agency;  // a direct question
  std::vector<IdNumber> do_not_route;   // sorted
  IdNumber asking_agency;
  int64_t now_ms = 0;

  uint16_t Codes(CodeList list) const { return codes.at(static_cast<size_t>(list)); }
};

// What a search asks. Of the filters those from the area on, and the need.
struct SearchQuery {
  MatchQuery filters;
  // Folded. Each must begin a word of the listing, of its organization, or of one of its needs.
  std::vector<std::string> words;
};

// The newest word on a service's room.
struct CapacityView {
  int available = 0;
  int64_t as_of_ms = 0;
  bool accepting = true;
};
// Of a service's units: of those that take anybody and have room, that which was spoken of last.
// What is beyond the maximum is no room: a hold must ask for it. nullopt: there are none.
std::optional<CapacityView> ViewOf(std::span<const Capacity> units);

// What changes about a listing without its being edited. Asked for only when it matters.
class Circumstances {
 public:
  virtual ~Circumstances() = default;
  virtual OpenState Hours() const = 0;
  virtual std::optional<CapacityView> Capacity() const = 0;  // nullopt: nobody has said
  virtual int Load() const = 0;  // of its agency, to kMostLoadLevel (domain/load.h)
};

// In the order in which they are asked: the first that a listing does not pass is its reason.
enum class Filter {
  kNotOffered,  // not active, or of no active member
  kNeed,
  kWall,  // law enforcement, in anything but a direct search
  kDoNotRoute,
  kOwnAgency,  // nobody refers to itself
  kArea,
  kDistance,  // farther than asked for; of which no place is known passes
  kAge,
  kGender,
  kPopulation,  // kept for groups of which the client is none
  kExploitation,
  kHousehold,
  kLanguage,
  kAccessibility,
  kIdRequired,
  kSobriety,
  kCost,
  kOpenNow,
  kAccepting,  // takes nobody now
  kCapacity,
  kPassed,
};

struct Reason {
  std::string code;
  std::string value;
  int64_t time_ms = 0;  // 0: none
  bool operator==(const Reason&) const = default;
};

// nullopt: it is not asked for, or no place is known.
std::optional<size_t> DistanceBand(const MatchQuery& query, const Facts& facts);

Filter FirstFailure(const MatchQuery& query, const Facts& facts,
                    const Circumstances& circumstances);
// "out_of_area"; of Filter::kPassed "".
std::string_view CodeOf(Filter filter);
// The reason in full, of a listing that fails so.
Reason WhyNot(const MatchQuery& query, const Facts& facts, Filter filter);

// Of a listing that passed. `reasons` may be null.
int Score(const MatchQuery& query, const Facts& facts, const Circumstances& circumstances,
          std::vector<Reason>* reasons);

// A better score first; of two alike the lesser id.
struct Ranked {
  int score = 0;
  IdNumber id;
  bool operator<(const Ranked& other) const {
    return score != other.score ? score > other.score : id < other.id;
  }
};
// Nearer first: who failed at a later filter; of two alike the lesser id.
struct Missed {
  Filter filter = Filter::kPassed;
  IdNumber id;
  bool operator<(const Missed& other) const {
    return filter != other.filter ? filter > other.filter : id < other.id;
  }
};

// Is it a candidate at all? Of a direct question, only who is asked.
bool IsAsked(const MatchQuery& query, const Facts& facts);

// Is it worth saying why this one is left out? It was asked, and meets the need in the client's
// state.
bool IsNear(const MatchQuery& query, const Facts& facts);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_MATCH_H_
