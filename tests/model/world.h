// The hub that the walkers walk in: its services, its clock.
#ifndef TESTS_MODEL_WORLD_H_
#define TESTS_MODEL_WORLD_H_

#include "services/common/base/clock.h"
#include "services/common/rpc/channel.h"

namespace fairlead::model {

class World {
 public:
  virtual ~World() = default;
  virtual rpc::Channel& channel() = 0;
  // What the services take for the time.
  virtual const Clock& clock() const = 0;
  // Sets that forward.
  virtual void Shift(int64_t by_ms) = 0;
  // Whether it can be killed, at any moment; and that: it is there again when this returns.
  virtual bool CanBeKilled() const { return false; }
  virtual void Kill() {}
};

}  // namespace fairlead::model

#endif  // TESTS_MODEL_WORLD_H_
