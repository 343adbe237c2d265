// What single words say, in English and Spanish, folded: no accents, lower case. Private to this
// folder.
#ifndef SERVICES_COMMON_GUARD_WORDS_H_
#define SERVICES_COMMON_GUARD_WORDS_H_

#include <cstdint>
#include <string_view>

namespace fairlead::guard {

// A set of these belongs to each word.
enum Cue : uint32_t {
  kPerson = 1u << 0,        // somebody in particular is meant: her, client, mother, llego
  kAgency = 1u << 1,        // an agency's: hotline, our, oficina
  kPublic = 1u << 2,        // an event, or somebody at work: training, director, taller
  kBirth = 1u << 3,         // born, dob, nacida
  kOrganisation = 1u << 4,  // part of a name of an organisation or a place: house, county
  kNotName = 1u << 5,       // capitalised, and nobody's name: monday, please, spanish
  kGiven = 1u << 6,         // a given name
  kMonth = 1u << 7,
  kStreet = 1u << 8,       // after a street's name: street, ave
  kStreetShort = 1u << 9,  // the same where it can be another word: dr, way, pl
  kCalle = 1u << 10,       // before a street's name: calle, avenida
  kRoute = 1u << 11,       // before a road's number: route, highway
  kPlatform = 1u << 12,    // a social network
  kPhoneWord = 1u << 13,
  kDocumentWord = 1u << 14,
  kPlateWord = 1u << 15,
  kMailbox = 1u << 16,   // before the @ of an agency's address: info, ingresos
  kNamed = 1u << 17,     // a name comes next: named, llamada
  kTitle = 1u << 18,     // ms, senora
  kUserWord = 1u << 19,  // username, usuario
  kSaint = 1u << 20,     // st, santa
  kSmall = 1u << 21,     // de, la: within a name; also what stands in no street's name
  kPart = 1u << 22,      // of a house: apt, unit, piso
};

uint32_t CuesOf(std::string_view folded_word);
// 1 to 12; 0: no month.
int MonthOf(std::string_view folded_word);

}  // namespace fairlead::guard

#endif  // SERVICES_COMMON_GUARD_WORDS_H_
