// The SCIM door as an Express router, to be mounted in any application: app.use('/scim/v2', scimRouter(options)).

import express, { type Router } from 'express';
import type { ClientAddress } from '../../http/client-address.ts';
import type { EventRecorder } from '../../http/events/recorder.ts';
import { createPipeline, type PipelineOptions } from '../../http/pipeline.ts';
import { createPlaces, type Places } from '../../http/places.ts';
import { type Log, NO_LOG } from '../../log.ts';
import type { Authenticate, Route } from '../contract.ts';
import { createScimDoor, type ScimDoorOptions } from './door.ts';
import { SCIM_LIMITS, type ScimLimits } from './limits.ts';

export interface ScimRouterOptions extends Omit<ScimDoorOptions, 'limits' | 'report'> {
  /** Runs before anything else in a request is read, including its path and body. */
  authenticate: Authenticate;
  /** Instead of the default limits. */
  limits?: Partial<ScimLimits>;
  /** Shared by several routers, so that one limit applies to all; by default one for this router. */
  places?: Places;
  /** Keeps every request as an event; by default none is kept. */
  recorder?: EventRecorder | undefined;
  /** Limits how long a request waits for its database; by default each operation has a limit of its own. */
  deadline?: PipelineOptions<unknown, Route>['deadline'];
  /** Receives the outcome of every request, for metrics. */
  observe?: PipelineOptions<unknown, Route>['observe'];
  /** The address of a client, for counts of refused requests; by default that of the connection. */
  clientAddress?: ClientAddress;
  /** Receives errors; by default they are not logged. */
  log?: Log;
}

/**
 * Makes the router of the SCIM door. It answers everything below its mount path itself, including errors, and calls no
 * middleware after it. A body parser before it, such as `express.json()`, does no harm.
 * @see RFC 7644 §3.2
 */
export function scimRouter(options: ScimRouterOptions): Router {
  const { authenticate, places = createPlaces(), deadline, recorder, observe, clientAddress, log = NO_LOG } = options;
  const door = createScimDoor({
    ...options,
    limits: { ...SCIM_LIMITS, ...options.limits },
    report: (error) => log.error('A request failed', { error }),
  });
  const router = express.Router();
  const addressed = clientAddress ? { clientAddress } : {};
  router.use(createPipeline({ door, authenticate, places, deadline, recorder, observe, log, ...addressed }));
  return router;
}
