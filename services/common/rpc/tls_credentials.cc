#include "services/common/rpc/tls_credentials.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "services/common/pki/certificates.h"

namespace fairlead::rpc {
namespace {

constexpr size_t kMaxFileBytes = 65'536;
constexpr int64_t kMsInS = 1'000;

Result<std::string> ReadPem(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.empty() || text.size() > kMaxFileBytes)
    return Fail(Code::kFailedPrecondition, "TLS_FILE_UNREADABLE",
                "Cannot read " + path + ", or it is larger than 64 KiB.", {{"path", path}});
  return text;
}

// Looks at the files' times before and after reading, and again when they differ: key and
// certificate that are replaced together are read together.
std::shared_ptr<grpc::experimental::CertificateProviderInterface> Watching(const TlsFiles& files) {
  return std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      files.key, files.certificate, files.authorities, static_cast<unsigned>(files.reread_s));
}

}  // namespace

Result<void> CheckTls(const TlsFiles& files, const Clock& clock) {
  FAIRLEAD_ASSIGN(const std::string authorities, ReadPem(files.authorities));
  FAIRLEAD_ASSIGN(std::string certificate, ReadPem(files.certificate));
  FAIRLEAD_ASSIGN(std::string key, ReadPem(files.key));
  const pki::KeyAndCertificate own{std::move(key), std::move(certificate)};
  FAIRLEAD_RETURN_IF_ERROR(pki::Check(authorities, own, clock.NowMs() / kMsInS));
  return {};
}

std::shared_ptr<grpc::ServerCredentials> ServerTls(const TlsFiles& files) {
  grpc::experimental::TlsServerCredentialsOptions options(Watching(files));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> ChannelTls(const TlsFiles& files) {
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(Watching(files));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_certificate_verifier(
      std::make_shared<grpc::experimental::HostNameCertificateVerifier>());
  return grpc::experimental::TlsCredentials(options);
}

bool MaySpeakAs(const grpc::AuthContext* peer, std::string_view service) {
  if (peer == nullptr || !peer->IsPeerAuthenticated()) return true;
  const std::string needed = pki::DnsName(service);
  const std::vector<grpc::string_ref> names = peer->FindPropertyValues(GRPC_PEER_DNS_PROPERTY_NAME);
  return std::any_of(names.begin(), names.end(),
                     [&needed](const grpc::string_ref& name) { return name == needed; });
}

}  // namespace fairlead::rpc
