// A VFS of SQLite that writes a transaction's part of the journal with one system call.
#ifndef SERVICES_COMMON_STORAGE_SQLITE_JOINING_VFS_H_
#define SERVICES_COMMON_STORAGE_SQLITE_JOINING_VFS_H_

namespace fairlead::storage {

// The name to open databases with; registered when first asked for. Null: it could not be, and
// SQLite's own is to be used.
//
// SQLite writes each page of a write-ahead log in two pieces, a frame's header and the page (SQLite
// File Format, section 4.1). This VFS is SQLite's "unix-excl", which leaves a database to one
// process, except that adjoining writes to such a log are kept together in memory, at most 128 KiB
// of them, until the frame that ends a commit is whole (its header names the size of the database),
// or anything else is asked of the file. So whoever may know of a commit finds it in the file, an
// error in writing is the commit's error, and what a crash takes away was never acknowledged.
const char* JoiningVfs();

}  // namespace fairlead::storage

#endif  // SERVICES_COMMON_STORAGE_SQLITE_JOINING_VFS_H_
