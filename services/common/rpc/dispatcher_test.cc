#include "services/common/rpc/dispatcher.h"

#include <gtest/gtest.h>

#include "services/common/rpc/toy_service.h"
#include "services/common/telemetry/trace.h"

namespace fairlead::rpc {
namespace {

class DispatcherTest : public ::testing::Test {
 protected:
  CallOptions Options() {
    CallOptions options;
    options.deadline_steady_ms = clock_.SteadyMs() + 1'000;
    return options;
  }
  template <class Response = Answer>
  Result<Response> Do(const std::string& method, const Message& request, CallOptions options) {
    return SyncWait(Call<Response>(*channel_, method, request, std::move(options)));
  }
  std::string Reason(const std::string& method, const Message& request, CallOptions options) {
    const Result<Answer> answer = Do(method, request, std::move(options));
    return answer ? "OK" : answer.error().reason;
  }

  FakeClock clock_;
  SeededRandom random_{7};
  Registry registry_;
  ToyService toy_{registry_};
  DispatcherOptions options_ = [this] {
    DispatcherOptions options = ToyOptions(/*max_in_flight=*/2);
    options.random = &random_;
    return options;
  }();
  Dispatcher dispatcher_{registry_, clock_, options_};
  std::unique_ptr<Channel> channel_ = MakeLocalChannel(dispatcher_);
};

TEST_F(DispatcherTest, CallsTheMethod) {
  Echo request;
  request.set_name("n");
  request.set_content("c");
  const Result<Echo> answer = Do<Echo>("/toy.v1.Toy/Echo", request, Options());
  ASSERT_TRUE(answer) << ToString(answer.error());
  EXPECT_EQ(answer->content(), "c");
  EXPECT_TRUE(dispatcher_.Idle());
}

TEST_F(DispatcherTest, TellsTheMethodOfItsCall) {
  CallOptions options = Options();
  options.actor = auth::ServiceActor("referral");
  options.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  Result<Answer> answer = Do("/toy.v1.Toy/Who", Empty(), options);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code(), "referral");
  EXPECT_EQ(answer->parent_code(), "/toy.v1.Toy/Who");
  EXPECT_EQ(answer->label_en(), options.traceparent);
  EXPECT_EQ(answer->label_es(), std::to_string(clock_.SteadyMs() + 1'000));

  // A trace of its own when none, or none worth the name, was given; a far deadline is cut.
  for (const char* bad :
       {"", "garbage", "00-00000000000000000000000000000000-00f067aa0ba902b7-01"}) {
    options.traceparent = bad;
    options.deadline_steady_ms = clock_.SteadyMs() + 1'000'000;
    answer = Do("/toy.v1.Toy/Who", Empty(), options);
    ASSERT_TRUE(answer);
    EXPECT_TRUE(telemetry::ParseTraceparent(answer->label_en())) << answer->label_en();
    EXPECT_NE(answer->label_en(), bad);
    EXPECT_EQ(answer->label_es(), std::to_string(clock_.SteadyMs() + 60'000));
  }
}

// Each refusal with everything that would be refused later wrong as well.
TEST_F(DispatcherTest, RefusesInOrder) {
  Echo bad;  // no name, and no message of Staff's either
  CallOptions none;
  EXPECT_EQ(Reason("/toy.v1.Toy/Nothing", bad, none), "UNKNOWN_METHOD");
  EXPECT_EQ(Reason("/toy.v1.Toy/Staff", bad, none), "SIGN_IN_REQUIRED");
  EXPECT_EQ(Reason("/other.v1.Private/Service", bad, none), "SERVICES_ONLY");
  EXPECT_EQ(Reason("/toy.v1.Toy/Echo", bad, none), "DEADLINE_REQUIRED");
  CallOptions late = Options();
  clock_.Advance(1'000);
  EXPECT_EQ(Reason("/toy.v1.Toy/Echo", bad, late), "DEADLINE_EXCEEDED");
  EXPECT_EQ(Reason("/toy.v1.Toy/Who", bad, Options()), "WRONG_MESSAGE");
  dispatcher_.BeginDrain();
  EXPECT_EQ(Reason("/toy.v1.Toy/Echo", bad, Options()), "FIELD_REQUIRED");
  bad.set_name("n");
  EXPECT_EQ(Reason("/toy.v1.Toy/Echo", bad, Options()), "SHUTTING_DOWN");
}

TEST_F(DispatcherTest, ServicesOnly) {
  CallOptions options = Options();
  options.on_behalf_of_service = "gateway";
  EXPECT_EQ(Reason("/other.v1.Private/Service", Empty(), options), "SERVICES_ONLY");
  options.on_behalf_of_service = "referral";
  EXPECT_EQ(Reason("/other.v1.Private/Service", Empty(), options), "OK");
  // Who acts for itself cannot say it is another.
  options.actor = auth::ServiceActor("gateway");
  EXPECT_EQ(Reason("/other.v1.Private/Service", Empty(), options), "SERVICES_ONLY");
}

TEST_F(DispatcherTest, AnswersOnlyWhatIsAskedFor) {
  EXPECT_EQ(Reason("/toy.v1.Toy/Wrong", Empty(), Options()), "WRONG_MESSAGE");
  Echo request;
  request.set_name("n");
  EXPECT_EQ(Reason("/toy.v1.Toy/Echo", request, Options()), "WRONG_MESSAGE");
}

TEST_F(DispatcherTest, AdmitsABoundedNumber) {
  int ended = 0;
  const Empty request;
  const auto count = [&](Result<Answer> answer) { ended += answer ? 1 : 0; };
  for (int i = 0; i < 2; ++i) {
    Start(Call<Answer>(*channel_, "/toy.v1.Toy/Hold", request, Options()), count);
  }
  toy_.WaitHeld(2);
  EXPECT_EQ(Reason("/toy.v1.Toy/Who", Empty(), Options()), "TOO_MANY_CALLS");
  // What an admitted call needs of this process goes on, full or draining.
  CallContext outer;
  outer.deadline_steady_ms = clock_.SteadyMs() + 1'000;
  EXPECT_EQ(Reason("/toy.v1.Toy/Who", Empty(), Onward(outer, "referral")), "OK");
  dispatcher_.BeginDrain();
  EXPECT_EQ(Reason("/toy.v1.Toy/Who", Empty(), Onward(outer, "referral")), "OK");
  EXPECT_FALSE(dispatcher_.Idle());
  EXPECT_FALSE(dispatcher_.WaitIdle(1));
  toy_.Release();
  EXPECT_EQ(ended, 2);
  EXPECT_TRUE(dispatcher_.WaitIdle(0));
}

// Everybody else's share is full, and the hotline still gets in.
TEST_F(DispatcherTest, KeepsALaneForTheHotline) {
  Dispatcher busy(registry_, clock_, {.max_in_flight = 16, .find_policy = &FindToyPolicy});
  const auto channel = MakeLocalChannel(busy);
  int ended = 0;
  const Empty request;
  const auto hold = [&](const auth::Actor& actor) {
    CallOptions options = Options();
    options.actor = actor;
    Start(Call<Answer>(*channel, "/toy.v1.Toy/Hold", request, options),
          [&](Result<Answer>) { ++ended; });
  };
  const auto reason = [&](const auth::Actor& actor) {
    CallOptions options = Options();
    options.actor = actor;
    const auto answer = SyncWait(Call<Answer>(*channel, "/toy.v1.Toy/Who", request, options));
    return answer ? std::string("OK") : answer.error().reason;
  };
  auth::Actor caseworker;
  caseworker.kind = auth::ActorKind::kStaff;
  caseworker.roles = {auth::Role::kCaseworker};
  auth::Actor operator_ = caseworker;
  operator_.roles = {auth::Role::kHotlineOperator};
  const auth::Actor gateway = auth::ServiceActor("gateway");
  for (int i = 0; i < 14; ++i) hold(caseworker);
  toy_.WaitHeld(14);
  EXPECT_EQ(reason(caseworker), "TOO_MANY_CALLS");
  EXPECT_EQ(reason(auth::Actor()), "TOO_MANY_CALLS");
  EXPECT_EQ(reason(operator_), "OK");
  EXPECT_EQ(reason(gateway), "OK") << "whose session is it?";
  hold(gateway);
  EXPECT_EQ(reason(gateway), "TOO_MANY_CALLS") << "questions do not fill the lane";
  EXPECT_EQ(reason(operator_), "OK");
  hold(operator_);
  toy_.WaitHeld(16);
  EXPECT_EQ(reason(operator_), "TOO_MANY_CALLS") << "the lane has an end too";
  toy_.Release();
  EXPECT_EQ(ended, 16);
}

TEST_F(DispatcherTest, TellsWhomThePolicyDenied) {
  std::vector<std::string> denied;
  DispatcherOptions told{.find_policy = &FindToyPolicy};
  told.on_denied = [&](const auth::Actor& actor, std::string_view method, const Error& error) {
    denied.push_back(actor.staff_id + " " + std::string(method) + " " + error.reason);
  };
  Dispatcher dispatcher(registry_, clock_, told);
  const auto channel = MakeLocalChannel(dispatcher);
  CallOptions options = Options();
  options.actor.kind = auth::ActorKind::kStaff;
  options.actor.staff_id = "s";
  options.actor.membership = auth::Membership::kActive;
  const Empty request;
  EXPECT_FALSE(SyncWait(Call<Answer>(*channel, "/toy.v1.Toy/Staff", request, options)));
  EXPECT_TRUE(SyncWait(Call<Answer>(*channel, "/toy.v1.Toy/Who", request, options)));
  EXPECT_EQ(denied, std::vector<std::string>{"s /toy.v1.Toy/Staff ROLE_NOT_ALLOWED"});
}

TEST_F(DispatcherTest, Onward) {
  CallContext context;
  context.actor = auth::ServiceActor("x");
  context.deadline_steady_ms = 1'000;
  context.traceparent = "t";
  const CallOptions options = rpc::Onward(context, "referral");
  EXPECT_EQ(options.actor, context.actor);
  EXPECT_EQ(options.on_behalf_of_service, "referral");
  EXPECT_EQ(options.deadline_steady_ms, 950);
  EXPECT_EQ(options.traceparent, "t");
}

using DispatcherDeathTest = DispatcherTest;

TEST_F(DispatcherDeathTest, AMethodWithoutAPolicyStopsTheProcess) {
  dispatcher_.CheckPolicies();  // all have one
  Add<Empty, Answer>(registry_, "/toy.v1.Toy/Forgotten",
                     [](CallContext, const Empty&) -> Task<Result<Answer>> { co_return Answer(); });
  EXPECT_DEATH(dispatcher_.CheckPolicies(), "no policy row for /toy.v1.Toy/Forgotten");
  // And even then it is open to nobody.
  EXPECT_EQ(Reason("/toy.v1.Toy/Forgotten", Empty(), Options()), "NO_POLICY");
}

TEST_F(DispatcherDeathTest, AMethodTwiceStopsTheProcess) {
  EXPECT_DEATH(ToyService again(registry_), "added");
}

}  // namespace
}  // namespace fairlead::rpc
