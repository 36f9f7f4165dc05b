import type { FastifyInstance, FastifyRequest } from 'fastify';
import { PATHS } from '../../../lib/contract';
import type { ModelRepository } from '../../repository/model-repository';
import type { Metrics } from '../../telemetry/metrics';
import { indexSchema, loadSchema, type ModelParams, unloadSchema } from '../schemas';

type ModelRequest = FastifyRequest<{ Params: ModelParams }>;

/** What only operators may see and do: metrics, and the model repository extension's load and unload. */
export function registerAdministration(app: FastifyInstance, repository: ModelRepository, metrics: Metrics): void {
  app.get(
    PATHS.metrics,
    { schema: { tags: ['observability'], summary: 'Metrics in the text format of Prometheus' } },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.expose()),
  );
  app.post('/v2/repository/index', { schema: indexSchema }, (_request, reply) => reply.send(repository.index()));
  app.post('/v2/repository/models/:model/load', { schema: loadSchema }, async (request: ModelRequest, reply) => {
    await repository.load(request.params.model);
    return reply.send({});
  });
  app.post('/v2/repository/models/:model/unload', { schema: unloadSchema }, async (request: ModelRequest, reply) => {
    await repository.unload(request.params.model);
    return reply.send({});
  });
}
