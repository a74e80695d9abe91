// The admin door as an Express router, to be mounted in any application: app.use('/api/v1', adminRouter(options)).

import express, { type Router } from 'express';
import { createPipeline, type PipelineOptions } from '../../http/pipeline.ts';
import type { AdminRoute } from './api/door.ts';
import type { AdminSession } from './api/operation.ts';

export type AdminRouterOptions = PipelineOptions<AdminSession | undefined, AdminRoute>;

/** Makes the router of the admin door. It answers everything below its mount path itself, including errors. */
export function adminRouter(options: AdminRouterOptions): Router {
  const router = express.Router();
  router.use(createPipeline(options));
  return router;
}
