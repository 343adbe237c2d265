// The contract's messages as JSON has them (tools/types.mjs); types only.
export type {
  GetReferralResponseJson, ListReferralsResponseJson, OfferJson, OpenPacketResponseJson,
  ReferralJson, TimelineEntryJson, GetTimelineResponseJson,
} from '../build/types/fairlead/referral/v1/referral_pb.js';
export type {FacetsJson, UrgencyJson} from '../build/types/fairlead/referral/v1/facets_pb.js';
export type {
  AgencyJson, ListAgenciesResponseJson, ListNeedsResponseJson, MatchJson, MatchReasonJson,
  MatchServicesResponseJson, MissJson, NeedJson,
} from '../build/types/fairlead/directory/v1/directory_pb.js';
export type {
  CreateReleaseResponseJson, ListReleasesResponseJson, ReleaseJson, SignReleaseResponseJson,
} from '../build/types/fairlead/consent/v1/consent_pb.js';
export type {
  GetMeResponseJson, SignInResponseJson,
} from '../build/types/fairlead/identity/v1/identity_pb.js';
export type {
  DeviceJson, GetCoalitionRootResponseJson, GetKeyListResponseJson, KeyWrapJson,
  ListDevicesResponseJson, ListKeyWrapsResponseJson, RegisterDeviceResponseJson,
} from '../build/types/fairlead/identity/v1/keys_pb.js';
