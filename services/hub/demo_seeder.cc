#include "services/hub/demo_seeder.h"

#include <sys/stat.h>

#include <boost/json.hpp>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "fairlead/consent/v1/consent.pb.h"
#include "fairlead/directory/v1/directory.pb.h"
#include "fairlead/identity/v1/identity.pb.h"
#include "fairlead/identity/v1/keys.pb.h"
#include "fairlead/referral/v1/referral.pb.h"
#include "services/common/auth/policy.h"
#include "services/common/base/encoding.h"
#include "services/common/base/totp.h"
#include "services/common/keys/statements.h"
#include "services/common/seal/seal.h"
#include "services/hub/demo_coalition.h"

namespace fairlead::hub {
namespace {

namespace consent_v1 = fairlead::consent::v1;
namespace directory_v1 = fairlead::directory::v1;
namespace identity_v1 = fairlead::identity::v1;
namespace referral_v1 = fairlead::referral::v1;

constexpr int64_t kCallMs = 30'000;
constexpr int kRecoveryCodes = 10;

// Somebody on the way to an account. The request is pointed at until it is answered.
struct Accepted {
  std::string secret;
  identity_v1::AcceptInvitationRequest request;
  int tries_left = 3;
};

struct Member {
  const DemoAgency* agency = nullptr;
  std::string id;
  std::optional<seal::PrivateKey> epoch;
  std::optional<seal::PrivateKey> signing;
};

Result<void> WritePrivateFile(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path fresh = path.string() + ".new";
  {
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    chmod(fresh.c_str(), 0600);
    out << text;
    if (!out.flush()) return Fail(Code::kUnavailable, "WRITE_FAILED", "Cannot write a demo file.");
  }
  std::error_code error;
  std::filesystem::rename(fresh, path, error);
  if (error) return Fail(Code::kUnavailable, "WRITE_FAILED", "Cannot write a demo file.");
  return {};
}

class Seeder {
 public:
  Seeder(std::string data_dir, rpc::Channel& services, const Clock& clock, Random& random,
         IdGenerator& ids)
      : dir_(std::move(data_dir) + "/demo"),
        services_(services),
        clock_(clock),
        random_(random),
        ids_(ids) {}

  Result<void> Run() {
    FAIRLEAD_RETURN_IF_ERROR(CheckEmpty());
    std::error_code error;
    std::filesystem::create_directories(dir_ / "keys", error);
    chmod(dir_.c_str(), 0700);
    chmod((dir_ / "keys").c_str(), 0700);
    passphrase_ = "harbor lantern " + HexEncode(random_.Bytes(4));
    FAIRLEAD_RETURN_IF_ERROR(MakeAgencies());
    FAIRLEAD_RETURN_IF_ERROR(StartStaff());
    const Result<void> rest = MakeTheRest();
    FAIRLEAD_RETURN_IF_ERROR(AwaitStaff());  // in any case: the calls under way point here
    if (!rest) return rest;
    return WriteSignIns();
  }

 private:
  // Its sign-ins are printed for everybody to see: never beside those of a real coalition.
  Result<void> CheckEmpty() {
    DemoAgency office{};
    office.kind = auth::AgencyKind::kCoalitionOffice;
    const Member nobody = {.agency = &office, .id = ids_.New(), .epoch = {}, .signing = {}};
    const directory_v1::ListAgenciesRequest request;
    auto known = Call<directory_v1::ListAgenciesResponse>(
        ActorOf(nobody, {auth::Role::kCoordinator}),
        "/fairlead.directory.v1.DirectoryService/ListAgencies", request);
    if (!known) return Fail(std::move(known.error()));
    if (known->agencies_size() == 0) return {};
    return Fail(Code::kAlreadyExists, "DEMO_NEEDS_EMPTY_HUB", "This hub has agencies already.");
  }

