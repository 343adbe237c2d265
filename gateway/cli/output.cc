#include "gateway/cli/output.h"

#include <google/protobuf/util/json_util.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <ostream>

#include "services/common/base/clock.h"
#include "services/common/config/suggest.h"

namespace fairlead::cli {
namespace {

constexpr int64_t kDayS = 86'400;
constexpr int64_t kMaxDurationS = 366 * kDayS;

std::string Pad(const std::string& text, size_t width) {
  const size_t own = Width(text);
  return own >= width ? text : text + std::string(width - own, ' ');
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

// What the values of an enum share: "REFERRAL_STATE_".
std::string Prefix(const google::protobuf::EnumDescriptor& type) {
  const std::string first = type.value(0)->name();
  constexpr std::string_view kUnspecified = "UNSPECIFIED";
  return first.ends_with(kUnspecified) ? first.substr(0, first.size() - kUnspecified.size()) : "";
}

constexpr char32_t kInvalid = 0xFFFFFFFF;

struct Character {
  char32_t code = kInvalid;
  size_t bytes = 1;
};

// The first character of UTF-8 text that is not empty; a byte that begins none is kInvalid.
Character Next(std::string_view text) {
  const auto byte = [&](size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {.code = first, .bytes = 1};
  size_t bytes = 0;
  if (first >= 0xC2 && first <= 0xDF) bytes = 2;
  if (first >= 0xE0 && first <= 0xEF) bytes = 3;
  if (first >= 0xF0 && first <= 0xF4) bytes = 4;
  if (bytes == 0 || text.size() < bytes) return {};
  char32_t code = first & (0xFF >> (bytes + 1));
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = (code << 6) | (byte(i) & 0x3F);
  }
  const bool overlong = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
  const bool outside = (code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF;
  if (overlong || outside) return {};
  return {.code = code, .bytes = bytes};
}

// What makes a terminal do something else than show it: controls (C0, DEL, C1), direction
// overrides and isolates, line separators, and bytes that are no text (a lone 0x9B is a command to
// some terminals).
bool Steers(char32_t code) {
  const auto between = [code](char32_t low, char32_t high) { return code >= low && code <= high; };
  return code < 0x20 || between(0x7F, 0x9F) || between(0x2028, 0x202E) ||
         between(0x2066, 0x2069) || code == kInvalid;
}

}  // namespace

void Table::Print(std::ostream& out, bool styled) const {
  std::vector<size_t> widths;
  for (const std::string& heading : headings_) widths.push_back(Width(heading));
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], Width(Printable(row[i])));
    }
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (size_t i = 0; i < cells.size() && i < widths.size(); ++i) {
      if (i > 0) text += "  ";
      text += Pad(Printable(cells[i]), widths[i]);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  };
  out << (styled ? "\033[4m" : "") << line(headings_) << (styled ? "\033[0m" : "") << '\n';
  for (const auto& row : rows_) out << line(row) << '\n';
}

void PrintFields(std::ostream& out, const std::vector<Field>& fields) {
  size_t width = 0;
  for (const Field& field : fields) {
    if (!field.value.empty()) width = std::max(width, Width(field.name));
  }
  for (const Field& field : fields) {
    if (field.value.empty()) continue;
    out << Pad(field.name, width) << "  " << Printable(field.value) << '\n';
  }
}

std::string Printable(std::string_view text, bool keep_lines) {
  std::string clean;
  clean.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const Character character = Next(text.substr(i));
    const char32_t code = character.code;
    const bool line = code == '\n' || code == '\t';
    if (line) {
      clean += keep_lines ? text[i] : ' ';
    } else if (Steers(code)) {
      clean += '?';
    } else {
      clean += text.substr(i, character.bytes);
    }
    i += character.bytes;
  }
  return clean;
}

