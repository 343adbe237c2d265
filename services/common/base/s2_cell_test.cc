#include "services/common/base/s2_cell.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

namespace fairlead {
namespace {

SpherePoint PointAt(double latitude, double longitude) {
  const double north = latitude * std::numbers::pi / 180;
  const double east = longitude * std::numbers::pi / 180;
  return {std::cos(north) * std::cos(east), std::cos(north) * std::sin(east), std::sin(north)};
}

// What another implementation of S2 (npm nodes2ts 4.0.2) says of these points, on all six faces:
// tokens of levels 10 and 14, and the middle of the latter.
struct KnownCell {
  double latitude;
  double longitude;
  const char* rough;
  const char* place;
  double middle_latitude;
  double middle_longitude;
};
constexpr KnownCell kKnown[] = {
    {25.7617, -80.1918, "88d9b7", "88d9b681", 25.75980183397177, -80.19029625501955},
    {30.2672, -97.7431, "8644b5", "8644b509", 30.26718825873027, -97.74438634227594},
    {21.3069, -157.8583, "7c006f", "7c006e75", 21.30961871901282, -157.85995923220193},
    {61.2181, -149.9003, "56c8bd", "56c8bd81", 61.215365100232134, -149.9016890226383},
    {0, 0, "100001", "10000001", 0.0023314423812845664, 0.0023314423832147507},
    {-33.8688, 151.2093, "6b12af", "6b12ae3f", -33.87084637041532, 151.20733002538012},
    {89.9, 10, "455557", "45555639", 89.8983010852436, 9.236142904122515},
    {-89.9, -10, "baaaa9", "baaaa9c7", -89.8983010852436, -9.236142904122515},
    {51.5074, -0.1278, "487605", "487604cf", 51.50705577452554, -0.12622760909900455},
    {35.6762, 139.6503, "6018f3", "6018f255", 35.67745850800675, 139.6477598364522},
    {40.7128, -74.006, "89c25b", "89c25a23", 40.711066126585244, -74.00357093119621},
    {13.4443, 144.7937, "671f9d", "671f9d7b", 13.44458926726337, 144.79339620996933},
    {18.4655, -66.1057, "8c036f", "8c036edd", 18.467172298899897, -66.10286010770847},
    {0.001, 179.999, "655555", "65555555", 0.0023314423812845664, 179.9976685576168},
};

TEST(S2CellTest, SaysWhatAnotherImplementationSays) {
  for (const KnownCell& known : kKnown) {
    SCOPED_TRACE(known.place);
    const uint32_t cell = S2CellOf(known.latitude, known.longitude, kS2PlaceLevel);
    EXPECT_EQ(S2Token(cell), known.place);
    EXPECT_EQ(S2Token(S2CellOf(known.latitude, known.longitude, kS2RoughLevel)), known.rough);
    EXPECT_LT(SquaredChord(S2Middle(cell), PointAt(known.middle_latitude, known.middle_longitude)),
              1e-20);
    EXPECT_EQ(S2CellOfToken(known.place, kS2PlaceLevel), cell);
  }
}

// What is known of a place by its cell is at most so much wrong: half of the way from corner to
// corner of the largest.
TEST(S2CellTest, APointIsNearTheMiddleOfItsCell) {
  std::mt19937 random(20261127);
  std::uniform_real_distribution<double> height(-1, 1);
  std::uniform_real_distribution<double> turn(-180, 180);
  for (int n = 0; n < 20'000; ++n) {
    const double latitude = std::asin(height(random)) * 180 / std::numbers::pi;
    const double longitude = turn(random);
    const SpherePoint point = PointAt(latitude, longitude);
    const uint32_t rough = S2CellOf(latitude, longitude, kS2RoughLevel);
    const uint32_t place = S2CellOf(latitude, longitude, kS2PlaceLevel);
    ASSERT_LT(SquaredChord(S2Middle(rough), point), SquaredChordOfMiles(4.8)) << S2Token(rough);
    ASSERT_LT(SquaredChord(S2Middle(place), point), SquaredChordOfMiles(0.3)) << S2Token(place);
    ASSERT_EQ(rough >> 9U, place >> 9U) << "the smaller lies in the larger";
    ASSERT_EQ(S2CellOfToken(S2Token(rough), kS2RoughLevel), rough);
  }
}

TEST(S2CellTest, WhatIsNoTokenOfThatLevelIsNone) {
  EXPECT_TRUE(S2CellOfToken("88d9b7", kS2RoughLevel));
  for (const char* token : {"", "x", "88d9b", "88d9b6", "88d9b681", "88D9B7", "88d9b70", "e8d9b7",
                            "88d9b7 ", "000000", "88d9b70000000000"}) {
    EXPECT_FALSE(S2CellOfToken(token, kS2RoughLevel)) << token;
  }
}

TEST(S2CellTest, ADegreeOfLatitudeIsSixtyNineMiles) {
  const double chord = SquaredChord(PointAt(40, -80), PointAt(41, -80));
  EXPECT_GT(chord, SquaredChordOfMiles(69.0));
  EXPECT_LT(chord, SquaredChordOfMiles(69.2));
}

}  // namespace
}  // namespace fairlead
