// What the connections of one server share. Internal to gateway/http.
#ifndef GATEWAY_HTTP_SERVER_STATE_H_
#define GATEWAY_HTTP_SERVER_STATE_H_

#include "gateway/http/asio_config.h"

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
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
  virtual void Kill() = 0;
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

  // A place for one connection of `ip`, whose client is `client`; false when there is none, or the
  // server is closing.
  bool Reserve(const std::string& ip, const std::string& client);
  // Whoever has reserved adds, and removes when it ends.
  void Add(const std::shared_ptr<ConnectionHandle>& connection);
  void Remove(ConnectionHandle* connection, const std::string& client);
  bool draining() const;
  int connections() const;
  void BeginDrain();
  bool WaitUntilEmpty(int64_t timeout_ms);  // true: no connection is left
  void KillAll();

 private:
  std::vector<std::shared_ptr<ConnectionHandle>> All();

  mutable std::mutex mutex_;
  std::condition_variable empty_;
  std::map<ConnectionHandle*, std::weak_ptr<ConnectionHandle>> open_;
  std::map<std::string, int> per_client_;
  int reserved_ = 0;
  bool draining_ = false;
};

}  // namespace fairlead::gateway

#endif  // GATEWAY_HTTP_SERVER_STATE_H_
