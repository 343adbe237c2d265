// Every element of a release (1 to 17, as docs/life_of_a_release.md numbers them) taken away or
// spoiled in the database after it was signed: neither door opens, at sending or at opening, and
// each says why.
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "services/consent/store/sql_release_store.h"
#include "services/consent/testing/consent_fixture.h"

namespace fairlead::consent {
namespace {

using Change = std::function<void(Release&)>;

// What becomes of the row, and what the doors say then.
struct Spoiled {
  int element = 0;
  std::string set;     // SQL: of the columns that no command ever writes again
  Change change = {};  // or this, of the others
  std::string send;
  std::string open = {};  // empty: as `send`
  std::string missing = {};
};

const std::string kOther = "'01900000-0000-7000-8000-0000000000ff'";

Spoiled Gone(int element, const std::string& set, const std::string& missing) {
  return {.element = element,
          .set = set,
          .send = "RELEASE_INCOMPLETE",
          .missing = missing};
}
Spoiled Gone(int element, Change change, const std::string& missing) {
  return {.element = element,
          .set = "",
          .change = std::move(change),
          .send = "RELEASE_INCOMPLETE",
          .missing = missing};
}
Spoiled Altered(int element, Change change, const std::string& reason = "RELEASE_ALTERED") {
  return {.element = element, .set = "", .change = std::move(change), .send = reason};
}

// What is allowed, to whom, for what, until when.
std::vector<Spoiled> ElementsOneToEight(int64_t now_ms) {
  const auto at = [now_ms](int64_t from_now_ms) { return std::to_string(now_ms + from_now_ms); };
  const std::string hash = "RELEASE_HASH_MISMATCH";
  const std::string both = "recipient_agency_ids = recipient_agency_ids || ' " +
                           std::string(kThird) + "'";
  return {
      Gone(1, "form_version = ''", "form_version"),
      Gone(1, "form_hash = ''", "form_hash"),
      Gone(1, "jurisdiction = ''", "jurisdiction"),
      {.element = 1, .set = "form_version = '2'", .send = hash},
      {.element = 1, .set = "form_hash = 'B'", .send = hash},
      {.element = 1, .set = "jurisdiction = 'CA'", .send = hash},
      {.element = 1, .set = "release_hash = ''", .send = hash},
      {.element = 2, .set = "case_handle = ''", .send = "RELEASE_SUBJECT_MISMATCH",
       .open = "RELEASE_INCOMPLETE", .missing = "case_handle"},
      {.element = 2, .set = "case_handle = " + kOther, .send = "RELEASE_SUBJECT_MISMATCH",
       .open = hash},
      // Whose it is not any more learns nothing of it.
      {.element = 3, .set = "discloser_agency_id = ''", .send = "RELEASE_NOT_FOUND",
       .open = "RELEASE_INCOMPLETE", .missing = "discloser_agency_id"},
      {.element = 3, .set = "discloser_agency_id = " + kOther, .send = "RELEASE_NOT_FOUND",
       .open = hash},
      {.element = 4, .set = "recipient_agency_ids = ''", .send = "RELEASE_INCOMPLETE",
       .open = "RELEASE_NOT_FOUND", .missing = "recipient_agency_ids"},
      {.element = 4, .set = "recipient_agency_ids = '*'", .send = "RELEASE_RECIPIENT_MISMATCH",
       .open = "RELEASE_NOT_FOUND"},
      {.element = 4, .set = both, .send = hash},
      Gone(4, "hub_named_as_intermediary = 0", "hub_named_as_intermediary"),
      Gone(5, "categories = ''", "categories"),
      {.element = 5, .set = "categories = 'health'", .send = "RELEASE_CATEGORY_MISMATCH"},
      {.element = 5, .set = "categories = 'needs substance_use_part2'", .send = hash},
      {.element = 5, .set = "excluded_categories = 'needs'", .send = "RELEASE_CATEGORY_MISMATCH"},
      {.element = 5, .set = "excluded_categories = 'legal'", .send = hash},
      Gone(6, "purposes = ''", "purposes"),
      {.element = 6, .set = "purposes = 'treatment'", .send = "RELEASE_PURPOSE_MISMATCH"},
      {.element = 6, .set = "purposes = 'referral treatment'", .send = hash},
      Gone(7, "action = 0", "action"),
      {.element = 7, .set = "action = 1", .send = hash},
      {.element = 7, .set = "two_way = 1", .send = hash},
      Gone(8, "effective_ms = 0", "effective_time"),
      {.element = 8, .set = "effective_ms = " + at(1000), .send = "RELEASE_NOT_YET_EFFECTIVE"},
      {.element = 8, .set = "effective_ms = effective_ms - 1", .send = hash},
      {.element = 8, .set = "effective_ms = -1, expire_ms = 0", .send = "RELEASE_EXPIRED"},
      {.element = 8, .set = "effective_ms = 1, expire_ms = " + at(0), .send = "RELEASE_EXPIRED"},
      {.element = 8, .set = "expire_ms = expire_ms + 1", .send = hash},
  };
}

Signature AloneAt(Signature signature, int age) {
  signature.capacity = Capacity::kMinorAlone;
  signature.minor_age = age;
  return signature;
}
Signature BesideGuardian(Signature signature, bool cosigned) {
  signature.capacity = Capacity::kGuardian;
  signature.attests_not_the_abuser = true;
  signature.minor_cosigned = cosigned;
  return signature;
}

// Who signed, how, and what was said.
std::vector<Spoiled> ElementsNineToFifteen() {
  using R = Release;
  return {
      Gone(9, [](R& r) { r.signature.capacity = Capacity::kUnspecified; }, "signature.capacity"),
      Altered(9, [](R& r) { r.signature.capacity = Capacity::kGuardian; }, "SIGNER_INELIGIBLE"),
      Altered(9, [](R& r) { r.signature.capacity = Capacity::kCourtGuardian; },
              "SIGNER_INELIGIBLE"),
      Altered(9, [](R& r) { r.signature.capacity = Capacity::kMinorAlone; }, "MINOR_AGE_NEEDED"),
      Altered(9, [](R& r) { r.signature = AloneAt(r.signature, 17); },
              "MINOR_MAY_NOT_SIGN_ALONE"),
      Altered(9, [](R& r) { r.signature = BesideGuardian(r.signature, false); },
              "MINOR_COSIGNATURE_NEEDED"),
      Altered(9, [](R& r) { r.signature = BesideGuardian(r.signature, true); }),
      Altered(9, [](R& r) { r.signature.capacity = static_cast<Capacity>(77); },
              "SIGNER_INELIGIBLE"),
      Altered(9, [](R& r) { r.signature.attests_not_the_abuser = true; }),
      Altered(9, [](R& r) { r.signature.minor_cosigned = true; }, "SIGNER_INELIGIBLE"),
      Altered(9, [](R& r) { r.signature.minor_age = 17; }, "SIGNER_INELIGIBLE"),
      Gone(10, [](R& r) { r.signature.method = Method::kUnspecified; }, "signature.method"),
      Gone(10, [](R& r) { r.signature.sign_ms = 0; }, "signature.sign_time"),
      Gone(10, [](R& r) { r.signature.artefact_id.clear(); }, "signature.artefact_id"),
      Altered(10, [](R& r) { r.signature.method = Method::kOral; }, "SIGNER_INELIGIBLE"),
      Altered(10, [](R& r) { r.signature.method = Method::kWritten; }),
      Altered(10, [](R& r) { r.signature.sign_ms += 1; }),
      Altered(10, [](R& r) { r.signature.artefact_id = kCase; }),
      Altered(10, [](R& r) { r.signature.witnessed = true; }),
      Altered(10, [](R& r) { r.signature.interpreter_used = true; }),
      Gone(11, [](R& r) { r.signature.language.clear(); }, "signature.language"),
      Gone(11, [](R& r) { r.signature.plain_language_confirmed = false; },
           "signature.plain_language_confirmed"),
      Gone(11, [](R& r) { r.signature.risks_and_alternatives_explained = false; },
           "signature.risks_and_alternatives_explained"),
      Altered(11, [](R& r) { r.signature.language = "es"; }),
      Gone(12, [](R& r) { r.not_a_condition_of_service = false; }, "not_a_condition_of_service"),
      Gone(12, [](R& r) { r.consequences_of_refusing_explained = false; },
           "consequences_of_refusing_explained"),
      Gone(13, [](R& r) { r.right_to_revoke_explained = false; }, "right_to_revoke_explained"),
      Gone(13, [](R& r) { r.redisclosure_explained = false; }, "redisclosure_explained"),
      Gone(14, [](R& r) { r.contact_prohibited = false; }, "safe_contact_instruction_present"),
      Altered(14, [](R& r) { r.safe_contact_instruction_present = true; }),
      Gone(15, [](R& r) { r.copy_offered = false; }, "copy_offered"),
      {.element = 10, .set = "signature = 'rot'", .send = "RELEASE_INCOMPLETE",
       .missing = "signature.capacity signature.method signature.sign_time signature.artefact_id "
                  "signature.language signature.plain_language_confirmed "
                  "signature.risks_and_alternatives_explained"},
  };
}

// The state, with actor and time.
std::vector<Spoiled> ElementSixteen() {
  const auto in_state = [](int number, const std::string& reason) {
    return Spoiled{.element = 16, .set = "state = " + std::to_string(number), .send = reason};
  };
  return {
      Gone(16, "state = 0", "state"),
      Gone(16, "state = 7", "state"),
      in_state(1, "RELEASE_NOT_SIGNED"),
      in_state(3, "RELEASE_REVOKED"),
      in_state(4, "RELEASE_EXPIRED"),
      in_state(5, "RELEASE_SUPERSEDED"),
      in_state(6, "RELEASE_ENTERED_IN_ERROR"),
      Gone(16, "state_ms = 0", "state_time"),
      Gone(16, "sign_ms = 0", "sign_time"),
      Gone(16, "sign_staff_id = ''", "sign_staff_id"),
      {.element = 16, .set = "sign_staff_id = " + kOther, .send = "RELEASE_ALTERED"},
      {.element = 16, .set = "signed_hash = ''", .send = "RELEASE_ALTERED"},
      // Called back to life.
      {.element = 16, .set = "revoke_ms = 5", .send = "RELEASE_REVOKED"},
      {.element = 16, .set = "superseded_by_id = " + kOther, .send = "RELEASE_SUPERSEDED"},
  };
}

class DropOneTest : public ConsentFixture {
 protected:
  void Spoil(const std::string& release_id, const Spoiled& spoiled) {
    if (!spoiled.set.empty()) {
      const auto changed =
          Execute("UPDATE release SET " + spoiled.set + " WHERE id = '" + release_id + "'");
      ASSERT_TRUE(changed) << ToString(changed.error());
      ASSERT_EQ(*changed, 1);
      return;
    }
    std::function<Result<bool>(storage::Transaction&)> job =
        [&](storage::Transaction& tx) -> Result<bool> {
      const auto store = MakeSqlReleaseStore(tx);
      FAIRLEAD_ASSIGN(std::optional<Release> release, store->Find(release_id));
      spoiled.change(*release);
      FAIRLEAD_RETURN_IF_ERROR(store->Update(*release));
      return true;
    };
    ASSERT_TRUE(SyncWait(database_->Write<bool>(job)));
  }

