#include "services/common/guard/guard.h"

#include <algorithm>

#include "services/common/base/encoding.h"
#include "services/common/guard/text.h"

namespace fairlead::guard {

std::string_view ReasonCode(Reason reason) {
  switch (reason) {
    case Reason::kNameAndDate:
      return "name_and_date";
    case Reason::kName:
      return "name";
    case Reason::kPhone:
      return "phone";
    case Reason::kEmail:
      return "email";
    case Reason::kAddress:
      return "address";
    case Reason::kDocument:
      return "document";
    case Reason::kHandle:
      return "handle";
    case Reason::kPlate:
      return "plate";
  }
  return "";
}

Result<std::vector<Finding>> Look(std::string_view text) {
  if (text.size() > kMaxTextBytes) {
    return Fail(Code::kInvalidArgument, "TEXT_TOO_LARGE", "The text is longer than 64 KiB.");
  }
  if (!IsUtf8(text)) {
    return Fail(Code::kInvalidArgument, "TEXT_NOT_UTF8", "The text is not UTF-8.");
  }
  const Text whole(Tokenise(text));
  Findings found;
  FindEmails(whole, found);
  FindHandles(whole, found);
  FindDocuments(whole, found);
  FindPlates(whole, found);
  FindNames(whole, found);
  FindPhones(whole, found);
  FindAddresses(whole, found);
  // The first rule that speaks of a place has the word: stable, and by the begin.
  std::stable_sort(found.begin(), found.end(),
                   [](const Finding& a, const Finding& b) { return a.begin < b.begin; });
  Findings apart;
  for (const Finding& finding : found) {
    if (!apart.empty() && finding.begin < apart.back().end) {
      apart.back().end = std::max(apart.back().end, finding.end);
    } else {
      apart.push_back(finding);
    }
  }
  return apart;
}

}  // namespace fairlead::guard
