#include "gateway/cli/release_endings.h"

#include "fairlead/consent/v1/consent.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"
#include "gateway/cli/release_view.h"

namespace fairlead::cli {
namespace {

namespace v1 = consent::v1;

struct EndOptions {
  std::string release;
  std::string method;  // empty: oral
  std::string artefact;
  std::string etag;
  bool yes = false;
};

// What a revocation and an entry in error answer alike.
template <class Response>
void ShowEnd(Context& context, const Response& response) {
  context.Emit(response, [&] { PrintRelease(context, response.release()); });
  for (const std::string& agency : response.agency_ids_that_opened()) {
    context.Say(Printable(context.AgencyName(agency)) +
                " had opened it already: what it copied is out of reach. It has been asked to "
                "destroy its copies.");
  }
  const std::string& id = response.release().id();
  context.Next(response.agency_ids_that_opened().empty()
                   ? "release disclosures --release " + id
                   : "release destroy-notices --sent --release " + id);
}

// "Revoke release … (From … to …: needs)?": asked on a terminal alone, where the hub's words are
// enough; a withdrawal never waits for them.
std::string RevokeQuestion(Context& context, const std::string& id) {
  std::string whose;
  if (context.terminal().in_is_terminal) {
    v1::GetReleaseRequest get;
    get.set_release_id(id);
    const auto shown = context.client().Call<v1::GetReleaseResponse>(kGetRelease, get);
    if (shown) whose = " (" + FlowText(context, shown->release()) + ")";
  }
  return "Revoke release " + Printable(id) + whose +
         "? From then on nobody can open what was sent under it.";
}

Result<v1::SignatureMethod> MethodOf(const EndOptions& options) {
  if (options.method.empty()) return v1::SIGNATURE_METHOD_ORAL;
  return ParseEnum<v1::SignatureMethod>(options.method, "--method");
}

Result<void> Revoke(Context& context, const EndOptions& options) {
  v1::RevokeReleaseRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(const std::string id, context.Id("release", options.release));
  FAIRLEAD_ASSIGN(const v1::SignatureMethod method, MethodOf(options));
  request.set_release_id(id);
  request.set_method(method);
  request.set_etag(options.etag);
  FAIRLEAD_RETURN_IF_ERROR(Confirm(
      context, options.yes, options.yes ? std::string() : RevokeQuestion(context, id)));
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::RevokeReleaseResponse>(kRevokeRelease, request));
  ShowEnd(context, response);
  if (method == v1::SIGNATURE_METHOD_ORAL) {
    context.Say("The withdrawal is in force" +
                std::string(options.method.empty()
                                ? ", recorded as by word of mouth (no --method was given)"
                                : "") +
                ". When the client has signed: " +
                context.Command("release confirm " + response.release().id() +
                                " --method written") +
                "\nWhen a colleague heard it too, the colleague runs: " +
                context.CommandOfAnother("release confirm " + response.release().id()));
  }
  return {};
}

Result<void> EnterInError(Context& context, const EndOptions& options) {
  v1::EnterReleaseInErrorRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(const std::string id, context.Id("release", options.release));
  request.set_release_id(id);
  request.set_etag(options.etag);
  FAIRLEAD_RETURN_IF_ERROR(
      Confirm(context, options.yes,
              "Was release " + Printable(id) +
                  " recorded by mistake? It ends for good: nobody can open what was sent under "
                  "it. When the client takes it back, say: release revoke."));
  FAIRLEAD_ASSIGN(
      const auto response,
      context.client().Call<v1::EnterReleaseInErrorResponse>(kEnterReleaseInError, request));
  ShowEnd(context, response);
  return {};
}

Result<void> ConfirmWithdrawal(Context& context, const EndOptions& options) {
  v1::ConfirmWithdrawalRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(const std::string id, context.Id("release", options.release));
  FAIRLEAD_ASSIGN(const v1::SignatureMethod method, MethodOf(options));
  request.set_release_id(id);
  request.set_method(method);
  if (method != v1::SIGNATURE_METHOD_ORAL) {
    request.set_artefact_id(options.artefact.empty() ? context.NewId() : options.artefact);
  }
  request.set_etag(options.etag);
  FAIRLEAD_ASSIGN(
      const auto response,
      context.client().Call<v1::ConfirmWithdrawalResponse>(kConfirmWithdrawal, request));
  context.Emit(response, [&] { PrintRelease(context, response.release()); });
  return {};
}

struct NoticeOptions {
  std::string release;
  std::string notice;
  bool sent = false;
  bool open = false;
  bool nothing_kept = false;
  bool kept_by_law = false;
  bool yes = false;
};

void PrintNotices(Context& context, const v1::ListDestroyNoticesResponse& notices, bool sent) {
  Table table({"NOTICE", "ASKED", "BECAUSE", sent ? "OF" : "BY", "REFERRALS", "ANSWER", "ANSWERED",
               "RELEASE"});
  for (const v1::DestroyNotice& notice : notices.notices()) {
    const std::string& other = sent ? notice.recipient_agency_id() : notice.discloser_agency_id();
    const std::string answer = EnumText(notice.outcome());
    table.Add({notice.id(), TimeText(notice.create_time()), notice.cause(),
               context.AgencyName(other), ListedField(notice.referral_ids()),
               answer.empty() ? "none yet" : answer, TimeText(notice.acknowledge_time()),
               notice.release_id()});
  }
  if (!table.empty()) context.Print(table);
}

Result<void> ListNotices(Context& context, const NoticeOptions& options) {
  v1::ListDestroyNoticesRequest request;
  request.set_box(options.sent ? v1::DESTROY_NOTICE_BOX_SENT : v1::DESTROY_NOTICE_BOX_RECEIVED);
  request.set_open_only(options.open);
  if (!options.release.empty()) {
    FAIRLEAD_ASSIGN(const std::string id, context.Id("release", options.release));
    request.set_release_id(id);
  }
  FAIRLEAD_ASSIGN(const auto all, AllPages<v1::ListDestroyNoticesResponse>(
                                      context, kListDestroyNotices, request));
  context.Emit(all, [&] { PrintNotices(context, all, options.sent); });
  if (all.notices_size() == 0) {
    context.Say(options.sent ? "Nobody was asked to destroy anything."
                             : "Your agency was asked to destroy nothing.");
    return {};
  }
  context.home().SetLast("notice", all.notices(0).id());
  if (!options.sent) context.Next("release destroyed " + all.notices(0).id());
  return {};
}

Result<void> Destroyed(Context& context, const NoticeOptions& options) {
  if (options.nothing_kept && options.kept_by_law) {
    return Usage("Either nothing was kept, or something is kept by law.");
  }
  v1::AcknowledgeDestructionRequest request;
  request.set_request_id(context.RequestId());
  FAIRLEAD_ASSIGN(const std::string id, context.Id("notice", options.notice));
  request.set_notice_id(id);
  std::string question = "Has your agency destroyed every copy, on paper too?";
  request.set_outcome(v1::DESTRUCTION_OUTCOME_DESTROYED);
  if (options.nothing_kept) {
    question = "Did your agency keep nothing of what it read?";
    request.set_outcome(v1::DESTRUCTION_OUTCOME_NOTHING_KEPT);
  }
  if (options.kept_by_law) {
    question = "Does a law oblige your agency to keep the record?";
    request.set_outcome(v1::DESTRUCTION_OUTCOME_KEPT_BY_LAW);
  }
  FAIRLEAD_RETURN_IF_ERROR(Confirm(context, options.yes, question));
  FAIRLEAD_ASSIGN(
      const auto response,
      context.client().Call<v1::AcknowledgeDestructionResponse>(kAcknowledgeDestruction, request));
  v1::ListDestroyNoticesResponse one;
  *one.add_notices() = response.notice();
  context.Emit(response, [&] { PrintNotices(context, one, false); });
  return {};
}

void AddRevokeVerb(Args release, Context& context) {
  auto options = std::make_shared<EndOptions>();
  Args verb = release.Verb("revoke", "Take a release back: nothing sent under it opens again");
  verb.Positional("release", &options->release, "Its id, or @last");
  verb.Option("--method", &options->method,
              "How the client withdrew: oral, written, esigned; default oral");
  verb.Option("--etag", &options->etag, "Only if it is still at this version");
  verb.Flag("--yes", &options->yes, "Do not ask");
  verb.Do([&context, options] { return Revoke(context, *options); });
}

void AddConfirmVerb(Args release, Context& context) {
  auto options = std::make_shared<EndOptions>();
  Args verb = release.Verb("confirm", "Confirm later that a client did withdraw by word of mouth");
  verb.Positional("release", &options->release, "Its id, or @last");
  verb.Option("--method", &options->method,
              "oral: you heard it too (another person than who revoked); written, esigned: the "
              "client has signed; default oral");
  verb.Option("--artefact", &options->artefact,
              "Your own id (UUID) of the signed paper; default: a new one");
  verb.Option("--etag", &options->etag, "Only if it is still at this version");
  verb.Do([&context, options] { return ConfirmWithdrawal(context, *options); });
}

void AddErrorVerb(Args release, Context& context) {
  auto options = std::make_shared<EndOptions>();
  Args verb = release.Verb("error", "Say that a release was recorded by mistake: it ends for good");
  verb.Positional("release", &options->release, "Its id, or @last");
  verb.Option("--etag", &options->etag, "Only if it is still at this version");
  verb.Flag("--yes", &options->yes, "Do not ask");
  verb.Do([&context, options] { return EnterInError(context, *options); });
}

void AddNoticeVerbs(Args release, Context& context) {
  auto options = std::make_shared<NoticeOptions>();
  Args list =
      release.Verb("destroy-notices", "Who was asked to destroy copies, and what they said");
  list.Flag("--sent", &options->sent,
            "About your agency's releases; default: what your agency was asked");
  list.Flag("--open", &options->open, "Only those that wait for an answer");
  list.Option("--release", &options->release, "Of one release, or @last");
  list.Do([&context, options] { return ListNotices(context, *options); });
  auto answer = std::make_shared<NoticeOptions>();
  Args destroyed = release.Verb("destroyed", "Answer that your agency has destroyed its copies");
  destroyed.Positional("notice", &answer->notice, "The notice's id, or @last");
  destroyed.Flag("--nothing-kept", &answer->nothing_kept, "It had kept none");
  destroyed.Flag("--kept-by-law", &answer->kept_by_law,
                 "A law makes it keep the record; it may be destroyed later");
  destroyed.Flag("--yes", &answer->yes, "Do not ask");
  destroyed.Do([&context, answer] { return Destroyed(context, *answer); });
}

}  // namespace

void AddEndingVerbs(Args release, Context& context) {
  AddRevokeVerb(release, context);
  AddConfirmVerb(release, context);
  AddErrorVerb(release, context);
  AddNoticeVerbs(release, context);
}

}  // namespace fairlead::cli
