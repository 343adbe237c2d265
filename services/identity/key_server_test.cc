// The methods of KeyService, called through the policy table and the validator, on both engines.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "services/identity/commands/agency_keys.h"
#include "services/identity/testing/key_fixture.h"

namespace fairlead::identity {
namespace {

TEST_P(KeyServerTest, ADeviceJoinsReadsAndIsGoneAfterItLeaves) {
  Publisher harbor;
  EXPECT_EQ(ReasonOf(GetList(stranger_, keys::kHarbor)), "AGENCY_HAS_NO_KEYS");
  const seal::PrivateKey first = keys::SealingKey();
  const seal::PrivateKey second = keys::SealingKey();
  const std::string first_id = Register(admin_, first.public_key)->device().id();
  const std::string second_id = Register(worker_, second.public_key)->device().id();
  EXPECT_EQ(ReasonOf(Wraps(worker_, second_id)), "DEVICE_NOT_CONFIRMED");

  Publisher with_device;
  with_device.list.devices = {{.key = first.public_key, .staff_id = admin_.staff_id}};
  with_device.jws = *keys::SignKeyList(with_device.list, with_device.agency);
  const WrapOf first_wrap{first_id, &with_device.current, first.public_key};
  ASSERT_EQ(ReasonOf(Publish(admin_, with_device, {first_wrap})), "");
  EXPECT_EQ(Wraps(admin_, first_id)->wraps_size(), 1);

  with_device.Publish([&](keys::KeyList& list) {
    PutDevice(list, {.key = second.public_key, .staff_id = worker_.staff_id});
  });
  const WrapOf second_wrap{second_id, &with_device.current, second.public_key};
  EXPECT_EQ(ReasonOf(Publish(admin_, with_device)), "WRAP_MISSING");
  ASSERT_EQ(ReasonOf(Publish(admin_, with_device, {second_wrap})), "");
  const auto wraps = Wraps(worker_, second_id);
  ASSERT_EQ(wraps->wraps_size(), 1);
  const auto opened = keys::UnwrapKeys(wraps->wraps(0).jwe(), second, with_device.list);
  ASSERT_TRUE(opened.has_value()) << ToString(opened.error());
  EXPECT_EQ(opened->epoch_key.d, with_device.current.epoch_key.d);

  // It leaves: a new epoch, and its wraps are gone.
  ASSERT_EQ(ReasonOf(Remove(admin_, second_id)), "");
  EXPECT_TRUE(Devices(worker_)->key_change_due());
  EXPECT_TRUE(GetList(stranger_, keys::kHarbor)->key_change_due());
  EXPECT_EQ(ReasonOf(Wraps(worker_, second_id)), "DEVICE_NOT_FOUND");
  with_device.Rotate();
  const WrapOf again{first_id, &with_device.current, first.public_key};
  EXPECT_EQ(ReasonOf(Publish(admin_, with_device, {again})), "DEVICE_NOT_FOUND")
      << "the list still names it";
  with_device.list.devices = {{.key = first.public_key, .staff_id = admin_.staff_id}};
  with_device.jws = *keys::SignKeyList(with_device.list, with_device.agency);
  EXPECT_EQ(ReasonOf(Publish(admin_, with_device)), "WRAP_MISSING");
  const auto done = Publish(admin_, with_device, {again});
  ASSERT_TRUE(done.has_value()) << ToString(done.error());
  EXPECT_EQ(done->epoch(), 2);
  EXPECT_EQ(done->version(), 3);
  EXPECT_FALSE(Devices(worker_)->key_change_due());
  EXPECT_EQ(Wraps(admin_, first_id)->wraps(0).epoch(), 2);
  EXPECT_EQ(Wraps(admin_, first_id)->wraps(1).epoch(), 1);
  // Other services see the epochs; what was published before stays readable.
  const auto epoch = SyncWait(FindKeys(*deps_, keys::kHarbor, 0, ""));
  EXPECT_EQ(epoch->epoch_kid, with_device.current.epoch_key.public_key.kid);
  EXPECT_EQ(SyncWait(FindKeys(*deps_, keys::kHarbor, 1, ""))->signing_kid,
            with_device.past[0].signing_key.public_key.kid);
  EXPECT_EQ(GetList(stranger_, keys::kHarbor)->key_list(), with_device.jws);
  EXPECT_EQ(keys::ListHash(GetList(worker_, keys::kHarbor, 2)->key_list()),
            with_device.list.previous);
  EXPECT_EQ(ReasonOf(GetList(stranger_, keys::kHarbor, 2)), "KEYS_NOT_FOUND")
      << "who has come and left is for its own people";
  EXPECT_EQ(ReasonOf(GetList(stranger_, keys::kHarbor, 3)), "");
  EXPECT_EQ(ReasonOf(GetList(stranger_, keys::kHarbor, 4)), "KEYS_NOT_FOUND");
}

TEST_P(KeyServerTest, ADeviceThatAListLeavesOutIsInTheTrailOnce) {
  const seal::PrivateKey first = keys::SealingKey();
  const seal::PrivateKey second = keys::SealingKey();
  const std::string first_id = Register(admin_, first.public_key)->device().id();
  const std::string second_id = Register(worker_, second.public_key)->device().id();
  Publisher harbor;
  PutDevice(harbor.list, {.key = first.public_key, .staff_id = admin_.staff_id});
  PutDevice(harbor.list, {.key = second.public_key, .staff_id = worker_.staff_id});
  harbor.jws = *keys::SignKeyList(harbor.list, harbor.agency);
  ASSERT_EQ(ReasonOf(Publish(admin_, harbor,
                             {{first_id, &harbor.current, first.public_key},
                              {second_id, &harbor.current, second.public_key}})),
            "");
  const auto leave_out = [&](const std::string& kid) {
    harbor.Publish([&](keys::KeyList& list) {
      std::erase_if(list.devices, [&](const auto& device) { return device.key.kid == kid; });
    });
    return ReasonOf(Publish(admin_, harbor));
  };
  ASSERT_EQ(leave_out(second.public_key.kid), "");
  ASSERT_EQ(ReasonOf(Remove(admin_, first_id)), "");
  ASSERT_EQ(leave_out(first.public_key.kid), "");

  const std::function<Result<std::string>(storage::ReadTransaction&)> read =
      [](storage::ReadTransaction& tx) -> Result<std::string> {
    FAIRLEAD_ASSIGN(const auto rows,
                    tx.Query("SELECT record_id, subject_staff_id, staff_id FROM audit_record "
                             "WHERE action = 'device_removed' ORDER BY id"));
    std::string all;
    for (const auto& row : rows) all += row.Text(0) + row.Text(1) + row.Text(2) + "\n";
    return all;
  };
  EXPECT_EQ(SyncWait(database_->Read<std::string>(read)).value_or("none"),
            second_id + worker_.staff_id + admin_.staff_id + "\n" + first_id + admin_.staff_id +
                admin_.staff_id + "\n");
}

TEST_P(KeyServerTest, OneAdministratorAtATime) {
  Publisher harbor;
  ASSERT_EQ(ReasonOf(Publish(admin_, harbor)), "");
  EXPECT_EQ(ReasonOf(Publish(admin_, harbor)), "KEY_LIST_OUTDATED") << "the same again";
  // Two next lists at the same moment: one is taken.
  std::vector<v1::PublishKeyListRequest> requests;
  for (int i = 0; i < 2; ++i) {
    keys::KeyList next = NextList(harbor.jws, harbor.list, kTestNowS - i);
    Publisher branch;
    branch.jws = *keys::SignKeyList(next, harbor.agency);
    requests.push_back(ListRequest(branch));
  }
  std::mutex mutex;
  std::condition_variable done;
  std::vector<std::string> reasons;
  for (const auto& request : requests) {
    Start(
        rpc::Call<v1::PublishKeyListResponse>(
            *channel_, "/fairlead.identity.v1.KeyService/PublishKeyList", request, Options(admin_)),
        [&](Result<v1::PublishKeyListResponse> answer) {
          const std::lock_guard lock(mutex);
          reasons.push_back(ReasonOf(answer));
          done.notify_one();
        });
  }
  std::unique_lock lock(mutex);
  done.wait(lock, [&] { return reasons.size() == 2; });
  std::sort(reasons.begin(), reasons.end());
  EXPECT_EQ(reasons, (std::vector<std::string>{"", "KEY_LIST_OUTDATED"}));
}

TEST_P(KeyServerTest, ARepeatIsAnsweredAndAForgeryIsNot) {
  Publisher harbor;
  const auto request = ListRequest(harbor);
  ASSERT_EQ(ReasonOf(Call<v1::PublishKeyListResponse>(admin_, "PublishKeyList", request)), "");
  const auto repeat = Call<v1::PublishKeyListResponse>(admin_, "PublishKeyList", request);
  EXPECT_EQ(repeat->version(), 1);

  const auto with = [&](const std::string& jws) {
    Publisher copy;
    copy.jws = jws;
    return Publish(admin_, copy);
  };
  const keys::KeyList next = NextList(harbor.jws, harbor.list, kTestNowS);
  EXPECT_EQ(CheckOf(with(keys::Forge(*keys::SignKeyList(next, harbor.agency), keys::SigningKey(),
                                     [](auto&, auto&) {}))),
            "signature");
  keys::KeyList wrong = next;
  wrong.agency_id = keys::kClinic;
  EXPECT_EQ(CheckOf(with(*keys::SignKeyList(wrong, harbor.agency))), "agency_id");
  wrong = next;
  wrong.previous = keys::ListHash("another");
  EXPECT_EQ(CheckOf(with(*keys::SignKeyList(wrong, harbor.agency))), "previous");
  wrong = next;
  wrong.version = 3;
  EXPECT_EQ(ReasonOf(with(*keys::SignKeyList(wrong, harbor.agency))), "KEY_LIST_OUTDATED");
  wrong = next;
  wrong.epoch_key = keys::SealingKey().public_key;
  EXPECT_EQ(CheckOf(with(*keys::SignKeyList(wrong, harbor.agency))), "epoch_jwk");
  wrong = next;
  wrong.issued_s = kTestNowS - 2 * keys::kDayS;
  wrong.expires_s = kTestNowS - keys::kDayS;
  EXPECT_EQ(CheckOf(with(*keys::SignKeyList(wrong, harbor.agency))), "exp");
  const seal::PrivateKey thief = keys::SigningKey();
  wrong = next;
  wrong.agency_key = thief.public_key;
  EXPECT_EQ(ReasonOf(with(*keys::SignKeyList(wrong, thief))), "AGENCY_KEY_CHANGED");
  wrong = next;
  PutDevice(wrong, {.key = keys::SealingKey().public_key, .staff_id = admin_.staff_id});
  EXPECT_EQ(ReasonOf(with(*keys::SignKeyList(wrong, harbor.agency))), "DEVICE_NOT_FOUND");
  EXPECT_EQ(ReasonOf(with(*keys::SignKeyList(next, harbor.agency))), "")
      << "the refusals changed nothing";
}

TEST_P(KeyServerTest, AKeyBelongsToOneAgencyAndOneEpoch) {
  Publisher harbor;
  ASSERT_EQ(ReasonOf(Publish(admin_, harbor)), "");
  const auto list_of_clinic = [&](const seal::PrivateKey& agency, const seal::PublicKey& epoch,
                                  const seal::PublicKey& signing) {
    Publisher clinic(keys::kClinic);
    clinic.jws = *keys::SignKeyList(
        keys::FirstList(keys::kClinic, agency.public_key, epoch, signing, kTestNowS), agency);
    return ReasonOf(Publish(stranger_, clinic));
  };
  const seal::PublicKey fresh_epoch = keys::SealingKey().public_key;
  const seal::PublicKey fresh_signing = keys::SigningKey().public_key;
  EXPECT_EQ(list_of_clinic(harbor.agency, fresh_epoch, fresh_signing), "KEY_ALREADY_PUBLISHED");
  const seal::PrivateKey own = keys::SigningKey();
  EXPECT_EQ(list_of_clinic(own, harbor.list.epoch_key, fresh_signing), "KEY_ALREADY_PUBLISHED");
  EXPECT_EQ(list_of_clinic(own, fresh_epoch, harbor.list.signing_key), "KEY_ALREADY_PUBLISHED");
  EXPECT_EQ(list_of_clinic(own, fresh_epoch, fresh_signing), "");
}

TEST_P(KeyServerTest, WrapsThatDoNotFit) {
  const seal::PrivateKey device = keys::SealingKey();
  const std::string id = Register(admin_, device.public_key)->device().id();
  Publisher harbor;
  harbor.list.devices = {{.key = device.public_key, .staff_id = admin_.staff_id}};
  harbor.jws = *keys::SignKeyList(harbor.list, harbor.agency);
  const WrapOf good{id, &harbor.current, device.public_key};
  const auto reason = [&](const std::function<void(v1::PublishKeyListRequest&)>& change) {
    v1::PublishKeyListRequest request = ListRequest(harbor, {good});
    change(request);
    return ReasonOf(Call<v1::PublishKeyListResponse>(admin_, "PublishKeyList", request));
  };
  EXPECT_EQ(reason([](auto& request) { *request.add_wraps() = request.wraps(0); }),
            "WRAP_UNEXPECTED");
  EXPECT_EQ(reason([&](auto& request) { request.mutable_wraps(0)->set_device_id(ids_.New()); }),
            "WRAP_UNEXPECTED");
  EXPECT_EQ(reason([](auto& request) { request.mutable_wraps(0)->set_epoch(2); }),
            "WRAP_UNEXPECTED");
  EXPECT_EQ(reason([](auto& request) { request.mutable_wraps(0)->set_jwe("{}"); }), "WRAP_INVALID");
  EXPECT_EQ(reason([&](auto& request) {
              request.mutable_wraps(0)->set_jwe(*keys::WrapKeys(keys::kHarbor, 2, harbor.current,
                                                                device.public_key, SystemRandom()));
            }),
            "WRAP_UNEXPECTED")
      << "made for another list";
  EXPECT_EQ(reason([&](auto& request) {
              request.mutable_wraps(0)->set_jwe(*keys::WrapKeys(
                  keys::kHarbor, 1, harbor.current, keys::SealingKey().public_key, SystemRandom()));
            }),
            "WRAP_UNEXPECTED")
      << "for another device";
  EXPECT_EQ(reason([](auto&) {}), "");
}

TEST_P(KeyServerTest, TheRootSpeaksForAgencyKeys) {
  const seal::PrivateKey root = keys::SigningKey();
  const seal::PrivateKey next_root = keys::SigningKey();
  Publisher harbor;
  const std::string certificate = MakeCertificate(keys::kHarbor, harbor.agency.public_key, root);
  const auto roots = [&] {
    return Call<v1::GetCoalitionRootResponse>(stranger_, "GetCoalitionRoot",
                                              v1::GetCoalitionRootRequest());
  };
  EXPECT_EQ(ReasonOf(roots()), "NO_COALITION_ROOT");
  EXPECT_EQ(Certify(coordinator_, certificate), "NO_COALITION_ROOT");
  const std::string one = MakeRoot(1, root.public_key, root);
  EXPECT_EQ(PublishRoot(coordinator_, "nonsense"), "shape");
  EXPECT_EQ(PublishRoot(coordinator_, one), "");
  EXPECT_EQ(PublishRoot(coordinator_, MakeRoot(1, next_root.public_key, next_root)), "kid")
      << "not signed by the root in force";
  EXPECT_EQ(PublishRoot(coordinator_, MakeRoot(3, next_root.public_key, root)), "number");

  ASSERT_EQ(ReasonOf(Publish(admin_, harbor)), "");
  EXPECT_EQ(GetList(stranger_, keys::kHarbor)->certificate(), "");
  EXPECT_EQ(
      Certify(coordinator_, MakeCertificate(keys::kHarbor, harbor.agency.public_key, next_root)),
      "kid");
  EXPECT_EQ(Certify(coordinator_, certificate), "");
  EXPECT_EQ(Certify(coordinator_,
                    MakeCertificate(keys::kHarbor, harbor.agency.public_key, root, kTestNowS - 1)),
            "iat");
  EXPECT_EQ(GetList(stranger_, keys::kHarbor)->certificate(), certificate);

  // A new agency key: only after the root has certified it, and then only that one.
  const seal::PrivateKey fresh = keys::SigningKey();
  keys::KeyList next = NextList(harbor.jws, harbor.list, kTestNowS);
  next.agency_key = fresh.public_key;
  Publisher changed;
  changed.jws = *keys::SignKeyList(next, fresh);
  EXPECT_EQ(ReasonOf(Publish(admin_, changed)), "AGENCY_KEY_CHANGED");
  EXPECT_EQ(Certify(coordinator_, MakeCertificate(keys::kHarbor, fresh.public_key, root)), "");
  Publisher old;
  old.jws = *keys::SignKeyList(NextList(harbor.jws, harbor.list, kTestNowS), harbor.agency);
  EXPECT_EQ(ReasonOf(Publish(admin_, old)), "AGENCY_KEY_CHANGED");
  EXPECT_EQ(ReasonOf(Publish(admin_, changed)), "");

  EXPECT_EQ(PublishRoot(coordinator_, MakeRoot(2, next_root.public_key, root)), "");
  ASSERT_EQ(roots()->statements_size(), 2);
  EXPECT_EQ(roots()->statements(0), one);
  EXPECT_EQ(Certify(coordinator_, certificate), "kid") << "of the root before";
}

TEST_P(KeyServerTest, DevicesAreBoundedAndOnesOwn) {
  const seal::PublicKey key = keys::SealingKey().public_key;
  const auto registered = Register(worker_, key);
  ASSERT_TRUE(registered.has_value()) << ToString(registered.error());
  EXPECT_EQ(registered->device().staff_id(), worker_.staff_id);
  EXPECT_EQ(ReasonOf(Register(worker_, key)), "DEVICE_EXISTS");
  EXPECT_EQ(ReasonOf(Register(stranger_, key)), "DEVICE_EXISTS");
  v1::RegisterDeviceRequest request;
  request.set_request_id(ids_.New());
  request.set_device_jwk(seal::ToPrivateJwk(keys::SealingKey()));
  EXPECT_EQ(ReasonOf(Call<v1::RegisterDeviceResponse>(worker_, "RegisterDevice", request)),
            "INVALID_KEY");
  EXPECT_EQ(ReasonOf(Register(worker_, keys::SigningKey().public_key)), "INVALID_KEY");
  for (int i = 1; i < 10; ++i) {
    EXPECT_EQ(ReasonOf(Register(worker_, keys::SealingKey().public_key)), "") << i;
  }
  EXPECT_EQ(ReasonOf(Register(worker_, keys::SealingKey().public_key)), "TOO_MANY_DEVICES");
  EXPECT_EQ(Devices(admin_)->devices_size(), 10);
  EXPECT_EQ(Devices(stranger_)->devices_size(), 0);

  // Another's: the same answer as for one that is not there.
  const std::string id = registered->device().id();
  const auto other = Person(keys::kHarbor, {auth::Role::kCaseworker});
  for (const auto& actor : {stranger_, other}) {
    EXPECT_EQ(Remove(actor, id).error(), Remove(actor, ids_.New()).error());
    EXPECT_EQ(ReasonOf(Remove(actor, id)), "DEVICE_NOT_FOUND");
  }
  EXPECT_EQ(ReasonOf(Wraps(admin_, id)), "DEVICE_NOT_FOUND") << "an administrator's is one's own";
  EXPECT_EQ(ReasonOf(Remove(worker_, id)), "");
  EXPECT_FALSE(Devices(worker_)->key_change_due()) << "it never held a key";
  EXPECT_TRUE(Remove(worker_, id)->device().has_remove_time());
  EXPECT_EQ(ReasonOf(Register(worker_, keys::SealingKey().public_key)), "");
}

TEST_P(KeyServerTest, WhoMayNot) {
  Publisher harbor;
  EXPECT_EQ(ReasonOf(Publish(worker_, harbor)), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(ReasonOf(Publish(coordinator_, harbor)), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(CheckOf(Publish(stranger_, harbor)), "agency_id") << "another agency's list";
  EXPECT_EQ(ReasonOf(Publish(Person(keys::kHarbor, {auth::Role::kAgencyAdmin}, 2), harbor)),
            "STEP_UP_REQUIRED");
  const seal::PrivateKey root = keys::SigningKey();
  const std::string statement = MakeRoot(1, root.public_key, root);
  EXPECT_EQ(PublishRoot(admin_, statement), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(PublishRoot(Person(keys::kPerson, {auth::Role::kCoordinator}, 2), statement),
            "STEP_UP_REQUIRED");
  EXPECT_EQ(Certify(admin_, MakeCertificate(keys::kHarbor, harbor.agency.public_key, root)),
            "ROLE_NOT_ALLOWED");
  const auth::Actor software = Person(keys::kHarbor, {auth::Role::kIntegration});
  EXPECT_EQ(ReasonOf(Register(software, keys::SealingKey().public_key)), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(ReasonOf(Devices(software)), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(ReasonOf(Remove(software, ids_.New())), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(ReasonOf(Wraps(software, ids_.New())), "ROLE_NOT_ALLOWED");
}

TEST_P(KeyServerTest, ASuspendedAgencysKeysAreNoLongerGivenOut) {
  Publisher harbor;
  ASSERT_EQ(ReasonOf(Publish(admin_, harbor)), "");
  const auto become = [&](const char* membership) {
    std::function<Result<bool>(storage::Transaction&)> put =
        [&](storage::Transaction& tx) -> Result<bool> {
      FAIRLEAD_RETURN_IF_ERROR(store_->PutAgency(
          tx, {.id = keys::kHarbor, .name = "Harbor", .kind = "other", .membership = membership}));
      return true;
    };
    ASSERT_TRUE(SyncWait(database_->Write<bool>(put)).has_value());
  };
  for (const char* membership : {"suspended", "departed"}) {
    become(membership);
    EXPECT_EQ(ReasonOf(GetList(stranger_, keys::kHarbor)), "AGENCY_KEYS_STOPPED");
    EXPECT_EQ(GetList(stranger_, keys::kHarbor, 1)->key_list(), harbor.jws)
        << "what it has sent can still be checked";
    EXPECT_EQ(ReasonOf(SyncWait(FindKeys(*deps_, keys::kHarbor, 0, ""))), "AGENCY_KEYS_STOPPED");
    EXPECT_EQ(ReasonOf(SyncWait(FindKeys(*deps_, keys::kHarbor, 1, ""))), "");
  }
  become("active");
  EXPECT_EQ(ReasonOf(GetList(stranger_, keys::kHarbor)), "");
}

INSTANTIATE_TEST_SUITE_P(Engines, KeyServerTest,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& instance) {
                           return instance.param == Engine::kSqlite ? "Sqlite" : "Postgres";
                         });

}  // namespace
}  // namespace fairlead::identity
