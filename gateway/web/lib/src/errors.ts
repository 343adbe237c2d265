// How this library says no.

/**
 * A refusal. `reason` is stable and the same as on the C++ side (services/common/seal/seal.h,
 * services/common/keys): INVALID_PACKET, KEY_LIST_FORKED, … `detail`, where there is one, names the
 * member or the check. Neither ever holds anything of the input.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(readonly reason: string, readonly detail: string = '') {
    super(detail === '' ? reason : `${reason}:${detail}`);
  }
}

export function refuse(reason: string, detail: string = ''): never {
  throw new Refusal(reason, detail);
}
