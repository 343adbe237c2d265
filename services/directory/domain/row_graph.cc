#include "services/directory/domain/row_graph.h"

#include <algorithm>
#include <array>
#include <map>

#include "services/common/base/ids.h"
#include "services/directory/domain/check_rows.h"
#include "services/directory/domain/hsds_documents.h"

namespace fairlead::directory {
namespace {

constexpr uint8_t kAnyTable = UINT8_MAX;

// Columns that name a row, and of which table.
struct Naming {
  std::string_view column;
  std::string_view table;  // "": of any
};
constexpr std::array<Naming, 12> kNamings = {{{"organization_id", "organizations"},
                                              {"service_id", "services"},
                                              {"location_id", "locations"},
                                              {"service_at_location_id", "service_at_location"},
                                              {"contact_id", "contacts"},
                                              {"phone_id", "phones"},
                                              {"program_id", "programs"},
                                              {"unit_id", "units"},
                                              {"taxonomy_term_id", "taxonomy_terms"},
                                              {"taxonomy_id", "taxonomies"},
                                              {"link_id", ""},
                                              {"resource_id", ""}}};

uint8_t NumberOfTable(std::string_view name) {
  const auto specs = HsdsTables();
  for (size_t i = 0; i < specs.size(); ++i) {
    if (specs[i].name == name) return static_cast<uint8_t>(i);
  }
  return kAnyTable;
}

uint8_t NumberOfEntity(std::string_view entity) {
  const auto specs = HsdsTables();
  for (size_t i = 0; i < specs.size(); ++i) {
    if (specs[i].entity == entity) return static_cast<uint8_t>(i);
  }
  return kAnyTable;
}

const std::array<uint8_t, kNamings.size()>& NamedTables() {
  static const auto tables = [] {
    std::array<uint8_t, kNamings.size()> all{};
    for (size_t i = 0; i < kNamings.size(); ++i) all.at(i) = NumberOfTable(kNamings.at(i).table);
    return all;
  }();
  return tables;
}

const Anywhere* AnywhereOf(std::string_view table) {
  for (const Anywhere& any : TablesOfAnything()) {
    if (any.table == table) return &any;
  }
  return nullptr;
}

// Whether rows of `inner` stand inside those of `outer` that they name in `column`.
bool HoldsByColumn(const TableSpec& outer, const TableSpec& inner, std::string_view column) {
  // Services are documents of their own.
  if (inner.name == "services") return false;
  return std::ranges::any_of(outer.arrays, [&](const Member& member) {
    return member.table == inner.name && member.column == column;
  });
}

// Whether a row of `outer` has inside it the row that it names in `column`.
bool HoldsNamed(const TableSpec& outer, const TableSpec& inner, std::string_view column) {
  if (inner.name == "organizations") return false;
  return std::ranges::any_of(outer.objects, [&](const Member& member) {
    return member.table == inner.name && member.column == column;
  });
}

bool SaysConfidential(const ImportRow& row, const TableSpec& spec) {
  constexpr std::string_view kConfidential = "confidential_location";
  if (spec.name == "taxonomy_terms") return row.Get("code") == kConfidential;
  if (spec.name == "attributes") return row.Get("value").empty() || !IsFalse(row.Get("value"));
  // One that cannot be read is a problem where listings are built.
  return IsTrue(row.Get(kConfidential));
}

}  // namespace

std::optional<RowId> ToRowId(std::string_view uuid) {
  const std::string canonical = CanonicalId(uuid);
  if (!IsUuid(canonical)) return std::nullopt;
  RowId id;
  size_t digits = 0;
  for (const char c : canonical) {
    if (c == '-') continue;
    uint64_t& half = digits++ < 16 ? id.high : id.low;
    half = half << 4U | static_cast<uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  }
  return id;
}

std::string ToUuid(const RowId& id) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const uint64_t half : {id.high, id.low}) {
    for (unsigned shift = 64; shift > 0; shift -= 4) {
      if (text.size() == 8 || text.size() == 13 || text.size() == 18 || text.size() == 23) {
        text += '-';
      }
      text += kDigits[(half >> (shift - 4)) & 15U];
    }
  }
  return text;
}

