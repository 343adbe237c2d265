#include "tests/contract/lint.h"

#include <google/protobuf/descriptor.h>

#include <map>
#include <regex>
#include <set>

#include "fairlead/api/v1/options.pb.h"
#include "tests/contract/pool.h"

namespace fairlead::contract {
namespace {

namespace pb = google::protobuf;

bool Matches(const std::string& text, const char* pattern) {
  return std::regex_match(text, std::regex(pattern));
}
bool IsPascal(const std::string& text) { return Matches(text, "[A-Z][A-Za-z0-9]*"); }
bool IsLowerSnake(const std::string& text) { return Matches(text, "[a-z][a-z0-9]*(_[a-z0-9]+)*"); }
bool IsUpperSnake(const std::string& text) { return Matches(text, "[A-Z][A-Z0-9]*(_[A-Z0-9]+)*"); }

// DataCategory → DATA_CATEGORY
std::string UpperSnake(const std::string& pascal) {
  std::string snake;
  for (size_t i = 0; i < pascal.size(); ++i) {
    const bool upper = pascal[i] >= 'A' && pascal[i] <= 'Z';
    if (upper && i > 0) snake += '_';
    snake += upper ? pascal[i] : static_cast<char>(std::toupper(pascal[i]));
  }
  return snake;
}

// Rules that an RPC breaks on purpose, and why.
const std::set<std::pair<std::string, std::string>>& Exceptions() {
  static const auto* const kExceptions = new std::set<std::pair<std::string, std::string>>{
      // Ending a session twice is ending it once.
      {"FAIRLEAD_MUTATION_HAS_REQUEST_ID", "fairlead.identity.v1.IdentityService.SignOut"},
      // Some ninety codes from one file of ours: one page.
      {"FAIRLEAD_LISTS_HAVE_PAGES", "fairlead.directory.v1.DirectoryService.ListNeeds"},
      // Sixteen sets at most.
      {"FAIRLEAD_LISTS_HAVE_PAGES", "fairlead.directory.v1.HoursService.ListHolidaySets"},
      // Marks what it shows as delivered, once, however often it is repeated.
      {"FAIRLEAD_READS_SAY_SO", "fairlead.referral.v1.ReferralService.ListReferrals"},
      {"FAIRLEAD_MUTATION_HAS_REQUEST_ID", "fairlead.referral.v1.ReferralService.ListReferrals"},
      // A second opening is another disclosure: it is decided and logged again.
      {"FAIRLEAD_MUTATION_HAS_REQUEST_ID", "fairlead.referral.v1.ReferralService.OpenPacket"},
      {"FAIRLEAD_MUTATION_HAS_REQUEST_ID", "fairlead.referral.v1.SealedNoteService.OpenNote"},
      // So is the next chunk of an attachment; and a chunk that comes again is known by its number.
      {"FAIRLEAD_MUTATION_HAS_REQUEST_ID",
       "fairlead.referral.v1.AttachmentService.OpenAttachmentChunk"},
      {"FAIRLEAD_MUTATION_HAS_REQUEST_ID",
       "fairlead.referral.v1.AttachmentService.PutAttachmentChunk"},
      // So is a part of an import.
      {"FAIRLEAD_MUTATION_HAS_REQUEST_ID",
       "fairlead.directory.v1.StagedImportService.PutImportPart"},
  };
  return *kExceptions;
}

class Linter {
 public:
  explicit Linter(const pb::DescriptorPool& pool) : pool_(pool) {}

  std::vector<std::string> Run(const pb::FileDescriptorSet& set) {
    for (const pb::FileDescriptorProto& file : set.file()) {
      if (IsOurs(file.package())) File(*pool_.FindFileByName(file.name()));
    }
    return std::move(findings_);
  }

 private:
  void Require(bool holds, const char* rule, const std::string& what) {
    if (holds || Exceptions().contains({rule, what})) return;
    findings_.push_back(file_ + ": " + rule + ": " + what);
  }

  void File(const pb::FileDescriptor& file) {
    file_ = file.name();
    const std::string& package = file.package();
    const std::string folder = file_.substr(0, file_.rfind('/'));
    std::string path = package;
    std::replace(path.begin(), path.end(), '.', '/');
    Require(path == folder, "PACKAGE_DIRECTORY_MATCH", package);
    Require(Matches(package, "([a-z][a-z0-9_]*\\.)+v[1-9][0-9]*"), "PACKAGE_VERSION_SUFFIX",
            package);
    const std::string name = file_.substr(file_.rfind('/') + 1);
    Require(Matches(name, "[a-z][a-z0-9_]*\\.proto"), "FILE_LOWER_SNAKE_CASE", name);
    Require(file.syntax() == pb::FileDescriptor::SYNTAX_PROTO3, "SYNTAX_SPECIFIED", "proto3");
    Require(file.public_dependency_count() == 0, "IMPORT_NO_PUBLIC", name);
    Require(file.weak_dependency_count() == 0, "IMPORT_NO_WEAK", name);
    for (int i = 0; i < file.message_type_count(); ++i) Message(*file.message_type(i));
    for (int i = 0; i < file.enum_type_count(); ++i) Enum(*file.enum_type(i));
    for (int i = 0; i < file.service_count(); ++i) Service(*file.service(i));
  }

