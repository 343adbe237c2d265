// What is written in a thread leaves this machine under seal only, and what a hub gives out in its
// place is found out.
#include <gmock/gmock.h>

#include <boost/json/parse.hpp>

#include "fairlead/messaging/v1/thread.pb.h"
#include "gateway/cli/methods.h"
#include "gateway/cli/testing/cli_fixture.h"
#include "gateway/cli/testing/fake_key_service.h"
#include "services/common/base/random.h"
#include "services/common/base/thread_hash.h"
#include "services/common/seal/seal.h"

namespace fairlead::cli {
namespace {

namespace v1 = messaging::v1;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kThread[] = "01890a5d-ac96-774b-bcce-b302099a8013";
constexpr char kStaff[] = "01890a5d-ac96-774b-bcce-b302099a8014";
constexpr char kMessage[] = "01890a5d-ac96-774b-bcce-b302099a8015";
constexpr char kEarlier[] = "01890a5d-ac96-774b-bcce-b302099a8016";
constexpr char kThird[] = "01890a5d-ac96-774b-bcce-b302099a8017";

class ThreadVerbsTest : public CliTest {
 protected:
  void SetUp() override {
    SignIn();
    keys_.lists[kOtherAgency] = theirs_.jws;
    ASSERT_EQ(Cli({"key", "init"}), kExitOk) << err;
    ASSERT_EQ(Cli({"key", "accept", kOtherAgency, "--yes"}), kExitOk) << err;
    ThreadIs(kOtherAgency, 0);
    hub_.OnCall(kSendMessage, [this](const FakeRequest& request) {
      EXPECT_TRUE(sent_.ParseFromString(request.body));
      v1::SendMessageResponse response;
      response.mutable_message()->set_id(sent_.message_id());
      response.mutable_message()->set_sequence(1);
      return Protobuf(response);
    });
    hub_.OnCall(kMarkThread, [this](const FakeRequest& request) {
      EXPECT_TRUE(marked_.ParseFromString(request.body));
      return Protobuf(v1::MarkThreadResponse());
    });
  }

  void ThreadIs(const std::string& with, int64_t last) {
    v1::Thread thread;
    thread.set_id(kThread);
    thread.add_participants()->set_agency_id(kOwnAgency);
    thread.add_participants()->set_agency_id(with);
    thread.set_last_sequence(last);
    thread.set_unread_count(last);
    v1::GetThreadResponse response;
    *response.mutable_thread() = thread;
    hub_.Answer(kGetThread, response);
  }
  static std::string Content(const std::string& id, int revision, const std::string& text) {
    return R"({"message_id":")" + id + R"(","revision":)" + std::to_string(revision) +
           R"(,"text":")" + text + "\"}";
  }
  // As the other agency, or another one, seals it to both.
  std::string SealedBy(const keys::Publisher& writer, const std::string& content) {
    seal::SealRequest request;
    request.header = {.referral_id = kThread,
                      .sender_agency_id = writer.agency_id,
                      .sender_kid = {},
                      .release_hash = ThreadHash(kThread, kOwnAgency, kOtherAgency),
                      .purpose = kMessagePurpose,
                      .categories = {kMessageCategory},
                      .expires_s = 4'000'000'000,
                      .recips = {}};
    request.plaintext = content;
    request.recipients = {keys_.ListOf(kOwnAgency).epoch_key, theirs_.current.epoch_key.public_key};
    return *seal::Seal(request, writer.current.signing_key, SystemRandom());
  }
  v1::Message Listed(int64_t sequence, const std::string& sealed) {
    v1::Message message;
    message.set_id(sequence == 1 ? kMessage : kEarlier);
    message.set_thread_id(kThread);
    message.set_sequence(sequence);
    message.set_from_agency_id(kOtherAgency);
    message.mutable_create_time()->set_seconds(SystemClock().NowMs() / 1000);
    message.set_sealed(sealed);
    return message;
  }
  void Lists(const std::vector<v1::Message>& messages) {
    v1::ListMessagesResponse response;
    for (const v1::Message& message : messages) *response.add_messages() = message;
    hub_.Answer(kListMessages, response);
  }
  Result<seal::Opened> OpenedByThem(const std::string& sealed) {
    return seal::Open(sealed, theirs_.current.epoch_key,
                      {.referral_id = kThread,
                       .release_hash = ThreadHash(kThread, kOwnAgency, kOtherAgency),
                       .sender_agency_id = kOwnAgency,
                       .sender_signing_key = keys_.ListOf(kOwnAgency).signing_key,
                       .now_s = 1});
  }

