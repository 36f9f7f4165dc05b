import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { reportsIn } from './folder-files';

const Result = Type.Union([
  Type.Object({
    verdict: Type.Object({
      outcome: Type.String(),
      latencySpeedup: Type.Number({ exclusiveMinimum: 0 }),
      throughputSpeedup: Type.Number({ exclusiveMinimum: 0 }),
    }),
  }),
  Type.Object({ notMeasured: Type.String(), applies: Type.Boolean() }),
]);

/** The part of the report of `headroom optimize` that others read. */
const ReportSchema = Type.Object({
  measuredAt: Type.String(),
  model: Type.Object({ name: Type.String(), digest: Type.String() }),
  candidates: Type.Array(Type.Object({ id: Type.String(), result: Result })),
  recommended: Type.Optional(Type.String()),
});

/** What `headroom optimize` found of a model. */
export interface FiledOptimization extends Static<typeof ReportSchema> {
  readonly file: string;
}

/** The reports of `headroom optimize` in a folder, the newest first; files that are none are passed over. */
export function readOptimizations(folder: string): FiledOptimization[] {
  const reports = reportsIn(folder).flatMap(({ file, json }) =>
    Value.Check(ReportSchema, json) ? [{ ...json, file }] : [],
  );
  return reports.sort((a, b) => Date.parse(b.measuredAt) - Date.parse(a.measuredAt));
}
