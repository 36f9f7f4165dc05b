import { dirname, join } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';

/** Root of this package, wherever the code that asks was compiled to. */
const ROOT = dirname(require.resolve('headroom/package.json'));

/** Version of the language that functions run. */
const TARGET = 'node22';

/**
 * Writes a function with all that it imports as `index.js` of a folder.
 * @param entry path of its source in this package
 */
export function bundleFunction(entry: string, folder: string): void {
  // Only asked for where there is a function of our own: whoever uses the other constructs need not have it.
  const { buildSync }: typeof import('esbuild') = require('esbuild');
  buildSync({
    entryPoints: { index: join(ROOT, entry) },
    absWorkingDir: ROOT,
    outdir: folder,
    bundle: true,
    minify: true,
    platform: 'node',
    target: TARGET,
    format: 'cjs',
    logLevel: 'error',
  });
}

/** The code of a function, bundled when it is synthesized, without a container. */
export function bundledCode(entry: string): Code {
  return Code.fromAsset(join(ROOT, dirname(entry)), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Only taken where the local way fails, which throws instead.
      image: DockerImage.fromRegistry('none'),
      local: {
        tryBundle(folder) {
          bundleFunction(entry, folder);
          return true;
        },
      },
    },
  });
}
