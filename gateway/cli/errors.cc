// Errors in words: exit codes, advice, and how they are printed.
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <ostream>

#include "gateway/cli/cli.h"
#include "gateway/cli/output.h"

namespace fairlead::cli {
namespace {

// In advice "fairlead" stands for this program as it was called, with the flags that were given,
// and "FAIRLEAD" for the program alone: what another person does, or the machine of the hub.
using AdviceMap = std::map<std::string, std::string, std::less<>>;

const AdviceMap& AdviceAboutKeys() {
  static const AdviceMap kAdvice = {
      {"KEY_MISSING",
       "Fetch them with `fairlead key join` and `fairlead key sync`; an agency's first keys are "
       "made with `fairlead key init`."},
      {"KEYS_EXIST",
       "Join them: fairlead key join. To replace them by a new epoch: fairlead key rotate"},
      {"KEY_LIST_OUTDATED", "A colleague was faster. Repeat it."},
      {"DEVICE_NOT_CONFIRMED", "An administrator runs: FAIRLEAD key confirm DEVICE"},
      {"AGENCY_KEY_CHANGED",
       "Call the agency on a number you know and compare fingerprints "
       "(fairlead key show AGENCY). When they agree: fairlead key accept AGENCY"},
      {"KEY_LIST_INVALID", "Do not send. The hub lies about keys: tell whoever runs it."},
      {"KEY_LIST_ROLLBACK", "Do not send. The hub lies about keys: tell whoever runs it."},
      {"KEY_LIST_FORKED", "Do not send. The hub lies about keys: tell whoever runs it."},
      {"EPOCH_ROLLBACK", "Do not send. The hub lies about keys: tell whoever runs it."},
      {"EPOCH_KEYS_CHANGED", "Do not send. The hub lies about keys: tell whoever runs it."},
      {"AGENCY_KEY_UNCERTIFIED",
       "Do not send. Ask the coalition's office about this agency's key."},
      {"CERTIFICATE_MISSING", "Ask the coalition's office to certify this agency's key."},
      {"CERTIFICATE_EXPIRED", "Ask the coalition's office to certify this agency's key again."},
      {"ROOT_CHANGED", "Do not send. Ask the coalition's office for the fingerprint of its root."},
      {"AGENCY_ID_CHANGED",
       "Call the agency on a number you know and compare fingerprints "
       "(fairlead key show NAME). When it is the same agency: fairlead key accept NAME"},
      {"AGENCY_NAME_MISMATCH",
       "Do not send. Call the agency on a number you know. When it has a new name: "
       "fairlead key accept ID"},
      {"KEY_OF_ANOTHER_AGENCY",
       "Do not send. An agency shows another one's key as its own: tell the coalition's office."},
      {"DEVICES_UNCONFIRMED",
       "Run it on a terminal, and ask each person whether the device is theirs."},
      {"DEVICE_PERSON_CHANGED",
       "Ask the person whose device it was. When in doubt: fairlead key remove DEVICE"},
      {"DEVICE_REMOVED_HERE", "If it is to come back, it joins anew: fairlead key join"},
      {"FIRST_USE_UNCONFIRMED",
       "Call the agency on a number you know and compare the fingerprint. When it agrees: "
       "fairlead key accept AGENCY, or add --first-use"},
      {"AGENCY_HAS_NO_KEYS", "Its administrator has to run: FAIRLEAD key init"},
  };
  return kAdvice;
}

const AdviceMap& AdviceAboutReleases() {
  static const AdviceMap kAdvice = {
      {"RELEASE_HASH_MISMATCH",
       "Do not send. The hub shows an altered release: tell whoever runs it."},
      {"RELEASE_CHANGED", "Do not send. The hub shows an altered release: tell whoever runs it."},
      {"PACKET_CATEGORY_OUTSIDE_RELEASE",
       "Leave the category out of the packet, or ask the client for a release that allows it."},
      {"RELEASE_CATEGORY_MISMATCH",
       "Leave the category out of the packet, or ask the client for a release that allows it."},
      {"RELEASE_NOT_SIGNED", "Record the client's signature: fairlead release sign"},
      {"RELEASE_REVOKED",
       "The client has withdrawn: only a new release, signed by the client, allows a new "
       "hand-off. What your agency has opened it destroys: "
       "fairlead release destroy-notices --open"},
      {"RELEASE_EXPIRED", "Ask the client for a new release: fairlead release create"},
      {"RELEASE_SUPERSEDED", "Send it anew under the release that took its place."},
      {"RELEASE_ENTERED_IN_ERROR",
       "It was recorded by mistake. Record what the client did sign: fairlead release create"},
      {"RELEASE_ALTERED", "Do not send. Tell whoever runs the hub, and have a new release signed."},
      {"RELEASE_NOT_ACTIVE", "Look what became of it: fairlead release show RELEASE"},
      {"SUPERSEDES_ANOTHER_CASE", "Leave out --case: it is that of the release to be replaced."},
      {"SUCCESSOR_TAKES_EFFECT_LATER", "Leave out --effective-in."},
      {"SECOND_PERSON_NEEDED",
       "A colleague who heard it runs: FAIRLEAD release confirm RELEASE. Or the client signs: "
       "--method written"},
      {"DESTROY_NOTICE_NOT_FOUND", "List them: fairlead release destroy-notices"},
      {"DESTRUCTION_ALREADY_ACKNOWLEDGED", "See it: fairlead release destroy-notices"},
      {"RELEASE_RECIPIENT_MISMATCH",
       "Send it to an agency that the release names (fairlead release show RELEASE), or ask the "
       "client for a release to this one: fairlead release create --to AGENCY"},
      {"RELEASE_PURPOSE_MISMATCH",
       "Give a purpose that it allows (--purpose; fairlead release show RELEASE), or ask the "
       "client for another release."},
      {"RELEASE_ALREADY_USED", "It was for one time only. Ask the client for another."},
      {"RELEASE_INCOMPLETE",
       "When it has been explained, add what is missing (fairlead release sign --help)."},
      {"SIGNER_INELIGIBLE",
       "A guardian attests not to be the abuser (--not-the-abuser); a minor signs as minor_alone, "
       "or with a guardian."},
      {"OFFER_NOT_OPEN",
       "If a life is at risk, the packet alone may open again: "
       "fairlead breakglass request REFERRAL --reason CODE"},
      {"BREAK_GLASS_UNDER_WAY", "See it: fairlead breakglass list"},
      {"BREAK_GLASS_NOT_WAITING", "Look what became of it: fairlead breakglass list"},
      {"MINOR_AGE_NEEDED", "Say how old the minor is: --minor-age"},
      {"MINOR_MAY_NOT_SIGN_ALONE",
       "A guardian who is not the abuser signs too: --capacity guardian --minor-cosigned. What the "
       "law of your state allows is set by whoever runs the hub."},
      {"MINOR_COSIGNATURE_NEEDED", "Have the minor sign too: --minor-cosigned"},
      {"CUSTODY_KEY_GONE", "The packet was shredded and cannot be brought back."},
      {"RELEASE_NOT_DRAFT", "Look what became of it: fairlead release show RELEASE"},
      {"FORM_LANGUAGE_MISMATCH",
       "Give the language that the client read, add --interpreter if somebody interpreted the "
       "form, or make the release anew: fairlead release create --language"},
  };
  return kAdvice;
}

const AdviceMap& AdviceAboutHandOffs() {
  static const AdviceMap kAdvice = {
      {"DUPLICATE_SERVICE", "To send all the same: --allow-duplicate"},
      {"FORWARD_NEEDS_OWN_RELEASE",
       "Ask the client for a release of your agency's own, to the next one: fairlead release "
       "create --to AGENCY"},
      {"FORWARD_NOT_IN_HAND", "Accept it first: fairlead referral accept REFERRAL"},
      {"FORWARD_LOOP", "Ask another agency: fairlead directory match"},
      {"ALREADY_ASSIGNED",
       "Whoever is on duty can act on it all the same. To take it over, name who has it: --from"},
      {"COLLEAGUE_NOT_FOUND", "Sign-in names of colleagues: ask your agency's administrator."},
      {"CAPACITY_EXHAUSTED", "Look elsewhere, or add --overflow where a place beyond will do."},
      {"CAPACITY_NOT_ACCEPTING", "Call the agency, or look elsewhere."},
      {"CAPACITY_NOT_FOUND", "Its own agency says it first: fairlead capacity set SERVICE beds 3"},
      {"CAPACITY_OVER_MAXIMUM",
       "Say what is free beside the holds, or more in all: --maximum (fairlead capacity holds "
       "--received)"},
      {"UNKNOWN_HOLIDAY_SET", "The sets that there are: fairlead hours holidays"},
      {"HOLD_EXISTS", "See it: fairlead capacity holds"},
      {"HOLD_ENDED",
       "What became of it: fairlead capacity holds --ended (--received: on your own services)"},
      {"TOO_MANY_HOLDS", "Release what is not needed: fairlead capacity holds"},
      {"RELEASE_ONE_WAY", "Confirm or decline in codes, or ask the sender for a two-way release."},
      {"APPOINTMENT_STANDS", "To propose this in its place, add --replace."},
  };
  return kAdvice;
}

const AdviceMap& AdviceAboutMessages() {
  static const AdviceMap kAdvice = {
      {"POST_SEEMS_TO_IDENTIFY",
       "Take it out: a channel is never about a client. If it names nobody: --names-nobody"},
      {"MESSAGE_KEY_NOT_CURRENT",
       "Repeat the command: it is sealed anew, to the current keys. For keys of your own agency "
       "first: fairlead key sync"},
      {"THREAD_CHANGED",
       "Do not send. The hub shows other agencies than before: tell whoever runs it."},
      {"MESSAGE_MISMATCH", "The hub shows an altered message: tell whoever runs it."},
      {"EDIT_WINDOW_OVER", "Write another one: fairlead thread send THREAD"},
      {"TOO_MANY_UNREAD", "The agency has not read what you sent. Call it."},
      {"NOT_A_WRITER", "Coordinators write there. See: fairlead channel list"},
      {"WRONG_CHANNEL_KIND", "Bed calls and alerts: fairlead bedcall, fairlead alert"},
      {"CHANNEL_NOT_FOUND", "List them: fairlead channel list"},
      {"BED_CALL_NOT_OPEN", "Look what became of it: fairlead bedcall list --all"},
      {"NOT_ANSWERED_YES", "See who has answered: fairlead bedcall show CALL"},
  };
  return kAdvice;
}

const AdviceMap& AdviceByReason() {
  static const AdviceMap kAdvice = {
      {"SIGN_IN_REQUIRED", "Sign in: fairlead login"},
      {"SESSION_INVALID", "Sign in again: fairlead login"},
      {"SIGN_IN_FAILED",
       "Check the sign-in name, the passphrase and the code; each code counts once, so wait for "
       "the next. An account made in a browser has a passkey only, which this cannot use."},
      {"STEP_UP_REQUIRED", "Prove again that it is you: fairlead session step-up"},
      {"SIGNATURE_TIME", "Set this machine's clock to the hub's time."},
      {"MACHINE_NOT_RECOGNISED", "An administrator registers the key: FAIRLEAD machine create"},
      {"MACHINE_CLIENT_DISABLED", "An administrator lets it in anew: FAIRLEAD machine create"},
      {"INVITATION_INVALID", "Ask whoever invited you for a new link: FAIRLEAD user invite"},
      {"TOTP_CODE_INVALID", "Check the clock of the device that makes the codes, and try again."},
      {"AGENCY_HAS_STAFF", "Ask the agency's own administrator to invite."},
      {"SET_UP_CODE_INVALID",
       "The code is in the file setup-code of the hub's data folder (data/setup-code), as "
       "`FAIRLEAD up` says."},
      {"ALREADY_SET_UP", "Sign in instead: fairlead login"},
      {"PASSPHRASE_TOO_SHORT", "Use 15 characters or more; four or five random words do."},
      {"PASSPHRASE_TOO_COMMON", "Choose one that is on no list; four or five random words do."},
      {"ROLE_NOT_ALLOWED",
       "Your role does not include this. Ask a colleague or a coordinator whose role does."},
      {"HUB_UNREACHABLE", "Is it running? Start it with `FAIRLEAD up`, or name it with --url."},
      {"ANSWER_LOST",
       "Look whether it was done before you repeat it (with the same --request-id it is never done "
       "twice)."},
      {"LIST_TOO_LONG", "Narrow it, if the command has options for that."},
      {"INSECURE_URL", "Use https://. For a private network of your own: --allow-plain-http."},
      {"FILE_OPEN_TO_OTHERS", "Close it: chmod 600 FILE"},
      {"OUTPUT_EXISTS", "Choose another file, or add --force."},
      {"ETAG_MISMATCH", "Somebody changed it meanwhile. Look again, then repeat."},
      {"REQUEST_ID_REUSED", "A request id belongs to one request. Use a new one."},
      {"EXPORT_LIMIT_REACHED",
       "The next one can begin at NEXT_TIME. For one service: fairlead directory show SERVICE"},
      {"TOO_MANY_IMPORTS",
       "With import_id it is your agency's own: add --replace. Without: wait, and repeat the "
       "command."},
      {"IMPORT_UNDER_WAY", "Wait a minute, then repeat the command: nothing has been done."},
      {"IMPORT_PART_TOO_LARGE", "Take the record out, or make it smaller: row says where it is."},
      {"EXPORT_QUOTA_USED", "Narrow a query instead: fairlead audit query"},
      {"SERVER_TOO_OLD", "Update the hub."},
      {"TOO_MANY_ATTEMPTS",
       "Sign in with a fresh code or a recovery code and the right passphrase, with a passkey, or "
       "wait."},
      {"UNKNOWN_NEED_CODE", "List them: fairlead directory needs"},
      {"UNKNOWN_QUESTION_CODE", "List them: fairlead offer questions"},
      {"UNKNOWN_ANSWER_CODE", "List them: fairlead offer questions"},
      {"SPONSORS_MISSING", "Another member vouches for it: FAIRLEAD agency sponsor AGENCY"},
  };
  return kAdvice;
}

}  // namespace

std::string ShellWord(const std::string& text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+=,[]";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string CommandText(const Called& called, std::string_view words) {
  return called.program + " " + called.flags + std::string(words);
}

int ExitCode(const Error& error) {
  // What was given is wrong, whoever found it out, this program or the hub: nothing was changed.
  const bool wrong_field =
      error.code == Code::kInvalidArgument && error.metadata.contains("field");
  if (error.reason == "USAGE" || error.reason == "INSECURE_URL" || wrong_field ||
      error.reason.starts_with("SECRET_FILE_")) {
    return kExitUsage;
  }
  switch (error.code) {
    case Code::kOk:
      return kExitOk;
    case Code::kNotFound:
      return kExitNotFound;
    case Code::kUnauthenticated:
    case Code::kPermissionDenied:
      return kExitNotAllowed;
    case Code::kAborted:
    case Code::kAlreadyExists:
    case Code::kFailedPrecondition:
      return kExitConflict;
    case Code::kUnavailable:
    case Code::kDeadlineExceeded:
    case Code::kResourceExhausted:
      return kExitUnavailable;
    default:
      return kExitFailed;
  }
}

namespace {

// Of a referral that is not yet, or no longer, in the state that the step needs.
std::string AdviceOnStep(const Error& error) {
  const auto from = error.metadata.find("from");
  const auto to = error.metadata.find("to");
  if (from == error.metadata.end() || to == error.metadata.end()) return "";
  if (from->second == "open" && to->second == "completed") {
    return "Accept it, then start, then complete: fairlead referral accept REFERRAL";
  }
  if (from->second == "open" && to->second == "in_service") {
    return "Accept it first: fairlead referral accept REFERRAL";
  }
  if (from->second == "matched" && to->second == "completed") {
    return "Start it first: fairlead referral start REFERRAL";
  }
  return "Look what became of it: fairlead referral timeline REFERRAL";
}

// "Try again in 15 min." when the hub says so.
std::string WaitAdvice(const Error& error) {
  const auto found = error.metadata.find("retry_after_s");
  int64_t wait_s = 0;
  if (found != error.metadata.end()) {
    const std::string& text = found->second;
    std::from_chars(text.data(), text.data() + text.size(), wait_s);
  }
  return wait_s > 0 ? "Try again in " + SpanText(wait_s) + "." : "Try again in a moment.";
}

std::string AdviceTemplate(const Error& error) {
  const auto glass = error.metadata.find("break_glass");
  if (error.reason == "SECOND_PERSON_NEEDED" && glass != error.metadata.end()) {
    return "A colleague signs in and runs: FAIRLEAD breakglass approve " +
           ShellWord(Printable(glass->second));
  }
  const auto add = error.metadata.find("add");
  if (error.reason == "OUTPUT_EXISTS" && add != error.metadata.end()) {
    return "Choose another folder, or add " + ShellWord(Printable(add->second)) + ".";
  }
  for (const AdviceMap* advice :
       {&AdviceByReason(), &AdviceAboutReleases(), &AdviceAboutHandOffs(),
                                 &AdviceAboutKeys(), &AdviceAboutMessages()}) {
    if (const auto found = advice->find(error.reason); found != advice->end()) return found->second;
  }
  if (error.reason == "ILLEGAL_TRANSITION") return AdviceOnStep(error);
  switch (error.code) {
    case Code::kUnauthenticated:
      return "Sign in: fairlead login";
    case Code::kUnavailable:
    case Code::kResourceExhausted:
      return WaitAdvice(error);
    case Code::kDeadlineExceeded:
      return "Try again; for large requests allow more time with --timeout.";
    case Code::kInternal:
    case Code::kDataLoss:
      return "The hub failed. Its log has more under the request id.";
    default:
      return "";
  }
}

std::string Replaced(const std::string& text, std::string_view word, const std::string& by) {
  std::string replaced;
  size_t at = 0;
  for (size_t found = text.find(word); found != std::string::npos; found = text.find(word, at)) {
    replaced += text.substr(at, found - at) + by;
    at = found + word.size();
  }
  return replaced + text.substr(at);
}

// With what the error itself names in the place of its words.
std::string Filled(std::string advice, const Error& error) {
  constexpr std::pair<std::string_view, const char*> kWords[] = {{"NEXT_TIME", "next_time"},
                                                                 {"REFERRAL", "referral"}};
  for (const auto& [word, name] : kWords) {
    const auto found = error.metadata.find(name);
    if (found != error.metadata.end()) {
      advice = Replaced(advice, word, ShellWord(Printable(found->second)));
    }
  }
  return advice;
}

}  // namespace

std::string Advice(const Error& error, const Called& called) {
  if (error.reason == "USAGE") {
    const auto help = error.metadata.find("help");
    return help == error.metadata.end()
               ? ""
               : "See: " + Replaced(help->second, "fairlead ", called.program + " ");
  }
  // The other way round, a program called ./fairlead would be found in what was put in.
  const std::string own = Replaced(Filled(AdviceTemplate(error), error), "fairlead ", "\1");
  const std::string all = Replaced(own, "FAIRLEAD ", called.program + " ");
  return Replaced(all, "\1", called.program + " " + called.flags);
}

void PrintError(std::ostream& err, const Error& error, bool json, const Called& called) {
  const std::string advice = Advice(error, called);
  if (json) {
    boost::json::object metadata;
    for (const auto& [name, value] : error.metadata) metadata[name] = value;
    boost::json::object inner{{"code", std::string(CodeName(error.code))},
                              {"reason", error.reason},
                              {"message", error.message},
                              {"metadata", std::move(metadata)},
                              {"advice", advice},
                              {"exitCode", ExitCode(error)}};
    err << boost::json::serialize(boost::json::object{{"error", std::move(inner)}}) << '\n';
    return;
  }
  err << "fairlead: " << Printable(error.message) << '\n';
  if (error.reason != "USAGE") err << "  Reason:  " << Printable(error.reason) << '\n';
  for (const auto& [name, value] : error.metadata) {
    if (name == "help" || name == "request" || value.empty()) continue;
    err << "  " << Printable(name) << ": " << Printable(value) << '\n';
  }
  if (!advice.empty()) err << "  To do:   " << advice << '\n';
  const auto request = error.metadata.find("request");
  if (request != error.metadata.end()) {
    err << "  Request: " << Printable(request->second) << '\n';
  }
}

}  // namespace fairlead::cli
