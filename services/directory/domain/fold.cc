#include "services/directory/domain/fold.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <set>

namespace fairlead::directory {
namespace {

icu::UnicodeString FoldUnicode(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* casefold = icu::Normalizer2::getNFKCCasefoldInstance(status);
  const icu::Normalizer2* decompose = icu::Normalizer2::getNFDInstance(status);
  const icu::UnicodeString raw = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  if (U_FAILURE(status) != 0) return raw;
  const icu::UnicodeString apart = decompose->normalize(casefold->normalize(raw, status), status);
  if (U_FAILURE(status) != 0) return raw;
  icu::UnicodeString plain;
  for (int32_t i = 0; i < apart.length(); i = apart.moveIndex32(i, 1)) {
    const UChar32 c = apart.char32At(i);
    if (u_charType(c) != U_NON_SPACING_MARK) plain.append(c);
  }
  return plain;
}

}  // namespace

std::string Fold(std::string_view text) {
  std::string folded;
  FoldUnicode(text).toUTF8String(folded);
  return folded;
}

std::vector<std::string> Tokens(std::string_view text, size_t max) {
  const icu::UnicodeString folded = FoldUnicode(text);
  std::set<std::string> tokens;
  icu::UnicodeString word;
  const auto take = [&] {
    std::string token;
    word.toUTF8String(token);
    word.remove();
    if (token.size() >= 2 && token.size() <= kMaxTokenBytes) tokens.insert(std::move(token));
  };
  for (int32_t i = 0; i < folded.length() && tokens.size() < max; i = folded.moveIndex32(i, 1)) {
    const UChar32 c = folded.char32At(i);
    if (u_isalnum(c) != 0) {
      word.append(c);
    } else {
      take();
    }
  }
  if (tokens.size() < max) take();
  return {tokens.begin(), tokens.end()};
}

std::string Shorten(std::string text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text;
}

}  // namespace fairlead::directory
