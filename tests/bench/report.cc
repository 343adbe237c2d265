#include "tests/bench/report.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace fairlead::bench {
namespace {

std::string Number(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

// JSON has no "not known" among numbers: null.
std::string NumberOrNull(const char* format, double value, bool known) {
  return known ? Number(format, value) : "null";
}

}  // namespace

double Report::CeilingAt(int in_flight) const {
  const auto found = ceilings_.find(in_flight);
  return found == ceilings_.end() ? 0 : found->second;
}

void Report::Add(const ReportRow& row) {
  if (row.bench == "durable") ceilings_[row.in_flight] = row.rate_per_s;
  const double ceiling = CeilingAt(row.in_flight);
  const bool has_ratio = row.rated && ceiling > 0;
  const double ratio = has_ratio ? row.rate_per_s / ceiling : 0;
  if (json_) {
    std::printf(
        "{\"bench\":\"%s\",\"in_flight\":%d,\"rate_per_s\":%s,\"p50_ms\":%.3f,\"p99_ms\":%.3f,"
        "\"ceiling_ratio\":%s,\"rss_mib\":%.1f}\n",
        row.bench.c_str(), row.in_flight,
        NumberOrNull("%.1f", row.rate_per_s, row.rated).c_str(), row.p50_ms, row.p99_ms,
        NumberOrNull("%.3f", ratio, has_ratio).c_str(), row.rss_mib);
  } else {
    if (!headed_) {
      std::printf("%-14s %9s %10s %9s %9s %8s %8s %8s\n", "bench", "in flight", "rate/s",
                  "p50 ms", "p99 ms", "ceiling", "RSS MiB", "CPU us");
    }
    headed_ = true;
    const std::string flight = row.in_flight == 0 ? "-" : std::to_string(row.in_flight);
    std::printf("%-14s %9s %10s %9.2f %9.2f %8s %8.0f %8s  %s\n", row.bench.c_str(), flight.c_str(),
                row.rated ? Number("%.0f", row.rate_per_s).c_str() : "-", row.p50_ms, row.p99_ms,
                has_ratio ? Number("%.2f", ratio).c_str() : "-", row.rss_mib,
                row.cpu_us > 0 ? Number("%.0f", row.cpu_us).c_str() : "-", row.note.c_str());
  }
  std::fflush(stdout);
}

namespace {

double StatusMib(int pid, std::string_view field) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string word; status >> word;) {
    int64_t kib = 0;
    if (word == field && status >> kib) return static_cast<double>(kib) / 1024.0;
  }
  return 0;
}

}  // namespace

double ResidentMib(int pid) { return StatusMib(pid, "VmRSS:"); }

double PeakResidentMib(int pid) { return StatusMib(pid, "VmHWM:"); }

double CpuMicros(int pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(stat, line);
  // After the name, which is in parentheses and may hold anything: fields 3 and up.
  std::istringstream fields(line.substr(std::min(line.size(), line.rfind(')') + 1)));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) * 1e6 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

void Progress(const std::string& words) { std::fprintf(stderr, "bench: %s\n", words.c_str()); }

}  // namespace fairlead::bench
