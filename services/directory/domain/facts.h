// A listing as the matching sees it: numbers, so that a million of them fit in memory and one is
// judged in well under a microsecond.
#ifndef SERVICES_DIRECTORY_DOMAIN_FACTS_H_
#define SERVICES_DIRECTORY_DOMAIN_FACTS_H_

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/directory/domain/agency.h"
#include "services/directory/domain/listing.h"

namespace fairlead::directory {

// In the order of the texts.
struct IdNumber {
  uint64_t high = 0;
  uint64_t low = 0;
  auto operator<=>(const IdNumber&) const = default;
};
// Of the canonical form (IsUuid); of anything else some other number.
IdNumber ToIdNumber(std::string_view text);
std::string ToText(const IdNumber& number);

// A set of need codes, by their place in NeedCodes().
class NeedSet {
 public:
  static constexpr size_t kMaxNeeds = 128;
  void Add(size_t need) { words_.at(need / 64) |= uint64_t{1} << (need % 64); }
  bool Has(size_t need) const { return ((words_.at(need / 64) >> (need % 64)) & 1U) != 0; }
  // Calls `visit` with each, in order.
  template <class Visit>
  void ForEach(Visit visit) const {
    for (size_t i = 0; i < words_.size(); ++i) {
      for (uint64_t left = words_.at(i); left != 0; left &= left - 1) {
        visit(i * 64 + static_cast<size_t>(std::countr_zero(left)));
      }
    }
  }

 private:
  std::array<uint64_t, 2> words_{};
};
// The place of a code that there is.
size_t NeedNumber(std::string_view code);

// The language of a BCP 47 tag, without script and region: somebody who speaks "es-MX" is spoken
// to by somebody who speaks "es".
uint32_t LanguageNumber(std::string_view tag);

// "12086" → 12086; its state is 12.
uint32_t AreaNumber(std::string_view digits);
inline constexpr uint32_t kCountiesOfState = 1000;

struct Facts {
  enum List { kCounties, kStates, kLanguages, kInterpreted, kPlaces, kLists };

  IdNumber id;
  IdNumber agency_id;
  NeedSet needs;                    // parents too
  const uint32_t* lists = nullptr;  // one after the other, each sorted; in a FactsArena
  std::array<uint16_t, kLists> list_sizes{};
  std::array<uint16_t, kCodeLists.size()> codes{};  // bits, by CodeList; 0: not stated
  int16_t minimum_age = 0;
  int16_t maximum_age = 0;  // 0: no upper limit
  uint16_t response_target_min = 0;
  int64_t assured_ms = 0;  // when it was last verified; 0: never
  Cost cost = Cost::kNotStated;
  bool is_offered = true;  // active, of an active member
  bool is_walled = false;  // law enforcement
  bool any_interpreter = false;
  bool id_required = false;
  bool sobriety_required = false;
  bool takes_warm_transfers = false;

  uint16_t Codes(CodeList list) const { return codes.at(static_cast<size_t>(list)); }
  std::span<const uint32_t> Of(List list) const {
    size_t at = 0;
    for (int i = 0; i < list; ++i) at += list_sizes.at(static_cast<size_t>(i));
    return {lists + at, list_sizes.at(list)};
  }
  size_t ListItems() const {
    size_t sum = 0;
    for (const uint16_t size : list_sizes) sum += size;
    return sum;
  }
};

// The lists of many Facts; they are good as long as it lives. Moving it does not move them.
class FactsArena {
 public:
  // A copy of these, where they stay.
  const uint32_t* Keep(std::span<const uint32_t> items);
  size_t bytes() const { return bytes_; }

 private:
  std::vector<std::vector<uint32_t>> blocks_;
  size_t bytes_ = 0;
};

// Of a listing what it does not say itself.
struct AboutListing {
  std::string_view agency_id;
  AgencyKind agency_kind = AgencyKind::kOther;
  bool is_offered = false;
  int64_t assured_ms = 0;
  // Cells of level 14 that it is given in, as far as every member may know (domain/distance.h).
  std::span<const uint32_t> places;
};
Facts ToFacts(const Listing& listing, const AboutListing& about, FactsArena& arena);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_FACTS_H_
