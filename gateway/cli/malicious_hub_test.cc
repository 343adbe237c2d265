// A lying hub in front of the program itself, as people run it: each attack by name, and the reason
// with which it is refused. The same command succeeds first, while the same hub is honest.
// What the libraries below refuse, tests/conformance/malicious_hub has; here it is that the program
// asks them, with what it has kept on disk, and does nothing before they have answered.
#include "gateway/cli/testing/lying_hub.h"

namespace fairlead::cli {
namespace {

// The list as it stands, with its payload changed and signed again by `signer`.
std::string Signed(const std::string& jws, const seal::PrivateKey& signer,
                   const std::function<void(json::object& payload)>& change) {
  return keys::Forge(jws, signer, [&](json::object& header, json::object& payload) {
    header["kid"] = signer.public_key.kid;
    change(payload);
  });
}

const Attack kAttacks[] = {
    // ---- whom a packet is sealed to
    {"AnotherAgencyKeyInItsPlace", "AGENCY_KEY_CHANGED", Verb::kSend,
     [](LyingHub& hub) { hub.keys_.lists[kOtherAgency] = Replaced(hub.theirs_).jws; }},
    {"AStaleListReplayed", "KEY_LIST_ROLLBACK", Verb::kSend,
     [](LyingHub& hub) {
       const std::string before = hub.theirs_.jws;
       hub.theirs_.Rotate();
       hub.keys_.lists[kOtherAgency] = hub.theirs_.jws;
       ASSERT_EQ(hub.RunVerb(), kExitOk) << hub.err;
       hub.keys_.lists[kOtherAgency] = before;
     }},
    {"TwoHistoriesOfOneList", "KEY_LIST_FORKED", Verb::kSend,
     [](LyingHub& hub) {
       hub.keys_.lists[kOtherAgency] =
           Signed(hub.theirs_.jws, hub.theirs_.agency,
                  [](json::object& list) { list["exp"] = list["exp"].as_int64() - 1; });
     }},
    {"OtherKeysForAnEpochThatIsKnown", "EPOCH_KEYS_CHANGED", Verb::kSend,
     [](LyingHub& hub) {
       keys::KeyList next = keys::NextList(hub.theirs_.jws, hub.theirs_.list, hub.theirs_.start_s);
       next.epoch_key = hub.impostor_.current.epoch_key.public_key;
       hub.keys_.lists[kOtherAgency] = keys::SignKeyList(next, hub.theirs_.agency).value();
     }},
    {"TheHubsKeyInTheSignedList", "KEY_LIST_INVALID", Verb::kSend,
     [](LyingHub& hub) {
       const std::string& jws = hub.theirs_.jws;
       const std::string forged = Signed(jws, hub.impostor_.agency, [&](json::object& list) {
         list["epoch_jwk"] = json::parse(seal::ToJwk(hub.impostor_.current.epoch_key.public_key));
       });
       hub.keys_.lists[kOtherAgency] =
           jws.substr(0, jws.find('.')) + forged.substr(forged.find('.'));
     }},
    {"AnotherAgencysListUnderItsId", "KEY_LIST_INVALID", Verb::kSend,
     [](LyingHub& hub) { hub.keys_.lists[kOtherAgency] = hub.impostor_.jws; }},
    {"AnExpiredList", "KEY_LIST_EXPIRED", Verb::kSend,
     [](LyingHub& hub) {
       keys::KeyList next = keys::NextList(hub.theirs_.jws, hub.theirs_.list, 1'700'000'000);
       hub.keys_.lists[kOtherAgency] = keys::SignKeyList(next, hub.theirs_.agency).value();
     }},
    {"TheNameGivenToAnImpostor", "AGENCY_ID_CHANGED", Verb::kSend,
     [](LyingHub& hub) {
       hub.names = {{kOtherAgency, kName}, {kImpostor, kName}};
     }},
    {"OneRecipientMoreInTheRelease", "RELEASE_HASH_MISMATCH", Verb::kSend,
     [](LyingHub& hub) { hub.release.add_recipient_agency_ids(kImpostor); }},
    {"RecipientsSwappedInTheRelease", "RELEASE_RECIPIENT_MISMATCH", Verb::kSend,
     [](LyingHub& hub) {
       hub.release.set_recipient_agency_ids(0, kImpostor);
       hub.release.set_release_hash(*ComputeReleaseHash(hub.release));
     }},
    {"ANameGivenToAnAgencyThatTheRootNamesOtherwise", "AGENCY_NAME_MISMATCH", Verb::kSend,
     [](LyingHub& hub) {
       hub.TrustRoot();
       hub.names[kImpostor] = kOtherName;
       hub.release.add_recipient_agency_ids(kImpostor);
       hub.release.set_release_hash(*ComputeReleaseHash(hub.release));
       hub.to = kOtherName;
     }},
    {"ANameGivenToAnAgencyThatIsKnownByAnother", "AGENCY_NAME_MISMATCH", Verb::kSend,
     [](LyingHub& hub) {
       hub.names = {{kOtherAgency, kOtherName}};
       hub.to = kOtherName;
     }},
    // ---- what is opened
    {"AnImpostorsPacketUnderAKnownName", "AGENCY_ID_CHANGED", Verb::kOpen,
     [](LyingHub& hub) {
       hub.names[kImpostor] = kName;
       hub.opened = hub.Deliver(kReferralId, hub.impostor_, hub.OwnEpoch());
       hub.opened.mutable_referral()->set_sender_agency_id(kImpostor);
     }},
    {"APacketShownAsAnotherAgencysWhoClaimsItsKey", "KEY_OF_ANOTHER_AGENCY", Verb::kOpen,
     [](LyingHub& hub) {
       keys::KeyList next =
           keys::NextList(hub.impostor_.jws, hub.impostor_.list, hub.impostor_.start_s);
       keys::BeginEpoch(next, keys::SealingKey().public_key, hub.theirs_.list.signing_key,
                        hub.impostor_.start_s);
       hub.keys_.lists[kImpostor] = keys::SignKeyList(next, hub.impostor_.agency).value();
       hub.names[kImpostor] = kOtherName;
       hub.opened.mutable_referral()->set_sender_agency_id(kImpostor);
     }},
    {"ANeverSeenAgencysPacketShownAsAnothersWhoListsItsKey", "SENDER_AGENCY_MISMATCH", Verb::kOpen,
     [](LyingHub& hub) {
       // No list of the true sender's has ever been seen here: nothing but its name, signed, tells.
       const keys::Publisher sender = Published(kStranger);
       keys::KeyList next =
           keys::NextList(hub.impostor_.jws, hub.impostor_.list, hub.impostor_.start_s);
       keys::BeginEpoch(next, keys::SealingKey().public_key, sender.list.signing_key,
                        hub.impostor_.start_s);
       hub.keys_.lists[kImpostor] = keys::SignKeyList(next, hub.impostor_.agency).value();
       hub.names[kImpostor] = kOtherName;
       hub.opened = hub.Deliver(kReferralId, sender, hub.OwnEpoch());
       hub.opened.mutable_referral()->set_sender_agency_id(kImpostor);
     }},
    {"SentInAnotherAgencysName", "SENDER_AGENCY_MISMATCH", Verb::kOpen,
     [](LyingHub& hub) {
       keys::Publisher misnaming = hub.theirs_;
       misnaming.agency_id = kImpostor;
       hub.opened = hub.Deliver(kReferralId, misnaming, hub.OwnEpoch());
     }},
    {"SignedByAStranger", "SENDER_KEY_UNKNOWN", Verb::kOpen,
     [](LyingHub& hub) { hub.opened = hub.Deliver(kReferralId, hub.impostor_, hub.OwnEpoch()); }},
    {"AnotherReferralsPacket", "REFERRAL_MISMATCH", Verb::kOpen,
     [](LyingHub& hub) {
       const auto other = hub.Deliver(kOtherReferral, hub.theirs_, hub.OwnEpoch());
       hub.opened.set_packet(other.packet());
     }},
    {"ADroppedRecipient", "INVALID_PACKET", Verb::kOpen,
     [](LyingHub& hub) {
       hub.ChangePacket([](seal::Envelope& packet) { packet.recipients.pop_back(); });
     }},
    {"AnAddedRecipient", "INVALID_PACKET", Verb::kOpen,
     [](LyingHub& hub) {
       hub.ChangePacket([&hub](seal::Envelope& packet) {
         packet.recipients.push_back(packet.recipients.back());
         packet.recipients.back().kid = hub.impostor_.current.epoch_key.public_key.kid;
         std::sort(packet.recipients.begin(), packet.recipients.end(),
                   [](const auto& a, const auto& b) { return a.kid < b.kid; });
       });
     }},
    {"SplicedContent", "DECRYPTION_FAILED", Verb::kOpen,
     [](LyingHub& hub) {
       const auto other = hub.Deliver(kReferralId, hub.theirs_, hub.OwnEpoch());
       const auto spliced = seal::ParseEnvelope(other.packet()).value();
       hub.ChangePacket([&](seal::Envelope& packet) { packet.ciphertext = spliced.ciphertext; });
     }},
    {"SaidToBeSealedAnewAndNot", "DECRYPTION_FAILED", Verb::kOpen,
     [](LyingHub& hub) {
       ASSERT_EQ(hub.Run("first", {"key", "rotate"}), kExitOk) << hub.err;
       hub.opened.set_resealed_to_kid(hub.OwnEpoch().kid);  // the old wrapping, replayed
     }},
    {"APacketForSomebodyElseSealedAnewToUs", "NOT_A_RECIPIENT", Verb::kOpen,
     [](LyingHub& hub) {
       hub.opened =
           hub.Deliver(kReferralId, hub.theirs_, hub.impostor_.current.epoch_key.public_key);
       const auto share = seal::Reseal(hub.opened.packet(), hub.impostor_.current.epoch_key,
                                       {.referral_id = kReferralId,
                                        .release_hash = hub.release.release_hash(),
                                        .sender_agency_id = kOtherAgency,
                                        .sender_signing_key = hub.theirs_.list.signing_key,
                                        .now_s = 1'900'000'000},
                                       hub.OwnEpoch())
                              .value();
       hub.ChangePacket([&](seal::Envelope& packet) {
         for (seal::Recipient& each : packet.recipients) {
           if (each.kid != hub.impostor_.current.epoch_key.public_key.kid) continue;
           each.epk_x = share.epk_x;
           each.epk_y = share.epk_y;
           each.encrypted_key = share.encrypted_key;
         }
       });
       hub.opened.set_resealed_to_kid(hub.OwnEpoch().kid);
     }},
    // ---- what open packets are sealed to after a rotation
    {"BackToTheEpochBefore", "KEY_LIST_ROLLBACK", Verb::kReseal,
     [](LyingHub& hub) { hub.keys_.lists[kOwnAgency] = hub.first_list; }},
    {"ToAnEpochOfTheHubs", "AGENCY_KEY_CHANGED", Verb::kReseal,
     [](LyingHub& hub) {
       keys::Publisher forged = Published(kOwnAgency);
       forged.Rotate();
       hub.keys_.lists[kOwnAgency] = forged.jws;
     }},
    {"AnotherPacketToSealAnew", "RESEAL_INCOMPLETE", Verb::kReseal,
     [](LyingHub& hub) {
       hub.opened.set_packet(hub.Deliver(kOtherReferral, hub.theirs_, hub.OwnEpoch()).packet());
     }},
    // ---- who gets the agency's keys, and from whom
    {"TheDeviceReplacedBeforeItIsConfirmed", "DEVICE_NOT_FOUND", Verb::kConfirm,
     [](LyingHub& hub) {
       hub.read_out_ = hub.Join("third");
       hub.keys_.devices.back().set_device_jwk(seal::ToJwk(keys::SealingKey().public_key));
     }},
    {"OurOwnListReplaced", "AGENCY_KEY_CHANGED", Verb::kConfirm,
     [](LyingHub& hub) {
       hub.read_out_ = hub.Join("third");
       hub.keys_.lists[kOwnAgency] = Published(kOwnAgency).jws;
     }},
    {"AnothersDeviceShownAsAColleagues", "DEVICE_PERSON_CHANGED", Verb::kConfirm,
     [](LyingHub& hub) {
       hub.read_out_ = hub.Join("third");
       hub.keys_.devices.back().set_staff_id(kLeaver);
     }},
    {"ARemovedDeviceShownAsWaiting", "DEVICE_REMOVED_HERE", Verb::kConfirm,
     [](LyingHub& hub) {
       ASSERT_EQ(hub.Run("first", {"key", "remove", hub.read_out_, "--yes"}), kExitOk) << hub.err;
       hub.keys_.devices.back().clear_remove_time();
       hub.keys_.devices.back().clear_confirm_time();
     }},
    {"ALeaversDeviceShownAsWaiting", "PERSON_HAS_LEFT", Verb::kConfirm,
     [](LyingHub& hub) {
       hub.read_out_ = hub.Join("third");
       hub.hub_.Answer(kDisableStaff, identity::v1::DisableStaffResponse());
       ASSERT_EQ(hub.Run("first", {"user", "disable", kPerson, "--yes", "--keep-keys"}), kExitOk)
           << hub.err;
     }},
    {"AConfirmedDeviceShownAsAnotherPersons", "DEVICE_PERSON_CHANGED", Verb::kRotate,
     [](LyingHub& hub) { hub.keys_.devices.back().set_staff_id(kLeaver); }},
    {"KeysOfTheHubsForAConfirmedDevice", "WRAP_KEY_MISMATCH", Verb::kSync,
     [](LyingHub& hub) { hub.WrapOwnKeys(); }},
    {"KeysForADeviceThatNobodyConfirmed", "DEVICE_NOT_LISTED", Verb::kSync,
     [](LyingHub& hub) {
       hub.Join("third");
       hub.keys_.devices.back().mutable_confirm_time()->set_seconds(1);
       hub.WrapOwnKeys();
       hub.lied_to = "third";
     }},
    {"TheListBeforeTheDeviceWasConfirmed", "KEY_LIST_ROLLBACK", Verb::kSync,
     [](LyingHub& hub) { hub.keys_.lists[kOwnAgency] = hub.first_list; }},
};

TEST_P(LyingHub, IsRefused) {
  ASSERT_EQ(RunVerb(), kExitOk) << "while the hub is honest: " << err;
  GetParam().lie(*this);
  if (HasFatalFailure()) return;
  const size_t acts = Acts();
  EXPECT_NE(RunVerb(lied_to), kExitOk) << "falls for it";
  EXPECT_EQ(Reason(), GetParam().reason);
  EXPECT_EQ(out, "") << "a refusal writes nothing";
  EXPECT_EQ(Acts(), acts) << "something was handed in";
}

INSTANTIATE_TEST_SUITE_P(Program, LyingHub, ::testing::ValuesIn(kAttacks),
                         [](const auto& attack) { return std::string(attack.param.name); });

}  // namespace
}  // namespace fairlead::cli