  void Message(const pb::Descriptor& message) {
    if (message.options().map_entry()) return;
    Require(IsPascal(message.name()), "MESSAGE_PASCAL_CASE", message.full_name());
    for (int i = 0; i < message.field_count(); ++i) Field(*message.field(i));
    for (int i = 0; i < message.oneof_decl_count(); ++i) {
      const pb::OneofDescriptor& oneof = *message.oneof_decl(i);
      const bool synthetic = i >= message.real_oneof_decl_count();
      Require(synthetic || IsLowerSnake(oneof.name()), "ONEOF_LOWER_SNAKE_CASE",
              oneof.full_name());
    }
    for (int i = 0; i < message.nested_type_count(); ++i) Message(*message.nested_type(i));
    for (int i = 0; i < message.enum_type_count(); ++i) Enum(*message.enum_type(i));
  }

  void Field(const pb::FieldDescriptor& field) {
    const std::string& name = field.full_name();
    Require(IsLowerSnake(field.name()), "FIELD_LOWER_SNAKE_CASE", name);
    Require(!field.has_json_name() || field.json_name() == field.camelcase_name(),
            "FIELD_JSON_NAME", name);
    const bool is_id = field.name() == "id" || field.name().ends_with("_id");
    Require(!is_id || field.type() == pb::FieldDescriptor::TYPE_STRING, "FAIRLEAD_ID_IS_STRING",
            name);
    // One bound without the other makes the other 0: a `min` alone refuses everything.
    const api::v1::FieldRule& rule = field.options().GetExtension(api::v1::field);
    Require(rule.min() <= rule.max(), "FAIRLEAD_BOUNDS_HOLD_SOMETHING", name);
    // A length, an age or a delay without its unit has been misread before.
    for (const char* bare : {"_time_out", "_timeout", "_duration", "_delay", "_ttl"}) {
      Require(!field.name().ends_with(bare), "FAIRLEAD_UNIT_IN_NAME", name);
    }
  }

  void Enum(const pb::EnumDescriptor& type) {
    Require(IsPascal(type.name()), "ENUM_PASCAL_CASE", type.full_name());
    Require(!type.options().allow_alias(), "ENUM_NO_ALLOW_ALIAS", type.full_name());
    Require(type.value(0)->number() == 0, "ENUM_FIRST_VALUE_ZERO", type.full_name());
    const std::string prefix = UpperSnake(type.name()) + "_";
    for (int i = 0; i < type.value_count(); ++i) {
      const pb::EnumValueDescriptor& value = *type.value(i);
      Require(IsUpperSnake(value.name()), "ENUM_VALUE_UPPER_SNAKE_CASE", value.full_name());
      Require(value.name().starts_with(prefix), "ENUM_VALUE_PREFIX", value.full_name());
      Require((value.number() == 0) == (value.name() == prefix + "UNSPECIFIED"),
              "ENUM_ZERO_VALUE_SUFFIX", value.full_name());
    }
  }

  void Service(const pb::ServiceDescriptor& service) {
    Require(IsPascal(service.name()), "SERVICE_PASCAL_CASE", service.full_name());
    Require(service.name().ends_with("Service"), "SERVICE_SUFFIX", service.full_name());
    for (int i = 0; i < service.method_count(); ++i) Method(*service.method(i));
  }

  void Method(const pb::MethodDescriptor& method) {
    const std::string& name = method.full_name();
    const pb::Descriptor& request = *method.input_type();
    const pb::Descriptor& response = *method.output_type();
    Require(IsPascal(method.name()), "RPC_PASCAL_CASE", name);
    Require(request.name() == method.name() + "Request", "RPC_REQUEST_STANDARD_NAME", name);
    Require(response.name() == method.name() + "Response", "RPC_RESPONSE_STANDARD_NAME", name);
    Require(used_.insert(request.full_name()).second && used_.insert(response.full_name()).second,
            "RPC_REQUEST_RESPONSE_UNIQUE", name);
    Require(!method.client_streaming() && !method.server_streaming(), "FAIRLEAD_UNARY", name);
    const bool reads =
        method.options().idempotency_level() == pb::MethodOptions::NO_SIDE_EFFECTS;
    const bool verb_reads = method.name().starts_with("Get") || method.name().starts_with("List") ||
                            method.name().starts_with("Search");
    Require(!verb_reads || reads, "FAIRLEAD_READS_SAY_SO", name);
    if (method.name().starts_with("List")) Pages(name, request, response);
    const api::v1::MethodRule& rule = method.options().GetExtension(api::v1::method);
    if (rule.public_() && !rule.unauthenticated() && !reads) Repeatable(name, request);
  }

  // AIP-158.
  void Pages(const std::string& name, const pb::Descriptor& request,
             const pb::Descriptor& response) {
    Require(request.FindFieldByName("page_token") && request.FindFieldByName("page_size") &&
                response.FindFieldByName("next_page_token"),
            "FAIRLEAD_LISTS_HAVE_PAGES", name);
  }

  // AIP-155: a repeat of a mutation must be recognisable.
  void Repeatable(const std::string& name, const pb::Descriptor& request) {
    const pb::FieldDescriptor* field = request.FindFieldByName("request_id");
    Require(field != nullptr && field->type() == pb::FieldDescriptor::TYPE_STRING,
            "FAIRLEAD_MUTATION_HAS_REQUEST_ID", name);
    if (field == nullptr) return;
    const api::v1::FieldRule& rule = field->options().GetExtension(api::v1::field);
    Require(rule.required() && rule.format() == api::v1::FORMAT_UUID,
            "FAIRLEAD_REQUEST_ID_IS_A_REQUIRED_UUID", name);
  }

  const pb::DescriptorPool& pool_;
  std::string file_;
  std::set<std::string> used_;
  std::vector<std::string> findings_;
};

}  // namespace

std::vector<std::string> Lint(const pb::FileDescriptorSet& set) {
  const auto pool = MakePool(set);
  if (!pool) return {"the descriptor set is incomplete"};
  return Linter(*pool).Run(set);
}

}  // namespace fairlead::contract
