// Prometheus metrics with typed labels: enums, codes and registered names, never strings that
// came in at run time, so that a label can neither leak nor explode in number.
//
//   CounterFamily<KnownName, Code> calls(Metrics::Process(), "fairlead_calls_total",
//                                        "Calls by method and outcome.",
//                                        {Key::kMethod, Key::kCode});
//   calls.Of(FindName(method), Code::kOk).Add();
//   http.body = Metrics::Process().Exposition();  // on the admin port
//
// Naming is Prometheus's: base units (`_seconds`, `_bytes`), `_total` on counters.
// https://prometheus.io/docs/practices/naming/
#ifndef SERVICES_COMMON_TELEMETRY_METRICS_H_
#define SERVICES_COMMON_TELEMETRY_METRICS_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/telemetry/attribute.h"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace fairlead::telemetry {

// Text that stood in the source code: the constructor runs in the compiler only.
class Literal {
 public:
  consteval Literal(const char* text) : text_(text) {}  // NOLINT: implicit on purpose
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

// The content type of Metrics::Exposition.
inline constexpr std::string_view kExpositionContentType =
    "text/plain; version=0.0.4; charset=utf-8";

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  static Metrics& Process();  // the one of this process; never destroyed

  // Everything, in the text format 0.0.4. Runs the callbacks of OnScrape first. Thread-safe.
  std::string Exposition();
  // Called at each scrape, to set gauges that are read rather than counted (queue depth, resident
  // memory). At most 256. Must not block.
  void OnScrape(std::function<void()> callback);

  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

// The exposition of this process's metrics.
inline std::string MetricsText() { return Metrics::Process().Exposition(); }

// Values of one time series. They live as long as their Metrics; copy freely. Thread-safe.
class Counter {
 public:
  explicit Counter(prometheus::Counter& counter) : counter_(&counter) {}
  void Add(double by = 1);  // by ≥ 0
  double value() const;

 private:
  prometheus::Counter* counter_;
};
class Gauge {
 public:
  explicit Gauge(prometheus::Gauge& gauge) : gauge_(&gauge) {}
  void Set(double value);
  void Add(double by);
  double value() const;

 private:
  prometheus::Gauge* gauge_;
};
class Histogram {
 public:
  explicit Histogram(prometheus::Histogram& histogram) : histogram_(&histogram) {}
  void Observe(double value);  // in the unit of the metric's name

 private:
  prometheus::Histogram* histogram_;
};

// Upper bounds for times of calls, in seconds: 1 ms to 10 s.
const std::vector<double>& DurationBuckets();

namespace internal {

template <LoggableEnum E>
std::string_view LabelText(E value) {
  return LogName(value);
}
inline std::string_view LabelText(KnownName name) { return name.text(); }
inline std::string_view LabelText(Code code) { return CodeName(code); }

// One named family of series. At most 4096 series each; beyond, the last one made is shared.
class Series {
 public:
  enum class Type { kCounter, kGauge, kHistogram };
  Series(Metrics& metrics, Type type, Literal name, Literal help, std::span<const Key> keys,
         const std::vector<double>& buckets);
  ~Series();
  Counter CounterOf(std::span<const std::string_view> labels);
  Gauge GaugeOf(std::span<const std::string_view> labels);
  Histogram HistogramOf(std::span<const std::string_view> labels);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace internal

template <class... Labels>
class CounterFamily {
 public:
  using Keys = std::array<Key, sizeof...(Labels)>;
  CounterFamily(Metrics& metrics, Literal name, Literal help, Keys keys = {})
      : series_(metrics, internal::Series::Type::kCounter, name, help, keys, {}) {}
  Counter Of(Labels... labels) {
    const std::array<std::string_view, sizeof...(Labels)> texts{internal::LabelText(labels)...};
    return series_.CounterOf(texts);
  }

 private:
  internal::Series series_;
};

template <class... Labels>
class GaugeFamily {
 public:
  using Keys = std::array<Key, sizeof...(Labels)>;
  GaugeFamily(Metrics& metrics, Literal name, Literal help, Keys keys = {})
      : series_(metrics, internal::Series::Type::kGauge, name, help, keys, {}) {}
  Gauge Of(Labels... labels) {
    const std::array<std::string_view, sizeof...(Labels)> texts{internal::LabelText(labels)...};
    return series_.GaugeOf(texts);
  }

 private:
  internal::Series series_;
};

template <class... Labels>
class HistogramFamily {
 public:
  using Keys = std::array<Key, sizeof...(Labels)>;
  // `buckets` are upper bounds, ascending.
  HistogramFamily(Metrics& metrics, Literal name, Literal help, Keys keys = {},
                  const std::vector<double>& buckets = DurationBuckets())
      : series_(metrics, internal::Series::Type::kHistogram, name, help, keys, buckets) {}
  Histogram Of(Labels... labels) {
    const std::array<std::string_view, sizeof...(Labels)> texts{internal::LabelText(labels)...};
    return series_.HistogramOf(texts);
  }

 private:
  internal::Series series_;
};

}  // namespace fairlead::telemetry

#endif  // SERVICES_COMMON_TELEMETRY_METRICS_H_
