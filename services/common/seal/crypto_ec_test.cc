// The curve check that packets go through, against OpenSSL's own import of the same points.
#include <gtest/gtest.h>

#include "services/common/base/encoding.h"
#include "services/common/seal/crypto.h"

namespace fairlead::seal::internal {
namespace {

// The root of the curve's b, so that x = 0 is on the curve, and the field's prime.
constexpr char kRootOfB[] = "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4";
constexpr char kPrime[] = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";

// ECDH imports the peer's point through EVP, which checks it.
bool OpensslTakes(const KeyPair& own, const Point& point) {
  return Ecdh(own.point, own.d.view(), point).has_value();
}

TEST(CurveTest, AgreesWithOpenssl) {
  const std::optional<KeyPair> own = GenerateKeyPair();
  ASSERT_TRUE(own);
  for (int i = 0; i < 200; ++i) {
    const Point point = GenerateKeyPair()->point;
    EXPECT_TRUE(IsOnCurve(point.x, point.y));
    Point changed = point;
    std::string& coordinate = i % 2 == 0 ? changed.x : changed.y;
    char& byte = coordinate[static_cast<size_t>(i) % kCoordinateBytes];
    byte = static_cast<char>(byte ^ (1 << (i % 8)));
    EXPECT_FALSE(OpensslTakes(*own, changed));
    EXPECT_FALSE(IsOnCurve(changed.x, changed.y));
  }
}

TEST(CurveTest, TakesCoordinatesModuloNothing) {
  const std::string zero(kCoordinateBytes, '\0');
  const std::string root = *HexDecode(kRootOfB);
  const std::string prime = *HexDecode(kPrime);
  EXPECT_TRUE(IsOnCurve(zero, root));
  EXPECT_FALSE(IsOnCurve(prime, root));  // the same residue as zero
  EXPECT_FALSE(IsOnCurve(root, zero));
  EXPECT_FALSE(IsOnCurve(zero, zero));
  EXPECT_FALSE(IsOnCurve(zero, prime));
  EXPECT_FALSE(IsOnCurve(std::string(kCoordinateBytes, '\xff'), root));
}

TEST(CurveTest, TakesExactlyThirtyTwoBytes) {
  const Point point = GenerateKeyPair()->point;
  EXPECT_FALSE(IsOnCurve(point.x.substr(1), point.y));
  EXPECT_FALSE(IsOnCurve(std::string(1, '\0') + point.x, point.y));
  EXPECT_FALSE(IsOnCurve(point.x, ""));
}

}  // namespace
}  // namespace fairlead::seal::internal
