import type { FastifyInstance } from 'fastify';
import { setAnswerHeadersByHook } from './answer-headers';
import { createApp } from './app';
import { serveDocumentation } from './openapi';
import type { HttpParts } from './parts';
import { registerAdministration } from './routes/administration';
import { registerCacheAdministration } from './routes/cache-administration';
import { registerHealth } from './routes/health';

/** The side that is never public: metrics, administration, and the documentation of both sides. Not listening yet. */
export async function createAdminApp(parts: HttpParts, inference: FastifyInstance): Promise<FastifyInstance> {
  const app = await createApp('administration', parts, async (admin) => {
    setAnswerHeadersByHook(admin, parts.health);
    registerHealth(admin, parts.health);
    registerAdministration(admin, parts.repository, parts.metrics);
    registerCacheAdministration(admin, parts.cacheAdministration);
  });
  await serveDocumentation(app, inference);
  return app;
}
