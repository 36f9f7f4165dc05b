import { type Static, Type } from 'typebox';
import type { SpecPool } from '../spec/load';
import { checkedJson } from './checked-json';
import type { Plan } from './plan';
import type { RedisDesign } from './redis-design';
import { MAX_SHARDS } from './redis-nodes';
import { type ReplicaSize, unplannedSize } from './size';

/** Name of the file beside the spec. */
export const PLAN_FILE = 'headroom.plan.json';

const positiveInteger = (description: string) => Type.Integer({ minimum: 1, description });

const Pool = Type.Object({
  size: Type.Object({
    cpuMillicores: positiveInteger('CPU of a replica, requested and not exceeded.'),
    memoryMib: positiveInteger('Memory of a replica.'),
    workers: positiveInteger('Worker threads per heavy model.'),
    intraOpThreads: positiveInteger('Threads of one run.'),
    cacheMib: Type.Integer({ minimum: 0, description: 'Upper bound of the in-process prediction cache.' }),
  }),
  runThreads: Type.Optional(
    Type.Record(Type.String(), Type.Integer({ minimum: 1 }), {
      description: 'Threads of a run of each of its models.',
    }),
  ),
  measuredCores: Type.Optional(
    positiveInteger('Cores of the measurement that the replica was planned with, where the profiles have several.'),
  ),
  minReplicas: positiveInteger('Replicas that run even without traffic.'),
  maxReplicas: positiveInteger('Replicas that the pool never exceeds.'),
  cpuUtilization: Type.Integer({ minimum: 1, maximum: 100, description: 'CPU target of the autoscaler in percent.' }),
  nodes: Type.Object({
    instanceType: Type.String({ minLength: 1, description: 'EC2 type.' }),
    replicasPerNode: positiveInteger('Replicas that one node holds.'),
    today: Type.Integer({ minimum: 0, description: "Nodes at today's peak." }),
    grown: Type.Integer({ minimum: 0, description: 'Nodes at the grown peak.' }),
  }),
});

/** `headroom.plan.json`: what was planned, as charts, stacks and the simulation take it. */
export const WrittenPlanSchema = Type.Object({
  specSha256: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'Of the text of the spec it was made of.' }),
  writtenAt: Type.String({ description: 'Date and time, ISO 8601.' }),
  growth: Type.Number({ exclusiveMinimum: 0, description: "Factor on today's peak." }),
  pools: Type.Record(Type.String(), Pool, { description: 'By name.' }),
  cache: Type.Object({
    memoryMib: Type.Integer({ minimum: 0, description: 'Rows alive at the grown peak.' }),
    hitRatio: Type.Number({ minimum: 0, maximum: 1, description: 'Share of requests expected to be answered by it.' }),
    redisNodeType: Type.Optional(
      Type.String({
        pattern: '^cache\\.[a-z0-9]+\\.[a-z0-9]+$',
        patternErrorMessage: 'a node type of ElastiCache such as cache.r7g.large',
        description: 'Smallest node type of ElastiCache that holds its shard.',
      }),
    ),
    redisShards: Type.Optional(
      Type.Integer({ minimum: 1, maximum: MAX_SHARDS, description: 'Parts into which its keys are divided.' }),
    ),
  }),
});

/** A plan as written. */
export type WrittenPlan = Static<typeof WrittenPlanSchema>;
/** One pool of it. */
export type WrittenPool = WrittenPlan['pools'][string];

/** A pool with the limits and the threshold of its plan; as it is where it has none. */
export function withPlan(pool: SpecPool, plan: WrittenPlan | undefined): SpecPool {
  const written = plan?.pools[pool.name];
  if (written === undefined) return pool;
  const { minReplicas, maxReplicas, cpuUtilization } = written;
  return { ...pool, minReplicas, maxReplicas, cpuUtilization };
}

/** Size of a pool's replicas, planned or assumed. */
export function sizeOf(pool: SpecPool, plan: WrittenPlan | undefined): ReplicaSize {
  return plan?.pools[pool.name]?.size ?? unplannedSize(pool.hardware);
}

/** What makes a plan that of a spec at a moment. */
export interface PlanStamp {
  readonly specSha256: string;
  /** ISO 8601. */
  readonly writtenAt: string;
  /** Undefined where replicas share none. */
  readonly redis: RedisDesign | undefined;
}

/** A plan in the form of its file. */
export function writtenPlan(plan: Plan, { specSha256, writtenAt, redis }: PlanStamp): WrittenPlan {
  return {
    specSha256,
    writtenAt,
    growth: plan.growth,
    pools: Object.fromEntries(
      plan.pools.map(
        ({ pool, size, runs, measuredCores, minReplicas, maxReplicas, cpuUtilization, nodes, today, grown }) => [
          pool.name,
          {
            size,
            runThreads: Object.fromEntries(runs.map(({ model, threads }) => [model, threads])),
            ...(measuredCores === undefined ? {} : { measuredCores }),
            minReplicas,
            maxReplicas,
            cpuUtilization,
            nodes: {
              instanceType: nodes.type.name,
              replicasPerNode: nodes.replicasPerNode,
              today: today.nodes,
              grown: grown.nodes,
            },
          },
        ],
      ),
    ),
    cache: {
      memoryMib: plan.cache.memoryMib,
      hitRatio: Number(plan.cache.hitRatio.toFixed(4)),
      ...(redis?.kind === 'nodes' && { redisNodeType: redis.nodeType, redisShards: redis.shards }),
    },
  };
}

/**
 * A plan from the text of its file.
 * @throws PlanInputError for text that is not a plan, naming the field
 */
export function parsePlan(text: string, file: string): WrittenPlan {
  const cure = "'headroom plan --write' writes it anew";
  return checkedJson(WrittenPlanSchema, text, { name: `the plan ${file}`, verb: 'is', cure });
}
