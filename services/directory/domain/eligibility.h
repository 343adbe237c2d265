// Whom a listing serves and what it asks of them: short closed lists of codes
// (domain/eligibility_codes.tsv, compiled in). What a listing does not state is empty.
#ifndef SERVICES_DIRECTORY_DOMAIN_ELIGIBILITY_H_
#define SERVICES_DIRECTORY_DOMAIN_ELIGIBILITY_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::directory {

enum class CodeList { kGender, kPopulation, kExploitation, kHousehold, kAccessibility };
// The lists by the names they have in the table, in the order of CodeList.
inline constexpr std::array<std::string_view, 5> kCodeLists = {
    "gender", "population", "exploitation", "household", "accessibility"};

struct EligibilityCode {
  CodeList list;
  std::string code;
  std::string label_en;
  std::string label_es;
  uint16_t bit = 0;  // one of 16, within its list
};

// In the order of the file.
const std::vector<EligibilityCode>& EligibilityCodes();
// 0: the list has no such code.
uint16_t BitOf(CodeList list, std::string_view code);
uint16_t BitsOf(CodeList list, const std::vector<std::string>& codes);
// The first code of these bits in the order of the file, "" for none.
std::string_view CodeOfBits(CodeList list, uint16_t bits);
// The code whose label in either language is this text, but for case and accents, or which it is
// itself; nullptr: none.
const EligibilityCode* CodeOfLabel(CodeList list, std::string_view text);

// What it costs the client. The order is that of a client's purse.
enum class Cost { kNotStated, kFree, kSliding, kFee };
std::string_view CodeOf(Cost cost);  // "", free, sliding, fee
std::optional<Cost> CostOf(std::string_view code);

inline constexpr int kMaxResponseTargetMin = 7 * 24 * 60;

// Lists are sorted, each item once.
struct Eligibility {
  std::array<std::vector<std::string>, 5> codes;   // by CodeList
  std::vector<std::string> states;                 // covered as a whole: two FIPS digits
  std::vector<std::string> interpreted_languages;  // BCP 47; through an interpreter only
  bool any_interpreter = false;                    // can have one for any language
  bool id_required = false;
  bool sobriety_required = false;
  bool takes_warm_transfers = false;
  Cost cost = Cost::kNotStated;
  int response_target_min = 0;  // 0: not stated

  const std::vector<std::string>& operator[](CodeList list) const {
    return codes.at(static_cast<size_t>(list));
  }
  std::vector<std::string>& operator[](CodeList list) {
    return codes.at(static_cast<size_t>(list));
  }
  bool operator==(const Eligibility&) const = default;
};

// One line, "gender=female,male;cost=free"; "" when nothing is stated. FromText reads it again to
// the same, and passes over what it does not know.
std::string ToText(const Eligibility& eligibility);
Eligibility EligibilityFromText(std::string_view text);

// Two digits of a state or territory (INCITS 38, formerly FIPS 5-2).
bool IsState(std::string_view digits);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_ELIGIBILITY_H_
