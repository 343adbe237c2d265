#include "services/directory/domain/visibility.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace fairlead::directory {
namespace {

namespace json = boost::json;

json::object Parse(const std::string& text) { return json::parse(text).as_object(); }

// A service with attributes that mark it and what is in it. `marks`: code, or code:member.
std::string Marked(const std::vector<std::string>& marks) {
  std::string list;
  for (const std::string& mark : marks) {
    const size_t colon = mark.find(':');
    list += list.empty() ? "" : ",";
    list += R"({"id":"a","taxonomy_term":{"code":")" + mark.substr(0, colon) + "\"}";
    if (colon != std::string::npos) list += R"(,"link_type":")" + mark.substr(colon + 1) + "\"";
    list += "}";
  }
  return "[" + list + "]";
}

TEST(VisibilityTest, EveryRecordHasATier) {
  const TableSpec& services = TableOf("services");
  EXPECT_EQ(TierOf(services, Parse("{}")), Tier::kCoalition);
  for (const auto& [code, tier] :
       std::map<std::string, Tier>{{"visibility_public", Tier::kPublic},
                                   {"visibility_coalition", Tier::kCoalition},
                                   {"visibility_role", Tier::kRole},
                                   {"visibility_sealed", Tier::kSealed},
                                   {"shelter_bed", Tier::kCoalition},
                                   {"visibility_public:email", Tier::kCoalition}}) {
    EXPECT_EQ(TierOf(services, Parse("{\"attributes\":" + Marked({code}) + "}")), tier) << code;
  }
  EXPECT_EQ(
      TierOf(services,
             Parse("{\"attributes\":" + Marked({"visibility_public", "visibility_role"}) + "}")),
      Tier::kRole)
      << "of two the closer one";
  EXPECT_EQ(TierOf(TableOf("phones"), Parse("{}")), Tier::kPublic);
  EXPECT_EQ(TierOf(TableOf("contacts"), Parse("{}")), Tier::kCoalition);
  EXPECT_EQ(TierOf(TableOf("metadata"), Parse("{}")), Tier::kRole);
}

TEST(VisibilityTest, EachViewerSeesItsOwnPart) {
  const json::object service =
      Parse(R"({"id":"s","name":"N","email":"e","attributes":)" +
            Marked({"visibility_public", "visibility_coalition:email"}) +
            R"(,"phones":[{"id":"p1","number":"1"},{"id":"p2","number":"2","attributes":)" +
            Marked({"visibility_role"}) + R"(}],"contacts":[{"id":"c","name":"Ann"}],)" +
            R"("metadata":[{"id":"m"}],"program":{"id":"g","attributes":)" +
            Marked({"visibility_coalition"}) + "}}");
  const auto seen = [&](Tier viewer) {
    const std::optional<json::object> one = Redact(TableOf("services"), service, viewer);
    return one ? json::serialize(*one) : "";
  };
  const std::string everybody = seen(Tier::kPublic);
  for (const char* hidden : {"\"e\"", "p2", "Ann", "metadata", "program"}) {
    EXPECT_EQ(everybody.find(hidden), std::string::npos) << hidden << " in " << everybody;
  }
  const std::string members = seen(Tier::kCoalition);
  for (const char* shown : {"\"e\"", "p1", "Ann", "program"}) {
    EXPECT_NE(members.find(shown), std::string::npos) << shown;
  }
  EXPECT_EQ(members.find("p2"), std::string::npos);
  EXPECT_EQ(members.find("\"metadata\""), std::string::npos);
  EXPECT_EQ(seen(Tier::kRole), json::serialize(service));
  EXPECT_FALSE(Redact(TableOf("services"), Parse("{\"id\":\"s\"}"), Tier::kPublic));
  for (const char* mark : {"visibility_role:name", "visibility_role:nonsense"}) {
    const json::object one = Parse("{\"id\":\"s\",\"attributes\":" + Marked({mark}) + "}");
    EXPECT_FALSE(Redact(TableOf("services"), one, Tier::kCoalition))
        << "what cannot be hidden by itself hides the whole: " << mark;
  }
}

TEST(VisibilityTest, AHiddenPlaceKeepsNothingToFindItBy) {
  const json::object at = Parse(
      R"({"id":"j","description":"front door","location":{"id":"l","location_type":"physical",)"
      R"("name":"House","addresses":[{"id":"x"}]}})");
  json::object service = Parse(R"({"id":"s","service_areas":[{"id":"a","name":"By the river"},)"
                               R"({"id":"b","name":"All of it","extent":"12086"}]})");
  service["service_at_locations"] = json::array{at};
  json::object other = service;
  HidePlaces(TableOf("services"), {"l"}, false, service);
  EXPECT_EQ(json::serialize(service["service_at_locations"]),
            R"([{"id":"j","location":{"id":"j","location_type":"physical",)"
            R"("confidential_location":true}}])");
  EXPECT_EQ(service["service_areas"].get_array().size(), 2U);
  HidePlaces(TableOf("services"), {}, true, other);
  EXPECT_EQ(other["service_at_locations"], service["service_at_locations"]);
  EXPECT_EQ(json::serialize(other["service_areas"]), R"([{"id":"b","extent":"12086"}])");
}

}  // namespace
}  // namespace fairlead::directory
