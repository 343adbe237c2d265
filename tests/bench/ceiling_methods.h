// What the two halves of the ceiling agree on.
#ifndef TESTS_BENCH_CEILING_METHODS_H_
#define TESTS_BENCH_CEILING_METHODS_H_

#include <cstddef>

namespace fairlead::bench {

inline constexpr char kEchoMethod[] = "/fairlead.bench.Ceiling/Echo";
inline constexpr char kDurableMethod[] = "/fairlead.bench.Ceiling/Durable";
inline constexpr size_t kPayloadBytes = 1024;
// About what an event of the referral service takes.
inline constexpr size_t kEnvelopeBytes = 400;

}  // namespace fairlead::bench

#endif  // TESTS_BENCH_CEILING_METHODS_H_
