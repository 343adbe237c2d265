// What a store makes of the answer to a statement.
#ifndef SERVICES_COMMON_STORAGE_ANSWERS_H_
#define SERVICES_COMMON_STORAGE_ANSWERS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"

namespace fairlead::storage {

// Of a statement whose count of rows says nothing.
inline Result<void> Done(Result<int64_t> changed) {
  if (!changed) return Fail(std::move(changed.error()));
  return {};
}

// The first row by `convert`, or nullopt where there is none.
template <class T, class Convert>
Result<std::optional<T>> First(Result<std::vector<Row>> rows, Convert convert) {
  if (!rows) return Fail(std::move(rows.error()));
  if (rows->empty()) return std::optional<T>();
  return std::optional<T>(convert(rows->front()));
}

inline Blob AsBlob(std::string_view bytes) { return Blob{std::string(bytes)}; }

}  // namespace fairlead::storage

#endif  // SERVICES_COMMON_STORAGE_ANSWERS_H_
