import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CfnResource, CloudFormationValidatePlugin, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AwsSolutions } from '../../../lib/aws/validation/aws-solutions';
import { RESOURCE_TYPES } from '../../../lib/aws/validation/resource-types';
import { ValidatorThread } from '../../../lib/aws/validation/validator-thread';
import { TIERS } from '../../../lib/spec/tiers';
import { platformOf } from './platforms';
import { ENV, testApp } from './support';

const ROOT = join(__dirname, '../../..');

/** Folder of the compiled thread: within the package, whose libraries it asks for. */
let build: string;
let worker: Worker;

beforeAll(() => {
  mkdirSync(join(ROOT, '.build'), { recursive: true });
  build = mkdtempSync(join(ROOT, '.build/test-'));
  const args = ['bin/aws-validator.ts', '--bundle', '--platform=node', '--packages=external', `--outdir=${build}`];
  execFileSync(join(ROOT, 'node_modules/.bin/esbuild'), [...args, '--log-level=error'], { cwd: ROOT });
  worker = new Worker(join(build, 'aws-validator.js'));
});

afterAll(async () => {
  await worker.terminate();
  rmSync(build, { recursive: true, force: true });
});

/** What a plugin is given of an app with one stack, in which a property has a wrong name and another a wrong value. */
function wrongStack() {
  const app = testApp();
  const stack = new Stack(app, 'wrong', { env: ENV });
  new CfnResource(stack, 'queue', {
    type: 'AWS::SQS::Queue',
    properties: { DelaySecondz: 1, MessageRetentionPeriod: 1 },
  });
  const { stacks } = app.synth();
  const stackTemplates = stacks.map(({ templateFullPath: templatePath, hierarchicalId: stackConstructPath }) => ({
    templatePath,
    stackConstructPath,
    accountId: ENV.account,
    region: ENV.region,
  }));
  return { stackTemplates, templatePaths: stackTemplates.map(({ templatePath }) => templatePath), appConstruct: app };
}

test('the thread finds what CDK itself finds', () => {
  // GIVEN a template with two mistakes
  const context = wrongStack();
  // WHEN it is validated in the thread
  const validator = new ValidatorThread(worker);
  const report = validator.validate(context);
  // THEN the report is that of CDK's own plugin, as is the version
  const own = new CloudFormationValidatePlugin();
  expect(report).toEqual(own.validate(context));
  expect(validator.version).toBe(own.version);
  expect(report.success).toBe(false);
  expect(JSON.stringify(report)).toContain('DelaySecondz');
});

test('what the thread fails at is thrown where it was asked', () => {
  // GIVEN a template that is not there
  const context = wrongStack();
  const templatePath = join(build, 'nowhere.json');
  const stackTemplates = context.stackTemplates.map((stack) => ({ ...stack, templatePath }));
  // THEN whoever asks is told so
  expect(() => new ValidatorThread(worker).validate({ ...context, stackTemplates })).toThrow('nowhere.json');
});

test.each(TIERS)('the validator is ready for every resource of the tier $name', ({ name }) => {
  const types = platformOf(name).stacks.flatMap((stack) =>
    Object.values<{ Type: string }>(Template.fromStack(stack).toJSON().Resources).map(({ Type }) => Type),
  );
  expect(types.filter((type) => !RESOURCE_TYPES.includes(type))).toEqual([]);
});

test('a finding of AwsSolutions ends synthesis', () => {
  // GIVEN an app whose topic takes messages in the clear
  const app = testApp();
  new Topic(new Stack(app, 'test', { env: ENV }), 'topic');
  Validations.of(app).addPlugins(new AwsSolutions(app));
  // THEN it is not made, and the rule is named
  expect(() => app.synth()).toThrow('AwsSolutions-SNS3');
});
