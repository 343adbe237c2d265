// key root …, key certify, key certificate publish: the coalition's root. Its private half is a
// file on a machine without a network; only statements go to the hub.
#include "fairlead/identity/v1/keys.pb.h"
#include "gateway/cli/agency_keys.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = identity::v1;

constexpr size_t kMaxKeyBytes = 4 * 1024;
constexpr int64_t kDayS = 24 * 3600;

struct RootWords {
  std::string coalition;
  std::string root;      // file of the private key
  std::string previous;  // its statement
  std::string out;
  std::string statement;
};

Result<std::string> ReadStatement(const std::string& path) {
  FAIRLEAD_ASSIGN(std::string text, ReadFile(path, keys::kMaxShortStatementBytes + 2));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

void Tell(Context& context, const keys::RootStatement& root, const std::string& statement_file) {
  PrintFields(context.out(), {{"Coalition", root.coalition},
                              {"Root number", std::to_string(root.number)},
                              {"Fingerprint", keys::Fingerprint(root.root.kid)},
                              {"Statement", statement_file}});
  context.Next("key root publish " + statement_file);
}

Result<void> Make(Context& context, const RootWords& words) {
  FAIRLEAD_ASSIGN(const seal::PrivateKey key, seal::GenerateKey(seal::KeyUse::kSigning));
  const keys::RootStatement root{.number = 1,
                                 .root = key.public_key,
                                 .coalition = words.coalition,
                                 .previous = "",
                                 .issued_s = context.NowMs() / 1'000};
  FAIRLEAD_ASSIGN(const std::string jws, keys::SignRoot(root, key));
  FAIRLEAD_RETURN_IF_ERROR(WriteNewFile(words.out, seal::ToPrivateJwk(key) + "\n", false));
  FAIRLEAD_RETURN_IF_ERROR(WriteNewFile(words.out + ".jws", jws + "\n", false));
  context.Say("Keep " + words.out + " offline. Whoever has it can name false agencies.");
  Tell(context, root, words.out + ".jws");
  return {};
}

Result<void> RotateRoot(Context& context, const RootWords& words) {
  FAIRLEAD_ASSIGN(const seal::PrivateKey before, ReadKeyFile(words.root));
  FAIRLEAD_ASSIGN(const std::string statement, ReadStatement(words.previous));
  const int64_t now_s = context.NowMs() / 1'000;
  FAIRLEAD_ASSIGN(const keys::RootStatement last, keys::PeekRoot(statement, now_s));
  if (last.root != before.public_key) {
    return Fail(Code::kInvalidArgument, "ROOT_INVALID", "The statement is of another root key.");
  }
  FAIRLEAD_ASSIGN(const seal::PrivateKey key, seal::GenerateKey(seal::KeyUse::kSigning));
  const keys::RootStatement root{.number = last.number + 1,
                                 .root = key.public_key,
                                 .coalition = last.coalition,
                                 .previous = before.public_key.kid,
                                 .issued_s = now_s};
  FAIRLEAD_ASSIGN(const std::string jws, keys::SignRoot(root, before));
  FAIRLEAD_RETURN_IF_ERROR(WriteNewFile(words.out, seal::ToPrivateJwk(key) + "\n", false));
  FAIRLEAD_RETURN_IF_ERROR(WriteNewFile(words.out + ".jws", jws + "\n", false));
  context.Say("Certify every agency anew with this root: the certificates of the one before end.");
  Tell(context, root, words.out + ".jws");
  return {};
}

Result<void> PublishRoot(Context& context, const std::string& file) {
  v1::PublishCoalitionRootRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(*request.mutable_statement(), ReadStatement(file));
  FAIRLEAD_ASSIGN(const auto response, context.client().Call<v1::PublishCoalitionRootResponse>(
                                           kPublishCoalitionRoot, request));
  context.Emit(response, [&] { context.out() << "Published.\n"; });
  context.Next("key root trust");
  return {};
}

Result<keys::RootPin> FetchRoot(Context& context) {
  FAIRLEAD_ASSIGN(const auto response, context.client().Call<v1::GetCoalitionRootResponse>(
                                           kGetCoalitionRoot, v1::GetCoalitionRootRequest()));
  const std::vector<std::string> statements(response.statements().begin(),
                                            response.statements().end());
  const int64_t now_s = context.NowMs() / 1'000;
  FAIRLEAD_ASSIGN(const auto pinned, context.home().LoadRoot());
  return pinned ? keys::FollowRoots(*pinned, statements, now_s)
                : keys::ReadRoots(statements, now_s);
}

Result<void> ShowRoot(Context& context) {
  FAIRLEAD_ASSIGN(const keys::RootPin root, FetchRoot(context));
  FAIRLEAD_ASSIGN(const auto pinned, context.home().LoadRoot());
  PrintFields(context.out(), {{"Coalition", root.coalition},
                              {"Root number", std::to_string(root.number)},
                              {"Fingerprint", keys::Fingerprint(root.root.kid)},
                              {"Here", pinned ? "trusted" : "not trusted yet"}});
  return {};
}

Result<void> TrustRoot(Context& context, const std::string& fingerprint, bool yes) {
  FAIRLEAD_ASSIGN(const keys::RootPin root, FetchRoot(context));
  const std::string offered = keys::Fingerprint(root.root.kid);
  if (!fingerprint.empty() && fingerprint != offered) {
    return Fail(Code::kFailedPrecondition, "ROOT_CHANGED",
                "The hub shows another root than the one with this fingerprint.",
                {{"known", fingerprint}, {"offered", offered}});
  }
  FAIRLEAD_RETURN_IF_ERROR(Confirm(context, yes || !fingerprint.empty(),
                                   "Is " + offered + " the root of " + root.coalition +
                                       ", by the word of its office and not of this hub?"));
  FAIRLEAD_RETURN_IF_ERROR(context.home().SaveRoot(root));
  context.out() << "Trusted from now on: " << offered << '\n';
  return {};
}

struct CertifyWords {
  std::string agency_id;
  std::string name;
  std::string key;
  std::string root;
  std::string out;
  int64_t days = 365;
};

Result<void> Certify(Context& context, const CertifyWords& words) {
  FAIRLEAD_ASSIGN(const seal::PrivateKey root, ReadKeyFile(words.root));
  FAIRLEAD_ASSIGN(const std::string text, ReadFile(words.key, kMaxKeyBytes));
  FAIRLEAD_ASSIGN(const seal::PublicKey key, seal::ParseJwk(text));
  const int64_t now_s = context.NowMs() / 1'000;
  FAIRLEAD_ASSIGN(const std::string jws,
                  keys::SignCertificate({.agency_id = words.agency_id,
                                         .name = words.name,
                                         .agency_key = key,
                                         .issued_s = now_s,
                                         .expires_s = now_s + words.days * kDayS},
                                        root));
  FAIRLEAD_RETURN_IF_ERROR(WriteNewFile(words.out, jws + "\n", false));
  PrintFields(context.out(), {{"Agency", words.name + " (" + words.agency_id + ")"},
                              {"Agency key", keys::Fingerprint(key.kid)},
                              {"Certificate", words.out}});
  context.Next("key certificate publish " + words.out);
  return {};
}

Result<void> PublishCertificate(Context& context, const std::string& file) {
  v1::PublishAgencyCertificateRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(*request.mutable_certificate(), ReadStatement(file));
  FAIRLEAD_ASSIGN(const auto response, context.client().Call<v1::PublishAgencyCertificateResponse>(
                                           kPublishAgencyCertificate, request));
  context.Emit(response, [&] { context.out() << "Published.\n"; });
  return {};
}

// The agency key's public half, to carry to where the root is.
Result<void> Export(Context& context, const std::string& out) {
  FAIRLEAD_ASSIGN(const std::string agency_id, context.OwnAgencyId());
  FAIRLEAD_ASSIGN(const seal::PrivateKey key, context.home().LoadKey(agency_id, kAgencyKeyName));
  FAIRLEAD_RETURN_IF_ERROR(WriteNewFile(out, seal::ToJwk(key.public_key) + "\n", false));
  PrintFields(context.out(), {{"Agency", agency_id},
                              {"Agency key", keys::Fingerprint(key.public_key.kid)},
                              {"Public half", out}});
  context.Next("key certify " + agency_id + " --name NAME --key " + out +
               " --root ROOT --out CERTIFICATE");
  return {};
}

void AddRootGroup(Args key, Context& context) {
  Args root = key.Group("root", "The coalition's root");
  auto words = std::make_shared<RootWords>();
  Args make = root.Verb("make", "Make the root, offline: a private file and its statement");
  make.Option("--coalition", &words->coalition, "Its name", Need::kRequired);
  make.Option("--out", &words->out, "The private file; the statement is FILE.jws", Need::kRequired);
  make.Do([&context, words] { return Make(context, *words); });
  Args rotate = root.Verb("rotate", "Make the next root and sign it with this one, offline");
  rotate.Option("--root", &words->root, "The private file of the root now", Need::kRequired);
  rotate.Option("--previous", &words->previous, "The statement of the root now", Need::kRequired);
  rotate.Option("--out", &words->out, "The new private file; its statement is FILE.jws",
                Need::kRequired);
  rotate.Do([&context, words] { return RotateRoot(context, *words); });
  Args publish = root.Verb("publish", "Hand a statement to the hub");
  publish.Positional("statement", &words->statement, "FILE.jws");
  publish.Do([&context, words] { return PublishRoot(context, words->statement); });
  root.Verb("show", "Show the root that the hub hands out").Do([&context] {
    return ShowRoot(context);
  });
  auto fingerprint = std::make_shared<std::string>();
  auto yes = std::make_shared<bool>(false);
  Args trust = root.Verb("trust", "Believe the root from now on, after comparing");
  trust.Option("--fingerprint", fingerprint.get(), "As the coalition's office has told it");
  trust.Flag("--yes", yes.get(), "Do not ask");
  trust.Do([&context, fingerprint, yes] { return TrustRoot(context, *fingerprint, *yes); });
}

}  // namespace

void AddKeyRootVerbs(Args key, Context& context) {
  AddRootGroup(key, context);
  auto words = std::make_shared<CertifyWords>();
  Args certify = key.Verb("certify", "Sign an agency's key with the root, offline");
  certify.Positional("agency", &words->agency_id, "Its id");
  certify.Option("--name", &words->name, "Its name", Need::kRequired);
  certify.Option("--key", &words->key, "Its public key: key export", Need::kRequired);
  certify.Option("--root", &words->root, "The root's private file", Need::kRequired);
  certify.Option("--out", &words->out, "The certificate's file", Need::kRequired);
  certify.Option("--days", &words->days, 1, 400, "How long it is good for; default 365");
  certify.Do([&context, words] { return Certify(context, *words); });
  Args certificate = key.Group("certificate", "The root's word on an agency's key");
  auto file = std::make_shared<std::string>();
  Args publish = certificate.Verb("publish", "Hand a certificate to the hub");
  publish.Positional("certificate", file.get(), "The file that certify wrote");
  publish.Do([&context, file] { return PublishCertificate(context, *file); });
  auto out = std::make_shared<std::string>();
  Args exports = key.Verb("export", "Write your agency key's public half to a file");
  exports.Option("--out", out.get(), "The file", Need::kRequired);
  exports.Do([&context, out] { return Export(context, *out); });
}

}  // namespace fairlead::cli
