import type { FastifyInstance } from 'fastify';
import { setAnswerHeadersByHook } from './answer-headers';
import { createApp } from './app';
import { ModelRequests } from './model-requests';
import type { HttpParts } from './parts';
import { registerEntities } from './routes/entities';
import { registerHealth } from './routes/health';
import { registerInfer } from './routes/infer';
import { registerModels } from './routes/models';
import { registerPredict } from './routes/predict';

/** The public side: health, metadata and predictions. Not listening yet. */
export function createInferenceApp(parts: HttpParts): Promise<FastifyInstance> {
  return createApp('inference', parts, async (app) => {
    await app.register((quiet, _options, done) => {
      setAnswerHeadersByHook(quiet, parts.health);
      registerHealth(quiet, parts.health);
      registerModels(quiet, parts.repository, parts.serverVersion);
      done();
    });
    const requests = new ModelRequests(parts.repository, parts.predictor, parts.health);
    registerInfer(app, requests);
    registerPredict(app, requests);
    registerEntities(app, requests);
  });
}
