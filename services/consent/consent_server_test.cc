// The custody keys' life on both engines: issued once, gone with the release, and swept when a
// release expires or a crash left keys behind.
#include <gtest/gtest.h>

#include "services/consent/testing/consent_fixture.h"

namespace fairlead::consent {
namespace {

class ConsentServerTest : public ConsentFixture {};

TEST_P(ConsentServerTest, IssuingTwiceGivesTheSameKeysAndOneLogLine) {
  const v1::Release release = Signed();
  const std::string referral_id = ids_.New();
  const auto first = Issue(release, referral_id);
  const auto second = Issue(release, referral_id);
  ASSERT_TRUE(first) << ToString(first.error());
  ASSERT_TRUE(second) << ToString(second.error());
  ASSERT_EQ(first->keys_size(), 2);
  EXPECT_EQ(first->keys(0).key(), second->keys(0).key());
  EXPECT_NE(first->keys(0).key(), first->keys(1).key());
  EXPECT_EQ(first->keys(0).key().size(), 32U);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM disclosure"), 1);
}

// The table of the day decides: at the signature, and at every use after it.
TEST_P(ConsentServerTest, AMinorSignsAloneAsTheTableSays) {
  const auto serve = [this](int age) {
    SignerRules rules;
    if (age > 0) rules.alone[Matter::kVictimServices]["TX"] = age;
    server_ = std::make_unique<ConsentServer>(*database_, clock_, SystemRandom(), ids_, 300, rules);
  };
  const auto created = Create(Draft());
  ASSERT_TRUE(created) << ToString(created.error());
  v1::SignReleaseRequest sign = Signing(created->release().id());
  sign.mutable_signature()->set_capacity(v1::SIGNER_CAPACITY_MINOR_ALONE);
  EXPECT_EQ(ReasonOf(Sign(sign)), "MINOR_AGE_NEEDED");
  sign.mutable_signature()->set_minor_age(16);
  EXPECT_EQ(ReasonOf(Sign(sign)), "MINOR_MAY_NOT_SIGN_ALONE");
  serve(16);
  const auto done = Sign(sign);
  ASSERT_TRUE(done) << ToString(done.error());
  EXPECT_EQ(done->release().signature().minor_age(), 16);
  const std::string referral_id = ids_.New();
  EXPECT_EQ(ReasonOf(Issue(done->release(), referral_id)), "");
  EXPECT_EQ(ReasonOf(Open(done->release(), referral_id)), "");
  for (const int stricter : {17, 0}) {
    serve(stricter);
    EXPECT_EQ(ReasonOf(Open(done->release(), referral_id)), "MINOR_MAY_NOT_SIGN_ALONE");
    EXPECT_EQ(ReasonOf(Issue(done->release(), ids_.New())), "MINOR_MAY_NOT_SIGN_ALONE");
  }
  serve(15);
  EXPECT_EQ(ReasonOf(Open(done->release(), referral_id)), "");
}

TEST_P(ConsentServerTest, EveryOpeningIsInTheTrailAndThereIsAnEndToThem) {
  ConsentServer strict(*database_, clock_, SystemRandom(), ids_, /*opens_per_day=*/2);
  const v1::Release release = Signed();
  const std::string referral_id = ids_.New();
  ASSERT_TRUE(Issue(release, referral_id));
  rpc::CallContext reader = Calling("ReleaseCustodyKey");
  reader.actor.agency_id = kRecipient;
  reader.actor.staff_id = ids_.New();
  const auto open = [&](const std::string& purpose = "referral") {
    v1::ReleaseCustodyKeyRequest request;
    request.set_release_id(release.id());
    request.set_referral_id(referral_id);
    request.set_agency_id(reader.actor.agency_id);
    request.set_purpose(purpose);
    request.add_categories("needs");
    request.set_release_hash(release.release_hash());
    const auto key = SyncWait(strict.ReleaseCustodyKey(reader, request));
    return key ? std::string("opened") : key.error().reason;
  };
  const auto recorded = [&](const std::string& refused) {
    return Count(
        "SELECT COUNT(*) FROM audit_record WHERE action = 'packet_opened' AND referral_id "
        "= '" +
        referral_id + "' AND subject_agency_id = '" + kDiscloser + "' AND refused_reason = '" +
        refused + "'");
  };
  EXPECT_EQ(open(), "opened");
  EXPECT_EQ(open("treatment"), "RELEASE_PURPOSE_MISMATCH");
  EXPECT_EQ(recorded(""), 1);
  EXPECT_EQ(recorded("RELEASE_PURPOSE_MISMATCH"), 1) << "a refusal outlives its rollback";
  clock_.Advance(3'600'000);
  EXPECT_EQ(open(), "opened");
  EXPECT_EQ(open(), "QUOTA_USED");
  EXPECT_EQ(recorded("QUOTA_USED"), 1);
  EXPECT_EQ(recorded(""), 2);
  const std::string first = reader.actor.staff_id;
  reader.actor.staff_id = ids_.New();
  EXPECT_EQ(open(), "opened") << "a colleague has a day of their own";
  reader.actor.staff_id = first;
  clock_.Advance(23LL * 3'600'000 + 1);
  EXPECT_EQ(open(), "opened") << "the first is a day old";
}

TEST_P(ConsentServerTest, ACheckIsTheSameDecisionAndDisclosesNothing) {
  const v1::Release release = Signed();
  const std::string referral_id = ids_.New();
  ASSERT_TRUE(Issue(release, referral_id));
  std::string staff_id = ids_.New();
  const auto check = [&](const std::string& agency_id, int64_t generation = 0,
                         const std::string& purpose = "referral") {
    rpc::CallContext context = Calling("", agency_id);
    context.actor.staff_id = staff_id;
    context.method = "/fairlead.consent.v1.CustodyCheckService/CheckCustody";
    v1::CheckCustodyRequest request;
    request.set_release_id(release.id());
    request.set_referral_id(referral_id);
    request.set_agency_id(agency_id);
    request.set_purpose(purpose);
    request.add_categories("needs");
    request.set_release_hash(release.release_hash());
    request.set_generation(generation);
    const auto checked = SyncWait(server_->CheckCustody(context, request));
    return checked ? std::string("ok") : checked.error().reason;
  };
  const auto open = [&](const std::string& of_referral, const std::string& agency_id,
                        const std::string& packet_id = "") {
    rpc::CallContext context = Calling("ReleaseCustodyKey", agency_id);
    context.actor.staff_id = staff_id;
    v1::ReleaseCustodyKeyRequest request;
    request.set_release_id(release.id());
    request.set_referral_id(of_referral);
    request.set_packet_id(packet_id);
    request.set_agency_id(agency_id);
    request.set_purpose("referral");
    request.add_categories("needs");
    request.set_release_hash(release.release_hash());
    const auto key = SyncWait(server_->ReleaseCustodyKey(context, request));
    EXPECT_TRUE(key) << ToString(key.error());
  };
  const std::string other_referral = ids_.New();
  ASSERT_TRUE(Issue(release, other_referral));
  open(other_referral, kRecipient);
  EXPECT_EQ(check(kRecipient), "PACKET_NOT_OPENED") << "that was another one";
  const std::string note_id = ids_.New();
  ASSERT_TRUE(Issue(release, referral_id, note_id));
  open(referral_id, kRecipient, note_id);
  EXPECT_EQ(check(kRecipient), "PACKET_NOT_OPENED") << "that was a note of the same referral";
  open(referral_id, kRecipient);
  const std::string reader = staff_id;
  staff_id = ids_.New();
  EXPECT_EQ(check(kRecipient), "PACKET_NOT_OPENED") << "a colleague, from whom it has the key";
  open(referral_id, kDiscloser);
  EXPECT_EQ(check(kDiscloser), "ok");
  staff_id = reader;
  const int64_t disclosed = Count("SELECT COUNT(*) FROM disclosure");
  EXPECT_EQ(check(kRecipient), "ok");
  EXPECT_EQ(check(ids_.New()), "RELEASE_NOT_FOUND");
  EXPECT_EQ(check(kRecipient, 0, "treatment"), "RELEASE_PURPOSE_MISMATCH");
  EXPECT_EQ(check(kRecipient, 1), "CUSTODY_KEY_GONE") << "a share that has no such key";
  clock_.Advance(24LL * 3'600'000);
  EXPECT_EQ(check(kRecipient), "PACKET_NOT_OPENED") << "a day ago";
  ASSERT_TRUE(Revoke(release.id()));
  EXPECT_EQ(check(kRecipient), "RELEASE_REVOKED");
  EXPECT_EQ(Count("SELECT COUNT(*) FROM disclosure"), disclosed);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM audit_record WHERE action = 'packet_opened' AND "
                  "refused_reason = 'RELEASE_REVOKED'"),
            1);
}

