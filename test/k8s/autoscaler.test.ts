import { describe, expect, test } from '@jest/globals';
import { find, SHOP, synth } from './synth';

describe('the HPA of the pool model-server', () => {
  test('is, word for word, min 2, max 20, CPU 70 % and a p95 of 100m', () => {
    // WHEN
    const hpa = find(synth(SHOP), 'HorizontalPodAutoscaler', 'model-server-hpa');
    // THEN
    expect(hpa).toEqual({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: {
        name: 'model-server-hpa',
        namespace: 'shop',
        labels: { 'app.kubernetes.io/part-of': 'shop', 'app.kubernetes.io/name': 'model-server' },
      },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'model-server' },
        minReplicas: 2,
        maxReplicas: 20,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
          {
            type: 'Pods',
            pods: {
              metric: { name: 'prediction_latency_p95' },
              target: { type: 'AverageValue', averageValue: '100m' },
            },
          },
        ],
        behavior: {
          scaleUp: {
            stabilizationWindowSeconds: 0,
            selectPolicy: 'Max',
            policies: [
              { type: 'Percent', value: 100, periodSeconds: 15 },
              { type: 'Pods', value: 4, periodSeconds: 15 },
            ],
          },
          scaleDown: {
            stabilizationWindowSeconds: 300,
            selectPolicy: 'Max',
            policies: [{ type: 'Percent', value: 10, periodSeconds: 60 }],
          },
        },
      },
    });
  });
});

describe('the HPA of another pool', () => {
  test('has the replicas, the CPU and the latency of its own spec', () => {
    // WHEN
    const hpa = find(synth(SHOP), 'HorizontalPodAutoscaler', 'recommender-hpa');
    // THEN
    expect(hpa.spec).toMatchObject({
      minReplicas: 3,
      maxReplicas: 12,
      metrics: [{ resource: { target: { averageUtilization: 60 } } }, { pods: { target: { averageValue: '50m' } } }],
    });
  });

  test.each([
    ['12.5', '12500u'],
    ['0.0001', '1u'],
    ['1500', '1500m'],
  ])('writes a target of %s ms as %s, never as 0', (p95Ms, quantity) => {
    // GIVEN
    const text = `
name: shop
models: {m: {useCase: fraud-detection, path: models/m, peakQps: 1, pool: p, slo: {p95Ms: ${p95Ms}, acceptableMs: 2000}}}
pools: {p: {}}`;
    // WHEN
    const hpa = find(synth(text), 'HorizontalPodAutoscaler', 'p-hpa');
    // THEN
    expect(hpa.spec).toMatchObject({ metrics: [{}, { pods: { target: { averageValue: quantity } } }] });
  });

  test('has only CPU to go by where no model has an SLO', () => {
    // GIVEN
    const text = `
name: nightly
models: {m: {useCase: batch-predictions, path: models/m, peakQps: 0, pool: p}}
pools: {p: {}}`;
    // WHEN
    const hpa = find(synth(text), 'HorizontalPodAutoscaler', 'p-hpa');
    // THEN
    expect(hpa.spec).toMatchObject({ metrics: [{ type: 'Resource' }] });
  });
});

describe('a pool with scaler: keda', () => {
  const KEDA = SHOP.replace('model-server: {}', 'model-server: {scaler: keda}');

  test('has a ScaledObject on the same signals', () => {
    // WHEN
    const scaled = find(synth(KEDA), 'ScaledObject', 'model-server');
    // THEN
    expect(scaled.spec).toMatchObject({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'model-server' },
      minReplicaCount: 2,
      maxReplicaCount: 20,
      advanced: { horizontalPodAutoscalerConfig: { name: 'model-server-hpa' } },
      triggers: [
        { type: 'cpu', metricType: 'Utilization', metadata: { value: '70' } },
        {
          type: 'prometheus',
          metricType: 'Value',
          metadata: {
            query: 'max(prediction_latency_p95{namespace="shop",pool="model-server"})',
            threshold: '0.1',
            ignoreNullValues: 'false',
          },
        },
      ],
    });
  });

  test('takes over the HPA that the pool had before', () => {
    // WHEN
    const { metadata } = find(synth(KEDA), 'ScaledObject', 'model-server');
    // THEN
    expect(metadata.annotations).toEqual({ 'scaledobject.keda.sh/transfer-hpa-ownership': 'true' });
  });

  test('has no HPA beside it, which would fight over the same replicas', () => {
    const hpas = synth(KEDA).filter(({ kind }) => kind === 'HorizontalPodAutoscaler');
    expect(hpas.map(({ metadata }) => metadata.name)).toEqual(['recommender-hpa', 'vision-hpa']);
  });
});
