// A KeyService on a database of its own, with people to call it.
#ifndef SERVICES_IDENTITY_TESTING_KEY_FIXTURE_H_
#define SERVICES_IDENTITY_TESTING_KEY_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>

#include "services/common/audit/audit.h"
#include "services/common/events/consumer.h"
#include "services/common/keys/testing/key_cast.h"
#include "services/common/outbox/outbox.h"
#include "services/common/rpc/dispatcher.h"
#include "services/common/rpc/mutate.h"
#include "services/common/testing/temp_dir.h"
#include "services/common/testing/test_database.h"
#include "services/identity/key_server.h"
#include "services/identity/keys/migrations.h"
#include "services/identity/machines/migrations.h"
#include "services/identity/migrations.h"

namespace fairlead::identity {
using Engine = storage::Transaction::Engine;
using keys::CheckOf;
using keys::EpochKeys;
using keys::kTestNowS;
using keys::Publisher;
using keys::ReasonOf;

class NoDirectory final : public AgencySource {
 public:
  Task<Result<Agency>> Get(rpc::CallContext, std::string) override {
    co_return Fail(Code::kNotFound, "AGENCY_NOT_FOUND", "None.");
  }
  Task<Result<Agency>> CreateCoalitionOffice(rpc::CallContext, PendingSetUp, std::string) override {
    co_return Fail(Code::kNotFound, "AGENCY_NOT_FOUND", "None.");
  }
};

class KeyServerTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    auto opened = testing::OpenTestDatabase(
        GetParam(), folder_,
        {outbox::OutboxMigrations(), audit::AuditMigrations(), events::InboxMigrations(),
         rpc::IdempotencyMigrations(), identity::Migrations(), identity_keys::Migrations(),
         identity_machines::Migrations()});
    ASSERT_TRUE(opened.has_value()) << ToString(opened.error());
    database_ = std::move(*opened);
    deps_ = std::make_unique<Deps>(Deps{*database_, *store_, *access_, directory_, hashes_,
                                        secrets_, clock_, SystemRandom(), ids_});
    key_deps_ = std::make_unique<KeyDeps>(KeyDeps{*deps_, *key_store_});
    server_ = std::make_unique<KeyServer>(*key_deps_, std::string(32, 'k'));
    server_->Register(registry_);
    dispatcher_ = std::make_unique<rpc::Dispatcher>(registry_, clock_);
    channel_ = rpc::MakeLocalChannel(*dispatcher_);
  }
  void TearDown() override {
    if (database_) database_->Close();
  }

  rpc::CallOptions Options(const auth::Actor& actor) const {
    rpc::CallOptions options;
    options.actor = actor;
    options.deadline_steady_ms = clock_.SteadyMs() + 30'000;
    return options;
  }
  template <class Response, class Request>
  Result<Response> Call(const auth::Actor& actor, const std::string& method,
                        const Request& request) {
    return SyncWait(rpc::Call<Response>(*channel_, "/fairlead.identity.v1.KeyService/" + method,
                                        request, Options(actor)));
  }

  auth::Actor Person(const std::string& agency_id, std::set<auth::Role> roles, int assurance = 3) {
    auth::Actor actor;
    actor.kind = auth::ActorKind::kStaff;
    actor.staff_id = ids_.New();
    actor.agency_id = agency_id;
    actor.agency_kind = roles.contains(auth::Role::kCoordinator)
                            ? auth::AgencyKind::kCoalitionOffice
                            : auth::AgencyKind::kVictimServiceProvider;
    actor.membership = auth::Membership::kActive;
    actor.roles = std::move(roles);
    actor.session_id = ids_.New();
    actor.assurance = assurance;
    return actor;
  }

  Result<v1::RegisterDeviceResponse> Register(const auth::Actor& actor,
                                              const seal::PublicKey& key) {
    v1::RegisterDeviceRequest request;
    request.set_request_id(ids_.New());
    request.set_device_jwk(seal::ToJwk(key));
    return Call<v1::RegisterDeviceResponse>(actor, "RegisterDevice", request);
  }

  struct WrapOf {
    std::string device_id;
    const EpochKeys* keys;
    seal::PublicKey device;
  };
  v1::PublishKeyListRequest ListRequest(const Publisher& agency,
                                        const std::vector<WrapOf>& wraps = {}) {
    v1::PublishKeyListRequest request;
    request.set_request_id(ids_.New());
    request.set_key_list(agency.jws);
    for (const WrapOf& each : wraps) {
      v1::KeyWrap& wrap = *request.add_wraps();
      wrap.set_device_id(each.device_id);
      wrap.set_epoch(each.keys->epoch);
      wrap.set_jwe(*keys::WrapKeys(agency.agency_id, agency.list.version, *each.keys, each.device,
                                   SystemRandom()));
    }
    return request;
  }
  Result<v1::PublishKeyListResponse> Publish(const auth::Actor& actor, const Publisher& agency,
                                             const std::vector<WrapOf>& wraps = {}) {
    return Call<v1::PublishKeyListResponse>(actor, "PublishKeyList", ListRequest(agency, wraps));
  }
  Result<v1::GetKeyListResponse> GetList(const auth::Actor& actor, const std::string& agency_id,
                                         int64_t version = 0) {
    v1::GetKeyListRequest request;
    request.set_agency_id(agency_id);
    request.set_version(version);
    return Call<v1::GetKeyListResponse>(actor, "GetKeyList", request);
  }
  Result<v1::ListKeyWrapsResponse> Wraps(const auth::Actor& actor, const std::string& device_id) {
    v1::ListKeyWrapsRequest request;
    request.set_device_id(device_id);
    return Call<v1::ListKeyWrapsResponse>(actor, "ListKeyWraps", request);
  }
  Result<v1::RemoveDeviceResponse> Remove(const auth::Actor& actor, const std::string& device_id) {
    v1::RemoveDeviceRequest request;
    request.set_request_id(ids_.New());
    request.set_device_id(device_id);
    return Call<v1::RemoveDeviceResponse>(actor, "RemoveDevice", request);
  }
  Result<v1::ListDevicesResponse> Devices(const auth::Actor& actor) {
    return Call<v1::ListDevicesResponse>(actor, "ListDevices", v1::ListDevicesRequest());
  }
  std::string PublishRoot(const auth::Actor& actor, const std::string& statement) {
    v1::PublishCoalitionRootRequest request;
    request.set_request_id(ids_.New());
    request.set_statement(statement);
    return CheckOf(Call<v1::PublishCoalitionRootResponse>(actor, "PublishCoalitionRoot", request));
  }
  std::string Certify(const auth::Actor& actor, const std::string& certificate) {
    v1::PublishAgencyCertificateRequest request;
    request.set_request_id(ids_.New());
    request.set_certificate(certificate);
    return CheckOf(
        Call<v1::PublishAgencyCertificateResponse>(actor, "PublishAgencyCertificate", request));
  }
  static std::string MakeCertificate(const std::string& agency_id, const seal::PublicKey& key,
                                     const seal::PrivateKey& root, int64_t issued_s = kTestNowS) {
    return keys::SignCertificate({.agency_id = agency_id,
                                  .name = "Harbor",
                                  .agency_key = key,
                                  .issued_s = issued_s,
                                  .expires_s = issued_s + keys::kDayS},
                                 root)
        .value();
  }
  static std::string MakeRoot(int64_t number, const seal::PublicKey& root,
                              const seal::PrivateKey& signer) {
    return keys::SignRoot({.number = number,
                           .root = root,
                           .coalition = "Coast",
                           .previous = number == 1 ? "" : signer.public_key.kid,
                           .issued_s = kTestNowS},
                          signer)
        .value();
  }

  testing::TempDir folder_;
  FakeClock clock_{kTestNowS * 1000};
  IdGenerator ids_{clock_, SystemRandom()};
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<IdentityStore> store_ = MakeSqlIdentityStore();
  std::unique_ptr<AccessStore> access_ = MakeSqlAccessStore();
  std::unique_ptr<KeyStore> key_store_ = MakeSqlKeyStore();
  NoDirectory directory_;
  HashPool hashes_{clock_, 2, 64, kCheapHash};
  SecretBox secrets_;
  std::unique_ptr<Deps> deps_;
  std::unique_ptr<KeyDeps> key_deps_;
  std::unique_ptr<KeyServer> server_;
  rpc::Registry registry_;
  std::unique_ptr<rpc::Dispatcher> dispatcher_;
  std::unique_ptr<rpc::Channel> channel_;
  const auth::Actor admin_ = Person(keys::kHarbor, {auth::Role::kAgencyAdmin});
  const auth::Actor worker_ = Person(keys::kHarbor, {auth::Role::kCaseworker});
  const auth::Actor stranger_ = Person(keys::kClinic, {auth::Role::kAgencyAdmin});
  const auth::Actor coordinator_ = Person(keys::kPerson, {auth::Role::kCoordinator});
};

}  // namespace fairlead::identity

#endif  // SERVICES_IDENTITY_TESTING_KEY_FIXTURE_H_
