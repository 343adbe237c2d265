#include "services/consent/domain/decision.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "services/common/base/text.h"

namespace fairlead::consent {
namespace {

constexpr int64_t kNow = 1'800'000'000'000;

Release Complete() {
  Release r;
  r.id = "01900000-0000-7000-8000-000000000001";
  r.form_version = "2026-1";
  r.form_hash = std::string(43, 'A');
  r.jurisdiction = "TX";
  r.case_handle = "01900000-0000-7000-8000-000000000002";
  r.discloser_agency_id = "01900000-0000-7000-8000-00000000000a";
  r.recipient_agency_ids = {"01900000-0000-7000-8000-00000000000b"};
  r.hub_named_as_intermediary = true;
  r.categories = {"identity", "needs"};
  r.excluded_categories = {"legal"};
  r.purposes = {"referral"};
  r.action = Action::kOngoing;
  r.effective_ms = kNow - 1000;
  r.expire_ms = kNow + kDayMs;
  r.signature = {.capacity = Capacity::kSelf,
                 .method = Method::kWritten,
                 .sign_ms = kNow - 1000,
                 .artefact_id = "01900000-0000-7000-8000-000000000003",
                 .language = "es",
                 .plain_language_confirmed = true,
                 .risks_and_alternatives_explained = true};
  r.not_a_condition_of_service = true;
  r.consequences_of_refusing_explained = true;
  r.right_to_revoke_explained = true;
  r.redisclosure_explained = true;
  r.safe_contact_instruction_present = true;
  r.copy_offered = true;
  r.state = State::kActive;
  r.state_ms = kNow - 500;
  r.sign_ms = kNow - 500;
  r.sign_staff_id = "01900000-0000-7000-8000-000000000004";
  r.release_hash = ReleaseHash(r);
  r.signed_hash = SignedHash(r);
  return r;
}

Use Allowed(const Release& r) {
  return {.agency_id = r.recipient_agency_ids.at(0),
          .purpose = "referral",
          .categories = {"needs"},
          .release_hash = r.release_hash};
}

std::string ReasonOf(const Release& r, const Use& use, int64_t now_ms = kNow) {
  const Result<void> decision = Decide(r, use, SignerRules(), now_ms);
  if (decision) return "allowed";
  EXPECT_EQ(decision.error().code, Code::kPermissionDenied);
  return decision.error().reason;
}

TEST(DecisionTest, AllowsWhatTheReleaseAllows) {
  const Release r = Complete();
  EXPECT_EQ(ReasonOf(r, Allowed(r)), "allowed");
  Use own = Allowed(r);
  own.agency_id = r.discloser_agency_id;
  EXPECT_EQ(ReasonOf(r, own), "allowed");
}

// Every element of standards.md in turn: without it there is a denial, even when the hashes are
// made to fit the mutilated release.
TEST(DecisionTest, EveryElementIsNeeded) {
  const std::map<std::string, std::function<void(Release&)>> drops = {
      {"form_version", [](Release& r) { r.form_version.clear(); }},
      {"form_hash", [](Release& r) { r.form_hash.clear(); }},
      {"jurisdiction", [](Release& r) { r.jurisdiction.clear(); }},
      {"case_handle", [](Release& r) { r.case_handle.clear(); }},
      {"discloser_agency_id", [](Release& r) { r.discloser_agency_id.clear(); }},
      {"recipient_agency_ids", [](Release& r) { r.recipient_agency_ids.clear(); }},
      {"hub_named_as_intermediary", [](Release& r) { r.hub_named_as_intermediary = false; }},
      {"categories", [](Release& r) { r.categories.clear(); }},
      {"purposes", [](Release& r) { r.purposes.clear(); }},
      {"action", [](Release& r) { r.action = Action::kUnspecified; }},
      {"effective_time", [](Release& r) { r.effective_ms = 0; }},
      {"signature.capacity", [](Release& r) { r.signature.capacity = Capacity::kUnspecified; }},
      {"signature.method", [](Release& r) { r.signature.method = Method::kUnspecified; }},
      {"signature.sign_time", [](Release& r) { r.signature.sign_ms = 0; }},
      {"signature.artefact_id", [](Release& r) { r.signature.artefact_id.clear(); }},
      {"signature.language", [](Release& r) { r.signature.language.clear(); }},
      {"signature.plain_language_confirmed",
       [](Release& r) { r.signature.plain_language_confirmed = false; }},
      {"signature.risks_and_alternatives_explained",
       [](Release& r) { r.signature.risks_and_alternatives_explained = false; }},
      {"not_a_condition_of_service", [](Release& r) { r.not_a_condition_of_service = false; }},
      {"consequences_of_refusing_explained",
       [](Release& r) { r.consequences_of_refusing_explained = false; }},
      {"right_to_revoke_explained", [](Release& r) { r.right_to_revoke_explained = false; }},
      {"redisclosure_explained", [](Release& r) { r.redisclosure_explained = false; }},
      {"safe_contact_instruction_present",
       [](Release& r) { r.safe_contact_instruction_present = false; }},
      {"copy_offered", [](Release& r) { r.copy_offered = false; }},
      {"state", [](Release& r) { r.state = static_cast<State>(0); }},
      {"state_time", [](Release& r) { r.state_ms = 0; }},
      {"sign_time", [](Release& r) { r.sign_ms = 0; }},
      {"sign_staff_id", [](Release& r) { r.sign_staff_id.clear(); }},
  };
  for (const auto& [element, drop] : drops) {
    const Release whole = Complete();
    Use use = Allowed(whole);
    Release r = whole;
    drop(r);
    r.release_hash = ReleaseHash(r);
    r.signed_hash = SignedHash(r);
    use.release_hash = r.release_hash;
    const Result<void> decision = Decide(r, use, SignerRules(), kNow);
    ASSERT_FALSE(decision) << element;
    EXPECT_EQ(decision.error().reason, "RELEASE_INCOMPLETE") << element;
    EXPECT_EQ(decision.error().metadata.at("missing"), element);
  }
  Release endless = Complete();
  endless.expire_ms = 0;
  EXPECT_EQ(ReasonOf(endless, Allowed(endless)), "RELEASE_EXPIRED");
}

TEST(DecisionTest, EveryStateButActiveDenies) {
  for (const auto& [state, reason] :
       std::map<State, std::string>{{State::kDraft, "RELEASE_NOT_SIGNED"},
                                    {State::kRevoked, "RELEASE_REVOKED"},
                                    {State::kExpired, "RELEASE_EXPIRED"},
                                    {State::kSuperseded, "RELEASE_SUPERSEDED"},
                                    {State::kEnteredInError, "RELEASE_ENTERED_IN_ERROR"}}) {
    Release r = Complete();
    r.state = state;
    EXPECT_EQ(ReasonOf(r, Allowed(r)), reason);
  }
}

TEST(DecisionTest, TimeHasTwoEdges) {
  const Release r = Complete();
  EXPECT_EQ(ReasonOf(r, Allowed(r), r.effective_ms - 1), "RELEASE_NOT_YET_EFFECTIVE");
  EXPECT_EQ(ReasonOf(r, Allowed(r), r.effective_ms), "allowed");
  EXPECT_EQ(ReasonOf(r, Allowed(r), r.expire_ms - 1), "allowed");
  EXPECT_EQ(ReasonOf(r, Allowed(r), r.expire_ms), "RELEASE_EXPIRED");
}

TEST(DecisionTest, ScopeIsExact) {
  const Release r = Complete();
  Use use = Allowed(r);
  use.agency_id = "01900000-0000-7000-8000-00000000000c";
  EXPECT_EQ(ReasonOf(r, use), "RELEASE_RECIPIENT_MISMATCH");
  use = Allowed(r);
  use.purpose = "treatment";
  EXPECT_EQ(ReasonOf(r, use), "RELEASE_PURPOSE_MISMATCH");
  use = Allowed(r);
  use.categories = {"needs", "health"};
  EXPECT_EQ(ReasonOf(r, use), "RELEASE_CATEGORY_MISMATCH");
  use.categories = {};
  EXPECT_EQ(ReasonOf(r, use), "RELEASE_CATEGORY_MISMATCH");
  use = Allowed(r);
  use.release_hash = std::string(43, 'B');
  EXPECT_EQ(ReasonOf(r, use), "RELEASE_HASH_MISMATCH");
  Release excluded = Complete();
  excluded.excluded_categories = {"needs"};  // both ways: exclusion wins
  excluded.release_hash = ReleaseHash(excluded);
  EXPECT_EQ(ReasonOf(excluded, Allowed(excluded)), "RELEASE_CATEGORY_MISMATCH");
}

TEST(DecisionTest, AlteredAfterSealingIsDenied) {
  Release r = Complete();
  Use use = Allowed(r);
  r.expire_ms += kDayMs;  // stored hash and packet still say the old
  EXPECT_EQ(ReasonOf(r, use), "RELEASE_HASH_MISMATCH");
}

TEST(DecisionTest, AlteredAfterSigningIsDenied) {
  Release r = Complete();
  r.signature.witnessed = true;
  EXPECT_EQ(ReasonOf(r, Allowed(r)), "RELEASE_ALTERED");
  r.signed_hash = kSignedBeforeHashes;
  EXPECT_EQ(ReasonOf(r, Allowed(r)), "allowed") << "signed before there was a hash";
}

TEST(DecisionTest, NoStateBringsBackWhatWasEnded) {
  Release r = Complete();
  r.revoke_ms = kNow - 1;
  EXPECT_EQ(ReasonOf(r, Allowed(r)), "RELEASE_REVOKED");
  r = Complete();
  r.superseded_by_id = r.id;
  EXPECT_EQ(ReasonOf(r, Allowed(r)), "RELEASE_SUPERSEDED");
}

TEST(DecisionTest, SignersWhoMayNot) {
  Release r = Complete();
  r.signature.capacity = Capacity::kGuardian;
  EXPECT_EQ(ReasonOf(r, Allowed(r)), "SIGNER_INELIGIBLE");
  r.signature.attests_not_the_abuser = true;
  EXPECT_EQ(ReasonOf(r, Allowed(r)), "MINOR_COSIGNATURE_NEEDED");
  r.signature.minor_cosigned = true;
  r.signed_hash = SignedHash(r);
  EXPECT_EQ(ReasonOf(r, Allowed(r)), "allowed");
  r.signature.minor_age = 12;
  EXPECT_EQ(ReasonOf(r, Allowed(r)), "RELEASE_ALTERED");
  r.signature.capacity = Capacity::kMinorAlone;
  EXPECT_EQ(ReasonOf(r, Allowed(r)), "MINOR_MAY_NOT_SIGN_ALONE");
  r.signature.minor_age = 0;
  EXPECT_EQ(ReasonOf(r, Allowed(r)), "MINOR_AGE_NEEDED");
  r.signature.method = Method::kOral;
  EXPECT_EQ(ReasonOf(r, Allowed(r)), "SIGNER_INELIGIBLE");
}

TEST(ReleaseTest, DraftsAreCheckedAndCompleted) {
  const auto draft = [] {
    Release r = Complete();
    r.state = State::kDraft;
    r.effective_ms = 0;
    r.expire_ms = 0;
    return r;
  };
  Release r = draft();
  ASSERT_TRUE(CompleteDraft(r, kNow));
  EXPECT_EQ(r.effective_ms, kNow);
  EXPECT_EQ(r.expire_ms, kNow + kDefaultLifeMs);

  const std::map<std::string, std::function<void(Release&)>> faults = {
      {"UNKNOWN_CATEGORY", [](Release& x) { x.categories.push_back("shoe_size"); }},
      {"UNKNOWN_PURPOSE", [](Release& x) { x.purposes = {"curiosity"}; }},
      {"CATEGORY_BOTH_WAYS", [](Release& x) { x.excluded_categories = {"needs"}; }},
      {"RECIPIENT_IS_DISCLOSER",
       [](Release& x) { x.recipient_agency_ids.push_back(x.discloser_agency_id); }},
      {"EXPIRY_IN_THE_PAST", [](Release& x) { x.expire_ms = kNow; }},
      {"EXPIRY_BEFORE_EFFECTIVE",
       [](Release& x) { x.effective_ms = kNow + 2000, x.expire_ms = kNow + 1000; }},
      {"EXPIRY_TOO_FAR", [](Release& x) { x.expire_ms = kNow + kLongestLifeMs + 1; }},
      {"INVALID_JURISDICTION", [](Release& x) { x.jurisdiction = "TY"; }},
  };
  for (const auto& [reason, fault] : faults) {
    Release bad = draft();
    fault(bad);
    const Result<void> checked = CompleteDraft(bad, kNow);
    ASSERT_FALSE(checked) << reason;
    EXPECT_EQ(checked.error().reason, reason);
  }
}

TEST(ReleaseTest, HashCoversElementsOneToEightAndIgnoresOrder) {
  const Release r = Complete();
  Release reordered = r;
  reordered.categories = {"needs", "identity"};
  EXPECT_EQ(ReleaseHash(reordered), ReleaseHash(r));
  const std::vector<std::function<void(Release&)>> changes = {
      [](Release& x) { x.id[0] = '1'; },
      [](Release& x) { x.recipient_agency_ids.push_back("z"); },
      [](Release& x) { x.categories.pop_back(); },
      [](Release& x) { x.excluded_categories.clear(); },
      [](Release& x) { x.purposes = {"treatment"}; },
      [](Release& x) { x.action = Action::kOnce; },
      [](Release& x) { x.two_way = true; },
      [](Release& x) { x.effective_ms += 1; },
      [](Release& x) { x.expire_ms += 1; },
      [](Release& x) { x.case_handle[0] = '1'; },
  };
  for (const auto& change : changes) {
    Release changed = r;
    change(changed);
    EXPECT_NE(ReleaseHash(changed), ReleaseHash(r));
  }
}

// The page for people shows the table that the commands move by.
TEST(StatesTest, ThePageShowsTheTable) {
  std::ifstream in("docs/life_of_a_release.md");
  std::stringstream page;
  page << in.rdbuf();
  EXPECT_NE(page.str().find(StatesAsMarkdown()), std::string::npos) << StatesAsMarkdown();
}

TEST(StatesTest, WhatHasEndedDoesNotComeBack) {
  for (const State ended : {State::kRevoked, State::kExpired, State::kSuperseded}) {
    EXPECT_EQ(Successors(ended), std::vector<State>{State::kEnteredInError});
  }
  EXPECT_TRUE(Successors(State::kEnteredInError).empty());
  const auto back = CheckMove(State::kRevoked, State::kActive);
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().reason, "RELEASE_NOT_DRAFT");
  EXPECT_EQ(back.error().metadata.at("allowed"), "entered_in_error");
}

}  // namespace
}  // namespace fairlead::consent
