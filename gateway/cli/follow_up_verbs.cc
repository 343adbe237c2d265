// follow-up list|record: for the agency that gives the service.
#include "fairlead/referral/v1/follow_up.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = referral::v1;

// As docs/codes.md has them.
constexpr char kFollowUpOutcomes[] =
    "still_in_service, moved_on_safely, left_early, not_reached, returned_to_sender, "
    "declined_follow_up";

struct RecordOptions {
  std::string referral;
  std::string point;
  std::string outcome;
};

Result<void> List(Context& context, const std::string& box_text) {
  FAIRLEAD_ASSIGN(const v1::FollowUpBox box, ParseEnum<v1::FollowUpBox>(box_text, "--box"));
  v1::ListFollowUpsRequest request;
  request.set_box(box);
  FAIRLEAD_ASSIGN(const auto all,
                  AllPages<v1::ListFollowUpsResponse>(context, kListFollowUps, request));
  const bool done = box == v1::FOLLOW_UP_BOX_DONE;
  context.Emit(all, [&] {
    Table table({"POINT", done ? "RECORDED" : "DUE", "NEED", "FROM", "OUTCOME", "REFERRAL"});
    for (const v1::FollowUp& each : all.follow_ups()) {
      const int64_t time_s = done ? each.record_time().seconds() : each.due_time().seconds();
      table.Add({EnumText(each.point()), RelativeText(time_s * 1000, context.NowMs()),
                 each.need_code(), context.AgencyName(each.sender_agency_id()),
                 each.outcome_code(), each.referral_id()});
    }
    if (!table.empty()) context.Print(table);
  });
  if (all.follow_ups_size() == 0) {
    context.Say(done                              ? "None is recorded."
                : box == v1::FOLLOW_UP_BOX_LATER ? "None falls due later."
                                                 : "None is due.");
  } else if (box == v1::FOLLOW_UP_BOX_DUE) {
    const v1::FollowUp& first = all.follow_ups(0);
    context.Next("follow-up record " + first.referral_id() + " " + EnumText(first.point()) +
                 " --outcome CODE");
  }
  return {};
}

Result<void> Record(Context& context, const RecordOptions& options) {
  v1::RecordFollowUpRequest request;
  FAIRLEAD_ASSIGN(const std::string referral, context.Id("referral", options.referral));
  FAIRLEAD_ASSIGN(const v1::FollowUpPoint point,
                  ParseEnum<v1::FollowUpPoint>(options.point, "POINT"));
  request.set_request_id(context.RequestId());
  request.set_referral_id(referral);
  request.set_point(point);
  request.set_outcome_code(options.outcome);
  auto response = context.client().Call<v1::RecordFollowUpResponse>(kRecordFollowUp, request);
  if (!response) {
    Error refused = std::move(response.error());
    if (refused.reason == "UNKNOWN_OUTCOME_CODE") {
      refused.message += " There are: " + std::string(kFollowUpOutcomes) + ".";
    }
    const auto due = refused.metadata.find("due_time");
    google::protobuf::Timestamp time;
    if (refused.reason == "FOLLOW_UP_NOT_DUE" && due != refused.metadata.end() &&
        SetTime(due->second, "due_time", context.NowMs(), &time)) {
      refused.message += " It is due " +
                         RelativeText(time.seconds() * 1'000, context.NowMs()) + ".";
    }
    return Fail(std::move(refused));
  }
  context.home().SetLast("referral", referral);
  context.Emit(*response, [&] {
    context.Say("Recorded: " + EnumText(point) + " " + response->follow_up().outcome_code() +
                ". The sender hears that it was recorded, and not what.");
  });
  return {};
}

}  // namespace

void AddFollowUpVerbs(Args root, Context& context) {
  Args group = root.Group("follow-up", "How people fare a day, a week and a month after they came");
  auto box = std::make_shared<std::string>("due");
  Args verb = group.Verb("list", "Those that your agency owes or has recorded");
  verb.Option("--box", box.get(), "due, later or done; default due");
  verb.Do([&context, box] { return List(context, *box); });
  auto options = std::make_shared<RecordOptions>();
  verb = group.Verb("record", "Say how the person fares; it can be corrected for 24 hours");
  verb.Positional("referral", &options->referral, "Its id, or @last");
  verb.Positional("point", &options->point, "day_1, day_7 or day_30");
  verb.Option("--outcome", &options->outcome, kFollowUpOutcomes, Need::kRequired);
  verb.Do([&context, options] { return Record(context, *options); });
}

}  // namespace fairlead::cli
