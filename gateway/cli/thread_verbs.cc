// thread list|start|view|send|edit|delete (watch: thread_watch.cc): what two agencies write each
// other. The hub keeps ciphertext, order and marks; words are sealed and read here.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

#include "gateway/cli/message.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"
#include "gateway/cli/text_source.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = messaging::v1;
namespace json = boost::json;

constexpr char kThreadHelp[] = "Its id, or @last";
constexpr char kMessageHelp[] = "The message's id, as `thread view` has it";
constexpr int64_t kMostShown = 1'000;
constexpr int64_t kBeforeUnread = 5;  // so that an answer is read with what it answers

struct ThreadOptions {
  std::string thread;
  std::string message;
  std::string to;
  TextSource source;
  int64_t after = -1;
  int64_t count = 100;
  bool unread = false;
  bool keep_unread = false;
  bool first_use = false;
  bool yes = false;
};

std::string WithWhom(Context& context, const v1::Thread& thread) {
  const auto other = OtherParty(context, thread);
  return other ? context.AgencyName(*other) : "?";
}

Result<void> ListAll(Context& context, const ThreadOptions& options) {
  v1::ListThreadsRequest request;
  request.set_unread_only(options.unread);
  FAIRLEAD_ASSIGN(const auto all,
                  AllPages<v1::ListThreadsResponse>(context, kListThreads, request));
  const v1::Thread* waiting = nullptr;
  Table table({"WITH", "UNREAD", "LAST", "THREAD"});
  for (const v1::Thread& thread : all.threads()) {
    if (waiting == nullptr && thread.unread_count() > 0) waiting = &thread;
    if (context.json()) continue;
    table.Add({WithWhom(context, thread), std::to_string(thread.unread_count()),
               RelativeText(thread.last_message_time().seconds() * 1'000, context.NowMs()),
               thread.id()});
  }
  if (all.threads_size() > 0) {
    context.home().SetLast("thread", (waiting == nullptr ? all.threads(0) : *waiting).id());
  }
  context.Emit(all, [&] {
    if (!table.empty()) context.Print(table);
  });
  if (all.threads_size() == 0) {
    context.Say(options.unread ? "Nothing is unread." : "There is no thread yet.");
  }
  if (waiting != nullptr) context.Next("thread view " + waiting->id());
  return {};
}

Result<void> Start(Context& context, const ThreadOptions& options) {
  v1::StartThreadRequest request;
  request.set_request_id(context.RequestId());
  request.set_thread_id(context.NewId());
  FAIRLEAD_ASSIGN(const std::string agency, context.AgencyId(options.to));
  request.set_to_agency_id(agency);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::StartThreadResponse>(kStartThread, request));
  const v1::Thread& thread = response.thread();
  FAIRLEAD_RETURN_IF_ERROR(CheckThread(context, thread));
  FAIRLEAD_ASSIGN(const std::string other, OtherParty(context, thread));
  if (other != agency) {
    return Fail(Code::kDataLoss, "THREAD_CHANGED", "The hub made a thread with another agency.");
  }
  context.home().SetLast("thread", thread.id());
  context.Emit(response, [&] {
    PrintFields(context.out(), {{"Thread", thread.id()}, {"With", context.AgencyName(other)}});
  });
  context.Next("thread send " + thread.id());
  return {};
}

// One message as it was read, or why it could not be.
struct Shown {
  v1::Message message;
  MessageRead read;
  std::string reason;
};

Shown Show(Context& context, const v1::Thread& thread, const v1::Message& message) {
  Shown shown{.message = message, .read = {}, .reason = {}};
  if (message.deleted()) return shown;
  auto read = ReadMessage(context, thread, message);
  if (read) {
    shown.read = std::move(*read);
  } else {
    shown.reason = read.error().reason;
  }
  return shown;
}

json::object ToObject(const Shown& shown) {
  const v1::Message& message = shown.message;
  json::object object{{"id", message.id()},
                      {"sequence", message.sequence()},
                      {"fromAgencyId", message.from_agency_id()},
                      {"createTime", TimeText(message.create_time())},
                      {"revision", message.revision()},
                      {"deleted", message.deleted()},
                      {"delivered", message.delivered()},
                      {"read", message.read()}};
  if (!shown.reason.empty()) {
    object["unreadable"] = shown.reason;
  } else if (!message.deleted()) {
    object["text"] = shown.read.text;
  }
  return object;
}

