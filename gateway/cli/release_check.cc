#include "gateway/cli/release_check.h"

#include "services/common/base/release_hash.h"

namespace fairlead::cli {
namespace {

namespace v1 = consent::v1;

tl::unexpected<Error> Mismatch(const std::string& id) {
  return Fail(Code::kDataLoss, "RELEASE_HASH_MISMATCH",
              "The release that the hub shows is not the one that its hash stands for. Nothing was "
              "sealed or sent.",
              {{"release", Printable(id)}});
}

tl::unexpected<Error> Altered(const std::string& id, const std::string& message) {
  return Fail(Code::kDataLoss, "RELEASE_CHANGED", message, {{"release", Printable(id)}});
}

bool OneLine(const std::string& text) { return text.find('\n') == std::string::npos; }

// Items stand side by side on one line of what is hashed: none may look like two.
template <class Repeated>
bool Items(const Repeated& items) {
  return std::all_of(items.begin(), items.end(), [](const std::string& item) {
    return !item.empty() && item.find_first_of(" \n") == std::string::npos;
  });
}

std::optional<int64_t> Milliseconds(const google::protobuf::Timestamp& time) {
  constexpr int64_t kLastSecond = 253'402'300'799;  // of the year 9999
  constexpr int32_t kNanosInMs = 1'000'000;
  constexpr int32_t kNanosInS = 1'000'000'000;
  if (time.seconds() < 0 || time.seconds() > kLastSecond || time.nanos() < 0 ||
      time.nanos() >= kNanosInS || time.nanos() % kNanosInMs != 0) {
    return std::nullopt;
  }
  return time.seconds() * 1'000 + time.nanos() / kNanosInMs;
}

}  // namespace

Result<std::string> ComputeReleaseHash(const v1::Release& release) {
  const auto effective_ms = Milliseconds(release.effective_time());
  const auto expire_ms = Milliseconds(release.expire_time());
  const bool canonical =
      effective_ms && expire_ms && OneLine(release.id()) && OneLine(release.form_version()) &&
      OneLine(release.form_hash()) && OneLine(release.jurisdiction()) &&
      OneLine(release.case_handle()) && OneLine(release.discloser_agency_id()) &&
      Items(release.recipient_agency_ids()) && Items(release.categories()) &&
      Items(release.excluded_categories()) && Items(release.purposes());
  if (!canonical) return Mismatch(release.id());
  const auto list = [](const auto& items) {
    return std::vector<std::string>(items.begin(), items.end());
  };
  return ReleaseHash({.id = release.id(),
                      .form_version = release.form_version(),
                      .form_hash = release.form_hash(),
                      .jurisdiction = release.jurisdiction(),
                      .case_handle = release.case_handle(),
                      .discloser_agency_id = release.discloser_agency_id(),
                      .recipient_agency_ids = list(release.recipient_agency_ids()),
                      .hub_named_as_intermediary = release.hub_named_as_intermediary(),
                      .categories = list(release.categories()),
                      .excluded_categories = list(release.excluded_categories()),
                      .purposes = list(release.purposes()),
                      .action = static_cast<int>(release.action()),
                      .two_way = release.two_way(),
                      .effective_ms = *effective_ms,
                      .expire_ms = *expire_ms});
}

Result<void> CheckRelease(Context& context, const v1::Release& release,
                          const std::string& asked_id) {
  if (release.id() != asked_id || !IsUuid(release.id())) {
    return Fail(Code::kDataLoss, "INVALID_ANSWER",
                "The hub answered with a release that was not asked for.");
  }
  FAIRLEAD_ASSIGN(const std::string hash, ComputeReleaseHash(release));
  if (hash != release.release_hash()) return Mismatch(release.id());
  FAIRLEAD_ASSIGN(const std::string known, context.home().KnownReleaseHash(release.id()));
  if (!known.empty() && known != hash) {
    return Altered(release.id(),
                   "The hub shows another release than the one that was made or signed here under "
                   "this id. Nothing was sealed or sent.");
  }
  return {};
}

Result<void> CheckCreated(Context& context, const v1::CreateReleaseRequest& request,
                          const v1::Release& release) {
  FAIRLEAD_RETURN_IF_ERROR(CheckRelease(context, release, release.id()));
  v1::Release asked = release;
  asked.set_form_version(request.form_version());
  asked.set_form_hash(request.form_hash());
  asked.set_jurisdiction(request.jurisdiction());
  asked.set_case_handle(request.case_handle());
  asked.set_discloser_agency_id(context.session().agency_id);
  asked.set_hub_named_as_intermediary(request.hub_named_as_intermediary());
  *asked.mutable_recipient_agency_ids() = request.recipient_agency_ids();
  *asked.mutable_categories() = request.categories();
  *asked.mutable_excluded_categories() = request.excluded_categories();
  *asked.mutable_purposes() = request.purposes();
  asked.set_action(request.action());
  asked.set_two_way(request.two_way());
  if (request.has_effective_time()) *asked.mutable_effective_time() = request.effective_time();
  if (request.has_expire_time()) *asked.mutable_expire_time() = request.expire_time();
  const auto hash = ComputeReleaseHash(asked);
  if (!hash || *hash != release.release_hash() ||
      release.supersedes_release_id() != request.supersedes_release_id()) {
    return Altered(release.id(),
                   "The hub recorded another release than the one that was asked for. Do not have "
                   "it signed.");
  }
  return RememberRelease(context, release);
}

Result<void> RememberRelease(Context& context, const v1::Release& release) {
  return context.home().RememberReleaseHash(release.id(), release.release_hash());
}

}  // namespace fairlead::cli
