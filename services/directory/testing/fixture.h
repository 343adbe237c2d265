// A directory to call through the policy table and the validator, on either engine, and HSDS
// folders to import into it. For tests.
#ifndef SERVICES_DIRECTORY_TESTING_FIXTURE_H_
#define SERVICES_DIRECTORY_TESTING_FIXTURE_H_

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "fairlead/events/v1/events.pb.h"
#include "services/common/audit/audit.h"
#include "services/common/outbox/outbox.h"
#include "services/common/rpc/dispatcher.h"
#include "services/common/rpc/mutate.h"
#include "services/common/testing/temp_dir.h"
#include "services/common/testing/test_database.h"
#include "services/directory/capacity_server.h"
#include "services/directory/directory_server.h"
#include "services/directory/domain/need_codes.h"
#include "services/directory/history_server.h"
#include "services/directory/hours_server.h"
#include "services/directory/hsds_server.h"
#include "services/directory/import_server.h"
#include "services/directory/match_server.h"
#include "services/directory/membership_server.h"
#include "services/directory/migrations.h"
#include "services/directory/verification_server.h"

namespace fairlead::directory {

using Engine = storage::Transaction::Engine;

inline constexpr int64_t kHoldS = 5400;
inline constexpr const char* kOrg = "11111111-1111-4111-8111-111111111111";

// One service of an import, as CSV needs it.
struct Row {
  std::string id = {};
  std::string name = {};
  std::string need = {};
  std::string county = {};
  std::string language = {};
  std::string city = "Seaport";
  std::string description = "Helps";
  std::string status = "active";
  bool confidential = false;
};

inline std::string Uuid(int number, char kind) {
  std::string digits = std::to_string(number);
  digits.insert(0, 12 - digits.size(), '0');
  return std::string(8, kind) + "-0000-4000-8000-" + digits;
}

// A way to the services that a server is given before there is one.
class LateChannel final : public rpc::Channel {
 public:
  void Lead(rpc::Channel& to) { to_ = &to; }
  Task<rpc::Reply> Call(std::string method, const rpc::Message& request,
                        const rpc::Message& prototype, rpc::CallOptions options) override {
    return to_->Call(std::move(method), request, prototype, std::move(options));
  }

