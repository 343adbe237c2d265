// What this browser keeps for one person: keys as handles that no script can read out, what is
// believed of agencies' keys, and drafts, encrypted. One IndexedDB database a person, so that two
// who share a computer share nothing.

const STORE = 'things';
const DRAFT_KEY = 'draft-key';
const DRAFT = 'draft:';

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB'));
  });
}

export class Store {
  private wiped = false;  // signed out: what was being written is not written down after all

  private constructor(private readonly database: IDBDatabase) {}

  static async open(staffId: string): Promise<Store> {
    const request = indexedDB.open(`fairlead-${staffId}`, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    return new Store(await done(request));
  }

  private things(mode: IDBTransactionMode): IDBObjectStore {
    return this.database.transaction(STORE, mode).objectStore(STORE);
  }

  async get<T>(name: string): Promise<T | undefined> {
    return await done(this.things('readonly').get(name)) as T | undefined;
  }

  async put(name: string, value: unknown): Promise<void> {
    await done(this.things('readwrite').put(value, name));
  }

  async remove(name: string): Promise<void> {
    await done(this.things('readwrite').delete(name));
  }

  /** Everything whose name begins so, by the rest of its name. */
  async all<T>(prefix: string): Promise<Map<string, T>> {
    const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
    const store = this.things('readonly');
    const [names, values] = await Promise.all([
      done(store.getAllKeys(range)), done(store.getAll(range)),
    ]);
    return new Map(names.map((name, at) => [String(name).slice(prefix.length), values[at] as T]));
  }

  // ---- drafts: AES-GCM under a key of their own that cannot be read out; gone with a sign-out

  private async draftKey(): Promise<CryptoKey> {
    const known = await this.get<CryptoKey>(DRAFT_KEY);
    if (known !== undefined) return known;
    const key = await crypto.subtle.generateKey(
        {name: 'AES-GCM', length: 256}, false, ['encrypt', 'decrypt']);
    await this.put(DRAFT_KEY, key);
    return key;
  }

  async saveDraft(name: string, draft: unknown): Promise<void> {
    if (this.wiped) return;
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plaintext = new TextEncoder().encode(JSON.stringify(draft));
    const sealed =
        await crypto.subtle.encrypt({name: 'AES-GCM', iv}, await this.draftKey(), plaintext);
    await this.put(DRAFT + name, {iv, sealed});
  }

  async loadDraft<T>(name: string): Promise<T | undefined> {
    const kept = await this.get<{iv: BufferSource; sealed: ArrayBuffer}>(DRAFT + name);
    if (kept === undefined) return undefined;
    try {
      const plaintext = await crypto.subtle.decrypt(
          {name: 'AES-GCM', iv: kept.iv}, await this.draftKey(), kept.sealed);
      return JSON.parse(new TextDecoder().decode(plaintext)) as T;
    } catch {
      return undefined;  // of a key that is gone
    }
  }

  async dropDraft(name: string): Promise<void> {
    await this.remove(DRAFT + name);
  }

  async wipeDrafts(): Promise<void> {
    this.wiped = true;
    for (const name of (await this.all(DRAFT)).keys()) await this.remove(DRAFT + name);
    await this.remove(DRAFT_KEY);
  }
}
