// What the person whose release it is takes home: to whom, what, for what, until when, how to take
// it back, and who has opened it. As JSON, and as one printable page.
//
// The page is made to lie about: a plain title, no word of what brought the person here, no name
// and no case number, no script, no link and nothing that is fetched from anywhere.
#ifndef GATEWAY_CLI_RELEASE_RECEIPT_H_
#define GATEWAY_CLI_RELEASE_RECEIPT_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "fairlead/consent/v1/consent.pb.h"

namespace fairlead::cli {

struct Receipt {
  consent::v1::Release release;
  std::vector<consent::v1::Disclosure> disclosures;   // the oldest first
  std::vector<consent::v1::DestroyNotice> notices;    // the same
  std::string language;                               // en, es
  std::function<std::string(const std::string&)> agency_name;  // by id
};

// One JSON object on one line.
std::string ReceiptAsJson(const Receipt& receipt);
// A whole HTML document. `names`: without them agencies are numbered.
std::string ReceiptAsHtml(const Receipt& receipt, bool names);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_RELEASE_RECEIPT_H_
