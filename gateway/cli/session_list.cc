// session list|end.
#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = identity::v1;

Result<void> ListSessions(Context& context, const std::string& staff) {
  v1::ListSessionsRequest request;
  request.set_staff_id(staff);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::ListSessionsResponse>(kListSessions, request));
  context.Emit(response, [&] {
    Table table({"BEGAN", "LAST USE", "ENDS", "BY", "ID"});
    for (const v1::Session& each : response.sessions()) {
      table.Add({TimeText(each.create_time()), TimeText(each.last_use_time()),
                 TimeText(each.expire_time()), EnumText(each.method()), each.id()});
    }
    context.Print(table);
  });
  return {};
}

struct EndOptions {
  std::string session;
  std::string staff;
  bool all = false;
};

Result<void> End(Context& context, const EndOptions& options) {
  v1::EndSessionsRequest request;
  request.set_request_id(context.RequestId());
  const int given =
      (options.session.empty() ? 0 : 1) + (options.staff.empty() ? 0 : 1) + (options.all ? 1 : 0);
  if (given != 1) return Usage("Give a session's id, or --all, or --staff ID.");
  request.set_session_id(options.session);
  request.set_staff_id(options.all ? context.session().staff_id : options.staff);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::EndSessionsResponse>(kEndSessions, request));
  context.Emit(response, [&] { context.out() << "Ended: " << response.ended() << '\n'; });
  if (options.all) {
    context.home().DropSession(context.url());  // this one too
    context.Next("login");
  }
  return {};
}

}  // namespace

void AddSessionListVerbs(Args session, Context& context) {
  auto staff = std::make_shared<std::string>();
  Args list = session.Verb("list", "ListSessions your live sessions");
  list.Option("--staff", staff.get(), "Those of a colleague (administrators), by id");
  list.Do([&context, staff] { return ListSessions(context, *staff); });
  auto options = std::make_shared<EndOptions>();
  Args end = session.Verb("end", "End one, or all");
  end.Positional("session", &options->session, "Its id", Need::kOptional);
  end.Flag("--all", &options->all, "All of your own, this one too");
  end.Option("--staff", &options->staff, "All of a colleague's (administrators), by id");
  end.Do([&context, options] { return End(context, *options); });
}

}  // namespace fairlead::cli
