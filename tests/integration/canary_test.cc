// Promise 2 of the product, looked for and not believed: what is inside a packet stands nowhere in
// the clear. A hundred unique strings go through a real hub inside packets; then every file of its
// data folder, its log, its Redis, its metrics, its arguments and environment are searched for
// them. And after a revocation the custody keys are gone from the disk, byte for byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sqlite3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "fairlead/identity/v1/identity.pb.h"
#include "gateway/cli/client.h"
#include "services/common/base/encoding.h"
#include "services/common/events/redis_connection.h"
#include "services/common/testing/temp_dir.h"
#include "tests/support/coalition.h"
#include "tests/support/hub_process.h"
#include "tests/support/raw_http.h"

namespace fairlead::testing {
namespace {

namespace consent_v1 = fairlead::consent::v1;
namespace identity_v1 = fairlead::identity::v1;
namespace referral_v1 = fairlead::referral::v1;
namespace fs = std::filesystem;

constexpr int kCanaries = 100;

std::string Referral(const char* method) {
  return std::string("/fairlead.referral.v1.ReferralService/") + method;
}

// Everything in which something could have been left, by name.
using Haystack = std::map<std::string, std::string>;

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Plain reads of the bytes: a live database is not opened, only looked at.
void AddFiles(const std::string& folder, Haystack& hay) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) hay[entry.path().string()] = ReadAll(entry.path());
  }
}

void Flatten(const events::ReplyView& reply, std::string& text) {
  text.append(reply.Text());
  text += '\n';
  for (size_t i = 0; i < reply.size(); ++i) Flatten(reply[i], text);
}

std::string Ask(events::RedisConnection& redis, std::initializer_list<std::string_view> command) {
  Result<events::Reply> reply = redis.MustCall(command);
  std::string text;
  EXPECT_TRUE(reply) << *command.begin() << ": " << ToString(reply.error());
  if (reply) Flatten(*reply, text);
  return text;
}

// Every key of a private Redis, read by its type, and dumped.
void AddRedis(const std::string& socket, Haystack& hay) {
  auto redis = events::RedisConnection::Open(socket, 5'000);
  ASSERT_TRUE(redis) << ToString(redis.error());
  auto keys = (*redis)->MustCall({"KEYS", "*"});
  ASSERT_TRUE(keys) << ToString(keys.error());
  for (size_t i = 0; i < keys->size(); ++i) {
    const std::string key((*keys)[i].Text());
    auto type_reply = (*redis)->MustCall({"TYPE", key});
    ASSERT_TRUE(type_reply);
    const std::string type(type_reply->Text());
    std::string text = key + "\n" + Ask(**redis, {"DUMP", key});
    if (type == "stream") {
      text += Ask(**redis, {"XRANGE", key, "-", "+"}) + Ask(**redis, {"XINFO", "STREAM", key});
    } else if (type == "string") {
      text += Ask(**redis, {"GET", key});
    } else if (type == "hash") {
      text += Ask(**redis, {"HGETALL", key});
    } else if (type == "list") {
      text += Ask(**redis, {"LRANGE", key, "0", "-1"});
    } else {
      ADD_FAILURE() << "this search cannot look into " << key << ", a " << type;
    }
    hay["redis " + key] = text;
  }
  hay["redis slow log"] = Ask(**redis, {"SLOWLOG", "GET", "1024"});
  hay["redis clients"] = Ask(**redis, {"CLIENT", "LIST"});
}

std::vector<pid_t> ChildrenOf(pid_t pid) {
  std::vector<pid_t> children;
  for (const auto& task : fs::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    std::ifstream list(task.path() / "children");
    for (pid_t child = 0; list >> child;) children.push_back(child);
  }
  return children;
}

void AddProcess(pid_t pid, Haystack& hay) {
  const std::string proc = "/proc/" + std::to_string(pid);
  hay[proc + "/cmdline"] = ReadAll(proc + "/cmdline");
  hay[proc + "/environ"] = ReadAll(proc + "/environ");
  for (const pid_t child : ChildrenOf(pid)) AddProcess(child, hay);
}

// `secret` as it stands, in hexadecimal, and in base64 wherever in a longer text it begins.
std::vector<std::string> FormsOf(const std::string& secret) {
  std::string upper = HexEncode(secret);
  for (char& c : upper) c = static_cast<char>(c >= 'a' ? c - 'a' + 'A' : c);
  std::vector<std::string> forms = {secret, HexEncode(secret), upper};
  for (size_t shift = 0; shift < 3; ++shift) {
    const std::string shifted = std::string(shift, 'x') + secret;
    const size_t from = (shift * 8 + 5) / 6;           // the first character that is all ours
    const size_t to = shifted.size() * 8 / 6;          // the last one, and one
    forms.push_back(Base64UrlEncode(shifted).substr(from, to - from));
    forms.push_back(Base64Encode(shifted).substr(from, to - from));
  }
  return forms;
}

// Where any of the secrets stands, in any form.
std::set<std::string> PlacesOf(const std::vector<std::string>& secrets, const Haystack& hay) {
  std::set<std::string> places;
  for (const std::string& secret : secrets) {
    for (const std::string& form : FormsOf(secret)) {
      for (const auto& [name, bytes] : hay) {
        if (memmem(bytes.data(), bytes.size(), form.data(), form.size()) != nullptr) {
          places.insert(name);
        }
      }
    }
  }
  return places;
}

int FreePort() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  const bool bound = ::bind(fd, raw, size) == 0 && ::getsockname(fd, raw, &size) == 0;
  ::close(fd);
  return bound ? ntohs(address.sin_port) : 0;
}

