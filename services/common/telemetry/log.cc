#include "services/common/telemetry/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <mutex>
#include <shared_mutex>

#include "services/common/base/encoding.h"

namespace fairlead::telemetry {
namespace {

std::string_view LevelName(Level level) {
  constexpr std::array<std::string_view, 4> kNames = {"debug", "info", "warn", "error"};
  return kNames[static_cast<size_t>(level)];
}

// What every value looks like needs no escaping in logfmt or JSON: names, hex and digits.
struct Shown {
  std::string text;
  bool quoted = true;  // in JSON
};

struct Show {
  Shown operator()(int64_t value) const { return {std::to_string(value), false}; }
  Shown operator()(bool value) const { return {value ? "true" : "false", false}; }
  Shown operator()(std::string_view value) const { return {std::string(value)}; }
  Shown operator()(const LogId& value) const { return {value.ToString()}; }
  Shown operator()(const TraceId& value) const {
    return {HexEncode(std::string(value.begin(), value.end()))};
  }
};

class LineWriter {
 public:
  explicit LineWriter(Format format) : json_(format == Format::kJson) { line_.reserve(256); }
  void Add(std::string_view key, const Shown& value) {
    line_ += line_.empty() ? (json_ ? "{" : "") : (json_ ? "," : " ");
    if (json_) line_ += '"';
    line_ += key;
    line_ += json_ ? "\":" : "=";
    const bool quoted = json_ && value.quoted;
    if (quoted) line_ += '"';
    line_ += value.text;
    if (quoted) line_ += '"';
  }
  std::string Finish() { return json_ ? line_ + "}" : std::move(line_); }

 private:
  const bool json_;
  std::string line_;
};

class Log {
 public:
  static Log& Instance() {
    static auto* const kLog = new Log();  // never destroyed: threads may log to the last
    return *kLog;
  }

  void Configure(LogOptions options) {
    std::unique_lock lock(mutex_);
    options_ = std::move(options);
  }

  void Write(Level level, Event event, std::span<const Attribute> attributes) {
    std::shared_lock lock(mutex_);
    if (level < options_.level) return;
    LineWriter writer(options_.format);
    writer.Add("time", {FormatTime(options_.clock->NowMs())});
    writer.Add("level", {std::string(LevelName(level))});
    writer.Add("event", {std::string(LogName(event))});
    for (const Attribute& attribute : attributes) {
      writer.Add(LogName(attribute.key()), std::visit(Show(), attribute.value()));
    }
    const std::string line = writer.Finish();
    if (!options_.sink) {
      stderr_.log(spdlog::level::critical, spdlog::string_view_t(line.data(), line.size()));
      return;
    }
    std::lock_guard sink_lock(sink_mutex_);
    options_.sink(line);
  }

 private:
  Log() : stderr_("fairlead", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    stderr_.set_pattern("%v");
    stderr_.set_level(spdlog::level::trace);
  }

  std::shared_mutex mutex_;
  std::mutex sink_mutex_;
  LogOptions options_;
  spdlog::logger stderr_;
};

}  // namespace

void ConfigureLog(LogOptions options) { Log::Instance().Configure(std::move(options)); }

void WriteLog(Level level, Event event, std::span<const Attribute> attributes) {
  try {
    Log::Instance().Write(level, event, attributes);
  } catch (...) {
    // Out of memory or a sink that failed: there is nowhere left to say so.
  }
}

}  // namespace fairlead::telemetry
