#include "services/directory/index/word_lists.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "services/directory/domain/misspelt.h"

namespace fairlead::directory {

Rows Transpose(const Rows& rows, size_t columns) {
  Rows turned;
  turned.begins.assign(columns + 1, 0U);
  for (const uint32_t item : rows.items) ++turned.begins[item + 1];
  std::partial_sum(turned.begins.begin(), turned.begins.end(), turned.begins.begin());
  turned.items.resize(rows.items.size());
  std::vector<uint32_t> at(turned.begins.begin(), turned.begins.end() - 1);
  for (size_t row = 0; row < rows.size(); ++row) {
    for (const uint32_t item : rows[row]) turned.items[at[item]++] = static_cast<uint32_t>(row);
  }
  return turned;
}

WordLists::WordLists(const Lexicon& lexicon, std::span<const NewListing> listings)
    : place_count_(listings.size()) {
  std::vector<uint32_t> order(lexicon.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, [&](uint32_t number) { return lexicon.Word(number); });
  std::vector<uint32_t> rank(lexicon.size());
  letters_.reserve(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    rank[order[i]] = static_cast<uint32_t>(i);
    words_.Add(lexicon.Word(order[i]));
    letters_.push_back(LettersIn(words_[i]));
  }
  words_.Shrink();
  Rows by_place;
  by_place.begins.reserve(listings.size() + 1);
  std::vector<uint32_t> row;
  for (const NewListing& one : listings) {
    row.clear();
    for (const uint32_t number : one.words) row.push_back(rank[number]);
    std::ranges::sort(row);
    row.erase(std::unique(row.begin(), row.end()), row.end());
    by_place.items.insert(by_place.items.end(), row.begin(), row.end());
    by_place.begins.push_back(static_cast<uint32_t>(by_place.items.size()));
  }
  places_ = Transpose(by_place, words_.size());
}

WordLists::Range WordLists::Beginning(std::string_view with) const {
  size_t first = 0;
  const auto bound = [&](auto is_before) {
    size_t low = first;
    size_t high = words_.size();
    while (low < high) {
      const size_t middle = low + (high - low) / 2;
      if (is_before(words_[middle])) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  };
  first = bound([&](std::string_view word) { return word < with; });
  const size_t last = bound([&](std::string_view word) { return word.starts_with(with); });
  return {first, last};
}

std::vector<uint32_t> WordLists::Meant(std::string_view word, int slips) const {
  std::vector<uint32_t> meant;
  const uint32_t letters = LettersIn(word);
  for (size_t i = 0; i < letters_.size(); ++i) {
    if (std::popcount(letters ^ letters_[i]) > slips * kLettersOfSlip) continue;
    if (IsMisspelt(word, words_[i], slips)) meant.push_back(static_cast<uint32_t>(i));
  }
  return meant;
}

size_t WordLists::bytes() const {
  return words_.bytes() + letters_.capacity() * sizeof(uint32_t) + places_.bytes();
}

}  // namespace fairlead::directory
