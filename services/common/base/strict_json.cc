#include "services/common/base/strict_json.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "services/common/base/encoding.h"

namespace fairlead {
namespace {

namespace json = boost::json;

// A first pass that keeps nothing but the member names of the objects that are open.
class DuplicateFinder {
 public:
  // What basic_parser asks of a handler.
  constexpr static size_t max_object_size = SIZE_MAX;
  constexpr static size_t max_array_size = SIZE_MAX;
  constexpr static size_t max_key_size = SIZE_MAX;
  constexpr static size_t max_string_size = SIZE_MAX;

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(size_t, json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    open_.emplace_back();
    return true;
  }
  bool on_object_end(size_t, json::error_code&) {
    open_.pop_back();
    return true;
  }
  bool on_key_part(json::string_view part, size_t, json::error_code&) {
    key_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, size_t, json::error_code& error) {
    key_.append(part.data(), part.size());
    const bool is_new = open_.back().insert(std::move(key_)).second;
    key_.clear();
    if (is_new) return true;
    duplicate_ = true;
    error = json::error::syntax;
    return false;
  }
  bool on_string_part(json::string_view, size_t, json::error_code&) { return true; }
  bool on_string(json::string_view, size_t, json::error_code&) { return true; }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(int64_t, json::string_view, json::error_code&) { return true; }
  bool on_uint64(uint64_t, json::string_view, json::error_code&) { return true; }
  bool on_double(double, json::string_view, json::error_code&) { return true; }
  bool on_bool(bool, json::error_code&) { return true; }
  bool on_null(json::error_code&) { return true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

  bool duplicate() const { return duplicate_; }

 private:
  std::vector<std::set<std::string>> open_;
  std::string key_;
  bool duplicate_ = false;
};

tl::unexpected<Error> Invalid(const char* detail) {
  return Fail(Code::kInvalidArgument, "INVALID_JSON", "The text is not acceptable JSON.",
              {{"detail", detail}});
}

}  // namespace

Result<json::value> ParseStrictJson(std::string_view text, size_t max_bytes, size_t max_depth) {
  if (text.size() > max_bytes) return Invalid("too_large");
  if (!IsUtf8(text)) return Invalid("not_utf8");
  json::parse_options options;
  options.max_depth = max_depth;

  json::basic_parser<DuplicateFinder> finder(options);
  json::error_code error;
  const size_t read = finder.write_some(false, text.data(), text.size(), error);
  if (finder.handler().duplicate()) return Invalid("duplicate_member");
  if (error == json::error::too_deep) return Invalid("too_deep");
  if (error || read != text.size()) return Invalid("syntax");

  json::value value = json::parse({text.data(), text.size()}, error, {}, options);
  if (error) return Invalid("syntax");
  return value;
}

}  // namespace fairlead
