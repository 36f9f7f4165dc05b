import { type TProperties, Type } from 'typebox';

/** The fields of custom resources that the charts use, closed: anything else is a mistake until it stands here. */
const closed = <const P extends TProperties>(properties: P) => Type.Object(properties, { additionalProperties: false });

const text = Type.String({ minLength: 1 });
const integer = Type.Integer({ minimum: 0 });
const strings = Type.Record(Type.String(), text);
const duration = Type.String({ pattern: '^[0-9]+(ms|s|m|h)$' });
const metadata = closed({ name: text, namespace: text, labels: strings, annotations: Type.Optional(strings) });

const resource = <const S extends TProperties>(apiVersion: string, kind: string, spec: S) =>
  closed({ apiVersion: Type.Literal(apiVersion), kind: Type.Literal(kind), metadata, spec: closed(spec) });

const policies = Type.Array(closed({ type: Type.Enum(['Percent', 'Pods']), value: integer, periodSeconds: integer }), {
  minItems: 1,
});
const rules = closed({ stabilizationWindowSeconds: integer, selectPolicy: Type.Enum(['Max', 'Min']), policies });

const common = { expr: text };
const record = closed({ ...common, record: Type.String({ pattern: '^[a-zA-Z_:][a-zA-Z0-9_:]*$' }) });
const alert = closed({
  ...common,
  alert: text,
  for: duration,
  labels: strings,
  annotations: closed({ summary: text, description: text }),
});

export const CUSTOM_RESOURCES = {
  'keda.sh/v1alpha1/ScaledObject': resource('keda.sh/v1alpha1', 'ScaledObject', {
    scaleTargetRef: closed({ apiVersion: text, kind: text, name: text }),
    minReplicaCount: integer,
    maxReplicaCount: integer,
    pollingInterval: integer,
    advanced: closed({
      horizontalPodAutoscalerConfig: closed({ name: text, behavior: closed({ scaleUp: rules, scaleDown: rules }) }),
    }),
    triggers: Type.Array(
      closed({
        type: Type.Enum(['cpu', 'prometheus']),
        metricType: Type.Enum(['Utilization', 'Value', 'AverageValue']),
        metadata: strings,
      }),
      { minItems: 1 },
    ),
  }),
  'monitoring.coreos.com/v1/PodMonitor': resource('monitoring.coreos.com/v1', 'PodMonitor', {
    selector: closed({ matchLabels: strings }),
    podMetricsEndpoints: Type.Array(
      closed({
        port: text,
        path: text,
        interval: duration,
        relabelings: Type.Array(
          closed({ action: Type.Literal('replace'), sourceLabels: Type.Array(text), targetLabel: text }),
        ),
      }),
      { minItems: 1 },
    ),
  }),
  'monitoring.coreos.com/v1/PrometheusRule': resource('monitoring.coreos.com/v1', 'PrometheusRule', {
    groups: Type.Array(closed({ name: text, interval: duration, rules: Type.Array(Type.Union([record, alert])) }), {
      minItems: 1,
    }),
  }),
  'elbv2.k8s.aws/v1beta1/TargetGroupBinding': resource('elbv2.k8s.aws/v1beta1', 'TargetGroupBinding', {
    serviceRef: closed({ name: text, port: integer }),
    targetGroupARN: Type.String({ pattern: '^arn:' }),
    targetType: Type.Enum(['ip', 'instance']),
  }),
};
