// What two agencies write each other: a thread, its two sides, its messages as the hub knows them.
#ifndef SERVICES_MESSAGING_DOMAIN_THREAD_H_
#define SERVICES_MESSAGING_DOMAIN_THREAD_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "services/common/base/result.h"
#include "services/messaging/domain/limits.h"

namespace fairlead::messaging {

// One agency's side of a thread.
struct Party {
  std::string agency_id = {};
  int64_t delivered_sequence = 0;  // shown there up to this one
  int64_t read_sequence = 0;
  int64_t unread = 0;  // of what the other one wrote
};

struct Thread {
  std::string id = {};
  int64_t create_ms = 0;
  int64_t last_ms = 0;                // of the last message; without one: create_ms
  int64_t last_sequence = 0;          // 0: no message yet
  std::array<Party, 2> parties = {};  // who started it first

  bool IsParty(const std::string& agency_id) const {
    return parties[0].agency_id == agency_id || parties[1].agency_id == agency_id;
  }
  // Of one that is a party.
  Party& PartyOf(const std::string& agency_id) {
    return parties[0].agency_id == agency_id ? parties[0] : parties[1];
  }
  Party& OtherThan(const std::string& agency_id) {
    return parties[0].agency_id == agency_id ? parties[1] : parties[0];
  }
};

// One agency's share of a sealed message: its place in the JWE.
struct Share {
  std::string agency_id = {};
  std::string kid = {};
  std::string epk_x = {};
  std::string epk_y = {};
  std::string encrypted_key = {};
};
// As it is kept. Without ciphertext: erased.
struct Sealed {
  std::string protected_b64;
  std::string iv = {};
  std::string ciphertext = {};
  std::string tag = {};
  std::vector<Share> shares = {};
};

struct Message {
  std::string id = {};
  std::string thread_id = {};
  int64_t sequence = 0;
  std::string from_agency_id = {};
  std::string staff_id = {};
  int64_t create_ms = 0;
  int64_t edit_ms = 0;  // 0: never
  int64_t revision = 0;
  bool deleted = false;
  int64_t expire_ms = 0;
  Sealed sealed = {};
};

// Grows with each edit; and once more when it is deleted.
std::string Etag(const Message& message);

// Up to when it is edited and deleted. Error: EDIT_WINDOW_OVER.
Result<void> CheckEditWindow(const Message& message, int64_t now_ms);

// Whether the agency has the other's message unread. What is deleted is not unread.
bool IsUnreadBy(const Party& party, const Message& message);

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_DOMAIN_THREAD_H_
