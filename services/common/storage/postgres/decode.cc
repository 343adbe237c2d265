#include "services/common/storage/postgres/decode.h"

#include <optional>
#include <string>

#include "services/common/base/encoding.h"

namespace fairlead::storage {
namespace {

// src/include/catalog/pg_type.dat
enum TypeOid : unsigned {
  kBool = 16,
  kBytea = 17,
  kName = 19,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kText = 25,
  kOid = 26,
  kJson = 114,
  kUnknownText = 705,
  kBpchar = 1042,
  kVarchar = 1043,
  kNumeric = 1700,
  kVoid = 2278,
  kUuid = 2950,
  kJsonb = 3802,
};

// Two's complement, most significant byte first.
int64_t BigEndian(std::string_view bytes) {
  uint64_t number = !bytes.empty() && (bytes[0] & 0x80) != 0 ? ~uint64_t{0} : 0;
  for (const char c : bytes) number = number << 8 | static_cast<unsigned char>(c);
  return static_cast<int64_t>(number);
}

// src/backend/utils/adt/numeric.c, numeric_send: counts, then digits of base 10,000.
std::optional<int64_t> WholeNumeric(std::string_view bytes) {
  if (bytes.size() < 8) return std::nullopt;
  const int64_t digits = BigEndian(bytes.substr(0, 2));
  const int64_t weight = BigEndian(bytes.substr(2, 2));
  const int64_t sign = BigEndian(bytes.substr(4, 2));
  constexpr int64_t kNegative = 0x4000;
  if (sign != 0 && sign != kNegative) return std::nullopt;  // NaN, infinity
  if (digits < 0 || digits > weight + 1 || weight > 4) {
    if (digits != 0) return std::nullopt;  // a fraction, or more than 20 digits
  }
  if (bytes.size() != 8 + 2 * static_cast<size_t>(digits)) return std::nullopt;
  int64_t number = 0;  // summed below zero, where there is room for one more
  for (int64_t i = 0; digits != 0 && i <= weight; ++i) {
    const auto at = 8 + 2 * static_cast<size_t>(i);
    const int64_t digit = i < digits ? BigEndian(bytes.substr(at, 2)) : 0;
    if (__builtin_mul_overflow(number, 10'000, &number) ||
        __builtin_sub_overflow(number, digit, &number))
      return std::nullopt;
  }
  if (sign == kNegative) return number;
  if (number == INT64_MIN) return std::nullopt;
  return -number;
}

std::string UuidText(std::string_view bytes) {
  std::string text = HexEncode(bytes);
  for (const size_t at : {8u, 13u, 18u, 23u}) text.insert(at, 1, '-');
  return text;
}

}  // namespace

void EncodeInt8(int64_t number, char (&out)[8]) {
  auto bits = static_cast<uint64_t>(number);
  for (size_t i = 8; i > 0; --i, bits >>= 8) out[i - 1] = static_cast<char>(bits & 0xff);
}

Result<Value> DecodeColumn(unsigned type_oid, std::string_view bytes) {
  switch (type_oid) {
    case kBool:
      return Value(bytes == std::string_view("\1", 1));
    case kInt2:
    case kInt4:
    case kInt8:
      return Value(BigEndian(bytes));
    case kOid:
      return Value(BigEndian(std::string(1, '\0') + std::string(bytes)));
    case kNumeric:
      if (const std::optional<int64_t> whole = WholeNumeric(bytes)) return Value(*whole);
      return Fail(Code::kInternal, "STORAGE_ERROR",
                  "a numeric with a fraction or beyond 64 bits: cast it in the SQL");
    case kName:
    case kText:
    case kJson:
    case kUnknownText:
    case kBpchar:
    case kVarchar:
      return Value(bytes);
    case kJsonb:  // a version byte, then text
      return Value(bytes.substr(bytes.empty() ? 0 : 1));
    case kUuid:
      return Value(UuidText(bytes));
    case kBytea:
      return Value(Blob{std::string(bytes)});
    case kVoid:
      return Value();
    default:
      return Fail(
          Code::kInternal, "STORAGE_ERROR",
          "a column of the type with oid " + std::to_string(type_oid) + ": cast it in the SQL");
  }
}

}  // namespace fairlead::storage
