// "Did you mean …?" for keys, flags and verbs.
#ifndef SERVICES_COMMON_CONFIG_SUGGEST_H_
#define SERVICES_COMMON_CONFIG_SUGGEST_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::config {

// Insertions, deletions, substitutions and swaps of neighbours that lead from a to b.
size_t EditDistance(std::string_view a, std::string_view b);

// The candidate that `word` was probably meant to be: within a third of its length (at least 1,
// at most 4) in edits, or the only one that `word` begins. Empty: none is near.
std::string Nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace fairlead::config

#endif  // SERVICES_COMMON_CONFIG_SUGGEST_H_