TEST_P(ConsentServerTest, KeysThatAreOnlyCheckedAreNotMadeNotLoggedAndUseNothingUp) {
  v1::CreateReleaseRequest for_once = Draft();
  for_once.set_action(v1::RELEASE_ACTION_ONCE);
  const v1::Release release = Signed(for_once);
  const std::string referral_id = ids_.New();
  const auto check = [&](const v1::Release& under, const std::string& referral) {
    const auto checked = Issue(under, referral, "", /*check_only=*/true);
    EXPECT_EQ(checked ? checked->keys_size() : 0, 0);
    return ReasonOf(checked);
  };
  EXPECT_EQ(check(release, referral_id), "");
  EXPECT_EQ(Keys(), 0);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM disclosure"), 0);
  EXPECT_EQ(Count("SELECT COUNT(*) FROM audit_record WHERE action = 'custody_issued'"), 0);
  v1::GetReleaseRequest get;
  get.set_release_id(release.id());
  EXPECT_EQ(ReasonOf(SyncWait(server_->GetRelease(Calling("GetRelease", kRecipient), get))),
            "RELEASE_NOT_FOUND")
      << "who is named in it has heard nothing";
  ASSERT_EQ(ReasonOf(Issue(release, referral_id)), "") << "it is not used up";
  EXPECT_EQ(check(release, referral_id), "") << "as issuing once more would be";
  EXPECT_EQ(check(release, ids_.New()), "RELEASE_ALREADY_USED");
  EXPECT_EQ(check(Signed(), referral_id), "CUSTODY_CONFLICT");
  ASSERT_TRUE(Revoke(release.id()));
  EXPECT_EQ(check(release, referral_id), "RELEASE_REVOKED");
  EXPECT_EQ(Count("SELECT COUNT(*) FROM audit_record WHERE action = 'custody_issued' AND "
                  "refused_reason = 'RELEASE_REVOKED'"),
            1)
      << "a refusal is on record";
}

