// PostgreSQL's binary column formats as Values.
#ifndef SERVICES_COMMON_STORAGE_POSTGRES_DECODE_H_
#define SERVICES_COMMON_STORAGE_POSTGRES_DECODE_H_

#include <cstdint>
#include <string_view>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"

namespace fairlead::storage {

// The object ids of the built-in types (src/include/catalog/pg_type.dat) that we send.
inline constexpr unsigned kOidUnknown = 0;
inline constexpr unsigned kOidBytea = 17;
inline constexpr unsigned kOidInt8 = 20;

// Integers, booleans and whole numerics give an integer; text types, json and uuid text; bytea
// bytes; void NULL. Error: STORAGE_ERROR for other types (cast them in the SQL).
Result<Value> DecodeColumn(unsigned type_oid, std::string_view bytes);

// Big-endian, as on the wire.
void EncodeInt8(int64_t number, char (&out)[8]);

}  // namespace fairlead::storage

#endif  // SERVICES_COMMON_STORAGE_POSTGRES_DECODE_H_
