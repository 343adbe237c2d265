#include "services/identity/commands/coalition_root.h"

#include "services/common/audit/audit.h"

namespace fairlead::identity {
namespace {

tl::unexpected<Error> NoRoot() {
  return Fail(Code::kFailedPrecondition, "NO_COALITION_ROOT",
              "The coalition has not published its root yet.");
}

}  // namespace

tl::unexpected<Error> StatementInvalid(const char* check) {
  return Fail(Code::kInvalidArgument, "STATEMENT_INVALID",
              "The statement about keys is not acceptable.", {{"check", check}});
}

Result<std::vector<std::string>> FindRoots(const KeyDeps& deps, storage::ReadTransaction& tx) {
  FAIRLEAD_ASSIGN(const auto roots, deps.keys.ListRoots(tx, kMaxRootsShown));
  if (roots.empty()) return NoRoot();
  std::vector<std::string> statements;
  for (const StoredRoot& root : roots) statements.push_back(root.statement);
  return statements;
}

Result<keys::RootStatement> CurrentRoot(const KeyDeps& deps, storage::ReadTransaction& tx,
                                        int64_t now_s) {
  FAIRLEAD_ASSIGN(const auto roots, deps.keys.ListRoots(tx, 1));
  if (roots.empty()) return NoRoot();
  // It was checked when it came.
  return keys::PeekRoot(roots.back().statement, now_s);
}

Result<void> PublishRoot(const KeyDeps& deps, storage::Transaction& tx,
                         const rpc::CallContext& context, const std::string& statement,
                         int64_t now_ms) {
  const int64_t now_s = now_ms / 1000;
  FAIRLEAD_ASSIGN(const auto roots, deps.keys.ListRoots(tx, 1));
  keys::RootStatement next;
  if (roots.empty()) {
    FAIRLEAD_ASSIGN(next, keys::ParseFirstRoot(statement, now_s));
  } else {
    FAIRLEAD_ASSIGN(const auto current, keys::PeekRoot(roots.back().statement, now_s));
    FAIRLEAD_ASSIGN(next, keys::ParseNextRoot(statement, current.root, now_s));
    if (next.number != current.number + 1) return StatementInvalid("number");
  }
  FAIRLEAD_RETURN_IF_ERROR(
      deps.keys.InsertRoot(tx, {.number = next.number, .statement = statement}, now_ms));
  audit::Record record{.action = audit::Action::kCoalitionRootPublished,
                       .by = audit::ByCaller(context)};
  record.record_id = next.root.kid;
  return audit::Append(tx, deps.base.ids, now_ms, record);
}

Result<void> PublishCertificate(const KeyDeps& deps, storage::Transaction& tx,
                                const rpc::CallContext& context, const std::string& certificate,
                                int64_t now_ms) {
  const int64_t now_s = now_ms / 1000;
  FAIRLEAD_ASSIGN(const auto root, CurrentRoot(deps, tx, now_s));
  FAIRLEAD_ASSIGN(const auto read, keys::ParseCertificate(certificate, root.root, now_s));
  if (keys::IsExpired(read.expires_s, now_s)) return StatementInvalid("exp");
  FAIRLEAD_ASSIGN(const auto before, deps.keys.FindCertificate(tx, read.agency_id));
  if (before && read.issued_s < before->issued_s) return StatementInvalid("iat");
  FAIRLEAD_RETURN_IF_ERROR(deps.keys.PutCertificate(tx, {.agency_id = read.agency_id,
                                                         .certificate = certificate,
                                                         .agency_kid = read.agency_key.kid,
                                                         .root_kid = root.root.kid,
                                                         .issued_s = read.issued_s}));
  audit::Record record{.action = audit::Action::kAgencyCertified, .by = audit::ByCaller(context)};
  record.subject_agency_id = read.agency_id;
  record.record_id = read.agency_key.kid;
  return audit::Append(tx, deps.base.ids, now_ms, record);
}

}  // namespace fairlead::identity
