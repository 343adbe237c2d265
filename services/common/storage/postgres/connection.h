// One libpq connection: statements, parameters, answers, errors. Not thread-safe.
#ifndef SERVICES_COMMON_STORAGE_POSTGRES_CONNECTION_H_
#define SERVICES_COMMON_STORAGE_POSTGRES_CONNECTION_H_

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "services/common/base/result.h"
#include "services/common/storage/database.h"

namespace fairlead::storage {

class PostgresConnection {
 public:
  // `session_sql` runs on each new connection.
  PostgresConnection(std::string conninfo, std::string session_sql)
      : conninfo_(std::move(conninfo)), session_sql_(std::move(session_sql)) {}

  // Connects when there is no connection, or a broken one. One try; bounded by connect_timeout.
  Result<void> Connect();
  bool Connected() const { return connection_ && PQstatus(connection_.get()) == CONNECTION_OK; }
  void Disconnect();

  Result<std::vector<Row>> Query(std::string_view sql, Params params);
  Result<int64_t> Execute(std::string_view sql, Params params = {});
  // Several statements, no parameters.
  Result<void> RunScript(const std::string& script);
  bool InTransaction() const;

  // Of the last error: whether running the transaction again can help, or the server is lost.
  bool LastErrorWasConflict() const { return conflict_; }
  bool LastErrorWasConnection() const { return connection_lost_; }

 private:
  struct Closer {
    void operator()(PGconn* connection) const { PQfinish(connection); }
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Answer = std::unique_ptr<PGresult, Closer>;

  Result<Answer> Run(std::string_view sql, Params params);
  Result<std::string> Prepare(std::string_view sql, Params params);
  tl::unexpected<Error> ErrorOf(const PGresult* result);

  std::string conninfo_;
  std::string session_sql_;
  std::unique_ptr<PGconn, Closer> connection_;
  std::unordered_map<std::string, std::string> prepared_;  // types and text -> name
  int next_name_ = 0;
  bool conflict_ = false;
  bool connection_lost_ = false;
};

}  // namespace fairlead::storage

#endif  // SERVICES_COMMON_STORAGE_POSTGRES_CONNECTION_H_
