#include "services/common/base/thread_hash.h"

#include <algorithm>

#include "services/common/base/encoding.h"

namespace fairlead {

std::string ThreadHash(const std::string& thread_id, const std::string& agency_id,
                       const std::string& other_agency_id) {
  const std::string& first = std::min(agency_id, other_agency_id);
  const std::string& second = std::max(agency_id, other_agency_id);
  return Base64UrlEncode(
      Sha256("fairlead-thread-v1\n" + thread_id + "\n" + first + "\n" + second + "\n"));
}

}  // namespace fairlead
