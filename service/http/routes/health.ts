import type { FastifyInstance } from 'fastify';
import { PATHS } from '../../../lib/contract';

/** What the probes of load balancers and Kubernetes learn of the process. */
export interface Health {
  /** True once the first look at the model repository is done, until the service stops. */
  isReady(): boolean;
  /** True from the first signal to stop, while requests are still answered. */
  isStopping(): boolean;
}

/**
 * Liveness never runs a model and readiness never asks another server, so that neither a slow model nor a lost cache
 * takes replicas out of service. Bodies as the KServe client reads them.
 */
export function registerHealth(app: FastifyInstance, health: Health): void {
  app.get(PATHS.live, { schema: { tags: ['health'], summary: 'Whether the process runs' } }, (_request, reply) => {
    return reply.send({ live: true });
  });
  app.get(
    PATHS.ready,
    { schema: { tags: ['health'], summary: 'Whether the service takes requests' } },
    (_request, reply) => {
      const ready = health.isReady();
      return reply.code(ready ? 200 : 503).send({ ready });
    },
  );
}
