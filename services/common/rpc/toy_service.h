// Methods for the tests of this folder, with policy rows of their own. They borrow messages of the
// contract that have the right shapes.
#ifndef SERVICES_COMMON_RPC_TOY_SERVICE_H_
#define SERVICES_COMMON_RPC_TOY_SERVICE_H_

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "fairlead/directory/v1/directory.pb.h"
#include "services/common/auth/policy.h"
#include "services/common/rpc/dispatcher.h"
#include "services/common/rpc/method.h"

namespace fairlead::rpc {

using Echo = directory::v1::ImportFile;  // name: required, at most 128 bytes; content: 4 MiB
using Empty = directory::v1::ListNeedsRequest;
using Answer = directory::v1::Need;

inline const auth::PolicyRow* FindToyPolicy(std::string_view method) {
  static const std::map<std::string_view, auth::PolicyRow> rows = [] {
    std::map<std::string_view, auth::PolicyRow> map;
    for (const std::string_view open :
         {"/toy.v1.Toy/Echo", "/toy.v1.Toy/Who", "/toy.v1.Toy/Fail", "/toy.v1.Toy/Hold",
          "/toy.v1.Toy/Flaky", "/toy.v1.Toy/Wrong"}) {
      map[open] = {.method = open, .anonymous = true};
    }
    map["/toy.v1.Toy/Staff"] = {.method = "/toy.v1.Toy/Staff", .roles = {auth::Role::kAuditor}};
    map["/other.v1.Private/Service"] = {.method = "/other.v1.Private/Service",
                                        .services_only = true,
                                        .services = {auth::kReferral}};
    return map;
  }();
  const auto found = rows.find(method);
  return found == rows.end() ? nullptr : &found->second;
}

inline DispatcherOptions ToyOptions(int max_in_flight = 1024) {
  DispatcherOptions options;
  options.max_in_flight = max_in_flight;
  options.find_policy = &FindToyPolicy;
  return options;
}

class ToyService {
 public:
  explicit ToyService(Registry& registry) {
    Add<Echo, Echo>(registry, "/toy.v1.Toy/Echo", [](CallContext, const Echo& request) {
      return Give<Echo>(request);
    });
    const auto who = [](CallContext context, const Empty&) { return Give(Describe(context)); };
    Add<Empty, Answer>(registry, "/toy.v1.Toy/Who", who);
    Add<Empty, Answer>(registry, "/toy.v1.Toy/Staff", who);
    Add<Empty, Answer>(registry, "/other.v1.Private/Service", who);
    Add<Empty, Answer>(registry, "/toy.v1.Toy/Fail", [](CallContext, const Empty&) {
      return Give<Answer>(Fail(Code::kAborted, "ETAG_MISMATCH", "It has changed — look again.",
                               {{"etag", "7"}, {"field", "etag"}}));
    });
    Add<Empty, Answer>(registry, "/toy.v1.Toy/Hold",
                       [this](CallContext, const Empty&) { return Hold(); });
    Add<Empty, Answer>(registry, "/toy.v1.Toy/Flaky", [this](CallContext, const Empty&) {
      if (flaky_calls++ >= flaky_failures) return Give(Answer());
      return Give<Answer>(Fail(flaky_code, "STORAGE_UNAVAILABLE", "Not now."));
    });
    Method wrong;
    wrong.name = "/toy.v1.Toy/Wrong";
    wrong.request_prototype = &Empty::default_instance();
    wrong.response_prototype = &Answer::default_instance();
    wrong.handler = [](CallContext, const Message&) -> Task<Reply> {
      co_return std::make_unique<Echo>();
    };
    registry.Add(std::move(wrong));
  }

  // Waits until `count` calls of Hold are held.
  void WaitHeld(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return held_.size() >= count; });
  }
  // Lets all that are held go on.
  void Release() {
    std::vector<std::function<void(int)>> held;
    {
      const std::lock_guard lock(mutex_);
      held.swap(held_);
    }
    for (auto& done : held) done(0);
  }

  std::atomic<int> flaky_calls = 0;
  std::atomic<int> flaky_failures = 0;
  Code flaky_code = Code::kUnavailable;

 private:
  template <class T>
  static Task<Result<T>> Give(Result<T> result) {
    co_return result;
  }
  static Task<Result<Answer>> Give(Answer answer) { co_return answer; }

  static Answer Describe(const CallContext& context) {
    Answer answer;
    answer.set_code(context.actor.staff_id);
    answer.set_parent_code(context.method);
    answer.set_label_en(context.traceparent);
    answer.set_label_es(std::to_string(context.deadline_steady_ms));
    answer.set_open_eligibility_id(context.actor.network);
    return answer;
  }

  Task<Result<Answer>> Hold() {
    std::function<void(std::function<void(int)>)> begin = [this](std::function<void(int)> done) {
      const std::lock_guard lock(mutex_);
      held_.push_back(std::move(done));
      changed_.notify_all();
    };
    Async<int> pending(std::move(begin));
    co_await pending;
    co_return Answer();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void(int)>> held_;
};

}  // namespace fairlead::rpc

#endif  // SERVICES_COMMON_RPC_TOY_SERVICE_H_
