#include "services/consent/domain/release.h"

#include <algorithm>
#include <array>

#include "services/common/base/encoding.h"
#include "services/common/base/release_hash.h"
#include "services/common/base/text.h"
#include "services/common/base/us_states.h"

namespace fairlead::consent {
namespace {

constexpr std::array<std::string_view, 10> kCategories = {
    "identity",    "safe_contact", "needs",     "health",    "legal",
    "immigration", "children",     "narrative", "documents", "substance_use_part2"};
constexpr std::array<std::string_view, 6> kPurposes = {"referral",        "service_coordination",
                                                       "safety_planning", "legal_representation",
                                                       "treatment",       "benefits"};

template <size_t N>
bool IsOneOf(const std::array<std::string_view, N>& known, std::string_view code) {
  return std::find(known.begin(), known.end(), code) != known.end();
}

}  // namespace

bool IsCategory(std::string_view code) { return IsOneOf(kCategories, code); }
bool IsPurpose(std::string_view code) { return IsOneOf(kPurposes, code); }

std::string ReleaseHash(const Release& release) {
  return fairlead::ReleaseHash(
      ReleaseElements{.id = release.id,
                      .form_version = release.form_version,
                      .form_hash = release.form_hash,
                      .jurisdiction = release.jurisdiction,
                      .case_handle = release.case_handle,
                      .discloser_agency_id = release.discloser_agency_id,
                      .recipient_agency_ids = release.recipient_agency_ids,
                      .hub_named_as_intermediary = release.hub_named_as_intermediary,
                      .categories = release.categories,
                      .excluded_categories = release.excluded_categories,
                      .purposes = release.purposes,
                      .action = static_cast<int>(release.action),
                      .two_way = release.two_way,
                      .effective_ms = release.effective_ms,
                      .expire_ms = release.expire_ms});
}

std::string SignedHash(const Release& release) {
  const Signature& signature = release.signature;
  std::string text = "fairlead-signed-release-v1\n" + ReleaseHash(release) + '\n';
  for (const std::string& word : {signature.artefact_id, signature.language,
                                  release.sign_staff_id}) {
    text += word + '\n';
  }
  for (const int64_t number :
       {static_cast<int64_t>(signature.capacity), static_cast<int64_t>(signature.method),
        signature.sign_ms, release.sign_ms}) {
    text += std::to_string(number) + '\n';
  }
  for (const bool said :
       {signature.attests_not_the_abuser, signature.minor_cosigned, signature.interpreter_used,
        signature.witnessed, signature.plain_language_confirmed,
        signature.risks_and_alternatives_explained, release.not_a_condition_of_service,
        release.consequences_of_refusing_explained, release.right_to_revoke_explained,
        release.redisclosure_explained, release.safe_contact_instruction_present,
        release.contact_prohibited, release.copy_offered}) {
    text += said ? '1' : '0';
  }
  // What was signed before there were ages hashes as it did then.
  if (signature.minor_age > 0) text += '\n' + std::to_string(signature.minor_age);
  return Base64UrlEncode(Sha256(text));
}

Result<void> Move(Release& release, State to, int64_t now_ms, const std::string& staff_id) {
  FAIRLEAD_RETURN_IF_ERROR(CheckMove(release.state, to));
  release.state = to;
  release.state_ms = now_ms;
  release.state_staff_id = staff_id;
  return {};
}

std::vector<std::string> MissingElements(const Release& release) {
  std::vector<std::string> missing;
  const auto need = [&missing](bool there, const char* name) {
    if (!there) missing.emplace_back(name);
  };
  need(!release.form_version.empty(), "form_version");
  need(!release.form_hash.empty(), "form_hash");
  need(!release.jurisdiction.empty(), "jurisdiction");
  need(!release.case_handle.empty(), "case_handle");
  need(!release.discloser_agency_id.empty(), "discloser_agency_id");
  need(!release.recipient_agency_ids.empty(), "recipient_agency_ids");
  need(release.hub_named_as_intermediary, "hub_named_as_intermediary");
  need(!release.categories.empty(), "categories");
  need(!release.purposes.empty(), "purposes");
  need(release.action != Action::kUnspecified, "action");
  need(release.effective_ms > 0, "effective_time");
  need(release.expire_ms > 0, "expire_time");
  const Signature& signature = release.signature;
  need(signature.capacity != Capacity::kUnspecified, "signature.capacity");
  need(signature.method != Method::kUnspecified, "signature.method");
  need(signature.sign_ms > 0, "signature.sign_time");
  need(!signature.artefact_id.empty(), "signature.artefact_id");
  need(!signature.language.empty(), "signature.language");
  need(signature.plain_language_confirmed, "signature.plain_language_confirmed");
  need(signature.risks_and_alternatives_explained, "signature.risks_and_alternatives_explained");
  need(release.not_a_condition_of_service, "not_a_condition_of_service");
  need(release.consequences_of_refusing_explained, "consequences_of_refusing_explained");
  need(release.right_to_revoke_explained, "right_to_revoke_explained");
  need(release.redisclosure_explained, "redisclosure_explained");
  need(release.safe_contact_instruction_present || release.contact_prohibited,
       "safe_contact_instruction_present");
  need(release.copy_offered, "copy_offered");
  need(release.state_ms > 0, "state_time");
  // Of what is in force a person has recorded the signature.
  need(release.state != State::kActive || release.sign_ms > 0, "sign_time");
  need(release.state != State::kActive || !release.sign_staff_id.empty(), "sign_staff_id");
  return missing;
}

Result<void> CompleteDraft(Release& release, int64_t now_ms) {
  const auto invalid = [](const char* reason, std::string message) {
    return Fail(Code::kInvalidArgument, reason, std::move(message));
  };
  if (!IsUsState(release.jurisdiction)) {
    return invalid("INVALID_JURISDICTION",
                   "The jurisdiction is a US state's two capital letters, such as TX.");
  }
  for (const auto* list : {&release.categories, &release.excluded_categories}) {
    for (const std::string& code : *list) {
      if (!IsCategory(code)) return invalid("UNKNOWN_CATEGORY", "No such data category: " + code);
    }
  }
  for (const std::string& code : release.excluded_categories) {
    if (Contains(release.categories, code)) {
      return invalid("CATEGORY_BOTH_WAYS", "A category is both released and excluded: " + code);
    }
  }
  for (const std::string& code : release.purposes) {
    if (!IsPurpose(code)) return invalid("UNKNOWN_PURPOSE", "No such purpose: " + code);
  }
  if (Contains(release.recipient_agency_ids, release.discloser_agency_id)) {
    return invalid("RECIPIENT_IS_DISCLOSER", "An agency needs no release to itself.");
  }
  if (release.effective_ms == 0) release.effective_ms = now_ms;
  if (release.expire_ms == 0) release.expire_ms = release.effective_ms + kDefaultLifeMs;
  if (release.expire_ms <= now_ms) {
    return invalid("EXPIRY_IN_THE_PAST", "The release would have expired already.");
  }
  if (release.expire_ms <= release.effective_ms) {
    return invalid("EXPIRY_BEFORE_EFFECTIVE", "The release would expire before it takes effect.");
  }
  if (release.expire_ms - std::max(now_ms, release.effective_ms) > kLongestLifeMs) {
    return invalid("EXPIRY_TOO_FAR", "A release lasts at most 365 days.");
  }
  release.recipient_agency_ids = SortedUnique(std::move(release.recipient_agency_ids));
  release.categories = SortedUnique(std::move(release.categories));
  release.excluded_categories = SortedUnique(std::move(release.excluded_categories));
  release.purposes = SortedUnique(std::move(release.purposes));
  return {};
}

Result<void> CheckSuccession(const Release& draft, const Release& old, int64_t now_ms) {
  FAIRLEAD_RETURN_IF_ERROR(CheckMove(old.state, State::kSuperseded));
  if (old.case_handle != draft.case_handle) {
    return Fail(Code::kInvalidArgument, "SUPERSEDES_ANOTHER_CASE",
                "A release takes the place of one of the same case.",
                {{"field", "supersedes_release_id"}});
  }
  if (draft.effective_ms > now_ms) {
    return Fail(Code::kInvalidArgument, "SUCCESSOR_TAKES_EFFECT_LATER",
                "A release that replaces another takes effect when it is signed: until then there "
                "would be neither.",
                {{"field", "effective_time"}});
  }
  return {};
}

}  // namespace fairlead::consent
