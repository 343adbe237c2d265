#include "gateway/cli/context.h"

#include <cctype>
#include <chrono>
#include <thread>

#include "fairlead/directory/v1/directory.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/paging.h"
#include "services/common/base/random.h"
#include "services/common/base/text.h"
#include "services/common/config/suggest.h"

namespace fairlead::cli {

tl::unexpected<Error> AgencyIdChanged(const std::string& name, const std::string& known_id,
                                      const std::string& offered_id) {
  return Fail(Code::kFailedPrecondition, "AGENCY_ID_CHANGED",
              "The hub says that " + Printable(name) +
                  " is another agency than the one this machine knows by that name. Somebody may "
                  "be posing as it. Nothing was sealed or opened.",
              {{"known", known_id}, {"offered", offered_id}});
}

tl::unexpected<Error> AgencyNameMismatch(const std::string& name, const std::string& known_name,
                                         const std::string& agency_id) {
  return Fail(Code::kFailedPrecondition, "AGENCY_NAME_MISMATCH",
              "The hub gives the name " + Printable(name) + " to an agency that is known here as " +
                  Printable(known_name) +
                  ". It may have been renamed, or somebody may be posing as the one you mean.",
              {{"known", known_name}, {"expected", name}, {"agency", agency_id}});
}

std::string AsId(const std::string& text) {
  std::string id = text;
  for (char& c : id) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return IsUuid(id) ? id : text;
}

std::string NameTyped(const std::string& id_or_name) {
  return IsUuid(AsId(id_or_name)) || id_or_name == "@last" ? "" : id_or_name;
}

Context::Context(Terminal terminal, std::map<std::string, std::string> environment, Options options)
    : terminal_(terminal),
      environment_(std::move(environment)),
      options_(std::move(options)),
      ids_(SystemClock(), SystemRandom()) {}

std::string Context::Variable(const std::string& name) const {
  const auto found = environment_.find(name);
  return found == environment_.end() ? "" : found->second;
}

Result<void> Context::Prepare() {
  globals_.profile_flag = !globals_.profile.empty();
  if (globals_.profile.empty()) globals_.profile = Variable("FAIRLEAD_PROFILE");
  if (globals_.profile.empty()) globals_.profile = "default";
  if (!Home::ValidProfile(globals_.profile)) {
    return Usage("A profile's name has letters, digits, _ and - only.");
  }
  std::string folder = Variable("FAIRLEAD_HOME");
  if (folder.empty() && !Variable("XDG_CONFIG_HOME").empty()) {
    folder = Variable("XDG_CONFIG_HOME") + "/fairlead";
  }
  if (folder.empty()) {
    if (Variable("HOME").empty()) return Usage("Set HOME or FAIRLEAD_HOME.");
    folder = Variable("HOME") + "/.config/fairlead";
  }
  home_ = std::make_unique<Home>(folder, globals_.profile);

  std::string url = globals_.url;
  if (url.empty()) url = Variable("FAIRLEAD_URL");
  if (url.empty()) url = home_->SavedUrl();
  hub_is_named_ = !url.empty();
  if (url.empty()) url = "http://localhost:7420";
  if (!globals_.request_id.empty() && !IsUuid(globals_.request_id)) {
    return Usage("--request-id is a UUID in lower case.");
  }
  FAIRLEAD_ASSIGN(const std::string checked, CheckUrl(url, globals_.allow_plain_http));
  std::shared_ptr<const seal::PrivateKey> machine_key;
  if (globals_.machine.empty()) {
    FAIRLEAD_ASSIGN(const std::optional<SavedSession> saved, home_->LoadSession(checked));
    if (saved) session_ = *saved;
  } else {
    FAIRLEAD_ASSIGN(const seal::PrivateKey key, ReadKeyFile(globals_.machine));
    machine_key = std::make_shared<const seal::PrivateKey>(key);
  }
  client_ = std::make_unique<Client>(ClientOptions{
      .url = checked,
      .token = session_.token,
      .machine_key = std::move(machine_key),
      .timeout_ms = globals_.timeout_s * 1'000,
      .allow_plain_http = globals_.allow_plain_http,
      .ca_file = globals_.ca_file,
      .wait = [this](int64_t wait_s) { Wait(wait_s); }});
  if (terminal_.in_is_terminal && globals_.machine.empty()) client_->set_step_up(on_step_up);
  return {};
}

Result<void> Context::GoTo(const std::string& url) {
  FAIRLEAD_ASSIGN(globals_.url, CheckUrl(url, globals_.allow_plain_http));
  client_->set_url(globals_.url);
  hub_is_named_ = true;
  return {};
}

void Context::ForgetLast(const std::string& kind) {
  if (!home_) static_cast<void>(Prepare());
  if (home_) home_->ForgetLast(kind);
}

void Context::set_session(SavedSession session) {
  session_ = std::move(session);
  client_->set_token(session_.token);
}

Result<std::string> Context::Id(const std::string& kind, const std::string& text) const {
  if (text == "@last") {
    const std::string last = home_->Last(kind);
    if (last.empty() && home_->LastFailed(kind)) {
      return Usage("@last names nothing: the command before, which was to make a " + kind +
                   ", failed.");
    }
    if (last.empty()) return Usage("There is no last " + kind + " yet: give its id.");
    return last;
  }
  if (text.empty()) return Usage("The " + kind + "'s id is missing.");
  return AsId(text);
}

namespace {

// Those of `names` that hold what was typed, whatever its case; else the one that is near. At most
// three: more is a list, which another command prints.
std::vector<std::string> Meant(const std::string& typed, const std::vector<std::string>& names) {
  const auto lower = [](std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
  };
  std::vector<std::string> meant;
  for (const std::string& name : names) {
    if (lower(name).find(lower(typed)) != std::string::npos) meant.push_back(name);
  }
  if (meant.empty()) {
    const std::string near = config::Nearest(typed, names);
    if (!near.empty()) meant.push_back(near);
  }
  constexpr size_t kMost = 3;
  return meant.size() > kMost ? std::vector<std::string>() : meant;
}

}  // namespace

Result<std::vector<std::string>> Context::ListedIds(const std::string& name,
                                                    std::vector<std::string>* near) {
  std::vector<std::string> ids;
  std::vector<std::string> names;
  const auto look = [&](const directory::v1::ListAgenciesResponse& page) -> Result<bool> {
    for (const auto& agency : page.agencies()) {
      if (agency.name() != name) {
        if (near != nullptr) names.push_back(Printable(agency.name()));
        continue;
      }
      if (!IsUuid(agency.id())) {
        return Fail(Code::kDataLoss, "INVALID_ANSWER",
                    "The hub lists an agency whose id is not a UUID.");
      }
      if (!Contains(ids, agency.id())) ids.push_back(agency.id());
    }
    return true;
  };
  FAIRLEAD_RETURN_IF_ERROR(EachPage<directory::v1::ListAgenciesResponse>(
      *this, kListAgencies, directory::v1::ListAgenciesRequest(), look));
  if (near != nullptr && !name.empty()) *near = Meant(name, names);
  return ids;
}

Result<std::string> Context::AgencyIdAtHub(const std::string& id_or_name) {
  if (IsUuid(AsId(id_or_name))) return AsId(id_or_name);
  if (id_or_name == "@last") return Id("agency", id_or_name);
  std::vector<std::string> near;
  FAIRLEAD_ASSIGN(const std::vector<std::string> ids, ListedIds(id_or_name, &near));
  if (ids.empty()) {
    return Fail(Code::kNotFound, "AGENCY_NOT_FOUND",
                "No agency has this id or exactly this name: " + Printable(id_or_name) + "." +
                    (near.empty() ? "" : " Did you mean " + Listed(near) + "?"));
  }
  if (ids.size() > 1) {
    return Usage("Two agencies are called '" + Printable(id_or_name) + "': give the id.");
  }
  FAIRLEAD_ASSIGN(const auto pins, home_->LoadPins());
  const auto pin = pins.find(ids.front());
  if (pin != pins.end() && !pin->second.name.empty() && pin->second.name != id_or_name) {
    return AgencyNameMismatch(id_or_name, pin->second.name, ids.front());
  }
  agency_names_[ids.front()] = id_or_name;
  return ids.front();
}

Result<std::string> Context::AgencyId(const std::string& id_or_name) {
  if (IsUuid(AsId(id_or_name)) || id_or_name == "@last") return AgencyIdAtHub(id_or_name);
  FAIRLEAD_ASSIGN(const auto pins, home_->LoadPins());
  const auto pin = std::find_if(pins.begin(), pins.end(),
                                [&](const auto& each) { return each.second.name == id_or_name; });
  if (pin == pins.end()) return AgencyIdAtHub(id_or_name);
  FAIRLEAD_ASSIGN(const std::vector<std::string> ids, ListedIds(id_or_name));
  for (const std::string& id : ids) {
    if (id != pin->first) return AgencyIdChanged(id_or_name, pin->first, id);
  }
  agency_names_[pin->first] = id_or_name;
  return pin->first;
}

Result<std::string> Context::OwnAgencyId() const {
  if (!session_.agency_id.empty()) return session_.agency_id;
  return Fail(Code::kUnauthenticated, "SIGN_IN_REQUIRED", "You are not signed in to this hub.");
}

std::string Context::AgencyName(const std::string& id) {
  if (id.empty()) return "";
  const auto [entry, fresh] = agency_names_.try_emplace(id, id);
  if (!fresh) return entry->second;
  // Pins that cannot be read are an error wherever they count; here it is a matter of words.
  const auto loaded = home_->LoadPins();
  const std::map<std::string, Pin> pins = loaded ? *loaded : std::map<std::string, Pin>();
  const auto pin = pins.find(id);
  if (pin != pins.end() && pin->second.NameConfirmed()) return entry->second = pin->second.name;
  const std::string name = AgencyNameAtHub(id);
  const bool taken = std::any_of(pins.begin(), pins.end(), [&](const auto& other) {
    return other.first != id && other.second.NameConfirmed() && other.second.name == name;
  });
  return entry->second = taken ? id : name;
}

std::string Context::AgencyNameAtHub(const std::string& id) {
  directory::v1::GetAgencyRequest request;
  request.set_agency_id(id);
  const auto response = client_->Call<directory::v1::GetAgencyResponse>(kGetAgency, request);
  return response && !response->agency().name().empty() ? response->agency().name() : id;
}

void Context::Emit(const google::protobuf::Message& message, const std::function<void()>& human) {
  if (json()) {
    out() << ToJsonText(message);
  } else {
    human();
  }
}

// Said, for a command that stands still looks broken.
void Context::Wait(int64_t wait_s) {
  Say("Too many calls in a short time: going on in " + std::to_string(wait_s) + " s.");
  std::this_thread::sleep_for(std::chrono::seconds(wait_s));
}

void Context::Say(const std::string& words) {
  if (!json()) err() << Printable(words, true) << '\n';
}

Called Context::called() const {
  Called called{.program = options_.program};
  const auto add = [&](const char* flag, const std::string& value) {
    if (!value.empty()) called.flags += std::string(flag) + " " + ShellWord(value) + " ";
  };
  add("--url", globals_.url);
  if (globals_.profile_flag) add("--profile", globals_.profile);
  add("--machine", globals_.machine);
  add("--ca-file", globals_.ca_file);
  if (globals_.allow_plain_http) called.flags += "--allow-plain-http ";
  return called;
}

void Context::Next(const std::string& command) { Say("Next: " + Command(command)); }

void Context::NextForAnother(const std::string& command, const std::string& whose) {
  Say("Next: " + CommandOfAnother(command) + "    (" + whose + ")");
}

}  // namespace fairlead::cli
