// Overload protection: limits how many requests are processed at once, fairly between accounts, and how many wait for how long.

/** The limits of a process. */
export interface AdmissionLimits {
  /** The maximum number of requests in progress. */
  inFlightMax: number;
  /** The maximum number of requests of one account in progress, so that one account never takes all slots. */
  inFlightPerAccountMax: number;
  queueMax: number;
  queuePerAccountMax: number;
  waitMsMax: number;
}

/** The default limits. */
export const ADMISSION_LIMITS: AdmissionLimits = {
  inFlightMax: 256,
  inFlightPerAccountMax: 192,
  queueMax: 1024,
  queuePerAccountMax: 512,
  waitMsMax: 5_000,
};

/** A slot, to be released exactly once; or a refusal, because the account's share or the server's capacity is used up. */
export type Slot = { ok: true; release: () => void } | { ok: false; scope: 'account' | 'server' };

/** The admission of a process. */
export interface Admission {
  /** Waits for a slot, at most `waitMsMax`; without contention it resolves at once. */
  enter(account: string): Promise<Slot>;
}

interface Waiting {
  admit: (slot: Slot) => void;
  timer: NodeJS.Timeout;
}

interface Share {
  inFlight: number;
  waiting: Set<Waiting>;
}

/** Creates the admission of a process. Waiting requests are admitted round-robin over accounts. */
export function createAdmission(limits: AdmissionLimits = ADMISSION_LIMITS): Admission {
  // Ordered by turn: an account that was served moves to the end.
  const shares = new Map<string, Share>();
  let inFlight = 0;
  let queued = 0;

  const take = (account: string, share: Share): Slot => {
    inFlight += 1;
    share.inFlight += 1;
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      inFlight -= 1;
      share.inFlight -= 1;
      if (queued > 0) admitNext();
      if (share.inFlight === 0 && share.waiting.size === 0) shares.delete(account);
    };
    return { ok: true, release };
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

  const wait = (account: string, share: Share): Promise<Slot> =>
    new Promise((admit) => {
      const waiting: Waiting = {
        admit,
        timer: setTimeout(() => {
          share.waiting.delete(waiting);
          queued -= 1;
          if (share.inFlight === 0 && share.waiting.size === 0) shares.delete(account);
          admit({ ok: false, scope: share.inFlight >= limits.inFlightPerAccountMax ? 'account' : 'server' });
        }, limits.waitMsMax),
      };
      share.waiting.add(waiting);
      queued += 1;
    });

  return {
    async enter(account) {
      const share = shares.get(account) ?? { inFlight: 0, waiting: new Set() };
      shares.set(account, share);
      const hasSlot = inFlight < limits.inFlightMax && share.inFlight < limits.inFlightPerAccountMax;
      if (hasSlot && share.waiting.size === 0) return take(account, share);
      if (share.waiting.size >= limits.queuePerAccountMax) return { ok: false, scope: 'account' };
      if (queued >= limits.queueMax) return { ok: false, scope: 'server' };
      return wait(account, share);
    },
  };
}
