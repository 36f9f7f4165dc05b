import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IgnoreMode } from 'aws-cdk-lib';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import type { Construct } from 'constructs';
import type { Architecture } from '../../plan/instance-types';

export interface ServiceImageProps {
  /** Root of the repository, in which service/Dockerfile and the models lie. */
  readonly directory: string;

  /** Processor of the nodes that run it. */
  readonly architecture: Architecture;

  /**
   * Whether it carries CUDA, for nodes with GPUs.
   * @default false
   */
  readonly gpu?: boolean;
}

const DOCKERFILE = 'service/Dockerfile';

/** All that the Dockerfile copies. A change elsewhere, such as in tests or documents, is not another image. */
const CONTEXT = ['package.json', 'package-lock.json', '.npmrc', 'LICENSE', 'scripts/build.mjs'];
const CONTEXT_FOLDERS = ['bin', 'cli', 'lib', 'service', 'models'];

/**
 * The image of the inference service, built where `cdk deploy` runs and kept in the registry of the account. Synthesis
 * needs no container engine; building for another processor than one's own needs an emulator.
 */
export class ServiceImage extends DockerImageAsset {
  constructor(scope: Construct, id: string, { directory, architecture, gpu = false }: ServiceImageProps) {
    super(scope, id, {
      directory,
      file: DOCKERFILE,
      platform: architecture === 'arm64' ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64,
      // Named in each case: an engine without BuildKit would else build the stages of the GPU, too.
      target: gpu ? 'gpu' : 'cpu',
      ignoreMode: IgnoreMode.DOCKER,
      exclude: ['*', ...[...CONTEXT, ...CONTEXT_FOLDERS].map((name) => `!${name}`), ...ignored(directory)],
    });
  }
}

/** CDK puts the lines of .dockerignore first, where what is let in again would undo them. */
function ignored(directory: string): string[] {
  const file = join(directory, '.dockerignore');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}
