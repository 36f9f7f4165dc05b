import { beforeEach, expect, test } from '@jest/globals';
import { type ApiObject, Chart, Testing } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { DroppedFieldError } from '../../k8s/errors';
import { setField } from '../../k8s/set-field';

let object: ApiObject;

beforeEach(() => {
  // GIVEN a Deployment of the library, whose serialiser knows Kubernetes 1.27
  object = new k8s.KubeDeployment(new Chart(Testing.app(), 'chart'), 'deployment', {
    spec: {
      selector: {},
      template: { spec: { containers: [{ name: 'c', resources: { limits: { cpu: k8s.Quantity.fromNumber(1) } } }] } },
    },
  });
});

test('a field that the library knows reaches the manifest', () => {
  setField(object, '/spec/template/spec/enableServiceLinks', false);
  expect(object.toJson()).toMatchObject({ spec: { template: { spec: { enableServiceLinks: false } } } });
});

test('a field newer than the library is an error, not silence', () => {
  // resizePolicy's neighbour restartPolicyRules came with 1.34
  expect(() =>
    setField(object, '/spec/template/spec/containers/0/restartPolicyRules', [{ action: 'Restart' }]),
  ).toThrow(DroppedFieldError);
});

test('a quantity given as a plain number is an error, because it would be lost', () => {
  expect(() => setField(object, '/spec/template/spec/containers/0/resources/limits/nvidia.com~1gpu', 1)).toThrow(
    'asked for 1 at /spec/template/spec/containers/0/resources/limits/nvidia.com~1gpu, but nothing came out',
  );
});

test('a quantity of the library reaches the manifest', () => {
  const path = '/spec/template/spec/containers/0/resources/limits/nvidia.com~1gpu';
  setField(object, path, 1, k8s.Quantity.fromNumber(1));
  expect(object.toJson()).toMatchObject({
    spec: { template: { spec: { containers: [{ resources: { limits: { cpu: 1, 'nvidia.com/gpu': 1 } } }] } } },
  });
});