  Result<void> MakeTheRest() {
    for (Member& member : members_) {
      FAIRLEAD_RETURN_IF_ERROR(MakeKeys(member));
      FAIRLEAD_RETURN_IF_ERROR(MakeListings(member));
    }
    for (const DemoReferral& referral : DemoReferrals()) {
      FAIRLEAD_RETURN_IF_ERROR(MakeReferral(referral));
    }
    return {};
  }

  Member& Find(std::string_view key) {
    for (Member& member : members_) {
      if (member.agency->key == key) return member;
    }
    CheckFailed("a demo row names an agency of the demo", __FILE__, __LINE__);
  }

  // Someone of the agency with every role the seeding needs.
  auth::Actor ActorOf(const Member& member, std::set<auth::Role> roles) {
    auth::Actor actor;
    actor.kind = auth::ActorKind::kStaff;
    actor.staff_id = ids_.New();
    actor.agency_id = member.id;
    actor.agency_kind = member.agency->kind;
    actor.membership = auth::Membership::kActive;
    actor.roles = std::move(roles);
    actor.session_id = ids_.New();
    actor.assurance = auth::kProvenLately;
    return actor;
  }

  template <class Response, class Request>
  Result<Response> Call(const auth::Actor& actor, const std::string& method,
                        const Request& request) {
    rpc::CallOptions options;
    options.actor = actor;
    if (actor.kind == auth::ActorKind::kService) options.on_behalf_of_service = actor.staff_id;
    options.deadline_steady_ms = clock_.SteadyMs() + kCallMs;
    return SyncWait(rpc::Call<Response>(services_, method, request, options));
  }

  Result<void> MakeAgencies() {
    for (const DemoAgency& agency : DemoAgencies()) {
      members_.push_back({.agency = &agency, .id = ids_.New(), .epoch = {}, .signing = {}});
    }
    for (const Member& member : members_) {
      directory_v1::CreateAgencyRequest request;
      request.set_request_id(ids_.New());
      request.set_agency_id(member.id);
      request.set_name(std::string(member.agency->name));
      request.set_kind(static_cast<directory_v1::AgencyKind>(member.agency->kind));
      auto made = Call<directory_v1::CreateAgencyResponse>(
          auth::ServiceActor("hub"), "/fairlead.directory.v1.DirectoryService/CreateAgency",
          request);
      if (!made) return Fail(std::move(made.error()));
    }
    return {};
  }

  // An invitation for each, and then all of them accepted at once and beside everything else: each
  // passphrase takes a tenth of a second to hash.
  Result<void> StartStaff() {
    for (const DemoPerson& person : DemoPeople()) {
      const Member& member = Find(person.agency_key);
      Accepted& one = accepted_.emplace_back();
      one.secret = random_.Bytes(kTotpSecretBytes);
      const std::string code = Base64UrlEncode(random_.Bytes(32));
      FAIRLEAD_RETURN_IF_ERROR(Invite(member, person, code));
      one.request = AcceptRequest(person, code, one.secret);
    }
    staff_left_ = accepted_.size();  // nobody else is at it yet
    for (Accepted& one : accepted_) Accept(one);
    return {};
  }

  void Accept(Accepted& one) {
    // Of the step before, so that this moment's code is left for the first sign-in.
    one.request.mutable_passphrase()->set_totp_code(
        TotpCode(one.secret, TotpStep(clock_.NowMs()) - 1));
    rpc::CallOptions options;
    options.deadline_steady_ms = clock_.SteadyMs() + kCallMs;
    Start(rpc::Call<identity_v1::AcceptInvitationResponse>(
              services_, "/fairlead.identity.v1.IdentityService/AcceptInvitation", one.request,
              options),
          [this, &one](Result<identity_v1::AcceptInvitationResponse> made) {
            // The step went by while the call was on its way: the invitation is as it was.
            const bool too_old = !made && made.error().reason == "TOTP_CODE_INVALID";
            if (too_old && --one.tries_left > 0) return Accept(one);
            const std::lock_guard done(staff_mutex_);
            if (!made) staff_outcome_ = Fail(std::move(made.error()));
            if (--staff_left_ == 0) staff_done_.notify_one();
          });
  }

