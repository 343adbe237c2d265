#include "gateway/http/server_state.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace fairlead::gateway {
namespace {

constexpr int kHotlineShare = 8;  // one place in so many is kept for the hotline

}  // namespace

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

int ServerState::CountOf(const std::string& network) const {
  const auto found = per_network_.find(network);
  return found == per_network_.end() ? 0 : found->second;
}

void ServerState::Count(const std::vector<std::string>& networks, int change) {
  for (const std::string& network : networks) {
    const auto at = per_network_.try_emplace(network, 0).first;
    at->second += change;
    if (at->second == 0) per_network_.erase(at);
  }
}

// The wider network, an IPv6 site, has room for two clients at their most.
bool ServerState::Admits(const std::vector<std::string>& networks, bool is_proxy) const {
  int most = options.limits.max_connections_per_client;
  for (const std::string& network : networks) {
    if (!is_proxy && CountOf(network) >= most) return false;
    most *= 2;
  }
  return true;
}

bool ServerState::HasRoom(const std::vector<std::string>& networks) const {
  const int most = options.limits.max_connections;
  const int kept = most / kHotlineShare;
  const int taken = reserved_ - giving_way_;
  const bool is_hotlines = std::find(hotline_networks_.begin(), hotline_networks_.end(),
                                     networks.front()) != hotline_networks_.end();
  if (is_hotlines) return taken < most;
  return taken - std::min(hotline_, kept) < most - kept;
}

ServerState::Place* ServerState::LongestWaiting() {
  Place* chosen = nullptr;
  std::pair<int, int64_t> chosen_by;  // the most connections, then the longest wait
  for (auto& [connection, place] : open_) {
    const int64_t since_ms = connection->waiting_since_ms;
    if (since_ms == 0 || place.gives_way || place.is_hotline) continue;
    const std::pair<int, int64_t> by(CountOf(place.networks.back()), -since_ms);
    if (chosen != nullptr && by <= chosen_by) continue;
    chosen = &place;
    chosen_by = by;
  }
  return chosen;
}

bool ServerState::Reserve(const std::string& ip) {
  // Let go of outside the lock: if we are the last to hold it, its end comes back here.
  std::shared_ptr<ConnectionHandle> leaving;
  {
    const std::lock_guard lock(mutex_);
    const std::vector<std::string> networks = ClientNetworks(ip);
    if (draining_ || !Admits(networks, options.trusted_proxies.Trusts(ip))) return false;
    if (!HasRoom(networks)) {
      Place* const place = LongestWaiting();
      if (place == nullptr) return false;
      place->gives_way = true;
      ++giving_way_;
      Count(place->networks, -1);
      leaving = place->connection.lock();
    }
    Count(networks, 1);
    ++reserved_;
  }
  if (leaving) leaving->GiveWay();
  return true;
}

void ServerState::Add(const std::shared_ptr<ConnectionHandle>& connection, const std::string& ip) {
  bool is_late = false;
  {
    const std::lock_guard lock(mutex_);
    open_.emplace(connection.get(), Place{.connection = connection,
                                          .networks = ClientNetworks(ip),
                                          .is_proxy = options.trusted_proxies.Trusts(ip)});
    is_late = draining_;
  }
  if (is_late) connection->BeginDrain();
}

void ServerState::Remove(ConnectionHandle* connection) {
  const std::lock_guard lock(mutex_);
  const auto at = open_.find(connection);
  if (at->second.gives_way) {
    --giving_way_;
  } else {
    Count(at->second.networks, -1);
  }
  if (at->second.is_hotline) --hotline_;
  open_.erase(at);
  if (--reserved_ == 0) empty_.notify_all();
}

void ServerState::KeepPlace(ConnectionHandle* connection) {
  const std::lock_guard lock(mutex_);
  Place& place = open_.at(connection);
  if (place.is_hotline || place.gives_way) return;
  place.is_hotline = true;
  ++hotline_;
  if (place.is_proxy) return;
  const std::string& network = place.networks.front();
  std::erase(hotline_networks_, network);
  hotline_networks_.push_back(network);
  if (hotline_networks_.size() > kMostHotlineNetworks) hotline_networks_.pop_front();
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
  for (const auto& [ignored, place] : open_) {
    if (std::shared_ptr<ConnectionHandle> connection = place.connection.lock()) {
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
