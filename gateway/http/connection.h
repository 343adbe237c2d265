// One client connection: reads requests, hands them to the application, writes the answers.
// Internal to gateway/http; everything runs on the connection's strand.
#ifndef GATEWAY_HTTP_CONNECTION_H_
#define GATEWAY_HTTP_CONNECTION_H_

#include "gateway/http/asio_config.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdio>
#include <ctime>
#include <type_traits>

#include "gateway/http/head.h"
#include "gateway/http/response.h"
#include "gateway/http/run_task.h"
#include "gateway/http/server_state.h"
#include "services/common/base/encoding.h"

namespace fairlead::gateway {

namespace asio = boost::asio;
namespace beast = boost::beast;

inline constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
// Beyond, the application says first whether the body shall be read.
inline constexpr uint64_t kLargeBodyBytes = 64 * 1024;

inline Response TooLate() {
  return ErrorResponse({Code::kDeadlineExceeded,
                        "DEADLINE_EXCEEDED",
                        "The answer took longer than the caller would wait.",
                        {}});
}

template <class Stream>
class Connection final : public ConnectionHandle,
                         public std::enable_shared_from_this<Connection<Stream>> {
 public:
  Connection(std::shared_ptr<ServerState> state, Stream stream, std::string peer)
      : state_(std::move(state)),
        stream_(std::move(stream)),
        peer_(std::move(peer)),
        client_(ClientNetwork(peer_)),
        wake_timer_(stream_.get_executor()),
        expiry_timer_(stream_.get_executor()) {
    Waits();
  }
  ~Connection() override { state_->Remove(this); }

  const std::string& client() const { return client_; }
  asio::any_io_executor executor() { return stream_.get_executor(); }
  // Until the connection ends. The argument keeps it alive.
  static asio::awaitable<void> Run(std::shared_ptr<Connection> self);

  void BeginDrain() override {
    OnStrand([](Connection& self) {
      self.draining_ = true;
      if (self.idle_) self.CancelIo();
      self.Wake();
    });
  }
  void GiveWay() override {
    OnStrand([](Connection& self) {
      self.draining_ = true;
      if (self.waiting_since_ms == 0) return;  // a request came first: it is answered
      self.gone_ = true;
      self.CloseSocket();
    });
  }
  void Kill() override {
    OnStrand([](Connection& self) {
      self.gone_ = true;
      self.CloseSocket();
      self.Wake();
    });
  }

 private:
  static constexpr bool kTls = !std::is_same_v<Stream, asio::ip::tcp::socket>;
  enum class HeadResult { kRead, kClosed, kTimeout, kTooLarge };

  const HttpLimits& limits() const { return state_->options.limits; }
  void OnStrand(std::function<void(Connection&)> action) {
    asio::post(stream_.get_executor(), [weak = this->weak_from_this(), action] {
      if (const auto self = weak.lock()) action(*self);
    });
  }
  void Waits() { this->waiting_since_ms = std::max<int64_t>(state_->clock.SteadyMs(), 1); }
  void Wake() {
    woken_ = true;
    wake_timer_.cancel();
  }
  asio::ip::tcp::socket& RawSocket() {
    if constexpr (kTls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }
  void CancelIo() {
    boost::system::error_code ignored;
    stream_.lowest_layer().cancel(ignored);
  }
  void CloseSocket() {
    boost::system::error_code ignored;
    stream_.lowest_layer().close(ignored);
  }
  // Gives everything until the next call this long. The socket stays open when the time is up, so
  // that the client can still be told.
  void ExpireAfter(int64_t ms) {
    timed_out_ = false;
    expiry_timer_.expires_after(std::chrono::milliseconds(ms));
    const uint64_t turn = ++expiry_turn_;
    const auto weak = this->weak_from_this();
    expiry_timer_.async_wait([weak, turn](boost::system::error_code error) {
      const auto self = weak.lock();
      // A later ExpireAfter may have come too late to cancel this one.
      if (error || !self || self->expiry_turn_ != turn) return;
      self->timed_out_ = true;
      self->CancelIo();
    });
  }
  void NeverExpire() {
    ++expiry_turn_;
    expiry_timer_.cancel();
  }

  asio::awaitable<bool> Handshake();
  void KeepCertificate();
  asio::awaitable<HeadResult> ReadHeadBytes();
  asio::awaitable<bool> ServeOne();
  asio::awaitable<bool> Exchange(Head head, int64_t started_ms);
  Admission Admit(const Head& head, const Request& request);
  asio::awaitable<void> RefuseUpload(Admission& admission, std::shared_ptr<Request> request);
  std::string ClientOf(const Request& request) const;
  asio::awaitable<bool> ReadBody(const Head& head, size_t max_bytes, Request& request);
  asio::awaitable<bool> Answer(const Request& request, Response response, bool close);
  asio::awaitable<bool> Refuse(int status, Error error);
  asio::awaitable<bool> Write(std::string_view first, std::string_view second);
  asio::awaitable<void> WriteStream(std::shared_ptr<BodyStream> body);
  asio::awaitable<bool> NextPiece(BodyStream& body, int64_t& next_beat_ms,
                                  BodyStream::Piece& piece);
  asio::awaitable<void> CloseGently();
  static asio::awaitable<void> WatchForEnd(std::shared_ptr<Connection> self);

  const std::shared_ptr<ServerState> state_;
  Stream stream_;
  const std::string peer_;
  const std::string client_;
  asio::steady_timer wake_timer_;
  asio::steady_timer expiry_timer_;
  uint64_t expiry_turn_ = 0;
  bool timed_out_ = false;
  beast::flat_buffer buffer_{kMaxHeadBytes + 64 * 1024};
  size_t head_bytes_ = 0;
  std::string certificate_sha256_;  // the client's; empty: none
  int64_t certificate_until_ms_ = 0;
  bool idle_ = false;
  bool draining_ = false;
  bool gone_ = false;
  bool woken_ = false;
};

template <class Stream>
asio::awaitable<void> Connection<Stream>::Run(std::shared_ptr<Connection> self) {
  bool goes_on = co_await self->Handshake();
  if (!goes_on) co_return;
  const int most = self->limits().max_requests_per_connection;
  for (int served = 0; goes_on && served < most; ++served) {
    goes_on = co_await self->ServeOne();
  }
  co_await self->CloseGently();
}

template <class Stream>
asio::awaitable<bool> Connection<Stream>::Handshake() {
  if constexpr (kTls) {
    ExpireAfter(limits().header_ms);
    auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, kAwait);
    if (!error) KeepCertificate();
    co_return !error;
  }
  co_return true;
}

// The handshake has verified it against the authorities that we trust.
template <class Stream>
void Connection<Stream>::KeepCertificate() {
  if constexpr (kTls) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        SSL_get1_peer_certificate(stream_.native_handle()), &X509_free);
    if (!certificate) return;
    std::array<unsigned char, 32> hash;
    unsigned int size = 0;
    std::tm until{};
    if (X509_digest(certificate.get(), EVP_sha256(), hash.data(), &size) != 1 ||
        ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &until) != 1) {
      return;
    }
    certificate_sha256_ =
        Base64UrlEncode({reinterpret_cast<const char*>(hash.data()), hash.size()});
    certificate_until_ms_ = static_cast<int64_t>(timegm(&until)) * 1000;
  }
}

