// Keys of sealed notes on both engines: who may write under which release, what the log says, and
// that they go with it.
#include <gtest/gtest.h>

#include "fairlead/consent/v1/note_keys.pb.h"
#include "services/consent/testing/consent_fixture.h"

namespace fairlead::consent {
namespace {

class NoteKeysTest : public ConsentFixture {
 protected:
  v1::CreateReleaseRequest TwoWay() {
    v1::CreateReleaseRequest create = Draft();
    create.set_two_way(true);
    return create;
  }
  Result<v1::IssueNoteKeysResponse> Write(const v1::Release& release, const std::string& from,
                                          const std::string& to, const std::string& note_id,
                                          const std::string& purpose = "referral") {
    v1::IssueNoteKeysRequest request;
    request.set_release_id(release.id());
    request.set_referral_id(referral_id_);
    request.set_note_id(note_id);
    request.set_to_agency_id(to);
    request.set_purpose(purpose);
    request.add_categories("needs");
    request.set_release_hash(release.release_hash());
    rpc::CallContext context = Calling("", from);
    context.method = "/fairlead.consent.v1.NoteKeyService/IssueNoteKeys";
    return SyncWait(server_->IssueNoteKeys(context, request));
  }
  int64_t Sent() { return Count("SELECT COUNT(*) FROM disclosure WHERE kind = 'sent'"); }

  const std::string referral_id_ = ids_.New();
  const std::string note_ = ids_.New();
};

TEST_P(NoteKeysTest, ANoteOfTheDiscloserIsOneDisclosureMore) {
  const v1::Release release = Signed();
  EXPECT_EQ(ReasonOf(Write(release, kDiscloser, kRecipient, note_)), "DISCLOSURE_NOT_LOGGED")
      << "nothing was sent under it";
  ASSERT_TRUE(Issue(release, referral_id_));
  const auto first = Write(release, kDiscloser, kRecipient, note_);
  ASSERT_TRUE(first) << ToString(first.error());
  ASSERT_EQ(first->keys_size(), 2);
  EXPECT_NE(first->keys(0).key(), first->keys(1).key());
  EXPECT_EQ(Sent(), 2);
  const auto second = Write(release, kDiscloser, kRecipient, note_);
  ASSERT_TRUE(second) << ToString(second.error());
  EXPECT_EQ(second->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(Sent(), 2) << "the same note";
  // Each opens with its own, and that is on record.
  const auto opened = Open(release, referral_id_, kRecipient, note_);
  ASSERT_TRUE(opened) << ToString(opened.error());
  EXPECT_EQ(opened->key(), first->keys(1).key());
  EXPECT_EQ(Count("SELECT COUNT(*) FROM disclosure WHERE kind = 'opened'"), 1);
}

TEST_P(NoteKeysTest, TheRecipientWritesWhereBothWaysWereAllowed) {
  const v1::Release one_way = Signed();
  ASSERT_TRUE(Issue(one_way, referral_id_));
  EXPECT_EQ(ReasonOf(Write(one_way, kRecipient, kDiscloser, note_)), "RELEASE_ONE_WAY");
  EXPECT_EQ(Count("SELECT COUNT(*) FROM audit_record WHERE refused_reason = 'RELEASE_ONE_WAY'"), 1);
  v1::CreateReleaseRequest both = TwoWay();
  both.add_recipient_agency_ids(kThird);
  const v1::Release two_way = Signed(both);
  ASSERT_TRUE(Issue(two_way, referral_id_, ids_.New()));
  const int64_t before = Sent();
  EXPECT_EQ(ReasonOf(Write(two_way, kRecipient, kDiscloser, ids_.New())), "");
  EXPECT_EQ(Sent(), before) << "no disclosure of the discloser's";
  EXPECT_EQ(ReasonOf(Write(two_way, kRecipient, kThird, ids_.New())), "RELEASE_RECIPIENT_MISMATCH")
      << "not among recipients";
  EXPECT_EQ(ReasonOf(Write(one_way, kThird, kDiscloser, ids_.New())), "RELEASE_NOT_FOUND");
}

TEST_P(NoteKeysTest, ItIsTheReleasesDecision) {
  v1::CreateReleaseRequest once = Draft();
  once.set_action(v1::RELEASE_ACTION_ONCE);
  const v1::Release used = Signed(once);
  ASSERT_TRUE(Issue(used, referral_id_));
  EXPECT_EQ(ReasonOf(Write(used, kDiscloser, kRecipient, note_)), "RELEASE_ALREADY_USED");
  const v1::Release release = Signed();
  ASSERT_TRUE(Issue(release, referral_id_, ids_.New()));
  EXPECT_EQ(ReasonOf(Write(release, kDiscloser, kRecipient, note_, "treatment")),
            "RELEASE_PURPOSE_MISMATCH");
  EXPECT_EQ(ReasonOf(Write(release, kDiscloser, kThird, note_)), "RELEASE_RECIPIENT_MISMATCH");
  const auto issued = Write(release, kDiscloser, kRecipient, note_);
  ASSERT_TRUE(issued) << ToString(issued.error());
  v1::Release other = Signed();
  ASSERT_TRUE(Issue(other, referral_id_, ids_.New()));
  EXPECT_EQ(ReasonOf(Write(other, kDiscloser, kRecipient, note_)), "CUSTODY_CONFLICT");
  ASSERT_TRUE(Revoke(release.id()));
  EXPECT_EQ(ReasonOf(Open(release, referral_id_, kRecipient, note_)), "RELEASE_REVOKED");
  EXPECT_EQ(ReasonOf(Write(release, kDiscloser, kRecipient, note_)), "RELEASE_REVOKED");
  EXPECT_EQ(Count("SELECT COUNT(*) FROM custody.custody_key WHERE referral_id = '" + note_ + "'"),
            0);
  if (GetParam() == Engine::kSqlite) {
    for (const auto& key : issued->keys()) EXPECT_EQ(FilesWith(key.key()), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, NoteKeysTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres), EngineName);

}  // namespace
}  // namespace fairlead::consent
