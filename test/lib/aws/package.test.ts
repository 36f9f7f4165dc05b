import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { peerDependencies } from '../../../package.json';

const ROOT = join(__dirname, '../../..');
const CONSTRUCTS = readdirSync(join(ROOT, 'lib/aws/constructs')).map((file) => basename(file, '.ts'));

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

/** A CDK app of somebody else, which has this package and CDK installed and nothing of this repository's set-up. */
let app: string;

beforeAll(() => {
  // What an earlier build left there is not part of the package.
  rmSync(join(ROOT, 'dist/package'), { recursive: true, force: true });
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.package.json'], { cwd: ROOT, stdio: 'inherit' });
  app = mkdtempSync(join(tmpdir(), 'headroom-app-'));
  mkdirSync(join(app, 'node_modules'));
  symlinkSync(ROOT, join(app, 'node_modules/headroom'));
  for (const library of ['aws-cdk-lib', 'constructs', '@types']) {
    symlinkSync(join(ROOT, 'node_modules', library), join(app, 'node_modules', library));
  }
  writeFileSync(join(app, 'package.json'), '{"private": true}');
});

afterAll(() => rmSync(app, { recursive: true, force: true }));

test('a construct is used by the name of the package, with its types', () => {
  // GIVEN an app that makes a network of this package
  writeFileSync(
    join(app, 'app.ts'),
    `import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Network } from 'headroom/constructs/network';

const stack = new Stack(new App({ analyticsReporting: false, builtinCloudFormationValidation: false }), 'theirs');
const network: Network = new Network(stack, 'network', { natGateways: 1 });
// @ts-expect-error a prop that does not exist
new Network(stack, 'other', { natGateway: 1 });
process.stdout.write(network.vpc.vpcId === '' ? '' : String(Object.keys(Template.fromStack(stack).findResources('AWS::EC2::VPC')).length));
`,
  );
  // WHEN it is compiled and run as they would
  const options = ['--strict', '--target', 'es2022', '--module', 'node16', '--types', 'node', '--skipLibCheck'];
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), [...options, 'app.ts'], { cwd: app, stdio: 'inherit' });
  const out = execFileSync(process.execPath, ['app.js'], { cwd: app, encoding: 'utf8' });
  // THEN both networks are in its template
  expect(out).toBe('2');
});

test('every construct is there', () => {
  // WHEN each is required
  const script = `for (const name of ${JSON.stringify(CONSTRUCTS)}) require('headroom/constructs/' + name);`;
  // THEN none fails
  execFileSync(process.execPath, ['-e', script], { cwd: app, stdio: 'inherit' });
});

test('what they import of others is a peer, in whatever version the app has it', () => {
  // GIVEN the compiled constructs, and the one function that is bundled from its source
  const compiled = filesBelow(join(ROOT, 'dist/package')).filter((file) => file.endsWith('.js'));
  const sources = filesBelow(join(ROOT, 'lib/aws/token-authorizer'));
  // WHEN their imports are read
  const imported = [...compiled, ...sources].flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/(?:require\(|^import [^']*from )["']([^."'][^"']*)["']/gm)].map(
      ([, specifier = '']) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/'),
    ),
  );
  const foreign = [...new Set(imported)].filter((name) => !isBuiltin(name) && name !== 'headroom').sort();
  // THEN the package declares all of them, and no more
  expect(foreign).toEqual(Object.keys(peerDependencies).sort());
});

test('what is packed has all that is asked for there', () => {
  // WHEN npm lists what it would pack
  const list = execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: ROOT, encoding: 'utf8' });
  const packed: string[] = JSON.parse(list)[0].files.map(({ path }: { path: string }) => path);
  // THEN each construct is there with its types, the source of the function that is bundled, and no test
  for (const name of CONSTRUCTS) {
    expect(packed).toEqual(
      expect.arrayContaining(['js', 'd.ts'].map((end) => `dist/package/aws/constructs/${name}.${end}`)),
    );
  }
  expect(packed).toContain('lib/aws/token-authorizer/handler.ts');
  expect(packed.filter((path) => path.startsWith('test/'))).toEqual([]);
});

test('nothing but the constructs is', () => {
  const script = "require('headroom/lib/spec/load')";
  expect(() => execFileSync(process.execPath, ['-e', script], { cwd: app, stdio: 'pipe' })).toThrow(
    'ERR_PACKAGE_PATH_NOT_EXPORTED',
  );
});
