#include "services/common/keys/recovery.h"

#include <gtest/gtest.h>
#include <libgfshare.h>

#include "services/common/keys/testing/key_cast.h"

namespace fairlead::keys {
namespace {

AgencyKeySet TheKeys() {
  AgencyKeySet keys{.agency_id = kHarbor, .agency_key = SigningKey(), .epochs = {}};
  for (int64_t epoch = 1; epoch <= 3; ++epoch) {
    keys.epochs.push_back({.epoch = epoch, .epoch_key = SealingKey(), .signing_key = SigningKey()});
  }
  return keys;
}

std::vector<std::string> Chosen(const std::vector<std::string>& all, unsigned mask) {
  std::vector<std::string> chosen;
  for (size_t i = 0; i < all.size(); ++i) {
    if ((mask >> i & 1U) != 0) chosen.push_back(all[i]);
  }
  return chosen;
}

// Years later, on another machine: the library has been given no source of random bytes there.
TEST(RecoveryTest, CombinesWhereNothingWasSplit) {
  const AgencyKeySet keys = TheKeys();
  const auto kit = SplitKeys(keys, {.needed = 2, .shares = 3}, SystemRandom());
  ASSERT_TRUE(kit.has_value());
  gfshare_fill_rand = nullptr;
  const auto back = CombineShares(kit->file, {kit->shares[0], kit->shares[2]});
  ASSERT_TRUE(back.has_value()) << ToString(back.error());
  EXPECT_EQ(back->agency_key.d, keys.agency_key.d);
}

TEST(RecoveryTest, AnyThreeOfFiveAndNoTwo) {
  const AgencyKeySet keys = TheKeys();
  const auto kit = SplitKeys(keys, {.needed = 3, .shares = 5}, SystemRandom());
  ASSERT_TRUE(kit.has_value()) << ToString(kit.error());
  ASSERT_EQ(kit->shares.size(), 5U);
  for (unsigned mask = 0; mask < 32; ++mask) {
    const auto back = CombineShares(kit->file, Chosen(kit->shares, mask));
    if (std::popcount(mask) < 3) {
      EXPECT_EQ(ReasonOf(back), "SHARES_TOO_FEW") << mask;
      continue;
    }
    ASSERT_TRUE(back.has_value()) << mask << ToString(back.error());
    EXPECT_EQ(back->agency_id, kHarbor);
    EXPECT_EQ(back->agency_key.d, keys.agency_key.d);
    ASSERT_EQ(back->epochs.size(), 3U);
    EXPECT_EQ(back->epochs[1].epoch, 2);
    EXPECT_EQ(back->epochs[2].epoch_key.d, keys.epochs[2].epoch_key.d);
    EXPECT_EQ(back->epochs[0].signing_key.d, keys.epochs[0].signing_key.d);
  }
  const auto reversed = CombineShares(kit->file, {kit->shares[4], kit->shares[1], kit->shares[0]});
  EXPECT_TRUE(reversed.has_value());
}

TEST(RecoveryTest, FewerSharesThanNeededSayNothing) {
  // Two of three pieces under a claim that two are enough: the file does not open.
  const auto kit = SplitKeys(TheKeys(), {.needed = 3, .shares = 3}, SystemRandom());
  std::vector<std::string> claimed;
  for (const std::string& line : {kit->shares[0], kit->shares[1]}) {
    std::string changed = line.substr(0, line.size() - 8);
    changed.replace(changed.find(".3.3."), 5, ".2.3.");
    claimed.push_back(changed + HexEncode(Sha256(changed)).substr(0, 8));
  }
  EXPECT_EQ(ReasonOf(CombineShares(kit->file, claimed)), "RECOVERY_FAILED");
}

TEST(RecoveryTest, BadSharesAreNamed) {
  const auto kit = SplitKeys(TheKeys(), {.needed = 2, .shares = 3}, SystemRandom());
  const auto other = SplitKeys(TheKeys(), {.needed = 2, .shares = 3}, SystemRandom());
  const std::string& good = kit->shares[0];
  const auto with = [&](const std::string& second) {
    const auto back = CombineShares(kit->file, {good, second});
    if (!back && back.error().metadata.contains("share")) {
      EXPECT_EQ(back.error().metadata.at("share"), "2");
    }
    return ReasonOf(back);
  };
  const std::string& second = kit->shares[1];
  EXPECT_EQ(with(second), "");
  EXPECT_EQ(with(other->shares[1]), "SHARE_MIXED");
  EXPECT_EQ(with(good), "SHARE_REPEATED");
  EXPECT_EQ(with(""), "SHARE_INVALID");
  EXPECT_EQ(with("fairlead-share-1"), "SHARE_INVALID");
  EXPECT_EQ(with(second + "\n"), "SHARE_INVALID");
  for (const size_t cut : {1U, 8U, 9U, 20U, 60U}) {
    const std::string reason = with(second.substr(0, second.size() - cut));
    EXPECT_TRUE(reason == "SHARE_INVALID" || reason == "SHARE_DAMAGED") << cut << reason;
  }
  for (size_t at = 0; at < second.size(); ++at) {
    std::string changed = second;
    changed[at] = changed[at] == '1' ? '2' : '1';
    const std::string reason = with(changed);
    EXPECT_TRUE(reason == "SHARE_INVALID" || reason == "SHARE_DAMAGED") << at << reason;
  }
  // Changed on purpose, with a new checksum: the file's tag still tells.
  std::string piece = second.substr(0, second.size() - 8);
  char& symbol = piece[piece.size() - 10];
  symbol = symbol == 'A' ? 'B' : 'A';
  EXPECT_EQ(with(piece + HexEncode(Sha256(piece)).substr(0, 8)), "RECOVERY_FAILED");
}

TEST(RecoveryTest, BadFilesAndBadCounts) {
  const auto kit = SplitKeys(TheKeys(), {.needed = 2, .shares = 2}, SystemRandom());
  const auto reason = [&](std::string file) { return ReasonOf(CombineShares(file, kit->shares)); };
  EXPECT_EQ(reason(kit->file), "");
  EXPECT_EQ(reason(""), "RECOVERY_FILE_INVALID");
  EXPECT_EQ(reason(kit->file + "."), "RECOVERY_FILE_INVALID");
  EXPECT_EQ(reason(kit->file.substr(1)), "RECOVERY_FILE_INVALID");
  EXPECT_EQ(reason(std::string(kMaxRecoveryFileBytes + 1, 'a')), "RECOVERY_FILE_INVALID");
  std::string changed = kit->file;
  char& symbol = changed[changed.size() / 2];
  symbol = symbol == 'A' ? 'B' : 'A';
  EXPECT_EQ(reason(changed), "RECOVERY_FAILED");
  for (const auto& [needed, shares] : {std::pair{1, 3}, {4, 3}, {2, 21}, {0, 0}}) {
    EXPECT_EQ(ReasonOf(SplitKeys(TheKeys(), {.needed = needed, .shares = shares}, SystemRandom())),
              "INVALID_SPLIT");
  }
}

}  // namespace
}  // namespace fairlead::keys
