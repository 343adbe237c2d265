// Walks at random through everything that a few agencies can do with referrals, offers, releases
// and holds, right and wrong, and compares each answer with the model's. Many walk at once, each
// among agencies of its own, so that the hub serves them together.
//
//   Walker walker(world, coalition, seed);
//   walker.Begin();
//   walker.Walk(1'000, quiet_until_ms);
//   walker.Finish();
//   EXPECT_EQ(walker.difference(), "");
//
// Time stands still as far as anybody can tell: whoever runs the walkers sets the clock between two
// walks, so that nothing becomes due during one (Moments). What the hub does by itself after that
// (clocks, ends of releases) is waited for in passing: until then a referral is in limbo, and only
// asked what has one answer either way.
#ifndef TESTS_MODEL_WALKER_H_
#define TESTS_MODEL_WALKER_H_

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fairlead/consent/v1/consent.pb.h"
#include "fairlead/directory/v1/capacity.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "services/common/base/random.h"
#include "tests/model/model.h"
#include "tests/model/text.h"
#include "tests/model/world.h"
#include "tests/support/coalition.h"

namespace fairlead::model {

inline constexpr int kAgencies = 4;

class Walker {
 public:
  Walker(World& world, testing::Coalition& coalition, uint64_t seed)
      : world_(world), coalition_(coalition), random_(seed) {}

  void Begin();
  // Until `quiet_until_ms` by the hub's clock at most.
  void Walk(int64_t steps, int64_t quiet_until_ms);
  // Before the clock is set forward: nothing is in limbo, and nothing will depend on which of two
  // things the hub sees first.
  void Prepare(int64_t until_ms);
  void PassTime() { model_.PassTimeUntil(Now()); }
  std::vector<int64_t> Moments() const { return model_.Moments(); }
  // Everything that there is, by whom it is seen.
  void Finish();

  // Empty: hub and model agree. Else what was asked last, and what the two say.
  const std::string& difference() const { return difference_; }
  int64_t steps() const { return steps_.load(); }  // calls whose answer was compared
  int64_t done() const { return done_; }           // changes among them that were made
  int64_t repeats() const { return repeats_; }     // calls that had no answer, and were made again

 private:
  using Repeat = std::function<void()>;

  // --- walker.cc
  int64_t Now() const { return world_.clock().NowMs(); }
  int Below(int bound) { return static_cast<int>(random_.Below(static_cast<uint64_t>(bound))); }
  bool Chance(int percent) { return Below(100) < percent; }
  int AnyAgency() { return Below(kAgencies); }
  bool HasFailed() const { return !difference_.empty(); }
  void Differ(const std::string& what, const std::string& model, const std::string& hub);
  void Note(const std::string& line);
  void DrawStaff();
  void ImportBeds();
  template <class Response, class Request>
  Result<Response> Insist(int by, const std::string& method, const Request& request);
  template <class Response, class Request>
  void Do(const Call& call, const char* method, Request request,
          std::function<void(const Response&)> then);
  template <class Response, class Request>
  void Remember(const Call& call, const char* method, const Request& request,
                const Result<Response>& reply, std::function<void(const Response&)> then);
  void CheckView(int referral, int viewer, const referral::v1::Referral& seen);
  // What was asked of others has been done: under `new_id` when there was no draft.
  void Adopt(const Call& call, const std::string& new_id, const referral::v1::Referral& referral,
             int64_t from_ms);
  void AdoptOffers(int referral, const referral::v1::Referral& seen, int64_t from_ms);
  std::string ReadView(int referral, int viewer, bool blurred);
  std::string ReadStory(int referral, int viewer);
  std::string ModelStory(int referral, int viewer) const;
  std::string StoryText(int referral, std::vector<std::string> lines) const;
  bool TryToSettle(int referral);
  bool TryToSettleBeds();
  void Settle();
  bool HasLimbo(int viewer) const;
  // Whatever the hub has done or not yet done by itself.
  bool HasOneAnswer(const Call& call) const;

  // --- walker_steps.cc: each makes one call.
  void Step();
  void StepWrite();
  void StepRead();
  int AnyReferral(const std::function<bool(const Referral&)>& fits);
  int AnyOffer(int referral, const std::function<bool(const Offer&)>& fits);
  Call NewCall(Verb verb, int by, int referral) const;
  std::string PickEtag(Call& call);
  const std::string& IdOf(int referral) const;
  std::string OfferId(int referral, int offer) const;
  referral::v1::Facets PickFacets(Call& call);
  int AnyRelease(int by, int to, const std::string& case_handle);
  std::string PickPacket(Call& call, int to, const std::string& referral_id);
  void Create();
  void Send();
  void AskSeveral();
  void SayWhetherItCould();
  void ChooseOne();
  int RecipientOf(int referral, int offer);
  void Accept(int by, int referral, int offer);
  void AcceptAny();
  void Decline();
  void SendPacket();
  template <class Response, class Request>
  void Change(Call call, const char* method, Request request);

  // --- walker_service.cc: from the match to the end.
  void ChangeAny(Verb verb);
  void Serve(Call call);
  void OpenAny();
  void Open(int by, int referral);
  void AskLimbo(int referral);
  void ReadList();

  // --- walker_questions.cc
  std::string AnyQuestion();
  void AskAQuestion();
  void AnswerAQuestion();

  // --- walker_releases.cc
  void MakeRelease(int by, std::vector<int> to, const std::string& case_handle, int64_t life_ms);
  void MakeAnyRelease();
  void SignAny();
  void Sign(int by, int release);
  void RevokeAny();
  void PlaceHold();
  void EndHold(Verb verb);
  void SayBeds();
  void ReadBeds();
  void ReadHolds();
  void ReadRelease(int by, int release);
  void ReadDisclosures(int by, int release);

  World& world_;
  testing::Coalition& coalition_;
  SeededRandom random_;
  Model model_;
  Names names_;
  std::vector<testing::Agency> agencies_;
  std::vector<std::string> referral_ids_;
  std::vector<std::vector<std::string>> offer_ids_;
  std::vector<consent::v1::Release> release_protos_;
  std::vector<std::string> hold_ids_;
  std::vector<std::string> cases_;
  std::string beds_id_;
  // Of a referral, by who sees it: the model's token and the hub's etag.
  std::map<std::pair<int, int>, std::pair<std::string, std::string>> etags_;
  std::vector<Repeat> recent_;
  std::set<std::string> answered_;  // request_ids whose answer the hub keeps
  std::deque<std::string> notes_;
  std::string difference_;
  std::atomic<int64_t> steps_ = 0;  // read while it walks
  int64_t done_ = 0;
  int64_t repeats_ = 0;
};

}  // namespace fairlead::model

#endif  // TESTS_MODEL_WALKER_H_
