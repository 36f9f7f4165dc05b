import { join } from 'node:path';
import type { Provider } from '../../service/provider';
import { CandidateProcess } from '../../service/runtime/candidate/candidate';
import type { GraphOptimization } from '../../service/runtime/session';
import { NotMeasured, type Technique } from './candidates';

const GRAPH_CLAIM = 'ONNX Runtime 1.5-2x faster';
const THREADS_CLAIM = 'one run faster with each thread';

/**
 * What ONNX Runtime offers without another tool: levels of graph optimisation, a file optimised beforehand, threads,
 * branches side by side, and the providers of a GPU.
 * @param candidatePath the bundled process of candidates
 * @param cores that this process may use
 */
export function sessionTechniques(candidatePath: string, cores: number): Technique[] {
  return [
    graphLevel('disabled', 'graph as exported, nothing rewritten'),
    graphLevel('basic', 'graph rewritten, level basic'),
    graphLevel('extended', 'graph rewritten, level extended'),
    offline(candidatePath),
    ...threadCounts(cores).map(threads),
    parallel(),
    provider('cuda', 'CUDA on the GPU', 'GPU 2-10x faster'),
    provider('tensorrt', 'TensorRT on the GPU', 'TensorRT 2-5x faster'),
  ];
}

/** Powers of two up to the cores, and the cores themselves; 2 where there is only one, for the row to say so. */
function threadCounts(cores: number): number[] {
  const counts = new Set<number>();
  for (let count = 2; count < cores; count *= 2) counts.add(count);
  return [...counts.add(Math.max(2, cores))];
}

function graphLevel(level: GraphOptimization, title: string): Technique {
  return {
    id: `graph-${level}`,
    title,
    claim: GRAPH_CLAIM,
    isLossy: false,
    adopts: 'nothing',
    prepare: async ({ modelPath, session }) => ({ modelPath, session: { ...session, graphOptimization: level } }),
  };
}

/** The level that is still the same on every machine; the next one lays data out for the processor at hand. */
const PORTABLE_LEVEL: GraphOptimization = 'extended';

function offline(candidatePath: string): Technique {
  return {
    id: 'graph-offline',
    title: 'graph rewritten once and saved',
    claim: 'loads faster',
    isLossy: false,
    adopts: 'file',
    prepare: async ({ modelPath, folder, session, signal }) => {
      const optimizedModelPath = join(folder, 'graph-offline.onnx');
      const writer = new CandidateProcess(candidatePath, signal);
      try {
        await writer.open(modelPath, { ...session, graphOptimization: PORTABLE_LEVEL, optimizedModelPath });
      } finally {
        writer.close();
      }
      return { modelPath: optimizedModelPath, session };
    },
  };
}

function threads(count: number): Technique {
  return {
    id: `threads-${count}`,
    title: `${count} threads a run`,
    claim: THREADS_CLAIM,
    isLossy: false,
    adopts: 'settings',
    prepare: async ({ modelPath, session, cores }) => {
      requireCores(count, cores);
      return { modelPath, session: { ...session, intraOpThreads: count } };
    },
  };
}

function parallel(): Technique {
  return {
    id: 'parallel',
    title: 'branches side by side, 2 threads',
    claim: THREADS_CLAIM,
    isLossy: false,
    adopts: 'settings',
    prepare: async ({ modelPath, session, cores }) => {
      requireCores(2, cores);
      return { modelPath, session: { ...session, intraOpThreads: 2, executionMode: 'parallel' } };
    },
  };
}

function requireCores(count: number, cores: number): void {
  if (count <= cores) return;
  throw new NotMeasured(`${count} threads need as many cores, this process may use ${cores}`, true);
}

function provider(name: Provider, title: string, claim: string): Technique {
  return {
    id: name,
    title,
    claim,
    isLossy: true,
    adopts: 'nothing',
    prepare: async ({ modelPath, session }) => ({ modelPath, session: { ...session, provider: name } }),
  };
}
