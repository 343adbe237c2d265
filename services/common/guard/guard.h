// The guard: does a text, in English or Spanish, seem to say who a person is? Channels are in clear
// and the whole coalition reads them, so nothing about a client belongs there. The guard finds what
// people let slip; it cannot know what is meant, so whoever wrote the text decides: they are shown
// the places and asked once more.
//
//   FAIRLEAD_ASSIGN(const std::vector<guard::Finding> findings, guard::Look(text));
//   if (!findings.empty()) ...  // ReasonCode(findings[0].reason), text.substr(begin, end - begin)
//
// Pure and in linear time: every rule looks at a bounded number of words round a place. Agencies'
// own numbers, mailboxes and addresses are left alone where the words say that they are an
// agency's. Nothing that is found may be logged.
#ifndef SERVICES_COMMON_GUARD_GUARD_H_
#define SERVICES_COMMON_GUARD_GUARD_H_

#include <cstddef>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"

namespace fairlead::guard {

inline constexpr size_t kMaxTextBytes = 64 * 1024;

enum class Reason {
  kNameAndDate,  // a birth date, or a person's name and a date in one sentence
  kName,         // a name that the words say is a person's
  kPhone,        // E.164 and the usual shapes of the United States
  kEmail,
  kAddress,   // of a street, or a post office box
  kDocument,  // social security, alien registration, passport, licence, court, CURP, receipts
  kHandle,    // an account on a social network
  kPlate,     // of a car
};

// Stable, for answers and translations: "name_and_date", "phone", …
std::string_view ReasonCode(Reason reason);

struct Finding {
  Reason reason = Reason::kName;
  size_t begin = 0;  // bytes of the text, whole characters
  size_t end = 0;
  bool operator==(const Finding&) const = default;
};

// In order, none within another. Empty: nothing was found, which does not mean that nobody is
// named. Error: INVALID_ARGUMENT TEXT_TOO_LARGE, TEXT_NOT_UTF8.
Result<std::vector<Finding>> Look(std::string_view text);

}  // namespace fairlead::guard

#endif  // SERVICES_COMMON_GUARD_GUARD_H_
