#include "gateway/http/message.h"

namespace fairlead::gateway {

std::string_view Request::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

void Response::Set(std::string_view name, std::string_view value) {
  headers.emplace_back(name, value);
}

}  // namespace fairlead::gateway