int PortOf(const std::string& url) { return std::stoi(url.substr(url.rfind(':') + 1)); }

// The custody keys as a stopped hub left them: of copies, for a database is not opened twice.
std::map<std::string, std::vector<std::string>> CustodyKeysByRelease(const std::string& data_dir) {
  const TempDir copies;
  for (const char* end : {"", "-wal", "-shm"}) {
    const std::string name = std::string("consent-custody.db") + end;
    std::error_code missing;  // a clean stop leaves no journal
    fs::copy_file(data_dir + "/" + name, copies.File(name), missing);
  }
  sqlite3* database = nullptr;
  EXPECT_EQ(sqlite3_open(copies.File("consent-custody.db").c_str(), &database), SQLITE_OK);
  sqlite3_stmt* rows = nullptr;
  EXPECT_EQ(sqlite3_prepare_v2(database, "SELECT release_id, key FROM custody_key", -1, &rows,
                               nullptr),
            SQLITE_OK)
      << sqlite3_errmsg(database);
  std::map<std::string, std::vector<std::string>> keys;
  while (rows != nullptr && sqlite3_step(rows) == SQLITE_ROW) {
    const auto* release = reinterpret_cast<const char*>(sqlite3_column_text(rows, 0));
    keys[release].emplace_back(static_cast<const char*>(sqlite3_column_blob(rows, 1)),
                               static_cast<size_t>(sqlite3_column_bytes(rows, 1)));
  }
  sqlite3_finalize(rows);
  sqlite3_close(database);
  return keys;
}

class CanaryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    events::BlockSigpipe();
    admin_port_ = FreePort();
    auto hub = HubProcess::Start(
        {.data_dir = folder_.File("data"),
         .arguments = {"--admin-listen", "127.0.0.1:" + std::to_string(admin_port_),
                       "--log-level", "debug"},
         .log_path = folder_.File("hub.log")});
    ASSERT_TRUE(hub) << ToString(hub.error());
    hub_ = std::move(*hub);
    coalition_ = std::make_unique<Coalition>(hub_->channel());
    from_ = Add("Harbor", auth::AgencyKind::kVictimServiceProvider);
    to_ = Add("Clinic", auth::AgencyKind::kHealthProvider);
  }

  Agency Add(const std::string& name, auth::AgencyKind kind) {
    auto agency = coalition_->AddAgency(name, kind);
    EXPECT_TRUE(agency) << ToString(agency.error());
    return agency ? *agency : Agency{};
  }

  consent_v1::Release Release() {
    auto release = coalition_->SignedRelease(from_, to_);
    EXPECT_TRUE(release) << ToString(release.error());
    return release ? *release : consent_v1::Release();
  }

  referral_v1::Referral SendSealed(const consent_v1::Release& release,
                                   const std::string& plaintext) {
    auto request = coalition_->Packet(from_, to_, release, plaintext);
    EXPECT_TRUE(request) << ToString(request.error());
    if (!request) return {};
    auto sent = coalition_->Send(*request, from_);
    EXPECT_TRUE(sent) << ToString(sent.error());
    return sent ? *sent : referral_v1::Referral();
  }

  // All there is to search while the hub runs.
  Haystack Everything() {
    Haystack hay;
    AddFiles(folder_.path(), hay);
    AddRedis(hub_->data_dir() + "/run/redis.sock", hay);
    AddProcess(hub_->pid(), hay);
    RawHttp admin(admin_port_);
    const RawAnswer metrics = admin.Ask("GET", "/metrics");
    EXPECT_EQ(metrics.status, 200);
    hay["metrics"] = metrics.body;
    return hay;
  }

  void Decline(const std::string& offer_id) {
    referral_v1::DeclineOfferRequest decline;
    decline.set_request_id(coalition_->ids().New());
    decline.set_offer_id(offer_id);
    decline.set_reason_code("no_capacity");
    auto declined = coalition_->Call<referral_v1::DeclineOfferResponse>(
        to_.caseworker, Referral("DeclineOffer"), decline);
    EXPECT_TRUE(declined) << ToString(declined.error());
  }

  // What may become of a packet, by number.
  void HandOff(int number) {
    const std::string canary = tag_ + "-" + std::to_string(number);
    const std::string plaintext =
        R"({"needs":{"summary":")" + canary + " " + canary + " " + canary + R"("}})";
    const consent_v1::Release release = Release();
    const referral_v1::Referral sent = SendSealed(release, plaintext);
    ASSERT_EQ(sent.offers_size(), 1);
    const std::string offer_id = sent.offers(0).id();
    last_referral_id_ = sent.id();
    if (number % 5 == 0) return;  // waits in the inbox
    const Result<std::string> opened = coalition_->Open(to_, from_, sent.id());
    ASSERT_TRUE(opened) << ToString(opened.error());
    ASSERT_EQ(*opened, plaintext);
    if (number % 5 == 1) return Decline(offer_id);
    ASSERT_TRUE(coalition_->Accept(to_, offer_id));
    if (number % 5 == 2) return;
    if (number % 5 == 3) {
      ASSERT_TRUE(coalition_->Revoke(from_, release.id()));
      ASSERT_FALSE(coalition_->Open(to_, from_, sent.id()));
      return;
    }
    ASSERT_TRUE(coalition_->Start(to_, sent.id()));
    ASSERT_TRUE(coalition_->Complete(to_, sent.id()));
  }

  // Packets that are none, each with a canary inside: what is refused is not repeated to anyone.
  void ProvokeByGrpc() {
    const consent_v1::Release release = Release();
    auto good = coalition_->Packet(from_, to_, release, R"({"needs":")" + tag_ + R"("})");
    ASSERT_TRUE(good) << ToString(good.error());
    const std::string members = R"("iv":"AAAA","tag":"AAAA","recipients":[])";
    for (const std::string& packet :
         {tag_, R"({"needs":")" + tag_ + R"("})", R"({")" + tag_ + R"(":1})",
          R"({"protected":")" + tag_ + R"(","ciphertext":")" + tag_ + R"(",)" + members + "}",
          "[\"" + tag_ + "\"", good->packet() + tag_, tag_ + "\xff\xfe",
          good->packet().substr(0, good->packet().size() / 2) + tag_}) {
      referral_v1::SendReferralRequest request = *good;
      request.set_packet(packet);
      const auto refused = coalition_->Send(request, from_);
      ASSERT_FALSE(refused) << packet;
      std::string told = ToString(refused.error()) + refused.error().message;
      for (const auto& [name, value] : refused.error().metadata) told += name + value;
      EXPECT_EQ(told.find(tag_), std::string::npos) << told;
    }
  }

  void AddStaff() {
    auto made = coalition_->AddStaff(from_, "harbor.caseworker", identity_v1::ROLE_CASEWORKER,
                                     passphrase_);
    ASSERT_TRUE(made) << ToString(made.error());
    const identity_v1::SignInRequest sign_in = made->NextSignIn();
    cli::Client client({.url = hub_->url(), .token = {}, .ca_file = {}});
    auto session = client.Call<identity_v1::SignInResponse>(
        "fairlead.identity.v1.IdentityService/SignIn", sign_in);
    ASSERT_TRUE(session) << ToString(session.error());
    token_ = session->session_token();
  }

  void ProvokeByHttp() {
    const std::string as_staff = "Authorization: Bearer " + token_ + "\r\n";
    for (const std::string& body :
         {R"({"needs":")" + tag_ + R"("})", R"({"packet":{"summary":")" + tag_ + R"("}})",
          R"({"packet":")" + tag_, "\"" + tag_ + "\"", R"({"packet":")" + tag_ + R"("})",
          R"({"facets":{"needs":")" + tag_ + R"("}})"}) {
      RawHttp http(PortOf(hub_->url()));
      const RawAnswer answer = http.Call(Referral("SendReferral"), body, as_staff);
      EXPECT_GE(answer.status, 400) << body;
      EXPECT_LT(answer.status, 500) << body;
      EXPECT_EQ(answer.body.find(tag_), std::string::npos) << answer.body;
    }
    RawHttp nobody(PortOf(hub_->url()));
    EXPECT_EQ(nobody.Call(Referral("SendReferral"), tag_).status, 401);
    RawHttp lost(PortOf(hub_->url()));
    EXPECT_EQ(lost.Ask("GET", "/" + tag_ + "?q=" + tag_).status, 404);
    RawHttp wrong_type(PortOf(hub_->url()));
    EXPECT_GE(wrong_type.Ask("POST", Referral("SendReferral"),
                             as_staff + "Content-Type: text/" + tag_ + "\r\n", tag_)
                  .status,
              400);
  }

  TempDir folder_;
  int admin_port_ = 0;
  std::unique_ptr<HubProcess> hub_;
  std::unique_ptr<Coalition> coalition_;
  Agency from_;
  Agency to_;
  // Part of every canary, and of nothing else on earth: to look for it is to look for them all.
  const std::string tag_ = "canary" + HexEncode(SystemRandom().Bytes(9));
  const std::string passphrase_ = "a passphrase " + HexEncode(SystemRandom().Bytes(9));
  std::string token_;
  std::string last_referral_id_;
};

