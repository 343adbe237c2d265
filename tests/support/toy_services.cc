#include "tests/support/toy_services.h"

#include <utility>

#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/events/v1/events.pb.h"
#include "fairlead/identity/v1/identity.pb.h"
#include "fairlead/identity/v1/machines.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "services/common/base/encoding.h"

namespace fairlead::testing {
namespace {

namespace identity = fairlead::identity::v1;
namespace directory = fairlead::directory::v1;
namespace referral = fairlead::referral::v1;

template <class Response>
Task<Result<Response>> Ready(Result<Response> response) {
  co_return response;
}

}  // namespace

ToyServices::ToyServices() {
  AddIdentity();
  AddSessions();
  AddMachines();
  AddDirectory();
  AddReferral();
}

ToyServices::~ToyServices() { ReleaseHanging(); }

void ToyServices::AddIdentity() {
  rpc::Add<identity::SignInRequest, identity::SignInResponse>(
      registry_, "/fairlead.identity.v1.IdentityService/SignIn",
      [this](rpc::CallContext context, const identity::SignInRequest& request) {
        {
          const std::lock_guard lock(mutex_);
          last_network_ = context.actor.network;
        }
        if (request.sign_in_name() == "too.eager") {
          return Ready<identity::SignInResponse>(Fail(Code::kResourceExhausted, "TOO_MANY_ATTEMPTS",
                                                      "Wait.", {{"retry_after_s", "30"}}));
        }
        if (request.passphrase() != kToyPassphrase) {
          return Ready<identity::SignInResponse>(
              Fail(Code::kUnauthenticated, "SIGN_IN_FAILED", "The sign-in is wrong."));
        }
        identity::SignInResponse response;
        const bool hotline = request.sign_in_name() == "line.one";
        response.set_session_token(NewToken(kToyAgency, kToyStaff, hotline));
        if (hotline) response.mutable_staff()->add_roles(identity::ROLE_HOTLINE_OPERATOR);
        response.mutable_staff()->set_id(kToyStaff);
        response.mutable_staff()->set_sign_in_name(request.sign_in_name());
        return Ready<identity::SignInResponse>(std::move(response));
      });
  rpc::Add<identity::GetAgencyKeysRequest, identity::GetAgencyKeysResponse>(
      registry_, "/fairlead.identity.v1.IdentityService/GetAgencyKeys",
      [](rpc::CallContext, const identity::GetAgencyKeysRequest& request) {
        identity::GetAgencyKeysResponse response;
        response.mutable_keys()->set_agency_id(request.agency_id());
        response.mutable_keys()->set_epoch(request.epoch());
        response.mutable_keys()->mutable_create_time()->set_seconds(1'700'000'000);
        return Ready<identity::GetAgencyKeysResponse>(std::move(response));
      });
}

void ToyServices::AddSessions() {
  rpc::Add<identity::CheckSessionRequest, identity::CheckSessionResponse>(
      registry_, "/fairlead.identity.v1.IdentityService/CheckSession",
      [this](rpc::CallContext, const identity::CheckSessionRequest& request) {
        const std::lock_guard lock(mutex_);
        ++session_checks_;
        if (request.passive()) ++passive_checks_;
        const auto session = sessions_.find(request.session_token());
        if (session == sessions_.end()) {
          return Ready<identity::CheckSessionResponse>(
              Fail(Code::kUnauthenticated, "SESSION_INVALID", "The session has ended."));
        }
        identity::CheckSessionResponse response;
        response.mutable_staff()->set_id(session->second.staff);
        response.mutable_staff()->set_agency_id(session->second.agency);
        if (session->second.hotline) {
          response.mutable_staff()->add_roles(identity::ROLE_HOTLINE_OPERATOR);
        }
        response.mutable_staff()->add_roles(identity::ROLE_CASEWORKER);
        response.mutable_staff()->add_roles(identity::ROLE_AGENCY_ADMIN);
        response.mutable_session()->set_id(session->second.id);
        response.set_agency_kind("health_provider");
        response.set_membership("active");
        response.set_assurance(2);
        return Ready<identity::CheckSessionResponse>(std::move(response));
      });
  rpc::Add<identity::SignOutRequest, identity::SignOutResponse>(
      registry_, "/fairlead.identity.v1.IdentityService/SignOut",
      [this](rpc::CallContext context, const identity::SignOutRequest&) {
        const std::lock_guard lock(mutex_);
        std::erase_if(sessions_, [&](const auto& entry) {
          return entry.second.id == context.actor.session_id;
        });
        return Ready<identity::SignOutResponse>(identity::SignOutResponse());
      });
  rpc::Add<identity::GetMeRequest, identity::GetMeResponse>(
      registry_, "/fairlead.identity.v1.IdentityService/GetMe",
      [](rpc::CallContext context, const identity::GetMeRequest&) {
        identity::GetMeResponse response;
        response.mutable_staff()->set_id(context.actor.staff_id);
        response.mutable_staff()->set_agency_id(context.actor.agency_id);
        return Ready<identity::GetMeResponse>(std::move(response));
      });
}

void ToyServices::AddMachines() {
  rpc::Add<identity::CheckMachineClientRequest, identity::CheckMachineClientResponse>(
      registry_, "/fairlead.identity.v1.MachineService/CheckMachineClient",
      [this](rpc::CallContext, const identity::CheckMachineClientRequest& request) {
        const std::lock_guard lock(mutex_);
        if (!certificates_.contains(request.certificate_sha256())) {
          return Ready<identity::CheckMachineClientResponse>(
              Fail(Code::kUnauthenticated, "MACHINE_NOT_RECOGNISED", "Nobody has this."));
        }
        identity::CheckMachineClientResponse response;
        response.set_machine_client_id(kToyStaff);
        response.set_agency_id(kToyAgency);
        response.set_agency_kind("health_provider");
        response.set_membership("active");
        return Ready<identity::CheckMachineClientResponse>(std::move(response));
      });
}

void ToyServices::AddDirectory() {
  rpc::Add<directory::SearchServicesRequest, directory::SearchServicesResponse>(
      registry_, "/fairlead.directory.v1.DirectoryService/SearchServices",
      [](rpc::CallContext, const directory::SearchServicesRequest& request) {
        directory::SearchServicesResponse response;
        directory::Service* service = response.add_services();
        service->set_name("Refugio Ñandú " + request.text());
        service->add_need_codes(request.need_code());
        return Ready<directory::SearchServicesResponse>(std::move(response));
      });
  rpc::Add<directory::ImportListingsRequest, directory::ImportListingsResponse>(
      registry_, "/fairlead.directory.v1.DirectoryService/ImportListings",
      [](rpc::CallContext, const directory::ImportListingsRequest& request) {
        directory::ImportListingsResponse response;
        for (const directory::ImportFile& file : request.files()) {
          response.set_created(response.created() + static_cast<int>(file.content().size()));
        }
        return Ready<directory::ImportListingsResponse>(std::move(response));
      });
}

void ToyServices::AddReferral() {
  rpc::Add<referral::GetReferralRequest, referral::GetReferralResponse>(
      registry_, "/fairlead.referral.v1.ReferralService/GetReferral",
      [this](rpc::CallContext,
             const referral::GetReferralRequest&) -> Task<Result<referral::GetReferralResponse>> {
        Async<bool> released([this](std::function<void(bool)> done) {
          const std::lock_guard lock(mutex_);
          hanging_.push_back(std::move(done));
        });
        co_await released;
        co_return referral::GetReferralResponse();
      });
}

gateway::GatewayEnvironment ToyServices::Environment() {
  return {.services = *channel_,
          .clock = SystemClock(),
          .random = random_,
          .ids = ids_,
          .start_events =
              [this](gateway::OnEvent on_event, std::function<void()> on_gap) {
                on_event_ = std::move(on_event);
                on_gap_ = std::move(on_gap);
                return std::make_unique<gateway::EventSource>();
              },
          .is_ready = [this] { return ready; },
          .metrics_text = [] { return std::string("fairlead_toys 1\n"); },
          .on_request = {}};
}

std::string ToyServices::NewToken(const std::string& agency, const std::string& staff,
                                  bool hotline) {
  const std::string token = Base64UrlEncode(random_.Bytes(32));
  const std::string id = ids_.New();
  const std::lock_guard lock(mutex_);
  sessions_[token] = {id, agency, staff, hotline};
  return token;
}

void ToyServices::EndSession(const std::string& token) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(token);
}

void ToyServices::AllowCertificate(const std::string& sha256) {
  const std::lock_guard lock(mutex_);
  certificates_.insert(sha256);
}

void ToyServices::Publish(const std::string& subject, const std::vector<std::string>& audience) {
  fairlead::events::v1::ReferralChanged changed;
  changed.set_referral_id(subject);
  fairlead::events::v1::EventEnvelope event;
  event.set_id(ids_.New());
  event.set_type("fairlead.referral.sent.v1");
  event.set_source("fairlead/referral");
  event.set_subject(subject);
  event.set_data_schema("fairlead.events.v1.ReferralChanged");
  event.set_data(changed.SerializeAsString());
  for (const std::string& agency : audience) event.add_audience_agency_ids(agency);
  on_event_(event);
}

void ToyServices::Gap() { on_gap_(); }

void ToyServices::ReleaseHanging() {
  std::vector<std::function<void(bool)>> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting.swap(hanging_);
  }
  for (const auto& done : waiting) done(true);
}

int ToyServices::hanging() {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(hanging_.size());
}

int ToyServices::session_checks() {
  const std::lock_guard lock(mutex_);
  return session_checks_;
}

std::string ToyServices::last_network() {
  const std::lock_guard lock(mutex_);
  return last_network_;
}

int ToyServices::passive_checks() {
  const std::lock_guard lock(mutex_);
  return passive_checks_;
}

}  // namespace fairlead::testing
