// Which listings of a segment have which word. Immutable: any number of threads read it.
#ifndef SERVICES_DIRECTORY_INDEX_WORD_LISTS_H_
#define SERVICES_DIRECTORY_INDEX_WORD_LISTS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/directory/index/batch.h"

namespace fairlead::directory {

// Lists of numbers, one behind the other.
struct Rows {
  std::vector<uint32_t> begins = {0};  // one more than there are rows
  std::vector<uint32_t> items;

  size_t size() const { return begins.size() - 1; }
  // Rows `first` to `last`, without the last one, in one piece.
  std::span<const uint32_t> Of(size_t first, size_t last) const {
    return std::span(items).subspan(begins[first], begins[last] - begins[first]);
  }
  std::span<const uint32_t> operator[](size_t row) const { return Of(row, row + 1); }
  size_t bytes() const { return (begins.capacity() + items.capacity()) * sizeof(uint32_t); }
};
// Rows of columns become rows, with the numbers of the rows that had them, each once and in order.
// Items are below `columns`.
Rows Transpose(const Rows& rows, size_t columns);

// Texts, one behind the other.
class Texts {
 public:
  void Add(std::string_view text) {
    characters_ += text;
    ends_.push_back(static_cast<uint32_t>(characters_.size()));
  }
  std::string_view operator[](size_t i) const {
    const uint32_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(characters_).substr(begin, ends_[i] - begin);
  }
  size_t size() const { return ends_.size(); }
  // It grows no more.
  void Shrink() {
    characters_.shrink_to_fit();
    ends_.shrink_to_fit();
  }
  size_t bytes() const { return characters_.capacity() + ends_.capacity() * sizeof(uint32_t); }

 private:
  std::string characters_;
  std::vector<uint32_t> ends_;
};

class WordLists {
 public:
  // Of the listings' words; the first has place 0.
  WordLists(const Lexicon& lexicon, std::span<const NewListing> listings);

  // In order, by bytes.
  const Texts& words() const { return words_; }
  // Places by word.
  const Rows& places() const { return places_; }
  // Words by place.
  Rows ByPlace() const { return Transpose(places_, place_count_); }

  struct Range {
    size_t first = 0;
    size_t last = 0;  // does not belong to it
  };
  // The words that begin so.
  Range Beginning(std::string_view with) const;
  // The words that `word` is with at most so many slips.
  std::vector<uint32_t> Meant(std::string_view word, int slips) const;

  size_t bytes() const;

 private:
  Texts words_;
  std::vector<uint32_t> letters_;  // LettersIn of each word
  Rows places_;
  size_t place_count_;
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_INDEX_WORD_LISTS_H_
