import { cpus, totalmem } from 'node:os';
import type { Profile } from '../../../lib/plan/profile';

/** What tells machines apart whose figures do not compare. */
export type Machine = Profile['machine'];

/** The machine that this runs on. */
export function thisMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: Math.max(1, processors.length),
    memoryBytes: totalmem(),
    node: process.version,
  };
}

/** A machine for a person. */
export function describeMachine({ cpu, cores, node }: Machine): string {
  return `${cores} × ${cpu}, Node.js ${node}`;
}

/** Whether figures of both compare. */
export function sameMachine(one: Machine, other: Machine): boolean {
  return one.cpu === other.cpu && one.cores === other.cores;
}
