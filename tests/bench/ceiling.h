// The ceilings: what gRPC alone, and gRPC with one durable row, can do here. The server is a child
// process of its own, as the hub is, and has none of the hub's pipeline.
#ifndef TESTS_BENCH_CEILING_H_
#define TESTS_BENCH_CEILING_H_

#include <memory>
#include <string>

#include "services/common/base/result.h"
#include "services/common/testing/child_process.h"
#include "tests/bench/load.h"

namespace fairlead::bench {

// The hidden verb: `bench --serve-ceiling SOCKET FOLDER`. Serves until standard input ends.
int ServeCeiling(const std::string& socket, const std::string& folder);

class Ceiling {
 public:
  virtual ~Ceiling() = default;
  // Starts this program again as the server. `folder` is for its socket and database.
  static Result<std::unique_ptr<Ceiling>> Start(const std::string& folder);
  // 1 KiB there and back.
  virtual Operation Echo() = 0;
  // 1 KiB into a table with two indexes, with an outbox row; answered when it is on disk.
  virtual Operation Durable() = 0;
  virtual int pid() const = 0;
};

}  // namespace fairlead::bench

#endif  // TESTS_BENCH_CEILING_H_
