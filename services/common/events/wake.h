// Wakes one thread from any other, also from inside a poll(2): an eventfd.
//
//   Wake wake;
//   wake.Notify();          // any thread, never blocks
//   wake.Clear();           // the thread woken, before it looks for work
//   wake.WaitFor(1'000);
#ifndef SERVICES_COMMON_EVENTS_WAKE_H_
#define SERVICES_COMMON_EVENTS_WAKE_H_

#include <cstdint>

namespace fairlead::events {

class Wake {
 public:
  Wake();
  ~Wake();
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;

  // Stays noticed until Clear.
  void Notify() const;
  void Clear() const;
  // Until it is notified or the time is up.
  void WaitFor(int64_t timeout_ms) const;
  int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace fairlead::events

#endif  // SERVICES_COMMON_EVENTS_WAKE_H_
