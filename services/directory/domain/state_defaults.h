// What a listing has and its document does not say, said in the document too: an export is then all
// that is known, and reading it again loses nothing.
#ifndef SERVICES_DIRECTORY_DOMAIN_STATE_DEFAULTS_H_
#define SERVICES_DIRECTORY_DOMAIN_STATE_DEFAULTS_H_

#include "services/directory/domain/build_import.h"

namespace fairlead::directory {

// Adds to each service's document a service area with the counties and states that no area of it
// names (the import's defaults; of a confidential service what stood at its places), and, where it
// has none but the default need codes, an attribute for each. Their ids follow from the service's,
// so that the same import makes the same document. The terms come to `records` as well.
void StateDefaults(const ImportDefaults& defaults, ImportSet& set);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_STATE_DEFAULTS_H_
