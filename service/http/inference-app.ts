import type { FastifyInstance } from 'fastify';
import { createApp } from './app';
import { readBodiesAsBuffers } from './body';
import { ModelRequests } from './model-requests';
import type { HttpParts } from './parts';
import { registerHealth } from './routes/health';
import { registerInfer } from './routes/infer';
import { registerModels } from './routes/models';
import { registerPredict } from './routes/predict';

/** The public side: health, metadata and predictions. Not listening yet. */
export function createInferenceApp(parts: HttpParts): Promise<FastifyInstance> {
  return createApp(parts, (app) => {
    readBodiesAsBuffers(app);
    registerHealth(app, parts.health);
    registerModels(app, parts.repository, parts.serverVersion);
    const requests = new ModelRequests(parts.repository, parts.predictor);
    registerInfer(app, requests);
    registerPredict(app, requests);
  });
}
