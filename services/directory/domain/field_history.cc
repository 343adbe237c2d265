#include "services/directory/domain/field_history.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <set>

#include "services/directory/domain/fold.h"

namespace fairlead::directory {
namespace {

namespace json = boost::json;

// Inside another document these are somebody else's, or have a document of their own.
bool IsElsewhere(std::string_view table) {
  return table == "metadata" || table == "taxonomies" || table == "taxonomy_terms" ||
         table == "services" || table == "organizations";
}

// When a record was last touched is no news beside what was touched.
bool IsKept(std::string_view member) { return member != "id" && member != "last_modified"; }

std::string HistoryText(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

class RecordWalk {
 public:
  explicit RecordWalk(KnownRecords& records) : records_(records) {}

  void Visit(const TableSpec& spec, const json::object& record, Tier above) {
    const Tier tier = std::max(above, TierOf(spec, record));
    const std::map<std::string, Tier> marked = MarkedMembers(spec, record);
    const json::value* id = record.if_contains("id");
    if (id != nullptr && id->is_string()) {
      Keep(records_[{std::string(spec.entity), std::string(id->get_string())}], record, tier,
           marked);
    }
    const auto inside = [&](std::string_view name, std::string_view table) {
      const auto mark = marked.find(std::string(name));
      Members(record, name, table, mark == marked.end() ? tier : std::max(tier, mark->second));
    };
    for (const Member& member : spec.objects) inside(member.name, member.table);
    for (const Member& member : spec.arrays) inside(member.name, member.table);
    for (const Anywhere& any : TablesOfAnything()) inside(any.table, any.table);
  }

 private:
  // A record that stands in several places has the closest tier of all.
  static void Keep(KnownRecord& known, const json::object& record, Tier tier,
                   const std::map<std::string, Tier>& marked) {
    known.tier = std::max(known.tier, tier);
    for (const auto& [member, closer] : marked) {
      Tier& kept = known.marked.emplace(member, closer).first->second;
      kept = std::max(kept, closer);
    }
    for (const auto& member : record) {
      const json::value& value = member.value();
      if (value.is_structured() || value.is_null() || !IsKept(member.key())) continue;
      known.fields[std::string(member.key())] = HistoryText(value);
    }
  }

  void Members(const json::object& record, std::string_view name, std::string_view table,
               Tier above) {
    const json::value* value = record.if_contains(name);
    if (value == nullptr || IsElsewhere(table)) return;
    if (value->is_object()) Visit(TableOf(table), value->get_object(), above);
    if (!value->is_array()) return;
    for (const json::value& item : value->get_array()) {
      if (item.is_object()) Visit(TableOf(table), item.get_object(), above);
    }
  }

  KnownRecords& records_;
};

Tier TierOfField(const KnownRecord& record, const std::string& field) {
  const auto mark = record.marked.find(field);
  return mark == record.marked.end() ? record.tier : std::max(record.tier, mark->second);
}

std::string ValueOf(const KnownRecord& record, const std::string& field) {
  const auto value = record.fields.find(field);
  return value == record.fields.end() ? "" : value->second;
}

void AddChangesOf(const std::pair<std::string, std::string>& key, const KnownRecord& before,
                  const KnownRecord& after, std::vector<FieldChange>& changes) {
  std::set<std::string> fields;
  for (const auto& [field, value] : before.fields) fields.insert(field);
  for (const auto& [field, value] : after.fields) fields.insert(field);
  for (const std::string& field : fields) {
    std::string previous = ValueOf(before, field);
    std::string replacement = ValueOf(after, field);
    if (previous == replacement) continue;
    const Tier tier = std::max(TierOfField(before, field), TierOfField(after, field));
    if (tier == Tier::kSealed) continue;
    changes.push_back({.action = "update",
                       .resource_type = key.first,
                       .resource_id = key.second,
                       .field_name = field,
                       .previous_value = Shorten(std::move(previous), kMaxHistoryValueBytes),
                       .replacement_value = Shorten(std::move(replacement), kMaxHistoryValueBytes),
                       .tier = tier});
  }
}

}  // namespace

KnownRecords RecordsIn(std::string_view table, const json::object& document) {
  KnownRecords records;
  RecordWalk(records).Visit(TableOf(table), document, Tier::kPublic);
  return records;
}

std::vector<FieldChange> ChangesBetween(const KnownRecords& before, const KnownRecords& after) {
  std::vector<FieldChange> changes;
  const auto add_whole = [&](const char* action, const auto& key, const KnownRecord& record) {
    if (record.tier == Tier::kSealed) return;
    changes.push_back({.action = action,
                       .resource_type = key.first,
                       .resource_id = key.second,
                       .tier = record.tier});
  };
  for (const auto& [key, record] : before) {
    const auto now = after.find(key);
    if (now == after.end()) {
      add_whole("delete", key, record);
    } else {
      AddChangesOf(key, record, now->second, changes);
    }
  }
  for (const auto& [key, record] : after) {
    if (!before.contains(key)) add_whole("create", key, record);
  }
  return changes;
}

std::optional<Tier> TierNow(const FieldChange& change, const KnownRecords& now) {
  const auto record = now.find({change.resource_type, change.resource_id});
  if (record == now.end()) {
    if (change.action != "delete") return std::nullopt;
    return change.tier;
  }
  const Tier tier = std::max(change.tier, TierOfField(record->second, change.field_name));
  if (tier == Tier::kSealed) return std::nullopt;
  return tier;
}

}  // namespace fairlead::directory
