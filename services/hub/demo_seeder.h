// Makes the synthetic coalition in an empty hub, through the services' own methods.
#ifndef SERVICES_HUB_DEMO_SEEDER_H_
#define SERVICES_HUB_DEMO_SEEDER_H_

#include <string>

#include "services/common/base/clock.h"
#include "services/common/base/ids.h"
#include "services/common/base/random.h"
#include "services/common/base/result.h"
#include "services/common/rpc/channel.h"

namespace fairlead::hub {

// Writes `data_dir`/demo/sign-ins.json and demo/keys/<agency id>.{epoch,signing}.jwk (0600): the
// private keys of agencies are on this machine in a demonstration only. Does nothing when
// sign-ins.json is there already. Errors: DEMO_NEEDS_EMPTY_HUB, and those of the methods.
Result<void> SeedDemo(const std::string& data_dir, rpc::Channel& services, const Clock& clock,
                      Random& random, IdGenerator& ids);

// The sign-ins as a table for people, from sign-ins.json; empty when there is none.
// `program`: as it was called.
std::string DescribeDemo(const std::string& data_dir, const std::string& program);

}  // namespace fairlead::hub

#endif  // SERVICES_HUB_DEMO_SEEDER_H_
