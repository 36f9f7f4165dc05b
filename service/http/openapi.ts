import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { PATHS } from '../../lib/contract';
import { isObject, keyword } from '../../lib/spec/describe';
import { version } from '../../package.json';

const NO_TOPBAR = '.swagger-ui .topbar { display: none }';

type Paths = Readonly<Record<string, object>>;

/** Collects the schemas of the routes registered from now on. */
export async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      info: {
        title: 'Headroom inference service',
        version,
        description: 'Open Inference Protocol v2, predictions on features and images, and administration.',
      },
    },
    transform: ({ schema, url }) => ({ schema: withParamsOf(url, schema), url }),
  });
}

/** Routes with and without a version share a schema of their parameters; each is shown with those of its path. */
function withParamsOf(url: string, schema: FastifySchema): FastifySchema {
  const params = keyword(schema, 'params');
  const properties = keyword(params, 'properties');
  if (!isObject(params) || !isObject(properties)) return schema;
  const names = url.split('/').flatMap((part) => (part.startsWith(':') ? part.slice(1) : []));
  const own = Object.fromEntries(Object.entries(properties).filter(([name]) => names.includes(name)));
  return { ...schema, params: { ...params, properties: own } };
}

/** The OpenAPI document of both sides, for people at /docs and for machines at /docs/json; the root leads there. */
export async function serveDocumentation(admin: FastifyInstance, inference: FastifyInstance): Promise<void> {
  admin.get('/', { schema: { hide: true } }, (_request, reply) => reply.redirect(PATHS.docs));
  await admin.register(swaggerUi, {
    routePrefix: PATHS.docs,
    // The page lives on another port than the API, so a browser would refuse to try requests from it.
    uiConfig: { docExpansion: 'list', supportedSubmitMethods: [] },
    theme: { title: 'Headroom', css: [{ filename: 'headroom.css', content: NO_TOPBAR }] },
    transformSpecification: (document) => ({
      ...document,
      paths: { ...withVerbs(Object(inference.swagger().paths)), ...document.paths },
    }),
  });
}

/** `/v1/models/{target}` as callers write it; the router has no way to say `{model}:predict`. */
function withVerbs(paths: Paths): Paths {
  const written = Object.entries(paths).map(([path, item]) => {
    const name = path.includes('/versions/') ? 'version' : 'model';
    return [path.replace('{target}', `{${name}}:predict`), path.includes('{target}') ? renamed(item, name) : item];
  });
  return Object.fromEntries(written);
}

/** The same operations with their parameter `target` under another name. */
function renamed(item: object, name: string): object {
  const rename = (key: string, value: unknown) => (key === 'name' && value === 'target' ? name : value);
  return JSON.parse(JSON.stringify(item, rename));
}
