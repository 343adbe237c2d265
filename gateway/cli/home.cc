#include "gateway/cli/home.h"

#include <sys/stat.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "services/common/base/encoding.h"
#include "services/common/base/ids.h"
#include "services/common/base/strict_json.h"

namespace fairlead::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr size_t kMaxStateBytes = 4 * 1024 * 1024;
constexpr size_t kMaxKeyBytes = 4 * 1024;
constexpr size_t kJsonDepth = 8;
constexpr char kFailed[] = "failed";  // in last.json, in an id's place

Result<void> CheckPrivate(const std::string& path, const struct stat& status) {
  if ((status.st_mode & 0077) == 0) return {};
  return Fail(Code::kFailedPrecondition, "FILE_OPEN_TO_OTHERS",
              path + " can be read by others on this machine.", {{"file", path}});
}

// A private file of ours as a JSON object; nullopt when there is none.
Result<std::optional<json::object>> ReadObject(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::optional<json::object>();
  FAIRLEAD_RETURN_IF_ERROR(CheckPrivate(path, status));
  FAIRLEAD_ASSIGN(const std::string text, ReadFile(path, kMaxStateBytes));
  auto value = ParseStrictJson(text, kMaxStateBytes, kJsonDepth);
  if (!value || !value->is_object()) {
    return Fail(Code::kDataLoss, "FILE_DAMAGED", path + " is not what this program wrote.",
                {{"file", path}});
  }
  return std::optional<json::object>(std::move(value->as_object()));
}

std::string Text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

int64_t Number(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? value->as_int64() : 0;
}

std::vector<std::string> Texts(const json::object& object, std::string_view name) {
  std::vector<std::string> texts;
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_array()) return texts;
  for (const json::value& each : value->as_array()) {
    if (each.is_string()) texts.emplace_back(each.as_string());
  }
  return texts;
}

template <class Strings>
json::array ToArray(const Strings& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

Result<void> CheckId(std::string_view id) {
  if (IsUuid(id)) return {};
  return Fail(Code::kInvalidArgument, "INVALID_ID", "An id that is not a UUID names no file.");
}

Result<void> WriteObject(const std::string& path, const json::object& object) {
  return WriteFile(path, json::serialize(object) + "\n");
}

}  // namespace

Home::Home(std::string folder, std::string profile)
    : folder_(std::move(folder)), profile_(std::move(profile)) {}

bool Home::ValidProfile(std::string_view profile) {
  constexpr size_t kMaxLength = 64;
  return !profile.empty() && profile.size() <= kMaxLength &&
         std::all_of(profile.begin(), profile.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; });
}

std::string Home::SessionPath(std::string_view url) const {
  return ProfileFolder() + "/sessions/" + HexEncode(Sha256(url)).substr(0, 16) + ".json";
}

std::string Home::KeyFolder(std::string_view agency_id) const {
  return ProfileFolder() + "/keys/" + std::string(agency_id);
}

std::string Home::SavedUrl() const {
  const auto saved = ReadObject(ProfileFolder() + "/profile.json");
  return saved && *saved ? Text(**saved, "url") : "";
}

Result<std::optional<SavedSession>> Home::LoadSession(std::string_view url) const {
  FAIRLEAD_ASSIGN(const std::optional<json::object> saved, ReadObject(SessionPath(url)));
  if (!saved) return std::optional<SavedSession>();
  return std::optional<SavedSession>(SavedSession{
      .url = Text(*saved, "url"),
      .token = Text(*saved, "token"),
      .staff_id = Text(*saved, "staff_id"),
      .sign_in_name = Text(*saved, "sign_in_name"),
      .display_name = Text(*saved, "display_name"),
      .agency_id = Text(*saved, "agency_id"),
      .agency_name = Text(*saved, "agency_name"),
  });
}

Result<void> Home::SaveSession(const SavedSession& session) {
  FAIRLEAD_RETURN_IF_ERROR(
      WriteObject(SessionPath(session.url), {{"url", session.url},
                                             {"token", session.token},
                                             {"staff_id", session.staff_id},
                                             {"sign_in_name", session.sign_in_name},
                                             {"display_name", session.display_name},
                                             {"agency_id", session.agency_id},
                                             {"agency_name", session.agency_name}}));
  return WriteObject(ProfileFolder() + "/profile.json", {{"url", session.url}});
}

void Home::DropSession(std::string_view url) {
  std::error_code ignored;
  fs::remove(SessionPath(url), ignored);
}

Result<OwnKeys> Home::LoadKeys(std::string_view agency_id) const {
  FAIRLEAD_RETURN_IF_ERROR(CheckId(agency_id));
  FAIRLEAD_ASSIGN(const std::optional<json::object> current,
                  ReadObject(KeyFolder(agency_id) + "/current.json"));
  if (!current) {
    return Fail(Code::kFailedPrecondition, "KEY_MISSING",
                "The private keys of your agency are not on this machine.",
                {{"folder", KeyFolder(agency_id)}});
  }
  OwnKeys keys;
  FAIRLEAD_ASSIGN(keys.epoch, LoadKey(agency_id, Text(*current, "epoch_kid")));
  FAIRLEAD_ASSIGN(keys.signing, LoadKey(agency_id, Text(*current, "signing_kid")));
  keys.epoch_number = Number(*current, "epoch");
  return keys;
}

