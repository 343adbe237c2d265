// What must come out of the attacks, for any client, and what is wrong when it does not.
import {PLAINTEXT} from './world.mjs';

const plaintext = Buffer.from(PLAINTEXT).toString('base64url');

/** The faults that one attack has found in a client; none is right. */
export function faultsOf(attack, control, attacked) {
  const faults = [];
  if (control.outcome !== 'ok') {
    faults.push(`refuses the honest exchange: ${control.outcome}`);
  } else if (control.learned.at(-1) !== plaintext) {
    faults.push('opens the honest packet to something else');
  }
  if (attacked.outcome === 'ok') {
    faults.push('falls for it');
  } else if (attacked.outcome !== attack.expect) {
    faults.push(`says ${attacked.outcome} instead of ${attack.expect}`);
  }
  return faults;
}

/** Where two clients see the same exchange differently. */
export function differenceOf(one, two) {
  const [a, b] = [JSON.stringify(one), JSON.stringify(two)];
  return a === b ? [] : [`the clients differ: ${a.slice(0, 200)} and ${b.slice(0, 200)}`];
}
