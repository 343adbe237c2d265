// directory verify: somebody who knows says that listings are still so, or asks which are due.
#include "fairlead/directory/v1/verification.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = directory::v1;

struct VerifyOptions {
  std::vector<std::string> ids;
  bool due = false;
  std::string agency;
};

// What is stale has not been looked at for a year; most of it never was.
std::string StateText(const v1::Verification& each) {
  if (each.state() != v1::VERIFICATION_STATE_STALE) return EnumText(each.state());
  return each.has_assured_time() ? "overdue" : "not verified yet";
}

Result<void> ListDue(Context& context, const VerifyOptions& options) {
  v1::ListVerificationsRequest request;
  if (!options.agency.empty()) {
    FAIRLEAD_ASSIGN(*request.mutable_agency_id(), context.AgencyId(options.agency));
  }
  FAIRLEAD_ASSIGN(const auto all,
                  AllPages<v1::ListVerificationsResponse>(context, kListVerifications, request));
  context.Emit(all, [&] {
    Table table({"SERVICE", "STATE", "VERIFIED", "BY", "ID"});
    for (const v1::Verification& each : all.verifications()) {
      const std::string when = each.has_assured_time() ? TimeText(each.assured_time()) : "never";
      table.Add({each.service_name(), StateText(each), when, each.assurer_role(),
                 each.service_id()});
    }
    if (!table.empty()) context.Print(table);
  });
  if (all.verifications().empty()) {
    context.Say("None is due.");
  } else {
    const std::string id =
        all.verifications_size() == 1 ? all.verifications(0).service_id() : "ID";
    context.Say("Look through one first: directory show " + id);
    context.Next("directory verify " + id);
  }
  return {};
}

Result<void> Verify(Context& context, const VerifyOptions& options) {
  if (options.due) {
    if (!options.ids.empty()) return Usage("--due lists what is due: leave out the ids.");
    return ListDue(context, options);
  }
  if (!options.agency.empty()) return Usage("--agency goes with --due.");
  if (options.ids.empty()) return Usage("Say which: ids of services, or --due for a list.");
  if (options.ids.size() > 1 && context.has_request_id()) {
    return Usage("--request-id belongs to one request: give one id with it.");
  }
  v1::ListVerificationsResponse verified;
  for (const std::string& id : options.ids) {
    v1::VerifyListingRequest request;
    request.set_request_id(context.RequestId());
    request.set_service_id(id);
    auto response = context.client().Call<v1::VerifyListingResponse>(kVerifyListing, request);
    if (!response) {
      // What was said of those before it stands: it is as if each had been a command of its own.
      Error refused = response.error();
      refused.message += " (" + id + "; verified before it: " +
                         std::to_string(verified.verifications_size()) + ")";
      return Fail(std::move(refused));
    }
    *verified.add_verifications() = response->verification();
  }
  context.Emit(verified, [&] {
    for (const v1::Verification& each : verified.verifications()) {
      context.out() << Printable(each.service_name()) << " is verified until "
                    << TimeText(each.due_time()) << ".\n";
    }
  });
  context.Next("directory verify --due");
  return {};
}

}  // namespace

void AddDirectoryVerify(Args directory, Context& context) {
  auto options = std::make_shared<VerifyOptions>();
  Args verb = directory.Verb(
      "verify", "Say that listings are still so, once a year (administrators, coordinators)");
  verb.Positional("services", &options->ids, "Their ids", Need::kOptional);
  verb.Flag("--due", &options->due, "List those that are due or overdue");
  verb.Option("--agency", &options->agency, "With --due: whose; default: your own agency's");
  verb.Do([&context, options] { return Verify(context, *options); });
}

}  // namespace fairlead::cli
