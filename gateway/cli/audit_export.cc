// audit export: the trail as NDJSON, a page at a time, into a file that only its owner reads. An
// export that breaks off leaves FILE.part and FILE.resume; the same command goes on from there,
// under the same request, and does not count as another export.
#include <fcntl.h>
#include <google/protobuf/util/json_util.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "gateway/cli/audit_view.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/verbs.h"
#include "services/common/base/encoding.h"
#include "services/common/base/text.h"

namespace fairlead::cli {
namespace {

namespace v1 = audit::v1;

constexpr size_t kMaxResumeBytes = 4096;
constexpr int kMaxExportPages = 100'000;

struct ExportOptions {
  AuditOptions filter;
  std::string output;
  bool force = false;
};

// Where an export stands: the lines of FILE.resume.
struct Progress {
  std::string request_id;
  std::string page_token;
  std::string asked_hash;  // other options are another export
  std::string filter;      // bytes in hex: "7d ago" is the same moment for all pages
  int64_t bytes = 0;       // of FILE.part that are whole pages
  int64_t records = 0;
};

tl::unexpected<Error> Unwritable(const std::string& path) {
  return Fail(Code::kInternal, "FILE_UNWRITABLE", "Cannot write all of " + path + ".");
}

Result<void> SaveProgress(const std::string& path, const Progress& progress) {
  return WriteFile(path, progress.request_id + "\n" + progress.page_token + "\n" +
                             progress.asked_hash + "\n" + progress.filter + "\n" +
                             std::to_string(progress.bytes) + "\n" +
                             std::to_string(progress.records) + "\n");
}

std::string AskedHash(Context& context, const AuditOptions& options) {
  std::string asked = context.url();
  for (const std::string* part :
       {&options.staff, &options.agency, &options.case_handle, &options.referral, &options.release,
        &options.action, &options.since, &options.until}) {
    asked += "\n" + *part;
  }
  return HexEncode(Sha256(asked + (options.refused ? "\n1" : "\n0")));
}

// What was left of an export of the same options; nullopt when there is nothing to go on from.
std::optional<Progress> LoadProgress(const std::string& resume, const std::string& part,
                                     const std::string& asked_hash) {
  const Result<std::string> text = ReadFile(resume, kMaxResumeBytes);
  if (!text) return std::nullopt;
  const std::vector<std::string> lines = Split(*text, '\n');
  if (lines.size() < 6 || lines[2] != asked_hash) return std::nullopt;
  Progress progress{lines[0], lines[1], lines[2], lines[3], 0, 0};
  progress.bytes = std::strtoll(lines[4].c_str(), nullptr, 10);
  progress.records = std::strtoll(lines[5].c_str(), nullptr, 10);
  // Pages that are gone cannot be asked for again one by one: from the start.
  struct stat status {};
  if (::stat(part.c_str(), &status) != 0 || status.st_size < progress.bytes) return std::nullopt;
  return progress;
}

// Puts `text` at `offset`, and nothing after it: a page that was half written is written over.
Result<void> WriteAt(const std::string& path, int64_t offset, std::string_view text) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return Unwritable(path);
  bool good = ::fchmod(fd, 0600) == 0 && ::ftruncate(fd, offset) == 0;
  while (good && !text.empty()) {
    const ssize_t count = ::pwrite(fd, text.data(), text.size(), offset);
    if (count < 0 && errno == EINTR) continue;
    good = count > 0;
    if (!good) break;
    text.remove_prefix(static_cast<size_t>(count));
    offset += count;
  }
  good = good && ::fsync(fd) == 0;
  good = ::close(fd) == 0 && good;
  if (!good) return Unwritable(path);
  return {};
}

Result<std::string> ToLines(const AuditRecords& records) {
  std::string lines;
  for (const auto& record : records) {
    std::string line;
    if (!google::protobuf::util::MessageToJsonString(record, &line).ok()) {
      return Fail(Code::kInternal, "UNEXPECTED_ANSWER", "A record cannot be written as JSON.");
    }
    lines += line + "\n";
  }
  return lines;
}

// All pages into `part`; `resume` says after each how far it is.
Result<void> Fetch(Context& context, v1::ExportAuditRecordsRequest request, Progress& progress,
                   const std::string& part, const std::string& resume) {
  request.set_request_id(progress.request_id);
  for (int page = 0; page < kMaxExportPages; ++page) {
    request.set_page_token(progress.page_token);
    FAIRLEAD_ASSIGN(const auto response, context.client().Call<v1::ExportAuditRecordsResponse>(
                                             kExportAuditRecords, request));
    FAIRLEAD_ASSIGN(const std::string lines, ToLines(response.records()));
    FAIRLEAD_RETURN_IF_ERROR(WriteAt(part, progress.bytes, lines));
    progress.bytes += static_cast<int64_t>(lines.size());
    progress.records += response.records_size();
    progress.page_token = response.next_page_token();
    if (progress.page_token.empty()) return {};
    FAIRLEAD_RETURN_IF_ERROR(SaveProgress(resume, progress));
    context.Say(std::to_string(progress.records) + " records …");
  }
  return Fail(Code::kInternal, "UNEXPECTED_ANSWER", "The hub's export does not end.");
}

// Where the hub no longer knows how far an export had come (it was started anew, or a day has
// passed), the export begins again: under its own request, so that it counts once, unless that
// request is a day old.
Result<void> FetchFromWhereItWas(Context& context, const v1::ExportAuditRecordsRequest& request,
                                 Progress& progress, const std::string& part,
                                 const std::string& resume) {
  constexpr int kBeginnings = 2;
  for (int beginning = 0;; ++beginning) {
    const Result<void> done = Fetch(context, request, progress, part, resume);
    if (done || beginning == kBeginnings) return done;
    const bool too_old = done.error().reason == "EXPORT_NOT_BEGUN";
    if (!too_old && done.error().reason != "INVALID_PAGE_TOKEN") return done;
    if (too_old) progress.request_id = context.NewId();
    context.Say("The hub does not know how far it had come: from the beginning.");
    progress.page_token.clear();
    progress.bytes = 0;
    progress.records = 0;
  }
}

Result<void> Export(Context& context, const ExportOptions& options) {
  if (!options.force && ::access(options.output.c_str(), F_OK) == 0) {
    return Fail(Code::kAlreadyExists, "OUTPUT_EXISTS", options.output + " exists already.",
                {{"file", options.output}});
  }
  const std::string part = options.output + ".part";
  const std::string resume = options.output + ".resume";
  const std::string asked = AskedHash(context, options.filter);
  v1::ExportAuditRecordsRequest request;
  std::optional<Progress> left = LoadProgress(resume, part, asked);
  const std::optional<std::string> old_filter = HexDecode(left ? left->filter : "");
  if (!left || !old_filter || !request.mutable_filter()->ParseFromString(*old_filter)) {
    left.reset();
    FAIRLEAD_ASSIGN(*request.mutable_filter(), ToFilter(context, options.filter));
  }
  Progress progress = left.value_or(Progress{
      context.RequestId(), "", asked, HexEncode(request.filter().SerializeAsString()), 0, 0});
  if (left) context.Say("Going on after " + std::to_string(progress.records) + " records.");
  FAIRLEAD_RETURN_IF_ERROR(FetchFromWhereItWas(context, request, progress, part, resume));
  if (::rename(part.c_str(), options.output.c_str()) != 0) return Unwritable(options.output);
  static_cast<void>(::unlink(resume.c_str()));
  if (context.json()) {
    context.out() << boost::json::serialize(boost::json::object{{"file", options.output},
                                                                {"records", progress.records}})
                  << '\n';
  } else {
    context.out() << progress.records << " records in " << Printable(options.output) << "\n";
  }
  return {};
}

}  // namespace

void AddAuditExportVerb(Args audit, Context& context) {
  auto options = std::make_shared<ExportOptions>();
  Args verb = audit.Verb("export", "The audit trail as a file, one JSON object a line");
  verb.Footer(
      "For auditors, after a step-up; three a day, each itself in the trail. An export that broke "
      "off\ngoes on where it stopped when the same command is given again.");
  AddFilterOptions(verb, &options->filter);
  verb.Option("--output", &options->output, "The file; readable by you alone", Need::kRequired);
  verb.Flag("--force", &options->force, "Replace the file");
  verb.Do([&context, options] { return Export(context, *options); });
}

}  // namespace fairlead::cli
