#include "gateway/http/head.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "gateway/http/response.h"

namespace fairlead::gateway {
namespace {

std::string With(const std::string& lines) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n";
}

TEST(Head, ReadsARequest) {
  const auto head = ParseHead(
      "POST /a.B/C?x=1&y=%20z HTTP/1.1\r\nHost: hub.example:7420\r\nContent-Length: 12\r\n"
      "X-Odd:  two words \t\r\n\r\n");
  ASSERT_TRUE(head) << head.error().detail;
  EXPECT_EQ(head->method, "POST");
  EXPECT_EQ(head->path, "/a.B/C");
  EXPECT_EQ(head->query, "x=1&y=%20z");
  EXPECT_EQ(head->content_length, 12u);
  EXPECT_TRUE(head->keep_alive);
  EXPECT_EQ(head->headers.back(), (std::pair<std::string, std::string>("x-odd", "two words")));
  EXPECT_FALSE(ParseHead(With("Connection: close\r\n"))->keep_alive);
  EXPECT_TRUE(
      ParseHead("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n")->chunked);
}

struct Refusal {
  std::string bytes;
  int status;
  std::string_view detail;
};

void ExpectRefusals(const std::vector<Refusal>& corpus) {
  for (const Refusal& refusal : corpus) {
    const auto head = ParseHead(refusal.bytes);
    ASSERT_FALSE(head) << refusal.bytes;
    EXPECT_EQ(head.error().detail, refusal.detail) << refusal.bytes;
    EXPECT_EQ(head.error().status, refusal.status) << refusal.bytes;
  }
}

// What servers have been made to disagree about; each line is one way.
TEST(Head, RefusesBodiesOfUnclearLength) {
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  ExpectRefusals({
      {post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
       "length_and_transfer_encoding"},
      {post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", 400,
       "length_and_transfer_encoding"},
      {post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\n", 400, "second_header"},
      {post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\n", 400, "second_header"},
      {post + "Content-Length: 3, 3\r\n\r\n", 400, "content_length"},
      {post + "Content-Length: +3\r\n\r\n", 400, "content_length"},
      {post + "Content-Length: -1\r\n\r\n", 400, "content_length"},
      {post + "Content-Length: 0x3\r\n\r\n", 400, "content_length"},
      {post + "Content-Length: 3 3\r\n\r\n", 400, "content_length"},
      {post + "Content-Length: 99999999999999999999\r\n\r\n", 400, "content_length"},
      {post + "Content-Length:\r\n\r\n", 400, "content_length"},
      {post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
       "second_header"},
      {post + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501, "transfer_encoding"},
      {post + "Transfer-Encoding: chunked, identity\r\n\r\n", 501, "transfer_encoding"},
      {post + "Transfer-Encoding: identity\r\n\r\n", 501, "transfer_encoding"},
      {post + "Transfer-Encoding: xchunked\r\n\r\n", 501, "transfer_encoding"},
      {post + "Transfer-Encoding : chunked\r\n\r\n", 400, "header_name"},
      {post + "Transfer-Encoding\r\n: chunked\r\n\r\n", 400, "header_line"},
      {post + "Transfer-Encoding:\x0b"
              "chunked\r\n\r\n",
       400, "header_value"},
  });
}

TEST(Head, RefusesUnclearLines) {
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  ExpectRefusals({
      {post + "X: a\r\n Transfer-Encoding: chunked\r\n\r\n", 400, "folded_line"},
      {post + "X: a\r\n\tb\r\n\r\n", 400, "folded_line"},
      {post + "X: a\nContent-Length: 3\r\n\r\n", 400, "line_end"},
      {post + "X: a\rContent-Length: 3\r\n\r\n", 400, "line_end"},
      {post + std::string("X: a\0b\r\n\r\n", 10), 400, "line_end"},
      {post + " : a\r\n\r\n", 400, "folded_line"},
      {post + ": a\r\n\r\n", 400, "header_name"},
      {post + "X y: a\r\n\r\n", 400, "header_name"},
      {post + "X\x80: a\r\n\r\n", 400, "header_name"},
      {post + "X: a\x7f\r\n\r\n", 400, "header_value"},
      {"POST / HTTP/1.1\r\n\r\n", 400, "no_host"},
      {"POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "second_host"},
      {"POST / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", 400, "second_host"},
      {"POST / HTTP/1.1\r\nHost:\r\n\r\n", 400, "host"},
      {"POST / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "host"},
      {"POST / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "host"},
      {"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target_form"},
      {"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target_form"},
      {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target_form"},
      {"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target"},
      {"GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target"},
      {"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target"},
      {"GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target"},
      {"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target"},
      {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target_form"},
      {"GET / HTTP/1.0\r\nHost: a\r\n\r\n", 505, "version"},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "version"},
      {"GET / http/1.1\r\nHost: a\r\n\r\n", 400, "request_line"},
      {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400, "request_line"},
      {"GET /\r\nHost: a\r\n\r\n", 400, "request_line"},
      {"G=T / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "method"},
      {"ABCDEFGHIJKLMNOPQ / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "method"},
      {"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request_line"},
      {"GET / HTTP/1.1\nHost: a\n\n", 400, "line_end"},
      {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n", 400, "unexpected_body"},
      {"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "unexpected_body"},
      {"GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", 417, "expect"},
      {"GET / HTTP/1.1\r\nHost: a\r\nCookie: a=1\r\nCookie: a=2\r\n\r\n", 400, "second_header"},
      {"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nAuthorization: b\r\n\r\n", 400,
       "second_header"},
      {"GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414, "target_too_long"},
      {With("X: " + std::string(17'000, 'a') + "\r\n"), 431, "head_too_large"},
      {"", 400, "line_end"},
  });
}

TEST(Head, BoundsTheNumberOfHeaders) {
  std::string lines;
  for (size_t i = 0; i < kMaxHeaders - 1; ++i) lines += "X-" + std::to_string(i) + ": a\r\n";
  EXPECT_TRUE(ParseHead(With(lines)));
  const auto head = ParseHead(With(lines + "One: more\r\n"));
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().status, 431);
}

// Whatever is accepted has none of the characters that could end a line elsewhere.
RC_GTEST_PROP(Head, AcceptsNoHiddenLineEnds, (const std::string& noise, uint8_t position)) {
  std::string bytes = "POST /a?b HTTP/1.1\r\nHost: a\r\nX: y\r\nContent-Length: 5\r\n\r\n";
  bytes.insert(position % bytes.size(), noise);
  const auto head = ParseHead(bytes);
  if (!head) return;
  for (const auto& [name, value] : head->headers) {
    RC_ASSERT(name.find_first_of(std::string_view("\r\n\0 :", 5)) == std::string::npos);
    RC_ASSERT(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
  }
  RC_ASSERT(head->path.starts_with('/'));
  RC_ASSERT(!(head->chunked && head->content_length));
}

TEST(QueryParameter, DecodesTheFirstOfAName) {
  EXPECT_EQ(QueryParameter("a=1&b=%7B%7D+x&a=2", "a"), "1");
  EXPECT_EQ(QueryParameter("a=1&b=%7B%7D+x", "b"), "{} x");
  EXPECT_EQ(QueryParameter("flag", "flag"), "");
  EXPECT_EQ(QueryParameter("a=1", "b"), std::nullopt);
  EXPECT_EQ(QueryParameter("", "b"), std::nullopt);
  EXPECT_EQ(QueryParameter("b=%4", "b"), std::nullopt);
}

TEST(Response, NeverCarriesALineEndInAHeader) {
  Response response;
  response.Set("x-a", "b\r\nset-cookie: evil=1");
  EXPECT_EQ(RenderHead(response, "now", false, false),
            "HTTP/1.1 200 OK\r\ndate: now\r\ncontent-length: 0\r\n\r\n");
  EXPECT_EQ(HttpDate(784'111'777'000), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(Response, MapsEveryCodeAsConnectDoes) {
  const std::vector<int> expected = {200, 499, 500, 400, 504, 404, 409, 403, 429,
                                     400, 409, 400, 501, 500, 503, 500, 401};
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(HttpStatus(static_cast<Code>(i)), expected[i]) << i;
  }
}

}  // namespace
}  // namespace fairlead::gateway
