// What a run found, for people (a table) or machines (one JSON object a line).
#ifndef TESTS_BENCH_REPORT_H_
#define TESTS_BENCH_REPORT_H_

#include <map>
#include <string>

#include "tests/bench/load.h"

namespace fairlead::bench {

struct ReportRow {
  std::string bench;
  int in_flight = 0;  // 0: paced
  double rate_per_s = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double rss_mib = 0;         // of the serving process, when the run ended
  double cpu_us = 0;          // its processor time per operation; 0: not known. For people only
  std::string note = {};      // for people: the aim and whether it is met
  bool rated = true;          // false: a rate, and a ratio, mean nothing here
};

class Report {
 public:
  explicit Report(bool json) : json_(json) {}
  // Prints at once. `durable` rows become the ceiling for the rows that follow.
  void Add(const ReportRow& row);
  double CeilingAt(int in_flight) const;  // 0: not measured in this run
  // Measured anew: for the rows that follow.
  void SetCeiling(int in_flight, double rate_per_s) { ceilings_[in_flight] = rate_per_s; }

 private:
  const bool json_;
  bool headed_ = false;
  std::map<int, double> ceilings_;
};

// VmRSS of a process of ours; 0 when it is gone.
double ResidentMib(int pid);
// VmHWM: the most that it has ever had.
double PeakResidentMib(int pid);

// Processor time that it has used so far, in microseconds.
double CpuMicros(int pid);

// On standard error: what is being done.
void Progress(const std::string& words);

}  // namespace fairlead::bench

#endif  // TESTS_BENCH_REPORT_H_
