/** Entry point of a worker thread that holds one model and runs what it is sent, one message after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { probe } from './probe';
import { ModelSession } from './session';
import { type FromWorker, type ToWorker, transferListOf, type WorkerSettings } from './worker-messages';

async function main(): Promise<void> {
  if (parentPort === null) throw new Error('this file is a worker thread, it does not run by itself');
  const port = parentPort;
  const settings: WorkerSettings = workerData;
  const send = (message: FromWorker, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
  let session: ModelSession;
  try {
    session = await ModelSession.open(settings.modelPath, settings.session);
  } catch (error) {
    send({ kind: 'failed', reason: reasonOf(error) });
    return;
  }
  port.on('message', (message: ToWorker) => {
    answer(session, message).then(
      (reply) => send(reply, reply.kind === 'ran' ? transferListOf(reply.outputs) : []),
      (error: unknown) => send({ kind: 'failed', reason: reasonOf(error) }),
    );
  });
  send({ kind: 'opened', signature: session.signature });
}

async function answer(session: ModelSession, message: ToWorker): Promise<FromWorker> {
  if (message.kind === 'probe') {
    const report = await probe((inputs, outputs) => session.run(inputs, outputs), session.signature, message.examples);
    return { kind: 'probed', report };
  }
  const { outputs, runMs } = await session.run(message.inputs, message.outputs);
  return { kind: 'ran', outputs, runMs };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

void main();
