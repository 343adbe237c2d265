// The guard before 300 labelled messages (messages.tsv): how many of those that identify somebody
// it finds, and how many of the others it takes for such.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "services/common/guard/guard.h"

namespace fairlead::guard {
namespace {

constexpr double kMinRecall = 0.95;
constexpr double kMaxFalseAlarms = 0.10;

struct Labelled {
  bool identifies = false;
  std::string kind;
  std::string language;
  bool held = false;
  std::string text;
};

std::vector<Labelled> ReadMessages() {
  std::vector<Labelled> messages;
  std::ifstream file("tests/guard/messages.tsv");
  std::string line;
  while (std::getline(file, line)) {
    if (line.empty() || line[0] == '#') continue;
    std::vector<std::string> fields(1);
    for (const char c : line) {
      if (c == '\t') {
        fields.emplace_back();
      } else {
        fields.back() += c;
      }
    }
    EXPECT_EQ(fields.size(), 5u) << line;
    if (fields.size() != 5) continue;
    messages.push_back({.identifies = fields[0] == "yes",
                        .kind = fields[1],
                        .language = fields[2],
                        .held = fields[3] == "held",
                        .text = fields[4]});
  }
  return messages;
}

struct Score {
  int identifying = 0;
  int found = 0;
  int others = 0;
  int false_alarms = 0;
  std::string wrong;
};

template <class Wanted>
Score ScoreOf(const std::vector<Labelled>& messages, const Wanted& wanted) {
  Score score;
  for (const Labelled& message : messages) {
    if (!wanted(message)) continue;
    const auto findings = Look(message.text);
    EXPECT_TRUE(findings) << message.text;
    const bool found = findings && !findings->empty();
    ++(message.identifies ? score.identifying : score.others);
    if (found) ++(message.identifies ? score.found : score.false_alarms);
    if (found != message.identifies) score.wrong += message.kind + ": " + message.text + "\n";
  }
  return score;
}

void ExpectGood(const Score& score) {
  EXPECT_GE(score.found, kMinRecall * score.identifying) << score.wrong;
  EXPECT_LE(score.false_alarms, kMaxFalseAlarms * score.others) << score.wrong;
}

TEST(LabelledTest, TheSetIsWhatItSays) {
  const std::vector<Labelled> messages = ReadMessages();
  ASSERT_EQ(messages.size(), 300u);
  int identifying = 0;
  int held = 0;
  int spanish = 0;
  std::set<std::string> texts;
  for (const Labelled& message : messages) {
    identifying += message.identifies ? 1 : 0;
    held += message.held ? 1 : 0;
    spanish += message.language == "es" ? 1 : 0;
    texts.insert(message.text);
  }
  EXPECT_EQ(identifying, 150);
  EXPECT_EQ(held, 148);
  EXPECT_EQ(spanish, 150);
  EXPECT_EQ(texts.size(), 300u);
}

TEST(LabelledTest, OfAllMessages) {
  const Score score = ScoreOf(ReadMessages(), [](const Labelled&) { return true; });
  ASSERT_EQ(score.identifying, 150);
  ASSERT_EQ(score.others, 150);
  ExpectGood(score);
}

TEST(LabelledTest, OfThoseThatWereHeldBack) {
  const Score score = ScoreOf(ReadMessages(), [](const Labelled& each) { return each.held; });
  ASSERT_EQ(score.identifying, 74);
  ASSERT_EQ(score.others, 74);
  ExpectGood(score);
}

TEST(LabelledTest, OfEachLanguage) {
  for (const char* language : {"en", "es"}) {
    SCOPED_TRACE(language);
    const Score score =
        ScoreOf(ReadMessages(), [&](const Labelled& each) { return each.language == language; });
    ASSERT_EQ(score.identifying, 75);
    ExpectGood(score);
  }
}

}  // namespace
}  // namespace fairlead::guard
