#include "gateway/cli/staged_import.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "gateway/cli/home.h"
#include "gateway/cli/methods.h"
#include "services/common/base/encoding.h"
#include "services/common/base/text_records.h"

namespace fairlead::cli {
namespace {

namespace fs = std::filesystem;
namespace v1 = directory::v1;

constexpr size_t kMaxFileBytes = 192 * 1024 * 1024;  // of all parts together, by the contract
constexpr size_t kPartBytes = 3 * 1024 * 1024;
constexpr int32_t kMaxPartCount = 256;
constexpr auto kBetweenLooks = std::chrono::milliseconds(500);
constexpr int kMostLooks = 7'200;  // an hour
constexpr int kMostTries = 120;    // another import has its turn: ten minutes
constexpr auto kBetweenTries = std::chrono::seconds(5);

// "Sending:  [####......] 40%  (12 of 30)", at most ten times.
class Bar {
 public:
  Bar(Context& context, std::string what) : context_(context), what_(std::move(what)) {}
  void Reached(int64_t percent, const std::string& count = "") {
    const int64_t tenth = percent / 10;
    if (tenth <= shown_) return;
    shown_ = tenth;
    const auto done = static_cast<size_t>(tenth);
    context_.Say(what_ + ": [" + std::string(done, '#') + std::string(10 - done, '.') + "] " +
                 std::to_string(tenth * 10) + "%" + (count.empty() ? "" : "  (" + count + ")"));
  }

