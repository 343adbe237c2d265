// A hub with four agencies, one of which asks the others.
#ifndef TESTS_INTEGRATION_BLIND_FIXTURE_H_
#define TESTS_INTEGRATION_BLIND_FIXTURE_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/referral/v1/hand_off.pb.h"
#include "tests/support/hub_test.h"

namespace fairlead::testing {

namespace consent_v1 = fairlead::consent::v1;
namespace directory_v1 = fairlead::directory::v1;
namespace v1 = fairlead::referral::v1;
using Engine = storage::Transaction::Engine;

inline constexpr const char* kPacket = R"({"needs":{"summary":"a bed tonight, two children"}})";
inline constexpr const char* kVerbs = "/fairlead.referral.v1.ReferralService/";
inline constexpr const char* kHandOffs = "/fairlead.referral.v1.HandOffService/";
inline constexpr const char* kBeds = "/fairlead.directory.v1.CapacityService/";

template <class T>
std::string ReasonOf(const Result<T>& result) {
  return result ? "ok" : result.error().reason;
}

class BlindTest : public HubTest {
 protected:
  void SetUp() override {
    HubTest::SetUp();
    if (HasFatalFailure()) return;
    from_ = Add("Harbor", auth::AgencyKind::kVictimServiceProvider);
    one_ = Add("One", auth::AgencyKind::kVictimServiceProvider);
    two_ = Add("Two", auth::AgencyKind::kHealthProvider);
    three_ = Add("Three", auth::AgencyKind::kLegalServices);
  }

  template <class Response, class Request>
  Result<Response> Call(const Agency& by, const std::string& verb, const Request& request) {
    return coalition_->Call<Response>(by.caseworker, kVerbs + verb, request);
  }

  v1::OfferReferralRequest Asking(const std::vector<Agency>& agencies, v1::ReferralMode mode) {
    v1::OfferReferralRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_referral_id(coalition_->ids().New());
    request.set_case_handle(coalition_->ids().New());
    request.mutable_facets()->set_need_code("shelter_bed");
    request.mutable_facets()->set_urgency(v1::URGENCY_EMERGENCY);
    request.set_mode(mode);
    for (const Agency& agency : agencies) {
      request.add_recipients()->set_recipient_agency_id(agency.id);
    }
    return request;
  }

  v1::Referral Asked(const std::vector<Agency>& agencies,
                     v1::ReferralMode mode = v1::REFERRAL_MODE_FIRST_TO_ACCEPT) {
    const auto asked =
        Call<v1::OfferReferralResponse>(from_, "OfferReferral", Asking(agencies, mode));
    EXPECT_TRUE(asked) << ToString(asked.error());
    return asked ? asked->referral() : v1::Referral();
  }

  // Of somebody who is asked: the own offer, as seen by that agency.
  static std::string OfferTo(const v1::Referral& referral, const Agency& agency) {
    for (const v1::Offer& offer : referral.offers()) {
      if (offer.recipient_agency_id() == agency.id) return offer.id();
    }
    return "";
  }

  v1::Referral Seen(const Agency& by, const std::string& id) {
    auto seen = coalition_->Get(by, id);
    EXPECT_TRUE(seen) << ToString(seen.error());
    return seen ? *seen : v1::Referral();
  }

  Result<v1::AnswerOfferResponse> Answer(const Agency& by, const v1::Referral& referral,
                                         v1::OfferAnswer answer) {
    v1::AnswerOfferRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_offer_id(OfferTo(referral, by));
    request.set_answer(answer);
    return Call<v1::AnswerOfferResponse>(by, "AnswerOffer", request);
  }

  Result<v1::ChooseOfferResponse> Choose(const v1::Referral& referral, const Agency& agency) {
    v1::ChooseOfferRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_offer_id(OfferTo(referral, agency));
    return Call<v1::ChooseOfferResponse>(from_, "ChooseOffer", request);
  }

  consent_v1::Release ReleaseTo(
      const Agency& to, const v1::Referral& referral,
      consent_v1::ReleaseAction action = consent_v1::RELEASE_ACTION_ONGOING) {
    ReleaseOptions options;
    options.case_handle = referral.case_handle();
    options.action = action;
    auto release = coalition_->SignedRelease(from_, to, options);
    EXPECT_TRUE(release) << ToString(release.error());
    return release ? *release : consent_v1::Release();
  }

