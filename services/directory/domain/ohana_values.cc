#include "services/directory/domain/ohana_values.h"

#include <unicode/uloc.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "services/common/base/text.h"
#include "services/directory/domain/fold.h"

namespace fairlead::directory {
namespace {

constexpr int kFirstTypedYear = 1970;
constexpr int kLastTypedYear = 2199;
constexpr int kEveryYear = 1;
constexpr std::array<std::string_view, 7> kWeekdays = {
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
constexpr std::array<std::string_view, 7> kDayCodes = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
constexpr std::array<std::string_view, 12> kMonths = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};

bool IsTypedDigit(char c) { return c >= '0' && c <= '9'; }

// Lower case, of ASCII alone; blanks, points and commas part words.
std::vector<std::string> TypedWords(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (c == ' ' || c == ',' || c == '.') {
      if (!words.back().empty()) words.emplace_back();
      continue;
    }
    words.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

// Digits and nothing else; -1: no such number.
int TypedNumber(std::string_view text) {
  int value = 0;
  if (text.empty() || text.size() > 4 || !std::ranges::all_of(text, IsTypedDigit)) return -1;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

template <size_t N>
int FirstWith(const std::array<std::string_view, N>& names, std::string_view word, size_t least) {
  if (word.size() < least) return -1;
  const auto found = std::ranges::find_if(
      names, [&](std::string_view name) { return name.starts_with(word); });
  return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

std::optional<TypedDate> MakeDate(int year, int month, int day) {
  if (year != kEveryYear && (year < kFirstTypedYear || year > kLastTypedYear)) return std::nullopt;
  if (month < 1 || month > 12 || day < 1 || day > 31) return std::nullopt;
  const std::chrono::month_day date(std::chrono::month(static_cast<unsigned>(month)),
                                    std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok()) return std::nullopt;
  if (year != kEveryYear && !(std::chrono::year(year) / date).ok()) return std::nullopt;
  return TypedDate{year, date};
}

// The 29 February of a year without one is its last February day.
calendar::Date DayIn(const TypedDate& date, int year) {
  const std::chrono::year_month_day day = std::chrono::year(year) / date.day;
  return day.ok() ? calendar::Date(day)
                  : calendar::Date(std::chrono::year(year) / date.day.month() / std::chrono::last);
}

std::map<std::string, std::string> NamesOfLanguages() {
  // A language by itself and a name of Filipino: ICU lists it under neither.
  std::map<std::string, std::string> codes = {{"tagalog", "tl"}};
  for (const char* const* code = uloc_getISOLanguages(); *code != nullptr; ++code) {
    std::array<UChar, 128> name{};
    UErrorCode status = U_ZERO_ERROR;
    const int32_t length = uloc_getDisplayLanguage(*code, "en", name.data(),
                                                   static_cast<int32_t>(name.size()), &status);
    if (U_FAILURE(status) != 0 || length <= 0) continue;
    std::string text;
    icu::UnicodeString(name.data(), length).toUTF8String(text);
    codes.try_emplace(Fold(text), *code);
  }
  return codes;
}

}  // namespace

std::string WeekdayOf(std::string_view text) {
  const std::vector<std::string> words = TypedWords(text);
  if (words.size() != 1) return "";
  const int day = FirstWith(kWeekdays, words.front(), 2);
  return day < 0 ? "" : std::string(kDayCodes.at(static_cast<size_t>(day)));
}

std::string TimeOf(std::string_view text) {
  std::string plain = Join(TypedWords(text), '\n');
  std::erase(plain, '\n');  // "9 a.m." is "9am"
  const bool is_am = plain.ends_with("am");
  const bool is_pm = plain.ends_with("pm");
  if (is_am || is_pm) plain.resize(plain.size() - 2);
  std::vector<std::string> parts = Split(plain, ':');
  if (parts.size() == 3 && TypedNumber(parts[2]) >= 0) parts.pop_back();  // seconds
  if (parts.empty() || parts.size() > 2 || (parts.size() == 1 && !is_am && !is_pm)) return "";
  int hour = TypedNumber(parts[0]);
  const int minute = parts.size() == 2 ? TypedNumber(parts[1]) : 0;
  if (parts.size() == 2 && parts[1].size() != 2) return "";
  const int lowest = is_am || is_pm ? 1 : 0;
  const int highest = is_am || is_pm ? 12 : 23;
  if (hour < lowest || hour > highest || minute < 0 || minute > 59) return "";
  if (is_am || is_pm) hour = hour % 12 + (is_pm ? 12 : 0);
  const auto two = [](int number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  return two(hour) + ":" + two(minute);
}

std::optional<TypedDate> TypedDateOf(std::string_view text) {
  const std::vector<std::string> words = TypedWords(text);
  if (words.size() == 3) {  // "december 24 2015"
    const int month = FirstWith(kMonths, words[0], 3);
    return month < 0 ? std::nullopt
                     : MakeDate(TypedNumber(words[2]), month + 1, TypedNumber(words[1]));
  }
  if (words.size() != 1) return std::nullopt;
  const std::vector<std::string> slashed = Split(words[0], '/');
  if (slashed.size() == 3) {
    int year = TypedNumber(slashed[2]);
    if (slashed[2].size() == 2 && year >= 0) year += 2000;
    return MakeDate(year, TypedNumber(slashed[0]), TypedNumber(slashed[1]));
  }
  const std::vector<std::string> dashed = Split(words[0], '-');
  if (dashed.size() != 3 || dashed[0].size() != 4) return std::nullopt;
  return MakeDate(TypedNumber(dashed[0]), TypedNumber(dashed[1]), TypedNumber(dashed[2]));
}

std::optional<std::vector<DayRange>> RangesOf(const TypedDate& first, const TypedDate& last,
                                              calendar::Date today) {
  const bool every = first.year == kEveryYear;
  if (every != (last.year == kEveryYear)) return std::nullopt;
  const int this_year = static_cast<int>(std::chrono::year_month_day(today).year());
  const bool over_new_year = every && last.day < first.day;
  std::vector<DayRange> ranges;
  for (int ahead = over_new_year ? -1 : 0; ahead < (every ? 2 : 1); ++ahead) {
    const int from_year = every ? this_year + ahead : first.year;
    const int to_year = every ? from_year + (over_new_year ? 1 : 0) : last.year;
    DayRange range{DayIn(first, from_year), DayIn(last, to_year)};
    if (range.second < range.first || range.second - range.first > std::chrono::days(366)) {
      return std::nullopt;
    }
    if (ahead < 0) {
      // Two days before that of Greenwich: somewhere it was yesterday.
      range.first = std::max(range.first, today - std::chrono::days(2));
      if (range.second < range.first) continue;
    }
    ranges.push_back(range);
  }
  return ranges;
}

std::string LanguageOfName(std::string_view name) {
  static const std::map<std::string, std::string> codes = NamesOfLanguages();
  const std::string_view plain = name.substr(0, name.find('('));
  const std::vector<std::string> words = TypedList(plain);
  if (words.size() != 1) return "";
  const auto found = codes.find(Fold(words.front()));
  return found == codes.end() ? "" : found->second;
}

std::vector<std::string> TypedList(std::string_view text) {
  std::vector<std::string> items;
  const std::vector<std::string> parts = Split(text, ',');
  for (std::string_view part : parts) {
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) items.emplace_back(part);
  }
  return items;
}

}  // namespace fairlead::directory
