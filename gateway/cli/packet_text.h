// A packet that was opened, for eyes.
#ifndef GATEWAY_CLI_PACKET_TEXT_H_
#define GATEWAY_CLI_PACKET_TEXT_H_

#include <string>
#include <string_view>

namespace fairlead::cli {

// Indented lines, a category each and what is in it, made Printable. Of attachments the name and
// the size, and no key: a screen is looked at over a shoulder, and scrolls back. What is no JSON
// object is given as it is. Ends with a line feed.
std::string PacketText(std::string_view packet);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_PACKET_TEXT_H_