Result<seal::PrivateKey> ReadKeyFile(const std::string& path) {
  FAIRLEAD_ASSIGN(const std::string jwk, ReadFile(path, kMaxKeyBytes));
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) FAIRLEAD_RETURN_IF_ERROR(CheckPrivate(path, status));
  auto key = seal::ParsePrivateJwk(jwk);
  if (key) return key;
  Error error = std::move(key.error());
  error.metadata["file"] = path;
  return Fail(std::move(error));
}

Result<seal::PrivateKey> Home::LoadKey(std::string_view agency_id, std::string_view kid) const {
  FAIRLEAD_RETURN_IF_ERROR(CheckId(agency_id));
  const std::string path = KeyFolder(agency_id) + "/" + std::string(kid) + ".jwk";
  struct stat status {};
  if (kid.find('/') != std::string_view::npos || ::stat(path.c_str(), &status) != 0) {
    return Fail(Code::kFailedPrecondition, "KEY_MISSING",
                "A private key of your agency is not on this machine.",
                {{"kid", std::string(kid)}});
  }
  return ReadKeyFile(path);
}

Result<void> Home::SaveKey(std::string_view agency_id, const seal::PrivateKey& key) {
  return SaveKeyAs(agency_id, key.public_key.kid, key);
}

Result<void> Home::SaveKeyAs(std::string_view agency_id, std::string_view name,
                             const seal::PrivateKey& key) {
  FAIRLEAD_RETURN_IF_ERROR(CheckId(agency_id));
  return WriteFile(KeyFolder(agency_id) + "/" + std::string(name) + ".jwk",
                   seal::ToPrivateJwk(key) + "\n");
}

void Home::DropKey(std::string_view agency_id, std::string_view name) {
  if (!CheckId(agency_id)) return;
  std::error_code ignored;
  std::filesystem::remove(KeyFolder(agency_id) + "/" + std::string(name) + ".jwk", ignored);
}

Result<void> Home::MakeCurrent(std::string_view agency_id, const std::string& epoch_kid,
                               const std::string& signing_kid, int64_t epoch) {
  FAIRLEAD_RETURN_IF_ERROR(CheckId(agency_id));
  return WriteObject(KeyFolder(agency_id) + "/current.json",
                     {{"epoch_kid", epoch_kid}, {"signing_kid", signing_kid}, {"epoch", epoch}});
}

Result<DeviceBook> Home::LoadDevices(std::string_view agency_id) const {
  FAIRLEAD_RETURN_IF_ERROR(CheckId(agency_id));
  FAIRLEAD_ASSIGN(const std::optional<json::object> saved,
                  ReadObject(KeyFolder(agency_id) + "/devices.json"));
  DeviceBook book;
  if (!saved) return book;
  const std::vector<std::string> removed = Texts(*saved, "removed");
  const std::vector<std::string> left = Texts(*saved, "left");
  book.removed.insert(removed.begin(), removed.end());
  book.left.insert(left.begin(), left.end());
  const json::value* confirmed = saved->if_contains("confirmed");
  if (confirmed == nullptr || !confirmed->is_object()) return book;
  for (const auto& [kid, value] : confirmed->as_object()) {
    if (!value.is_object()) continue;
    const json::object& holder = value.as_object();
    book.confirmed[std::string(kid)] = {.staff_id = Text(holder, "staff_id"),
                                        .name = Text(holder, "name")};
  }
  return book;
}

Result<void> Home::SaveDevices(std::string_view agency_id, const DeviceBook& book) {
  FAIRLEAD_RETURN_IF_ERROR(CheckId(agency_id));
  json::object confirmed;
  for (const auto& [kid, holder] : book.confirmed) {
    confirmed[kid] = json::object{{"staff_id", holder.staff_id}, {"name", holder.name}};
  }
  return WriteObject(KeyFolder(agency_id) + "/devices.json", {{"confirmed", std::move(confirmed)},
                                                              {"removed", ToArray(book.removed)},
                                                              {"left", ToArray(book.left)}});
}

Result<std::optional<keys::RootPin>> Home::LoadRoot() const {
  const std::string path = ProfileFolder() + "/root.json";
  FAIRLEAD_ASSIGN(const std::optional<json::object> saved, ReadObject(path));
  if (!saved) return std::optional<keys::RootPin>();
  auto key = seal::ParseJwk(Text(*saved, "root_jwk"));
  if (!key) {
    return Fail(Code::kDataLoss, "FILE_DAMAGED", path + " is not what this program wrote.",
                {{"file", path}});
  }
  return std::optional<keys::RootPin>(keys::RootPin{
      .number = Number(*saved, "number"), .root = *key, .coalition = Text(*saved, "coalition")});
}

