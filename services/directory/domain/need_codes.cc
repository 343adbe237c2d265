#include "services/directory/domain/need_codes.h"

#include <algorithm>
#include <set>

#include "services/common/base/check.h"
#include "services/directory/domain/fold.h"

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

std::vector<NeedCode> Load() {
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
  static const std::vector<NeedCode> codes = Load();
  return codes;
}

const NeedCode* FindNeedCode(std::string_view code) {
  for (const NeedCode& need : NeedCodes()) {
    if (need.code == code) return &need;
  }
  return nullptr;
}

std::string NeedCodeOfOpenEligibility(std::string_view id) {
  if (id.empty()) return "";
  for (const NeedCode& need : NeedCodes()) {
    if (need.open_eligibility_id == id) return need.code;
  }
  return "";
}

std::vector<std::string> NeedCodesOfWord(std::string_view folded_prefix, size_t max) {
  std::vector<std::string> codes;
  if (folded_prefix.size() < 3) return codes;
  for (const NeedCode& need : NeedCodes()) {
    if (codes.size() == max) break;
    if (std::ranges::any_of(
            need.words, [&](const std::string& word) { return word.starts_with(folded_prefix); })) {
      codes.push_back(need.code);
    }
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
