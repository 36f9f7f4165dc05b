import type { Provenance } from '../../lib/spec/provenance';

/** What `headroom optimize --adopt` writes of an INT8 version into model.yaml. */
export function provenanceOf(digest: string, parentDigest: string): Provenance[number] {
  return {
    version: 2,
    digest,
    technique: 'dynamic-int8',
    parent: { version: 1, digest: parentDigest },
    madeAt: '2026-11-24T12:00:00.000Z',
    tools: { headroom: '0.1.0' },
    machine: 'test',
    figures: {
      latencySpeedup: 1.5,
      throughputSpeedup: 1.4,
      sizeBytes: 1,
      parentSizeBytes: 4,
      evaluation: 'heldout.json',
      rows: 400,
      agreement: 0.999,
    },
  };
}
