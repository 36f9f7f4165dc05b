import { cpus, totalmem } from 'node:os';
import type { Profile } from '../../../lib/plan/profile';
import { availableCores } from '../../../service/runtime/cores';

/** What tells machines apart whose figures do not compare. */
export type Machine = Profile['machine'];

/** The machine that this runs on, with the cores of it that this process may use. */
export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableCores(),
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
