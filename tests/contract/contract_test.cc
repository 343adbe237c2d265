// The contract, proto/, against its style and against what was promised before.
//
// tests/contract/fairlead_v1.binpb is the contract as last accepted. After a change that is meant,
// `./fairlead test --accept-contract` writes it anew; commit it together with the change.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "fairlead/api/v1/options.pb.h"
#include "tests/contract/compatibility.h"
#include "tests/contract/lint.h"
#include "tests/contract/pool.h"

namespace fairlead::contract {
namespace {

namespace pb = google::protobuf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The build writes it beside its programs.
std::string BuiltPath() {
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe");
  return self.parent_path().parent_path() / "gen" / "fairlead.binpb";
}

pb::FileDescriptorSet Built() {
  const auto set = ReadSet(BuiltPath());
  EXPECT_TRUE(set.has_value()) << BuiltPath();
  return set.value_or(pb::FileDescriptorSet());
}

TEST(ContractTest, FollowsTheStyle) {
  const pb::FileDescriptorSet set = Built();
  ASSERT_GT(set.file_size(), 4);
  EXPECT_THAT(Lint(set), IsEmpty());
}

TEST(ContractTest, BreaksNobodyWhoKnowsTheAcceptedOne) {
  const auto accepted = ReadSet("tests/contract/fairlead_v1.binpb");
  ASSERT_TRUE(accepted.has_value()) << "tests/contract/fairlead_v1.binpb is missing: "
                                    << "./fairlead test --accept-contract writes it";
  ASSERT_GT(accepted->file_size(), 4);
  EXPECT_THAT(BreakingChanges(*accepted, Built()), IsEmpty())
      << "If this is meant: ./fairlead test --accept-contract, and commit the file.";
}

// A small contract to break. It has one of each thing that the rules speak of.
constexpr const char* kSample = R"pb(
  file {
    name: "fairlead/sample/v1/sample.proto"
    package: "fairlead.sample.v1"
    syntax: "proto3"
    message_type {
      name: "Item"
      field {
        name: "item_id" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL json_name: "itemId"
      }
      field { name: "count" number: 2 type: TYPE_INT32 label: LABEL_OPTIONAL json_name: "count" }
      field {
        name: "kind" number: 3 type: TYPE_ENUM type_name: ".fairlead.sample.v1.Kind"
        label: LABEL_OPTIONAL json_name: "kind"
      }
    }
    message_type {
      name: "GetItemRequest"
      field {
        name: "item_id" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL json_name: "itemId"
      }
    }
    message_type {
      name: "GetItemResponse"
      field {
        name: "item" number: 1 type: TYPE_MESSAGE type_name: ".fairlead.sample.v1.Item"
        label: LABEL_OPTIONAL json_name: "item"
      }
    }
    enum_type {
      name: "Kind"
      value { name: "KIND_UNSPECIFIED" number: 0 }
      value { name: "KIND_ONE" number: 1 }
    }
    service {
      name: "SampleService"
      method {
        name: "GetItem"
        input_type: ".fairlead.sample.v1.GetItemRequest"
        output_type: ".fairlead.sample.v1.GetItemResponse"
        options { idempotency_level: NO_SIDE_EFFECTS [fairlead.api.v1.method] { public: true } }
      }
    }
  }
)pb";

// The sample, changed by `change`.
pb::FileDescriptorSet Sample(const std::function<void(pb::FileDescriptorProto&)>& change = {}) {
  pb::FileDescriptorSet set;
  EXPECT_TRUE(pb::TextFormat::ParseFromString(kSample, &set));
  if (change) change(*set.mutable_file(0));
  return set;
}

using Change = std::function<void(pb::FileDescriptorProto&)>;

pb::FieldDescriptorProto& FieldOf(pb::FileDescriptorProto& file, int index) {
  return *file.mutable_message_type(0)->mutable_field(index);
}
pb::MethodDescriptorProto& RpcOf(pb::FileDescriptorProto& file) {
  return *file.mutable_service(0)->mutable_method(0);
}

TEST(LintSelfTest, TheSampleIsClean) { EXPECT_THAT(Lint(Sample()), IsEmpty()); }

TEST(LintSelfTest, EachRuleFindsItsBreach) {
  const std::vector<std::pair<const char*, Change>> breaches = {
      {"PACKAGE_DIRECTORY_MATCH", [](auto& f) { f.set_name("fairlead/other/v1/sample.proto"); }},
      {"FILE_LOWER_SNAKE_CASE", [](auto& f) { f.set_name("fairlead/sample/v1/Sample.proto"); }},
      {"MESSAGE_PASCAL_CASE", [](auto& f) { f.add_message_type()->set_name("bad_name"); }},
      {"FIELD_LOWER_SNAKE_CASE",
       [](auto& f) { FieldOf(f, 1).set_name("Count"); }},
      {"FIELD_JSON_NAME",
       [](auto& f) { FieldOf(f, 1).set_json_name("n"); }},
      {"FAIRLEAD_ID_IS_STRING",
       [](auto& f) { FieldOf(f, 0).set_type(pb::FieldDescriptorProto::TYPE_INT64); }},
      {"FAIRLEAD_BOUNDS_HOLD_SOMETHING",
       [](auto& f) {
         FieldOf(f, 1).mutable_options()->MutableExtension(api::v1::field)->set_min(1);
       }},
      {"ENUM_ZERO_VALUE_SUFFIX",
       [](auto& f) { f.mutable_enum_type(0)->mutable_value(0)->set_name("KIND_NONE"); }},
      {"ENUM_VALUE_PREFIX",
       [](auto& f) { f.mutable_enum_type(0)->mutable_value(1)->set_name("ONE"); }},
      {"SERVICE_SUFFIX", [](auto& f) { f.mutable_service(0)->set_name("Sample"); }},
      {"RPC_REQUEST_STANDARD_NAME",
       [](auto& f) { RpcOf(f).set_name("FetchItem"); }},
      {"RPC_REQUEST_RESPONSE_UNIQUE",
       [](auto& f) {
         const auto copy = f.service(0).method(0);
         f.mutable_service(0)->add_method()->CopyFrom(copy);
         f.mutable_service(0)->mutable_method(1)->set_name("GetThing");
       }},
      {"FAIRLEAD_READS_SAY_SO",
       [](auto& f) { RpcOf(f).mutable_options()->clear_idempotency_level(); }},
      {"FAIRLEAD_MUTATION_HAS_REQUEST_ID",
       [](auto& f) { RpcOf(f).mutable_options()->clear_idempotency_level(); }},
      {"FAIRLEAD_UNARY",
       [](auto& f) { RpcOf(f).set_server_streaming(true); }},
  };
  for (const auto& [rule, change] : breaches) {
    EXPECT_THAT(Lint(Sample(change)), Contains(HasSubstr(rule))) << rule;
  }
}

TEST(CompatibilitySelfTest, AdditionsAndReservedRemovalsAreFine) {
  EXPECT_THAT(BreakingChanges(Sample(), Sample()), IsEmpty());
  const pb::FileDescriptorSet more = Sample([](pb::FileDescriptorProto& file) {
    pb::DescriptorProto& item = *file.mutable_message_type(0);
    pb::FieldDescriptorProto& field = *item.add_field();
    field = item.field(1);
    field.set_name("total");
    field.set_json_name("total");
    field.set_number(4);
    pb::EnumValueDescriptorProto& value = *file.mutable_enum_type(0)->add_value();
    value.set_name("KIND_TWO");
    value.set_number(2);
    file.add_message_type()->set_name("Other");
  });
  EXPECT_THAT(BreakingChanges(Sample(), more), IsEmpty());
  const pb::FileDescriptorSet reserved = Sample([](pb::FileDescriptorProto& file) {
    pb::DescriptorProto& item = *file.mutable_message_type(0);
    item.mutable_field()->DeleteSubrange(1, 1);
    item.add_reserved_name("count");
    auto& range = *item.add_reserved_range();
    range.set_start(2);
    range.set_end(3);
  });
  EXPECT_THAT(BreakingChanges(Sample(), reserved), IsEmpty());
}

TEST(CompatibilitySelfTest, EachBreakingChangeIsFound) {
  // What is said of the change, and the change.
  const std::vector<std::pair<const char*, Change>> changes = {
      {"Item.count = 2 was removed",
       [](auto& f) { f.mutable_message_type(0)->mutable_field()->DeleteSubrange(1, 1); }},
      {"Item.count = 2 was renumbered to 9",
       [](auto& f) { FieldOf(f, 1).set_number(9); }},
      {"Item.count = 2 is now named amount",
       [](auto& f) {
         FieldOf(f, 1).set_name("amount");
         FieldOf(f, 1).set_json_name("amount");
       }},
      {"Item.count = 2 changed from single int32 to single int64",
       [](auto& f) { FieldOf(f, 1).set_type(pb::FieldDescriptorProto::TYPE_INT64); }},
      {"Item.count = 2 changed from single int32 to repeated int32",
       [](auto& f) { FieldOf(f, 1).set_label(pb::FieldDescriptorProto::LABEL_REPEATED); }},
      {"Item.count = 2 moved into or out of a oneof",
       [](auto& f) {
         f.mutable_message_type(0)->add_oneof_decl()->set_name("choice");
         FieldOf(f, 1).set_oneof_index(0);
       }},
      {"enum value fairlead.sample.v1.Kind.KIND_ONE = 1 was renumbered to 5",
       [](auto& f) { f.mutable_enum_type(0)->mutable_value(1)->set_number(5); }},
      {"enum value fairlead.sample.v1.Kind.KIND_ONE = 1 is now named KIND_UNO",
       [](auto& f) { f.mutable_enum_type(0)->mutable_value(1)->set_name("KIND_UNO"); }},
      {"KIND_ONE = 1 was removed",
       [](auto& f) { f.mutable_enum_type(0)->mutable_value()->DeleteSubrange(1, 1); }},
      {"RPC fairlead.sample.v1.SampleService.GetItem was removed",
       [](auto& f) { f.mutable_service(0)->clear_method(); }},
      {"service fairlead.sample.v1.SampleService was removed",
       [](auto& f) { f.clear_service(); }},
      {"message fairlead.sample.v1.GetItemResponse was removed",
       [](auto& f) {
         f.clear_service();
         f.mutable_message_type()->DeleteSubrange(2, 1);
       }},
      {"GetItem has another response",
       [](auto& f) { RpcOf(f).set_output_type(".fairlead.sample.v1.Item"); }},
      {"GetItem changed its streaming",
       [](auto& f) { RpcOf(f).set_server_streaming(true); }},
      {"GetItem had no side effects",
       [](auto& f) { RpcOf(f).mutable_options()->clear_idempotency_level(); }},
      {"GetItem is no longer public",
       [](auto& f) {
         RpcOf(f).mutable_options()->ClearExtension(api::v1::method);
       }},
  };
  for (const auto& [message, change] : changes) {
    EXPECT_THAT(BreakingChanges(Sample(), Sample(change)), Contains(HasSubstr(message)));
  }
}

}  // namespace
}  // namespace fairlead::contract
