#include "gateway/cli/release_view.h"

namespace fairlead::cli {
namespace {

namespace v1 = consent::v1;

std::string Recipients(Context& context, const v1::Release& release) {
  std::vector<std::string> names;
  for (const std::string& id : release.recipient_agency_ids()) {
    names.push_back(context.AgencyName(id));
  }
  return Listed(names);
}

std::string WithRelative(Context& context, const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0) return "";
  return TimeText(time) + " (" + RelativeText(time.seconds() * 1000, context.NowMs()) + ")";
}

// "oral, not confirmed yet", "oral, confirmed written 2026-01-31 09:05:00Z".
std::string WithdrawalText(const v1::Withdrawal& withdrawal) {
  const std::string method = EnumText(withdrawal.method());
  if (withdrawal.confirm_method() != v1::SIGNATURE_METHOD_UNSPECIFIED) {
    return method + ", confirmed " + EnumText(withdrawal.confirm_method()) + " " +
           TimeText(withdrawal.confirm_time());
  }
  return withdrawal.method() == v1::SIGNATURE_METHOD_ORAL ? method + ", not confirmed yet" : method;
}

}  // namespace

std::string FlowText(Context& context, const v1::Release& release) {
  return "From " + context.AgencyName(release.discloser_agency_id()) + " to " +
         Recipients(context, release) + ": " + ListedField(release.categories());
}

void PrintRelease(Context& context, const v1::Release& release) {
  const v1::Signature& signature = release.signature();
  PrintFields(context.out(), {{"Release", release.id()},
                              {"State", EnumText(release.state())},
                              {"Case", release.case_handle()},
                              {"From", context.AgencyName(release.discloser_agency_id())},
                              {"To", Recipients(context, release)},
                              {"Data", ListedField(release.categories())},
                              {"Never", ListedField(release.excluded_categories())},
                              {"Purposes", ListedField(release.purposes())},
                              {"Action", EnumText(release.action())},
                              {"Both ways", release.two_way() ? "yes" : ""},
                              {"In force from", TimeText(release.effective_time())},
                              {"Until", WithRelative(context, release.expire_time())},
                              {"Form", release.form_version()},
                              {"Jurisdiction", release.jurisdiction()},
                              {"Contact", release.contact_prohibited() ? "PROHIBITED" : ""},
                              {"Signed", TimeText(release.sign_time())},
                              {"Signer", EnumText(signature.capacity())},
                              {"Method", EnumText(signature.method())},
                              {"Language", signature.language()},
                              {"Kept as", signature.artefact_id()},
                              {"Replaces", release.supersedes_release_id()},
                              {"Replaced by", release.superseded_by_release_id()},
                              {"Revoked", TimeText(release.revoke_time())},
                              {"Withdrawn", WithdrawalText(release.withdrawal())}});
}

void PrintReleases(Context& context, const v1::ListReleasesResponse& releases) {
  Table table({"RELEASE", "STATE", "TO", "DATA", "UNTIL", "CASE"});
  for (const v1::Release& release : releases.releases()) {
    table.Add({release.id(), EnumText(release.state()), Recipients(context, release),
               ListedField(release.categories()), TimeText(release.expire_time()),
               release.case_handle()});
  }
  if (!table.empty()) context.Print(table);
}

void PrintDisclosures(Context& context, const v1::ListDisclosuresResponse& disclosures) {
  Table table({"TIME", "WHAT", "TO", "DATA", "PURPOSE", "REFERRAL", "RELEASE"});
  for (const v1::Disclosure& disclosure : disclosures.disclosures()) {
    table.Add({TimeText(disclosure.time()), disclosure.kind(),
               context.AgencyName(disclosure.recipient_agency_id()),
               ListedField(disclosure.categories()), disclosure.purpose(), disclosure.referral_id(),
               disclosure.release_id()});
  }
  if (!table.empty()) context.Print(table);
}

}  // namespace fairlead::cli