TEST_F(CanaryTest, NothingInsideAPacketIsLeftAnywhere) {
  AddStaff();
  for (int number = 0; number < kCanaries; ++number) ASSERT_NO_FATAL_FAILURE(HandOff(number));
  ProvokeByGrpc();
  ProvokeByHttp();
  const std::vector<std::string> secrets = {tag_, passphrase_, token_};
  const Haystack live = Everything();
  EXPECT_THAT(PlacesOf(secrets, live), ::testing::IsEmpty());

  // The same search finds what is there: an id in database and stream, a name, an argument.
  const auto found = PlacesOf({last_referral_id_}, live);
  const std::string data = hub_->data_dir();
  EXPECT_THAT(found, ::testing::Contains(::testing::HasSubstr("/referral.db")));
  EXPECT_THAT(found, ::testing::Contains(::testing::HasSubstr("/consent-custody.db")));
  EXPECT_THAT(found, ::testing::Contains("redis ev:referral"));
  EXPECT_THAT(PlacesOf({"hub.log", data}, live),
              ::testing::Contains("/proc/" + std::to_string(hub_->pid()) + "/cmdline"));
  EXPECT_THAT(live.at("metrics"), ::testing::HasSubstr("fairlead_"));
  EXPECT_TRUE(live.contains(folder_.File("hub.log")));

  // And after a stop, when every journal has been written back.
  ASSERT_EQ(hub_->Stop().value_or(-1), 0);
  Haystack stopped;
  AddFiles(folder_.path(), stopped);
  EXPECT_THAT(PlacesOf(secrets, stopped), ::testing::IsEmpty());
  EXPECT_THAT(PlacesOf({"event=process_stopped"}, stopped),
              ::testing::ElementsAre(folder_.File("hub.log")));
}

