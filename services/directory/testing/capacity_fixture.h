// A directory with three services of Harbor House, another agency that refers to it, and calls of
// CapacityService in few words. For tests.
#ifndef SERVICES_DIRECTORY_TESTING_CAPACITY_FIXTURE_H_
#define SERVICES_DIRECTORY_TESTING_CAPACITY_FIXTURE_H_

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "services/directory/testing/fixture.h"

namespace fairlead::directory {

class CapacityFixture : public DirectoryFixture {
 protected:
  void SetUp() override {
    DirectoryFixture::SetUp();
    ASSERT_EQ(Counts(Import(ThreeServices())), "4 0 0");
    clinic_ = MakeAgency("Clinic");
    worker_ = Person(agency_, {auth::Role::kCaseworker});
    clinic_worker_ = Person(clinic_, {auth::Role::kCaseworker});
  }

  template <class Response, class Request>
  Result<Response> Ask(const auth::Actor& by, const std::string& method, const Request& request) {
    return SyncWait(Begin<Response>(by, "CapacityService/" + method, request));
  }

  v1::UpdateCapacityRequest Saying(const std::function<void(v1::UpdateCapacityRequest&)>& what) {
    v1::UpdateCapacityRequest request;
    request.set_request_id(ids_.New());
    request.set_service_id(beds_);
    request.set_unit(v1::CAPACITY_UNIT_BED);
    what(request);
    return request;
  }
  Result<v1::UpdateCapacityResponse> Say(
      const std::function<void(v1::UpdateCapacityRequest&)>& what) {
    return Ask<v1::UpdateCapacityResponse>(worker_, "UpdateCapacity", Saying(what));
  }
  std::string Set(int available) {
    return Reason(Say([&](auto& request) { request.set_available(available); }));
  }

  Result<v1::GetCapacityResponse> Get(const auth::Actor& by,
                                      v1::CapacityUnit unit = v1::CAPACITY_UNIT_BED) {
    v1::GetCapacityRequest request;
    request.set_service_id(beds_);
    request.set_unit(unit);
    return Ask<v1::GetCapacityResponse>(by, "GetCapacity", request);
  }
  // "3 free, 2 held", with "+1 over, 1 held" when there is overflow; or the reason.
  std::string Numbers() {
    const auto got = Get(worker_);
    if (!got) return got.error().reason;
    const v1::Capacity& c = got->capacity();
    std::string text =
        std::to_string(c.available()) + " free, " + std::to_string(c.held()) + " held";
    if (c.overflow_available() + c.overflow_held() > 0) {
      text += ", +" + std::to_string(c.overflow_available()) + " over, " +
              std::to_string(c.overflow_held()) + " held";
    }
    return text;
  }

  v1::PlaceHoldRequest Holding() {
    v1::PlaceHoldRequest request;
    request.set_request_id(ids_.New());
    request.set_service_id(beds_);
    request.set_unit(v1::CAPACITY_UNIT_BED);
    request.set_reference_id(ids_.New());
    return request;
  }
  Result<v1::PlaceHoldResponse> Place(const auth::Actor& by, const v1::PlaceHoldRequest& request) {
    return Ask<v1::PlaceHoldResponse>(by, "PlaceHold", request);
  }
  // The hold's id; by the clinic.
  std::string Hold() {
    const auto placed = Place(clinic_worker_, Holding());
    EXPECT_TRUE(placed.has_value()) << ToString(placed.error());
    return placed ? placed->hold().id() : "";
  }
  std::string Release(const auth::Actor& by, const std::string& hold_id) {
    v1::ReleaseHoldRequest request;
    request.set_request_id(ids_.New());
    request.set_hold_id(hold_id);
    return Reason(Ask<v1::ReleaseHoldResponse>(by, "ReleaseHold", request));
  }
  Result<v1::ConsumeHoldResponse> Consume(const auth::Actor& by, const std::string& hold_id) {
    v1::ConsumeHoldRequest request;
    request.set_request_id(ids_.New());
    request.set_hold_id(hold_id);
    return Ask<v1::ConsumeHoldResponse>(by, "ConsumeHold", request);
  }
  // "PLACED LAPSED …", newest first; or the reason.
  std::string States(const auth::Actor& by, v1::HoldBox box, bool include_ended = true,
                     int page_size = 0) {
    v1::ListHoldsRequest request;
    request.set_box(box);
    request.set_include_ended(include_ended);
    request.set_page_size(page_size);
    std::string states;
    for (int page = 0; page < 100; ++page) {
      const auto listed = Ask<v1::ListHoldsResponse>(by, "ListHolds", request);
      if (!listed) return listed.error().reason;
      for (const v1::Hold& hold : listed->holds()) {
        states += (states.empty() ? "" : " ") + v1::HoldState_Name(hold.state()).substr(11);
      }
      if (listed->next_page_token().empty()) break;
      request.set_page_token(listed->next_page_token());
    }
    return states;
  }

  const std::string beds_ = Uuid(1, '1');
  std::string clinic_;
  auth::Actor worker_;
  auth::Actor clinic_worker_;
};

}  // namespace fairlead::directory

#endif  // SERVICES_DIRECTORY_TESTING_CAPACITY_FIXTURE_H_
