#include "tests/model/walker.h"

#include <algorithm>

#include "fairlead/directory/v1/directory.pb.h"
#include "services/common/testing/wait_until.h"
#include "tests/model/walker_calls.h"

namespace fairlead::model {
namespace {

constexpr size_t kMostNotes = 30;
constexpr int64_t kSettleWithinMs = 60'000;
constexpr size_t kMostDisclosures = 100;  // of a page
constexpr std::array<auth::AgencyKind, kAgencies> kKinds = {
    auth::AgencyKind::kVictimServiceProvider, auth::AgencyKind::kHealthProvider,
    auth::AgencyKind::kLegalServices, auth::AgencyKind::kHotline};

// After the sending; of standard urgency, days of work, only the hub says when that is.
std::array<int64_t, kStepsOfAClock> StepsMin(Urgency urgency) {
  if (urgency == Urgency::kEmergency) return {15, 30, 60, 240};
  return {240, 720, 1'440, 2'880};
}

int64_t ToMs(const google::protobuf::Timestamp& time) {
  return time.seconds() * 1000 + time.nanos() / 1'000'000;
}

}  // namespace

void Walker::Differ(const std::string& what, const std::string& model, const std::string& hub) {
  if (HasFailed()) return;
  difference_ = what + "\n  model: " + (model.empty() ? "done" : model) +
                "\n  hub:   " + (hub.empty() ? "done" : hub) + "\n  after " +
                std::to_string(steps_) + " steps, the last of them:";
  for (const std::string& note : notes_) difference_ += "\n    " + note;
}

void Walker::Note(const std::string& line) {
  notes_.push_back(line);
  if (notes_.size() > kMostNotes) notes_.pop_front();
}

void Walker::Begin() {
  for (size_t i = 0; i < kAgencies; ++i) {
    Result<testing::Agency> agency = coalition_.AddAgency("Agency " + std::to_string(i), kKinds[i]);
    if (!agency) return Differ("AddAgency", "", ToString(agency.error()));
    names_.Add(agency->id, static_cast<int>(i));
    agencies_.push_back(std::move(*agency));
  }
  for (int i = 0; i < 3; ++i) cases_.push_back(coalition_.ids().New());
  ImportBeds();
  if (HasFailed()) return;
  for (int by = 0; by < kAgencies; ++by) {
    constexpr int64_t kLifeMs = 20LL * 24 * 60 * kMinuteMs;
    MakeRelease(by, {(by + 1) % kAgencies, (by + 2) % kAgencies}, cases_[0], kLifeMs);
    Sign(by, static_cast<int>(release_protos_.size()) - 1);
  }
}

void Walker::ImportBeds() {
  namespace v1 = fairlead::directory::v1;
  beds_id_ = coalition_.ids().New();
  const testing::Agency& owner = agencies_[kBedsOwner];
  v1::ImportListingsRequest import;
  import.set_request_id(coalition_.ids().New());
  import.set_agency_id(owner.id);
  import.set_format(v1::IMPORT_FORMAT_HSDS_CSV);
  const std::string organization = coalition_.ids().New();
  v1::ImportFile* file = import.add_files();
  file->set_name("organizations.csv");
  file->set_content("id,name,description\n" + organization + ",House,Helps\n");
  file = import.add_files();
  file->set_name("services.csv");
  file->set_content("id,organization_id,name,status\n" + beds_id_ + "," + organization +
                    ",Beds,active\n");
  import.add_default_need_codes("shelter_bed");
  const auto imported = coalition_.Call<v1::ImportListingsResponse>(
      owner.admin, "/fairlead.directory.v1.DirectoryService/ImportListings", import);
  if (!imported) return Differ("ImportListings", "", ToString(imported.error()));
  v1::UpdateCapacityRequest say;
  say.set_request_id(coalition_.ids().New());
  say.set_service_id(beds_id_);
  say.set_unit(v1::CAPACITY_UNIT_BED);
  say.set_available(kMostBeds);
  say.set_maximum(kMostBeds);
  const auto said = Insist<v1::UpdateCapacityResponse>(
      kBedsOwner, std::string(kCapacity) + "UpdateCapacity", say);
  if (!said) return Differ("UpdateCapacity", "", ToString(said.error()));
  model_.beds().available = kMostBeds;
}

// Other people at the same agencies: nobody opens all that they may in a day.
void Walker::DrawStaff() {
  for (testing::Agency& agency : agencies_) agency.caseworker.staff_id = coalition_.ids().New();
}

void Walker::Walk(int64_t steps, int64_t quiet_until_ms) {
  recent_.clear();  // what is repeated a day later is forgotten by then
  DrawStaff();
  const int64_t until = steps_ + steps;
  while (steps_ < until && !HasFailed() && Now() < quiet_until_ms) Step();
}

void Walker::Prepare(int64_t until_ms) {
  Settle();
  for (size_t i = 0; i < model_.referrals().size() && !HasFailed(); ++i) {
    const int referral = static_cast<int>(i);
    while (model_.IsToss(referral, Now(), until_ms) && !HasFailed()) {
      const std::vector<Offer>& offers = model_.referrals()[i].offers;
      const auto waits = std::ranges::find_if(offers, &Offer::IsPending);
      Accept(waits->to, referral, static_cast<int>(waits - offers.begin()));
    }
  }
}

void Walker::CheckView(int referral, int viewer, const referral::v1::Referral& seen) {
  const bool blurred = model_.MayBeShredded(referral, Now());
  const std::string model = model_.See(referral, viewer, blurred);
  const std::string hub = TextOf(seen, names_, blurred);
  if (model != hub) return Differ("the view of agency " + std::to_string(viewer), model, hub);
  if (seen.id() != IdOf(referral)) return Differ("the id", IdOf(referral), seen.id());
  const std::string token = model_.Token(referral, viewer);
  const auto known = etags_.find({referral, viewer});
  if (known != etags_.end()) {
    const bool same_token = known->second.first == token;
    if (same_token != (known->second.second == seen.etag())) {
      return Differ("the etag of agency " + std::to_string(viewer),
                    known->second.first + " then " + token,
                    known->second.second + " then " + seen.etag());
    }
  }
  etags_[{referral, viewer}] = {token, seen.etag()};
}

// Takes the ids and the frozen clocks of offers that were made since `from_ms`.
void Walker::AdoptOffers(int referral, const referral::v1::Referral& seen, int64_t from_ms) {
  Referral& model = model_.referrals()[static_cast<size_t>(referral)];
  std::vector<std::string>& ids = offer_ids_[static_cast<size_t>(referral)];
  if (seen.offers_size() != static_cast<int>(model.offers.size())) {
    return Differ("the number of offers", std::to_string(model.offers.size()),
                  std::to_string(seen.offers_size()));
  }
  for (size_t i = ids.size(); i < model.offers.size(); ++i) {
    const referral::v1::Offer& offer = seen.offers(static_cast<int>(i));
    const int64_t sent_ms = ToMs(offer.send_time());
    const std::array<int64_t, kStepsOfAClock> due_ms = {
        ToMs(offer.remind_time()), ToMs(offer.escalate_admin_time()),
        ToMs(offer.escalate_coordinator_time()), ToMs(offer.expire_time())};
    if (sent_ms < from_ms || sent_ms > Now()) Differ("the time of sending", "now", "another");
    const auto steps_min = StepsMin(model.urgency);
    for (size_t step = 0; step < due_ms.size(); ++step) {
      if (model.urgency == Urgency::kStandard) continue;
      if (due_ms[step] != sent_ms + steps_min[step] * kMinuteMs) {
        Differ("step " + std::to_string(step) + " of a clock",
               std::to_string(sent_ms + steps_min[step] * kMinuteMs), std::to_string(due_ms[step]));
      }
    }
    if (!std::ranges::is_sorted(due_ms)) Differ("the steps of a clock", "in order", "not so");
    names_.Add(offer.id(), static_cast<int>(i));
    ids.push_back(offer.id());
    model_.Freeze(model.offers[i], due_ms);
  }
}

std::string Walker::ReadView(int referral, int viewer, bool blurred) {
  referral::v1::GetReferralRequest request;
  request.set_referral_id(IdOf(referral));
  const auto seen = Insist<referral::v1::GetReferralResponse>(
      viewer, std::string(kReferrals) + "GetReferral", request);
  return seen ? TextOf(seen->referral(), names_, blurred) : seen.error().reason;
}

std::string Walker::ReadStory(int referral, int viewer) {
  referral::v1::GetTimelineRequest request;
  request.set_referral_id(IdOf(referral));
  const auto story = Insist<referral::v1::GetTimelineResponse>(
      viewer, std::string(kReferrals) + "GetTimeline", request);
  return story ? StoryText(referral, TextOf(*story, names_)) : story.error().reason;
}

std::string Walker::ModelStory(int referral, int viewer) const {
  if (!model_.IsParty(referral, viewer)) return "REFERRAL_NOT_FOUND";
  return StoryText(referral, model_.Story(referral, viewer));
}

std::string Walker::StoryText(int referral, std::vector<std::string> lines) const {
  if (referral >= 0 && model_.referrals()[static_cast<size_t>(referral)].is_uncertain) {
    std::erase_if(lines, [](const std::string& line) {
      return line.starts_with("opened ") || line.starts_with("reread ");
    });
  }
  return Joined(lines);
}

// Whether the hub has done by now what it does by itself.
bool Walker::TryToSettle(int referral) {
  Referral& it = model_.referrals()[static_cast<size_t>(referral)];
  if (ReadView(referral, it.sender, false) != model_.See(referral, it.sender, false)) return false;
  if (ReadStory(referral, it.sender) != ModelStory(referral, it.sender)) return false;
  it.in_limbo = false;
  return true;
}

bool Walker::TryToSettleBeds() {
  directory::v1::GetCapacityRequest request;
  request.set_service_id(beds_id_);
  request.set_unit(directory::v1::CAPACITY_UNIT_BED);
  const auto beds = Insist<directory::v1::GetCapacityResponse>(
      kBedsOwner, std::string(kCapacity) + "GetCapacity", request);
  const Beds& model = model_.beds();
  if (!beds || beds->capacity().available() != model.available ||
      beds->capacity().held() != model.held || beds->capacity().accepting() != model.accepting) {
    return false;
  }
  model_.beds().in_limbo = false;
  return true;
}

void Walker::Settle() {
  constexpr int64_t kLookEveryMs = 20;
  for (size_t i = 0; i < model_.referrals().size() && !HasFailed(); ++i) {
    if (!model_.referrals()[i].in_limbo) continue;
    const int referral = static_cast<int>(i);
    if (testing::WaitUntil([&] { return TryToSettle(referral); }, kSettleWithinMs, kLookEveryMs)) {
      continue;
    }
    const int sender = model_.referrals()[i].sender;
    Differ("what the hub does by itself",
           model_.See(referral, sender, false) + ModelStory(referral, sender),
           ReadView(referral, sender, false) + ReadStory(referral, sender));
  }
  if (!model_.beds().in_limbo || HasFailed()) return;
  if (testing::WaitUntil([&] { return TryToSettleBeds(); }, kSettleWithinMs, kLookEveryMs)) return;
  Differ("the beds that holds gave back", std::to_string(model_.beds().available), "others");
}

bool Walker::HasLimbo(int viewer) const {
  const std::vector<Referral>& all = model_.referrals();
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i].in_limbo && model_.IsParty(static_cast<int>(i), viewer)) return true;
  }
  return false;
}

