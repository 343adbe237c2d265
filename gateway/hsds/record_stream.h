// All records of a listing, one JSON record to a line, fetched as the client reads.
#ifndef GATEWAY_HSDS_RECORD_STREAM_H_
#define GATEWAY_HSDS_RECORD_STREAM_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "fairlead/directory/v1/hsds.pb.h"
#include "gateway/http/message.h"
#include "services/common/auth/actor.h"
#include "services/common/base/clock.h"
#include "services/common/base/result.h"
#include "services/common/rpc/channel.h"

namespace fairlead::gateway {

// How many streams are under way: a reader who takes its time must not keep others out.
class StreamSlots {
 public:
  static constexpr int kMost = 32;
  static constexpr int kMostOfOne = 2;

  bool Take(const std::string& client);
  void Give(const std::string& client);

 private:
  std::mutex mutex_;
  std::map<std::string, int> taken_;
  int all_ = 0;
};

// `request`: with its filters; the rest is the stream's. `services` and `clock` outlive the stream.
// A fault on the way, or ten minutes, end the stream with a line {"error":{"reason"}}: what came
// before is not all. Error: RESOURCE_EXHAUSTED TOO_MANY_STREAMS, of `client` or of all.
Result<std::shared_ptr<BodyStream>> StreamRecords(rpc::Channel& services, const Clock& clock,
                                                  std::shared_ptr<StreamSlots> slots,
                                                  std::string client, auth::Actor viewer,
                                                  directory::v1::QueryRecordsRequest request);

}  // namespace fairlead::gateway

#endif  // GATEWAY_HSDS_RECORD_STREAM_H_