  Result<void> Invite(const Member& member, const DemoPerson& person, const std::string& code) {
    identity_v1::InviteStaffRequest request;
    request.set_request_id(ids_.New());
    request.set_agency_id(member.id);
    request.set_display_name(std::string(person.title));
    request.add_roles(static_cast<identity_v1::Role>(person.role));
    if (person.also_admin) request.add_roles(identity_v1::ROLE_AGENCY_ADMIN);
    request.set_code_sha256(Base64UrlEncode(Sha256(code)));
    // Each agency's own administrator, as in life; the office's coordinates too.
    std::set<auth::Role> roles = {auth::Role::kAgencyAdmin};
    if (member.agency->kind == auth::AgencyKind::kCoalitionOffice) {
      roles.insert(auth::Role::kCoordinator);
    }
    auto invited = Call<identity_v1::InviteStaffResponse>(
        ActorOf(member, std::move(roles)), "/fairlead.identity.v1.IdentityService/InviteStaff",
        request);
    if (!invited) return Fail(std::move(invited.error()));
    return {};
  }

  identity_v1::AcceptInvitationRequest AcceptRequest(const DemoPerson& person,
                                                     const std::string& code,
                                                     const std::string& secret) {
    identity_v1::AcceptInvitationRequest request;
    request.set_code(code);
    request.set_sign_in_name(SignInName(person));
    identity_v1::PassphraseCredential* credential = request.mutable_passphrase();
    credential->set_passphrase(passphrase_);
    credential->set_totp_secret(secret);
    // Of codes that nobody keeps: who loses the file makes another demonstration.
    for (int i = 0; i < kRecoveryCodes; ++i) {
      credential->add_recovery_code_sha256s(Base64UrlEncode(random_.Bytes(32)));
    }
    return request;
  }

  Result<void> AwaitStaff() {
    std::unique_lock lock(staff_mutex_);
    staff_done_.wait(lock, [this] { return staff_left_ == 0; });
    return staff_outcome_;
  }

  Result<void> MakeKeys(Member& member) {
    FAIRLEAD_ASSIGN(member.epoch, seal::GenerateKey(seal::KeyUse::kEpoch));
    FAIRLEAD_ASSIGN(member.signing, seal::GenerateKey(seal::KeyUse::kSigning));
    const auto stem = (dir_ / "keys" / member.id).string();
    FAIRLEAD_RETURN_IF_ERROR(
        WritePrivateFile(stem + ".epoch.jwk", seal::ToPrivateJwk(*member.epoch)));
    FAIRLEAD_RETURN_IF_ERROR(
        WritePrivateFile(stem + ".signing.jwk", seal::ToPrivateJwk(*member.signing)));
    FAIRLEAD_ASSIGN(const seal::PrivateKey agency, seal::GenerateKey(seal::KeyUse::kSigning));
    FAIRLEAD_RETURN_IF_ERROR(WritePrivateFile(stem + ".agency.jwk", seal::ToPrivateJwk(agency)));
    const keys::KeyList list =
        keys::FirstList(member.id, agency.public_key, member.epoch->public_key,
                        member.signing->public_key, clock_.NowMs() / 1000);
    identity_v1::PublishKeyListRequest request;
    request.set_request_id(ids_.New());
    FAIRLEAD_ASSIGN(*request.mutable_key_list(), keys::SignKeyList(list, agency));
    auto published = Call<identity_v1::PublishKeyListResponse>(
        ActorOf(member, {auth::Role::kAgencyAdmin}),
        "/fairlead.identity.v1.KeyService/PublishKeyList", request);
    if (!published) return Fail(std::move(published.error()));
    return {};
  }

