#include "gateway/web/app_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "services/common/base/encoding.h"
#include "services/common/testing/temp_dir.h"

namespace fairlead::gateway {
namespace {

constexpr char kScriptPath[] = "assets/index-Bs1.js";

class AppFilesTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& bytes) {
    const std::filesystem::path path = folder_.File(name);
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
  }

  // A file with its two forms, as the build leaves them; its entry in the list.
  std::string Built(const std::string& name, const std::string& bytes) {
    const auto hash = [](const std::string& text) { return Base64UrlEncode(Sha256(text)); };
    Write(name, bytes);
    Write(name + ".br", "br " + bytes);
    Write(name + ".gz", "gz " + bytes);
    return R"({"path":")" + name + R"(","sha256":")" + hash(bytes) + R"(","br":")" +
           hash("br " + bytes) + R"(","gz":")" + hash("gz " + bytes) + "\"}";
  }

  void BuildApp() {
    const std::string page = Built("index.html", "<p>app</p>");
    const std::string script = Built(kScriptPath, "script()");
    Write("hashes.json", R"({"files":[)" + page + "," + script + "]}");
  }

  Response Get(const AppFiles& app, const std::string& path, Headers headers = {}) {
    Request request;
    request.method = "GET";
    request.path = path;
    request.headers = std::move(headers);
    return app.Serve(request);
  }

  static std::string Header(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }

  const testing::TempDir folder_;
};

TEST_F(AppFilesTest, ServesThePageAndWhatItLoads) {
  BuildApp();
  const AppFiles app = AppFiles::Load(folder_.path());
  ASSERT_TRUE(app.is_built());
  for (const char* path : {"/app", "/app/", "/app/index.html"}) {
    const Response page = Get(app, path);
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.body, "<p>app</p>");
    EXPECT_EQ(Header(page, "content-type"), "text/html; charset=utf-8");
    EXPECT_EQ(Header(page, "cache-control"), "no-cache");
    EXPECT_NE(Header(page, "content-security-policy").find("trusted-types 'none'"),
              std::string::npos);
  }
  const Response script = Get(app, std::string("/app/") + kScriptPath);
  EXPECT_EQ(script.body, "script()");
  EXPECT_EQ(Header(script, "content-type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(Header(script, "cache-control"), "public, max-age=31536000, immutable");
  EXPECT_NE(Get(app, "/app/hashes.json").body.find(kScriptPath), std::string::npos);
  EXPECT_EQ(Get(app, "/app/assets/other.js").status, 404);
  EXPECT_EQ(Get(app, "/app/../index.html").status, 404);
}

TEST_F(AppFilesTest, GivesTheFormThatTheBrowserTakes) {
  BuildApp();
  const AppFiles app = AppFiles::Load(folder_.path());
  const auto coding = [&](const std::string& accepted) {
    const Response page = Get(app, "/app", {{"accept-encoding", accepted}});
    EXPECT_EQ(Header(page, "vary"), "accept-encoding");
    return Header(page, "content-encoding") + "|" + page.body.substr(0, 2);
  };
  EXPECT_EQ(coding("gzip, deflate, br"), "br|br");
  EXPECT_EQ(coding("gzip;q=0.5"), "gzip|gz");
  EXPECT_EQ(coding("br;q=0, gzip;q=0.0"), "|<p");
  EXPECT_EQ(coding("deflate"), "|<p");
  EXPECT_EQ(coding("brotli"), "|<p") << "another coding";
  EXPECT_EQ(coding(""), "|<p");
}

TEST_F(AppFilesTest, WhatTheBrowserHasIsNotSentAgain) {
  BuildApp();
  const AppFiles app = AppFiles::Load(folder_.path());
  const std::string tag = Header(Get(app, "/app", {{"accept-encoding", "br"}}), "etag");
  const Response again = Get(app, "/app", {{"accept-encoding", "br"}, {"if-none-match", tag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(Get(app, "/app", {{"if-none-match", tag}}).status, 200) << "another form";
}

TEST_F(AppFilesTest, AllOfItOrNothing) {
  EXPECT_FALSE(AppFiles::Load("").is_built());
  EXPECT_FALSE(AppFiles::Load(folder_.path()).is_built()) << "no list";
  BuildApp();
  Write(kScriptPath, "another()");
  EXPECT_FALSE(AppFiles::Load(folder_.path()).is_built()) << "not what was built";
  BuildApp();
  std::filesystem::remove(folder_.File(std::string(kScriptPath) + ".br"));
  EXPECT_FALSE(AppFiles::Load(folder_.path()).is_built()) << "not whole";
  BuildApp();
  Write("hashes.json", R"({"files":[]})");
  EXPECT_FALSE(AppFiles::Load(folder_.path()).is_built()) << "no page";
  Write("hashes.json", R"({"files":[)" + Built("index.html", "<p>app</p>") +
                           R"(,{"path":"../outside.js"}]})");
  EXPECT_FALSE(AppFiles::Load(folder_.path()).is_built()) << "out of the folder";

  const Response told = Get(AppFiles::Load(""), "/app");
  EXPECT_EQ(told.status, 503);
  EXPECT_NE(told.body.find("was not built"), std::string::npos);
}

TEST(AppPath, IsTheAppAndWhatLiesBelow) {
  for (const char* path : {"/app", "/app/", "/app/assets/a.js"}) {
    EXPECT_TRUE(AppFiles::IsAppPath(path)) << path;
  }
  for (const char* path : {"/", "/apple", "/es/app", ""}) {
    EXPECT_FALSE(AppFiles::IsAppPath(path)) << path;
  }
}

}  // namespace
}  // namespace fairlead::gateway
