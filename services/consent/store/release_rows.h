// Between the rows of the database and the domain's structs.
#ifndef SERVICES_CONSENT_STORE_RELEASE_ROWS_H_
#define SERVICES_CONSENT_STORE_RELEASE_ROWS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "services/common/storage/database.h"
#include "services/consent/store/release_store.h"

namespace fairlead::consent {

// The signature in one column: eleven short fields, never searched by. What cannot be decoded is an
// incomplete signature, and releases nothing.
std::string EncodeSignature(const Signature& signature);
Signature DecodeSignature(std::string_view text);
// The same for a withdrawal; empty: there was none.
std::string EncodeWithdrawal(const Withdrawal& withdrawal);
Withdrawal DecodeWithdrawal(std::string_view text);
// Elements 12 to 15 as bits.
int64_t EncodeStatements(const Release& release);
void DecodeStatements(int64_t bits, Release& release);

// Columns in the order in which sql_release_store.cc names them.
Release ToRelease(const storage::Row& row);
Disclosure ToDisclosure(const storage::Row& row);
DestroyNotice ToNotice(const storage::Row& row);

}  // namespace fairlead::consent

#endif  // SERVICES_CONSENT_STORE_RELEASE_ROWS_H_