void RowGraph::Edges::Close(size_t rows) {
  std::ranges::sort(pairs_);
  pairs_.erase(std::unique(pairs_.begin(), pairs_.end()), pairs_.end());
  begin_.reserve(rows + 1);
  to_.reserve(pairs_.size());
  for (const auto& [from, to] : pairs_) {
    while (begin_.size() <= from) begin_.push_back(static_cast<Index>(to_.size()));
    to_.push_back(to);
  }
  while (begin_.size() <= rows) begin_.push_back(static_cast<Index>(to_.size()));
  std::vector<std::pair<Index, Index>>().swap(pairs_);
}

void RowGraph::Add(const ImportRow& row, const TableSpec& spec, uint32_t record, uint16_t path) {
  const std::optional<RowId> id = ToRowId(row.Get("id"));
  if (!id) return;
  const auto index = static_cast<Index>(rows_.size());
  rows_.push_back({.id = *id,
                   .record = record,
                   .path = path,
                   .table = static_cast<uint8_t>(&spec - HsdsTables().data()),
                   .is_own = row.path.empty(),
                   .is_confidential = SaysConfidential(row, spec)});
  const std::vector<Demand> demands = DemandsOf(row, spec);
  const Anywhere* any = AnywhereOf(spec.name);
  for (size_t i = 0; i < kNamings.size(); ++i) {
    const std::string_view column = kNamings.at(i).column;
    const std::optional<RowId> target = ToRowId(row.Get(column));
    if (!target) continue;
    NamedId link{.target = *target,
               .row = index,
               .column = static_cast<uint8_t>(i),
               .table = NamedTables().at(i),
               .is_demanded = false};
    if (any != nullptr && column == any->id_column) {
      link.table = NumberOfEntity(row.Get(any->entity_column));
    }
    link.is_demanded = std::ranges::any_of(
        demands, [&](const Demand& demand) { return demand.column == column; });
    links_.push_back(link);
  }
}

void RowGraph::Link(const std::set<std::string>& known_places) {
  by_id_.resize(rows_.size());
  for (Index i = 0; i < by_id_.size(); ++i) by_id_[i] = i;
  std::ranges::sort(by_id_, [this](Index a, Index b) {
    const Row& x = rows_[a];
    const Row& y = rows_[b];
    if (x.id != y.id) return x.id < y.id;
    if (x.table != y.table) return x.table < y.table;
    if (x.is_own != y.is_own) return x.is_own;
    return a < b;
  });
  FindDuplicates();
  for (const NamedId& link : links_) LinkOne(link);
  std::vector<NamedId>().swap(links_);
  for (Edges* edges : {&names_, &holds_, &phones_, &attached_, &inside_}) {
    edges->Close(rows_.size());
  }
  FindConfidential(known_places);
  FindRoots();
}

void RowGraph::FindDuplicates() {
  for (size_t i = 1; i < by_id_.size(); ++i) {
    const Row& before = rows_[by_id_[i - 1]];
    const Row& row = rows_[by_id_[i]];
    if (row.id != before.id || row.table != before.table) continue;
    if (repeats_allowed_ && !(row.is_own && before.is_own)) continue;
    duplicates_.push_back(by_id_[i]);
  }
  std::ranges::sort(duplicates_);
}

RowGraph::Index RowGraph::FindIn(uint8_t table, const RowId& id) const {
  const auto at = std::ranges::lower_bound(by_id_, std::pair(id, table), {}, [this](Index index) {
    return std::pair(rows_[index].id, rows_[index].table);
  });
  if (at == by_id_.end() || rows_[*at].id != id || rows_[*at].table != table) return kNone;
  return *at;
}

RowGraph::Index RowGraph::Find(std::string_view table, const RowId& id) const {
  return FindIn(NumberOfTable(table), id);
}

