// Eligibility from the HSDS 3.1 tables of an import.
#ifndef SERVICES_DIRECTORY_DOMAIN_READ_ELIGIBILITY_H_
#define SERVICES_DIRECTORY_DOMAIN_READ_ELIGIBILITY_H_

#include <map>
#include <set>
#include <string>

#include "services/directory/domain/eligibility.h"
#include "services/directory/domain/import_rows.h"

namespace fairlead::directory {

struct ReadEligibilities {
  std::map<std::string, Eligibility> of_services;
  std::map<std::string, std::set<std::string>> accessibility_of_places;
};

// Ids in small letters. What is read, and from where:
//  - attributes of a service whose term is of a taxonomy of ours, by its `taxonomy` or by the name
//    of its taxonomy: "fairlead/gender" and the other code lists; "fairlead/demand" (id, sobriety);
//    "fairlead/intake" (warm_transfer, any_interpreter, response_target: `value` is minutes);
//  - cost_options: the cheapest; an amount of 0 or an option named free is free, one named sliding
//    is that, an amount is a fee;
//  - required_documents: one that names an identity document;
//  - accessibility of a place: a description that is a code or a label of ours.
// Problems: UNKNOWN_TAXONOMY, UNKNOWN_CODE (a term of ours that there is not), INVALID_VALUE.
ReadEligibilities ReadEligibility(const ImportTables& tables, Problems& problems);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_READ_ELIGIBILITY_H_
