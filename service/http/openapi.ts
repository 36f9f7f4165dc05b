import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { PATHS } from '../../lib/contract';

/** Collects the schemas of the routes registered from now on. */
export async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      info: {
        title: 'Headroom inference service',
        version: '2',
        description: 'Open Inference Protocol v2, predictions on features and images, and administration.',
      },
    },
  });
}

/** The OpenAPI document of both sides, for people at /docs and for machines at /docs/json. */
export async function serveDocumentation(admin: FastifyInstance, inference: FastifyInstance): Promise<void> {
  await admin.register(swaggerUi, {
    routePrefix: PATHS.docs,
    // The page lives on another port than the API, so a browser would refuse to try requests from it.
    uiConfig: { docExpansion: 'list', supportedSubmitMethods: [] },
    transformSpecification: (document) => ({ ...document, paths: { ...inference.swagger().paths, ...document.paths } }),
  });
}
