// Writes the seed corpus of gateway_fuzz into the folder given.
#include <fstream>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string host = "Host: a\r\n";
  const std::vector<std::string> seeds = {
      std::string("\0\0", 2) + "GET /a?b=c HTTP/1.1\r\n" + host + "\r\n",
      std::string("\0\0", 2) + "POST /a.B/C HTTP/1.1\r\n" + host + "Content-Length: 2\r\n\r\n",
      std::string("\0\0", 2) + "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n",
      std::string("\0\0", 2) + "GET / HTTP/1.1\r\n" + host + "Cookie: a=b; c=d\r\nX:\ty \r\n\r\n",
      std::string("\x01\x05", 2) + R"({"requestId":"a","facets":{"needCode":"x","urgency":2}})",
      std::string("\x01\x09", 2) + R"({"expireTime":"2026-01-31T10:05:00.25+01:00","twoWay":true})",
      std::string("\x01\x0b", 2) + R"({"pageSize":"10","page_token":null,"text":"\ud83d\ude00"})",
      std::string("\x01\x0d", 2) + R"({"files":[{"name":"a","content":"AAA="}],"format":1e0})",
      std::string("\x02\0", 2) + "connect=v1&encoding=json&message=%7B%7D&base64=1",
  };
  for (size_t i = 0; i < seeds.size(); ++i) {
    std::ofstream(std::string(argv[1]) + "/seed" + std::to_string(i), std::ios::binary) << seeds[i];
  }
  return 0;
}
