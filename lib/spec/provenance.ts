import { type Static, Type } from 'typebox';
import { CLOSED } from './closed';

const Digest = (description: string) => Type.String({ pattern: '^[0-9a-f]{64}$', description });

export const ProvenanceSchema = Type.Array(
  Type.Object(
    {
      version: Type.Integer({ minimum: 1, description: 'The version that was made.' }),
      digest: Digest('sha256 of its files, as the model repository names it.'),
      technique: Type.String({ minLength: 1, description: 'What it was made by.' }),
      parent: Type.Object(
        {
          version: Type.Integer({ minimum: 1, description: 'The version it was made from.' }),
          digest: Digest('Its sha256.'),
        },
        CLOSED,
      ),
      madeAt: Type.String({ description: 'Date and time, ISO 8601.' }),
      tools: Type.Record(Type.String(), Type.String(), { description: 'Versions of what made and measured it.' }),
      machine: Type.String({ description: 'Processor that it was measured on.' }),
      figures: Type.Object(
        {
          latencySpeedup: Type.Number({ description: 'Latency of one row: of the parent, divided by its own.' }),
          throughputSpeedup: Type.Number({ description: 'Throughput of a thread: its own, divided by the parent’s.' }),
          sizeBytes: Type.Integer({ minimum: 0 }),
          parentSizeBytes: Type.Integer({ minimum: 0 }),
          evaluation: Type.String({ description: 'What it was judged by.' }),
          rows: Type.Integer({ minimum: 1, description: 'Rows of that.' }),
          metric: Type.Optional(Type.String()),
          quality: Type.Optional(Type.Number({ description: 'Value of the metric.' })),
          parentQuality: Type.Optional(Type.Number({ description: 'That of the parent.' })),
          agreement: Type.Number({ description: "With the parent's outputs, 0 to 1." }),
        },
        CLOSED,
      ),
    },
    CLOSED,
  ),
  { description: 'Where versions come from that were made from others; written by headroom optimize --adopt.' },
);

/** One entry for each version that was made from another. */
export type Provenance = Static<typeof ProvenanceSchema>;