 private:
  Context& context_;
  const std::string what_;
  int64_t shown_ = 0;
};

std::string NameOf(const std::string& path) { return fs::path(path).filename().string(); }

// Of the contents and of what is asked: whoever has the same folder again finds what it has put at
// the hub before; whoever has it not, finds nothing that could be read.
Result<std::string> KeyOf(const StagedImportOptions& options) {
  std::string key = Sha256("fairlead staged import 1 " + options.start.SerializeAsString());
  for (const std::string& path : options.paths) {
    FAIRLEAD_ASSIGN(const std::string content, ReadFile(path, kMaxFileBytes));
    key = Sha256(key + Sha256(NameOf(path)) + Sha256(content));
  }
  return key;
}

Result<v1::StagedImport> Start(Context& context, const StagedImportOptions& options,
                               const std::string& key) {
  v1::StartImportRequest request = options.start;
  request.set_fingerprint(Base64UrlEncode(Sha256(key)));
  request.set_request_id(context.NewId());
  auto started = context.client().Call<v1::StartImportResponse>(kStartImport, request);
  if (!started && started.error().reason == "TOO_MANY_IMPORTS" && options.replace &&
      started.error().metadata.contains("import_id")) {
    v1::CancelImportRequest cancel;
    cancel.set_request_id(context.NewId());
    cancel.set_import_id(started.error().metadata.at("import_id"));
    FAIRLEAD_RETURN_IF_ERROR(
        context.client().Call<v1::CancelImportResponse>(kCancelImport, cancel));
    request.set_request_id(context.NewId());
    started = context.client().Call<v1::StartImportResponse>(kStartImport, request);
  }
  if (!started) return Fail(started.error());
  return started->staged_import();
}

// Puts what is not there yet. How many parts there are.
Result<int32_t> PutParts(Context& context, const StagedImportOptions& options,
                         const v1::StagedImport& import, const std::string& key) {
  const std::set<int32_t> there(import.parts().begin(), import.parts().end());
  int64_t all_bytes = 0;
  for (const std::string& path : options.paths) {
    std::error_code error;
    all_bytes += static_cast<int64_t>(fs::file_size(path, error));
  }
  Bar bar(context, "Sending");
  int64_t sent_bytes = 0;
  int32_t number = 0;
  for (const std::string& path : options.paths) {
    FAIRLEAD_ASSIGN(const std::string content, ReadFile(path, kMaxFileBytes));
    FAIRLEAD_ASSIGN(std::vector<FilePart> parts, CutFile(NameOf(path), content, kPartBytes));
    for (FilePart& part : parts) {
      if (number == kMaxPartCount) return Usage("An import has at most 256 parts of 3 MiB.");
      sent_bytes += static_cast<int64_t>(part.content.size());
      v1::PutImportPartRequest put;
      put.set_import_id(import.id());
      put.set_number(number);
      put.set_first_record(part.first_record);
      put.mutable_file()->set_name(NameOf(path));
      put.mutable_file()->set_content(std::move(part.content));
      put.set_key(key);
      if (!there.contains(number++)) {
        FAIRLEAD_RETURN_IF_ERROR(
            context.client().Call<v1::PutImportPartResponse>(kPutImportPart, put));
      }
      bar.Reached(std::min<int64_t>(100, sent_bytes * 100 / std::max<int64_t>(all_bytes, 1)),
                  std::to_string(number) + " parts");
    }
  }
  return number;
}

// Until no other import is in the way.
Result<v1::StagedImport> Finish(Context& context, const v1::FinishImportRequest& request) {
  for (int tries = 1;; ++tries) {
    const auto finished =
        context.client().Call<v1::FinishImportResponse>(kFinishImport, request);
    if (finished) return finished->staged_import();
    if (finished.error().reason != "IMPORT_UNDER_WAY" || tries == kMostTries) {
      return Fail(finished.error());
    }
    if (tries == 1) context.Say("Another import is being made: waiting for it.");
    std::this_thread::sleep_for(kBetweenTries);
  }
}

bool IsUnderWay(const v1::StagedImport& import) {
  return import.state() == v1::STAGED_IMPORT_STATE_CHECKING ||
         import.state() == v1::STAGED_IMPORT_STATE_APPLYING;
}

Result<v1::StagedImport> Await(Context& context, v1::StagedImport import) {
  Bar checking(context, "Checking");
  Bar writing(context, "Writing");
  for (int look = 0; IsUnderWay(import); ++look) {
    if (look == kMostLooks) {
      return Fail(Code::kDeadlineExceeded, "IMPORT_UNDER_WAY", "The import takes very long.");
    }
    if (look > 0) std::this_thread::sleep_for(kBetweenLooks);
    v1::GetImportRequest get;
    get.set_import_id(import.id());
    FAIRLEAD_ASSIGN(const auto got,
                    context.client().Call<v1::GetImportResponse>(kGetImport, get));
    import = got.staged_import();
    Bar& bar = import.state() == v1::STAGED_IMPORT_STATE_CHECKING ? checking : writing;
    if (IsUnderWay(import)) bar.Reached(import.progress_percent());
  }
  return import;
}

// As the hub says it of an import in one request.
tl::unexpected<Error> Refused(const v1::ImportListingsResponse& result) {
  const v1::ImportProblem& first = result.problems(0);
  return Fail(Code::kInvalidArgument, "IMPORT_INVALID", "The import has faults: nothing is kept.",
              {{"file", first.file()},
               {"row", std::to_string(first.row())},
               {"column", first.column()},
               {"problem", first.reason()}});
}

tl::unexpected<Error> TooLargeRecord(const std::string& name, size_t record) {
  return Fail(Code::kInvalidArgument, "IMPORT_PART_TOO_LARGE",
              "A record of the file is too large to be sent.",
              {{"file", name}, {"row", std::to_string(record)}});
}

}  // namespace

Result<std::vector<FilePart>> CutFile(const std::string& name, std::string_view content,
                                      size_t max_bytes) {
  std::vector<FilePart> parts;
  if (content.size() <= max_bytes) {
    parts.push_back({0, std::string(content)});
    return parts;
  }
  const bool is_csv = fs::path(name).extension() == ".csv";
  const auto records = is_csv ? std::optional(CsvRecords(content)) : JsonRecords(content);
  if (!records) {
    return Fail(Code::kInvalidArgument, "IMPORT_INVALID", "The file is no JSON.",
                {{"file", name}, {"row", "0"}, {"column", ""}, {"problem", "INVALID_JSON"}});
  }
  const std::string head(is_csv && !records->empty() ? records->front() : "[");
  for (size_t i = is_csv ? 1 : 0; i < records->size(); ++i) {
    const std::string_view record = (*records)[i];
    const auto before = static_cast<int32_t>(is_csv ? i - 1 : i);
    // Of what stands between records, and of the bracket at the end.
    constexpr size_t kBetween = 2;
    if (head.size() + record.size() + kBetween > max_bytes) return TooLargeRecord(name, i + 1);
    if (parts.empty() || parts.back().content.size() + record.size() + kBetween > max_bytes) {
      parts.push_back({before, head});
    } else if (!is_csv) {
      parts.back().content += ',';
    }
    parts.back().content += record;
  }
  for (FilePart& part : parts) {
    if (!is_csv) part.content += ']';
  }
  return parts;
}

Result<v1::ImportListingsResponse> ImportInParts(Context& context,
                                                 const StagedImportOptions& options) {
  FAIRLEAD_ASSIGN(const std::string key, KeyOf(options));
  FAIRLEAD_ASSIGN(v1::StagedImport import, Start(context, options, key));
  // Broken off before, and at it still.
  FAIRLEAD_ASSIGN(import, Await(context, std::move(import)));
  if (import.state() == v1::STAGED_IMPORT_STATE_STAGED) {
    FAIRLEAD_ASSIGN(const int32_t count, PutParts(context, options, import, key));
    v1::FinishImportRequest finish;
    finish.set_request_id(context.RequestId());
    finish.set_import_id(import.id());
    finish.set_part_count(count);
    finish.set_key(key);
    finish.set_preview(options.preview);
    FAIRLEAD_ASSIGN(import, Finish(context, finish));
    FAIRLEAD_ASSIGN(import, Await(context, std::move(import)));
  }
  const bool has_result = import.state() == v1::STAGED_IMPORT_STATE_APPLIED || import.previewed();
  if (has_result) return import.result();
  if (import.state() == v1::STAGED_IMPORT_STATE_REFUSED && import.result().problems_size() > 0) {
    if (options.preview) return import.result();
    return Refused(import.result());
  }
  const std::string reason =
      import.failure_reason().empty() ? "IMPORT_INTERRUPTED" : import.failure_reason();
  return Fail(Code::kUnavailable, reason, "The hub has broken the import off: nothing is kept.");
}

}  // namespace fairlead::cli
