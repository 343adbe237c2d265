// Attachments of packets: putting chunks there, and handing them out by consent's decision.
#include <optional>
#include <utility>

#include "fairlead/consent/v1/custody_check.pb.h"
#include "services/common/rpc/proto_time.h"
#include "services/referral/commands/attach.h"
#include "services/referral/in_unit.h"
#include "services/referral/openable.h"
#include "services/referral/referral_server.h"
#include "services/referral/store/sql_referral_store.h"

namespace fairlead::referral {
namespace {

Result<v1::Attachment> ToAttachmentProto(storage::ReadTransaction& tx,
                                         const StoredAttachment& attachment) {
  FAIRLEAD_ASSIGN(const std::vector<int64_t> missing, MissingAttachmentChunks(tx, attachment));
  v1::Attachment out;
  out.set_referral_id(attachment.referral_id);
  out.set_id(attachment.id);
  out.set_chunk_count(static_cast<int32_t>(attachment.chunk_count));
  for (const int64_t number : missing) out.add_missing_chunks(static_cast<int32_t>(number));
  rpc::SetTime(attachment.start_ms, [&] { return out.mutable_start_time(); });
  return out;
}

// What is to be handed out, when consent allows it.
struct ChunkToOpen {
  Openable openable;
  std::string bytes;
  bool known_reader = false;
};

Result<ChunkToOpen> FindChunkToOpen(storage::ReadTransaction& tx, Openable openable,
                                    const rpc::CallContext& context,
                                    const v1::OpenAttachmentChunkRequest& request) {
  FAIRLEAD_ASSIGN(const std::optional<StoredAttachment> attachment,
                  FindAttachment(tx, request.referral_id(), request.attachment_id()));
  if (!attachment || request.number() >= attachment->chunk_count) return NoSuchAttachment();
  FAIRLEAD_ASSIGN(std::optional<std::string> bytes,
                  FindAttachmentChunk(tx, *attachment, request.number()));
  if (!bytes) {
    return Fail(Code::kFailedPrecondition, "ATTACHMENT_INCOMPLETE",
                "Its sender has not put all of it here yet.");
  }
  FAIRLEAD_ASSIGN(const bool known, HasReadAttachment(tx, *attachment, context.actor.staff_id));
  return ChunkToOpen{std::move(openable), std::move(*bytes), known};
}

}  // namespace

Task<Result<v1::StartAttachmentResponse>> ReferralServer::StartAttachment(
    rpc::CallContext context, const v1::StartAttachmentRequest& request) {
  std::function<Result<v1::StartAttachmentResponse>(Unit&)> command =
      [&request](Unit& unit) -> Result<v1::StartAttachmentResponse> {
    FAIRLEAD_ASSIGN(const StoredAttachment attachment,
                    referral::StartAttachment(unit, {.referral_id = request.referral_id(),
                                                     .attachment_id = request.attachment_id(),
                                                     .chunk_count = request.chunk_count(),
                                                     .packet_version = request.packet_version()}));
    v1::StartAttachmentResponse response;
    FAIRLEAD_ASSIGN(*response.mutable_attachment(), ToAttachmentProto(unit.tx, attachment));
    return response;
  };
  auto job = InUnit(context, std::move(command));
  co_return co_await rpc::Mutate<v1::StartAttachmentResponse>(database_, context, request,
                                                              clock_.NowMs(), job);
}

Task<Result<v1::PutAttachmentChunkResponse>> ReferralServer::PutAttachmentChunk(
    rpc::CallContext context, const v1::PutAttachmentChunkRequest& request) {
  std::function<Result<int64_t>(Unit&)> command = [&request](Unit& unit) -> Result<int64_t> {
    FAIRLEAD_ASSIGN(const StoredAttachment attachment,
                    referral::PutAttachmentChunk(unit, {.referral_id = request.referral_id(),
                                                        .attachment_id = request.attachment_id(),
                                                        .number = request.number(),
                                                        .bytes = request.chunk()}));
    return attachment.chunk_count - attachment.have_count;
  };
  auto job = InUnit(context, std::move(command));
  Result<int64_t> missing = co_await database_.Write<int64_t>(job);
  if (!missing) co_return Fail(std::move(missing.error()));
  v1::PutAttachmentChunkResponse response;
  response.set_missing_count(static_cast<int32_t>(*missing));
  co_return response;
}

Task<Result<v1::GetAttachmentResponse>> ReferralServer::GetAttachment(
    rpc::CallContext context, const v1::GetAttachmentRequest& request) {
  std::function<Result<v1::GetAttachmentResponse>(storage::ReadTransaction&)> job =
      [&](storage::ReadTransaction& tx) -> Result<v1::GetAttachmentResponse> {
    FAIRLEAD_ASSIGN(const std::optional<Referral> referral,
                    MakeSqlReferralReader(tx)->Find(request.referral_id()));
    if (!referral) return NotFound();
    const auth::Standing standing = StandingOf(*referral, context.actor.agency_id);
    if (Ask(context, standing) != auth::Verdict::kAllowed) return NotFound();
    FAIRLEAD_ASSIGN(const std::optional<StoredAttachment> attachment,
                    FindAttachment(tx, request.referral_id(), request.attachment_id()));
    if (!attachment) return NoSuchAttachment();
    v1::GetAttachmentResponse response;
    FAIRLEAD_ASSIGN(*response.mutable_attachment(), ToAttachmentProto(tx, *attachment));
    return response;
  };
  co_return co_await database_.Read<v1::GetAttachmentResponse>(job);
}

Task<Result<ReferralServer::ReadChunk>> ReferralServer::TakeChunk(
    rpc::CallContext context, const v1::OpenAttachmentChunkRequest& request) {
  const std::string& agency_id = context.actor.agency_id;
  bool may_open = false;
  std::function<Result<ChunkToOpen>(storage::ReadTransaction&)> find =
      [&](storage::ReadTransaction& tx) -> Result<ChunkToOpen> {
    may_open = false;
    FAIRLEAD_ASSIGN(Openable openable,
                    FindOpenable(*MakeSqlReferralReader(tx), context, request.referral_id()));
    may_open = true;
    return FindChunkToOpen(tx, std::move(openable), context, request);
  };
  // Twice: a colleague may be sealing the share anew, and its custody key be replaced meanwhile.
  for (int attempt = 0;; ++attempt) {
    Result<ChunkToOpen> found = co_await database_.Read<ChunkToOpen>(find);
    if (!found && !may_open) {
      Task<Error> refusal = RecordRefusal(context, request.referral_id(),
                                          audit::Action::kReferralAttachmentOpened, found.error());
      Error refused = co_await std::move(refusal);
      co_return Fail(std::move(refused));
    }
    if (!found) co_return Fail(std::move(found.error()));
    const PacketRecipient* share = FindShare(found->openable.packet.recipients, agency_id);
    auto ask = AskAbout<fairlead::consent::v1::CheckCustodyRequest>(found->openable.referral,
                                                                    agency_id);
    ask.set_generation(share == nullptr ? 0 : share->generation);
    auto options = rpc::Onward(context, kServiceName);
    auto allowed = co_await rpc::Call<fairlead::consent::v1::CheckCustodyResponse>(
        services_, "/fairlead.consent.v1.CustodyCheckService/CheckCustody", ask, options);
    if (!allowed && allowed.error().reason == "CUSTODY_KEY_GONE" && attempt == 0) continue;
    if (!allowed) co_return Fail(std::move(allowed.error()));
    // Consent took its time: the match may have fallen through, or the packet been amended.
    std::function<Result<Openable>(storage::ReadTransaction&)> once_more =
        [&](storage::ReadTransaction& tx) {
          return FindOpenable(*MakeSqlReferralReader(tx), context, request.referral_id());
        };
    Result<Openable> still = co_await database_.Read<Openable>(once_more);
    if (!still) co_return Fail(std::move(still.error()));
    if (still->referral.packet_id != found->openable.referral.packet_id) {
      co_return NoSuchAttachment();
    }
    co_return ReadChunk{std::move(found->bytes), found->known_reader};
  }
}

Task<Result<v1::OpenAttachmentChunkResponse>> ReferralServer::OpenAttachmentChunk(
    rpc::CallContext context, const v1::OpenAttachmentChunkRequest& request) {
  Task<Result<ReadChunk>> taking = TakeChunk(context, request);
  Result<ReadChunk> chunk = co_await std::move(taking);
  if (!chunk) co_return Fail(std::move(chunk.error()));
  if (!chunk->known_reader) {
    std::function<Result<Referral>(Unit&)> mark = [&request](Unit& unit) {
      return MarkAttachmentOpened(unit, request.referral_id(), request.attachment_id());
    };
    auto job = InUnit(context, std::move(mark));
    Result<Referral> marked = co_await database_.Write<Referral>(job);
    if (!marked) co_return Fail(std::move(marked.error()));
  }
  v1::OpenAttachmentChunkResponse response;
  response.set_chunk(std::move(chunk->bytes));
  co_return response;
}

}  // namespace fairlead::referral
