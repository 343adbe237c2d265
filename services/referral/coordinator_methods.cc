// What a coordinator sees of all hand-offs, and the one thing that can be done about it.
#include <charconv>
#include <utility>

#include "services/common/rpc/proto_time.h"
#include "services/referral/commands/nudge_offer.h"
#include "services/referral/in_unit.h"
#include "services/referral/referral_server.h"
#include "services/referral/store/sql_referral_store.h"
#include "services/referral/translate.h"

namespace fairlead::referral {
namespace {

// Where the stage's order stands at this hand-off.
int64_t PlaceMs(HandOffStage stage, const Referral& referral) {
  if (stage != HandOffStage::kWaiting) return referral.update_ms;
  const Offer& offer = referral.offers.front();
  return DueMs(offer.ladder, offer.next_step);
}

Result<HandOffQuery> ToQuery(const v1::ListHandOffsRequest& request, const rpc::PageTokens& tokens,
                             const std::string& key) {
  HandOffQuery query{.stage = static_cast<HandOffStage>(request.stage()),
                     .after_ms = 0,
                     .after_id = "",
                     .limit = rpc::PageSize(request.page_size())};
  if (request.page_token().empty()) return query;
  FAIRLEAD_ASSIGN(const std::vector<std::string> place, tokens.Decode(key, request.page_token()));
  const std::string& ms = place.at(0);
  std::from_chars(ms.data(), ms.data() + ms.size(), query.after_ms);
  query.after_id = place.at(1);
  return query;
}

}  // namespace

Task<Result<v1::ListHandOffsResponse>> ReferralServer::ListHandOffs(
    rpc::CallContext context, const v1::ListHandOffsRequest& request) {
  const std::string key =
      "hand-offs " + context.actor.agency_id + " " + std::to_string(request.stage());
  Result<HandOffQuery> query = ToQuery(request, page_tokens_, key);
  if (!query) co_return Fail(std::move(query.error()));
  std::function<Result<std::vector<Referral>>(storage::ReadTransaction&)> job =
      [&query](storage::ReadTransaction& tx) {
        return MakeSqlReferralReader(tx)->ListHandOffs(*query);
      };
  Result<std::vector<Referral>> listed = co_await database_.Read<std::vector<Referral>>(job);
  if (!listed) co_return Fail(std::move(listed.error()));
  v1::ListHandOffsResponse response;
  for (const Referral& each : *listed) *response.add_hand_offs() = ToHandOff(each);
  if (static_cast<int>(listed->size()) == query->limit) {
    const Referral& last = listed->back();
    const bool waiting = query->stage == HandOffStage::kWaiting;
    response.set_next_page_token(page_tokens_.Encode(
        key,
        {std::to_string(PlaceMs(query->stage, last)), waiting ? last.offers.front().id : last.id}));
  }
  co_return response;
}

Task<Result<v1::NudgeOfferResponse>> ReferralServer::NudgeOffer(
    rpc::CallContext context, const v1::NudgeOfferRequest& request) {
  std::function<Result<v1::NudgeOfferResponse>(Unit&)> command =
      [&request](Unit& unit) -> Result<v1::NudgeOfferResponse> {
    FAIRLEAD_ASSIGN(const Referral referral, referral::NudgeOffer(unit, request.offer_id()));
    v1::NudgeOfferResponse response;
    *response.mutable_hand_off() = ToHandOff(referral);
    return response;
  };
  auto job = InUnit(context, std::move(command));
  co_return co_await rpc::Mutate<v1::NudgeOfferResponse>(database_, context, request,
                                                         clock_.NowMs(), job);
}

}  // namespace fairlead::referral
