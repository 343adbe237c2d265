// What people and scripts read: tables, JSON, and errors in words.
#ifndef GATEWAY_CLI_OUTPUT_H_
#define GATEWAY_CLI_OUTPUT_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>
#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"

namespace fairlead::cli {

inline constexpr int64_t kLastTimestampS = 253'402'300'799;  // the end of the year 9999 (protobuf)

// Rows under headings, columns as wide as their widest cell. Cells are made Printable.
class Table {
 public:
  explicit Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  // `styled`: headings are underlined by the terminal.
  void Print(std::ostream& out, bool styled) const;

 private:
  std::vector<std::string> headings_;
  std::vector<std::vector<std::string>> rows_;
};

// "Name    value" lines; lines with an empty value are left out.
struct Field {
  std::string name;
  std::string value;
};
void PrintFields(std::ostream& out, const std::vector<Field>& fields);

// Without control characters, direction overrides and bytes that are no UTF-8, each of which
// becomes '?': text from elsewhere must not steer the terminal or pose as other text.
// `keep_lines`: line feeds and tabs stay.
std::string Printable(std::string_view text, bool keep_lines = false);

// Columns that a text takes: code points, roughly.
size_t Width(std::string_view text);

// At most `columns` wide, with "…" where something was cut off. Made Printable.
std::string Shortened(std::string_view text, size_t columns);

// "a, b, c".
std::string Listed(const std::vector<std::string>& items);
template <class Repeated>
std::string ListedField(const Repeated& field) {
  return Listed(std::vector<std::string>(field.begin(), field.end()));
}

// "2026-01-31 09:05:00Z"; empty when not set.
std::string TimeText(const google::protobuf::Timestamp& time);
// "12 s", "3 min", "29 days": rounded.
std::string SpanText(int64_t span_s);
// "in 29 days", "3 min ago".
std::string RelativeText(int64_t time_ms, int64_t now_ms);

// As the API's JSON (lower camel case), all fields, over several lines.
std::string ToJsonText(const google::protobuf::Message& message);

// The value without its prefix, lower case: REFERRAL_STATE_IN_SERVICE → "in_service". Empty for
// *_UNSPECIFIED.
std::string EnumName(const google::protobuf::EnumDescriptor& type, int value);
// The inverse. Error: USAGE with the values there are.
Result<int> EnumValue(const google::protobuf::EnumDescriptor& type, std::string_view name,
                      std::string_view flag);

template <class E>
std::string EnumText(E value) {
  return EnumName(*google::protobuf::GetEnumDescriptor<E>(), static_cast<int>(value));
}
template <class E>
Result<E> ParseEnum(std::string_view name, std::string_view flag) {
  auto value = EnumValue(*google::protobuf::GetEnumDescriptor<E>(), name, flag);
  if (!value) return Fail(value.error());
  return static_cast<E>(*value);
}

// "90s", "30min", "12h", "30d", "8w": seconds; at most 366 days. Error: USAGE.
Result<int64_t> ParseDurationS(std::string_view text, std::string_view flag);
// "2026-01-31T09:05:00Z", or how long before `now_ms`: "7d". Error: USAGE.
Result<void> SetTime(const std::string& text, const std::string& flag, int64_t now_ms,
                     google::protobuf::Timestamp* time);

// How the program was called, so that a command that is shown can be copied.
struct Called {
  std::string program = "fairlead";  // "./fairlead"
  std::string flags = {};            // "--profile harbor ", of those that were given
};
// "./fairlead --profile harbor key sync".
std::string CommandText(const Called& called, std::string_view words);
// `text` as one word of a shell: quoted when it needs to be.
std::string ShellWord(const std::string& text);

// The process's exit code for an error.
int ExitCode(const Error& error);
// What to do about it; empty when nothing helps.
std::string Advice(const Error& error, const Called& called);
// What happened, the reason, what to do, the request: words, or one JSON object.
void PrintError(std::ostream& err, const Error& error, bool json, const Called& called);

// An error of the command line: exit code 2.
tl::unexpected<Error> Usage(std::string message);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_OUTPUT_H_
