// What the connections of one server share. Internal to gateway/http.
#ifndef GATEWAY_HTTP_SERVER_STATE_H_
#define GATEWAY_HTTP_SERVER_STATE_H_

#include "gateway/http/asio_config.h"

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gateway/http/server.h"

namespace fairlead::gateway {

struct IoThreads::Impl {
  explicit Impl(int concurrency) : context(concurrency), work(context.get_executor()) {}
  boost::asio::io_context context;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
  std::vector<std::thread> threads;
};

// What the server does to a connection from outside. Any thread.
class ConnectionHandle {
 public:
  virtual ~ConnectionHandle() = default;
  virtual void BeginDrain() = 0;  // answer what is under way, then close
  virtual void GiveWay() = 0;     // the same, but that half a head is not under way
  virtual void Kill() = 0;

  // Since when the client has asked nothing (steady ms): no whole head has come, and no answer or
  // event stream is on its way. 0 while there is one.
  std::atomic<int64_t> waiting_since_ms{1};
};

struct ServerState {
  ServerState(std::weak_ptr<IoThreads::Impl> io_threads, HttpServerOptions server_options,
              std::shared_ptr<Application> app, const Clock& server_clock,
              IdGenerator& id_generator)
      : io(std::move(io_threads)),
        options(std::move(server_options)),
        application(std::move(app)),
        clock(server_clock),
        ids(id_generator) {}

  // Weak: the context owns the coroutines that hold this state.
  const std::weak_ptr<IoThreads::Impl> io;
  const HttpServerOptions options;
  const std::shared_ptr<Application> application;
  const Clock& clock;
  IdGenerator& ids;
  // What connections need and only the server knows: the TLS context.
  std::shared_ptr<void> keep;
  std::atomic<int> refusing{0};  // connections being told that there is no room

  // A place for one connection of `ip`. When all are taken, somebody who asks nothing gives way:
  // the longest waiting connection of the client that has the most. False when there is no place,
  // or the server is closing.
  bool Reserve(const std::string& ip);
  // Whoever has reserved adds, and removes when it ends.
  void Add(const std::shared_ptr<ConnectionHandle>& connection, const std::string& ip);
  void Remove(ConnectionHandle* connection);
  // It has carried a hotline operator's session: it never gives way, and others of its network may
  // have the places that are kept for the hotline (HttpLimits).
  void KeepPlace(ConnectionHandle* connection);
  bool draining() const;
  int connections() const;
  void BeginDrain();
  bool WaitUntilEmpty(int64_t timeout_ms);  // true: no connection is left
  void KillAll();

 private:
  struct Place {
    std::weak_ptr<ConnectionHandle> connection;
    std::vector<std::string> networks;  // ClientNetworks
    bool is_proxy = false;              // of many people: its network says nothing of them
    bool is_hotline = false;
    bool gives_way = false;  // does not count any more, but for its end
  };
  static constexpr size_t kMostHotlineNetworks = 256;

  std::vector<std::shared_ptr<ConnectionHandle>> All();
  // The rest is called with the mutex held.
  bool Admits(const std::vector<std::string>& networks, bool is_proxy) const;
  bool HasRoom(const std::vector<std::string>& networks) const;
  Place* LongestWaiting();
  void Count(const std::vector<std::string>& networks, int change);
  int CountOf(const std::string& network) const;

  mutable std::mutex mutex_;
  std::condition_variable empty_;
  std::map<ConnectionHandle*, Place> open_;
  std::map<std::string, int> per_network_;
  std::deque<std::string> hotline_networks_;  // the latest
  int reserved_ = 0;                          // until they have ended
  int giving_way_ = 0;                        // of these
  int hotline_ = 0;                           // of these
  bool draining_ = false;
};

}  // namespace fairlead::gateway

#endif  // GATEWAY_HTTP_SERVER_STATE_H_
