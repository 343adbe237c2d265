#include "services/hub/pki_verb.h"

#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <filesystem>
#include <iostream>

#include "gateway/cli/cli.h"
#include "gateway/cli/home.h"
#include "services/common/base/clock.h"
#include "services/common/pki/certificates.h"

namespace fairlead::hub {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxPemBytes = 65'536;
constexpr int64_t kHourS = 3'600;
constexpr char kAuthorityKey[] = "authority-key.pem";
constexpr char kAuthority[] = "authority.pem";

int64_t NowS() { return SystemClock().NowMs() / 1'000; }

int ComplainAsPki(const Error& error) {
  std::cerr << "fairlead pki: " << error.message << " (" << error.reason << ")\n";
  return error.code == Code::kInvalidArgument ? cli::kExitUsage : cli::kExitFailed;
}

tl::unexpected<Error> NotMade(const fs::path& path) {
  return Fail(Code::kFailedPrecondition, "FILE_NOT_WRITTEN", "Cannot make " + path.string() + ".");
}

Result<void> MakeFolder(const fs::path& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return NotMade(path);
}

Result<void> Init(const fs::path& folder) {
  FAIRLEAD_RETURN_IF_ERROR(MakeFolder(folder));
  FAIRLEAD_ASSIGN(const pki::KeyAndCertificate made, pki::MakeAuthority(NowS()));
  FAIRLEAD_RETURN_IF_ERROR(cli::WriteNewFile(folder / kAuthorityKey, made.key_pem, false));
  FAIRLEAD_RETURN_IF_ERROR(cli::WriteNewFile(folder / kAuthority, made.certificate_pem, false));
  std::cout << "Made an authority for ten years in " << folder.string() << ".\n"
            << kAuthorityKey << " is secret and signs for every process: keep it off the machines\n"
            << "that serve. " << kAuthority << " goes to all of them.\n";
  return {};
}

// A running process finds key and certificate that belong together at whatever moment it reads
// them: both are in one folder, and OUT/current comes to point to it all at once.
Result<void> Issue(const std::vector<std::string>& services, const fs::path& folder,
                   const fs::path& out, int64_t hours) {
  FAIRLEAD_ASSIGN(std::string key, cli::ReadFile(folder / kAuthorityKey, kMaxPemBytes));
  FAIRLEAD_ASSIGN(std::string certificate, cli::ReadFile(folder / kAuthority, kMaxPemBytes));
  const pki::KeyAndCertificate authority{std::move(key), std::move(certificate)};
  const int64_t now_s = NowS();
  FAIRLEAD_ASSIGN(const pki::KeyAndCertificate issued,
                  pki::Issue(authority, services, now_s, hours * kHourS));
  const std::string name = FormatTime(SystemClock().NowMs());
  FAIRLEAD_RETURN_IF_ERROR(MakeFolder(out));
  FAIRLEAD_RETURN_IF_ERROR(MakeFolder(out / name));
  FAIRLEAD_RETURN_IF_ERROR(cli::WriteFile(out / name / "key.pem", issued.key_pem));
  FAIRLEAD_RETURN_IF_ERROR(cli::WriteFile(out / name / "certificate.pem", issued.certificate_pem));
  FAIRLEAD_RETURN_IF_ERROR(cli::WriteFile(out / name / kAuthority, authority.certificate_pem));
  std::error_code failed;
  const fs::path link = out / "current";
  const std::string before = fs::read_symlink(link, failed).string();
  fs::remove(out / ".next", failed);
  fs::create_directory_symlink(name, out / ".next", failed);
  if (!failed) fs::rename(out / ".next", link, failed);
  if (failed) return NotMade(link);
  // What was current stays for who is reading it; what was so before that goes.
  for (const fs::directory_entry& entry : fs::directory_iterator(out, failed)) {
    const std::string old = entry.path().filename().string();
    if (old == name || old == before || !entry.is_directory() || entry.is_symlink()) continue;
    if (fs::exists(entry.path() / "certificate.pem")) fs::remove_all(entry.path(), failed);
  }
  std::cout << "Issued for " << hours << " h, in " << link.string() << ":\n"
            << "  rpc_authorities_file = \"" << (link / kAuthority).string() << "\"\n"
            << "  rpc_certificate_file = \"" << (link / "certificate.pem").string() << "\"\n"
            << "  rpc_key_file = \"" << (link / "key.pem").string() << "\"\n";
  return {};
}

}  // namespace

int Pki(const std::vector<std::string>& words) {
  CLI::App app("fairlead pki: certificates for the hub's processes on several machines");
  app.require_subcommand(1);
  std::string folder;
  std::string out;
  std::vector<std::string> services;
  int64_t hours = 24;
  CLI::App* init = app.add_subcommand("init", "make the authority, once");
  init->add_option("--dir", folder, "where to keep it")->required();
  CLI::App* issue = app.add_subcommand(
      "issue", "make a key and a certificate for one process; again before they end");
  issue
      ->add_option("services", services,
                   "identity, directory, consent, referral, messaging, audit, gateway")
      ->required();
  issue->add_option("--dir", folder, "the authority's folder")->required();
  issue->add_option("--out", out, "where OUT/current appears")->required();
  issue->add_option("--hours", hours, "how long it is valid, 1 to 168 (default 24)");
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    const bool asked = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);
    app.exit(error, std::cout, std::cerr);
    return asked ? cli::kExitOk : cli::kExitUsage;
  }
  const Result<void> done = init->parsed() ? Init(folder) : Issue(services, folder, out, hours);
  return done ? cli::kExitOk : ComplainAsPki(done.error());
}

}  // namespace fairlead::hub
