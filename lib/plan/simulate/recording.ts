import { readFileSync } from 'node:fs';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { explain } from '../../spec/explain';
import { messageOf } from '../../spec/message-of';
import { PlanInputError, unreadable } from '../errors';
import { type HpaMetric, type HpaSpec, type PartialScalingRules, scaleDownRules, scaleUpRules } from './hpa-spec';
import { QUANTITY_PATTERN, quantityMilli } from './quantity';

const Quantity = Type.String({ pattern: QUANTITY_PATTERN });
const positive = Type.Number({ exclusiveMinimum: 0 });

const MetricJson = Type.Union([
  Type.Object({
    type: Type.Literal('Resource'),
    resource: Type.Object({
      name: Type.Literal('cpu'),
      target: Type.Union([
        Type.Object({ type: Type.Literal('Utilization'), averageUtilization: Type.Integer({ minimum: 1 }) }),
        Type.Object({ type: Type.Literal('AverageValue'), averageValue: Quantity }),
      ]),
    }),
  }),
  Type.Object({
    type: Type.Literal('Pods'),
    pods: Type.Object({
      metric: Type.Object({ name: Type.String() }),
      target: Type.Object({ type: Type.Literal('AverageValue'), averageValue: Quantity }),
    }),
  }),
]);

const RulesJson = Type.Object({
  stabilizationWindowSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 3600 })),
  selectPolicy: Type.Optional(Type.Enum(['Max', 'Min', 'Disabled'])),
  policies: Type.Optional(
    Type.Array(
      Type.Object({
        type: Type.Enum(['Pods', 'Percent']),
        value: Type.Integer({ minimum: 1 }),
        periodSeconds: Type.Integer({ minimum: 1, maximum: 1800 }),
      }),
      { minItems: 1 },
    ),
  ),
  tolerance: Type.Optional(Quantity),
});

const HpaJson = Type.Object({
  minReplicas: Type.Optional(Type.Integer({ minimum: 1 })),
  maxReplicas: Type.Integer({ minimum: 1 }),
  metrics: Type.Optional(Type.Array(MetricJson, { minItems: 1 })),
  behavior: Type.Optional(Type.Object({ scaleUp: Type.Optional(RulesJson), scaleDown: Type.Optional(RulesJson) })),
});

const ScenarioJson = Type.Object({
  load: Type.Array(Type.Tuple([Type.Number(), Type.Number({ minimum: 0 })]), { minItems: 1 }),
  capacityPerPod: positive,
  cpuRequestMilli: positive,
  cpuAtCapacity: positive,
  baseMs: positive,
  clampMs: positive,
  missing: Type.Optional(
    Type.Array(Type.Tuple([Type.Number(), Type.Number(), Type.Number({ minimum: 0, maximum: 1 })])),
  ),
});

const RecordingJson = Type.Object({
  syncPeriodSeconds: positive,
  podReadyAfterSeconds: Type.Number({ minimum: 0 }),
  hpa: HpaJson,
  scenario: ScenarioJson,
  served: Type.Optional(Type.Array(Type.Object({ t: Type.Number(), pods: Type.Optional(Type.Integer()) }))),
});

/** What the recorded traffic and service were: a step function of load, and the curve that turned it into metrics. */
export type Scenario = Static<typeof ScenarioJson>;

/** What may be known of a recording before it is simulated. The replicas that it recorded are not among it. */
export interface Recording {
  readonly hpa: HpaSpec;
  readonly scenario: Scenario;
  readonly syncPeriodSeconds: number;
  readonly podReadyAfterSeconds: number;
  /** When the controller first asked for metrics; undefined where the file names no query. */
  readonly firstSyncSeconds: number | undefined;
  /** Pods that existed at that first query, before any decision; undefined where the file does not say. */
  readonly initialReplicas: number | undefined;
}

/**
 * Reads a recording of a real controller, `samples` and all queries but the first left aside.
 * @throws PlanInputError where the file cannot be read, is not JSON, or lacks something
 */
export function loadRecording(file: string): Recording {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable('recording', file, error);
  }
  return parseRecording(text, file);
}

/** As {@link loadRecording}, from the text of the file. */
export function parseRecording(text: string, file: string): Recording {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new PlanInputError(`${file} is not JSON, expected a recording of an HPA: ${messageOf(error)}`, error);
  }
  if (!Value.Check(RecordingJson, json))
    throw new PlanInputError(`${file} is not a usable recording: ${firstFault(json)}`);
  checkLoad(json.scenario, file);
  const [first] = json.served ?? [];
  return {
    hpa: hpaSpec(json.hpa, file),
    scenario: json.scenario,
    syncPeriodSeconds: json.syncPeriodSeconds,
    podReadyAfterSeconds: json.podReadyAfterSeconds,
    firstSyncSeconds: first?.t,
    initialReplicas: first?.pods,
  };
}

function checkLoad({ load }: Scenario, file: string): void {
  for (const [i, [at]] of load.entries()) {
    const before = load[i - 1]?.[0];
    if (before === undefined || at > before) continue;
    throw new PlanInputError(
      `${file}: scenario.load[${i}] begins at ${at} s, expected later than the ${before} s of the entry before it`,
    );
  }
}

function hpaSpec(json: Static<typeof HpaJson>, file: string): HpaSpec {
  const { minReplicas = 1, maxReplicas, behavior } = json;
  if (minReplicas > maxReplicas) {
    throw new PlanInputError(
      `${file}: hpa.minReplicas is ${minReplicas}, expected at most maxReplicas, ${maxReplicas}`,
    );
  }
  const metrics = json.metrics?.map(hpaMetric) ?? [{ source: 'cpu', targetPercent: 80 } as const];
  return {
    minReplicas,
    maxReplicas,
    metrics,
    behavior: behavior && {
      scaleUp: scaleUpRules(partialRules(behavior.scaleUp)),
      scaleDown: scaleDownRules(partialRules(behavior.scaleDown)),
    },
  };
}

function hpaMetric(json: Static<typeof MetricJson>): HpaMetric {
  if (json.type === 'Pods') {
    const { metric, target } = json.pods;
    return { source: 'pods', name: metric.name, targetMilli: milli(target.averageValue) };
  }
  const { target } = json.resource;
  return target.type === 'Utilization'
    ? { source: 'cpu', targetPercent: target.averageUtilization }
    : { source: 'cpu', targetMilli: milli(target.averageValue) };
}

function partialRules(json: Static<typeof RulesJson> = {}): PartialScalingRules {
  const { tolerance } = json;
  return { ...json, tolerance: tolerance === undefined ? undefined : milli(tolerance) / 1000 };
}

/** The schema has held the text against the pattern of a quantity. */
function milli(quantity: string): number {
  return quantityMilli(quantity) ?? Number.NaN;
}

function firstFault(json: unknown): string {
  const [fault] = explain(RecordingJson, json);
  if (fault === undefined) return 'it does not match what a recording has';
  const where = [...fault.pointer.split('/').slice(1), ...(fault.missing === undefined ? [] : [fault.missing])];
  return where.length === 0 ? fault.message : `${where.join('.')}: ${fault.message}`;
}
