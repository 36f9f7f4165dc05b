import { PATHS, PORTS } from '../../lib/contract';

/** The two ports of the service, which callers take for one another. */
export type Side = 'inference' | 'administration';

/** What stands on the other port, by the beginnings of paths, and how that port is named. */
const OTHERS: Readonly<Record<Side, { readonly paths: readonly string[]; readonly port: string }>> = {
  inference: {
    paths: [PATHS.metrics, PATHS.docs, PATHS.cache, '/v2/repository/models/'],
    port: `administration port, ${PORTS.admin} by default`,
  },
  administration: {
    paths: ['/v1/models/', '/v2/models'],
    port: `inference port, ${PORTS.http} by default`,
  },
};

/** The port that has the path which `side` lacks, in words; undefined where neither has it. */
export function portOf(path: string, side: Side): string | undefined {
  const { paths, port } = OTHERS[side];
  return paths.some((beginning) => path.startsWith(beginning)) ? port : undefined;
}
