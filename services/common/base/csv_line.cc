#include "services/common/base/csv_line.h"

#include <charconv>

namespace fairlead {
namespace {

bool StartsFormula(std::string_view value) {
  return !value.empty() && std::string_view("=+-@\t\r\n'").find(value[0]) != std::string_view::npos;
}

bool IsNumber(std::string_view value) {
  double number = 0;
  const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
  return read.ec == std::errc() && read.ptr == value.data() + value.size();
}

}  // namespace

std::string CsvLine(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) {
    if (&cell != &cells.front()) line += ',';
    if (cell.find_first_of(",\"\r\n") == std::string::npos) {
      line += cell;
      continue;
    }
    line += '"';
    for (const char c : cell) {
      if (c == '"') line += '"';
      line += c;
    }
    line += '"';
  }
  return line + "\r\n";
}

std::string SafeCell(std::string_view value) {
  // What PlainCell would take for one that was made safe is made so once more.
  const bool unsafe = value.starts_with('\'') ? StartsFormula(value.substr(1))
                                             : StartsFormula(value) && !IsNumber(value);
  return (unsafe ? "'" : "") + std::string(value);
}

std::string PlainCell(std::string cell) {
  if (cell.starts_with('\'') && StartsFormula(std::string_view(cell).substr(1))) cell.erase(0, 1);
  return cell;
}

}  // namespace fairlead
