// The sealing library as a filter, for interoperability tests with other implementations: one JSON
// object on standard input, one on standard output. Not installed.
//
//   seal_tool keygen epoch|signing          → a private JWK
//   seal_tool seal   < {"header":{"referral_id","sender_agency_id","release_hash","purpose",
//                       "categories","exp"},"plaintext_b64","content_type",
//                       "recipients":[JWK…],"signing_key":JWK} → the packet
//   seal_tool open   < {"packet":"…","key":JWK,"referral_id","release_hash","sender_agency_id",
//                       "sender":JWK,"now_s"[,"sealed_to_kid"]}
//                                           → {"plaintext_b64","content_type","categories"}
//   seal_tool reseal < the same and "next":JWK → the share
//
// A refusal is {"reason":…,"detail":…} with exit code 1; a wrong use of the tool exits with 2.
#include <boost/json.hpp>
#include <iostream>
#include <iterator>
#include <string>

#include "services/common/base/encoding.h"
#include "services/common/base/random.h"
#include "services/common/base/strict_json.h"
#include "services/common/seal/seal.h"

namespace fairlead::seal {
namespace {

namespace json = boost::json;

constexpr size_t kMaxInputBytes = 512 * 1024;

Result<json::object> ReadInput() {
  std::string text;
  for (char c = 0; text.size() <= kMaxInputBytes && std::cin.get(c);) text += c;
  FAIRLEAD_ASSIGN(json::value value, ParseStrictJson(text, kMaxInputBytes, 8));
  if (!value.is_object()) return Fail(Code::kInvalidArgument, "INVALID_JSON", "not an object");
  return std::move(value.as_object());
}

Result<std::string> Keygen(std::string_view use) {
  FAIRLEAD_ASSIGN(const PrivateKey key,
                  GenerateKey(use == "epoch" ? KeyUse::kEpoch : KeyUse::kSigning));
  return ToPrivateJwk(key);
}

// Members are read with at(): a missing one throws, which main reports as wrong use.
std::string Text(const json::object& object, const char* name) {
  return std::string(object.at(name).as_string());
}

Result<std::string> SealFromInput() {
  FAIRLEAD_ASSIGN(const json::object input, ReadInput());
  const json::object& header = input.at("header").as_object();
  SealRequest request;
  request.header.referral_id = Text(header, "referral_id");
  request.header.sender_agency_id = Text(header, "sender_agency_id");
  request.header.release_hash = Text(header, "release_hash");
  request.header.purpose = Text(header, "purpose");
  request.header.expires_s = header.at("exp").as_int64();
  for (const json::value& code : header.at("categories").as_array()) {
    request.header.categories.emplace_back(code.as_string());
  }
  request.plaintext = Base64UrlDecode(Text(input, "plaintext_b64")).value();
  request.content_type = Text(input, "content_type");
  for (const json::value& jwk : input.at("recipients").as_array()) {
    FAIRLEAD_ASSIGN(PublicKey key, ParseJwk(json::serialize(jwk)));
    request.recipients.push_back(std::move(key));
  }
  FAIRLEAD_ASSIGN(const PrivateKey signer,
                  ParsePrivateJwk(json::serialize(input.at("signing_key"))));
  return Seal(request, signer, SystemRandom());
}

Result<Expected> ExpectedOf(const json::object& input) {
  Expected expected;
  FAIRLEAD_ASSIGN(expected.sender_signing_key, ParseJwk(json::serialize(input.at("sender"))));
  expected.referral_id = Text(input, "referral_id");
  expected.sender_agency_id = Text(input, "sender_agency_id");
  expected.release_hash = Text(input, "release_hash");
  expected.now_s = input.at("now_s").as_int64();
  if (input.contains("sealed_to_kid")) expected.sealed_to_kid = Text(input, "sealed_to_kid");
  return expected;
}

Result<std::string> ResealFromInput() {
  FAIRLEAD_ASSIGN(const json::object input, ReadInput());
  FAIRLEAD_ASSIGN(const PrivateKey key, ParsePrivateJwk(json::serialize(input.at("key"))));
  FAIRLEAD_ASSIGN(const PublicKey next, ParseJwk(json::serialize(input.at("next"))));
  FAIRLEAD_ASSIGN(const Expected expected, ExpectedOf(input));
  FAIRLEAD_ASSIGN(const Recipient share, Reseal(Text(input, "packet"), key, expected, next));
  return ShareToJson(share);
}

Result<std::string> OpenFromInput() {
  FAIRLEAD_ASSIGN(const json::object input, ReadInput());
  FAIRLEAD_ASSIGN(const PrivateKey key, ParsePrivateJwk(json::serialize(input.at("key"))));
  FAIRLEAD_ASSIGN(const Expected expected, ExpectedOf(input));
  FAIRLEAD_ASSIGN(const Opened opened, Open(Text(input, "packet"), key, expected));
  json::object output;
  output["plaintext_b64"] = Base64UrlEncode(opened.plaintext);
  output["content_type"] = opened.content_type;
  json::array& categories = output["categories"].emplace_array();
  for (const std::string& code : opened.header.categories) categories.emplace_back(code);
  return json::serialize(output);
}

int Main(int argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "";
  const std::string use = argc > 2 ? argv[2] : "";
  Result<std::string> output;
  if (verb == "keygen" && (use == "epoch" || use == "signing")) {
    output = Keygen(use);
  } else if (verb == "seal" && argc == 2) {
    output = SealFromInput();
  } else if (verb == "open" && argc == 2) {
    output = OpenFromInput();
  } else if (verb == "reseal" && argc == 2) {
    output = ResealFromInput();
  } else {
    std::cerr << "usage: seal_tool keygen epoch|signing | seal | open | reseal\n";
    return 2;
  }
  if (output) {
    std::cout << *output << "\n";
    return 0;
  }
  json::object refusal{{"reason", output.error().reason}};
  const auto detail = output.error().metadata.find("detail");
  if (detail != output.error().metadata.end()) refusal["detail"] = detail->second;
  std::cout << json::serialize(refusal) << "\n";
  return 1;
}

}  // namespace
}  // namespace fairlead::seal

int main(int argc, char** argv) {
  try {
    return fairlead::seal::Main(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "seal_tool: " << error.what() << "\n";
    return 2;
  }
}
