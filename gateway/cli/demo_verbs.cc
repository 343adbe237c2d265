// demo, demo use, demo code: the synthetic coalition of `fairlead up --demo`.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <set>

#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/agency_keys.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/sign_in.h"
#include "gateway/cli/verbs.h"
#include "services/common/base/strict_json.h"
#include "services/common/base/totp.h"
#include "services/common/config/suggest.h"

namespace fairlead::cli {
namespace {

namespace json = boost::json;
namespace v1 = identity::v1;

constexpr size_t kMaxSignInsBytes = 1024 * 1024;
constexpr size_t kMaxKeyBytes = 4 * 1024;
constexpr char kDataHelp[] =
    "The hub's data folder, as `fairlead up` says it; default: FAIRLEAD_DATA_DIR, or data";

struct Person {
  std::string sign_in_name;
  std::string display_name;
  std::vector<std::string> roles;  // as --role takes them
  std::string agency_id;
  std::string agency_name;
  std::string totp_uri;
};

struct SignIns {
  std::string passphrase;
  std::vector<Person> people;
};

std::string Folder(Context& context, const std::string& given) {
  if (!given.empty()) return given;
  const std::string variable = context.Variable("FAIRLEAD_DATA_DIR");
  return variable.empty() ? "data" : variable;
}

std::vector<std::string> Roles(const json::object& person) {
  std::vector<std::string> roles;
  const json::value* listed = person.if_contains("roles");
  if (listed == nullptr || !listed->is_array()) return roles;
  for (const json::value& each : listed->as_array()) {
    if (each.is_string()) roles.emplace_back(each.as_string());
  }
  return roles;
}

json::array ToArray(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

Result<SignIns> ReadSignIns(const std::string& folder) {
  const std::string path = folder + "/demo/sign-ins.json";
  const auto text = ReadFile(path, kMaxSignInsBytes);
  if (!text) {
    return Fail(Code::kNotFound, "NO_DEMO",
                "There is no demo coalition in " + folder +
                    ". Start one with `fairlead up --demo`, or name its data folder with --data.",
                {{"file", path}});
  }
  const auto value = ParseStrictJson(*text, kMaxSignInsBytes, 8);
  const auto member = [](const json::object& object, std::string_view name) {
    const json::value* found = object.if_contains(name);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
  };
  SignIns sign_ins;
  const json::value* people =
      value && value->is_object() ? value->as_object().if_contains("people") : nullptr;
  if (people == nullptr || !people->is_array()) {
    return Fail(Code::kDataLoss, "FILE_DAMAGED", path + " is damaged.", {{"file", path}});
  }
  sign_ins.passphrase = member(value->as_object(), "passphrase");
  for (const json::value& each : people->as_array()) {
    if (!each.is_object()) continue;
    const json::object& person = each.as_object();
    sign_ins.people.push_back({.sign_in_name = member(person, "sign_in_name"),
                               .display_name = member(person, "display_name"),
                               .roles = Roles(person),
                               .agency_id = member(person, "agency_id"),
                               .agency_name = member(person, "agency_name"),
                               .totp_uri = member(person, "totp_uri")});
  }
  return sign_ins;
}

Result<void> Show(Context& context, const std::string& data) {
  FAIRLEAD_ASSIGN(const SignIns sign_ins, ReadSignIns(Folder(context, data)));
  if (context.json()) {
    json::array people;
    for (const Person& person : sign_ins.people) {
      people.push_back(json::object{{"signInName", person.sign_in_name},
                                    {"displayName", person.display_name},
                                    {"roles", ToArray(person.roles)},
                                    {"agencyId", person.agency_id},
                                    {"agencyName", person.agency_name},
                                    {"totpUri", person.totp_uri}});
    }
    context.out() << json::serialize(json::object{{"passphrase", sign_ins.passphrase},
                                                  {"people", std::move(people)}})
                  << '\n';
    return {};
  }
  Table table({"SIGN-IN NAME", "NAME", "ROLES", "AGENCY"});
  for (const Person& person : sign_ins.people) {
    table.Add({person.sign_in_name, person.display_name, Listed(person.roles),
               person.agency_name});
  }
  context.Print(table);
  context.out() << "\nPassphrase of all: " << Printable(sign_ins.passphrase)
                << "\nOne-time codes: demo use makes them; for an authenticator app, demo --json "
                   "has each person's otpauth:// URI.\n";
  context.Next("demo use " +
               (sign_ins.people.empty() ? std::string("NAME") : sign_ins.people[0].sign_in_name) +
               (data.empty() ? "" : " --data " + ShellWord(data)));
  return {};
}

// The hub whose data folder it is says there where it is. A flag or the environment goes before.
Result<void> GoToItsHub(Context& context, const std::string& folder) {
  constexpr size_t kMaxUrlBytes = 2'048;
  if (!context.globals().url.empty() || !context.Variable("FAIRLEAD_URL").empty()) return {};
  auto url = ReadFile(folder + "/demo/url", kMaxUrlBytes);
  if (!url) return {};  // of a hub that has not been started since it writes this
  while (url->ends_with('\n')) url->pop_back();
  return *url == context.url() ? Result<void>() : context.GoTo(*url);
}

// Whose lists to believe, from this machine's own files.
Result<void> PinAgency(Context& context, const std::string& stem, const std::string& agency_id,
                       const std::string& name) {
  FAIRLEAD_ASSIGN(const std::string text, ReadFile(stem + ".agency.jwk", kMaxKeyBytes));
  FAIRLEAD_ASSIGN(const seal::PrivateKey agency, seal::ParsePrivateJwk(text));
  return PinTrusted(context, agency_id, name, agency.public_key.kid);
}

// The demo's keys lie beside its data. Only those that the hub publishes are taken.
Result<bool> TakeKeys(Context& context, const std::string& folder, const std::string& agency_id,
                      const std::string& name, bool is_admin) {
  const std::string stem = folder + "/demo/keys/" + agency_id;
  const auto epoch_text = ReadFile(stem + ".epoch.jwk", kMaxKeyBytes);
  const auto signing_text = ReadFile(stem + ".signing.jwk", kMaxKeyBytes);
  if (!epoch_text || !signing_text) return false;
  FAIRLEAD_ASSIGN(const seal::PrivateKey epoch, seal::ParsePrivateJwk(*epoch_text));
  FAIRLEAD_ASSIGN(const seal::PrivateKey signing, seal::ParsePrivateJwk(*signing_text));
  FAIRLEAD_RETURN_IF_ERROR(PinAgency(context, stem, agency_id, name));
  FAIRLEAD_ASSIGN(const AgencyKeys published, FetchKeys(context, agency_id));
  const keys::KeyList& list = published.verdict.list;
  if (list.epoch_key != epoch.public_key || list.signing_key != signing.public_key) {
    return Fail(Code::kFailedPrecondition, "KEYS_NOT_PUBLISHED",
                "The demo's keys for this agency are no longer its current ones.");
  }
  FAIRLEAD_RETURN_IF_ERROR(context.home().SaveKey(agency_id, epoch));
  FAIRLEAD_RETURN_IF_ERROR(context.home().SaveKey(agency_id, signing));
  FAIRLEAD_RETURN_IF_ERROR(context.home().MakeCurrent(agency_id, epoch.public_key.kid,
                                                      signing.public_key.kid, list.epoch));
  // An administrator confirms colleagues' devices.
  if (is_admin) {
    FAIRLEAD_ASSIGN(const std::string agency_text, ReadFile(stem + ".agency.jwk", kMaxKeyBytes));
    FAIRLEAD_ASSIGN(const seal::PrivateKey agency, seal::ParsePrivateJwk(agency_text));
    FAIRLEAD_RETURN_IF_ERROR(context.home().SaveKeyAs(agency_id, kAgencyKeyName, agency));
  }
  return true;
}

// The other agencies' keys lie there too: they are known from this machine, not from the hub.
Result<void> PinOthers(Context& context, const std::string& folder, const SignIns& sign_ins,
                       const std::string& own_id) {
  std::set<std::string> seen{own_id};
  for (const Person& person : sign_ins.people) {
    if (!IsUuid(person.agency_id) || !seen.insert(person.agency_id).second) continue;
    const std::string stem = folder + "/demo/keys/" + person.agency_id;
    std::error_code ignored;
    if (!std::filesystem::exists(stem + ".agency.jwk", ignored)) continue;
    FAIRLEAD_RETURN_IF_ERROR(PinAgency(context, stem, person.agency_id, person.agency_name));
  }
  return {};
}

// What this person may do, by their roles and the kind of their agency.
std::vector<std::string> WorthATry(Context& context, const v1::Staff& staff) {
  const auto& roles = staff.roles();
  const auto has = [&](v1::Role role) { return std::ranges::find(roles, role) != roles.end(); };
  if (has(v1::ROLE_AUDITOR)) return {"audit query --since 7d", "agency list", "directory needs"};
  if (has(v1::ROLE_COORDINATOR)) {
    return {"handoff list", "agency list", "user list", "directory search --need shelter_bed"};
  }
  std::vector<std::string> verbs = {"status", "referral list"};
  directory::v1::GetAgencyRequest own;
  own.set_agency_id(staff.agency_id());
  const auto agency = context.client().Call<directory::v1::GetAgencyResponse>(kGetAgency, own);
  // Law enforcement does not search.
  if (agency && agency->agency().kind() != directory::v1::AGENCY_KIND_LAW_ENFORCEMENT) {
    verbs.emplace_back("directory search --need shelter_bed");
  }
  if (has(v1::ROLE_AGENCY_ADMIN)) verbs.emplace_back("user list");
  return verbs;
}

Result<Person> FindPerson(Context& context, const SignIns& sign_ins, const std::string& name) {
  std::vector<std::string> names;
  for (const Person& each : sign_ins.people) {
    if (each.sign_in_name == name) return each;
    names.push_back(each.sign_in_name);
  }
  const std::string near = config::Nearest(name, names);
  return Fail(Code::kNotFound, "NO_SUCH_PERSON",
              "The demo has nobody called '" + Printable(name) + "'." +
                  (near.empty() ? " See: " + context.Command("demo")
                                : " Did you mean '" + near + "'?"));
}

Result<void> Use(Context& context, const std::string& name, const std::string& data) {
  const std::string folder = Folder(context, data);
  FAIRLEAD_ASSIGN(const SignIns sign_ins, ReadSignIns(folder));
  FAIRLEAD_ASSIGN(const Person person, FindPerson(context, sign_ins, name));
  FAIRLEAD_RETURN_IF_ERROR(GoToItsHub(context, folder));
  const auto secret = SecretOfOtpauthUri(person.totp_uri);
  if (!secret) return Fail(Code::kDataLoss, "FILE_DAMAGED", "The demo's sign-ins are damaged.");
  const Factor factor{.code = {}, .secret = *secret, .recovery = {}};
  FAIRLEAD_ASSIGN(const auto response, SignIn(context, name, sign_ins.passphrase, factor));
  const bool is_admin =
      std::ranges::find(person.roles, "agency_admin") != person.roles.end();
  FAIRLEAD_ASSIGN(const bool keys, TakeKeys(context, folder, response.staff().agency_id(),
                                            response.agency_name(), is_admin));
  FAIRLEAD_RETURN_IF_ERROR(PinOthers(context, folder, sign_ins, response.staff().agency_id()));
  if (context.json()) {
    context.out() << json::serialize(json::object{{"signInName", name},
                                                  {"staffId", response.staff().id()},
                                                  {"agencyId", response.staff().agency_id()},
                                                  {"agencyName", response.agency_name()},
                                                  {"roles", ToArray(person.roles)},
                                                  {"keys", keys}})
                  << '\n';
    return {};
  }
  context.out() << "You are " << Printable(person.display_name) << " ("
                << RolesOf(response.staff().roles()) << ") at "
                << Printable(response.agency_name()) << ".\n";
  context.Say("Try:");
  for (const std::string& verb : WorthATry(context, response.staff())) {
    context.Say("  " + context.Command(verb));
  }
  return {};
}

// For the sign-in in a browser: what an authenticator app would show now.
Result<void> ShowCode(Context& context, const std::string& name, const std::string& data) {
  FAIRLEAD_ASSIGN(const SignIns sign_ins, ReadSignIns(Folder(context, data)));
  FAIRLEAD_ASSIGN(const Person person, FindPerson(context, sign_ins, name));
  const auto secret = SecretOfOtpauthUri(person.totp_uri);
  if (!secret) return Fail(Code::kDataLoss, "FILE_DAMAGED", "The demo's sign-ins are damaged.");
  const std::string code = TotpCode(*secret, TotpStep(context.NowMs()));
  if (context.json()) {
    context.out() << json::serialize(json::object{{"signInName", person.sign_in_name},
                                                  {"passphrase", sign_ins.passphrase},
                                                  {"code", code}})
                  << '\n';
    return {};
  }
  PrintFields(context.out(), {{"Sign-in name", person.sign_in_name},
                              {"Passphrase", sign_ins.passphrase},
                              {"One-time code", code}});
  context.Say("The code works once, and for half a minute.");
  return {};
}

}  // namespace

void AddDemoVerbs(Args root, Context& context) {
  auto data = std::make_shared<std::string>();
  auto name = std::make_shared<std::string>();
  Args demo = root.Group("demo", "The sign-ins of a demo hub", Need::kOptional);
  demo.Option("--data", data.get(), kDataHelp);
  demo.Do([&context, data] { return Show(context, *data); });
  Args use = demo.Verb("use", "Be one of the demo's people");
  use.Positional("name", name.get(), "The sign-in name");
  use.Option("--data", data.get(), kDataHelp);
  use.Do([&context, name, data] { return Use(context, *name, *data); });
  Args code = demo.Verb("code", "What one of the demo's people signs in with in a browser, now");
  code.Positional("name", name.get(), "The sign-in name");
  code.Option("--data", data.get(), kDataHelp);
  code.Do([&context, name, data] { return ShowCode(context, *name, *data); });
}

}  // namespace fairlead::cli
