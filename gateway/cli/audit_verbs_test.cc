// audit who-saw, query and export against a hub of a few lines.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "fairlead/audit/v1/audit.pb.h"
#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/home.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/testing/cli_fixture.h"

namespace fairlead::cli {
namespace {

namespace v1 = audit::v1;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kReferral[] = "01890a5d-ac96-774b-bcce-b302099a8101";
constexpr char kGone[] = "SERVICE_UNAVAILABLE";
constexpr char kStaff[] = "01890a5d-ac96-774b-bcce-b302099a8102";

fairlead::events::v1::AuditRecorded Opened(const std::string& refused = "") {
  fairlead::events::v1::AuditRecorded record;
  record.set_action("packet_opened");
  record.set_refused_reason(refused);
  record.set_staff_id(kStaff);
  record.set_agency_id(kOtherAgency);
  record.set_referral_id(kReferral);
  record.mutable_time()->set_seconds(1'700'000'000);
  return record;
}

class AuditVerbsTest : public CliTest {
 protected:
  // Answers pages of an export: the first, then (unless there is a `refusal_`) the second.
  void ServeExport() {
    hub_.OnCall(kExportAuditRecords, [this](const FakeRequest& request) {
      v1::ExportAuditRecordsRequest asked;
      EXPECT_TRUE(asked.ParseFromString(request.body));
      asked_.push_back(asked);
      v1::ExportAuditRecordsResponse answer;
      *answer.add_records() = Opened();
      if (asked.page_token().empty()) {
        answer.set_next_page_token("second");
      } else if (!refusal_.empty()) {
        const Code code = refusal_ == kGone ? Code::kUnavailable : Code::kFailedPrecondition;
        return Refusal(refusal_ == kGone ? 503 : 400, {code, refusal_, "no", {}});
      }
      return Protobuf(answer);
    });
  }
  std::string Text(const std::string& path) { return ReadFile(path, 1 << 20).value_or("none"); }

  std::vector<v1::ExportAuditRecordsRequest> asked_;
  std::string refusal_;  // of the second page
  const std::string file_ = folder_.File("trail.ndjson");
};

TEST_F(AuditVerbsTest, WhoSawShowsOpeningsAndRefusals) {
  hub_.OnCall(kListViewers, [](const FakeRequest& request) {
    v1::ListViewersRequest asked;
    EXPECT_TRUE(asked.ParseFromString(request.body));
    EXPECT_EQ(asked.referral_id(), kReferral);
    v1::ListViewersResponse answer;
    *answer.add_records() = Opened();
    if (asked.page_token().empty()) {
      answer.set_next_page_token("more");
    } else {
      *answer.mutable_records(0) = Opened("RELEASE_REVOKED");
    }
    return Protobuf(answer);
  });
  EXPECT_EQ(Cli({"audit", "who-saw", kReferral}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("done"));
  EXPECT_THAT(out, HasSubstr("RELEASE_REVOKED"));
  const std::string short_id = "…" + std::string(kStaff).substr(24);
  EXPECT_THAT(out, HasSubstr(short_id));
  EXPECT_THAT(out, Not(HasSubstr(kStaff)));
  EXPECT_THAT(err, HasSubstr("audit query --referral"));
  for (const FakeRequest& each : hub_.requests()) {
    EXPECT_NE(each.path, "/" + std::string(kListStaff)) << "whoever may not list does not ask";
  }
  identity::v1::GetMeResponse me;
  me.mutable_staff()->set_id("01890a5d-ac96-774b-bcce-b302099a8103");
  me.mutable_staff()->add_roles(identity::v1::ROLE_AGENCY_ADMIN);
  hub_.Answer(kGetMe, me);
  identity::v1::ListStaffResponse colleagues;
  colleagues.add_staff()->set_id(kStaff);
  colleagues.mutable_staff(0)->set_display_name("Ana López");
  hub_.Answer(kListStaff, colleagues);
  EXPECT_EQ(Cli({"audit", "who-saw", kReferral}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("Ana López"));
  EXPECT_THAT(out, Not(HasSubstr(short_id)));
  EXPECT_EQ(Cli({"audit", "who-saw", kReferral, "--json"}), kExitOk);
  EXPECT_THAT(out, HasSubstr("\"refusedReason\": \"RELEASE_REVOKED\""));
  EXPECT_EQ(Cli({"audit", "who-saw"}), kExitUsage);
  EXPECT_EQ(Cli({"audit", "who-saw", kReferral, "--case", kStaff}), kExitUsage);
}

TEST_F(AuditVerbsTest, QuerySendsItsFilter) {
  v1::ListAuditRecordsRequest asked;
  hub_.OnCall(kListAuditRecords, [&](const FakeRequest& request) {
    EXPECT_TRUE(asked.ParseFromString(request.body));
    return Protobuf(v1::ListAuditRecordsResponse());
  });
  EXPECT_EQ(Cli({"audit", "query", "--staff", kStaff, "--agency", kOtherAgency, "--action",
                 "packet_opened", "--since", "2026-01-31T09:05:00Z", "--refused", "--limit", "7"}),
            kExitOk)
      << err;
  EXPECT_EQ(asked.filter().staff_id(), kStaff);
  EXPECT_EQ(asked.filter().agency_id(), kOtherAgency);
  EXPECT_EQ(asked.filter().action(), "packet_opened");
  EXPECT_EQ(asked.filter().start_time().seconds(), 1'769'850'300);
  EXPECT_FALSE(asked.filter().has_end_time());
  EXPECT_TRUE(asked.filter().refused_only());
  EXPECT_EQ(asked.page_size(), 7);
  EXPECT_EQ(Cli({"audit", "query", "--since", "yesterday"}), kExitUsage);
}

TEST_F(AuditVerbsTest, AnExportIsAPrivateFileOfLines) {
  ServeExport();
  EXPECT_EQ(Cli({"audit", "export", "--output", file_}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("2 records"));
  const std::string text = Text(file_);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_THAT(text, HasSubstr("packet_opened"));
  struct stat status {};
  ASSERT_EQ(::stat(file_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_EQ(asked_[0].request_id(), asked_[1].request_id());
  EXPECT_EQ(Cli({"audit", "export", "--output", file_}), kExitConflict) << "not over a file";
}

TEST_F(AuditVerbsTest, AnExportThatBrokeOffGoesOn) {
  ServeExport();
  refusal_ = kGone;
  EXPECT_EQ(Cli({"audit", "export", "--since", "7d", "--output", file_}), kExitUnavailable);
  EXPECT_EQ(Text(file_), "none");
  refusal_.clear();
  EXPECT_EQ(Cli({"audit", "export", "--since", "7d", "--output", file_}), kExitOk) << err;
  ASSERT_EQ(asked_.size(), 3u);
  EXPECT_EQ(asked_[2].request_id(), asked_[0].request_id()) << "the same export";
  EXPECT_EQ(asked_[2].page_token(), "second");
  EXPECT_EQ(asked_[2].filter().SerializeAsString(), asked_[0].filter().SerializeAsString());
  const std::string text = Text(file_);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_EQ(Text(file_ + ".part"), "none");
  EXPECT_EQ(Text(file_ + ".resume"), "none");
}

TEST_F(AuditVerbsTest, AnotherFilterIsAnotherExport) {
  ServeExport();
  refusal_ = kGone;
  EXPECT_EQ(Cli({"audit", "export", "--output", file_}), kExitUnavailable);
  refusal_.clear();
  EXPECT_EQ(Cli({"audit", "export", "--refused", "--output", file_}), kExitOk) << err;
  EXPECT_EQ(asked_[2].page_token(), "");
  EXPECT_NE(asked_[2].request_id(), asked_[0].request_id());
  const std::string text = Text(file_);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2) << "nothing of the first is left";
}

TEST_F(AuditVerbsTest, AnExportThatTheHubHasForgottenBeginsAgain) {
  ServeExport();
  refusal_ = kGone;
  EXPECT_EQ(Cli({"audit", "export", "--output", file_}), kExitUnavailable);
  // The hub was started anew: its page tokens are others, but it has the request.
  refusal_ = "INVALID_PAGE_TOKEN";
  EXPECT_EQ(Cli({"audit", "export", "--output", file_}), kExitConflict) << "it ends";
  refusal_.clear();
  const std::string request_id = asked_[0].request_id();
  for (const auto& asked : asked_) EXPECT_EQ(asked.request_id(), request_id) << "counts once";
  EXPECT_EQ(Cli({"audit", "export", "--output", file_}), kExitOk) << err;
  EXPECT_EQ(asked_.back().request_id(), request_id);
  const std::string text = Text(file_);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2) << "no page twice";
}

TEST_F(AuditVerbsTest, PagesThatAreGoneAreFetchedAgain) {
  ServeExport();
  refusal_ = kGone;
  EXPECT_EQ(Cli({"audit", "export", "--output", file_}), kExitUnavailable);
  refusal_.clear();
  ASSERT_EQ(::unlink((file_ + ".part").c_str()), 0);
  EXPECT_EQ(Cli({"audit", "export", "--output", file_}), kExitOk) << err;
  EXPECT_EQ(asked_[2].page_token(), "");
  const std::string text = Text(file_);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_EQ(text.find('\0'), std::string::npos);
}

TEST_F(AuditVerbsTest, AnExportNeedsAFreshProof) {
  hub_.OnCall(kExportAuditRecords, [](const FakeRequest&) {
    return Refusal(403, {Code::kPermissionDenied, "STEP_UP_REQUIRED", "again", {}});
  });
  EXPECT_EQ(Cli({"audit", "export", "--output", file_}), kExitNotAllowed);
  EXPECT_THAT(err, HasSubstr("fairlead session step-up"));
  EXPECT_EQ(Text(file_), "none");
  ServeExport();
  EXPECT_EQ(Cli({"audit", "export", "--output", file_, "--json"}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("\"records\":2"));
}

}  // namespace
}  // namespace fairlead::cli
