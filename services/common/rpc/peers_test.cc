// Who may connect: on a Unix socket by the kernel's word, across machines by certificate. Real
// sockets, real TLS.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>

#include "services/common/pki/certificates.h"
#include "services/common/rpc/server.h"
#include "services/common/rpc/toy_service.h"
#include "services/common/testing/temp_dir.h"

namespace fairlead::rpc {
namespace {

constexpr int64_t kDayS = 86'400;
constexpr unsigned kNobody = 65'534;

class PeersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    signer_ = *auth::OpenAssertionSigner(folder_.File("key.jwk"), SystemClock());
    verifier_ = *auth::MakeAssertionVerifier(signer_->PublicJwk(), SystemClock());
  }
  void TearDown() override {
    if (server_) server_->Shutdown(10'000);
  }
  std::string StartOn(const std::string& listen, const TlsFiles& tls = {}) {
    auto server = StartServer({.listen = listen, .tls = tls}, dispatcher_, *verifier_,
                              SystemClock());
    if (!server) return server.error().reason;
    server_ = std::move(*server);
    return "OK";
  }
  // A folder of PEM files for the process that runs `services`.
  TlsFiles Files(const std::string& name, const pki::KeyAndCertificate& authority,
                 const pki::KeyAndCertificate& own) {
    const TlsFiles files{.authorities = folder_.File(name + "-ca.pem"),
                         .certificate = folder_.File(name + ".pem"),
                         .key = folder_.File(name + "-key.pem"),
                         .reread_s = 1};
    Write(files.authorities, authority.certificate_pem);
    Write(files.certificate, own.certificate_pem);
    Write(files.key, own.key_pem);
    return files;
  }
  TlsFiles Files(const std::string& name, const std::vector<std::string>& services) {
    return Files(name, authority_, *pki::Issue(authority_, services, now_s_, kDayS));
  }
  static void Write(const std::string& path, const std::string& contents) {
    const std::string beside = path + ".new";
    std::ofstream(beside) << contents;
    std::filesystem::rename(beside, path);
  }
  std::string Target() const { return "127.0.0.1:" + std::to_string(server_->port()); }

  // "OK" or the reason. `as`: the service that says it is calling.
  std::string CallBy(const TlsFiles& tls, const std::string& to, const std::string& as = "",
                     int64_t patience_ms = 10'000) {
    const auto channel = MakeGrpcChannel(Target(), *signer_, SystemClock(), tls, to);
    CallOptions options;
    options.deadline_steady_ms = SystemClock().SteadyMs() + patience_ms;
    options.on_behalf_of_service = as;
    const std::string method = as.empty() ? "/toy.v1.Toy/Who" : "/other.v1.Private/Service";
    const Empty request;
    const auto answer = SyncWait(Call<Answer>(*channel, method, request, std::move(options)));
    return answer ? "OK" : answer.error().reason;
  }

  const int64_t now_s_ = std::time(nullptr);
  const testing::TempDir folder_;
  const pki::KeyAndCertificate authority_ = *pki::MakeAuthority(now_s_);
  Registry registry_;
  ToyService toy_{registry_};
  Dispatcher dispatcher_{registry_, SystemClock(), ToyOptions()};
  std::unique_ptr<auth::AssertionSigner> signer_;
  std::unique_ptr<auth::AssertionVerifier> verifier_;
  std::unique_ptr<Server> server_;
};

// Whether the server speaks to whoever connects as `user`: HTTP/2 servers send SETTINGS unasked.
// 'y', 'n' (cut off), or '?' (could not be tried), by a child that becomes that user.
char IsSpokenTo(const std::string& socket, unsigned user) {
  int answer[2];
  if (::pipe(answer) != 0) return '?';
  const pid_t child = ::fork();
  if (child == 0) {
    char said = '?';
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.copy(address.sun_path, sizeof(address.sun_path) - 1);
    // RFC 9113, sections 3.4 and 6.5: the preface and empty SETTINGS.
    constexpr char kPreface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0";
    if (::setuid(user) == 0 &&
        ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
      (void)!::send(fd, kPreface, sizeof(kPreface), MSG_NOSIGNAL);
      char byte = 0;
      said = ::recv(fd, &byte, 1, 0) == 1 ? 'y' : 'n';
    }
    (void)!::write(answer[1], &said, 1);
    ::_exit(0);
  }
  char said = '?';
  (void)!::read(answer[0], &said, 1);
  ::waitpid(child, nullptr, 0);
  ::close(answer[0]);
  ::close(answer[1]);
  return said;
}

TEST_F(PeersTest, AnotherUserOfThisMachineIsCutOff) {
  const std::string socket = folder_.File("hub.sock");
  ASSERT_EQ(StartOn("unix:" + socket), "OK");
  EXPECT_EQ(IsSpokenTo(socket, ::geteuid()), 'y');
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  // As if someone had opened folder and socket to everyone.
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
  ASSERT_EQ(::chmod(socket.c_str(), 0666), 0);
  EXPECT_EQ(IsSpokenTo(socket, kNobody), 'n');
  EXPECT_EQ(IsSpokenTo(socket, 0), 'y');
}

TEST_F(PeersTest, BeyondThisMachineOnlyWithTls) {
  EXPECT_EQ(StartOn("0.0.0.0:0"), "LISTEN_FAILED");
  TlsFiles missing = Files("consent", {"consent"});
  missing.key = folder_.File("nothing.pem");
  EXPECT_EQ(StartOn("127.0.0.1:0", missing), "TLS_FILE_UNREADABLE");
  const auto past = pki::Issue(authority_, {"consent"}, now_s_ - 2 * kDayS, kDayS);
  EXPECT_EQ(StartOn("127.0.0.1:0", Files("late", authority_, *past)), "CERTIFICATE_EXPIRED");
}

TEST_F(PeersTest, CertificatesOfTheHubsOwnAuthorityAreLetIn) {
  ASSERT_EQ(StartOn("127.0.0.1:0", Files("consent", {"consent"})), "OK");
  const TlsFiles referral = Files("referral", {"referral", "gateway"});
  EXPECT_EQ(CallBy(referral, "consent"), "OK");
  EXPECT_EQ(CallBy(referral, "consent", "referral"), "OK");
}

TEST_F(PeersTest, WhoHasNoneOrAnothersIsNot) {
  ASSERT_EQ(StartOn("127.0.0.1:0", Files("consent", {"consent"})), "OK");
  constexpr int64_t kPatienceMs = 1'500;
  EXPECT_EQ(CallBy({}, "consent", "", kPatienceMs), "SERVICE_UNAVAILABLE");
  const pki::KeyAndCertificate other = *pki::MakeAuthority(now_s_);
  // Its own authority trusts the server, but the server does not trust it.
  const auto foreign = pki::Issue(other, {"referral"}, now_s_, kDayS);
  EXPECT_EQ(CallBy(Files("foreign", authority_, *foreign), "consent", "", kPatienceMs),
            "SERVICE_UNAVAILABLE");
  const auto past = pki::Issue(authority_, {"referral"}, now_s_ - 2 * kDayS, kDayS);
  EXPECT_EQ(CallBy(Files("late", authority_, *past), "consent", "", kPatienceMs),
            "SERVICE_UNAVAILABLE");
  // The caller wants another service than the one that answers.
  EXPECT_EQ(CallBy(Files("referral", {"referral"}), "identity", "", kPatienceMs),
            "SERVICE_UNAVAILABLE");
  // And the server is still there for others.
  EXPECT_EQ(CallBy(Files("gateway", {"gateway"}), "consent"), "OK");
}

// All processes can sign assertions; the certificate says which of them it is.
TEST_F(PeersTest, ACertificateSpeaksForItsOwnServiceOnly) {
  ASSERT_EQ(StartOn("127.0.0.1:0", Files("consent", {"consent"})), "OK");
  EXPECT_EQ(CallBy(Files("gateway", {"gateway"}), "consent", "referral"), "PEER_MISMATCH");
}

TEST_F(PeersTest, CertificatesAndAuthorityChangeWithoutARestart) {
  const TlsFiles consent = Files("consent", {"consent"});
  const TlsFiles referral = Files("referral", {"referral"});
  ASSERT_EQ(StartOn("127.0.0.1:0", consent), "OK");
  ASSERT_EQ(CallBy(referral, "consent", "referral"), "OK");
  const pki::KeyAndCertificate next = *pki::MakeAuthority(now_s_);
  const auto theirs = pki::Issue(next, {"referral"}, now_s_, kDayS);
  const TlsFiles renewed = Files("renewed", next, *theirs);
  ASSERT_EQ(CallBy(renewed, "consent", "referral", 500), "SERVICE_UNAVAILABLE");
  const auto ours = pki::Issue(next, {"consent"}, now_s_, kDayS);
  Write(consent.authorities, next.certificate_pem);
  Write(consent.key, ours->key_pem);
  Write(consent.certificate, ours->certificate_pem);
  // The server looks once a second: it is so by then, and for good.
  std::string outcome;
  for (int i = 0; i < 40 && outcome != "OK"; ++i)
    outcome = CallBy(renewed, "consent", "referral", 500);
  EXPECT_EQ(outcome, "OK");
  EXPECT_EQ(CallBy(referral, "consent", "referral", 500), "SERVICE_UNAVAILABLE");
}

}  // namespace
}  // namespace fairlead::rpc
