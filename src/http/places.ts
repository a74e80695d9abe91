// The places of requests: for their work, for receiving a file, for a reader who is slow, for live streams, and the memory of their bodies. Each kind has
// its own number, so that no client can hold what others need; sign-in and System Administrators have places that no account can take.

import type { Refusal } from '../doors/contract.ts';
import { ADMISSION_LIMITS, type Admission, type AdmissionLimits, createAdmission } from './admission.ts';

/** Who sent a request, for limits. */
export interface Requester {
  account: string;
  /** The administrator, or the credential of a connection. */
  person: string;
  /** The request takes none of its account's places: it has no account. */
  reserved: 'system' | 'open' | undefined;
}

/** A limit by account and by person. `max` is the sum over all accounts. */
interface ShareLimits {
  max: number;
  perAccountMax: number;
  perPersonMax: number;
}

/** The limits of a process. */
export interface PlaceLimits {
  work: AdmissionLimits;
  /** For each of the two reserved kinds. The account in them is the person or the address. */
  reserved: AdmissionLimits;
  uploads: ShareLimits;
  /** Responses that wait for a slow reader. */
  readers: ShareLimits;
  /** Streams that go on until their reader leaves. */
  streams: ShareLimits;
  /** Bytes of JSON bodies in memory. */
  bodyBytes: ShareLimits;
}

const MIB = 1024 * 1024;

/** The default limits. */
const PLACE_LIMITS: PlaceLimits = {
  work: ADMISSION_LIMITS,
  reserved: { inFlightMax: 32, inFlightPerAccountMax: 16, queueMax: 256, queuePerAccountMax: 128, waitMsMax: 5_000 },
  uploads: { max: 64, perAccountMax: 4, perPersonMax: 2 },
  readers: { max: 256, perAccountMax: 32, perPersonMax: 32 },
  streams: { max: 64, perAccountMax: 8, perPersonMax: 4 },
  bodyBytes: { max: 256 * MIB, perAccountMax: 96 * MIB, perPersonMax: 96 * MIB },
};

/** Whether a request got its place. */
export type Place = { ok: true } | { ok: false; refusal: Refusal };

/** The places of one request. It holds at most one at a time: a new one replaces the one before. */
export interface RequestPlaces {
  /** Waits for a place for the work of the request. */
  work(): Promise<Place>;
  /** A place for receiving a file, at once or not at all. */
  upload(): Place;
  /** A place for a response that its reader takes slowly, at once or not at all. */
  slowReader(): Place;
  /** A place for a live stream, at once or not at all. */
  stream(): Place;
  /** Counts bytes of the body that are in memory until the end of the request. */
  bodyBytes(bytes: number): Place;
  /** Releases everything; may be called several times. */
  release(): void;
}

/** The places of a process. */
export interface Places {
  of(requester: Requester): RequestPlaces;
}

/** Creates the places of a process. */
export function createPlaces(limits: PlaceLimits = PLACE_LIMITS): Places {
  const admissions: Record<'work' | 'system' | 'open', Admission> = {
    work: createAdmission(limits.work),
    system: createAdmission(limits.reserved),
    open: createAdmission(limits.reserved),
  };
  const uploads = createShares(limits.uploads);
  const readers = createShares(limits.readers);
  const streams = createShares(limits.streams);
  const bodyBytes = createShares(limits.bodyBytes);

  return {
    of(requester) {
      const { account, person, reserved } = requester;
      const counted = reserved === undefined ? { account, person } : { account: `${reserved} ${person}`, person };
      let leave: (() => void) | undefined;
      let bytesHeld = 0;
      const exchange = (next: (() => void) | undefined): void => {
        leave?.();
        leave = next;
      };
      const takeOne = (shares: Shares, of: Overload): Place => {
        const scope = shares.take(counted, 1, reserved !== undefined);
        if (scope) return overloaded(scope, of);
        exchange(() => shares.giveBack(counted, 1, reserved !== undefined));
        return { ok: true };
      };
      return {
        async work() {
          const slot = await admissions[reserved ?? 'work'].enter(counted.account);
          if (!slot.ok) return overloaded(slot.scope, 'requests');
          exchange(slot.release);
          return { ok: true };
        },
        upload: () => takeOne(uploads, 'uploads'),
        slowReader: () => takeOne(readers, 'requests'),
        stream: () => takeOne(streams, 'live streams'),
        bodyBytes(bytes) {
          const scope = bodyBytes.take(counted, bytes, reserved !== undefined);
          if (scope) return overloaded(scope, 'requests');
          bytesHeld += bytes;
          return { ok: true };
        },
        release() {
          exchange(undefined);
          if (bytesHeld > 0) bodyBytes.giveBack(counted, bytesHeld, reserved !== undefined);
          bytesHeld = 0;
        },
      };
    },
  };
}

type Overload = 'requests' | 'uploads' | 'live streams';

function overloaded(scope: 'account' | 'server', of: Overload): Place {
  return { ok: false, refusal: { kind: 'overloaded', scope, of } };
}

type Counted = Pick<Requester, 'account' | 'person'>;

/** Amounts that are counted by account and by person. Reserved requests do not count towards the sum of the accounts. */
interface Shares {
  /** Takes an amount; returns whose limit is used up if there is not enough. */
  take(of: Counted, amount: number, reserved: boolean): 'account' | 'server' | undefined;
  giveBack(of: Counted, amount: number, reserved: boolean): void;
}

function createShares(limits: ShareLimits): Shares {
  const byKey = new Map<string, number>();
  let sum = 0;
  const keysOf = ({ account, person }: Counted) => ({ account, person: `${account} ${person}` });
  const add = (key: string, amount: number): void => {
    const total = (byKey.get(key) ?? 0) + amount;
    if (total > 0) byKey.set(key, total);
    else byKey.delete(key);
  };
  const change = (of: Counted, amount: number, reserved: boolean): void => {
    const { account, person } = keysOf(of);
    add(account, amount);
    add(person, amount);
    if (!reserved) sum += amount;
  };
  return {
    take(of, amount, reserved) {
      const { account, person } = keysOf(of);
      if ((byKey.get(account) ?? 0) + amount > limits.perAccountMax) return 'account';
      if ((byKey.get(person) ?? 0) + amount > limits.perPersonMax) return 'account';
      if (!reserved && sum + amount > limits.max) return 'server';
      change(of, amount, reserved);
      return undefined;
    },
    giveBack: (of, amount, reserved) => change(of, -amount, reserved),
  };
}