void RowGraph::LinkOne(const NamedId& link) {
  const Row& row = rows_[link.row];
  const TableSpec& spec = SpecOf(row);
  const Naming& naming = kNamings.at(link.column);
  const Index named = link.table == kAnyTable ? kNone : FindIn(link.table, link.target);
  if (named == kNone && link.is_demanded && missing_.size() < kMaxProblems) {
    missing_.push_back({link.row, naming.column, HsdsTables()[link.table].name});
  }
  // JSON: what stands inside one is said there again and again, and read with each.
  const bool is_inside = repeats_allowed_ && !row.is_own;
  if (naming.table.empty() && spec.name == "attributes" && !is_inside) {
    // A listing heeds an attribute by the id alone, whatever it says of the table.
    auto at = std::ranges::lower_bound(by_id_, link.target, {},
                                       [this](Index index) { return rows_[index].id; });
    for (; at != by_id_.end() && rows_[*at].id == link.target; ++at) attached_.Add(*at, link.row);
  }
  if (named == kNone || named == link.row) return;
  names_.Add(link.row, named);
  const TableSpec& other = SpecOf(rows_[named]);
  if (HoldsNamed(spec, other, naming.column)) holds_.Add(link.row, named);
  if (spec.name == "attributes" && naming.table.empty() && is_inside) inside_.Add(named, link.row);
  const bool is_elsewhere =
      is_inside && other.name != "services" && row.record != rows_[named].record;
  if (is_elsewhere) return;
  if (spec.name == "phones" && naming.column == "organization_id") phones_.Add(named, link.row);
  const Anywhere* any = naming.table.empty() ? AnywhereOf(spec.name) : nullptr;
  const bool stands_inside = any != nullptr ? Carries(other, *any)
                                            : HoldsByColumn(other, spec, naming.column);
  if (stands_inside) holds_.Add(named, link.row);
}

void RowGraph::FindConfidential(const std::set<std::string>& known_places) {
  const uint8_t services = NumberOfTable("services");
  const uint8_t places = NumberOfTable("locations");
  const uint8_t joins = NumberOfTable("service_at_location");
  const uint8_t terms = NumberOfTable("taxonomy_terms");
  std::vector<bool> is_secret(rows_.size());
  const auto keep_secret = [&](Index index) {
    const Row& row = rows_[index];
    if (row.table == services || row.table == places) {
      is_secret[FindIn(row.table, row.id)] = true;
    } else if (row.table == joins) {
      for (const Index named : names_.Of(index)) {
        if (rows_[named].table == services) is_secret[named] = true;
      }
    }
  };
  for (Index i = 0; i < rows_.size(); ++i) {
    const Row& row = rows_[i];
    const bool is_listed = row.table == services || row.table == places;
    if (is_listed && row.is_confidential) keep_secret(i);
    if (row.table == places && known_places.contains(ToUuid(row.id))) keep_secret(i);
  }
  // Said of a term anywhere (JSON), it is said.
  std::vector<bool> is_that_term(rows_.size());
  for (const Row& row : rows_) {
    if (row.table == terms && row.is_confidential) is_that_term[FindIn(terms, row.id)] = true;
  }
  const auto is_of_that_term = [&](Index attribute) {
    return rows_[attribute].is_confidential &&
           std::ranges::any_of(names_.Of(attribute),
                               [&](Index named) { return is_that_term[named]; });
  };
  for (Index target = 0; target < rows_.size(); ++target) {
    if (std::ranges::any_of(attached_.Of(target), is_of_that_term) ||
        std::ranges::any_of(inside_.Of(target), is_of_that_term)) {
      keep_secret(target);
    }
  }
  SpreadConfidential(is_secret);
  for (Index i = 0; i < rows_.size(); ++i) {
    if (!is_secret[i]) continue;
    any_confidential_ = true;
    if (rows_[i].table == places) confidential_places_.push_back(i);
  }
}

// As build_import.cc does it for the rows of one request.
void RowGraph::SpreadConfidential(std::vector<bool>& is_secret) const {
  const uint8_t services = NumberOfTable("services");
  const uint8_t places = NumberOfTable("locations");
  const uint8_t joins = NumberOfTable("service_at_location");
  Edges together;
  for (Index join = 0; join < rows_.size(); ++join) {
    if (rows_[join].table != joins) continue;
    Index service = kNone;
    Index place = kNone;
    for (const Index named : names_.Of(join)) {
      if (rows_[named].table == services) service = named;
      if (rows_[named].table == places) place = named;
    }
    if (service == kNone || place == kNone) continue;
    together.Add(service, place);
    together.Add(place, service);
  }
  together.Close(rows_.size());
  std::vector<Index> to_visit;
  for (Index i = 0; i < rows_.size(); ++i) {
    if (is_secret[i]) to_visit.push_back(i);
  }
  while (!to_visit.empty()) {
    const Index at = to_visit.back();
    to_visit.pop_back();
    for (const Index other : together.Of(at)) {
      if (is_secret[other]) continue;
      is_secret[other] = true;
      to_visit.push_back(other);
    }
  }
}

