#include "tests/bench/directory_bench.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "services/common/audit/audit.h"
#include "services/common/base/clock.h"
#include "services/common/base/ids.h"
#include "services/common/outbox/outbox.h"
#include "services/common/rpc/dispatcher.h"
#include "services/common/rpc/mutate.h"
#include "services/directory/domain/need_codes.h"
#include "services/directory/match_server.h"
#include "services/directory/migrations.h"
#include "tests/bench/report.h"

namespace fairlead::bench {
namespace {

using namespace fairlead::directory;  // NOLINT: its names, in this file alone

constexpr int kServicesOfAgency = 100;
constexpr int kInTransaction = 5'000;
constexpr std::array kStates = {"06", "48", "12", "36", "42", "17", "39", "13", "37", "26", "34",
                                "51", "53", "04", "25", "47", "18", "24", "29", "55", "08", "27",
                                "45", "01", "22", "21", "41", "40", "09", "49", "19", "32", "05",
                                "28", "20", "35", "31", "16", "54", "15", "33", "23", "30", "44",
                                "10", "46", "38", "02", "11", "50", "56"};
constexpr int kCountiesOfAState = 62;  // some 3,100 in all
constexpr std::array kLanguages = {"en", "es", "zh", "vi", "ht", "ar", "fr", "tl", "ko", "ru"};
constexpr std::array kBands = {"0-11", "12-17", "18-24", "25-59", "60+"};

// The same service for the same number, always (SplitMix64).
class Draws {
 public:
  explicit Draws(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15U + 1) {}
  uint64_t Next() {
    state_ += 0x9E3779B97F4A7C15U;
    uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
    return mixed ^ (mixed >> 31U);
  }
  size_t Below(size_t n) { return static_cast<size_t>(Next() % n); }
  bool In(size_t n) { return Below(n) == 0; }
  // The first is chosen most, as people live in few large places: the k-th as 1/k.
  size_t Crowded(size_t n) {
    const double unit = static_cast<double>(Next() >> 11U) / 9007199254740992.0;
    return static_cast<size_t>(std::pow(static_cast<double>(n), unit)) - 1;
  }

