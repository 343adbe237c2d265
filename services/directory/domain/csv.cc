#include "services/directory/domain/csv.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "services/common/base/encoding.h"

namespace fairlead::directory {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool AtEnd() const { return at_ >= text_.size(); }

  // One record, or nullopt when its quoting is broken.
  std::optional<std::vector<std::string>> Next() {
    std::vector<std::string> fields;
    while (true) {
      std::string field;
      const bool good = !AtEnd() && text_[at_] == '"' ? Quoted(field) : Plain(field);
      if (!good || fields.size() > kMaxCsvColumns) return std::nullopt;
      fields.push_back(std::move(field));
      if (AtEnd()) return fields;
      if (text_[at_] == ',') {
        ++at_;
        continue;
      }
      // A line end: Quoted and Plain stop nowhere else.
      at_ += text_[at_] == '\r' ? 2 : 1;
      return fields;
    }
  }

 private:
  bool AtLineEnd() const {
    return text_[at_] == '\n' ||
           (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n');
  }

  bool Plain(std::string& field) {
    while (!AtEnd() && text_[at_] != ',' && !AtLineEnd()) {
      if (text_[at_] == '"' || text_[at_] == '\r') return false;
      field += text_[at_++];
    }
    return true;
  }

  bool Quoted(std::string& field) {
    ++at_;
    while (!AtEnd()) {
      const char c = text_[at_++];
      if (c != '"') {
        field += c;
        continue;
      }
      if (AtEnd() || text_[at_] != '"') return AtEnd() || text_[at_] == ',' || AtLineEnd();
      field += '"';
      ++at_;
    }
    return false;
  }

  std::string_view text_;
  size_t at_ = 0;
};

std::optional<CsvFault> CheckHeader(const std::vector<std::string>& header) {
  if (header.size() == 1 && header[0].empty()) return CsvFault{1, "", "MISSING_HEADER"};
  if (header.size() > kMaxCsvColumns) return CsvFault{1, "", "TOO_MANY_COLUMNS"};
  for (size_t i = 0; i < header.size(); ++i) {
    if (!IsUtf8(header[i])) return CsvFault{1, "", "INVALID_UTF8"};
    if (std::count(header.begin(), header.end(), header[i]) > 1) {
      return CsvFault{1, header[i], "DUPLICATE_COLUMN"};
    }
  }
  return std::nullopt;
}

std::optional<CsvFault> CheckRecord(const CsvFile& file, const std::vector<std::string>& record,
                                    int row) {
  if (record.size() != file.header.size()) return CsvFault{row, "", "WRONG_FIELD_COUNT"};
  for (size_t i = 0; i < record.size(); ++i) {
    if (!IsUtf8(record[i])) return CsvFault{row, file.header[i], "INVALID_UTF8"};
    if (record[i].find('\0') != std::string::npos) {
      return CsvFault{row, file.header[i], "INVALID_CHARACTER"};
    }
  }
  return std::nullopt;
}

}  // namespace

tl::expected<CsvFile, CsvFault> ParseCsv(std::string_view text, size_t max_records) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (text.ends_with("\n\n") || text.ends_with("\n\r\n")) {
    text.remove_suffix(text.ends_with("\n\r\n") ? 2 : 1);
  }
  if (text.empty()) return tl::unexpected(CsvFault{1, "", "MISSING_HEADER"});
  CsvFile file;
  Reader reader(text);
  int row = 0;
  while (!reader.AtEnd()) {
    ++row;
    std::optional<std::vector<std::string>> record = reader.Next();
    if (!record) return tl::unexpected(CsvFault{row, "", "INVALID_CSV"});
    const std::optional<CsvFault> fault =
        row == 1 ? CheckHeader(*record) : CheckRecord(file, *record, row);
    if (fault) return tl::unexpected(*fault);
    if (row == 1) {
      file.header = std::move(*record);
      continue;
    }
    if (file.records.size() == max_records) {
      return tl::unexpected(CsvFault{row, "", "TOO_MANY_ROWS"});
    }
    file.records.push_back(std::move(*record));
  }
  return file;
}

}  // namespace fairlead::directory
