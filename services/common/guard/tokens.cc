#include "services/common/guard/tokens.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <cstdint>

namespace fairlead::guard {
namespace {

struct Character {
  UChar32 code = 0;
  size_t begin = 0;
  size_t end = 0;
};

// Of UTF-8 that is well-formed.
Character CharacterAt(std::string_view text, size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  int32_t code = length == 1 ? lead : lead & (0x7F >> length);
  for (size_t i = 1; i < length; ++i) {
    code = code * 64 + (static_cast<unsigned char>(text[at + i]) & 0x3F);
  }
  return {.code = code, .begin = at, .end = at + length};
}

bool IsIgnorable(UChar32 c) { return u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT); }
bool IsMarkOn(UChar32 c) { return (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0; }
bool IsLetter(UChar32 c) { return u_isalpha(c) != 0; }
bool IsDecimal(UChar32 c) { return u_charDigitValue(c) >= 0; }
bool IsApostrophe(UChar32 c) { return c == '\'' || c == 0x2019 || c == 0x02BC; }

// As the rest of the house folds (NFKC_Casefold, then without marks), one word at a time: a word
// keeps its place in the text.
class Folder {
 public:
  Folder()
      : casefold_(icu::Normalizer2::getNFKCCasefoldInstance(status_)),
        apart_(icu::Normalizer2::getNFDInstance(status_)) {}

  std::string Fold(const icu::UnicodeString& word) {
    if (U_FAILURE(status_) != 0) return {};
    UErrorCode status = U_ZERO_ERROR;
    const icu::UnicodeString folded = apart_->normalize(casefold_->normalize(word, status), status);
    if (U_FAILURE(status) != 0) return {};
    icu::UnicodeString plain;
    for (int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) {
      const UChar32 c = folded.char32At(i);
      if (!IsMarkOn(c)) plain.append(c);
    }
    std::string text;
    plain.toUTF8String(text);
    return text;
  }

 private:
  UErrorCode status_ = U_ZERO_ERROR;
  const icu::Normalizer2* casefold_;
  const icu::Normalizer2* apart_;
};

// One character as text: a mark such as U+FF20 is '@' all the same. Dashes of all kinds are '-'.
std::string MarkText(Folder& folder, UChar32 c) {
  if (u_charType(c) == U_DASH_PUNCTUATION || c == 0x2212) return "-";
  std::string text = folder.Fold(icu::UnicodeString(c));
  return text.empty() ? "?" : text;
}

class Tokeniser {
 public:
  explicit Tokeniser(std::string_view text) : text_(text) {}

  void Run() {
    for (size_t at = 0; at < text_.size();) {
      const Character next = CharacterAt(text_, at);
      Take(next);
      at = next.end;
    }
    Close();
  }
  std::vector<Token> tokens() && { return std::move(tokens_); }

 private:
  void Take(const Character& c) {
    if (IsIgnorable(c.code)) return;
    if (open_ && IsMarkOn(c.code)) return Extend(c);
    if (IsDecimal(c.code)) return TakeDigit(c);
    if (IsLetter(c.code)) return TakeLetter(c);
    // It belongs to the word if a letter follows.
    if (IsApostrophe(c.code) && open_ && now_.kind == Kind::kWord && !apostrophe_) {
      apostrophe_ = true;
      return;
    }
    Close();
    if (u_isUWhiteSpace(c.code) != 0) {
      gap_ = true;
      if (c.code == '\n') starts_ = true;
      if (stopped_) starts_ = true;
      return;
    }
    Begin(Kind::kMark, c);
    now_.text = MarkText(folder_, c.code);
    stopped_ = now_.text == "." || now_.text == "!" || now_.text == "?";
    tokens_.push_back(now_);
    open_ = false;
  }

  void TakeDigit(const Character& c) {
    if (!open_ || now_.kind != Kind::kNumber) {
      Close();
      Begin(Kind::kNumber, c);
    }
    if (now_.text.size() < kMaxWordBytes) {
      now_.text += static_cast<char>('0' + u_charDigitValue(c.code));
    }
    now_.end = c.end;
  }

  void TakeLetter(const Character& c) {
    if (!open_ || now_.kind != Kind::kWord) {
      Close();
      Begin(Kind::kWord, c);
      now_.capital = u_isUUppercase(c.code) != 0 || u_istitle(c.code) != 0;
      all_upper_ = true;
      letters_ = 0;
    }
    apostrophe_ = false;
    all_upper_ = all_upper_ && u_isUUppercase(c.code) != 0;
    ++letters_;
    Extend(c);
  }

  void Extend(const Character& c) {
    now_.end = c.end;
    if (now_.kind != Kind::kWord) return;
    if (word_.length() < static_cast<int32_t>(kMaxWordBytes)) word_.append(c.code);
  }

  void Begin(Kind kind, const Character& c) {
    // After a full stop a sentence starts only where a space and a capital or a digit say so: "no.
    // 5" and "dob. june" go on.
    const bool may_start = kind != Kind::kWord || u_isUUppercase(c.code) != 0;
    now_ = Token{.kind = kind, .begin = c.begin, .end = c.end};
    now_.gap = gap_ || tokens_.empty();
    now_.starts = tokens_.empty() || (starts_ && may_start);
    word_.remove();
    open_ = true;
    gap_ = false;
    starts_ = false;
    stopped_ = false;
  }

  void Close() {
    apostrophe_ = false;
    if (!open_) return;
    open_ = false;
    if (now_.kind == Kind::kWord) {
      now_.text = folder_.Fold(word_);
      if (now_.text.size() > kMaxWordBytes) now_.text.resize(kMaxWordBytes);
      now_.upper = all_upper_ && letters_ > 1;
    }
    tokens_.push_back(now_);
  }

  const std::string_view text_;
  Folder folder_;
  std::vector<Token> tokens_;
  Token now_;
  icu::UnicodeString word_;
  size_t letters_ = 0;
  bool open_ = false;
  bool all_upper_ = false;
  bool apostrophe_ = false;
  bool gap_ = true;
  bool starts_ = true;
  bool stopped_ = false;
};

}  // namespace

std::vector<Token> Tokenise(std::string_view text) {
  Tokeniser tokeniser(text);
  tokeniser.Run();
  return std::move(tokeniser).tokens();
}

}  // namespace fairlead::guard
