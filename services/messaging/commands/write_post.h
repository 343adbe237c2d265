// Posts of a channel: written, taken back, pinned.
#ifndef SERVICES_MESSAGING_COMMANDS_WRITE_POST_H_
#define SERVICES_MESSAGING_COMMANDS_WRITE_POST_H_

#include <string>

#include "services/messaging/commands/unit.h"

namespace fairlead::messaging {

struct PostWriting {
  std::string channel_id = {};
  std::string title = {};
  std::string text = {};
  std::vector<std::string> tags = {};
  std::string reply_to_post_id = {};
  bool acknowledged_guard = false;
};
// Errors: CHANNEL_NOT_FOUND, CHANNEL_CLOSED, WRONG_CHANNEL_KIND, NOT_A_WRITER, POST_NOT_FOUND (what
// it replies to), REPLY_TO_REPLY, TITLE_NOT_ALLOWED (of a reply), TOO_MANY_REPLIES,
// POST_SEEMS_TO_IDENTIFY, TOO_MANY_POSTS.
Result<Post> CreatePost(Unit& unit, const PostWriting& writing);

// With its replies. Errors: POST_NOT_FOUND, NOT_YOUR_POST.
Result<void> DeletePost(Unit& unit, const std::string& post_id);

// What is so already is no change. Errors: POST_NOT_FOUND, REPLY_NOT_PINNED, TOO_MANY_PINNED.
Result<Post> PinPost(Unit& unit, const std::string& post_id, bool pinned);

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_COMMANDS_WRITE_POST_H_