size_t Width(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string Shortened(std::string_view text, size_t columns) {
  std::string whole = Printable(text);
  if (Width(whole) <= columns) return whole;
  size_t end = 0;
  for (size_t shown = 1; shown < columns; ++shown) {
    end += Next(std::string_view(whole).substr(end)).bytes;
  }
  return whole.substr(0, end) + "…";
}

std::string Listed(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0) return "";
  std::string text = FormatTime(time.seconds() * 1000);
  return text.substr(0, 10) + " " + text.substr(11, 8) + "Z";
}

std::string SpanText(int64_t span_s) {
  const auto nearest = [span_s](int64_t unit_s) {
    return std::to_string((span_s + unit_s / 2) / unit_s);
  };
  if (span_s < 120) return nearest(1) + " s";
  if (span_s < 7'200) return nearest(60) + " min";
  if (span_s < 2 * kDayS) return nearest(3'600) + " h";
  return nearest(kDayS) + " days";
}

std::string RelativeText(int64_t time_ms, int64_t now_ms) {
  const std::string amount = SpanText(std::abs(time_ms - now_ms) / 1000);
  return time_ms >= now_ms ? "in " + amount : amount + " ago";
}

std::string ToJsonText(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(message, &text, options).ok()) return "{}\n";
  return text;
}

std::string EnumName(const google::protobuf::EnumDescriptor& type, int value) {
  if (value == 0) return "";
  const google::protobuf::EnumValueDescriptor* found = type.FindValueByNumber(value);
  if (found == nullptr) return "unknown_" + std::to_string(value);
  return Lower(found->name().substr(Prefix(type).size()));
}

Result<int> EnumValue(const google::protobuf::EnumDescriptor& type, std::string_view name,
                      std::string_view flag) {
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) {
    const std::string known = EnumName(type, type.value(i)->number());
    if (known.empty()) continue;
    if (known == name) return type.value(i)->number();
    names.push_back(known);
  }
  std::string message = std::string(flag) + " cannot be '" + Printable(name) + "'.";
  const std::string near = config::Nearest(name, names);
  if (!near.empty()) message += " Did you mean '" + near + "'?";
  return Usage(message + " It is one of: " + Listed(names) + ".");
}

Result<int64_t> ParseDurationS(std::string_view text, std::string_view flag) {
  constexpr size_t kMaxDigits = 8;
  size_t digits = 0;
  int64_t amount = 0;
  while (digits < text.size() && digits < kMaxDigits && text[digits] >= '0' &&
         text[digits] <= '9') {
    amount = amount * 10 + (text[digits++] - '0');
  }
  const std::string_view unit = text.substr(digits);
  int64_t unit_s = 0;
  if (unit == "s") unit_s = 1;
  if (unit == "min") unit_s = 60;
  if (unit == "h") unit_s = 3'600;
  if (unit == "d") unit_s = kDayS;
  if (unit == "w") unit_s = 7 * kDayS;
  if (digits == 0 || unit_s == 0 || amount == 0) {
    return Usage(std::string(flag) + " is a duration such as 90s, 30min, 12h, 30d or 8w.");
  }
  if (amount > kMaxDurationS / unit_s) {
    return Usage(std::string(flag) + " is longer than 366 days.");
  }
  return amount * unit_s;
}

Result<void> SetTime(const std::string& text, const std::string& flag, int64_t now_ms,
                     google::protobuf::Timestamp* time) {
  int64_t at_ms = 0;
  if (const Result<int64_t> exact = ParseTime(text)) {
    at_ms = *exact;
  } else if (const Result<int64_t> ago_s = ParseDurationS(text, flag)) {
    at_ms = now_ms - *ago_s * 1'000;
  } else {
    return Usage(flag + " is a time such as 2026-01-31T09:05:00Z, or how long ago: 12h, 30d.");
  }
  time->set_seconds(at_ms / 1'000);
  time->set_nanos(static_cast<int32_t>(at_ms % 1'000) * 1'000'000);
  return {};
}

tl::unexpected<Error> Usage(std::string message) {
  return Fail(Code::kInvalidArgument, "USAGE", std::move(message));
}

}  // namespace fairlead::cli
