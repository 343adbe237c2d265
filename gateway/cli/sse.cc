#include "gateway/cli/sse.h"

namespace fairlead::cli {

void SseParser::Reset() {
  pending_.clear();
  name_.clear();
  data_.clear();
  has_data_ = false;
  after_cr_ = false;
}

bool SseParser::Feed(std::string_view bytes, const std::function<void(const SseEvent&)>& on_event) {
  for (const char c : bytes) {
    // CR, LF and CR LF all end a line.
    const bool second_half = after_cr_ && c == '\n';
    after_cr_ = c == '\r';
    if (second_half) continue;
    if (c == '\n' || c == '\r') {
      const std::string line = std::move(pending_);
      pending_.clear();
      Line(line, on_event);
      continue;
    }
    pending_ += c;
    if (pending_.size() + data_.size() > kMaxEventBytes) return false;
  }
  return true;
}

void SseParser::Line(std::string_view line, const std::function<void(const SseEvent&)>& on_event) {
  if (line.empty()) {
    if (has_data_) on_event({name_.empty() ? "message" : name_, data_, last_id_});
    name_.clear();
    data_.clear();
    has_data_ = false;
    return;
  }
  if (line.starts_with(':')) return;  // a comment: the heartbeat
  const size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    if (has_data_) data_ += '\n';
    data_ += value;
    has_data_ = true;
  } else if (field == "event") {
    name_ = value;
  } else if (field == "id" && value.find('\0') == std::string_view::npos) {
    last_id_ = value;
  }
}

}  // namespace fairlead::cli