// Reads until the empty line is in the buffer. The time limit covers the whole head, so that a
// client that sends a byte now and then gains nothing.
template <class Stream>
asio::awaitable<typename Connection<Stream>::HeadResult> Connection<Stream>::ReadHeadBytes() {
  bool is_timed = buffer_.size() > 0;
  ExpireAfter(is_timed ? limits().header_ms : limits().idle_ms);
  size_t searched = 0;
  while (true) {
    const std::string_view have(static_cast<const char*>(buffer_.data().data()), buffer_.size());
    const size_t end = have.find("\r\n\r\n", searched < 3 ? 0 : searched - 3);
    if (end != std::string_view::npos && end + 4 <= kMaxHeadBytes) {
      head_bytes_ = end + 4;
      co_return HeadResult::kRead;
    }
    if (have.size() >= kMaxHeadBytes) co_return HeadResult::kTooLarge;
    searched = have.size();
    if (have.empty() && draining_) co_return HeadResult::kClosed;
    idle_ = have.empty();
    auto [error, count] =
        co_await stream_.async_read_some(buffer_.prepare(kMaxHeadBytes - have.size()), kAwait);
    idle_ = false;
    if (error) {
      const bool is_late = timed_out_ && buffer_.size() > 0;
      co_return is_late ? HeadResult::kTimeout : HeadResult::kClosed;
    }
    buffer_.commit(count);
    if (!is_timed) ExpireAfter(limits().header_ms);
    is_timed = true;
  }
}

