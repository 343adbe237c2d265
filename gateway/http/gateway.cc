#include "gateway/http/gateway.h"

#include <algorithm>
#include <utility>

#include "gateway/connect/connect.h"
#include "gateway/connect/method_table.h"
#include "gateway/connect/openapi.h"
#include "gateway/events/event_hub.h"
#include "gateway/hsds/hsds.h"
#include "gateway/http/response.h"
#include "gateway/session/machine.h"
#include "gateway/session/session.h"
#include "gateway/web/app_files.h"
#include "gateway/web/embedded.h"
#include "gateway/web/static_files.h"

namespace fairlead::gateway {
namespace {

bool IsRead(const Request& request) { return request.method == "GET" || request.method == "HEAD"; }

Response Text(int status, std::string body) {
  Response response;
  response.status = status;
  response.Set("content-type", "text/plain; charset=utf-8");
  response.body = std::move(body);
  return response;
}

Response Readiness(const GatewayEnvironment& environment) {
  const bool is_ready = !environment.is_ready || environment.is_ready();
  return is_ready ? Text(200, "ready\n") : Text(503, "not ready\n");
}

// Streams never give way: they may have half of the connections, so that calls find room.
size_t StreamsOf(const GatewayOptions& options) {
  return std::min(options.max_streams,
                  static_cast<size_t>(std::max(options.limits.max_connections / 2, 1)));
}

// Every way in for people: which room answers which address.
class Router final : public Application, public std::enable_shared_from_this<Router> {
 public:
  Router(const GatewayOptions& options, const GatewayEnvironment& environment)
      : environment_(environment),
        methods_(ContractFiles()),
        sessions_(environment.services, SessionOptions{options.public_origin}),
        machines_(environment.services, SessionOptions{options.public_origin}),
        hub_(std::make_shared<EventHub>(
            environment.random,
            EventLimits{.ring_events = options.event_ring,
                        .max_streams = StreamsOf(options),
                        .max_streams_per_session = options.max_streams_per_session})),
        limits_(options.rates, environment.clock, environment.random),
        connect_(methods_, environment_.services, sessions_, machines_, limits_,
                 [hub = hub_](const std::string& session_id) { hub->EndSession(session_id); }),
        hsds_(environment_.services, sessions_, machines_, limits_, environment_.clock,
              options.public_origin),
        openapi_(MakeOpenApiFromSet(EmbeddedFile("fairlead.binpb"), ContractFiles(),
                                    environment.version)),
        app_(AppFiles::Load(options.app_folder)) {}

  EventHub& hub() { return *hub_; }

  Admission Admit(const Request& head) override {
    if (ConnectHandler::IsRpcPath(head.path)) return connect_.Admit(head);
    Admission admission;  // no other address takes a body
    if (const auto in_time = limits_.AdmitRequest(head.client, sessions_.Token(head)); !in_time) {
      admission.refused = true;
      admission.refusal = ErrorResponse(in_time.error());
    } else if (HsdsHandler::IsHsdsPath(head.path)) {
      return admission;  // it answers other methods by itself
    } else if (!IsRead(head)) {
      admission.refused = true;
      admission.refusal = IsPage(head.path) ? MethodNotAllowed("GET, HEAD") : NotFound();
    }
    return admission;
  }

  // Only calls take bodies. As below: what outlasts its time limit keeps what it uses.
  Task<std::optional<Response>> RefuseUpload(std::shared_ptr<const Request> head) override {
    const std::shared_ptr<Router> self = shared_from_this();
    Task<std::optional<Response>> asking = connect_.RefuseUpload(head);
    co_return co_await std::move(asking);
  }

  Task<Response> Handle(std::shared_ptr<const Request> request) override {
    // A handler that outlasts its time limit outlasts the server as well: keep what it uses.
    const std::shared_ptr<Router> self = shared_from_this();
    if (ConnectHandler::IsRpcPath(request->path)) {
      Task<Response> call = connect_.Handle(request);
      co_return co_await std::move(call);
    }
    if (request->path == "/events") {
      Task<Response> events = Events(request);
      co_return co_await std::move(events);
    }
    if (HsdsHandler::IsHsdsPath(request->path)) {
      Task<Response> hsds = hsds_.Handle(request);
      co_return co_await std::move(hsds);
    }
    co_return Page(*request);
  }

  std::string_view RouteLabel(const Request& request) const override {
    if (const PublicMethod* method = methods_.Find(request.path)) return method->path;
    if (HsdsHandler::IsHsdsPath(request.path)) return HsdsHandler::RouteLabel(request.path);
    if (AppFiles::IsAppPath(request.path)) return "/app";
    for (const std::string_view known : {"/events", "/openapi.json", "/healthz", "/readyz", "/"}) {
      if (request.path == known) return known;
    }
    return "other";
  }

 private:
  static bool IsPage(std::string_view path) {
    for (const std::string_view known : {"/events", "/openapi.json", "/healthz", "/readyz"}) {
      if (path == known) return true;
    }
    return IsStaticPath(path) || AppFiles::IsAppPath(path);
  }

  Response Page(const Request& request) const {
    const std::string_view path = request.path;
    if (path == "/openapi.json" || path == "/healthz" || path == "/readyz") {
      if (path == "/healthz") return Text(200, "ok\n");
      if (path == "/readyz") return Readiness(environment_);
      Response response;
      response.Set("content-type", "application/json");
      response.body = openapi_;
      return response;
    }
    if (AppFiles::IsAppPath(path)) return app_.Serve(request);
    std::optional<Response> page = StaticFile(request);
    if (page) return std::move(*page);
    // A person reads a page, a program the error.
    const bool is_person = request.Header("accept").find("text/html") != std::string_view::npos;
    return is_person ? NotFoundPage(path) : NotFound();
  }

