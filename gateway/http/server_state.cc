#include "gateway/http/server_state.h"

#include <chrono>

namespace fairlead::gateway {

IoThreads::IoThreads(int threads) : impl_(std::make_shared<Impl>(threads)) {
  for (int i = 0; i < threads; ++i) {
    impl_->threads.emplace_back([impl = impl_.get()] { impl->context.run(); });
  }
}

void IoThreads::Stop() {
  impl_->work.reset();
  impl_->context.stop();
  for (std::thread& thread : impl_->threads) thread.join();
  impl_->threads.clear();
}

IoThreads::~IoThreads() { Stop(); }

bool ServerState::Reserve(const std::string& ip, const std::string& client) {
  const std::lock_guard lock(mutex_);
  if (draining_ || reserved_ >= options.limits.max_connections) return false;
  const auto known = per_client_.find(client);
  if (known != per_client_.end() && known->second >= options.limits.max_connections_per_client &&
      !options.trusted_proxies.Trusts(ip)) {
    return false;
  }
  ++per_client_[client];
  ++reserved_;
  return true;
}

void ServerState::Add(const std::shared_ptr<ConnectionHandle>& connection) {
  bool is_late = false;
  {
    const std::lock_guard lock(mutex_);
    open_.emplace(connection.get(), connection);
    is_late = draining_;
  }
  if (is_late) connection->BeginDrain();
}

void ServerState::Remove(ConnectionHandle* connection, const std::string& client) {
  const std::lock_guard lock(mutex_);
  open_.erase(connection);
  const auto count = per_client_.find(client);
  if (--count->second == 0) per_client_.erase(count);
  if (--reserved_ == 0) empty_.notify_all();
}

bool ServerState::draining() const {
  const std::lock_guard lock(mutex_);
  return draining_;
}

int ServerState::connections() const {
  const std::lock_guard lock(mutex_);
  return reserved_;
}

std::vector<std::shared_ptr<ConnectionHandle>> ServerState::All() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<ConnectionHandle>> all;
  for (const auto& [ignored, weak] : open_) {
    if (std::shared_ptr<ConnectionHandle> connection = weak.lock()) {
      all.push_back(std::move(connection));
    }
  }
  return all;
}

void ServerState::BeginDrain() {
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
  }
  for (const auto& connection : All()) connection->BeginDrain();
}

bool ServerState::WaitUntilEmpty(int64_t timeout_ms) {
  std::unique_lock lock(mutex_);
  return empty_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                         [this] { return reserved_ == 0; });
}

void ServerState::KillAll() {
  for (const auto& connection : All()) connection->Kill();
}

}  // namespace fairlead::gateway
