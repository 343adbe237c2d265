#include "services/audit/domain/view.h"

#include <gtest/gtest.h>

namespace fairlead::audit {
namespace {

const std::string kOwn = "own";
const std::string kOther = "other";

Viewer Administrator() { return {.staff_id = "s", .agency_id = kOwn}; }

// Whether a selection finds an entry: what the SQL does, said once more in plain code.
bool Finds(const Selection& s, const Entry& e) {
  const Filter& f = s.filter;
  const auto fits = [](const std::string& asked, const std::string& is) {
    return asked.empty() || asked == is;
  };
  return fits(f.staff_id, e.staff_id) && fits(f.agency_id, e.agency_id) &&
         fits(f.case_handle, e.case_handle) && fits(f.referral_id, e.referral_id) &&
         fits(f.release_id, e.release_id) && fits(f.action, e.action) &&
         fits(s.subject_agency_id, e.subject_agency_id) &&
         (s.not_by_agency_id.empty() || s.not_by_agency_id != e.agency_id) &&
         (!f.refused_only || !e.refused_reason.empty()) &&
         (!s.done_only || e.refused_reason.empty());
}

int Count(const Viewer& viewer, const Filter& filter, const Entry& entry) {
  int found = 0;
  for (const Selection& part : Select(viewer, filter)) found += Finds(part, entry) ? 1 : 0;
  return found;
}

Entry By(const std::string& agency, const std::string& subject, const std::string& refused = "") {
  Entry entry;
  entry.action = "packet_opened";
  entry.agency_id = agency;
  entry.subject_agency_id = subject;
  entry.refused_reason = refused;
  entry.session_id = "session";
  entry.case_handle = "case";
  entry.release_id = "release";
  entry.referral_id = "referral";
  return entry;
}

TEST(View, AnAuditorSeesEverythingAsItIs) {
  const Viewer auditor{.staff_id = "a", .agency_id = "office", .sees_all = true};
  const Entry entry = By(kOther, "third", "REFERRAL_NOT_FOUND");
  EXPECT_EQ(Count(auditor, {}, entry), 1);
  EXPECT_EQ(Mask(auditor, entry), entry);
}

TEST(View, AnAdministratorSeesTheOwnPartOnceEach) {
  EXPECT_EQ(Count(Administrator(), {}, By(kOwn, kOther)), 1);
  EXPECT_EQ(Count(Administrator(), {}, By(kOther, kOwn)), 1);
  EXPECT_EQ(Count(Administrator(), {}, By(kOwn, kOwn)), 1);
  EXPECT_EQ(Count(Administrator(), {}, By(kOther, "third")), 0);
  EXPECT_EQ(Count(Administrator(), {}, By("", "")), 0);
}

TEST(View, ByAgencyMeansWhoseStaffActed) {
  Filter filter;
  filter.agency_id = kOther;
  EXPECT_EQ(Count(Administrator(), filter, By(kOther, kOwn)), 1);
  EXPECT_EQ(Count(Administrator(), filter, By(kOther, "third")), 0);
  EXPECT_EQ(Count(Administrator(), filter, By(kOwn, kOther)), 0);
  filter.agency_id = kOwn;
  EXPECT_EQ(Count(Administrator(), filter, By(kOwn, kOther)), 1);
  EXPECT_EQ(Count(Administrator(), filter, By(kOther, kOwn)), 0);
}

TEST(View, LawEnforcementNeverSeesWhatOthersDo) {
  Viewer viewer = Administrator();
  viewer.behind_the_wall = true;
  EXPECT_EQ(Count(viewer, {}, By(kOwn, kOther)), 1);
  EXPECT_EQ(Count(viewer, {}, By(kOther, kOwn)), 0);
}

TEST(View, NobodyWithoutAnAgencySeesAnything) {
  EXPECT_TRUE(Select({.staff_id = "s", .agency_id = ""}, {}).empty());
}

TEST(View, ARefusalDoesNotSayWhetherTheRecordIsThere) {
  // The same refused act on another agency's record and on none must look alike.
  const Entry theirs = Mask(Administrator(), By(kOwn, kOther, "REFERRAL_NOT_FOUND"));
  Entry nobodys = By(kOwn, "", "REFERRAL_NOT_FOUND");
  nobodys.case_handle = nobodys.release_id = "";
  EXPECT_EQ(theirs, Mask(Administrator(), nobodys));
}

TEST(View, AFilterFindsNothingThatTheMaskHides) {
  Filter by_case;
  by_case.case_handle = "case";
  EXPECT_EQ(Count(Administrator(), by_case, By(kOwn, kOther)), 0);
  EXPECT_EQ(Count(Administrator(), by_case, By(kOwn, kOwn)), 1);
  EXPECT_EQ(Count(Administrator(), by_case, By(kOther, kOwn)), 1);
  Filter by_release;
  by_release.release_id = "release";
  EXPECT_EQ(Count(Administrator(), by_release, By(kOwn, kOther, "NO")), 0);
  EXPECT_EQ(Count(Administrator(), by_release, By(kOwn, kOther)), 1);
}

TEST(View, NothingLeadsIntoAnotherAgency) {
  const Entry seen = Mask(Administrator(), By(kOther, kOwn));
  EXPECT_EQ(seen.session_id, "");
  EXPECT_EQ(seen.case_handle, "case") << "the own case";
  EXPECT_EQ(Mask(Administrator(), By(kOwn, kOther)).case_handle, "");
  EXPECT_EQ(Mask(Administrator(), By(kOwn, kOther)).session_id, "session");
}

TEST(CanonicalBytes, AreWhatIsWrittenDown) {
  Entry entry;
  entry.service = "consent";
  entry.sequence = 7;
  entry.id = "id";
  entry.time_ms = 12;
  entry.action = "packet_opened";
  EXPECT_EQ(CanonicalBytes(entry),
            "fairlead-audit-v17:consent1:72:id2:1213:packet_opened0:0:0:0:0:0:0:0:0:0:0:1:1");
  // No field's text can be taken for another's.
  Entry moved = entry;
  moved.action = "packet_opened0:";
  EXPECT_NE(CanonicalBytes(moved), CanonicalBytes(entry));
  Entry swapped = entry;
  swapped.staff_id = "x";
  Entry swapped_back = entry;
  swapped_back.agency_id = "x";
  EXPECT_NE(CanonicalBytes(swapped), CanonicalBytes(swapped_back));
}

}  // namespace
}  // namespace fairlead::audit