 private:
  uint64_t state_;
};

std::string MadeUpId(char kind, int number) {
  std::string digits = std::to_string(number);
  digits.insert(0, 12 - digits.size(), '0');
  return std::string(8, kind) + "-0000-4000-8000-" + digits;
}

// One of five thousand words, the first ones said most.
std::string MadeUpWord(Draws& draws) {
  constexpr std::array kSyllables = {"ba", "cor", "de", "fin", "gu",  "hal", "jo",  "ki", "lem",
                                     "mi", "nor", "pe", "qua", "ris", "so",  "tan", "ve"};
  std::string word;
  for (size_t left = draws.Crowded(5'000), i = 0; i < 3; ++i, left /= kSyllables.size()) {
    word += kSyllables.at(left % kSyllables.size());
  }
  return word;
}

std::vector<std::string> MadeUpHours(Draws& draws) {
  // 3 x 12 x 8 different weeks.
  constexpr std::array kDays = {"MO,TU,WE,TH,FR", "MO,TU,WE,TH,FR,SA,SU", "MO,WE,FR"};
  const size_t opens = 6 + draws.Below(12);
  const size_t closes = (opens + 4 + draws.Below(8)) % 24;
  const auto hour = [](size_t at) { return (at < 10 ? "0" : "") + std::to_string(at) + ":00"; };
  const calendar::Fields fields = {{"freq", "WEEKLY"},
                                   {"byday", kDays.at(draws.Below(kDays.size()))},
                                   {"opens_at", hour(opens)},
                                   {"closes_at", hour(closes)},
                                   {"timezone", "America/New_York"}};
  return {calendar::ToText(*calendar::ReadSchedule(fields, "").schedule)};
}

Listing MadeUpListing(int number) {
  Draws draws(static_cast<uint64_t>(number));
  Listing listing;
  listing.id = MadeUpId('1', number);
  listing.organization_id = MadeUpId('0', number / kServicesOfAgency);
  listing.name = MadeUpWord(draws) + " " + MadeUpWord(draws) + " service";
  for (int i = 0; i < 8; ++i) listing.description += MadeUpWord(draws) + " ";
  listing.status = "active";
  const std::string state = kStates.at(draws.Crowded(kStates.size()));
  for (size_t i = 1 + draws.Below(3); i > 0; --i) {
    const std::string county = std::to_string(1 + 2 * draws.Crowded(kCountiesOfAState));
    listing.counties.push_back(state + std::string(3 - county.size(), '0') + county);
  }
  if (draws.In(12)) listing.eligibility.states = {state};
  for (size_t i = 1 + draws.Below(3); i > 0; --i) {
    listing.need_codes.push_back(NeedCodes()[draws.Below(NeedCodes().size())].code);
  }
  listing.languages = {"en", kLanguages.at(draws.Crowded(kLanguages.size()))};
  if (draws.In(2)) listing.minimum_age = 18;
  if (draws.In(4)) listing.eligibility[CodeList::kGender] = {"female"};
  if (draws.In(3)) listing.eligibility[CodeList::kHousehold] = {"single", "with_children"};
  listing.eligibility.cost = draws.In(2) ? Cost::kFree : Cost::kNotStated;
  if (!draws.In(4)) listing.schedules = MadeUpHours(draws);
  for (auto* list : {&listing.counties, &listing.need_codes, &listing.languages}) {
    std::ranges::sort(*list);
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
  return listing;
}

// What a service says of its beds, if anything: now, or up to four days ago.
std::optional<Capacity> MadeUpRoom(int number, int64_t now_ms) {
  constexpr size_t kHours = 96;
  Draws draws(~static_cast<uint64_t>(number));
  if (draws.In(3)) return std::nullopt;
  Capacity room{.id = MadeUpId('c', number),
                .service_id = MadeUpId('1', number),
                .agency_id = MadeUpId('a', number / kServicesOfAgency)};
  room.available = static_cast<int>(draws.Below(4));
  room.held = static_cast<int>(draws.Below(3));
  room.accepting = !draws.In(10);
  room.update_ms = now_ms - static_cast<int64_t>(draws.Below(kHours)) * 3'600'000;
  room.version = 1;
  return room;
}

Result<bool> Fill(storage::Transaction& tx, const Deps& deps, int from, int to) {
  const DirectoryStore& store = deps.store;
  FAIRLEAD_ASSIGN(const int64_t change, store.NextListingChange(tx));
  for (int i = from; i < to; ++i) {
    const int agency = i / kServicesOfAgency;
    const std::string agency_id = MadeUpId('a', agency);
    if (i % kServicesOfAgency == 0) {
      Agency owner;
      owner.id = agency_id;
      owner.name = "Agency " + std::to_string(agency);
      owner.kind = AgencyKind::kVictimServiceProvider;
      FAIRLEAD_RETURN_IF_ERROR(store.InsertAgency(tx, owner));
      FAIRLEAD_RETURN_IF_ERROR(store.PutOrganization(
          tx, agency_id, Organization{MadeUpId('0', agency), "Organization", "Made up", "", ""}, "",
          true, 1, change));
    }
    FAIRLEAD_RETURN_IF_ERROR(
        store.PutListing(tx, agency_id, MadeUpListing(i), "", true, 1, change));
    const std::optional<Capacity> room = MadeUpRoom(i, deps.clock.NowMs());
    if (room) FAIRLEAD_RETURN_IF_ERROR(deps.capacities.Put(tx, *room));
  }
  return true;
}

auth::Actor Operator() {
  auth::Actor actor;
  actor.kind = auth::ActorKind::kStaff;
  actor.staff_id = MadeUpId('5', 1);
  actor.session_id = MadeUpId('5', 2);
  actor.agency_id = MadeUpId('b', 1);
  actor.agency_kind = auth::AgencyKind::kHotline;
  actor.membership = auth::Membership::kActive;
  actor.roles = {auth::Role::kHotlineOperator};
  actor.assurance = auth::kSignedIn;
  return actor;
}

// One that takes people, so that a question made after it finds at least this one.
int SomeWithRoom(Draws& draws, int services) {
  while (true) {
    const int number = static_cast<int>(draws.Below(static_cast<size_t>(services)));
    const std::optional<Capacity> room = MadeUpRoom(number, 0);
    if (!room || (room->accepting && room->available > 0)) return number;
  }
}

// Questions that some service answers: what one of them offers, where it is, in its language.
struct Question {
  Question(Draws& draws, int services) {
    const Listing listing = MadeUpListing(SomeWithRoom(draws, services));
    need = listing.need_codes.front();
    county = listing.counties.front();
    language = listing.languages.back();
    age_band = kBands.at(listing.minimum_age == 0 ? draws.Below(2) : 2 + draws.Below(3));
    word = listing.name.substr(0, listing.name.find(' '));
    constexpr size_t kLeastLetters = 2;
    if (draws.In(10) && word.size() >= 5) {
      std::swap(word[1], word[2]);
    } else {
      word.resize(kLeastLetters + draws.Below(word.size() - 1));
    }
  }
  std::string need, county, language, age_band, word;
};

class DirectoryMeasure {
 public:
  DirectoryMeasure(storage::Database& database, int services)
      : services_(services),
        deps_{database, *store_, *memberships_, clock_, ids_, *capacities_},
        match_server_(deps_, std::string(32, 'k')),
        database_(database) {
    match_server_.Register(registry_);
    dispatcher_ = std::make_unique<rpc::Dispatcher>(registry_, clock_);
    channel_ = rpc::MakeLocalChannel(*dispatcher_);
  }

  Result<DirectoryCosts> Run(double seconds) {
    DirectoryCosts costs;
    int64_t from_ms = clock_.SteadyMs();
    for (int from = 0; from < services_; from += kInTransaction) {
      std::function<Result<bool>(storage::Transaction&)> fill = [&](storage::Transaction& tx) {
        return Fill(tx, deps_, from, std::min(services_, from + kInTransaction));
      };
      FAIRLEAD_RETURN_IF_ERROR(SyncWait(database_.Write<bool>(fill)));
    }
    costs.fill_s = static_cast<double>(clock_.SteadyMs() - from_ms) / 1000;

    const auto index = std::make_unique<FollowedIndex>();
    from_ms = clock_.SteadyMs();
    bool all = false;
    while (!all) {
      std::function<Result<bool>(storage::ReadTransaction&)> page =
          [&](storage::ReadTransaction& tx) { return index->ReadPage(tx); };
      FAIRLEAD_ASSIGN(all, SyncWait(database_.Read<bool>(page)));
    }
    costs.start_s = static_cast<double>(clock_.SteadyMs() - from_ms) / 1000;
    std::function<Result<std::shared_ptr<const Snapshot>>(storage::ReadTransaction&)> read =
        [&](storage::ReadTransaction& tx) { return index->At(tx); };
    FAIRLEAD_ASSIGN(const auto snapshot,
                    SyncWait(database_.Read<std::shared_ptr<const Snapshot>>(read)));
    costs.index_mib = static_cast<double>(snapshot->Bytes()) / (1024 * 1024);
    costs.resident_mib = ResidentMib(getpid());
    FAIRLEAD_ASSIGN(costs.find, Measure(seconds, [&] { return FindOnce(*snapshot); }));
    FAIRLEAD_ASSIGN(costs.match, Measure(seconds, [&] { return MatchOnce(); }));
    FAIRLEAD_ASSIGN(costs.search, Measure(seconds, [&] { return SearchOnce(); }));
    return costs;
  }

 private:
  Result<void> FindOnce(const Snapshot& snapshot) {
    const Question question(draws_, services_);
    MatchInput input;
    input.filters.need_code = question.need;
    input.filters.county = question.county;
    input.filters.languages = {question.language};
    input.filters.age_band = question.age_band;
    FAIRLEAD_ASSIGN(const MatchQuery query, MakeMatchQuery(input, Operator(), clock_.NowMs()));
    FAIRLEAD_ASSIGN(const Found found, Find(snapshot, query, kMaxMisses, nullptr));
    return Some(!found.matches.empty(), "The index", question);
  }

  Result<void> MatchOnce() {
    const Question question(draws_, services_);
    directory::v1::MatchServicesRequest request;
    request.set_request_id(ids_.New());
    request.set_need_code(question.need);
    request.set_urgency(directory::v1::MATCH_URGENCY_URGENT);
    request.set_county(question.county);
    request.add_languages(question.language);
    request.set_age_band(question.age_band);
    FAIRLEAD_ASSIGN(const auto found,
                    Call<directory::v1::MatchServicesResponse>("MatchServices", request));
    return Some(found.matches_size() > 0, "A match", question);
  }

  Result<void> SearchOnce() {
    const Question question(draws_, services_);
    directory::v1::SearchServicesRequest request;
    request.set_need_code(question.need);
    request.set_county(question.county);
    request.set_language(question.language);
    request.set_text(question.word);
    FAIRLEAD_ASSIGN(const auto found,
                    Call<directory::v1::SearchServicesResponse>("SearchServices", request));
    return Some(found.services_size() > 0, "A search", question);
  }

  template <class Response, class Request>
  Result<Response> Call(const std::string& method, const Request& request) {
    rpc::CallOptions options;
    options.actor = Operator();
    options.deadline_steady_ms = clock_.SteadyMs() + 600'000;
    return SyncWait(rpc::Call<Response>(
        *channel_, "/fairlead.directory.v1.DirectoryService/" + method, request, options));
  }

  static Result<void> Some(bool some, std::string who, const Question& question) {
    if (some) return {};
    for (const std::string* part : {&question.need, &question.county, &question.language,
                                    &question.age_band, &question.word}) {
      who.append(" ").append(*part);
    }
    return Fail(Code::kInternal, "NOTHING_FOUND", who.append(": nothing found."));
  }

  const int services_;
  const Clock& clock_ = SystemClock();
  IdGenerator ids_{clock_, SystemRandom()};
  Draws draws_{7};
  std::unique_ptr<DirectoryStore> store_ = MakeSqlDirectoryStore();
  std::unique_ptr<MembershipStore> memberships_ = MakeSqlMembershipStore();
  std::unique_ptr<CapacityStore> capacities_ = MakeSqlCapacityStore();
  const Deps deps_;
  MatchServer match_server_;
  storage::Database& database_;
  rpc::Registry registry_;
  std::unique_ptr<rpc::Dispatcher> dispatcher_;
  std::unique_ptr<rpc::Channel> channel_;
};

}  // namespace

Result<DirectoryCosts> MeasureDirectory(const std::string& folder, int services, double seconds) {
  storage::DatabaseOptions options;
  options.url = "sqlite:" + folder + "/directory-" + std::to_string(services) + ".db";
  FAIRLEAD_ASSIGN(
      const std::unique_ptr<storage::Database> database,
      storage::OpenDatabase(options, {outbox::OutboxMigrations(), audit::AuditMigrations(),
                                      rpc::IdempotencyMigrations(), directory::Migrations()}));
  Result<DirectoryCosts> costs = DirectoryMeasure(*database, services).Run(seconds);
  database->Close();
  return costs;
}

}  // namespace fairlead::bench
