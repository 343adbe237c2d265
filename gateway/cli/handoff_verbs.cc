// handoff list|nudge|medians|suggest: for coordinators.
#include "fairlead/referral/v1/hand_off.pb.h"
#include "fairlead/referral/v1/routing.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = referral::v1;

struct HandOffListOptions {
  bool matched = false;
  bool unasked = false;
};

// "remind in 12 min", or since when it is agreed.
std::string NextText(Context& context, const v1::HandOff& each) {
  if (!each.has_next_step_time()) return "since " + TimeText(each.decide_time());
  return EnumText(each.next_step()) + " " +
         RelativeText(each.next_step_time().seconds() * 1000, context.NowMs());
}

Result<void> List(Context& context, const HandOffListOptions& options) {
  v1::ListHandOffsRequest request;
  request.set_stage(options.matched   ? v1::HAND_OFF_STAGE_MATCHED
                    : options.unasked ? v1::HAND_OFF_STAGE_UNASKED
                                      : v1::HAND_OFF_STAGE_WAITING);
  FAIRLEAD_ASSIGN(const auto all,
                  AllPages<v1::ListHandOffsResponse>(context, kListHandOffs, request));
  constexpr size_t kAgencyColumns = 14;
  context.Emit(all, [&] {
    // Both ids, where an agency is asked: an offer is nudged, another one suggested of a referral.
    std::vector<std::string> headings = {"NEXT", "URGENCY", "NEED", "FROM", "TO", "STUCK"};
    if (!options.unasked) headings.emplace_back("OFFER");
    headings.emplace_back("REFERRAL");
    Table table(std::move(headings));
    for (const v1::HandOff& each : all.hand_offs()) {
      std::vector<std::string> row = {
          NextText(context, each), EnumText(each.urgency()), each.need_code(),
          Shortened(context.AgencyName(each.sender_agency_id()), kAgencyColumns),
          Shortened(context.AgencyName(each.recipient_agency_id()), kAgencyColumns),
          each.stuck_code()};
      if (!options.unasked) row.push_back(each.offer_id());
      row.push_back(each.referral_id());
      table.Add(std::move(row));
    }
    if (!table.empty()) context.Print(table);
  });
  if (all.hand_offs_size() == 0) {
    context.Say(options.matched   ? "Nothing is agreed that has not begun."
                : options.unasked ? "No need is open with nobody asked."
                                  : "No agency is to answer anything.");
  } else if (options.unasked) {
    context.Next("handoff suggest " + all.hand_offs(0).referral_id() + " AGENCY");
  } else if (!options.matched) {
    context.Next("handoff nudge " + all.hand_offs(0).offer_id());
  }
  return {};
}

Result<void> Nudge(Context& context, const std::string& offer) {
  v1::NudgeOfferRequest request;
  request.set_request_id(context.RequestId());
  request.set_offer_id(offer);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::NudgeOfferResponse>(kNudgeOffer, request));
  context.Emit(response, [&] {
    context.Say(
        "Asked once more: " + context.AgencyName(response.hand_off().recipient_agency_id()) + ".");
  });
  return {};
}

// "9 min (90%: 4 h)"; empty where too few.
std::string SpreadText(bool known, const v1::WaitSpread& spread) {
  if (!known) return "";
  return SpanText(spread.median_s()) + " (90%: " + SpanText(spread.p90_s()) + ")";
}

Result<void> Medians(Context& context, bool quarter) {
  v1::ListAgencyMediansRequest request;
  request.set_window(quarter ? v1::MEDIAN_WINDOW_DAYS_90 : v1::MEDIAN_WINDOW_DAYS_30);
  FAIRLEAD_ASSIGN(const auto all,
                  AllPages<v1::ListAgencyMediansResponse>(context, kListAgencyMedians, request));
  context.Emit(all, [&] {
    Table table({"AGENCY", "ANSWERED", "EXPIRED", "TO ANSWER", "TO START"});
    for (const v1::AgencyMedians& each : all.agencies()) {
      const std::string agency = context.AgencyName(each.agency_id());
      const v1::AgencyFigures& figures = each.figures();
      if (each.has_figures()) {
        table.Add({agency, std::to_string(figures.answered_count()),
                   std::to_string(figures.expired_count()),
                   SpreadText(figures.has_to_answer(), figures.to_answer()),
                   SpreadText(figures.has_to_start(), figures.to_start())});
      } else {
        table.Add({agency, "too few", "", "", ""});
      }
    }
    if (!table.empty()) context.Print(table);
  });
  if (all.agencies_size() == 0) context.Say("There is no agency yet.");
  return {};
}

struct SuggestOptions {
  std::string referral;
  std::string agency;
};

Result<void> Suggest(Context& context, const SuggestOptions& options) {
  v1::SuggestCandidateRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(*request.mutable_referral_id(), context.Id("referral", options.referral));
  FAIRLEAD_ASSIGN(*request.mutable_agency_id(), context.AgencyId(options.agency));
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::SuggestCandidateResponse>(kSuggestCandidate, request));
  context.Emit(response, [&] {
    context.Say("Suggested to the sender, who decides: " +
                context.AgencyName(request.agency_id()) + ".");
  });
  return {};
}

}  // namespace

void AddHandOffVerbs(Args root, Context& context) {
  Args group = root.Group("handoff", "All hand-offs in codes, for coordinators");
  auto options = std::make_shared<HandOffListOptions>();
  Args verb = group.Verb("list", "Those at risk first: what waits for an answer");
  verb.Flag("--matched", &options->matched, "What is agreed and has not begun");
  verb.Flag("--unasked", &options->unasked, "What came to nothing, with nobody asked since");
  verb.Do([&context, options] { return List(context, *options); });
  auto offer = std::make_shared<std::string>();
  verb = group.Verb("nudge", "Ask the agency once more, at most every 15 minutes");
  verb.Positional("offer", offer.get(), "The offer's id");
  verb.Do([&context, offer] { return Nudge(context, *offer); });
  auto quarter = std::make_shared<bool>(false);
  verb = group.Verb("medians", "How soon each agency answers and begins, in the last 30 days");
  verb.Flag("--quarter", quarter.get(), "In the last 90 days");
  verb.Do([&context, quarter] { return Medians(context, *quarter); });
  auto suggestion = std::make_shared<SuggestOptions>();
  verb = group.Verb("suggest", "Tell the sender whom it might ask next; it decides");
  verb.Positional("referral", &suggestion->referral, "The referral's id");
  verb.Positional("agency", &suggestion->agency, "The agency, by id or name");
  verb.Do([&context, suggestion] { return Suggest(context, *suggestion); });
}

}  // namespace fairlead::cli