  // "freq,byday,opens_at,closes_at,timezone": where people sleep, and who answers at night,
  // somebody is always there.
  static std::string HoursOf(const DemoService& service) {
    const bool always = service.agency_key == "hotline" ||
                        service.need_code.find("shelter") != std::string_view::npos ||
                        service.need_code == "safe_house" || service.need_code == "detox";
    return always ? "WEEKLY,\"MO,TU,WE,TH,FR,SA,SU\",00:00,24:00,America/Chicago"
                  : "WEEKLY,\"MO,TU,WE,TH,FR\",09:00,17:00,America/Chicago";
  }

  // The agency's services as the HSDS 3.1 tables that an agency would import.
  Result<void> MakeListings(const Member& member) {
    const DemoAgency& agency = *member.agency;
    const std::string organization = ids_.New();
    const std::string location = ids_.New();
    std::string services = "id,organization_id,name,status,minimum_age,maximum_age\n";
    std::string languages = "id,service_id,code,name\n";
    std::string places = "id,service_id,location_id\n";
    std::string phones = "id,service_id,number,type\n";
    std::string terms = "id,link_id,link_entity,taxonomy_term_id\n";
    std::string schedules = "id,service_id,freq,byday,opens_at,closes_at,timezone\n";
    std::map<std::string, std::string> by_need;
    int number = 0;
    for (const DemoService& service : DemoServices()) {
      if (service.agency_key != agency.key) continue;
      const std::string id = ids_.New();
      const auto age = [](int years) { return years == 0 ? std::string() : std::to_string(years); };
      services += id + "," + organization + ",\"" + std::string(service.name) + "\",active," +
                  age(service.minimum_age) + "," + age(service.maximum_age) + "\n";
      places += ids_.New() + "," + id + "," + location + "\n";
      phones += ids_.New() + "," + id + ",+1512555010" + std::to_string(number++ % 10) + ",voice\n";
      std::istringstream codes{std::string(service.languages)};
      for (std::string code; codes >> code;) {
        languages += ids_.New() + "," + id + "," + code + "," + code + "\n";
      }
      schedules += ids_.New() + "," + id + "," + HoursOf(service) + "\n";
      std::string& term = by_need[std::string(service.need_code)];
      if (term.empty()) term = ids_.New();
      terms += ids_.New() + "," + id + ",service," + term + "\n";
    }
    const std::string taxonomy = ids_.New();
    std::string term_table = "id,code,name,description,taxonomy_id\n";
    for (const auto& [code, id] : by_need) {
      term_table += id + "," + code + "," + code + ",A need code," + taxonomy + "\n";
    }
    directory_v1::ImportListingsRequest request;
    request.set_request_id(ids_.New());
    request.set_agency_id(member.id);
    request.set_format(directory_v1::IMPORT_FORMAT_HSDS_CSV);
    request.add_default_counties(std::string(agency.county));
    const auto add = [&request](const char* name, std::string text) {
      directory_v1::ImportFile* file = request.add_files();
      file->set_name(name);
      file->set_content(std::move(text));
    };
    add("organizations.csv", "id,name,description\n" + organization + ",\"" +
                                 std::string(agency.name) + "\",Made up for demonstration\n");
    add("services.csv", services);
    add("locations.csv", "id,location_type,organization_id,name\n" + location + ",physical," +
                             organization + ",Main\n");
    add("addresses.csv",
        "id,location_id,address_1,city,state_province,postal_code,country,address_type\n" +
            ids_.New() + "," + location + ",1 Example Street," + std::string(agency.city) +
            ",TX,78701,US,physical\n");
    add("service_at_location.csv", places);
    add("languages.csv", languages);
    add("phones.csv", phones);
    add("schedules.csv", schedules);
    add("taxonomies.csv",
        "id,name,description\n" + taxonomy + ",Fairlead needs,Need codes of the coalition\n");
    add("taxonomy_terms.csv", term_table);
    add("attributes.csv", terms);
    auto imported = Call<directory_v1::ImportListingsResponse>(
        ActorOf(member, {auth::Role::kAgencyAdmin}),
        "/fairlead.directory.v1.DirectoryService/ImportListings", request);
    if (!imported) return Fail(std::move(imported.error()));
    return {};
  }

