import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { reportsIn } from '../../lib/plan/folder-files';
import { type FiledOptimization, readOptimizations } from '../../lib/plan/optimize-report';

const Milliseconds = Type.Optional(Type.Number());

const LoadSchema = Type.Object({
  report: Type.Literal('load'),
  at: Type.String(),
  url: Type.String(),
  traffic: Type.String(),
  holds: Type.Optional(Type.Boolean()),
  targets: Type.Array(
    Type.Object({
      name: Type.String(),
      digest: Type.Optional(Type.String()),
      distinctInputs: Type.Optional(Type.Number()),
      offered: Type.Number(),
      offeredQps: Type.Number(),
      answeredQps: Type.Number(),
      tooMany: Type.Number(),
      unavailable: Type.Number(),
      failed: Type.Number(),
      latencyMs: Type.Object({ p50: Milliseconds, p95: Milliseconds, p99: Milliseconds }),
      cacheHitRatio: Type.Optional(Type.Number()),
    }),
  ),
  generator: Type.Object({ limits: Type.Array(Type.String()) }),
  disturbance: Type.Optional(Type.String()),
});

const CapacitySchema = Type.Object({
  report: Type.Literal('capacity'),
  at: Type.String(),
  models: Type.Array(
    Type.Object({
      name: Type.String(),
      digest: Type.Optional(Type.String()),
      capacityQps: Type.Optional(Type.Number()),
      limitedBy: Type.Optional(Type.String()),
      atCapacity: Type.Optional(Type.Object({ cores: Type.Optional(Type.Number()) })),
      memoryBytes: Type.Optional(Type.Number()),
      coldStartSeconds: Type.Optional(Type.Number()),
    }),
  ),
});

const SimulationSchema = Type.Object({
  report: Type.Literal('simulate'),
  at: Type.String(),
  traffic: Type.String(),
  growth: Type.Number(),
  pools: Type.Array(
    Type.Object({
      name: Type.String(),
      holds: Type.Boolean(),
      maxReplicas: Type.Number(),
      advice: Type.Optional(
        Type.Object({
          cause: Type.String(),
          changes: Type.Array(Type.Object({ setting: Type.String(), to: Type.Number() })),
        }),
      ),
    }),
  ),
});

/** A report and the file it stands in. */
export type Filed<R> = R & { readonly file: string; readonly at: string };

/** What commands have written, the newest of each kind first. */
export interface Reports {
  readonly loads: readonly Filed<Static<typeof LoadSchema>>[];
  readonly capacities: readonly Filed<Static<typeof CapacitySchema>>[];
  readonly simulations: readonly Filed<Static<typeof SimulationSchema>>[];
  readonly optimizations: readonly Filed<FiledOptimization>[];
}

/** Reads the reports of a folder; other files in it are passed over. */
export function readReports(folder: string): Reports {
  const found = reportsIn(folder);
  return {
    loads: ofKind(found, LoadSchema),
    capacities: ofKind(found, CapacitySchema),
    simulations: ofKind(found, SimulationSchema),
    optimizations: readOptimizations(folder).map((report) => ({ ...report, at: report.measuredAt })),
  };
}

function ofKind<const S extends TSchema>(
  found: readonly { readonly file: string; readonly json: unknown }[],
  schema: S,
): Filed<Static<S>>[] {
  const filed = Type.Intersect([schema, Type.Object({ at: Type.String() })]);
  const kept = found.flatMap(({ file, json }) => (Value.Check(filed, json) ? [{ ...json, file }] : []));
  return kept.sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}
