#include "services/messaging/commands/guard_text.h"

#include <vector>

#include "services/common/base/text.h"
#include "services/common/guard/guard.h"

namespace fairlead::messaging {

Result<bool> GuardText(const std::string& title, const std::string& text, bool acknowledged) {
  FAIRLEAD_ASSIGN(const std::vector<guard::Finding> findings, guard::Look(title + "\n" + text));
  if (findings.empty() || acknowledged) return !findings.empty();
  std::vector<std::string> codes;
  for (const guard::Finding& each : findings) codes.emplace_back(guard::ReasonCode(each.reason));
  return Fail(Code::kInvalidArgument, "POST_SEEMS_TO_IDENTIFY",
              "The text seems to say who a person is, and the whole coalition reads it. Take that "
              "out, or say that it is none.",
              {{"findings", Join(SortedUnique(std::move(codes)), ',')}});
}

}  // namespace fairlead::messaging