Result<void> Home::SaveRoot(const keys::RootPin& root) {
  return WriteObject(ProfileFolder() + "/root.json", {{"number", root.number},
                                                      {"root_jwk", seal::ToJwk(root.root)},
                                                      {"coalition", root.coalition}});
}

Result<std::map<std::string, Pin>> Home::LoadPins() const {
  std::map<std::string, Pin> pins;
  FAIRLEAD_ASSIGN(const std::optional<json::object> saved,
                  ReadObject(ProfileFolder() + "/pins.json"));
  if (!saved) return pins;
  for (const auto& [agency_id, value] : *saved) {
    if (!value.is_object()) continue;
    const json::object& saved_pin = value.as_object();
    const json::value* sealed_to = saved_pin.if_contains("sealed_to");
    Pin pin{.name = Text(saved_pin, "name"),
            .sealed_to = sealed_to != nullptr && sealed_to->is_bool() && sealed_to->as_bool(),
            .keys = {.name = Text(saved_pin, "certified_name"),
                     .agency_kid = Text(saved_pin, "agency_kid"),
                     .certified_s = Number(saved_pin, "certified_s"),
                     .version = Number(saved_pin, "version"),
                     .list_hash = Text(saved_pin, "list_hash"),
                     .epoch = Number(saved_pin, "epoch"),
                     .epoch_kid = Text(saved_pin, "epoch_kid"),
                     .signing_kid = Text(saved_pin, "signing_kid"),
                     .kids = Texts(saved_pin, "kids")}};
    if (pin.keys.agency_kid.empty()) continue;
    pins.emplace(std::string(agency_id), std::move(pin));
  }
  return pins;
}

Result<void> Home::SavePin(const std::string& agency_id, const Pin& pin, bool take_name) {
  FAIRLEAD_RETURN_IF_ERROR(CheckId(agency_id));
  FAIRLEAD_ASSIGN(auto pins, LoadPins());
  for (auto& [id, other] : pins) {
    if (!take_name || id == agency_id || other.name != pin.name) continue;
    other.name.clear();
    other.sealed_to = false;
  }
  pins[agency_id] = pin;
  json::object all;
  for (const auto& [id, each] : pins) {
    all[id] = json::object{{"name", each.name},
                           {"sealed_to", each.sealed_to},
                           {"certified_name", each.keys.name},
                           {"agency_kid", each.keys.agency_kid},
                           {"certified_s", each.keys.certified_s},
                           {"version", each.keys.version},
                           {"list_hash", each.keys.list_hash},
                           {"epoch", each.keys.epoch},
                           {"epoch_kid", each.keys.epoch_kid},
                           {"signing_kid", each.keys.signing_kid},
                           {"kids", ToArray(each.keys.kids)}};
  }
  return WriteObject(ProfileFolder() + "/pins.json", all);
}

Result<std::string> Home::KnownReleaseHash(const std::string& release_id) const {
  FAIRLEAD_RETURN_IF_ERROR(CheckId(release_id));
  FAIRLEAD_ASSIGN(const std::optional<json::object> saved,
                  ReadObject(ProfileFolder() + "/releases/" + release_id + ".json"));
  return saved ? Text(*saved, "hash") : std::string();
}

Result<void> Home::RememberReleaseHash(const std::string& release_id, const std::string& hash) {
  FAIRLEAD_RETURN_IF_ERROR(CheckId(release_id));
  return WriteObject(ProfileFolder() + "/releases/" + release_id + ".json", {{"hash", hash}});
}

std::string Home::Last(const std::string& kind) const {
  const auto saved = ReadObject(ProfileFolder() + "/last.json");
  const std::string last = saved && *saved ? Text(**saved, kind) : "";
  return IsUuid(last) ? last : "";
}

bool Home::LastFailed(const std::string& kind) const {
  const auto saved = ReadObject(ProfileFolder() + "/last.json");
  return saved && *saved && Text(**saved, kind) == kFailed;
}

void Home::ForgetLast(const std::string& kind) {
  if (!Last(kind).empty()) WriteLast(kind, kFailed);
}

void Home::SetLast(const std::string& kind, const std::string& id) {
  if (IsUuid(id)) WriteLast(kind, id);
}

void Home::WriteLast(const std::string& kind, const std::string& text) {
  const std::string path = ProfileFolder() + "/last.json";
  const auto saved = ReadObject(path);
  json::object last;
  if (saved && *saved) last = **saved;
  last[kind] = text;
  // A convenience: when it cannot be written, the command has still done its work.
  static_cast<void>(WriteObject(path, last));
}

std::vector<std::string> Home::OpenFiles() const {
  constexpr size_t kMaxFiles = 10'000;
  std::vector<std::string> open;
  std::error_code error;
  size_t seen = 0;
  for (fs::recursive_directory_iterator at(folder_, error), end; !error && at != end;
       at.increment(error)) {
    if (++seen > kMaxFiles) break;
    struct stat status {};
    if (::stat(at->path().c_str(), &status) == 0 && (status.st_mode & 0077) != 0) {
      open.push_back(at->path().string());
    }
  }
  return open;
}

}  // namespace fairlead::cli
