#include "services/common/base/aes_gcm.h"

#include <gtest/gtest.h>

#include "services/common/base/encoding.h"
#include "services/common/base/random.h"

namespace fairlead {
namespace {

// "The Galois/Counter Mode of Operation" (McGrew, Viega), appendix B, test cases 13 and 14.
TEST(AesGcmTest, PublishedCases) {
  const std::string zero_key(kAesGcmKeyBytes, '\0');
  const std::string zero_nonce(kAesGcmNonceBytes, '\0');
  EXPECT_EQ(HexEncode(AesGcmSeal(zero_key, zero_nonce, "", "")),
            "530f8afbc74536b9a963b4f1c4cb738b");
  EXPECT_EQ(HexEncode(AesGcmSeal(zero_key, zero_nonce, "", std::string(16, '\0'))),
            "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
}

TEST(AesGcmTest, OpensWhatItSealedAndNothingElse) {
  const std::string key = SystemRandom().Bytes(kAesGcmKeyBytes);
  const std::string nonce = SystemRandom().Bytes(kAesGcmNonceBytes);
  for (const size_t size : {0U, 1U, 16U, 5000U}) {
    const std::string plain(size, 'p');
    const std::string sealed = AesGcmSeal(key, nonce, "context", plain);
    EXPECT_EQ(sealed.size(), size + kAesGcmTagBytes);
    EXPECT_EQ(AesGcmOpen(key, nonce, "context", sealed), plain);
    EXPECT_FALSE(AesGcmOpen(key, nonce, "Context", sealed));
    EXPECT_FALSE(AesGcmOpen(key, nonce, "", sealed));
    EXPECT_FALSE(AesGcmOpen(std::string(kAesGcmKeyBytes, 'k'), nonce, "context", sealed));
    EXPECT_FALSE(AesGcmOpen(key, std::string(kAesGcmNonceBytes, 'n'), "context", sealed));
    for (const size_t at : {size_t{0}, sealed.size() / 2, sealed.size() - 1}) {
      std::string altered = sealed;
      altered[at] = static_cast<char>(altered[at] ^ 1);
      EXPECT_FALSE(AesGcmOpen(key, nonce, "context", altered)) << at;
    }
    EXPECT_FALSE(AesGcmOpen(key, nonce, "context", sealed.substr(1)));
  }
  EXPECT_FALSE(AesGcmOpen(key, nonce, "", ""));
  EXPECT_FALSE(AesGcmOpen(key.substr(1), nonce, "", std::string(40, 'x')));
  EXPECT_FALSE(AesGcmOpen(key, nonce.substr(1), "", std::string(40, 'x')));
}

}  // namespace
}  // namespace fairlead