TEST_P(ConsentServerTest, ARenewedKeyReplacesTheOldOneForGood) {
  const v1::Release release = Signed();
  const std::string referral_id = ids_.New();
  const auto issued = Issue(release, referral_id);
  ASSERT_TRUE(issued);
  rpc::CallContext holder = Calling("RenewCustodyKey");
  holder.actor.agency_id = kRecipient;
  const auto renew = [&](int64_t held, bool settled, const std::string& agency_id = kRecipient) {
    v1::RenewCustodyKeyRequest request;
    request.set_release_id(release.id());
    request.set_referral_id(referral_id);
    request.set_agency_id(agency_id);
    request.set_purpose("referral");
    request.add_categories("needs");
    request.set_release_hash(release.release_hash());
    request.set_held_generation(held);
    request.set_settled(settled);
    const auto renewed = SyncWait(server_->RenewCustodyKey(holder, request));
    return renewed ? renewed->key() : renewed.error().reason;
  };
  const auto released = [&](int64_t generation) {
    rpc::CallContext context = holder;
    context.method = "/fairlead.consent.v1.ConsentService/ReleaseCustodyKey";
    v1::ReleaseCustodyKeyRequest request;
    request.set_release_id(release.id());
    request.set_referral_id(referral_id);
    request.set_agency_id(kRecipient);
    request.set_purpose("referral");
    request.add_categories("needs");
    request.set_release_hash(release.release_hash());
    request.set_generation(generation);
    const auto key = SyncWait(server_->ReleaseCustodyKey(context, request));
    return key ? key->key() : key.error().reason;
  };
  const std::string old_key = issued->keys(0).key();
  const std::string new_key = renew(0, false);
  EXPECT_EQ(new_key.size(), 32U);
  EXPECT_NE(new_key, old_key);
  EXPECT_EQ(renew(0, false), new_key) << "interrupted and repeated";
  EXPECT_EQ(released(0), old_key) << "until it is settled both open";
  EXPECT_EQ(released(1), new_key);
  EXPECT_EQ(renew(1, true), "");
  EXPECT_EQ(released(0), "CUSTODY_KEY_GONE");
  EXPECT_EQ(released(1), new_key);
  EXPECT_EQ(renew(0, false), "CUSTODY_KEY_GONE") << "nobody goes back";
  EXPECT_EQ(renew(1, false, kDiscloser), "RELEASE_NOT_FOUND") << "of the caller's own agency only";
  holder.actor.agency_id = "01900000-0000-7000-8000-00000000000d";
  EXPECT_EQ(renew(1, false, holder.actor.agency_id), "RELEASE_NOT_FOUND");
  EXPECT_EQ(Count("SELECT COUNT(*) FROM disclosure WHERE kind = 'opened'"), 3)
      << "renewing discloses nothing";
  const auto in_trail = [&](const std::string& refused) {
    return Count("SELECT COUNT(*) FROM audit_record WHERE action = 'custody_renewed' AND "
                 "refused_reason = '" + refused + "'");
  };
  EXPECT_EQ(in_trail(""), 1);
  EXPECT_EQ(in_trail("CUSTODY_KEY_GONE"), 1);
  if (GetParam() == Engine::kSqlite) {
    EXPECT_EQ(FilesWith(old_key), 0);
    EXPECT_GT(FilesWith(new_key), 0) << "the search looks in the wrong place";
  }
  ASSERT_TRUE(Revoke(release.id()));
  if (GetParam() == Engine::kSqlite) {
    EXPECT_EQ(FilesWith(new_key), 0);
  }
  EXPECT_EQ(Count("SELECT COUNT(*) FROM custody.renewed_key"), 0);
}

