// How a Connection sends what comes in pieces. The end of connection.h, which includes it.
#ifndef GATEWAY_HTTP_CONNECTION_STREAM_H_
#define GATEWAY_HTTP_CONNECTION_STREAM_H_

#include "gateway/http/connection.h"

namespace fairlead::gateway {

// A client of a stream has nothing more to say: whatever arrives, or the end, ends the stream.
template <class Stream>
asio::awaitable<void> Connection<Stream>::WatchForEnd(std::shared_ptr<Connection> self) {
  auto& socket = self->stream_.lowest_layer();
  co_await socket.async_wait(asio::ip::tcp::socket::wait_read, kAwait);
  self->gone_ = true;
  self->Wake();
}

// Waits until there is something to send. False: the stream is over without another word.
template <class Stream>
asio::awaitable<bool> Connection<Stream>::NextPiece(BodyStream& body, int64_t& next_beat_ms,
                                                    BodyStream::Piece& piece) {
  while (!gone_ && !draining_) {
    woken_ = false;
    piece = body.Take();
    if (!piece.data.empty() || piece.end) co_return true;
    const int64_t left_ms = next_beat_ms - state_->clock.SteadyMs();
    if (left_ms > 0 && !woken_) {
      wake_timer_.expires_after(std::chrono::milliseconds(left_ms));
      co_await wake_timer_.async_wait(kAwait);
      continue;
    }
    next_beat_ms = state_->clock.SteadyMs() + limits().heartbeat_ms;
    Task<BodyStream::Piece> beat = body.Heartbeat();
    asio::any_io_executor executor = stream_.get_executor();
    std::weak_ptr<IoThreads::Impl> io = state_->io;
    std::optional<BodyStream::Piece> beaten =
        co_await RunTask(std::move(beat), limits().heartbeat_ms, executor, io);
    if (!beaten) co_return false;
    piece = std::move(*beaten);
    co_return true;
  }
  co_return false;
}

template <class Stream>
asio::awaitable<void> Connection<Stream>::WriteStream(std::shared_ptr<BodyStream> body) {
  NeverExpire();
  asio::co_spawn(stream_.get_executor(), WatchForEnd(this->shared_from_this()), asio::detached);
  body->OnReady([weak = this->weak_from_this()] {
    if (const auto self = weak.lock()) self->OnStrand([](Connection& c) { c.Wake(); });
  });
  int64_t next_beat_ms = state_->clock.SteadyMs() + limits().heartbeat_ms;
  while (true) {
    BodyStream::Piece piece;
    const bool has_more = co_await NextPiece(*body, next_beat_ms, piece);
    if (!has_more) break;
    if (!piece.data.empty()) {
      char size[24];
      std::snprintf(size, sizeof size, "%zx\r\n", piece.data.size());
      piece.data += "\r\n";
      const bool written = co_await Write(size, piece.data);
      if (!written) co_return;
      NeverExpire();
    }
    if (piece.end) break;
  }
  co_await Write("0\r\n\r\n", {});
}

}  // namespace fairlead::gateway

#endif  // GATEWAY_HTTP_CONNECTION_STREAM_H_
