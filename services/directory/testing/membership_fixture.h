// A directory with an office, two members, and the other services' part in a suspension played by
// two methods that count what they are asked. For tests.
#ifndef SERVICES_DIRECTORY_TESTING_MEMBERSHIP_FIXTURE_H_
#define SERVICES_DIRECTORY_TESTING_MEMBERSHIP_FIXTURE_H_

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fairlead/identity/v1/identity.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "services/directory/testing/fixture.h"

namespace fairlead::directory {

inline constexpr const char* kPhone = "+13055550100";

class MembershipFixture : public DirectoryFixture {
 protected:
  void SetUp() override {
    DirectoryFixture::SetUp();
    office_ = MakeAgency("Office", v1::AGENCY_KIND_COALITION_OFFICE);
    coordinator_ = Officer();
    clinic_ = MakeAgency("Clinic");
    harbor_admin_ = Proven(agency_);
    clinic_admin_ = Proven(clinic_);
  }

  void AddOtherServices(rpc::Registry& registry) override {
    namespace id = identity::v1;
    namespace rf = referral::v1;
    rpc::Add<id::CloseAgencyAccessRequest, id::CloseAgencyAccessResponse>(
        registry, "/fairlead.identity.v1.IdentityService/CloseAgencyAccess",
        [this](rpc::CallContext, const id::CloseAgencyAccessRequest& request)
            -> Task<Result<id::CloseAgencyAccessResponse>> {
          access_.push_back(request);
          if (identity_down_) co_return Fail(Code::kUnavailable, "SERVICE_UNAVAILABLE", "Down.");
          id::CloseAgencyAccessResponse response;
          response.set_sessions_ended(3);
          co_return response;
        });
    rpc::Add<rf::CloseAgencyOffersRequest, rf::CloseAgencyOffersResponse>(
        registry, "/fairlead.referral.v1.ReferralService/CloseAgencyOffers",
        [this](rpc::CallContext, const rf::CloseAgencyOffersRequest& request)
            -> Task<Result<rf::CloseAgencyOffersResponse>> {
          offers_.push_back(request);
          rf::CloseAgencyOffersResponse response;
          response.set_offers_closed(2);
          co_return response;
        });
  }

  auth::Actor Proven(const std::string& agency_id,
                     std::set<auth::Role> roles = {auth::Role::kAgencyAdmin}) {
    auth::Actor actor = Person(agency_id, std::move(roles));
    actor.assurance = auth::kProvenLately;
    return actor;
  }
  auth::Actor Officer() {
    auth::Actor actor = Proven(office_, {auth::Role::kCoordinator});
    actor.agency_kind = auth::AgencyKind::kCoalitionOffice;
    return actor;
  }

  v1::ApplyForMembershipRequest Application(const std::string& name) {
    v1::ApplyForMembershipRequest request;
    request.set_request_id(ids_.New());
    request.set_name(name);
    request.set_kind(v1::AGENCY_KIND_LEGAL_SERVICES);
    request.set_contact_phone(kPhone);
    return request;
  }
  Result<v1::ApplyForMembershipResponse> Send(const v1::ApplyForMembershipRequest& request) {
    return SyncWait(Begin<v1::ApplyForMembershipResponse>(
        auth::Actor(), "MembershipService/ApplyForMembership", request));
  }
  std::string Apply(const std::string& name) {
    const auto made = Send(Application(name));
    EXPECT_TRUE(made.has_value()) << ToString(made.error());
    return made ? made->agency().id() : "";
  }