  template <class T>
  void Denied(const Result<T>& result, const std::string& reason, const std::string& missing) {
    ASSERT_FALSE(result) << "it was given out";
    EXPECT_EQ(result.error().reason, reason);
    if (reason != "RELEASE_INCOMPLETE") return;
    EXPECT_EQ(result.error().metadata.at("missing"), missing);
  }
};

TEST_P(DropOneTest, NeitherDoorOpens) {
  std::vector<Spoiled> all = ElementsOneToEight(clock_.NowMs());
  for (const auto& more : {ElementsNineToFifteen(), ElementSixteen()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  std::set<int> elements;
  for (size_t i = 0; i < all.size(); ++i) {
    const Spoiled& spoiled = all[i];
    SCOPED_TRACE("case " + std::to_string(i) + ", element " + std::to_string(spoiled.element) +
                 ": " + spoiled.set);
    elements.insert(spoiled.element);
    const v1::Release release = Signed();
    const std::string referral_id = ids_.New();
    ASSERT_TRUE(Issue(release, referral_id));
    ASSERT_EQ(ReasonOf(Open(release, referral_id)), "") << "whole, it opens";
    Spoil(release.id(), spoiled);
    Denied(Issue(release, ids_.New()), spoiled.send, spoiled.missing);
    Denied(Issue(release, referral_id), spoiled.send, spoiled.missing);
    Denied(Open(release, referral_id), spoiled.open.empty() ? spoiled.send : spoiled.open,
           spoiled.missing);
    const int64_t lines =
        Count("SELECT COUNT(*) FROM disclosure WHERE release_id = '" + release.id() + "'");
    EXPECT_EQ(lines, 2) << "sent and opened, before";
  }
  EXPECT_EQ(elements.size(), 16U) << "an element is not tried";
}

// 17, the log: what it does not have as sent is neither opened nor given again.
TEST_P(DropOneTest, NothingPastTheLog) {
  const v1::Release release = Signed();
  const std::string referral_id = ids_.New();
  ASSERT_TRUE(Issue(release, referral_id));
  const bool sqlite = GetParam() == Engine::kSqlite;
  ASSERT_TRUE(Execute(std::string("DROP TRIGGER ") +
                      (sqlite ? "disclosure_is_kept" : "disclosure_is_append_only ON disclosure")));
  ASSERT_TRUE(Execute("DELETE FROM disclosure"));
  Denied(Open(release, referral_id), "DISCLOSURE_NOT_LOGGED", "");
  Denied(Issue(release, referral_id), "DISCLOSURE_NOT_LOGGED", "");
  EXPECT_EQ(ReasonOf(Open(release, referral_id, kDiscloser)), "") << "its own is no disclosure";
  // And a log that cannot be written lets nothing out.
  ASSERT_TRUE(Execute("ALTER TABLE disclosure RENAME TO disclosure_elsewhere"));
  const std::string another = ids_.New();
  EXPECT_FALSE(Issue(release, another));
  ASSERT_TRUE(Execute("ALTER TABLE disclosure_elsewhere RENAME TO disclosure"));
  Denied(Open(release, another), "CUSTODY_KEY_GONE", "");
}

INSTANTIATE_TEST_SUITE_P(Engines, DropOneTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres), EngineName);

}  // namespace
}  // namespace fairlead::consent
