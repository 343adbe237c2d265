#include "services/directory/domain/need_codes.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "services/common/base/check.h"
#include "services/directory/domain/fold.h"
#include "services/directory/domain/misspelt.h"

namespace fairlead::directory {

// Generated from need_codes.tsv.
extern const char* const kNeedCodesTsv;

namespace {

std::vector<std::string_view> SplitLine(std::string_view line, char separator) {
  std::vector<std::string_view> fields;
  while (true) {
    const size_t at = line.find(separator);
    fields.push_back(line.substr(0, at));
    if (at == std::string_view::npos) return fields;
    line.remove_prefix(at + 1);
  }
}

std::vector<NeedCode> LoadNeedCodes() {
  std::vector<NeedCode> codes;
  bool header = true;
  for (const std::string_view line : SplitLine(kNeedCodesTsv, '\n')) {
    if (line.empty()) continue;
    const std::vector<std::string_view> fields = SplitLine(line, '\t');
    FAIRLEAD_CHECK(fields.size() == 7);
    if (header) {
      header = false;
      continue;
    }
    std::string words;
    for (size_t i = 3; i < 7; ++i) words.append(fields[i]).append(" ");
    codes.push_back(NeedCode{.code = std::string(fields[0]),
                             .parent = std::string(fields[1]),
                             .open_eligibility_id = std::string(fields[2]),
                             .label_en = std::string(fields[3]),
                             .label_es = std::string(fields[4]),
                             .words = Tokens(words, 64)});
  }
  return codes;
}

}  // namespace

const std::vector<NeedCode>& NeedCodes() {
  static const std::vector<NeedCode> codes = LoadNeedCodes();
  return codes;
}

const NeedCode* FindNeedCode(std::string_view code) {
  static const std::unordered_map<std::string_view, const NeedCode*> by_code = [] {
    std::unordered_map<std::string_view, const NeedCode*> all;
    for (const NeedCode& need : NeedCodes()) all.emplace(need.code, &need);
    return all;
  }();
  const auto found = by_code.find(code);
  return found == by_code.end() ? nullptr : found->second;
}

std::string NeedCodeOfOpenEligibility(std::string_view id) {
  if (id.empty()) return "";
  for (const NeedCode& need : NeedCodes()) {
    if (need.open_eligibility_id == id) return need.code;
  }
  return "";
}

std::vector<std::string> NeedCodesOfWord(std::string_view folded, int slips) {
  constexpr size_t kLeastBytes = 3;
  std::vector<std::string> codes;
  if (folded.size() < kLeastBytes) return codes;
  const auto is_meant = [&](const std::string& word) {
    return word.starts_with(folded) || (slips > 0 && IsMisspelt(folded, word, slips));
  };
  for (const NeedCode& need : NeedCodes()) {
    if (std::ranges::any_of(need.words, is_meant)) codes.push_back(need.code);
  }
  return codes;
}

std::vector<std::string> WithParents(const std::vector<std::string>& codes) {
  std::set<std::string> all(codes.begin(), codes.end());
  for (const std::string& code : codes) {
    const NeedCode* need = FindNeedCode(code);
    if (need != nullptr && !need->parent.empty()) all.insert(need->parent);
  }
  return {all.begin(), all.end()};
}

}  // namespace fairlead::directory
