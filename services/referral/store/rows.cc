#include "services/referral/store/rows.h"

#include <algorithm>

#include <cstdlib>

#include "services/common/base/encoding.h"
#include "services/common/base/text.h"

namespace fairlead::referral {

Referral ToReferral(const storage::Row& row) {
  Referral r;
  r.id = row.Text(0);
  r.sender_agency_id = row.Text(1);
  r.case_handle = row.Text(2);
  DecodeFacets(row.Text(5), r.facets);
  r.facets.need_code = row.Text(3);
  r.facets.urgency = static_cast<Urgency>(row.Int(4));
  r.state = static_cast<ReferralState>(row.Int(6));
  r.release_id = row.Text(7);
  r.release_hash = row.Text(8);
  r.purpose = row.Text(9);
  r.categories = Split(row.Text(10), ' ');
  r.create_ms = row.Int(11);
  r.update_ms = row.Int(12);
  r.reason_code = row.Text(13);
  r.outcome_code = row.Text(14);
  r.version = row.Int(15);
  r.mode = static_cast<Mode>(row.Int(16));
  r.packet_id = row.Text(17);
  r.packet_version = row.Int(18);
  return r;
}

Offer ToOffer(const storage::Row& row) {
  Offer o;
  o.id = row.Text(0);
  o.referral_id = row.Text(1);
  o.recipient_agency_id = row.Text(2);
  o.service_id = row.Text(3);
  o.state = static_cast<OfferState>(row.Int(4));
  o.reason_code = row.Text(5);
  o.send_ms = row.Int(6);
  o.deliver_ms = row.Int(7);
  o.open_ms = row.Int(8);
  o.decide_ms = row.Int(9);
  o.ladder = {.remind_ms = row.Int(10),
              .escalate_admin_ms = row.Int(11),
              .escalate_coordinator_ms = row.Int(12),
              .expire_ms = row.Int(13)};
  o.next_step = static_cast<Step>(row.Int(14));  // and next_due_ms follows from both
  o.answer = static_cast<Answer>(row.Int(16));
  o.nudge_ms = row.Int(17);
  o.questions = DecodeQuestions(row.Text(18));
  o.opened_version = row.Int(19);
  return o;
}

void KeepOne(std::vector<Offer>& offers, const std::string& id) {
  if (offers.empty()) return;
  auto kept = std::ranges::find_if(offers, [&](const Offer& offer) {
    return id.empty() ? offer.state == OfferState::kAccepted : offer.id == id;
  });
  if (kept == offers.end()) kept = std::prev(offers.end());
  offers = {std::move(*kept)};
}

StoredPacket ToStoredPacket(const storage::Row& row, const std::string& referral_id) {
  return {.referral_id = referral_id,
          .protected_b64 = row.Text(0),
          .iv = row.Bytes(1),
          .ciphertext = row.Bytes(2),
          .tag = row.Bytes(3),
          .recipients = DecodeRecipients(row.Text(4))};
}

std::string EncodeFacets(const Facets& f) {
  std::string text = f.age_band;
  text += '|' + std::to_string(f.household_size);
  text += '|' + Join(f.household_codes, ' ');
  text += '|' + Join(f.languages, ' ');
  text += '|' + f.county;
  text += '|' + Join(f.accessibility_codes, ' ');
  text += '|' + f.exploitation_type;
  return text;
}

void DecodeFacets(std::string_view text, Facets& f) {
  std::vector<std::string> parts = Split(text, '|');
  parts.resize(7);
  f.age_band = parts[0];
  f.household_size = std::atoll(parts[1].c_str());
  f.household_codes = Split(parts[2], ' ');
  f.languages = Split(parts[3], ' ');
  f.county = parts[4];
  f.accessibility_codes = Split(parts[5], ' ');
  f.exploitation_type = parts[6];
}

std::string EncodeQuestions(const std::vector<AskedQuestion>& questions) {
  std::vector<std::string> lines;
  for (const AskedQuestion& q : questions) {
    std::string line = q.code + ' ' + std::to_string(q.ask_ms);
    if (!q.waits()) {
      line += ' ' + q.answer_code + ' ' + std::to_string(q.answer_ms);
      line += ' ' + std::to_string(q.answers);
    }
    lines.push_back(std::move(line));
  }
  return Join(lines, '\n');
}

std::vector<AskedQuestion> DecodeQuestions(std::string_view text) {
  std::vector<AskedQuestion> questions;
  for (const std::string& line : Split(text, '\n')) {
    std::vector<std::string> parts = Split(line, ' ');
    parts.resize(5);
    questions.push_back({.code = parts[0],
                         .ask_ms = std::atoll(parts[1].c_str()),
                         .answer_code = parts[2],
                         .answer_ms = std::atoll(parts[3].c_str()),
                         .answers = std::atoll(parts[4].c_str())});
  }
  return questions;
}

std::string EncodeRecipients(const std::vector<PacketRecipient>& recipients) {
  std::string text;
  for (const PacketRecipient& r : recipients) {
    if (!text.empty()) text += '\n';
    text += Join({r.agency_id, r.kid, Base64UrlEncode(r.epk_x), Base64UrlEncode(r.epk_y),
                  Base64UrlEncode(r.custody_wrapped)},
                 ' ');
    if (r.generation > 0) text += ' ' + r.resealed_to_kid + ' ' + std::to_string(r.generation);
  }
  return text;
}

std::vector<PacketRecipient> DecodeRecipients(std::string_view text) {
  std::vector<PacketRecipient> recipients;
  for (const std::string& line : Split(text, '\n')) {
    std::vector<std::string> parts = Split(line, ' ');
    parts.resize(7);
    recipients.push_back({.agency_id = parts[0],
                          .kid = parts[1],
                          .epk_x = Base64UrlDecode(parts[2]).value_or(""),
                          .epk_y = Base64UrlDecode(parts[3]).value_or(""),
                          .custody_wrapped = Base64UrlDecode(parts[4]).value_or(""),
                          .resealed_to_kid = parts[5],
                          .generation = std::atoll(parts[6].c_str())});
  }
  return recipients;
}

}  // namespace fairlead::referral
