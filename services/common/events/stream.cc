#include "services/common/events/stream.h"

#include <charconv>

namespace fairlead::events {

std::string StreamKey(std::string_view service) { return "ev:" + std::string(service); }
std::string DeadKey(std::string_view service) { return "dead:" + std::string(service); }
std::string NeedKey(std::string_view service) { return StreamKey(service) + ":need"; }

std::string EntryId(int64_t sequence) { return std::to_string(sequence) + "-0"; }

int64_t EntrySequence(std::string_view id) {
  int64_t sequence = 0;
  const auto parsed = std::from_chars(id.data(), id.data() + id.size(), sequence);
  if (parsed.ec != std::errc() || parsed.ptr == id.data() + id.size() || *parsed.ptr != '-') {
    return 0;
  }
  return sequence;
}

namespace {
Entry ParseEntry(const ReplyView& reply) {
  const std::string_view id = reply[0].Text();
  const int64_t sequence = EntrySequence(id);
  return {id == EntryId(sequence) ? sequence : 0, std::string(reply[1].Field("e").Text()),
          std::string(reply[1].Field("m").Text()), std::string(id)};
}
}  // namespace

std::vector<Entry> ParseEntries(const ReplyView& reply) {
  std::vector<Entry> entries;
  entries.reserve(reply.size());
  for (size_t i = 0; i < reply.size(); ++i) entries.push_back(ParseEntry(reply[i]));
  return entries;
}

Result<StreamInfo> ReadStreamInfo(RedisConnection& redis, const std::string& key) {
  FAIRLEAD_ASSIGN(Reply reply, redis.Call({"XINFO", "STREAM", key}));
  StreamInfo info;
  if (reply.IsError()) {
    if (reply.Text().find("no such key") != std::string_view::npos) return info;
    return Fail(Code::kUnavailable, "REDIS_REFUSED", "XINFO: " + std::string(reply.Text()));
  }
  info.exists = true;
  info.length = reply.Field("length").Int();
  info.top = EntrySequence(reply.Field("last-generated-id").Text());
  if (info.length > 0) {
    info.first = EntrySequence(reply.Field("first-entry")[0].Text());
    info.last = ParseEntry(reply.Field("last-entry"));
  }
  return info;
}

}  // namespace fairlead::events
