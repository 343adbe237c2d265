// The main job as any client drives it: search, release, send, inbox, open, accept, start,
// complete, timeline, revoke, denied. `call(who, 'package.Service/Method', request)` gives the
// answer in camelCase with enums by name, or throws {code, reason, domain, metadata}.
import {b64u, check, checkEqual, nowSeconds, publicJwk, sealTool} from './seal_harness.mjs';
import {uuidv7} from './hub_harness.mjs';

// google.rpc.Code
export const codes = {
  invalidArgument: 3, notFound: 5, permissionDenied: 7, failedPrecondition: 9, aborted: 10,
  unauthenticated: 16,
};

const identity = 'fairlead.identity.v1.IdentityService/';
const directory = 'fairlead.directory.v1.DirectoryService/';
const consent = 'fairlead.consent.v1.ConsentService/';
const referral = 'fairlead.referral.v1.ReferralService/';

const plaintext = Buffer.from(JSON.stringify({needs: {summary: 'a bed tonight, ñandú €😀'}}));

// Every refusal carries exactly one ErrorInfo of our domain.
export async function refused(promise, code, reason, what) {
  let error;
  try {
    await promise;
  } catch (thrown) {
    error = thrown;
  }
  check(error, `${what}: it was not refused`);
  if (!error) return;
  checkEqual(error.reason, reason, `${what}: reason`);
  checkEqual(error.code, code, `${what}: code`);
  checkEqual(error.infos, 1, `${what}: details of type ErrorInfo`);
  checkEqual(error.domain, 'fairlead', `${what}: domain`);
}

async function signedRelease(call, from, to) {
  const {release} = await call(from, `${consent}CreateRelease`, {
    requestId: uuidv7(), formVersion: 'check-1', formHash: b64u(Buffer.alloc(32, 7)),
    jurisdiction: 'TX', caseHandle: uuidv7(), recipientAgencyIds: [to.agencyId],
    categories: ['needs'], purposes: ['referral'], action: 'RELEASE_ACTION_ONGOING',
    hubNamedAsIntermediary: true, safeContactInstructionPresent: true,
  });
  checkEqual(release.state, 'RELEASE_STATE_DRAFT', 'a new release');
  const signed = await call(from, `${consent}SignRelease`, {
    requestId: uuidv7(), releaseId: release.id, etag: release.etag,
    signature: {
      capacity: 'SIGNER_CAPACITY_SELF', method: 'SIGNATURE_METHOD_WRITTEN', artefactId: uuidv7(),
      language: 'es', plainLanguageConfirmed: true, risksAndAlternativesExplained: true,
    },
    notAConditionOfService: true, consequencesOfRefusingExplained: true,
    rightToRevokeExplained: true, redisclosureExplained: true, copyOffered: true,
  });
  checkEqual(signed.release.state, 'RELEASE_STATE_ACTIVE', 'a signed release');
  return signed.release;
}

async function sealedRequest(call, from, to, release, serviceId) {
  const referralId = uuidv7();
  const keysOf = async (who) => JSON.parse(
      (await call(from, `${identity}GetAgencyKeys`, {agencyId: who.agencyId})).keys.epochJwk);
  const recipients = [await keysOf(to), await keysOf(from)];
  const packet = sealTool('seal', {
    header: {
      referral_id: referralId, sender_agency_id: from.agencyId,
      release_hash: release.releaseHash, purpose: 'referral', categories: ['needs'],
      exp: nowSeconds + 86_400,
    },
    plaintext_b64: b64u(plaintext), content_type: 'application/json', recipients,
    signing_key: from.signing,
  });
  return {
    requestId: uuidv7(), referralId, caseHandle: release.caseHandle,
    facets: {needCode: 'primary_care', urgency: 'URGENCY_URGENT', languages: ['es']},
    recipientAgencyId: to.agencyId, serviceId, releaseId: release.id, packet,
  };
}