// One request and its answer. False: the connection ends.
template <class Stream>
asio::awaitable<bool> Connection<Stream>::ServeOne() {
  Waits();
  const HeadResult read = co_await ReadHeadBytes();
  this->waiting_since_ms = 0;
  if (read == HeadResult::kClosed) co_return false;
  if (read == HeadResult::kTimeout) {
    Error late{Code::kDeadlineExceeded, "REQUEST_TIMEOUT", "The request took too long.", {}};
    co_return co_await Refuse(408, std::move(late));
  }
  Error malformed{Code::kInvalidArgument, "MALFORMED_REQUEST", "This is not acceptable HTTP.", {}};
  if (read == HeadResult::kTooLarge) {
    malformed.metadata["detail"] = "head_too_large";
    co_return co_await Refuse(431, std::move(malformed));
  }
  const int64_t started_ms = state_->clock.SteadyMs();
  auto head = ParseHead({static_cast<const char*>(buffer_.data().data()), head_bytes_});
  if (!head) {
    malformed.metadata["detail"] = std::string(head.error().detail);
    co_return co_await Refuse(head.error().status, std::move(malformed));
  }
  co_return co_await Exchange(std::move(*head), started_ms);
}

// Behind a proxy every request may be another client's.
template <class Stream>
std::string Connection<Stream>::ClientOf(const Request& request) const {
  const TrustedProxies& proxies = state_->options.trusted_proxies;
  return proxies.Trusts(peer_) ? ClientNetwork(proxies.ClientOf(peer_, request.headers)) : client_;
}

// May this request go on, and with how large a body?
template <class Stream>
Admission Connection<Stream>::Admit(const Head& head, const Request& request) {
  Admission admission = state_->application->Admit(request);
  if (!admission.refused && head.content_length.value_or(0) > admission.max_body_bytes) {
    admission.refused = true;
    admission.refusal = ErrorResponse(
        {Code::kResourceExhausted, "BODY_TOO_LARGE", "The body is too large.", {}}, 413);
  }
  return admission;
}

// Nobody has a large body read whom the application does not know.
template <class Stream>
asio::awaitable<void> Connection<Stream>::RefuseUpload(Admission& admission,
                                                       std::shared_ptr<Request> request) {
  NeverExpire();
  request->deadline_steady_ms = state_->clock.SteadyMs() + admission.time_limit_ms;
  Task<std::optional<Response>> task = state_->application->RefuseUpload(request);
  asio::any_io_executor executor = stream_.get_executor();
  std::weak_ptr<IoThreads::Impl> io = state_->io;
  std::optional<std::optional<Response>> answer =
      co_await RunTask(std::move(task), admission.time_limit_ms, executor, io);
  if (answer && !*answer) co_return;
  admission.refused = true;
  admission.refusal = answer ? std::move(**answer) : TooLate();
}

template <class Stream>
asio::awaitable<bool> Connection<Stream>::Exchange(Head head, int64_t started_ms) {
  const auto request = std::make_shared<Request>();
  request->method = std::move(head.method);
  request->path = std::move(head.path);
  request->query = std::move(head.query);
  request->headers = std::move(head.headers);
  request->peer = peer_;
  request->client = ClientOf(*request);
  request->tls = kTls;
  // A connection may outlive the certificate that it began with.
  if (state_->clock.NowMs() <= certificate_until_ms_) {
    request->client_certificate_sha256 = certificate_sha256_;
  }
  request->id = state_->ids.New();
  RequestRecord record{state_->application->RouteLabel(*request), 0, 0, head_bytes_, 0};

  Admission admission = Admit(head, *request);
  if (!admission.refused && head.has_body() &&
      head.content_length.value_or(admission.max_body_bytes) > kLargeBodyBytes) {
    co_await RefuseUpload(admission, request);
  }
  Response response;
  // A body that stays unread leaves the connection at an unknown place.
  bool close = !head.keep_alive || (admission.refused && head.has_body());
  if (admission.refused) {
    if (!head.has_body()) buffer_.consume(head_bytes_);
    response = std::move(admission.refusal);
  } else {
    const bool is_read = co_await ReadBody(head, admission.max_body_bytes, *request);
    if (!is_read) co_return false;
    record.request_bytes += request->body.size();
    request->deadline_steady_ms = state_->clock.SteadyMs() + admission.time_limit_ms;
    NeverExpire();
    Task<Response> task = state_->application->Handle(request);
    asio::any_io_executor executor = stream_.get_executor();
    std::weak_ptr<IoThreads::Impl> io = state_->io;
    std::optional<Response> handled =
        co_await RunTask(std::move(task), admission.time_limit_ms, executor, io);
    response = handled ? std::move(*handled) : TooLate();
  }
  if (response.is_hotline) state_->KeepPlace(this);
  close = close || draining_ || state_->draining() || response.close || response.stream;
  record.status = response.status;
  record.response_bytes = response.body.size();
  record.duration_ms = state_->clock.SteadyMs() - started_ms;
  if (state_->options.on_request) state_->options.on_request(record);
  const bool written = co_await Answer(*request, std::move(response), close);
  co_return written && !close;
}

