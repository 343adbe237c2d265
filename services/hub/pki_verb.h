// `fairlead pki`: certificates for the hub's processes on several machines.
#ifndef SERVICES_HUB_PKI_VERB_H_
#define SERVICES_HUB_PKI_VERB_H_

#include <string>
#include <vector>

namespace fairlead::hub {

// `init --dir DIR` and `issue SERVICE… --dir DIR --out DIR [--hours N]`. The exit code.
int Pki(const std::vector<std::string>& words);

}  // namespace fairlead::hub

#endif  // SERVICES_HUB_PKI_VERB_H_
