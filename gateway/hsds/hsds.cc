#include "gateway/hsds/hsds.h"

#include <array>
#include <optional>
#include <utility>

#include "fairlead/directory/v1/hsds.pb.h"
#include "gateway/connect/connect.h"
#include "gateway/hsds/hsds_page.h"
#include "gateway/hsds/hsds_query.h"
#include "gateway/http/response.h"
#include "gateway/web/embedded.h"
#include "services/common/base/encoding.h"
#include "services/common/base/ids.h"

namespace fairlead::gateway {
namespace {

using directory::v1::HsdsResource;

constexpr std::string_view kRoot = "/hsds";

struct Endpoint {
  std::string_view name;
  std::string_view label;
  HsdsResource resource;
};
constexpr std::array<Endpoint, 5> kEndpoints = {{
    {"services", "/hsds/services", directory::v1::HSDS_RESOURCE_SERVICES},
    {"organizations", "/hsds/organizations", directory::v1::HSDS_RESOURCE_ORGANIZATIONS},
    {"service_at_locations", "/hsds/service_at_locations",
     directory::v1::HSDS_RESOURCE_SERVICE_AT_LOCATIONS},
    {"taxonomies", "/hsds/taxonomies", directory::v1::HSDS_RESOURCE_TAXONOMIES},
    {"taxonomy_terms", "/hsds/taxonomy_terms", directory::v1::HSDS_RESOURCE_TAXONOMY_TERMS},
}};

// Our profile: what differs from HSDS 3.1, as merge patches (RFC 7386) on its schemas.
struct Document {
  std::string_view path;
  std::string_view file;
};
constexpr std::array<Document, 5> kDocuments = {{
    {"/openapi.json", "openapi.json"},
    {"/profile", "profile.json"},
    {"/profile/profile/service.json", "service.json"},
    {"/profile/profile/location.json", "location.json"},
    {"/profile/profile/schedule.json", "schedule.json"},
}};

const Endpoint* Find(std::string_view name) {
  for (const Endpoint& endpoint : kEndpoints) {
    if (endpoint.name == name) return &endpoint;
  }
  return nullptr;
}

// "/hsds/services/ID" → "services", "ID".
std::pair<std::string, std::string> Parts(std::string_view path) {
  path.remove_prefix(kRoot.size());
  if (path.starts_with('/')) path.remove_prefix(1);
  const size_t slash = path.find('/');
  if (slash == std::string_view::npos) return {std::string(path), ""};
  return {std::string(path.substr(0, slash)), std::string(path.substr(slash + 1))};
}

// The answer as `request` may have it: with an ETag over its bytes, or 304.
Response Answer(const Request& request, std::string body, bool is_public) {
  Response response;
  response.Set("content-type", "application/json");
  const std::string etag = "\"" + Base64UrlEncode(Sha256(body)).substr(0, 22) + "\"";
  response.Set("etag", etag);
  response.Set("cache-control", is_public ? "public, max-age=60" : "private, no-cache");
  response.Set("vary", "authorization, cookie");
  if (IsSameEtag(request.Header("if-none-match"), etag)) {
    response.status = 304;
  } else {
    response.body = std::move(body);
  }
  return response;
}

// Every site's pages may read what is public. They cannot send a session: cookies are ours alone,
// and a preflight allows no such header.
void AllowEverySite(Response& response) {
  response.Set("access-control-allow-origin", "*");
  response.Set("access-control-expose-headers", "etag");
  response.Set("cross-origin-resource-policy", "cross-origin");
}

Response Preflight() {
  Response response;
  response.status = 204;
  AllowEverySite(response);
  response.Set("access-control-allow-methods", "GET, HEAD");
  response.Set("access-control-allow-headers", "if-none-match");
  response.Set("access-control-max-age", "86400");
  return response;
}

}  // namespace

bool HsdsHandler::IsHsdsPath(std::string_view path) {
  return path == kRoot || path.starts_with("/hsds/");
}

std::string_view HsdsHandler::RouteLabel(std::string_view path) {
  const Endpoint* endpoint = Find(Parts(path).first);
  return endpoint != nullptr ? endpoint->label : kRoot;
}

std::string HsdsHandler::Origin(const Request& request) const {
  if (!public_origin_.empty()) return public_origin_;
  return (request.tls ? "https://" : "http://") + std::string(request.Header("host"));
}

Task<Result<auth::Actor>> HsdsHandler::Viewer(std::shared_ptr<const Request> request) const {
  auth::Actor viewer;
  if (MachineGate::IsMachine(*request)) {
    Task<Result<auth::Actor>> authenticate = machines_.Authenticate(request);
    Result<auth::Actor> machine = co_await std::move(authenticate);
    if (!machine) co_return Fail(std::move(machine.error()));
    viewer = std::move(*machine);
  } else if (sessions_.HasCredentials(*request)) {
    Task<Result<SignedIn>> authenticate =
        sessions_.Authenticate(request, Csrf::kSite, Use::kActive);
    Result<SignedIn> who = co_await std::move(authenticate);
    if (!who) co_return Fail(std::move(who.error()));
    viewer = std::move(who->actor);
  } else {
    co_return viewer;
  }
  Result<void> in_time = limits_.AdmitCaller(viewer, sessions_.Token(*request));
  if (!in_time) co_return Fail(std::move(in_time.error()));
  co_return viewer;
}

Task<Response> HsdsHandler::Handle(std::shared_ptr<const Request> request) const {
  if (request->method == "OPTIONS") co_return Preflight();
  if (request->method != "GET" && request->method != "HEAD") {
    co_return MethodNotAllowed("GET, HEAD, OPTIONS");
  }
  Task<Result<auth::Actor>> looking = Viewer(request);
  Result<auth::Actor> viewer = co_await std::move(looking);
  if (!viewer) co_return ErrorResponse(viewer.error());
  const bool is_public = viewer->agency_id.empty();
  const auto [name, id] = Parts(request->path);
  Response response = NotFound();
  if (name.empty()) {
    response = Answer(*request, ApiRoot(Origin(*request) + std::string(kRoot)), is_public);
  } else if (Find(name) != nullptr) {
    Task<Response> answering = id.empty() ? List(request, std::move(*viewer), name)
                                          : Get(request, std::move(*viewer), name, id);
    response = co_await std::move(answering);
  } else {
    for (const Document& document : kDocuments) {
      if (request->path.substr(kRoot.size()) != document.path) continue;
      const std::string file = "hsds/" + std::string(document.file);
      response = Answer(*request, WithOrigin(EmbeddedFile(file), Origin(*request)), is_public);
    }
  }
  if (is_public) AllowEverySite(response);
  co_return response;
}

Task<Response> HsdsHandler::List(std::shared_ptr<const Request> request, auth::Actor viewer,
                                 std::string name) const {
  Result<HsdsListing> listing = ReadListing(Find(name)->resource, request->query);
  if (!listing) co_return ErrorResponse(listing.error());
  const bool is_public = viewer.agency_id.empty();
  if (listing->ndjson) {
    Response response;
    response.Set("content-type", "application/x-ndjson");
    if (request->method == "GET") {
      Result<std::shared_ptr<BodyStream>> stream = StreamRecords(
          services_, clock_, slots_, request->client, std::move(viewer), listing->request);
      if (!stream) co_return ErrorResponse(stream.error());
      response.stream = std::move(*stream);
    }
    co_return response;
  }
  rpc::CallOptions options;
  options.actor = std::move(viewer);
  options.deadline_steady_ms = clock_.SteadyMs() + kDefaultTimeoutMs;
  auto page = co_await rpc::Call<directory::v1::QueryRecordsResponse>(
      services_, "/fairlead.directory.v1.HsdsService/QueryRecords", listing->request, options);
  if (!page) co_return ErrorResponse(page.error());
  co_return Answer(*request, PageOf(listing->request, *page), is_public);
}

Task<Response> HsdsHandler::Get(std::shared_ptr<const Request> request, auth::Actor viewer,
                                std::string name, std::string id) const {
  Result<directory::v1::GetRecordRequest> ask = ReadRecord(Find(name)->resource, request->query);
  if (!ask) co_return ErrorResponse(ask.error());
  if (!IsUuid(id)) co_return NotFound();
  ask->set_id(id);
  const bool is_public = viewer.agency_id.empty();
  rpc::CallOptions options;
  options.actor = std::move(viewer);
  options.deadline_steady_ms = clock_.SteadyMs() + kDefaultTimeoutMs;
  auto record = co_await rpc::Call<directory::v1::GetRecordResponse>(
      services_, "/fairlead.directory.v1.HsdsService/GetRecord", *ask, options);
  if (!record) co_return ErrorResponse(record.error());
  co_return Answer(*request, std::move(*record->mutable_record()), is_public);
}

}  // namespace fairlead::gateway
