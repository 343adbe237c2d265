// Writes the seed corpus of rpc_fuzz into a folder: whole requests, claims and errors, whose
// structure random bytes would not find.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "fairlead/consent/v1/consent.pb.h"
#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/identity/v1/identity.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "services/common/rpc/error_detail.h"
#include "services/common/rpc/page_token.h"

namespace fairlead::rpc {
namespace {

constexpr char kId[] = "0190163d-8694-739b-aea5-966c26f8ad90";

std::string Send() {
  referral::v1::SendReferralRequest request;
  request.set_request_id(kId);
  request.set_referral_id(kId);
  request.set_recipient_agency_id(kId);
  request.set_release_id(kId);
  request.set_packet("{}");
  request.mutable_facets()->set_need_code("emergency_housing");
  request.mutable_facets()->set_urgency(referral::v1::URGENCY_URGENT);
  request.mutable_facets()->add_languages("es");
  request.mutable_facets()->set_county("06037");
  return request.SerializeAsString();
}

std::string Sign() {
  consent::v1::SignReleaseRequest request;
  request.set_request_id(kId);
  request.set_release_id(kId);
  request.mutable_signature()->set_language("zh-Hant");
  request.mutable_signature()->mutable_sign_time()->set_seconds(1'700'000'000);
  return request.SerializeAsString();
}

std::string Import() {
  directory::v1::ImportListingsRequest request;
  request.set_request_id(kId);
  request.set_agency_id(kId);
  request.set_format(directory::v1::IMPORT_FORMAT_HSDS_CSV);
  request.add_files()->set_name("services.csv");
  return request.SerializeAsString();
}

std::string Staff() {
  identity::v1::AcceptInvitationRequest request;
  request.set_code("c");
  request.set_sign_in_name("ana");
  request.mutable_passphrase()->set_passphrase("p");
  request.mutable_passphrase()->set_totp_secret(std::string(20, 's'));
  request.mutable_passphrase()->set_totp_code("287082");
  request.mutable_passphrase()->add_recovery_code_sha256s(
      "LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ");
  return request.SerializeAsString();
}

void WriteSeeds(const std::filesystem::path& folder) {
  int count = 0;
  const auto write = [&](char where, const std::string& text) {
    std::ofstream file(folder / ("seed" + std::to_string(count++)), std::ios::binary);
    file << where << text;
  };
  write('S', Send());
  write('G', Sign());
  write('I', Import());
  write('C', Staff());
  // Of the fake clock's year, so that it is in force.
  write('B', R"({"iss":"fairlead-hub","aud":"fairlead","iat":1700000000,"exp":1700000060,)"
             R"("jti":"x","knd":"staff","sub":"s","agy":"a","agk":2,"mem":3,"rol":[1,3],)"
             R"("sid":"i","asr":2,"svc":"referral"})");
  write('A', "e30.e30.e30");
  write('P', PageTokens(std::string(32, 'k')).Encode("query", {"1700000000000", kId}));
  const Error error = {Code::kAborted, "ETAG_MISMATCH", "m", {{"field", "etag"}}};
  write('E', EncodeErrorStatus(error));
  write('E', EncodeErrorInfo(error));
}

}  // namespace
}  // namespace fairlead::rpc

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: rpc_seeds FOLDER\n";
    return 2;
  }
  fairlead::rpc::WriteSeeds(argv[1]);
  return 0;
}
