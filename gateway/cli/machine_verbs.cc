// machine key|create|list|disable: an agency's systems that call the hub without a person.
#include "fairlead/identity/v1/machines.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"
#include "gateway/cli/verbs.h"
#include "services/common/base/encoding.h"

namespace fairlead::cli {
namespace {

namespace v1 = identity::v1;

constexpr size_t kMaxCertificateBytes = 64 * 1024;

// SHA-256 of the first certificate of a PEM file (RFC 7468), as RFC 8705 has it.
Result<std::string> CertificateHash(const std::string& path) {
  FAIRLEAD_ASSIGN(const std::string pem, ReadFile(path, kMaxCertificateBytes));
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
  const size_t begin = pem.find(kBegin);
  const size_t end = pem.find("-----END CERTIFICATE-----");
  std::optional<std::string> der;
  if (begin != std::string::npos && end != std::string::npos && begin < end) {
    std::string base64 = pem.substr(begin + kBegin.size(), end - begin - kBegin.size());
    std::erase_if(base64, [](char c) { return c == '\n' || c == '\r'; });
    der = Base64Decode(base64);
  }
  if (!der || der->empty()) {
    return Fail(Code::kInvalidArgument, "INVALID_CERTIFICATE",
                path + " holds no certificate in PEM form.", {{"file", path}});
  }
  return Base64UrlEncode(Sha256(*der));
}

Result<void> MakeKey(Context& context, const std::string& path) {
  FAIRLEAD_ASSIGN(const seal::PrivateKey key, seal::GenerateKey(seal::KeyUse::kSigning));
  FAIRLEAD_RETURN_IF_ERROR(WriteNewFile(path, seal::ToPrivateJwk(key) + "\n", false));
  const std::string jwk = seal::ToJwk(key.public_key);
  if (context.json()) {
    context.out() << jwk << '\n';
  } else {
    PrintFields(context.out(), {{"Key file", path}, {"Key id", key.public_key.kid},
                                {"Public half", jwk}});
    context.Say("Keep the file on the machine that calls. The hub is given the public half only.");
  }
  context.Next("machine create LABEL --key " + path + "    (as an administrator)");
  return {};
}

struct CreateOptions {
  std::string label;
  std::string key;
  std::string certificate;
};

// The public half, whether the file holds a private key or a public one.
Result<std::string> PublicHalf(const std::string& path) {
  constexpr size_t kMaxMachineKeyBytes = 4 * 1024;
  FAIRLEAD_ASSIGN(const std::string text, ReadFile(path, kMaxMachineKeyBytes));
  if (const auto shared = seal::ParseJwk(text)) return seal::ToJwk(*shared);
  FAIRLEAD_ASSIGN(const seal::PrivateKey key, ReadKeyFile(path));
  return seal::ToJwk(key.public_key);
}

Result<void> Create(Context& context, const CreateOptions& options) {
  if (options.key.empty() && options.certificate.empty()) {
    return Usage("Give --key, --certificate or both: how the hub knows the machine.");
  }
  v1::CreateMachineClientRequest request;
  request.set_request_id(context.RequestId());
  request.set_label(options.label);
  if (!options.key.empty()) {
    FAIRLEAD_ASSIGN(*request.mutable_signing_jwk(), PublicHalf(options.key));
  }
  if (!options.certificate.empty()) {
    FAIRLEAD_ASSIGN(*request.mutable_certificate_sha256(), CertificateHash(options.certificate));
  }
  FAIRLEAD_ASSIGN(
      const auto response,
      context.client().Call<v1::CreateMachineClientResponse>(kCreateMachineClient, request));
  const v1::MachineClient& made = response.machine_client();
  context.Emit(response, [&] {
    PrintFields(context.out(), {{"Machine client", made.label()},
                                {"Id", made.id()},
                                {"Signs", made.signing_jwk().empty() ? "" : "yes"},
                                {"Certificate", made.certificate_sha256()}});
  });
  if (!options.key.empty()) context.Next("--machine " + options.key + " referral list");
  return {};
}

Result<void> List(Context& context) {
  v1::ListMachineClientsRequest request;
  FAIRLEAD_ASSIGN(const auto all,
                  AllPages<v1::ListMachineClientsResponse>(context, kListMachineClients, request));
  context.Emit(all, [&] {
    Table table({"LABEL", "SHOWS ITSELF BY", "MADE", "DISABLED", "ID"});
    for (const v1::MachineClient& each : all.machine_clients()) {
      std::vector<std::string> ways;
      if (!each.signing_jwk().empty()) ways.emplace_back("signature");
      if (!each.certificate_sha256().empty()) ways.emplace_back("certificate");
      table.Add({each.label(), Listed(ways), TimeText(each.create_time()),
                 TimeText(each.disable_time()), each.id()});
    }
    context.Print(table);
  });
  return {};
}

struct DisableOptions {
  std::string machine;
  bool yes = false;
};

// The id, or that of the one at work with this label.
Result<std::string> MachineId(Context& context, const std::string& id_or_label) {
  if (IsUuid(id_or_label)) return id_or_label;
  FAIRLEAD_ASSIGN(const auto all,
                  AllPages<v1::ListMachineClientsResponse>(context, kListMachineClients,
                                                           v1::ListMachineClientsRequest()));
  std::string id;
  for (const v1::MachineClient& each : all.machine_clients()) {
    if (each.label() != id_or_label || each.has_disable_time()) continue;
    if (!id.empty()) {
      return Usage("Two machine clients are called '" + Printable(id_or_label) + "': give the id.");
    }
    id = each.id();
  }
  if (!id.empty()) return id;
  return Fail(Code::kNotFound, "MACHINE_CLIENT_NOT_FOUND",
              "No machine client at work has this id or label: " + Printable(id_or_label) + ".");
}

Result<void> Disable(Context& context, const DisableOptions& options) {
  FAIRLEAD_ASSIGN(const std::string id, MachineId(context, options.machine));
  FAIRLEAD_RETURN_IF_ERROR(
      Confirm(context, options.yes, "Disable this machine client for good?"));
  v1::DisableMachineClientRequest request;
  request.set_request_id(context.RequestId());
  request.set_machine_client_id(id);
  FAIRLEAD_ASSIGN(
      const auto response,
      context.client().Call<v1::DisableMachineClientResponse>(kDisableMachineClient, request));
  context.Emit(response, [&] { context.out() << "Its next call will be refused.\n"; });
  return {};
}

}  // namespace

void AddMachineVerbs(Args root, Context& context) {
  Args machine = root.Group("machine", "Your agency's systems that call the hub by themselves");
  auto path = std::make_shared<std::string>();
  Args key = machine.Verb("key", "Make a signing key on the machine that will call");
  key.Positional("file", path.get(), "Where to write it: mode 0600, never overwritten");
  key.Do([&context, path] { return MakeKey(context, *path); });
  auto made = std::make_shared<CreateOptions>();
  Args create = machine.Verb("create", "Let a system in, by its key or certificate");
  create.Positional("label", &made->label,
                    "A short name of small letters, digits and _: case_system");
  create.Option("--key", &made->key, "Its key file, or the public half alone (JWK)");
  create.Option("--certificate", &made->certificate, "Its TLS client certificate (PEM)");
  create.Do([&context, made] { return Create(context, *made); });
  machine.Verb("list", "Show them").Do([&context] { return List(context); });
  auto ended = std::make_shared<DisableOptions>();
  Args disable = machine.Verb("disable", "Keep one out, at once and for good");
  disable.Positional("machine", &ended->machine, "Its id or label, as in `machine list`");
  disable.Flag("--yes", &ended->yes, "Do not ask");
  disable.Do([&context, ended] { return Disable(context, *ended); });
}

}  // namespace fairlead::cli
