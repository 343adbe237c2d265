// The one list of attacks that every client must refuse. Each is {area, name, expect, change} and,
// where the honest exchange is not the common one (world.mjs), `setting`.
import keys from './attacks_keys.mjs';
import packets from './attacks_packet.mjs';
import reseals from './attacks_reseal.mjs';
import roots from './attacks_root.mjs';
import wraps from './attacks_wrap.mjs';

export const attacks = [...roots, ...keys, ...wraps, ...packets, ...reseals];
