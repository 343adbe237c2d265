#include "services/common/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "services/common/config/keys.h"
#include "services/common/config/secret_file.h"
#include "services/common/config/state_ages.h"
#include "services/common/config/suggest.h"
#include "services/common/testing/temp_dir.h"

namespace fairlead::config {
namespace {

using ::testing::HasSubstr;

class ConfigTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text, mode_t mode = 0600) {
    const std::string path = folder_.path() + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    chmod(path.c_str(), mode);
    return path;
  }
  Result<Loaded> LoadText(const std::string& text) {
    Sources sources;
    sources.file = Write("hub.toml", text);
    return Load(sources);
  }
  void ExpectRefused(const std::string& text, const std::string& reason, const std::string& key,
                     const std::string& line, const std::string& message) {
    const Result<Loaded> loaded = LoadText(text);
    ASSERT_FALSE(loaded) << text;
    EXPECT_EQ(loaded.error().reason, reason) << text;
    EXPECT_EQ(loaded.error().code, Code::kInvalidArgument);
    const auto& metadata = loaded.error().metadata;
    EXPECT_EQ(metadata.count("key") ? metadata.at("key") : "", key) << text;
    EXPECT_EQ(metadata.count("line") ? metadata.at("line") : "", line) << text;
    EXPECT_THAT(loaded.error().message, HasSubstr(message)) << text;
    if (!line.empty()) {
      EXPECT_THAT(loaded.error().message, HasSubstr("hub.toml:" + line + ": "));
    }
  }
  testing::TempDir folder_;
};

TEST_F(ConfigTest, DefaultsAreThoseOfTheDesign) {
  const Result<Loaded> loaded = Load(Sources{});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->config.listen, "127.0.0.1:7420");
  EXPECT_EQ(loaded->config.admin_listen, "");
  EXPECT_EQ(loaded->config.log.level, LogLevel::kInfo);
  EXPECT_EQ(DatabaseUrl(loaded->config, "referral"), "sqlite:data/referral.db");
  EXPECT_EQ(ServiceAddress(loaded->config, "consent"), "unix:data/run/hub.sock");
}

TEST_F(ConfigTest, FlagsBeatEnvironmentBeatsFileBeatsDefault) {
  Sources sources;
  sources.environment["FAIRLEAD_CONFIG"] =
      Write("hub.toml", "listen = \"127.0.0.1:1\"\ndrain_s = 1\n[limits]\nconnections = 61\n");
  sources.environment["FAIRLEAD_LISTEN"] = "127.0.0.1:2";
  sources.environment["FAIRLEAD_DRAIN_S"] = "2";
  sources.environment["HOME"] = "/nowhere";
  sources.arguments = {"--listen", "127.0.0.1:3", "--demo", "--data=/tmp/x", "serve"};
  sources.switches = {"--demo", "--quiet"};
  const Result<Loaded> loaded = Load(sources);
  ASSERT_TRUE(loaded) << ToString(loaded.error());
  EXPECT_EQ(loaded->config.listen, "127.0.0.1:3");
  EXPECT_EQ(loaded->config.drain_s, 2);
  EXPECT_EQ(loaded->config.limits.connections, 61);
  EXPECT_EQ(loaded->config.limits.requests_per_s, 100);
  EXPECT_EQ(loaded->config.data_dir, "/tmp/x");
  EXPECT_EQ(loaded->given, std::set<std::string>{"--demo"});
  EXPECT_EQ(loaded->positional, std::vector<std::string>{"serve"});
  EXPECT_EQ(loaded->origin.at("listen"), "--listen");
  EXPECT_EQ(loaded->origin.at("drain_s"), "FAIRLEAD_DRAIN_S");
  EXPECT_THAT(loaded->origin.at("limits.connections"), HasSubstr("hub.toml:4"));
}

TEST_F(ConfigTest, AFlagNamesTheFileBeforeTheEnvironmentDoes) {
  Sources sources;
  sources.environment["FAIRLEAD_CONFIG"] = Write("a.toml", "drain_s = 3\n");
  sources.arguments = {"--config", Write("b.toml", "drain_s = 4\n")};
  const Result<Loaded> loaded = Load(sources);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->config.drain_s, 4);
}

