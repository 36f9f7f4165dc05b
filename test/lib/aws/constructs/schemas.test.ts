import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type App, Stack } from 'aws-cdk-lib';
import { AlarmTopic } from '../../../../lib/aws/constructs/alarm-topic';
import { ApiGateway } from '../../../../lib/aws/constructs/api-gateway';
import { CostGuard } from '../../../../lib/aws/constructs/cost-guard';
import { Firewall } from '../../../../lib/aws/constructs/firewall';
import { GatewayDelivery } from '../../../../lib/aws/constructs/gateway-delivery';
import { LoadBalancer } from '../../../../lib/aws/constructs/load-balancer';
import { ModelDelivery } from '../../../../lib/aws/constructs/model-delivery';
import { ModelStore } from '../../../../lib/aws/constructs/model-store';
import { Network } from '../../../../lib/aws/constructs/network';
import { PartAlarms } from '../../../../lib/aws/constructs/part-alarms';
import { RedisCache } from '../../../../lib/aws/constructs/redis-cache';
import { ServerlessRedisCache } from '../../../../lib/aws/constructs/serverless-redis-cache';
import { ServiceDashboard } from '../../../../lib/aws/constructs/service-dashboard';
import { ServiceLevelAlarms } from '../../../../lib/aws/constructs/service-level-alarms';
import { ENV, testApp } from '../support';

/** One stack with all that stands around the cluster. */
function addEverything(app: App): void {
  const stack = new Stack(app, 'everything', { env: { region: ENV.region } });
  const { vpc } = new Network(stack, 'network');
  const pools = [{ name: 'web', models: ['fraud'] }];
  const { alb: loadBalancer, targetGroups } = new LoadBalancer(stack, 'load-balancer', { vpc, pools });
  const gateway = new ApiGateway(stack, 'gateway', {
    vpc,
    loadBalancer,
    models: ['fraud'],
    consumers: [{ name: 'web', rateQps: 10, burst: 20, quotaPerDay: 1000 }],
  });
  new Firewall(stack, 'firewall', { requestsPerMinutePerKey: 600 }).protect('gateway', gateway.stage.stageArn);
  const cache = new RedisCache(stack, 'redis', { vpc, shards: 3 });
  new RedisCache(stack, 'valkey', { vpc, engine: 'valkey' });
  new ServerlessRedisCache(stack, 'serverless', { vpc });
  const { bucket: store } = new ModelStore(stack, 'models');
  new ModelDelivery(stack, 'model-delivery', { store, access: { type: 'public' } });
  new GatewayDelivery(stack, 'gateway-delivery', { api: gateway.api });
  const { topic } = new AlarmTopic(stack, 'alarms');
  const observed = pools.flatMap(({ name }) => {
    const targetGroup = targetGroups[name];
    return targetGroup ? [{ name, targetGroup, loadBalancer, p95Ms: 100, maxReplicas: 20 }] : [];
  });
  const { alarms } = new ServiceLevelAlarms(stack, 'levels', { pools: observed, topic });
  new PartAlarms(stack, 'parts', { topic, cache, gateway });
  new ServiceDashboard(stack, 'dashboard', { title: 'all', pools: observed, alarms, cache, gateway });
  new CostGuard(stack, 'costs', { topic, budgetUsdPerMonth: 100, tag: { key: 'system', value: 'all' } });
}

test('CloudFormation knows every property, and takes every value', () => {
  // GIVEN an app in which the schemas of CloudFormation are checked
  const outdir = mkdtempSync(join(tmpdir(), 'headroom-schemas-'));
  try {
    const app = testApp({ outdir, builtinCloudFormationValidation: true });
    addEverything(app);
    // WHEN it is synthesised
    app.synth();
    // THEN nothing is wrong
    const report: { pluginReports: { conclusion?: string; violations: unknown[] }[] } = JSON.parse(
      readFileSync(join(outdir, 'validation-report.json'), 'utf8'),
    );
    expect(report.pluginReports.flatMap(({ violations }) => violations)).toEqual([]);
  } finally {
    process.exitCode = undefined;
    rmSync(outdir, { recursive: true, force: true });
  }
});
