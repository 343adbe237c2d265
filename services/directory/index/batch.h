// Listings on their way into the index, with all that they refer to.
#ifndef SERVICES_DIRECTORY_INDEX_BATCH_H_
#define SERVICES_DIRECTORY_INDEX_BATCH_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "services/directory/domain/facts.h"
#include "services/directory/index/service_hours.h"

namespace fairlead::directory {

struct IndexedListing {
  Facts facts;
  std::shared_ptr<const ServiceHours> hours;  // nullptr: not stated
};

// A number for each word, from 0.
class Lexicon {
 public:
  Lexicon() = default;
  Lexicon(Lexicon&&) = default;
  Lexicon& operator=(Lexicon&&) = default;

  uint32_t NumberOf(std::string_view word);
  std::string_view Word(uint32_t number) const { return words_[number]; }
  size_t size() const { return words_.size(); }

 private:
  std::deque<std::string> words_;  // which stay where they are
  std::unordered_map<std::string_view, uint32_t> numbers_;
};

struct NewListing {
  IndexedListing listing;
  std::string sort_key;
  std::span<const uint32_t> words;  // numbers in the lexicon, in any order, each once or more
};

struct IndexBatch {
  FactsArena arena;  // of the facts' lists and of the words
  Lexicon lexicon;
  std::vector<NewListing> listings;  // each id once

  // `words`: separated by blanks.
  void Add(IndexedListing listing, std::string sort_key, std::string_view words);

 private:
  std::vector<uint32_t> numbers_;  // kept for its room
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_INDEX_BATCH_H_
