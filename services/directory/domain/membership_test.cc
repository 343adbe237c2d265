#include "services/directory/domain/membership.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>

namespace fairlead::directory {
namespace {

using enum Membership;

constexpr Membership kAll[] = {kApplied, kSponsored, kActive, kSuspended, kDeparted};

Agency InState(Membership membership, AgencyKind kind = AgencyKind::kLegalServices) {
  return Agency{.id = "a",
                .name = "A",
                .kind = kind,
                .membership = membership,
                .create_ms = 0,
                .version = 3,
                .contact_phone = ""};
}

std::string Reason(const Result<void>& result) { return result ? "" : result.error().reason; }

// A reason that fits the step, if any does.
MembershipReason AnyReason(Membership from, Membership to) {
  for (int reason = 0; reason <= 8; ++reason) {
    Agency agency = InState(from);
    if (Move(agency, to, static_cast<MembershipReason>(reason))) {
      return static_cast<MembershipReason>(reason);
    }
  }
  return MembershipReason::kNone;
}

TEST(MembershipTest, TheTableOfSteps) {
  const std::set<std::pair<Membership, Membership>> steps = {
      {kApplied, kSponsored}, {kSponsored, kActive},   {kActive, kSuspended},
      {kSuspended, kActive},  {kApplied, kDeparted},   {kSponsored, kDeparted},
      {kActive, kDeparted},   {kSuspended, kDeparted},
  };
  for (const Membership from : kAll) {
    for (const Membership to : kAll) {
      const bool allowed = steps.contains({from, to});
      EXPECT_EQ(CanMove(from, to), allowed) << CodeOf(from) << " → " << CodeOf(to);
      Agency agency = InState(from);
      const Result<void> moved = Move(agency, to, AnyReason(from, to));
      ASSERT_EQ(moved.has_value(), allowed) << CodeOf(from) << " → " << CodeOf(to);
      EXPECT_EQ(agency.membership, allowed ? to : from);
      EXPECT_EQ(agency.version, allowed ? 4 : 3) << "a refused step changes nothing";
      if (allowed) continue;
      EXPECT_EQ(moved.error().reason, "MEMBERSHIP_STATE_CONFLICT");
      EXPECT_EQ(moved.error().metadata.at("state"), CodeOf(from));
    }
  }
}

TEST(MembershipTest, ReasonsFitTheirStep) {
  using enum MembershipReason;
  const auto fitting = [](Membership from, Membership to) {
    std::set<int> reasons;
    for (int reason = 0; reason <= 8; ++reason) {
      Agency agency = InState(from);
      const Result<void> moved = Move(agency, to, static_cast<MembershipReason>(reason));
      if (moved) reasons.insert(reason);
      if (!moved) {
        EXPECT_EQ(Reason(moved), "REASON_NOT_ALLOWED");
      }
    }
    return reasons;
  };
  EXPECT_EQ(fitting(kApplied, kSponsored), (std::set<int>{0}));
  EXPECT_EQ(fitting(kSponsored, kActive), (std::set<int>{1}));
  EXPECT_EQ(fitting(kActive, kSuspended), (std::set<int>{2, 3, 4, 5}));
  EXPECT_EQ(fitting(kSuspended, kActive), (std::set<int>{1, 8}));
  EXPECT_EQ(fitting(kActive, kDeparted), (std::set<int>{3, 4, 5, 6}));
  EXPECT_EQ(fitting(kApplied, kDeparted), (std::set<int>{3, 4, 5, 6, 7}));
}

TEST(MembershipTest, TheOfficeStays) {
  for (const Membership to : {kSuspended, kDeparted}) {
    Agency office = InState(kActive, AgencyKind::kCoalitionOffice);
    EXPECT_EQ(Reason(Move(office, to, MembershipReason::kOwnWish)), "OFFICE_STAYS");
    EXPECT_EQ(office.membership, kActive);
  }
}

Agency AMember(const std::string& id, AgencyKind kind = AgencyKind::kLegalServices) {
  Agency agency = InState(kActive, kind);
  agency.id = id;
  return agency;
}

TEST(MembershipTest, SponsorsAreTwoOfTwoAgenciesInForce) {
  const Sponsor harbor{.agency_id = "h", .staff_id = "1", .is_in_force = true};
  Sponsor harbor_again = harbor;
  harbor_again.staff_id = "2";
  const Sponsor clinic{.agency_id = "c", .staff_id = "3", .is_in_force = true};
  Sponsor gone = clinic;
  gone.is_in_force = false;
  EXPECT_EQ(SponsorsMissing({}), 2);
  EXPECT_EQ(SponsorsMissing({harbor}), 1);
  EXPECT_EQ(SponsorsMissing({harbor, harbor_again}), 1) << "two people of one agency are one";
  EXPECT_EQ(SponsorsMissing({harbor, clinic}), 0);
  EXPECT_EQ(SponsorsMissing({harbor, gone}), 1);
  const Sponsor office{.agency_id = "o", .staff_id = "4", .is_office = true, .is_in_force = true};
  Sponsor second = office;
  second.staff_id = "5";
  EXPECT_EQ(SponsorsMissing({office, second}), 0) << "coordinators count one by one";
  EXPECT_EQ(SponsorsMissing({office, office}), 1);
  EXPECT_EQ(SponsorsMissing({office, harbor}), 0);
}

TEST(MembershipTest, WhoMaySponsor) {
  const Agency applicant = InState(kApplied);
  const Sponsor harbor{.agency_id = "h", .staff_id = "1", .is_in_force = true};
  const Agency office = AMember("o", AgencyKind::kCoalitionOffice);
  EXPECT_EQ(Reason(CheckSponsor(applicant, {}, AMember("h"), "1", 2)), "");
  EXPECT_EQ(Reason(CheckSponsor(applicant, {}, applicant, "1", 2)), "OWN_AGENCY");
  EXPECT_EQ(Reason(CheckSponsor(applicant, {harbor}, AMember("h"), "9", 2)), "ALREADY_SPONSORED");
  EXPECT_EQ(Reason(CheckSponsor(applicant, {harbor}, AMember("c"), "3", 2)), "");
  EXPECT_EQ(Reason(CheckSponsor(applicant, {}, office, "4", 2)), "SPONSOR_NOT_NEEDED");
  EXPECT_EQ(Reason(CheckSponsor(applicant, {}, office, "4", 1)), "");
  const Sponsor first{.agency_id = "o", .staff_id = "4", .is_office = true, .is_in_force = true};
  EXPECT_EQ(Reason(CheckSponsor(applicant, {first}, office, "4", 1)), "ALREADY_SPONSORED");
  EXPECT_EQ(Reason(CheckSponsor(applicant, {first}, office, "5", 1)), "");
  for (const Membership state : {kActive, kSuspended, kDeparted}) {
    EXPECT_EQ(Reason(CheckSponsor(InState(state), {}, AMember("h"), "1", 2)),
              "MEMBERSHIP_STATE_CONFLICT");
  }
  // Sponsored: only when a sponsor has fallen away.
  Sponsor clinic{.agency_id = "c", .staff_id = "3", .is_in_force = true};
  EXPECT_EQ(Reason(CheckSponsor(InState(kSponsored), {harbor, clinic}, AMember("d"), "6", 2)),
            "MEMBERSHIP_STATE_CONFLICT");
  clinic.is_in_force = false;
  EXPECT_EQ(Reason(CheckSponsor(InState(kSponsored), {harbor, clinic}, AMember("d"), "6", 2)), "");
  EXPECT_TRUE(MaySponsor(AMember("h")));
  EXPECT_FALSE(MaySponsor(AMember("p", AgencyKind::kLawEnforcement)));
  EXPECT_FALSE(MaySponsor(InState(kSuspended)));
}

TEST(MembershipTest, Etags) {
  EXPECT_EQ(Reason(CheckEtag(InState(kActive), "")), "");
  EXPECT_EQ(Reason(CheckEtag(InState(kActive), "3")), "");
  EXPECT_EQ(Reason(CheckEtag(InState(kActive), "2")), "ETAG_MISMATCH");
}

}  // namespace
}  // namespace fairlead::directory
