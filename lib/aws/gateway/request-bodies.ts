import { type JsonSchema, JsonSchemaType, JsonSchemaVersion } from 'aws-cdk-lib/aws-apigateway';
import type { ApiBody } from './api-routes';

/**
 * What a gateway asks of a JSON body before it costs a run: the outermost shape. The service's codecs judge the rest,
 * whose sentences name the input, row or feature that is wrong.
 */
export const API_BODY_SCHEMAS: Readonly<Record<ApiBody, JsonSchema>> = {
  instances: withList('instances'),
  tensors: withList('inputs'),
};

function withList(name: string): JsonSchema {
  return {
    schema: JsonSchemaVersion.DRAFT4,
    type: JsonSchemaType.OBJECT,
    required: [name],
    properties: { [name]: { type: JsonSchemaType.ARRAY } },
  };
}
