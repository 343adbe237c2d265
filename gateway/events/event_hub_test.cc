#include "gateway/events/event_hub.h"

#include <gtest/gtest.h>

namespace fairlead::gateway {
namespace {

constexpr const char* kMine = "0190f000-0000-7000-8000-000000000001";
constexpr const char* kOther = "0190f000-0000-7000-8000-000000000002";

auth::Actor Member(const std::string& agency, const std::string& session) {
  auth::Actor actor;
  actor.kind = auth::ActorKind::kStaff;
  actor.agency_id = agency;
  actor.session_id = session;
  actor.membership = auth::Membership::kActive;
  return actor;
}

events::v1::EventEnvelope Event(const std::string& subject,
                                const std::vector<std::string>& audience) {
  events::v1::ReferralChanged changed;
  changed.set_referral_id(subject);
  changed.set_change("sent");
  events::v1::EventEnvelope event;
  event.set_id("e-" + subject);
  event.set_source("fairlead/referral");
  event.set_type("fairlead.referral.sent.v1");
  event.set_subject(subject);
  event.mutable_time()->set_seconds(1'700'000'000);
  event.set_data_schema("fairlead.events.v1.ReferralChanged");
  event.set_data(changed.SerializeAsString());
  for (const std::string& agency : audience) event.add_audience_agency_ids(agency);
  return event;
}

class EventHubTest : public ::testing::Test {
 protected:
  std::shared_ptr<BodyStream> Open(const std::string& agency, std::string_view last = "",
                                   const std::string& session = "s") {
    auto stream = hub_->Subscribe(Member(agency, session), Check(agency), last);
    EXPECT_TRUE(stream);
    return stream ? *stream : nullptr;
  }
  SessionCheck Check(const std::string& agency) {
    return [this, agency]() -> Task<Result<auth::Actor>> {
      if (session_error_) co_return Fail(*session_error_);
      auth::Actor actor = Member(agency, "s");
      actor.membership = membership_;
      co_return actor;
    };
  }
  // The id of the `ready` (or `resync`) event in what a stream gave.
  static std::string IdIn(const std::string& text) {
    const size_t at = text.rfind("id: ");
    return at == std::string::npos ? "" : text.substr(at + 4, text.find('\n', at) - at - 4);
  }

  SeededRandom random_{7};
  std::shared_ptr<EventHub> hub_ = std::make_shared<EventHub>(
      random_, EventLimits{.ring_events = 4, .max_streams = 8, .max_streams_per_session = 2});
  std::optional<Error> session_error_;
  auth::Membership membership_ = auth::Membership::kActive;
};

TEST_F(EventHubTest, TellsOnlyTheAudience) {
  const auto mine = Open(kMine);
  const auto other = Open(kOther);
  EXPECT_NE(mine->Take().data.find("event: ready"), std::string::npos);
  other->Take();
  int wakes = 0;
  mine->OnReady([&] { ++wakes; });
  hub_->Publish(Event("r1", {kMine}));
  hub_->Publish(Event("r2", {kOther}));
  hub_->Publish(Event("r3", {}));
  EXPECT_EQ(wakes, 1);
  const std::string text = mine->Take().data;
  EXPECT_NE(text.find(R"("subject":"r1")"), std::string::npos);
  EXPECT_NE(text.find(R"("data":{"referralId":"r1","change":"sent"})"), std::string::npos) << text;
  EXPECT_EQ(text.find("r2"), std::string::npos);
  EXPECT_EQ(text.find("r3"), std::string::npos);
  EXPECT_EQ(text.find("audience"), std::string::npos);
  EXPECT_EQ(mine->Take().data, "");
  EXPECT_NE(other->Take().data.find("r2"), std::string::npos);
}

TEST_F(EventHubTest, WhatIsForMembersStopsAtTheWall) {
  auth::Actor officer = Member(kOther, "o");
  officer.agency_kind = auth::AgencyKind::kLawEnforcement;
  const auto member = Open(kMine);
  auto opened = hub_->Subscribe(officer, Check(kOther), "");
  ASSERT_TRUE(opened);
  const auto walled = *opened;
  member->Take();
  walled->Take();
  auto event = Event("beds", {});
  event.set_for_members(true);
  hub_->Publish(event);
  EXPECT_NE(member->Take().data.find("beds"), std::string::npos);
  EXPECT_EQ(walled->Take().data, "");
  // Its own it hears all the same.
  event = Event("own beds", {kOther});
  event.set_for_members(true);
  hub_->Publish(event);
  EXPECT_NE(walled->Take().data.find("own beds"), std::string::npos);
}

TEST_F(EventHubTest, WhatIsForCoordinatorsReachesThoseOfTheOfficeOnly) {
  const auto open = [this](auth::AgencyKind kind, std::set<auth::Role> roles,
                           const std::string& session) {
    auth::Actor actor = Member(kOther, session);
    actor.agency_kind = kind;
    actor.roles = std::move(roles);
    auto stream = hub_->Subscribe(actor, Check(kOther), "");
    EXPECT_TRUE(stream);
    (*stream)->Take();
    return *stream;
  };
  using auth::AgencyKind;
  using auth::Role;
  const auto coordinator = open(AgencyKind::kCoalitionOffice, {Role::kCoordinator}, "a");
  const auto auditor = open(AgencyKind::kCoalitionOffice, {Role::kAuditor}, "b");
  const auto pretender = open(AgencyKind::kHotline, {Role::kCoordinator}, "c");
  const auto mine = Open(kMine);
  mine->Take();
  auto event = Event("waits", {kMine});
  event.set_for_coordinators(true);
  hub_->Publish(event);
  EXPECT_NE(mine->Take().data.find("waits"), std::string::npos);
  EXPECT_NE(coordinator->Take().data.find("waits"), std::string::npos);
  EXPECT_EQ(auditor->Take().data, "");
  EXPECT_EQ(pretender->Take().data, "");
  event = Event("nobody else's", {});
  event.set_for_coordinators(true);
  hub_->Publish(event);
  EXPECT_NE(coordinator->Take().data.find("nobody else's"), std::string::npos);
  EXPECT_EQ(mine->Take().data, "");
}

TEST_F(EventHubTest, WhoIsGivenOtherRolesBeginsAnew) {
  auth::Actor was = Member(kMine, "s");
  was.roles = {auth::Role::kCoordinator};
  auto stream = hub_->Subscribe(was, Check(kMine), "");
  ASSERT_TRUE(stream);
  const auto piece = SyncWait((*stream)->Heartbeat());
  EXPECT_TRUE(piece.end);
  EXPECT_EQ(piece.data, "") << "the session has not ended";
}

TEST_F(EventHubTest, ReplaysFromTheRing) {
  const auto first = Open(kMine);
  const std::string start = IdIn(first->Take().data);
  hub_->Publish(Event("r1", {kMine}));
  hub_->Publish(Event("r2", {kMine}));
  const std::string after_r1 = IdIn(first->Take().data.substr(0, 200));
  const auto again = Open(kMine, start);
  const std::string text = again->Take().data;
  EXPECT_EQ(text.find("resync"), std::string::npos);
  EXPECT_LT(text.find("\"r1\""), text.find("\"r2\""));
  const std::string rest = Open(kMine, after_r1, "other session")->Take().data;
  EXPECT_EQ(rest.find("\"r1\""), std::string::npos);
  EXPECT_NE(rest.find("\"r2\""), std::string::npos);
}

TEST_F(EventHubTest, AsksToResyncWhenTheRingHasMovedOn) {
  const auto slow = Open(kMine);
  const std::string start = IdIn(slow->Take().data);
  for (int i = 0; i < 5; ++i) hub_->Publish(Event("r" + std::to_string(i), {kMine}));
  const std::string text = slow->Take().data;
  EXPECT_NE(text.find("event: resync"), std::string::npos);
  EXPECT_EQ(text.find("\"r4\""), std::string::npos) << "everything is read anew instead";
  EXPECT_NE(Open(kMine, start)->Take().data.find("event: resync"), std::string::npos);
  hub_->Publish(Event("later", {kMine}));
  EXPECT_NE(slow->Take().data.find("later"), std::string::npos) << "and the stream goes on";
}

TEST_F(EventHubTest, AsksToResyncAfterAGapAndForAnIdOfAnotherStart) {
  const auto stream = Open(kMine);
  const std::string start = IdIn(stream->Take().data);
  int wakes = 0;
  stream->OnReady([&] { ++wakes; });
  hub_->Gap();
  EXPECT_EQ(wakes, 1);
  const std::string text = stream->Take().data;
  EXPECT_NE(text.find("event: resync"), std::string::npos);
  EXPECT_NE(IdIn(text).substr(0, 16), start.substr(0, 16)) << "a new epoch";
  for (const std::string& id : {start, std::string("junk"), std::string("a-b"), std::string("-"),
                                IdIn(text).substr(0, 16) + "-99"}) {
    const auto resumed = Open(kMine, id, "s" + id);
    EXPECT_NE(resumed->Take().data.find("event: resync"), std::string::npos) << id;
  }
}

TEST_F(EventHubTest, LimitsStreams) {
  std::vector<std::shared_ptr<BodyStream>> open = {Open(kMine), Open(kMine)};
  const auto third = hub_->Subscribe(Member(kMine, "s"), Check(kMine), "");
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().reason, "TOO_MANY_STREAMS");
  open.pop_back();
  EXPECT_TRUE(hub_->Subscribe(Member(kMine, "s"), Check(kMine), "")) << "one has gone";
  for (int i = 0; i < 7; ++i) open.push_back(Open(kMine, "", "session " + std::to_string(i)));
  EXPECT_FALSE(hub_->Subscribe(Member(kMine, "one more"), Check(kMine), ""));
  EXPECT_EQ(hub_->streams(), 8u);
}

TEST_F(EventHubTest, EndsWithTheSession) {
  const auto stream = Open(kMine);
  stream->Take();
  EXPECT_EQ(SyncWait(stream->Heartbeat()).data, ": heartbeat\n\n");
  session_error_ = Error{Code::kUnavailable, "SERVICE_UNAVAILABLE", "", {}};
  BodyStream::Piece piece = SyncWait(stream->Heartbeat());
  EXPECT_TRUE(piece.end);
  EXPECT_EQ(piece.data, "") << "nobody knows whether the session ended";
  session_error_ = Error{Code::kUnauthenticated, "SESSION_INVALID", "", {}};
  piece = SyncWait(stream->Heartbeat());
  EXPECT_TRUE(piece.end);
  EXPECT_NE(piece.data.find("event: session_ended"), std::string::npos);
  session_error_.reset();
  membership_ = auth::Membership::kSuspended;
  EXPECT_TRUE(SyncWait(stream->Heartbeat()).end);

  hub_->EndSession("someone else's");
  EXPECT_FALSE(stream->Take().end);
  hub_->EndSession("s");
  piece = stream->Take();
  EXPECT_TRUE(piece.end);
  EXPECT_NE(piece.data.find("event: session_ended"), std::string::npos);
}

TEST_F(EventHubTest, IsForActiveMembersOnly) {
  auth::Actor actor = Member(kMine, "s");
  actor.membership = auth::Membership::kSuspended;
  const auto stream = hub_->Subscribe(actor, Check(kMine), "");
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().reason, "AGENCY_NOT_ACTIVE");
}

TEST(EventJson, LeavesOutDataItDoesNotKnow) {
  events::v1::EventEnvelope event = Event("r", {});
  event.set_data_schema("fairlead.identity.v1.SignInRequest");
  EXPECT_EQ(EventJson(event).find("\"data\""), std::string::npos);
  event.set_data_schema("fairlead.events.v1.Nothing");
  EXPECT_EQ(EventJson(event).find("\"data\""), std::string::npos);
  event.set_data_schema("fairlead.events.v1.ReferralChanged");
  event.set_data("\xff\xff");
  EXPECT_EQ(EventJson(event).find("\"data\""), std::string::npos);
}

}  // namespace
}  // namespace fairlead::gateway
