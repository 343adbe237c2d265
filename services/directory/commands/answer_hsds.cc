#include "services/directory/commands/answer_hsds.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <map>

#include "services/common/auth/policy.h"
#include "services/common/base/clock.h"
#include "services/directory/commands/hsds_records.h"
#include "services/directory/domain/hsds_answer.h"
#include "services/directory/domain/hsds_documents.h"
#include "services/directory/store/history_store.h"

namespace fairlead::directory {
namespace {

namespace json = boost::json;

// Rows are read so many at a time: whole documents, of which a page takes what it has room for.
constexpr int kRowsAtATime = 25;

tl::unexpected<Error> RecordNotFound() {
  return Fail(Code::kNotFound, "RECORD_NOT_FOUND", "There is no such record.");
}

tl::unexpected<Error> TooLarge() {
  return Fail(Code::kResourceExhausted, "PAGE_TOO_LARGE", "Ask for fewer, or for less, at once.",
              {{"field", "per_page"}});
}

// The newest changes, behind what the publisher itself says has changed.
Result<void> AddHistory(storage::ReadTransaction& tx, const HsdsRecord& record, Tier viewer,
                        json::object& body) {
  constexpr int kMostInAnswer = 50;
  FAIRLEAD_ASSIGN(const std::vector<StoredChange> changes,
                  ListFieldChanges(tx, record.kind, record.id, viewer, kMostInAnswer));
  json::array metadata;
  if (const json::value* said = body.if_contains("metadata"); said != nullptr && said->is_array()) {
    metadata = said->get_array();
  }
  for (const StoredChange& one : changes) {
    metadata.push_back(json::object{{"id", one.id},
                                    {"resource_id", one.change.resource_id},
                                    {"resource_type", one.change.resource_type},
                                    {"last_action_date", FormatDay(one.time_ms)},
                                    {"last_action_type", one.change.action},
                                    {"field_name", one.change.field_name},
                                    {"previous_value", one.change.previous_value},
                                    {"replacement_value", one.change.replacement_value},
                                    {"updated_by", one.actor_role}});
  }
  if (!metadata.empty()) body["metadata"] = std::move(metadata);
  return {};
}

// Puts records together within one transaction; organizations are read once each.
class Answers {
 public:
  Answers(storage::ReadTransaction& tx, const auth::Actor& viewer) : tx_(tx), viewer_(viewer) {}

  bool MaySee(const HsdsRecord& record) const {
    return record.tier <= static_cast<int64_t>(TierFor(viewer_, record.agency_id));
  }

  Result<json::object> Service(const HsdsRecord& record) {
    FAIRLEAD_ASSIGN(const json::object* organization, Organization(record.organization_id));
    return ServiceAnswer(ParseDocument(record.body), *organization, record.update_ms,
                         record.assured_ms, TierFor(viewer_, record.agency_id));
  }

  // With its services inside, as a list has them or in full.
  Result<json::object> WithServices(const HsdsRecord& record, bool full_service) {
    json::object answer =
        RedactOrganization(ParseDocument(record.body), TierFor(viewer_, record.agency_id));
    json::array services;
    size_t bytes = 0;
    std::string after_id;
    while (true) {
      FAIRLEAD_ASSIGN(const std::vector<HsdsRecord> some,
                      ServicesOfOrganization(tx_, record.id, TierFor(viewer_, record.agency_id),
                                             after_id, kRowsAtATime));
      for (const HsdsRecord& one : some) {
        json::object service = ServiceAnswer(ParseDocument(one.body), {}, one.update_ms,
                                             one.assured_ms, TierFor(viewer_, one.agency_id));
        service.erase("organization_id");
        if (!full_service) service = ListForm(service);
        bytes += json::serialize(service).size();
        if (bytes > kMaxAnswerBytes) return TooLarge();
        services.push_back(std::move(service));
        after_id = one.id;
      }
      if (some.size() < static_cast<size_t>(kRowsAtATime)) break;
    }
    if (!services.empty()) answer["services"] = std::move(services);
    return answer;
  }

  // A taxonomy or a term: for everybody, but for its history.
  json::object Shared(const HsdsRecord& record) const {
    return RedactInside(TableOf(record.kind), ParseDocument(record.body),
                        TierFor(viewer_, record.agency_id));
  }

  Result<json::object> Form(const HsdsRow& row, const HsdsForm& form) {
    const HsdsRecord& record = row.record;
    if (form.minimal) {
      return json::object{{"id", record.id}, {"modified_date", FormatTime(record.update_ms)}};
    }
    if (!row.place_id.empty()) {
      FAIRLEAD_ASSIGN(json::object service, Service(record));
      std::optional<json::object> place = PlaceAnswer(std::move(service), row.place_id);
      if (!place) return json::object();
      return form.full ? std::move(*place) : ListForm(*place);
    }
    if (record.kind == "services") {
      FAIRLEAD_ASSIGN(json::object service, Service(record));
      return form.full ? std::move(service) : ListForm(service);
    }
    if (record.kind == "organizations") {
      if (form.full || form.full_service) return WithServices(record, form.full_service);
      return ListForm(
          RedactOrganization(ParseDocument(record.body), TierFor(viewer_, record.agency_id)));
    }
    return Shared(record);
  }

