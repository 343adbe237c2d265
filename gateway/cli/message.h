// A sealed message of a thread between two agencies: sealed here, and read here.
#ifndef GATEWAY_CLI_MESSAGE_H_
#define GATEWAY_CLI_MESSAGE_H_

#include <cstdint>
#include <string>

#include "fairlead/messaging/v1/thread.pb.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

inline constexpr size_t kMaxMessageBytes = 15 * 1024;  // of its words; 16 KiB are sealed

// The thread of this id, or @last. A hub that names other agencies for it than before is found out:
// what is written there would be sealed to somebody else. Errors: THREAD_NOT_FOUND, DATA_LOSS
// THREAD_CHANGED.
Result<messaging::v1::Thread> GetThread(Context& context, const std::string& text);
// What GetThread checks, of a thread that is at hand.
Result<void> CheckThread(Context& context, const messaging::v1::Thread& thread);

// The agency at the other end. Error: DATA_LOSS THREAD_CHANGED (the caller's is not one of two).
Result<std::string> OtherParty(Context& context, const messaging::v1::Thread& thread);
// How far the caller's agency has read it.
int64_t ReadUpTo(const messaging::v1::Thread& thread, const std::string& own_agency_id);

struct MessageToSeal {
  std::string id;
  int32_t revision = 0;
  std::string text;
  bool first_use = false;
};
// Sealed to the current epoch keys of both agencies, signed by the caller's own. Errors: USAGE (too
// long), those of KeyToSealTo, KEY_MISSING.
Result<std::string> SealMessage(Context& context, const messaging::v1::Thread& thread,
                                const MessageToSeal& message);

struct MessageRead {
  std::string text;
  std::string writer;  // its name, and whose word that is
};
// Checked and unsealed, with the key of whichever epoch it was sealed to. Errors: those of
// ReadyToOpen and of seal::Open; DATA_LOSS MESSAGE_MISMATCH (another message, or an earlier
// revision, is passed off as this one).
Result<MessageRead> ReadMessage(Context& context, const messaging::v1::Thread& thread,
                                const messaging::v1::Message& message);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_MESSAGE_H_