  Result<v1::SendPacketResponse> SendPacket(const Agency& to, const v1::Referral& referral,
                                            const consent_v1::Release& release) {
    v1::SendPacketRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_referral_id(referral.id());
    request.set_release_id(release.id());
    FAIRLEAD_ASSIGN(const std::string packet,
                    coalition_->SealedPacket(from_, to, release, referral.id(), kPacket));
    request.set_packet(packet);
    return Call<v1::SendPacketResponse>(from_, "SendPacket", request);
  }

  Result<v1::ReopenReferralResponse> Reopen(const Agency& by, const std::string& id,
                                            const std::string& reason = "no_show") {
    v1::ReopenReferralRequest request;
    request.set_request_id(coalition_->ids().New());
    request.set_referral_id(id);
    request.set_reason_code(reason);
    return Call<v1::ReopenReferralResponse>(by, "ReopenReferral", request);
  }

  std::vector<std::string> Story(const Agency& by, const std::string& id) {
    v1::GetTimelineRequest request;
    request.set_referral_id(id);
    const auto timeline = Call<v1::GetTimelineResponse>(by, "GetTimeline", request);
    std::vector<std::string> events;
    if (!timeline) return {timeline.error().reason};
    for (const auto& entry : timeline->entries()) events.push_back(entry.event());
    return events;
  }

  // A listing of Harbor's with that many beds free; its id.
  std::string Beds(int free) {
    const std::string id = coalition_->ids().New();
    directory_v1::ImportListingsRequest import;
    import.set_request_id(coalition_->ids().New());
    import.set_agency_id(from_.id);
    import.set_format(directory_v1::IMPORT_FORMAT_HSDS_CSV);
    const std::string organization = coalition_->ids().New();
    directory_v1::ImportFile* file = import.add_files();
    file->set_name("organizations.csv");
    file->set_content("id,name,description\n" + organization + ",Harbor,Helps\n");
    file = import.add_files();
    file->set_name("services.csv");
    file->set_content("id,organization_id,name,status\n" + id + "," + organization +
                      ",Beds,active\n");
    import.add_default_need_codes("shelter_bed");
    const auto imported = coalition_->Call<directory_v1::ImportListingsResponse>(
        from_.admin, "/fairlead.directory.v1.DirectoryService/ImportListings", import);
    EXPECT_TRUE(imported) << ToString(imported.error());
    directory_v1::UpdateCapacityRequest update;
    update.set_request_id(coalition_->ids().New());
    update.set_service_id(id);
    update.set_unit(directory_v1::CAPACITY_UNIT_BED);
    update.set_available(free);
    update.set_maximum(free);
    const auto stated = coalition_->Call<directory_v1::UpdateCapacityResponse>(
        from_.caseworker, std::string(kBeds) + "UpdateCapacity", update);
    EXPECT_TRUE(stated) << ToString(stated.error());
    return id;
  }

  int FreeBeds(const std::string& service_id) {
    directory_v1::GetCapacityRequest request;
    request.set_service_id(service_id);
    request.set_unit(directory_v1::CAPACITY_UNIT_BED);
    const auto stated = coalition_->Call<directory_v1::GetCapacityResponse>(
        from_.caseworker, std::string(kBeds) + "GetCapacity", request);
    EXPECT_TRUE(stated) << ToString(stated.error());
    return stated ? stated->capacity().available() : -1;
  }

  Agency from_;
  Agency one_;
  Agency two_;
  Agency three_;
};

#define FAIRLEAD_BLIND_ON_BOTH_ENGINES(Test)                                \
  INSTANTIATE_TEST_SUITE_P(                                                 \
      Engines, Test, ::testing::Values(Engine::kSqlite, Engine::kPostgres), \
      [](const auto& engine) { return engine.param == Engine::kSqlite ? "Sqlite" : "Postgres"; })

}  // namespace fairlead::testing

#endif  // TESTS_INTEGRATION_BLIND_FIXTURE_H_
