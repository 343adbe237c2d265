#include "services/consent/store/release_rows.h"

#include <cstdlib>

#include "services/common/base/text.h"

namespace fairlead::consent {

using storage::Row;

std::string EncodeSignature(const Signature& s) {
  const auto flag = [](bool value) { return std::string(value ? "1" : "0"); };
  return Join({std::to_string(static_cast<int>(s.capacity)),
               std::to_string(static_cast<int>(s.method)), std::to_string(s.sign_ms),
               s.artefact_id.empty() ? "-" : s.artefact_id, s.language.empty() ? "-" : s.language,
               flag(s.attests_not_the_abuser) + flag(s.minor_cosigned) + flag(s.interpreter_used) +
                   flag(s.witnessed) + flag(s.plain_language_confirmed) +
                   flag(s.risks_and_alternatives_explained),
               std::to_string(s.minor_age)},
              ' ');
}

Signature DecodeSignature(std::string_view text) {
  const std::vector<std::string> parts = Split(text, ' ');
  Signature s;
  // Those of before there were ages have one part less. Incomplete: releases nothing.
  if (parts.size() < 6 || parts.size() > 7 || parts[5].size() != 6) return s;
  s.capacity = static_cast<Capacity>(std::atoi(parts[0].c_str()));
  s.method = static_cast<Method>(std::atoi(parts[1].c_str()));
  s.sign_ms = std::atoll(parts[2].c_str());
  if (parts[3] != "-") s.artefact_id = parts[3];
  if (parts[4] != "-") s.language = parts[4];
  const std::string& flags = parts[5];
  s.attests_not_the_abuser = flags[0] == '1';
  s.minor_cosigned = flags[1] == '1';
  s.interpreter_used = flags[2] == '1';
  s.witnessed = flags[3] == '1';
  s.plain_language_confirmed = flags[4] == '1';
  s.risks_and_alternatives_explained = flags[5] == '1';
  if (parts.size() == 7) s.minor_age = std::atoi(parts[6].c_str());
  return s;
}

std::string EncodeWithdrawal(const Withdrawal& w) {
  if (w == Withdrawal()) return "";
  const auto word = [](const std::string& text) { return text.empty() ? std::string("-") : text; };
  return Join({std::to_string(static_cast<int>(w.method)), word(w.staff_id),
               std::to_string(static_cast<int>(w.confirm_method)), word(w.confirm_artefact_id),
               word(w.confirm_staff_id), std::to_string(w.confirm_ms)},
              ' ');
}

Withdrawal DecodeWithdrawal(std::string_view text) {
  const std::vector<std::string> parts = Split(text, ' ');
  Withdrawal w;
  if (parts.size() != 6) return w;
  const auto word = [](const std::string& part) { return part == "-" ? std::string() : part; };
  w.method = static_cast<Method>(std::atoi(parts[0].c_str()));
  w.staff_id = word(parts[1]);
  w.confirm_method = static_cast<Method>(std::atoi(parts[2].c_str()));
  w.confirm_artefact_id = word(parts[3]);
  w.confirm_staff_id = word(parts[4]);
  w.confirm_ms = std::atoll(parts[5].c_str());
  return w;
}

int64_t EncodeStatements(const Release& r) {
  int64_t bits = 0;
  int position = 0;
  for (const bool value :
       {r.not_a_condition_of_service, r.consequences_of_refusing_explained,
        r.right_to_revoke_explained, r.redisclosure_explained, r.safe_contact_instruction_present,
        r.contact_prohibited, r.copy_offered}) {
    if (value) bits |= 1LL << position;
    ++position;
  }
  return bits;
}

void DecodeStatements(int64_t bits, Release& r) {
  int position = 0;
  for (bool* value :
       {&r.not_a_condition_of_service, &r.consequences_of_refusing_explained,
        &r.right_to_revoke_explained, &r.redisclosure_explained,
        &r.safe_contact_instruction_present, &r.contact_prohibited, &r.copy_offered}) {
    *value = ((bits >> position) & 1) != 0;
    ++position;
  }
}

Release ToRelease(const Row& row) {
  Release r;
  r.id = row.Text(0);
  r.form_version = row.Text(1);
  r.form_hash = row.Text(2);
  r.jurisdiction = row.Text(3);
  r.case_handle = row.Text(4);
  r.discloser_agency_id = row.Text(5);
  r.recipient_agency_ids = Split(row.Text(6), ' ');
  r.hub_named_as_intermediary = row.Bool(7);
  r.categories = Split(row.Text(8), ' ');
  r.excluded_categories = Split(row.Text(9), ' ');
  r.purposes = Split(row.Text(10), ' ');
  r.action = static_cast<Action>(row.Int(11));
  r.two_way = row.Bool(12);
  r.effective_ms = row.Int(13);
  r.expire_ms = row.Int(14);
  r.signature = DecodeSignature(row.Text(15));
  DecodeStatements(row.Int(16), r);
  r.state = static_cast<State>(row.Int(17));
  r.create_ms = row.Int(18);
  r.sign_ms = row.Int(19);
  r.revoke_ms = row.Int(20);
  r.release_hash = row.Text(21);
  r.version = row.Int(22);
  r.state_ms = row.Int(23);
  r.state_staff_id = row.Text(24);
  r.sign_staff_id = row.Text(25);
  r.signed_hash = row.Text(26);
  r.supersedes_id = row.Text(27);
  r.superseded_by_id = row.Text(28);
  r.withdrawal = DecodeWithdrawal(row.Text(29));
  return r;
}

Disclosure ToDisclosure(const Row& row) {
  return {.id = row.Text(0),
          .release_id = row.Text(1),
          .case_handle = row.Text(2),
          .discloser_agency_id = row.Text(3),
          .referral_id = row.Text(4),
          .recipient_agency_id = row.Text(5),
          .staff_id = row.Text(6),
          .categories = Split(row.Text(7), ' '),
          .purpose = row.Text(8),
          .kind = row.Text(9),
          .time_ms = row.Int(10),
          .break_glass_id = row.Text(11)};
}

DestroyNotice ToNotice(const Row& row) {
  return {.id = row.Text(0),
          .release_id = row.Text(1),
          .discloser_agency_id = row.Text(2),
          .recipient_agency_id = row.Text(3),
          .referral_ids = Split(row.Text(4), ' '),
          .cause = row.Text(5),
          .create_ms = row.Int(6),
          .outcome = static_cast<Outcome>(row.Int(7)),
          .acknowledge_ms = row.Int(8),
          .acknowledge_staff_id = row.Text(9)};
}

}  // namespace fairlead::consent
