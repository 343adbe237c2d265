#include "services/common/telemetry/attribute.h"

#include <mutex>
#include <set>
#include <shared_mutex>

#include "services/common/base/check.h"
#include "services/common/base/encoding.h"
#include "services/common/base/ids.h"

namespace fairlead::telemetry {
namespace {

constexpr size_t kMaxNames = 4096;
constexpr size_t kMaxNameBytes = 128;
constexpr size_t kMaxReasons = 1024;
constexpr size_t kMaxReasonBytes = 63;
constexpr std::string_view kOther = "other";

// Strings that are never freed or moved, so that views of them may be kept.
class Interned {
 public:
  std::string_view Find(std::string_view text) {
    std::shared_lock lock(mutex_);
    const auto found = texts_.find(text);
    return found == texts_.end() ? std::string_view() : std::string_view(*found);
  }
  // Empty when `limit` texts are there already.
  std::string_view Add(std::string_view text, size_t limit) {
    if (const std::string_view known = Find(text); !known.empty()) return known;
    std::unique_lock lock(mutex_);
    if (texts_.size() >= limit) return {};
    return *texts_.emplace(text).first;
  }

 private:
  std::shared_mutex mutex_;
  std::set<std::string, std::less<>> texts_;
};

Interned& Names() {
  static auto* const kNames = new Interned();
  return *kNames;
}

Interned& Reasons() {
  static auto* const kReasons = new Interned();
  return *kReasons;
}

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '/' || c == ':' || c == '-';
}

bool IsReasonCharacter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

LogId LogId::From(std::string_view uuid) {
  LogId id;
  if (!IsUuid(uuid)) return id;
  std::string hex;
  for (const char c : uuid) {
    if (c != '-') hex += c;
  }
  const auto bytes = HexDecode(hex);
  FAIRLEAD_CHECK(bytes && bytes->size() == id.bytes_.size());
  std::copy(bytes->begin(), bytes->end(), id.bytes_.begin());
  return id;
}

std::string LogId::ToString() const {
  if (bytes_ == std::array<uint8_t, 16>{}) return "invalid";
  std::string hex = HexEncode(std::string(bytes_.begin(), bytes_.end()));
  for (const size_t at : {8U, 13U, 18U, 23U}) hex.insert(at, 1, '-');
  return hex;
}

void RegisterNames(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    FAIRLEAD_CHECK(!name.empty() && name.size() <= kMaxNameBytes);
    FAIRLEAD_CHECK(std::all_of(name.begin(), name.end(), IsNameCharacter));
    FAIRLEAD_CHECK(!Names().Add(name, kMaxNames).empty());
  }
}

KnownName FindName(std::string_view name) {
  const std::string_view known = Names().Find(name);
  return KnownName(known.empty() ? kOther : known);
}

Attribute Id(Key key, LogId id) { return Attribute(key, id); }
Attribute Name(Key key, KnownName name) { return Attribute(key, name.text()); }
Attribute Method(std::string_view name) { return Name(Key::kMethod, FindName(name)); }
Attribute Service(Room room) { return Enum(Key::kService, room); }
Attribute Outcome(Code code) { return Attribute(Key::kCode, CodeName(code)); }

Attribute Reason(const Error& error) {
  const std::string& reason = error.reason;
  std::string_view shown;
  if (!reason.empty() && reason.size() <= kMaxReasonBytes &&
      std::all_of(reason.begin(), reason.end(), IsReasonCharacter)) {
    shown = Reasons().Add(reason, kMaxReasons);
  }
  return Attribute(Key::kReason, shown.empty() ? std::string_view("OTHER") : shown);
}

Attribute Trace(const TraceContext& trace) { return Attribute(Key::kTraceId, trace.trace_id); }

}  // namespace fairlead::telemetry
