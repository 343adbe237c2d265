// machine key|create|list|disable and --machine, as somebody at the command line sees them.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/identity/v1/machines.pb.h"
#include "gateway/cli/home.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/testing/cli_fixture.h"
#include "gateway/signature/http_signature.h"
#include "services/common/base/encoding.h"

namespace fairlead::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace v1 = identity::v1;

constexpr char kMachineId[] = "01890a5d-ac96-774b-bcce-b302099a8004";

v1::MachineClient Machine() {
  v1::MachineClient client;
  client.set_id(kMachineId);
  client.set_label("case_system");
  client.set_signing_jwk("{}");
  return client;
}

TEST_F(CliTest, AMachineIsLetInByThePublicHalfOfItsKey) {
  SignIn();
  const std::string file = folder_.File("machine.jwk");
  ASSERT_EQ(Cli({"machine", "key", file}), kExitOk) << err;
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  const auto key = ReadKeyFile(file);
  ASSERT_TRUE(key) << ToString(key.error());
  EXPECT_THAT(out, HasSubstr(key->public_key.kid));
  EXPECT_THAT(out + err, Not(HasSubstr(Base64UrlEncode(key->d))));
  EXPECT_NE(Cli({"machine", "key", file}), kExitOk) << "a key is not overwritten";

  v1::CreateMachineClientResponse made;
  *made.mutable_machine_client() = Machine();
  hub_.Answer(kCreateMachineClient, made);
  EXPECT_EQ(Cli({"machine", "create", "case_system"}), kExitUsage);
  ASSERT_EQ(Cli({"machine", "create", "case_system", "--key", file}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr(kMachineId));
  v1::CreateMachineClientRequest request;
  ASSERT_TRUE(request.ParseFromString(hub_.requests().back().body));
  EXPECT_EQ(request.label(), "case_system");
  EXPECT_EQ(request.signing_jwk(), seal::ToJwk(key->public_key));

  const std::string public_file = folder_.File("public.jwk");
  std::ofstream(public_file) << seal::ToJwk(key->public_key);
  EXPECT_EQ(Cli({"machine", "create", "case_system", "--key", public_file}), kExitOk) << err;
  std::ofstream(public_file) << "{}";
  EXPECT_NE(Cli({"machine", "create", "case_system", "--key", public_file}), kExitOk);
}

TEST_F(CliTest, ACertificateIsNamedByItsHash) {
  SignIn();
  v1::CreateMachineClientResponse made;
  *made.mutable_machine_client() = Machine();
  hub_.Answer(kCreateMachineClient, made);
  const std::string file = folder_.File("client.pem");
  std::ofstream(file) << "-----BEGIN CERTIFICATE-----\n" << Base64Encode("not looked into")
                      << "\n-----END CERTIFICATE-----\n";
  ASSERT_EQ(Cli({"machine", "create", "case_system", "--certificate", file}), kExitOk) << err;
  v1::CreateMachineClientRequest request;
  ASSERT_TRUE(request.ParseFromString(hub_.requests().back().body));
  EXPECT_EQ(request.certificate_sha256(), Base64UrlEncode(Sha256("not looked into")));
  std::ofstream(file) << "no certificate";
  EXPECT_NE(Cli({"machine", "create", "case_system", "--certificate", file}), kExitOk);
  EXPECT_THAT(err, HasSubstr("INVALID_CERTIFICATE"));
}

TEST_F(CliTest, MachinesAreListedAndDisabled) {
  SignIn();
  v1::ListMachineClientsResponse all;
  *all.add_machine_clients() = Machine();
  hub_.Answer(kListMachineClients, all);
  EXPECT_EQ(Cli({"machine", "list"}), kExitOk);
  EXPECT_THAT(out, HasSubstr("case_system"));
  EXPECT_THAT(out, HasSubstr("signature"));
  v1::DisableMachineClientResponse disabled;
  *disabled.mutable_machine_client() = Machine();
  hub_.Answer(kDisableMachineClient, disabled);
  EXPECT_EQ(Cli({"machine", "disable", kMachineId}), kExitUsage) << "not without a yes";
  EXPECT_EQ(Cli({"machine", "disable", kMachineId, "--yes"}), kExitOk);
  v1::DisableMachineClientRequest request;
  ASSERT_TRUE(request.ParseFromString(hub_.requests().back().body));
  EXPECT_EQ(request.machine_client_id(), kMachineId);
  // By its label: the one that is at work.
  v1::MachineClient before = Machine();
  before.set_id("01890a5d-ac96-774b-bcce-b302099a8005");
  before.mutable_disable_time()->set_seconds(1);
  *all.add_machine_clients() = before;
  hub_.Answer(kListMachineClients, all);
  EXPECT_EQ(Cli({"machine", "disable", "case_system", "--yes"}), kExitOk) << err;
  ASSERT_TRUE(request.ParseFromString(hub_.requests().back().body));
  EXPECT_EQ(request.machine_client_id(), kMachineId);
  EXPECT_EQ(Cli({"machine", "disable", "other", "--yes"}), kExitNotFound);
  EXPECT_THAT(err, HasSubstr("MACHINE_CLIENT_NOT_FOUND"));
  all.mutable_machine_clients(1)->clear_disable_time();
  hub_.Answer(kListMachineClients, all);
  EXPECT_EQ(Cli({"machine", "disable", "case_system", "--yes"}), kExitUsage) << "which of the two?";
}

TEST_F(CliTest, AMachineSignsEachRequestAndShowsNoSession) {
  SignIn();  // a session that is there is not used
  const std::string file = folder_.File("machine.jwk");
  ASSERT_EQ(Cli({"machine", "key", file}), kExitOk) << err;
  const auto key = ReadKeyFile(file);
  ASSERT_TRUE(key);
  hub_.Answer(kListNeeds, directory::v1::ListNeedsResponse());
  std::set<std::string> nonces;
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(Cli({"--machine", file, "directory", "needs"}), kExitOk) << err;
    const FakeRequest request = hub_.requests().back();
    EXPECT_FALSE(request.headers.contains("authorization"));
    const auto read = gateway::ParseHttpSignature(request.headers.at("signature-input"),
                                                  request.headers.at("signature"));
    ASSERT_TRUE(read) << ToString(read.error());
    nonces.insert(read->nonce);
    EXPECT_TRUE(gateway::CheckContentDigest(request.headers.at("content-digest"), request.body));
    const std::string base = gateway::SignatureBase(
        {"POST", request.headers.at("host"), request.path, ""},
        request.headers.at("content-digest"), *read);
    EXPECT_TRUE(seal::VerifyBytes(key->public_key, base, read->value));
  }
  EXPECT_EQ(nonces.size(), 2U) << "each has a nonce of its own";
  ASSERT_EQ(::chmod(file.c_str(), 0644), 0);
  EXPECT_NE(Cli({"--machine", file, "directory", "needs"}), kExitOk);
  EXPECT_THAT(err, HasSubstr("FILE_OPEN_TO_OTHERS"));
}

}  // namespace
}  // namespace fairlead::cli
