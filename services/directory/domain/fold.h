// Text made comparable on both engines alike: folded here, so that neither SQLite's nor
// PostgreSQL's own idea of case, accents and words comes into it.
//
//   Fold("Clínica DENTAL")            → "clinica dental"
//   Tokens("Bed & bath, bed", 10)     → {"bath", "bed"}
#ifndef SERVICES_DIRECTORY_DOMAIN_FOLD_H_
#define SERVICES_DIRECTORY_DOMAIN_FOLD_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::directory {

inline constexpr size_t kMaxTokenBytes = 48;

// Unicode case folding and compatibility forms (NFKC_Casefold), then without accents. Valid UTF-8
// in, valid UTF-8 out.
std::string Fold(std::string_view text);

// The folded words (letters and digits) of 2 to kMaxTokenBytes bytes, sorted, each once, at most
// `max`.
std::vector<std::string> Tokens(std::string_view text, size_t max);

// The longest start of `text` that is at most `max_bytes` and ends between characters.
std::string Shorten(std::string text, size_t max_bytes);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_FOLD_H_
