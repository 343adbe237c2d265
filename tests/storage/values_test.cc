// Values of every kind, in and out.
#include "tests/storage/engine_test.h"

namespace fairlead::storage {
namespace {

class ValuesTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    ASSERT_TRUE(Open());
  }
};
FAIRLEAD_ON_BOTH_ENGINES(ValuesTest);

TEST_P(ValuesTest, ComeBackAsTheyWent) {
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
  const std::vector<std::vector<Value>> rows = {
      {"zero", 0, "", Blob{""}},
      {"least", 0, nullptr, nullptr},
      {"greatest", INT64_MAX, "Ñandú 東京 \xF0\x9F\x8F\xA0", Blob{every_byte}},
      {"nul", 1, "'; DROP TABLE item; --", Blob{std::string("\0a\0", 3)}},
      {"long", 2, std::string(200'000, 'x'), Blob{std::string(300'000, '\0')}},
  };
  for (const std::vector<Value>& row : rows)
    ASSERT_TRUE(Run("INSERT INTO item VALUES ($1, $2, $3, $4)", row).has_value());
  for (const std::vector<Value>& row : rows) {
    const Result<std::vector<Row>> found =
        Select("SELECT number, words, bytes FROM item WHERE id = $1", {row[0]});
    ASSERT_TRUE(found.has_value() && found->size() == 1);
    const Row& back = (*found)[0];
    EXPECT_EQ(Value(back.Int(0)), row[1]);
    EXPECT_EQ(Value(back.OptionalText(1)), row[2]);
    EXPECT_EQ(back.IsNull(2) ? Value() : Value(Blob{back.Bytes(2)}), row[3]);
  }
}

TEST_P(ValuesTest, NegativeExtremes) {
  ASSERT_TRUE(
      Run("INSERT INTO counter VALUES ('least', $1), ('minus', $2)", {INT64_MIN, int64_t{-1}})
          .has_value());
  EXPECT_EQ(Number("SELECT value FROM counter WHERE id = 'least'"), INT64_MIN);
  EXPECT_EQ(Number("SELECT value FROM counter WHERE id = 'minus'"), -1);
  EXPECT_EQ(Number("SELECT sum(value) FROM counter WHERE id = 'least'"), INT64_MIN);
}

TEST_P(ValuesTest, NullsAreNull) {
  ASSERT_TRUE(Run("INSERT INTO item VALUES ('a', $1, $2, $3)",
                  {std::optional<int64_t>(5), std::optional<std::string>(), Value()})
                  .has_value());
  const Result<std::vector<Row>> rows = Select("SELECT words, bytes, number FROM item");
  ASSERT_TRUE(rows.has_value() && rows->size() == 1);
  const Row& row = (*rows)[0];
  EXPECT_TRUE(row.IsNull(0));
  EXPECT_EQ(row.Text(0), "");
  EXPECT_EQ(row.OptionalText(0), std::nullopt);
  EXPECT_EQ(row.OptionalInt(1), std::nullopt);
  EXPECT_EQ(row.OptionalInt(2), 5);
  EXPECT_FALSE(row.IsNull(2));
}

TEST_P(ValuesTest, ParametersMayRepeatAndComeInAnyOrder) {
  ASSERT_TRUE(
      Run("INSERT INTO item (words, number, id) VALUES ($3, $1, $2 || $3 || $2)", {7, "a", "b"})
          .has_value());
  const Result<std::vector<Row>> rows = Select(
      "SELECT id, number, words FROM item WHERE words = $2 AND number = $1 AND id <> $2", {7, "b"});
  ASSERT_TRUE(rows.has_value()) << ToString(rows.error());
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ((*rows)[0].Text(0), "aba");
}

TEST_P(ValuesTest, AWrongNumberOfParametersIsADefect) {
  EXPECT_EQ(Run("INSERT INTO counter VALUES ($1, $2)", {"a"}).error().reason, "STORAGE_ERROR");
  EXPECT_EQ(Run("INSERT INTO counter VALUES ($1, 1)", {"a", 2}).error().reason, "STORAGE_ERROR");
}

TEST_P(ValuesTest, TextIsUtf8WithoutNul) {
  for (const std::string& bad : {std::string("a\0b", 3), std::string("\xC0\x80"),
                                 std::string("\xED\xA0\x80"), std::string("\xFF")}) {
    const Result<int64_t> result = Run("INSERT INTO item VALUES ('x', 1, $1, NULL)", {bad});
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().reason, "INVALID_TEXT");
    EXPECT_EQ(result.error().code, Code::kInvalidArgument);
  }
  EXPECT_EQ(Number("SELECT count(*) FROM item"), 0);
}

TEST_P(ValuesTest, BooleansAreZeroAndOne) {
  ASSERT_TRUE(Run("INSERT INTO counter VALUES ('t', $1), ('f', $2)", {true, false}).has_value());
  const Result<std::vector<Row>> rows = Select("SELECT value FROM counter ORDER BY id");
  ASSERT_TRUE(rows.has_value() && rows->size() == 2);
  EXPECT_FALSE((*rows)[0].Bool(0));
  EXPECT_TRUE((*rows)[1].Bool(0));
}

// An error may be logged; a value may not.
TEST_P(ValuesTest, ErrorsNeverQuoteAValue) {
  const std::string canary = "CANARY-7f3a";
  ASSERT_TRUE(Run("INSERT INTO item VALUES ($1, 1, NULL, NULL)", {canary}).has_value());
  const std::vector<Result<int64_t>> failures = {
      Run("INSERT INTO item VALUES ($1, 1, NULL, NULL)", {canary}),
      Run("INSERT INTO part VALUES ('p', $1)", {canary + "x"}),
      Run("INSERT INTO item VALUES ($1, -1, NULL, NULL)", {canary + "y"}),
      Run("INSERT INTO item VALUES ('z', $1, NULL, NULL)", {canary}),
  };
  for (const Result<int64_t>& failure : failures) {
    ASSERT_FALSE(failure.has_value());
    EXPECT_EQ(ToString(failure.error()).find(canary), std::string::npos);
    for (const auto& [key, value] : failure.error().metadata)
      EXPECT_EQ(value.find(canary), std::string::npos);
  }
}

}  // namespace
}  // namespace fairlead::storage
