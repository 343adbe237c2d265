#include "services/directory/index/batch.h"

#include <algorithm>
#include <utility>

namespace fairlead::directory {

uint32_t Lexicon::NumberOf(std::string_view word) {
  const auto found = numbers_.find(word);
  if (found != numbers_.end()) return found->second;
  const auto number = static_cast<uint32_t>(words_.size());
  numbers_.emplace(words_.emplace_back(word), number);
  return number;
}

void IndexBatch::Add(IndexedListing listing, std::string sort_key, std::string_view words) {
  numbers_.clear();
  while (!words.empty()) {
    const size_t end = std::min(words.find(' '), words.size());
    if (end > 0) numbers_.push_back(lexicon.NumberOf(words.substr(0, end)));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  const uint32_t* kept = arena.Keep(numbers_);
  listings.push_back({std::move(listing), std::move(sort_key), {kept, numbers_.size()}});
}

}  // namespace fairlead::directory
