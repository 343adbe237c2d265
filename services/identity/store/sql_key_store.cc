#include "services/identity/store/key_store.h"

#include "services/common/storage/answers.h"

namespace fairlead::identity {
namespace {

using storage::Done;
using storage::First;
using storage::Row;

constexpr std::string_view kDeviceColumns =
    "SELECT id, agency_id, staff_id, kid, device_jwk, create_ms, confirm_ms, remove_ms "
    "FROM device ";

Device ToDevice(const Row& row) {
  return Device{.id = row.Text(0),
                .agency_id = row.Text(1),
                .staff_id = row.Text(2),
                .kid = row.Text(3),
                .device_jwk = row.Text(4),
                .create_ms = row.Int(5),
                .confirm_ms = row.OptionalInt(6),
                .remove_ms = row.OptionalInt(7)};
}

template <class T, class Convert>
Result<std::vector<T>> All(const Result<std::vector<Row>>& rows, Convert convert) {
  if (!rows) return Fail(rows.error());
  std::vector<T> all;
  all.reserve(rows->size());
  for (const Row& row : *rows) all.push_back(convert(row));
  return all;
}

std::string DeviceSql(std::string_view rest) {
  std::string sql(kDeviceColumns);
  sql.append(rest);
  return sql;
}

class SqlKeyStore final : public KeyStore {
 public:
  Result<std::vector<StoredRoot>> ListRoots(Read& tx, int limit) const override {
    FAIRLEAD_ASSIGN(auto roots,
                    All<StoredRoot>(tx.Query("SELECT number, statement FROM coalition_root "
                                             "ORDER BY number DESC LIMIT $1",
                                             {limit}),
                                    [](const Row& row) {
                                      return StoredRoot{row.Int(0), row.Text(1)};
                                    }));
    std::reverse(roots.begin(), roots.end());
    return roots;
  }

  Result<void> InsertRoot(Write& tx, const StoredRoot& root, int64_t now_ms) const override {
    return Done(
        tx.Execute("INSERT INTO coalition_root (number, statement, create_ms) VALUES ($1, $2, $3)",
                   {root.number, root.statement, now_ms}));
  }

  Result<std::optional<StoredCertificate>> FindCertificate(
      Read& tx, std::string_view agency_id) const override {
    return First<StoredCertificate>(
        tx.Query("SELECT agency_id, certificate, agency_kid, root_kid, issued_s "
                 "FROM agency_certificate WHERE agency_id = $1",
                 {agency_id}),
        [](const Row& row) {
          return StoredCertificate{row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Int(4)};
        });
  }

  Result<void> PutCertificate(Write& tx, const StoredCertificate& each) const override {
    return Done(tx.Execute(
        "INSERT INTO agency_certificate (agency_id, certificate, agency_kid, root_kid, issued_s) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (agency_id) DO UPDATE SET "
        "certificate = excluded.certificate, agency_kid = excluded.agency_kid, "
        "root_kid = excluded.root_kid, issued_s = excluded.issued_s",
        {each.agency_id, each.certificate, each.agency_kid, each.root_kid, each.issued_s}));
  }

  Result<std::optional<StoredKeyList>> FindKeyList(Read& tx, std::string_view agency_id,
                                                   int64_t version) const override {
    const auto to_list = [](const Row& row) {
      return StoredKeyList{row.Text(0), row.Int(1), row.Text(2), row.Text(3), row.Int(4)};
    };
    constexpr std::string_view kColumns =
        "SELECT agency_id, version, key_list, agency_kid, create_ms FROM key_list ";
    if (version == 0) {
      return First<StoredKeyList>(
          tx.Query(std::string(kColumns) + "WHERE agency_id = $1 ORDER BY version DESC LIMIT 1",
                   {agency_id}),
          to_list);
    }
    return First<StoredKeyList>(
        tx.Query(std::string(kColumns) + "WHERE agency_id = $1 AND version = $2",
                 {agency_id, version}),
        to_list);
  }

  Result<void> InsertKeyList(Write& tx, const StoredKeyList& list) const override {
    FAIRLEAD_ASSIGN(const auto taken,
                    tx.Query("SELECT 1 FROM key_list WHERE agency_kid = $1 AND agency_id <> $2 "
                             "LIMIT 1",
                             {list.agency_kid, list.agency_id}));
    if (!taken.empty()) {
      return Fail(Code::kAlreadyExists, "KEY_ALREADY_PUBLISHED",
                  "An agency key belongs to one agency.");
    }
    return Done(
        tx.Execute("INSERT INTO key_list (agency_id, version, key_list, agency_kid, "
                   "create_ms) VALUES ($1, $2, $3, $4, $5)",
                   {list.agency_id, list.version, list.key_list, list.agency_kid, list.create_ms}));
  }

