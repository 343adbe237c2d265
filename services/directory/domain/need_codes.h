// The coalition's need codes: two levels, in our own words, in English and Spanish. The data is
// domain/need_codes.tsv, compiled in. Each code names the Open Eligibility 2.0 id that is nearest
// (https://openeligibility.org, CC BY-SA 3.0: ids only).
#ifndef SERVICES_DIRECTORY_DOMAIN_NEED_CODES_H_
#define SERVICES_DIRECTORY_DOMAIN_NEED_CODES_H_

#include <string>
#include <string_view>
#include <vector>

namespace fairlead::directory {

struct NeedCode {
  std::string code;    // "shelter_bed"
  std::string parent;  // "emergency_housing"; empty at the top
  std::string open_eligibility_id;
  std::string label_en;
  std::string label_es;
  std::vector<std::string> words;  // folded words of labels and synonyms, both languages
};

// In the order of the file: each parent before its children.
const std::vector<NeedCode>& NeedCodes();
// nullptr: no such code.
const NeedCode* FindNeedCode(std::string_view code);
// The code for an Open Eligibility id, "" when none of ours names it. Of several the first one.
std::string NeedCodeOfOpenEligibility(std::string_view id);
// Codes with a word that begins with `folded` (3 bytes or more), or that `folded` is with at most
// so many slips (misspelt.h).
std::vector<std::string> NeedCodesOfWord(std::string_view folded, int slips);
// These and the parents of these, sorted, each once.
std::vector<std::string> WithParents(const std::vector<std::string>& codes);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_NEED_CODES_H_
