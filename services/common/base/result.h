// Result<T>: a value or an Error with a code, a stable reason and metadata.
//
//   Result<Referral> Find(std::string_view id) {
//     if (!IsUuid(id)) return Fail(Code::kInvalidArgument, "INVALID_ID", "id is not a UUID");
//     ...
//   }
//
// The codes are gRPC's (https://grpc.io/docs/guides/status-codes/); the reason is what
// google.rpc.ErrorInfo carries (AIP-193): UPPER_SNAKE_CASE, stable, for machines. The message is
// for people and may change. Neither may ever hold anything about a client.
#ifndef SERVICES_COMMON_BASE_RESULT_H_
#define SERVICES_COMMON_BASE_RESULT_H_

#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace fairlead {

// Numeric values are those of gRPC on the wire.
enum class Code {
  kOk = 0,
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

// Lower snake case, as the Connect protocol spells codes: "invalid_argument".
std::string_view CodeName(Code code);
// The inverse of CodeName; kUnknown for anything else.
Code CodeFromName(std::string_view name);

struct Error {
  Code code = Code::kUnknown;
  std::string reason;                           // "RELEASE_REVOKED"
  std::string message;                          // "The release was revoked."
  std::map<std::string, std::string> metadata;  // {"field": "urgency"}

  bool operator==(const Error&) const = default;
};

template <class T>
using Result = tl::expected<T, Error>;

// Converts to any Result<T>.
inline tl::unexpected<Error> Fail(Code code, std::string reason, std::string message,
                                  std::map<std::string, std::string> metadata = {}) {
  return tl::unexpected<Error>(
      Error{code, std::move(reason), std::move(message), std::move(metadata)});
}
inline tl::unexpected<Error> Fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

// "permission_denied RELEASE_REVOKED: The release was revoked." For logs of our own and tests.
std::string ToString(const Error& error);

}  // namespace fairlead

// Returns the error of a Result expression from the enclosing function. Not for coroutines: there
// write `if (!x) co_return Fail(x.error());`.
#define FAIRLEAD_RETURN_IF_ERROR(expression)                                      \
  do {                                                                            \
    if (auto fairlead_status = (expression); !fairlead_status)                    \
      return ::fairlead::Fail(std::move(fairlead_status.error()));                \
  } while (false)

#define FAIRLEAD_CONCAT_INNER(a, b) a##b
#define FAIRLEAD_CONCAT(a, b) FAIRLEAD_CONCAT_INNER(a, b)
// FAIRLEAD_ASSIGN(auto rows, tx.Query(...)): declares `rows`, or returns the error.
#define FAIRLEAD_ASSIGN(declaration, expression)                                             \
  auto FAIRLEAD_CONCAT(fairlead_result_, __LINE__) = (expression);                           \
  if (!FAIRLEAD_CONCAT(fairlead_result_, __LINE__))                                          \
    return ::fairlead::Fail(std::move(FAIRLEAD_CONCAT(fairlead_result_, __LINE__).error())); \
  declaration = std::move(*FAIRLEAD_CONCAT(fairlead_result_, __LINE__))

#endif  // SERVICES_COMMON_BASE_RESULT_H_
