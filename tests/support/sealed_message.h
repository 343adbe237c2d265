// A message of a thread, sealed as a client would.
#ifndef TESTS_SUPPORT_SEALED_MESSAGE_H_
#define TESTS_SUPPORT_SEALED_MESSAGE_H_

#include <string>

#include "services/common/base/clock.h"
#include "services/common/base/random.h"
#include "services/common/base/thread_hash.h"
#include "services/common/seal/seal.h"
#include "tests/support/coalition.h"

namespace fairlead::testing {

struct MessageText {
  std::string thread_id;
  std::string message_id;
  std::string text = "hello";
  int revision = 0;
  int64_t expire_in_s = 30LL * 24 * 3600;  // from `now_ms`
  int64_t now_ms = SystemClock().NowMs();
};

// Empty: it could not be sealed.
inline std::string SealMessage(const Agency& from, const Agency& to, const MessageText& message) {
  seal::SealRequest request;
  request.header = {.referral_id = message.thread_id,
                    .sender_agency_id = from.id,
                    .sender_kid = from.signing.public_key.kid,
                    .release_hash = ThreadHash(message.thread_id, from.id, to.id),
                    .purpose = kMessagePurpose,
                    .categories = {kMessageCategory},
                    .expires_s = message.now_ms / 1000 + message.expire_in_s,
                    .recips = ""};
  request.plaintext = R"({"message_id":")" + message.message_id + R"(","revision":)" +
                      std::to_string(message.revision) + R"(,"text":")" + message.text + R"("})";
  request.recipients = {to.epoch.public_key, from.epoch.public_key};
  return seal::Seal(request, from.signing, SystemRandom()).value_or("");
}

}  // namespace fairlead::testing

#endif  // TESTS_SUPPORT_SEALED_MESSAGE_H_
