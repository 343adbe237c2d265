#include "services/common/outbox/outbox.h"

#include "fairlead/events/v1/events.pb.h"
#include "services/common/base/ids.h"
#include "services/common/outbox/migrations.h"

namespace fairlead::outbox {
namespace {

constexpr size_t kMaxDataBytes = 8 * 1024;
constexpr size_t kMaxAgencies = 64;
constexpr size_t kMaxTextBytes = 128;

Result<void> Validate(const Event& event) {
  std::string_view wrong;
  if (!IsUuid(event.id)) wrong = "id";
  if (event.type.empty() || event.type.size() > kMaxTextBytes) wrong = "type";
  if (event.subject.size() > kMaxTextBytes) wrong = "subject";
  if (event.data_schema.size() > kMaxTextBytes) wrong = "data_schema";
  if (event.traceparent.size() > kMaxTextBytes) wrong = "traceparent";
  if (event.data.size() > kMaxDataBytes) wrong = "data";
  if (event.audience_agency_ids.size() > kMaxAgencies) wrong = "audience_agency_ids";
  for (const std::string& agency : event.audience_agency_ids) {
    if (!IsUuid(agency)) wrong = "audience_agency_ids";
  }
  if (wrong.empty()) return {};
  return Fail(Code::kInternal, "EVENT_INVALID", "the event cannot be published",
              {{"field", std::string(wrong)}});
}

}  // namespace

const storage::Migrations& OutboxMigrations() { return Migrations(); }

Result<void> Append(storage::Transaction& tx, const Event& event) {
  FAIRLEAD_RETURN_IF_ERROR(Validate(event));
  events::v1::EventEnvelope envelope;
  envelope.set_id(event.id);
  envelope.set_type(event.type);
  envelope.set_subject(event.subject);
  envelope.mutable_time()->set_seconds(event.time_ms / 1000);
  envelope.mutable_time()->set_nanos(static_cast<int32_t>(event.time_ms % 1000) * 1'000'000);
  envelope.set_data_schema(event.data_schema);
  envelope.set_traceparent(event.traceparent);
  envelope.set_data(event.data);
  for (const std::string& agency : event.audience_agency_ids) {
    envelope.add_audience_agency_ids(agency);
  }
  envelope.set_for_members(event.for_members);
  envelope.set_for_coordinators(event.for_coordinators);
  FAIRLEAD_RETURN_IF_ERROR(
      tx.Execute("INSERT INTO outbox (time_ms, envelope) VALUES ($1, $2)",
                 {event.time_ms, storage::Blob{envelope.SerializeAsString()}}));
  return {};
}

}  // namespace fairlead::outbox