TEST_P(ConsentServerTest, KeysBelongToAPacketAndGoWithIt) {
  const v1::Release release = Signed();
  const std::string referral = ids_.New();
  const std::string first = ids_.New();
  const std::string second = ids_.New();
  const auto keys = Issue(release, referral, first);
  const auto others = Issue(release, referral, second);
  ASSERT_TRUE(keys && others);
  EXPECT_NE(keys->keys(0).key(), others->keys(0).key());
  v1::DestroyCustodyKeysRequest destroy;
  destroy.add_packet_ids(first);
  destroy.add_packet_ids(ids_.New());  // of none: no error
  const auto gone = SyncWait(server_->DestroyCustodyKeys(Calling("DestroyCustodyKeys"), destroy));
  ASSERT_TRUE(gone) << ToString(gone.error());
  EXPECT_EQ(gone->keys_deleted(), 2);
  EXPECT_EQ(ReasonOf(Open(release, referral, kRecipient, first)), "CUSTODY_KEY_GONE");
  EXPECT_EQ(ReasonOf(Open(release, referral, kRecipient, second)), "");
  if (GetParam() == Engine::kSqlite) {
    EXPECT_EQ(FilesWith(keys->keys(0).key()), 0) << "nor in file or journal";
  }
}

TEST_P(ConsentServerTest, TheSweepExpiresAndDestroys) {
  const v1::Release release = Signed();
  ASSERT_TRUE(Issue(release, ids_.New()));
  const Result<int> early = server_->Sweep();
  ASSERT_TRUE(early) << ToString(early.error());
  EXPECT_EQ(*early, 0);
  EXPECT_EQ(Keys(), 2);
  clock_.Advance(kDefaultLifeMs + 1);
  const Result<int> due = server_->Sweep();
  ASSERT_TRUE(due) << ToString(due.error());
  EXPECT_EQ(*due, 1);
  EXPECT_EQ(Keys(), 0);
  EXPECT_EQ(Count("SELECT state FROM release"), static_cast<int64_t>(State::kExpired));
  EXPECT_EQ(Count("SELECT COUNT(*) FROM outbox"), 6)
      << "signed and expired, and the audit records of created, signed, issued, expired";
}

