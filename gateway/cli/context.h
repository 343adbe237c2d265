// What every verb works with: the streams, the hub, the home folder and the global options.
#ifndef GATEWAY_CLI_CONTEXT_H_
#define GATEWAY_CLI_CONTEXT_H_

#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "gateway/cli/cli.h"
#include "gateway/cli/client.h"
#include "gateway/cli/home.h"
#include "gateway/cli/output.h"
#include "services/common/base/ids.h"
#include "services/common/base/result.h"

namespace fairlead::cli {

// Options that every verb takes.
struct Globals {
  std::string url;      // --url, FAIRLEAD_URL, the profile's, http://localhost:7420
  std::string profile;  // --profile, FAIRLEAD_PROFILE, "default"
  std::string ca_file;
  std::string machine;  // file of a machine client's key
  std::string request_id;
  int64_t timeout_s = 10;
  bool json = false;
  bool profile_flag = false;  // set by Prepare: --profile was given
  bool allow_plain_http = false;
};

// A name that is pinned to one agency and that the hub gives to another.
tl::unexpected<Error> AgencyIdChanged(const std::string& name, const std::string& known_id,
                                      const std::string& offered_id);
// A name that the hub gives to an agency which is known here, or by the root, as another.
tl::unexpected<Error> AgencyNameMismatch(const std::string& name, const std::string& known_name,
                                         const std::string& agency_id);
// An id that was written in capitals, in lower case as ids are; any other text as it is.
std::string AsId(const std::string& text);
// The name by which a person means an agency; empty: they gave its id, or @last.
std::string NameTyped(const std::string& id_or_name);

class Context {
 public:
  Context(Terminal terminal, std::map<std::string, std::string> environment, Options options);

  // How to prove again who sits there, when a call needs it and standard input is a terminal.
  std::function<Result<void>()> on_step_up = {};

  // Once, after parsing and before the verb: settles address, profile and session.
  Result<void> Prepare();

  Globals& globals() { return globals_; }
  const Terminal& terminal() const { return terminal_; }
  const Options& options() const { return options_; }
  bool json() const { return globals_.json; }
  std::ostream& out() { return terminal_.out; }
  std::ostream& err() { return terminal_.err; }
  Home& home() { return *home_; }
  Client& client() { return *client_; }
  const std::string& url() const { return client_->options().url; }
  // Whether a flag, the environment or the profile names the hub; else it is the default.
  bool HubIsNamed() const { return hub_is_named_; }
  // Goes to this hub from now on, as if --url had named it. Errors: those of CheckUrl.
  Result<void> GoTo(const std::string& url);
  const SavedSession& session() const { return session_; }
  void set_session(SavedSession session);
  std::string Variable(const std::string& name) const;
  int64_t NowMs() const { return SystemClock().NowMs(); }
  std::string NewId() { return ids_.New(); }
  // For a mutation: --request-id, else a new one.
  std::string RequestId() { return globals_.request_id.empty() ? NewId() : globals_.request_id; }
  bool has_request_id() const { return !globals_.request_id.empty(); }

  // What was to be made was not, even when the arguments were wrong: see Home::ForgetLast.
  void ForgetLast(const std::string& kind);
  // "@last" becomes the id used last; anything else stays. Error: USAGE.
  Result<std::string> Id(const std::string& kind, const std::string& text) const;
  // The agency with this id, or with exactly this name. Names stand for ids by what is pinned here
  // first: a hub that could rename agencies could choose whom a packet is sealed to. Errors:
  // NOT_FOUND AGENCY_NOT_FOUND, FAILED_PRECONDITION AGENCY_ID_CHANGED (the hub gives a pinned name
  // to another id), AGENCY_NAME_MISMATCH (the hub gives the name to an id pinned under another).
  Result<std::string> AgencyId(const std::string& id_or_name);
  // The same by the hub's word, and no pin of that name is asked: for looking, and for a person who
  // accepts.
  Result<std::string> AgencyIdAtHub(const std::string& id_or_name);
  // The caller's own agency. Error: UNAUTHENTICATED SIGN_IN_REQUIRED.
  Result<std::string> OwnAgencyId() const;
  // To show: the agency's name as a person or the root has confirmed it here, else as the hub names
  // it; its id when there is none, or when the hub's is the name of another agency. Remembers.
  std::string AgencyName(const std::string& id);
  // By the hub's word alone; the id when there is none.
  std::string AgencyNameAtHub(const std::string& id);

  // One JSON document, or what `human` prints.
  void Emit(const google::protobuf::Message& message, const std::function<void()>& human);
  // Words on standard error, made Printable; nothing with --json.
  void Say(const std::string& words);
  // How this program was called, with the flags that say whose and where: --url, --profile, ….
  Called called() const;
  // "./fairlead --profile harbor key sync", to be copied.
  std::string Command(std::string_view words) const { return CommandText(called(), words); }
  // The same for another person, who has neither this profile nor these flags.
  std::string CommandOfAnother(std::string_view words) const {
    return CommandText({.program = options_.program}, words);
  }
  // "Next: fairlead release sign …"
  void Next(const std::string& command);
  // "Next: fairlead user accept    (on that person's machine)"
  void NextForAnother(const std::string& command, const std::string& whose);
  void Print(const Table& table) { table.Print(terminal_.out, terminal_.out_is_terminal); }

 private:
  void Wait(int64_t wait_s);
  // The ids of the agencies that the hub lists under exactly this name. `near`, when given, gets
  // the names that may have been meant instead.
  Result<std::vector<std::string>> ListedIds(const std::string& name,
                                             std::vector<std::string>* near = nullptr);

  Terminal terminal_;
  std::map<std::string, std::string> environment_;
  Options options_;
  Globals globals_;
  IdGenerator ids_;
  std::unique_ptr<Home> home_;
  std::unique_ptr<Client> client_;
  SavedSession session_;
  bool hub_is_named_ = false;
  std::map<std::string, std::string> agency_names_;
};

// Where secrets come from: a file, a line of standard input, or a prompt without echo.
struct SecretSource {
  std::string file;
  bool from_stdin = false;
};
// Error: USAGE when there is neither a source nor a terminal.
Result<std::string> ReadSecretFrom(Context& context, const SecretSource& source,
                                   const std::string& what, const std::string& flag);
// A line from standard input; nullopt at its end.
std::optional<std::string> ReadLine(Context& context);
// On a terminal a wrong answer is told and asked for again, three times in all; elsewhere `ask` is
// called once. At the end of the input the last refusal stands.
template <class T>
Result<T> AskAgain(Context& context, const std::function<Result<T>()>& ask) {
  constexpr int kTries = 3;
  Result<T> answer = ask();
  for (int tries = 1; tries < kTries && !answer && context.terminal().in_is_terminal; ++tries) {
    context.err() << Printable(answer.error().message) << '\n';
    Result<T> next = ask();
    if (!next && !context.terminal().in.good()) break;
    answer = std::move(next);
  }
  return answer;
}
// Asks on a terminal. Elsewhere the flag has to be there. Error: USAGE, CANCELLED NOT_CONFIRMED.
Result<void> Confirm(Context& context, bool yes, const std::string& question);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_CONTEXT_H_