  Result<consent_v1::Release> MakeRelease(const auth::Actor& actor, const Member& to,
                                          const std::string& case_handle,
                                          std::string_view language) {
    consent_v1::CreateReleaseRequest create;
    create.set_request_id(ids_.New());
    create.set_form_version("demo-1");
    create.set_form_hash(Base64UrlEncode(Sha256("demonstration form")));
    create.set_jurisdiction("TX");
    create.set_case_handle(case_handle);
    create.add_recipient_agency_ids(to.id);
    create.add_categories("needs");
    create.add_categories("safe_contact");
    create.add_purposes("referral");
    create.set_action(consent_v1::RELEASE_ACTION_ONGOING);
    create.set_safe_contact_instruction_present(true);
    create.set_hub_named_as_intermediary(true);
    auto created = Call<consent_v1::CreateReleaseResponse>(
        actor, "/fairlead.consent.v1.ConsentService/CreateRelease", create);
    if (!created) return Fail(std::move(created.error()));
    consent_v1::SignReleaseRequest sign;
    sign.set_request_id(ids_.New());
    sign.set_release_id(created->release().id());
    sign.mutable_signature()->set_capacity(consent_v1::SIGNER_CAPACITY_SELF);
    sign.mutable_signature()->set_method(consent_v1::SIGNATURE_METHOD_WRITTEN);
    sign.mutable_signature()->set_artefact_id(ids_.New());
    sign.mutable_signature()->set_language(std::string(language));
    sign.mutable_signature()->set_plain_language_confirmed(true);
    sign.mutable_signature()->set_risks_and_alternatives_explained(true);
    sign.set_not_a_condition_of_service(true);
    sign.set_consequences_of_refusing_explained(true);
    sign.set_right_to_revoke_explained(true);
    sign.set_redisclosure_explained(true);
    sign.set_copy_offered(true);
    auto signed_release = Call<consent_v1::SignReleaseResponse>(
        actor, "/fairlead.consent.v1.ConsentService/SignRelease", sign);
    if (!signed_release) return Fail(std::move(signed_release.error()));
    return signed_release->release();
  }

  Result<void> MakeReferral(const DemoReferral& row) {
    const Member& from = Find(row.from_key);
    const Member& to = Find(row.to_key);
    const auth::Actor actor = ActorOf(from, {auth::Role::kCaseworker});
    const std::string case_handle = ids_.New();
    FAIRLEAD_ASSIGN(const consent_v1::Release release,
                    MakeRelease(actor, to, case_handle, row.language));
    referral_v1::SendReferralRequest send;
    send.set_request_id(ids_.New());
    send.set_referral_id(ids_.New());
    send.set_case_handle(case_handle);
    send.mutable_facets()->set_need_code(std::string(row.need_code));
    send.mutable_facets()->set_urgency(static_cast<referral_v1::Urgency>(row.urgency));
    send.mutable_facets()->add_languages(std::string(row.language));
    send.mutable_facets()->set_county("48453");
    send.set_recipient_agency_id(to.id);
    send.set_release_id(release.id());
    seal::SealRequest request;
    request.header = {.referral_id = send.referral_id(),
                      .sender_agency_id = from.id,
                      .sender_kid = from.signing->public_key.kid,
                      .release_hash = release.release_hash(),
                      .purpose = "referral",
                      .categories = {"needs", "safe_contact"},
                      .expires_s = release.expire_time().seconds(),
                      .recips = ""};
    request.plaintext =
        R"({"needs":{"summary":"Made up for demonstration."},)"
        R"("safe_contact":{"method":"call","hours":"after 18:00","voicemail":false}})";
    request.recipients = {to.epoch->public_key, from.epoch->public_key};
    FAIRLEAD_ASSIGN(std::string packet, seal::Seal(request, *from.signing, random_));
    send.set_packet(std::move(packet));
    auto sent = Call<referral_v1::SendReferralResponse>(
        actor, "/fairlead.referral.v1.ReferralService/SendReferral", send);
    if (!sent) return Fail(std::move(sent.error()));
    return {};
  }

