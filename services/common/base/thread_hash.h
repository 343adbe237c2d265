// The hash that ties a message to the thread it was written in: one piece of code for the hub,
// which keeps threads, and for the client, which must not take the hub's word for who reads along.
#ifndef SERVICES_COMMON_BASE_THREAD_HASH_H_
#define SERVICES_COMMON_BASE_THREAD_HASH_H_

#include <string>

namespace fairlead {

// What the header of a sealed message says beside the thread's id and its writer.
inline constexpr char kMessagePurpose[] = "thread_message";
inline constexpr char kMessageCategory[] = "correspondence";

// base64url SHA-256 (43 characters) over "fairlead-thread-v1" and the three ids, one to a line,
// those of the two agencies sorted: it stands where a packet has its release_hash. Agencies in any
// order.
std::string ThreadHash(const std::string& thread_id, const std::string& agency_id,
                       const std::string& other_agency_id);

}  // namespace fairlead

#endif  // SERVICES_COMMON_BASE_THREAD_HASH_H_
