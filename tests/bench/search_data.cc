// Ten thousand made-up services in the HSDS 3.1 tables, and questions that match some of them.
#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "fairlead/directory/v1/staged_import.pb.h"
#include "services/common/base/clock.h"
#include "services/common/base/encoding.h"
#include "services/common/base/random.h"
#include "services/common/base/text_records.h"
#include "tests/bench/hub_bench.h"
#include "tests/bench/search_data.h"

namespace fairlead::bench {
namespace {

namespace directory_v1 = fairlead::directory::v1;

constexpr int kSearchAgencies = 10;
constexpr size_t kPartBytes = 3 * 1024 * 1024;
constexpr int64_t kMostImportMs = 600'000;
constexpr std::string_view kStaged = "/fairlead.directory.v1.StagedImportService/";
constexpr std::array kNeeds = {"shelter_bed", "t_visa", "primary_care", "counseling",
                               "food", "family_law"};
constexpr std::array kSearchLanguages = {"en", "es", "vi", "zh"};
constexpr std::array kCounties = {"48453", "48491", "48209", "48021", "48055"};

template <class Array>
std::string Pick(const Array& options, uint64_t draw) {
  return options[draw % options.size()];
}

// Where an import is wrong is in the error's metadata: without it nobody can mend these tables.
Error NamingItsPlace(Error error) {
  for (const char* key : {"file", "row", "column", "problem"}) {
    const auto found = error.metadata.find(key);
    if (found == error.metadata.end()) continue;
    error.message += std::string(" ") + key + "=" + found->second;
  }
  return error;
}

}  // namespace

directory_v1::ImportListingsRequest MadeUpListings(IdGenerator& ids, const std::string& agency_id,
                                                   int agency_number, int count) {
  const std::string organization = ids.New();
  std::string services = "id,organization_id,name,description,status\n";
  std::string languages = "id,service_id,code,name\n";
  std::string terms = "id,link_id,link_entity,taxonomy_term_id\n";
  std::string term_table = "id,code,name,description,taxonomy_id\n";
  const std::string taxonomy = ids.New();
  std::array<std::string, kNeeds.size()> term_ids;
  for (size_t i = 0; i < kNeeds.size(); ++i) {
    term_ids[i] = ids.New();
    term_table += term_ids[i] + "," + kNeeds[i] + "," + kNeeds[i] + ",Made up for measuring," +
                  taxonomy + "\n";
  }
  for (int i = 0; i < count; ++i) {
    const std::string id = ids.New();
    const auto n = static_cast<uint64_t>(i);
    services += id + "," + organization + ",Service " + std::to_string(agency_number) + "-" +
                std::to_string(i) + ",Made up for measuring,active\n";
    languages += ids.New() + "," + id + "," + Pick(kSearchLanguages, n / 7) + ",\n";
    terms += ids.New() + "," + id + ",service," + term_ids[n % term_ids.size()] + "\n";
  }
  directory_v1::ImportListingsRequest request;
  request.set_request_id(ids.New());
  request.set_agency_id(agency_id);
  request.set_format(directory_v1::IMPORT_FORMAT_HSDS_CSV);
  request.add_default_counties(Pick(kCounties, static_cast<uint64_t>(agency_number)));
  const auto add = [&request](const char* name, std::string text) {
    directory_v1::ImportFile* file = request.add_files();
    file->set_name(name);
    file->set_content(std::move(text));
  };
  add("organizations.csv",
      "id,name,description\n" + organization + ",Organization,Made up for measuring\n");
  add("services.csv", std::move(services));
  add("languages.csv", std::move(languages));
  add("taxonomies.csv", "id,name,description\n" + taxonomy + ",Needs,Need codes\n");
  add("taxonomy_terms.csv", std::move(term_table));
  add("attributes.csv", std::move(terms));
  return request;
}

Result<double> HubBench::ImportFor(int agency_number, int services) {
  FAIRLEAD_ASSIGN(const testing::Agency agency,
                  coalition_->AddAgency("Agency " + std::to_string(agency_number),
                                        auth::AgencyKind::kVictimServiceProvider));
  const auto request = MadeUpListings(coalition_->ids(), agency.id, agency_number, services);
  const int64_t from_ms = SystemClock().SteadyMs();
  auto imported = coalition_->Call<directory_v1::ImportListingsResponse>(
      agency.admin, "/fairlead.directory.v1.DirectoryService/ImportListings", request, 60'000);
  if (!imported) return Fail(NamingItsPlace(std::move(imported.error())));
  if (imported->created() != services + 1) {
    return Fail(Code::kInternal, "NOT_IMPORTED", "An import made other services than it should.");
  }
  return static_cast<double>(SystemClock().SteadyMs() - from_ms) / 1000;
}

Result<void> HubBench::ImportServices() {
  if (imported_) return {};
  for (int i = 0; i < kSearchAgencies; ++i) {
    FAIRLEAD_RETURN_IF_ERROR(ImportFor(i, kSearchableServices / kSearchAgencies));
  }
  imported_ = true;
  return {};
}

Result<int> HubBench::PutParts(const std::string& import_id, const auth::Actor& by,
                               const directory_v1::ImportListingsRequest& all) {
  int number = 0;
  for (const directory_v1::ImportFile& file : all.files()) {
    const auto lines = CsvRecords(file.content());
    for (size_t at = 1; at < lines.size();) {
      directory_v1::PutImportPartRequest put;
      put.set_import_id(import_id);
      put.set_number(number++);
      put.set_first_record(static_cast<int32_t>(at) - 1);
      put.set_key(std::string(32, 'k'));
      put.mutable_file()->set_name(file.name());
      std::string content(lines[0]);
      while (at < lines.size() && content.size() + lines[at].size() <= kPartBytes) {
        content += lines[at++];
      }
      put.mutable_file()->set_content(std::move(content));
      FAIRLEAD_RETURN_IF_ERROR(coalition_->Call<directory_v1::PutImportPartResponse>(
          by, std::string(kStaged) + "PutImportPart", put, 60'000));
    }
  }
  return number;
}

Result<HubBench::ImportTimes> HubBench::AwaitImport(const std::string& import_id,
                                                    const auth::Actor& by) {
  ImportTimes times;
  const Clock& clock = SystemClock();
  const int64_t until_ms = clock.SteadyMs() + kMostImportMs;
  directory_v1::GetImportRequest get;
  get.set_import_id(import_id);
  directory_v1::SearchServicesRequest search;
  search.set_text("service");
  search.set_need_code(kNeeds[0]);
  while (clock.SteadyMs() < until_ms) {
    FAIRLEAD_ASSIGN(const auto got, coalition_->Call<directory_v1::GetImportResponse>(
                                        by, std::string(kStaged) + "GetImport", get, 60'000));
    const directory_v1::StagedImport& import = got.staged_import();
    if (import.state() == directory_v1::STAGED_IMPORT_STATE_APPLIED) return times;
    if (import.state() != directory_v1::STAGED_IMPORT_STATE_CHECKING &&
        import.state() != directory_v1::STAGED_IMPORT_STATE_APPLYING) {
      return Fail(Code::kInternal, "NOT_IMPORTED",
                  "The import was refused or broken off. " + import.failure_reason());
    }
    const int64_t from_ms = clock.SteadyMs();
    FAIRLEAD_RETURN_IF_ERROR(coalition_->Call<directory_v1::SearchServicesResponse>(
        by, "/fairlead.directory.v1.DirectoryService/SearchServices", search, 60'000));
    times.slowest_search_ms = std::max(times.slowest_search_ms,
                                       static_cast<double>(clock.SteadyMs() - from_ms));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return Fail(Code::kDeadlineExceeded, "NOT_IMPORTED", "The import takes very long.");
}

Result<HubBench::ImportTimes> HubBench::ImportMany(int services) {
  FAIRLEAD_ASSIGN(const testing::Agency agency,
                  coalition_->AddAgency("Large agency", auth::AgencyKind::kVictimServiceProvider));
  const auto all = MadeUpListings(coalition_->ids(), agency.id, kSearchAgencies, services);
  const int64_t from_ms = SystemClock().SteadyMs();
  directory_v1::StartImportRequest start;
  start.set_request_id(coalition_->ids().New());
  start.set_agency_id(agency.id);
  start.set_format(all.format());
  *start.mutable_default_counties() = all.default_counties();
  start.set_fingerprint(Base64UrlEncode(Sha256(std::string(32, 'k'))));
  FAIRLEAD_ASSIGN(const auto started, coalition_->Call<directory_v1::StartImportResponse>(
                                          agency.admin, std::string(kStaged) + "StartImport",
                                          start));
  const std::string id = started.staged_import().id();
  FAIRLEAD_ASSIGN(const int parts, PutParts(id, agency.admin, all));
  directory_v1::FinishImportRequest finish;
  finish.set_request_id(coalition_->ids().New());
  finish.set_import_id(id);
  finish.set_part_count(parts);
  finish.set_key(std::string(32, 'k'));
  FAIRLEAD_RETURN_IF_ERROR(coalition_->Call<directory_v1::FinishImportResponse>(
      agency.admin, std::string(kStaged) + "FinishImport", finish));
  FAIRLEAD_ASSIGN(ImportTimes times, AwaitImport(id, agency.admin));
  times.seconds = static_cast<double>(SystemClock().SteadyMs() - from_ms) / 1000;
  return times;
}

Result<Operation> HubBench::Search() {
  FAIRLEAD_RETURN_IF_ERROR(ImportServices());
  auto number = std::make_shared<std::atomic<uint64_t>>(0);
  return [this, number](Done done) {
    // Every combination in turn.
    const uint64_t n = (*number)++;
    auto request = std::make_shared<directory_v1::SearchServicesRequest>();
    request->set_need_code(Pick(kNeeds, n));
    request->set_county(Pick(kCounties, n / kNeeds.size()));
    request->set_language(Pick(kSearchLanguages, n / (kNeeds.size() * kCounties.size())));
    request->set_page_size(20);
    fairlead::Start(
        rpc::Call<directory_v1::SearchServicesResponse>(
            *channel_, "/fairlead.directory.v1.DirectoryService/SearchServices", *request,
            coalition_->Options(from_->caseworker)),
        [request, done = std::move(done)](Result<directory_v1::SearchServicesResponse> found) {
          if (!found) {
            done(Fail(std::move(found.error())));
          } else if (found->services_size() == 0) {
            done(Fail(Code::kInternal, "NOTHING_FOUND", "A search found nothing."));
          } else {
            done({});
          }
        });
    return true;
  };
}

}  // namespace fairlead::bench
