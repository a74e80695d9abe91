// Overload: how many requests are worked on at once, fair between accounts, and what waits for how long.

export interface AdmissionLimits {
  /** Requests at work in this process. */
  inFlightMax: number;
  /** Requests of one account at work, so that one account never takes all places. */
  inFlightPerAccountMax: number;
  queueMax: number;
  queuePerAccountMax: number;
  waitMsMax: number;
}

export const ADMISSION_LIMITS: AdmissionLimits = {
  inFlightMax: 256,
  inFlightPerAccountMax: 192,
  queueMax: 1024,
  queuePerAccountMax: 512,
  waitMsMax: 5_000,
};

/** A place, to be left exactly once; or a refusal: the account's own share is used up, or the server is full. */
export type Place = { ok: true; leave: () => void } | { ok: false; scope: 'account' | 'server' };

export interface Admission {
  /** Waits for a place no longer than `waitMsMax`; without contention it is there at once. */
  enter(account: string): Promise<Place>;
}

interface Waiting {
  admit: (place: Place) => void;
  timer: NodeJS.Timeout;
}

interface Share {
  inFlight: number;
  waiting: Set<Waiting>;
}

/** Makes the admission of a process. Those who wait are let in in turn, an account at a time. */
export function createAdmission(limits: AdmissionLimits = ADMISSION_LIMITS): Admission {
  // In the order in which accounts get their turn: who has had one goes to the end.
  const shares = new Map<string, Share>();
  let inFlight = 0;
  let queued = 0;

  const take = (account: string, share: Share): Place => {
    inFlight += 1;
    share.inFlight += 1;
    let left = false;
    const leave = () => {
      if (left) return;
      left = true;
      inFlight -= 1;
      share.inFlight -= 1;
      if (queued > 0) admitNext();
      if (share.inFlight === 0 && share.waiting.size === 0) shares.delete(account);
    };
    return { ok: true, leave };
  };

  const admitNext = (): void => {
    for (const [account, share] of shares) {
      if (inFlight >= limits.inFlightMax) return;
      const [next] = share.waiting;
      if (!next || share.inFlight >= limits.inFlightPerAccountMax) continue;
      share.waiting.delete(next);
      clearTimeout(next.timer);
      queued -= 1;
      shares.delete(account);
      shares.set(account, share);
      next.admit(take(account, share));
      return;
    }
  };

  const wait = (account: string, share: Share): Promise<Place> =>
    new Promise((admit) => {
      const waiting: Waiting = {
        admit,
        timer: setTimeout(() => {
          share.waiting.delete(waiting);
          queued -= 1;
          if (share.inFlight === 0 && share.waiting.size === 0) shares.delete(account);
          admit({ ok: false, scope: 'server' });
        }, limits.waitMsMax),
      };
      share.waiting.add(waiting);
      queued += 1;
    });

  return {
    async enter(account) {
      const share = shares.get(account) ?? { inFlight: 0, waiting: new Set() };
      shares.set(account, share);
      const hasPlace = inFlight < limits.inFlightMax && share.inFlight < limits.inFlightPerAccountMax;
      if (hasPlace && share.waiting.size === 0) return take(account, share);
      if (share.waiting.size >= limits.queuePerAccountMax) return { ok: false, scope: 'account' };
      if (queued >= limits.queueMax) return { ok: false, scope: 'server' };
      return wait(account, share);
    },
  };
}
