import type { BatchSettings } from '../../k8s/batch-settings';

/** A run over files of a volume, with everything chosen. */
export const BATCH: BatchSettings = {
  model: 'recommendations',
  input: 'baskets',
  output: 'scored/today',
  claim: 'batch-data',
  shards: 16,
  format: 'parquet',
  keep: 'user_id',
};
