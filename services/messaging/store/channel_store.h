// Channels, their posts and the words these are found by, in the caller's transaction.
#ifndef SERVICES_MESSAGING_STORE_CHANNEL_STORE_H_
#define SERVICES_MESSAGING_STORE_CHANNEL_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "services/common/storage/database.h"
#include "services/messaging/domain/channel.h"
#include "services/messaging/domain/words.h"

namespace fairlead::messaging {

// By name; there are kMostChannels at most.
Result<std::vector<Channel>> AllChannels(storage::ReadTransaction& tx);
Result<std::optional<Channel>> FindChannel(storage::ReadTransaction& tx, const std::string& id);
// false: there is one of that name.
Result<bool> InsertChannel(storage::Transaction& tx, const Channel& channel);
Result<void> UpdateChannel(storage::Transaction& tx, Channel& channel);  // raises the version

// That has not expired at `now_ms`.
Result<std::optional<Post>> FindPost(storage::ReadTransaction& tx, const std::string& id,
                                     int64_t now_ms);
// Of one channel: the pinned first, then the newest; with reply_to its replies, the oldest first.
struct PostQuery {
  std::string channel_id = {};
  std::string reply_to = {};
  std::string tag = {};      // empty: whatever they have
  bool after_pinned = true;  // with after_id: the last of the page before; empty: from the first
  std::string after_id = {};
  int64_t now_ms = 0;
  int limit = 25;
};
Result<std::vector<Post>> ListPosts(storage::ReadTransaction& tx, const PostQuery& query);
// Of several channels (at least one): those that hold all of the words, the newest first.
struct PostSearch {
  std::vector<std::string> channel_ids = {};
  WordQuery words = {};
  std::string tag = {};
  std::string before_id = {};  // empty: from the newest
  int64_t now_ms = 0;
  int limit = 25;
};
Result<std::vector<Post>> SearchPosts(storage::ReadTransaction& tx, const PostSearch& search);

// With its words and tags; a reply counts for what it replies to.
Result<void> InsertPost(storage::Transaction& tx, const Post& post);
Result<void> SetPinned(storage::Transaction& tx, const std::string& id, bool pinned);
Result<int64_t> CountPinned(storage::ReadTransaction& tx, const std::string& channel_id);
// With its words and its replies; the ids of all that went.
Result<std::vector<std::string>> DropPost(storage::Transaction& tx, const Post& post);
Result<std::vector<Post>> ExpiredPosts(storage::ReadTransaction& tx, int64_t now_ms, int limit);

}  // namespace fairlead::messaging

#endif  // SERVICES_MESSAGING_STORE_CHANNEL_STORE_H_
