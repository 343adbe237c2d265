// How a walker makes a call: asks the model and the hub, and looks for a difference. The
// definitions of Walker's templates, for the files that its steps are spread over.
#ifndef TESTS_MODEL_WALKER_CALLS_H_
#define TESTS_MODEL_WALKER_CALLS_H_

#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "tests/model/walker.h"

namespace fairlead::model {

inline constexpr char kReferrals[] = "/fairlead.referral.v1.ReferralService/";
inline constexpr char kReleases[] = "/fairlead.consent.v1.ConsentService/";
inline constexpr char kCapacity[] = "/fairlead.directory.v1.CapacityService/";
inline constexpr size_t kMostRecent = 12;
inline constexpr int64_t kAnswerWithinMs = 60'000;

// The hub was away, or too busy: nobody knows whether the call was carried out.
inline bool HasNoAnswer(const Error& error) {
  switch (error.code) {
    case Code::kUnavailable:
    case Code::kDeadlineExceeded:
    case Code::kCancelled:
      return true;
    case Code::kAborted:
      return error.reason != "ETAG_MISMATCH";
    case Code::kResourceExhausted:
      return error.reason != "TOO_MANY_OFFERS";
    default:
      return false;
  }
}

// Repeats the call as it is, with its request_id, until it is answered.
template <class Response, class Request>
Result<Response> Walker::Insist(int by, const std::string& method, const Request& request) {
  const int64_t until_ms = SystemClock().SteadyMs() + kAnswerWithinMs;
  while (true) {
    Result<Response> reply =
        coalition_.Call<Response>(agencies_[static_cast<size_t>(by)].caseworker, method, request);
    if (reply || !HasNoAnswer(reply.error()) || SystemClock().SteadyMs() > until_ms) return reply;
    ++repeats_;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // a client's back-off
  }
}

template <class Response, class Request>
void Walker::Do(const Call& call, const char* method, Request request,
                std::function<void(const Response&)> then) {
  if (HasFailed()) return;
  if (request.request_id().empty()) request.set_request_id(coalition_.ids().New());
  const std::string expected = model_.Apply(call, Now());
  Note(std::string(method) + " by " + std::to_string(call.by) + " referral " +
       std::to_string(call.referral) + " offer " + std::to_string(call.offer) + " release " +
       std::to_string(call.release) + ": " + (expected.empty() ? "done" : expected));
  Result<Response> reply = Insist<Response>(call.by, method, request);
  const std::string got = reply ? "" : reply.error().reason;
  ++steps_;
  if (got != expected) {
    std::string hub = reply ? "" : ToString(reply.error());
    if constexpr (requires { request.etag(); }) {
      hub += "\n  with etag " + request.etag() + " which is " + call.etag.value_or("none");
      if (!reply && reply.error().metadata.contains("current_etag")) {
        hub += ", now " + reply.error().metadata.at("current_etag");
      }
    }
    return Differ(method, expected, hub);
  }
  Remember(call, method, request, reply, then);
  if (!reply) return;
  ++done_;
  if (then) then(*reply);
}

// So that it is asked once more: as it was, or, with its request_id, for something else.
template <class Response, class Request>
void Walker::Remember(const Call& call, const char* method, const Request& request,
                      const Result<Response>& reply, std::function<void(const Response&)> then) {
  // A hold that was refused might be placed when it is asked for once more.
  if (call.has_hold && !model_.hold_refused().empty()) return;
  Repeat repeat;
  if (reply) {
    answered_.insert(request.request_id());
    repeat = [this, by = call.by, method, request, first = reply->SerializeAsString()] {
      Request again = request;
      bool is_other = false;
      if constexpr (requires { again.set_etag(""); }) {
        is_other = Chance(30);
        if (is_other) again.set_etag("another");
      }
      const Result<Response> answer = Insist<Response>(by, method, again);
      ++steps_;
      Note(std::string(method) + " by " + std::to_string(by) + (is_other ? " reused" : " again"));
      if (is_other) {
        const std::string got = answer ? "done" : answer.error().reason;
        if (got != "REQUEST_ID_REUSED") Differ(method, "REQUEST_ID_REUSED", got);
      } else if (!answer || answer->SerializeAsString() != first) {
        Differ(method, "the first answer", answer ? "another" : ToString(answer.error()));
      }
    };
  } else if (call.referral < static_cast<int>(model_.referrals().size())) {
    // A refusal is not kept: it is judged anew, under the same request_id.
    repeat = [this, call, method, request, then] {
      const bool has_answer = answered_.contains(request.request_id());  // by now: that one is kept
      if (!has_answer && HasOneAnswer(call)) Do<Response>(call, method, request, then);
    };
  }
  if (!repeat) return;
  if (recent_.size() < kMostRecent) {
    recent_.push_back(std::move(repeat));
  } else {
    recent_[static_cast<size_t>(Below(static_cast<int>(kMostRecent)))] = std::move(repeat);
  }
}

template <class Response, class Request>
void Walker::Change(Call call, const char* method, Request request) {
  request.set_etag(PickEtag(call));
  Do<Response>(call, method, request,
               [this, by = call.by, at = call.referral](const Response& response) {
                 CheckView(at, by, response.referral());
               });
}

}  // namespace fairlead::model

#endif  // TESTS_MODEL_WALKER_CALLS_H_
