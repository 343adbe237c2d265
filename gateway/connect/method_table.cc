#include "gateway/connect/method_table.h"

#include <set>

#include "fairlead/api/v1/options.pb.h"
#include "fairlead/audit/v1/audit.pb.h"
#include "fairlead/consent/v1/break_glass.pb.h"
#include "fairlead/consent/v1/consent.pb.h"
#include "fairlead/consent/v1/note_keys.pb.h"
#include "fairlead/directory/v1/capacity.pb.h"
#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/directory/v1/export.pb.h"
#include "fairlead/directory/v1/history.pb.h"
#include "fairlead/directory/v1/hours_override.pb.h"
#include "fairlead/directory/v1/hsds.pb.h"
#include "fairlead/directory/v1/membership.pb.h"
#include "fairlead/directory/v1/verification.pb.h"
#include "fairlead/identity/v1/identity.pb.h"
#include "fairlead/identity/v1/keys.pb.h"
#include "fairlead/identity/v1/machines.pb.h"
#include "fairlead/identity/v1/passkeys.pb.h"
#include "fairlead/messaging/v1/alert.pb.h"
#include "fairlead/messaging/v1/bed_call.pb.h"
#include "fairlead/messaging/v1/channel.pb.h"
#include "fairlead/messaging/v1/thread.pb.h"
#include "fairlead/operations/v1/backup.pb.h"
#include "fairlead/referral/v1/assignment.pb.h"
#include "fairlead/referral/v1/attachment.pb.h"
#include "fairlead/referral/v1/follow_up.pb.h"
#include "fairlead/referral/v1/forward.pb.h"
#include "fairlead/referral/v1/hand_off.pb.h"
#include "fairlead/referral/v1/packet_version.pb.h"
#include "fairlead/referral/v1/question.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "fairlead/referral/v1/routing.pb.h"
#include "fairlead/referral/v1/sealed_note.pb.h"
#include "gateway/connect/json_codec.h"
#include "services/common/base/check.h"

namespace fairlead::gateway {
namespace {

namespace pb = google::protobuf;

constexpr size_t kUsualBodyBytes = 1024 * 1024;
constexpr size_t kLargeBodyBytes = 6 * 1024 * 1024;

// Does a field of this message, at any depth, hold more than half a usual body?
bool IsLarge(const pb::Descriptor* message, std::set<const pb::Descriptor*>& seen) {
  if (!seen.insert(message).second) return false;
  for (int i = 0; i < message->field_count(); ++i) {
    const pb::FieldDescriptor* field = message->field(i);
    if (field->options().GetExtension(api::v1::field).max_length() > kUsualBodyBytes / 2) {
      return true;
    }
    if (field->message_type() != nullptr && IsLarge(field->message_type(), seen)) return true;
  }
  return false;
}

}  // namespace

std::vector<const pb::FileDescriptor*> ContractFiles() {
  // Naming a message of each file also makes the linker keep the file.
  return {audit::v1::AuditFilter::descriptor()->file(),
          consent::v1::Release::descriptor()->file(),
          consent::v1::BreakGlass::descriptor()->file(),
          directory::v1::Service::descriptor()->file(),
          directory::v1::Capacity::descriptor()->file(),
          directory::v1::HoursOverride::descriptor()->file(),
          directory::v1::ExportRow::descriptor()->file(),
          directory::v1::MembershipChange::descriptor()->file(),
          directory::v1::BeginExportRequest::descriptor()->file(),
          directory::v1::FieldChange::descriptor()->file(),
          directory::v1::Verification::descriptor()->file(),
          identity::v1::Staff::descriptor()->file(),
          identity::v1::Device::descriptor()->file(),
          identity::v1::MachineClient::descriptor()->file(),
          identity::v1::Passkey::descriptor()->file(),
          messaging::v1::Alert::descriptor()->file(),
          messaging::v1::BedCall::descriptor()->file(),
          messaging::v1::Channel::descriptor()->file(),
          messaging::v1::Thread::descriptor()->file(),
          operations::v1::Backup::descriptor()->file(),
          referral::v1::Referral::descriptor()->file(),
          referral::v1::Assignment::descriptor()->file(),
          referral::v1::HandOff::descriptor()->file(),
          referral::v1::CodedQuestion::descriptor()->file(),
          referral::v1::FollowUp::descriptor()->file(),
          referral::v1::SealedNote::descriptor()->file(),
          consent::v1::IssueNoteKeysRequest::descriptor()->file(),
          referral::v1::DoNotRoute::descriptor()->file(),
          referral::v1::AmendPacketRequest::descriptor()->file(),
          referral::v1::Attachment::descriptor()->file(),
          referral::v1::ForwardReferralRequest::descriptor()->file()};
}

MethodTable::MethodTable(const std::vector<const pb::FileDescriptor*>& files) {
  pb::MessageFactory* factory = pb::MessageFactory::generated_factory();
  for (const pb::FileDescriptor* file : files) {
    for (int s = 0; s < file->service_count(); ++s) {
      const pb::ServiceDescriptor* service = file->service(s);
      for (int m = 0; m < service->method_count(); ++m) {
        const pb::MethodDescriptor* rpc = service->method(m);
        const api::v1::MethodRule& rule = rpc->options().GetExtension(api::v1::method);
        if (!rule.public_()) continue;
        FAIRLEAD_CHECK(!rpc->client_streaming() && !rpc->server_streaming());
        FAIRLEAD_CHECK(CanReadJson(*rpc->input_type()));
        std::set<const pb::Descriptor*> seen;
        PublicMethod method;
        method.path = "/" + service->full_name() + "/" + rpc->name();
        method.descriptor = rpc;
        method.request_prototype = factory->GetPrototype(rpc->input_type());
        method.response_prototype = factory->GetPrototype(rpc->output_type());
        method.unauthenticated = rule.unauthenticated();
        method.no_side_effects =
            rpc->options().idempotency_level() == pb::MethodOptions::NO_SIDE_EFFECTS;
        method.max_body_bytes =
            IsLarge(rpc->input_type(), seen) ? kLargeBodyBytes : kUsualBodyBytes;
        methods_.emplace(method.path, method);
      }
    }
  }
}

const PublicMethod* MethodTable::Find(std::string_view path) const {
  const auto found = methods_.find(path);
  return found == methods_.end() ? nullptr : &found->second;
}

}  // namespace fairlead::gateway
