// The C++ side as a client of the hub that is under attack: the code that the command line believes
// keys and opens packets with. client.mjs does the same with the web app's library: the same input,
// the same output. Not installed.
//
//   malicious_hub_client < [{"now_s":…,"steps":[{"step":"judge",…}…]}…]
//                        → [{"outcome":"ok" or "REASON[:check]","step":n,"learned":[…]}…]
//
// The client takes each step with what it has come to believe so far and stops at the first
// refusal.
#include <boost/json.hpp>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/common/base/encoding.h"
#include "services/common/base/result.h"
#include "services/common/keys/statements.h"
#include "services/common/keys/trust.h"
#include "services/common/keys/wrap.h"
#include "services/common/seal/seal.h"

namespace fairlead {
namespace {

namespace json = boost::json;

// What the client has come to believe.
struct State {
  int64_t now_s = 0;
  std::optional<keys::RootPin> root;
  std::map<std::string, keys::AgencyPin> pins;
  std::map<std::string, keys::KeyList> lists;
  std::optional<keys::EpochKeys> keys;
};

// Members are read with at(): a missing one throws, which main reports as wrong use.
std::string Text(const json::object& object, const char* name) {
  return std::string(object.at(name).as_string());
}

std::vector<std::string> Texts(const json::object& object, const char* name) {
  std::vector<std::string> texts;
  for (const json::value& each : object.at(name).as_array()) texts.emplace_back(each.as_string());
  return texts;
}

// Each step returns what it has taught.

// First use: a person has compared the fingerprint of what comes out.
Result<std::string> ReadRoots(State& state, const json::object& step) {
  FAIRLEAD_ASSIGN(state.root, keys::ReadRoots(Texts(step, "statements"), state.now_s));
  return keys::Fingerprint(state.root->root.kid);
}

Result<std::string> FollowRoots(State& state, const json::object& step) {
  FAIRLEAD_ASSIGN(state.root,
                  keys::FollowRoots(*state.root, Texts(step, "statements"), state.now_s));
  return keys::Fingerprint(state.root->root.kid);
}

Result<std::string> Judge(State& state, const json::object& step) {
  keys::Known known;
  known.root = state.root;
  known.agency_id = Text(step, "agency_id");
  known.accepted_agency_kid = Text(step, "accepted");
  known.expected_name = Text(step, "name");
  for (const auto& [id, other] : state.pins) {
    if (id != known.agency_id) known.kids_of_others.insert(other.kids.begin(), other.kids.end());
  }
  const auto pin = state.pins.find(known.agency_id);
  if (pin != state.pins.end()) known.agency = pin->second;
  const keys::Answer answer{.key_list = Text(step, "key_list"),
                            .certificate = Text(step, "certificate")};
  FAIRLEAD_ASSIGN(const keys::Verdict verdict, keys::Judge(known, answer, state.now_s));
  state.pins[known.agency_id] = verdict.pin;
  state.lists[known.agency_id] = verdict.list;
  return verdict.pin.name + " " + std::to_string(verdict.pin.version) + " " +
         std::to_string(verdict.pin.epoch) + " " + verdict.pin.epoch_kid;
}

Result<std::string> Unwrap(State& state, const json::object& step) {
  FAIRLEAD_ASSIGN(const seal::PrivateKey device,
                  seal::ParsePrivateJwk(json::serialize(step.at("device_key"))));
  FAIRLEAD_ASSIGN(state.keys, keys::UnwrapKeys(Text(step, "wrap"), device,
                                               state.lists.at(Text(step, "agency_id"))));
  return state.keys->epoch_key.public_key.kid;
}

// What a packet must agree with. Sealed anew: it stands in the place of an earlier key of ours.
Result<seal::Expected> ExpectedOf(const State& state, const std::string& packet,
                                  const json::object& step) {
  FAIRLEAD_ASSIGN(const seal::Envelope envelope,
                  seal::ParseEnvelope(packet, seal::Form::kDelivered));
  seal::Expected expected;
  FAIRLEAD_ASSIGN(expected.sender_signing_key,
                  keys::SenderKey(state.lists.at(Text(step, "agency_id")),
                                  envelope.header.sender_kid, step.at("sent_s").as_int64()));
  if (step.contains("sealed_anew")) {
    FAIRLEAD_ASSIGN(expected.sealed_to_kid,
                    keys::PlaceSealedAnew(state.lists.at(Text(step, "own_agency_id")), envelope));
  }
  expected.referral_id = Text(step, "referral_id");
  expected.sender_agency_id = Text(step, "agency_id");
  expected.release_hash = Text(step, "release_hash");
  expected.now_s = state.now_s;
  return expected;
}

// The keys have changed: the list that the hub shows now is judged, and the packet sealed anew to
// the epoch that it names.
Result<std::string> Reseal(State& state, const json::object& step) {
  FAIRLEAD_RETURN_IF_ERROR(Judge(state, step));
  const seal::PublicKey& next = state.lists.at(Text(step, "agency_id")).epoch_key;
  const std::string packet = Text(step, "packet");
  FAIRLEAD_ASSIGN(const seal::Expected expected,
                  ExpectedOf(state, packet, step.at("open").as_object()));
  FAIRLEAD_ASSIGN(const seal::Recipient share,
                  seal::Reseal(packet, state.keys.value().epoch_key, expected, next));
  return share.kid;
}

Result<std::string> Open(State& state, const json::object& step) {
  const std::string packet = Text(step, "packet");
  FAIRLEAD_ASSIGN(const seal::Expected expected, ExpectedOf(state, packet, step));
  FAIRLEAD_ASSIGN(const seal::Opened opened,
                  seal::Open(packet, state.keys.value().epoch_key, expected));
  return Base64UrlEncode(opened.plaintext);
}

Result<std::string> Take(State& state, const json::object& step) {
  static const std::map<std::string,
                        std::function<Result<std::string>(State&, const json::object&)>>
      kSteps = {{"read_roots", ReadRoots}, {"follow_roots", FollowRoots},
                {"judge", Judge},          {"unwrap", Unwrap},
                {"reseal", Reseal},        {"open", Open}};
  return kSteps.at(Text(step, "step"))(state, step);
}

// "REASON", or "REASON:check" where the refusal names what was wrong with the form.
std::string OutcomeOf(const Error& error) {
  for (const char* name : {"check", "detail"}) {
    const auto found = error.metadata.find(name);
    if (found != error.metadata.end()) return error.reason + ":" + found->second;
  }
  return error.reason;
}

json::object Run(const json::object& exchange) {
  State state;
  state.now_s = exchange.at("now_s").as_int64();
  json::array learned;
  const json::array& steps = exchange.at("steps").as_array();
  for (size_t i = 0; i < steps.size(); ++i) {
    const Result<std::string> taught = Take(state, steps[i].as_object());
    if (!taught) {
      return {{"outcome", OutcomeOf(taught.error())}, {"step", i}, {"learned", learned}};
    }
    learned.emplace_back(*taught);
  }
  return {{"outcome", "ok"}, {"step", steps.size()}, {"learned", learned}};
}

}  // namespace
}  // namespace fairlead

int main() {
  try {
    const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    const boost::json::value exchanges = boost::json::parse(text);
    boost::json::array results;
    for (const boost::json::value& exchange : exchanges.as_array()) {
      results.push_back(fairlead::Run(exchange.as_object()));
    }
    std::cout << boost::json::serialize(results) << "\n";
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "malicious_hub_client: " << error.what() << "\n";
    return 2;
  }
}
