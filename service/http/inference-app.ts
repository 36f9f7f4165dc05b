import type { FastifyInstance } from 'fastify';
import { createApp } from './app';
import { ModelRequests } from './model-requests';
import type { HttpParts } from './parts';
import { echoRequestIds } from './request-id';
import { registerHealth } from './routes/health';
import { registerInfer } from './routes/infer';
import { registerModels } from './routes/models';
import { registerPredict } from './routes/predict';

/** The public side: health, metadata and predictions. Not listening yet. */
export function createInferenceApp(parts: HttpParts): Promise<FastifyInstance> {
  return createApp(parts, async (app) => {
    await app.register((quiet, _options, done) => {
      echoRequestIds(quiet);
      registerHealth(quiet, parts.health);
      registerModels(quiet, parts.repository, parts.serverVersion);
      done();
    });
    const requests = new ModelRequests(parts.repository, parts.predictor);
    registerInfer(app, requests);
    registerPredict(app, requests);
  });
}
