#include "services/common/base/strict_json.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <cstdint>

#include "services/common/base/encoding.h"

namespace fairlead {
namespace {

namespace json = boost::json;

// A first pass that only counts the members, repeated ones too.
class MemberCounter {
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
  bool on_object_begin(json::error_code&) { return true; }
  bool on_object_end(size_t members, json::error_code&) {
    count_ += members;
    return true;
  }
  bool on_key_part(json::string_view, size_t, json::error_code&) { return true; }
  bool on_key(json::string_view, size_t, json::error_code&) { return true; }
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

  size_t count() const { return count_; }

 private:
  size_t count_ = 0;
};

// The members that are left when of each name there is one. Depth is bounded by the parser.
size_t CountMembers(const json::value& value) {
  size_t count = 0;
  if (const json::object* object = value.if_object()) {
    count = object->size();
    for (const json::key_value_pair& member : *object) count += CountMembers(member.value());
  } else if (const json::array* array = value.if_array()) {
    for (const json::value& item : *array) count += CountMembers(item);
  }
  return count;
}

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

  json::basic_parser<MemberCounter> counter(options);
  json::error_code error;
  const size_t read = counter.write_some(false, text.data(), text.size(), error);
  if (error == json::error::too_deep) return Invalid("too_deep");
  if (error || read != text.size()) return Invalid("syntax");

  // One block of memory for the whole document.
  const size_t block_bytes = std::clamp<size_t>(text.size() * 2, 1024, 64 * 1024);
  json::value value =
      json::parse({text.data(), text.size()}, error,
                  json::make_shared_resource<json::monotonic_resource>(block_bytes), options);
  if (error) return Invalid("syntax");
  // Boost.JSON keeps the last of two members with one name: then some of what was counted is gone,
  // with all that was inside it.
  if (CountMembers(value) != counter.handler().count()) return Invalid("duplicate_member");
  return value;
}

}  // namespace fairlead