export async function openPacket(call, who, sender, referralId) {
  const opened = await call(who, `${referral}OpenPacket`, {referralId});
  const answer = JSON.parse(sealTool('open', {
    packet: opened.packet, key: who.epoch, referral_id: referralId,
    release_hash: opened.referral.releaseHash, sender_agency_id: sender.agencyId,
    sender: publicJwk(sender.signing), now_s: nowSeconds,
  }));
  return answer.plaintext_b64 ?? answer.reason;
}

export async function mainJob(call, from, to, third) {
  const found = await call(from, `${directory}SearchServices`,
                           {needCode: 'primary_care', county: '48453', language: 'es'});
  const service = found.services.find((each) => each.agencyId === to.agencyId);
  check(service, 'the search finds the recipient');
  const release = await signedRelease(call, from, to);
  const request = await sealedRequest(call, from, to, release, service.id);
  const referralId = request.referralId;
  const {referral: sent} = await call(from, `${referral}SendReferral`, request);
  checkEqual(sent.state, 'REFERRAL_STATE_OPEN', 'sent');
  const again = await call(from, `${referral}SendReferral`, request);
  checkEqual(JSON.stringify(again.referral), JSON.stringify(sent), 'the same request again');

  const inbox = await call(to, `${referral}ListReferrals`, {box: 'BOX_INBOX', pageSize: 100});
  const listed = inbox.referrals.find((each) => each.id === referralId);
  check(listed, 'the inbox shows it');
  checkEqual(listed?.offers[0].state, 'OFFER_STATE_DELIVERED', 'listed');
  checkEqual(await openPacket(call, to, from, referralId), b64u(plaintext), 'opened, to the byte');

  const offerId = sent.offers[0].id;
  await refused(call(to, `${referral}AcceptOffer`, {requestId: uuidv7(), offerId, etag: 'v99'}),
                codes.aborted, 'ETAG_MISMATCH', 'a wrong etag');
  for (const [method, fields, state] of [
    ['AcceptOffer', {offerId}, 'REFERRAL_STATE_MATCHED'],
    ['StartService', {referralId}, 'REFERRAL_STATE_IN_SERVICE'],
    ['CompleteReferral', {referralId, outcomeCode: 'enrolled'}, 'REFERRAL_STATE_COMPLETED'],
  ]) {
    const answer = await call(to, referral + method, {requestId: uuidv7(), ...fields});
    checkEqual(answer.referral.state, state, method);
  }
  const {entries} = await call(from, `${referral}GetTimeline`, {referralId});
  checkEqual(entries.map((each) => each.event).join(),
             'sent,delivered,opened,accepted,started,completed', 'timeline');
  await refused(call(third, `${referral}GetReferral`, {referralId}),
                codes.notFound, 'REFERRAL_NOT_FOUND', 'a third agency');
  await revokedAndDenied(call, from, to, third, release, request);
}

async function revokedAndDenied(call, from, to, third, release, request) {
  const {referralId} = request;
  await refused(call(from, `${referral}GetReferral`, {referralId: 'x'}),
                codes.invalidArgument, 'INVALID_ID', 'a bad id');
  await refused(call(from, `${referral}SendReferral`,
                     {...request, requestId: uuidv7(), referralId: uuidv7()}),
                codes.invalidArgument, 'PACKET_REFERRAL_MISMATCH', 'a packet of another referral');
  await refused(call(third, `${consent}RevokeRelease`,
                     {requestId: uuidv7(), releaseId: release.id,
                      method: 'SIGNATURE_METHOD_ORAL'}),
                codes.notFound, 'RELEASE_NOT_FOUND', "another agency's release");
  const revoked = await call(from, `${consent}RevokeRelease`, {
    requestId: uuidv7(), releaseId: release.id, method: 'SIGNATURE_METHOD_ORAL',
  });
  checkEqual(revoked.release.state, 'RELEASE_STATE_REVOKED', 'revoked');
  checkEqual(revoked.keysDeleted, 2, 'custody keys deleted');
  checkEqual((revoked.agencyIdsThatOpened ?? []).join(), to.agencyId, 'who had opened it');
  for (const who of [to, from]) {
    await refused(call(who, `${referral}OpenPacket`, {referralId}), codes.permissionDenied,
                  'RELEASE_REVOKED', 'opening after the revocation');
  }
}
