// Every public RPC with other agencies' ids, by every role: "not yours" and "not there" are one.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include "services/common/auth/policy.h"
#include "tests/authority/attack.h"
#include "tests/authority/world.h"

namespace fairlead::authority {
namespace {

constexpr size_t kRounds = 150;               // of three calls, for the times
constexpr int64_t kRoundsNs = 2'000'000'000;  // at most so long, and at least kFewestRounds
constexpr size_t kFewestRounds = 40;

// Whose ids a field takes. Agencies and listings are known to every member; the rest is not.
const std::map<std::string, std::string>& Kinds() {
  static const std::map<std::string, std::string> kinds = {
      {"agency_id", "open"},
      {"recipient_agency_id", "open"},
      {"service_id", "open"},
      {"recipient_agency_ids", "open"},
      {"do_not_route_agency_ids", "open"},
      {"attachment_id", "open"},  // counts within a referral only
      {"artefact_id", "open"},  // the caller's own filing number
      // Of the directory: what somebody may not see is answered as if it were not there
      // (services/directory/hsds_server_test.cc).
      {"id", "open"},
      {"after_id", "open"},
      // Another person's is as none (services/directory/export_methods_test.cc).
      {"export_id", "open"},
      // Another agency's is as none (services/directory/staged_import_test.cc).
      {"import_id", "open"},
      {"organization_id", "open"},
      {"parent_id", "open"},
      {"taxonomy_id", "open"},
      {"taxonomy_term_id", "open"},
      {"referral_id", "referral"},
      {"forwarded_from_referral_id", "referral"},
      {"offer_id", "offer"},
      {"release_id", "release"},
      {"case_handle", "case"},
      {"supersedes_release_id", "release"},
      {"notice_id", "destroy_notice"},
      {"staff_id", "staff"},
      {"from_staff_id", "staff"},
      {"session_id", "session"},
      {"invitation_id", "invitation"},
      {"device_id", "device"},
      {"passkey_id", "passkey"},
      {"machine_client_id", "machine"},
      {"reference_id", "open"},  // the caller's own number
      {"note_id", "note"},
      {"replaces_note_id", "note"},
      {"question_note_id", "note"},
      {"break_glass_id", "break_glass"},
      {"hold_id", "hold"},
      {"to_agency_id", "open"},
      {"thread_id", "thread"},
      {"message_id", "message"},
      {"channel_id", "channel"},
      {"post_id", "post"},
      {"reply_to_post_id", "post"},
      {"bed_call_id", "bed_call"},
      {"alert_id", "alert"}};
  return kinds;
}

// A chosen id that is taken is refused, whoever has it: see TakenIdsSayNothingMore.
const std::set<std::string> kChosen = {"CreateReferral.referral_id", "SendReferral.referral_id",
                                       "OfferReferral.referral_id", "StartThread.thread_id"};

class CrossAgencyTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto hub = InProcessHub::Start(storage::Transaction::Engine::kSqlite);
    ASSERT_TRUE(hub) << ToString(hub.error());
    world_ = new World(std::move(*hub));
  }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }

  using Visit = std::function<void(const auth::PolicyRow&, const MethodDescriptor&,
                                   const FieldPath&, const std::string& kind)>;
  // Every field of every public RPC that takes ids which are somebody's.
  void ForEachField(const Visit& visit) {
    // The trail first: it shows its reader what the reader's own agency has tried, on whatever id
    // (services/audit/domain/view.h), and what is to be found here is what others did.
    std::vector<const auth::PolicyRow*> rows;
    for (const auth::PolicyRow& row : auth::PolicyTable()) rows.push_back(&row);
    std::ranges::stable_partition(rows, [](const auth::PolicyRow* row) {
      return row->method.starts_with("/fairlead.audit.");
    });
    for (const auth::PolicyRow* each : rows) {
      const auth::PolicyRow& row = *each;
      if (row.services_only) continue;
      const MethodDescriptor* method = World::MethodOf(row.method);
      ASSERT_NE(method, nullptr) << row.method;
      for (const FieldPath& path : IdFields(*method->input_type())) {
        const std::string field = method->name() + "." + NameOf(path);
        const auto kind = Kinds().find(path.back()->name());
        ASSERT_NE(kind, Kinds().end()) << field << ": say whose ids it takes, in Kinds()";
        if (kind->second == "open" || kChosen.contains(field)) continue;
        visit(row, *method, path, kind->second);
      }
    }
  }

  // May do it to anybody's record, by the table: nothing is hidden from it.
  static bool MayToAny(const auth::PolicyRow& row, const auth::Actor& actor) {
    return !row.grants.empty() &&
           auth::Decide(&row, actor, {.release_in_force = true}) == auth::Verdict::kAllowed;
  }

  Answer Try(const MethodDescriptor& method, const FieldPath& path, const std::string& id,
             const Attacker& attacker) {
    return AnswerOf(
        world_->Call(method, attacker.actor, *world_->Request(method, path, id, attacker)));
  }

  Times Measure(const MethodDescriptor& method, const FieldPath& path, const std::string& id,
                const Attacker& attacker) {
    Times times;
    const auto timed = [&](const std::string& asked, std::vector<int64_t>& into) {
      const auto request = world_->Request(method, path, asked, attacker);
      const auto start = std::chrono::steady_clock::now();
      const Reply reply = world_->Call(method, attacker.actor, *request);
      into.push_back((std::chrono::steady_clock::now() - start).count());
    };
    // The same two ids of nobody's all along: a trail that keeps what was asked for grows alike.
    const std::string nobodys = world_->ids().New();
    const std::string nobodys_again = world_->ids().New();
    const auto begin = std::chrono::steady_clock::now();
    for (size_t round = 0; round < kRounds; ++round) {
      timed(nobodys, times.nobodys_ns);
      timed(id, times.theirs_ns);
      timed(nobodys_again, times.nobodys_again_ns);
      const bool late = (std::chrono::steady_clock::now() - begin).count() > kRoundsNs;
      if (late && round >= kFewestRounds) break;
    }
    return times;
  }

  static World* world_;
};

