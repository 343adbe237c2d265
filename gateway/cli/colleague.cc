#include "gateway/cli/colleague.h"

#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/methods.h"

namespace fairlead::cli {

namespace v1 = identity::v1;

Result<std::string> ColleagueId(Context& context, const std::string& id_or_name) {
  if (IsUuid(id_or_name)) return id_or_name;
  v1::FindColleagueRequest request;
  request.set_sign_in_name(id_or_name);
  FAIRLEAD_ASSIGN(const auto found,
                  context.client().Call<v1::FindColleagueResponse>(kFindColleague, request));
  return found.colleague().staff_id();
}

std::string ColleagueName(Context& context, const std::string& staff_id) {
  if (staff_id == context.session().staff_id) return "you";
  v1::FindColleagueRequest request;
  request.set_staff_id(staff_id);
  const auto found = context.client().Call<v1::FindColleagueResponse>(kFindColleague, request);
  return found ? found->colleague().display_name() : staff_id;
}

}  // namespace fairlead::cli
