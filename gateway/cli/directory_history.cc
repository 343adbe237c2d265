// directory history: what has changed about a service or an organization.
#include "fairlead/directory/v1/history.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"
#include "gateway/cli/verbs.h"

namespace fairlead::cli {
namespace {

namespace v1 = directory::v1;

// "description"; "address 0190…: city"; "phone 0190…: deleted".
std::string WhatChanged(const v1::FieldChange& change, const std::string& id) {
  if (change.resource_id() == id) return change.field_name();
  const bool whole = change.field_name().empty();
  return change.resource_type() + " " + change.resource_id() + ": " +
         (whole ? change.action() + "d" : change.field_name());
}

Result<void> History(Context& context, const std::string& id) {
  v1::ListHistoryRequest request;
  request.set_id(id);
  FAIRLEAD_ASSIGN(const auto all,
                  AllPages<v1::ListHistoryResponse>(context, kListHistory, request));
  context.Emit(all, [&] {
    Table table({"TIME", "FIELD", "BEFORE", "AFTER", "BY", "AGENCY"});
    for (const v1::FieldChange& each : all.changes()) {
      table.Add({TimeText(each.time()), WhatChanged(each, id), each.previous_value(),
                 each.replacement_value(), each.actor_role(),
                 context.AgencyName(each.actor_agency_id())});
    }
    if (!table.empty()) context.Print(table);
  });
  if (all.changes().empty()) context.Say("Nothing that you may see has changed.");
  return {};
}

}  // namespace

void AddDirectoryHistory(Args directory, Context& context) {
  auto id = std::make_shared<std::string>();
  Args verb = directory.Verb("history", "What has changed about a service or an organization");
  verb.Positional("id", id.get(), "Its id");
  verb.Do([&context, id] { return History(context, *id); });
}

}  // namespace fairlead::cli