  static std::string SignInName(const DemoPerson& person) {
    return std::string(person.agency_key) + "." + std::string(person.post);
  }

  // As the command line's --role takes them.
  static boost::json::array RoleWords(const DemoPerson& person) {
    boost::json::array words;
    const auto add = [&](identity_v1::Role role) {
      constexpr size_t kPrefix = std::string_view("ROLE_").size();
      std::string word = identity_v1::Role_Name(role).substr(kPrefix);
      for (char& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      words.emplace_back(word);
    };
    add(static_cast<identity_v1::Role>(person.role));
    if (person.also_admin) add(identity_v1::ROLE_AGENCY_ADMIN);
    return words;
  }

  Result<void> WriteSignIns() {
    boost::json::array people;
    size_t at = 0;
    for (const DemoPerson& person : DemoPeople()) {
      const Member& member = Find(person.agency_key);
      const std::string totp_uri =
          OtpauthUri(accepted_[at++].secret, "Fairlead demo", SignInName(person));
      people.push_back({{"sign_in_name", SignInName(person)},
                        {"display_name", std::string(person.title)},
                        {"roles", RoleWords(person)},
                        {"agency_id", member.id},
                        {"agency_name", std::string(member.agency->name)},
                        {"totp_uri", totp_uri}});
    }
    const boost::json::object all = {{"passphrase", passphrase_}, {"people", std::move(people)}};
    return WritePrivateFile(dir_ / "sign-ins.json", boost::json::serialize(all) + "\n");
  }

  const std::filesystem::path dir_;
  rpc::Channel& services_;
  const Clock& clock_;
  Random& random_;
  IdGenerator& ids_;
  std::string passphrase_;
  std::deque<Member> members_;
  std::deque<Accepted> accepted_;  // in the order of DemoPeople
  std::mutex staff_mutex_;
  std::condition_variable staff_done_;
  size_t staff_left_ = 0;
  Result<void> staff_outcome_;
};

}  // namespace

Result<void> SeedDemo(const std::string& data_dir, rpc::Channel& services, const Clock& clock,
                      Random& random, IdGenerator& ids) {
  if (std::filesystem::exists(data_dir + "/demo/sign-ins.json")) return {};
  if (Result<void> seeded = Seeder(data_dir, services, clock, random, ids).Run(); !seeded) {
    if (seeded.error().code == Code::kAlreadyExists) {
      return Fail(Code::kFailedPrecondition, "DEMO_NEEDS_EMPTY_HUB",
                  "This data folder holds something already: use another one for --demo.");
    }
    return seeded;
  }
  return {};
}

std::string DescribeDemo(const std::string& data_dir, const std::string& program) {
  std::ifstream in(data_dir + "/demo/sign-ins.json");
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  boost::system::error_code error;
  const boost::json::value all = boost::json::parse(text, error);
  if (error || !all.is_object()) return "";
  std::string table = "Sign-ins of the demonstration (passphrase for everyone: " +
                      std::string(all.at("passphrase").as_string()) +
                      "; one-time codes: " + program + " demo use NAME, or demo --json)\n";
  for (const boost::json::value& person : all.at("people").as_array()) {
    std::string name(person.at("sign_in_name").as_string());
    name.resize(std::max<size_t>(name.size(), 22), ' ');
    table += "  " + name + std::string(person.at("display_name").as_string()) + "\n";
  }
  return table;
}

}  // namespace fairlead::hub
