import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { modelMetadata } from '../../protocol/metadata';
import type { ModelRepository } from '../../repository/model-repository';
import { indexSchema, type ModelParams, metadataSchema, modelReadySchema, serverSchema } from '../schemas';

type ModelRequest = FastifyRequest<{ Params: ModelParams }>;

/** Server and model metadata, model readiness and the repository index of the Open Inference Protocol. */
export function registerModels(app: FastifyInstance, repository: ModelRepository, serverVersion: string): void {
  const server = {
    name: 'headroom',
    version: serverVersion,
    extensions: ['binary_tensor_data', 'classification', 'model_repository', 'parameters'],
  };
  app.get('/v2', { schema: serverSchema }, (_request, reply) => reply.send(server));

  const metadata = (request: ModelRequest, reply: FastifyReply) => {
    const lease = repository.acquire(request.params.model, request.params.version);
    try {
      const { name, digest, sizeBytes, runtime, settings, description } = lease.model;
      const versions = repository.versionsOf(name);
      return reply.send({
        ...modelMetadata(name, versions, runtime.signature),
        parameters: {
          sha256: digest,
          size_bytes: sizeBytes,
          executor: runtime.executor,
          max_batch_rows: runtime.maxBatchRows,
          max_batch: settings.maxBatch,
          intra_op_threads: settings.intraOpThreads,
          execution_mode: settings.executionMode,
          ...(description === undefined ? {} : { description: description.description }),
        },
      });
    } finally {
      lease.release();
    }
  };
  app.get('/v2/models/:model', { schema: metadataSchema }, metadata);
  app.get('/v2/models/:model/versions/:version', { schema: metadataSchema }, metadata);

  const ready = (request: ModelRequest, reply: FastifyReply) => {
    const lease = repository.acquire(request.params.model, request.params.version);
    const { name } = lease.model;
    lease.release();
    return reply.send({ name, ready: true });
  };
  app.get('/v2/models/:model/ready', { schema: modelReadySchema }, ready);
  app.get('/v2/models/:model/versions/:version/ready', { schema: modelReadySchema }, ready);

  app.post('/v2/repository/index', { schema: indexSchema }, (_request, reply) => reply.send(repository.index()));
}
