// setup: the first run of a hub.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/sign_in.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = identity::v1;
namespace json = boost::json;

struct SetUpOptions {
  SecretSource code;
  std::string agency_name;
  std::vector<std::string> coordinators;
};

// The value given, or else asked for on a terminal.
Result<std::string> GivenOrAsked(Context& context, const std::string& given,
                                 const std::string& what, const std::string& flag) {
  if (!given.empty()) return given;
  if (!context.terminal().in_is_terminal) return Usage(flag + " is required.");
  context.err() << what << ": " << std::flush;
  const std::string line = ReadLine(context).value_or("");
  if (line.empty()) return Usage(what + " is empty.");
  return line;
}

Result<void> SetUp(Context& context, SetUpOptions options) {
  FAIRLEAD_ASSIGN(
      options.agency_name,
      GivenOrAsked(context, options.agency_name, "Name of the coalition office", "--agency-name"));
  options.coordinators.resize(std::max<size_t>(options.coordinators.size(), 2));
  const char* const which[] = {"Name of the first coordinator", "Name of the second coordinator"};
  for (size_t i = 0; i < 2; ++i) {
    FAIRLEAD_ASSIGN(options.coordinators[i], GivenOrAsked(context, options.coordinators[i],
                                                          which[i], "--coordinator (twice)"));
  }
  if (options.coordinators.size() > 2) return Usage("Name two coordinators; they invite others.");
  v1::SetUpRequest request;
  request.set_request_id(context.RequestId());
  request.set_agency_name(options.agency_name);
  std::vector<std::string> links;
  for (const std::string& name : options.coordinators) {
    const InvitationCode code = NewInvitationCode();
    v1::FirstCoordinator* person = request.add_coordinators();
    person->set_display_name(name);
    person->set_invitation_code_sha256(code.sha256);
    links.push_back(InvitationLink(context.url(), code.code));
  }
  FAIRLEAD_ASSIGN(const std::string code,
                  ReadSecretFrom(context, options.code, "Set-up code", "--code"));
  request.set_set_up_code(code);
  FAIRLEAD_ASSIGN(const auto response, context.client().Call<v1::SetUpResponse>(kSetUp, request));
  if (context.json()) {
    json::array invitations;
    for (size_t i = 0; i < links.size(); ++i) {
      invitations.push_back(
          json::object{{"displayName", options.coordinators[i]}, {"link", links[i]}});
    }
    context.out() << json::serialize(json::object{{"agencyId", response.agency_id()},
                                                  {"invitations", std::move(invitations)}})
                  << '\n';
    return {};
  }
  context.out() << "The coalition office is set up. Two links, each good once and for 72 hours; "
                   "hand each to its person only:\n";
  for (size_t i = 0; i < links.size(); ++i) {
    context.out() << "  " << Printable(options.coordinators[i]) << "\n    " << links[i] << '\n';
  }
  context.NextForAnother("user accept", "each of the two, on their own machine or with a --profile "
                                        "of their own");
  return {};
}

}  // namespace

void AddSetUpVerb(Args root, Context& context) {
  auto options = std::make_shared<SetUpOptions>();
  Args verb =
      root.Verb("setup", "First run: make the coalition office and invite its coordinators");
  verb.Under("To run a hub");
  verb.Footer(
      "What is not given is asked for on a terminal. `fairlead up` says where the code is.");
  verb.Option("--agency-name", &options->agency_name, "The coalition office");
  verb.Option("--coordinator", &options->coordinators, "A coordinator's name; twice");
  verb.Option("--code-file", &options->code.file, "Read the set-up code from a file");
  verb.Flag("--code-stdin", &options->code.from_stdin,
            "Read the set-up code from the first line of standard input");
  verb.Do([&context, options] { return SetUp(context, *options); });
}

}  // namespace fairlead::cli
