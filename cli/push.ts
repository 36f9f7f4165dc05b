import { Command } from 'commander';
import { findUrlProblem, isUrl, normaliseUrl } from '../lib/spec/model-url';
import { ArtifactError } from '../service/errors';
import { folderTarget } from '../service/repository/artifacts/folder-target';
import { HttpClient } from '../service/repository/artifacts/http-client';
import { type Pushed, type PushTarget, pushModel } from '../service/repository/artifacts/push';
import { Remote } from '../service/repository/artifacts/remote';
import { s3Address } from '../service/repository/artifacts/s3-address';
import { s3Target } from '../service/repository/artifacts/s3-target';
import { EXIT, UsageError } from './errors';

const EXAMPLES = `
Examples:
  $ headroom push models/fraud s3://shop-models/fraud     then in the spec: path: s3://shop-models/fraud
  $ headroom push models/fraud ./public/fraud             a folder for any web server or CDN

The manifest is replaced last: services see the new versions with all their files, or the old ones.`;

/** `headroom push FOLDER TARGET`: brings a model's folder to where services fetch it. */
export function pushCommand(): Command {
  return new Command('push')
    .description('bring the folder of a model to S3, or into a folder that a web server or CDN serves')
    .argument('<folder>', 'the model, <version>/model.onnx below it')
    .argument('<target>', 's3://BUCKET/PREFIX or a folder')
    .option('--json', 'tell what was sent as one line of JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (folder: string, target: string, { json }: { json?: true }) => {
      const client = new HttpClient();
      try {
        const pushed = await pushModel(folder, targetOf(target, client));
        process.stdout.write(
          json === undefined ? asText(pushed, target) : `${JSON.stringify({ target, ...pushed })}\n`,
        );
      } catch (error) {
        if (!(error instanceof ArtifactError)) throw error;
        process.stderr.write(`error: ${folder} cannot be pushed to ${target}: ${error.message}\n`);
        process.exitCode = EXIT.failedVerdict;
      } finally {
        client.close();
      }
    });
}

function targetOf(target: string, client: HttpClient): PushTarget {
  if (!isUrl(target)) return folderTarget(target);
  const problem = target.startsWith('s3://') ? findUrlProblem(target) : undefined;
  if (problem !== undefined || !target.startsWith('s3://')) {
    throw new UsageError(`the target is '${target}', expected s3://BUCKET/PREFIX or a folder`);
  }
  return s3Target(new Remote(s3Address(normaliseUrl(target), process.env), client));
}

function asText({ files }: Pushed, target: string): string {
  const lines = files.map(
    ({ path, sizeBytes, outcome }) => `${outcome === 'sent' ? 'sent ' : 'there'}  ${path} (${sizeBytes} bytes)`,
  );
  return `${[...lines, `${target} is up to date`].join('\n')}\n`;
}
