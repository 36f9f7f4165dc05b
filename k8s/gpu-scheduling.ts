import { ApiObject } from 'cdk8s';
import { type Deployment, k8s, Node, NodeLabelQuery, NodeTaintQuery, TaintEffect } from 'cdk8s-plus-27';
import { GPU_NODES } from '../lib/contract';
import type { GpuName } from '../lib/spec/gpus';
import { setField } from './set-field';

/** Gives each pod one GPU of a kind, on the nodes that have it and let nobody else in. */
export function scheduleOnGpu(workload: Deployment, gpu: GpuName): void {
  workload.scheduling.attract(Node.labeled(NodeLabelQuery.is(GPU_NODES.label, gpu)));
  workload.scheduling.tolerate(
    Node.tainted(NodeTaintQuery.exists(GPU_NODES.taint, { effect: TaintEffect.NO_SCHEDULE })),
  );
  // Devices are asked for by their limit; the request follows. The serialiser turns a plain 1 into null.
  const path = `/spec/template/spec/containers/0/resources/limits/${GPU_NODES.taint.replace('/', '~1')}`;
  setField(ApiObject.of(workload), path, 1, k8s.Quantity.fromNumber(1));
}
