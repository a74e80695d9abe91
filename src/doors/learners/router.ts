// The door of learners as an Express router.

import express, { type Router } from 'express';
import { createPipeline, type PipelineOptions } from '../../http/pipeline.ts';
import type { LearnerRoute } from './door.ts';
import type { Visit } from './visit.ts';

/** Makes the router of the pages of learners. It answers everything below its mount path itself, including errors. */
export function learnerRouter(options: PipelineOptions<Visit, LearnerRoute>): Router {
  const router = express.Router();
  router.use(createPipeline(options));
  return router;
}
