#include "gateway/cli/nearest_need.h"

#include "fairlead/directory/v1/directory.pb.h"
#include "gateway/cli/methods.h"
#include "services/common/config/suggest.h"

namespace fairlead::cli {

Error WithNearestNeed(Context& context, Error refused, const std::string& word) {
  if (refused.reason != "UNKNOWN_NEED_CODE") return refused;
  refused.message = "There is no need code '" + word + "'.";
  const auto needs = context.client().Call<directory::v1::ListNeedsResponse>(
      kListNeeds, directory::v1::ListNeedsRequest());
  if (!needs) return refused;
  std::vector<std::string> codes;
  for (const auto& need : needs->needs()) codes.push_back(need.code());
  const std::string near = config::Nearest(word, codes);
  if (!near.empty()) refused.message += " Did you mean '" + near + "'?";
  return refused;
}

}  // namespace fairlead::cli
