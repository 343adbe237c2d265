#include "services/directory/domain/eligibility.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "services/common/base/check.h"
#include "services/common/base/text.h"
#include "services/directory/domain/fold.h"

namespace fairlead::directory {

// Generated from eligibility_codes.tsv.
extern const char* const kEligibilityCodesTsv;

namespace {

constexpr std::array<std::string_view, 4> kCosts = {"", "free", "sliding", "fee"};
constexpr int kMaxCodesInList = 16;
constexpr std::string_view kStates =
    "01 02 04 05 06 08 09 10 11 12 13 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 "
    "34 35 36 37 38 39 40 41 42 44 45 46 47 48 49 50 51 53 54 55 56 60 66 69 72 78";

std::vector<EligibilityCode> LoadEligibilityCodes() {
  std::vector<EligibilityCode> codes;
  std::array<int, kCodeLists.size()> counts{};
  const std::vector<std::string> lines = Split(kEligibilityCodesTsv, '\n');
  for (size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    const std::vector<std::string> fields = Split(lines[i], '\t');
    FAIRLEAD_CHECK(fields.size() == 4);
    const auto list = std::ranges::find(kCodeLists, fields[0]);
    FAIRLEAD_CHECK(list != kCodeLists.end());
    const auto index = static_cast<size_t>(list - kCodeLists.begin());
    FAIRLEAD_CHECK(counts.at(index) < kMaxCodesInList);
    codes.push_back({static_cast<CodeList>(index), fields[1], fields[2], fields[3],
                     static_cast<uint16_t>(1U << static_cast<unsigned>(counts.at(index)++))});
  }
  return codes;
}

struct Flag {
  std::string_view name;
  bool Eligibility::*member;
};
constexpr std::array<Flag, 4> kFlags = {{{"any_interpreter", &Eligibility::any_interpreter},
                                         {"id_required", &Eligibility::id_required},
                                         {"sobriety_required", &Eligibility::sobriety_required},
                                         {"warm_transfer", &Eligibility::takes_warm_transfers}}};

void Put(std::string& text, std::string_view key, const std::string& value) {
  if (value.empty()) return;
  if (!text.empty()) text += ';';
  text.append(key).append("=").append(value);
}

void Take(Eligibility& eligibility, std::string_view key, const std::string& value) {
  if (const auto list = std::ranges::find(kCodeLists, key); list != kCodeLists.end()) {
    eligibility.codes.at(static_cast<size_t>(list - kCodeLists.begin())) = Split(value, ',');
  } else if (key == "states") {
    eligibility.states = Split(value, ',');
  } else if (key == "interpreted") {
    eligibility.interpreted_languages = Split(value, ',');
  } else if (key == "cost") {
    eligibility.cost = CostOf(value).value_or(Cost::kNotStated);
  } else if (key == "response_target_min") {
    std::from_chars(value.data(), value.data() + value.size(), eligibility.response_target_min);
  } else {
    for (const Flag& flag : kFlags) {
      if (key == flag.name) eligibility.*flag.member = true;
    }
  }
}

}  // namespace

const std::vector<EligibilityCode>& EligibilityCodes() {
  static const std::vector<EligibilityCode> codes = LoadEligibilityCodes();
  return codes;
}

uint16_t BitOf(CodeList list, std::string_view code) {
  for (const EligibilityCode& one : EligibilityCodes()) {
    if (one.list == list && one.code == code) return one.bit;
  }
  return 0;
}

uint16_t BitsOf(CodeList list, const std::vector<std::string>& codes) {
  unsigned bits = 0;
  for (const std::string& code : codes) bits |= BitOf(list, code);
  return static_cast<uint16_t>(bits);
}

std::string_view CodeOfBits(CodeList list, uint16_t bits) {
  for (const EligibilityCode& one : EligibilityCodes()) {
    if (one.list == list && (one.bit & bits) != 0) return one.code;
  }
  return "";
}

const EligibilityCode* CodeOfLabel(CodeList list, std::string_view text) {
  const std::string folded = Fold(text);
  for (const EligibilityCode& one : EligibilityCodes()) {
    if (one.list != list) continue;
    if (one.code == text || Fold(one.label_en) == folded || Fold(one.label_es) == folded) {
      return &one;
    }
  }
  return nullptr;
}

std::string_view CodeOf(Cost cost) { return kCosts.at(static_cast<size_t>(cost)); }

std::optional<Cost> CostOf(std::string_view code) {
  const auto found = std::ranges::find(kCosts, code);
  if (found == kCosts.end()) return std::nullopt;
  return static_cast<Cost>(found - kCosts.begin());
}

std::string ToText(const Eligibility& eligibility) {
  std::string text;
  for (size_t i = 0; i < kCodeLists.size(); ++i) {
    Put(text, kCodeLists.at(i), Join(eligibility.codes.at(i), ','));
  }
  Put(text, "states", Join(eligibility.states, ','));
  Put(text, "interpreted", Join(eligibility.interpreted_languages, ','));
  Put(text, "cost", std::string(CodeOf(eligibility.cost)));
  if (eligibility.response_target_min != 0) {
    Put(text, "response_target_min", std::to_string(eligibility.response_target_min));
  }
  for (const Flag& flag : kFlags) Put(text, flag.name, eligibility.*flag.member ? "1" : "");
  return text;
}

Eligibility EligibilityFromText(std::string_view text) {
  Eligibility eligibility;
  for (const std::string& item : Split(text, ';')) {
    const size_t at = item.find('=');
    if (at == std::string::npos) continue;
    Take(eligibility, std::string_view(item).substr(0, at), item.substr(at + 1));
  }
  return eligibility;
}

bool IsState(std::string_view digits) {
  if (digits.size() != 2) return false;
  for (size_t at = 0; at < kStates.size(); at += 3) {
    if (kStates.substr(at, 2) == digits) return true;
  }
  return false;
}

}  // namespace fairlead::directory
