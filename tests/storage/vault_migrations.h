// A table in an attached schema, and one beside it in the main database.
#ifndef TESTS_STORAGE_VAULT_MIGRATIONS_H_
#define TESTS_STORAGE_VAULT_MIGRATIONS_H_

#include "services/common/storage/database.h"

namespace fairlead::storage {

inline Migrations VaultMigrations() {
  Migrations set;
  set.service = "vault";
  set.sqlite = {{1, "secrets",
                 "CREATE TABLE vault.secret (id TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;\n"
                 "CREATE TABLE secret_log (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;"}};
  set.postgres = {{1, "secrets",
                   "CREATE TABLE vault.secret (id TEXT PRIMARY KEY, bytes BYTEA NOT NULL);\n"
                   "CREATE TABLE secret_log (id TEXT PRIMARY KEY);"}};
  return set;
}

}  // namespace fairlead::storage

#endif  // TESTS_STORAGE_VAULT_MIGRATIONS_H_