  template <class Request>
  Request For(const std::string& agency_id) {
    Request request;
    request.set_request_id(ids_.New());
    request.set_agency_id(agency_id);
    return request;
  }
  Result<v1::SponsorAgencyResponse> Sponsor(const auth::Actor& by, const std::string& agency_id) {
    return SyncWait(Begin<v1::SponsorAgencyResponse>(by, "MembershipService/SponsorAgency",
                                                     For<v1::SponsorAgencyRequest>(agency_id)));
  }
  Result<v1::ActivateAgencyResponse> Activate(const std::string& agency_id) {
    return SyncWait(Begin<v1::ActivateAgencyResponse>(coordinator_,
                                                      "MembershipService/ActivateAgency",
                                                      For<v1::ActivateAgencyRequest>(agency_id)));
  }
  v1::SuspendAgencyRequest Suspension(const std::string& agency_id) {
    auto request = For<v1::SuspendAgencyRequest>(agency_id);
    request.set_reason(v1::MEMBERSHIP_REASON_CONDUCT);
    return request;
  }
  Result<v1::SuspendAgencyResponse> Suspend(const v1::SuspendAgencyRequest& request) {
    return SyncWait(
        Begin<v1::SuspendAgencyResponse>(coordinator_, "MembershipService/SuspendAgency", request));
  }
  Result<v1::ReinstateAgencyResponse> Reinstate(const std::string& agency_id) {
    auto request = For<v1::ReinstateAgencyRequest>(agency_id);
    request.set_reason(v1::MEMBERSHIP_REASON_RESOLVED);
    return SyncWait(Begin<v1::ReinstateAgencyResponse>(
        coordinator_, "MembershipService/ReinstateAgency", request));
  }
  Result<v1::DepartAgencyResponse> Depart(const std::string& agency_id,
                                          v1::MembershipReason reason) {
    auto request = For<v1::DepartAgencyRequest>(agency_id);
    request.set_reason(reason);
    return SyncWait(
        Begin<v1::DepartAgencyResponse>(coordinator_, "MembershipService/DepartAgency", request));
  }
  Result<v1::Agency> Get(const auth::Actor& by, const std::string& agency_id) {
    v1::GetAgencyRequest request;
    request.set_agency_id(agency_id);
    auto got = Call<v1::GetAgencyResponse>(by, "GetAgency", request);
    if (!got) return Fail(std::move(got.error()));
    return std::move(*got->mutable_agency());
  }
  std::string State(const std::string& agency_id) {
    const auto agency = Get(coordinator_, agency_id);
    return agency ? v1::MembershipState_Name(agency->membership()).substr(17)
                  : agency.error().reason;
  }
  // "APPLIED>APPLIED vouched, …".
  std::string Story(const std::string& agency_id, int page_size = 0) {
    auto request = v1::ListMembershipChangesRequest();
    request.set_agency_id(agency_id);
    request.set_page_size(page_size);
    std::string story;
    for (int page = 0; page < 50; ++page) {
      const auto listed = SyncWait(Begin<v1::ListMembershipChangesResponse>(
          coordinator_, "MembershipService/ListMembershipChanges", request));
      if (!listed) return listed.error().reason;
      for (const v1::MembershipChange& change : listed->changes()) {
        story += (story.empty() ? "" : ", ") + v1::MembershipState_Name(change.from()).substr(17) +
                 ">" + v1::MembershipState_Name(change.to()).substr(17);
        if (change.is_sponsorship()) story += " vouched";
      }
      if (listed->next_page_token().empty()) break;
      request.set_page_token(listed->next_page_token());
    }
    return story;
  }
  // The actions that the audit trail has of an agency, in order.
  std::string AuditOf(const std::string& agency_id) {
    std::function<Result<std::string>(storage::ReadTransaction&)> read =
        [&](storage::ReadTransaction& tx) -> Result<std::string> {
      FAIRLEAD_ASSIGN(const auto rows, tx.Query("SELECT action FROM audit_record WHERE "
                                                "subject_agency_id = $1 ORDER BY id",
                                                {agency_id}));
      std::string actions;
      for (const storage::Row& row : rows) actions += row.Text(0) + " ";
      return actions;
    };
    return SyncWait(database_->Read<std::string>(read)).value_or("?");
  }
  std::string Vetted(const std::string& name) {
    const std::string id = Apply(name);
    EXPECT_EQ(Reason(Sponsor(harbor_admin_, id)), "");
    EXPECT_EQ(Reason(Sponsor(clinic_admin_, id)), "");
    EXPECT_EQ(Reason(Activate(id)), "");
    return id;
  }

  std::vector<identity::v1::CloseAgencyAccessRequest> access_;
  std::vector<referral::v1::CloseAgencyOffersRequest> offers_;
  bool identity_down_ = false;
  std::string office_;
  std::string clinic_;
  auth::Actor coordinator_;
  auth::Actor harbor_admin_;
  auth::Actor clinic_admin_;
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_TESTING_MEMBERSHIP_FIXTURE_H_
