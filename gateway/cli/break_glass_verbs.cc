// breakglass request|approve|list|review: a life is at risk, and the hand-off has ended.
#include "fairlead/consent/v1/break_glass.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = consent::v1;

// As docs/codes.md has them.
constexpr char kGlassReasons[] =
    "imminent_danger_to_life, medical_emergency, child_in_danger, missing_at_risk";

struct GlassOptions {
  std::string id;  // of the referral, or of the break-glass
  std::string reason;
  std::string outcome;
  bool unreviewed = false;
  bool overdue = false;
  bool yes = false;
};

Result<void> RequestGlass(Context& context, const GlassOptions& options) {
  v1::RequestBreakGlassRequest request;
  FAIRLEAD_ASSIGN(const std::string referral, context.Id("referral", options.id));
  request.set_request_id(context.RequestId());
  request.set_referral_id(referral);
  request.set_reason_code(options.reason);
  auto response = context.client().Call<v1::RequestBreakGlassResponse>(kRequestBreakGlass, request);
  if (!response) {
    Error refused = std::move(response.error());
    if (refused.reason == "UNKNOWN_REASON_CODE") {
      refused.message += " There are: " + std::string(kGlassReasons) + ".";
    }
    return Fail(std::move(refused));
  }
  const v1::BreakGlass& glass = response->break_glass();
  context.home().SetLast("referral", referral);
  context.home().SetLast("break-glass", glass.id());
  context.Emit(*response, [&] {
    context.Say("Asked for: " + glass.id() + ". A colleague approves it within the hour:");
  });
  context.NextForAnother("breakglass approve " + glass.id(), "a colleague, signed in");
  return {};
}

Result<void> ApproveGlass(Context& context, const GlassOptions& options) {
  v1::ApproveBreakGlassRequest request;
  FAIRLEAD_ASSIGN(const std::string id, context.Id("break-glass", options.id));
  request.set_request_id(context.RequestId());
  request.set_break_glass_id(id);
  FAIRLEAD_RETURN_IF_ERROR(
      Confirm(context, options.yes,
              "Is somebody's life at risk? Whoever sent it and the coalition's coordinators hear "
              "of it at once, and it is reviewed within 72 hours."));
  auto response =
      context.client().Call<v1::ApproveBreakGlassResponse>(kApproveBreakGlass, request);
  if (!response) {
    Error refused = std::move(response.error());
    // Another verb has the same reason, and another way on.
    if (refused.reason == "SECOND_PERSON_NEEDED") refused.metadata["break_glass"] = id;
    return Fail(std::move(refused));
  }
  const v1::BreakGlass& glass = response->break_glass();
  context.home().SetLast("break-glass", id);
  context.Emit(*response, [&] {
    context.Say("Open until " + TimeText(glass.expire_time()) + ", for your agency and this "
                "referral, while the release is in force.");
  });
  context.Next("referral open " + glass.referral_id());
  return {};
}

Result<void> ListGlass(Context& context, const GlassOptions& options) {
  v1::ListBreakGlassRequest request;
  request.set_unreviewed_only(options.unreviewed);
  request.set_overdue_only(options.overdue);
  FAIRLEAD_ASSIGN(const auto all,
                  AllPages<v1::ListBreakGlassResponse>(context, kListBreakGlass, request));
  context.Emit(all, [&] {
    Table table({"STATE", "ASKED", "REASON", "BY", "SENT BY", "OPENS", "REVIEW", "REFERRAL", "ID"});
    for (const v1::BreakGlass& glass : all.break_glass()) {
      const bool due = glass.has_review_due_time() && !glass.has_review_time();
      const std::string review =
          due ? "due " + RelativeText(glass.review_due_time().seconds() * 1000, context.NowMs())
          : glass.has_review_time() ? EnumText(glass.outcome())
                                    : "";
      table.Add({EnumText(glass.state()), TimeText(glass.request_time()), glass.reason_code(),
                 context.AgencyName(glass.agency_id()),
                 context.AgencyName(glass.discloser_agency_id()), std::to_string(glass.opens()),
                 review, glass.referral_id(), glass.id()});
    }
    if (!table.empty()) context.Print(table);
  });
  if (all.break_glass_size() == 0) context.Say("There is none.");
  return {};
}

Result<void> ReviewGlass(Context& context, const GlassOptions& options) {
  v1::ReviewBreakGlassRequest request;
  FAIRLEAD_ASSIGN(const std::string id, context.Id("break-glass", options.id));
  FAIRLEAD_ASSIGN(const v1::BreakGlassOutcome outcome,
                  ParseEnum<v1::BreakGlassOutcome>(options.outcome, "--outcome"));
  request.set_request_id(context.RequestId());
  request.set_break_glass_id(id);
  request.set_outcome(outcome);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::ReviewBreakGlassResponse>(kReviewBreakGlass, request));
  context.home().SetLast("break-glass", id);
  context.Emit(response, [&] {
    context.Say("Reviewed: " + EnumText(response.break_glass().outcome()) + ". It stands.");
  });
  return {};
}

}  // namespace

void AddBreakGlassVerbs(Args root, Context& context) {
  Args group = root.Group("breakglass", "A life is at risk, and the hand-off has ended");
  const auto options = std::make_shared<GlassOptions>();
  Args verb = group.Verb("request", "Ask to open a packet once more; a colleague approves it");
  verb.Positional("referral", &options->id, "Its id, or @last");
  verb.Option("--reason", &options->reason, kGlassReasons, Need::kRequired);
  verb.Do([&context, options] { return RequestGlass(context, *options); });
  verb = group.Verb("approve", "Approve what a colleague has asked for: it opens for an hour");
  verb.Positional("id", &options->id, "The break-glass: its id, or @last");
  verb.Flag("--yes", &options->yes, "Do not ask");
  verb.Do([&context, options] { return ApproveGlass(context, *options); });
  verb = group.Verb("list", "Those of your agency, and about what it sent; the office sees all");
  verb.Flag("--unreviewed", &options->unreviewed, "Only those that wait for their review");
  verb.Flag("--overdue", &options->overdue, "Only those whose review is overdue");
  verb.Do([&context, options] { return ListGlass(context, *options); });
  verb = group.Verb("review", "Was it justified? Said by the sender's administrator or the office");
  verb.Positional("id", &options->id, "The break-glass: its id, or @last");
  verb.Option("--outcome", &options->outcome, "justified or not_justified", Need::kRequired);
  verb.Do([&context, options] { return ReviewGlass(context, *options); });
}

}  // namespace fairlead::cli
