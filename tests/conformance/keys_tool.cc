// What the C++ side makes of keys and releases, for the web app's library to compare. Not
// installed.
//
//   keys_tool                → an honest exchange in the form that malicious_hub/client.mjs takes:
//                              a root and the one that follows it, certificates, key lists of two
//                              agencies over two epochs, key wraps and a packet
//   keys_tool release-hash < {"id":…,"form_version":…,…}   → {"hash":…}
#include <boost/json.hpp>
#include <chrono>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "services/common/base/encoding.h"
#include "services/common/base/random.h"
#include "services/common/base/release_hash.h"
#include "services/common/base/result.h"
#include "services/common/keys/statements.h"
#include "services/common/keys/wrap.h"
#include "services/common/seal/seal.h"

namespace fairlead {
namespace {

namespace json = boost::json;
using seal::KeyUse;

constexpr int64_t kDayS = 24LL * 3600;
constexpr const char* kStaffId = "0190163d-8694-739b-aea5-966c26f8ad90";
constexpr const char* kReferralId = "0190163d-8694-739b-aea5-966c26f8ad91";

// This program is a test: what cannot be made ends it.
template <class T>
T Must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().reason);
  return std::move(*result);
}

seal::PrivateKey NewKey(KeyUse use) { return Must(seal::GenerateKey(use)); }

struct Agency {
  std::string id;
  std::string name;
  seal::PrivateKey key = NewKey(KeyUse::kSigning);
  std::vector<keys::EpochKeys> epochs;
  std::vector<std::string> lists;  // as sent, two versions
};

Agency NewAgency(const char* id, const char* name, const seal::PublicKey& device, int64_t now_s) {
  Agency agency;
  agency.id = id;
  agency.name = name;
  for (const int64_t epoch : {1, 2}) {
    agency.epochs.push_back({.epoch = epoch,
                             .epoch_key = NewKey(KeyUse::kEpoch),
                             .signing_key = NewKey(KeyUse::kSigning)});
  }
  keys::KeyList first;
  first.agency_id = id;
  first.agency_key = agency.key.public_key;
  first.epoch_key = agency.epochs[0].epoch_key.public_key;
  first.signing_key = agency.epochs[0].signing_key.public_key;
  first.issued_s = now_s - kDayS;
  first.expires_s = now_s + kDayS;
  keys::PutDevice(first, {.key = NewKey(KeyUse::kEpoch).public_key, .staff_id = kStaffId});
  agency.lists.push_back(Must(keys::SignKeyList(first, agency.key)));
  keys::KeyList next = keys::NextList(agency.lists[0], first, now_s);
  keys::BeginEpoch(next, agency.epochs[1].epoch_key.public_key,
                   agency.epochs[1].signing_key.public_key, now_s);
  keys::PutDevice(next, {.key = device, .staff_id = kStaffId});
  agency.lists.push_back(Must(keys::SignKeyList(next, agency.key)));
  return agency;
}

json::object Judge(const Agency& agency, size_t list, const seal::PrivateKey& root, int64_t now_s) {
  const std::string certificate = Must(keys::SignCertificate({.agency_id = agency.id,
                                                              .name = agency.name,
                                                              .agency_key = agency.key.public_key,
                                                              .issued_s = now_s,
                                                              .expires_s = now_s + keys::kMaxLifeS},
                                                             root));
  return {{"step", "judge"},
          {"agency_id", agency.id},
          {"key_list", agency.lists.at(list)},
          {"certificate", certificate},
          {"accepted", ""},
          {"name", agency.name}};
}

json::object Packet(const Agency& from, const Agency& to, int64_t now_s) {
  seal::SealRequest request;
  request.header.referral_id = kReferralId;
  request.header.sender_agency_id = from.id;
  request.header.release_hash = Base64UrlEncode(Sha256("the release"));
  request.header.purpose = "referral";
  request.header.categories = {"identity", "needs"};
  request.header.expires_s = now_s + kDayS;
  request.plaintext = R"({"needs":["shelter"],"words":"ñandú €😀"})";
  request.recipients = {to.epochs[1].epoch_key.public_key, from.epochs[1].epoch_key.public_key};
  return {{"step", "open"},
          {"packet", Must(seal::Seal(request, from.epochs[1].signing_key, SystemRandom()))},
          {"agency_id", from.id},
          {"sent_s", now_s},
          {"referral_id", kReferralId},
          {"release_hash", request.header.release_hash}};
}

