#include "services/common/storage/postgres/connection.h"

#include <algorithm>
#include <map>
#include <utility>

#include "services/common/base/encoding.h"
#include "services/common/storage/engine.h"
#include "services/common/storage/postgres/decode.h"

namespace fairlead::storage {
namespace {

constexpr size_t kMaxParams = 1'000;
constexpr int kBinary = 1;

// The class of an SQLSTATE (PostgreSQL manual, appendix A) is its first two characters.
bool InClass(std::string_view state, std::string_view sql_class) {
  return state.substr(0, 2) == sql_class;
}

// 08P01 is a protocol violation: of ours, on a connection that lives.
bool IsConnectionState(std::string_view state) { return InClass(state, "08") && state != "08P01"; }

// The greatest N of the placeholders $N, outside of quotes and comments: the server itself accepts
// parameters that the statement does not use.
size_t PlaceholdersOf(std::string_view sql) {
  size_t greatest = 0;
  char quote = '\0';
  for (size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (sql.substr(i, 2) == "--") {
      i = std::min(sql.find('\n', i), sql.size());
    } else if (c == '$') {
      size_t number = 0;
      for (; i + 1 < sql.size() && sql[i + 1] >= '0' && sql[i + 1] <= '9' && number < 10'000; ++i)
        number = number * 10 + static_cast<size_t>(sql[i + 1] - '0');
      greatest = std::max(greatest, number);
    }
  }
  return greatest;
}

// PostgreSQL quotes values in many messages: of an error only its state and names are taken.
tl::unexpected<Error> MapState(std::string_view state, std::string constraint,
                               const char* primary) {
  std::map<std::string, std::string> metadata;
  if (!constraint.empty()) metadata.emplace("constraint", std::move(constraint));
  const std::string code = "PostgreSQL: SQLSTATE " + std::string(state);
  if (state == "23505" || state == "23P01")
    return Fail(Code::kAlreadyExists, "UNIQUE_VIOLATION", "such a row is there already",
                std::move(metadata));
  if (state == "23503")
    return Fail(Code::kFailedPrecondition, "FOREIGN_KEY_VIOLATION",
                "a row that this one names is missing, or is still named by another",
                std::move(metadata));
  if (InClass(state, "23") || state == "P0001")
    return Fail(Code::kFailedPrecondition, "CHECK_VIOLATION", "a value is not allowed here",
                std::move(metadata));
  // Connection, resources, operator's intervention, I/O.
  if (IsConnectionState(state) || InClass(state, "53") || InClass(state, "57") ||
      InClass(state, "58") || state.empty())
    return Fail(Code::kUnavailable, "STORAGE_UNAVAILABLE", code);
  if (InClass(state, "40") || state == "55P03")
    return Fail(Code::kAborted, "STORAGE_CONFLICT", code);
  // Syntax and names: the message speaks of our own SQL.
  if (InClass(state, "42") && state != "42804" && primary != nullptr)
    return OurDefect(code + ": " + primary);
  return OurDefect(code);
}

}  // namespace

tl::unexpected<Error> PostgresConnection::ErrorOf(const PGresult* result) {
  const auto field = [result](int code) -> const char* {
    return result == nullptr ? nullptr : PQresultErrorField(result, code);
  };
  const char* state_field = field(PG_DIAG_SQLSTATE);
  const std::string_view state = state_field == nullptr ? "" : state_field;
  const char* constraint = field(PG_DIAG_CONSTRAINT_NAME);
  conflict_ = state == "40001" || state == "40P01" || state == "55P03";
  connection_lost_ = !Connected() || IsConnectionState(state) || state == "57P01" ||
                     state == "57P02" || state == "57P03";
  return MapState(state, constraint == nullptr ? "" : constraint, field(PG_DIAG_MESSAGE_PRIMARY));
}

Result<void> PostgresConnection::Connect() {
  if (Connected()) return {};
  Disconnect();
  // `dbname` is expanded as a connection string; what it says beats what stands before it.
  // A host that vanishes must not hold a writer for longer than the kernel's patience with TCP,
  // which is a quarter of an hour: unanswered bytes, or silence, end the connection in 15 s.
  const char* const keywords[] = {"connect_timeout",     "application_name",    "tcp_user_timeout",
                                  "keepalives_idle",     "keepalives_interval", "keepalives_count",
                                  "dbname",              nullptr};
  const char* const values[] = {"5", "fairlead", "15000",           "5",
                                "5", "2",        conninfo_.c_str(), nullptr};
  connection_.reset(PQconnectdbParams(keywords, values, 1));
  if (!Connected()) {
    Disconnect();
    return Fail(Code::kUnavailable, "STORAGE_UNAVAILABLE", "no connection to PostgreSQL");
  }
  // Notices may quote values; libpq would print them.
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
  Result<void> ready = RunScript(session_sql_);
  if (!ready) Disconnect();
  return ready;
}

void PostgresConnection::Disconnect() {
  connection_.reset();
  prepared_.clear();
}

bool PostgresConnection::InTransaction() const {
  return connection_ && PQtransactionStatus(connection_.get()) != PQTRANS_IDLE;
}

Result<void> PostgresConnection::RunScript(const std::string& script) {
  const Answer answer(PQexec(connection_.get(), script.c_str()));
  const ExecStatusType status = PQresultStatus(answer.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
    return ErrorOf(answer.get());
  return {};
}

Result<std::string> PostgresConnection::Prepare(std::string_view sql, Params params) {
  std::string key;
  key.reserve(params.size() + 1 + sql.size());
  std::vector<Oid> types;
  for (const Value& value : params) {
    if (std::holds_alternative<int64_t>(value.variant())) {
      key += 'i';
      types.push_back(kOidInt8);
    } else if (std::holds_alternative<Blob>(value.variant())) {
      key += 'b';
      types.push_back(kOidBytea);
    } else {
      key += '?';  // text and NULL: the server finds the type, as it does for a literal
      types.push_back(kOidUnknown);
    }
  }
  key += ' ';
  key += sql;
  const auto found = prepared_.find(key);
  if (found != prepared_.end()) return found->second;
  const size_t needed = PlaceholdersOf(sql);
  if (params.size() != needed)
    return OurDefect("the statement takes " + std::to_string(needed) + " parameters, not " +
                     std::to_string(params.size()));
  if (prepared_.size() >= kMaxStatements) {  // statements made of changing text: rare
    FAIRLEAD_RETURN_IF_ERROR(RunScript("DEALLOCATE ALL"));
    prepared_.clear();
  }
  std::string name = "s" + std::to_string(next_name_++);
  const Answer answer(PQprepare(connection_.get(), name.c_str(), std::string(sql).c_str(),
                                static_cast<int>(types.size()), types.data()));
  if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) return ErrorOf(answer.get());
  prepared_.emplace(std::move(key), name);
  return name;
}

Result<PostgresConnection::Answer> PostgresConnection::Run(std::string_view sql, Params params) {
  conflict_ = false;
  connection_lost_ = false;
  if (!Connected()) return ErrorOf(nullptr);
  if (params.size() > kMaxParams) return OurDefect("too many parameters");
  FAIRLEAD_ASSIGN(const std::string name, Prepare(sql, params));
  struct Int8 {
    char bytes[8];
  };
  std::vector<Int8> numbers(params.size());
  std::vector<const char*> values(params.size(), nullptr);
  std::vector<int> lengths(params.size(), 0);
  std::vector<int> formats(params.size(), kBinary);
  for (size_t i = 0; i < params.size(); ++i) {
    const Value::Variant& value = params[i].variant();
    if (const auto* number = std::get_if<int64_t>(&value)) {
      EncodeInt8(*number, numbers[i].bytes);
      values[i] = numbers[i].bytes;
      lengths[i] = static_cast<int>(sizeof numbers[i].bytes);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      if (text->find('\0') != std::string::npos || !IsUtf8(*text))
        return Fail(Code::kInvalidArgument, "INVALID_TEXT", "text is UTF-8 without NUL");
      values[i] = text->c_str();
      formats[i] = 0;
    } else if (const auto* blob = std::get_if<Blob>(&value)) {
      values[i] = blob->bytes.data();
      lengths[i] = static_cast<int>(blob->bytes.size());
    }
  }
  Answer answer(PQexecPrepared(connection_.get(), name.c_str(), static_cast<int>(params.size()),
                               values.data(), lengths.data(), formats.data(), kBinary));
  const ExecStatusType status = PQresultStatus(answer.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) return ErrorOf(answer.get());
  return answer;
}

Result<std::vector<Row>> PostgresConnection::Query(std::string_view sql, Params params) {
  FAIRLEAD_ASSIGN(const Answer answer, Run(sql, params));
  const int rows = PQntuples(answer.get());
  const int columns = PQnfields(answer.get());
  std::vector<Row> out;
  out.reserve(static_cast<size_t>(rows));
  for (int row = 0; row < rows; ++row) {
    std::vector<Value> values;
    values.reserve(static_cast<size_t>(columns));
    for (int column = 0; column < columns; ++column) {
      if (PQgetisnull(answer.get(), row, column)) {
        values.emplace_back();
        continue;
      }
      const std::string_view bytes(PQgetvalue(answer.get(), row, column),
                                   static_cast<size_t>(PQgetlength(answer.get(), row, column)));
      FAIRLEAD_ASSIGN(Value value, DecodeColumn(PQftype(answer.get(), column), bytes));
      values.push_back(std::move(value));
    }
    out.emplace_back(std::move(values));
  }
  return out;
}

Result<int64_t> PostgresConnection::Execute(std::string_view sql, Params params) {
  FAIRLEAD_ASSIGN(const Answer answer, Run(sql, params));
  // "INSERT 0 5"; a SELECT counts rows too, which is not what is asked.
  const std::string_view tag = PQcmdStatus(answer.get());
  if (tag.starts_with("SELECT")) return 0;
  const char* count = PQcmdTuples(answer.get());
  return *count == '\0' ? 0 : std::stoll(count);
}

}  // namespace fairlead::storage
