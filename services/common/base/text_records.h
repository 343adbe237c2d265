// Where the records of a file begin and end, without understanding them: to cut a file into parts,
// and to find a record in a part again. What is no proper CSV (RFC 4180) or JSON (RFC 8259) is cut
// somewhere; whoever reads the parts finds it.
#ifndef SERVICES_COMMON_BASE_TEXT_RECORDS_H_
#define SERVICES_COMMON_BASE_TEXT_RECORDS_H_

#include <optional>
#include <string_view>
#include <vector>

namespace fairlead {

// The lines of a CSV text, each with its line end; the first is the header. A line end inside
// double quotes ends no line. Empty lines at the end are left out, and a byte order mark before.
std::vector<std::string_view> CsvRecords(std::string_view text);

// The elements of a JSON array, or of the array `contents` of an object (a page of an API); any
// other value is its only record. nullopt: brackets or quotes are left open, or nothing is there.
std::optional<std::vector<std::string_view>> JsonRecords(std::string_view text);

}  // namespace fairlead

#endif  // SERVICES_COMMON_BASE_TEXT_RECORDS_H_
