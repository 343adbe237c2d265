// `fairlead admin`: what the operator of a hub does at its machine.
#ifndef SERVICES_HUB_ADMIN_VERB_H_
#define SERVICES_HUB_ADMIN_VERB_H_

#include <string>
#include <vector>

namespace fairlead::hub {

// `backup-key`, `backup`, `restore` and `restored`. The exit code.
int Admin(const std::vector<std::string>& words);

}  // namespace fairlead::hub

#endif  // SERVICES_HUB_ADMIN_VERB_H_
