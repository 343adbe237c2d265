#include "gateway/cli/ask_past_guard.h"

#include <vector>

#include "services/common/base/text.h"
#include "services/common/guard/guard.h"

namespace fairlead::cli {
namespace {

std::string InWords(guard::Reason reason) {
  switch (reason) {
    case guard::Reason::kNameAndDate:
      return "a name and a date, or a birth date";
    case guard::Reason::kName:
      return "a name";
    case guard::Reason::kPhone:
      return "a telephone number";
    case guard::Reason::kEmail:
      return "an e-mail address";
    case guard::Reason::kAddress:
      return "an address";
    case guard::Reason::kDocument:
      return "a number of papers";
    case guard::Reason::kHandle:
      return "an account";
    case guard::Reason::kPlate:
      return "a number plate";
  }
  return "";
}

}  // namespace

void AddNamesNobody(Args verb, bool* names_nobody) {
  verb.Flag("--names-nobody", names_nobody,
            "What seems to name a person was looked at, and names nobody: do not ask");
}

Result<bool> AskPastGuard(Context& context, const std::string& text, bool names_nobody) {
  FAIRLEAD_ASSIGN(const std::vector<guard::Finding> findings, guard::Look(text));
  if (findings.empty()) return false;
  std::vector<std::string> codes;
  for (const guard::Finding& finding : findings) {
    codes.emplace_back(guard::ReasonCode(finding.reason));
    context.Say("This seems to name a person: " + InWords(finding.reason) + ", \"" +
                text.substr(finding.begin, finding.end - finding.begin) + "\"");
  }
  if (names_nobody) return true;
  if (!context.terminal().in_is_terminal) {
    return Fail(Code::kInvalidArgument, "POST_SEEMS_TO_IDENTIFY",
                "The text seems to name a person, and the whole coalition reads it. Nothing was "
                "sent.",
                {{"findings", Join(SortedUnique(std::move(codes)), ',')}});
  }
  FAIRLEAD_RETURN_IF_ERROR(Confirm(
      context, false, "The whole coalition reads it, for as long as it stays. Send anyway?"));
  return true;
}

Result<PostWords> ReadPostWords(Context& context, const TextSource& source, bool titled,
                                size_t max_bytes) {
  const bool asked = source.file.empty() && !source.from_stdin;
  const std::vector<std::string> prompts =
      titled ? std::vector<std::string>{"Title", "Text"} : std::vector<std::string>{"Text"};
  FAIRLEAD_ASSIGN(std::string all,
                  ReadText(context, source, prompts, max_bytes + kMaxTitleBytes + 2));
  PostWords words{.title = {}, .text = std::move(all)};
  const std::string_view parting = asked ? "\n" : "\n\n";
  const size_t end = titled ? words.text.find(parting) : std::string::npos;
  if (end != std::string::npos && words.text.find('\n') == end) {
    words.title = words.text.substr(0, end);
    words.text.erase(0, end + parting.size());
  }
  if (words.title.size() > kMaxTitleBytes || words.text.size() > max_bytes) {
    return Usage("A title has at most " + std::to_string(kMaxTitleBytes) + " bytes, a text " +
                 std::to_string(max_bytes) + ".");
  }
  return words;
}

}  // namespace fairlead::cli
