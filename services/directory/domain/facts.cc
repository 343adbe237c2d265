#include "services/directory/domain/facts.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "services/common/base/check.h"
#include "services/directory/domain/need_codes.h"

namespace fairlead::directory {
namespace {

constexpr size_t kBlockItems = 16 * 1024;
constexpr size_t kUuidDigits = 32;

uint64_t HexDigit(char c) {
  if (c >= '0' && c <= '9') return static_cast<uint64_t>(c - '0');
  return static_cast<uint64_t>(c - 'a' + 10) & 0xFU;
}

using Numbers = std::vector<uint32_t>;

Numbers Sorted(Numbers numbers) {
  std::ranges::sort(numbers);
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

Numbers Map(const std::vector<std::string>& items, uint32_t (*number)(std::string_view)) {
  Numbers numbers;
  numbers.reserve(items.size());
  for (const std::string& item : items) numbers.push_back(number(item));
  return Sorted(std::move(numbers));
}

}  // namespace

IdNumber ToIdNumber(std::string_view text) {
  IdNumber number;
  size_t digits = 0;
  for (const char c : text) {
    if (c == '-' || digits == kUuidDigits) continue;
    uint64_t& half = digits < kUuidDigits / 2 ? number.high : number.low;
    half = half << 4U | HexDigit(c);
    ++digits;
  }
  return number;
}

std::string ToText(const IdNumber& number) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < kUuidDigits; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) text += '-';
    const uint64_t half = i < kUuidDigits / 2 ? number.high : number.low;
    text += kHex[(half >> (60U - 4U * (i % 16U))) & 0xFU];
  }
  return text;
}

size_t NeedNumber(std::string_view code) {
  static const std::unordered_map<std::string_view, size_t> numbers = [] {
    std::unordered_map<std::string_view, size_t> all;
    FAIRLEAD_CHECK(NeedCodes().size() <= NeedSet::kMaxNeeds);
    for (size_t i = 0; i < NeedCodes().size(); ++i) all.emplace(NeedCodes()[i].code, i);
    return all;
  }();
  const auto found = numbers.find(code);
  FAIRLEAD_CHECK(found != numbers.end());
  return found->second;
}

uint32_t LanguageNumber(std::string_view tag) {
  // Up to six letters are told apart; a longer subtag is registered for no language.
  uint32_t number = 0;
  for (const char c : tag.substr(0, tag.find('-'))) {
    number = number * 27 + static_cast<uint32_t>((c | 0x20) - 'a' + 1);
  }
  return number;
}

uint32_t AreaNumber(std::string_view digits) {
  uint32_t number = 0;
  for (const char c : digits) number = number * 10 + static_cast<uint32_t>(c - '0');
  return number;
}

const uint32_t* FactsArena::Keep(std::span<const uint32_t> items) {
  if (items.empty()) return nullptr;
  if (blocks_.empty() || blocks_.back().capacity() - blocks_.back().size() < items.size()) {
    blocks_.emplace_back().reserve(std::max(kBlockItems, items.size()));
    bytes_ += blocks_.back().capacity() * sizeof(uint32_t);
  }
  std::vector<uint32_t>& block = blocks_.back();
  const size_t at = block.size();
  block.insert(block.end(), items.begin(), items.end());
  return block.data() + at;
}

Facts ToFacts(const Listing& listing, const AboutListing& about, FactsArena& arena) {
  const Eligibility& eligibility = listing.eligibility;
  Facts facts;
  facts.id = ToIdNumber(listing.id);
  facts.agency_id = ToIdNumber(about.agency_id);
  for (const std::string& code : WithParents(listing.need_codes)) {
    if (FindNeedCode(code) != nullptr) facts.needs.Add(NeedNumber(code));
  }
  const std::array<Numbers, Facts::kLists> lists = {
      Map(listing.counties, AreaNumber), Map(eligibility.states, AreaNumber),
      Map(listing.languages, LanguageNumber),
      Map(eligibility.interpreted_languages, LanguageNumber),
      Sorted({about.places.begin(), about.places.end()})};
  Numbers all;
  for (size_t i = 0; i < lists.size(); ++i) {
    facts.list_sizes.at(i) = static_cast<uint16_t>(lists.at(i).size());
    all.insert(all.end(), lists.at(i).begin(), lists.at(i).end());
  }
  facts.lists = arena.Keep(all);
  for (size_t i = 0; i < kCodeLists.size(); ++i) {
    facts.codes.at(i) = BitsOf(static_cast<CodeList>(i), eligibility.codes.at(i));
  }
  facts.minimum_age = static_cast<int16_t>(listing.minimum_age);
  facts.maximum_age = static_cast<int16_t>(listing.maximum_age);
  facts.response_target_min = static_cast<uint16_t>(eligibility.response_target_min);
  facts.cost = eligibility.cost;
  facts.assured_ms = about.assured_ms;
  facts.is_offered = about.is_offered;
  facts.is_walled = about.agency_kind == AgencyKind::kLawEnforcement;
  facts.any_interpreter = eligibility.any_interpreter;
  facts.id_required = eligibility.id_required;
  facts.sobriety_required = eligibility.sobriety_required;
  facts.takes_warm_transfers = eligibility.takes_warm_transfers;
  return facts;
}

}  // namespace fairlead::directory
