// referral take|assign|give-back: who at the own agency has it in hand.
#include "fairlead/referral/v1/assignment.pb.h"
#include "gateway/cli/colleague.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = referral::v1;

struct AssignOptions {
  std::string referral;
  std::string to;
  std::string from;
  std::string etag;
};

// `staff_id`: who has it from now on; empty: nobody.
Result<void> Assign(Context& context, const AssignOptions& options, const std::string& staff_id) {
  v1::AssignReferralRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(const std::string id, context.Id("referral", options.referral));
  request.set_referral_id(id);
  request.set_staff_id(staff_id);
  request.set_etag(options.etag);
  // One's own is given away without a word; a colleague's only when that colleague is named.
  std::string from = context.session().staff_id;
  if (!options.from.empty()) {
    FAIRLEAD_ASSIGN(from, ColleagueId(context, options.from));
  }
  request.set_from_staff_id(from);
  auto response = context.client().Call<v1::AssignReferralResponse>(kAssignReferral, request);
  if (!response) {
    Error refused = std::move(response.error());
    const auto holder = refused.metadata.find("staff_id");
    if (refused.reason == "ALREADY_ASSIGNED" && holder != refused.metadata.end()) {
      const bool own = holder->second == context.session().staff_id;
      refused.message =
          own ? "It is in your own hands."
              : "It is in the hands of " + ColleagueName(context, holder->second) + ".";
    }
    return Fail(std::move(refused));
  }
  context.home().SetLast("referral", id);
  context.Emit(*response, [&] {
    PrintFields(context.out(),
                {{"Referral", id},
                 {"In hand", staff_id.empty() ? "nobody; it is in your agency's queue"
                                              : ColleagueName(context, staff_id)}});
  });
  context.Next("referral show " + id);
  return {};
}

Result<void> Take(Context& context, const AssignOptions& options) {
  FAIRLEAD_RETURN_IF_ERROR(context.OwnAgencyId());
  const std::string own = context.session().staff_id;
  if (own.empty() || !context.globals().machine.empty()) {
    return Usage("A person takes it in hand; a program says who: referral assign --to COLLEAGUE.");
  }
  return Assign(context, options, own);
}

Result<void> AssignTo(Context& context, const AssignOptions& options) {
  FAIRLEAD_ASSIGN(const std::string staff_id, ColleagueId(context, options.to));
  return Assign(context, options, staff_id);
}

Result<void> GiveBack(Context& context, const AssignOptions& options) {
  return Assign(context, options, "");
}

std::shared_ptr<AssignOptions> Add(Args referral, Context& context, const std::string& name,
                                   const std::string& help, Args* verb,
                                   Result<void> (*assign)(Context&, const AssignOptions&)) {
  auto options = std::make_shared<AssignOptions>();
  *verb = referral.Verb(name, help);
  verb->Positional("referral", &options->referral, "Its id, or @last");
  verb->Option("--from", &options->from,
               "From the hands of this colleague: sign-in name or id");
  verb->Option("--etag", &options->etag, "Only if who has it is still at this version");
  verb->Do([&context, options, assign] { return assign(context, *options); });
  return options;
}

}  // namespace

void AddAssignmentVerbs(Args referral, Context& context) {
  Args verb = referral;
  Add(referral, context, "take", "Take it in hand: colleagues see that you have it", &verb, Take);
  verb.Footer("Whoever is on duty can act on it all the same. The other agency does not see it.");
  auto assign = Add(referral, context, "assign", "Put it in a colleague's hands", &verb, AssignTo);
  verb.Option("--to", &assign->to, "That colleague: sign-in name or id", Need::kRequired);
  Add(referral, context, "give-back", "Put it back into your agency's queue", &verb, GiveBack);
}

}  // namespace fairlead::cli
