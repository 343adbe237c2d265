// The folder where the command line keeps what belongs to a person: sessions, the agency's private
// keys, the keys of others that were pinned, and the ids last used.
//
//   HOME/profiles/NAME/profile.json                  {"url": …}: the hub last signed in to
//   HOME/profiles/NAME/sessions/URL-HASH.json        the session token, one file a hub
//   HOME/profiles/NAME/keys/AGENCY/KID.jwk           private keys of all epochs, one JWK a file
//   HOME/profiles/NAME/keys/AGENCY/current.json      {"epoch_kid", "signing_kid", "epoch"}
//   HOME/profiles/NAME/keys/AGENCY/device.jwk        this device's key; agency.jwk: administrators,
//                                                    agency-next.jwk: until it is in force
//   HOME/profiles/NAME/keys/AGENCY/devices.json     whose devices may have the keys, and who is out
//   HOME/profiles/NAME/root.json                     the coalition's root, once a person trusts it
//   HOME/profiles/NAME/pins.json                     what is believed of agencies' keys
//   HOME/profiles/NAME/releases/ID.json              {"hash": …}: releases made or signed here
//   HOME/profiles/NAME/last.json                     what @last stands for
//
// Folders are made with mode 0700, files with 0600, each written whole or not at all. A file that
// others may read is refused (FILE_OPEN_TO_OTHERS). An id comes from a hub and becomes a file's
// name: what is not a UUID is refused (INVALID_ID).
#ifndef GATEWAY_CLI_HOME_H_
#define GATEWAY_CLI_HOME_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/keys/trust.h"
#include "services/common/seal/seal.h"

namespace fairlead::cli {

struct SavedSession {
  std::string url;
  std::string token;
  std::string staff_id;
  std::string sign_in_name;
  std::string display_name;
  std::string agency_id;
  std::string agency_name;
};

// The agency's own keys: both private halves.
struct OwnKeys {
  seal::PrivateKey epoch;
  seal::PrivateKey signing;
  int64_t epoch_number = 0;
};

// What is known and trusted of an agency's keys.
struct Pin {
  std::string name;
  bool sealed_to = false;  // false: only read from, so far
  keys::AgencyPin keys;
  // A person or the root has said that this is its name; else the hub alone has.
  bool NameConfirmed() const { return !name.empty() && (sealed_to || keys.certified_s > 0); }
  bool operator==(const Pin&) const = default;
};

// What a person has said at this machine about the devices of the own agency. It outlives what the
// hub says of them: a device once removed and a person who has left stay out.
struct DeviceBook {
  struct Holder {
    std::string staff_id;
    std::string name;  // as it was shown when the person said so
    bool operator==(const Holder&) const = default;
  };
  std::map<std::string, Holder> confirmed;  // by kid: who may be given the agency's keys
  std::set<std::string> removed;            // kids
  std::set<std::string> left;               // staff ids
  bool operator==(const DeviceBook&) const = default;
};

// Keys of an agency's folder that are named by what they are and not by their kid.
inline constexpr std::string_view kAgencyKeyName = "agency";
inline constexpr std::string_view kNextAgencyKeyName = "agency-next";
inline constexpr std::string_view kDeviceKeyName = "device";

class Home {
 public:
  // profile: 1 to 64 of a-z A-Z 0-9 _ - (the caller checks, see ValidProfile).
  Home(std::string folder, std::string profile);
  static bool ValidProfile(std::string_view profile);

  const std::string& folder() const { return folder_; }
  std::string ProfileFolder() const { return folder_ + "/profiles/" + profile_; }
  std::string SessionPath(std::string_view url) const;
  std::string KeyFolder(std::string_view agency_id) const;

  std::string SavedUrl() const;  // empty: never signed in
  Result<std::optional<SavedSession>> LoadSession(std::string_view url) const;
  Result<void> SaveSession(const SavedSession& session);
  void DropSession(std::string_view url);

  // Error: FAILED_PRECONDITION KEY_MISSING.
  Result<OwnKeys> LoadKeys(std::string_view agency_id) const;
  // The private half of one key, of any epoch. Error: KEY_MISSING.
  Result<seal::PrivateKey> LoadKey(std::string_view agency_id, std::string_view kid) const;
  // Before publishing, so that a private half is never lost; then MakeCurrent.
  Result<void> SaveKey(std::string_view agency_id, const seal::PrivateKey& key);
  Result<void> SaveKeyAs(std::string_view agency_id, std::string_view name,
                         const seal::PrivateKey& key);
  // Nothing happens when there is none.
  void DropKey(std::string_view agency_id, std::string_view name);
  Result<void> MakeCurrent(std::string_view agency_id, const std::string& epoch_kid,
                           const std::string& signing_kid, int64_t epoch);

  // Empty: nothing has been said here yet.
  Result<DeviceBook> LoadDevices(std::string_view agency_id) const;
  Result<void> SaveDevices(std::string_view agency_id, const DeviceBook& book);

  // nullopt: this person has trusted none yet.
  Result<std::optional<keys::RootPin>> LoadRoot() const;
  Result<void> SaveRoot(const keys::RootPin& root);

  Result<std::map<std::string, Pin>> LoadPins() const;
  // An agency's name is pinned with it. `take_name`: other agencies lose the name that this one
  // has now, and are sealed to only after a question, as at first use.
  Result<void> SavePin(const std::string& agency_id, const Pin& pin, bool take_name = false);

  // The hash of a release made or signed here; empty: not known here.
  Result<std::string> KnownReleaseHash(const std::string& release_id) const;
  Result<void> RememberReleaseHash(const std::string& release_id, const std::string& hash);

  // What @last stands for, by kind: "release", "referral", "case", "agency".
  std::string Last(const std::string& kind) const;
  void SetLast(const std::string& kind, const std::string& id);
  // What was to be made was not: @last names nothing until the next one, and no older one.
  void ForgetLast(const std::string& kind);
  bool LastFailed(const std::string& kind) const;

  // Files below the folder that others may read or write. For doctor.
  std::vector<std::string> OpenFiles() const;

 private:
  void WriteLast(const std::string& kind, const std::string& text);

  std::string folder_;
  std::string profile_;
};

// A private key, as a JWK in a file that nobody else may read. Errors: those of ReadFile,
// FILE_OPEN_TO_OTHERS, INVALID_KEY; each with metadata file.
Result<seal::PrivateKey> ReadKeyFile(const std::string& path);
// A whole file of at most `max_bytes`. Errors: NOT_FOUND FILE_NOT_FOUND, FILE_UNREADABLE,
// FILE_TOO_LARGE.
Result<std::string> ReadFile(const std::string& path, size_t max_bytes);
// Mode 0600, made beside and renamed into place.
Result<void> WriteFile(const std::string& path, std::string_view contents);
// Mode 0600; refuses an existing file (OUTPUT_EXISTS) unless `force`.
Result<void> WriteNewFile(const std::string& path, std::string_view contents, bool force);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_HOME_H_
