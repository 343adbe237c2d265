#include "services/common/events/wake.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "services/common/base/check.h"

namespace fairlead::events {

Wake::Wake() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) { FAIRLEAD_CHECK(fd_ >= 0); }
Wake::~Wake() { ::close(fd_); }

void Wake::Notify() const {
  const uint64_t one = 1;
  // EAGAIN means that the counter is full: it is noticed already.
  [[maybe_unused]] const ssize_t written = ::write(fd_, &one, sizeof one);
}

void Wake::Clear() const {
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(fd_, &count, sizeof count);
}

void Wake::WaitFor(int64_t timeout_ms) const {
  pollfd waiting{fd_, POLLIN, 0};
  ::poll(&waiting, 1, static_cast<int>(timeout_ms));
}

}  // namespace fairlead::events
