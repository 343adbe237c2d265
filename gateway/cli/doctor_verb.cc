// doctor: checks everything between this machine and the hub, and says how to mend it.
#include <curl/curl.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/agency_keys.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/verbs.h"
#include "services/common/base/strict_json.h"

namespace fairlead::cli {
namespace {

namespace json = boost::json;

constexpr int64_t kMaxSkewS = 60;

struct Check {
  std::string name;
  bool good = false;
  std::string detail;
  std::string fix;
};

Check Failed(const Context& context, const std::string& name, const Error& error) {
  return {name, false, error.message + " [" + error.reason + "]", Advice(error, context.called())};
}

Check CheckFiles(Context& context) {
  const std::vector<std::string> open = context.home().OpenFiles();
  if (open.empty()) return {"private files", true, context.home().folder(), ""};
  return {"private files", false,
          std::to_string(open.size()) + " can be read by others, such as " + open.front(),
          "chmod -R go= " + context.home().folder()};
}

Check CheckVersion(Context& context) {
  const auto page = context.client().Get("/openapi.json");
  const std::string ours = context.options().version;
  if (!page || page->status != 200) {
    return {"version", false, "The hub does not describe itself.", "Is it a Fairlead hub?"};
  }
  constexpr size_t kMaxDepth = 64;
  const auto value = ParseStrictJson(page->body, Client::kMaxAnswerBytes, kMaxDepth);
  std::string theirs;
  if (value && value->is_object()) {
    const json::value* info = value->as_object().if_contains("info");
    const json::value* version =
        info != nullptr && info->is_object() ? info->as_object().if_contains("version") : nullptr;
    if (version != nullptr && version->is_string()) theirs = std::string(version->as_string());
  }
  if (theirs == ours) return {"version", true, ours, ""};
  return {"version", false, "The hub has '" + Printable(theirs) + "', this command " + ours + ".",
          "Update the older of the two."};
}

Check CheckClock(Context& context, const Answer& answer) {
  const auto header = answer.headers.find("date");
  const time_t theirs =
      header == answer.headers.end() ? -1 : curl_getdate(header->second.c_str(), nullptr);
  if (theirs < 0) return {"clock", false, "The hub does not say its time.", ""};
  const int64_t skew_s = std::abs(context.NowMs() / 1'000 - static_cast<int64_t>(theirs));
  if (skew_s <= kMaxSkewS) {
    return {"clock", true, std::to_string(skew_s) + " s from the hub's", ""};
  }
  return {"clock", false, std::to_string(skew_s) + " s from the hub's",
          "Set both by NTP: releases and packets end at exact times."};
}

Check CheckSession(Context& context, bool* signed_in) {
  const auto me =
      context.client().Call<identity::v1::GetMeResponse>(kGetMe, identity::v1::GetMeRequest());
  if (!me) {
    Check failed = Failed(context, "session", me.error());
    if (context.session().token.empty()) {
      failed.fix += "    (a hub that nobody has set up yet: " + context.Command("setup") + ")";
    }
    return failed;
  }
  *signed_in = true;
  return {"session", true,
          me->staff().display_name() + " at " + me->agency_name() + ", until " +
              TimeText(me->session().expire_time()),
          ""};
}

Check CheckKeys(Context& context) {
  const std::string own = context.session().agency_id;
  const auto published = FetchKeys(context, own);
  if (!published) return Failed(context, "agency keys", published.error());
  const auto local = context.home().LoadKeys(own);
  if (!local) return Failed(context, "agency keys", local.error());
  const keys::KeyList& list = published->verdict.list;
  if (local->epoch.public_key != list.epoch_key || local->signing.public_key != list.signing_key) {
    return {"agency keys", false,
            "The keys here are not the current ones (epoch " + std::to_string(list.epoch) + ").",
            "Fetch them: " + context.Command("key sync")};
  }
  if (published->key_change_due) {
    return {"agency keys", false, "Somebody has left, and the keys have not been changed since.",
            "Ask an administrator for: " + context.CommandOfAnother("key rotate")};
  }
  return {"agency keys", true,
          "epoch " + std::to_string(list.epoch) + ", agency key " +
              keys::Fingerprint(list.agency_key.kid),
          ""};
}

std::vector<Check> RunChecks(Context& context) {
  std::vector<Check> checks = {CheckFiles(context)};
  const auto health = context.client().Get("/healthz");
  if (!health) {
    checks.push_back(Failed(context, "hub", health.error()));
    return checks;  // everything else needs it
  }
  checks.push_back({"hub", health->status == 200,
                    context.url() + " answers with HTTP " + std::to_string(health->status),
                    health->status == 200 ? "" : "See the hub's log."});
  checks.push_back(CheckVersion(context));
  checks.push_back(CheckClock(context, *health));
  bool signed_in = false;
  checks.push_back(CheckSession(context, &signed_in));
  if (signed_in) checks.push_back(CheckKeys(context));
  return checks;
}

Result<void> Doctor(Context& context) {
  const std::vector<Check> checks = RunChecks(context);
  const auto bad =
      std::count_if(checks.begin(), checks.end(), [](const Check& check) { return !check.good; });
  if (context.json()) {
    json::array list;
    for (const Check& check : checks) {
      list.push_back(json::object{{"name", check.name},
                                  {"good", check.good},
                                  {"detail", check.detail},
                                  {"fix", check.fix}});
    }
    context.out() << json::serialize(json::object{{"good", bad == 0}, {"checks", list}}) << '\n';
  } else {
    for (const Check& check : checks) {
      context.out() << (check.good ? "✓ " : "✗ ") << check.name << ": " << Printable(check.detail)
                    << '\n';
      if (!check.good && !check.fix.empty()) context.out() << "    " << check.fix << '\n';
    }
  }
  if (bad == 0) return {};
  return Fail(
      Code::kUnknown, "UNHEALTHY",
      std::to_string(bad) + " of " + std::to_string(checks.size()) + " checks did not pass.");
}

}  // namespace

void AddDoctorVerb(Args root, Context& context) {
  root.Verb("doctor", "Check everything between here and the hub, and say how to mend it")
      .Do([&context] { return Doctor(context); });
}

}  // namespace fairlead::cli
