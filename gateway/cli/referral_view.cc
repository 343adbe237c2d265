#include "gateway/cli/referral_view.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

#include "gateway/cli/colleague.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"

namespace fairlead::cli {
namespace {

namespace v1 = referral::v1;

// What the clock of an offer that waits has done, and what it does next but for its end.
std::string ClockText(Context& context, const v1::Offer& offer) {
  if (!offer.has_next_step_time()) return "";
  const std::string when = RelativeText(offer.next_step_time().seconds() * 1000, context.NowMs());
  switch (offer.next_step()) {
    case v1::CLOCK_STEP_REMIND:
      return "; a reminder " + when;
    case v1::CLOCK_STEP_ESCALATE_ADMIN:
      return "; reminded, administrators are told " + when;
    case v1::CLOCK_STEP_ESCALATE_COORDINATOR:
      return "; administrators were told, coordinators are " + when;
    case v1::CLOCK_STEP_EXPIRE:
      return "; administrators and coordinators were told";
    default:
      return "";
  }
}

// "reminded" or "escalated", once nobody has answered for so long.
std::string_view ClockWord(const v1::Offer& offer) {
  switch (offer.next_step()) {
    case v1::CLOCK_STEP_ESCALATE_ADMIN:
      return "reminded";
    case v1::CLOCK_STEP_ESCALATE_COORDINATOR:
    case v1::CLOCK_STEP_EXPIRE:
      return "escalated";
    default:
      return "";
  }
}

// `packet_version`: of what lies at the hub now, which the agency may not have opened yet.
std::string OfferText(Context& context, const v1::Offer& offer, int32_t packet_version) {
  std::string text = EnumText(offer.state());
  if (!offer.reason_code().empty()) text += " (" + offer.reason_code() + ")";
  if (offer.answer() != v1::OFFER_ANSWER_UNSPECIFIED) {
    text += ", says " + EnumText(offer.answer());
  }
  const bool is_sent = offer.state() == v1::OFFER_STATE_SENT && text == "sent";
  text += (is_sent ? " " : ", sent ") + TimeText(offer.send_time());
  if (offer.has_open_time()) text += ", opened " + TimeText(offer.open_time());
  if (offer.opened_version() > 0 && std::max(offer.opened_version(), packet_version) > 1) {
    text += " (version " + std::to_string(offer.opened_version()) + ")";
  }
  if (offer.has_decide_time()) text += ", decided " + TimeText(offer.decide_time());
  if (offer.has_expire_time() && !offer.has_decide_time()) {
    text += ", answer due " + RelativeText(offer.expire_time().seconds() * 1000, context.NowMs());
    text += ClockText(context, offer);
  }
  return text;
}

// "pet: dog", and when it was said last.
std::string QuestionText(const v1::OfferQuestion& asked) {
  if (asked.answer_code().empty()) {
    return asked.question_code() + ": not answered yet, asked " + TimeText(asked.ask_time());
  }
  return asked.question_code() + ": " + asked.answer_code() + ", " + TimeText(asked.answer_time());
}

// "matched (release_revoked)": nothing opens any more, though the service may go on. "open
// (reminded, question)": the offer has waited for long, and an agency's question waits for the
// sender. "open (2 answered: choose)": to the sender of one where the survivor chooses.
std::string StateText(const v1::Referral& referral, const v1::Offer* offer, bool sent) {
  std::string note = referral.reason_code();
  if (note.empty() && offer != nullptr) note = ClockWord(*offer);
  const bool is_asked = std::ranges::any_of(referral.offers(), [](const v1::Offer& each) {
    return each.state() == v1::OFFER_STATE_QUESTION;
  });
  if (is_asked) note += note.empty() ? "question" : ", question";
  const auto answered = std::ranges::count_if(referral.offers(), [](const v1::Offer& each) {
    return !each.has_decide_time() && each.answer() != v1::OFFER_ANSWER_UNSPECIFIED;
  });
  const bool to_choose = sent && referral.state() == v1::REFERRAL_STATE_OPEN && answered > 0;
  if (to_choose) {
    note += (note.empty() ? "" : ", ") + std::to_string(answered) + " answered: choose";
  }
  const std::string state = EnumText(referral.state());
  return note.empty() ? state : state + " (" + note + ")";
}

// What has become of the release, while the referral goes on without it.
std::string ReleaseText(const v1::Referral& referral) {
  const bool goes_on = referral.state() == v1::REFERRAL_STATE_MATCHED ||
                       referral.state() == v1::REFERRAL_STATE_IN_SERVICE;
  static const std::map<std::string, std::string> kEnds = {
      {"expired", "has EXPIRED"},
      {"release_revoked", "was TAKEN BACK by the client"},
      {"release_superseded", "was REPLACED by a newer one"},
      {"release_entered_in_error", "was RECORDED IN ERROR"}};
  const auto end = kEnds.find(referral.reason_code());
  if (!goes_on || end == kEnds.end()) return referral.release_id();
  return referral.release_id() + ": " + end->second +
         "; the packet is closed, the service may go on";
}

std::string ModeText(const v1::Referral& referral) {
  switch (referral.mode()) {
    case v1::REFERRAL_MODE_FIRST_TO_ACCEPT:
      return "several asked, the first to accept is matched";
    case v1::REFERRAL_MODE_SURVIVOR_CHOOSES:
      return "several asked, the survivor chooses";
    case v1::REFERRAL_MODE_FORWARD:
      return "handed on";
    default:
      return "";
  }
}

// Owed after a match for which only facets went out.
std::string PacketText(const v1::Referral& referral) {
  const bool goes_on = referral.state() == v1::REFERRAL_STATE_MATCHED ||
                       referral.state() == v1::REFERRAL_STATE_IN_SERVICE;
  if (goes_on && !referral.has_packet()) return "not sent yet";
  const int32_t version = referral.packet_version();
  return version > 1 ? "version " + std::to_string(version) : "";
}

// Who at the own agency has it, and since when.
std::string InHandText(Context& context, const v1::Referral& referral) {
  const v1::Assignment& assignment = referral.assignment();
  if (assignment.staff_id().empty()) return "";
  return ColleagueName(context, assignment.staff_id()) + ", since " +
         TimeText(assignment.assign_time());
}

// "Clinic", or how many there are.
std::string RecipientText(Context& context, const v1::Referral& referral) {
  int waiting = 0;
  for (const v1::Offer& offer : referral.offers()) waiting += offer.has_decide_time() ? 0 : 1;
  const bool is_open = referral.state() == v1::REFERRAL_STATE_OPEN;
  if (is_open && waiting > 1) return std::to_string(waiting) + " agencies";
  const v1::Offer* offer = OfferOf(referral, context.session().agency_id);
  // Rather than one that was withdrawn because of it: who is agreed, or was last.
  for (const v1::Offer& each : referral.offers()) {
    const bool waits = is_open && !each.has_decide_time();
    if (waits || (!is_open && each.state() == v1::OFFER_STATE_FELL_THROUGH)) offer = &each;
  }
  for (const v1::Offer& each : referral.offers()) {
    if (each.state() == v1::OFFER_STATE_ACCEPTED) offer = &each;
  }
  return offer == nullptr ? "" : context.AgencyName(offer->recipient_agency_id());
}

}  // namespace

const v1::Offer* OfferOf(const v1::Referral& referral, const std::string& own_agency_id) {
  const v1::Offer* latest = nullptr;
  for (const v1::Offer& offer : referral.offers()) {
    if (offer.recipient_agency_id() == own_agency_id || latest == nullptr ||
        latest->recipient_agency_id() != own_agency_id) {
      latest = &offer;
    }
  }
  return latest;
}

void PrintReferral(Context& context, const v1::Referral& referral) {
  const v1::Facets& facets = referral.facets();
  std::vector<Field> fields = {
      {"Referral", referral.id()},
      {"State", EnumText(referral.state())},
      {"Mode", ModeText(referral)},
      {"Packet", PacketText(referral)},
      {"Reason", referral.reason_code()},
      {"Outcome", referral.outcome_code()},
      {"Need", facets.need_code()},
      {"Urgency", EnumText(facets.urgency())},
      {"Age", facets.age_band()},
      {"Household", facets.household_size() == 0 ? "" : std::to_string(facets.household_size())},
      {"Of", ListedField(facets.household_codes())},
      {"Languages", ListedField(facets.languages())},
      {"County", facets.county()},
      {"Access", ListedField(facets.accessibility_codes())},
      {"Exploitation", facets.exploitation_type()},
      {"From", context.AgencyName(referral.sender_agency_id())},
      {"Case", referral.case_handle()},
      {"Release", ReleaseText(referral)},
      {"Purpose", referral.purpose()},
      {"Data", ListedField(referral.categories())},
      {"In hand", InHandText(context, referral)},
      {"Received as", referral.forwarded_from_referral_id()},
      {"Handed on", referral.has_forward_time() ? TimeText(referral.forward_time()) : ""},
      {"Etag", referral.etag()}};
  for (const v1::Offer& offer : referral.offers()) {
    fields.push_back({"To", context.AgencyName(offer.recipient_agency_id())});
    fields.push_back({"Offer", offer.id()});
    fields.push_back({"", OfferText(context, offer, referral.packet_version())});
    for (const v1::OfferQuestion& asked : offer.questions()) {
      fields.push_back({"Asked", QuestionText(asked)});
    }
  }
  for (const v1::Suggestion& each : referral.suggestions()) {
    fields.push_back({"Suggested", context.AgencyName(each.agency_id()) + ", " +
                                       TimeText(each.suggest_time())});
  }
  PrintFields(context.out(), fields);
}

bool AwaitsAnswer(Context& context, const v1::Referral& referral) {
  const v1::Offer* offer = OfferOf(referral, context.session().agency_id);
  return referral.state() == v1::REFERRAL_STATE_OPEN && offer != nullptr &&
         !offer->has_decide_time();
}

namespace {

// In how long an answer is due: "3 h", "LATE"; empty when none is awaited.
std::string DueText(Context& context, const v1::Referral& referral) {
  const v1::Offer* offer = OfferOf(referral, context.session().agency_id);
  if (!AwaitsAnswer(context, referral) || !offer->has_expire_time()) return "";
  const int64_t due_ms = offer->expire_time().seconds() * 1000;
  const int64_t now_ms = context.NowMs();
  constexpr size_t kIn = std::string_view("in ").size();
  return due_ms < now_ms ? "LATE" : RelativeText(due_ms, now_ms).substr(kIn);
}

// "you", "taken" (by a colleague), or nothing: it is in the queue.
std::string WithText(Context& context, const v1::Referral& referral) {
  const std::string& staff_id = referral.assignment().staff_id();
  if (staff_id.empty()) return "";
  return staff_id == context.session().staff_id ? "you" : "taken";
}

}  // namespace

void SortByHaste(Context& context, v1::ListReferralsResponse* referrals) {
  const auto haste = [&](const v1::Referral& referral) {
    constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
    const bool awaited = AwaitsAnswer(context, referral);
    const v1::Offer* offer = OfferOf(referral, context.session().agency_id);
    const int64_t due_s =
        awaited && offer->has_expire_time() ? offer->expire_time().seconds() : kNever;
    // The urgencies are numbered from the most urgent on.
    return std::make_tuple(!awaited, awaited ? static_cast<int>(referral.facets().urgency()) : 0,
                           due_s);
  };
  auto& rows = *referrals->mutable_referrals();
  std::stable_sort(rows.begin(), rows.end(), [&](const v1::Referral& a, const v1::Referral& b) {
    return haste(a) < haste(b);
  });
}

void PrintReferrals(Context& context, const v1::ListReferralsResponse& referrals, v1::Box box) {
  const bool sent = box == v1::BOX_SENT;
  const auto& rows = referrals.referrals();
  // A column of its own once somebody has something in hand; the agency's gives way.
  const bool with = std::ranges::any_of(rows, [](const v1::Referral& referral) {
    return !referral.assignment().staff_id().empty();
  });
  const size_t agency_columns = with ? 8 : 12;
  std::vector<std::string> heading = {"DUE", "URGENCY", "NEED", "STATE", sent ? "TO" : "FROM"};
  if (with) heading.emplace_back("WITH");
  heading.emplace_back("REFERRAL");
  Table table(std::move(heading));
  for (const v1::Referral& referral : rows) {
    const v1::Offer* offer = OfferOf(referral, context.session().agency_id);
    std::vector<std::string> cells = {
        DueText(context, referral), EnumText(referral.facets().urgency()),
        referral.facets().need_code(), StateText(referral, offer, sent),
        Shortened(sent ? RecipientText(context, referral)
                       : context.AgencyName(referral.sender_agency_id()),
                  agency_columns)};
    if (with) cells.push_back(WithText(context, referral));
    cells.push_back(referral.id());
    table.Add(std::move(cells));
  }
  if (!table.empty()) context.Print(table);
}

void PrintTimeline(Context& context, const v1::GetTimelineResponse& timeline) {
  std::map<std::string, std::string> names;
  const auto name = [&](const std::string& staff_id) {
    const auto [known, is_new] = names.try_emplace(staff_id);
    if (is_new) known->second = ColleagueName(context, staff_id);
    return known->second;
  };
  Table table({"TIME", "EVENT", "BY", "REASON"});
  for (const v1::TimelineEntry& entry : timeline.entries()) {
    std::string event = entry.event();
    if (!entry.to_staff_id().empty()) event += " to " + name(entry.to_staff_id());
    if (!entry.from_staff_id().empty()) event += ", from " + name(entry.from_staff_id());
    table.Add({TimeText(entry.time()), event, context.AgencyName(entry.agency_id()),
               entry.reason_code()});
  }
  if (!table.empty()) context.Print(table);
}

Result<v1::Referral> GetReferral(Context& context, const std::string& text) {
  v1::GetReferralRequest request;
  FAIRLEAD_ASSIGN(const std::string id, context.Id("referral", text));
  request.set_referral_id(id);
  FAIRLEAD_ASSIGN(auto response,
                  context.client().Call<v1::GetReferralResponse>(kGetReferral, request));
  return std::move(*response.mutable_referral());
}

Result<v1::ListReferralsResponse> ListBox(Context& context, v1::Box box,
                                          const std::vector<v1::ReferralState>& states,
                                          v1::AssignmentFilter assigned) {
  v1::ListReferralsRequest request;
  request.set_box(box);
  request.set_assigned(assigned);
  for (const v1::ReferralState state : states) request.add_states(state);
  return AllPages<v1::ListReferralsResponse>(context, kListReferrals, request);
}

}  // namespace fairlead::cli