TEST_P(ConsentServerTest, AStartDestroysKeysThatACrashLeftBehind) {
  const v1::Release release = Signed();
  ASSERT_TRUE(Issue(release, ids_.New()));
  ASSERT_TRUE(Execute("UPDATE release SET state = 3")) << "half a revocation";
  ASSERT_EQ(Keys(), 2);
  const Result<int64_t> swept = server_->ShredOrphans();
  ASSERT_TRUE(swept) << ToString(swept.error());
  EXPECT_EQ(*swept, 2);
  EXPECT_EQ(Keys(), 0);
}

TEST_P(ConsentServerTest, TheDisclosureLogCannotBeAltered) {
  ASSERT_TRUE(Issue(Signed(), ids_.New()));
  for (const char* sql : {"UPDATE disclosure SET kind = 'opened'", "DELETE FROM disclosure"}) {
    EXPECT_FALSE(Execute(sql)) << sql;
  }
  EXPECT_EQ(Count("SELECT COUNT(*) FROM disclosure WHERE kind = 'sent'"), 1);
}

// The very bytes of a key are looked for in every file of the database.
TEST_P(ConsentServerTest, ARevokedKeyIsInNoFile) {
  if (GetParam() == Engine::kPostgres) {
    GTEST_SKIP() << "PostgreSQL keeps its journal; see docs/decisions on custody";
  }
  const v1::Release release = Signed();
  const auto issued = Issue(release, ids_.New());
  ASSERT_TRUE(issued);
  const std::string key = issued->keys(0).key();
  EXPECT_GT(FilesWith(key), 0) << "the search looks in the wrong place";
  const auto revoked = Revoke(release.id());
  ASSERT_TRUE(revoked) << ToString(revoked.error());
  EXPECT_EQ(revoked->keys_deleted(), 2);
  EXPECT_EQ(FilesWith(key), 0);
}

// A database that fails has refused nobody, and the trail says nothing.
TEST_P(ConsentServerTest, AFailureIsNoRefusal) {
  const v1::Release release = Signed();
  const std::string referral_id = ids_.New();
  ASSERT_TRUE(Issue(release, referral_id));
  const auto refusals = [&] {
    return Count("SELECT COUNT(*) FROM audit_record WHERE refused_reason <> ''");
  };
  ASSERT_TRUE(Execute("ALTER TABLE disclosure RENAME TO disclosure_elsewhere"));
  EXPECT_EQ(ReasonOf(Open(release, referral_id)), "STORAGE_ERROR");
  EXPECT_EQ(ReasonOf(Issue(release, ids_.New())), "STORAGE_ERROR");
  EXPECT_EQ(refusals(), 0);
  ASSERT_TRUE(Execute("ALTER TABLE disclosure_elsewhere RENAME TO disclosure"));
  EXPECT_EQ(ReasonOf(Open(release, referral_id, kThird)), "RELEASE_NOT_FOUND");
  EXPECT_EQ(refusals(), 1) << "and a refusal is one";
  EXPECT_EQ(ReasonOf(Open(release, referral_id)), "");
}

INSTANTIATE_TEST_SUITE_P(Engines, ConsentServerTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres), EngineName);

}  // namespace
}  // namespace fairlead::consent
