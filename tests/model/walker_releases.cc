// What a walker asks of releases, of beds and of holds on them.
#include <algorithm>

#include "services/common/base/encoding.h"
#include "tests/model/walker_calls.h"

namespace fairlead::model {

namespace consent_v1 = fairlead::consent::v1;
namespace directory_v1 = fairlead::directory::v1;

namespace {

constexpr int64_t kHourMs = 3'600'000;

}  // namespace

void Walker::MakeAnyRelease() {
  const int by = AnyAgency();
  std::vector<int> to;
  for (int agency = 0; agency < kAgencies; ++agency) {
    if (agency == by ? Chance(3) : Chance(55)) to.push_back(agency);
  }
  if (to.empty()) to.push_back((by + 1) % kAgencies);
  constexpr int kHours[] = {2, 7, 30, 24 * 20, 24 * 300};
  const int64_t life_ms = (Chance(3) ? -1 : kHours[Below(std::size(kHours))]) * kHourMs;
  MakeRelease(by, to, cases_[static_cast<size_t>(Below(static_cast<int>(cases_.size())))], life_ms);
}

void Walker::MakeRelease(int by, std::vector<int> to, const std::string& case_handle,
                         int64_t life_ms) {
  Call call = NewCall(Verb::kMakeRelease, by, -1);
  call.to = std::move(to);
  call.case_handle = case_handle;
  call.once = Chance(25);
  call.expire_ms = Now() + life_ms;
  consent_v1::CreateReleaseRequest request;
  request.set_form_version("model-1");
  request.set_form_hash(Base64UrlEncode(Sha256("form")));
  request.set_jurisdiction("TX");
  request.set_case_handle(case_handle);
  for (const int agency : call.to) {
    request.add_recipient_agency_ids(agencies_[static_cast<size_t>(agency)].id);
  }
  request.add_categories("needs");
  request.add_purposes("referral");
  request.set_action(call.once ? consent_v1::RELEASE_ACTION_ONCE
                               : consent_v1::RELEASE_ACTION_ONGOING);
  request.set_hub_named_as_intermediary(true);
  request.set_safe_contact_instruction_present(true);
  request.mutable_expire_time()->set_seconds(call.expire_ms / 1000);
  request.mutable_expire_time()->set_nanos(static_cast<int32_t>(call.expire_ms % 1000) * 1'000'000);
  Do<consent_v1::CreateReleaseResponse>(
      call, "/fairlead.consent.v1.ConsentService/CreateRelease", request,
      [this](const consent_v1::CreateReleaseResponse& response) {
        names_.Add(response.release().id(), static_cast<int>(release_protos_.size()));
        release_protos_.push_back(response.release());
      });
}

void Walker::SignAny() {
  const std::vector<Release>& all = model_.releases();
  int release = Below(static_cast<int>(all.size()));
  for (size_t i = all.size(); i-- > 0 && Chance(90);) {
    if (all[i].state == ReleaseState::kDraft) release = static_cast<int>(i);
  }
  const int discloser = all[static_cast<size_t>(release)].discloser;
  Sign(Chance(95) ? discloser : AnyAgency(), release);
}

void Walker::Sign(int by, int release) {
  Call call = NewCall(Verb::kSign, by, -1);
  call.release = release;
  consent_v1::SignReleaseRequest request;
  request.set_release_id(release_protos_[static_cast<size_t>(release)].id());
  consent_v1::Signature* signature = request.mutable_signature();
  signature->set_capacity(consent_v1::SIGNER_CAPACITY_SELF);
  signature->set_method(consent_v1::SIGNATURE_METHOD_WRITTEN);
  signature->set_artefact_id(coalition_.ids().New());
  signature->set_language("es");
  signature->set_plain_language_confirmed(true);
  signature->set_risks_and_alternatives_explained(true);
  request.set_not_a_condition_of_service(true);
  request.set_consequences_of_refusing_explained(true);
  request.set_right_to_revoke_explained(true);
  request.set_redisclosure_explained(true);
  request.set_copy_offered(true);
  Do<consent_v1::SignReleaseResponse>(call, "/fairlead.consent.v1.ConsentService/SignRelease",
                                      request, nullptr);
}

void Walker::RevokeAny() {
  const std::vector<Release>& all = model_.releases();
  const int release = Below(static_cast<int>(all.size()));
  // One that has expired is so at once to everybody who asks; in its own record, when it is swept.
  if (all[static_cast<size_t>(release)].state == ReleaseState::kExpired) return;
  // Whether a step of its clock or the end of its release comes first would be a toss.
  const bool is_toss = std::ranges::any_of(model_.referrals(), [release](const Referral& each) {
    return each.in_limbo && each.release == release;
  });
  if (is_toss) return;
  Call call = NewCall(Verb::kRevoke,
                      Chance(90) ? all[static_cast<size_t>(release)].discloser : AnyAgency(), -1);
  call.release = release;
  consent_v1::RevokeReleaseRequest request;
  request.set_release_id(release_protos_[static_cast<size_t>(release)].id());
  request.set_method(consent_v1::SIGNATURE_METHOD_WRITTEN);
  Do<consent_v1::RevokeReleaseResponse>(
      call, "/fairlead.consent.v1.ConsentService/RevokeRelease", request,
      [this, release](const consent_v1::RevokeReleaseResponse& response) {
        std::vector<int> openers;
        for (const std::string& id : response.agency_ids_that_opened()) {
          openers.push_back(names_.NumberOf(id));
        }
        std::ranges::sort(openers);
        if (openers != model_.Openers(release)) {
          Differ("who had opened under release " + std::to_string(release),
                 std::to_string(model_.Openers(release).size()), std::to_string(openers.size()));
        }
      });
  for (size_t i = model_.referrals().size(); i-- > 0 && !HasFailed();) {
    // At once: nothing opens any more, though the referrals may not have heard of it yet.
    if (model_.referrals()[i].in_limbo && model_.referrals()[i].release == release) {
      return AskLimbo(static_cast<int>(i));
    }
  }
}

void Walker::PlaceHold() {
  Call call = NewCall(Verb::kPlaceHold, AnyAgency(), -1);
  call.knows_beds = Chance(95);
  call.quantity = 1 + Below(2);
  call.reference = cases_[static_cast<size_t>(Below(static_cast<int>(cases_.size())))];
  const int lapse_min = 30 + 60 * Below(20);
  call.lapse_ms = lapse_min * 60LL * 1000;
  directory_v1::PlaceHoldRequest request;
  request.set_service_id(call.knows_beds ? beds_id_ : IdOf(-1));
  request.set_unit(directory_v1::CAPACITY_UNIT_BED);
  request.set_reference_id(call.reference);
  request.set_quantity(call.quantity);
  request.set_lapse_s(lapse_min * 60);
  Do<directory_v1::PlaceHoldResponse>(
      call, "/fairlead.directory.v1.CapacityService/PlaceHold", request,
      [this](const directory_v1::PlaceHoldResponse& response) {
        names_.Add(response.hold().id(), static_cast<int>(hold_ids_.size()));
        hold_ids_.push_back(response.hold().id());
        model_.beds().in_limbo = false;  // what had lapsed was given back before
      });
}

void Walker::EndHold(Verb verb) {
  const std::vector<Hold>& all = model_.holds();
  const int count = static_cast<int>(all.size());
  Call call = NewCall(verb, AnyAgency(), -1);
  for (int i = count - 1; i >= 0 && count - i < 20; --i) {
    const Hold& hold = all[static_cast<size_t>(i)];
    if (Chance(hold.state == HoldState::kPlaced ? 60 : 8)) call.hold = i;
    if (call.hold >= 0) break;
  }
  if (call.hold >= 0 && Chance(85)) {
    const int holder = all[static_cast<size_t>(call.hold)].holder;
    call.by = verb == Verb::kConsumeHold || Chance(40) ? kBedsOwner : holder;
  }
  const std::string id = call.hold < 0 ? IdOf(-1) : hold_ids_[static_cast<size_t>(call.hold)];
  if (verb == Verb::kConsumeHold) {
    directory_v1::ConsumeHoldRequest request;
    request.set_hold_id(id);
    Do<directory_v1::ConsumeHoldResponse>(
        call, "/fairlead.directory.v1.CapacityService/ConsumeHold", request, nullptr);
  } else {
    directory_v1::ReleaseHoldRequest request;
    request.set_hold_id(id);
    Do<directory_v1::ReleaseHoldResponse>(
        call, "/fairlead.directory.v1.CapacityService/ReleaseHold", request, nullptr);
  }
}

void Walker::SayBeds() {
  if (model_.beds().in_limbo) return;
  Call call = NewCall(Verb::kSayBeds, Chance(90) ? kBedsOwner : AnyAgency(), -1);
  call.available = Below(kMostBeds + 1);
  call.accepting = Chance(85);
  directory_v1::UpdateCapacityRequest request;
  request.set_service_id(beds_id_);
  request.set_unit(directory_v1::CAPACITY_UNIT_BED);
  request.set_available(call.available);
  request.set_accepting(call.accepting);
  Do<directory_v1::UpdateCapacityResponse>(
      call, "/fairlead.directory.v1.CapacityService/UpdateCapacity", request, nullptr);
}

void Walker::ReadBeds() {
  if (model_.beds().in_limbo && !TryToSettleBeds()) return;
  const int by = AnyAgency();
  directory_v1::GetCapacityRequest request;
  request.set_service_id(beds_id_);
  request.set_unit(directory_v1::CAPACITY_UNIT_BED);
  const auto reply = Insist<directory_v1::GetCapacityResponse>(
      by, "/fairlead.directory.v1.CapacityService/GetCapacity", request);
  ++steps_;
  if (!reply) return Differ("GetCapacity", "", ToString(reply.error()));
  const auto text = [](int available, int held, bool accepting) {
    return std::to_string(available) + " free, " + std::to_string(held) + " held" +
           (accepting ? "" : ", closed");
  };
  const Beds& beds = model_.beds();
  const std::string model = text(beds.available, by == kBedsOwner ? beds.held : 0, beds.accepting);
  const directory_v1::Capacity& seen = reply->capacity();
  const std::string hub = text(seen.available(), seen.held(), seen.accepting());
  if (model != hub) Differ("the beds that agency " + std::to_string(by) + " sees", model, hub);
}

void Walker::ReadHolds() {
  if (model_.beds().in_limbo) return;
  const int by = AnyAgency();
  const bool received = by == kBedsOwner && Chance(50);
  directory_v1::ListHoldsRequest request;
  request.set_box(received ? directory_v1::HOLD_BOX_RECEIVED : directory_v1::HOLD_BOX_PLACED);
  const auto reply = Insist<directory_v1::ListHoldsResponse>(
      by, "/fairlead.directory.v1.CapacityService/ListHolds", request);
  ++steps_;
  if (!reply) return Differ("ListHolds", "", ToString(reply.error()));
  std::string model;
  std::string hub;
  for (size_t i = model_.holds().size(); i-- > 0;) {
    const Hold& hold = model_.holds()[i];
    if (hold.state != HoldState::kPlaced || (!received && hold.holder != by)) continue;
    model += " " + std::to_string(i) + "x" + std::to_string(hold.quantity);
  }
  for (const directory_v1::Hold& hold : reply->holds()) {
    hub += " " + std::to_string(names_.NumberOf(hold.id())) + "x" + std::to_string(hold.quantity());
  }
  if (model != hub) Differ("the holds that agency " + std::to_string(by) + " sees", model, hub);
}

void Walker::ReadRelease(int by, int release) {
  const Release& it = model_.releases()[static_cast<size_t>(release)];
  consent_v1::GetReleaseRequest request;
  request.set_release_id(release_protos_[static_cast<size_t>(release)].id());
  const auto reply = Insist<consent_v1::GetReleaseResponse>(
      by, "/fairlead.consent.v1.ConsentService/GetRelease", request);
  ++steps_;
  const bool was_sent_to = std::ranges::any_of(
      it.disclosures, [by](const Disclosure& each) { return !each.opened && each.to == by; });
  const bool sees = it.discloser == by || was_sent_to;
  const std::string reason = reply ? "" : reply.error().reason;
  if (reason != (sees ? "" : "RELEASE_NOT_FOUND")) {
    return Differ("GetRelease by " + std::to_string(by), sees ? "" : "RELEASE_NOT_FOUND", reason);
  }
  if (!sees) return;
  const int state = reply->release().state();
  // Until it is swept, one that has expired is active in name.
  const bool in_name = it.state == ReleaseState::kExpired && state == 2;
  if (!in_name && state != static_cast<int>(it.state)) {
    Differ("the state of release " + std::to_string(release),
           std::to_string(static_cast<int>(it.state)), std::to_string(state));
  }
}

void Walker::ReadDisclosures(int by, int release) {
  consent_v1::ListDisclosuresRequest request;
  request.set_release_id(release_protos_[static_cast<size_t>(release)].id());
  constexpr int kPage = 100;
  request.set_page_size(kPage);
  const std::vector<std::string> model = model_.Disclosures(release, by);
  if (static_cast<int>(model.size()) >= kPage) return;
  const auto reply = Insist<consent_v1::ListDisclosuresResponse>(
      by, "/fairlead.consent.v1.ConsentService/ListDisclosures", request);
  ++steps_;
  if (!reply) return Differ("ListDisclosures", "", ToString(reply.error()));
  // But for openings that may have been logged twice.
  const auto certain = [this](std::vector<std::string> lines) {
    for (size_t i = 0; i < model_.referrals().size(); ++i) {
      const std::string opened = "opened referral " + std::to_string(i) + " ";
      if (!model_.referrals()[i].is_uncertain) continue;
      std::erase_if(lines, [&](const std::string& line) { return line.starts_with(opened); });
    }
    return Joined(lines);
  };
  const std::string hub = certain(TextOf(*reply, names_));
  if (hub != certain(model)) {
    Differ("the disclosures under release " + std::to_string(release), certain(model), hub);
  }
}

}  // namespace fairlead::model
