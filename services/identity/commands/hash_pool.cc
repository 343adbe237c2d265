#include "services/identity/commands/hash_pool.h"

#include <sodium.h>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>

#include <array>

#include "services/common/base/check.h"

namespace fairlead::identity {
namespace {

void Wipe(std::string& secret) { sodium_memzero(secret.data(), secret.size()); }

// What ICU cannot read (never, for valid UTF-8) stays as it is.
std::string Normalise(const std::string& passphrase) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* form = icu::Normalizer2::getNFKCInstance(status);
  if (U_FAILURE(status) != 0) return passphrase;
  std::string normal;
  icu::StringByteSink<std::string> sink(&normal);
  form->normalizeUTF8(0, passphrase, sink, nullptr, status);
  return U_FAILURE(status) != 0 ? passphrase : normal;
}

Result<std::string> HashNow(std::string passphrase) {
  std::string normal = Normalise(passphrase);
  Wipe(passphrase);
  std::array<char, crypto_pwhash_STRBYTES> text{};
  const int failed = crypto_pwhash_str_alg(text.data(), normal.data(), normal.size(), kHashPasses,
                                           kHashMemoryBytes, crypto_pwhash_ALG_ARGON2ID13);
  Wipe(normal);
  if (failed != 0) {
    return Fail(Code::kResourceExhausted, "OUT_OF_MEMORY", "No memory for a passphrase hash.");
  }
  return std::string(text.data());
}

Result<bool> VerifyNow(const std::string& hash, std::string passphrase) {
  std::string normal = Normalise(passphrase);
  Wipe(passphrase);
  const bool right = crypto_pwhash_str_verify(hash.c_str(), normal.data(), normal.size()) == 0;
  Wipe(normal);
  return right;
}

}  // namespace

HashPool::HashPool(int threads, size_t max_queued) : max_queued_(max_queued) {
  FAIRLEAD_CHECK(sodium_init() >= 0);
  threads_.reserve(static_cast<size_t>(threads));
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
}

void HashPool::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

Result<void> HashPool::Enqueue(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return Fail(Code::kUnavailable, "SHUTTING_DOWN", "The hub is stopping.");
    if (queue_.size() >= max_queued_) {
      return Fail(Code::kResourceExhausted, "SIGN_IN_BUSY",
                  "Too many sign-ins at once; try again in a few seconds.");
    }
    queue_.push_back(std::move(job));
  }
  ready_.notify_one();
  return {};
}

void HashPool::Run() {
  while (true) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    job();
  }
}

Task<Result<std::string>> HashPool::Hash(std::string passphrase) {
  Async<Result<std::string>> pending(
      [this, &passphrase](std::function<void(Result<std::string>)> done) {
        Job job = [done, secret = passphrase]() mutable { done(HashNow(std::move(secret))); };
        Wipe(passphrase);
        Result<void> queued = Enqueue(std::move(job));
        if (!queued) done(Fail(std::move(queued.error())));
      });
  co_return co_await pending;
}

Task<Result<bool>> HashPool::Verify(std::string hash, std::string passphrase) {
  Async<Result<bool>> pending([this, &hash, &passphrase](std::function<void(Result<bool>)> done) {
    Job job = [done, expected = hash, secret = passphrase]() mutable {
      done(VerifyNow(expected, std::move(secret)));
    };
    Wipe(passphrase);
    Result<void> queued = Enqueue(std::move(job));
    if (!queued) done(Fail(std::move(queued.error())));
  });
  co_return co_await pending;
}

}  // namespace fairlead::identity
