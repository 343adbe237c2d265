#include "services/common/storage/sqlite/joining_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <new>
#include <string>

namespace fairlead::storage {
namespace {

constexpr int kFrameHeaderBytes = 24;
constexpr int kDatabaseSizeAt = 4;  // in a frame's header: not 0 in the last frame of a commit
// SQLite's own VFS takes no more at once: it looks at the low 17 bits of a length.
constexpr size_t kMaxKeptBytes = 0x1FFFF;

// SQLite gives the memory, of the VFS's szOsFile bytes: this, and the system's file behind it.
struct LogFile {
  sqlite3_file base;  // first: SQLite knows no more of it
  sqlite3_int64 kept_at;
  std::string* kept;
  bool ends_commit;
};
constexpr size_t kSystemFileAt = (sizeof(LogFile) + 15) / 16 * 16;

sqlite3_vfs* System(sqlite3_vfs* vfs) { return static_cast<sqlite3_vfs*>(vfs->pAppData); }
LogFile* Log(sqlite3_file* file) { return reinterpret_cast<LogFile*>(file); }
sqlite3_file* SystemFile(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + kSystemFileAt);
}

// Bytes that could not be written are dropped: their transaction fails, and is written over.
int Flush(sqlite3_file* file) {
  LogFile* log = Log(file);
  if (log->kept->empty()) return SQLITE_OK;
  sqlite3_file* system = SystemFile(file);
  const int code = system->pMethods->xWrite(system, log->kept->data(),
                                            static_cast<int>(log->kept->size()), log->kept_at);
  log->kept->clear();
  return code;
}

int Write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  LogFile* log = Log(file);
  const auto* data = static_cast<const char*>(bytes);
  const auto size = static_cast<size_t>(count);
  const bool adjoins = log->kept_at + static_cast<sqlite3_int64>(log->kept->size()) == offset;
  if (!adjoins || log->kept->size() + size > kMaxKeptBytes)
    if (const int code = Flush(file); code != SQLITE_OK) return code;
  if (size > kMaxKeptBytes) {
    sqlite3_file* system = SystemFile(file);
    return system->pMethods->xWrite(system, bytes, count, offset);
  }
  if (log->kept->empty()) log->kept_at = offset;
  try {
    log->kept->append(data, size);
  } catch (const std::bad_alloc&) {
    return SQLITE_IOERR_NOMEM;
  }
  if (count == kFrameHeaderBytes) {
    const char* database_size = data + kDatabaseSizeAt;
    log->ends_commit = std::any_of(database_size, database_size + 4, [](char c) { return c != 0; });
    return SQLITE_OK;
  }
  return log->ends_commit ? Flush(file) : SQLITE_OK;
}

// For every method but writing: what is kept goes first, then the system's file does it.
template <auto Method, class... Arguments>
int FlushThen(sqlite3_file* file, Arguments... arguments) {
  if (const int code = Flush(file); code != SQLITE_OK) return code;
  sqlite3_file* system = SystemFile(file);
  return (system->pMethods->*Method)(system, arguments...);
}

int Close(sqlite3_file* file) {
  const int flushed = Flush(file);
  delete Log(file)->kept;
  sqlite3_file* system = SystemFile(file);
  const int closed = system->pMethods->xClose(system);
  return flushed == SQLITE_OK ? closed : flushed;
}
int SectorSize(sqlite3_file* file) {
  sqlite3_file* system = SystemFile(file);
  return system->pMethods->xSectorSize(system);
}
int Characteristics(sqlite3_file* file) {
  sqlite3_file* system = SystemFile(file);
  return system->pMethods->xDeviceCharacteristics(system);
}

// Version 1: a log is neither shared memory nor mapped.
const sqlite3_io_methods kLogMethods = [] {
  using Methods = sqlite3_io_methods;
  Methods methods = {};
  methods.iVersion = 1;
  methods.xClose = Close;
  methods.xRead = FlushThen<&Methods::xRead, void*, int, sqlite3_int64>;
  methods.xWrite = Write;
  methods.xTruncate = FlushThen<&Methods::xTruncate, sqlite3_int64>;
  methods.xSync = FlushThen<&Methods::xSync, int>;
  methods.xFileSize = FlushThen<&Methods::xFileSize, sqlite3_int64*>;
  methods.xLock = FlushThen<&Methods::xLock, int>;
  methods.xUnlock = FlushThen<&Methods::xUnlock, int>;
  methods.xCheckReservedLock = FlushThen<&Methods::xCheckReservedLock, int*>;
  methods.xFileControl = FlushThen<&Methods::xFileControl, int, void*>;
  methods.xSectorSize = SectorSize;
  methods.xDeviceCharacteristics = Characteristics;
  return methods;
}();

int Open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs* system = System(vfs);
  // Any other file is the system's own, with the system's methods.
  if ((flags & SQLITE_OPEN_WAL) == 0) return system->xOpen(system, path, file, flags, out_flags);
  auto* log = new (file) LogFile{};
  log->kept = new (std::nothrow) std::string;
  if (log->kept == nullptr) return SQLITE_NOMEM;
  sqlite3_file* inner = SystemFile(file);
  inner->pMethods = nullptr;
  const int code = system->xOpen(system, path, inner, flags, out_flags);
  if (code != SQLITE_OK) {
    if (inner->pMethods != nullptr) inner->pMethods->xClose(inner);
    delete log->kept;
    return code;  // without methods: SQLite does not close it
  }
  file->pMethods = &kLogMethods;
  return SQLITE_OK;
}

const char* Register() {
  static constexpr char kName[] = "fairlead";
  // One process has a database open (see FileLock): it keeps the files' locks, and its connections
  // share the journal's index in memory. That spares six system calls for each hand-off.
  sqlite3_vfs* system = sqlite3_vfs_find("unix-excl");
  if (system == nullptr) return nullptr;
  static sqlite3_vfs vfs = *system;  // its other methods look at no field of their own
  vfs.szOsFile = static_cast<int>(kSystemFileAt) + system->szOsFile;
  vfs.zName = kName;
  vfs.pNext = nullptr;
  vfs.xOpen = Open;
  // The system's VFS chooses how to lock by its own pAppData: only Open needs to find it here.
  vfs.pAppData = system;
  return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK ? kName : nullptr;
}

}  // namespace

const char* JoiningVfs() {
  static const char* const name = Register();
  return name;
}

}  // namespace fairlead::storage
