// The keys of sealed notes.
#include <utility>

#include "services/common/rpc/proto_time.h"
#include "services/consent/commands/issue_note_keys.h"
#include "services/consent/in_unit.h"

namespace fairlead::consent {

Task<Result<v1::IssueNoteKeysResponse>> ConsentServer::IssueNoteKeys(
    rpc::CallContext context, const v1::IssueNoteKeysRequest& request) {
  NoteKeysRequest issue;
  issue.release_id = request.release_id();
  issue.referral_id = request.referral_id();
  issue.note_id = request.note_id();
  issue.to_agency_id = request.to_agency_id();
  issue.use.purpose = request.purpose();
  issue.use.categories = rpc::ToVector(request.categories());
  issue.use.release_hash = request.release_hash();
  using Keys = std::vector<CustodyKey>;
  std::function<Result<Keys>(Unit&)> command = [this, &issue](Unit& unit) -> Result<Keys> {
    return consent::IssueNoteKeys(unit, random_, issue);
  };
  OpenRequest refused;
  refused.release_id = issue.release_id;
  refused.referral_id = issue.referral_id;
  // No idempotency row, as with a packet's keys.
  std::function<Result<void>(Unit&, const Error&)> record_refusal = [&refused](Unit& unit,
                                                                               const Error& error) {
    return AuditRefusedOpening(unit, refused, audit::Action::kCustodyIssued, error);
  };
  Task<Result<Keys>> decision =
      DecideAndRecord(context, std::move(command), std::move(record_refusal));
  Result<Keys> issued = co_await std::move(decision);
  if (!issued) co_return Fail(std::move(issued.error()));
  v1::IssueNoteKeysResponse response;
  for (const CustodyKey& key : *issued) {
    v1::CustodyKey* out = response.add_keys();
    out->set_agency_id(key.agency_id);
    out->set_key(key.key);
  }
  co_return response;
}

}  // namespace fairlead::consent
