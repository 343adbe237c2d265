// The text that a client reads before signing, in plain language. Its hash goes into the release,
// so that it is known for ever what was read. An agency may use its own (`--form FILE`).
#ifndef GATEWAY_CLI_RELEASE_FORM_H_
#define GATEWAY_CLI_RELEASE_FORM_H_

#include <string>
#include <string_view>

namespace fairlead::cli {

struct ReleaseForm {
  std::string_view version;
  std::string_view text;
};

// "en" or "es"; nullptr for any other language.
const ReleaseForm* FindReleaseForm(std::string_view language);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_RELEASE_FORM_H_