// False: the connection cannot go on; a refusal has been written where one was due.
template <class Stream>
asio::awaitable<bool> Connection<Stream>::ReadBody(const Head& head, size_t max_bytes,
                                                   Request& request) {
  if (!head.has_body()) {
    buffer_.consume(head_bytes_);
    co_return true;
  }
  ExpireAfter(limits().body_ms);
  if (head.expects_continue) {
    const bool written = co_await Write("HTTP/1.1 100 Continue\r\n\r\n", {});
    if (!written) co_return false;
    ExpireAfter(limits().body_ms);
  }
  // Beast reads the same head again: two parsers must agree before a body counts.
  beast::http::request_parser<beast::http::string_body> parser;
  parser.header_limit(static_cast<uint32_t>(kMaxHeadBytes));
  parser.body_limit(max_bytes);
  parser.eager(true);
  auto [error, count] = co_await beast::http::async_read(stream_, buffer_, parser, kAwait);
  if (!error) {
    request.body = std::move(parser.get().body());
    co_return true;
  }
  if (error == beast::http::error::body_limit) {
    Error large{Code::kResourceExhausted, "BODY_TOO_LARGE", "The body is too large.", {}};
    co_return co_await Refuse(413, std::move(large));
  }
  if (timed_out_) {
    Error late{Code::kDeadlineExceeded, "REQUEST_TIMEOUT", "The request took too long.", {}};
    co_return co_await Refuse(408, std::move(late));
  }
  const auto& http_faults = make_error_code(beast::http::error::bad_chunk).category();
  if (error.category() == http_faults && error != beast::http::error::need_more &&
      error != beast::http::error::partial_message && error != beast::http::error::end_of_stream) {
    Error malformed{Code::kInvalidArgument,
                    "MALFORMED_REQUEST",
                    "This is not acceptable HTTP.",
                    {{"detail", "body"}}};
    co_return co_await Refuse(400, std::move(malformed));
  }
  co_return false;
}

// An answer to what could not be read as a request. Always false: the connection ends.
template <class Stream>
asio::awaitable<bool> Connection<Stream>::Refuse(int status, Error error) {
  Request none;
  none.id = state_->ids.New();
  Response response = ErrorResponse(error, status);
  co_await Answer(none, std::move(response), true);
  if (state_->options.on_request) state_->options.on_request({"malformed", status, 0, 0, 0});
  co_return false;
}

template <class Stream>
asio::awaitable<bool> Connection<Stream>::Answer(const Request& request, Response response,
                                                 bool close) {
  AddSecurityHeaders(response, kTls);
  response.Set("x-request-id", request.id);
  const std::string date = HttpDate(state_->clock.NowMs());
  const std::string head = RenderHead(response, date, static_cast<bool>(response.stream), close);
  const std::string_view body =
      request.method == "HEAD" || response.stream ? std::string_view() : response.body;
  const bool written = co_await Write(head, body);
  if (written && response.stream) co_await WriteStream(std::move(response.stream));
  co_return written;
}

template <class Stream>
asio::awaitable<bool> Connection<Stream>::Write(std::string_view first, std::string_view second) {
  if (gone_) co_return false;
  ExpireAfter(limits().write_ms);
  const std::array<asio::const_buffer, 2> buffers = {asio::buffer(first.data(), first.size()),
                                                     asio::buffer(second.data(), second.size())};
  auto [error, count] = co_await asio::async_write(stream_, buffers, kAwait);
  co_return !error;
}

// Closing at once with unread bytes would reset the connection and lose the answer on its way:
// say that no more comes, then read what is still there, for a second and 256 KiB at most.
template <class Stream>
asio::awaitable<void> Connection<Stream>::CloseGently() {
  if (gone_) co_return;
  ExpireAfter(1000);
  if constexpr (kTls) {
    co_await stream_.async_shutdown(kAwait);
  }
  boost::system::error_code ignored;
  stream_.lowest_layer().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  std::array<char, 4096> sink;
  for (int i = 0; i < 64 && !draining_; ++i) {
    auto [error, count] = co_await RawSocket().async_read_some(asio::buffer(sink), kAwait);
    if (error || count == 0) break;
  }
  CloseSocket();
}

}  // namespace fairlead::gateway

#include "gateway/http/connection_stream.h"

#endif  // GATEWAY_HTTP_CONNECTION_H_