  Task<Response> Events(std::shared_ptr<const Request> request) {
    if (request->method != "GET") co_return MethodNotAllowed("GET");  // a HEAD has no stream
    // A stream that was cut comes back by itself: that is no use of the session by a person.
    const Use use = request->Header("last-event-id").empty() ? Use::kActive : Use::kPassive;
    Task<Result<SignedIn>> authenticate = sessions_.Authenticate(request, Csrf::kSite, use);
    Result<SignedIn> who = co_await std::move(authenticate);
    if (!who) co_return ErrorResponse(who.error());
    const std::string session_token = sessions_.Token(*request);
    Result<void> in_time = limits_.AdmitCaller(who->actor, session_token);
    if (!in_time) co_return ErrorResponse(in_time.error());
    SessionCheck check = [self = shared_from_this(), token = session_token] {
      const int64_t deadline = self->environment_.clock.SteadyMs() + kDefaultTimeoutMs;
      return self->sessions_.Check(token, Use::kPassive, deadline);
    };
    Result<std::shared_ptr<BodyStream>> stream =
        hub_->Subscribe(who->actor, std::move(check), request->Header("last-event-id"));
    if (!stream) co_return ErrorResponse(stream.error());
    Response response;
    response.Set("content-type", "text/event-stream");
    response.Set("x-accel-buffering", "no");  // a front proxy must not hold events back
    response.stream = std::move(*stream);
    response.is_hotline = who->actor.Has(auth::Role::kHotlineOperator);
    co_return response;
  }

  const GatewayEnvironment environment_;
  const MethodTable methods_;
  const SessionGate sessions_;
  const MachineGate machines_;
  const std::shared_ptr<EventHub> hub_;
  CallLimits limits_;
  const ConnectHandler connect_;
  const HsdsHandler hsds_;
  const std::string openapi_;
  const AppFiles app_;
};

// For operators, on the loopback.
class AdminPages final : public Application {
 public:
  explicit AdminPages(const GatewayEnvironment& environment) : environment_(environment) {}

  Admission Admit(const Request&) override { return {}; }

  // No body is admitted.
  Task<std::optional<Response>> RefuseUpload(std::shared_ptr<const Request>) override {
    co_return std::nullopt;
  }

  Task<Response> Handle(std::shared_ptr<const Request> request) override {
    if (!IsRead(*request)) co_return MethodNotAllowed("GET, HEAD");
    if (request->path == "/healthz") co_return Text(200, "ok\n");
    if (request->path == "/readyz") co_return Readiness(environment_);
    if (request->path != "/metrics" || !environment_.metrics_text) co_return NotFound();
    Response response;
    response.Set("content-type", "text/plain; version=0.0.4; charset=utf-8");
    response.body = environment_.metrics_text();
    co_return response;
  }

  std::string_view RouteLabel(const Request&) const override { return "admin"; }

 private:
  const GatewayEnvironment environment_;
};

class RunningGateway final : public Gateway {
 public:
  explicit RunningGateway(int io_threads) : threads_(std::max(io_threads, 1)) {}
  ~RunningGateway() override { Shutdown(0); }

  Result<void> Start(const GatewayOptions& options, const GatewayEnvironment& environment) {
    router_ = std::make_shared<Router>(options, environment);
    HttpServerOptions server;
    server.listen = options.listen;
    server.tls_certificate_file = options.tls_certificate_file;
    server.tls_key_file = options.tls_key_file;
    server.tls_client_ca_file = options.tls_client_ca_file;
    server.limits = options.limits;
    server.trusted_proxies = options.trusted_proxies;
    server.on_request = environment.on_request;
    FAIRLEAD_ASSIGN(server_, HttpServer::Start(threads_, std::move(server), router_,
                                               environment.clock, environment.ids));
    url_ = options.tls_certificate_file.empty() ? "http://" : "https://";
    url_ += options.listen.substr(0, options.listen.rfind(':') + 1);
    url_ += std::to_string(server_->port());
    if (!options.admin_listen.empty()) {
      HttpServerOptions admin;
      admin.listen = options.admin_listen;
      admin.limits.max_connections = 32;
      auto pages = std::make_shared<AdminPages>(environment);
      FAIRLEAD_ASSIGN(admin_, HttpServer::Start(threads_, std::move(admin), std::move(pages),
                                                environment.clock, environment.ids));
    }
    if (environment.start_events) {
      events_ = environment.start_events(
          [hub = &router_->hub()](const auto& event) { hub->Publish(event); },
          [hub = &router_->hub()] { hub->Gap(); });
    }
    return {};
  }

  int port() const override { return server_->port(); }
  int admin_port() const override { return admin_ ? admin_->port() : 0; }
  std::string url() const override { return url_; }
  size_t event_streams() const override { return router_->hub().streams(); }
  int connections() const override { return server_->connections(); }

  void Shutdown(int64_t grace_ms) override {
    events_.reset();
    if (server_) server_->Shutdown(grace_ms);
    if (admin_) admin_->Shutdown(0);
    threads_.Stop();
  }

 private:
  IoThreads threads_;
  std::shared_ptr<Router> router_;
  std::string url_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<HttpServer> admin_;
  std::unique_ptr<EventSource> events_;
};

}  // namespace

Result<std::unique_ptr<Gateway>> StartGateway(const GatewayOptions& options,
                                              const GatewayEnvironment& environment) {
  auto gateway = std::make_unique<RunningGateway>(options.io_threads);
  FAIRLEAD_RETURN_IF_ERROR(gateway->Start(options, environment));
  return gateway;
}

}  // namespace fairlead::gateway
