import { createHash } from 'node:crypto';
import { ApiObject, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { FINAL_EXIT_CODES, IMAGE } from '../lib/contract';
import type { Spec } from '../lib/spec/load';
import { isUrl } from '../lib/spec/model-url';
import type { BatchSettings } from './batch-settings';
import { BATCH_COMPONENT, COMPONENT_LABEL, systemLabels } from './names';
import { SPEC_PATH } from './pod-environment';
import type { PodTemplate, PoolChart } from './pool';

const DATA_DIRECTORY = '/data';

/** Tries for each shard; what one has done, the next one finds done. */
const RETRIES_PER_SHARD = 3;
const KEPT_SECONDS = 24 * 3600;

/**
 * A batch run over the files of a volume or a bucket: a Job of which each index is a shard. Its pods are those of the model's pool
 * with another command, so they have its image, models, size and locks. Written raw: the library drops
 * `backoffLimitPerIndex` and `podReplacementPolicy`.
 */
export class BatchChart extends Chart {
  constructor(scope: Construct, id: string, spec: Spec, batch: BatchSettings, pool: PoolChart) {
    const labels = { ...systemLabels(spec), [COMPONENT_LABEL]: BATCH_COMPONENT };
    super(scope, id, { namespace: spec.name, labels, disableResourceNameHashes: true });
    const template = batchPod(pool.podTemplate(), labels, batch);
    new ApiObject(this, 'job', {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: nameOf(batch, template) },
      spec: {
        completionMode: 'Indexed',
        completions: batch.shards,
        parallelism: batch.shards,
        backoffLimitPerIndex: RETRIES_PER_SHARD,
        // A pod that is still ending must not write beside its successor.
        podReplacementPolicy: 'Failed',
        podFailurePolicy: {
          rules: [
            // A node that went away is no fault of the run.
            { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
            {
              action: 'FailJob',
              onExitCodes: { containerName: 'headroom', operator: 'In', values: Object.values(FINAL_EXIT_CODES) },
            },
          ],
        },
        ttlSecondsAfterFinished: KEPT_SECONDS,
        template,
      },
    });
  }
}

/**
 * Other pods, be it for another run or by another image, have a Job of another name, for the pods of a Job cannot be
 * changed; the same run has the same name, for it goes on where it was.
 */
function nameOf({ model }: BatchSettings, template: object): string {
  const hash = createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 8);
  return `batch-${model.slice(0, 40)}-${hash}`;
}

function batchPod({ spec }: PodTemplate, labels: Record<string, string>, batch: BatchSettings): object {
  const { containers, topologySpreadConstraints: _, ...pod } = spec;
  const [{ ports, startupProbe, readinessProbe, livenessProbe, ...container }] = containers;
  const args = ['batch', '--spec', SPEC_PATH, '--model', batch.model];
  args.push('--in', placeInPod(batch.input), '--out', placeInPod(batch.output));
  args.push('--format', batch.format, '--shards', String(batch.shards));
  if (batch.keep !== undefined) args.push('--keep', batch.keep);
  const [mounts, volumes] = dataVolume(batch);
  return {
    metadata: { labels },
    spec: {
      ...pod,
      restartPolicy: 'Never',
      // So that results can be written, whoever owns the volume.
      securityContext: { ...pod.securityContext, fsGroup: IMAGE.userId, fsGroupChangePolicy: 'OnRootMismatch' },
      containers: [{ ...container, args, volumeMounts: [...container.volumeMounts, ...mounts] }],
      volumes: [...pod.volumes, ...volumes],
    },
  };
}

function placeInPod(place: string): string {
  return isUrl(place) ? place : `${DATA_DIRECTORY}/${place}`;
}

function dataVolume({ claim }: BatchSettings): [mounts: object[], volumes: object[]] {
  if (claim === undefined) return [[], []];
  return [
    [{ name: 'data', mountPath: DATA_DIRECTORY }],
    [{ name: 'data', persistentVolumeClaim: { claimName: claim } }],
  ];
}
