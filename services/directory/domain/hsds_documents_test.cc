// CSV → documents → CSV, and JSON → documents, without a loss.
#include "services/directory/domain/hsds_documents.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "services/common/base/csv_line.h"
#include "services/directory/domain/csv.h"
#include "services/directory/domain/hsds_csv.h"
#include "services/directory/domain/hsds_json.h"

namespace fairlead::directory {
namespace {

namespace json = boost::json;

using Cells = std::map<std::string, std::string>;

// Rows of a CSV text by their ids, without empty cells.
std::map<std::string, Cells> RowsOf(const std::string& text) {
  const auto csv = ParseCsv(text, kMaxImportRows);
  EXPECT_TRUE(csv.has_value());
  std::map<std::string, Cells> rows;
  if (!csv) return rows;
  for (const std::vector<std::string>& record : csv->records) {
    Cells cells;
    for (size_t i = 0; i < record.size(); ++i) {
      if (!record[i].empty()) cells[csv->header[i]] = PlainCell(record[i]);
    }
    rows[cells["id"]] = cells;
  }
  return rows;
}

// The same folder after it has been read, nested, taken apart and written.
std::map<std::string, std::string> ThereAndBack(const std::map<std::string, std::string>& folder) {
  std::vector<ImportText> texts;
  for (const auto& [name, content] : folder) texts.push_back({name, content});
  Problems problems;
  const ImportTables read = ReadHsdsCsv(texts, problems);
  EXPECT_TRUE(problems.empty());
  ImportTables apart;
  for (const Document& document : read.documents) {
    FlattenDocument(document.table, document.body, apart);
  }
  std::map<std::string, std::string> written;
  for (const CsvTable& table : MergeRows(apart)) {
    std::string& text = written[table.name + ".csv"];
    text = CsvLine(table.columns);
    for (std::vector<std::string> row : table.rows) {
      for (std::string& cell : row) cell = SafeCell(cell);
      text += CsvLine(row);
    }
  }
  return written;
}

TEST(HsdsDocumentsTest, ARowStandsInEverythingThatItNames) {
  const std::string service = "22222222-2222-4222-8222-222222222222";
  const std::string org = "11111111-1111-4111-8111-111111111111";
  const std::string contact = "33333333-3333-4333-8333-333333333333";
  const std::string phone = "44444444-4444-4444-8444-444444444444";
  const std::string elsewhere = "55555555-5555-4555-8555-555555555555";
  const std::map<std::string, std::string> folder = {
      {"organizations.csv", "id,name,description\n" + org + ",O,D\n"},
      {"services.csv", "id,organization_id,name,status,minimum_age,fees\n" + service + "," + org +
                           ",S,active,18,=1+1\n"},
      {"contacts.csv", "id,service_id,organization_id,location_id,name\n" + contact + "," +
                           service + "," + org + "," + elsewhere + ",Ann\n"},
      {"phones.csv", "id,service_id,contact_id,number\n" + phone + "," + service + "," + contact +
                         ",'+15550100\n"},
      {"units.csv", "id,name\n" + elsewhere + ",bed\n"}};
  std::vector<ImportText> texts;
  for (const auto& [name, content] : folder) texts.push_back({name, content});
  Problems problems;
  const ImportTables tables = ReadHsdsCsv(texts, problems);
  ASSERT_TRUE(problems.empty());
  std::map<std::string, std::string> documents;
  for (const Document& one : tables.documents) {
    documents[std::string(one.table)] = json::serialize(one.body);
  }
  EXPECT_EQ(documents["services"],
            "{\"id\":\"" + service + "\",\"organization_id\":\"" + org +
                "\",\"name\":\"S\",\"status\":\"active\",\"fees\":\"=1+1\",\"minimum_age\":18,"
                "\"phones\":[{\"id\":\"" + phone + "\",\"number\":\"+15550100\"}],"
                "\"contacts\":[{\"id\":\"" + contact + "\",\"location_id\":\"" + elsewhere +
                "\",\"name\":\"Ann\",\"phones\":[{\"id\":\"" + phone +
                "\",\"number\":\"+15550100\"}]}]}");
  EXPECT_EQ(documents["units"], "{\"id\":\"" + elsewhere + "\",\"name\":\"bed\"}")
      << "what hangs on nothing is kept too";
  EXPECT_EQ(documents.size(), 3U);
  const auto back = ThereAndBack(folder);
  for (const auto& [name, content] : folder) EXPECT_EQ(RowsOf(back.at(name)), RowsOf(content));
  EXPECT_NE(back.at("services.csv").find("'=1+1"), std::string::npos) << "and starts no formula";
}

TEST(HsdsDocumentsTest, TheExampleFolderComesBackAsItWas) {
  const char* given = std::getenv("FAIRLEAD_CONFORMANCE_DATA");
  const std::filesystem::path examples =
      std::filesystem::path(given != nullptr ? given : "../shared/data") / "hsds/3.1/examples/csv";
  if (!std::filesystem::exists(examples)) GTEST_SKIP() << "no " << examples;
  std::map<std::string, std::string> folder;
  for (const auto& entry : std::filesystem::directory_iterator(examples)) {
    std::stringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    if (entry.path().extension() == ".csv") folder[entry.path().filename()] = text.str();
  }
  ASSERT_GE(folder.size(), 20U);
  const auto back = ThereAndBack(folder);
  for (const auto& [name, content] : folder) {
    ASSERT_TRUE(back.contains(name)) << name;
    EXPECT_EQ(RowsOf(back.at(name)), RowsOf(content)) << name;
  }
}

TEST(HsdsDocumentsTest, ListsShowWhatIsOneValue) {
  const json::object full =
      json::parse(R"({"id":"s","name":"N","phones":[{"id":"p"}],"organization":{"id":"o",)"
                  R"("contacts":[{"id":"c"}]}})")
          .as_object();
  EXPECT_EQ(json::serialize(ListForm(full)), R"({"id":"s","name":"N","organization":{"id":"o"}})");
}

TEST(CsvLineTest, FormulasAreMadeSafeAndComeBack) {
  for (const char* value : {"=1+1", "+15550100", "-x", "@a", "'=1", "\t1", "''", "-5", "1.5",
                            "plain", "'tis", ""}) {
    EXPECT_EQ(PlainCell(SafeCell(value)), value);
  }
  EXPECT_EQ(SafeCell("=1+1"), "'=1+1");
  EXPECT_EQ(SafeCell("-5"), "-5");
  EXPECT_EQ(SafeCell("'tis"), "'tis");
}

}  // namespace
}  // namespace fairlead::directory
