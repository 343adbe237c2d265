#include "services/directory/domain/misspelt.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "services/directory/domain/fold.h"

namespace fairlead::directory {
namespace {

constexpr size_t kShortLetters = 5;
constexpr size_t kLongLetters = 9;
constexpr int kMaxSlips = 2;

// The letters of a word, decoded: it is valid UTF-8 of at most kMaxTokenBytes.
struct Letters {
  explicit Letters(std::string_view word) {
    for (const char c : word.substr(0, kMaxTokenBytes)) {
      const auto byte = static_cast<unsigned char>(c);
      if ((byte & 0xC0U) == 0x80U && size > 0) {
        at[size - 1] = at[size - 1] << 6U | (byte & 0x3FU);
      } else {
        at[size++] = byte;
      }
    }
  }
  std::array<uint32_t, kMaxTokenBytes> at{};
  size_t size = 0;
};

}  // namespace

int SlipsAllowed(std::string_view word) {
  if (std::ranges::any_of(word, [](char c) { return c >= '0' && c <= '9'; })) return 0;
  const size_t letters = Letters(word).size;
  if (letters < kShortLetters) return 0;
  return letters < kLongLetters ? 1 : kMaxSlips;
}

uint32_t LettersIn(std::string_view word) {
  constexpr uint32_t kShared = 6;  // bits for all that are not a to z
  uint32_t bits = 0;
  const Letters letters(word);
  for (size_t i = 0; i < letters.size; ++i) {
    const uint32_t letter = letters.at[i];
    const bool plain = letter >= 'a' && letter <= 'z';
    bits |= 1U << (plain ? letter - 'a' : 26 + letter % kShared);
  }
  return bits;
}

bool IsMisspelt(std::string_view word, std::string_view other, int slips) {
  const Letters a(word);
  const Letters b(other);
  const size_t longer = std::max(a.size, b.size);
  if (longer - std::min(a.size, b.size) > static_cast<size_t>(slips)) return false;
  // Row i has the distances of the first i letters of `word` to each beginning of `other`.
  using Row = std::array<int, kMaxTokenBytes + 1>;
  std::array<Row, 3> rows{};
  for (size_t j = 0; j <= b.size; ++j) rows[0][j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size; ++i) {
    Row& row = rows[i % 3];
    const Row& above = rows[(i + 2) % 3];
    row[0] = static_cast<int>(i);
    int least = row[0];
    for (size_t j = 1; j <= b.size; ++j) {
      const bool same = a.at[i - 1] == b.at[j - 1];
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1]) {
        row[j] = std::min(row[j], rows[(i + 1) % 3][j - 2] + 1);
      }
      least = std::min(least, row[j]);
    }
    // With a change-over the next row may take one from two rows above: never less than this, less
    // one.
    if (least > slips + 1) return false;
  }
  return rows[a.size % 3][b.size] <= slips;
}

}  // namespace fairlead::directory
