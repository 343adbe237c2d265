// The rows of a large import without what they say: their ids, and which row names and holds which.
// So an import is checked as a whole, and its listings are built a few at a time, each with all the
// rows that bear upon it (import_whole.h). Some 80 bytes a row.
#ifndef SERVICES_DIRECTORY_DOMAIN_ROW_GRAPH_H_
#define SERVICES_DIRECTORY_DOMAIN_ROW_GRAPH_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/directory/domain/hsds_tables.h"
#include "services/directory/domain/import_rows.h"

namespace fairlead::directory {

// A UUID as two numbers.
struct RowId {
  uint64_t high = 0;
  uint64_t low = 0;
  std::strong_ordering operator<=>(const RowId&) const = default;
};
std::optional<RowId> ToRowId(std::string_view uuid);  // in either case
std::string ToUuid(const RowId& id);

class RowGraph {
 public:
  using Index = uint32_t;
  static constexpr Index kNone = UINT32_MAX;
  // Of one service or organization: its document could not be kept anyway.
  static constexpr size_t kMaxRowsOfOne = 20'000;

  struct Row {
    RowId id;
    uint32_t record = 0;  // what it came in, by the caller's numbers
    uint16_t path = 0;    // where in it, by the caller's numbers
    uint8_t table = 0;    // of HsdsTables()
    bool is_own = false;  // not inside another
    // A service or a location: its flag says so. A term: its code does. An attribute: its value
    // does not deny it.
    bool is_confidential = false;
  };

  // `repeats_allowed`: JSON, where what is shared stands inside each that shares it.
  explicit RowGraph(bool repeats_allowed) : repeats_allowed_(repeats_allowed) {}

  // A row with an id; its fields are not kept.
  void Add(const ImportRow& row, const TableSpec& spec, uint32_t record, uint16_t path);
  // After the last. `known_places`: ids of places that are confidential already.
  void Link(const std::set<std::string>& known_places);

  size_t size() const { return rows_.size(); }
  const Row& row(Index index) const { return rows_[index]; }
  static const TableSpec& SpecOf(const Row& row) { return HsdsTables()[row.table]; }

  // After Link. Rows whose id another row of their table has: not where repeats are allowed, but of
  // records of their own.
  const std::vector<Index>& duplicates() const { return duplicates_; }
  // Rows, with the column, that name what must be there and is not; at most kMaxProblems.
  struct Missing {
    Index row = 0;
    std::string_view column;
    std::string_view table;
  };
  const std::vector<Missing>& missing() const { return missing_; }
  // The first row of the table with that id, one of its own before others; kNone.
  Index Find(std::string_view table, const RowId& id) const;

  // Ids of places that are confidential, by themselves or because a service there is; once said, it
  // holds for every service there and for their other places. Rows of those that came.
  const std::vector<Index>& confidential_places() const { return confidential_places_; }
  bool any_confidential() const { return any_confidential_; }

  // What a document is made of, organizations first, then services, then the rest.
  const std::vector<Index>& roots() const { return roots_; }
  // Adds to `rows` what bears upon the document of `root` and upon its listing. False: too much.
  bool Reach(Index root, std::set<Index>& rows) const;

 private:
  struct NamedId {
    RowId target;
    Index row = 0;
    uint8_t column = 0;  // of the columns that name rows
    uint8_t table = 0;   // that it names; kAnyTable
    bool is_demanded = false;
  };
  // From each row to some others.
  class Edges {
   public:
    void Add(Index from, Index to) { pairs_.emplace_back(from, to); }
    // After the last, for so many rows: sorted, each once.
    void Close(size_t rows);
    std::span<const Index> Of(Index from) const {
      return std::span(to_).subspan(begin_[from], begin_[from + 1] - begin_[from]);
    }

   private:
    std::vector<std::pair<Index, Index>> pairs_;  // until they are closed
    std::vector<Index> begin_;                    // of each row's in `to_`
    std::vector<Index> to_;
  };

  Index FindIn(uint8_t table, const RowId& id) const;
  void LinkOne(const NamedId& link);
  void FindDuplicates();
  void FindConfidential(const std::set<std::string>& known_places);
  void SpreadConfidential(std::vector<bool>& is_secret) const;
  void FindRoots();
  void MarkHeld(Index root, std::vector<bool>& is_held) const;
  void AddNamed(Index row, std::set<Index>& rows) const;

  const bool repeats_allowed_;
  std::vector<Row> rows_;
  std::vector<NamedId> links_;   // until they are pairs
  std::vector<Index> by_id_;   // (id, table, own first, index)
  Edges names_;                // from a row to those that it names
  Edges holds_;                // to those that stand inside it
  Edges phones_;               // from an organization to its own telephones
  Edges attached_;             // to attributes that have its id, wherever they came
  Edges inside_;               // JSON: to attributes inside it, where it was said first or again
  std::vector<Index> duplicates_;
  std::vector<Missing> missing_;
  std::vector<Index> confidential_places_;
  bool any_confidential_ = false;
  std::vector<Index> roots_;
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_ROW_GRAPH_H_
