// Eligibility: its codes, its line, and what an import reads of it.
#include "services/directory/domain/eligibility.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "services/directory/domain/build_import.h"
#include "services/directory/domain/hsds_csv.h"
#include "services/directory/domain/hsds_json.h"

namespace fairlead::directory {
namespace {

using Strings = std::vector<std::string>;
using Folder = std::map<std::string, std::string>;

constexpr const char* kHarbor = "11111111-1111-4111-8111-111111111111";
constexpr const char* kBeds = "22222222-2222-4222-8222-222222222222";
constexpr const char* kHouse = "33333333-3333-4333-8333-333333333333";

std::string Id(int number) { return "44444444-4444-4444-8444-4444444444" + std::to_string(number); }

// A service with these terms ("gender/female"; "intake/response_target=30"), and more files.
Folder WithTerms(const Strings& terms, const Folder& more = {}, const std::string& ages = ",") {
  Folder folder = {
      {"organizations.csv", "id,name,description\n" + std::string(kHarbor) + ",Harbor,Helps\n"},
      {"services.csv", "id,organization_id,name,status,minimum_age,maximum_age\n" +
                           std::string(kBeds) + "," + kHarbor + ",Beds,active," + ages + "\n"},
      {"locations.csv", "id,location_type\n" + std::string(kHouse) + ",physical\n"},
      {"service_at_location.csv",
       "id,service_id,location_id\n" + Id(90) + "," + kBeds + "," + kHouse + "\n"}};
  std::string& term_rows = folder["taxonomy_terms.csv"];
  std::string& attributes = folder["attributes.csv"];
  term_rows = "id,code,name,description,taxonomy\n";
  attributes = "id,link_id,link_entity,taxonomy_term_id,value\n";
  int number = 10;
  for (const std::string& term : terms) {
    const size_t slash = term.find('/');
    const size_t equals = term.find('=');
    const std::string code = term.substr(slash + 1, equals - slash - 1);
    const std::string value = equals == std::string::npos ? "" : term.substr(equals + 1);
    term_rows += Id(number) + "," + code + ",N,D,fairlead/" + term.substr(0, slash) + "\n";
    attributes += Id(number + 40) + "," + kBeds + ",service," + Id(number) + "," + value + "\n";
    ++number;
  }
  for (const auto& [name, content] : more) folder[name] = content;
  return folder;
}

struct TermsRead {
  ImportSet set;
  Problems problems;
  // The one listing, or the first problem.
  Eligibility eligibility() const {
    return set.listings.empty() ? Eligibility() : set.listings.front().listing.eligibility;
  }
  std::string problem() const {
    if (problems.empty()) return "";
    const ImportProblem& first = problems.list().front();
    return first.file + " " + std::to_string(first.row) + " " + first.column + " " + first.reason;
  }
};

TermsRead Got(const Folder& folder) {
  std::vector<ImportText> texts;
  for (const auto& [name, content] : folder) texts.push_back({name, content});
  TermsRead outcome;
  const ImportTables tables = ReadHsdsCsv(texts, outcome.problems);
  outcome.set = BuildImport(tables, {}, outcome.problems);
  return outcome;
}

TEST(EligibilityTest, EachCodeOfAListHasABitOfItsOwn) {
  for (size_t list = 0; list < kCodeLists.size(); ++list) {
    std::set<uint16_t> bits;
    for (const EligibilityCode& code : EligibilityCodes()) {
      if (code.list != static_cast<CodeList>(list)) continue;
      EXPECT_TRUE(bits.insert(code.bit).second) << code.code;
      EXPECT_EQ(CodeOfBits(code.list, code.bit), code.code);
      EXPECT_EQ(BitOf(code.list, code.code), code.bit);
    }
    EXPECT_FALSE(bits.empty()) << kCodeLists.at(list);
  }
  EXPECT_EQ(BitOf(CodeList::kGender, "pets"), 0) << "of another list";
}

TEST(EligibilityTest, TheLineReadsBackToTheSame) {
  EXPECT_EQ(ToText(Eligibility()), "");
  EXPECT_EQ(EligibilityFromText(""), Eligibility());
  Eligibility full;
  full[CodeList::kGender] = {"female", "transgender"};
  full[CodeList::kPopulation] = {"minor"};
  full[CodeList::kExploitation] = {"labor"};
  full[CodeList::kHousehold] = {"pets"};
  full[CodeList::kAccessibility] = {"wheelchair"};
  full.states = {"06", "12"};
  full.interpreted_languages = {"vi", "zh-Hant"};
  full.any_interpreter = full.id_required = full.sobriety_required = true;
  full.takes_warm_transfers = true;
  full.cost = Cost::kSliding;
  full.response_target_min = 30;
  EXPECT_EQ(EligibilityFromText(ToText(full)), full);
  EXPECT_EQ(EligibilityFromText("of_later=1;" + ToText(full)), full) << "what it does not know";
}

TEST(EligibilityTest, StatesAreThoseThereAre) {
  EXPECT_TRUE(IsState("01"));
  EXPECT_TRUE(IsState("12"));
  EXPECT_TRUE(IsState("78"));
  for (const char* other : {"", "1", "03", "79", "1 ", "0 0", "012"}) {
    EXPECT_FALSE(IsState(other)) << other;
  }
}

TEST(EligibilityTest, AnImportReadsItFromItsPlacesInHsds) {
  const std::string service = kBeds;
  const TermsRead outcome = Got(WithTerms(
      {"gender/female", "gender/transgender", "population/minor", "exploitation/labor",
       "household/pets", "accessibility/sign_language", "demand/sobriety", "intake/warm_transfer",
       "intake/any_interpreter", "intake/response_target=45"},
      {{"cost_options.csv", "id,service_id,option,amount\n" + Id(80) + "," + service +
                                ",Visit,20\n" + Id(81) + "," + service + ",Sliding scale,\n"},
       {"required_documents.csv",
        "id,service_id,document\n" + Id(82) + "," + service + ",A photo ID\n"},
       {"accessibility.csv", "id,location_id,description\n" + Id(83) + "," + kHouse +
                                 ",Acceso para silla de ruedas\n" + Id(84) + "," + kHouse +
                                 ",We try our best\n"},
       {"languages.csv", "id,service_id,code,note\n" + Id(85) + "," + service + ",es,\n" + Id(86) +
                             "," + service + ",vi,Interpreter\n"},
       {"service_areas.csv",
        "id,service_id,extent\n" + Id(87) + "," + service + ",\"12, 13001\"\n"}}));
  ASSERT_EQ(outcome.problem(), "");
  Eligibility expected;
  expected[CodeList::kGender] = {"female", "transgender"};
  expected[CodeList::kPopulation] = {"minor"};
  expected[CodeList::kExploitation] = {"labor"};
  expected[CodeList::kHousehold] = {"pets"};
  expected[CodeList::kAccessibility] = {"sign_language", "wheelchair"};
  expected.states = {"12"};
  expected.interpreted_languages = {"vi"};
  expected.any_interpreter = expected.id_required = expected.sobriety_required = true;
  expected.takes_warm_transfers = true;
  expected.cost = Cost::kSliding;
  expected.response_target_min = 45;
  EXPECT_EQ(outcome.eligibility(), expected) << ToText(outcome.eligibility());
  const Listing& listing = outcome.set.listings.front().listing;
  EXPECT_EQ(listing.languages, (Strings{"es"}));
  EXPECT_EQ(listing.counties, (Strings{"13001"}));
  Listing without = listing;
  without.eligibility = {};
  EXPECT_NE(ContentHash(listing), ContentHash(without)) << "a change of it is a change";
}

TEST(EligibilityTest, FaultsNameTheirPlace) {
  EXPECT_EQ(Got(WithTerms({"gender/female", "gender/femal"})).problem(),
            "taxonomy_terms.csv 3 code UNKNOWN_CODE");
  EXPECT_EQ(Got(WithTerms({"sex/female"})).problem(),
            "taxonomy_terms.csv 2 taxonomy UNKNOWN_TAXONOMY");
  EXPECT_EQ(Got(WithTerms({"demand/money"})).problem(), "taxonomy_terms.csv 2 code UNKNOWN_CODE");
  for (const char* minutes : {"", "0", "-5", "10081", "9e9", "soon"}) {
    EXPECT_EQ(Got(WithTerms({std::string("intake/response_target=") + minutes})).problem(),
              "attributes.csv 2 value INVALID_VALUE")
        << minutes;
  }
  EXPECT_EQ(Got(WithTerms({}, {{"cost_options.csv", "id,service_id,option,amount\n" + Id(80) + "," +
                                                        kBeds + ",Visit,-1\n"}}))
                .problem(),
            "cost_options.csv 2 amount INVALID_VALUE");
}

TEST(EligibilityTest, WhoIsServedAndAtWhatAgeMustAgree) {
  EXPECT_EQ(Got(WithTerms({"population/minor"}, {}, "18,")).problem(),
            "services.csv 2 minimum_age CONTRADICTORY_AGES");
  EXPECT_EQ(Got(WithTerms({"population/adult_survivor"}, {}, "0,17")).problem(),
            "services.csv 2 maximum_age CONTRADICTORY_AGES");
  EXPECT_EQ(Got(WithTerms({"population/minor", "population/adult_survivor"}, {}, "18,")).problem(),
            "");
  EXPECT_EQ(Got(WithTerms({"population/minor"}, {}, "12,17")).problem(), "");
  EXPECT_EQ(Got(WithTerms({}, {}, "21,18")).problem(), "services.csv 2 maximum_age INVALID_VALUE");
}

TEST(EligibilityTest, JsonSaysTheSame) {
  const std::string text =
      R"([{"id":")" + std::string(kBeds) + R"(","name":"Beds","status":"active",)" +
      R"("organization":{"id":")" + kHarbor + R"(","name":"Harbor","description":"Helps"},)" +
      R"("languages":[{"id":")" + Id(10) + R"(","code":"vi","note":"interpreter"}],)" +
      R"("cost_options":[{"id":")" + Id(11) + R"(","option":"visit","amount":0}],)" +
      R"("required_documents":[{"id":")" + Id(12) + R"(","document":"Passport"}],)" +
      R"("attributes":[{"id":")" + Id(13) + R"(","taxonomy_term":{"id":")" + Id(14) +
      R"(","code":"pets","name":"N","description":"D","taxonomy":"fairlead/household"}}],)" +
      R"("service_at_locations":[{"id":")" + Id(15) + R"(","location":{"id":")" + kHouse +
      R"(","location_type":"physical","accessibility":[{"id":")" + Id(16) +
      R"(","description":"wheelchair"}]}}]}])";
  TermsRead outcome;
  const ImportTables tables = ReadHsdsJson({{"services.json", text}}, outcome.problems);
  outcome.set = BuildImport(tables, {}, outcome.problems);
  ASSERT_EQ(outcome.problem(), "");
  Eligibility expected;
  expected[CodeList::kHousehold] = {"pets"};
  expected[CodeList::kAccessibility] = {"wheelchair"};
  expected.interpreted_languages = {"vi"};
  expected.id_required = true;
  expected.cost = Cost::kFree;
  EXPECT_EQ(outcome.eligibility(), expected) << ToText(outcome.eligibility());
}

}  // namespace
}  // namespace fairlead::directory
