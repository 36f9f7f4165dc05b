import { relative, resolve } from 'node:path';
import { findUrlProblem, isUrl, normaliseUrl } from '../../lib/spec/model-url';
import type { Environment } from '../../service/aws-credentials';
import { type InputFile, localInputs } from '../../service/batch/input-file';
import { LocalFolder, type OutputFolder } from '../../service/batch/output-folder';
import { S3Bucket } from '../../service/batch/s3-bucket';
import { S3Folder } from '../../service/batch/s3-folder';
import { s3Inputs } from '../../service/batch/s3-inputs';
import type { HttpClient } from '../../service/repository/artifacts/http-client';
import { UsageError } from '../errors';

interface S3Place {
  readonly bucket: string;
  readonly key: string;
}

/** Where a run reads and writes: folders of this machine, or of buckets. */
export class BatchPlaces {
  readonly #input: string | S3Place;
  readonly #output: string | S3Place;
  readonly #outputTitle: string;

  /**
   * @param input path of a file or a folder, or `s3://bucket/key`
   * @param output path of a folder, or `s3://bucket/prefix`
   * @throws UsageError for what is neither, and for results that would be inputs of the next run
   */
  constructor(input: string, output: string) {
    this.#input = placeOf('--in', input);
    this.#output = placeOf('--out', output);
    this.#outputTitle = normaliseUrl(output);
    const isSame = isUrl(input) ? normaliseUrl(input) === normaliseUrl(output) : isSamePath(input, output);
    if (isSame) throw new UsageError(`--out is '${output}', which is the input, expected a folder of its own`);
  }

  /**
   * @param client for buckets; who brings it closes it
   * @param region where the environment names none
   * @throws BatchError where there is no input
   */
  async open(
    client: HttpClient,
    environment: Environment,
    region: string | undefined,
  ): Promise<{ readonly inputs: InputFile[]; readonly output: OutputFolder }> {
    const bucket = (place: S3Place) => new S3Bucket(place.bucket, client, environment, region);
    const [input, output] = [this.#input, this.#output];
    return {
      inputs: typeof input === 'string' ? await localInputs(input) : await s3Inputs(bucket(input), input.key),
      output:
        typeof output === 'string'
          ? new LocalFolder(output, this.#outputTitle)
          : new S3Folder(bucket(output), output.key),
    };
  }
}

function isSamePath(input: string, output: string): boolean {
  return !isUrl(output) && relative(resolve(input), resolve(output)) === '';
}

function placeOf(flag: '--in' | '--out', text: string): string | S3Place {
  if (!isUrl(text)) return flag === '--out' ? resolve(text) : text;
  if (!text.startsWith('s3://') || findUrlProblem(text) !== undefined) {
    throw new UsageError(`${flag} is '${text}', expected a path or s3://BUCKET/KEY`);
  }
  // A folder may be named with its slash; one that is to be written has none.
  const [bucket = '', ...key] = (flag === '--out' ? normaliseUrl(text) : text).slice('s3://'.length).split('/');
  return { bucket, key: key.join('/') };
}