TEST_F(CanaryTest, TheSearchSeesThroughEncodings) {
  for (size_t before = 0; before < 3; ++before) {
    const std::string text = std::string(before, 'q') + tag_ + "end";
    for (const std::string& hidden :
         {text, HexEncode(text), Base64Encode(text), Base64UrlEncode(text)}) {
      EXPECT_THAT(PlacesOf({tag_}, {{"here", "..." + hidden}, {"there", "..."}}),
                  ::testing::ElementsAre("here"));
    }
  }
}

TEST_F(CanaryTest, ARevocationLeavesNoCustodyKeyOnTheDisk) {
  std::map<std::string, std::vector<std::string>> referrals;  // by release
  for (int i = 0; i < 4; ++i) {
    const consent_v1::Release release = Release();
    for (int j = 0; j < 5; ++j) referrals[release.id()].push_back(SendSealed(release, "{}").id());
  }
  ASSERT_EQ(hub_->Stop().value_or(-1), 0);
  const auto keys = CustodyKeysByRelease(hub_->data_dir());
  ASSERT_EQ(keys.size(), 4U);
  Haystack before;
  AddFiles(folder_.path(), before);
  for (const auto& [release, of_release] : keys) {
    ASSERT_EQ(of_release.size(), 10U) << "five packets, two agencies that may open each";
    for (const std::string& key : of_release) {
      EXPECT_THAT(PlacesOf({key}, before), ::testing::Each(::testing::HasSubstr("custody")));
      ASSERT_THAT(PlacesOf({key}, before), ::testing::Not(::testing::IsEmpty()));
    }
  }

  const Result<void> restarted = hub_->Restart();
  ASSERT_TRUE(restarted) << ToString(restarted.error());
  coalition_->UseChannel(hub_->channel());
  const std::set<std::string> revoked = {keys.begin()->first, std::next(keys.begin(), 2)->first};
  for (const std::string& release : revoked) {
    auto answer = coalition_->Revoke(from_, release);
    ASSERT_TRUE(answer) << ToString(answer.error());
    EXPECT_EQ(answer->keys_deleted(), 10);
    // The promise is about this moment: the answer is here, and the keys are not.
    EXPECT_THAT(PlacesOf(keys.at(release), Everything()), ::testing::IsEmpty());
  }
  for (const auto& [release, of_release] : referrals) {
    for (const std::string& referral : of_release) {
      const Result<std::string> opened = coalition_->Open(to_, from_, referral);
      EXPECT_EQ(opened ? "opened" : opened.error().reason,
                revoked.contains(release) ? "RELEASE_REVOKED" : "opened");
    }
  }

  ASSERT_EQ(hub_->Stop().value_or(-1), 0);
  Haystack after;
  AddFiles(folder_.path(), after);
  const auto left = CustodyKeysByRelease(hub_->data_dir());
  for (const auto& [release, of_release] : keys) {
    EXPECT_EQ(left.contains(release), !revoked.contains(release));
    for (const std::string& key : of_release) {
      EXPECT_EQ(PlacesOf({key}, after).empty(), revoked.contains(release));
    }
  }
}

}  // namespace
}  // namespace fairlead::testing
