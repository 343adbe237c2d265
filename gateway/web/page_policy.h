// What a page of ours may do, said to the browser.
#ifndef GATEWAY_WEB_PAGE_POLICY_H_
#define GATEWAY_WEB_PAGE_POLICY_H_

#include <string_view>

namespace fairlead::gateway {

// Scripts of ours only, which talk to nobody but this hub and make no markup out of text.
// gateway/web/app/vite.config.ts says the same to whoever works at the app.
inline constexpr std::string_view kPagePolicy =
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

}  // namespace fairlead::gateway

#endif  // GATEWAY_WEB_PAGE_POLICY_H_
