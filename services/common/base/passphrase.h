// What a passphrase must be: long and not among the first that anyone would try. No rules about
// kinds of characters and no forced change (NIST SP 800-63B, section 5.1.1.2). One rule for the
// hub, which decides, and for the command line, which says it before anything else is asked.
#ifndef SERVICES_COMMON_BASE_PASSPHRASE_H_
#define SERVICES_COMMON_BASE_PASSPHRASE_H_

#include <string_view>

#include "services/common/base/result.h"

namespace fairlead {

inline constexpr size_t kMinPassphraseCharacters = 15;  // Unicode code points

// `passphrase` is UTF-8. The names are the person's own: a passphrase made of little else is
// common. Errors (INVALID_ARGUMENT, metadata field=passphrase): PASSPHRASE_TOO_SHORT,
// PASSPHRASE_TOO_COMMON. The message never quotes it.
Result<void> CheckPassphrase(std::string_view passphrase, std::string_view sign_in_name,
                             std::string_view display_name);

}  // namespace fairlead

#endif  // SERVICES_COMMON_BASE_PASSPHRASE_H_
