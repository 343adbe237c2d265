#include "services/messaging/translate.h"

#include <utility>

#include "services/common/rpc/proto_time.h"
#include "services/messaging/commands/sealing.h"

namespace fairlead::messaging {

using rpc::SetRepeated;
using rpc::SetTime;
using rpc::ToVector;

v1::Thread ToProto(Thread thread, const std::string& viewer_agency_id) {
  v1::Thread out;
  out.set_id(thread.id);
  out.set_kind(v1::THREAD_KIND_AGENCIES);
  for (const Party& party : thread.parties) {
    v1::ThreadParticipant* participant = out.add_participants();
    participant->set_agency_id(party.agency_id);
    participant->set_delivered_sequence(party.delivered_sequence);
    participant->set_read_sequence(party.read_sequence);
  }
  SetTime(thread.create_ms, [&] { return out.mutable_create_time(); });
  SetTime(thread.last_ms, [&] { return out.mutable_last_message_time(); });
  out.set_last_sequence(thread.last_sequence);
  out.set_unread_count(thread.PartyOf(viewer_agency_id).unread);
  return out;
}

v1::Message ToProto(const Message& message, Thread thread, const std::string& viewer_agency_id) {
  v1::Message out;
  out.set_id(message.id);
  out.set_thread_id(message.thread_id);
  out.set_sequence(message.sequence);
  out.set_from_agency_id(message.from_agency_id);
  if (message.from_agency_id == viewer_agency_id) out.set_staff_id(message.staff_id);
  SetTime(message.create_ms, [&] { return out.mutable_create_time(); });
  SetTime(message.edit_ms, [&] { return out.mutable_edit_time(); });
  out.set_revision(static_cast<int32_t>(message.revision));
  out.set_deleted(message.deleted);
  SetTime(message.expire_ms, [&] { return out.mutable_expire_time(); });
  out.set_sealed(SealedFor(message.sealed, viewer_agency_id));
  out.set_etag(Etag(message));
  const Party& reader = thread.OtherThan(message.from_agency_id);
  out.set_delivered(message.sequence <= reader.delivered_sequence);
  out.set_read(message.sequence <= reader.read_sequence);
  return out;
}

v1::Channel ToProto(const Channel& channel, const auth::Actor& viewer) {
  v1::Channel out;
  out.set_id(channel.id);
  out.set_name(channel.name);
  out.set_kind(static_cast<v1::ChannelKind>(channel.kind));
  SetRepeated(channel.agency_kinds, out.mutable_agency_kinds());
  out.set_law_enforcement(channel.law_enforcement);
  out.set_post_days(static_cast<int32_t>(channel.post_days));
  out.set_closed(channel.closed);
  SetTime(channel.create_ms, [&] { return out.mutable_create_time(); });
  out.set_etag(Etag(channel));
  const bool coordinator = viewer.Has(auth::Role::kCoordinator);
  const bool has_verbs =
      channel.kind == ChannelKind::kBedCalls || channel.kind == ChannelKind::kAlerts;
  const bool writes = !viewer.Has(auth::Role::kAuditor) || viewer.roles.size() > 1;
  out.set_writable(has_verbs ? writes && !channel.closed
                             : writes && CheckWriter(channel, coordinator).has_value());
  return out;
}

v1::Post ToProto(const Post& post) {
  v1::Post out;
  out.set_id(post.id);
  out.set_channel_id(post.channel_id);
  out.set_agency_id(post.agency_id);
  out.set_staff_id(post.staff_id);
  out.set_title(post.title);
  out.set_text(post.text);
  SetRepeated(post.tags, out.mutable_tags());
  out.set_pinned(post.pinned);
  SetTime(post.create_ms, [&] { return out.mutable_create_time(); });
  SetTime(post.expire_ms, [&] { return out.mutable_expire_time(); });
  out.set_reply_to_post_id(post.reply_to_post_id);
  out.set_reply_count(static_cast<int32_t>(post.reply_count));
  return out;
}

v1::Post WithoutText(Post post) {
  post.title.clear();
  post.text.clear();
  return ToProto(post);
}

BedNeed FromProto(const v1::BedNeed& need) {
  return {.need_code = need.need_code(),
          .urgency = static_cast<Urgency>(need.urgency()),
          .age_band = need.age_band(),
          .household_band = need.household_band(),
          .household_codes = ToVector(need.household_codes()),
          .languages = ToVector(need.languages()),
          .county = need.county(),
          .accessibility_codes = ToVector(need.accessibility_codes())};
}

v1::BedCall ToProto(const BedCall& call, const std::string& viewer_agency_id, int64_t now_ms) {
  v1::BedCall out;
  out.set_id(call.id);
  out.set_channel_id(call.channel_id);
  out.set_agency_id(call.agency_id);
  v1::BedNeed* need = out.mutable_need();
  need->set_need_code(call.need.need_code);
  need->set_urgency(static_cast<v1::BedCallUrgency>(call.need.urgency));
  need->set_age_band(call.need.age_band);
  need->set_household_band(call.need.household_band);
  SetRepeated(call.need.household_codes, need->mutable_household_codes());
  SetRepeated(call.need.languages, need->mutable_languages());
  need->set_county(call.need.county);
  SetRepeated(call.need.accessibility_codes, need->mutable_accessibility_codes());
  // Over from the second its time is over, whether or not its clock has run.
  const bool lapsed = call.state == CallState::kOpen && call.until_ms <= now_ms;
  out.set_state(static_cast<v1::BedCallState>(lapsed ? CallState::kLapsed : call.state));
  SetTime(call.create_ms, [&] { return out.mutable_create_time(); });
  SetTime(call.until_ms, [&] { return out.mutable_until_time(); });
  SetTime(lapsed ? call.until_ms : call.end_ms, [&] { return out.mutable_end_time(); });
  const bool asks = call.agency_id == viewer_agency_id;
  int counts[4] = {};
  for (const CallAnswer& answer : call.answers) {
    counts[static_cast<int>(answer.answer)] += 1;
    if (!asks && answer.agency_id != viewer_agency_id) continue;
    v1::BedCallAnswer* said = out.add_answers();
    said->set_agency_id(answer.agency_id);
    said->set_answer(static_cast<v1::BedAnswer>(answer.answer));
    said->set_unit(answer.unit);
    said->set_units(static_cast<int32_t>(answer.units));
    said->set_service_id(answer.service_id);
    SetTime(answer.answer_ms, [&] { return said->mutable_answer_time(); });
  }
  out.set_yes_count(counts[1]);
  out.set_maybe_count(counts[2]);
  out.set_no_count(counts[3]);
  if (asks || call.taken_agency_id == viewer_agency_id) {
    out.set_taken_agency_id(call.taken_agency_id);
  }
  if (asks) out.set_referral_id(call.referral_id);
  out.set_etag(Etag(call));
  return out;
}

v1::Alert ToProto(const Alerted& alerted, const auth::Actor& viewer) {
  const Alert& alert = alerted.alert;
  v1::Alert out;
  out.set_id(alert.id);
  out.set_channel_id(alert.channel_id);
  out.set_agency_id(alert.agency_id);
  out.set_title(alert.title);
  out.set_text(alert.text);
  out.set_urgency(static_cast<v1::AlertUrgency>(alert.urgency));
  SetTime(alert.create_ms, [&] { return out.mutable_create_time(); });
  SetTime(alert.ladder.remind_ms, [&] { return out.mutable_remind_time(); });
  SetTime(alert.ladder.admin_ms, [&] { return out.mutable_escalate_admin_time(); });
  SetTime(alert.ladder.coordinator_ms, [&] { return out.mutable_escalate_coordinator_time(); });
  SetTime(alert.expire_ms, [&] { return out.mutable_expire_time(); });
  if (alerted.own) {
    SetTime(alerted.own->acknowledge_ms, [&] { return out.mutable_acknowledge_time(); });
    out.set_waits_for_you(alerted.own->step != AlertStep::kAcknowledged);
  }
  const bool counts = alert.agency_id == viewer.agency_id || viewer.Has(auth::Role::kCoordinator);
  if (!counts) return out;
  out.set_agency_count(static_cast<int32_t>(alert.agency_count));
  out.set_acknowledged_count(static_cast<int32_t>(alert.acknowledged_count));
  return out;
}

v1::Alert WithoutText(Alerted alerted, const auth::Actor& viewer) {
  alerted.alert.title.clear();
  alerted.alert.text.clear();
  return ToProto(alerted, viewer);
}

v1::AlertAgency ToProto(const AlertAgency& agency) {
  v1::AlertAgency out;
  out.set_agency_id(agency.agency_id);
  out.set_step(static_cast<v1::AlertStep>(agency.step));
  SetTime(agency.acknowledge_ms, [&] { return out.mutable_acknowledge_time(); });
  return out;
}

}  // namespace fairlead::messaging
