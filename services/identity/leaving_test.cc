// Somebody leaves and the agency's keys change, in one act, on both engines.
#include "fairlead/events/v1/events.pb.h"
#include "services/common/keys/testing/key_cast.h"
#include "services/common/outbox/outbox_store.h"
#include "services/identity/key_server.h"
#include "services/identity/testing/identity_fixture.h"

namespace fairlead::identity {
namespace {

class LeavingTest : public IdentityServerTest {
 protected:
  void SetUp() override {
    IdentityServerTest::SetUp();
    key_server_ = std::make_unique<KeyServer>(*key_deps_, std::string(32, 'k'));
    key_server_->Register(registry_);
    agency_ = AddAgency("victim_service_provider");
    harbor_ = std::make_unique<keys::Publisher>(agency_, clock_.NowMs() / 1000);
    stays_ = Join("stays", {v1::ROLE_AGENCY_ADMIN});
    leaves_ = Join("leaves", {v1::ROLE_CASEWORKER});
    for (const Colleague* each : {&stays_, &leaves_}) {
      PutDevice(harbor_->list, {.key = each->key.public_key, .staff_id = each->actor.staff_id});
    }
    harbor_->jws = *keys::SignKeyList(harbor_->list, harbor_->agency);
    v1::PublishKeyListRequest request;
    request.set_request_id(ids_.New());
    request.set_key_list(harbor_->jws);
    *request.add_wraps() = WrapFor(stays_);
    *request.add_wraps() = WrapFor(leaves_);
    ASSERT_EQ(Reason(Ask<v1::PublishKeyListResponse>(stays_.actor, "PublishKeyList", request)), "");
  }

  // A person, signed in, with a device that is known to the hub.
  struct Colleague {
    auth::Actor actor;
    std::string token;
    seal::PrivateKey key;
    std::string device_id;
  };
  Colleague Join(const std::string& name, std::set<v1::Role> roles) {
    Colleague one;
    EXPECT_EQ(Reason(MakeStaff(agency_, name, std::move(roles))), "");
    const auto session = SignIn(name, kGood);
    EXPECT_EQ(Reason(session), "");
    one.actor = Person(session.value_or(v1::SignInResponse()));
    one.token = session ? session->session_token() : "";
    one.key = keys::SealingKey();
    v1::RegisterDeviceRequest request;
    request.set_request_id(ids_.New());
    request.set_device_jwk(seal::ToJwk(one.key.public_key));
    const auto made = Ask<v1::RegisterDeviceResponse>(one.actor, "RegisterDevice", request);
    EXPECT_EQ(Reason(made), "");
    one.device_id = made ? made->device().id() : "";
    return one;
  }

  template <class Response, class Request>
  Result<Response> Ask(const auth::Actor& actor, const std::string& method,
                       const Request& request) {
    rpc::CallOptions options;
    options.actor = actor;
    options.deadline_steady_ms = clock_.SteadyMs() + 30'000;
    return SyncWait(rpc::Call<Response>(*channel_, "/fairlead.identity.v1.KeyService/" + method,
                                        request, options));
  }
  v1::KeyWrap WrapFor(const Colleague& one) {
    v1::KeyWrap wrap;
    wrap.set_device_id(one.device_id);
    wrap.set_epoch(harbor_->current.epoch);
    wrap.set_jwe(*keys::WrapKeys(agency_, harbor_->list.version, harbor_->current,
                                 one.key.public_key, SystemRandom()));
    return wrap;
  }
  // The list as the publisher has it, with wraps for `holders`.
  Result<v1::DisableStaffResponse> Disable(const std::vector<const Colleague*>& holders,
                                           bool with_list = true) {
    v1::DisableStaffRequest request;
    request.set_request_id(ids_.New());
    request.set_staff_id(leaves_.actor.staff_id);
    if (with_list) request.set_key_list(harbor_->jws);
    for (const Colleague* each : holders) *request.add_wraps() = WrapFor(*each);
    return Call<v1::DisableStaffResponse>(stays_.actor, "DisableStaff", request);
  }
  v1::ListDevicesResponse Devices() {
    return Ask<v1::ListDevicesResponse>(stays_.actor, "ListDevices", v1::ListDevicesRequest())
        .value_or(v1::ListDevicesResponse());
  }
  bool HasLeft(const Colleague& one) {
    const auto listed = Devices();  // outlives the loop over it
    for (const v1::Device& device : listed.devices()) {
      if (device.id() == one.device_id) return device.has_remove_time();
    }
    ADD_FAILURE() << "no such device";
    return false;
  }
  int64_t Epoch() {
    v1::GetAgencyKeysRequest request;
    request.set_agency_id(agency_);
    const auto found = Call<v1::GetAgencyKeysResponse>(stays_.actor, "GetAgencyKeys", request);
    EXPECT_EQ(Reason(found), "");
    return found ? found->keys().epoch() : 0;
  }
  void WithoutTheLeaver() {
    std::erase_if(harbor_->list.devices, [&](const keys::ListedDevice& each) {
      return each.staff_id == leaves_.actor.staff_id;
    });
    harbor_->jws = *keys::SignKeyList(harbor_->list, harbor_->agency);
  }

