// passkey list and remove, as somebody at the command line sees them.
#include <gmock/gmock.h>

#include "fairlead/identity/v1/passkeys.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/testing/cli_fixture.h"

namespace fairlead::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace v1 = identity::v1;

constexpr char kPasskeyId[] = "01890a5d-ac96-774b-bcce-b302099a8003";

TEST_F(CliTest, PasskeysAreListedAndRemoved) {
  SignIn();
  hub_.Answer(kListPasskeys, v1::ListPasskeysResponse());
  EXPECT_EQ(Cli({"passkey", "list"}), kExitOk);
  EXPECT_THAT(err, HasSubstr("/sign-in"));

  v1::ListPasskeysResponse all;
  v1::Passkey* good = all.add_passkeys();
  good->set_id(kPasskeyId);
  good->set_backed_up(true);
  good->mutable_create_time()->set_seconds(1'700'000'000);
  all.add_passkeys()->mutable_stop_time()->set_seconds(1'700'000'000);
  hub_.Answer(kListPasskeys, all);
  EXPECT_EQ(Cli({"passkey", "list"}), kExitOk);
  EXPECT_THAT(out, HasSubstr(kPasskeyId));
  EXPECT_THAT(out, HasSubstr("2023-11-14"));
  EXPECT_THAT(out, HasSubstr("synced"));
  EXPECT_THAT(out, HasSubstr("stopped"));
  EXPECT_EQ(Cli({"passkey", "list", "--json"}), kExitOk);
  EXPECT_THAT(out, HasSubstr("\"backedUp\": true"));

  // Not without a yes, and then this very one.
  hub_.Answer(kRemovePasskey, v1::RemovePasskeyResponse());
  EXPECT_EQ(Cli({"passkey", "remove", kPasskeyId}), kExitUsage);
  EXPECT_NE(hub_.requests().back().path, "/" + std::string(kRemovePasskey));
  EXPECT_EQ(Cli({"passkey", "remove", kPasskeyId, "--yes"}), kExitOk);
  v1::RemovePasskeyRequest request;
  ASSERT_TRUE(request.ParseFromString(hub_.requests().back().body));
  EXPECT_EQ(request.passkey_id(), kPasskeyId);
  EXPECT_THAT(err, HasSubstr("passkey list"));

  hub_.OnCall(kRemovePasskey, [](const FakeRequest&) {
    return Refusal(400, Error{Code::kFailedPrecondition, "LAST_CREDENTIAL", "The last one.", {}});
  });
  EXPECT_EQ(Cli({"passkey", "remove", kPasskeyId, "--yes"}), kExitConflict);
  EXPECT_THAT(err, HasSubstr("LAST_CREDENTIAL"));
  EXPECT_THAT(out, Not(HasSubstr("Removed")));
}

}  // namespace
}  // namespace fairlead::cli
