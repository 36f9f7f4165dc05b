import type { ICluster } from 'aws-cdk-lib/aws-eks-v2';
import type { Construct } from 'constructs';
import { GPU_NODES } from '../../contract';
import { PinnedChart } from './pinned-chart';

export interface GpuDevicePluginProps {
  readonly cluster: ICluster;
}

/** Tells Kubernetes of the GPUs of a node, so that pods can ask for them; the image of the nodes has only the driver. */
export class GpuDevicePlugin extends PinnedChart {
  constructor(scope: Construct, id: string, { cluster }: GpuDevicePluginProps) {
    super(scope, id, {
      cluster,
      chart: 'nvidia-device-plugin',
      namespace: 'kube-system',
      values: {
        // The chart looks for labels that another program would have to find out.
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: GPU_NODES.label, operator: 'Exists' }] }],
            },
          },
        },
        tolerations: [{ key: GPU_NODES.taint, operator: 'Exists', effect: 'NoSchedule' }],
      },
    });
  }
}
