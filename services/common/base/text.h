// Small text helpers: lists of codes and ids in one column, dates in messages.
#ifndef SERVICES_COMMON_BASE_TEXT_H_
#define SERVICES_COMMON_BASE_TEXT_H_

#include <string>
#include <string_view>
#include <vector>

namespace fairlead {

// Join({"a", "b"}, ' ') is "a b"; Split is its inverse, and Split("") is empty. Items never hold
// the separator: codes and ids do not.
std::string Join(const std::vector<std::string>& items, char separator);
std::vector<std::string> Split(std::string_view text, char separator);

// Sorted, without repeats.
std::vector<std::string> SortedUnique(std::vector<std::string> items);

bool Contains(const std::vector<std::string>& items, std::string_view item);

inline bool IsDigit(char c) { return c >= '0' && c <= '9'; }  // of ASCII

}  // namespace fairlead

#endif  // SERVICES_COMMON_BASE_TEXT_H_
