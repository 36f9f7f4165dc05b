// Makes the cloud assembly and the manifests of each example, as `npx cdk synth` and `npx cdk8s synth` make them of a
// spec: below dist/examples/NAME/. Needs neither an account nor the network nor Docker. Run: npm run synth [NAME…]
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { basename, extname, join } from 'node:path';

const ROOT = join(__dirname, '..');

/** Stands for the bucket of the delivery stack, whose name is known only when it is deployed. */
const MODEL_STORE = 's3://models.example/v1';

function run(command: string, args: readonly string[], environment: Readonly<Record<string, string>>): void {
  const { status } = spawnSync('npx', [command, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
}

function synthesize(name: string): void {
  const output = join('dist', 'examples', name);
  rmSync(join(ROOT, output), { recursive: true, force: true });
  const spec = { HEADROOM_SPEC: join('examples', `${name}.yaml`) };
  run('cdk', ['synth', '--quiet', '--output', join(output, 'cdk.out')], spec);
  const manifests = ['synth', '--check-upgrade', 'false', '--output', join(output, 'manifests')];
  run('cdk8s', manifests, { ...spec, HEADROOM_MODEL_STORE: MODEL_STORE });
  process.stdout.write(`${spec.HEADROOM_SPEC} → ${output}\n`);
}

const examples = readdirSync(join(ROOT, 'examples'))
  .filter((file) => extname(file) === '.yaml')
  .map((file) => basename(file, '.yaml'));
const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : examples) synthesize(name);