TEST_F(ConfigTest, UnknownKeysAreErrorsWithASuggestion) {
  ExpectRefused("data_dir = \"x\"\nlisten_on = \"y\"\n", "CONFIG_UNKNOWN_KEY", "listen_on", "2",
                "did you mean listen?");
  ExpectRefused("[log]\nlevle = \"info\"\n", "CONFIG_UNKNOWN_KEY", "log.levle", "2",
                "did you mean log.level?");
  ExpectRefused("[services.referral]\ndatabase_url = \"x\"\n", "CONFIG_UNKNOWN_KEY",
                "services.referral.database_url", "2",
                "did you mean services.referral.database_url_file?");
  ExpectRefused("[services.billing]\nengine = \"sqlite\"\n", "CONFIG_UNKNOWN_KEY",
                "services.billing.engine", "2", "is not a key");
  ExpectRefused("zzz = 1\n", "CONFIG_UNKNOWN_KEY", "zzz", "1", "is not a key");
}

TEST_F(ConfigTest, WrongTypesAndRangesNameKeyFileAndLine) {
  ExpectRefused("\n\ndrain_s = \"10\"\n", "CONFIG_WRONG_TYPE", "drain_s", "3",
                "must be an integer");
  ExpectRefused("drain_s = true\n", "CONFIG_WRONG_TYPE", "drain_s", "1", "must be an integer");
  ExpectRefused("drain_s = 1.5\n", "CONFIG_WRONG_TYPE", "drain_s", "1", "must be an integer");
  ExpectRefused("listen = 7420\n", "CONFIG_WRONG_TYPE", "listen", "1", "must be a string");
  ExpectRefused("listen = [\"a\"]\n", "CONFIG_WRONG_TYPE", "listen", "1", "must be a string");
  ExpectRefused("drain_s = 601\n", "CONFIG_OUT_OF_RANGE", "drain_s", "1", "from 0 to 600");
  ExpectRefused("listen = \"localhost\"\n", "CONFIG_OUT_OF_RANGE", "listen", "1", "HOST:PORT");
  ExpectRefused("public_url = \"ftp://x\"\n", "CONFIG_OUT_OF_RANGE", "public_url", "1", "https");
  ExpectRefused("[log]\nlevel = \"loud\"\n", "CONFIG_OUT_OF_RANGE", "log.level", "2",
                "debug, info, warn, error");
  ExpectRefused("listen = \n", "CONFIG_SYNTAX", "", "1", "");
  ExpectRefused("a = 1\na = 2\n", "CONFIG_SYNTAX", "", "2", "");
}

