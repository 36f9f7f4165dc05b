import { ApiObject } from 'cdk8s';
import type { ContainerSecurityContextProps, Deployment } from 'cdk8s-plus-27';
import { setField } from './set-field';

/** What the library can say of a container that Pod Security `restricted` lets in. */
export const LOCKED_DOWN: ContainerSecurityContextProps = {
  readOnlyRootFilesystem: true,
  allowPrivilegeEscalation: false,
  ensureNonRoot: true,
};

/** The rest of it, for which the library has no words; the workload must have its containers already. */
export function lockDown(workload: Deployment): void {
  const object = ApiObject.of(workload);
  const pod = '/spec/template/spec';
  const containers = [
    ...workload.initContainers.map((_, i) => `initContainers/${i}`),
    ...workload.containers.map((_, i) => `containers/${i}`),
  ];
  for (const container of containers) {
    // The library's list of capabilities lacks ALL.
    setField(object, `${pod}/${container}/securityContext/capabilities`, { drop: ['ALL'] });
  }
  setField(object, `${pod}/securityContext/seccompProfile`, { type: 'RuntimeDefault' });
  // A Service called headroom-http would set HEADROOM_HTTP_PORT to an address and keep every replica from starting.
  setField(object, `${pod}/enableServiceLinks`, false);
}
