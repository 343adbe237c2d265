#include "services/directory/domain/csv.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace fairlead::directory {
namespace {

using Record = std::vector<std::string>;

std::string Fault(std::string_view text) {
  const auto file = ParseCsv(text, 3);
  if (file) return "";
  return std::to_string(file.error().row) + " " + file.error().column + " " + file.error().reason;
}

TEST(CsvTest, ReadsQuotesLineEndsAndEmptyFields) {
  const auto file = ParseCsv("\xEF\xBB\xBFid,name\r\n1,\"a, \"\"b\"\"\r\nc\"\r\n2,\n\n", 10);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->header, (Record{"id", "name"}));
  ASSERT_EQ(file->records.size(), 2U);
  EXPECT_EQ(file->records[0], (Record{"1", "a, \"b\"\r\nc"}));
  EXPECT_EQ(file->records[1], (Record{"2", ""}));
}

TEST(CsvTest, NamesTheRowAndColumnOfAFault) {
  EXPECT_EQ(Fault(""), "1  MISSING_HEADER");
  EXPECT_EQ(Fault("\n"), "1  MISSING_HEADER");
  EXPECT_EQ(Fault("id,id\n"), "1 id DUPLICATE_COLUMN");
  EXPECT_EQ(Fault("id,name\n1,a\n2\n"), "3  WRONG_FIELD_COUNT");
  EXPECT_EQ(Fault("id,name\n\n1,a\n"), "2  WRONG_FIELD_COUNT");
  EXPECT_EQ(Fault("id,name\n1,a\"b\n"), "2  INVALID_CSV");
  EXPECT_EQ(Fault("id,name\n1,\"a\"b\n"), "2  INVALID_CSV");
  EXPECT_EQ(Fault("id,name\n1,\"a"), "2  INVALID_CSV");
  EXPECT_EQ(Fault("id,name\n1,a\rb\n"), "2  INVALID_CSV");
  EXPECT_EQ(Fault("id,name\n1,caf\xE9\n"), "2 name INVALID_UTF8");
  EXPECT_EQ(Fault(std::string_view("id,name\n1,a\0b\n", 14)), "2 name INVALID_CHARACTER");
  EXPECT_EQ(Fault("id\n1\n2\n3\n4\n"), "5  TOO_MANY_ROWS");
  EXPECT_EQ(Fault("id\n1\n2\n3\n"), "");
}

RC_GTEST_PROP(CsvPropertyTest, WhatIsQuotedComesBack, (std::vector<std::string> fields)) {
  RC_PRE(!fields.empty() && fields.size() < 50);
  std::string header;
  std::string line;
  for (size_t i = 0; i < fields.size(); ++i) {
    for (char& c : fields[i]) {
      c = static_cast<char>(c & 0x7F);
      if (c == '\0') c = '"';
    }
    header += (i == 0 ? "c" : ",c") + std::to_string(i);
    std::string quoted;
    for (const char c : fields[i]) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    line += (i == 0 ? "\"" : ",\"") + quoted + "\"";
  }
  const auto file = ParseCsv(header + "\r\n" + line + "\r\n", 1);
  RC_ASSERT(file.has_value());
  RC_ASSERT(file->records.size() == 1U);
  RC_ASSERT(file->records[0] == fields);
}

RC_GTEST_PROP(CsvPropertyTest, AnyBytesEndInAFileOrAFault, (const std::string& bytes)) {
  const auto file = ParseCsv(bytes, 100);
  if (file) {
    for (const auto& record : file->records) RC_ASSERT(record.size() == file->header.size());
  } else {
    RC_ASSERT(!file.error().reason.empty());
  }
}

}  // namespace
}  // namespace fairlead::directory
