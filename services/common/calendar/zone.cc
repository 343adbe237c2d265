#include "services/common/calendar/zone.h"

#include <unicode/basictz.h>
#include <unicode/simpletz.h>
#include <unicode/timezone.h>

#include <mutex>
#include <unordered_map>

#include "services/common/base/check.h"
#include "services/common/base/text.h"

namespace fairlead::calendar {
namespace {

constexpr int kMaxOffsetMinutes = 14 * 60;
constexpr size_t kMaxNameBytes = 64;

// "+05:30" is 330.
std::optional<int> ReadOffset(std::string_view text) {
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  for (const size_t at : {1, 2, 4, 5}) {
    if (!IsDigit(text[at])) return std::nullopt;
  }
  const int hours = (text[1] - '0') * 10 + (text[2] - '0');
  const int minutes = (text[4] - '0') * 10 + (text[5] - '0');
  const int all = hours * 60 + minutes;
  if (minutes > 59 || all > kMaxOffsetMinutes) return std::nullopt;
  return text[0] == '-' ? -all : all;
}

std::unique_ptr<icu::BasicTimeZone> Make(std::string_view name) {
  const icu::UnicodeString id = icu::UnicodeString::fromUTF8(icu::StringPiece(
      name.data(), static_cast<int32_t>(name.size())));
  if (const std::optional<int> offset = ReadOffset(name)) {
    return std::make_unique<icu::SimpleTimeZone>(static_cast<int32_t>(*offset * kMinuteMs), id);
  }
  std::unique_ptr<icu::TimeZone> made(icu::TimeZone::createTimeZone(id));
  // ICU answers an unknown name with a zone of its own, and takes forms without number ("gmt+7:13")
  // that are not of the database.
  icu::UnicodeString canonical;
  UBool of_the_database = false;
  UErrorCode error = U_ZERO_ERROR;
  icu::TimeZone::getCanonicalID(id, canonical, of_the_database, error);
  if (made == nullptr || U_FAILURE(error) || !of_the_database) return nullptr;
  return std::unique_ptr<icu::BasicTimeZone>(dynamic_cast<icu::BasicTimeZone*>(made.release()));
}

}  // namespace

struct Zone::State {
  std::string name;
  std::unique_ptr<const icu::BasicTimeZone> zone;
};

std::optional<Zone> Zone::Find(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes) return std::nullopt;
  // The database has some 600 names: what is found is kept, what is not found is not.
  static std::mutex mutex;
  static auto& known = *new std::unordered_map<std::string, std::shared_ptr<const State>>;
  const std::string key(name);
  const std::lock_guard lock(mutex);
  if (const auto found = known.find(key); found != known.end()) return Zone(found->second);
  std::unique_ptr<icu::BasicTimeZone> made = Make(name);
  if (made == nullptr) return std::nullopt;
  auto state = std::make_shared<const State>(State{key, std::move(made)});
  known.emplace(key, state);
  return Zone(std::move(state));
}

const std::string& Zone::name() const { return state_->name; }

int64_t Zone::ToUtcMs(Date date, int minute) const {
  const int64_t wall_ms =
      std::chrono::milliseconds(date.time_since_epoch()).count() + minute * kMinuteMs;
  int32_t raw = 0;
  int32_t saving = 0;
  UErrorCode error = U_ZERO_ERROR;
  state_->zone->getOffsetFromLocal(static_cast<UDate>(wall_ms), UCAL_TZ_LOCAL_FORMER,
                                   UCAL_TZ_LOCAL_FORMER, raw, saving, error);
  FAIRLEAD_CHECK(U_SUCCESS(error));
  return wall_ms - raw - saving;
}

int Zone::OffsetMinutesAt(int64_t utc_ms) const {
  int32_t raw = 0;
  int32_t saving = 0;
  UErrorCode error = U_ZERO_ERROR;
  state_->zone->getOffset(static_cast<UDate>(utc_ms), false, raw, saving, error);
  FAIRLEAD_CHECK(U_SUCCESS(error));
  return static_cast<int>((raw + saving) / kMinuteMs);
}

Date Zone::DateAt(int64_t utc_ms) const {
  int32_t raw = 0;
  int32_t saving = 0;
  UErrorCode error = U_ZERO_ERROR;
  state_->zone->getOffset(static_cast<UDate>(utc_ms), false, raw, saving, error);
  FAIRLEAD_CHECK(U_SUCCESS(error));
  return std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<std::chrono::milliseconds>(
          std::chrono::milliseconds(utc_ms + raw + saving)));
}

}  // namespace fairlead::calendar