TEST_F(ConfigTest, ClocksRiseAndDaysOfWorkCanBeRead) {
  const Result<Loaded> loaded = LoadText(
      "[clocks]\nemergency_min = \"5 10 20 43200\"\nzone = \"America/Chicago\"\n"
      "business_hours = \"08:00-18:30\"\nholidays = \"2026-12-25\"\n");
  ASSERT_TRUE(loaded) << ToString(loaded.error());
  EXPECT_EQ(ReadSteps(loaded->config.clocks.emergency_min, kMaxStepMinutes),
            (std::array<int64_t, 4>{5, 10, 20, 43'200}));
  EXPECT_EQ(loaded->config.clocks.standard_days, "1 2 3 7");
  EXPECT_EQ(loaded->config.clocks.business.zone, "America/Chicago");
  for (const char* wrong :
       {"", "1 2 3", "1 2 3 4 5", "1 2 2 3", "4 3 2 1", "0 1 2 3", "1 2 3 43201", "1  2 3 4",
        "1 2 3 x", "-1 2 3 4", "1,2,3,4"}) {
    ExpectRefused("[clocks]\nurgent_min = \"" + std::string(wrong) + "\"\n",
                  "CONFIG_OUT_OF_RANGE", "clocks.urgent_min", "2", "four whole numbers");
  }
  ExpectRefused("[clocks]\nstandard_days = \"1 2 3 61\"\n", "CONFIG_OUT_OF_RANGE",
                "clocks.standard_days", "2", "up to 60");
  ExpectRefused("[clocks]\nzone = \"Chicago\"\n", "CONFIG_OUT_OF_RANGE", "clocks.zone", "2",
                "America/Chicago");
  ExpectRefused("[clocks]\nbusiness_days = \"Monday\"\n", "CONFIG_OUT_OF_RANGE",
                "clocks.business_days", "2", "MO,TU");
  ExpectRefused("[clocks]\nbusiness_hours = \"17:00-09:00\"\n", "CONFIG_OUT_OF_RANGE",
                "clocks.business_hours", "2", "HH:MM-HH:MM");
  ExpectRefused("[clocks]\nholidays = \"Christmas\"\n", "CONFIG_OUT_OF_RANGE",
                "clocks.holidays", "2", "2026-12-25");
}

TEST_F(ConfigTest, AgesOfMinorsByState) {
  const Result<Loaded> loaded =
      LoadText("[consent.minors]\nalone_health = \"CA=12 TX=16\"\ncosign = \"TX=18\"\n");
  ASSERT_TRUE(loaded) << ToString(loaded.error());
  EXPECT_EQ(ReadStateAges(loaded->config.minors.alone_health),
            (StateAges{{"CA", 12}, {"TX", 16}}));
  EXPECT_EQ(loaded->config.minors.alone_legal, "");
  EXPECT_EQ(ReadStateAges(""), StateAges());
  const auto refused = [&](const std::string& value, const std::string& why) {
    ExpectRefused("[consent.minors]\nalone_legal = \"" + value + "\"\n", "CONFIG_OUT_OF_RANGE",
                  "consent.minors.alone_legal", "2", why);
  };
  refused("TY=16", "\"TY\" is no US state; did you mean ");
  refused("Texas=16", "\"Texas\" is no US state");
  refused("tx=16", "is no US state");
  refused("TX", "the age of TX is a number from 1 to 18");
  refused("TX=", "the age of TX");
  refused("TX=0", "the age of TX");
  refused("TX=19", "the age of TX");
  refused("TX=16x", "the age of TX");
  refused("TX=16,CA=12", "the age of TX");
  refused("TX=16 TX=17", "TX stands twice");
  refused("TX=16  CA=12", "\"\" is no US state");
  ExpectRefused("[consent.minors]\nalone_helth = \"\"\n", "CONFIG_UNKNOWN_KEY",
                "consent.minors.alone_helth", "2", "did you mean consent.minors.alone_health?");
  ExpectRefused("[consent.minors.TX]\nhealth = 12\n", "CONFIG_UNKNOWN_KEY",
                "consent.minors.TX.health", "2", "is not a key");
}

TEST_F(ConfigTest, KeysThatNeedEachOtherAreChecked) {
  ExpectRefused("[redis]\nmode = \"socket\"\n", "CONFIG_INCOMPLETE", "redis.socket", "",
                "redis.socket is needed");
  ExpectRefused("[services.consent]\nengine = \"postgres\"\n", "CONFIG_INCOMPLETE",
                "services.consent.database_url_file", "", "is needed");
  ExpectRefused("tls_certificate_file = \"a.pem\"\n", "CONFIG_INCOMPLETE", "tls_key_file", "",
                "is needed");
  ExpectRefused("tls_key_file = \"a.pem\"\n", "CONFIG_INCOMPLETE", "tls_certificate_file", "",
                "is needed");
  ExpectRefused("tls_client_ca_file = \"a.pem\"\n", "CONFIG_INCOMPLETE", "tls_certificate_file", "",
                "is needed");
  ExpectRefused("listen = \"\"\n", "CONFIG_INCOMPLETE", "listen", "", "is needed");
  ExpectRefused("rpc_listen = \"10.0.0.2:7430\"\n", "CONFIG_INCOMPLETE", "rpc_authorities_file",
                "", "rpc_listen is set so");
  ExpectRefused("rpc_listen = \"127.0.0.1:7430\"\n", "CONFIG_INCOMPLETE", "rpc_authorities_file",
                "", "rpc_listen is set so");
  ExpectRefused("[services.consent]\naddress = \"consent.example:7430\"\n", "CONFIG_INCOMPLETE",
                "rpc_authorities_file", "", "services.consent.address is set so");
  ExpectRefused("rpc_authorities_file = \"ca.pem\"\nrpc_key_file = \"key.pem\"\n",
                "CONFIG_INCOMPLETE", "rpc_certificate_file", "", "is needed");
}

TEST_F(ConfigTest, FlagsAndVariablesAreCheckedToo) {
  const auto refused = [](std::vector<std::string> arguments) {
    Sources sources;
    sources.arguments = std::move(arguments);
    sources.switches = {"--demo"};
    const Result<Loaded> loaded = Load(sources);
    return loaded ? std::string("accepted") : loaded.error().reason + " " + loaded.error().message;
  };
  EXPECT_THAT(refused({"--lisen", "x"}), HasSubstr("did you mean --listen?"));
  EXPECT_THAT(refused({"--dmo"}), HasSubstr("did you mean --demo?"));
  EXPECT_THAT(refused({"--listen"}), HasSubstr("--listen needs a value"));
  EXPECT_THAT(refused({"--drain-s", "1x"}), HasSubstr("--drain-s: drain_s must be an integer"));
  EXPECT_THAT(refused({"--config", "/nowhere.toml"}), HasSubstr("CONFIG_FILE_UNREADABLE"));
  EXPECT_EQ(refused({"--drain-s=7", "--", "--anything"}), "accepted");

  Sources sources;
  sources.environment["FAIRLEAD_LISTN"] = "127.0.0.1:2";
  const Result<Loaded> slip = Load(sources);
  ASSERT_FALSE(slip);
  EXPECT_THAT(slip.error().message, HasSubstr("did you mean FAIRLEAD_LISTEN?"));
  sources.environment = {{"FAIRLEAD_CONFORMANCE_DATA", "/data"}};  // somebody else's
  EXPECT_TRUE(Load(sources));
}

TEST_F(ConfigTest, SecretsComeFromPrivateFilesOnly) {
  const std::string secret = Write("url", "host=/run/postgresql dbname=referral\n", 0600);
  const Result<Loaded> loaded = LoadText("[services.referral]\nengine = \"postgres\"\n"
                                         "database_url_file = \"" + secret + "\"\n");
  ASSERT_TRUE(loaded) << ToString(loaded.error());
  EXPECT_EQ(DatabaseUrl(loaded->config, "referral"),
            "postgres:host=/run/postgresql dbname=referral");

  const auto reason = [](const std::string& path) {
    const Result<std::string> secret_text = ReadSecret(path);
    return secret_text ? std::string("accepted") : secret_text.error().reason;
  };
  EXPECT_EQ(reason(Write("open", "x", 0604)), "SECRET_FILE_OPEN_TO_ALL");
  EXPECT_EQ(reason(Write("group", "x", 0640)), "accepted");
  EXPECT_EQ(reason(Write("empty", "\n")), "SECRET_FILE_EMPTY");
  EXPECT_EQ(reason(Write("large", std::string(65 * 1024, 'x'))), "SECRET_FILE_TOO_LARGE");
  EXPECT_EQ(reason(folder_.path()), "SECRET_FILE_UNREADABLE");
  EXPECT_EQ(reason(folder_.path() + "/none"), "SECRET_FILE_UNREADABLE");
}

TEST_F(ConfigTest, TheExampleFileLoadsAndIsTheDefaults) {
  const Result<Loaded> loaded = LoadText(ExampleToml());
  ASSERT_TRUE(loaded) << ToString(loaded.error());
  EXPECT_EQ(loaded->origin.size(), Keys().size());
  const HubConfig defaults;
  for (const Key& key : Keys()) {
    EXPECT_EQ(TomlValue(key, loaded->config), TomlValue(key, defaults)) << key.path;
    EXPECT_NE(EnvironmentName(key), FlagName(key));
  }
}

TEST_F(ConfigTest, TheFilesInDeployLoad) {
  for (const char* path : {"deploy/systemd/hub.toml", "deploy/compose/hub.toml"}) {
    Sources sources;
    sources.file = path;
    const Result<Loaded> loaded = Load(sources);
    ASSERT_TRUE(loaded) << ToString(loaded.error());
    EXPECT_EQ(loaded->config.data_dir, "/var/lib/fairlead");
  }
}

TEST(ParseHostPortTest, IsStrict) {
  EXPECT_EQ(ParseHostPort("[::1]:0")->host, "::1");
  EXPECT_EQ(ParseHostPort("example.org:65535")->port, 65535);
  for (const char* bad : {"", ":1", "a", "a:", "a:65536", "a:-1", "a:1 ", "::1:80", "[::1:80"}) {
    EXPECT_FALSE(ParseHostPort(bad)) << bad;
  }
}

TEST(SuggestTest, CountsEditsAndSwaps) {
  EXPECT_EQ(EditDistance("", "abc"), 3U);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3U);
  EXPECT_EQ(EditDistance("idel_s", "idle_s"), 1U);
  EXPECT_EQ(Nearest("stat", {"status", "show"}), "status");
  EXPECT_EQ(Nearest("xyz", {"status", "show"}), "");
}

TEST_F(ConfigTest, TheAddressThatBrowsersUse) {
  HubConfig config;
  EXPECT_EQ(PublicUrl(config), "http://localhost:7420");
  config.listen = "[::1]:8443";
  config.tls_certificate_file = "cert.pem";
  EXPECT_EQ(PublicUrl(config), "https://localhost:8443");
  config.listen = "192.0.2.1:80";
  config.tls_certificate_file = "";
  EXPECT_EQ(PublicUrl(config), "http://192.0.2.1:80");
  config.public_url = "https://hub.example.org";
  EXPECT_EQ(PublicUrl(config), "https://hub.example.org");
}

}  // namespace
}  // namespace fairlead::config