 private:
  Result<const json::object*> Organization(const std::string& id) {
    const auto known = organizations_.find(id);
    if (known != organizations_.end()) return &known->second;
    FAIRLEAD_ASSIGN(const std::optional<HsdsRecord> record, FindHsds(tx_, "organizations", id));
    json::object body = record ? ParseDocument(record->body) : json::object();
    return &organizations_.emplace(id, std::move(body)).first->second;
  }

  storage::ReadTransaction& tx_;
  const auth::Actor& viewer_;
  std::map<std::string, json::object> organizations_;
};

}  // namespace

bool IsMember(const auth::Actor& viewer) {
  return !viewer.agency_id.empty() && viewer.membership == auth::Membership::kActive &&
         viewer.agency_kind != auth::AgencyKind::kLawEnforcement;
}

Tier TierFor(const auth::Actor& viewer, const std::string& agency_id) {
  if (!IsMember(viewer)) return Tier::kPublic;
  const bool runs_it = viewer.agency_id == agency_id && viewer.Has(auth::Role::kAgencyAdmin);
  // An office's role is none elsewhere.
  const bool coordinates = viewer.Has(auth::Role::kCoordinator) &&
                           auth::CountsAt(auth::Role::kCoordinator, viewer.agency_kind);
  return runs_it || coordinates ? Tier::kRole : Tier::kCoalition;
}

HsdsQuery VisibleTo(const auth::Actor& viewer) {
  HsdsQuery query;
  // Of no agency in particular.
  query.tier = static_cast<int64_t>(TierFor(viewer, ""));
  if (TierFor(viewer, viewer.agency_id) == Tier::kRole) query.own_agency_id = viewer.agency_id;
  return query;
}

Result<HsdsPage> QueryRecords(storage::ReadTransaction& tx, const auth::Actor& viewer,
                              const HsdsQuery& query, const HsdsForm& form, bool in_one) {
  HsdsPage page;
  if (!in_one) {
    FAIRLEAD_ASSIGN(page.total, CountHsds(tx, query));
  }
  Answers answers(tx, viewer);
  size_t bytes = 0;
  HsdsQuery part = query;
  part.without_body = form.minimal;
  for (int left = query.limit; left > 0; left -= part.limit) {
    part.limit = form.minimal ? left : std::min(left, kRowsAtATime);
    FAIRLEAD_ASSIGN(const std::vector<HsdsRow> rows, ListHsds(tx, part));
    for (const HsdsRow& row : rows) {
      FAIRLEAD_ASSIGN(const json::object answer, answers.Form(row, form));
      std::string text = json::serialize(answer);
      bytes += text.size();
      if (bytes > kMaxAnswerBytes && !page.records.empty()) {
        if (in_one) return page;
        return TooLarge();
      }
      page.records.push_back(std::move(text));
      page.next_after_id = row.place_id.empty() ? row.record.id : row.place_id;
    }
    if (rows.size() < static_cast<size_t>(part.limit)) {
      page.next_after_id.clear();
      return page;
    }
    part.after_id = page.next_after_id;
    part.offset = 0;
  }
  if (!in_one) page.next_after_id.clear();
  return page;
}

Result<HsdsAnswer> GetRecord(storage::ReadTransaction& tx, const auth::Actor& viewer,
                             const std::string& kind, const std::string& id, bool full_service,
                             bool history) {
  const bool is_place = kind == "service_at_location";
  Result<std::optional<HsdsRecord>> found =
      is_place ? FindHsdsByPlace(tx, id) : FindHsds(tx, kind, id);
  if (!found) return Fail(std::move(found.error()));
  if (!*found) return RecordNotFound();
  const HsdsRecord& record = **found;
  Answers answers(tx, viewer);
  HsdsAnswer answer{.record = "", .update_ms = record.update_ms};
  const bool is_shared = kind == "taxonomies" || kind == "taxonomy_terms";
  json::object body;
  if (kind == "organizations") {
    FAIRLEAD_ASSIGN(body, answers.WithServices(record, full_service));
    // Whoever may see one of its services may know whose it is.
    if (!answers.MaySee(record) && !body.contains("services")) return RecordNotFound();
  } else if (is_shared) {
    body = answers.Shared(record);
  } else {
    if (!answers.MaySee(record)) return RecordNotFound();
    FAIRLEAD_ASSIGN(body, answers.Service(record));
    if (is_place) {
      std::optional<json::object> place = PlaceAnswer(std::move(body), id);
      if (!place) return RecordNotFound();
      body = std::move(*place);
    }
  }
  if (history && (kind == "services" || kind == "organizations")) {
    FAIRLEAD_RETURN_IF_ERROR(AddHistory(tx, record, TierFor(viewer, record.agency_id), body));
  }
  answer.record = json::serialize(body);
  return answer;
}

Result<HsdsRecord> FindDocument(storage::ReadTransaction& tx, const auth::Actor& viewer,
                                const std::string& id) {
  for (const char* kind : {"services", "organizations"}) {
    FAIRLEAD_ASSIGN(const std::optional<HsdsRecord> record, FindHsds(tx, kind, id));
    if (record && record->tier <= static_cast<int64_t>(TierFor(viewer, record->agency_id))) {
      return *record;
    }
  }
  return RecordNotFound();
}

}  // namespace fairlead::directory
