#include "gateway/http/server.h"

#include "gateway/http/asio_config.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/strand.hpp>

#include "gateway/http/connection.h"

namespace fairlead::gateway {
namespace {

namespace ssl = asio::ssl;
using asio::ip::tcp;
using PlainConnection = Connection<tcp::socket>;
using TlsConnection = Connection<ssl::stream<tcp::socket>>;

// "127.0.0.1:7420" or "[::1]:7420"; names are not looked up, but for "localhost".
Result<tcp::endpoint> ParseListen(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  std::string host = listen.substr(0, colon);
  const std::string port = colon == std::string::npos ? "" : listen.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  boost::system::error_code error;
  const asio::ip::address address = asio::ip::make_address(host, error);
  const bool is_number = !port.empty() && port.size() <= 5 &&
                         port.find_first_not_of("0123456789") == std::string::npos;
  if (error || !is_number || std::stoi(port) > 65535) {
    return Fail(Code::kInvalidArgument, "LISTEN_INVALID",
                "An address to listen on must look like 127.0.0.1:7420 or [::1]:7420.");
  }
  return tcp::endpoint(address, static_cast<uint16_t>(std::stoi(port)));
}

// HTTP/1.1 is all that is spoken here.
int SelectProtocol(SSL*, const unsigned char** out, unsigned char* out_length,
                   const unsigned char* in, unsigned int in_length, void*) {
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  const int found = SSL_select_next_proto(&chosen, out_length, kHttp11, 9, in, in_length);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// A client may show a certificate; one that does not stand ends the handshake.
Result<void> AskForCertificates(ssl::context& context, const std::string& ca_file) {
  if (ca_file.empty()) return {};
  SSL_CTX* native = context.native_handle();
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(ca_file.c_str());
  if (names == nullptr || SSL_CTX_load_verify_file(native, ca_file.c_str()) != 1) {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    return Fail(Code::kFailedPrecondition, "TLS_FILES_INVALID",
                "The file of clients' authorities cannot be used.", {{"file", ca_file}});
  }
  SSL_CTX_set_client_CA_list(native, names);  // so that browsers do not offer others
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
  // Each connection shows its certificate anew: a resumed one would go on with an expired one.
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(native, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(native, 0);
  return {};
}

Result<std::unique_ptr<ssl::context>> MakeTls(const HttpServerOptions& options) {
  if (options.tls_certificate_file.empty() && options.tls_key_file.empty()) return nullptr;
  auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
  boost::system::error_code chain;
  boost::system::error_code key;
  context->use_certificate_chain_file(options.tls_certificate_file, chain);
  context->use_private_key_file(options.tls_key_file, ssl::context::pem, key);
  if (chain || key || SSL_CTX_check_private_key(context->native_handle()) != 1) {
    return Fail(Code::kFailedPrecondition, "TLS_FILES_INVALID",
                "The TLS certificate or its key cannot be used.",
                {{"file", chain ? options.tls_certificate_file : options.tls_key_file}});
  }
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                                    SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_cipher_list(context->native_handle(), "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_alpn_select_cb(context->native_handle(), &SelectProtocol, nullptr);
  FAIRLEAD_RETURN_IF_ERROR(AskForCertificates(*context, options.tls_client_ca_file));
  return context;
}

// Tells one client too many so, for a second at most.
asio::awaitable<void> RefuseBusy(std::shared_ptr<ServerState> state,
                                 std::shared_ptr<tcp::socket> socket) {
  Response response = ErrorResponse({Code::kUnavailable,
                                     "TOO_MANY_CONNECTIONS",
                                     "The hub has no room for another connection.",
                                     {{"retry_after_s", "1"}}});
  AddSecurityHeaders(response, false);
  const std::string answer =
      RenderHead(response, HttpDate(state->clock.NowMs()), false, true) + response.body;
  asio::steady_timer watchdog(socket->get_executor());
  watchdog.expires_after(std::chrono::seconds(1));
  watchdog.async_wait([socket](boost::system::error_code error) {
    boost::system::error_code ignored;
    if (!error) socket->close(ignored);
  });
  co_await asio::async_write(*socket, asio::buffer(answer), kAwait);
  boost::system::error_code ignored;
  socket->shutdown(tcp::socket::shutdown_send, ignored);
  std::array<char, 1024> sink;
  for (int i = 0; i < 32; ++i) {
    auto [error, count] = co_await socket->async_read_some(asio::buffer(sink), kAwait);
    if (error || count == 0) break;
  }
  --state->refusing;
}

void Begin(const std::shared_ptr<ServerState>& state, ssl::context* tls, tcp::socket socket) {
  boost::system::error_code error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return;  // gone already
  socket.set_option(tcp::no_delay(true), error);
  const std::string ip = peer.address().to_string();
  const asio::any_io_executor executor = socket.get_executor();
  if (!state->Reserve(ip)) {
    // Only so many are told; the others are just closed. Under TLS plain words would not help.
    if (tls != nullptr || state->refusing >= 32) return;
    ++state->refusing;
    auto shared = std::make_shared<tcp::socket>(std::move(socket));
    asio::co_spawn(executor, RefuseBusy(state, std::move(shared)), asio::detached);
    return;
  }
  if (tls == nullptr) {
    auto connection = std::make_shared<PlainConnection>(state, std::move(socket), ip);
    state->Add(connection, ip);
    asio::co_spawn(executor, PlainConnection::Run(connection), asio::detached);
  } else {
    ssl::stream<tcp::socket> stream(std::move(socket), *tls);
    auto connection = std::make_shared<TlsConnection>(state, std::move(stream), ip);
    state->Add(connection, ip);
    asio::co_spawn(executor, TlsConnection::Run(connection), asio::detached);
  }
}

// `io` is the context's own: it outlives every coroutine on it.
asio::awaitable<void> AcceptAll(std::shared_ptr<tcp::acceptor> acceptor,
                                std::shared_ptr<ServerState> state, asio::io_context& io) {
  while (acceptor->is_open()) {
    const auto strand = asio::make_strand(io);
    auto [error, socket] = co_await acceptor->async_accept(strand, kAwait);
    if (!error) {
      Begin(state, static_cast<ssl::context*>(state->keep.get()), std::move(socket));
    } else if (acceptor->is_open()) {
      // Out of file descriptors, most likely: wait for some to come back.
      asio::steady_timer pause(acceptor->get_executor());
      pause.expires_after(std::chrono::milliseconds(100));
      co_await pause.async_wait(kAwait);
    }
  }
}

class Server final : public HttpServer {
 public:
  Server(IoThreads& threads, std::shared_ptr<ServerState> state)
      : state_(std::move(state)),
        acceptor_(std::make_shared<tcp::acceptor>(asio::make_strand(threads.impl()->context))) {}
  ~Server() override { Shutdown(0); }

  Result<void> Open(asio::io_context& io, const tcp::endpoint& endpoint) {
    boost::system::error_code error;
    acceptor_->open(endpoint.protocol(), error);
    if (!error) acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && endpoint.address().is_v6()) {
      acceptor_->set_option(asio::ip::v6_only(true), error);
    }
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(1024, error);
    if (error) {
      is_shut_ = true;
      return Fail(Code::kUnavailable, "LISTEN_FAILED",
                  "Cannot listen on " + state_->options.listen + ": " + error.message() + ".");
    }
    port_ = acceptor_->local_endpoint().port();
    asio::co_spawn(acceptor_->get_executor(), AcceptAll(acceptor_, state_, io), asio::detached);
    return {};
  }

  int port() const override { return port_; }
  int connections() const override { return state_->connections(); }

  void Shutdown(int64_t grace_ms) override {
    if (std::exchange(is_shut_, true)) return;
    asio::post(acceptor_->get_executor(), [acceptor = acceptor_] {
      boost::system::error_code ignored;
      acceptor->close(ignored);
    });
    state_->BeginDrain();
    if (state_->WaitUntilEmpty(grace_ms)) return;
    state_->KillAll();
    state_->WaitUntilEmpty(1000);
  }

 private:
  const std::shared_ptr<ServerState> state_;
  const std::shared_ptr<tcp::acceptor> acceptor_;
  int port_ = 0;
  bool is_shut_ = false;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::Start(IoThreads& threads, HttpServerOptions options,
                                                      std::shared_ptr<Application> application,
                                                      const Clock& clock, IdGenerator& ids) {
  FAIRLEAD_ASSIGN(const tcp::endpoint endpoint, ParseListen(options.listen));
  FAIRLEAD_ASSIGN(std::shared_ptr<ssl::context> tls, MakeTls(options));
  auto state = std::make_shared<ServerState>(threads.impl(), std::move(options),
                                             std::move(application), clock, ids);
  state->keep = std::move(tls);
  auto server = std::make_unique<Server>(threads, std::move(state));
  FAIRLEAD_RETURN_IF_ERROR(server->Open(threads.impl()->context, endpoint));
  return server;
}

}  // namespace fairlead::gateway
