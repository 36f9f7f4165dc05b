import { PATHS } from '../../contract';

/** A body that a gateway can check: what every one of them has at its top. */
export type ApiBody = 'tensors' | 'instances';

/** One way in through a gateway; parts in braces stand for any text without a slash. */
export interface ApiRoute {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Undefined for a request without a body. */
  readonly body?: ApiBody;
}

/**
 * What clients may ask the service for: predictions, and which models there are. Administration is not among it, nor is
 * the index of the repository, whose reasons for a failed load are not for the public.
 *
 * @param models names of the models
 */
export function apiRoutes(models: readonly string[]): ApiRoute[] {
  return [
    { method: 'GET', path: '/v2' },
    { method: 'GET', path: PATHS.ready },
    ...['/v2/models/{model}', '/v2/models/{model}/versions/{version}'].flatMap((path): ApiRoute[] => [
      { method: 'GET', path },
      { method: 'GET', path: `${path}/ready` },
      { method: 'POST', path: `${path}/infer`, body: 'tensors' },
    ]),
    // Letter by letter, because a gateway may escape the colon of a variable part, and a load balancer, which finds
    // the model's replicas by this path, does not see through that.
    ...models.map((model): ApiRoute => ({ method: 'POST', path: `/v1/models/${model}:predict`, body: 'instances' })),
    // The last part is `3:predict`.
    { method: 'POST', path: '/v1/models/{model}/versions/{version}', body: 'instances' },
    { method: 'GET', path: '/v1/models/{model}/entities/{entity}' },
    { method: 'GET', path: '/v1/models/{model}/versions/{version}/entities/{entity}' },
  ];
}

/** Content types of bodies that are bytes and no text: images, and tensors behind their JSON. */
export const BINARY_MEDIA_TYPES: readonly string[] = ['application/octet-stream', 'image/jpeg', 'image/png'];