  std::string agency_;
  std::unique_ptr<KeyServer> key_server_;
  std::unique_ptr<keys::Publisher> harbor_;
  Colleague stays_;
  Colleague leaves_;
};

TEST_P(LeavingTest, TheNewEpochTakesForceWithTheLeaving) {
  harbor_->Rotate();
  WithoutTheLeaver();
  const auto disabled = Disable({&stays_});
  ASSERT_TRUE(disabled.has_value()) << ToString(disabled.error());
  EXPECT_FALSE(disabled->key_change_due());
  EXPECT_FALSE(Devices().key_change_due());
  EXPECT_TRUE(HasLeft(leaves_));
  EXPECT_FALSE(HasLeft(stays_));
  EXPECT_EQ(Epoch(), 2);
  EXPECT_EQ(Reason(Check(leaves_.token)), "SESSION_INVALID");
}

TEST_P(LeavingTest, AListThatIsRefusedLeavesEverythingAsItWas) {
  harbor_->Rotate();
  EXPECT_EQ(Reason(Disable({&stays_, &leaves_})), "DEVICE_NOT_FOUND") << "it names the leaver's";
  WithoutTheLeaver();
  EXPECT_EQ(Reason(Disable({})), "WRAP_MISSING");
  const std::string good = harbor_->jws;
  harbor_->jws.back() = harbor_->jws.back() == 'A' ? 'Q' : 'A';
  EXPECT_EQ(Reason(Disable({&stays_})), "STATEMENT_INVALID");
  EXPECT_EQ(Reason(Disable({&stays_}, false)), "STATEMENT_INVALID") << "wraps without a list";
  EXPECT_FALSE(HasLeft(leaves_));
  EXPECT_EQ(Epoch(), 1);
  EXPECT_FALSE(Devices().key_change_due());
  EXPECT_TRUE(Check(leaves_.token).has_value());
  harbor_->jws = good;
  EXPECT_EQ(Reason(Disable({&stays_})), "");
}

TEST_P(LeavingTest, WithoutANewEpochTheKeysStayDue) {
  harbor_->Publish();
  WithoutTheLeaver();
  const auto disabled = Disable({});
  ASSERT_TRUE(disabled.has_value()) << ToString(disabled.error());
  EXPECT_TRUE(disabled->key_change_due()) << "the same epoch goes on";
  EXPECT_TRUE(Devices().key_change_due());
}

TEST_P(LeavingTest, WithoutAListTheDevicesEndAllTheSame) {
  const auto disabled = Disable({}, false);
  ASSERT_TRUE(disabled.has_value()) << ToString(disabled.error());
  EXPECT_TRUE(disabled->key_change_due());
  EXPECT_TRUE(Devices().key_change_due());
  EXPECT_TRUE(HasLeft(leaves_));
  EXPECT_EQ(Epoch(), 1);
}

// Of the events so far, those that tell of a leaving: whose, and who may be told.
TEST_P(LeavingTest, OthersHearOfItAndNobodyOfOneThatWasRefused) {
  const auto told = [&] {
    std::vector<std::pair<std::string, std::string>> leavers;
    const auto rows = outbox::OutboxStore(*database_).Fetch(0, 1'000);
    EXPECT_TRUE(rows.has_value());
    for (const outbox::OutboxRow& row : rows.value_or(std::vector<outbox::OutboxRow>())) {
      events::v1::EventEnvelope event;
      events::v1::StaffChanged changed;
      EXPECT_TRUE(event.ParseFromString(row.envelope));
      if (event.data_schema() != "fairlead.events.v1.StaffChanged") continue;
      EXPECT_TRUE(changed.ParseFromString(event.data()));
      EXPECT_EQ(changed.change(), "disabled");
      EXPECT_EQ(changed.agency_id(), agency_);
      EXPECT_EQ(event.audience_agency_ids_size(), 1);
      leavers.emplace_back(changed.staff_id(), event.audience_agency_ids(0));
    }
    return leavers;
  };
  harbor_->Rotate();
  EXPECT_EQ(Reason(Disable({&stays_, &leaves_})), "DEVICE_NOT_FOUND");
  EXPECT_TRUE(told().empty());
  WithoutTheLeaver();
  ASSERT_EQ(Reason(Disable({&stays_})), "");
  const auto leavers = told();
  ASSERT_EQ(leavers.size(), 1U);
  EXPECT_EQ(leavers[0], std::pair(leaves_.actor.staff_id, agency_));
}

INSTANTIATE_TEST_SUITE_P(Engines, LeavingTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres), EngineName);

}  // namespace
}  // namespace fairlead::identity
