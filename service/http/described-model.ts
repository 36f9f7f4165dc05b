import { badRequest, unsupportedMediaType } from '../errors';
import type { AnswerFormatter } from '../model/answer';
import type { FeatureEncoder } from '../model/features';
import type { ModelContext } from '../predict/model-context';

/** What words the answers of a model. @throws ServiceError 400 where it has no model.yaml */
export function formatterOf({ model: { name, answer } }: ModelContext): AnswerFormatter {
  if (answer !== undefined) return answer;
  throw badRequest(`model '${name}' has no model.yaml that names its features; use /v2/models/${name}/infer`);
}

/** What turns features into rows of a model. @throws ServiceError 415 where it takes images */
export function encoderOf({ model: { name, features } }: ModelContext): FeatureEncoder {
  if (features !== undefined) return features;
  throw unsupportedMediaType(`model '${name}' takes an image: send it with content-type image/jpeg or image/png`);
}