void PrintMessage(Context& context, const Shown& shown, const std::string& own_id) {
  const v1::Message& message = shown.message;
  const bool own = message.from_agency_id() == own_id;
  std::string head = "#" + std::to_string(message.sequence()) + "  " +
                     RelativeText(message.create_time().seconds() * 1'000, context.NowMs()) + "  " +
                     (shown.read.writer.empty() ? context.AgencyName(message.from_agency_id())
                                                : shown.read.writer);
  if (message.revision() > 0) head += "  (edited)";
  if (own) head += message.read() ? "  (read)" : message.delivered() ? "  (delivered)" : "";
  if (own) head += "  " + message.id();
  context.out() << Printable(head) << '\n';
  if (message.deleted()) {
    context.out() << "  (deleted)\n";
  } else if (!shown.reason.empty()) {
    context.out() << "  (cannot be read here: " << Printable(shown.reason) << ")\n";
  } else {
    context.out() << Printable(shown.read.text, true) << '\n';
  }
}

Result<std::vector<Shown>> Fetch(Context& context, const v1::Thread& thread, int64_t after,
                                 int64_t count) {
  v1::ListMessagesRequest request;
  request.set_thread_id(thread.id());
  request.set_after_sequence(after);
  std::vector<Shown> all;
  const auto take = [&](const v1::ListMessagesResponse& page) -> Result<bool> {
    for (const v1::Message& message : page.messages()) {
      if (static_cast<int64_t>(all.size()) == count) return false;
      all.push_back(Show(context, thread, message));
    }
    return true;
  };
  FAIRLEAD_RETURN_IF_ERROR(
      EachPage<v1::ListMessagesResponse>(context, kListMessages, request, take));
  return all;
}

// Shown up to the last of them; read up to the first that could not be: it stays unread, for a
// colleague whose machine has the key.
Result<void> Mark(Context& context, const v1::Thread& thread, const std::vector<Shown>& all) {
  if (all.empty()) return {};
  FAIRLEAD_ASSIGN(const std::string own_id, context.OwnAgencyId());
  const int64_t before = ReadUpTo(thread, own_id);
  // A gap between what was read and what was shown is not read either.
  if (all.front().message.sequence() > before + 1) return {};
  v1::MarkThreadRequest request;
  request.set_request_id(context.NewId());
  request.set_thread_id(thread.id());
  request.set_delivered_sequence(all.back().message.sequence());
  int64_t read = before;
  for (const Shown& shown : all) {
    if (!shown.reason.empty()) break;
    read = std::max(read, shown.message.sequence());
  }
  request.set_read_sequence(read);
  if (read == before && thread.unread_count() == 0) return {};
  FAIRLEAD_RETURN_IF_ERROR(context.client().Call<v1::MarkThreadResponse>(kMarkThread, request));
  return {};
}

Result<void> View(Context& context, const ThreadOptions& options) {
  FAIRLEAD_ASSIGN(const v1::Thread thread, GetThread(context, options.thread));
  FAIRLEAD_ASSIGN(const std::string own_id, context.OwnAgencyId());
  const int64_t from =
      thread.unread_count() > 0 ? ReadUpTo(thread, own_id) : thread.last_sequence() - options.count;
  const int64_t after =
      options.after >= 0
          ? options.after
          : std::max<int64_t>(0, thread.unread_count() > 0 ? from - kBeforeUnread : from);
  FAIRLEAD_ASSIGN(const std::vector<Shown> all, Fetch(context, thread, after, options.count));
  if (context.json()) {
    json::array messages;
    for (const Shown& shown : all) messages.emplace_back(ToObject(shown));
    context.out() << json::serialize(json::object{{"threadId", thread.id()},
                                                  {"lastSequence", thread.last_sequence()},
                                                  {"unreadCount", thread.unread_count()},
                                                  {"messages", std::move(messages)}})
                  << '\n';
  } else {
    context.Say("With " + WithWhom(context, thread) + ".");
    for (const Shown& shown : all) PrintMessage(context, shown, own_id);
    if (all.empty()) context.Say("Nothing was written yet.");
  }
  if (!options.keep_unread) FAIRLEAD_RETURN_IF_ERROR(Mark(context, thread, all));
  const int64_t last = all.empty() ? thread.last_sequence() : all.back().message.sequence();
  if (last < thread.last_sequence()) {
    context.Next("thread view " + thread.id() + " --after " + std::to_string(last));
  } else {
    context.Next("thread send " + thread.id());
  }
  return {};
}

Result<std::string> Words(Context& context, const ThreadOptions& options) {
  return ReadText(context, options.source, {"Your message"}, kMaxMessageBytes);
}

Result<void> Send(Context& context, const ThreadOptions& options) {
  FAIRLEAD_ASSIGN(const v1::Thread thread, GetThread(context, options.thread));
  context.Say("To " + WithWhom(context, thread) + ".");
  FAIRLEAD_ASSIGN(const std::string text, Words(context, options));
  v1::SendMessageRequest request;
  request.set_request_id(context.RequestId());
  request.set_thread_id(thread.id());
  request.set_message_id(context.NewId());
  FAIRLEAD_ASSIGN(std::string sealed, SealMessage(context, thread,
                                                  {.id = request.message_id(),
                                                   .revision = 0,
                                                   .text = text,
                                                   .first_use = options.first_use}));
  request.set_sealed(std::move(sealed));
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::SendMessageResponse>(kSendMessage, request));
  context.home().SetLast("message", response.message().id());
  context.Emit(response, [&] {
    context.out() << "Sent, sealed: #" << response.message().sequence() << "  "
                  << response.message().id() << '\n';
  });
  context.Next("thread watch " + thread.id());
  return {};
}

