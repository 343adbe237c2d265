#include "services/directory/domain/field_history.h"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>

namespace fairlead::directory {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Mark(const std::string& code, const std::string& member = "") {
  return R"("attributes":[{"id":"a","link_type":")" + member +
         R"(","taxonomy_term":{"id":"t","code":")" + code + R"("}}])";
}
// A service for everybody.
std::string Service(const std::string& rest) {
  return R"({"id":"s","attributes":[{"id":"p","taxonomy_term":{"code":"visibility_public"}}])" +
         rest + "}";
}
KnownRecords In(const std::string& text) {
  return RecordsIn("services", boost::json::parse(text).as_object());
}
// "update service.email 1→2 @0".
std::vector<std::string> Told(const std::string& before, const std::string& after) {
  std::vector<std::string> told;
  for (const FieldChange& change : ChangesBetween(In(before), In(after))) {
    told.push_back(change.action + " " + change.resource_type + "/" + change.resource_id + "." +
                   change.field_name + " " + change.previous_value + ">" +
                   change.replacement_value + " @" +
                   std::to_string(static_cast<int>(change.tier)));
  }
  return told;
}

TEST(FieldHistoryTest, EachFieldThatChangedIsToldWithBothValues) {
  EXPECT_THAT(Told(Service(R"(,"email":"a","fees":"none","minimum_age":18,"last_modified":"1")"),
                   Service(R"(,"email":"b","url":"u","minimum_age":18,"last_modified":"2")")),
              ElementsAre("update service/s.email a>b @0", "update service/s.fees none> @0",
                          "update service/s.url >u @0"));
  EXPECT_THAT(Told(Service(R"(,"minimum_age":18)"), Service(R"(,"minimum_age":21)")),
              ElementsAre("update service/s.minimum_age 18>21 @0"));
}

TEST(FieldHistoryTest, OfARecordInsideThatComesOrGoesOnlyThat) {
  const std::string one = R"(,"phones":[{"id":"1","number":"555"}])";
  const std::string both = R"(,"phones":[{"id":"1","number":"556"},{"id":"2","number":"557"}])";
  EXPECT_THAT(Told(Service(one), Service(both)),
              ElementsAre("update phone/1.number 555>556 @0", "create phone/2. > @0"));
  EXPECT_THAT(Told(Service(both), Service("")),
              ElementsAre("delete phone/1. > @0", "delete phone/2. > @0"));
}

TEST(FieldHistoryTest, AFieldHasTheClosestTierOfWhatItStandsIn) {
  const auto coalition = [](const std::string& rest) { return R"({"id":"s")" + rest + "}"; };
  EXPECT_THAT(Told(coalition(R"(,"email":"a")"), coalition(R"(,"email":"b")")),
              ElementsAre("update service/s.email a>b @1"));
  EXPECT_THAT(Told(Service(R"(,"contacts":[{"id":"c","name":"a"}])"),
                   Service(R"(,"contacts":[{"id":"c","name":"b"}])")),
              ElementsAre("update contact/c.name a>b @1"));
  EXPECT_THAT(Told(coalition(R"(,"phones":[{"id":"1","number":"1",)" +
                             Mark("visibility_role") + "}]"),
                   coalition(R"(,"phones":[{"id":"1","number":"2",)" +
                             Mark("visibility_role") + "}]")),
              ElementsAre("update phone/1.number 1>2 @2"));
  // A member that is marked takes what is inside it along.
  EXPECT_THAT(Told(coalition(R"(,"phones":[{"id":"1","number":"1"}],)" +
                             Mark("visibility_role", "phones")),
                   coalition(R"(,"phones":[{"id":"1","number":"2"}],)" +
                             Mark("visibility_role", "phones"))),
              ElementsAre("update phone/1.number 1>2 @2"));
  // What was open before and is closer now, or the other way round, is closer.
  const std::string open = coalition(R"(,"email":"a")");
  const std::string closer = coalition(R"(,"email":"b",)" + Mark("visibility_role", "email"));
  EXPECT_THAT(Told(open, closer), ElementsAre("update service/s.email a>b @2",
                                              "create attribute/a. > @1"))
      << "what is new comes last";
  EXPECT_THAT(Told(closer, open), ElementsAre("delete attribute/a. > @1",
                                              "update service/s.email b>a @2"));
}

TEST(FieldHistoryTest, WhatBecomesSealedIsNotTold) {
  EXPECT_THAT(Told(R"({"id":"s","email":"a","attributes":[]})",
                   R"({"id":"s",)" + Mark("visibility_sealed", "email") + "}"),
              ElementsAre("create attribute/a. > @1"))
      << "not even that there was one";
}

TEST(FieldHistoryTest, WhatWasToldBeforeIsNeverOpenerThanTheField) {
  const FieldChange change{.action = "update",
                           .resource_type = "service",
                           .resource_id = "s",
                           .field_name = "email",
                           .previous_value = "a",
                           .tier = Tier::kCoalition};
  const auto now = [&](const std::string& text) { return TierNow(change, In(text)); };
  EXPECT_EQ(now(R"({"id":"s"})"), Tier::kCoalition);
  EXPECT_EQ(now(Service("")), Tier::kCoalition) << "opened since: what it was before is not";
  EXPECT_EQ(now(R"({"id":"s",)" + Mark("visibility_role", "email") + "}"), Tier::kRole);
  EXPECT_EQ(now(R"({"id":"s",)" + Mark("visibility_role", "url") + "}"), Tier::kCoalition);
  EXPECT_EQ(now(R"({"id":"s",)" + Mark("visibility_sealed", "email") + "}"), std::nullopt);
  EXPECT_EQ(now(R"({"id":"other"})"), std::nullopt) << "gone: it may have been sealed";
  FieldChange gone = change;
  gone.action = "delete";
  EXPECT_EQ(TierNow(gone, In(R"({"id":"other"})")), Tier::kCoalition) << "that may stand";
}

TEST(FieldHistoryTest, LongValuesAreCutAndNothingElsesIsLookedAt) {
  const std::vector<FieldChange> changes =
      ChangesBetween(In(Service(R"(,"description":")" + std::string(5000, 'x') + "\"")),
                     In(Service(R"(,"description":"y")")));
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].previous_value.size(), kMaxHistoryValueBytes);
  EXPECT_THAT(Told(Service(R"(,"metadata":[{"id":"m","previous_value":"1"}])"),
                   Service(R"(,"metadata":[{"id":"m","previous_value":"2"}])")),
              IsEmpty());
}

}  // namespace
}  // namespace fairlead::directory