bool Walker::HasOneAnswer(const Call& call) const {
  if (call.verb == Verb::kSayBeds) return !model_.beds().in_limbo;
  if (call.verb == Verb::kSend || call.verb == Verb::kOffer) return !HasLimbo(call.by);
  return call.referral < 0 || !model_.referrals()[static_cast<size_t>(call.referral)].in_limbo;
}

void Walker::Finish() {
  Settle();
  for (size_t i = 0; i < model_.referrals().size() && !HasFailed(); ++i) {
    const int referral = static_cast<int>(i);
    const bool blurred = model_.MayBeShredded(referral, Now());
    const int sender = model_.referrals()[i].sender;
    for (const int viewer : {sender, (sender + 1 + Below(kAgencies - 1)) % kAgencies}) {
      const std::string hub = ReadView(referral, viewer, blurred);
      const std::string model = model_.See(referral, viewer, blurred);
      ++steps_;
      if (hub != model) return Differ("the last view of " + std::to_string(viewer), model, hub);
    }
    const std::string story = ReadStory(referral, sender);
    ++steps_;
    if (story != ModelStory(referral, sender)) {
      return Differ("the story", ModelStory(referral, sender), story);
    }
  }
  for (size_t i = 0; i < release_protos_.size() && !HasFailed(); ++i) {
    const int release = static_cast<int>(i);
    const int discloser = model_.releases()[i].discloser;
    ReadRelease(discloser, release);
    if (model_.releases()[i].disclosures.size() < kMostDisclosures) {
      ReadDisclosures(discloser, release);
    }
  }
  ++steps_;
  if (!HasFailed() && !TryToSettleBeds()) {
    Differ("the beds", std::to_string(model_.beds().available), "others");
  }
}

}  // namespace fairlead::model
