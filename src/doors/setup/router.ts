// The door of set-up pages as an Express router.

import express, { type Router } from 'express';
import { createPipeline, type PipelineOptions } from '../../http/pipeline.ts';
import type { SetupRoute, SetupVisit } from './door.ts';

/** Makes the router of set-up pages. It answers everything below its mount path itself, including errors. */
export function setupRouter(options: PipelineOptions<SetupVisit, SetupRoute>): Router {
  const router = express.Router();
  router.use(createPipeline(options));
  return router;
}
