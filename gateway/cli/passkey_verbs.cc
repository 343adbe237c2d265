// passkey list|remove.
#include "fairlead/identity/v1/passkeys.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = identity::v1;

constexpr int kPasskeysOfAPage = 100;  // a person has ten at most

std::string StateOf(const v1::Passkey& passkey) {
  if (passkey.has_stop_time()) return "stopped: its counter went back";
  return passkey.backed_up() ? "good, synced" : "good";
}

Result<void> List(Context& context) {
  v1::ListPasskeysRequest request;
  request.set_page_size(kPasskeysOfAPage);
  FAIRLEAD_ASSIGN(const auto all,
                  context.client().Call<v1::ListPasskeysResponse>(kListPasskeys, request));
  context.Emit(all, [&] {
    Table table({"MADE", "LAST USED", "STATE", "ID"});
    for (const v1::Passkey& each : all.passkeys()) {
      table.Add(
          {TimeText(each.create_time()), TimeText(each.last_use_time()), StateOf(each), each.id()});
    }
    context.Print(table);
  });
  if (all.passkeys().empty()) {
    context.Say("You have none. Sign in at " + BrowserUrl(context.url()) + "/sign-in to add one.");
  } else {
    context.Next("passkey remove ID");
  }
  return {};
}

struct RemoveOptions {
  std::string id;
  bool yes = false;
};

Result<void> Remove(Context& context, const RemoveOptions& options) {
  FAIRLEAD_RETURN_IF_ERROR(
      Confirm(context, options.yes, "Remove this passkey? It will not sign you in again."));
  v1::RemovePasskeyRequest request;
  request.set_request_id(context.RequestId());
  request.set_passkey_id(options.id);
  FAIRLEAD_ASSIGN(const auto response,
                  context.client().Call<v1::RemovePasskeyResponse>(kRemovePasskey, request));
  context.Emit(response, [&] {
    context.out() << "Removed. Delete it from the device too, so that it is not offered again.\n";
  });
  context.Next("passkey list");
  return {};
}

}  // namespace

void AddPasskeyVerbs(Args root, Context& context) {
  Args passkey = root.Group("passkey", "Your passkeys");
  passkey.Verb("list", "Show them").Do([&context] { return List(context); });
  auto options = std::make_shared<RemoveOptions>();
  Args remove = passkey.Verb("remove", "Remove one");
  remove.Positional("id", &options->id, "As in `passkey list`");
  remove.Flag("--yes", &options->yes, "Do not ask");
  remove.Do([&context, options] { return Remove(context, *options); });
}

}  // namespace fairlead::cli
