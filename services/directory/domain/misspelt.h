// Words that were meant to be others.
#ifndef SERVICES_DIRECTORY_DOMAIN_MISSPELT_H_
#define SERVICES_DIRECTORY_DOMAIN_MISSPELT_H_

#include <cstdint>
#include <string_view>

namespace fairlead::directory {

// How many slips a folded word of this length is allowed: none up to 4 letters, 1 up to 8, else 2.
// A word with a digit in it is a number or a name, and none.
int SlipsAllowed(std::string_view word);

// Which letters are in it, whatever their order: one bit each for a to z, and some that the others
// share. A slip changes at most two of them.
uint32_t LettersIn(std::string_view word);
inline constexpr int kLettersOfSlip = 2;

// Can one folded word become the other by at most `slips` (0 to 2)? A slip is a letter left out,
// put in or mistaken, or two neighbours changed over (restricted Damerau-Levenshtein distance).
bool IsMisspelt(std::string_view word, std::string_view other, int slips);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_MISSPELT_H_
