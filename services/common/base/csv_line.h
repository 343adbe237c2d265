// Writing comma-separated values (RFC 4180), safely for whoever opens them in a spreadsheet.
#ifndef SERVICES_COMMON_BASE_CSV_LINE_H_
#define SERVICES_COMMON_BASE_CSV_LINE_H_

#include <string>
#include <string_view>
#include <vector>

namespace fairlead {

// A line as RFC 4180 has it, with CRLF; a cell is quoted where it must be.
std::string CsvLine(const std::vector<std::string>& cells);

// A spreadsheet takes a cell that begins with = + - @, a tab or a line end for a formula: such a
// cell is written with an apostrophe before it, which PlainCell takes away again. (A cell that has
// the apostrophe already gets another.) Numbers are left as they are: "-5", "12.5".
std::string SafeCell(std::string_view value);
std::string PlainCell(std::string cell);

}  // namespace fairlead

#endif  // SERVICES_COMMON_BASE_CSV_LINE_H_
