// Who may see which part of a listing: the one place where anything is left out of an answer.
//
// Every HSDS record has a tier: public, coalition, role (the agency's administrators, coordinators)
// or sealed (never kept here in clear). An attribute of the record says which, by a taxonomy term
// with the code visibility_public, visibility_coalition, visibility_role or visibility_sealed; with
// a `link_type` that names a member ("email") it is about that member alone. Without one, services
// and organizations are for the coalition, what stands inside them for whoever may see them; but
// contacts and capacities never for the public, and the history of fields that its publisher keeps
// (metadata) for the role. What the hub itself keeps of changes: domain/field_history.h.
#ifndef SERVICES_DIRECTORY_DOMAIN_VISIBILITY_H_
#define SERVICES_DIRECTORY_DOMAIN_VISIBILITY_H_

#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "services/directory/domain/hsds_tables.h"

namespace fairlead::directory {

enum class Tier { kPublic = 0, kCoalition = 1, kRole = 2, kSealed = 3 };

// "visibility_role": kRole; nullopt: no such code.
std::optional<Tier> TierOfCode(std::string_view term_code);

// Of the record as a whole.
Tier TierOf(const TableSpec& spec, const boost::json::object& record);

// Members that are marked, each with its own tier: the closer one of two.
std::map<std::string, Tier> MarkedMembers(const TableSpec& spec, const boost::json::object& record);

// Whether a marking of that member is about it alone; else it is about the whole record.
bool CanBeHiddenAlone(const TableSpec& spec, std::string_view member);

// What `viewer` may see of the record; nullopt: nothing.
std::optional<boost::json::object> Redact(const TableSpec& spec, const boost::json::object& record,
                                          Tier viewer);
// The same of what stands inside it: the record itself may be seen.
boost::json::object RedactInside(const TableSpec& spec, const boost::json::object& record,
                                 Tier viewer);

// Takes out of a service or an organization what is below the county of a place in `hidden`; of a
// confidential service, of every place. Not even the place's id is left, by which others may name
// it: a service keeps its own, a type and the mark, an organization lists the place no more.
void HidePlaces(const TableSpec& spec, const std::set<std::string>& hidden, bool is_confidential,
                boost::json::object& record);

// Takes out `metadata`, wherever it stands.
void EraseHistories(boost::json::object& record);

// An organization as part of what somebody may see; if it is itself for a smaller circle, only
// whose it is: id, name, description.
boost::json::object RedactOrganization(const boost::json::object& organization, Tier viewer);

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_DOMAIN_VISIBILITY_H_