 private:
  rpc::Channel* to_ = nullptr;
};

class DirectoryFixture : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    auto opened =
        testing::OpenTestDatabase(GetParam(), folder_,
                                  {outbox::OutboxMigrations(), audit::AuditMigrations(),
                                   rpc::IdempotencyMigrations(), directory::Migrations()});
    ASSERT_TRUE(opened.has_value()) << ToString(opened.error());
    database_ = std::move(*opened);
    deps_ = std::make_unique<Deps>(
        Deps{*database_, *store_, *memberships_, clock_, ids_, *capacities_});
    server_ = std::make_unique<DirectoryServer>(*deps_, std::string(32, 'k'));
    server_->Register(registry_);
    match_server_ = std::make_unique<MatchServer>(*deps_, std::string(32, 's'));
    match_server_->Register(registry_);
    membership_server_ =
        std::make_unique<MembershipServer>(*deps_, services_, std::string(32, 'm'));
    membership_server_->Register(registry_);
    capacity_server_ = std::make_unique<CapacityServer>(*deps_, std::string(32, 'c'), kHoldS);
    capacity_server_->Register(registry_);
    hours_server_ = std::make_unique<HoursServer>(*deps_);
    hours_server_->Register(registry_);
    hsds_server_ = std::make_unique<HsdsServer>(*deps_, std::string(32, 'h'));
    hsds_server_->Register(registry_);
    history_server_ = std::make_unique<HistoryServer>(*deps_, std::string(32, 'i'));
    history_server_->Register(registry_);
    verification_server_ = std::make_unique<VerificationServer>(*deps_, std::string(32, 'v'));
    verification_server_->Register(registry_);
    import_server_ = std::make_unique<ImportServer>(*deps_, SystemRandom());
    import_server_->Register(registry_);
    AddOtherServices(registry_);
    dispatcher_ = std::make_unique<rpc::Dispatcher>(registry_, clock_);
    channel_ = rpc::MakeLocalChannel(*dispatcher_);
    services_.Lead(*channel_);
    agency_ = MakeAgency("Harbor House");
    admin_ = Person(agency_, {auth::Role::kAgencyAdmin});
  }
  void TearDown() override {
    if (database_) database_->Close();
  }

  // Methods of other services that the directory calls.
  virtual void AddOtherServices(rpc::Registry&) {}

  template <class Response, class Request>
  Result<Response> Call(const auth::Actor& actor, const std::string& method, const Request& request,
                        const std::string& service = "") {
    return SyncWait(Begin<Response>(actor, "DirectoryService/" + method, request, service));
  }

  // `method`: "MembershipService/ApplyForMembership".
  template <class Response, class Request>
  Task<Result<Response>> Begin(const auth::Actor& actor, const std::string& method,
                               const Request& request, const std::string& service = "") {
    rpc::CallOptions options;
    options.actor = actor;
    options.on_behalf_of_service = service;
    options.deadline_steady_ms = clock_.SteadyMs() + 30'000;
    return rpc::Call<Response>(*channel_, "/fairlead.directory.v1." + method, request, options);
  }

  static std::string Reason(const auto& result) { return result ? "" : result.error().reason; }

  auth::Actor Person(const std::string& agency_id, std::set<auth::Role> roles) {
    auth::Actor actor;
    actor.kind = auth::ActorKind::kStaff;
    actor.staff_id = ids_.New();
    actor.agency_id = agency_id;
    const bool office =
        roles.contains(auth::Role::kCoordinator) || roles.contains(auth::Role::kAuditor);
    actor.agency_kind =
        office ? auth::AgencyKind::kCoalitionOffice : auth::AgencyKind::kVictimServiceProvider;
    actor.membership = auth::Membership::kActive;
    actor.roles = std::move(roles);
    actor.session_id = ids_.New();
    actor.assurance = auth::kProvenLately;
    return actor;
  }

  std::string MakeAgency(const std::string& name,
                         v1::AgencyKind kind = v1::AGENCY_KIND_VICTIM_SERVICE_PROVIDER) {
    v1::CreateAgencyRequest request;
    request.set_request_id(ids_.New());
    request.set_name(name);
    request.set_kind(kind);
    const auto made =
        Call<v1::CreateAgencyResponse>(auth::ServiceActor("hub"), "CreateAgency", request, "hub");
    EXPECT_TRUE(made.has_value()) << ToString(made.error());
    return made ? made->agency().id() : "";
  }

  v1::ImportListingsRequest Request(v1::ImportFormat format,
                                    const std::map<std::string, std::string>& files) {
    v1::ImportListingsRequest request;
    request.set_request_id(ids_.New());
    request.set_agency_id(agency_);
    request.set_format(format);
    for (const auto& [name, content] : files) {
      v1::ImportFile* file = request.add_files();
      file->set_name(name);
      file->set_content(content);
    }
    return request;
  }

  static std::map<std::string, std::string> Folder(const std::vector<Row>& rows) {
    std::map<std::string, std::string> f;
    f["organizations.csv"] = std::string("id,name,description\n") + kOrg + ",Harbor Org,Helps\n";
    f["services.csv"] = "id,organization_id,name,description,status,confidential_location\n";
    f["locations.csv"] = "id,location_type\n";
    f["service_at_location.csv"] = "id,service_id,location_id\n";
    f["addresses.csv"] =
        "id,location_id,address_1,city,state_province,postal_code,country,address_type\n";
    f["service_areas.csv"] = "id,service_id,extent\n";
    f["languages.csv"] = "id,service_id,code\n";
    f["taxonomy_terms.csv"] = "id,code,name,description\n";
    f["attributes.csv"] = "id,link_id,link_entity,taxonomy_term_id\n";
    std::set<std::string> terms;
    int n = 0;
    for (const Row& row : rows) {
      ++n;
      f["services.csv"] += row.id + "," + kOrg + ",\"" + row.name + "\",\"" + row.description +
                           "\"," + row.status + "," + (row.confidential ? "true" : "") + "\n";
      f["locations.csv"] += Uuid(n, 'a') + ",physical\n";
      f["service_at_location.csv"] += Uuid(n, 'b') + "," + row.id + "," + Uuid(n, 'a') + "\n";
      f["addresses.csv"] += Uuid(n, 'c') + "," + Uuid(n, 'a') + ",9 Hidden Lane," + row.city +
                            ",FL,33101,US,physical\n";
      f["service_areas.csv"] += Uuid(n, 'd') + "," + row.id + "," + row.county + "\n";
      if (!row.language.empty()) {
        f["languages.csv"] += Uuid(n, 'e') + "," + row.id + "," + row.language + "\n";
      }
      if (row.need.empty()) continue;
      const int term = static_cast<int>(FindNeedCode(row.need) - NeedCodes().data());
      if (terms.insert(row.need).second) {
        f["taxonomy_terms.csv"] += Uuid(term, 'f') + "," + row.need + ",N,D\n";
      }
      f["attributes.csv"] += Uuid(n, '9') + "," + row.id + ",service," + Uuid(term, 'f') + "\n";
    }
    return f;
  }

  Result<v1::ImportListingsResponse> Import(const std::vector<Row>& rows) {
    return Call<v1::ImportListingsResponse>(admin_, "ImportListings",
                                            Request(v1::IMPORT_FORMAT_HSDS_CSV, Folder(rows)));
  }

  // One service of an organization of its own, for Miami-Dade, as HSDS JSON. `place`: more members
  // of its location (", \"latitude\": 25.76"); `service`: of itself.
  static std::string ServiceJson(int n, const std::string& name, const std::string& place = "",
                                 const std::string& service = "") {
    const auto id = [n](char kind) { return R"("id": ")" + Uuid(n, kind) + '"'; };
    return "[{" + id('1') + R"(, "name": ")" + name +
           R"(", "status": "active", "organization": {)" + id('0') +
           R"(, "name": "Org", "description": "Helps"}, "service_areas": [{)" + id('3') +
           R"(, "name": "Area", "extent": "12086"}], "service_at_locations": [{)" + id('b') +
           R"(, "location": {)" + id('a') + R"(, "location_type": "physical")" + place + "}}]" +
           service + "}]";
  }
  // As beds, where it names no need.
  Result<v1::ImportListingsResponse> ImportJson(const std::string& services) {
    v1::ImportListingsRequest request =
        Request(v1::IMPORT_FORMAT_HSDS_JSON, {{"services.json", services}});
    request.add_default_need_codes("shelter_bed");
    return Call<v1::ImportListingsResponse>(admin_, "ImportListings", request);
  }

  // An export begun, to be asked for part by part; the reason as its id when it was refused.
  v1::ExportListingsRequest Exporting(const auth::Actor& by, v1::ImportFormat format) {
    v1::BeginExportRequest begin;
    begin.set_request_id(ids_.New());
    begin.set_format(format);
    const auto begun =
        SyncWait(Begin<v1::BeginExportResponse>(by, "ExportService/BeginExport", begin));
    v1::ExportListingsRequest request;
    request.set_format(format);
    request.set_export_id(begun ? begun->export_id() : begun.error().reason);
    return request;
  }

  // "created updated unchanged", or the reason.
  static std::string Counts(const Result<v1::ImportListingsResponse>& result) {
    if (!result) return result.error().reason;
    return std::to_string(result->created()) + " " + std::to_string(result->updated()) + " " +
           std::to_string(result->unchanged());
  }

  struct Query {
    std::string need = {};
    std::string county = {};
    std::string language = {};
    std::string text = {};
  };
  // Names of the services found, in order, page by page.
  std::vector<std::string> Search(const Query& query, int page_size = 0) {
    v1::SearchServicesRequest request;
    request.set_need_code(query.need);
    request.set_county(query.county);
    request.set_language(query.language);
    request.set_text(query.text);
    request.set_page_size(page_size);
    std::vector<std::string> names;
    for (int page = 0; page < 100; ++page) {
      const auto answer = Call<v1::SearchServicesResponse>(admin_, "SearchServices", request);
      if (!answer) return {answer.error().reason};
      for (const v1::Service& service : answer->services()) names.push_back(service.name());
      if (answer->next_page_token().empty()) break;
      EXPECT_EQ(answer->services_size(), page_size);
      request.set_page_token(answer->next_page_token());
    }
    return names;
  }

  int64_t CountRows(const std::string& table) {
    std::function<Result<int64_t>(storage::ReadTransaction&)> count =
        [&](storage::ReadTransaction& tx) -> Result<int64_t> {
      FAIRLEAD_ASSIGN(const auto rows, tx.Query("SELECT COUNT(*) FROM " + table));
      return rows.at(0).Int(0);
    };
    return SyncWait(database_->Read<int64_t>(count)).value_or(-1);
  }

  // The events of a type that were told, in order.
  std::vector<events::v1::EventEnvelope> Told(const std::string& type) {
    std::function<Result<std::vector<storage::Row>>(storage::ReadTransaction&)> read =
        [](storage::ReadTransaction& tx) {
          const bool sqlite = GetParam() == Engine::kSqlite;
          return tx.Query(std::string("SELECT envelope FROM outbox ORDER BY ") +
                          (sqlite ? "sequence" : "position"));
        };
    std::vector<events::v1::EventEnvelope> told;
    const auto rows = SyncWait(database_->Read<std::vector<storage::Row>>(read));
    EXPECT_TRUE(rows.has_value()) << ToString(rows.error());
    for (const storage::Row& row : rows.value_or(std::vector<storage::Row>())) {
      events::v1::EventEnvelope envelope;
      EXPECT_TRUE(envelope.ParseFromString(row.Bytes(0)));
      if (envelope.type() == type) told.push_back(envelope);
    }
    return told;
  }

  // One statement, past everything.
  Result<int64_t> Run(const std::string& sql, std::vector<storage::Value> params = {}) {
    std::function<Result<int64_t>(storage::Transaction&)> job = [&](storage::Transaction& tx) {
      return tx.Execute(sql, storage::Params(params));
    };
    return SyncWait(database_->Write<int64_t>(job));
  }

  static std::vector<Row> ThreeServices() {
    return {{.id = Uuid(1, '1'),
             .name = "Night beds",
             .need = "shelter_bed",
             .county = "12086",
             .language = "es-MX"},
            {.id = Uuid(2, '1'),
             .name = "Álamo dental clinic",
             .need = "urgent_dental",
             .county = "\"12086,12011\"",
             .language = "en"},
            {.id = Uuid(3, '1'),
             .name = "Bridge apartments",
             .need = "transitional_housing",
             .county = "12011",
             .language = "es"}};
  }

  const testing::TempDir folder_;
  FakeClock clock_;
  IdGenerator ids_{clock_, SystemRandom()};
  std::unique_ptr<DirectoryStore> store_ = MakeSqlDirectoryStore();
  std::unique_ptr<MembershipStore> memberships_ = MakeSqlMembershipStore();
  std::unique_ptr<CapacityStore> capacities_ = MakeSqlCapacityStore();
  rpc::Registry registry_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<Deps> deps_;
  LateChannel services_;
  std::unique_ptr<DirectoryServer> server_;
  std::unique_ptr<MatchServer> match_server_;
  std::unique_ptr<MembershipServer> membership_server_;
  std::unique_ptr<CapacityServer> capacity_server_;
  std::unique_ptr<HoursServer> hours_server_;
  std::unique_ptr<HsdsServer> hsds_server_;
  std::unique_ptr<HistoryServer> history_server_;
  std::unique_ptr<VerificationServer> verification_server_;
  std::unique_ptr<ImportServer> import_server_;
  std::unique_ptr<rpc::Dispatcher> dispatcher_;
  std::unique_ptr<rpc::Channel> channel_;
  std::string agency_;
  auth::Actor admin_;
};

using Names = std::vector<std::string>;

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_TESTING_FIXTURE_H_
