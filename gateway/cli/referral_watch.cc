// referral watch: a line for each event of the hand-off, the moment it comes.
#include "gateway/cli/verbs.h"
#include "gateway/cli/watch.h"

namespace fairlead::cli {
namespace {

namespace json = boost::json;

struct WatchOptions {
  std::string referral;
  WatchLimits limits;
  bool all = false;
};

bool IsAboutReferral(const json::object& event) {
  return TextIn(event, "type").starts_with("fairlead.referral.");
}

// The own agency is asked to destroy what it has opened.
bool AsksToDestroy(const Context& context, const json::object& event, const json::object& data) {
  return TextIn(event, "type") == "fairlead.consent.destruction_requested.v1" &&
         TextIn(data, "recipientAgencyId") == context.session().agency_id &&
         IsUuid(TextIn(data, "noticeId"));
}

// Glass is broken, by the own agency or on what it sent.
bool IsBreakGlass(const json::object& event, const json::object& data) {
  return TextIn(event, "type").starts_with("fairlead.consent.break_glass_") &&
         IsUuid(TextIn(data, "breakGlassId")) && IsUuid(TextIn(data, "referralId"));
}

std::string GlassWords(Context& context, const json::object& data) {
  const std::string id = TextIn(data, "breakGlassId");
  const bool asked_here = context.home().Last("break-glass") == id;
  context.home().SetLast("break-glass", id);
  std::string line = "break_glass " + TextIn(data, "change") + "  " + TextIn(data, "referralId") +
                     "  " + TextIn(data, "reasonCode") + "  by " +
                     context.AgencyName(TextIn(data, "agencyId"));
  if (TextIn(data, "change") == "requested") {
    const std::string approve = "breakglass approve " + id;
    line += asked_here ? ": a colleague signs in and runs " + context.CommandOfAnother(approve)
                       : ": whoever did not ask runs " + context.Command(approve);
  }
  return line;
}

std::string Words(Context& context, const json::object& event, const json::object& data) {
  if (AsksToDestroy(context, event, data)) {
    const std::string notice = TextIn(data, "noticeId");
    context.home().SetLast("notice", notice);
    return "destroy your copies, asked by " +
           context.AgencyName(TextIn(data, "discloserAgencyId")) + ": " +
           context.Command("release destroyed " + notice);
  }
  if (IsBreakGlass(event, data)) return GlassWords(context, data);
  if (!IsAboutReferral(event)) return TextIn(event, "type") + "  " + TextIn(event, "subject");
  const std::string referral = TextIn(data, "referralId");
  std::string line = TextIn(data, "change") + "  " + referral;
  for (const char* name : {"urgency", "needCode", "reasonCode"}) {
    if (!TextIn(data, name).empty()) line += "  " + TextIn(data, name);
  }
  line += "  " + context.AgencyName(TextIn(data, "senderAgencyId")) + " → " +
          context.AgencyName(TextIn(data, "recipientAgencyId"));
  context.home().SetLast("referral", referral);
  return line;
}

Result<void> Run(Context& context, const WatchOptions& options) {
  std::string referral;
  if (!options.referral.empty()) {
    FAIRLEAD_ASSIGN(referral, context.Id("referral", options.referral));
  }
  FAIRLEAD_RETURN_IF_ERROR(context.OwnAgencyId());
  EventView view{
      .wanted =
          [&](const json::object& event, const json::object& data) {
            if (referral.empty() && AsksToDestroy(context, event, data)) return true;
            const bool wanted = IsAboutReferral(event) || IsBreakGlass(event, data);
            if (!options.all && !wanted) return false;
            return referral.empty() || TextIn(event, "subject") == referral ||
                   TextIn(data, "referralId") == referral;
          },
      .words = [&](const json::object& event,
                   const json::object& data) { return Words(context, event, data); },
      .list_anew = "referral list"};
  return Watch(context, options.limits, std::move(view)).Run();
}

}  // namespace

void AddWatchVerb(Args referral, Context& context) {
  auto options = std::make_shared<WatchOptions>();
  Args verb = referral.Verb("watch", "Print a line for each event, the moment it comes");
  verb.Positional("referral", &options->referral, "Of one referral only: its id, or @last",
                  Need::kOptional);
  AddWatchOptions(verb, &options->limits);
  verb.Flag("--all", &options->all, "Events of the directory and of releases too");
  verb.Do([&context, options] { return Run(context, *options); });
}

}  // namespace fairlead::cli