void RowGraph::MarkHeld(Index root, std::vector<bool>& is_held) const {
  std::vector<Index> to_visit = {root};
  is_held[root] = true;
  while (!to_visit.empty()) {
    const Index at = to_visit.back();
    to_visit.pop_back();
    for (const Index inner : holds_.Of(at)) {
      if (is_held[inner]) continue;
      is_held[inner] = true;
      to_visit.push_back(inner);
    }
  }
}

// As hsds_documents.cc nests: what stands inside nothing is a document of its own.
void RowGraph::FindRoots() {
  std::map<uint8_t, std::vector<Index>> of_table;
  for (size_t i = 0; i < by_id_.size(); ++i) {
    const Row& row = rows_[by_id_[i]];
    const Row* before = i == 0 ? nullptr : &rows_[by_id_[i - 1]];
    if (before != nullptr && before->id == row.id && before->table == row.table) continue;
    of_table[row.table].push_back(by_id_[i]);
  }
  std::vector<bool> is_held(rows_.size());
  for (const char* table : {"organizations", "services", "taxonomies", "taxonomy_terms"}) {
    for (const Index index : of_table[NumberOfTable(table)]) {
      roots_.push_back(index);
      MarkHeld(index, is_held);
    }
  }
  std::vector<bool> is_root(rows_.size());
  for (const Index index : roots_) is_root[index] = true;
  const auto add_loose = [&](uint8_t table) {
    for (const Index index : of_table[table]) {
      // JSON: a record of its own is one, wherever else it stands; what stands inside is none.
      const bool is_one = repeats_allowed_ ? rows_[index].is_own : !is_held[index];
      if (!is_one || is_root[index]) continue;
      is_root[index] = true;
      roots_.push_back(index);
      MarkHeld(index, is_held);
    }
  };
  for (const char* table : {"locations", "programs", "contacts", "phones", "service_capacity"}) {
    add_loose(NumberOfTable(table));
  }
  for (uint8_t table = 0; table < HsdsTables().size(); ++table) add_loose(table);
}

// With what must be known of those: the service and the place of a join, the taxonomy of a term.
void RowGraph::AddNamed(Index row, std::set<Index>& rows) const {
  for (const Index named : names_.Of(row)) {
    if (!rows.insert(named).second) continue;
    const std::string_view table = SpecOf(rows_[named]).name;
    if (table == "service_at_location" || table == "taxonomy_terms") AddNamed(named, rows);
  }
}

bool RowGraph::Reach(Index root, std::set<Index>& rows) const {
  const bool is_service = SpecOf(rows_[root]).name == "services";
  std::set<Index> held = {root};
  std::vector<Index> to_visit = {root};
  while (!to_visit.empty()) {
    if (held.size() > kMaxRowsOfOne) return false;
    const Index at = to_visit.back();
    to_visit.pop_back();
    for (const Index inner : holds_.Of(at)) {
      if (held.insert(inner).second) to_visit.push_back(inner);
    }
  }
  std::set<Index> all = held;
  for (const Index row : held) AddNamed(row, all);
  if (is_service) {
    // Whoever has no telephone is reached by that of the organization.
    for (const Index named : names_.Of(root)) {
      if (SpecOf(rows_[named]).name != "organizations") continue;
      for (const Index phone : phones_.Of(named)) {
        if (all.size() > 2 * kMaxRowsOfOne) return false;
        if (all.insert(phone).second) AddNamed(phone, all);
      }
    }
    // JSON: it stands there once for each of its places.
    auto same = std::ranges::lower_bound(by_id_, rows_[root].id, {},
                                         [this](Index index) { return rows_[index].id; });
    for (; same != by_id_.end() && rows_[*same].id == rows_[root].id; ++same) {
      if (rows_[*same].table == rows_[root].table) all.insert(*same);
    }
  }
  // Attributes hide what they hang on, and make it confidential.
  const std::vector<Index> marked(all.begin(), all.end());
  for (const Index row : marked) {
    for (const Index attribute : attached_.Of(row)) {
      if (all.size() > 2 * kMaxRowsOfOne) return false;
      if (all.insert(attribute).second) AddNamed(attribute, all);
    }
  }
  rows.insert(all.begin(), all.end());
  return true;
}

}  // namespace fairlead::directory