  Result<void> InsertDevice(Write& tx, const Device& device) const override {
    FAIRLEAD_ASSIGN(const auto taken, FindDeviceByKid(tx, device.kid));
    if (taken) {
      return Fail(Code::kAlreadyExists, "DEVICE_EXISTS", "This device key is registered already.");
    }
    return Done(
        tx.Execute("INSERT INTO device (id, agency_id, staff_id, kid, device_jwk, "
                   "create_ms) VALUES ($1, $2, $3, $4, $5, $6)",
                   {device.id, device.agency_id, device.staff_id, device.kid, device.device_jwk,
                    device.create_ms}));
  }

  Result<std::optional<Device>> FindDevice(Read& tx, std::string_view id) const override {
    return First<Device>(tx.Query(DeviceSql("WHERE id = $1"), {id}), ToDevice);
  }

  Result<std::optional<Device>> FindDeviceByKid(Read& tx, std::string_view kid) const override {
    return First<Device>(tx.Query(DeviceSql("WHERE kid = $1"), {kid}), ToDevice);
  }

  Result<std::vector<Device>> DevicesOfStaff(Read& tx, std::string_view staff_id) const override {
    return All<Device>(
        tx.Query(DeviceSql("WHERE staff_id = $1 AND remove_ms IS NULL ORDER BY id LIMIT 100"),
                 {staff_id}),
        ToDevice);
  }

  Result<std::vector<Device>> ListDevices(Read& tx, std::string_view agency_id,
                                          std::string_view after_id, int limit) const override {
    return All<Device>(tx.Query(DeviceSql("WHERE agency_id = $1 AND id > $2 ORDER BY id LIMIT $3"),
                                {agency_id, after_id, limit}),
                       ToDevice);
  }

  Result<void> ConfirmDevice(Write& tx, std::string_view id, int64_t now_ms) const override {
    return Done(tx.Execute("UPDATE device SET confirm_ms = $2 WHERE id = $1 AND confirm_ms IS NULL",
                           {id, now_ms}));
  }

  Result<void> RemoveDevice(Write& tx, std::string_view id, int64_t now_ms) const override {
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute("DELETE FROM key_wrap WHERE device_id = $1", {id}));
    return Done(tx.Execute("UPDATE device SET remove_ms = $2 WHERE id = $1 AND remove_ms IS NULL",
                           {id, now_ms}));
  }

  Result<void> PutWrap(Write& tx, const StoredWrap& wrap) const override {
    return Done(
        tx.Execute("INSERT INTO key_wrap (device_id, epoch, jwe) VALUES ($1, $2, $3) "
                   "ON CONFLICT (device_id, epoch) DO UPDATE SET jwe = excluded.jwe",
                   {wrap.device_id, wrap.epoch, wrap.jwe}));
  }

  Result<std::vector<StoredWrap>> ListWraps(Read& tx, std::string_view device_id,
                                            int64_t before_epoch, int limit) const override {
    return All<StoredWrap>(
        tx.Query("SELECT device_id, epoch, jwe FROM key_wrap WHERE device_id = $1 "
                 "AND ($2 = 0 OR epoch < $2) ORDER BY epoch DESC LIMIT $3",
                 {device_id, before_epoch, limit}),
        [](const Row& row) {
          return StoredWrap{row.Text(0), row.Int(1), row.Text(2)};
        });
  }

  Result<void> MarkKeyChangeDue(Write& tx, std::string_view agency_id,
                                int64_t now_ms) const override {
    return Done(
        tx.Execute("INSERT INTO key_change_due (agency_id, since_ms) VALUES ($1, $2) "
                   "ON CONFLICT (agency_id) DO NOTHING",
                   {agency_id, now_ms}));
  }

  Result<void> ClearKeyChangeDue(Write& tx, std::string_view agency_id) const override {
    return Done(tx.Execute("DELETE FROM key_change_due WHERE agency_id = $1", {agency_id}));
  }

  Result<bool> IsKeyChangeDue(Read& tx, std::string_view agency_id) const override {
    FAIRLEAD_ASSIGN(const auto rows,
                    tx.Query("SELECT 1 FROM key_change_due WHERE agency_id = $1", {agency_id}));
    return !rows.empty();
  }
};

}  // namespace

std::unique_ptr<KeyStore> MakeSqlKeyStore() { return std::make_unique<SqlKeyStore>(); }

}  // namespace fairlead::identity