Result<v1::Message> GetMessageOf(Context& context, const std::string& text) {
  v1::GetMessageRequest request;
  FAIRLEAD_ASSIGN(const std::string id, context.Id("message", text));
  request.set_message_id(id);
  FAIRLEAD_ASSIGN(auto response,
                  context.client().Call<v1::GetMessageResponse>(kGetMessage, request));
  if (response.message().id() != id) {
    return Fail(Code::kDataLoss, "MESSAGE_MISMATCH", "The hub has given out another message.");
  }
  return std::move(*response.mutable_message());
}

Result<void> Edit(Context& context, const ThreadOptions& options) {
  FAIRLEAD_ASSIGN(const v1::Message message, GetMessageOf(context, options.message));
  FAIRLEAD_ASSIGN(const v1::Thread thread, GetThread(context, message.thread_id()));
  const Shown before = Show(context, thread, message);
  if (!before.read.text.empty()) context.Say("It says: " + before.read.text);
  FAIRLEAD_ASSIGN(const std::string text, Words(context, options));
  v1::EditMessageRequest request;
  request.set_request_id(context.RequestId());
  request.set_message_id(message.id());
  request.set_etag(message.etag());
  FAIRLEAD_ASSIGN(std::string sealed, SealMessage(context, thread,
                                                  {.id = message.id(),
                                                   .revision = message.revision() + 1,
                                                   .text = text,
                                                   .first_use = options.first_use}));
  request.set_sealed(std::move(sealed));
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::EditMessageResponse>(kEditMessage, request));
  context.Emit(response, [&] {
    context.out() << "Edited: #" << response.message().sequence() << ". "
                  << (message.read() ? "It had been read before." : "It had not been read.")
                  << '\n';
  });
  return {};
}

Result<void> Delete(Context& context, const ThreadOptions& options) {
  v1::DeleteMessageRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(const std::string id, context.Id("message", options.message));
  request.set_message_id(id);
  FAIRLEAD_RETURN_IF_ERROR(
      Confirm(context, options.yes, "Delete message " + id + " for both agencies?"));
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::DeleteMessageResponse>(kDeleteMessage, request));
  context.Emit(response, [&] {
    context.out() << "Deleted for both: #" << response.message().sequence() << ". "
                  << (response.message().read() ? "It had been read: ask them to forget it."
                                                : "It had not been read.")
                  << '\n';
  });
  return {};
}

using ThreadAction = Result<void> (*)(Context&, const ThreadOptions&);

std::shared_ptr<ThreadOptions> AddThreadVerb(Args group, Context& context, const std::string& name,
                                             const std::string& help, ThreadAction action,
                                             Args* verb) {
  auto options = std::make_shared<ThreadOptions>();
  *verb = group.Verb(name, help);
  verb->Do([&context, options, action] { return action(context, *options); });
  return options;
}

void AddWriting(Args verb, ThreadOptions* options) {
  AddTextOptions(verb, &options->source, "the message");
  verb.Flag("--first-use", &options->first_use,
            "Its keys are new here and their fingerprints were compared: do not ask");
}

}  // namespace

void AddThreadVerbs(Args root, Context& context) {
  Args group = root.Group("thread", "Write to another agency, sealed");
  Args verb = group;
  auto list =
      AddThreadVerb(group, context, "list", "Threads, the last written to first", ListAll, &verb);
  verb.Flag("--unread", &list->unread, "Only those with something unread");
  auto start =
      AddThreadVerb(group, context, "start", "Begin a thread with an agency", Start, &verb);
  verb.Positional("agency", &start->to, "Agency: id or exact name");
  auto view =
      AddThreadVerb(group, context, "view", "Read what is unread, or the latest", View, &verb);
  verb.Positional("thread", &view->thread, kThreadHelp);
  verb.Option("--after", &view->after, 0, INT64_C(9'007'199'254'740'991),
              "From after this number on (0: from the beginning)");
  verb.Option("--count", &view->count, 1, kMostShown, "So many; default 100");
  verb.Flag("--keep-unread", &view->keep_unread, "Do not mark it as read for your agency");
  auto send = AddThreadVerb(group, context, "send", "Seal a message and send it", Send, &verb);
  verb.Positional("thread", &send->thread, kThreadHelp);
  AddWriting(verb, send.get());
  verb.Footer(
      "Sealed here, to the other agency's key and your own. Within 15 minutes whoever wrote it may "
      "edit it or delete it for both. The hub erases it after 90 days.");
  auto edit = AddThreadVerb(group, context, "edit", "Say it anew, within 15 minutes", Edit, &verb);
  verb.Positional("message", &edit->message, kMessageHelp);
  AddWriting(verb, edit.get());
  auto gone = AddThreadVerb(group, context, "delete", "Take it back for both, within 15 minutes",
                            Delete, &verb);
  verb.Positional("message", &gone->message, kMessageHelp);
  verb.Flag("--yes", &gone->yes, "Do not ask");
  verb.Footer("What has been read by then is out of reach.");
  AddThreadWatchVerb(group, context);
}

}  // namespace fairlead::cli
