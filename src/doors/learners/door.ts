// The door of learners: pages for sign-in, registration and passwords. It reads forms, asks what `auth/learners` and the directory
// decide, and writes pages.

import { learnersConnection } from '../../directory/accounts/accounts.ts';
import type { Account } from '../../directory/model.ts';
import type { Authenticate, Door, DoorResponse, Refusal, Route } from '../contract.ts';
import { answerVisit, pageAnswer } from './answers.ts';
import { type Failure, failedPage } from './pages/pages.ts';
import { type LearnerDoorOptions, type Place, placeOf, type Visit, visit } from './visit.ts';

/** A route with its place. */
export interface LearnerRoute extends Route<Visit> {
  place: Place;
}

const FORM_BYTES_MAX = 16 * 1024;
const METHODS = new Set(['GET', 'HEAD', 'POST']);
const MEDIA_TYPE = 'text/html; charset=utf-8';

/** The account of a request that belongs to none. */
const NOBODY: Account = { id: 'system', slug: '', name: 'System', requiredData: 'enforce', derivedGroups: [] };

/** Creates the door, and the function that finds whose page a request is for. */
export function createLearnerDoor(options: LearnerDoorOptions): {
  door: Door<Visit, LearnerRoute>;
  authenticate: Authenticate<Visit, LearnerRoute>;
} {
  const routeOf = (place: Place): LearnerRoute => ({
    place,
    name: place.kind,
    bodyBytesMax: FORM_BYTES_MAX,
    takesBytes: false,
    takesForm: true,
    handle: (request) => answerVisit(options, request),
  });
  return {
    door: {
      name: 'learners',
      mediaType: MEDIA_TYPE,
      match(method, path) {
        const place = placeOf(path);
        if (!place) return { ok: false, response: failure(404, 'way') };
        if (METHODS.has(method)) return { ok: true, route: routeOf(place) };
        return { ok: false, response: { ...failure(405, 'request'), headers: { Allow: 'GET, HEAD, POST' } } };
      },
      refuse,
    },
    async authenticate(request, match) {
      const matched = match();
      const found: Visit = matched.ok
        ? await visit(options, matched.route.place, request.headers)
        : { kind: 'nowhere', place: { kind: 'way', slug: '', identifier: '' }, account: undefined };
      const account = found.account ?? NOBODY;
      const caller = { account, connection: learnersConnection(account), credentialId: 'learner' };
      return { ok: true, caller, session: found, reserved: 'open' };
    },
  };
}

/** A refusal of the server, in English: whose page it would be is not known yet. */
function refuse(refusal: Refusal): DoorResponse {
  switch (refusal.kind) {
    case 'overloaded':
    case 'unavailable': {
      const headers = { 'Retry-After': refusal.kind === 'overloaded' ? '2' : '5' };
      const response = failure(503, refusal.kind === 'overloaded' ? 'busy' : 'server');
      return { ...response, headers: { ...response.headers, ...headers } };
    }
    case 'internal':
      return failure(500, 'server');
    case 'tooLarge':
      return failure(413, 'request');
    case 'mediaType':
      return failure(415, 'request');
    case 'forbidden':
    case 'unauthenticated':
      return failure(403, 'foreign');
    case 'syntax':
      return failure(400, 'request');
  }
}

function failure(status: number, kind: Failure): DoorResponse {
  return pageAnswer(status, failedPage({ account: undefined, language: 'en' }, kind), kind);
}
