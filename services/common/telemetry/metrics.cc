#include "services/common/telemetry/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <mutex>

#include "services/common/base/check.h"

namespace fairlead::telemetry {
namespace {

constexpr size_t kMaxCallbacks = 256;
constexpr size_t kMaxSeries = 4096;

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;
  std::mutex mutex;
  std::vector<std::function<void()>> callbacks;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

Metrics& Metrics::Process() {
  static auto* const kMetrics = new Metrics();
  return *kMetrics;
}

std::string Metrics::Exposition() {
  std::vector<std::function<void()>> callbacks;
  {
    std::lock_guard lock(impl_->mutex);
    callbacks = impl_->callbacks;
  }
  for (const auto& callback : callbacks) callback();
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

void Metrics::OnScrape(std::function<void()> callback) {
  std::lock_guard lock(impl_->mutex);
  FAIRLEAD_CHECK(impl_->callbacks.size() < kMaxCallbacks);
  impl_->callbacks.push_back(std::move(callback));
}

void Counter::Add(double by) { counter_->Increment(by); }
double Counter::value() const { return counter_->Value(); }
void Gauge::Set(double value) { gauge_->Set(value); }
void Gauge::Add(double by) { gauge_->Increment(by); }
double Gauge::value() const { return gauge_->Value(); }
void Histogram::Observe(double value) { histogram_->Observe(value); }

const std::vector<double>& DurationBuckets() {
  static const std::vector<double>* const kBuckets = new std::vector<double>{
      0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  return *kBuckets;
}

namespace internal {

// Label values are views of constants and registered names: they may be map keys.
using LabelValues = std::vector<std::string_view>;

struct Series::State {
  Type type;
  std::vector<std::string> keys;
  std::vector<double> buckets;
  prometheus::Family<prometheus::Counter>* counters = nullptr;
  prometheus::Family<prometheus::Gauge>* gauges = nullptr;
  prometheus::Family<prometheus::Histogram>* histograms = nullptr;
  std::mutex mutex;
  std::map<LabelValues, prometheus::Counter*> counter_of;
  std::map<LabelValues, prometheus::Gauge*> gauge_of;
  std::map<LabelValues, prometheus::Histogram*> histogram_of;

  template <class T, class... Args>
  T& Find(std::map<LabelValues, T*>& known, prometheus::Family<T>* family,
          std::span<const std::string_view> values, const Args&... args) {
    FAIRLEAD_CHECK(family != nullptr && values.size() == keys.size());
    const LabelValues wanted(values.begin(), values.end());
    std::lock_guard lock(mutex);
    if (const auto found = known.find(wanted); found != known.end()) return *found->second;
    if (known.size() >= kMaxSeries) return *known.rbegin()->second;
    prometheus::Labels labels;
    for (size_t i = 0; i < keys.size(); ++i) labels[keys[i]] = std::string(values[i]);
    T& made = family->Add(labels, args...);
    known[wanted] = &made;
    return made;
  }
};

Series::Series(Metrics& metrics, Type type, Literal name, Literal help, std::span<const Key> keys,
               const std::vector<double>& buckets)
    : state_(std::make_unique<State>()) {
  state_->type = type;
  state_->buckets = buckets;
  for (const Key key : keys) state_->keys.emplace_back(LogName(key));
  const std::string name_text(name.text());
  const std::string help_text(help.text());
  prometheus::Registry& registry = metrics.impl().registry;
  switch (type) {
    case Type::kCounter:
      state_->counters =
          &prometheus::BuildCounter().Name(name_text).Help(help_text).Register(registry);
      break;
    case Type::kGauge:
      state_->gauges =
          &prometheus::BuildGauge().Name(name_text).Help(help_text).Register(registry);
      break;
    case Type::kHistogram:
      state_->histograms =
          &prometheus::BuildHistogram().Name(name_text).Help(help_text).Register(registry);
      break;
  }
}

Series::~Series() = default;

Counter Series::CounterOf(std::span<const std::string_view> labels) {
  return Counter(state_->Find(state_->counter_of, state_->counters, labels));
}

Gauge Series::GaugeOf(std::span<const std::string_view> labels) {
  return Gauge(state_->Find(state_->gauge_of, state_->gauges, labels));
}

Histogram Series::HistogramOf(std::span<const std::string_view> labels) {
  return Histogram(
      state_->Find(state_->histogram_of, state_->histograms, labels, state_->buckets));
}

}  // namespace internal

}  // namespace fairlead::telemetry
