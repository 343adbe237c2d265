#include "gateway/cli/message.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

#include "gateway/cli/agency_keys.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/unseal.h"
#include "services/common/base/strict_json.h"
#include "services/common/base/thread_hash.h"
#include "services/common/seal/seal.h"

namespace fairlead::cli {
namespace {

namespace v1 = messaging::v1;
namespace json = boost::json;

constexpr size_t kMaxSealedBytes = 16 * 1024 - 4;  // 16 KiB less the length prefix of the padding
constexpr int kMaxMessageDepth = 2;
// When the hub erases it: as long as it allows, less what two clocks may differ by.
constexpr int64_t kMessageLifetimeS = 90LL * 24 * 3600 - 600;

tl::unexpected<Error> ThreadChanged() {
  return Fail(Code::kDataLoss, "THREAD_CHANGED",
              "The hub names other agencies for this thread than it did before.");
}
tl::unexpected<Error> MessageMismatch() {
  return Fail(Code::kDataLoss, "MESSAGE_MISMATCH", "The hub has given out another message.");
}

bool IsParty(const v1::Thread& thread, const std::string& agency_id) {
  return std::ranges::any_of(thread.participants(), [&](const v1::ThreadParticipant& each) {
    return each.agency_id() == agency_id;
  });
}

Result<std::string> HashOf(Context& context, const v1::Thread& thread) {
  FAIRLEAD_ASSIGN(const std::string own_id, context.OwnAgencyId());
  FAIRLEAD_ASSIGN(const std::string other, OtherParty(context, thread));
  return ThreadHash(thread.id(), own_id, other);
}

std::string MemberText(const json::object& content, std::string_view name) {
  const json::value* found = content.if_contains(name);
  if (found == nullptr || !found->is_string()) return "";
  return std::string(found->as_string());
}

bool IsRevision(const json::object& content, int32_t revision) {
  const json::value* found = content.if_contains("revision");
  return found != nullptr && found->is_int64() && found->as_int64() == revision;
}

}  // namespace

Result<std::string> OtherParty(Context& context, const v1::Thread& thread) {
  FAIRLEAD_ASSIGN(const std::string own_id, context.OwnAgencyId());
  if (thread.participants_size() != 2 || !IsParty(thread, own_id)) return ThreadChanged();
  const bool first = thread.participants(0).agency_id() == own_id;
  std::string other = thread.participants(first ? 1 : 0).agency_id();
  if (other == own_id) return ThreadChanged();
  return other;
}

// Remembered like the hash of a release: it stands in the same place of what is sealed.
Result<void> CheckThread(Context& context, const v1::Thread& thread) {
  FAIRLEAD_ASSIGN(const std::string hash, HashOf(context, thread));
  FAIRLEAD_ASSIGN(const std::string known, context.home().KnownReleaseHash(thread.id()));
  if (known.empty()) return context.home().RememberReleaseHash(thread.id(), hash);
  if (known != hash) return ThreadChanged();
  return {};
}

Result<v1::Thread> GetThread(Context& context, const std::string& text) {
  v1::GetThreadRequest request;
  FAIRLEAD_ASSIGN(const std::string id, context.Id("thread", text));
  request.set_thread_id(id);
  FAIRLEAD_ASSIGN(auto response, context.client().Call<v1::GetThreadResponse>(kGetThread, request));
  if (response.thread().id() != id) return ThreadChanged();
  FAIRLEAD_RETURN_IF_ERROR(CheckThread(context, response.thread()));
  context.home().SetLast("thread", id);
  return std::move(*response.mutable_thread());
}

int64_t ReadUpTo(const v1::Thread& thread, const std::string& own_agency_id) {
  for (const v1::ThreadParticipant& each : thread.participants()) {
    if (each.agency_id() == own_agency_id) return each.read_sequence();
  }
  return 0;
}

Result<std::string> SealMessage(Context& context, const v1::Thread& thread,
                                const MessageToSeal& message) {
  FAIRLEAD_ASSIGN(const std::string own_id, context.OwnAgencyId());
  FAIRLEAD_ASSIGN(const std::string other, OtherParty(context, thread));
  FAIRLEAD_ASSIGN(const OwnKeys own, context.home().LoadKeys(own_id));
  FAIRLEAD_ASSIGN(const seal::PublicKey theirs, KeyToSealTo(context, other, "", message.first_use));
  seal::SealRequest request;
  request.header.referral_id = thread.id();
  request.header.sender_agency_id = own_id;
  request.header.release_hash = ThreadHash(thread.id(), own_id, other);
  request.header.purpose = kMessagePurpose;
  request.header.categories = {kMessageCategory};
  request.header.expires_s = context.NowMs() / 1'000 + kMessageLifetimeS;
  request.plaintext = json::serialize(json::object{
      {"message_id", message.id}, {"revision", message.revision}, {"text", message.text}});
  request.recipients = {theirs, own.epoch.public_key};
  if (request.plaintext.size() > kMaxSealedBytes) {
    return Usage("That is longer than a message may be (" + std::to_string(kMaxMessageBytes) +
                 " bytes).");
  }
  return seal::Seal(request, own.signing, SystemRandom());
}

Result<MessageRead> ReadMessage(Context& context, const v1::Thread& thread,
                                const v1::Message& message) {
  if (message.thread_id() != thread.id() || !IsParty(thread, message.from_agency_id())) {
    return MessageMismatch();
  }
  FAIRLEAD_ASSIGN(const std::string hash, HashOf(context, thread));
  // It is opened as a packet is whose sender is its writer.
  referral::v1::OpenPacketResponse as_packet;
  as_packet.set_packet(message.sealed());
  referral::v1::Referral* referral = as_packet.mutable_referral();
  referral->set_id(thread.id());
  referral->set_release_hash(hash);
  referral->set_sender_agency_id(message.from_agency_id());
  *referral->mutable_create_time() =
      message.has_edit_time() ? message.edit_time() : message.create_time();
  FAIRLEAD_ASSIGN(const Openable openable, ReadyToOpen(context, as_packet));
  FAIRLEAD_ASSIGN(const seal::Opened opened,
                  seal::Open(message.sealed(), openable.key, openable.expected));
  auto content = ParseStrictJson(opened.plaintext, kMaxSealedBytes, kMaxMessageDepth);
  if (!content || !content->is_object()) return MessageMismatch();
  const json::object& said = content->as_object();
  // The writer has signed which one it is: another, or what stood there before, is not this.
  if (MemberText(said, "message_id") != message.id() || !IsRevision(said, message.revision())) {
    return MessageMismatch();
  }
  return MessageRead{
      .text = MemberText(said, "text"),
      .writer = openable.sender_name + (openable.name_confirmed ? "" : ", as the hub names it")};
}

}  // namespace fairlead::cli
