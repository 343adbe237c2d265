// referral open: fetch, check the sender's key against the pin, unseal, write the exact bytes.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "fairlead/referral/v1/referral.pb.h"
#include "gateway/cli/agency_keys.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/verbs.h"
#include "services/common/base/encoding.h"
#include "services/common/base/strict_json.h"

namespace fairlead::cli {
namespace {

namespace v1 = referral::v1;
namespace json = boost::json;

struct OpenOptions {
  std::string referral;
  std::string out;
  bool force = false;
};

// The private key of ours that the packet is sealed to: that of any epoch.
Result<seal::PrivateKey> OwnKeyFor(Context& context, const std::string& agency_id,
                                   const seal::Envelope& envelope) {
  for (const seal::Recipient& recipient : envelope.recipients) {
    auto key = context.home().LoadKey(agency_id, recipient.kid);
    if (key) return key;
    if (key.error().reason != "KEY_MISSING") return Fail(key.error());
  }
  return Fail(Code::kFailedPrecondition, "KEY_MISSING",
              "The packet is sealed to a key of your agency that is not on this machine.");
}

Result<seal::Opened> Unseal(Context& context, const v1::OpenPacketResponse& response) {
  FAIRLEAD_ASSIGN(const std::string own_id, context.OwnAgencyId());
  FAIRLEAD_ASSIGN(const seal::Envelope envelope,
                  seal::ParseEnvelope(response.packet(), seal::Form::kDelivered));
  FAIRLEAD_ASSIGN(const seal::PrivateKey own, OwnKeyFor(context, own_id, envelope));
  const std::string& sender = response.referral().sender_agency_id();
  seal::PublicKey signing_key;
  if (sender == own_id) {
    // Our own: what this machine has is worth more than any answer of the hub.
    FAIRLEAD_ASSIGN(const seal::PrivateKey ours,
                    context.home().LoadKey(own_id, envelope.header.sender_kid));
    signing_key = ours.public_key;
  } else {
    FAIRLEAD_ASSIGN(signing_key, KeyToVerifyWith(context, sender, envelope.header.sender_kid,
                                                 response.referral().create_time().seconds()));
  }
  return seal::Open(response.packet(), own,
                    {.referral_id = response.referral().id(),
                     .release_hash = response.referral().release_hash(),
                     .sender_signing_key = signing_key,
                     .now_s = context.NowMs() / 1'000});
}

void EmitJson(Context& context, const v1::OpenPacketResponse& response, const seal::Opened& opened,
              const std::string& out) {
  json::object document{{"referralId", opened.header.referral_id},
                        {"senderAgencyId", response.referral().sender_agency_id()},
                        {"senderKid", opened.header.sender_kid},
                        {"purpose", opened.header.purpose},
                        {"contentType", opened.content_type},
                        {"redisclosureStatement", response.redisclosure_statement()}};
  json::array categories;
  for (const std::string& category : opened.header.categories) categories.emplace_back(category);
  document["categories"] = std::move(categories);
  if (!out.empty()) {
    document["file"] = out;
  } else {
    // Other senders may seal what is not JSON: bytes are then given in base64.
    auto value = ParseStrictJson(opened.plaintext, seal::kMaxPlaintextBytes, 32);
    if (value) {
      document["packet"] = std::move(*value);
    } else {
      document["packetBase64"] = Base64Encode(opened.plaintext);
    }
  }
  context.out() << json::serialize(document) << '\n';
}

Result<void> Open(Context& context, const OpenOptions& options) {
  v1::OpenPacketRequest request;
  FAIRLEAD_ASSIGN(const std::string id, context.Id("referral", options.referral));
  request.set_referral_id(id);
  std::error_code ignored;
  if (!options.out.empty() && !options.force && std::filesystem::exists(options.out, ignored)) {
    return Fail(Code::kAlreadyExists, "OUTPUT_EXISTS", options.out + " exists already.",
                {{"file", options.out}});  // before the opening is on record
  }
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::OpenPacketResponse>(kOpenPacket, request));
  if (response.referral().id() != id) {
    return Fail(Code::kDataLoss, "REFERRAL_MISMATCH", "The hub answered with another referral.");
  }
  FAIRLEAD_ASSIGN(const seal::Opened opened, Unseal(context, response));
  context.home().SetLast("referral", id);
  context.Say("From " + Printable(context.AgencyName(response.referral().sender_agency_id())) +
              ", signature verified. Data: " + Listed(opened.header.categories) + ".");
  if (!response.redisclosure_statement().empty()) {
    context.Say("\n  " + Printable(response.redisclosure_statement(), true) + "\n");
  }
  if (!options.out.empty()) {
    FAIRLEAD_RETURN_IF_ERROR(WriteNewFile(options.out, opened.plaintext, options.force));
  }
  if (context.json()) {
    EmitJson(context, response, opened, options.out);
  } else if (!options.out.empty()) {
    context.Say("Written to " + options.out + ".");
  } else if (context.terminal().out_is_terminal) {
    context.out() << Printable(opened.plaintext, true) << '\n';
  } else {
    context.out() << opened.plaintext;
  }
  context.Next("referral accept " + id);
  return {};
}

}  // namespace

void AddOpenVerb(Args referral, Context& context) {
  auto options = std::make_shared<OpenOptions>();
  Args verb = referral.Verb("open", "Open its packet; the release is asked for again");
  verb.Positional("referral", &options->referral, "Its id, or @last");
  verb.Option("--out", &options->out, "Write the packet to a file that only you may read");
  verb.Flag("--force", &options->force, "Replace that file");
  verb.Footer("Every opening is on record. The packet goes to standard output, byte for byte.");
  verb.Do([&context, options] { return Open(context, *options); });
}

}  // namespace fairlead::cli
