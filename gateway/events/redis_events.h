// The gateway's events from Redis: follows every service's stream from now on.
//
//   environment.start_events = RedisEvents(data_dir + "/run/redis.sock", event_key,
//                                          {"identity", "directory", "consent", "referral",
//                                           "messaging"});
#ifndef GATEWAY_EVENTS_REDIS_EVENTS_H_
#define GATEWAY_EVENTS_REDIS_EVENTS_H_

#include <string>
#include <vector>

#include "gateway/http/gateway.h"

namespace fairlead::gateway {

// `event_key`: see events::ConsumerOptions.
StartEvents RedisEvents(std::string redis_socket, std::string event_key,
                        std::vector<std::string> streams);

}  // namespace fairlead::gateway

#endif  // GATEWAY_EVENTS_REDIS_EVENTS_H_
