#include "services/common/base/text_records.h"

#include <cstddef>

namespace fairlead {
namespace {

bool IsJsonSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Walks over values by brackets and quotes alone.
class JsonWalker {
 public:
  explicit JsonWalker(std::string_view text) : text_(text) {}

  void SkipSpace() {
    while (at_ < text_.size() && IsJsonSpace(text_[at_])) ++at_;
  }
  bool AtEnd() const { return at_ >= text_.size(); }
  char Here() const { return AtEnd() ? '\0' : text_[at_]; }
  void Step() { ++at_; }

  // The value that begins here; nullopt: it does not end.
  std::optional<std::string_view> Value() {
    const size_t from = at_;
    size_t depth = 0;
    while (!AtEnd()) {
      const char c = text_[at_];
      if (c == '"') {
        if (!SkipString()) return std::nullopt;
        if (depth == 0) return text_.substr(from, at_ - from);
        continue;
      }
      const bool closes = c == '}' || c == ']';
      if (depth == 0 && (closes || c == ',' || IsJsonSpace(c))) break;  // the end of a bare word
      ++at_;
      if (c == '{' || c == '[') ++depth;
      if (closes && --depth == 0) break;
    }
    if (depth > 0 || at_ == from) return std::nullopt;
    return text_.substr(from, at_ - from);
  }

 private:
  bool SkipString() {
    for (++at_; !AtEnd(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '"') {
        ++at_;
        return true;
      }
    }
    return false;
  }

  std::string_view text_;
  size_t at_ = 0;
};

// Of an array whose bracket is here.
std::optional<std::vector<std::string_view>> Elements(std::string_view array) {
  JsonWalker walker(array);
  walker.SkipSpace();
  walker.Step();
  std::vector<std::string_view> elements;
  walker.SkipSpace();
  if (walker.Here() == ']') return elements;
  while (true) {
    walker.SkipSpace();
    const auto element = walker.Value();
    if (!element) return std::nullopt;
    elements.push_back(*element);
    walker.SkipSpace();
    const char next = walker.Here();
    walker.Step();
    if (next == ']') return elements;
    if (next != ',') return std::nullopt;
  }
}

// The value of the member `contents` of an object, "" when it has none.
std::optional<std::string_view> Contents(std::string_view object) {
  JsonWalker walker(object);
  walker.SkipSpace();
  walker.Step();
  while (true) {
    walker.SkipSpace();
    if (walker.Here() == '}') return std::string_view();
    const auto name = walker.Value();
    if (!name) return std::nullopt;
    walker.SkipSpace();
    if (walker.Here() != ':') return std::nullopt;
    walker.Step();
    walker.SkipSpace();
    const auto value = walker.Value();
    if (!value) return std::nullopt;
    if (*name == "\"contents\"") return value;
    walker.SkipSpace();
    if (walker.Here() == ',') walker.Step();
  }
}

}  // namespace

std::vector<std::string_view> CsvRecords(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<std::string_view> records;
  size_t from = 0;
  bool quoted = false;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') quoted = !quoted;
    if (text[at] != '\n' || quoted) continue;
    records.push_back(text.substr(from, at + 1 - from));
    from = at + 1;
  }
  if (from < text.size()) records.push_back(text.substr(from));
  while (!records.empty() && (records.back() == "\n" || records.back() == "\r\n")) {
    records.pop_back();
  }
  return records;
}

std::optional<std::vector<std::string_view>> JsonRecords(std::string_view text) {
  JsonWalker walker(text);
  walker.SkipSpace();
  const char first = walker.Here();
  const auto whole = walker.Value();
  walker.SkipSpace();
  if (!whole || !walker.AtEnd()) return std::nullopt;
  if (first == '[') return Elements(*whole);
  if (first == '{') {
    const auto contents = Contents(*whole);
    if (!contents) return std::nullopt;
    if (contents->starts_with("[")) return Elements(*contents);
  }
  return std::vector<std::string_view>{*whole};
}

}  // namespace fairlead
