// What `up` and `serve` say to people.
#ifndef SERVICES_HUB_VERBS_H_
#define SERVICES_HUB_VERBS_H_

#include <string>

namespace fairlead::hub {

std::string UpHelp();
std::string ServeHelp();
// How to make the coalition office, when nobody has yet; empty afterwards. `program`: as it was
// called.
std::string DescribeSetUp(const std::string& data_dir, const std::string& url,
                          const std::string& program);

}  // namespace fairlead::hub

#endif  // SERVICES_HUB_VERBS_H_