World* CrossAgencyTest::world_ = nullptr;

TEST_F(CrossAgencyTest, NobodyCanTellWhatIsTheirsFromWhatIsNotThere) {
  std::set<std::string> fields;
  std::set<std::string> kinds;
  std::set<std::string> met;  // those of which there was something that somebody may not see
  int compared = 0;
  int leaks = 0;
  ForEachField([&](const auth::PolicyRow& row, const MethodDescriptor& method,
                   const FieldPath& path, const std::string& kind) {
    const std::string field = method.name() + "." + NameOf(path);
    EXPECT_TRUE(world_->Served(std::string(row.method))) << row.method << " has no handler";
    kinds.insert(kind);
    fields.insert(field);
    for (const Attacker& attacker : world_->attackers()) {
      if (MayToAny(row, attacker.actor)) continue;
      const std::vector<std::string> theirs = world_->Theirs(kind, attacker);
      if (!theirs.empty()) met.insert(kind);
      for (const std::string& id : theirs) {
        const Answer about_theirs = Try(method, path, id, attacker);
        const Answer about_nobodys = Try(method, path, world_->ids().New(), attacker);
        ++compared;
        if (Alike(about_theirs, about_nobodys)) continue;
        ++leaks;
        ADD_FAILURE() << field << " by " << attacker.name << ": theirs " << ToString(about_theirs)
                      << "; nobody's " << ToString(about_nobodys);
      }
    }
  });
  std::printf("%zu fields, %d pairs of answers, %d leaks\n", fields.size(), compared, leaks);
  EXPECT_EQ(met, kinds) << "a kind of which there is no record is not tried: make one";
  EXPECT_GE(fields.size(), 30U);
  EXPECT_GE(compared, 300);
}

TEST_F(CrossAgencyTest, NorByTheTimeItTakes) {
  int measured = 0;
  ForEachField([&](const auth::PolicyRow& row, const MethodDescriptor& method,
                   const FieldPath& path, const std::string& kind) {
    for (const Attacker& attacker : world_->attackers()) {
      if (attacker.was_sent_something || MayToAny(row, attacker.actor)) continue;
      if (!auth::Authorise(&row, attacker.actor)) continue;
      const std::vector<std::string> theirs = world_->Theirs(kind, attacker);
      if (theirs.empty()) continue;
      const bool changes =
          method.options().idempotency_level() != google::protobuf::MethodOptions::NO_SIDE_EFFECTS;
      if (changes && Try(method, path, theirs.back(), attacker).code == Code::kOk) continue;
      std::string telling = Telling(Measure(method, path, theirs.back(), attacker));
      // Once more before it counts: another program may have had the machine.
      if (!telling.empty()) telling = Telling(Measure(method, path, theirs.back(), attacker));
      EXPECT_EQ(telling, "") << method.name() << "." << NameOf(path) << " by " << attacker.name;
      ++measured;
      return;  // one attacker is enough: the way is the same for all whom the verb is open to
    }
  });
  std::printf("%d fields measured\n", measured);
  EXPECT_GE(measured, 10);
}

// What a chosen id that is taken tells: that it is taken, and not by whom, nor anything else.
TEST_F(CrossAgencyTest, TakenIdsSayNothingMore) {
  for (const char* path : {"/fairlead.referral.v1.ReferralService/CreateReferral",
                           "/fairlead.referral.v1.ReferralService/SendReferral",
                           "/fairlead.referral.v1.ReferralService/OfferReferral"}) {
    const MethodDescriptor& method = *World::MethodOf(path);
    const FieldPath field = {method.input_type()->FindFieldByName("referral_id")};
    for (const Attacker& attacker : world_->attackers()) {
      if (!attacker.actor.Has(auth::Role::kCaseworker)) continue;
      // Behind the wall nobody asks several at once.
      const bool behind_wall = attacker.actor.agency_kind == auth::AgencyKind::kLawEnforcement;
      if (behind_wall && method.name() == "OfferReferral") continue;
      for (const std::string& id : world_->Theirs("referral", attacker)) {
        const Answer taken = Try(method, field, id, attacker);
        EXPECT_EQ(taken.reason, "REFERRAL_ALREADY_EXISTS") << method.name();
        EXPECT_EQ(taken.metadata_keys, "");
      }
      // Without what a new one needs, a taken id is not even told from a free one.
      if (method.name() != "SendReferral") continue;
      const auto bare = [&](const std::string& id) {
        const auto request = world_->Request(method, field, id, attacker);
        static_cast<referral::v1::SendReferralRequest&>(*request).clear_facets();
        return AnswerOf(world_->Call(method, attacker.actor, *request));
      };
      const std::vector<std::string> theirs = world_->Theirs("referral", attacker);
      EXPECT_TRUE(Alike(bare(theirs.front()), bare(world_->ids().New())))
          << ToString(bare(theirs.front())) << " / " << ToString(bare(world_->ids().New()));
    }
  }
}

}  // namespace
}  // namespace fairlead::authority