json::object MakeExchange() {
  const int64_t now_s = std::chrono::duration_cast<std::chrono::seconds>(
                            std::chrono::system_clock::now().time_since_epoch())
                            .count();
  const seal::PrivateKey root = NewKey(KeyUse::kSigning);
  const seal::PrivateKey next_root = NewKey(KeyUse::kSigning);
  const seal::PrivateKey device = NewKey(KeyUse::kEpoch);
  keys::RootStatement statement;
  statement.root = root.public_key;
  statement.coalition = "Coalición ⚓";
  statement.issued_s = now_s;
  json::array roots{Must(keys::SignRoot(statement, root))};
  json::array steps{{{"step", "read_roots"}, {"statements", roots}}};
  const Agency us =
      NewAgency("0190163d-8694-739b-aea5-966c26f8ad92", "Refuge ñ", device.public_key, now_s);
  const Agency them = NewAgency("0190163d-8694-739b-aea5-966c26f8ad93", "Harbor",
                                NewKey(KeyUse::kEpoch).public_key, now_s);
  steps.push_back(Judge(us, 0, root, now_s));
  steps.push_back(Judge(them, 0, root, now_s));
  statement.number = 2;
  statement.root = next_root.public_key;
  statement.previous = root.public_key.kid;
  roots.emplace_back(Must(keys::SignRoot(statement, root)));
  steps.emplace_back(json::object{{"step", "follow_roots"}, {"statements", roots}});
  steps.push_back(Judge(us, 1, next_root, now_s));
  steps.push_back(Judge(them, 1, next_root, now_s));
  // Of the past epoch first, as a new device gets both.
  for (const size_t epoch : {0U, 1U}) {
    steps.emplace_back(json::object{
        {"step", "unwrap"},
        {"agency_id", us.id},
        {"wrap",
         Must(keys::WrapKeys(us.id, 2, us.epochs[epoch], device.public_key, SystemRandom()))},
        {"device_key", json::parse(seal::ToPrivateJwk(device))}});
  }
  steps.push_back(Packet(them, us, now_s));
  return {{"now_s", now_s}, {"steps", steps}};
}

// Members are read with at(): a missing one throws.
json::object HashRelease(const json::object& input) {
  const auto text = [&input](const char* name) { return std::string(input.at(name).as_string()); };
  const auto texts = [&input](const char* name) {
    std::vector<std::string> items;
    for (const json::value& each : input.at(name).as_array()) items.emplace_back(each.as_string());
    return items;
  };
  ReleaseElements elements;
  elements.id = text("id");
  elements.form_version = text("form_version");
  elements.form_hash = text("form_hash");
  elements.jurisdiction = text("jurisdiction");
  elements.case_handle = text("case_handle");
  elements.discloser_agency_id = text("discloser_agency_id");
  elements.recipient_agency_ids = texts("recipient_agency_ids");
  elements.hub_named_as_intermediary = input.at("hub_named_as_intermediary").as_bool();
  elements.categories = texts("categories");
  elements.excluded_categories = texts("excluded_categories");
  elements.purposes = texts("purposes");
  elements.action = static_cast<int>(input.at("action").as_int64());
  elements.two_way = input.at("two_way").as_bool();
  elements.effective_ms = input.at("effective_ms").as_int64();
  elements.expire_ms = input.at("expire_ms").as_int64();
  return {{"hash", ReleaseHash(elements)}};
}

}  // namespace
}  // namespace fairlead

int main(int argc, char** argv) {
  try {
    if (argc > 1 && std::string(argv[1]) == "release-hash") {
      const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
      const boost::json::value input = boost::json::parse(text);
      std::cout << boost::json::serialize(fairlead::HashRelease(input.as_object())) << "\n";
      return 0;
    }
    std::cout << boost::json::serialize(fairlead::MakeExchange()) << "\n";
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "keys_tool: " << error.what() << "\n";
    return 2;
  }
}
