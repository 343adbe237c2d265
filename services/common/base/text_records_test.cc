// Cutting a file into records and putting it together again.
#include "services/common/base/text_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <string>

#include "services/common/base/csv_line.h"

namespace fairlead {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TextRecordsTest, ALineOfCsvEndsOutsideOfQuotes) {
  EXPECT_THAT(CsvRecords("id,name\n1,\"a\nb\"\r\n2,\"say \"\"x\"\"\n\"\n\n\r\n"),
              ElementsAre("id,name\n", "1,\"a\nb\"\r\n", "2,\"say \"\"x\"\"\n\"\n"));
  EXPECT_THAT(CsvRecords("\xEF\xBB\xBFid\n1"), ElementsAre("id\n", "1"));
  EXPECT_THAT(CsvRecords("id\n\n1\n"), ElementsAre("id\n", "\n", "1\n")) << "a fault to be named";
  EXPECT_THAT(CsvRecords(""), IsEmpty());
}

RC_GTEST_PROP(TextRecordsTest, WhateverCellsHoldTheirLinesAreFound, ()) {
  const auto rows = *rc::gen::container<std::vector<std::vector<std::string>>>(
      rc::gen::container<std::vector<std::string>>(
          3, rc::gen::container<std::string>(rc::gen::element('a', '"', ',', '\n', '\r', ' '))));
  std::string text;
  std::vector<std::string> lines;
  for (const auto& row : rows) {
    lines.push_back(CsvLine(row));
    text += lines.back();
  }
  const auto found = CsvRecords(text);
  RC_ASSERT(std::vector<std::string>(found.begin(), found.end()) == lines);
}

std::string Json(std::string_view text) {
  const auto records = JsonRecords(text);
  if (!records) return "none";
  std::string all;
  for (const std::string_view record : *records) all += "<" + std::string(record) + ">";
  return all;
}

TEST(TextRecordsTest, AnArrayHasItsElementsAndAPageItsContents) {
  EXPECT_EQ(Json(R"( [ {"a":"]}\"["} , 2,[3,[4]] ] )"), R"(<{"a":"]}\"["}><2><[3,[4]]>)");
  EXPECT_EQ(Json(R"({"total":2,"x":{"contents":[0]},"contents":[{"a":1}, {"b":2}]})"),
            R"(<{"a":1}><{"b":2}>)");
  EXPECT_EQ(Json(R"({"id":"contents","list":["contents"]})"),
            R"(<{"id":"contents","list":["contents"]}>)");
  EXPECT_EQ(Json("[]"), "");
  EXPECT_EQ(Json("{}"), "<{}>");
  for (const char* broken : {"", " ", "[", "[1", "[1,", "{\"a\":1", "[\"a]", "[1] x", "[1 2]"}) {
    EXPECT_EQ(Json(broken), "none") << broken;
  }
}

RC_GTEST_PROP(TextRecordsTest, ElementsPutTogetherAreTheArray, ()) {
  const auto words = *rc::gen::container<std::vector<std::string>>(rc::gen::container<std::string>(
      rc::gen::element('a', '"', '\\', '[', ']', '{', '}', ',', ':', ' ')));
  boost::json::array array;
  for (const std::string& word : words) {
    array.push_back(boost::json::object{{word, boost::json::array{word, 1, nullptr}}});
  }
  const std::string text = boost::json::serialize(array);
  const auto records = JsonRecords(text);
  RC_ASSERT(records.has_value());
  std::string joined = "[";
  for (const std::string_view record : *records) {
    joined += (joined.size() > 1 ? "," : "") + std::string(record);
  }
  RC_ASSERT(boost::json::parse(joined + "]") == boost::json::value(array));
}

}  // namespace
}  // namespace fairlead