  keys::Publisher theirs_ = Published(kOtherAgency);
  FakeKeyService keys_{hub_, kStaff};
  v1::SendMessageRequest sent_;
  v1::MarkThreadRequest marked_;
};

TEST_F(ThreadVerbsTest, WordsLeaveUnderSealOnly) {
  EXPECT_EQ(Cli({"thread", "send", kThread, "--stdin"}, "ring twice\nat the north door\n"), kExitOk)
      << err;
  for (const FakeRequest& request : hub_.requests()) {
    EXPECT_THAT(request.body, Not(HasSubstr("north door")));
  }
  const auto opened = OpenedByThem(sent_.sealed());
  ASSERT_TRUE(opened) << ToString(opened.error());
  const auto content = boost::json::parse(opened->plaintext).as_object();
  EXPECT_EQ(content.at("text").as_string(), "ring twice\nat the north door");
  EXPECT_EQ(content.at("message_id").as_string(), sent_.message_id());
  EXPECT_EQ(content.at("revision").as_int64(), 0);
  EXPECT_EQ(opened->header.purpose, "thread_message");
}

TEST_F(ThreadVerbsTest, WordsComeFromNoFlag) {
  EXPECT_EQ(Cli({"thread", "send", kThread, "--text", "x"}), kExitUsage);
  EXPECT_EQ(Cli({"thread", "send", kThread}), kExitUsage);
  EXPECT_THAT(err, HasSubstr("--stdin"));
  EXPECT_EQ(Cli({"thread", "send", kThread, "--stdin"}, "\n"), kExitUsage);
  EXPECT_EQ(Cli({"thread", "send", kThread, "--stdin"}, std::string(20'000, 'x')), kExitUsage);
  EXPECT_EQ(Cli({"thread", "send", kThread, "--stdin"}, std::string(15'000, '\x01')), kExitUsage)
      << "longer than 16 KiB once it is escaped";
  EXPECT_TRUE(sent_.sealed().empty());
  in_is_terminal_ = true;
  EXPECT_EQ(Cli({"thread", "send", kThread}, "ring twice\n"), kExitOk) << err;
  EXPECT_FALSE(sent_.sealed().empty());
}

TEST_F(ThreadVerbsTest, ViewReadsAndMarks) {
  ThreadIs(kOtherAgency, 2);
  Lists({Listed(1, SealedBy(theirs_, Content(kMessage, 0, "the north door"))),
         Listed(2, SealedBy(theirs_, Content(kEarlier, 0, "at nine")))});
  EXPECT_EQ(Cli({"thread", "view", kThread}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("the north door"));
  EXPECT_THAT(out, HasSubstr("at nine"));
  EXPECT_EQ(marked_.read_sequence(), 2);
  EXPECT_EQ(marked_.delivered_sequence(), 2);
}

TEST_F(ThreadVerbsTest, ViewInJsonHasTheWordsAndMayKeepItUnread) {
  ThreadIs(kOtherAgency, 1);
  Lists({Listed(1, SealedBy(theirs_, Content(kMessage, 0, "the north door")))});
  EXPECT_EQ(Cli({"thread", "view", kThread, "--json", "--keep-unread"}), kExitOk) << err;
  const auto document = boost::json::parse(out).as_object();
  const auto& first = document.at("messages").as_array().at(0).as_object();
  EXPECT_EQ(first.at("text").as_string(), "the north door");
  EXPECT_EQ(first.at("sequence").as_int64(), 1);
  EXPECT_EQ(marked_.read_sequence(), 0);
}

// Keys of before are in the home folder: what was sealed to them stays readable.
TEST_F(ThreadVerbsTest, ReadsWhatWasSealedToAnEarlierEpoch) {
  ThreadIs(kOtherAgency, 1);
  const std::string sealed = SealedBy(theirs_, Content(kMessage, 0, "the north door"));
  ASSERT_EQ(Cli({"key", "rotate", "--yes"}), kExitOk) << err;
  Lists({Listed(1, sealed)});
  EXPECT_EQ(Cli({"thread", "view", kThread}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("the north door"));
}

TEST_F(ThreadVerbsTest, AnotherMessageOrRevisionIsNotPassedOffAsThisOne) {
  ThreadIs(kOtherAgency, 1);
  for (const std::string& content :
       {Content(kEarlier, 0, "the north door"), Content(kMessage, 1, "the north door"),
        std::string(R"({"text":"the north door"})"), std::string("the north door")}) {
    Lists({Listed(1, SealedBy(theirs_, content))});
    EXPECT_EQ(Cli({"thread", "view", kThread}), kExitOk) << err;
    EXPECT_THAT(out, HasSubstr("MESSAGE_MISMATCH")) << content;
    EXPECT_THAT(out, Not(HasSubstr("the north door"))) << content;
    EXPECT_EQ(marked_.read_sequence(), 0) << "what could not be read stays unread";
  }
}

// A third agency of the coalition signs as well as any.
TEST_F(ThreadVerbsTest, AThirdAgencysWordsAreNotPassedOffAsTheirs) {
  ThreadIs(kOtherAgency, 1);
  const keys::Publisher third = Published(kThird);
  keys_.lists[kThird] = third.jws;
  for (const bool named : {false, true}) {
    v1::Message message = Listed(1, SealedBy(third, Content(kMessage, 0, "the south door")));
    if (named) message.set_from_agency_id(kThird);
    Lists({message});
    EXPECT_EQ(Cli({"thread", "view", kThread}), kExitOk) << err;
    EXPECT_THAT(out, HasSubstr("cannot be read here"));
    EXPECT_THAT(out, Not(HasSubstr("the south door")));
  }
}

TEST_F(ThreadVerbsTest, AThreadThatHasAnotherAgencyNowIsRefused) {
  ASSERT_EQ(Cli({"thread", "send", kThread, "--stdin"}, "hello"), kExitOk) << err;
  const keys::Publisher third = Published(kThird);
  keys_.lists[kThird] = third.jws;
  ThreadIs(kThird, 0);
  sent_.Clear();
  EXPECT_NE(Cli({"thread", "send", kThread, "--stdin", "--first-use"}, "hello"), kExitOk);
  EXPECT_THAT(err, HasSubstr("THREAD_CHANGED"));
  EXPECT_TRUE(sent_.sealed().empty());
}

TEST_F(ThreadVerbsTest, AnEditIsSealedAsTheNextRevision) {
  v1::GetMessageResponse got;
  *got.mutable_message() = Listed(1, "");
  got.mutable_message()->set_from_agency_id(kOwnAgency);
  got.mutable_message()->set_revision(2);
  got.mutable_message()->set_etag("v7");
  hub_.Answer(kGetMessage, got);
  v1::EditMessageRequest edited;
  hub_.OnCall(kEditMessage, [&](const FakeRequest& request) {
    EXPECT_TRUE(edited.ParseFromString(request.body));
    return Protobuf(v1::EditMessageResponse());
  });
  EXPECT_EQ(Cli({"thread", "edit", kMessage, "--stdin"}, "the south door"), kExitOk) << err;
  EXPECT_EQ(edited.etag(), "v7");
  const auto opened = OpenedByThem(edited.sealed());
  ASSERT_TRUE(opened) << ToString(opened.error());
  EXPECT_THAT(opened->plaintext, HasSubstr(R"("revision":3)"));
}

TEST_F(ThreadVerbsTest, DeletingForBothIsAskedAbout) {
  v1::DeleteMessageRequest deleted;
  hub_.OnCall(kDeleteMessage, [&](const FakeRequest& request) {
    EXPECT_TRUE(deleted.ParseFromString(request.body));
    return Protobuf(v1::DeleteMessageResponse());
  });
  EXPECT_EQ(Cli({"thread", "delete", kMessage}), kExitUsage);
  EXPECT_TRUE(deleted.message_id().empty());
  EXPECT_EQ(Cli({"thread", "delete", kMessage, "--yes"}), kExitOk) << err;
  EXPECT_EQ(deleted.message_id(), kMessage);
}

TEST_F(ThreadVerbsTest, StartAndListSayWhatToDoNext) {
  hub_.OnCall(kStartThread, [](const FakeRequest& request) {
    v1::StartThreadRequest asked;
    EXPECT_TRUE(asked.ParseFromString(request.body));
    v1::StartThreadResponse response;
    response.mutable_thread()->set_id(asked.thread_id());
    response.mutable_thread()->add_participants()->set_agency_id(kOwnAgency);
    response.mutable_thread()->add_participants()->set_agency_id(asked.to_agency_id());
    return Protobuf(response);
  });
  EXPECT_EQ(Cli({"thread", "start", kOtherAgency}), kExitOk) << err;
  EXPECT_THAT(err, HasSubstr("thread send "));
  v1::ListThreadsResponse listed;
  v1::Thread* thread = listed.add_threads();
  thread->set_id(kThread);
  thread->set_unread_count(3);
  thread->add_participants()->set_agency_id(kOwnAgency);
  thread->add_participants()->set_agency_id(kOtherAgency);
  hub_.Answer(kListThreads, listed);
  EXPECT_EQ(Cli({"thread", "list", "--unread"}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr(kThread));
  EXPECT_THAT(err, HasSubstr(std::string("thread view ") + kThread));
}

TEST_F(ThreadVerbsTest, WatchPrintsALineForEachAndOpensNothing) {
  const std::string stream =
      "event: ready\nid: e-0\ndata: {}\n\n"
      "id: e-1\ndata: {\"type\":\"fairlead.referral.sent.v1\",\"data\":{}}\n\n"
      "id: e-2\ndata: {\"type\":\"fairlead.messaging.thread_sent.v1\",\"data\":{\"threadId\":\"" +
      std::string(kThread) + "\",\"change\":\"sent\",\"sequence\":\"7\",\"actorAgencyId\":\"" +
      kOtherAgency + "\"}}\n\n";
  hub_.OnCall("/events", [&](const FakeRequest&) {
    return FakeAnswer{.content_type = "text/event-stream", .body = stream, .extra_headers = {}};
  });
  EXPECT_EQ(Cli({"thread", "watch", "--count", "1"}), kExitOk) << err;
  EXPECT_THAT(out, HasSubstr("sent  #7"));
  EXPECT_THAT(out, HasSubstr(std::string("thread view ") + kThread));
  EXPECT_EQ(Cli({"thread", "watch", kThread, "--count", "1", "--json"}), kExitOk) << err;
  EXPECT_EQ(boost::json::parse(out).as_object().at("type").as_string(),
            "fairlead.messaging.thread_sent.v1");
  for (const FakeRequest& request : hub_.requests()) {
    EXPECT_THAT(request.path, Not(HasSubstr("GetMessage")));
    EXPECT_THAT(request.path, Not(HasSubstr("ListMessages")));
  }
}

}  // namespace
}  // namespace fairlead::cli
