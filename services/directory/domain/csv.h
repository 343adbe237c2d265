// Comma-separated values, strictly as RFC 4180 has them: fields in double quotes may hold commas,
// line ends and doubled quotes; a quote anywhere else is a fault. Lines end in CRLF or LF; a byte
// order mark at the start is passed over; empty lines at the end are too.
#ifndef SERVICES_DIRECTORY_DOMAIN_CSV_H_
#define SERVICES_DIRECTORY_DOMAIN_CSV_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace fairlead::directory {

struct CsvFile {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> records;  // records[0] is row 2
};

struct CsvFault {
  int row = 0;  // 1 is the header
  std::string column;
  // INVALID_CSV (quotes or a bare CR out of place), WRONG_FIELD_COUNT, MISSING_HEADER,
  // DUPLICATE_COLUMN, TOO_MANY_ROWS, TOO_MANY_COLUMNS, INVALID_UTF8, INVALID_CHARACTER (NUL).
  std::string reason;
};

inline constexpr size_t kMaxCsvColumns = 256;

// The first fault ends the reading.
tl::expected<CsvFile, CsvFault> ParseCsv(std::string_view text, size_t max_records);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_CSV_H_
